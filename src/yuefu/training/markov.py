"""The run that makes the counting engine: contexts counted, rare ones left out, chains weighed on held-out pieces."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from yuefu.engines.markov import Grams
from yuefu.engines.markov_contexts import CHAINS, STATES, key_table, state_of
from yuefu.engines.reader import Place, Reader
from yuefu.progress import Listener, ignore
from yuefu.score.files import atomic_write, make_folder
from yuefu.score.model import ROWS
from yuefu.training.batches import Sampler
from yuefu.training.config import DataTable
from yuefu.training.dataset import load_pieces
from yuefu.training.engine_facts import engine_facts
from yuefu.training.engine_samples import draw_restricted, held_out
from yuefu.training.masking import Sample
from yuefu.training.samples import labelled_ids
from yuefu.training.supervised import Evaluated, Event, Step, Stopped

#: Rounds in which the chains' weights are found.
_ROUNDS = 25
#: A state whose chains were weighed on so few tokens leans to the weights of all.
_FIRM = 200.0
#: Rows of counts that are merged at once.
_MERGED = 6_000_000


class MarkovConfig(BaseModel):
    """A run's settings.

    steps: of ``each`` samples; least: counts that a context needs to be kept, and pairs: that an entry of it needs;
    orders: most facts of a chain that are tried, the best on held-out pieces is kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    seed: int = 1
    steps: int = Field(default=60, ge=1)
    each: int = Field(default=100, ge=1)
    evaluate_every: int = Field(default=10, ge=1)
    held_out_samples: int = Field(default=100, ge=2)
    least: int = Field(default=8, ge=1)
    pairs: int = Field(default=2, ge=1)
    orders: tuple[int, ...] = (1, 2, 3, 4)
    data: DataTable

    def run(
        self, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
    ) -> Iterator[tuple[str, Event]]:
        """Count in ``run``; the folder gets markov.npz and markov.json. A run of some minutes, begun anew each time."""
        pieces = load_pieces(data, sorted(self.data.weights), progress)
        parts = {name: [piece for piece in pieces if piece.split == name] for name in ("train", "valid", "test")}
        sampler = Sampler(parts["train"], self.data, self.seed)
        valid = held_out(parts["valid"], self.data, ROWS, self.held_out_samples)
        weighed, measured = [places_of(half) for half in (valid[::2], valid[1::2])]
        folder = make_folder(run / "whole")
        (folder / "log.jsonl").unlink(missing_ok=True)
        counts, best, grams = Counts(), np.inf, None
        began = time.perf_counter()
        for step in range(self.steps):
            rng = np.random.default_rng([self.seed, step])
            windows = sorted(self.data.windows)
            shares = np.array([self.data.windows[length] for length in windows])
            bars = rng.choice(windows, self.each, p=shares / shares.sum()).tolist()
            counts.add(*places_of([draw_restricted(sampler, length, rng, ROWS) for length in bars])[:2])
            seconds = time.perf_counter() - began
            yield (
                "whole",
                Step(
                    step + 1, self.steps, {"loss": best}, 0.0, seconds, seconds / (step + 1) * (self.steps - step - 1)
                ),
            )
            if (step + 1) % self.evaluate_every == 0 or step + 1 == self.steps:
                found = {order: self._weighed(counts, order, weighed, measured) for order in self.orders}
                order = min(found, key=lambda each: found[each][0])
                value, grams = found[order]
                told = {"loss": value, **{f"order_{each}": loss for each, (loss, _) in found.items()}}
                line = {"step": step + 1, "seconds": round(seconds, 1), "training": {}, "held_out": told}
                with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
                    log.write(json.dumps(line) + "\n")
                yield "whole", Evaluated(step + 1, told, value < best)
                best = min(best, value)
        assert grams is not None
        grams.save(run / "markov.npz")
        test = sample_nats(grams, held_out(parts["test"], self.data, ROWS, 2 * self.held_out_samples))
        facts = engine_facts(
            len(grams.tokens), (run / "markov.npz").stat().st_size, {"held_out": test}, self.data.weights, pieces
        )
        facts["settings"] = self.model_dump(mode="json", exclude={"kind"}) | {"order": grams.order}
        atomic_write(run / "markov.json", (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())
        yield "whole", Stopped(self.steps, "steps")

    def _weighed(self, counts: Counts, order: int, weighed: Places, measured: Places) -> tuple[float, Grams]:
        """Counts with their chains weighed on one part of the held-out pieces, and the nats a token of the other."""
        grams = counts.grams(self.least, self.pairs, order)
        grams.weights = chain_weights(grams, weighed)
        return float(nats_of(grams, measured).mean()), grams


#: Places (n, facts), the tokens that followed, and their rows.
Places = tuple[NDArray[np.int64], NDArray[np.int64], list[str]]


def places_of(samples: Sequence[Sample]) -> Places:
    """Where samples' written tokens stand, and what they are."""
    places, tokens, labels = [], [], []
    for sample in samples:
        reader = Reader()
        ids, rows = labelled_ids(sample)
        for number, row in enumerate(rows[1:], 1):
            reader.push(ids[number - 1])
            if row is not None:
                places.append(reader.place)
                tokens.append(ids[number])
                labels.append(row)
    return np.array(places, dtype=np.int64), np.array(tokens, dtype=np.int64), labels


class Counts:
    """How often a token followed in a context. Keys and tokens are packed into one number."""

    def __init__(self) -> None:
        self._packed = np.zeros(0, dtype=np.uint64)
        self._count = np.zeros(0, dtype=np.int64)
        self._waiting: list[NDArray[np.uint64]] = []

    def add(self, places: NDArray[np.int64], tokens: NDArray[np.int64]) -> None:
        """Count tokens at places."""
        states = np.array([state_of(Place(*each)) for each in places.tolist()], dtype=np.int64)
        keys = key_table(places, states)
        self._waiting.append(((keys << np.uint64(16)) | tokens.astype(np.uint64)[:, None]).reshape(-1))
        if sum(len(each) for each in self._waiting) > _MERGED:
            self._merge()

    def _merge(self) -> None:
        fresh, count = np.unique(np.concatenate(self._waiting), return_counts=True)
        self._waiting = []
        packed, at = np.unique(np.concatenate([self._packed, fresh]), return_inverse=True)
        total = np.zeros(len(packed), dtype=np.int64)
        np.add.at(total, at, np.concatenate([self._count, count]))
        self._packed, self._count = packed, total

    def grams(self, least: int, pairs: int, order: int) -> Grams:
        """What is left of the counts without rare contexts, as shares by Witten and Bell's rule."""
        if self._waiting:
            self._merge()
        keys, start, distinct = np.unique(self._packed >> np.uint64(16), return_index=True, return_counts=True)
        totals = np.add.reduceat(self._count, start)
        kept = totals >= least
        owner = np.repeat(np.arange(len(keys)), distinct)
        entry = kept[owner] & (self._count >= pairs)
        share = self._count[entry] / (totals + distinct)[owner[entry]]
        sizes = np.bincount(owner[entry], minlength=len(keys))
        some = sizes > 0
        return Grams(
            keys[some].astype(np.uint32), sizes[some].astype(np.uint16),
            (self._packed[entry] & np.uint64(0xFFFF)).astype(np.uint16),
            np.floor(np.sqrt(share) * 255).astype(np.uint8),
            np.full((STATES, len(CHAINS)), 1 / len(CHAINS), dtype=np.float32), order,
        )  # fmt: skip


def _chain_shares(grams: Grams, places: Places) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """States (n,) and what each chain gave to the token that came, (n, chains)."""
    states = np.zeros(len(places[1]), dtype=np.int64)
    shares = np.zeros((len(places[1]), len(CHAINS)))
    for number, (place, token) in enumerate(zip(places[0].tolist(), places[1].tolist(), strict=True)):
        at = Place(*place)
        states[number] = state_of(at)
        shares[number] = grams.by_chain(at)[:, token]
    return states, shares


def chain_weights(grams: Grams, places: Places) -> NDArray[np.float32]:
    """(states, chains) weights that make the tokens likeliest, found by expectation and maximisation."""
    states, shares = _chain_shares(grams, places)
    shares = shares + 1e-9

    def fitted(own: NDArray[np.float64], lean: NDArray[np.float64]) -> NDArray[np.float64]:
        weights = np.full(len(CHAINS), 1 / len(CHAINS))
        for _ in range(_ROUNDS):
            part = own * weights
            weights = (part / part.sum(axis=1, keepdims=True)).sum(axis=0) + lean
            weights /= weights.sum()
        return weights

    common = fitted(shares, np.zeros(len(CHAINS)))
    out = np.tile(common, (STATES, 1))
    for state in np.unique(states).tolist():
        out[state] = fitted(shares[states == state], common * _FIRM / 10)
    return out.astype(np.float32)


def nats_of(grams: Grams, places: Places) -> NDArray[np.float64]:
    """(n,) nats of the tokens that came."""
    found = [
        -float(grams.log_shares(Place(*place))[token])
        for place, token in zip(places[0].tolist(), places[1].tolist(), strict=True)
    ]
    return np.array(found)


def sample_nats(grams: Grams, samples: Sequence[Sample]) -> dict[str, float]:
    """Mean nats a written token, ``"all"`` and by row."""
    places = places_of(samples)
    nats, rows = nats_of(grams, places), np.array(places[2])
    found = {"all": round(float(nats.mean()), 4)}
    return found | {row: round(float(nats[rows == row].mean()), 4) for row in ROWS if (rows == row).any()}
