"""Learning phrases: what is drawn, what is hidden, what is lowered, and how well phrases come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from yuefu.evaluation.phrase_measures import drum_measures, line_measures
from yuefu.models.phrase_vae import PhraseConfig, PhraseVae
from yuefu.tokens.phrases import LANES, MOST_STEPS, NO_CHORD, SILENT, STRUCK, conditions, sounding
from yuefu.training.phrase_bank import Bank
from yuefu.training.supervised import Task

#: Lanes of drums that do the same: snares, hats and rides, toms, crashes.
_ALIKE = ((1, 2, 3), (4, 5, 6, 11, 12, 17), (7, 8, 9), (10, 13, 14))
#: Lanes that make sense from another phrase: feet, hands, hats and cymbals, toms, what else there is.
_TOGETHER = ((0, 5), (1, 2, 3), (4, 6, 10, 11, 12, 13, 14), (7, 8, 9), tuple(range(15, 27)))
_OCTAVE_ROOM = (12 + STRUCK, 75 + STRUCK)


class PhraseTable(BaseModel):
    """What is learnt.

    latent: numbers a bar; batch: phrases of four bars (of two, twice as many); short: how often they have two; beta:
    the weight of the latent's cost in nats, reached after ``warm`` steps; free: nats of each number that cost nothing;
    hide: how often the writer isn't told the step before; hide_chords: how often a phrase's chords; octave: how often a
    line is moved by one; balance: how often a set's phrases are drawn, its size to this power; mix: see
    ``mixed_lanes``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    latent: int = Field(default=16, ge=2, le=64)
    width: int = Field(default=160, ge=16, le=512)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    batch: int = Field(default=96, ge=1)
    short: float = Field(default=0.25, ge=0, le=1)
    beta: float = Field(default=0.2, ge=0)
    warm: int = Field(default=500, ge=0)
    free: float = Field(default=0.05, ge=0)
    hide: float = Field(default=0.25, ge=0, lt=1)
    hide_chords: float = Field(default=0.1, ge=0, lt=1)
    octave: float = Field(default=0.15, ge=0, lt=1)
    balance: float = Field(default=0.5, ge=0, le=1)
    mix: float = Field(default=0.0, ge=0, le=1)


@dataclass(frozen=True)
class Phrases:
    """Phrases as the network takes them: steps (n, b, 16[, l]), sounding as large, their predecessors, chords (n, b,
    16), condition (n, CONDITION), length: steps of a bar."""

    steps: NDArray
    heard: NDArray[np.uint8]
    earlier: NDArray
    earlier_heard: NDArray[np.uint8]
    chords: NDArray[np.uint8]
    condition: NDArray[np.float32]
    length: NDArray[np.int64]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Steps that are there, (n, b, 16)."""
        there = np.arange(MOST_STEPS) < self.length[:, None]
        return np.repeat(there[:, None], self.steps.shape[1], axis=1)


def phrases_at(
    bank: Bank,
    starts: NDArray[np.int64],
    bars: int,
    up: NDArray[np.int64] | None = None,
    lanes: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> Phrases:
    """Phrases of a bank. up: semitones that each line is moved by; lanes: for each drum phrase and lane the phrase and
    the lane that it is taken from, -1 for none."""
    steps, chords, before = bank.cut(starts, bars)
    length = bank.length[starts]
    condition = conditions(bank.meter[starts], bank.minor[starts], bank.row[starts])
    if steps.ndim == 4:
        if lanes is not None:
            whose, which = (each[:, None, None] for each in lanes)
            bar, step = np.arange(bars)[:, None, None], np.arange(MOST_STEPS)[:, None]
            steps = steps[whose, bar, step, np.maximum(which, 0)] & (which >= 0)
        heard = np.zeros(steps.shape[:3], dtype=np.uint8)
        earlier = np.zeros_like(steps)
        earlier[:, :, 1:] = steps[:, :, :-1]
        last = steps[np.arange(len(steps)), :-1, length - 1]
        earlier[:, 1:, 0] = last
        return Phrases(steps, heard, earlier, heard, chords, condition, length)
    if up is not None:
        struck = steps >= STRUCK
        low = np.where(struck, steps, 255).min(axis=(1, 2))
        high = np.where(struck, steps, 0).max(axis=(1, 2))
        by = np.where((low + up >= _OCTAVE_ROOM[0]) & (high + up <= _OCTAVE_ROOM[1]), up, 0)
        steps = np.where(struck, steps + by[:, None, None], steps).astype(np.uint8)
        before = np.where(before > 0, before + by, 0)
    return line_phrases(steps, chords, before, condition, length)


def line_phrases(
    steps: NDArray[np.uint8], chords: NDArray[np.uint8], before: NDArray[np.int64], condition: NDArray[np.float32],
    length: NDArray[np.int64],
) -> Phrases:  # fmt: skip
    """Lines with what sounds and what came before at each step. before: what the last struck step before them said."""
    bars = steps.shape[1]
    heard, earlier, earlier_heard = (np.zeros_like(steps) for _ in range(3))
    for size in np.unique(length).tolist():
        own = length == size
        flat = steps[own, :, :size].reshape(int(own.sum()), -1)
        now = sounding(flat)
        first = np.where(before[own] >= STRUCK, before[own], SILENT).astype(np.uint8)[:, None]
        then = np.concatenate([first, flat[:, :-1]], axis=1)
        ear = np.concatenate([np.where(first >= STRUCK, first - STRUCK + 1, 0).astype(np.uint8), now[:, :-1]], axis=1)
        for target, values in ((heard, now), (earlier, then), (earlier_heard, ear)):
            target[own, :, :size] = values.reshape(-1, bars, size)
    return Phrases(steps, heard, earlier, earlier_heard, chords, condition, length)


def mixed_lanes(count: int, mix: float, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each of ``count`` phrases and each lane the phrase and the lane that it is taken from, -1 for none.

    Of a share ``mix`` of phrases, sounds that do the same are exchanged, groups of sounds come from another phrase, and
    now and then a sound is left out: so drums are learnt sound by sound, and not as the bars that there happen to be.
    """
    whose = np.tile(np.arange(count)[:, None], (1, len(LANES)))
    which = np.tile(np.arange(len(LANES)), (count, 1))
    for number in np.flatnonzero(rng.random(count) < mix).tolist():
        for group in _ALIKE:
            if rng.random() < 0.5:
                which[number, list(group)] = rng.permutation(group)
        for together in _TOGETHER:
            if rng.random() < 0.35:
                whose[number, list(together)] = int(rng.integers(count))
        if rng.random() < 0.3:
            which[number, int(rng.choice((0, 1, 4, 6, 11, *range(len(LANES)))))] = -1
    return whose, which


class PhraseTask(Task):
    """Phrases of lines or of drums. own, held: starts by bars (2 and 4) to learn from and to stop by."""

    def __init__(
        self, bank: Bank, own: dict[int, NDArray[np.int64]], held: dict[int, NDArray[np.int64]], table: PhraseTable,
        seed: int,
    ) -> None:  # fmt: skip
        self.bank, self.table, self.seed = bank, table, seed
        self.drums = bank.steps.ndim == 3
        self.held = held
        self._drawn = {bars: self._shares(starts) for bars, starts in own.items()}

    def _shares(self, starts: NDArray[np.int64]) -> list[tuple[float, NDArray[np.int64], NDArray[np.float64]]]:
        """(share, starts, their cumulated shares) by steps of a bar."""
        kind = self.bank.source[starts] * 3 + self.bank.row[starts]
        _, inverse, count = np.unique(kind, return_inverse=True, return_counts=True)
        weight = count[inverse] ** (self.table.balance - 1.0)
        weight /= weight.sum()
        found = []
        for size in np.unique(self.bank.length[starts]).tolist():
            inside = self.bank.length[starts] == size
            share = float(weight[inside].sum())
            found.append((share, starts[inside], np.cumsum(weight[inside]) / share))
        return found

    def build(self) -> PhraseVae:
        """A fresh network."""
        return PhraseVae(PhraseConfig(self.drums, self.table.latent, self.table.width, self.table.dropout))

    def batch(self, step: int) -> Phrases:
        """A step's phrases, all of one length."""
        rng = np.random.default_rng([self.seed, step])
        bars = 2 if rng.random() < self.table.short else 4
        shares = self._drawn[bars]
        _, starts, cumulated = shares[int(rng.choice(len(shares), p=[share for share, _, _ in shares]))]
        count = self.table.batch * 4 // bars
        chosen = starts[np.minimum(np.searchsorted(cumulated, rng.random(count)), len(starts) - 1)]
        up = rng.choice((-12, 12), count) * (rng.random(count) < self.table.octave)
        lanes = mixed_lanes(count, self.table.mix, rng) if self.drums else None
        phrases = phrases_at(self.bank, chosen, bars, None if self.drums else up, lanes)
        phrases.chords[rng.random(count) < self.table.hide_chords] = NO_CHORD
        return phrases

    def losses(self, model: nn.Module, step: int) -> dict[str, Tensor]:
        """Nats a bar: of the steps, and of the latent, whose weight rises."""
        assert isinstance(model, PhraseVae)
        table = self.table
        nats, cost, spent = self._cost(model, self.batch(step), table.hide)
        beta = table.beta * min(1.0, (step + 1) / max(table.warm, 1))
        free = cost.mean(dim=(0, 1)).clamp_min(table.free).sum()
        return {"loss": nats + beta * free, "nats": nats, "latent": spent}

    def _cost(self, model: PhraseVae, phrases: Phrases, hide: float) -> tuple[Tensor, Tensor, Tensor]:
        """Nats of steps a bar, the latent's (n, b, latent), and those summed and averaged a bar."""
        device = next(model.parameters()).device
        tensors = _tensors(phrases, self.drums, device)
        told = model.told(tensors["steps"], tensors["heard"])
        mean, spread = model.encode(told, tensors["chords"], tensors["condition"])
        z = mean + torch.randn_like(mean) * (0.5 * spread).exp()
        size = int(phrases.length.max())
        earlier = model.told(tensors["earlier"], tensors["earlier_heard"])[:, :, :size]
        if hide:
            earlier = earlier * (torch.rand(earlier.shape[:3], device=device) >= hide).unsqueeze(-1)
        logits = model.decode(z, earlier, tensors["chords"][:, :, :size], tensors["condition"])
        mask = torch.from_numpy(phrases.mask[:, :, :size]).to(device)
        wanted = tensors["steps"][:, :, :size]
        if self.drums:
            nats = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none").sum(dim=-1)
        else:
            nats = functional.cross_entropy(logits.flatten(0, 2), wanted.flatten(), reduction="none").view(mask.shape)
        cost = 0.5 * (mean**2 + spread.exp() - 1 - spread)
        bars = mask.shape[0] * mask.shape[1]
        return (nats * mask).sum() / bars, cost, cost.sum() / bars

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Held-out nats a bar, and how well phrases come back from the means of their points."""
        assert isinstance(model, PhraseVae)
        torch.manual_seed(self.seed)
        found: dict[str, float] = {}
        for bars, starts in self.held.items():
            phrases = phrases_at(self.bank, starts, bars)
            nats, _, spent = self._cost(model, phrases, 0.0)
            share = len(starts) * bars / sum(len(s) * b for b, s in self.held.items())
            own = {"nats": float(nats), "latent": float(spent)} | self.compared(model, phrases)
            for name, value in own.items():
                found[name] = found.get(name, 0.0) + share * value
        return {"loss": found["nats"] + self.table.beta * found["latent"], **found}

    def compared(self, model: PhraseVae, phrases: Phrases) -> dict[str, float]:
        """How well phrases come back from the means of their points, written without being told."""
        wanted, mask = phrases.steps, phrases.mask
        written = rewritten(model, phrases, self.drums)
        return (drum_measures if self.drums else line_measures)(wanted, written, mask)


def rewritten(model: PhraseVae, phrases: Phrases, drums: bool) -> NDArray:
    """Phrases encoded and decoded, the likeliest saying at each step."""
    device = next(model.parameters()).device
    tensors = _tensors(phrases, drums, device)
    with torch.no_grad():
        mean, _ = model.encode(model.told(tensors["steps"], tensors["heard"]), tensors["chords"], tensors["condition"])
        layout, begin = model.layout(mean, tensors["condition"])
        count, bars = mean.shape[:2]
        out = tensors["steps"].clone()
        before, heard = tensors["earlier"][:, 0, 0], tensors["earlier_heard"][:, 0, 0]
        size = int(phrases.length.max())
        places = torch.eye(MOST_STEPS, device=device)
        for bar in range(bars):
            state = begin[:, bar].unsqueeze(0).contiguous()
            for step in range(size):
                inputs = torch.cat(
                    [model.told(before, heard), model.chord_table[tensors["chords"][:, bar, step]],
                     places[step].expand(count, -1), layout[:, bar, step]], dim=-1,
                )  # fmt: skip
                hidden, after = model.write(inputs.unsqueeze(1), state)
                logits = model.say(torch.cat([hidden[:, 0], layout[:, bar, step]], dim=-1))
                there = torch.from_numpy(step < phrases.length).to(device)
                if drums:
                    now = (logits > 0).float()
                    before = torch.where(there.unsqueeze(-1), now, before)
                else:
                    now = logits.argmax(dim=-1)
                    struck = torch.where(now >= STRUCK, now - STRUCK + 1, torch.where(now == SILENT, 0, heard))
                    before, heard = torch.where(there, now, before), torch.where(there, struck, heard)
                state = torch.where(there[None, :, None], after, state)
                out[:, bar, step] = now
    return out.cpu().numpy().astype(phrases.steps.dtype)


def _tensors(phrases: Phrases, drums: bool, device: torch.device) -> dict[str, Tensor]:
    def plain(values: NDArray, floats: bool) -> Tensor:
        return torch.from_numpy(values.astype(np.float32 if floats else np.int64)).to(device)

    return {
        "steps": plain(phrases.steps, drums), "heard": plain(phrases.heard, False),
        "earlier": plain(phrases.earlier, drums), "earlier_heard": plain(phrases.earlier_heard, False),
        "chords": plain(phrases.chords, False), "condition": plain(phrases.condition, True),
    }  # fmt: skip
