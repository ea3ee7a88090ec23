"""The parts of a phrase network as ONNX files: the reader, the layout of bars, the writer of a step."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from yuefu.models.phrase_vae import Layout, PhraseVae, Reader, Writer
from yuefu.models.small_onnx import halved
from yuefu.tokens.phrases import CONDITION, LANES, MOST_STEPS


def reader_onnx(model: PhraseVae) -> bytes:
    """The encoder: steps, heard, chords, condition -> mean, spread."""
    steps = torch.zeros(2, 4, MOST_STEPS, len(LANES)) if model.config.drums else _zeros(2, 4, MOST_STEPS)
    example = (steps, _zeros(2, 4, MOST_STEPS), _zeros(2, 4, MOST_STEPS), torch.zeros(2, CONDITION))
    names = ["steps", "heard", "chords", "condition"]
    return _onnx(Reader(model), example, names, ["mean", "spread"], names[:-1])


def layout_onnx(model: PhraseVae) -> bytes:
    """The upper level of the decoder: z, condition -> layout, state."""
    example = (torch.zeros(2, 4, model.config.latent), torch.zeros(2, CONDITION))
    return _onnx(Layout(model), example, ["z", "condition"], ["layout", "state"], ["z"])


def writer_onnx(model: PhraseVae) -> bytes:
    """A step of the lower level: before, heard, chords, place, layout, state -> logits, after."""
    before = torch.zeros(2, len(LANES)) if model.config.drums else _zeros(2)
    layout = torch.zeros(2, model.spread.out_features // MOST_STEPS)
    example = (before, _zeros(2), _zeros(2), _zeros(2), layout, torch.zeros(2, model.config.width))
    return _onnx(
        Writer(model), example, ["before", "heard", "chords", "place", "layout", "state"], ["logits", "after"], []
    )


def _zeros(*shape: int) -> Tensor:
    return torch.zeros(*shape, dtype=torch.int64)


def _onnx(
    model: nn.Module, example: tuple[Tensor, ...], names: Sequence[str], outputs: Sequence[str], by_bar: Sequence[str]
) -> bytes:
    """ONNX with any number of phrases, and of bars for the inputs ``by_bar`` and all outputs with them."""
    axes = {name: {0: "phrases"} for name in (*names, *outputs)}
    for name in (*by_bar, *(outputs if by_bar else ())):
        axes[name][1] = "bars"
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            model.eval(), example, path, input_names=list(names), output_names=list(outputs), dynamic_axes=axes,
            opset_version=17, dynamo=False,
        )  # fmt: skip
        return halved(path.read_bytes())
