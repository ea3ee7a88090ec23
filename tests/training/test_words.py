"""Training the encoder of words: the same equations in torch and numpy, and a run that learns."""

from __future__ import annotations

import random

import numpy as np
import torch

from yuefu.text.encoder.network import run
from yuefu.text.encoder.reading import rules_of
from yuefu.text.encoder.units import units_of
from yuefu.text.reader import normal
from yuefu.training.words.examples import RULES, Sources, templates
from yuefu.training.words.loop import HEADS, Batch, Checked, Step, train
from yuefu.training.words.model import Encoder
from yuefu.training.words.scenes import held_out_scenes, learnt_scenes, scenes

TEXTS = ["not sad, rather hopeful", "春雨江南，不是悲伤，而是释然", "1989", "a"]


class OwnSentences(Sources):
    """Only examples that need no corpus."""

    def draw(self, rng: random.Random):
        return (self._mood, self._scenes, self._terms)[rng.randrange(3)](rng)


def test_torch_and_numpy_give_the_same_outputs() -> None:
    torch.manual_seed(1)
    encoder = Encoder(HEADS).eval()
    for block in encoder.blocks:
        torch.nn.init.normal_(block.out.weight, std=0.1)
    batch = Batch.of(TEXTS)
    with torch.no_grad():
        ours, vectors = encoder(batch.ids, batch.starts, batch.counts, batch.ratings, batch.there, batch.rules)
    units = [units_of(normal(text)) for text in TEXTS]
    for row, (text, read) in enumerate(zip(TEXTS, units, strict=True)):
        outputs, hidden = run(encoder.weights(), read, [rules_of(text)])
        assert np.allclose(ours[row].numpy(), outputs[0], atol=1e-4)
        assert np.allclose(vectors[row].numpy(), hidden[0], atol=1e-4)


def test_a_short_run_learns_and_the_same_seed_gives_the_same_weights() -> None:
    runs = []
    for _ in range(2):
        events = list(train(OwnSentences(), 12, seed=3, size=32))
        losses = [event.loss for event in events if isinstance(event, Step)]
        assert np.mean(losses[-3:]) < np.mean(losses[:3])
        assert isinstance(events[-2], Checked)
        assert isinstance(events[-1], Encoder)
        runs.append(events[-1].weights().arrays)
    for name, array in runs[0].items():
        assert np.array_equal(array, runs[1][name]), name


def test_every_table_of_templates_has_a_rule_and_both_languages() -> None:
    assert set(templates()["mood"]) == set(RULES)
    for table in templates()["mood"].values():
        for language in ("en", "zh"):
            assert len(table[language]) >= 5
            assert all("{m}" in pattern or "{n}" in pattern for pattern in table[language])


def test_held_out_scenes_are_never_learnt_from() -> None:
    assert not {scene.en for scene in held_out_scenes()} & {scene.en for scene in learnt_scenes()}
    assert len(held_out_scenes()) + len(learnt_scenes()) == len(scenes())
    assert all(-1 <= s.valence <= 1 and -1 <= s.arousal <= 1 for s in scenes())
