"""Velocities as players shape them: metre, phrase, contour, energy, dynamics marks, voicing."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from yuefu.performance.drum_feel import CLASS_OF_PITCH, DRUM_CLASSES, feel_for, fold_to_common_time
from yuefu.performance.manner import Manner
from yuefu.performance.phrases import metric_weight, onset_groups
from yuefu.score.model import Notes, Part, Score

#: Velocity of each role at middling energy; drums are shaped around the table's own level.
ROLE_LEVEL = {"melody": 86, "counter": 77, "inner": 72, "bass": 80, "keys": 72, "pad": 63, "drums": 78}
#: Velocity of a hit on the beat, by drum, that balances a General MIDI kit.
CLASS_LEVEL = {
    "kick": 90, "snare": 90, "sidestick": 80, "closed_hat": 68, "pedal_hat": 60, "open_hat": 72, "ride": 70,
    "crash": 88, "tom": 86,
}  # fmt: skip
#: A hit is at most this much lighter or louder than the drum's hits on the beat.
_WIDEST = 34.0
#: How far each role follows the metre.
_METRIC = {"melody": 7.0, "counter": 7.0, "inner": 6.0, "bass": 9.0, "keys": 9.0, "pad": 2.0}
#: Velocity steps that a pianist's tune is lifted by above the chords under it, and that these stand back by: at
#: mf, and besides where it is as soft as pp.
TUNE_LIFT, STAND_BACK, STAND_BACK_SOFT = 4.0, 5.0, 15.0
#: How much wider a phrase swells where it is as soft as pp: there is room above.
SOFT_SWELL = 0.6
#: Velocity steps by which a grace note is lighter than one in its place.
GRACE = 14.0
#: Velocity steps below mf at which a passage counts as wholly soft.
SOFT = 28.0
#: Velocity steps from mf.
DYNAMICS = {"pppp": -42, "ppp": -36, "pp": -28, "p": -18, "mp": -7, "mf": 0, "f": 12, "ff": 22, "fff": 29, "ffff": 34}
_ACCENTS = {"sf": 16, "sfz": 18, "fz": 16, "fp": 14, "rf": 12, "rfz": 12}
#: Energy that a kind of section suggests where none is given.
_KIND_ENERGY = {
    "intro": 0.36, "verse": 0.46, "prechorus": 0.56, "pre-chorus": 0.56, "chorus": 0.74, "refrain": 0.7,
    "bridge": 0.58, "interlude": 0.44, "solo": 0.68, "outro": 0.4, "coda": 0.4, "ending": 0.4,
}  # fmt: skip


def bar_energy(score: Score, energy: Sequence[float] | None) -> NDArray[np.float64]:
    """Energy 0..1 of every bar: as given (the last value repeats), else from sections and density."""
    bars = score.bars
    if energy is not None and len(energy):
        given = np.clip(np.nan_to_num(np.asarray(energy, dtype=float), nan=0.5), 0.0, 1.0)
        values = np.concatenate([given, np.full(max(0, len(bars) - len(given)), given[-1])])[: len(bars)]
    else:
        starts = np.array([bar.start for bar in bars])
        values = np.full(len(bars), 0.5)
        for section in score.sections:
            inside = (starts >= section.start) & (starts < section.start + section.duration)
            values[inside] = _KIND_ENERGY.get(section.kind.lower(), 0.5)
        onsets = [part.notes["start"] for part in score.parts if len(part.notes)]
        if onsets:
            edges = np.append(starts, bars[-1].end)
            counts, _ = np.histogram(np.concatenate(onsets), bins=edges)
            density = counts / np.maximum(np.diff(edges), 1)
            values += 0.12 * np.tanh((density - density.mean()) / (density.std() + 1e-9)) * (density.std() > 0)
    padded = np.pad(np.clip(values, 0.0, 1.0), 1, mode="edge")
    return 0.15 * padded[:-2] + 0.7 * padded[1:-1] + 0.15 * padded[2:]  # a player sees a louder section coming


def dynamics_curve(part: Part, score: Score, ticks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Velocity steps that dynamics marks ask for at each tick, with hairpin words as ramps.

    The part's own marks count, else those of the first part that has any.
    """
    marks = _marks(part)
    if not marks:
        marks = next((found for other in score.parts if (found := _marks(other))), [])
    out = np.zeros(len(ticks))
    if not marks:
        return out
    level = 0.0
    points: list[tuple[int, float]] = [(0, 0.0)]
    for index, (tick, text) in enumerate(marks):
        following = marks[index + 1] if index + 1 < len(marks) else None
        if text in DYNAMICS:
            points += [(tick - 1, level) if points[-1][1] == level else (tick - 1, points[-1][1])]
            level = float(DYNAMICS[text])
            points.append((tick, level))
        elif text in ("cresc", "dim"):
            target = level + (10 if text == "cresc" else -10)
            until = tick + 4 * 96
            if following:
                until = min(until, following[0])
                if following[1] in DYNAMICS:
                    goal = float(DYNAMICS[following[1]])
                    if (goal > level) == (text == "cresc"):
                        target = goal
            points += [(tick, level), (until, target)]
            level = target
    order = np.array([tick for tick, _ in points])
    out = np.interp(ticks, np.maximum.accumulate(order), [value for _, value in points])
    for tick, text in marks:
        if text in _ACCENTS:
            out[ticks == tick] += _ACCENTS[text]
    return out


def _marks(part: Part) -> list[tuple[int, str]]:
    marks = []
    for direction in part.directions:
        text = direction.text.strip().lower().rstrip(".")
        if direction.kind == "dynamic" and (text in DYNAMICS or text in _ACCENTS):
            marks.append((direction.tick, text))
        elif direction.kind in ("words", "dynamic"):
            if text.startswith(("cresc", "渐强")):
                marks.append((direction.tick, "cresc"))
            elif text.startswith(("dim", "decresc", "渐弱")):
                marks.append((direction.tick, "dim"))
    return sorted(marks)


def phrase_arc(ticks: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """0..1: how near each tick is to its phrase's high point, which lies at five eighths."""
    index = np.clip(np.searchsorted(starts, ticks, side="right") - 1, 0, max(len(starts) - 2, 0))
    begin, end = starts[index], starts[np.minimum(index + 1, len(starts) - 1)]
    place = (ticks - begin) / np.maximum(end - begin, 1)
    high = 0.625
    return np.where(place < high, np.sin(np.pi / 2 * place / high), np.cos(np.pi / 2 * (place - high) / (1 - high)))


def correlated_noise(count: int, memory: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise of unit variance in which each value keeps ``memory`` (0..1) of the one before."""
    fresh = rng.standard_normal(count)
    out = np.empty(count)
    scale = np.sqrt(1 - memory**2)
    value = 0.0
    for i in range(count):
        value = fresh[i] if i == 0 else memory * value + scale * fresh[i]
        out[i] = value
    return out


def shape_velocities(
    part: Part,
    score: Score,
    manner: Manner,
    energy: NDArray[np.float64],
    starts: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int16]:
    """Velocities (1-127) of a part's notes. energy: 0..1 a bar; starts: from ``phrase_starts``."""
    notes = part.notes
    ticks = notes["start"].astype(np.int64)
    bar_index = np.clip(np.searchsorted([bar.start for bar in score.bars], ticks, side="right") - 1, 0, len(energy) - 1)
    marks = dynamics_curve(part, score, ticks)
    lift = (energy[bar_index] - 0.5) * (36.0 if not marks.any() else 18.0)
    groups = onset_groups(notes)
    level = ROLE_LEVEL.get(part.role, 74) + lift + marks
    if not len(notes):
        return np.zeros(0, dtype=np.int16)
    if part.is_drums:
        shape = _drum_shape(part, score, manner, rng)
    else:
        softness = np.clip(-(lift + marks) / SOFT, 0.0, 1.0)
        shape = _pitched_shape(part, score, manner, starts, groups, softness)
    if part.graces:
        shape = shape - GRACE * np.isin(notes["id"], part.graces)
    drift = correlated_noise(int(groups[-1]) + 1, 0.7, rng)[groups] * 2.2 + rng.standard_normal(len(notes)) * 1.6
    return np.clip(np.rint(level + shape + drift), 16, 122).astype(np.int16)


def _pitched_shape(
    part: Part,
    score: Score,
    manner: Manner,
    starts: NDArray[np.int64],
    groups: NDArray[np.int64],
    softness: NDArray[np.float64],
) -> NDArray[np.float64]:
    notes = part.notes
    ticks = notes["start"].astype(np.int64)
    weight = metric_weight(ticks, score)
    out = _METRIC.get(part.role, 7.0) * weight
    # A note that starts off the beat and is held over the next one carries that beat's accent.
    following = metric_weight((ticks // 24 + 1) * 24, score)
    held_over = (weight <= 0) & (notes["duration"] >= 24) & (following > 0.3)
    out[held_over] += 6.0
    if _plays_all(part, score):
        tune = top_line(notes)
    else:
        tune = np.full(len(notes), part.role in ("melody", "counter", "inner"))
    singing = np.where(tune, 1.0, 0.55) * manner.expression * (1.0 + SOFT_SWELL * softness)
    out += singing * 13.0 * (phrase_arc(ticks, starts) - 0.6)
    if part.role in ("melody", "counter", "inner", "bass"):
        out += singing * _contour(notes["pitch"].astype(float), ticks, starts)
    elif tune.any():
        out[tune] += singing[tune] * _contour(notes["pitch"][tune].astype(float), ticks[tune], starts)
        return out + np.where(tune, TUNE_LIFT, -STAND_BACK - STAND_BACK_SOFT * softness)
    return out + _voicing(notes["pitch"].astype(int), groups, part.role)


def _plays_all(part: Part, score: Score) -> bool:
    """Whether a part has chords and tune in the same hands, with nobody else to sing."""
    return part.role == "keys" and not any(other.role == "melody" for other in score.parts)


def top_line(notes: Notes) -> NDArray[np.bool_]:
    """Which notes nothing sounds above when they begin: what is heard as the tune of a pianist alone.

    >>> from yuefu.score.model import make_notes
    >>> top_line(make_notes([(1, 0, 96, 72, 64), (2, 0, 24, 48, 64), (3, 24, 24, 60, 64)])).tolist()
    [True, False, False]
    """
    rows = sorted(range(len(notes)), key=lambda i: (int(notes["start"][i]), -int(notes["pitch"][i])))
    sounding: list[tuple[int, int]] = []  # a heap: the highest on top
    top = np.zeros(len(notes), dtype=bool)
    for row in rows:
        start, pitch = int(notes["start"][row]), int(notes["pitch"][row])
        while sounding and sounding[0][1] <= start:
            heappop(sounding)
        top[row] = not sounding or pitch >= -sounding[0][0]
        heappush(sounding, (-pitch, start + int(notes["duration"][row])))
    return top


def _contour(pitch: NDArray[np.float64], ticks: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Higher is louder, and the top of each phrase stands out."""
    phrase = np.clip(np.searchsorted(starts, ticks, side="right") - 1, 0, None)
    out = np.zeros(len(pitch))
    for index in np.unique(phrase):
        inside = phrase == index
        height = pitch[inside]
        swing = np.clip((height - height.mean()) * 0.9, -8, 8)
        if np.ptp(height) > 2:
            swing[height == height.max()] += 3.0
        out[inside] = swing
    return out


def _voicing(pitch: NDArray[np.int64], groups: NDArray[np.int64], role: str) -> NDArray[np.float64]:
    """In a chord the top note sings, the bottom supports, the middle stands back."""
    if not len(pitch):
        return np.zeros(0)
    count = int(groups[-1]) + 1
    top, bottom = np.full(count, -1), np.full(count, 999)
    np.maximum.at(top, groups, pitch)
    np.minimum.at(bottom, groups, pitch)
    several = (top > bottom)[groups]
    is_top, is_bottom = pitch == top[groups], pitch == bottom[groups]
    strength = 0.5 if role == "pad" else 1.0
    return strength * np.where(several, np.where(is_top, 4.0, np.where(is_bottom, -2.0, -6.0)), 0.0)


def _drum_shape(part: Part, score: Score, manner: Manner, rng: np.random.Generator) -> NDArray[np.float64]:
    feel = feel_for(manner.drums)
    machine = 0.4 if manner.looseness < 3 else 1.0
    starts = np.array([bar.start for bar in score.bars])
    out = np.zeros(len(part.notes))
    spread = rng.standard_normal(len(part.notes))
    for i, note in enumerate(part.notes):
        bar = score.bars[int(np.clip(np.searchsorted(starts, note["start"], side="right") - 1, 0, len(starts) - 1))]
        slot = fold_to_common_time(int(note["start"]) - bar.start, bar.numerator, bar.denominator, bar.groups)
        drum = CLASS_OF_PITCH.get(int(note["pitch"]), "closed_hat")
        velocity, deviation, _, _ = feel.at(drum, slot)
        # One drummer's extremes are softened: an unheard hat is no feel.
        lighter = _WIDEST * np.tanh((velocity - feel.level[DRUM_CLASSES.index(drum)]) / _WIDEST)
        out[i] = CLASS_LEVEL[drum] + lighter - ROLE_LEVEL["drums"] + 0.6 * machine * deviation * spread[i]
    return out
