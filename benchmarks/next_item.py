"""What comes next: sequential recommenders beside the others and beside what is popular, in time and leaving the last out.

python benchmarks/next_item.py --data FOLDER [--out docs/tables/next_item.md]

FOLDER holds the HetRec 2011 Last.fm data (`user_taggedartists.dat`): the day on which a listener tagged an artist
stands for a meeting with it. Nearly all of its days are the first of a month, so what was met in one month has no
order; a whole month is therefore the answer to "what comes next", and ties are shuffled by the seed.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from yuefu.recommend.base import Recommender
from yuefu.recommend.histories import Histories
from yuefu.recommend.measures import Measures, measure_ranked, top
from yuefu.recommend.registry import recommender_class
from yuefu.recommend.sasrec import SasRec

EPOCH = date(1970, 1, 1)
FIRST, LAST = (date(2005, 1, 1) - EPOCH).days, (date(2011, 6, 1) - EPOCH).days
MEMBERS = ("popular", "repeats", "item-knn", "rp3beta", "ease", "markov", "sasrec")
MADE_UP = (
    "These listeners are made up (`synthetic` in the program): 12 scenes, each item followed by one of three (70%), by "
    "any of its scene by fame (20%) or by one of the listener's own (10%), in sittings of 3 to 8. `the truth` ranks by "
    "the rule itself, without the listener's own."
)
#: How strongly weights are drawn to each other: the questions to learn from are few.
PULL = 0.05


@dataclass(frozen=True, eq=False)
class Events:
    """Meetings, oldest first."""

    listener: np.ndarray
    item: np.ndarray
    day: np.ndarray

    def where(self, mask: np.ndarray) -> Events:
        return Events(self.listener[mask], self.item[mask], self.day[mask])


@dataclass(frozen=True, eq=False)
class Task:
    """train: learnt from; asked: one row a question; held: its answers; new: only what wasn't met before counts."""

    train: Histories
    asked: Histories
    held: sp.csr_matrix
    new: bool


def read(folder: Path, seed: int) -> tuple[Events, dict[str, int]]:
    """Distinct meetings of the tag events, dated as can be, of artists met by five and listeners who met five."""
    rows = np.loadtxt(folder / "user_taggedartists.dat", skiprows=1, dtype=np.int64)
    good, days = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=np.int64)
    known: dict[tuple[int, ...], int] = {}
    for at, (day, month, year) in enumerate(rows[:, 3:6].tolist()):
        if (day, month, year) not in known:
            try:
                known[day, month, year] = (date(year, month, day) - EPOCH).days
            except ValueError:
                known[day, month, year] = -1
        days[at] = known[day, month, year]
        good[at] = FIRST <= days[at] < LAST
    facts = {"lines": len(rows), "misdated": int((~good).sum())}
    rows, days = rows[good], days[good]
    table = np.unique(np.stack([rows[:, 0], days, rows[:, 1]], axis=1), axis=0)
    first_of_month = np.mean([(date.fromordinal(EPOCH.toordinal() + int(day))).day == 1 for day in table[:, 1]])
    facts["first of a month, %"] = round(100 * float(first_of_month))
    while True:
        pairs = np.unique(table[:, [0, 2]], axis=0)
        fame, met = np.bincount(pairs[:, 1]), np.bincount(pairs[:, 0])
        keep = (fame[table[:, 2]] >= 5) & (met[table[:, 0]] >= 5)
        if keep.all():
            break
        table = table[keep]
    shuffled = np.random.default_rng(seed).random(len(table))
    table = table[np.lexsort((shuffled, table[:, 1], table[:, 0]))]
    _, listener = np.unique(table[:, 0], return_inverse=True)
    _, item = np.unique(table[:, 2], return_inverse=True)
    facts |= {"meetings": len(table), "listeners": int(listener.max()) + 1, "artists": int(item.max()) + 1}
    facts["again"] = len(table) - len(np.unique(table[:, [0, 2]], axis=0))
    return Events(listener, item, table[:, 1].astype(float)), facts


def synthetic(seed: int, listeners: int = 1500, items: int = 600) -> tuple[Events, np.ndarray]:
    """Made up, with a known truth: 12 scenes; in a sitting each item is followed by one of its three successors (70%),
    by any of the scene by fame (20%) or by one of the listener's own (10%). Returns the chances of what follows too."""
    rng = np.random.default_rng(seed)
    scenes = np.arange(items) % 12
    follow = np.zeros((items, items))
    fame = 1.0 / (1.0 + rng.permutation(items))
    for item in range(items):
        own = np.flatnonzero(scenes == scenes[item])
        follow[item, rng.choice(own, 3, replace=False)] = 0.7 * np.array([0.5, 0.3, 0.2]) / 0.9
        follow[item, own] += 0.2 / 0.9 * fame[own] / fame[own].sum()
    total = follow.cumsum(axis=1)
    who, what, when = [], [], []
    for listener in range(listeners):
        day, mine = 14_000 + 300 * rng.random(), []
        for _ in range(int(rng.integers(2, 7))):
            own = np.flatnonzero(scenes == rng.integers(12))
            item = int(rng.choice(own, p=fame[own] / fame[own].sum()))
            for _ in range(int(rng.integers(3, 9))):
                who.append(listener), what.append(item), when.append(day)
                mine.append(item)
                day += 0.003
                again = rng.random() < 0.1
                item = int(rng.choice(mine) if again else np.searchsorted(total[item], rng.random() * total[item, -1]))
            day += 1.0 + 30.0 * rng.random()
    return Events(np.array(who), np.array(what), np.array(when)), follow


def histories(events: Events, listeners: int, items: int, now: float) -> Histories:
    order = np.lexsort((np.arange(len(events.day)), events.day, events.listener))
    who, what, when = events.listener[order], events.item[order], events.day[order]
    bounds = np.searchsorted(who, np.arange(listeners + 1))
    matrix = sp.csr_matrix((np.ones(len(who), np.float32), (who, what)), shape=(listeners, items))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    spans = [slice(begin, end) for begin, end in pairwise(bounds)]
    return Histories(
        tuple(map(str, range(listeners))),
        tuple(map(str, range(items))),
        matrix,
        tuple(what[span].astype(np.int64) for span in spans),
        tuple(when[span] for span in spans),
        now,
    )


def in_time(events: Events, begin: float, end: float, new: bool) -> Task:
    """Learn before a day; ask each listener who has a past on the first day that they come back, until the end: which
    do they meet on it? Everybody's question is about the same time to come: ``now`` is that of their own day."""
    listeners, items = int(events.listener.max()) + 1, int(events.item.max()) + 1
    before = events.day < begin
    train = histories(events.where(before), listeners, items, begin)
    later = np.flatnonzero(~before & (events.day < end))
    first = np.full(listeners, np.inf)
    np.minimum.at(first, events.listener[later], events.day[later])
    chosen = later[events.day[later] == first[events.listener[later]]]
    held = sp.csr_matrix(
        (np.ones(len(chosen), np.float32), (events.listener[chosen], events.item[chosen])), shape=(listeners, items)
    )
    held.sum_duplicates()
    held.data[:] = 1.0
    if new:
        held = held - held.multiply(train.matrix)
        held.eliminate_zeros()
    have = np.array([len(sequence) > 0 for sequence in train.sequences])
    rows = np.flatnonzero(have & (np.diff(sp.csr_matrix(held).indptr) > 0))
    # All are asked at one moment by the interface; each row's times are moved so that its own waiting time is right.
    asked = train.rows(rows)
    moved = tuple(times + (begin - first[row]) for times, row in zip(asked.moments, rows))
    return Task(train, replace(asked, moments=moved, now=begin), sp.csr_matrix(held)[rows], new)


def last_out(events: Events, new: bool, seed: int, aside: int = 0) -> Task:
    """Leave each listener's last meeting out (after ``aside`` more were left out), and ask when it happens."""
    listeners, items = int(events.listener.max()) + 1, int(events.item.max()) + 1
    order = np.lexsort((np.arange(len(events.day)), events.day, events.listener))
    ordered = events.where(order)
    back = np.searchsorted(ordered.listener, ordered.listener, side="right") - 1 - np.arange(len(order))
    count = np.bincount(ordered.listener, minlength=listeners)
    enough = count[ordered.listener] >= 4
    last = np.flatnonzero((back == aside) & enough)
    kept = (back > aside) | ~enough
    train = histories(ordered.where(kept), listeners, items, float(ordered.day.max()))
    who, what, when = ordered.listener[last], ordered.item[last], ordered.day[last]
    if new:
        fresh = np.asarray(train.matrix[who, what]).ravel() == 0
        who, what, when = who[fresh], what[fresh], when[fresh]
    now = train.now
    asked = train.rows(who)
    asked = replace(asked, moments=tuple(times + (now - day) for times, day in zip(asked.moments, when)))
    held = sp.csr_matrix((np.ones(len(who), np.float32), (np.arange(len(who)), what)), shape=(len(who), items))
    return Task(train, asked, held, new)


def plain(scores: np.ndarray, name: str) -> np.ndarray:
    """Scores on one scale: each listener's mean 0 and spread 1, of logarithms where they are chances or counts."""
    found = np.where(np.isfinite(scores), scores, np.nanmin(np.where(np.isfinite(scores), scores, np.nan)))
    if name in ("markov", "popular"):
        found = np.log(np.maximum(found, 0.0) + 1e-9 + 0.01 * found.mean(axis=1, keepdims=True))
    found = found - found.mean(axis=1, keepdims=True)
    return found / np.maximum(found.std(axis=1, keepdims=True), 1e-9)


def judged(scores: np.ndarray, task: Task) -> Measures:
    return measure_ranked(top(scores, task.asked.matrix if task.new else None, 20), task.asked.matrix, task.held)


#: What was fitted already, by name and by what it learnt from: two tasks learn from the same past.
DONE: dict[tuple[str, bytes], tuple[Recommender, float]] = {}


def fitted(task: Task, makers: dict[str, Callable[[], Recommender]], seed: int) -> tuple[dict, dict]:
    """Scores by name, and seconds of the processor for fitting."""
    scores, seconds = {}, {}
    past = hashlib.sha256(np.concatenate([*task.train.sequences, *task.train.moments]).tobytes()).digest()
    for name, make in makers.items():
        if (name, past) not in DONE:
            begin = time.process_time()
            DONE[name, past] = make().fit(task.train, seed=seed), time.process_time() - begin
        made, seconds[name] = DONE[name, past]
        scores[name] = made.scores(task.asked)
    return scores, seconds


def learnt_weights(scores: dict, task: Task, names: tuple[str, ...]) -> dict[str, float]:
    """Weights, none below nothing, under which a softmax of the weighed scores makes the answers likeliest: smooth in
    the weights, so that it needs fewer questions than a ranking measure does."""
    ready = np.stack([plain(scores[name], name) for name in names]).astype(np.float32)
    barred = (task.asked.matrix != 0).toarray() if task.new else np.zeros(ready.shape[1:], dtype=bool)
    held = sp.csr_matrix(task.held)
    share = held.multiply(1.0 / np.diff(held.indptr)[:, None]).tocoo()
    right = ready[:, share.row, share.col] @ share.data

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        mixed = np.tensordot(weights.astype(np.float32), ready, axes=1)
        mixed[barred] = -np.inf
        largest = mixed.max(axis=1, keepdims=True)
        chance = np.exp(mixed - largest)
        total = chance.sum(axis=1, keepdims=True)
        normal = float((np.log(total) + largest).sum())
        expected = np.tensordot(ready, chance / total, axes=([1, 2], [0, 1]))
        count = len(mixed)
        pull = PULL * float(((weights - weights.mean()) ** 2).sum())
        slope = 2 * PULL * (weights - weights.mean())
        return (normal - float(weights @ right)) / count + pull, ((expected - right) / count + slope).astype(np.float64)

    start = np.full(len(names), 0.3)
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, 5.0)] * len(names), options={"maxiter": 40}
    )
    return {name: float(weight) for name, weight in zip(names, found.x) if weight > 0.01}


def compare(title: str, valid: Task, test: Task, makers: dict, seed: int, extra: dict | None = None) -> list[str]:
    """A table: every recommender and their blend, with weights learnt on an earlier time."""
    before, _ = fitted(valid, makers, seed)
    weights = learnt_weights(before, valid, tuple(makers))
    scores, seconds = fitted(test, makers, seed)
    rows = {name: (judged(one, test), seconds[name]) for name, one in scores.items()}
    mixed = sum(weight * plain(scores[name], name) for name, weight in weights.items())
    rows["blend"] = (judged(mixed, test), sum(seconds[name] for name in weights))
    for name, one in (extra or {}).items():
        rows[name] = (judged(one, test), 0.0)
    baselines = max(rows[name][0].ndcg for name in ("popular", "repeats"))
    lines = [
        f"### {title}", "",
        f"{test.held.shape[0]} questions, {test.held.nnz / test.held.shape[0]:.1f} answers each. "
        f"{'Only what was not met before counts.' if test.new else 'What was met before may come again.'} "
        f"Weights, learnt on {valid.held.shape[0]} earlier questions: "
        + ", ".join(f"{name} {weight:.2f}" for name, weight in weights.items()) + ".", "",
        "| recommender | NDCG@10 | Recall@20 | MRR@20 | coverage@10 | over the best baseline | CPU s |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, (found, took) in rows.items():
        over = "baseline" if name in ("popular", "repeats") else f"{100 * (found.ndcg / baselines - 1):+.0f}%"
        lines.append(
            f"| {name} | {found.ndcg:.4f} | {found.recall:.4f} | {found.mrr:.4f} | {found.coverage:.3f} | {over} | {took:.1f} |"
        )
    print("\n".join(lines), "\n", flush=True)
    return [*lines, ""]


def makers_of(names: tuple[str, ...]) -> dict[str, Callable[[], Recommender]]:
    return {name: SasRec if name == "sasrec" else recommender_class(name) for name in names}


def main() -> None:
    """Read, ask, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--names", nargs="*", default=list(MEMBERS))
    parser.add_argument("--tasks", nargs="*", default=["time", "again", "last", "synthetic"])
    arguments = parser.parse_args()
    makers, seed = makers_of(tuple(arguments.names)), arguments.seed
    events, facts = read(arguments.data, seed)
    lines = [
        "# What comes next", "",
        "`python benchmarks/next_item.py --data FOLDER --out docs/tables/next_item.md` (seed "
        f"{seed}, numpy on one core). HetRec 2011 Last.fm, tag events: "
        + ", ".join(f"{name} {value}" for name, value in facts.items()) + ".",
        "A day stands for a meeting with an artist. Nearly all days are the first of a month: within a month there is "
        "no order, so the answer to a question in time is all of the listener's next month, and ties are shuffled. "
        "`repeats` is \"popular for you\" (what the listener came back to, then what everybody has), `popular` what many "
        "have met lately. All are asked at the moment of the answer.", "",
    ]  # fmt: skip
    begin, end = (float(day) for day in np.quantile(events.day, [0.7, 0.85]))
    over = float(events.day.max()) + 1
    made, follow = synthetic(seed)
    whole = last_out(made, False, seed)
    last = np.array([sequence[-1] for sequence in whole.asked.sequences])
    tasks: dict[str, tuple[str, Callable[[], Task], Callable[[], Task], dict]] = {
        "time": (
            "The next month, new artists, in time",
            lambda: in_time(events, begin, end, True), lambda: in_time(events, end, over, True), {},
        ),
        "again": (
            "The next month, artists met before too, in time",
            lambda: in_time(events, begin, end, False), lambda: in_time(events, end, over, False), {},
        ),
        "last": (
            "The last meeting left out (what others did later is known)",
            lambda: last_out(events, True, seed, 1), lambda: last_out(events, True, seed), {},
        ),
        "synthetic": (
            "Synthetic listeners, whose rule is known: the last play left out",
            lambda: last_out(made, False, seed, 1), lambda: whole, {"the truth": follow[last].astype(np.float32)},
        ),
    }  # fmt: skip
    for name in arguments.tasks:
        title, valid, test, extra = tasks[name]
        lines += compare(title, valid(), test(), makers, seed, extra)
        if name == "synthetic":
            lines += [MADE_UP, ""]
        if arguments.out:
            arguments.out.parent.mkdir(parents=True, exist_ok=True)
            arguments.out.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
