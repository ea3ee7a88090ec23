"""Two versions of a piece side by side: what changed, where."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any

from yuefu.score.model import Part, Score

if TYPE_CHECKING:
    from yuefu.workflows.documents import Document

#: (start, duration, pitch) of a note.
_Note = tuple[int, int, int]


def compare(one: Document, other: Document) -> dict[str, Any]:
    """What is different in ``other``. Bars are numbers as musicians count them, of the version that has them.

    same: nothing of what is compared differs; parts: those that differ, with the notes that came and went; how is
    ``"added"``, ``"removed"`` or ``"changed"``; chords_changed, words_changed: bars; facts: name -> [before, after].
    """
    before, after = one.score, other.score
    parts = [
        found
        for mine, theirs in _matched(before, after)
        if (found := _compare_part(before, after, mine, theirs)) is not None
    ]
    chords = _bars_of(
        Counter((c.start, c.duration, str(c.chord)) for c in before.chords),
        Counter((c.start, c.duration, str(c.chord)) for c in after.chords),
        before, after,
    )  # fmt: skip
    words = _bars_of(_words(before), _words(after), before, after)
    facts = {name: [mine, theirs] for name, (mine, theirs) in _facts(before, after).items() if mine != theirs}
    return {
        "same": not (parts or chords or words or facts),
        "parts": parts,
        "chords_changed": chords,
        "words_changed": words,
        "facts": facts,
    }


def _matched(before: Score, after: Score) -> list[tuple[Part | None, Part | None]]:
    """Parts that are one and the same, then those that only one version has."""
    theirs = {part.id: part for part in after.parts}
    pairs: list[tuple[Part | None, Part | None]] = []
    for part in before.parts:
        pairs.append((part, theirs.pop(part.id, None)))
    return pairs + [(None, part) for part in theirs.values()]


def _compare_part(before: Score, after: Score, mine: Part | None, theirs: Part | None) -> dict[str, Any] | None:
    old, new = _notes(mine), _notes(theirs)
    gone, come = old - new, new - old
    loudness = mine is not None and theirs is not None and _loudness(mine) != _loudness(theirs)
    mix = mine is not None and theirs is not None and _mix(mine) != _mix(theirs)
    if mine is not None and theirs is not None and not (gone or come or loudness or mix):
        return None
    bars = set(_bars_of(old, new, before, after))
    if loudness:
        bars |= set(_bars_of(_loudness(mine), _loudness(theirs), before, after))  # type: ignore[arg-type]
    part = theirs or mine
    assert part is not None
    return {
        "id": part.id,
        "row": part.role,
        "name": part.name,
        "how": "added" if mine is None else "removed" if theirs is None else "changed",
        "bars_changed": sorted(bars),
        "notes_added": sum(come.values()),
        "notes_removed": sum(gone.values()),
        "loudness_changed": loudness,
        "sound_changed": mix,
    }


def _notes(part: Part | None) -> Counter[_Note]:
    if part is None:
        return Counter()
    return Counter(zip(*(part.notes[name].tolist() for name in ("start", "duration", "pitch"))))  # type: ignore[arg-type]


def _loudness(part: Part) -> Counter[tuple[int, int, int]]:
    return Counter(zip(*(part.notes[name].tolist() for name in ("start", "pitch", "velocity"))))  # type: ignore[arg-type]


def _mix(part: Part) -> tuple[int, str, str, int, int]:
    return (part.program, part.instrument, part.name, part.volume, part.pan)


def _words(score: Score) -> Counter[tuple[int, int, str]]:
    found: Counter[tuple[int, int, str]] = Counter()
    for part in score.parts:
        starts = dict(zip(part.notes["id"].tolist(), part.notes["start"].tolist()))
        found.update((starts[s.note_id], s.verse, s.text) for s in part.syllables if s.note_id in starts)
    return found


def _bars_of(old: Counter[Any], new: Counter[Any], before: Score, after: Score) -> list[int]:
    """The bars of what only one of two versions has; each item begins with its tick."""
    bars = {_bar(before, item[0]) for item in old - new} | {_bar(after, item[0]) for item in new - old}
    return sorted(bars)


def _bar(score: Score, tick: int) -> int:
    index = max(bisect_right(score.bars, tick, key=lambda bar: bar.start) - 1, 0)
    return index + (0 if score.pickup else 1)


def _facts(before: Score, after: Score) -> dict[str, tuple[Any, Any]]:
    def of(score: Score) -> dict[str, Any]:
        return {
            "title": score.title,
            "tempo": round(score.tempos[0].bpm, 2),
            "key": score.keys[0].key.name,
            "meter": f"{score.meters[0].numerator}/{score.meters[0].denominator}",
            "bars": len(score.bars),
            "sections": [[s.letter, s.kind] for s in score.sections],
        }

    mine, theirs = of(before), of(after)
    return {name: (mine[name], theirs[name]) for name in mine}
