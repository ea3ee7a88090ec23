"""Adapters of the fill model: fresh ones change nothing, and the runtime with one in it agrees with torch."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.own_styles import plain_tune

from yuefu.generation.merging import Adapter, merged_data
from yuefu.generation.scorer import Scorer, log_softmax
from yuefu.models.export import load_hugging_face
from yuefu.models.fill import FillModel
from yuefu.models.lora import LoraSizes, factors, put_factors, with_adapter
from yuefu.score.abc_read import read_abc_book
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.adapt import data_table
from yuefu.training.own_pieces import prepare
from yuefu.training.pieces import pieces_of
from yuefu.training.samples import held_out_samples, labelled_ids
from yuefu.workflows.models import model_folder

pytestmark = pytest.mark.model
SIZES = LoraSizes(rank=2, alpha=4, dropout=0.0)


def plain() -> FillModel:
    """The shipped model."""
    return FillModel.from_llama(load_hugging_face(model_folder() / "hf"), vocabulary())


@cache
def music() -> list[int]:
    """A written sequence: what rounding costs is to be seen on music, not on noise."""
    tunes = [prepare(read_abc_book(plain_tune(number))[0], f"{number}.abc") for number in range(1, 7)]
    return labelled_ids(held_out_samples(list(pieces_of(tunes)), data_table(), 1)[0])[0]


@torch.no_grad()
def told(model: FillModel) -> np.ndarray:
    """Log-probabilities of every next token."""
    return log_softmax(model.eval()(torch.tensor([music()]))[0, :-1].numpy())


def runtime(folder: Path, adapter: Adapter) -> np.ndarray:
    """The same from a merged model folder."""
    for name in ("model.onnx", "genai_config.json"):
        shutil.copy(model_folder() / name, folder / name)
    (folder / "model.onnx.data").write_bytes(merged_data(model_folder(), adapter))
    return np.asarray(Scorer(folder).log_probabilities(music()))


def test_a_fresh_adapter_changes_nothing_and_alone_is_trained() -> None:
    """Before training the logits are the model's own, and only factors take gradients."""
    before = told(plain())
    model = with_adapter(plain(), SIZES)
    assert np.allclose(told(model), before, atol=1e-5)
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert trained
    assert all("lora_" in name for name in trained)
    assert len(factors(model)) == 7 * model.config.layers


def test_the_runtime_agrees_with_torch(tmp_path: Path) -> None:
    """Merged and rounded to four bits, an adapter is within the error that rounding makes in the model without it."""
    model = with_adapter(plain(), SIZES)
    rng = np.random.default_rng(1)
    pairs = {
        name: (a.astype(np.float16), (0.4 * rng.standard_normal(b.shape)).astype(np.float16))
        for name, (a, b) in factors(model).items()
    }
    before = told(model)
    put_factors(model, pairs)
    (tmp_path / "base").mkdir()
    (tmp_path / "own").mkdir()
    base, own = runtime(tmp_path / "base", Adapter({}, 1.0)), runtime(tmp_path / "own", Adapter(pairs, SIZES.scale))
    moved = np.abs(told(model) - before).mean()
    rounding, error = np.abs(base - before).mean(), np.abs(own - told(model)).mean()
    assert moved > 2.5 * error, "the change must be larger than the error, or this says nothing"
    assert error < 1.5 * rounding + 0.01
