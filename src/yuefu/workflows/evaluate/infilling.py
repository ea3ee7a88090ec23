"""The suite ``infilling``: bars of held-out pieces written anew (infilling) or the last half of them (continuation).

Infilling hides two to four bars in the middle of twelve, continuation the last four of eight, in all rows,
chords included; what ``yuefu fill`` calls writes them with its defaults (``yuefu continue`` would end the piece
there, which the original doesn't). Context beyond the excerpt isn't given. About 2.5 s a sample on one core.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from yuefu.analysis.lines import rows_of
from yuefu.evaluation.bootstrap import Interval, bootstrap
from yuefu.evaluation.distance import standard_distances
from yuefu.evaluation.infilling import AGREEMENT, MEASURES, OVERLAPS, measures
from yuefu.evaluation.plots import table_plot
from yuefu.evaluation.row_baselines import RowChain, Rows, copied, joined, random_in_key, scale_of, shuffled
from yuefu.evaluation.table import Aim, Row, SuiteResult, Table
from yuefu.generation.engine import Engine
from yuefu.progress import Progress
from yuefu.score.model import NOTE_ROWS
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.excerpts import Excerpt, chains, continued, excerpts, without_bars
from yuefu.workflows.evaluate.held_out import held_out
from yuefu.workflows.fill_score import DEFAULT_CANDIDATES, fill_with
from yuefu.workflows.fill_wishes import FillMask, Wishes
from yuefu.workflows.models import load_model

#: Sets of several kinds: a band, four voices, tunes, songs with piano, games.
SETS = ("pop909", "jsb_chorales", "pd_fiddle_abc", "openscore_lieder", "openhymnal", "game_freedoom", "game_easyrpg")
TASKS = {"infilling": 12, "continuation": 8}  #: bars of an excerpt
NAMES = ("human", "copied bar", "shuffled bars", "random in key", "Markov", "yuefu")
CLOSE = 0.5  #: standard deviations of human that the agreement with the context may lie away


@dataclass
class Found:
    """One task's values: name -> measure -> one value an excerpt."""

    values: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: {name: {measure: [] for measure in MEASURES} for name in NAMES}
    )
    sets: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def run(context: SuiteContext) -> SuiteResult:
    """Measure. Raises InputError without held-out pieces."""
    pieces = held_out(context, SETS)
    train = held_out(context, SETS, "train")
    kinds = sorted({piece.set for piece in pieces}, key=SETS.index)
    a_set = max(1, context.size(8 * len(SETS), 2) // len(kinds))
    chain = chains(train, NOTE_ROWS, 8 if context.quick else 60)
    model = load_model(context.model)
    found = {task: Found() for task in TASKS}
    for code, (task, bars) in enumerate(TASKS.items()):
        samples = [
            sample
            for name in kinds
            for sample in excerpts(
                [piece for piece in pieces if piece.set == name], bars, ("melody",), a_set, [context.seed, 23, code]
            )
        ]
        if context.quick:
            samples = samples[: context.size(0, 2)]
        for number, sample in enumerate(samples):
            context.progress(Progress(task, number, len(samples), sample.piece.work))
            rng = np.random.default_rng([context.seed, 29, code, number])
            span = hidden(task, sample, rng)
            texts = baselines(sample, span, chain, rng)
            started = time.monotonic()
            texts["yuefu"] = written(sample, span, context.seed + number, context.model)
            found[task].seconds.append(time.monotonic() - started)
            found[task].sets.append(sample.piece.set)
            compare(found[task], sample, texts, span)
    tables = [table for task, own in found.items() for table in tables_of(task, own, context.seed)]
    return SuiteResult(
        "infilling",
        tuple(tables),
        tuple(aim for task, own in found.items() for aim in _aims(task, own, context.quick)),
        tuple(
            plot
            for task, table in zip(TASKS, tables[:: len(tables) // len(TASKS)])
            for plot in table_plot(task, table, OVERLAPS, "overlap, 0 to 1")
        ),
        settings={
            "model": model.hash,
            **{task: len(own.seconds) for task, own in found.items()},
            "seconds a sample": round(float(np.mean([s for own in found.values() for s in own.seconds] or [0])), 2),
            "seed": context.seed,
        },
    )


def hidden(task: str, sample: Excerpt, rng: np.random.Generator) -> tuple[int, int]:
    """The span of ticks that is hidden."""
    if task == "continuation":
        return sample.length // 2, sample.length
    first = 4 * sample.bar
    return first, first + int(rng.integers(2, 5)) * sample.bar


def baselines(
    sample: Excerpt, span: tuple[int, int], chain: dict[str, RowChain], rng: np.random.Generator
) -> dict[str, Rows]:
    """The texture of each row of the table but yuefu's."""
    start, end = span
    rows, bar, length = sample.rows, sample.bar, sample.length
    filled = {
        "copied bar": copied(rows, bar, start, end),
        "shuffled bars": shuffled(rows, bar, start, end, length, rng),
        "random in key": random_in_key(rows, sample.key, bar, start, end, length, rng),
        "Markov": {row: continued(chain[row], row, own, sample.key, start, end, rng) for row, own in rows.items()},
    }
    return {"human": rows, **{name: joined(rows, own, start, end) for name, own in filled.items()}}


def written(
    sample: Excerpt, span: tuple[int, int], seed: int, model: Path | None = None, engine: Engine | None = None
) -> dict[str, np.ndarray]:
    """The texture with the span written by ``yuefu fill``. model: a runtime folder, None for the shipped one;
    engine: another one."""
    start, end = span
    given = without_bars(sample, start, end)
    rows = list(rows_of(given))
    mask = FillMask([*(["chords"] if given.chords else []), *rows], [(start // sample.bar + 1, end // sample.bar)])
    done = fill_with(
        given, mask, Wishes(seed=seed, candidates=DEFAULT_CANDIDATES),
        roles={number: role for number, role in sample.roles.items() if role in rows},
        model=model, engine=engine,
    )  # fmt: skip
    return rows_of(done.score)


def compare(found: Found, sample: Excerpt, texts: dict[str, Rows], span: tuple[int, int]) -> None:
    """Add the measures of one excerpt's texts."""
    for name in NAMES:
        values = measures(texts[name], sample.rows, sample.bar, span, sample.length, scale_of(sample.key))
        for measure, value in values.items():
            found.values[name][measure].append(value)


def tables_of(task: str, found: Found, seed: int) -> tuple[Table, Table, Table]:
    """The measures of each row; how far the agreement lies from human; the overlaps by set."""
    kinds = list(dict.fromkeys(found.sets))

    def interval(name: str, measure: str, kind: str | None = None) -> Interval:
        values = found.values[name][measure]
        return bootstrap([v for v, own in zip(values, found.sets) if kind in (None, own)], seed=seed)

    means = tuple(Row(name, {m: interval(name, m) for m in MEASURES}) for name in NAMES)
    human = found.values["human"]
    away = tuple(Row(name, {m: bootstrap(_away(found, name, m), seed=seed) for m in AGREEMENT}) for name in NAMES[1:])
    sets = tuple(
        Row(f"{kind}, {name}", {m: interval(name, m, kind) for m in OVERLAPS})
        for kind in kinds
        for name in ("copied bar", "yuefu")
    )
    what = "two to four bars in the middle of twelve" if task == "infilling" else "the last four bars of eight"
    return (
        Table(f"{task.capitalize()}: {what}", MEASURES, means, head="bars", notes=(
            "Overlaps with the original: overlapping area of pitch, place in the bar and length, by bar and row (Yang "
            "and Lerch 2020; Ren et al. 2020), and F1 of the very notes. Seams: semitones, quarters, likeness. "
            f"Intervals: 95%, over works ({len(human['pitch'])}).",
        )),
        Table(f"{task.capitalize()}: agreement with the context beside human", AGREEMENT, away, head="bars", digits=2,
              notes=("Differences excerpt by excerpt, in standard deviations of the human values.",)),
        Table(f"{task.capitalize()}: overlaps by set", OVERLAPS, sets, head="set, bars"),
    )  # fmt: skip


def _away(found: Found, name: str, measure: str) -> list[float]:
    return standard_distances(found.values[name][measure], found.values["human"][measure])


def _aims(task: str, found: Found, quick: bool) -> tuple[Aim, Aim]:
    mean = {name: {m: float(np.nanmean(found.values[name][m])) for m in OVERLAPS} for name in NAMES[1:]}
    best = {m: max((mean[name][m], name) for name in NAMES[1:-1]) for m in OVERLAPS}
    away = {m: float(np.nanmean(values)) if not np.isnan(values).all() else float("nan") for m in AGREEMENT
            for values in [np.array(_away(found, "yuefu", m))]}  # fmt: skip
    above = all(mean["yuefu"][m] > best[m][0] for m in OVERLAPS)
    near = all(abs(value) <= CLOSE for value in away.values() if not np.isnan(value))
    return (
        Aim(
            f"{task}: more of the original than any baseline",
            ", ".join(f"{m} {mean['yuefu'][m]:.3f} (best {best[m][0]:.3f}, {best[m][1]})" for m in OVERLAPS),
            None if quick else above,
        ),
        Aim(
            f"{task}: agreement and seams within {CLOSE} standard deviations of human",
            ", ".join(f"{m} {value:+.2f}" for m, value in away.items()),
            None if quick else near,
        ),
    )
