"""Whole pieces without a model, made of human ones: bars in another order, random pitches, a chain for a tune."""

from __future__ import annotations

import bisect
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from yuefu.analysis.key import estimate_key
from yuefu.analysis.lines import melody_line
from yuefu.evaluation.row_baselines import scale_of
from yuefu.score.model import ChordSpan, Part, Score, make_notes

#: A note of a tune: pitch over the tonic of its piece (with its octave), ticks to the next onset, ticks that it sounds.
State = tuple[int, int, int]
_LONGEST_GAP = 96 * 4


def bars_shuffled(score: Score, rng: np.random.Generator) -> Score:
    """The bars in random order, all rows and chords of a bar together; bars trade places with those of their length."""
    bars = score.bars
    target = np.arange(len(bars))
    lengths = np.array([bar.duration for bar in bars])
    for length in np.unique(lengths).tolist():
        alike = np.flatnonzero(lengths == length)
        target[alike] = rng.permutation(alike)
    starts = np.array([bar.start for bar in bars], dtype=np.int64)
    shift = starts[target] - starts

    def moved(part: Part) -> Part:
        notes = part.notes.copy()
        notes["start"] += shift[np.searchsorted(starts, notes["start"], side="right") - 1]
        return part.with_notes(notes)

    begins = starts.tolist()
    chords = []
    for span in score.chords:
        first, end = span.start, span.start + span.duration
        while first < end:
            bar = bisect.bisect_right(begins, first) - 1
            last = min(end, bars[bar].end) if bar < len(bars) - 1 else end
            chords.append(ChordSpan(first + int(shift[bar]), last - first, span.chord))
            first = last
    chords.sort(key=lambda span: span.start)
    return replace(
        score,
        parts=tuple(moved(part) for part in score.parts),
        chords=tuple(chords),
        length=score.end_tick,
    )


def pitches_random(score: Score, rng: np.random.Generator) -> Score:
    """Every pitched note on a random pitch of the key, within its part's range; rhythm, chords and drums stay."""
    scale = scale_of(estimate_key(score).key)
    parts = []
    for part in score.parts:
        if part.is_drums or not len(part.notes):
            parts.append(part)
            continue
        low, high = int(part.notes["pitch"].min()), int(part.notes["pitch"].max())
        choice = [p for p in range(low, high + 1) if p % 12 in scale] or [low]
        notes = part.notes.copy()
        notes["pitch"] = rng.choice(choice, len(notes))
        parts.append(part.with_notes(notes))
    return replace(score, parts=tuple(parts))


class TuneChain:
    """A first-order Markov chain of tunes: what note follows a note, by pitch over the tonic, gap and length.

    Counted over the tunes of several pieces; a note that was only ever last begins again.
    """

    def __init__(self, scores: Iterable[Score]) -> None:
        self._first: Counter[State] = Counter()
        self._next: dict[State, Counter[State]] = defaultdict(Counter)
        for score in scores:
            states = tune_states(score)
            self._first.update(states[:1])
            for before, after in itertools.pairwise(states):
                self._next[before][after] += 1

    def rewritten(self, score: Score, rng: np.random.Generator) -> Score:
        """A piece with a tune of the chain from its own tune's first to its last note; the other parts stay.

        A piece without a tune, or a chain that counted none, gives the piece itself.
        """
        line = melody_line(score)
        part = next((p for p in score.parts if p.role == "melody" and len(p.notes)), None)
        if not len(line) or part is None or not self._first:
            return score
        tonic = estimate_key(score).key.tonic
        at, end = int(line["start"][0]), int(line["start"][-1])
        rows: list[tuple[int, int, int, int, int]] = []
        state: State | None = None
        while at <= end:
            following = self._next.get(state) if state is not None else None
            state = _drawn(following or self._first, rng)
            rows.append((len(rows) + 1, at, state[2], int(np.clip(state[0] + tonic, 0, 127)), 80))
            at += state[1]
        others = tuple(p for p in score.parts if p.role != "melody")
        highest = max((int(p.notes["id"].max()) for p in others if len(p.notes)), default=0)
        notes = make_notes(rows)
        notes["id"] += highest
        return replace(score, parts=(replace(part, notes=notes, syllables=()), *others))


def tune_states(score: Score) -> list[State]:
    """The tune of a piece as states of a chain; the last note is followed after its own length."""
    line = melody_line(score)
    if not len(line):
        return []
    tonic = estimate_key(score).key.tonic
    starts = line["start"].astype(np.int64)
    gaps = np.append(np.diff(starts), max(int(line["duration"][-1]), 1))
    gaps = np.clip(gaps, 1, _LONGEST_GAP)
    lengths = np.minimum(line["duration"], gaps)
    return list(zip((line["pitch"] - tonic).tolist(), gaps.tolist(), lengths.tolist()))


def _drawn(counts: Counter[State], rng: np.random.Generator) -> State:
    states: Sequence[State] = sorted(counts)
    shares = np.array([counts[state] for state in states], dtype=np.float64)
    return states[int(rng.choice(len(states), p=shares / shares.sum()))]
