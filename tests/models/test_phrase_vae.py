"""The network of phrases: shapes, and a writer of steps that says what the whole decoder says."""

import pytest
import torch

from yuefu.models.phrase_vae import PhraseConfig, PhraseVae, Writer
from yuefu.tokens.phrases import CONDITION, LANES, MOST_STEPS, SAYINGS


@pytest.mark.parametrize("drums", [False, True])
@pytest.mark.parametrize("bars", [2, 4])
def test_every_bar_has_a_point_and_every_step_its_logits(drums, bars):
    """Phrases of both lengths; the writer, step by step, gives the logits that the decoder gives at once."""
    torch.manual_seed(1)
    model = PhraseVae(PhraseConfig(drums, latent=6, width=16, dropout=0.0)).eval()
    shape = (3, bars, MOST_STEPS)
    steps = torch.rand(*shape, len(LANES)).round() if drums else torch.randint(2, SAYINGS, shape)
    heard = torch.zeros(shape, dtype=torch.int64) if drums else steps - 1
    chords = torch.randint(0, 241, shape)
    condition = torch.zeros(3, CONDITION)
    told = model.told(steps, heard)
    mean, spread = model.encode(told, chords, condition)
    assert mean.shape == spread.shape == (3, bars, 6)
    logits = model.decode(mean, told[:, :, :12], chords[:, :, :12], condition)
    assert logits.shape == (3, bars, 12, len(LANES) if drums else SAYINGS)
    layout, state = model.layout(mean, condition)
    writer, now = Writer(model).eval(), state[:, 0]
    for step in range(3):
        one, now = writer(
            steps[:, 0, step], heard[:, 0, step], chords[:, 0, step], torch.full((3,), step), layout[:, 0, step], now
        )
        assert torch.allclose(one, logits[:, 0, step], atol=1e-4)
