"""Fitted recommenders together with what their rows and columns are called: fit once, keep in a file, ask often."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yuefu.errors import FormatError, InputError, UnknownNameError, YuefuError
from yuefu.progress import Listener, Progress, ignore
from yuefu.recommend.base import Explanation, Floats, Recommender
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.packing import pack, unpack
from yuefu.recommend.registry import recommender_class

#: So many scores are held at once while many listeners are answered.
BATCH_SCORES = 8_000_000
NOBODY = np.int64(-1)


@dataclass(frozen=True, eq=False)
class Ranked:
    """The best for each listener. items: (listeners, n) columns, -1 behind the last that could be told anything about;
    scores: beside them, -inf there."""

    items: NDArray[np.int64]
    scores: Floats

    def of(self, row: int = 0) -> list[tuple[int, float]]:
        """Columns and scores for one listener, the best first."""
        return [(int(item), float(score)) for item, score in zip(self.items[row], self.scores[row]) if item >= 0]


@dataclass(eq=False)
class FittedModel:
    """recommenders: by name, the first is the one that is asked when none is named; items: what the columns are
    called; listeners: whom it learnt from; catalogue: what was known of the items; facts: how it was fitted (seconds
    by name, the day, how many listeners, items and plays, and whatever is added); version: a digest of all of it once
    it was saved or loaded, "" before."""

    recommenders: dict[str, Recommender]
    items: tuple[str, ...]
    listeners: tuple[str, ...]
    catalogue: Catalogue | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    version: str = ""

    @classmethod
    def fit(
        cls,
        data: Histories,
        catalogue: Catalogue | None = None,
        names: Sequence[str] = ("blend",),
        seed: int = 0,
        progress: Listener = ignore,
        facts: Mapping[str, Any] | None = None,
    ) -> Self:
        """Fit recommenders of the registry. Raises UnknownNameError, InputError."""
        if not names:
            raise InputError("at least one recommender must be named")
        if catalogue is not None and catalogue.items != data.items:
            raise InputError("the catalogue's items aren't those of the histories, in their order")
        classes = {name: recommender_class(name) for name in names}
        fitted: dict[str, Recommender] = {}
        seconds: dict[str, float] = {}
        for at, (name, made) in enumerate(classes.items()):
            progress(Progress("recommend", at, len(classes), name))
            start = time.perf_counter()
            fitted[name] = made().fit(data, catalogue, seed=seed, progress=progress)
            seconds[name] = round(time.perf_counter() - start, 4)
        progress(Progress("recommend", len(classes), len(classes)))
        told = {
            "seconds": seconds,
            "now": data.now,
            "listeners": len(data.listeners),
            "items": len(data.items),
            "plays": int(sum(len(sequence) for sequence in data.sequences)),
            "pairs": int(data.matrix.nnz),
            "seed": seed,
            **(facts or {}),
        }
        return cls(fitted, data.items, data.listeners, catalogue, told)

    @cached_property
    def columns(self) -> dict[str, int]:
        """Which column an item is."""
        return {item: column for column, item in enumerate(self.items)}

    @property
    def names(self) -> tuple[str, ...]:
        """The recommenders in it, the one that is asked first."""
        return tuple(self.recommenders)

    def recommender(self, name: str | None = None) -> Recommender:
        """A recommender in it, the first without a name. Raises UnknownNameError."""
        chosen = self.names[0] if name is None else name
        if chosen not in self.recommenders:
            raise UnknownNameError("fitted recommender", chosen, self.recommenders)
        return self.recommenders[chosen]

    def scores(self, asked: Histories, name: str | None = None) -> Floats:
        """Scores (listeners, items). Raises InputError when ``asked`` has other columns."""
        if asked.items is not self.items and asked.items != self.items:
            raise InputError(f"this was fitted for {len(self.items)} items; what is asked has other ones")
        return self.recommender(name).scores(asked)

    def recommend(
        self,
        asked: Histories,
        n: int = 20,
        allowed: NDArray[np.bool_] | None = None,
        *,
        name: str | None = None,
        again: bool = False,
    ) -> Ranked:
        """The n best for each listener, ties in the order of the columns.

        allowed: a mask of the items, for all (items,) or each of them (listeners, items); again: what was heard may
        come too. What is disliked never comes.
        """
        rows, width = asked.shape
        n = max(0, min(n, width))
        items = np.full((rows, n), NOBODY)
        scores = np.full((rows, n), -np.inf, dtype=np.float32)
        if allowed is not None and allowed.shape not in ((width,), (rows, width)):
            raise InputError(f"the mask has the shape {allowed.shape}, not ({width},) or ({rows}, {width})")
        step = max(1, BATCH_SCORES // max(width, 1))
        for start in range(0, rows, step):
            part = asked if rows <= step else asked.rows(range(start, min(start + step, rows)))
            found = np.array(self.scores(part, name), dtype=np.float32)
            if allowed is not None:
                found[
                    ~np.broadcast_to(allowed if allowed.ndim == 1 else allowed[start : start + step], found.shape)
                ] = -np.inf
            if not again:
                found[_marked(part.matrix)] = -np.inf
                for row, sequence in enumerate(part.sequences):
                    found[row, sequence] = -np.inf
            if part.dislikes is not None:
                found[_marked(part.dislikes)] = -np.inf
            for row in range(len(found)):
                best = best_of(found[row], n)
                items[start + row, : len(best)] = best
                scores[start + row, : len(best)] = found[row, best]
        return Ranked(items, scores)

    def explain(self, asked: Histories, item: int | str, name: str | None = None) -> Explanation:
        """Exactly why an item has its score for the first listener. Raises UnknownNameError, NotImplementedError."""
        if isinstance(item, str):
            if item not in self.columns:
                raise InputError(f"'{item[:80]}' wasn't there yet when this was fitted")
            item = self.columns[item]
        return self.recommender(name).explain(asked, item)

    def save(self, path: Path | str) -> str:
        """Write it, whole or not at all, and return its version. What listeners did isn't in it but in what was
        learnt. Raises OutputError."""
        tree = {
            "recommenders": [{"name": name, "state": one.state()} for name, one in self.recommenders.items()],
            "items": list(self.items),
            "listeners": list(self.listeners),
            "catalogue": None if self.catalogue is None else _catalogue_tree(self.catalogue),
            "facts": self.facts,
        }
        self.version = pack(path, tree)
        return self.version

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read one that was saved. Raises FormatError, LimitError, UnknownNameError."""
        tree, digest = unpack(path)
        try:
            items, listeners = (tuple(_words(tree[part])) for part in ("items", "listeners"))
            catalogue = None if tree["catalogue"] is None else _catalogue_of(tree["catalogue"], items)
            fitted = {
                one["name"]: recommender_class(one["name"]).from_state(one["state"]) for one in tree["recommenders"]
            }
            if not fitted or not isinstance(tree["facts"], dict):
                raise ValueError("it holds no recommender")
        except YuefuError:
            raise
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise FormatError(f"'{Path(path).name}' isn't a fitted recommender: {error!s:.120}.") from error
        return cls(fitted, items, listeners, catalogue, tree["facts"], digest)


def best_of(scores: Floats, n: int) -> NDArray[np.int64]:
    """The columns of the n highest scores, the highest first, ties in order; none of those that are -inf.

    >>> best_of(np.array([1, 3, -np.inf, 3, 2], dtype=np.float32), 3).tolist()
    [1, 3, 4]
    """
    n = min(n, len(scores))
    if n <= 0:
        return np.zeros(0, dtype=np.int64)
    if n < len(scores):
        least = np.partition(scores, len(scores) - n)[len(scores) - n]
        above = np.flatnonzero(scores > least)
        level = np.flatnonzero(scores == least)[: n - len(above)]
        chosen = np.union1d(above, level)
    else:
        chosen = np.arange(len(scores))
    chosen = chosen[scores[chosen] > -np.inf]
    return np.asarray(chosen[np.argsort(-scores[chosen], kind="stable")], dtype=np.int64)


def _marked(matrix: sp.csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of what is there, above zero or not."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return rows, np.asarray(matrix.indices, dtype=np.int64)


def _catalogue_tree(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "features": np.asarray(catalogue.features, dtype=np.float32),
        "names": list(catalogue.names),
        "creators": list(catalogue.creators),
        "created": np.asarray(catalogue.created, dtype=np.float64),
    }


def _catalogue_of(tree: dict[str, Any], items: tuple[str, ...]) -> Catalogue:
    names, creators = tuple(_words(tree["names"])), tuple(_words(tree["creators"]))
    features, created = tree["features"], tree["created"]
    if features.shape != (len(items), len(names)) or created.shape != (len(items),) or len(creators) != len(items):
        raise ValueError("its catalogue doesn't fit its items")
    if features.dtype != np.float32 or not np.isfinite(features).all():
        raise ValueError("its catalogue holds what isn't a feature")
    return Catalogue(items, features, names, creators, created)


def _words(values: Any) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("its names aren't words")
    return values
