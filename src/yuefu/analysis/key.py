"""Key finding: pitch-class profiles, then what the ends of a piece say about its tonic.

Profiles: Krumhansl and Kessler 1982 (probe-tone ratings), Temperley 2007 (*Music and
Probability*, shares of the Kostka-Payne corpus), Albrecht and Shanahan 2013 (*The Use of Large
Corpora to Train a New Type of Key-Finding Algorithm*). The correlation with each profile is
averaged; bass, final chord and cadence then tell relative keys apart, which share their notes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yuefu.analysis.grid import Floats, Grid, Sounding, pitched_notes
from yuefu.score.model import TICKS_PER_QUARTER, KeyChange, Notes, Score
from yuefu.theory.key import Key

_PROFILES = np.array(
    [
        # Krumhansl-Kessler
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
        # Temperley, Kostka-Payne
        [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400],
        [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330],
        # Albrecht-Shanahan
        [0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081],
        [0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052],
    ]
).reshape(3, 2, 12)
#: The 24 keys in the order of the score tables: 12 major by tonic, then 12 minor.
KEYS = tuple(Key.of_tonic(tonic, mode) for mode in ("major", "minor") for tonic in range(12))


def _rotations(profile: Floats) -> Floats:
    """A (2, 12) profile turned to all 24 keys, shape (24, 12)."""
    return np.array([np.roll(profile[mode], tonic) for mode in range(2) for tonic in range(12)])


def _standard(rows: Floats) -> Floats:
    """Rows with mean 0 and length 1 (a flat row becomes 0), so that products are correlations."""
    rows = rows - rows.mean(axis=-1, keepdims=True)
    size = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.divide(rows, size, out=np.zeros_like(rows), where=size > 1e-12)


_TEMPLATES = np.mean([_standard(_rotations(profile)) for profile in _PROFILES], axis=0)

# Weights of the evidence beside the profile correlation (which lies in -1..1), set on labelled pieces.
_FINAL_BASS, _FINAL_CHORD, _FINAL_TOP, _FIRST_BASS, _BASS_SHARE, _LEADING = 0.10, 0.10, 0.05, 0.03, 0.10, 0.05
_TEMPERATURE = 0.06


@dataclass(frozen=True, slots=True)
class KeyEstimate:
    """A key and how sure it is: confidence 0..1 (0 when there is nothing to hear)."""

    key: Key
    confidence: float


def estimate_key(score: Score) -> KeyEstimate:
    """The main key of a piece, from its notes alone (or its chord symbols, if it has no notes).

    confidence is the share that the winner gets in a softmax over the 24 keys; it is 0 for a score without
    pitched notes, whose key is then C major.

    >>> estimate_key(Score()).confidence
    0.0
    """
    notes = pitched_notes(score)
    if not len(notes):
        return _from_chords(score)
    grid = Grid.of(score)
    scores = _key_scores(notes, grid)
    order = np.argsort(-scores, kind="stable")
    shares = np.exp((scores - scores[order[0]]) / _TEMPERATURE)
    return KeyEstimate(KEYS[int(order[0])], float(shares[order[0]] / shares.sum()))


def _from_chords(score: Score) -> KeyEstimate:
    """The key of a bare chord chart."""
    weights = np.zeros(12)
    tonic = np.zeros(24)
    for span in score.chords:
        if span.chord is not None:
            for pitch_class in span.chord.pitch_classes[:4]:
                weights[pitch_class] += span.duration
    if not weights.any():
        return KeyEstimate(Key(), 0.0)
    last = next(span.chord for span in reversed(score.chords) if span.chord is not None)
    minor = 3 in {(tone - last.root) % 12 for tone in last.pitch_classes}
    tonic[last.root + 12 * minor] = _FINAL_BASS + _FINAL_CHORD
    scores = _TEMPLATES @ _standard(weights) + tonic
    shares = np.exp((scores - scores.max()) / _TEMPERATURE)
    return KeyEstimate(KEYS[int(np.argmax(scores))], float(shares.max() / shares.sum()))


def note_weights(notes: Notes, grid: Grid) -> Floats:
    """How much each note counts: its length in quarters (at most 4), more on strong places."""
    length = np.minimum(notes["duration"] / TICKS_PER_QUARTER, 4.0)
    return length * (0.5 + grid.strength(notes["start"]))


def _key_scores(notes: Notes, grid: Grid) -> Floats:
    """A score for each of the 24 keys, higher is likelier."""
    pitch_class = notes["pitch"].astype(np.int64) % 12
    weights = note_weights(notes, grid)
    chroma: Floats = np.bincount(pitch_class, weights=weights, minlength=12).astype(np.float64)
    scores = _TEMPLATES @ _standard(chroma)
    evidence = np.zeros(24)
    # The last chord: what still sounds, or has just sounded, at the end.
    end = int((notes["start"] + notes["duration"]).max())
    final_start = int(notes["start"][notes["start"] + notes["duration"] > end - 3].max())
    final = notes[(notes["start"] <= final_start) & (notes["start"] + notes["duration"] > final_start)]
    if len(final):
        present = np.zeros(12)
        present[final["pitch"].astype(np.int64) % 12] = 1.0
        low = int(final["pitch"].min()) % 12
        top = int(final["pitch"].max()) % 12
        evidence[[low, low + 12]] += _FINAL_BASS
        evidence[[top, top + 12]] += _FINAL_TOP
        for tonic in range(12):
            for mode, third in ((0, 4), (1, 3)):
                triad = present[tonic] + present[(tonic + third) % 12] + present[(tonic + 7) % 12]
                evidence[tonic + 12 * mode] += _FINAL_CHORD * (triad >= 2) * triad / 3 * (low == tonic)
    low_notes = Sounding.of(notes, grid).lowest()
    heard = low_notes[low_notes < 128] % 12
    share = np.bincount(heard, minlength=12) / max(len(heard), 1)
    first = int(heard[0])
    evidence[[first, first + 12]] += _FIRST_BASS
    evidence[:12] += _BASS_SHARE * (share + 0.5 * np.roll(share, -7))
    evidence[12:] += _BASS_SHARE * (share + 0.5 * np.roll(share, -7))
    # A raised seventh is what minor has and its relative major lacks (and is its fifth's sharp).
    proportion = chroma / chroma.sum()
    for tonic in range(12):
        raised, natural = proportion[(tonic + 11) % 12], proportion[(tonic + 10) % 12]
        evidence[tonic + 12] += _LEADING * raised / (raised + natural) if raised + natural > 0.01 else 0.0
    return scores + evidence


def local_keys(score: Score, window_bars: int = 8) -> tuple[KeyChange, ...]:
    """The keys that a piece passes through, at bar lines; the first entry is at tick 0.

    Each bar is judged by the notes of ``window_bars`` bars around it (nearer ones count more), and the
    path through the keys is the one with the best sum, a change costing more the further the
    keys are apart (Viterbi).
    """
    notes = pitched_notes(score)
    main = estimate_key(score)
    if not len(notes):
        return (KeyChange(0, main.key),)
    grid = Grid.of(score)
    bars = len(grid.bars)
    # Long notes count in the bars through which they sound.
    sounding = Sounding.of(notes, grid)
    bar_of_slice = grid.bar_of(grid.slices[:-1])
    by_slice = sounding.chroma(0.5 + grid.strength(notes["start"]))
    chroma = np.zeros((bars, 12))
    np.add.at(chroma, bar_of_slice, by_slice)
    reach = max(window_bars // 2, 1)
    kernel = 1.0 - np.abs(np.arange(-reach, reach + 1)) / (reach + 1)
    smooth = np.array([np.convolve(chroma[:, tone], kernel)[reach : reach + bars] for tone in range(12)]).T
    fit = _standard(smooth) @ _TEMPLATES.T
    fit[:, KEYS.index(main.key)] += 0.10
    path = _best_path(fit, _DISTANCE * 0.45 * max(window_bars, 1) / 8 + 0.6 * (1 - np.eye(24)))
    changes = [KeyChange(0, KEYS[path[0]])]
    for bar in range(1, bars):
        if path[bar] != path[bar - 1]:
            changes.append(KeyChange(int(grid.starts[bar]), KEYS[path[bar]]))
    return tuple(changes)


def _distances() -> Floats:
    """Distance of two keys, 0..1: steps between them on the circle of fifths, relative keys near."""
    fifths = np.array([key.fifths for key in KEYS])
    steps = np.abs(fifths[:, None] - fifths[None, :]) % 12
    steps = np.minimum(steps, 12 - steps)
    mode = np.repeat([0, 1], 12)
    return steps / 6 + 0.15 * (mode[:, None] != mode[None, :])


_DISTANCE = _distances()


def _best_path(fit: Floats, cost: Floats) -> list[int]:
    """The path of states with the best total of fit (times, states) less cost (states, states)."""
    best = fit[0].copy()
    back = np.zeros(fit.shape, dtype=np.int64)
    for time in range(1, len(fit)):
        candidates = best[:, None] - cost
        back[time] = candidates.argmax(axis=0)
        best = candidates.max(axis=0) + fit[time]
    path = [int(best.argmax())]
    for time in range(len(fit) - 1, 0, -1):
        path.append(int(back[time, path[-1]]))
    return path[::-1]
