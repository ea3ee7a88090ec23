"""Form: how bars and sections resemble each other, and the letters that follow from it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from yuefu.analysis.grid import Floats, Grid, Sounding, pitched_notes
from yuefu.analysis.lines import melody_line, rows_of
from yuefu.score.model import Score, Section

#: Positions of a bar at which melodies are compared (sixteenths of 4/4; other metres are scaled).
_STEPS = 16
_MELODY, _HARMONY, _TEXTURE = 0.5, 0.3, 0.2
_SAME, _VARIED = 0.82, 0.64
_MOST_BARS = 2048
# Reward of a section's length in bars: the common ones of songs and dances, and multiples of them.
_LENGTHS = {2: -0.9, 3: -0.9, 4: 0.0, 5: -0.45, 6: -0.25, 7: -0.45, 8: 0.35, 9: -0.2, 10: -0.2, 12: 0.1, 16: 0.1}


@dataclass(frozen=True)
class BarFeatures:
    """What is compared, a row a bar.

    pitch: (bars, 16) melody pitch sounding at each position, -1 in rests; onsets: (bars, 16) whether a
    melody note starts there; chroma: (bars, 24) pitch classes of each half bar; texture: (bars, rows)
    notes of each row, as logarithms; lengths: ticks by bar.
    """

    pitch: np.ndarray
    onsets: np.ndarray
    chroma: Floats
    texture: Floats
    lengths: np.ndarray


def bar_features(score: Score) -> BarFeatures:
    """The features of every bar of a score."""
    grid = Grid.of(score)
    bars = len(grid.bars)
    line = melody_line(score)
    pitch = np.full((bars, _STEPS), -1, dtype=np.int16)
    onsets = np.zeros((bars, _STEPS), dtype=bool)
    positions = grid.starts[:, None] + _offsets(grid)
    if len(line):
        starts = line["start"].astype(np.int64)
        at = np.searchsorted(starts, positions.ravel(), side="right") - 1
        inside = (at >= 0) & (positions.ravel() < starts[at] + line["duration"][at])
        pitch = np.where(inside, line["pitch"][at], -1).reshape(bars, _STEPS).astype(np.int16)
        bar = grid.bar_of(starts)
        full = grid.durations + grid.missing
        step = np.minimum(grid.offsets(starts) * _STEPS // np.maximum(full[bar], 1), _STEPS - 1)
        onsets[bar, step] = True
    notes = pitched_notes(score)
    chroma = np.zeros((bars, 24))
    if len(notes):
        sounding = Sounding.of(notes, grid)
        edges = grid.slices[:-1]
        bar_of_slice = grid.bar_of(edges)
        second = (edges - grid.starts[bar_of_slice]) * 2 >= grid.durations[bar_of_slice]
        by_slice = sounding.chroma()
        for half in (0, 1):
            table = np.zeros((bars, 12))
            chosen = second == bool(half)
            np.add.at(table, bar_of_slice[chosen], by_slice[chosen])
            chroma[:, half * 12 : half * 12 + 12] = np.sqrt(table)
    rows = rows_of(score)
    texture = np.zeros((bars, max(len(rows), 1)))
    for column, row in enumerate(rows.values()):
        texture[:, column] = np.log1p(np.bincount(grid.bar_of(row["start"]), minlength=bars))
    return BarFeatures(pitch, onsets, chroma, texture, grid.durations)


def _offsets(grid: Grid) -> np.ndarray:
    """Ticks of the compared positions from each bar line, (bars, 16); a pick-up is the end of a bar."""
    full = grid.durations + grid.missing
    return np.arange(_STEPS)[None, :] * full[:, None] // _STEPS - grid.missing[:, None]


def bar_similarity(score: Score, features: BarFeatures | None = None) -> Floats:
    """How alike the bars are, shape (bars, bars), 0..1, 1 on the diagonal.

    The weighted mean of melody (pitches or, transposed, contour; and onsets), harmony (pitch classes by
    half bar) and texture (notes by row). Two bars without melody are compared by the rest.
    """
    f = features or bar_features(score)
    bars = len(f.lengths)
    active = np.asarray((f.pitch >= 0).any(axis=1) | f.onsets.any(axis=1))
    melody: Floats = np.zeros((bars, bars))
    root = np.where(active, f.pitch[np.arange(bars), (f.pitch >= 0).argmax(axis=1)], 0)
    contour = np.where(f.pitch >= 0, f.pitch - root[:, None], -99).astype(np.int16)
    sounding = f.pitch >= 0
    counts = f.onsets.sum(axis=1)
    shared_onsets = f.onsets.astype(np.float32) @ f.onsets.T.astype(np.float32)
    union = counts[:, None] + counts[None, :] - shared_onsets
    rhythm = np.where(union > 0, shared_onsets / np.maximum(union, 1), 1.0)
    for bar in range(bars):
        either = (sounding | sounding[bar]).sum(axis=1)
        same = ((f.pitch == f.pitch[bar]) & sounding).sum(axis=1)
        moved = ((contour == contour[bar]) & sounding).sum(axis=1)
        melody[bar] = np.maximum(same, 0.8 * moved) / np.maximum(either, 1)
    melody = 0.6 * melody + 0.4 * rhythm
    both = active[:, None] & active[None, :]
    neither = ~active[:, None] & ~active[None, :]
    melody = np.where(both, melody, 0.0)
    size = np.linalg.norm(f.chroma, axis=1)
    harmony = (f.chroma @ f.chroma.T) / np.maximum(size[:, None] * size[None, :], 1e-9)
    silent = size < 1e-9
    harmony = np.where(silent[:, None] & silent[None, :], 1.0, harmony)
    # Cosines of chroma are rarely low: stretch what is above one half.
    harmony = np.clip((harmony - 0.4) / 0.6, 0.0, 1.0)
    total = f.texture.sum(axis=1)
    distance = np.zeros((bars, bars))
    for column in f.texture.T:
        distance += np.abs(column[:, None] - column[None, :])
    texture = 1.0 - distance / np.maximum(total[:, None] + total[None, :], 1e-9)
    weight = np.where(neither, 0.0, _MELODY)
    mixed = (weight * melody + _HARMONY * harmony + _TEXTURE * texture) / (weight + _HARMONY + _TEXTURE)
    ratio = np.minimum(f.lengths[:, None], f.lengths[None, :]) / np.maximum(f.lengths[:, None], f.lengths[None, :])
    mixed = np.clip(mixed * np.where(ratio < 0.99, 0.6, 1.0), 0.0, 1.0)
    np.fill_diagonal(mixed, 1.0)
    return mixed


def self_similarity(score: Score, lags: tuple[int, ...] = (1, 2, 4, 8)) -> dict[int, float]:
    """Mean similarity (0..1) of bars that lie a lag apart; lags that don't fit are left out."""
    if len(score.bars) > _MOST_BARS:
        return {}
    table = bar_similarity(score)
    return {lag: float(np.diagonal(table, lag).mean()) for lag in lags if lag < len(table)}


def section_similarity(score: Score, a: Section, b: Section) -> float:
    """How alike two sections are bar by bar, 0..1; a length that differs lowers it."""
    return float(section_similarities(score, (a, b))[0, 1])


def section_similarities(score: Score, sections: tuple[Section, ...]) -> Floats:
    """``section_similarity`` of every two of some sections, shape (sections, sections); bars are compared once."""
    grid = Grid.of(score)
    table = bar_similarity(score)
    spans = []
    for section in sections:
        first = int(np.searchsorted(grid.starts, section.start))
        last = int(np.searchsorted(grid.starts, section.start + section.duration))
        spans.append((min(first, len(table) - 1), max(min(last, len(table)), min(first, len(table) - 1) + 1)))
    return np.array([[_aligned(table, one, other) for other in spans] for one in spans])


def _aligned(table: Floats, a: tuple[int, int], b: tuple[int, int]) -> float:
    """Mean similarity of two bar ranges laid over each other from their starts."""
    length = min(a[1] - a[0], b[1] - b[0])
    longer = max(a[1] - a[0], b[1] - b[0])
    places = np.arange(length)
    return float(table[a[0] + places, b[0] + places].mean()) * (length / longer) ** 0.25


def segment(score: Score) -> tuple[Section, ...]:
    """The sections of a piece with letters: equal letters repeat, a prime varies (A, A', B).

    Boundaries are where repetitions begin and end and where the material changes (checkerboard novelty,
    Foote 2000), found as the best division of the bars (dynamic programming) with a leaning to 8
    and 4 bars. kind is "intro", "outro" or "interlude" where the melody is silent, else "".
    """
    grid = Grid.of(score)
    bars = len(grid.bars)
    if score.last_tick == 0:
        return ()
    if bars > _MOST_BARS:
        return (Section(0, grid.end, "A"),)
    features = bar_features(score)
    table = bar_similarity(score, features)
    offset = 1 if bars > 1 and (grid.missing[0] > 0 or score.pickup) else 0
    edges = _boundaries(table[offset:, offset:])
    spans = [(a + offset, b + offset) for a, b in itertools.pairwise(edges)]
    letters = _letters(table, spans)
    melodic = np.asarray(features.onsets.any(axis=1))
    sections = []
    for index, ((first, last), letter) in enumerate(zip(spans, letters)):
        start = 0 if index == 0 else int(grid.starts[first])
        kind = ""
        if score.part("melody") is not None and melodic.any() and not melodic[first:last].any():
            kind = "intro" if index == 0 else "outro" if index == len(spans) - 1 else "interlude"
        sections.append(Section(start, grid.bars[last - 1].end - start, letter, kind))
    return tuple(sections)


def _novelty(table: Floats, reach: int = 4) -> Floats:
    """Change of material at each bar line, about -1..1: likeness within each side less likeness across."""
    bars = len(table)
    sums = np.zeros((bars + 1, bars + 1))
    sums[1:, 1:] = table.cumsum(0).cumsum(1)

    def mean(a: int, b: int, c: int, d: int) -> float:
        return float((sums[b, d] - sums[a, d] - sums[b, c] + sums[a, c]) / max((b - a) * (d - c), 1))

    novelty = np.zeros(bars + 1)
    for bar in range(1, bars):
        low, high = max(0, bar - reach), min(bars, bar + reach)
        novelty[bar] = (mean(low, bar, low, bar) + mean(bar, high, bar, high)) / 2 - mean(low, bar, bar, high)
    return novelty


def _repetition(table: Floats, length: int) -> Floats:
    """For each first bar: the likeness of its ``length`` bars to the most alike others, not overlapping."""
    bars = len(table)
    count = bars - length + 1
    best = np.zeros(max(count, 0))
    for lag in range(length, bars):
        diagonal = np.append(0.0, np.diagonal(table, lag).cumsum())
        runs = (diagonal[length:] - diagonal[:-length]) / length
        if not len(runs):
            break
        best[: len(runs)] = np.maximum(best[: len(runs)], runs)
        best[lag : lag + len(runs)] = np.maximum(best[lag : lag + len(runs)], runs)
    return best


def _boundaries(table: Floats) -> list[int]:
    """The best division of the bars: indices of first bars, and the number of bars at the end."""
    bars = len(table)
    if bars <= 5:
        return [0, bars]
    novelty = _novelty(table)
    value = np.full(bars + 1, -np.inf)
    value[0] = 0.0
    came = np.zeros(bars + 1, dtype=int)
    scores = {}
    for length, leaning in _LENGTHS.items():
        if length <= bars:
            repeated = _repetition(table, length)
            # Whole repeats are what makes a section; a little likeness means nothing.
            scores[length] = length * np.clip(repeated - 0.6, 0.0, 0.4) * 2.5 + leaning * 2.0 - 1.5
    for end in range(1, bars + 1):
        for length, table_of in scores.items():
            first = end - length
            if first >= 0 and value[first] > -np.inf:
                total = value[first] + table_of[first] + 3.0 * novelty[end]
                if total > value[end]:
                    value[end], came[end] = total, first
        if end == bars and value[end] == -np.inf:
            return [0, bars]
    edges = [bars]
    while edges[-1] > 0:
        edges.append(int(came[edges[-1]]))
    return edges[::-1]


def _letters(table: Floats, spans: list[tuple[int, int]]) -> list[str]:
    """A letter for each span; later ones are compared with the first span of every letter."""
    models: list[tuple[int, int]] = []
    letters = []
    for span in spans:
        likeness = [_aligned(table, model, span) for model in models]
        best = int(np.argmax(likeness)) if likeness else -1
        if best >= 0 and likeness[best] >= _VARIED:
            letters.append(letter_name(best) + ("" if likeness[best] >= _SAME else "'"))
        else:
            letters.append(letter_name(len(models)))
            models.append(span)
    return letters


def letter_name(index: int) -> str:
    """A, B ... Z, then A1, B1 ...

    >>> letter_name(0), letter_name(27)
    ('A', 'B1')
    """
    cycle, place = divmod(index, 26)
    return chr(65 + place) + (str(cycle) if cycle else "")
