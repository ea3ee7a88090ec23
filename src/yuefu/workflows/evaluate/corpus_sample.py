"""Held-out works as the human row of whole pieces: sets by the shares in which the shipped model learnt them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from yuefu.corpus.store import iter_scores, set_names
from yuefu.errors import InputError
from yuefu.score.model import Score
from yuefu.workflows.evaluate import SuiteContext

#: The sets whose works have a tune, by their weights in ``configs/fill.toml``.
SHARES: Mapping[str, float] = {
    "pop909": 30, "openewld": 12, "wjazzd": 5, "openscore_lieder": 5, "openhymnal": 4, "openscore_quartets": 3,
    "openscore_orchestra": 2, "mutopia": 8, "jsb_chorales": 2, "game_freedoom": 7, "game_simutrans": 8,
    "game_easyrpg": 3, "cre_irish": 2, "pd_fiddle_abc": 4, "musetrainer_pd": 2,
}  # fmt: skip


def quotas(count: int, shares: Mapping[str, float], present: Mapping[str, int]) -> dict[str, int]:
    """How many works of each set: by share, at most those there are; what a small set lacks goes to the others.

    >>> quotas(10, {"a": 3, "b": 1}, {"a": 2, "b": 20})
    {'a': 2, 'b': 8}
    """
    found = {name: 0 for name in sorted(shares) if present.get(name)}
    for _ in range(min(count, sum(present[name] for name in found))):
        open_sets = [name for name in found if found[name] < present[name]]
        # The set that lies furthest behind its share (Webster's method).
        best = max(open_sets, key=lambda name: shares[name] / (2 * found[name] + 1))
        found[best] += 1
    return found


def human_pieces(context: SuiteContext, count: int, split: str = "test") -> list[Score]:
    """About ``count`` held-out works with a tune, one piece a work, by ``SHARES``. Raises InputError for none."""
    folder = context.built_corpus()
    names = [name for name in set_names(folder) if name in SHARES]
    rng = np.random.default_rng([context.seed, 23])
    members: dict[str, list[Score]] = {}
    for name in names:
        works: dict[str, Score] = {}
        for score in iter_scores(folder, [name], split):
            if score.part("melody") is not None:
                works.setdefault(str(score.metadata.get("work", score.title)), score)
        scores = [works[work] for work in sorted(works)]
        members[name] = [scores[i] for i in rng.permutation(len(scores))]
    wanted = quotas(count, SHARES, {name: len(found) for name, found in members.items()})
    pieces = [score for name, number in wanted.items() for score in members[name][:number]]
    if not pieces:
        raise InputError(f"the corpus has no {split} works with a tune of {', '.join(SHARES)}: build some of them.")
    return pieces
