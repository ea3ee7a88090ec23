"""Every recommender that needs no order, beside implicit's own models: HetRec 2011 Last.fm, full ranking, three seeds.

    python benchmarks/recommend.py --data hetrec2011-lastfm-2k --out docs/tables/recommend.md

Pairs of listener and artist, 5-core, binary. Of each listener's pairs 20% are drawn for the test. Of the rest a fifth is
held out again: on it, and on it alone, settings are chosen from the lists below and the blend's weights are learnt;
then everything is fitted on all of the 80%. Tags that artists have come from pairs of listener and artist outside the
test (while settings are chosen: outside the test and what is held out). All artists that a listener doesn't have
in the 80% are ranked.

implicit's models (pip install implicit) choose from their own lists, on the same held-out fifth.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from yuefu.recommend.base import Floats
from yuefu.recommend.blend import Blend
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories, histories_of_matrix
from yuefu.recommend.measures import Measures, measure
from yuefu.recommend.registry import recommender_class
from yuefu.recommend.splits import random_split
from yuefu.score.files import atomic_write

#: Settings that each recommender chooses from.
OWN: dict[str, list[dict[str, Any]]] = {
    "popular": [{}],
    "repeats": [{}],
    "item-knn": [{"neighbours": 100, "shrink": 10}, {"neighbours": 200, "shrink": 0}],
    "rp3beta": [{}, {"alpha": 1.0, "beta": 0.6}],
    "content": [{}],
    "bpr": [{"rate": 0.1, "alpha": 10, "hold": 3}, {"rate": 0.1, "alpha": 2, "hold": 10}],
    "als": [{"rounds": 8, "models": 3, "reg": 30}, {"rounds": 8, "models": 3, "reg": 45}],
    "ease": [
        {"l2": 160, "side": 10, "dropout": 0.4}, {"l2": 250, "side": 10, "dropout": 0.4},
        {"l2": 160, "side": 5, "dropout": 0.4}, {"l2": 250, "side": 20, "dropout": 0.4},
    ],
}  # fmt: skip
BLENDED = ("ease", "als", "item-knn", "rp3beta", "content", "popular")
PEERS: dict[str, list[dict[str, Any]]] = {
    "implicit ALS": [
        {"factors": 64, "alpha": 10, "regularization": 30, "iterations": 10},
        {"factors": 64, "alpha": 30, "regularization": 30, "iterations": 10},
        {"factors": 64, "alpha": 2, "regularization": 5, "iterations": 10},
        {"factors": 128, "alpha": 30, "regularization": 60, "iterations": 10},
    ],
    "implicit BPR": [
        {"factors": 64, "learning_rate": 0.05, "regularization": 0.01, "iterations": 150},
        {"factors": 64, "learning_rate": 0.1, "regularization": 0.03, "iterations": 150},
        {"factors": 100, "learning_rate": 0.01, "regularization": 0.01, "iterations": 300},
    ],
    "implicit item-item cosine": [{"K": 50}, {"K": 100}, {"K": 200}],
    "implicit item-item BM25": [{"K": 100, "K1": 1.2, "B": 0.75}, {"K": 200, "K1": 1.2, "B": 0.2}, {"K": 50, "K1": 100, "B": 0.5}],
}  # fmt: skip
Pairs = tuple[np.ndarray, np.ndarray]


class HetRec:
    """The data set: 5-core pairs, and who gave which artist which tag."""

    def __init__(self, folder: Path) -> None:
        listener, artist = np.loadtxt(folder / "user_artists.dat", skiprows=1, dtype=np.int64)[:, :2].T
        while True:
            keep = (np.bincount(listener)[listener] >= 5) & (np.bincount(artist)[artist] >= 5)
            if keep.all():
                break
            listener, artist = listener[keep], artist[keep]
        self.listeners, self.row = np.unique(listener, return_inverse=True)
        self.artists, self.column = np.unique(artist, return_inverse=True)
        self.shape = (len(self.listeners), len(self.artists))
        tags = np.loadtxt(folder / "user_taggedartists.dat", skiprows=1, dtype=np.int64)[:, :3]
        tags = tags[np.isin(tags[:, 1], self.artists)]
        row = np.searchsorted(self.listeners, tags[:, 0])
        known = self.listeners[np.minimum(row, len(self.listeners) - 1)] == tags[:, 0]
        self.tagger = np.where(known, row, -1)
        self.tagged = np.searchsorted(self.artists, tags[:, 1])
        self.tag = tags[:, 2]

    def histories(self) -> Histories:
        """All pairs."""
        return histories_of_matrix(
            sp.csr_matrix((np.ones(len(self.row), dtype=np.float32), (self.row, self.column)), shape=self.shape)
        )

    def catalogue(self, hidden: sp.csr_matrix) -> Catalogue:
        """log(1 + times) that artists were given each tag, by pairs that aren't hidden; tags of two artists or more."""
        pairs = hidden.tocoo()
        keys = pairs.row.astype(np.int64) * self.shape[1] + pairs.col
        shown = (self.tagger < 0) | ~np.isin(self.tagger * self.shape[1] + self.tagged, keys)
        counts = sp.csr_matrix(
            (np.ones(int(shown.sum())), (self.tagged[shown], self.tag[shown])),
            shape=(self.shape[1], self.tag.max() + 1),
        )
        used = np.flatnonzero(np.diff(counts.tocsc().indptr) >= 2)
        features = np.log1p(counts[:, used].toarray()).astype(np.float32)
        items = tuple(str(column) for column in range(self.shape[1]))
        names = tuple(f"tag:{tag}" for tag in used)
        return Catalogue(items, features, names, ("",) * self.shape[1], np.full(self.shape[1], np.nan))


def peer(name: str, settings: dict[str, Any], train: sp.csr_matrix, seed: int) -> Floats:
    """The scores of one of implicit's models."""
    from implicit.als import AlternatingLeastSquares
    from implicit.bpr import BayesianPersonalizedRanking
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender

    taps = sp.csr_matrix(train, dtype=np.float32)
    quiet = {"show_progress": False}
    if name.endswith(("ALS", "BPR")):
        kind = AlternatingLeastSquares if name.endswith("ALS") else BayesianPersonalizedRanking
        model = kind(**settings, random_state=seed, num_threads=1)
        model.fit(taps, **quiet)
        return np.asarray(model.user_factors @ model.item_factors.T, dtype=np.float32)
    model = (BM25Recommender if name.endswith("BM25") else CosineRecommender)(**settings, num_threads=1)
    model.fit(taps, **quiet)
    return np.asarray((taps @ model.similarity).toarray(), dtype=np.float32)


def chosen(settings: list[dict[str, Any]], scored: Callable[[dict[str, Any]], Measures]) -> dict[str, Any]:
    """The settings whose ranking of what was held out is best."""
    if len(settings) == 1:
        return settings[0]
    return max(settings, key=lambda one: scored(one).ndcg)


def one_seed(data: HetRec, seed: int) -> dict[str, Any]:
    """Measures of all by name, with the settings chosen and seconds."""
    split = random_split(data.histories(), seed=seed)
    train, held = split.train, split.held
    inner = random_split(train, seed=seed + 1000)
    catalogue, known = data.catalogue(held), data.catalogue(held + inner.held)
    found: dict[str, Any] = {}
    picked: dict[str, dict[str, Any]] = {}

    def note(name: str, scores: Floats, settings: Any, started: float) -> None:
        measures = measure(scores, train.matrix, held)
        found[name] = {**asdict(measures), "settings": settings, "seconds": time.perf_counter() - started}
        print(seed, name, f"{measures.ndcg:.4f} {measures.recall:.4f}", settings, flush=True)

    for name, settings in OWN.items():

        def tried(one: dict[str, Any], name: str = name) -> Measures:
            model = recommender_class(name)(**one).fit(inner.train, known, seed=seed)
            return measure(model.scores(inner.train), inner.train.matrix, inner.held)

        picked[name] = chosen(settings, tried)
    started = time.perf_counter()
    blend = Blend({name: picked[name] for name in BLENDED}).fit(train, catalogue, seed=seed, split=inner, known=known)
    scores = blend.scores(train)
    weights = {name: blend.shape.weights[:, at].round(3).tolist() for at, name in enumerate(blend.members)}
    note("blend", scores, weights, started)
    for name in OWN:
        started = time.perf_counter()
        model = blend.members.get(name) or recommender_class(name)(**picked[name]).fit(train, catalogue, seed=seed)
        note(name, model.scores(train), picked[name], started)
    started = time.perf_counter()
    plain = recommender_class("ease")(l2=100, level=0.0, dropout=0.0).fit(train, None)
    note("ease, published form", plain.scores(train), {"l2": 100}, started)
    for name, settings in PEERS.items():

        def tried_peer(one: dict[str, Any], name: str = name) -> Measures:
            return measure(peer(name, one, inner.train.matrix, seed), inner.train.matrix, inner.held)

        best = chosen(settings, tried_peer)
        started = time.perf_counter()
        note(name, peer(name, best, train.matrix, seed), best, started)
    return found


def table(results: dict[int, dict[str, Any]], shape: tuple[int, int], pairs: int) -> str:
    """Means and spreads as Markdown."""
    seeds = sorted(results)
    lines = [
        "# Recommenders on HetRec 2011 Last.fm",
        "",
        "    python benchmarks/recommend.py --data hetrec2011-lastfm-2k",
        "",
        f"{shape[0]:,} listeners, {shape[1]:,} artists (5-core), {pairs:,} pairs, binary; per listener 80/20 at random, "
        f"all unheard artists ranked; mean ± standard deviation over seeds {', '.join(map(str, seeds))}. Settings and "
        "weights from a fifth of the training pairs, held out; tags only from pairs outside the test.",
        "",
        "| recommender | NDCG@10 | Recall@20 | MRR | coverage@10 | novelty@10 (bits) | Gini@10 |",
        "|---|---|---|---|---|---|---|",
    ]
    names = sorted(results[seeds[0]], key=lambda name: -np.mean([results[seed][name]["ndcg"] for seed in seeds]))
    for name in names:
        cells = []
        for key, digits in (("ndcg", 4), ("recall", 4), ("mrr", 3), ("coverage", 3), ("novelty", 2), ("gini", 3)):
            values = [results[seed][name][key] for seed in seeds]
            cells.append(f"{np.mean(values):.{digits}f} ± {np.std(values):.{digits}f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "Settings chosen, by seed:", ""]
    for name in names:
        told = [json.dumps(results[seed][name]["settings"]) for seed in seeds]
        one = told[0] if len(set(told)) == 1 else "; ".join(told)
        lines.append(f"- {name}: {one}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--keep", type=Path, help="a JSON file with the results so far: seeds in it aren't run again")
    options = parser.parse_args()
    data = HetRec(options.data)
    results: dict[int, dict[str, Any]] = {}
    if options.keep and options.keep.exists():
        results = {int(seed): one for seed, one in json.loads(options.keep.read_text()).items()}
    for seed in map(int, options.seeds.split(",")):
        if seed not in results:
            results[seed] = one_seed(data, seed)
            if options.keep:
                atomic_write(options.keep, json.dumps(results, indent=1).encode())
    text = table(results, data.shape, len(data.row))
    print(text)
    if options.out:
        atomic_write(options.out, text.encode())


if __name__ == "__main__":
    main()
