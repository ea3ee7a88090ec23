"""Learning textures with two players: folds by work if asked, then all phrases, then weights for onnxruntime."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from yuefu.engines.texture import BARS, CHANNELS, ROWS, STEPS, Roll
from yuefu.engines.texture_measures import coverage, energy_distance, row_of
from yuefu.engines.texture_wish import BAND_GROUPS, BAR_SIZE, DRUM_GROUPS, PHRASE_SIZE, TextureWish, wish_arrays
from yuefu.models.small_onnx import write_onnx
from yuefu.models.texture_gan import Generator, TextureConfig, TextureGan, binary
from yuefu.progress import Listener, ignore
from yuefu.score.files import atomic_write
from yuefu.training.engine_facts import engine_facts
from yuefu.training.folds import folds_of
from yuefu.training.supervised import Event, LoopTable, Task, best_weights, fit
from yuefu.training.textures import SETS, Phrases, corpus_phrases, densities, row_channels

#: Held-out phrases that are looked at, of each row.
_LOOKED_AT = 500
#: How much the energy distance counts beside precision and recall.
_DISTANCE = 5.0
GAN = "gan"


class GanTable(BaseModel):
    """What is learnt.

    batch: phrases; balance: a group of styles is drawn by its phrases to this power; game: "relativistic" (critic and
    generator judge pairs of a real and a made phrase; Huang et al., 2024) or "wasserstein" (with a penalty on the slope
    between them; Gulrajani et al., 2017); penalty: its weight, of the slopes at real and made phrases or between them;
    penalty_every: it is taken every so many steps, so many times as heavy;
    anchor: weight of the loss by which the generator makes real phrases again from an encoder's noise, 0 for none
    (Larsen et al., 2016); spread: weight of that noise's divergence from a normal one, beside it;
    critic_steps: of the critic to one of the generator; draw: whether binary neurons are drawn by chance in training;
    hide: how often a row of a phrase with several is taken away.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    batch: int = Field(default=64, ge=2)
    balance: float = Field(default=0.5, ge=0, le=1)
    game: Literal["relativistic", "wasserstein"] = "relativistic"
    penalty: float = Field(default=1.0, ge=0)
    penalty_every: int = Field(default=4, ge=1)
    anchor: float = Field(default=1.0, ge=0)
    spread: float = Field(default=0.5, ge=0)
    critic_steps: int = Field(default=1, ge=1)
    critic_rate: float = Field(default=1.0, gt=0)
    draw: bool = False
    hide: float = Field(default=0.3, ge=0, lt=1)
    noise: int = Field(default=32, ge=1)
    bar_noise: int = Field(default=8, ge=1)
    width: int = Field(default=192, ge=8)
    critic: int = Field(default=256, ge=16)

    def sizes(self) -> TextureConfig:
        """The network's sizes."""
        return TextureConfig(
            BARS, CHANNELS, STEPS, PHRASE_SIZE, BAR_SIZE, self.noise, self.bar_noise, self.width, self.critic
        )


class GanTask(Task):
    """A generator and its critic.

    goal: ``"unlike"``, the mean over rows of what made phrases, asked like held-out ones, lack of being like them: the
    harmonic mean of precision and recall (which see both implausible and missing phrases), and the energy distance.
    """

    goal = "unlike"

    def __init__(self, train: Phrases, valid: Phrases, table: GanTable, seed: int) -> None:
        self.train, self.valid, self.table, self.seed = train, valid, table, seed
        self._density = densities(train, train)
        self._asked = densities(valid, train)
        groups = (train.drums.astype(int) + 1) * 100 + (train.band.astype(int) + 1)
        self._by_group = [np.flatnonzero(groups == group) for group in np.unique(groups)]
        size = np.array([len(each) for each in self._by_group], dtype=float) ** table.balance
        self._drawn = size / size.sum()
        rng = np.random.default_rng([seed, 0])
        self._looked = {}
        for column, row in enumerate(ROWS):
            playing = np.flatnonzero(valid.rows[:, column])
            self._looked[row] = np.sort(rng.permutation(playing)[:_LOOKED_AT])

    def build(self) -> TextureGan:
        """Fresh players."""
        return TextureGan(self.table.sizes())

    def optimizers(self, model: nn.Module, loop: LoopTable) -> list[torch.optim.Optimizer]:
        """Adam without momentum for both: the generator's, the critic's."""
        assert isinstance(model, TextureGan)
        makers = [*model.generator.parameters(), *model.encoder.parameters()]
        judges = list(model.critic.parameters())
        rates = ((makers, loop.rate), (judges, loop.rate * self.table.critic_rate))
        return [torch.optim.Adam(own, lr=rate, betas=(0.0, 0.95)) for own, rate in rates]

    def losses(self, model: nn.Module, step: int) -> dict[str, Tensor]:
        """The generator's loss on a step's batch."""
        assert isinstance(model, TextureGan)
        real, phrase, bars, shown = self.batch(step, 0)
        made = self.made(model, phrase, bars, shown)
        return {"loss": self._generator_loss(model, real, made, phrase, bars)}

    def update(
        self, model: nn.Module, optimizers: list[torch.optim.Optimizer], step: int, loop: LoopTable
    ) -> dict[str, float]:
        """The critic's steps, then the generator's."""
        assert isinstance(model, TextureGan)
        told: dict[str, float] = {}
        for turn in range(self.table.critic_steps):
            real, phrase, bars, shown = self.batch(step, turn)
            with torch.no_grad():
                made = self.made(model, phrase, bars, shown)
            loss = self._critic_loss(model, real, made, phrase, bars)
            told["critic"] = float(loss.detach())
            if self.table.penalty and (step + turn) % self.table.penalty_every == 0:
                slope = self._slope(model, real, made, phrase, bars)
                told["slope"] = float(slope.detach())
                loss = loss + self.table.penalty * self.table.penalty_every * slope
            optimizers[1].zero_grad(set_to_none=True)
            loss.backward()
            optimizers[1].step()
        real, phrase, bars, shown = self.batch(step, self.table.critic_steps)
        loss = self._generator_loss(model, real, self.made(model, phrase, bars, shown), phrase, bars)
        total = loss
        if self.table.anchor:
            again, spread = self._again(model, real, phrase, bars, shown)
            total = loss + self.table.anchor * (again + self.table.spread * spread)
            told |= {"again": float(again.detach()), "spread": float(spread.detach())}
        optimizers[0].zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_([p for group in optimizers[0].param_groups for p in group["params"]], loop.clip)
        optimizers[0].step()
        return {"loss": float(loss.detach()), **told}

    def _again(
        self, model: TextureGan, real: Tensor, phrase: Tensor, bars: Tensor, shown: Tensor
    ) -> tuple[Tensor, Tensor]:
        """How badly phrases are made again from their own noise, and how far that is from normal: nats an onset."""
        shared, own = model.encoder(real, phrase, bars)
        (mean, spread), (bar_mean, bar_spread) = shared.chunk(2, dim=1), own.chunk(2, dim=2)
        noise = mean + torch.randn_like(mean) * (spread / 2).exp()
        bar_noise = bar_mean + torch.randn_like(bar_mean) * (bar_spread / 2).exp()
        logits = model.generator(noise, bar_noise, phrase, bars)
        each = functional.binary_cross_entropy_with_logits(logits, real, reduction="none") * shown
        count = real.sum(dim=(1, 2, 3)).mean().clamp_min(1.0)
        far = [
            0.5 * (m.square() + s.exp() - 1 - s).flatten(1).sum(dim=1).mean()
            for m, s in ((mean, spread), (bar_mean, bar_spread))
        ]
        return each.sum(dim=(1, 2, 3)).mean() / count, (far[0] + far[1]) / count

    def made(self, model: TextureGan, phrase: Tensor, bars: Tensor, shown: Tensor) -> Tensor:
        """Phrases as asked; what doesn't play, and steps beyond the bar, are empty."""
        noise, bar_noise = model.noise(len(phrase))
        return binary(model.generator(noise, bar_noise, phrase, bars), self.table.draw) * shown

    def batch(self, step: int, turn: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Real phrases, what was asked (phrase, bars), and which cells can be set."""
        rng = np.random.default_rng([self.seed, step, turn])
        group = rng.choice(len(self._drawn), self.table.batch, p=self._drawn)
        index = np.array([rng.choice(self._by_group[g]) for g in group.tolist()])
        rows = self.train.rows[index].copy()
        for number in np.flatnonzero((rows.sum(axis=1) > 1) & (rng.random(len(rows)) < self.table.hide)):
            playing = np.flatnonzero(rows[number])
            kept = rng.choice(playing, int(rng.integers(1, len(playing))), replace=False)
            rows[number] = False
            rows[number, kept] = True
        return self.arrays(self.train, index, self._density[index], rows)

    def arrays(
        self, phrases: Phrases, index: NDArray[np.int64], density: NDArray[np.float32], rows: NDArray[np.bool_]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Phrases as tensors; see ``batch``."""
        own = phrases.taken(index)
        phrase, bars = wish_arrays(own.drums, own.band, own.meter, rows, density, own.fills, own.changes, own.rich)
        shown = shown_of(rows, own.meter)
        real = (phrases.rolls(index) & shown).astype(np.float32)
        return (
            torch.from_numpy(real), torch.from_numpy(phrase), torch.from_numpy(bars),
            torch.from_numpy(shown.astype(np.float32)),
        )  # fmt: skip

    def _generator_loss(self, model: TextureGan, real: Tensor, made: Tensor, phrase: Tensor, bars: Tensor) -> Tensor:
        value = model.critic(made, phrase, bars)
        if self.table.game == "wasserstein":
            return -value.mean()
        with torch.no_grad():
            beside = model.critic(real, phrase, bars)
        return functional.softplus(beside - value).mean()

    def _critic_loss(self, model: TextureGan, real: Tensor, made: Tensor, phrase: Tensor, bars: Tensor) -> Tensor:
        theirs, ours = model.critic(made, phrase, bars), model.critic(real, phrase, bars)
        if self.table.game == "wasserstein":
            return theirs.mean() - ours.mean()
        return functional.softplus(theirs - ours).mean()

    def _slope(self, model: TextureGan, real: Tensor, made: Tensor, phrase: Tensor, bars: Tensor) -> Tensor:
        """How steep the critic is: away from a slope of 1 between real and made phrases, or at both of them."""
        if self.table.game == "wasserstein":
            share = torch.rand(len(real), 1, 1, 1)
            return (_slope(model, share * real + (1 - share) * made, phrase, bars).sqrt() - 1).square().mean()
        at_both = [_slope(model, rolls, phrase, bars).mean() for rolls in (real, made)]
        return 0.5 * (at_both[0] + at_both[1])

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """How far made phrases are from held-out ones."""
        assert isinstance(model, TextureGan)
        told: dict[str, float] = {}
        unlike: list[float] = []
        for column, row in enumerate(ROWS):
            index = self._looked[row]
            if len(index) < 2:
                continue
            alone = np.zeros((len(index), len(ROWS)), dtype=bool)
            alone[:, column] = True
            both = alone if row == "drums" else self.valid.rows[index]
            real, phrase, bars, shown = self.arrays(self.valid, index, self._asked[index], both)
            noise, bar_noise = model.noise(len(index), torch.Generator().manual_seed(self.seed))
            made = (model.generator(noise, bar_noise, phrase, bars) > 0) & (shown > 0)
            ours, theirs = (row_of(x.numpy().astype(bool), row) for x in (made, real))
            told[f"distance_{row}"] = energy_distance(ours, theirs)
            told[f"precision_{row}"], told[f"recall_{row}"] = coverage(ours, theirs)
            both = told[f"precision_{row}"] + told[f"recall_{row}"]
            like = 2 * told[f"precision_{row}"] * told[f"recall_{row}"] / max(both, 1e-9)
            unlike.append(1 - like + _DISTANCE * max(told[f"distance_{row}"], 0.0))
        return {"unlike": float(np.mean(unlike)), **told}


def _slope(model: TextureGan, rolls: Tensor, phrase: Tensor, bars: Tensor) -> Tensor:
    """(batch,): the square of the critic's slope."""
    rolls = rolls.detach().requires_grad_(True)
    value = model.critic(rolls, phrase, bars).sum()
    return torch.autograd.grad(value, rolls, create_graph=True)[0].square().sum(dim=(1, 2, 3)) + 1e-12


def shown_of(rows: NDArray[np.bool_], meter: NDArray[np.integer]) -> Roll:
    """(n, 1, CHANNELS, STEPS): the cells that can be set."""
    steps = np.arange(STEPS) < np.where(meter == 0, STEPS, 12)[:, None]
    return row_channels(rows)[:, None, :, None] & steps[:, None, None, :]


class GanConfig(BaseModel):
    """A run's settings. folds: of the cross-validation by work, 0 for none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    folds: int = Field(default=0, ge=0, le=20)
    loop: LoopTable = LoopTable()
    network: GanTable = GanTable()

    def run(
        self, data: Path, run: Path, device: str = "cpu", progress: Listener = ignore
    ) -> Iterator[tuple[str, Event]]:
        """Train in ``run``, or go on; the folder gets gan.onnx and gan.json. Small tensors: always on the CPU."""
        phrases = corpus_phrases(data, run / "phrases.npz", progress)
        train = phrases.taken(np.flatnonzero(phrases.split == 0))
        valid = phrases.taken(np.flatnonzero(phrases.split == 1))
        fold = fold_of(train, self.folds, self.loop.seed)
        for number in range(self.folds):
            rest, held = (train.taken(np.flatnonzero(keep)) for keep in (fold != number, fold == number))
            task = GanTask(rest, held, self.network, self.loop.seed)
            for event in fit(task, self.loop, run / f"fold-{number}"):
                yield f"fold-{number}", event
        task = GanTask(train, valid, self.network, self.loop.seed)
        for event in fit(task, self.loop, run / "whole"):
            yield "whole", event
        publish(self, task, run)


def fold_of(phrases: Phrases, folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each phrase: works stay whole."""
    if not folds:
        return np.zeros(len(phrases), dtype=np.int64)
    return folds_of(phrases.work, (phrases.drums.astype(int) + 1) * 100 + phrases.band + 1, folds, seed)


def publish(config: GanConfig, task: GanTask, run: Path) -> None:
    """Write the generator that did best, and its facts."""
    model = task.build()
    model.load_state_dict(best_weights(run / "whole"))
    measured = {name: round(value, 4) for name, value in task.evaluate(model.eval()).items()}
    for number in range(config.folds):
        lines = (run / f"fold-{number}" / "log.jsonl").read_text("utf-8").splitlines()
        measured[f"fold_{number}_unlike"] = round(min(json.loads(line)["held_out"]["unlike"] for line in lines), 4)
    data = gan_onnx(model.generator)
    count = sum(p.numel() for p in model.generator.parameters())
    facts: dict[str, Any] = engine_facts(count, len(data), measured, SETS) | {
        "precision": "float16 weights",
        "noise": config.network.noise,
        "bar_noise": config.network.bar_noise,
        "phrases": len(task.train),
        "joint": sorted({DRUM_GROUPS[d] for d in task.train.drums[(task.train.drums >= 0) & (task.train.band >= 0)]}),
        "keys": sorted({BAND_GROUPS[b] for b in task.train.band[task.train.rows[:, ROWS.index("keys")]]}),
    }
    atomic_write(run / f"{GAN}.onnx", data)
    atomic_write(run / f"{GAN}.json", (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())


def gan_onnx(generator: Generator) -> bytes:
    """The generator for onnxruntime, weights in float16."""
    config = generator.config
    phrase, bars = (torch.from_numpy(np.stack([own] * 2)) for own in TextureWish().arrays())
    example = (
        torch.zeros(2, config.noise), torch.zeros(2, config.bars, config.bar_noise),
        phrase, bars,
    )  # fmt: skip
    return write_onnx(generator, example, ("noise", "bar_noise", "phrase", "bars"))
