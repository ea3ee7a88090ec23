"""Recommenders by name. Another package adds its own by an entry point of the group ``yuefu.recommenders``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from yuefu.errors import UnknownNameError
from yuefu.recommend.base import Recommender, RecommenderInfo

#: Name -> "module:Class"; the class can be made without arguments.
RECOMMENDERS = {
    "popular": "yuefu.recommend.popularity:Popularity",
    "repeats": "yuefu.recommend.repeats:Repeats",
    "item-knn": "yuefu.recommend.item_knn:ItemKnn",
    "ease": "yuefu.recommend.ease:Ease",
    "als": "yuefu.recommend.als:Als",
    "bpr": "yuefu.recommend.bpr:Bpr",
    "rp3beta": "yuefu.recommend.rp3beta:Rp3Beta",
    "markov": "yuefu.recommend.markov:NextMarkov",
    "sasrec": "yuefu.recommend.sasrec:SasRec",
    "content": "yuefu.recommend.content_based:ContentBased",
    "blend": "yuefu.recommend.blend:Blend",
}


@cache
def _known() -> dict[str, str]:
    others = {point.name: point.value for point in entry_points(group="yuefu.recommenders")}
    return {**others, **RECOMMENDERS}


def recommender_names() -> tuple[str, ...]:
    """The recommenders that are there, our own first."""
    return tuple(dict.fromkeys([*RECOMMENDERS, *sorted(_known())]))


def recommender_class(name: str) -> type[Recommender]:
    """The class of a recommender. Raises UnknownNameError."""
    known = _known()
    if name not in known:
        raise UnknownNameError("recommender", str(name), known)
    module, _, attribute = known[name].partition(":")
    found: type[Recommender] = getattr(import_module(module), attribute)
    return found


def recommender_info(name: str) -> RecommenderInfo:
    """About a recommender. Raises UnknownNameError."""
    return recommender_class(name).info
