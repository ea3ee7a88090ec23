"""The suite ``arrangement``: bass and keys for held-out melodies with chords.

Eight bars' melody and chord symbols are given; what ``yuefu fill`` calls writes the rows bass and keys with its
defaults, as ``yuefu arrange`` does for players that a score lacks. About a second a sample on one core.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from yuefu.analysis.grid import beat_ticks
from yuefu.analysis.lines import row_notes
from yuefu.evaluation.arrangement import AGREEMENT, MEASURES, PLAYERS, TEXTURE, block_chords, measures
from yuefu.evaluation.bootstrap import bootstrap
from yuefu.evaluation.distance import standard_distances
from yuefu.evaluation.plots import table_plot
from yuefu.evaluation.row_baselines import RowChain, random_beats
from yuefu.evaluation.table import Aim, Row, SuiteResult, Table
from yuefu.generation.engine import Engine
from yuefu.progress import Progress
from yuefu.score.model import Notes, Part, Score
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.workflows.canvas import ROW_RANGES
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.excerpts import Excerpt, chains, excerpts
from yuefu.workflows.evaluate.held_out import held_out
from yuefu.workflows.fill_score import DEFAULT_CANDIDATES, fill_with
from yuefu.workflows.fill_wishes import FillMask, Wishes
from yuefu.workflows.models import load_model

SETS = ("pop909", "game_easyrpg", "game_freedoom", "game_simutrans")
BARS = 8
WRITTEN = ("bass", "keys")
NAMES = ("human", "random in key", "block chords", "Markov", "yuefu")
VOICES = {"bass": 1, "keys": 3}  #: notes on each beat of the baseline in key
CLOSE = 0.5  #: standard deviations of human that each measure may lie away

Values = dict[str, dict[str, list[float]]]


def run(context: SuiteContext) -> SuiteResult:
    """Measure. Raises InputError without held-out pieces that have a melody, chords, bass and keys."""
    pieces = held_out(context, SETS)
    chain = chains(held_out(context, SETS, "train"), WRITTEN, 8 if context.quick else 60)
    samples = excerpts(
        pieces, BARS, ("melody", "chords", *WRITTEN), context.size(40, 2), [context.seed, 31],
        ("melody", "chords", *WRITTEN),
    )  # fmt: skip
    model = load_model(context.model)
    found: Values = {name: {measure: [] for measure in MEASURES} for name in NAMES}
    seconds: list[float] = []
    for number, sample in enumerate(samples):
        context.progress(Progress("arrangement", number, len(samples), sample.piece.work))
        rng = np.random.default_rng([context.seed, 37, number])
        texts = baselines(sample, chain, rng)
        started = time.monotonic()
        texts["yuefu"] = written(sample, context.seed + number, context.model)
        seconds.append(time.monotonic() - started)
        for name in NAMES:
            for measure, value in measures(texts[name]).items():
                found[name][measure].append(value)
    agreement, texture, away = tables(found, context.seed)
    return SuiteResult(
        "arrangement",
        (agreement, texture, away),
        (_aim(found, context.quick),),
        table_plot("agreement", agreement, AGREEMENT),
        settings={
            "model": model.hash,
            "excerpts": len(samples),
            "seconds a sample": round(float(np.mean(seconds or [0])), 2),
            "seed": context.seed,
        },
    )


def arranged(sample: Excerpt, filled: Mapping[str, Notes]) -> Score:
    """The melody and chords of an excerpt with other bass and keys."""
    parts = [part for part in sample.score.parts if part.role not in WRITTEN]
    for row, notes in filled.items():
        player = INSTRUMENTS[PLAYERS[row]]
        parts.append(Part(row, row, row, player.program, player.key, notes))
    return replace(sample.score, parts=tuple(parts))


def baselines(sample: Excerpt, chain: Mapping[str, RowChain], rng: np.random.Generator) -> dict[str, Score]:
    """The score of each row of the table but yuefu's."""
    meter = sample.score.meters[0]
    beat = beat_ticks(meter.numerator, meter.denominator)
    key, end = sample.key, sample.length
    return {
        "human": sample.score,
        "random in key": arranged(
            sample, {row: random_beats(key, (0, end), *ROW_RANGES[row], VOICES[row], rng, beat) for row in WRITTEN}
        ),
        "block chords": arranged(sample, block_chords(sample.score.chords, end, beat)),
        "Markov": arranged(sample, {row: chain[row].draw(0, end, rng, shift=key.shift) for row in WRITTEN}),
    }


def written(sample: Excerpt, seed: int, model: Path | None = None, engine: Engine | None = None) -> Score:
    """Bass and keys by ``yuefu fill``. model: a runtime folder, None for the shipped one; engine: another one."""
    given = replace(sample.score, parts=tuple(part for part in sample.score.parts if part.role not in WRITTEN))
    done = fill_with(
        given, FillMask(WRITTEN), Wishes(seed=seed, candidates=DEFAULT_CANDIDATES), roles={1: "melody"},
        players=PLAYERS, model=model, engine=engine,
    )  # fmt: skip
    return arranged(sample, {row: row_notes(done.score, row) for row in WRITTEN})


def tables(found: Values, seed: int) -> tuple[Table, Table, Table]:
    """Agreement and playability, texture, and how far both lie from human."""

    def rows(names: tuple[str, ...]) -> tuple[Row, ...]:
        return tuple(Row(name, {m: bootstrap(found[name][m], seed=seed) for m in names}) for name in NAMES)

    away = tuple(
        Row(name, {m: bootstrap(standard_distances(found[name][m], found["human"][m]), seed=seed) for m in MEASURES})
        for name in NAMES[1:]
    )
    count = len(found["human"]["root"])
    return (
        Table("Bass and keys for held-out melodies: chords, collisions, playability", AGREEMENT, rows(AGREEMENT),
              head="bass and keys", notes=(f"Shares 0 to 1; collisions a bar. Intervals: 95%, over works ({count}).",)),
        Table("Texture of bass and keys", TEXTURE, rows(TEXTURE), head="bass and keys", digits=2,
              notes=("Notes a bar, notes at an onset, mean MIDI pitch, bits.",)),
        Table("Distance to the human row", MEASURES, away, head="bass and keys", digits=2,
              notes=("Differences excerpt by excerpt, in standard deviations of the human values.",)),
    )  # fmt: skip


def _aim(found: Values, quick: bool) -> Aim:
    away = {}
    for measure in MEASURES:
        known = [d for d in standard_distances(found["yuefu"][measure], found["human"][measure]) if not np.isnan(d)]
        if known:
            away[measure] = float(np.mean(known))
    text = ", ".join(f"{m} {value:+.2f}" for m, value in away.items())
    met = all(abs(value) <= CLOSE for value in away.values())
    return Aim(f"every measure within {CLOSE} standard deviations of human", text, None if quick else met)
