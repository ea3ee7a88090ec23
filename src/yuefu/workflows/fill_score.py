"""Fill: the one verb, on any score. Cells that aren't named come out as they went in.

import yuefu

filled = yuefu.fill(yuefu.read_score("song.mid"), yuefu.FillMask(["melody", "bass"], "5-8"), "sadder", seed=7)
filled.save("song-2.mid")
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.errors import InputError
from yuefu.generation.engine import Engine
from yuefu.progress import Listener, ignore
from yuefu.score.files import write_score
from yuefu.score.model import ROWS, Score
from yuefu.text.brief import Brief, BriefOptions, read_brief
from yuefu.tokens.sequence import Cover, Mask
from yuefu.workflows.cell_writing import CellWriter
from yuefu.workflows.engine_cells import EngineCellWriter
from yuefu.workflows.engines import Writer, check_can, writer_of
from yuefu.workflows.figuration import GROUP
from yuefu.workflows.fill_wishes import FillMask, Wishes, bar_indices, style_for, wishes_of
from yuefu.workflows.models import guarding
from yuefu.workflows.score_back import write_back
from yuefu.workflows.score_canvas import OpenScore, Roles, Voice, open_score, parse_roles, part_label, voices_of
from yuefu.workflows.style_reference import guard_of

DEFAULT_CANDIDATES = 3
#: Rows that go by the chords.
ACCOMPANYING = ("counter", "inner", "bass", "keys", "pad")


@dataclass(frozen=True)
class Filled:
    """A score with cells written anew, and what was done.

    filled: row -> bar numbers; roles: part -> rows as guessed or told; kept, removed, added: notes;
    likelihood: mean log-probability of the written tokens, in nats; chords: where the chords that were heard
    came from; engine: its name; model: the hash of its weights; value: how good the whole was judged beside other
    readings (higher is better).
    """

    score: Score
    source: Score
    filled: dict[str, list[int]]
    roles: dict[str, list[str]]
    kept: int
    removed: int
    added: int
    windows: int
    likelihood: float
    key: str
    key_source: str
    chords: str
    style: str
    seed: int
    candidates: int
    model: str
    engine: str = ""
    asked: dict[str, Any] = field(default_factory=dict)
    value: float = 0.0

    def facts(self) -> dict[str, Any]:
        """Everything but the scores, as plain data."""
        return {
            "filled": self.filled, "roles": self.roles, "kept_notes": self.kept, "removed_notes": self.removed,
            "new_notes": self.added, "windows": self.windows, "log_likelihood": round(self.likelihood, 4),
            "key": self.key, "key_source": self.key_source, "chords": self.chords, "style": self.style,
            "asked": self.asked, "seed": self.seed, "candidates": self.candidates,
            "engine": self.engine, "model": self.model,
        }  # fmt: skip

    def save(self, path: Path | str, progress: Listener = ignore) -> tuple[Path, ...]:
        """Write the score: notation, MIDI, sound or pages, by the file's extension. Returns the files.

        Raises UnknownNameError for another extension, OutputError when it can't be written.
        """
        return save_score(self.score, Path(path), progress)


def save_score(score: Score, path: Path, progress: Listener = ignore) -> tuple[Path, ...]:
    """Write a score in whatever format a file's extension says (see ``convert.target_kind``)."""
    from yuefu.workflows.convert import target_kind, write_pages
    from yuefu.workflows.render import SAMPLE_RATE, check_place

    kind = target_kind(path)
    check_place(path)
    if kind == "score":
        write_score(score, path)
        return (path,)
    if kind == "page":
        return write_pages(score, path, progress)
    from yuefu.audio.files import write_audio
    from yuefu.audio.render import render_score
    from yuefu.performance.perform import perform

    write_audio(path, render_score(score, perform(score), SAMPLE_RATE, progress), SAMPLE_RATE, {"title": score.title})
    return (path,)


def fill(
    score: Score,
    mask: FillMask | Mask,
    brief: Brief | str | None = None,
    *,
    roles: Roles = None,
    key: str | None = None,
    seed: int | None = None,
    candidates: int | None = None,
    temperature: float | None = None,
    model: Path | None = None,
    engine: Engine | str | None = None,
    attributes: Mapping[str, float] | None = None,
    progress: Listener = ignore,
) -> Filled:
    """Write the cells of a score that a mask names; everything else stays, to the note.

    mask: a ``FillMask``, or an array of Cover values, (bars of the score, rows in the order of ``ROWS``), whose
    ABSENT cells aren't listened to. brief: words in Chinese or English, or a brief: style, mood, density,
    key, seed, candidates. roles: corrections of the rows that parts were guessed to play
    (``"Piano=keys, 2=melody"``); key: of the piece, None for the score's own or the one heard;
    candidates: chords and tunes to choose from; temperature: 0 to 2. engine: a name (see ``yuefu.engines``), or an
    engine of your own; attributes: for engines that know some, such as ``{"busier": 1.0}``.

    Raises InputError, with one sentence, for a mask that names nothing or bars that aren't there.
    """
    brief = as_brief(brief)
    wishes = wishes_of(brief, seed_of(brief, seed), candidates_of(brief, candidates), temperature)
    wishes = replace(wishes, attributes=dict(attributes or {}))
    return fill_with(score, mask, wishes, roles=roles, key=key or brief.key.value, model=model, engine=engine,
                     progress=progress)  # fmt: skip


def as_brief(brief: Brief | str | None, options: BriefOptions | None = None) -> Brief:
    """A brief from words, which may be none at all."""
    if isinstance(brief, Brief):
        return brief
    said = options is not None and any(
        getattr(options, name) is not None
        for name in options.__dataclass_fields__
        if name not in ("seed", "candidates")
    )
    if not (brief or "").strip() and not said:
        from yuefu.text.brief import Asked
        from yuefu.text.options import parse_whole

        found = Brief()
        if options is not None and options.seed is not None:
            found = found.model_copy(update={"seed": Asked(value=parse_whole(options.seed, "seed", 0, 2**32 - 1))})
        if options is not None and options.candidates is not None:
            number = parse_whole(options.candidates, "candidates", 1, 64)
            found = found.model_copy(update={"candidates": Asked(value=number)})
        return found
    return read_brief(brief or "", options)


def seed_of(brief: Brief, seed: int | None) -> int:
    """The seed to use: the one given, the brief's, or a new one."""
    if seed is not None:
        return seed
    return brief.seed.value if brief.seed.value is not None else secrets.randbelow(2**31)


def candidates_of(brief: Brief, candidates: int | None) -> int:
    """How many candidates to write."""
    return candidates or brief.candidates.value or DEFAULT_CANDIDATES


def fill_with(
    score: Score,
    mask: FillMask | Mask,
    wishes: Wishes,
    *,
    roles: Roles = None,
    key: str | None = None,
    players: Mapping[str, str] | None = None,
    beside: dict[str, tuple[str, ...]] | None = None,
    language: str = "en",
    model: Path | None = None,
    engine: Engine | str | None = None,
    progress: Listener = ignore,
) -> Filled:
    """``fill`` with wishes already read. players: row -> instrument, for rows that nobody plays yet; beside:
    row -> all rows of the same player."""
    if score.note_count == 0 and not score.chords:
        raise InputError("the score has no notes and no chords: give one with music in it.")
    use = writer_of(engine, model, wishes.adapter)
    rows, bars, cover = _named(score, mask, roles, None if use.info is None else use.info.rows)
    check_can(use.info, rows)
    told = score if "chords" in rows else with_chords(
        score, rows, wishes, (bars[0], bars[-1]), roles=roles, key=key, model=model,
        engine=engine if use.info is None or "chords" in use.info.rows else None, progress=progress
    )  # fmt: skip
    if told is not score:
        done = fill_with(told, mask, wishes, roles=roles, key=key, players=players, beside=beside, language=language,
                         model=model, engine=engine, progress=progress)  # fmt: skip
        return replace(done, score=replace(done.score, chords=()), source=score, chords="new")
    piece = open_score(score, roles, key, rows, (bars[0], bars[-1]))
    grid = _mask(piece, rows, bars, cover)
    if not (grid == Cover.FILL).any():
        raise InputError("nothing is left to fill: name other rows or bars.")
    open_bars = np.flatnonzero((grid == Cover.FILL).any(axis=1)).tolist()
    check_can(use.info, rows, {piece.canvas.bars[bar].meter for bar in open_bars})
    writer: CellWriter
    if use.cells is not None:
        writer = EngineCellWriter(piece, grid, wishes, use.cells, dict(players or {}), beside)
    else:
        guard = guarding(guard_of(use.passages, wishes.like), wishes.adapter)
        writer = CellWriter(piece, grid, wishes, use.tokens, guard, dict(players or {}), beside)
    for event in writer.run():
        progress(event)
    return finish(piece, grid, writer, use, players, language)


def with_chords(
    score: Score,
    rows: Sequence[str],
    wishes: Wishes,
    wanted: tuple[int, int] | None = None,
    *,
    roles: Roles = None,
    key: str | None = None,
    model: Path | None = None,
    engine: Engine | str | None = None,
    progress: Listener = ignore,
) -> Score:
    """A score whose harmony nobody tells, with chords found for its tune; any other score as it is.

    rows: those to be written, which need chords to go by; wanted: first and last bar of them, from 0. Nobody
    tells the harmony where no symbols are written and a tune plays alone: what its notes outline bar by bar
    isn't a progression.
    """
    if score.chords or not set(rows) & set(ACCOMPANYING):
        return score
    if {voice.row for voice in voices_of(score, parse_roles(roles, score))} - {"drums"} != {"melody"}:
        return score
    style, _ = style_for(wishes.style, score, ["melody", *rows])
    manner = "hymn" if GROUP.get(style) == "hymn" else "plain" if style == "folk" else "pop"
    how = replace(wishes, harmony=wishes.harmony or manner, close=False, candidates=max(4, wishes.candidates))
    piece = open_score(score, roles, key, rows, wanted)
    mask = np.full((len(score.bars), len(ROWS)), Cover.GIVEN, dtype=np.int8)
    mask[piece.first : piece.first + len(piece.bars), 0] = Cover.FILL
    done = fill_with(score, mask, how, roles=roles, key=key, model=model, engine=engine,
                     progress=progress)  # fmt: skip
    return replace(score, chords=done.score.chords)


def finish(
    piece: OpenScore,
    grid: Mask,
    writer: CellWriter,
    use: Writer,
    players: Mapping[str, str] | None = None,
    language: str = "en",
) -> Filled:
    """The written canvas as a score, with the facts."""
    written = write_back(piece, grid, players, language)
    filled = {
        row: [piece.number(bar) for bar in np.flatnonzero(grid[:, i] == Cover.FILL).tolist()]
        for i, row in enumerate(ROWS)
        if (grid[:, i] == Cover.FILL).any()
    }
    return Filled(
        score=written.score, source=piece.score, filled=filled, roles=roles_of(piece), kept=written.kept,
        removed=written.removed, added=written.added, windows=writer.windows,
        likelihood=writer.log_probability / max(writer.tokens, 1), key=piece.keys[0].name, key_source=piece.key_source,
        chords=piece.chords, style=writer.style, seed=writer.wishes.seed, candidates=writer.wishes.candidates,
        model=use.hash, engine=use.name, asked=dict(writer.wishes.asked),
    )  # fmt: skip


def roles_of(piece: OpenScore) -> dict[str, list[str]]:
    """Part -> the rows that it was taken to play."""
    found: dict[str, list[str]] = {}
    for voice in piece.voices:
        found.setdefault(part_label(piece.score, voice.part), []).append(voice.row)
    return found


def _named(
    score: Score, mask: FillMask | Mask, roles: Roles, able: Sequence[str] | None = None
) -> tuple[list[str], list[int], Mask | None]:
    """Rows and bars (from 0) that a mask names. able: rows that can be written, None for all: where no row is named,
    those of them that play are meant."""
    if isinstance(mask, FillMask):
        bars = bar_indices(mask.bars, score)  # type: ignore[arg-type]
        rows = list(mask.rows)
        if not rows:
            voices = voices_of(score, parse_roles(roles, score))
            playing = _sounding(score, voices, bars)
            rows = [row for row in ROWS if row in playing or (row == "chords" and score.chords)]
            rows = [row for row in rows if able is None or row in able] or rows
        return rows, bars, None
    cover = np.asarray(mask)
    if cover.shape != (len(score.bars), len(ROWS)):
        raise InputError(
            f"a mask of shape {tuple(cover.shape)} arrived: it needs a row for each of the {len(score.bars)} bars and "
            f"a column for each of {', '.join(ROWS)}."
        )
    if not np.isin(cover, list(Cover)).all():
        raise InputError("a mask holds 0 (absent), 1 (given) or 2 (fill) and nothing else.")
    rows = [row for i, row in enumerate(ROWS) if (cover[:, i] == Cover.FILL).any()]
    bars = np.flatnonzero((cover == Cover.FILL).any(axis=1)).tolist()
    if not rows:
        raise InputError("the mask names no cell to fill: set at least one to Cover.FILL (2).")
    return rows, bars, cover.astype(np.int8)


def _sounding(score: Score, voices: Sequence[Voice], bars: list[int]) -> set[str]:
    """The rows to write when none is named: those that play in the bars, or both before and after them.

    In bars where nobody plays, those that play on either side.
    """
    starts = [bar.start for bar in score.bars]
    heard: dict[str, set[int]] = {}
    for voice in voices:
        notes = score.parts[voice.part].notes
        own = notes["start"][np.isin(notes["id"], list(voice.ids))]
        heard.setdefault(voice.row, set()).update((np.searchsorted(starts, own + 3, side="right") - 1).tolist())
    inside = {row for row, at in heard.items() if at & set(bars)}
    before, after = set(range(bars[0] - 2, bars[0])), set(range(bars[-1] + 1, bars[-1] + 3))
    if not inside:
        return {row for row, at in heard.items() if at & (before | after)} or set(heard)
    return inside | {row for row, at in heard.items() if at & before and at & after}


def _mask(piece: OpenScore, rows: list[str], bars: list[int], cover: Mask | None) -> Mask:
    """The mask over the canvas: named cells to fill, what plays elsewhere given."""
    count = len(piece.bars)
    if cover is not None:
        grid = cover[piece.first : piece.first + count].copy()
    else:
        grid = np.full((count, len(ROWS)), Cover.GIVEN, dtype=np.int8)
        inside = [bar - piece.first for bar in bars if piece.first <= bar < piece.first + count]
        for row in rows:
            grid[inside, ROWS.index(row)] = Cover.FILL
    for i, row in enumerate(ROWS):
        if row not in piece.canvas.cells:
            grid[:, i] = np.where(grid[:, i] == Cover.FILL, Cover.FILL, Cover.ABSENT)
    return grid
