"""How near music lies to a style: the recogniser's verdict, distances of statistics, and what it copied.

A style is a set of held-out human pieces. Whatever imitates it is measured beside two yardsticks: how far two halves of
the style's own pieces lie apart, and how far other styles' pieces lie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.grid import Floats
from yuefu.analysis.lines import melody_line
from yuefu.analysis.measures import measure
from yuefu.analysis.similarity import FingerprintIndex, build_index
from yuefu.corpus.annotate import annotate
from yuefu.corpus.clean import window
from yuefu.corpus.rows import assign_rows
from yuefu.recognition.network import Verdict
from yuefu.score.graces import folded
from yuefu.score.model import Score
from yuefu.theory.chord import QUALITY_NAMES

#: Measures whose means are compared: none of them grows with a piece's length. Those of the tune come first.
MEASURES = (
    "onsets", "melody_range", "mean_interval", "repeats", "steps", "skips", "leaps", "rhythm_entropy", "syncopation",
    "groove_consistency", "pitch_class_entropy", "scale_ratio", "height", "chord_changes", "chord_entropy", "polyphony",
    "all_onsets",
)  # fmt: skip
#: The least that a measure's spread counts as: bare tunes all have one note at a time, and a slip isn't three spreads.
LEAST = {
    "onsets": 0.1, "melody_range": 1.5, "mean_interval": 0.25, "rhythm_entropy": 0.15, "pitch_class_entropy": 0.1,
    "height": 1.5, "chord_changes": 0.15, "chord_entropy": 0.25, "polyphony": 0.2, "all_onsets": 0.2,
}  # fmt: skip
#: The same for measures that are shares.
LEAST_SHARE = 0.03
#: Distributions that are compared.
PROFILES = ("lengths", "intervals", "pitch classes", "places", "chord qualities", "chord roots")
#: Bars of a piece that are looked at, from its beginning.
MOST_BARS = 64
#: Ends of the classes of times from onset to onset, in quarters.
LENGTHS = (0.2, 0.3, 0.42, 0.6, 0.85, 1.1, 1.6, 2.1, 3.1)
#: Places of a bar that are told apart.
PLACES = 24


@dataclass(frozen=True)
class Statistics:
    """A piece in numbers. measures: by name, NaN where there is nothing to measure; profiles: shares that sum to 1
    (all 0 where there is nothing)."""

    measures: Mapping[str, float]
    profiles: Mapping[str, Floats]


def opening(score: Score, bars: int = MOST_BARS) -> Score:
    """A piece, or its first bars where it is longer."""
    return score if len(score.bars) <= bars else window(score, 0, score.bars[bars - 1].end)


def rows_of(scores: Sequence[Score]) -> tuple[str, ...]:
    """The rows that at least half of some pieces have, in the order in which they are met."""
    found = Counter(row for score in scores for row in {part.role for part in score.parts if len(part.notes)})
    return tuple(row for row, count in found.items() if 2 * count >= len(scores))


def comparable(score: Score, human: Sequence[Score]) -> Score:
    """A piece as a style's human pieces are: with the rows that they have (a tune without its band beside collections
    of bare tunes), without the small notes of ornaments, which collections leave to the player, and with chords as they
    are heard in its notes where theirs weren't written down either.

    What a pianist plays alone is divided into the rows as the corpora's pieces were. A piece with none of the rows
    keeps its own.
    """
    rows = rows_of(human)
    sounding = [part for part in score.parts if len(part.notes) and not part.is_drums]
    if len(sounding) == 1 and "keys" in rows:  # one player's hands, told apart as the corpora's were
        score = assign_rows(replace(score, metadata={**score.metadata, "layout": "keyboard"}))
    parts = tuple(folded(part)[0] for part in score.parts if part.role in rows and len(part.notes))
    score = replace(score, parts=parts) if parts else score
    if 2 * sum(piece.metadata.get("chords") == "inferred" for piece in human) > len(human):
        score = annotate(replace(score, chords=()), trust_key=True)
    return score


def statistics(score: Score) -> Statistics:
    """The numbers of a piece (its first ``MOST_BARS`` bars)."""
    score = opening(score)
    told = measure(score)
    line = melody_line(score)
    quarters = max(score.length / 24, 1e-6)
    every = {int(tick) for part in score.parts if not part.is_drums for tick in part.notes["start"]}
    own = {
        "onsets": len(line) / quarters, "all_onsets": len(every) / quarters,
        "height": float(line["pitch"].mean()) if len(line) else float("nan"),
    }  # fmt: skip
    return Statistics({name: own.get(name, told.get(name, float("nan"))) for name in MEASURES}, _profiles(score))


def _profiles(score: Score) -> dict[str, Floats]:
    line = melody_line(score)
    starts, pitch = line["start"].astype(np.int64), line["pitch"].astype(np.int64)
    gaps = np.diff(starts) / 24
    bars = score.bars
    begins = np.array([bar.start for bar in bars])
    at = np.clip(np.searchsorted(begins, starts, side="right") - 1, 0, len(bars) - 1)
    durations = np.array([bar.duration for bar in bars])
    shift = np.array([score.key_at(int(tick)).shift for tick in starts], dtype=np.int64)
    chords = [(span.chord, span.duration, score.key_at(span.start).shift) for span in score.chords if span.chord]
    qualities, roots = np.zeros(len(QUALITY_NAMES)), np.zeros(12)
    for chord, time, moved in chords:
        qualities[QUALITY_NAMES.index(chord.quality)] += time
        roots[(chord.root - moved) % 12] += time
    places = (starts - begins[at]) * PLACES // np.maximum(durations[at], 1)
    return {
        "lengths": _shares(np.bincount(np.searchsorted(LENGTHS, gaps[gaps <= 8]), minlength=len(LENGTHS) + 1)),
        "intervals": _shares(np.bincount(np.clip(np.diff(pitch), -12, 12) + 12, minlength=25)),
        "pitch classes": _shares(np.bincount((pitch - shift) % 12, weights=line["duration"], minlength=12)),
        "places": _shares(np.bincount(np.clip(places, 0, PLACES - 1), minlength=PLACES)),
        "chord qualities": _shares(qualities),
        "chord roots": _shares(roots),
    }


def _shares(counts: NDArray[Any]) -> Floats:
    total = float(counts.sum())
    return np.asarray(counts, dtype=np.float64) / total if total else np.zeros(len(counts))


@dataclass(frozen=True)
class Distance:
    """How far a population lies from a style's pieces.

    means: the mean over measures of how far the means lie apart, in standard deviations of the style's pieces;
    profiles: the mean over distributions of their Jensen-Shannon distance, 0 alike to 1 nothing in common; by: each of
    them by name.
    """

    means: float
    profiles: float
    by: Mapping[str, float]

    @property
    def furthest(self) -> list[tuple[str, float]]:
        """Measures and distributions, the furthest first; a distribution's distance counts five times, to be on one
        scale with standard deviations."""
        scaled = {name: value * (5 if name in PROFILES else 1) for name, value in self.by.items() if value == value}
        return [(name, self.by[name]) for name in sorted(scaled, key=lambda name: -scaled[name])]


def distance(own: Sequence[Statistics], human: Sequence[Statistics]) -> Distance:
    """How far pieces lie from a style's human ones. Raises ValueError for none of either.

    >>> from yuefu.score.model import Score
    >>> piece = statistics(Score())
    >>> distance([piece], [piece, piece]).profiles
    0.0
    """
    if not own or not human:
        raise ValueError("there is nothing to compare: both populations need pieces")
    by = {name: _apart(name, own, human) for name in MEASURES}
    for name in PROFILES:
        a, b = (np.mean([piece.profiles[name] for piece in pieces], axis=0) for pieces in (own, human))
        by[name] = jensen_shannon(a, b) if a.any() and b.any() else float("nan") if a.any() or b.any() else 0.0
    return Distance(_mean(by[name] for name in MEASURES), _mean(by[name] for name in PROFILES), by)


def _apart(name: str, own: Sequence[Statistics], human: Sequence[Statistics]) -> float:
    """How far two populations' means of a measure lie apart, in spreads of the human pieces; NaN where one has none."""
    a, b = (np.array([piece.measures[name] for piece in pieces], dtype=np.float64) for pieces in (own, human))
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    if not len(a) or not len(b):
        return float("nan")
    return float(abs(a.mean() - b.mean()) / max(float(b.std()), LEAST.get(name, LEAST_SHARE)))


def jensen_shannon(one: Floats, other: Floats) -> float:
    """The Jensen-Shannon distance of two distributions, 0..1: the root of the divergence in bits.

    >>> jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    1.0
    """
    a, b = one / one.sum(), other / other.sum()
    middle = (a + b) / 2

    def against(p: Floats) -> float:
        inside = p > 0
        return float((p[inside] * np.log2(p[inside] / middle[inside])).sum())

    return float(np.sqrt(max(0.5 * (against(a) + against(b)), 0.0)))


def within(human: Sequence[Statistics], size: int, rounds: int = 20, seed: int = 0) -> Distance:
    """How far ``size`` of a style's own pieces lie from the others, on average: what no imitation can be asked to beat.

    With fewer than twice as many pieces it is half of them. Raises ValueError for under two pieces.
    """
    if len(human) < 2:
        raise ValueError("a style's own spread takes two pieces at least")
    rng = np.random.default_rng([seed, 61])
    taken = max(1, min(size, len(human) // 2))
    found = []
    for _ in range(rounds):
        order = rng.permutation(len(human))
        found.append(distance([human[i] for i in order[:taken]], [human[i] for i in order[taken:]]))
    by = {name: _mean(each.by[name] for each in found) for name in found[0].by}
    return Distance(_mean(each.means for each in found), _mean(each.profiles for each in found), by)


@dataclass(frozen=True)
class Recognised:
    """What a recogniser takes pieces for. right: share whose likeliest label is the style's; share: mean of what it
    gives the label; sure: share that it tells as sure and right; taken: the likeliest labels, counted."""

    right: float
    share: float
    sure: float
    taken: tuple[tuple[str, int], ...]
    pieces: int


def recognised(scores: Sequence[Score], labels: Sequence[str], recognizer: Callable[[Score], Verdict]) -> Recognised:
    """The recogniser's verdicts on pieces that shall be of a style. labels: what counts as right."""
    verdicts = [recognizer(score) for score in scores]
    best = [verdict.shares[0][0] for verdict in verdicts]
    given = [sum(share for key, share in verdict.shares if key in labels) for verdict in verdicts]
    return Recognised(
        _mean(float(key in labels) for key in best), _mean(given),
        _mean(float(verdict.sure and key in labels) for verdict, key in zip(verdicts, best)),
        tuple(Counter(best).most_common(4)), len(scores),
    )  # fmt: skip


@dataclass(frozen=True)
class Copied:
    """Notes of the longest passage, same intervals and rhythm, that pieces share with the tunes of an index: median,
    the most, and the work it is shared with."""

    median: float
    most: int
    work: str


def copied(scores: Sequence[Score], index: FingerprintIndex) -> Copied:
    """The longest passages that pieces share with an index (of the training corpus, or of what they imitate)."""
    found = [index.nearest(score) for score in scores]
    longest = max(found, key=lambda match: match.longest_shared_run, default=None)
    if longest is None:
        return Copied(float("nan"), 0, "")
    return Copied(float(np.median([m.longest_shared_run for m in found])), longest.longest_shared_run, longest.work)


def copied_from(scores: Sequence[Score], source: Sequence[Score]) -> Copied:
    """The longest passages that pieces share with some others."""
    return copied(scores, build_index(source))


def _mean(values: object) -> float:
    known = [float(v) for v in values if v == v]  # type: ignore[attr-defined]
    return float(np.mean(known)) if known else float("nan")
