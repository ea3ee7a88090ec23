"""The job ``fill``: cells of a piece written anew, as a new version; what is locked stays to the note."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from yuefu.errors import InputError, OutputError
from yuefu.jobs.composing import seed_of
from yuefu.jobs.context import Context, Finished
from yuefu.jobs.requests import FillRequest
from yuefu.progress import Progress

if TYPE_CHECKING:
    from yuefu.score.model import Score
    from yuefu.workflows.fill_score import Filled
    from yuefu.workflows.locks import Cell

#: What a version says was done.
_TASKS = {
    "fill": ("written anew", "重写"), "vary": ("varied", "变奏"), "harmonize": ("harmonised", "配和弦"),
    "reharmonize": ("reharmonised", "重配和声"), "arrange": ("arranged", "改编"), "continue": ("continued", "续写"),
    "drums": ("written", "新写"), "bassline": ("written", "新写"),
}  # fmt: skip
#: Tasks that write parts as a whole, so that nothing in them can be locked.
_WHOLE = ("arrange",)


def fill(context: Context, request: FillRequest) -> Finished:
    """A version from a request. Raises InputError for cells that aren't there."""
    from yuefu.workflows.documents import Document, summary, tune_text
    from yuefu.workflows.locks import broken_locks, locked_cells

    store = context.store
    piece = store.pieces.get(context.account_id, request.piece)
    version = store.pieces.version(context.account_id, piece.id, request.version or piece.head)
    document = Document.from_bytes(store.pieces.document(version))
    score = document.score
    locked = locked_cells(score, [cells.mask() for cells in request.locked])
    if locked and request.task in _WHOLE:
        raise InputError("an arrangement gives every part to new players: unlock all cells first.")
    filled = _TASK[request.task](context, request, score, locked)
    if broken := broken_locks(score, filled.score, locked):
        shown = ", ".join(f"{row} bar {bar + (0 if score.pickup else 1)}" for bar, row in broken[:5])
        raise OutputError(f"the locked cells would have changed ({shown}), so nothing was kept: unlock them, or name "
                          "other cells.")  # fmt: skip
    context.progress(Progress("finish", 0, 1, "save"))
    new = document.with_score(filled.score)
    data, facts, tune = new.to_bytes(), summary(new), tune_text(new.score)
    store.blobs.put(data)  # slow and harmless: outside the transaction

    def work() -> dict[str, Any]:
        # Who has gone on to another version meanwhile stays there, and finds this one in the history.
        moves = store.pieces.get(context.account_id, piece.id).head == version.number
        made = store.pieces.add_version(
            context.account_id, piece.id, data, parent=version.number, kind=request.task, note=_note(request, filled),
            facts=facts, tune=tune, move_head=moves,
        )  # fmt: skip
        return {
            "piece": piece.id, "version": made.number, "changed": filled.filled, "seed": filled.seed,
            "head_moved": moves,
        }  # fmt: skip

    return Finished(work)


def _how(context: Context, request: FillRequest) -> dict[str, Any]:
    """What all tasks are told."""
    seed = request.seed if request.seed is not None else seed_of(context.job.id)
    return {"brief": request.words or None, "seed": seed, "candidates": request.candidates, "engine": request.engine,
            "progress": context.progress}  # fmt: skip


def _filled(
    context: Context, request: FillRequest, score: Score, locked: set[Cell], rows: tuple[str, ...] = ()
) -> Filled:
    """Named cells but for the locked ones. rows: of the task, where it names them itself."""
    from yuefu.workflows.fill_score import fill as fill_cells
    from yuefu.workflows.fill_wishes import FillMask
    from yuefu.workflows.locks import mask_without
    from yuefu.workflows.tasks import playing

    wanted = request.mask()
    if rows:
        wanted = FillMask(rows, wanted.bars)
    if not locked:
        return fill_cells(score, wanted, **_how(context, request))
    named = tuple(wanted.rows) or (*(("chords",) if score.chords else ()), *playing(score))
    return fill_cells(score, mask_without(score, named, wanted, locked), **_how(context, request))


def _vary(context: Context, request: FillRequest, score: Score, locked: set[Cell]) -> Filled:
    from yuefu.workflows.locks import vary_within

    how = _how(context, request)
    return vary_within(score, request.amount, request.mask(), locked, how.pop("brief"), **how)


def _harmonize(context: Context, request: FillRequest, score: Score, locked: set[Cell]) -> Filled:
    from yuefu.workflows.tasks import harmonize

    if any(row == "chords" for _, row in locked):
        return _filled(context, request, score, locked, ("chords",))
    how = _how(context, request)
    return harmonize(score, request.style or "pop", 1, how.pop("brief"), bars=request.mask().bars, **how)[0]


def _reharmonize(context: Context, request: FillRequest, score: Score, locked: set[Cell]) -> Filled:
    from yuefu.workflows.tasks import reharmonize

    how = _how(context, request)
    # With something locked only the symbols change: an accompaniment would follow the new chords everywhere.
    return reharmonize(score, request.style or "jazz", how.pop("brief"), bars=request.mask().bars,
                       chords_only=bool(locked), **how)  # fmt: skip


def _arrange(context: Context, request: FillRequest, score: Score, locked: set[Cell]) -> Filled:
    from yuefu.workflows.arrange import arrange

    if not request.instruments:
        raise InputError("an arrangement needs players: name instruments, or a scoring such as 'string quartet'.")
    how = _how(context, request)
    return arrange(score, request.instruments, how.pop("brief"), language=request.language, **how)


def _continue(context: Context, request: FillRequest, score: Score, locked: set[Cell]) -> Filled:
    from yuefu.workflows.tasks import continue_score

    how = _how(context, request)
    return continue_score(score, request.bars_more, how.pop("brief"), **how)


def _drums(context: Context, request: FillRequest, score: Score, locked: set[Cell]) -> Filled:
    return _filled(context, request, score, locked, ("drums",))


def _bassline(context: Context, request: FillRequest, score: Score, locked: set[Cell]) -> Filled:
    return _filled(context, request, score, locked, ("bass",))


_TASK: dict[str, Callable[[Context, FillRequest, Score, set[Cell]], Filled]] = {
    "fill": _filled, "vary": _vary, "harmonize": _harmonize, "reharmonize": _reharmonize, "arrange": _arrange,
    "continue": _continue, "drums": _drums, "bassline": _bassline,
}  # fmt: skip


def _note(request: FillRequest, filled: Filled) -> str:
    """What was done, on a line."""
    from yuefu.jobs.row_names import bar_text, row_text

    chinese = request.language == "zh"
    what = _TASKS[request.task][chinese]
    rows = [row for row in filled.filled if filled.filled[row]]
    bars = sorted({bar for row in rows for bar in filled.filled[row]})
    where = row_text(rows, request.language)
    words = " ".join(request.words.split())
    if chinese:
        return f"{what}：{where}，{bar_text(bars, 'zh')}" + (f"（{words}）" if words else "") if bars else what
    return (f"{where}, {bar_text(bars, 'en')} {what}" if bars else what) + (f": {words}" if words else "")
