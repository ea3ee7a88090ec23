"""Are reasons exact, and is what they cite what moved the score? The deletion test on HetRec Last.fm.

    python benchmarks/explanations.py --data FOLDER --out docs/tables/explanations.md

For listeners drawn by a seed, and the best items that they haven't heard: the score must be the sum of the reasons; with
the cited item taken out of the listener's history it must fall, in the model as it is and, for some, fitted again
without it. Taking out another of their items, drawn at random, is the control. Of attributes, the one cited is taken from the item.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import choosing_data as hetrec
import numpy as np
import scipy.sparse as sp

from yuefu.recommend.base import Explanation, Recommender
from yuefu.recommend.content import Catalogue
from yuefu.recommend.content_based import ContentBased
from yuefu.recommend.histories import Histories

NAMES = ("item-knn", "ease", "als", "rp3beta", "content", "blend")


class ByItems(ContentBased):
    """The content recommender, explained by the listener's items instead of by attributes."""

    def explain(self, asked: Histories, item: int) -> Explanation:
        """The other exact way to cut its sum."""
        return self.explain_by_items(asked, item)


def without(matrix: sp.csr_matrix, pairs: dict[int, int]) -> Histories:
    """Histories with one column (value) of a row (key) taken out."""
    changed = matrix.tolil()
    for row, column in pairs.items():
        changed[row, column] = 0.0
    plain = changed.tocsr()
    plain.eliminate_zeros()
    return hetrec.asked(plain)


def cited(explanation: Explanation) -> int:
    """The item of the listener's own that added the most, -1 if none added anything."""
    return next((one.item for one in explanation.reasons if one.kind == "item" and one.amount > 0), -1)


def standing(model: Recommender, one: Histories, item: int) -> float:
    """An item's score beside the listener's others, in their spread: scores of two fits don't compare otherwise."""
    scores = model.scores(one)[0].astype(np.float64)
    known = scores[np.isfinite(scores)]
    return float((scores[item] - known.mean()) / known.std())


def fit(name: str, train: Histories, known: Catalogue, seed: int) -> Recommender:
    """By name, the content recommender by items."""
    return ByItems().fit(train, known) if name == "content" else hetrec.fitted(name, train, known, seed)


def attributes_line(train: Histories, known: Catalogue, rows: np.ndarray, tops: int, seed: int) -> list[str]:
    """The content recommender's reasons by attributes: with the one cited, or another of the item's, taken from it."""
    model = hetrec.fitted("content", train, known, seed)
    rng = np.random.default_rng(seed)
    scores = model.scores(train.rows(rows))
    scale = float(np.std(scores))
    off, promised, drops, control, seconds = [], [], [], [], []
    for at, row in enumerate(rows):
        masked = scores[at].copy()
        masked[list(hetrec.own(train.matrix, row))] = -np.inf
        one = train.rows([int(row)])
        for item in np.argsort(-masked, kind="stable")[:tops].tolist():
            began = time.perf_counter()
            told = model.explain(one, item)
            seconds.append(time.perf_counter() - began)
            total = told.rest + sum(reason.amount for reason in told.reasons)
            off.append(max(abs(told.score - scores[at, item]), abs(total - told.score)) / scale)
            best = known.names.index(told.reasons[0].name)
            others = np.setdiff1d(np.flatnonzero(known.features[item]), [best])
            fallen = []
            for column in (best, int(rng.choice(others))):
                changed = known.features.copy()
                changed[item, column] = 0.0
                after = hetrec.fitted("content", train, replace(known, features=changed), seed)
                fallen.append(float(scores[at, item] - after.scores(one)[0, item]) / scale)
            promised.append(told.reasons[0].amount / scale)
            drops.append(fallen[0])
            control.append(fallen[1])
    return [
        "content, by attribute",
        f"{len(off)}",
        f"{max(off):.1e}",
        f"{np.mean(np.array(drops) > 0):.1%}",
        f"{np.mean(drops):.3f}",
        f"{np.mean(promised):.3f} ({np.corrcoef(promised, drops)[0, 1]:.2f})",
        f"{np.mean(np.array(control) > 0):.1%}, {np.mean(control):.3f}",
        "–",
        "–",
        f"{1000 * np.median(seconds):.1f}",
    ]


def line_of(
    name: str, train: Histories, known: Catalogue, rows: np.ndarray, tops: int, refits: int, seed: int
) -> list[str]:
    """One recommender's line of the table."""
    began = time.perf_counter()
    model = fit(name, train, known, seed)
    fitting = time.perf_counter() - began
    rng = np.random.default_rng(seed)
    scores = model.scores(train.rows(rows))
    scale = float(np.std(scores[np.isfinite(scores)]))
    off, fell, control, drops, promised, seconds = [], [], [], [], [], []
    refit: dict[int, tuple[int, int, float, int]] = {}
    attributes = 0
    for at, row in enumerate(rows):
        heard = hetrec.own(train.matrix, row)
        masked = scores[at].copy()
        masked[list(heard)] = -np.inf
        one = train.rows([int(row)])
        for item in np.argsort(-masked, kind="stable")[:tops]:
            item = int(item)
            began = time.perf_counter()
            told = model.explain(one, item)
            seconds.append(time.perf_counter() - began)
            total = told.rest + sum(reason.amount for reason in told.reasons)
            off.append(max(abs(told.score - scores[at, item]), abs(total - told.score)) / scale)
            own = cited(told)
            if own < 0:
                attributes += 1
                continue
            after = model.scores(without(one.matrix, {0: own}))[0, item]
            amount = max(reason.amount for reason in told.reasons if reason.kind == "item" and reason.item == own)
            drops.append(float(scores[at, item] - after) / scale)
            promised.append(amount / scale)
            fell.append(after < scores[at, item])
            others = sorted(heard - {own})
            other = int(rng.choice(others))
            control.append(float(scores[at, item] - model.scores(without(one.matrix, {0: other}))[0, item]) / scale)
            if len(refit) < refits and int(row) not in refit:
                refit[int(row)] = (own, item, float(scores[at, item]), other)
    again = fit(name, without(train.matrix, {row: own for row, (own, *_) in refit.items()}), known, seed)
    control_model = fit(name, without(train.matrix, {row: other for row, (*_, other) in refit.items()}), known, seed)
    changed, unlike = [], []
    for row, (own, item, _, other) in refit.items():
        one = train.rows([row])
        before = standing(model, one, item)
        changed.append(before - standing(again, without(one.matrix, {0: own}), item))
        unlike.append(before - standing(control_model, without(one.matrix, {0: other}), item))
    ratio = np.corrcoef(promised, drops)[0, 1] if len(drops) > 2 else float("nan")
    cells = [
        "content, by item" if name == "content" else name,
        f"{len(off)}",
        f"{max(off):.1e}",
        f"{np.mean(fell):.1%}" if fell else "–",
        f"{np.mean(drops):.3f}" if drops else "–",
        f"{np.mean(promised):.3f} ({ratio:.2f})" if promised else "–",
        f"{np.mean(np.array(control) > 0):.1%}, {np.mean(control):.3f}" if control else "–",
        f"{np.mean(np.array(changed) > 0):.1%}, {np.mean(changed):.3f} ({len(changed)})" if changed else "–",
        f"{np.mean(np.array(unlike) > 0):.1%}, {np.mean(unlike):.3f}" if unlike else "–",
        f"{1000 * np.median(seconds):.1f}",
    ]
    print(name, f"fit {fitting:.1f} s", cells, "no own item cited:", attributes, flush=True)
    return cells


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--names", default=",".join(NAMES))
    parser.add_argument("--listeners", type=int, default=120)
    parser.add_argument("--tops", type=int, default=3)
    parser.add_argument("--refits", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    data = hetrec.load(given.data)
    train, test = hetrec.split(data.taps, given.seed)
    known = hetrec.catalogue(data, hidden=test)
    rows = np.random.default_rng(given.seed).permutation(train.shape[0])[: given.listeners]
    lines = [
        "# Explanations: the deletion test",
        "",
        f"HetRec Last.fm 5-core, {given.listeners} listeners, their {given.tops} best unheard items each. Differences are in the"
        " spread of the recommender's scores. Exact: the largest difference between the score, the sum of its reasons and"
        " what `scores` gives. Fell: how often the score fell when the cited item was taken out of the history, and by how"
        " much on the mean; said: the amount of the reason, and how it correlates with the fall. Random: the same for"
        " another item of the listener. Fitted again: one pair of each of so many listeners taken out at once, and"
        " the model fitted anew; what falls is the item's place among the listener's scores, in their spread, since the"
        " scores of two fits don't compare otherwise.",
        "",
        "| recommender | reasons | exact | fell | by | said (correlation) | random: fell, by | fitted again: fell, by (of)"
        " | random, fitted again | median ms |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    histories = hetrec.asked(train)
    for name in given.names.split(","):
        cells = line_of(name, histories, known, rows, given.tops, given.refits, given.seed)
        lines.append("| " + " | ".join(cells) + " |")
        if name == "content":
            cells = attributes_line(histories, known, rows[:30], given.tops, given.seed)
            lines.append("| " + " | ".join(cells) + " |")
    hetrec.write(lines, given.out)


if __name__ == "__main__":
    main()
