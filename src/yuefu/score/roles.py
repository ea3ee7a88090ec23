"""Which row of the grid a part plays, guessed from its name, sound, register and polyphony.

A plain guess for files that don't say: names speak first, then the General MIDI sound, then how
the part behaves. Programs are 0-127, pitches MIDI numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from yuefu.score.model import Notes, Part

_NAMES: tuple[tuple[str, str], ...] = (
    ("drums", r"drum|percussion|打击|鼓"),
    ("bass", r"\bbass\b|bassline|contrabass|double ?bass|tuba|贝斯|低音"),
    ("counter", r"counter|alto\b|second violin|violin (2|ii)\b|女低|副旋律"),
    ("inner", r"\btenor\b|viola\b|inner|男高"),
    ("melody", r"melod|vocal|voice|vox|singer|sing\b|lead\b|soprano|cantus|solo\b|tune|主旋律|旋律|人声|女高|主唱"),
    ("pad", r"\bpad\b|choir|chorus|ensemble|背景|合唱"),
    ("keys", r"piano|keys|keyboard|harpsichord|organ|guitar|accomp|comp\b|chord|伴奏|钢琴|吉他"),
)
_BASS_PROGRAMS = frozenset((*range(32, 40), 43, 58))
_PAD_PROGRAMS = frozenset((*range(48, 55), *range(88, 96)))
_KEYS_PROGRAMS = frozenset((*range(0, 8), *range(16, 20), *range(24, 32), 45, 46, 105, 106))


def polyphony(notes: Notes) -> float:
    """Notes sounding at once, averaged over the time in which any sounds (0 for no notes)."""
    if not len(notes):
        return 0.0
    start = notes["start"].astype(np.int64)
    end = start + notes["duration"]
    order = np.argsort(start, kind="stable")
    reach = np.maximum.accumulate(end[order])
    covered = np.minimum(end[order], reach) - start[order]
    covered[1:] = np.maximum(0, reach[1:] - np.maximum(start[order][1:], reach[:-1]))
    return float((end - start).sum() / max(int(covered.sum()), 1))


def guess_role(notes: Notes, *, name: str = "", program: int = 0, is_drums: bool = False) -> str:
    """The most likely row of one part on its own.

    >>> from yuefu.score.model import make_notes
    >>> guess_role(make_notes([(1, 0, 24, 40, 80)]), program=33), guess_role(make_notes(), name="Vocal")
    ('bass', 'melody')
    """
    if is_drums:
        return "drums"
    low = name.lower()
    for role, pattern in _NAMES:
        # A part named for drums but not on the drum channel plays pitches (timpani, steel drums).
        if role != "drums" and re.search(pattern, low):
            return role
    if program in _BASS_PROGRAMS:
        return "bass"
    voices = polyphony(notes)
    if program in _PAD_PROGRAMS and voices > 1.5:
        return "pad"
    if voices > 1.5 and (program in _KEYS_PROGRAMS or voices > 2.2):
        return "keys"
    mean = float(notes["pitch"].mean()) if len(notes) else 66.0
    if mean < 50:
        return "bass"
    return "melody" if mean >= 60 else "inner"


def assign_roles(parts: Sequence[Part], fixed: frozenset[int] = frozenset()) -> tuple[Part, ...]:
    """The parts with roles that make sense together.

    At most one part leads: of those guessed as melody, a part that says so in its name, else the
    highest, keeps the role; the others become counter-melodies or inner voices. Without any lead,
    the highest pitched part that isn't a bass becomes one. Parts whose index is in ``fixed`` keep
    the role they have.
    """
    roles = [
        part.role
        if index in fixed
        else guess_role(part.notes, name=part.name, program=part.program, is_drums=part.is_drums)
        for index, part in enumerate(parts)
    ]
    free = [i for i in range(len(parts)) if i not in fixed and roles[i] != "drums" and len(parts[i].notes)]
    means = {i: float(parts[i].notes["pitch"].mean()) for i in free}
    named = re.compile(next(pattern for role, pattern in _NAMES if role == "melody"))
    leads = sorted(
        (i for i in free if roles[i] == "melody"),
        key=lambda i: (not (named.search(parts[i].name.lower()) or parts[i].syllables), -means[i], i),
    )
    has_fixed_lead = any(roles[i] == "melody" for i in fixed)
    if not leads and not has_fixed_lead:
        candidates = [i for i in free if roles[i] != "bass"] or free
        # One voice leads more plausibly than a chordal part does.
        candidates.sort(key=lambda i: (polyphony(parts[i].notes) > 1.5, -means[i], i))
        if candidates:
            roles[candidates[0]] = "melody"
    followers = leads if has_fixed_lead else leads[1:]
    for order, i in enumerate(sorted(followers, key=lambda i: (-means[i], i))):
        roles[i] = "counter" if order == 0 and "counter" not in roles else "inner"
    return tuple(replace(part, role=role) for part, role in zip(parts, roles))
