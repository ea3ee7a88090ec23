"""Phrases of the tune, and the cadences at which they end."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from yuefu.analysis.chords import infer_chords
from yuefu.analysis.grid import Grid
from yuefu.analysis.key import estimate_key
from yuefu.analysis.lines import melody_line
from yuefu.score.model import ChordSpan, Score
from yuefu.theory.chord import QUALITIES, Chord
from yuefu.theory.key import Key

CADENCES = ("authentic", "half", "plagal", "deceptive", "none")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A breath of the tune: start tick, end tick (of its last note), notes in it, their first and last id."""

    start: int
    end: int
    notes: int
    first_id: int
    last_id: int


def phrases(score: Score) -> tuple[Phrase, ...]:
    """The phrases of the melody line, by its rests and long notes.

    A gap between onsets counts as a boundary by how far it stands out from its neighbours (the
    idea of Cambouropoulos 2001, *The Local Boundary Detection Model*), more with a rest in it; a
    phrase has at least three notes and lasts two beats or more.
    """
    line = melody_line(score)
    if not len(line):
        return ()
    starts = line["start"].astype(np.int64)
    ends = starts + line["duration"]
    gaps = np.diff(starts).astype(np.float64)
    rests = np.maximum(starts[1:] - ends[:-1], 0)
    typical = float(np.median(gaps)) if len(gaps) else 0.0
    grid = Grid.of(score)
    bar = float(np.median(grid.durations))
    before = np.append(typical, gaps[:-1])
    after = np.append(gaps[1:], typical)
    # How much longer this gap is than those beside it, then the rest in it.
    standing_out = gaps / np.maximum((before + after) / 2 + 0.5 * typical, 1.0)
    strength = standing_out + 2.0 * rests / max(typical, 12.0)
    strength[gaps >= bar] += 1.0
    candidates = np.flatnonzero((strength >= 1.25) & ((gaps >= 1.8 * typical) | (rests >= 12)))
    cuts: list[int] = []
    for index in sorted(candidates.tolist(), key=lambda i: (-strength[i], i)):
        near = [0, *cuts, len(line)]
        following = index + 1
        below = max(c for c in near if c <= following)
        above = min(c for c in near if c >= following)
        if following - below < 3 or above - following < 3:
            continue
        # A long note alone asks for more distance from the last boundary than a rest does.
        least = bar / 2 if rests[index] >= 24 else 0.9 * bar
        if starts[following] - starts[below] < least or (
            above < len(line) and starts[above] - starts[following] < least
        ):
            continue
        cuts.append(following)
        cuts.sort()
    edges = [0, *cuts, len(line)]
    return tuple(
        Phrase(int(starts[a]), int(ends[b - 1]), b - a, int(line["id"][a]), int(line["id"][b - 1]))
        for a, b in itertools.pairwise(edges)
    )


def chord_spans(score: Score) -> tuple[ChordSpan, ...]:
    """The chords written in the score, or else those heard in its notes."""
    return score.chords or infer_chords(score)


def degree(chord: Chord, key: Key) -> int:
    """Semitones from the tonic up to the chord's root, 0-11."""
    return (chord.root - key.tonic) % 12


def cadence_of(before: Chord | None, last: Chord, key: Key) -> str:
    """The cadence made by two chords: one of ``CADENCES``.

    >>> key = Key()
    >>> cadence_of(Chord(7, "7"), Chord(0), key), cadence_of(Chord(5), Chord(7), key)
    ('authentic', 'half')
    >>> cadence_of(Chord(5), Chord(0), key), cadence_of(Chord(7), Chord(9, "m"), key)
    ('plagal', 'deceptive')
    """
    final = degree(last, key)
    major = 4 in QUALITIES[last.quality]
    if final == 7 and major:
        return "half"
    if before is None:
        return "none"
    previous = degree(before, key)
    leading = previous == 11 and before.quality in ("dim", "dim7", "m7b5")
    dominant = leading or (previous == 7 and 3 not in QUALITIES[before.quality])
    if final == 0:
        return "authentic" if dominant else "plagal" if previous in (5, 2) else "none"
    if dominant and final in ((9,) if key.mode == "major" else (8,)):
        return "deceptive"
    return "none"


def cadence(score: Score, bar: int, spans: tuple[ChordSpan, ...] | None = None, key: Key | None = None) -> str:
    """The cadence that ends in a bar (index from 0): one of ``CADENCES``.

    spans, key: the score's chords and key, if the caller has them. The last chord of the bar and the
    chord before it are judged; a bar outside the piece has none.
    """
    bars = score.bars
    if not 0 <= bar < len(bars):
        return "none"
    spans = chord_spans(score) if spans is None else spans
    key = key or estimate_key(score).key
    heard = [span for span in spans if span.chord is not None and span.start < bars[bar].end]
    if not heard or heard[-1].start + heard[-1].duration <= bars[bar].start:
        return "none"
    last = heard[-1].chord
    if last is None:
        return "none"
    earlier = (span.chord for span in reversed(heard[:-1]) if span.chord and span.chord.root != last.root)
    return cadence_of(next(earlier, None), last, key)
