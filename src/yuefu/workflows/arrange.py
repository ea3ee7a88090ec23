"""Arrange: a score for other players. What its new rows need and nobody plays is written by the model.

The tune is always kept, and the bass where someone plays it; a line that lies badly for its new player moves
by octaves. Rows that both scorings have are kept, except what a smaller scoring must fill in itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from yuefu.corpus.grid import monophonic
from yuefu.errors import InputError
from yuefu.generation.engine import Engine
from yuefu.planning.orchestration import assign_parts
from yuefu.planning.plan import PlannedPart
from yuefu.progress import Listener, ignore
from yuefu.score.model import ROWS, Notes, Part, Score, make_notes, sort_notes
from yuefu.text.brief import Brief
from yuefu.text.options import parse_instruments
from yuefu.theory.instruments import INSTRUMENTS, Instrument
from yuefu.tokens.sequence import Cover, Mask
from yuefu.workflows.fill_score import Filled, as_brief, candidates_of, fill_with, roles_of, seed_of, with_chords
from yuefu.workflows.fill_wishes import wishes_of
from yuefu.workflows.score_canvas import LINES, OpenScore, Roles, chords_of, open_score

LEAD_SHEET = ("lead sheet", "lead-sheet", "leadsheet", "lead", "主旋律谱", "功能谱")
#: Names of whole scorings -> instruments.
SCORINGS = {
    "band": ("piano", "bass", "drums"), "乐队": ("piano", "bass", "drums"),
    "string quartet": ("violin", "violin", "viola", "cello"), "quartet": ("violin", "violin", "viola", "cello"),
    "弦乐四重奏": ("violin", "violin", "viola", "cello"), "piano solo": ("piano",), "solo piano": ("piano",),
    "钢琴独奏": ("piano",), "string trio": ("violin", "viola", "cello"),
    "satb": ("soprano", "alto", "tenor", "bass_voice"),
    "四部合唱": ("soprano", "alto", "tenor", "bass_voice"), "jazz trio": ("piano", "upright_bass", "drums"),
    "piano trio": ("violin", "cello", "piano"),
}  # fmt: skip
#: Rows that play several notes at once.
CHORDAL = ("keys", "pad")
QUARTET = ("melody", "counter", "inner", "bass")


def arrange(
    score: Score,
    instruments: str | Sequence[str],
    brief: Brief | str | None = None,
    *,
    roles: Roles = None,
    key: str | None = None,
    seed: int | None = None,
    candidates: int | None = None,
    temperature: float | None = None,
    language: str = "en",
    model: Path | None = None,
    engine: Engine | str | None = None,
    progress: Listener = ignore,
) -> Filled:
    """A score for other instruments.

    instruments: names, or a scoring: ``"band"`` (whoever has the tune, with piano, bass and drums), ``"string
    quartet"``, ``"piano solo"``, ``"lead sheet"`` (tune and chords, nothing new). Raises InputError when
    no part has the tune.
    """
    brief = as_brief(brief)
    piece = open_score(score, roles, key or brief.key.value)
    tune = _line(piece, "melody")
    if not len(tune):
        raise InputError("no part plays the melody, which every arrangement keeps: name it, such as --roles 1=melody.")
    if (piece.first, len(piece.bars)) != (0, len(score.bars)):
        raise InputError("some bars are longer than can be written (eight quarters): arrange the piece without them.")
    name = instruments.strip().lower() if isinstance(instruments, str) else ""
    wishes = wishes_of(brief, seed_of(brief, seed), candidates_of(brief, candidates), temperature)
    if name in LEAD_SHEET:
        return _lead_sheet(piece, tune, wishes.seed)
    planned = _scoring(name, instruments, piece)
    harmonised = with_chords(score, [row for plan in planned for row in plan.rows], wishes, roles=roles,
                       key=key or brief.key.value, model=model, engine=engine, progress=progress)  # fmt: skip
    if harmonised is not score:
        piece = replace(open_score(harmonised, roles, key or brief.key.value), chords="new")
    parts, missing, players, beside = _parts(piece, planned, language)
    base = replace(
        score, parts=parts, chords=chords_of(piece), keys=piece.key_changes,
        metadata={k: v for k, v in score.metadata.items() if k != "key_given"},
    )  # fmt: skip
    told: dict[str | int, str | Sequence[str]] = {index + 1: part.role for index, part in enumerate(parts)}
    kept = sum(len(part.notes) for part in parts)
    mask = np.full((len(base.bars), len(ROWS)), Cover.GIVEN, dtype=np.int8)
    for row in missing:
        mask[:, ROWS.index(row)] = Cover.FILL
    _fill_rests(mask, piece, planned)
    if (mask == Cover.FILL).any():
        done = fill_with(base, mask, wishes, roles=told, players=players, beside=beside,
                         language=language, model=model, engine=engine, progress=progress)  # fmt: skip
    else:
        done = Filled(base, score, {}, {}, kept, 0, 0, 0, 0.0, piece.keys[0].name, piece.key_source, piece.chords,
                      "", wishes.seed, wishes.candidates, "")  # fmt: skip
    final = _joined(done.score, planned, language)
    return replace(done, score=final, source=score, roles=roles_of(piece), kept=kept, chords=piece.chords)


def _fill_rests(mask: Mask, piece: OpenScore, planned: Sequence[PlannedPart]) -> None:
    """Where those who played the chords are gone, the voices that are left don't rest under the tune."""
    playing = {row for plan in planned for row in plan.rows}
    if playing & set(CHORDAL) or not set(piece.rows) & set(CHORDAL):
        return
    for row in ("counter", "inner"):
        if row in playing and row in piece.canvas.cells:
            for bar, (own, tune) in enumerate(zip(piece.canvas.cells[row], piece.canvas.cells["melody"], strict=True)):
                if len(tune) and not len(own):
                    mask[bar, ROWS.index(row)] = Cover.FILL


def _line(piece: OpenScore, row: str) -> Notes:
    """All notes that play a row, the owner's first."""
    owner = piece.owner(row)
    if owner is None:
        return make_notes()
    notes = piece.score.parts[owner.part].notes
    return notes[np.isin(notes["id"], list(owner.ids))]


def _lead_sheet(piece: OpenScore, tune: Notes, seed: int) -> Filled:
    owner = piece.owner("melody")
    assert owner is not None
    source = piece.score.parts[owner.part]
    part = replace(source, role="melody").with_notes(monophonic(tune))
    part = replace(part, directions=source.directions)
    sheet = replace(
        piece.score, parts=(part,), chords=chords_of(piece), keys=piece.key_changes,
        length=piece.score.end_tick,
        metadata={k: v for k, v in piece.score.metadata.items() if k != "key_given"},
    )  # fmt: skip
    dropped = piece.score.note_count - len(part.notes)
    return Filled(sheet, piece.score, {}, roles_of(piece), len(part.notes), dropped, 0, 0, 0.0, piece.keys[0].name,
                  piece.key_source, piece.chords, "", seed, 0, "")  # fmt: skip


def _scoring(name: str, instruments: str | Sequence[str], piece: OpenScore) -> list[PlannedPart]:
    """Who plays which rows."""
    keys = list(SCORINGS[name]) if name in SCORINGS else parse_instruments(instruments)
    if name in ("band", "乐队"):
        owner = piece.owner("melody")
        assert owner is not None
        part = piece.score.parts[owner.part]
        lead = part.instrument if part.instrument in INSTRUMENTS else "flute"
        if INSTRUMENTS[lead].family in ("keyboard", "bass") or INSTRUMENTS[lead].is_drums:
            lead = "flute"
        keys = [lead, *keys]
    bowed = [key for key in keys if INSTRUMENTS[key].family in ("strings", "voice", "woodwind", "brass")]
    if len(keys) == len(bowed) and 2 <= len(keys) <= 4:  # lines from the top
        order = sorted(range(len(keys)), key=lambda i: (-INSTRUMENTS[keys[i]].comfortable_high, i))
        rows = QUARTET if len(keys) == 4 else ("melody", "inner", "bass") if len(keys) == 3 else ("melody", "bass")
        if len(keys) == 2 and INSTRUMENTS[keys[order[1]]].comfortable_low > 50:
            rows = ("melody", "counter")
        return [PlannedPart(instrument=keys[i], rows=(row,)) for i, row in zip(order, rows, strict=True)]
    return assign_parts(keys)


def _parts(
    piece: OpenScore, planned: Sequence[PlannedPart], language: str
) -> tuple[tuple[Part, ...], list[str], dict[str, str], dict[str, tuple[str, ...]]]:
    """A part for each row that is kept; the rows that must be written; their players; who else plays with them."""
    score = piece.score
    parts: list[Part] = []
    missing: list[str] = []
    players: dict[str, str] = {}
    beside: dict[str, tuple[str, ...]] = {}
    small = len(planned) == 1
    for plan in planned:
        if plan.doubling:
            continue
        instrument = INSTRUMENTS[plan.instrument]
        for row in plan.rows:
            players[row] = plan.instrument
            beside[row] = plan.rows
            notes = _line(piece, row)
            reduce = small and row == "keys"  # one pair of hands fills the middle itself
            if not len(notes) or reduce:
                missing.append(row)
                continue
            if row in LINES:
                notes = monophonic(notes, top=row != "bass")
            low, high = _range(instrument, row, plan.rows)
            if row != "drums":
                notes = _placed(notes, low, high, instrument)
            owner = piece.owner(row)
            assert owner is not None
            source = score.parts[owner.part]
            words = tuple(s for s in source.syllables if s.note_id in set(notes["id"].tolist()))
            parts.append(
                Part(
                    id=f"P{len(parts) + 1}", name=row, role=row, program=instrument.program, instrument=instrument.key,
                    notes=sort_notes(notes), syllables=words,
                    directions=source.directions if row == "melody" else (),
                )
            )  # fmt: skip
    return tuple(parts), missing, players, beside


def _range(instrument: Instrument, row: str, rows: Sequence[str]) -> tuple[int, int]:
    if instrument.polyphonic and len(rows) > 1:
        return {"melody": (58, 88), "bass": (31, 55)}.get(row, (48, 76))
    return instrument.comfortable_low, instrument.comfortable_high


def _placed(notes: Notes, low: int, high: int, instrument: Instrument) -> Notes:
    """A line moved by whole octaves to where it lies well; single notes that can't be reached move alone."""
    notes = notes.copy()
    pitch = notes["pitch"].astype(int)
    shifts = range(-36, 37, 12)

    def cost(shift: int) -> tuple[int, int]:
        moved = pitch + shift
        return int(((moved < low) | (moved > high)).sum()), abs(shift)

    pitch = pitch + min(shifts, key=cost)
    for _ in range(4):
        pitch = np.where(pitch > instrument.high, pitch - 12, np.where(pitch < instrument.low, pitch + 12, pitch))
    notes["pitch"] = pitch
    return notes


def _joined(score: Score, planned: Sequence[PlannedPart], language: str) -> Score:
    """One part for each player, in the order of the score, from the parts by row."""
    rows = {part.role: part for part in score.parts}
    parts: list[Part] = []
    used = 0
    names: list[str] = []
    for plan in planned:
        if plan.doubling:
            continue
        own = [rows[row] for row in plan.rows if row in rows and len(rows[row].notes)]
        if not own:
            continue
        used += 1
        instrument = INSTRUMENTS[plan.instrument]
        notes = sort_notes(np.concatenate([part.notes for part in own]))
        keep = np.append(True, (np.diff(notes["start"]) != 0) | (np.diff(notes["pitch"]) != 0))
        role = plan.rows[0] if len(plan.rows) == 1 else "keys" if "keys" in plan.rows else plan.rows[0]
        names.append(instrument.zh if language == "zh" else instrument.en)
        words = tuple(s for part in own for s in part.syllables)
        parts.append(
            replace(
                own[0], id=f"P{used}", name=names[-1], role=role, program=instrument.program, instrument=instrument.key,
                syllables=words,
            ).with_notes(notes[keep])
        )  # fmt: skip
    for i, part in enumerate(parts):  # players of one instrument are numbered
        if names.count(part.name) > 1:
            parts[i] = replace(part, name=f"{part.name} {names[: i + 1].count(part.name)}")
    return replace(score, parts=tuple(parts))
