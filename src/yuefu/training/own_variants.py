"""What pieces of one metre and mode have in common, as a reference to plan by (see ``text.style_reference``)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from yuefu.analysis.lines import melody_line
from yuefu.corpus.clean import window
from yuefu.generation.critic import WEIGHTS, tune_measures
from yuefu.score.model import Score
from yuefu.text.adapted import Variant
from yuefu.text.style_reference import MOST_FIGURES, MOST_PROGRESSIONS
from yuefu.theory.key import Key
from yuefu.theory.meter import METERS
from yuefu.theory.modes import MODES
from yuefu.theory.styles import Style
from yuefu.tokens.facts import density_bin
from yuefu.tokens.grid import snap_onset
from yuefu.tokens.vocabulary import METERS as GRID_METERS
from yuefu.training.progressions import LENGTH, bar_pattern
from yuefu.training.tune_figures import phrases_of

#: Share of the pieces below which a metre and mode is left out, where others are there.
RARE = 0.04
#: Stretches of eight bars of a piece whose tune is measured.
STRETCHES = 6
#: A rhythm and how often it is met.
Figure = tuple[str, float]
#: Rows whose rhythms are kept, of a bar each.
_BAND = ("bass", "keys", "counter", "inner", "pad")


def main_meter(score: Score) -> str:
    """The metre of most of a piece's bars."""
    found = Counter(f"{m.numerator}/{m.denominator}" for m in (score.meter_at(bar.start) for bar in score.bars))
    return found.most_common(1)[0][0]


def main_mode(score: Score) -> str:
    """The mode in which most of a piece is."""
    edges = [*(change.tick for change in score.keys), max(score.end_tick, score.keys[-1].tick + 1)]
    lasts: Counter[str] = Counter()
    for change, end in zip(score.keys, edges[1:]):
        lasts[change.key.mode] += end - change.tick
    return lasts.most_common(1)[0][0]


def variants_of(scores: Sequence[Score], base: Style, level: str) -> tuple[Variant, ...]:
    """A variant for each metre and mode, the commonest first. level: of their chords, as in ``Style``."""
    groups: dict[tuple[str, str, str], list[Score]] = defaultdict(list)
    for score in scores:
        meter = main_meter(score)
        if meter in METERS and meter in GRID_METERS:
            groups[meter, main_mode(score), str(score.metadata.get("scale", ""))].append(score)
    if not groups:
        meter = base.meters[0][0]
        groups[meter, "minor" if base.minor > 0.5 else "major", ""] = list(scores)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:24]
    kept = [item for item in ranked if len(item[1]) >= RARE * len(scores)] or ranked[:1]
    total = sum(len(members) for _, members in kept)
    by_meter: dict[str, list[Score]] = defaultdict(list)
    by_mode: dict[str, list[Score]] = defaultdict(list)
    for (meter, mode, _), members in groups.items():
        by_meter[meter] += members
        by_mode[mode] += members
    measures = tune_spreads(scores)
    found = []
    for (meter, mode, scale), members in kept:
        opening, closing = tune_rhythms(by_meter[meter], meter)
        pitches = np.concatenate([melody_line(score)["pitch"] for score in members])
        quarters = sum(score.end_tick for score in members) / 24
        onsets = sum(len(np.unique(part.notes["start"])) for score in members for part in score.parts)
        found.append(
            Variant.model_validate(
                {"weight": round(len(members) / total, 4), "meter": meter, "mode": mode, "scale": scale,
                 "keys": keys_of(members, scale), "density": density_bin(onsets / max(quarters, 1e-6)),
                 "chord_level": level, "tune_range": tuple(int(each) for each in np.percentile(pitches, (4, 96))),
                 "opening": opening, "closing": closing, "figures": row_rhythms(by_meter[meter], meter),
                 "voices": voices_of(members), "progressions": progressions_of(by_mode[mode], mode),
                 "measures": measures}
            )
        )  # fmt: skip
    return tuple(found)


def keys_of(scores: Sequence[Score], scale: str) -> list[tuple[str, float]]:
    """The keys of pieces by share; of those in a scale, the major or minor ones on its tonic."""
    found: Counter[str] = Counter()
    for score in scores:
        key = score.keys[0].key
        found[Key.of_tonic(MODES[scale].tonic_in(key), MODES[scale].leans).name if scale else key.name] += 1
    return [(name, round(count / len(scores), 4)) for name, count in found.most_common(12)]


def tune_rhythms(scores: Sequence[Score], meter: str) -> tuple[list[Figure], list[Figure]]:
    """Rhythms of the tunes' four-bar phrases, those that open a part of eight bars and those that close it."""
    found: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for score in scores:
        if main_meter(score) == meter and len(score.meters) == 1:
            for rhythm, closes in phrases_of(score, False):
                found[closes][rhythm] += 1
    opening, closing = ([(text, float(n)) for text, n in each.most_common(MOST_FIGURES)] for each in found)
    return opening or closing, closing or opening


def row_rhythms(scores: Sequence[Score], meter: str) -> dict[str, list[Figure]]:
    """Row -> rhythms of its bars, the commonest first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for score in scores:
        bars = [bar for bar in score.bars if _meter(score, bar.start) == meter]
        for part in score.parts:
            if part.role not in _BAND or not len(part.notes):
                continue
            starts = np.unique(part.notes["start"])
            for bar in bars:
                inside = starts[(starts >= bar.start) & (starts < bar.end)]
                if len(inside):
                    ticks = sorted({snap_onset(int(tick) - bar.start) for tick in inside})
                    found[part.role][" ".join(map(str, ticks))] += 1
    return {row: [(text, float(n)) for text, n in each.most_common(8)] for row, each in found.items()}


def _meter(score: Score, tick: int) -> str:
    change = score.meter_at(tick)
    return f"{change.numerator}/{change.denominator}"


def voices_of(scores: Sequence[Score]) -> dict[str, float]:
    """Row -> notes at once, of the rows that can have several."""
    found = {}
    for row in ("keys", "pad"):
        parts = [part for score in scores for part in score.parts if part.role == row and len(part.notes)]
        onsets = sum(len(np.unique(part.notes["start"])) for part in parts)
        if onsets:
            found[row] = round(min(sum(len(part.notes) for part in parts) / onsets, 16.0), 2)
    return found


def progressions_of(scores: Sequence[Score], mode: str) -> list[tuple[list[list[tuple[int, str]]], float]]:
    """Four-bar progressions in C major or A minor, at most a chord a half bar.

    None for lone tunes without chord symbols: what single notes outline isn't a progression.
    """
    found: Counter[tuple[tuple[tuple[int, str], ...], ...]] = Counter()
    for score in scores:
        alone = sum(not part.is_drums for part in score.parts) == 1
        if (alone and score.metadata.get("chords") != "given") or score.metadata.get("scale"):
            continue
        bars = score.bars[1:] if score.pickup else score.bars
        for first in range(0, len(bars) - LENGTH + 1, LENGTH):
            key = score.key_at(bars[first].start)
            pattern = [bar_pattern(score, bar, key.shift) for bar in bars[first : first + LENGTH]]
            if key.mode == mode and all(bar is not None for bar in pattern):
                found[tuple(bar for bar in pattern if bar is not None)] += 1
    return [
        ([[(half, symbol) for half, symbol in bar] for bar in pattern], float(count))
        for pattern, count in found.most_common(MOST_PROGRESSIONS)
        if len({symbol for bar in pattern for _, symbol in bar}) > 1
    ]


def tune_spreads(scores: Sequence[Score]) -> dict[str, tuple[float, float]]:
    """The critic's measures of the tunes over stretches of eight bars: mean and spread over all."""
    rows = [tune_measures(stretch) for score in scores for stretch in islice(_stretches(score), STRETCHES)]
    found = {}
    for name in WEIGHTS:
        values = [row[name] for row in rows if not math.isnan(row[name])]
        if values:
            found[name] = (round(float(np.mean(values)), 4), round(float(np.std(values)), 4))
    return found


def _stretches(score: Score, bars: int = 8) -> Iterator[Score]:
    columns = score.bars[1:] if score.pickup else score.bars
    for first in range(0, max(len(columns) - bars + 1, 1), bars):
        inside = columns[first : first + bars]
        if inside:
            yield window(score, inside[0].start, inside[-1].end)
