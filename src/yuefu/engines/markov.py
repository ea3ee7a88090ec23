"""The honest baseline: what followed in the corpus where the same few facts held, counted and backed off."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.info import EngineInfo
from yuefu.engines.markov_contexts import CHAINS, keys_of, state_of
from yuefu.engines.reader import Place, Reader
from yuefu.errors import InputError
from yuefu.score.model import ROWS
from yuefu.tokens.vocabulary import vocabulary

if TYPE_CHECKING:
    from yuefu.generation.engine import Engine, Session

#: The share of a token that was never seen, split evenly.
_NEVER = 1e-3


class MarkovEngine:
    """Counts, no network: it hears the place, the chord and the bars before, and plans nothing."""

    info = EngineInfo(
        name="markov",
        en="counted habits without a network: the floor that other engines must clear; quick sketches in any row",
        zh="只凭统计、没有网络：其他引擎须超过的底线；任何声部的快速草稿",
        rows=ROWS,
        tasks=("compose", "fill", "continue", "vary", "sketch"),
    )

    @cached_property
    def _engine(self) -> MarkovRuntime:
        path = self.info.weights()
        assert path is not None
        return MarkovRuntime(Grams.load(path))

    def tokens(self) -> Engine:
        """The counts."""
        return self._engine


class Grams:
    """Shares of the next token by context, and how much each chain of contexts has to say.

    keys: (contexts,) sorted; sizes: of their entries; tokens, shares: (entries,), each context's one after the other,
    shares of 255 under a square root; weights: (states, chains); order: most facts of a chain that are used.
    """

    def __init__(
        self, keys: NDArray[np.uint32], sizes: NDArray[np.uint16], tokens: NDArray[np.uint16],
        shares: NDArray[np.uint8], weights: NDArray[np.float32], order: int,
    ) -> None:  # fmt: skip
        self.keys, self.sizes, self.tokens, self.shares, self.weights, self.order = (
            keys, sizes, tokens, shares, weights, order,
        )  # fmt: skip
        self._at = dict(zip(keys.tolist(), range(len(keys)), strict=True))
        self._ends = np.cumsum(sizes.astype(np.int64)).tolist()
        self._share = (shares.astype(np.float32) / 255) ** 2
        self._size = len(vocabulary())

    @classmethod
    def load(cls, path: Path) -> Grams:
        """From a file that ``save`` wrote. Raises InputError where it speaks another vocabulary."""
        with np.load(path) as data:
            if str(data["vocabulary"]) != vocabulary().hash:
                raise InputError(f"the counts in {path.name} are of another vocabulary: train them again.")
            return cls(
                data["keys"], data["sizes"], data["tokens"], data["shares"], data["weights"].astype(np.float32),
                int(data["order"]),
            )  # fmt: skip

    def save(self, path: Path) -> None:
        """Write a compressed file."""
        with path.open("wb") as file:
            np.savez_compressed(
                file, keys=self.keys, sizes=self.sizes, tokens=self.tokens, shares=self.shares,
                weights=self.weights.astype(np.float16), order=self.order, vocabulary=vocabulary().hash,
            )  # fmt: skip

    def by_chain(self, place: Place) -> NDArray[np.float32]:
        """(chains, vocabulary): what each chain of contexts says of the next token."""
        state, chains = keys_of(place, self.order)
        base = self._backed_off(state, np.full(self._size, 1.0 / self._size, dtype=np.float32))
        found = np.empty((len(CHAINS), self._size), dtype=np.float32)
        for number, keys in enumerate(chains):
            shares = base
            for key in keys:
                shares = self._backed_off(key, shares)
            found[number] = shares
        return found

    def log_shares(self, place: Place) -> NDArray[np.float32]:
        """(vocabulary,) logarithms of the shares of the next token."""
        mixed = self.weights[state_of(place)] @ self.by_chain(place)
        return np.log((1 - _NEVER) * mixed + _NEVER / self._size).astype(np.float32)

    def _backed_off(self, key: int, coarser: NDArray[np.float32]) -> NDArray[np.float32]:
        """The shares of a context, what it leaves open filled up by the coarser one."""
        at = self._at.get(key)
        if at is None:
            return coarser
        here = slice(self._ends[at] - int(self.sizes[at]), self._ends[at])
        own = self._share[here]
        shares = coarser * max(0.0, 1.0 - float(own.sum()))
        shares[self.tokens[here]] += own
        return shares


class MarkovRuntime:
    """Opens sessions over counts."""

    def __init__(self, grams: Grams) -> None:
        self.grams = grams

    def session(self) -> Session:
        """A new, empty sequence."""
        return _MarkovSession(self.grams)


class _MarkovSession:
    def __init__(self, grams: Grams) -> None:
        self._grams = grams
        self._ids: list[int] = []
        self._reader = Reader()

    def append(self, ids: Sequence[int]) -> None:
        for token in map(int, ids):
            self._ids.append(token)
            self._reader.push(token)

    def logits(self) -> NDArray[np.float32]:
        return self._grams.log_shares(self._reader.place)

    def rewind(self, length: int) -> None:
        kept = self._ids[:length]
        self._ids, self._reader = [], Reader()
        self.append(kept)

    @property
    def length(self) -> int:
        return len(self._ids)
