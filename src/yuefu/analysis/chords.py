"""Chord recognition: triads and sevenths from the notes, by template match and Viterbi.

Time is cut into frames (beats, half bars or bars). Each chord of the vocabulary is scored in
each frame by the pitch classes that sound, weighted by duration and metre, by the bass and by
the key; the best path changes chords where it pays, more easily on strong beats.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from yuefu.analysis.grid import SLICE, Flags, Floats, Grid, Ints, Sounding, pitched_notes
from yuefu.analysis.key import estimate_key
from yuefu.errors import UnknownNameError
from yuefu.score.model import ChordSpan, Score
from yuefu.theory.chord import QUALITIES, Chord
from yuefu.theory.key import Key

RESOLUTIONS = ("beat", "half", "bar")
# Qualities that can be told from the notes, and how readily each is chosen (a cost a frame).
_COSTS = {
    "": 0.0, "m": 0.08, "dim": 0.06, "aug": 0.50, "sus4": 0.30, "sus2": 0.30, "7": 0.01, "maj7": 0.09,
    "m7": 0.15, "m7b5": 0.15, "dim7": 0.06, "7sus4": 0.35, "mmaj7": 0.44,
}  # fmt: skip
_NAMES = tuple(_COSTS)
_STATES = tuple((root, quality) for quality in _NAMES for root in range(12))
_ROOT = np.array([root for root, _ in _STATES])
_COST = np.array([_COSTS[quality] for _, quality in _STATES])
# What a sounding pitch class says for (or against) a chord, by its place in it. The numbers here come
# from a search on pop songs with their chord annotations and chorales with Roman numerals. A seventh
# earns nothing: it only isn't held against the chord that has it.
_TONE = (0.90, 0.50, 1.18, 0.0)
_OUTSIDE = -1.0
_MISSING_THIRD, _MISSING_ROOT, _MISSING_SEVENTH = 0.17, 0.05, 1.27
_BASS_PLACE = (0.26, 0.09, -0.03, -0.05)
_BASS_OUTSIDE = -0.14
_KEY = 0.23
_CHANGE = {"strong": 0.04, "half": 0.19, "beat": 0.11}
# One voice alone outlines its harmony over time: chords then change less readily and lean more on the key.
_THIN_CHANGE, _THIN_KEY, _THIN_ROOT = 0.35, 1.2, 0.15
# How much a tune alone is heard over each triad or seventh of its key, by semitones from the tonic.
_DEGREES = {
    "major": {(0, "M"): 0.6, (7, "M"): 0.5, (5, "M"): 0.35, (2, "m"): 0.1, (9, "m"): 0.1, (4, "m"): -0.1},
    "minor": {(0, "m"): 0.6, (7, "M"): 0.45, (5, "m"): 0.3, (10, "M"): 0.2, (3, "M"): 0.2, (8, "M"): 0.15},
}
# A suspended chord is named only where no third sounds beside it.
_SUS_WITH_THIRD = 0.45


def _templates() -> Floats:
    """Weight of each pitch class for each chord, shape (states, 12)."""
    table = np.full((len(_STATES), 12), _OUTSIDE)
    for state, (root, quality) in enumerate(_STATES):
        for place, step in enumerate(QUALITIES[quality]):
            table[state, (root + step) % 12] = _TONE[place]
    return table


def _bass_table() -> Floats:
    """Weight of each bass pitch class for each chord, shape (states, 12)."""
    table = np.full((len(_STATES), 12), _BASS_OUTSIDE)
    for state, (root, quality) in enumerate(_STATES):
        for place, step in enumerate(QUALITIES[quality]):
            table[state, (root + step) % 12] = _BASS_PLACE[place]
    return table


_TEMPLATES = _templates()
_BASS = _bass_table()


def _member(place: int) -> Ints:
    """The pitch class at a place (0 root, 1 third, 3 seventh) of each chord, -1 where it has none."""
    steps = [QUALITIES[quality] for _, quality in _STATES]
    return np.array([(root + s[place]) % 12 if place < len(s) else -1 for (root, _), s in zip(_STATES, steps)])


_THIRD, _SEVENTH = _member(1), _member(3)


_SUSPENDED = np.array(["sus" in quality for _, quality in _STATES])


def _key_prior(key: Key) -> Floats:
    """How at home each chord is in a key: the share of its tones in the scale, 1 at most.

    Minor counts the leading tone as its own in the dominant.
    """
    scale = set(key.scale)
    raised = (key.tonic + 11) % 12
    prior = np.zeros(len(_STATES))
    for state, (root, quality) in enumerate(_STATES):
        tones = Chord(root, quality).pitch_classes
        dominant = key.mode == "minor" and root in (raised, (key.tonic + 7) % 12)
        own = [tone in scale or (dominant and tone == raised) for tone in tones]
        prior[state] = sum(own) / len(own) if all(own) else 0.6 * sum(own) / len(own)
        if quality in ("", "m") and root in (key.tonic, (key.tonic + 7) % 12, (key.tonic + 5) % 12) and all(own):
            prior[state] += 0.25
    return prior


def _degree_prior(key: Key) -> Floats:
    """How usual each chord is under a tune in a key (see _DEGREES)."""
    usual = _DEGREES[key.mode]
    kinds = {"": "M", "7": "M", "m": "m", "m7": "m"}
    return np.array([usual.get(((root - key.tonic) % 12, kinds.get(quality, "")), 0.0) for root, quality in _STATES])


@lru_cache(maxsize=64)
def _priors(key: Key) -> tuple[Floats, Floats]:
    """Both priors of a key."""
    return _key_prior(key), _degree_prior(key)


@dataclass(frozen=True)
class _Frames:
    """starts: start ticks, with the end appended; kind: the cost of changing chord at each frame."""

    starts: Ints
    change: Floats


def _frames(grid: Grid, resolution: str) -> _Frames:
    """The frames of a grid. Every frame starts on a slice."""
    starts: list[int] = []
    change: list[float] = []
    for bar, beat, half, missing in zip(grid.bars, grid.beats.tolist(), grid.halves.tolist(), grid.missing.tolist()):
        if resolution == "bar":
            places = [0]
        elif resolution == "half":
            places = [0, half] if half else [0]
        else:
            places = list(range(0, bar.duration + missing, max(beat, SLICE)))
        for place in places:
            tick = bar.start + place - missing
            if place and bar.start <= tick < bar.end:
                starts.append(tick)
                change.append(_CHANGE["half"] if place == half else _CHANGE["beat"])
            elif place == 0:
                starts.append(bar.start)
                change.append(_CHANGE["strong"])
    order = sorted(set(zip(starts, change)))
    ticks = [tick for tick, _ in order]
    return _Frames(np.array(ticks + [grid.end]), np.array([cost for _, cost in order]))


def infer_chords(score: Score, resolution: str = "half", key: Key | None = None) -> tuple[ChordSpan, ...]:
    """The chords of a piece from its notes (drums aside), as spans that cover it without gaps.

    resolution: where chords may change: ``"beat"``, ``"half"`` (half bars; 3/4 as 2 + 1) or ``"bar"``. key:
    the key that the chords should lean to (None: the estimated one). A chord over another of its
    tones has it as bass. Silence of a bar or more is a span with chord None; a score without
    pitched notes gives no spans. Raises UnknownNameError for another resolution.
    """
    if resolution not in RESOLUTIONS:
        raise UnknownNameError("chord resolution", str(resolution), RESOLUTIONS)
    notes = pitched_notes(score)
    if not len(notes):
        return ()
    grid = Grid.of(score)
    frames = _frames(grid, resolution)
    sounding = Sounding.of(notes, grid)
    strength = grid.strength(notes["start"])
    edges = grid.slices
    frame_of = np.searchsorted(frames.starts, edges[:-1], side="right") - 1
    count = len(frames.change)

    chroma = np.zeros((count, 12))
    np.add.at(chroma, frame_of, sounding.chroma(0.6 + 0.8 * strength))
    low = sounding.lowest()
    heard = low < 128
    bass_weight = np.where(np.isin(edges[:-1], frames.starts), 2.5, 1.0) * np.diff(edges) * heard
    cells = frame_of * 12 + low % 12
    bass = np.bincount(cells, weights=bass_weight, minlength=count * 12).reshape(count, 12)

    mass = chroma.sum(axis=1, keepdims=True)
    silent = mass[:, 0] <= 0
    thin = _thinness(sounding)
    share = chroma / np.maximum(mass, 1e-9)
    # Several short touches say more than their length: soften the shares.
    share = np.sqrt(share)
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
    bass_share = bass / np.maximum(bass.sum(axis=1, keepdims=True), 1e-9)
    fit = share @ _TEMPLATES.T + (1.0 - 0.8 * thin) * (bass_share @ _BASS.T) - _COST
    fit -= _MISSING_THIRD * (share[:, _THIRD] < 0.03)
    fit -= (_MISSING_ROOT + _THIN_ROOT * thin) * (share[:, _ROOT] < 0.03)
    third = np.maximum(share[:, (_ROOT + 3) % 12], share[:, (_ROOT + 4) % 12])
    fit -= _SUS_WITH_THIRD * (_SUSPENDED & (third >= 0.03))
    fit -= _MISSING_SEVENTH * ((share[:, _SEVENTH] < 0.04) & (_SEVENTH >= 0))
    home = key or estimate_key(score).key
    in_key, usual = _priors(home)
    fit += _KEY * in_key + _THIN_KEY * thin * usual
    fit[silent] = 0.0
    # A frame counts by its length: a beat less than a half bar.
    quarters = np.diff(frames.starts) / 24
    fit *= np.sqrt(np.minimum(quarters, 4.0) / 2.0)[:, None]
    path = _viterbi(fit, frames.change + _THIN_CHANGE * thin)
    # The low notes of a single line are no bass.
    return _spans(path, frames.starts, silent, bass_share * (thin < 0.7), grid)


def _thinness(sounding: Sounding) -> float:
    """0 for music of two or more voices, up to 1 for a single line, by the mean number of notes sounding."""
    filled = np.bincount(sounding.slice, weights=sounding.overlap, minlength=sounding.slice_count)
    widths = np.diff(sounding.grid.slices)
    voices = float(filled.sum() / max(float(widths[filled > 0].sum()), 1.0))
    return float(np.clip(2.0 - voices, 0.0, 1.0))


def _viterbi(fit: Floats, change: Floats) -> Ints:
    """The best path when staying is free and any change at frame t costs ``change[t]``."""
    count, states = fit.shape
    back = np.empty((count, states), dtype=np.int64)
    every = np.arange(states)
    best = fit[0].copy()
    for time in range(1, count):
        leader = int(best.argmax())
        moved = best[leader] - change[time]
        stay = best >= moved
        back[time] = np.where(stay, every, leader)
        best = np.maximum(best, moved) + fit[time]
    path = np.empty(count, dtype=np.int64)
    path[-1] = int(best.argmax())
    for time in range(count - 1, 0, -1):
        path[time - 1] = back[time, path[time]]
    return path


def _spans(path: Ints, starts: Ints, silent: Flags, bass_share: Floats, grid: Grid) -> tuple[ChordSpan, ...]:
    """Equal neighbours joined, basses named, long silences cut out."""
    labels: list[Chord | None] = []
    quiet = _long_silences(silent, starts, int(grid.durations.max()))
    for time, state in enumerate(path.tolist()):
        root, quality = _STATES[state]
        chord = Chord(root, quality)
        if not silent[time]:
            tones = chord.pitch_classes
            weights = [float(bass_share[time, tone]) for tone in tones]
            low = int(np.argmax(weights))
            if low and weights[0] < 0.25 and weights[low] > 0.45:
                chord = Chord(root, quality, tones[low])
        elif labels and labels[-1] is not None and not quiet[time]:
            chord = labels[-1]
        labels.append(None if quiet[time] else chord)
    spans: list[ChordSpan] = []
    for time, label in enumerate(labels):
        start, end = int(starts[time]), int(starts[time + 1])
        if spans and spans[-1].chord == label:
            spans[-1] = ChordSpan(spans[-1].start, end - spans[-1].start, label)
        else:
            spans.append(ChordSpan(start, end - start, label))
    return tuple(spans)


def _long_silences(silent: Flags, starts: Ints, bar: int) -> Flags:
    """Which frames belong to a silence of at least a bar."""
    quiet = np.zeros(len(silent), dtype=bool)
    time = 0
    while time < len(silent):
        if silent[time]:
            end = time
            while end < len(silent) and silent[end]:
                end += 1
            quiet[time:end] = time == 0 or starts[end] - starts[time] >= bar
            time = end
        else:
            time += 1
    return quiet
