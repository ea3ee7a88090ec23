"""Cold start on HetRec Last.fm: listeners of whom little is known, and artists whom nobody has heard yet.

    python benchmarks/cold_start_recommend.py --data FOLDER --out docs/tables/cold_start_recommend.md

A fifth of the listeners is held out whole (their taps and tags): of each, 0 to 5 taps drawn at random are told, the rest
must be found. A tenth of the artists is held out whole from what recommenders learn: they are placed by the tags that
one half of the listeners gave them, for listeners of the other half.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import choosing_data as hetrec
import numpy as np
import scipy.sparse as sp

from yuefu.recommend.cold import clips_to_show, profile_of_choices, start_scores, tie
from yuefu.recommend.content import Catalogue


def top(scores: np.ndarray, heard: set[int]) -> np.ndarray:
    """The best twenty that weren't told."""
    masked = scores.astype(np.float64).copy()
    masked[list(heard)] = -np.inf
    return np.argsort(-masked, kind="stable")[:20]


def new_listeners(data: hetrec.HetRec, seed: int, other: str) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Way -> what is told ("0", "1", ...) -> NDCG@10 and Recall@20 of every held-out listener."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(data.taps.shape[0])
    held, kept = np.sort(order[: len(order) // 5]), np.sort(order[len(order) // 5 :])
    known = hetrec.catalogue(data, without=held)
    train = data.taps[kept]
    model = hetrec.fitted(other, hetrec.asked(train), known, seed)
    fame = np.asarray(train.sum(axis=0)).ravel()
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}

    def tell(way: str, told: str, scores: np.ndarray, heard: set[int], wanted: set[int]) -> None:
        listed = top(scores, heard)
        found.setdefault(way, {}).setdefault(told, []).append(
            (hetrec.ndcg(listed, wanted), hetrec.recall(listed, wanted))
        )

    shows = {
        "shown to tell the most": clips_to_show(known, 5, seed, popularity=fame),
        "the five most popular": np.argsort(-fame, kind="stable")[:5].tolist(),
        "five at random": rng.choice(len(fame), 5, replace=False).tolist(),
    }
    width = data.taps.shape[1]
    for row in held:
        own = hetrec.own(data.taps, row)
        if len(own) < 10:
            continue
        drawn = rng.permutation(sorted(own))[:5]
        for taps in (0, 1, 3, 5):
            heard = {int(item) for item in drawn[:taps]}
            # The same is looked for whatever was told.
            wanted = own - {int(item) for item in drawn}
            question = sp.csr_matrix((np.ones(taps, np.float32), (np.zeros(taps, int), drawn[:taps])), shape=(1, width))
            profile = profile_of_choices((), [(item, True) for item in sorted(heard)], known)
            mine = profile.scores(known)
            theirs = model.scores(hetrec.asked(question))[0] if taps else None
            tell("popularity", str(taps), fame, heard, wanted)
            tell("start: tags", str(taps), start_scores(mine, taps, fame), heard, wanted)
            if theirs is not None:
                tell(other + " alone", str(taps), theirs, heard, wanted)
            tell(f"start: tags and {other}", str(taps), start_scores(mine, taps, fame, others=theirs), heard, wanted)
        for name, clips in shows.items():
            liked = [item for item in clips if item in own]
            question = sp.csr_matrix(
                (np.ones(len(liked), np.float32), (np.zeros(len(liked), int), liked)), shape=(1, width)
            )
            mine = profile_of_choices((), [(item, True) for item in liked], known).scores(known)
            theirs = model.scores(hetrec.asked(question))[0] if liked else None
            tell(name, "clips", start_scores(mine, len(liked), fame, others=theirs), set(clips), own - set(clips))
        tell("popularity, those five left out", "clips", fame, set(shows["shown to tell the most"]),
             own - set(shows["shown to tell the most"]))  # fmt: skip
    return found


def new_items(
    data: hetrec.HetRec, seed: int, names: list[str]
) -> tuple[dict[str, list[tuple[float, float, float]]], float]:
    """Way -> NDCG@10, Recall@20 and the chance that a wanted one stands above another (AUC), among the new artists
    alone; and the seconds in which one new artist is tied and scored for all."""
    rng = np.random.default_rng(seed)
    listeners, artists = data.taps.shape
    order = rng.permutation(listeners)
    tagging, asking = np.sort(order[: listeners // 2]), np.sort(order[listeners // 2 :])
    fresh = np.sort(rng.permutation(artists)[: artists // 10])
    old = np.setdiff1d(np.arange(artists), fresh)
    # The tags of those who are asked tell what they listen to: they aren't counted.
    full = hetrec.catalogue(data, without=asking)
    known = Catalogue(
        tuple(full.items[at] for at in old),
        full.features[old],
        full.names,
        tuple(full.creators[at] for at in old),
        full.created[old],
    )
    train = hetrec.asked(data.taps[:, old].tocsr())
    question = hetrec.asked(data.taps[asking][:, old].tocsr())
    wanted = data.taps[asking][:, fresh].tocsr()
    began = time.perf_counter()
    tied = tie(full.features[fresh], known)
    tying = time.perf_counter() - began
    others = data.tagged[np.isin(data.tagged[:, 0], tagging)]
    tagged = np.bincount(others[:, 1], minlength=artists)[fresh].astype(float)
    ways = {
        "random": rng.random((len(asking), len(fresh))),
        "most tagged": np.tile(tagged, (len(asking), 1)),
    }
    for name in names:
        model = hetrec.fitted(name, train, known, seed)
        scores = model.scores(question)
        # What was heard says the most about what it is tied to, whatever a recommender gives it.
        ways[f"tied, by {name}"] = tied.scores(scores)
    own = question.matrix
    ways["tied, by what was heard"] = tied.scores(own.toarray())
    own_scale = {way: (values - values.mean(1, keepdims=True)) / (values.std(1, keepdims=True) + 1e-9)
                 for way, values in ways.items()}  # fmt: skip
    for name in names:
        ways[f"tied, by {name} and what was heard"] = (
            own_scale[f"tied, by {name}"] + own_scale["tied, by what was heard"]
        )
    found: dict[str, list[tuple[float, float, float]]] = {}
    for row in range(len(asking)):
        liked = hetrec.own(wanted, row)
        if not liked:
            continue
        for way, scores in ways.items():
            listed = np.argsort(-scores[row], kind="stable")
            ranks = np.empty(len(listed))
            ranks[listed] = np.arange(len(listed))
            mine = np.array(sorted(liked))
            above = (len(listed) - 1 - ranks[mine] - np.arange(len(mine))[::-1].mean()) / (len(listed) - len(mine))
            found.setdefault(way, []).append(
                (hetrec.ndcg(listed, liked), hetrec.recall(listed, liked), float(above.mean()))
            )
    return found, tying / len(fresh)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--recommender", default="ease")
    parser.add_argument("--names", default="ease,als,content")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    data = hetrec.load(given.data)
    listeners: dict[str, dict[str, list[tuple[float, float]]]] = {}
    items: dict[str, list[tuple[float, float, float]]] = {}
    for seed in range(1, given.seeds + 1):
        for way, told in new_listeners(data, seed, given.recommender).items():
            for key, values in told.items():
                listeners.setdefault(way, {}).setdefault(key, []).extend(values)
        found, each = new_items(data, seed, given.names.split(","))
        for way, rows in found.items():
            items.setdefault(way, []).extend(rows)
        print("seed", seed, flush=True)
    taps = ("0", "1", "3", "5")
    lines = [
        "# Cold start",
        "",
        f"HetRec Last.fm 5-core, {given.seeds} seeds. NDCG@10 / Recall@20, all artists ranked.",
        "",
        "## New listeners, by the number of taps told",
        "",
        "| | " + " | ".join(taps) + " |",
        "|---|" + "---|" * len(taps),
    ]
    for way, told in listeners.items():
        if "clips" in told:
            continue
        cells = [
            " / ".join(f"{value:.3f}" for value in np.mean(told[key], axis=0)) if key in told else "–" for key in taps
        ]
        lines.append(f"| {way} | " + " | ".join(cells) + " |")
    lines += ["", "Five clips shown instead, each liked if it is among the listener's own:", "", "| | |", "|---|---|"]
    for way, told in listeners.items():
        if "clips" in told:
            lines.append(f"| {way} | " + " / ".join(f"{value:.3f}" for value in np.mean(told["clips"], axis=0)) + " |")
    lines += [
        "",
        "## New artists, ranked among themselves",
        "",
        "| | NDCG@10 | Recall@20 | AUC |",
        "|---|---|---|---|",
    ]
    for way, rows in items.items():
        lines.append(f"| {way} | " + " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0)) + " |")
    lines += ["", f"A new artist is tied to the known ones in {each * 1000:.1f} ms."]
    hetrec.write(lines, given.out)


if __name__ == "__main__":
    main()
