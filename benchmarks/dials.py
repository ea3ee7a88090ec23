"""What each dial does to lists for HetRec Last.fm listeners, and what it costs in accuracy.

    python benchmarks/dials.py --data FOLDER --out docs/tables/dials.md

Artists are their own creators here, so small creators are those artists who together have a fifth of all listening.
"""

from __future__ import annotations

import argparse
import time
from itertools import combinations, pairwise
from pathlib import Path

import choosing_data as hetrec
import numpy as np

from yuefu.recommend.cold import unit_rows
from yuefu.recommend.rerank import Dials, creators_share_of, places, rerank, small_of

STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
NAMES = {"diversity": "diversity", "novelty": "novelty", "small_creators": "small creators"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--recommender", default="ease")
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    data = hetrec.load(given.data)
    train, test = hetrec.split(data.taps, given.seed)
    known = hetrec.catalogue(data, hidden=test)
    asked = hetrec.asked(train)
    model = hetrec.fitted(given.recommender, asked, known, given.seed)
    rows = np.random.default_rng(given.seed).permutation(train.shape[0])[: given.listeners]
    scores = model.scores(asked.rows(rows))
    fame = np.asarray(train.sum(axis=0)).ravel()
    small = small_of(known, creators_share_of(known, fame))
    unit = unit_rows(known.features)
    surprise = -np.log2((fame + 1) / (train.shape[0] + 1))
    looked = places(10)
    pairs = np.array(list(combinations(range(10), 2)))
    candidates = [np.setdiff1d(np.arange(train.shape[1]), list(hetrec.own(train, row))) for row in rows]

    def measure(dials: Dials) -> list[float]:
        found, shown = [], set()
        for at, row in enumerate(rows):
            order = rerank(scores[at], candidates[at], known, fame, dials=dials, n=20, small=small).order
            top = order[:10]
            wanted = hetrec.own(test, row)
            apart = 1 - np.clip((unit[top[pairs[:, 0]]] * unit[top[pairs[:, 1]]]).sum(axis=1), 0, 1).mean()
            theirs = float(looked @ small[top] / looked.sum())
            found.append(
                (hetrec.ndcg(order, wanted), hetrec.recall(order, wanted), apart, surprise[top].mean(), theirs)
            )
            shown.update(top.tolist())
        return [*np.mean(found, axis=0).tolist(), len(shown) / train.shape[1]]

    lines = [
        "# The dials",
        "",
        f"HetRec Last.fm 5-core, `{given.recommender}`, {len(rows)} listeners, ten places (recall: twenty), split by seed"
        f" {given.seed}. Unlikeness is 1 - cosine of tags between the items of a list; surprise is -log2 of the share of"
        f" listeners who know an item; the small creators ({small.mean():.0%} of the artists, a fifth of the listening)"
        " by exposure.",
        "",
        "| dial | at | NDCG@10 | Recall@20 | unlikeness | surprise, bits | small creators' share | coverage |",
        "|---|---|---|---|---|---|---|---|",
    ]
    began, lists = time.perf_counter(), 0
    told: dict[str, list[list[float]]] = {}
    base = measure(Dials())
    for name, title in NAMES.items():
        told[name] = []
        for step in STEPS:
            values = base if step == 0 else measure(Dials(**{name: step}))
            lists += len(rows)
            told[name].append(values)
            cells = " | ".join(f"{value:.3f}" if at != 3 else f"{value:.2f}" for at, value in enumerate(values))
            lines.append(f"| {title} | {step:g} | {cells} |")
    together = measure(Dials(0.25, 0.25, 0.25))
    cells = " | ".join(f"{value:.3f}" if at != 3 else f"{value:.2f}" for at, value in enumerate(together))
    lines.append(f"| all three | 0.25 | {cells} |")
    each = (time.perf_counter() - began) / lists * 1000
    own = {"diversity": 2, "novelty": 3, "small_creators": 4}
    rises = {
        NAMES[name]: all(later[own[name]] >= earlier[own[name]] - 1e-9 for earlier, later in pairwise(steps))
        for name, steps in told.items()
    }
    lines += [
        "",
        "Each dial raises what it is called at every step: "
        + ", ".join(f"{name} {'yes' if yes else 'no'}" for name, yes in rises.items())
        + f". A list takes {each:.1f} ms.",
    ]
    hetrec.write(lines, given.out)


if __name__ == "__main__":
    main()
