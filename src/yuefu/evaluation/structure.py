"""The form of a finished piece: sections that relate as their letters say, phrase ends, a hook that returns, its end.

All of it is read from notes, chords and sections; nothing from the plan that made them.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from yuefu.analysis.form import section_similarities
from yuefu.analysis.grid import pitched_notes
from yuefu.analysis.key import estimate_key
from yuefu.analysis.lines import entropy, melody_line
from yuefu.analysis.phrases import cadence, chord_spans, degree, phrases
from yuefu.score.model import Score, Section

RELATIONS = ("same letter", "primed letter", "different letter")
_NAN = float("nan")
#: Notes that make a motif.
_MOTIF = 3


def relation(a: str, b: str) -> str:
    """How two letters relate: one of ``RELATIONS``.

    >>> relation("A", "A"), relation("A", "A'"), relation("A'", "B'")
    ('same letter', 'primed letter', 'different letter')
    """
    if a == b:
        return RELATIONS[0]
    return RELATIONS[1] if a.rstrip("'") == b.rstrip("'") else RELATIONS[2]


def section_relations(score: Score, sections: tuple[Section, ...] | None = None) -> dict[str, float]:
    """Mean likeness (0..1) of the pairs of sections of each relation; NaN where a piece has no such pair.

    sections: None takes the score's own; one without a letter is left out.
    """
    chosen = tuple(s for s in (score.sections if sections is None else sections) if s.letter and s.duration > 0)
    found: dict[str, list[float]] = {name: [] for name in RELATIONS}
    if len(chosen) > 1:
        table = section_similarities(score, chosen)
        for i, j in itertools.combinations(range(len(chosen)), 2):
            found[relation(chosen[i].letter, chosen[j].letter)].append(float(table[i, j]))
    return {name: float(np.mean(values)) if values else _NAN for name, values in found.items()}


def phrase_ends(score: Score) -> dict[str, float]:
    """Where the phrases of the tune come to rest, and how the piece closes.

    "on tonic", "on dominant": share of phrases whose last note sounds over a chord on the key's first or fifth
    degree; "on either": both; "closing cadence": 1 when the last bar with a chord makes an authentic or plagal
    one, else 0; "ends on tonic": 1 when the last chord is the tonic's. NaN without phrases or chords.
    """
    key = estimate_key(score).key
    spans = tuple(span for span in chord_spans(score) if span.chord is not None)
    names = ("on tonic", "on dominant", "on either", "closing cadence", "ends on tonic")
    if not spans:
        return dict.fromkeys(names, _NAN)
    begins = np.array([span.start for span in spans])
    starts = {int(note["id"]): int(note["start"]) for note in melody_line(score)}
    degrees = []
    for phrase in phrases(score):
        at = int(np.searchsorted(begins, starts[phrase.last_id], side="right")) - 1
        chord = spans[max(at, 0)].chord
        if chord is not None:
            degrees.append(degree(chord, key))
    last = spans[-1]
    bar = next(bar.index for bar in reversed(score.bars) if bar.start < last.start + last.duration)
    closing = cadence(score, bar, spans, key) in ("authentic", "plagal")
    tonic = float(np.mean([d == 0 for d in degrees])) if degrees else _NAN
    dominant = float(np.mean([d == 7 for d in degrees])) if degrees else _NAN
    ends = float(last.chord is not None and degree(last.chord, key) == 0)
    return dict(zip(names, (tonic, dominant, tonic + dominant, float(closing), ends)))


def hook_returns(score: Score, sections: tuple[Section, ...] | None = None) -> float:
    """1 when the first section's opening motif comes again in a later section of its letter (primes aside), else 0.

    The motif: the tune's notes of the two bars from where it first sounds in the first section that has a tune, by
    intervals and times from onset to onset. NaN when no later section has that letter, or the motif has
    under three notes.
    """
    chosen = [s for s in (score.sections if sections is None else sections) if s.letter and s.duration > 0]
    line = melody_line(score)
    starts = line["start"].astype(np.int64)

    def inside(start: int, end: int) -> list[tuple[int, int]]:
        kept = (starts >= start) & (starts < end)
        pitch, onset = line["pitch"][kept].astype(np.int64), starts[kept]
        return list(zip(np.diff(pitch).tolist(), np.diff(onset).tolist()))

    first = next((s for s in chosen if ((starts >= s.start) & (starts < s.start + s.duration)).any()), None)
    if first is None:
        return _NAN
    letter = first.letter.rstrip("'")
    later = [s for s in chosen if s.start > first.start and s.letter.rstrip("'") == letter]
    onset = int(starts[starts >= first.start][0])
    opening = next(bar.index for bar in reversed(score.bars) if bar.start <= onset)
    two = score.bars[opening : opening + 2]
    motif = inside(onset, min(two[-1].end, first.start + first.duration))
    if not later or len(motif) < _MOTIF - 1:
        return _NAN
    size = len(motif)
    for section in later:
        steps = inside(section.start, section.start + section.duration)
        if any(steps[i : i + size] == motif for i in range(len(steps) - size + 1)):
            return 1.0
    return 0.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a piece. density: notes a second; distinct: different bars over sounding bars, 0..1; entropy: of
    pitch classes by note time, bits; likeness: mean share of notes (onset in the bar and pitch) that neighbouring
    sounding bars have in common, 0..1."""

    density: float
    distinct: float
    entropy: float
    likeness: float


STRETCH = ("density", "distinct bars", "entropy", "likeness")


def ends_compared(score: Score, seconds: float = 60.0) -> tuple[Stretch, Stretch]:
    """The first and the last stretch of a piece, each of about so many seconds and at most half the piece, in bars."""
    bars = score.bars
    whole = score.seconds_at(score.last_tick)
    reach = min(seconds, whole / 2)
    times = [score.seconds_at(bar.start) for bar in bars]
    head = max(sum(t < reach - 1e-6 for t in times), 1)
    tail = min(sum(t < whole - reach - 1e-6 for t in times), len(bars) - 1)
    stop = max(sum(t < whole - 1e-6 for t in times), tail + 1)
    return _stretch(score, 0, head), _stretch(score, tail, stop)


def _stretch(score: Score, first: int, last: int) -> Stretch:
    bars = score.bars[first:last]
    start, end = bars[0].start, bars[-1].end
    contents = [_bar_notes(score, bar.start, bar.end) for bar in bars]
    sounding = [notes for notes in contents if notes]
    kinds = Counter(sounding)
    pairs = [(a, b) for a, b in itertools.pairwise(contents) if a and b]
    notes = pitched_notes(score)
    notes = notes[(notes["start"] >= start) & (notes["start"] < end)]
    time = np.bincount(notes["pitch"] % 12, weights=notes["duration"], minlength=12).astype(np.float64)
    length = max(score.seconds_at(end) - score.seconds_at(start), 1e-6)
    return Stretch(
        density=sum(map(len, contents)) / length,
        distinct=len(kinds) / len(sounding) if sounding else 0.0,
        entropy=entropy(time),
        likeness=_mean(len(a & b) / len(a | b) for a, b in pairs),
    )


def _bar_notes(score: Score, start: int, end: int) -> frozenset[tuple[str, int, int]]:
    found: set[tuple[str, int, int]] = set()
    for part in score.parts:
        kept = part.notes[(part.notes["start"] >= start) & (part.notes["start"] < end)]
        found.update((part.id, int(n["start"]) - start, int(n["pitch"])) for n in kept)
    return frozenset(found)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.mean(found)) if found else _NAN
