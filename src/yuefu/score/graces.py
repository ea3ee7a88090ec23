"""Small notes: played before the beat's note is heard, written as graces to it.

In a score they are notes like any other, so that MIDI, sound and edits need to know nothing of them; ``Part.graces``
names their ids. Notation gives their time back to the note that they lead to.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from yuefu.score.model import Part, Score

#: A grace note: id, start, pitch and velocity.
Grace = tuple[int, int, int, int]


def folded(part: Part) -> tuple[Part, dict[int, list[Grace]]]:
    """The part without its small notes, the note after each lengthened by them; and note id -> its graces, in order.

    A grace that leads to no note stays an ordinary one; syllables that it sings go to the note, and what is written
    over the note, such as a fermata, to where it now begins.

    >>> from yuefu.score.model import make_notes
    >>> part = Part("p", "x", notes=make_notes([(1, 0, 3, 62, 64), (2, 3, 21, 60, 64)]), graces=(1,))
    >>> plain, graces = folded(part)
    >>> plain.notes[["id", "start", "duration"]].tolist(), graces
    ([(2, 0, 24)], {2: [(1, 0, 62, 64)]})
    """
    if not part.graces:
        return part, {}
    small = set(part.graces)
    notes = part.notes.copy()
    owner: dict[int, int] = {}
    found: dict[int, list[Grace]] = {}
    began = {int(number): int(start) for number, start in zip(notes["id"], notes["start"], strict=True)}
    order = np.lexsort((-notes["pitch"].astype(int), -notes["start"].astype(int))).tolist()
    row_at: dict[int, int] = {}  # start -> the row of the top note there, which its graces lead to
    for row in reversed(order):
        if int(notes["id"][row]) not in small:
            row_at[int(notes["start"][row])] = row
    for row in order:  # from the last back, so that a chain of graces hands on what it was given
        number, start = int(notes["id"][row]), int(notes["start"][row])
        target = row_at.get(start + int(notes["duration"][row]))
        if number not in small or target is None:
            continue
        main = int(notes["id"][target])
        notes["duration"][target] += notes["start"][target] - start
        notes["start"][target] = start
        row_at.setdefault(start, target)
        owner[number] = main
        found.setdefault(main, []).insert(0, (number, start, int(notes["pitch"][row]), int(notes["velocity"][row])))
    kept = ~np.isin(notes["id"], list(owner))
    syllables = tuple(replace(s, note_id=owner.get(s.note_id, s.note_id)) for s in part.syllables)
    moved = {began[int(n["id"])]: int(n["start"]) for n in notes if int(n["id"]) in found}
    directions = tuple(replace(d, tick=moved.get(d.tick, d.tick)) for d in part.directions)
    plain = replace(part, syllables=syllables, directions=directions, graces=()).with_notes(notes[kept])
    return plain, found


def without_graces(score: Score) -> Score:
    """The score as if it had no small notes: what they took goes back to the notes that they led to."""
    if not any(part.graces for part in score.parts):
        return score
    return replace(score, parts=tuple(folded(part)[0] for part in score.parts))
