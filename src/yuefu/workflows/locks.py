"""Locked cells: what must come out of a fill as it went in, to the note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from yuefu.errors import InputError
from yuefu.progress import Listener, ignore
from yuefu.score.model import ROWS, ChordSpan, Score
from yuefu.text.brief import Brief
from yuefu.tokens.sequence import Cover, Mask
from yuefu.workflows.engines import writer_of
from yuefu.workflows.fill_score import Filled, as_brief, candidates_of, fill_with
from yuefu.workflows.fill_wishes import FillMask, bar_indices, wishes_of
from yuefu.workflows.score_canvas import open_score, voices_of
from yuefu.workflows.tasks import variation_mask

#: A bar of the score, from 0, and a row.
Cell = tuple[int, str]
#: How often cells to vary are drawn before it is said that there are none.
DRAWS = 16


def locked_cells(score: Score, locked: Iterable[FillMask]) -> set[Cell]:
    """The cells that masks name; one without rows locks its bars in every row. Raises InputError outside the piece."""
    found: set[Cell] = set()
    for mask in locked:
        for bar in bar_indices(mask.bars, score):  # type: ignore[arg-type]
            found.update((bar, row) for row in mask.rows or ROWS)
    return found


def mask_without(score: Score, rows: Sequence[str], wanted: FillMask, locked: set[Cell]) -> Mask:
    """The cells of ``rows`` in the wanted bars, to be filled but for the locked ones, which are given.

    Raises InputError where nothing is left.
    """
    mask = np.full((len(score.bars), len(ROWS)), Cover.GIVEN, dtype=np.int8)
    for bar in bar_indices(wanted.bars, score):  # type: ignore[arg-type]
        for row in rows:
            if (bar, row) not in locked:
                mask[bar, ROWS.index(row)] = Cover.FILL
    if not (mask == Cover.FILL).any():
        raise InputError("everything that was named is locked: unlock some of it, or name other rows or bars.")
    return mask


def vary_within(
    score: Score,
    amount: float,
    wanted: FillMask,
    locked: set[Cell],
    brief: Brief | str | None = None,
    *,
    seed: int,
    candidates: int | None = None,
    engine: str | None = None,
    progress: Listener = ignore,
) -> Filled:
    """A variation (see ``tasks.vary``) of the wanted rows and bars, around the locked cells.

    Raises InputError where nothing is left that could vary.
    """
    brief = as_brief(brief)
    inside = np.zeros((len(score.bars), len(ROWS)), dtype=bool)
    inside[bar_indices(wanted.bars, score)] = True  # type: ignore[arg-type]
    for bar, row in locked:
        inside[bar, ROWS.index(row)] = False
    for draw in range(DRAWS):  # a few cells may all miss what is drawn for the whole piece
        mask = variation_mask(score, amount, wanted.rows, None, (seed + 7919 * draw) % 2**32)
        mask[~inside & (mask == Cover.FILL)] = Cover.GIVEN
        if (mask == Cover.FILL).any():
            break
    else:
        raise InputError(
            "nothing here can vary: the first and last bars of phrases stay, and so does what is locked; name more "
            "bars, or write them anew."
        )
    wishes = wishes_of(brief, seed, candidates_of(brief, candidates))
    wishes = replace(wishes, keep_figures=True, ornament=True)
    if writer_of(engine).cells is not None:  # it goes so far from each cell, where others write so many cells anew
        wishes = replace(wishes, amount=amount)
    return fill_with(score, mask, wishes, key=brief.key.value, engine=engine, progress=progress)


def broken_locks(before: Score, after: Score, locked: set[Cell]) -> list[Cell]:
    """The locked cells that aren't what they were: a note changed, went, or came to a row that a part plays alone."""
    if not locked:
        return []
    old, new = _notes(before), _notes(after)
    own = _cells_of_notes(before)
    broken = {cell for number, cells in own.items() if old[number] != new.get(number) for cell in cells & locked}
    added = set(new) - set(old)
    if added:
        for number, cells in _cells_of_notes(after).items():
            if number in added:
                broken |= {cell for cell in cells & locked if _plays_alone(after, cell[1])}
    for bar, row in locked:
        if row == "chords" and bar < len(after.bars) and _chords_in(before, bar) != _chords_in(after, bar):
            broken.add((bar, row))
    return sorted(broken)


def _notes(score: Score) -> dict[int, tuple[int, ...]]:
    """Note id -> part and what the note is."""
    return {
        int(note["id"]): (index, int(note["start"]), int(note["duration"]), int(note["pitch"]), int(note["velocity"]))
        for index, part in enumerate(score.parts)
        for note in part.notes
    }


def _cells_of_notes(score: Score) -> dict[int, set[Cell]]:
    """Note id -> the cells that it begins in, by its nearest place on the grid as the fill takes it."""
    if not score.note_count:
        return {}
    piece = open_score(score)
    found: dict[int, set[Cell]] = {}
    for voice in piece.voices:
        notes = score.parts[voice.part].notes
        notes = notes[np.isin(notes["id"], list(voice.ids))]
        for number, bar in zip(notes["id"].tolist(), piece.cells_of(notes).tolist(), strict=True):
            if bar >= 0:
                found.setdefault(int(number), set()).add((bar + piece.first, voice.row))
    return found


def _plays_alone(score: Score, row: str) -> bool:
    """Whether the parts of a row play nothing else, so that a note is of that row without guessing."""
    voices = voices_of(score, {})
    parts = {voice.part for voice in voices if voice.row == row}
    return all(voice.row == row for voice in voices if voice.part in parts)


def _chords_in(score: Score, bar: int) -> list[tuple[int, int, ChordSpan | object]]:
    start, end = score.bars[bar].start, score.bars[bar].end
    return [
        (max(span.start, start), min(span.start + span.duration, end), span.chord)
        for span in score.chords
        if span.start < end and span.start + span.duration > start
    ]
