"""Whole pieces, from nothing and from prompts: the musical measures beside held-out works and simple baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from yuefu.analysis.grid import Floats
from yuefu.analysis.measures import MEASURES, measure
from yuefu.evaluation.bootstrap import Interval, bootstrap
from yuefu.evaluation.piece_baselines import TuneChain, bars_shuffled, pitches_random
from yuefu.evaluation.plots import bar_plot
from yuefu.evaluation.populations import mean_distance, mean_distances, overlapping_area
from yuefu.evaluation.table import Aim, Plot, Row, SuiteResult, Table, Value
from yuefu.progress import Progress
from yuefu.score.model import Score
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.corpus_sample import human_pieces
from yuefu.workflows.evaluate.pieces import composed

BASELINES = ("bars shuffled", "pitches random in key", "Markov tune")
#: A measure counts as near when its mean lies within this many human standard deviations.
NEAR = 0.5


def run(context: SuiteContext) -> SuiteResult:
    """Full: 150 held-out works with three baselines of each, 200 free and 200 prompted pieces.

    A work takes about half a second (four times the measures), a piece a tenth of one besides composing.
    """
    human = human_pieces(context, context.size(150, 6))
    made = context.size(200, 2)
    free = [piece.score for piece in composed(context, "free", made)]
    prompted = [piece.score for piece in composed(context, "prompted", made)]
    groups: dict[str, Iterable[Score]] = {"human": human, **_baselines(context, human)}
    groups |= {"yuefu, free": free, "yuefu, prompted": prompted}
    tables = {name: _measured(context, name, scores) for name, scores in groups.items()}
    tables["yuefu"] = np.concatenate([tables["yuefu, free"], tables["yuefu, prompted"]])
    compared = {"human": _halves(context, tables["human"])}
    compared |= {name: (table, tables["human"]) for name, table in tables.items() if name != "human"}
    summary = _summary(compared)
    distances = {name: mean_distances(*pair) for name, pair in compared.items()}
    return SuiteResult(
        "songs",
        (summary, _distances(distances), _means(tables)),
        (_aim(summary, context.quick),),
        _plot(distances),
        {"seed": context.seed},
    )


def _baselines(context: SuiteContext, human: list[Score]) -> dict[str, list[Score]]:
    sets: dict[str, list[Score]] = {}
    for score in human:
        sets.setdefault(str(score.metadata.get("set", "")), []).append(score)
    chains = {name: TuneChain(own) for name, own in sets.items()}
    writers: tuple[Callable[[Score, np.random.Generator], Score], ...] = (
        bars_shuffled,
        pitches_random,
        lambda score, rng: chains[str(score.metadata.get("set", ""))].rewritten(score, rng),
    )
    return {
        name: [write(score, np.random.default_rng([context.seed, 29, i])) for i, score in enumerate(human)]
        for name, write in zip(BASELINES, writers)
    }


def _measured(context: SuiteContext, name: str, scores: Iterable[Score]) -> Floats:
    rows = []
    for done, score in enumerate(scores, 1):
        # Chords as heard in the notes for everyone: written ones would be judged by other rules.
        rows.append([measure(replace(score, chords=()))[column] for column in MEASURES])
        context.progress(Progress("measure", done, done, name))
    return np.array(rows, dtype=np.float64).reshape(-1, len(MEASURES))


def _halves(context: SuiteContext, human: Floats) -> tuple[Floats, Floats]:
    order = np.random.default_rng([context.seed, 31]).permutation(len(human))
    return human[order[::2]], human[order[1::2]]


def _summary(compared: Mapping[str, tuple[Floats, Floats]]) -> Table:
    rows = []
    for name, (own, human) in compared.items():
        apart = mean_distances(own, human)
        known = ~np.isnan(apart)
        areas = [overlapping_area(a, b) for a, b, kept in zip(own.T, human.T, known) if kept]
        values: dict[str, Value] = {
            "count": len(own),
            "distance": mean_distance(own, human),
            f"within {NEAR} SD": float((apart[known] <= NEAR).mean()) if known.any() else None,
            "overlapping area": bootstrap(areas),
            "furthest measure": MEASURES[int(np.nanargmax(apart))] if known.any() else None,
        }
        rows.append(Row(name, values))
    return Table(
        f"{len(MEASURES)} musical measures beside held-out works",
        ("count", "distance", f"within {NEAR} SD", "overlapping area", "furthest measure"),
        tuple(rows),
        "pieces",
        (
            "distance: of the means, in standard deviations of the human works, averaged over measures (less is "
            "nearer); overlapping area: Yang and Lerch 2020, averaged over measures (1 is alike), its interval over "
            "measures. human: one half of the works beside the other. Chords are those heard in the notes.",
            "The baselines are made of the same works: their bars in random order; every note on a random pitch of the "
            "key; the tune written anew by a first-order Markov chain of its set's tunes, the other parts as they were "
            "(so that only measures of the tune can be off).",
        ),
    )


def _distances(distances: Mapping[str, Floats]) -> Table:
    rows = tuple(
        Row(name, {other: float(found[i]) for other, found in distances.items()}) for i, name in enumerate(MEASURES)
    )
    return Table("Distance to human, in human standard deviations", tuple(distances), rows, "measure", digits=2)


def _means(tables: Mapping[str, Floats]) -> Table:
    rows = tuple(
        Row(name, {other: bootstrap(found[:, i].tolist()) for other, found in tables.items()})
        for i, name in enumerate(MEASURES)
    )
    return Table("Means of the measures", tuple(tables), rows, "measure", digits=2)


def _aim(summary: Table, quick: bool) -> Aim:
    found = {row.name: row.values["distance"] for row in summary.rows}
    means = {name: value.mean for name, value in found.items() if isinstance(value, Interval)}
    best = min(means[name] for name in BASELINES)
    text = "the pieces lie nearer to held-out works than the nearest of the baselines"
    return Aim(text, f"{means['yuefu']:.2f} beside {best:.2f}", None if quick else means["yuefu"] < best)


def _plot(distances: Mapping[str, Floats]) -> tuple[Plot, ...]:
    shown = ("human", *BASELINES, "yuefu")
    kept = [i for i in range(len(MEASURES)) if not np.isnan([distances[name][i] for name in shown]).all()]
    series = {name: [float(distances[name][i]) for i in kept] for name in shown}
    names = [MEASURES[i] for i in kept]
    return bar_plot("distance", "Distance of each measure to held-out works", names, series, "human SD")
