"""Numbers that describe a piece, to lay beside the same numbers of a corpus.

``measure`` gives every name below; a measure that has nothing to measure (the range of a melody
that isn't there) is NaN. None of them is good or bad by itself: a piece far outside its
corpus's spread is worth a look.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from yuefu.analysis.form import bar_similarity
from yuefu.analysis.grid import Floats, Grid, Sounding, pitched_notes
from yuefu.analysis.key import estimate_key
from yuefu.analysis.lines import entropy, melody_line, rows_of
from yuefu.analysis.phrases import chord_spans, phrases
from yuefu.analysis.rhythm import drum_hits, groove_consistency, rhythm_entropy, syncopation
from yuefu.score.model import NOTE_ROWS, TICKS_PER_QUARTER, ChordSpan, Notes, Score
from yuefu.theory.key import Key

_NAN = float("nan")
_MOST_BARS = 2048
STEP, LEAP = 2, 5


@dataclass(frozen=True)
class Material:
    """What several measures need, each worked out once."""

    score: Score

    @cached_property
    def grid(self) -> Grid:
        """The bars."""
        return Grid.of(self.score)

    @cached_property
    def notes(self) -> Notes:
        """All pitched notes."""
        return pitched_notes(self.score)

    @cached_property
    def rows(self) -> dict[str, Notes]:
        """Notes by role."""
        return rows_of(self.score)

    @cached_property
    def line(self) -> Notes:
        """The tune."""
        return melody_line(self.score)

    @cached_property
    def intervals(self) -> np.ndarray:
        """Semitones from each note of the tune to the next; a rest of a bar or more breaks the line."""
        pitch = self.line["pitch"].astype(np.int64)
        gaps = self.line["start"][1:].astype(np.int64) - (self.line["start"] + self.line["duration"])[:-1]
        return np.diff(pitch)[gaps < 4 * TICKS_PER_QUARTER]

    @cached_property
    def chords(self) -> tuple[ChordSpan, ...]:
        """The written chords, or else those heard."""
        return chord_spans(self.score)

    @cached_property
    def key(self) -> Key:
        """The estimated key."""
        return estimate_key(self.score).key

    @cached_property
    def similarity(self) -> Floats:
        """Likeness of bars."""
        return bar_similarity(self.score) if len(self.score.bars) <= _MOST_BARS else np.ones((1, 1))


def scale_ratio(m: Material) -> float:
    """Share of note time inside the scale of the estimated key, 0..1; minor has both sevenths."""
    if not len(m.notes):
        return _NAN
    scale = set(m.key.scale)
    if m.key.mode == "minor":
        scale.add((m.key.tonic + 11) % 12)
    inside = np.isin(m.notes["pitch"] % 12, sorted(scale))
    return float((inside * m.notes["duration"]).sum() / max(m.notes["duration"].sum(), 1))


def chord_tone_ratio(m: Material) -> float:
    """Share of the tune's notes on beats that belong to the chord there, 0..1."""
    starts = m.line["start"].astype(np.int64)
    strong = m.grid.strength(starts) >= 0.5
    if not strong.any() or not m.chords:
        return _NAN
    begins = np.array([span.start for span in m.chords])
    at = np.searchsorted(begins, starts, side="right") - 1
    member = np.zeros((len(m.chords), 12), dtype=bool)
    sounds = np.zeros(len(m.chords), dtype=bool)
    for index, span in enumerate(m.chords):
        if span.chord is not None:
            member[index, list(span.chord.pitch_classes)] = True
            sounds[index] = True
    counted = strong & (at >= 0) & sounds[at]
    if not counted.any():
        return _NAN
    return float(member[at, m.line["pitch"] % 12][counted].mean())


def pitch_class_entropy(m: Material) -> float:
    """Entropy of the 12 pitch classes by note time, 0..3.58 bits."""
    if not len(m.notes):
        return _NAN
    time = np.bincount(m.notes["pitch"] % 12, weights=m.notes["duration"], minlength=12)
    return entropy(time.astype(np.float64))


def groove(m: Material) -> float:
    """Likeness of neighbouring bars' onset patterns, 0..1 (see rhythm.groove_consistency)."""
    return groove_consistency(m.score)


def similarity_at(m: Material, lag: int) -> float:
    """Mean likeness of bars ``lag`` apart (see form.bar_similarity), 0..1."""
    return float(np.diagonal(m.similarity, lag).mean()) if lag < len(m.similarity) else _NAN


def density(m: Material, row: str) -> float:
    """Notes of a row over all bars, 0 and up."""
    return len(m.rows.get(row, ())) / len(m.grid.bars)


def empty_bars(m: Material, row: str) -> float:
    """Share of bars in which a row sounds nothing, 0..1 (1 for a row that isn't there)."""
    notes = m.rows.get(row)
    if notes is None:
        return 1.0
    first = m.grid.bar_of(notes["start"])
    last = m.grid.bar_of(np.maximum(notes["start"] + notes["duration"] - 1, notes["start"]))
    change = np.zeros(len(m.grid.bars) + 1)
    np.add.at(change, first, 1)
    np.add.at(change, last + 1, -1)
    return float((change.cumsum()[:-1] <= 0).mean())


def melody_range(m: Material) -> float:
    """Semitones from the tune's lowest to its highest note, 0..127."""
    return float(np.ptp(m.line["pitch"])) if len(m.line) else _NAN


def mean_interval(m: Material) -> float:
    """Mean size of the tune's intervals in semitones, 0 and up."""
    return float(np.abs(m.intervals).mean()) if len(m.intervals) else _NAN


def _share(m: Material, low: int, high: int) -> float:
    size = np.abs(m.intervals)
    return float(((size >= low) & (size <= high)).mean()) if len(size) else _NAN


def repeats_share(m: Material) -> float:
    """Share of the tune's intervals that repeat the note, 0..1."""
    return _share(m, 0, 0)


def steps_share(m: Material) -> float:
    """Share of the tune's intervals of 1 or 2 semitones, 0..1."""
    return _share(m, 1, STEP)


def skips_share(m: Material) -> float:
    """Share of the tune's intervals of 3 or 4 semitones, 0..1."""
    return _share(m, STEP + 1, LEAP - 1)


def leaps_share(m: Material) -> float:
    """Share of the tune's intervals of 5 semitones or more, 0..1."""
    return _share(m, LEAP, 200)


def unresolved_leaps(m: Material) -> float:
    """Share of leaps over 5 semitones after which the tune neither steps, repeats nor turns back, 0..1."""
    leaps = np.flatnonzero(np.abs(m.intervals[:-1]) > LEAP) if len(m.intervals) > 1 else np.zeros(0, int)
    if not len(leaps):
        return 0.0 if len(m.intervals) > 1 else _NAN
    leap, after = m.intervals[leaps], m.intervals[leaps + 1]
    return float(((np.abs(after) > STEP) & (np.sign(after) == np.sign(leap))).mean())


def dissonance(m: Material) -> float:
    """Share of pairs of notes of different rows that sound on a beat and form m2, M7 or tritone, 0..1."""
    rows = [notes for role, notes in m.rows.items() if role != "drums"]
    if len(rows) < 2:
        return _NAN
    beats = m.grid.slices[:-1]
    beats = beats[m.grid.strength(beats) >= 0.5]
    present = []
    for notes in rows:
        table = np.zeros((len(beats), 12))
        first = np.searchsorted(beats, notes["start"], side="left")
        last = np.searchsorted(beats, notes["start"] + notes["duration"], side="left")
        counts = np.maximum(last - first, 0)
        index = np.repeat(np.arange(len(notes)), counts)
        beat = np.repeat(first, counts) + np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        np.add.at(table, (beat, notes["pitch"][index] % 12), 1.0)
        present.append(table)
    harsh = pairs = 0.0
    for a in range(len(present)):
        for b in range(a + 1, len(present)):
            pairs += float((present[a].sum(axis=1) * present[b].sum(axis=1)).sum())
            harsh += sum(float((present[a] * np.roll(present[b], step, axis=1)).sum()) for step in (1, -1, 6))
    return harsh / pairs if pairs else _NAN


def melody_rhythm_entropy(m: Material) -> float:
    """Entropy of the tune's times from onset to onset, bits, 0 and up."""
    return rhythm_entropy(m.line)


def melody_syncopation(m: Material) -> float:
    """Share of the tune's notes held over a stronger place, 0..1 (see rhythm.syncopation)."""
    return syncopation(m.line, m.grid)


def chord_changes(m: Material) -> float:
    """Changes from one chord to another, over all bars, 0 and up."""
    names = [span.chord for span in m.chords if span.chord is not None]
    return sum(a != b for a, b in itertools.pairwise(names)) / len(m.grid.bars) if names else _NAN


def distinct_chords(m: Material) -> float:
    """Different chords (root and quality) in the piece, 0 and up."""
    return float(len({(span.chord.root, span.chord.quality) for span in m.chords if span.chord is not None}))


def chord_entropy(m: Material) -> float:
    """Entropy of root and quality by chord time, bits, 0 and up."""
    time: dict[tuple[int, str], float] = {}
    for span in m.chords:
        if span.chord is not None:
            name = (span.chord.root, span.chord.quality)
            time[name] = time.get(name, 0.0) + span.duration
    return entropy(np.array(list(time.values()))) if time else _NAN


def phrase_length(m: Material) -> float:
    """Mean length of the tune's phrases in bars, 0 and up."""
    found = phrases(m.score)
    bar = float(np.median(m.grid.durations))
    return float(np.mean([(p.end - p.start) / bar for p in found])) if found else _NAN


def phrase_ending(m: Material) -> float:
    """Mean length in quarters of the last note of the tune's phrases, 0 and up."""
    found = phrases(m.score)
    if not found:
        return _NAN
    length = dict(zip(m.line["id"].tolist(), m.line["duration"].tolist()))
    return float(np.mean([length[p.last_id] for p in found])) / TICKS_PER_QUARTER


def polyphony(m: Material) -> float:
    """Mean number of pitched notes that sound while any does, 0 and up."""
    if not len(m.notes):
        return _NAN
    sounding = Sounding.of(m.notes, m.grid)
    ticks = np.bincount(sounding.slice, weights=sounding.overlap, minlength=sounding.slice_count)
    heard = float(np.diff(m.grid.slices)[ticks > 0].sum())
    return float(ticks.sum() / heard) if heard else _NAN


def drums(m: Material) -> float:
    """Drum notes a bar, 0 and up."""
    return drum_hits(m.score)


_PLAIN: dict[str, Callable[[Material], float]] = {
    "scale_ratio": scale_ratio,
    "chord_tone_ratio": chord_tone_ratio,
    "pitch_class_entropy": pitch_class_entropy,
    "groove_consistency": groove,
    "melody_range": melody_range,
    "mean_interval": mean_interval,
    "repeats": repeats_share,
    "steps": steps_share,
    "skips": skips_share,
    "leaps": leaps_share,
    "unresolved_leaps": unresolved_leaps,
    "rhythm_entropy": melody_rhythm_entropy,
    "syncopation": melody_syncopation,
    "dissonance": dissonance,
    "chord_changes": chord_changes,
    "distinct_chords": distinct_chords,
    "chord_entropy": chord_entropy,
    "phrase_length": phrase_length,
    "phrase_ending": phrase_ending,
    "polyphony": polyphony,
    "drum_hits": drums,
}
LAGS = (1, 2, 4, 8)
#: The names of all measures, in the order of ``measure``'s result.
MEASURES = (
    *_PLAIN,
    *(f"self_similarity_{lag}" for lag in LAGS),
    *(f"density_{row}" for row in NOTE_ROWS),
    *(f"empty_{row}" for row in NOTE_ROWS),
)


def measure(score: Score) -> dict[str, float]:
    """All measures of a piece: name of ``MEASURES`` -> value, NaN where there is nothing to measure.

    >>> measure(Score())["density_melody"]
    0.0
    """
    m = Material(score)
    found = {name: float(function(m)) for name, function in _PLAIN.items()}
    found |= {f"self_similarity_{lag}": similarity_at(m, lag) for lag in LAGS}
    found |= {f"density_{row}": density(m, row) for row in NOTE_ROWS}
    found |= {f"empty_{row}": empty_bars(m, row) for row in NOTE_ROWS}
    return found


def measure_named(score: Score, names: Iterable[str]) -> dict[str, float]:
    """Only some of the plain measures (those that aren't by row or lag): for rankers in a hurry."""
    m = Material(score)
    return {name: float(_PLAIN[name](m)) for name in names}


@dataclass(frozen=True, slots=True)
class Spread:
    """A measure over many pieces: mean, standard deviation, and of how many pieces."""

    mean: float
    std: float
    count: int


def measure_many(scores: Iterable[Score]) -> dict[str, Spread]:
    """Mean and standard deviation of each measure over pieces; NaNs are left out, count says of how many."""
    rows = np.array([list(measure(score).values()) for score in scores]).reshape(-1, len(MEASURES))
    spreads = {}
    for name, column in zip(MEASURES, rows.T):
        known = column[~np.isnan(column)]
        if len(known):
            spreads[name] = Spread(float(known.mean()), float(known.std()), len(known))
        else:
            spreads[name] = Spread(_NAN, _NAN, 0)
    return spreads
