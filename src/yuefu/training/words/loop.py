"""Training the encoder: batches of drawn examples, likelihood of ratings and styles, pairs of translations."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from yuefu.text.encoder.network import RULES
from yuefu.text.encoder.reading import rules_of
from yuefu.text.encoder.styles import LEARNT_STYLES
from yuefu.text.encoder.units import Unit, features_of, units_of
from yuefu.text.reader import normal
from yuefu.training.words.examples import Example, Sources, pairs
from yuefu.training.words.model import Encoder
from yuefu.training.words.scenes import held_out_scenes

#: Head -> outputs: a mean and a log variance each, and a logit for every style.
HEADS = {"valence": 2, "arousal": 2, "pace": 2, "style": len(LEARNT_STYLES)}
#: How often a text's lexicon ratings and rules are hidden, so that the words' own vectors learn to do without.
HIDE = 0.35
PAIRS = 40
#: How often one of a unit's n-grams is left out while training.
FORGET = 0.25
#: How often a unit of a sentence is.
SKIP = 0.1
#: Steps between looks at held-out scenes.
CHECK = 250
#: Units and characters of a training text; longer ones are cut, so that a batch isn't mostly padding.
MOST, LONGEST = 40, 240


@dataclass(frozen=True)
class Step:
    """A step is done. loss: nats, all parts together."""

    step: int
    steps: int
    loss: float
    eta: float


@dataclass(frozen=True)
class Checked:
    """Held-out scenes. signs: language -> share of axes whose sign is right, of those rated 0.2 or more; quadrants:
    share of scenes with both."""

    step: int
    signs: dict[str, float]
    quadrants: dict[str, float]


@dataclass(frozen=True)
class Batch:
    """What ``Encoder.forward`` takes."""

    ids: Tensor
    starts: Tensor
    counts: Tensor
    ratings: Tensor
    there: Tensor
    rules: Tensor

    @classmethod
    def of(cls, texts: Sequence[str], rng: random.Random | None = None) -> Batch:
        """A batch; with ``rng`` ratings and rules of some texts are hidden."""
        read = [units_of(normal(text[:LONGEST]))[:MOST] or [Unit(".", 0, 0)] for text in texts]
        if rng is not None:
            read = [[unit for unit in units if rng.random() >= SKIP] or units for units in read]
        most = max(map(len, read))
        ids: list[int] = []
        starts, counts = [], []
        ratings = torch.zeros(len(texts), most, 4)
        there = torch.zeros(len(texts), most)
        rules = torch.zeros(len(texts), RULES)
        for number, (text, units) in enumerate(zip(texts, read, strict=True)):
            hidden = rng is not None and rng.random() < HIDE
            there[number, : len(units)] = 1
            for place, unit in enumerate(units):
                found = features_of(units, place)
                if rng is not None:  # no single spelling may be learnt by heart
                    found = [row for row in found if rng.random() >= FORGET] or found[-1:]
                starts.append(len(ids))
                counts.append(len(found))
                ids += found
                if unit.rating is not None and not hidden:
                    ratings[number, place] = torch.tensor([*unit.rating, 1.0])
            if not hidden and (rng is None or rng.random() >= HIDE):
                rules[number] = torch.tensor(rules_of(text))
        return cls(torch.tensor(ids), torch.tensor(starts), torch.tensor(counts, dtype=torch.float32), ratings, there,
                   rules)  # fmt: skip


def train(
    sources: Sources, steps: int, seed: int, size: int = 160, rate: float = 3e-3
) -> Iterator[Step | Checked | Encoder]:
    """Train a fresh encoder; yields steps and at last the encoder. size: examples a step; rate: peak learning rate."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    encoder = Encoder(HEADS)
    scale = nn.Parameter(
        torch.tensor([[0.25, 0.0, 0.0], [0.2, 0.0, 0.0]])
    )  # EmoBank's axes: factor, offset, log factor
    named = dict(encoder.named_parameters())
    groups = [
        {"params": [named.pop("table.weight")], "weight_decay": 0.05, "lr": rate},
        {"params": [*named.values(), scale], "weight_decay": 0.05, "lr": rate},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    base = [group["lr"] for group in optimizer.param_groups]
    began = time.monotonic()
    for step in range(steps):
        share = min((step + 1) / 100, 1.0) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group, peak in zip(optimizer.param_groups, base, strict=True):
            group["lr"] = peak * share
        examples = [sources.draw(rng) for _ in range(size)]
        encoder.train()
        outputs, _ = _forward(encoder, Batch.of([e.text for e in examples], rng))
        loss = _loss(encoder, outputs, examples, scale)
        english, chinese = zip(*pairs(rng, PAIRS), strict=True)
        _, vectors = _forward(encoder, Batch.of([*english, *chinese], rng))
        loss = loss + 0.1 * _apart(vectors[:PAIRS], vectors[PAIRS:])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(encoder.parameters(), 2.0)
        optimizer.step()
        elapsed = time.monotonic() - began
        yield Step(step + 1, steps, float(loss.detach()), elapsed / (step + 1) * (steps - step - 1))
        if (step + 1) % CHECK == 0 or step + 1 == steps:
            yield check(encoder, step + 1)
    yield encoder.eval()


@torch.no_grad()
def check(encoder: Encoder, step: int) -> Checked:
    """How well held-out scenes are read."""
    encoder.eval()
    found = held_out_scenes()
    places = encoder.places()
    signs, quadrants = {}, {}
    for language in ("en", "zh"):
        outputs, _ = _forward(encoder, Batch.of([getattr(scene, language) for scene in found]))
        right = []
        for scene, row in zip(found, outputs.tolist(), strict=True):
            axes = ((scene.valence, row[places["valence"][0]]), (scene.arousal, row[places["arousal"][0]]))
            right.append([wanted * got > 0 for wanted, got in axes if abs(wanted) >= 0.2])
        each = [one for axes in right for one in axes]
        both = [all(axes) for axes in right if len(axes) == 2]
        signs[language], quadrants[language] = sum(each) / len(each), sum(both) / len(both)
    return Checked(step, signs, quadrants)


def _forward(encoder: Encoder, batch: Batch) -> tuple[Tensor, Tensor]:
    outputs, vectors = encoder(batch.ids, batch.starts, batch.counts, batch.ratings, batch.there, batch.rules)
    return outputs, vectors


def _loss(encoder: Encoder, outputs: Tensor, examples: Sequence[Example], scale: Tensor) -> Tensor:
    places = encoder.places()
    total = outputs.new_zeros(())
    for axis, name in enumerate(("valence", "arousal", "pace")):
        told = torch.tensor([v if (v := getattr(e, name)) is not None else math.nan for e in examples])
        weight = torch.tensor([e.weight for e in examples])
        known = ~told.isnan()
        if not known.any():
            continue
        mean, spread = outputs[:, slice(*places[name])][known].unbind(1)
        if axis < 2:
            foreign = torch.tensor([e.source == "emobank" for e in examples])[known]
            factor, offset, wider = scale[axis]
            mean = torch.where(foreign, mean * factor + offset, mean)
            spread = torch.where(foreign, spread + wider, spread)
        spread = spread.clamp(-2.5, 1.5)
        nats = 0.5 * (spread + (told[known] - mean) ** 2 / spread.exp())
        total = total + (nats * weight[known]).sum() / weight[known].sum() * (1.0 if axis < 2 else 0.3)
    keys = LEARNT_STYLES
    styled = [i for i, e in enumerate(examples) if e.styles]
    if styled:
        wanted = torch.zeros(len(styled), len(keys))
        for row, i in enumerate(styled):
            for key in examples[i].styles:
                wanted[row, keys.index(key)] = 1 / len(examples[i].styles)
        logits = outputs[styled][:, slice(*places["style"])]
        total = total + 0.15 * functional.cross_entropy(logits, wanted)
    return total


def _apart(one: Tensor, other: Tensor) -> Tensor:
    """Translations nearer to each other than to the rest (InfoNCE, van den Oord et al. 2018)."""
    likeness = functional.normalize(one, dim=1) @ functional.normalize(other, dim=1).T / 0.1
    own = torch.arange(len(one))
    return (functional.cross_entropy(likeness, own) + functional.cross_entropy(likeness.T, own)) / 2
