"""The line that is sung: which part of a score it is, as one voice, and what a lead sheet keeps of the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from yuefu.errors import FormatError, UnknownNameError
from yuefu.score.graces import without_graces
from yuefu.score.model import Notes, Part, Score, make_notes, sort_notes
from yuefu.score.staves import voice_notes
from yuefu.score.voices import split_hands


def sung_part(score: Score, name: str = "") -> Part:
    """The part that a singer reads: the one named (by name, id or role), else the one with words, else the tune.

    Raises UnknownNameError for a name that no part has, FormatError when nothing has pitches.
    """
    pitched = [part for part in score.parts if not part.is_drums and len(part.notes)]
    if name:
        wanted = name.strip().lower()
        for part in score.parts:
            if wanted in (part.name.lower(), part.id.lower(), part.role) and not part.is_drums:
                return part
        raise UnknownNameError("part", name, [part.name or part.id for part in score.parts if not part.is_drums])
    if not pitched:
        raise FormatError("the score has no notes with a pitch to sing: give one with a tune.")
    sung = [part for part in pitched if part.syllables]
    lead = [part for part in sung or pitched if part.role == "melody"]
    return (lead or sung or pitched)[0]


def single_line(part: Part) -> Part:
    """The part as one voice: the note with words, else the highest of each onset, cut short at the next onset.

    Of a part for two hands only the right hand counts.

    >>> notes = make_notes([(1, 0, 48, 60, 80), (2, 0, 48, 64, 80), (3, 24, 24, 65, 80)])
    >>> single_line(Part("P1", "Voice", notes=notes)).notes[["id", "duration"]].tolist()
    [(2, 24), (3, 24)]
    """
    notes = sort_notes(part.notes[part.notes["duration"] > 0])
    if not len(notes):
        return part.with_notes(make_notes())
    if not part.syllables and _is_for_two_hands(notes):
        right, _ = split_hands(voice_notes(replace(part, notes=notes)))
        notes = notes[np.isin(notes["id"], [note.id for note in right])]
    sung = np.isin(notes["id"], [syllable.note_id for syllable in part.syllables])
    best: dict[int, int] = {}
    for index, (start, words) in enumerate(zip(notes["start"].tolist(), sung.tolist())):
        known = best.get(start)
        if known is None or words or not sung[known]:  # the later of two is the higher one
            best[start] = index
    line: Notes = notes[sorted(best.values())].copy()
    room = np.append(np.diff(line["start"]), np.iinfo(np.int32).max)
    line["duration"] = np.minimum(line["duration"], room)
    return part.with_notes(line)


def _is_for_two_hands(notes: Notes) -> bool:
    """Whether notes overlap and lie on both sides of the middle."""
    overlap = bool((notes["start"][1:] < np.maximum.accumulate(notes["start"] + notes["duration"])[:-1]).any())
    return overlap and int(notes["pitch"].min()) < 55 and int(notes["pitch"].max()) > 64


def lead_sheet(score: Score, name: str = "") -> Score:
    """The tune with its words and the chord symbols, and nothing else.

    name: the part to keep, else the one that ``sung_part`` finds. Directions other than loudness stay.
    """
    score = without_graces(score)
    source = sung_part(score, name)
    part = replace(single_line(source), role="melody")
    marks = tuple(mark for mark in source.directions if mark.kind != "dynamic")
    return replace(score, parts=(replace(part, directions=marks),), length=score.end_tick)
