"""Memorisation: the longest passage that pieces share with the training tunes, beside unrelated works."""

from __future__ import annotations

from collections.abc import Sequence

from yuefu.analysis.similarity import FingerprintIndex
from yuefu.corpus.store import iter_scores, set_names
from yuefu.errors import InputError
from yuefu.evaluation.bootstrap import bootstrap
from yuefu.evaluation.plots import line_plot
from yuefu.evaluation.table import Aim, Row, SuiteResult, Table, Value
from yuefu.evaluation.unrelated import RUN, nearest_unrelated
from yuefu.generation.originality import LONGEST_RUN
from yuefu.score.model import Score
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.pieces import composed
from yuefu.workflows.models import originality_index

#: Notes from which a shared run is counted.
LENGTHS = (8, 10, 12, LONGEST_RUN + 1, 18, 24)


def run(context: SuiteContext) -> SuiteResult:
    """Full: 200 free and 300 prompted pieces and 300 held-out works (a third of a second each besides composing)."""
    # A model that was published without one is laid beside the shipped index: the corpus is the same.
    index = originality_index(context.model) or originality_index()
    if index is None:
        raise InputError("this model has no index of its training tunes (originality.npz): publish it again.")
    found = [
        nearest_unrelated(index, score, [str(score.metadata.get("work", ""))])
        for score in _human(context, context.size(300, 6))
    ]
    human = [match.longest_shared_run for match, _ in found]
    same = sum(bool(passed) for _, passed in found)
    free = context.size(200, 2)
    runs = {
        "yuefu, free": _longest(index, [p.score for p in composed(context, "free", free)]),
        "yuefu, prompted": _longest(index, [p.score for p in composed(context, "prompted", context.size(300, 2))]),
    }
    rows = {"human": human, **runs, "yuefu": [value for values in runs.values() for value in values]}
    columns = tuple(f"{n} notes or more" for n in LENGTHS)
    table = Table(
        "Share of pieces with a passage (intervals and rhythm) as in a training piece",
        ("count", "longest run, mean", "longest of all", *columns),
        tuple(Row(name, _values(values)) for name, values in rows.items()),
        "pieces",
        (
            "human: held-out works against the training tunes that aren't the same tune. Left out are those of the "
            f"work's own name, and any with over half of its notes in shared passages or over half of a line's "
            f"runs of {RUN} intervals: {same} of {len(found)} works have such a double under another name.",
            f"The guard in decoding refuses runs of more than {LONGEST_RUN} notes in melody and counter rows.",
        ),
    )
    over = sum(value > LONGEST_RUN for value in rows["yuefu"])
    aim = Aim(f"no piece shares more than {LONGEST_RUN} notes in a row", f"{over} of {len(rows['yuefu'])}", over == 0)
    lengths = list(range(6, 31))
    plot = line_plot(
        "runs", "Pieces with a shared passage of at least so many notes", lengths,
        {name: [bootstrap([float(v >= n) for v in rows[name]]) for n in lengths] for name in ("human", "yuefu")},
        "notes", "share of pieces",
    )  # fmt: skip
    return SuiteResult("memorisation", (table,), (aim,), plot, {"seed": context.seed})


def _human(context: SuiteContext, count: int) -> list[Score]:
    """Held-out works with a tune, as many of each set as there is room for."""
    folder = context.built_corpus()
    names = set_names(folder)
    found: list[Score] = []
    for place, name in enumerate(names):
        room = -(-(count - len(found)) // (len(names) - place))
        own = (s for s in iter_scores(folder, [name], "test") if s.part("melody") is not None)
        found += [score for score, _ in zip(own, range(room))]
    return found


def _longest(index: FingerprintIndex, scores: Sequence[Score]) -> list[int]:
    return [index.nearest(score).longest_shared_run for score in scores]


def _values(runs: Sequence[int]) -> dict[str, Value]:
    found: dict[str, Value] = {"count": len(runs), "longest of all": max(runs, default=0)}
    found["longest run, mean"] = bootstrap([float(v) for v in runs])
    return found | {f"{n} notes or more": bootstrap([float(v >= n) for v in runs]) for n in LENGTHS}
