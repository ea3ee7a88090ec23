"""A small network as an ONNX file, its weights in half precision."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

#: Arrays smaller than this stay as they are: shapes and scales, whose bits matter and whose size doesn't.
_SMALL = 64


def write_onnx(model: nn.Module, example: tuple[Tensor, ...], names: Sequence[str]) -> bytes:
    """The network as ONNX. example: inputs of any batch size; names: theirs. The first axis of all is the batch.

    Weights are stored in float16 and turned to float32 when the file is loaded, so that any processor computes as in
    training.
    """
    axes = {name: {0: "batch"} for name in (*names, "logits")}
    was = model.training
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            model.eval(), example, path, input_names=list(names), output_names=["logits"], dynamic_axes=axes,
            opset_version=17, dynamo=False,
        )  # fmt: skip
        data = path.read_bytes()
    model.train(was)
    return halved(data)


def halved(data: bytes) -> bytes:
    """An ONNX file with its larger float32 weights in float16, each behind a cast."""
    model = onnx.load_from_string(data)
    graph = model.graph
    casts = []
    for number, weight in enumerate(graph.initializer):
        values = numpy_helper.to_array(weight)
        if weight.data_type != onnx.TensorProto.FLOAT or values.size < _SMALL:
            continue
        name = weight.name
        half = numpy_helper.from_array(values.astype(np.float16), f"{name}.half")
        graph.initializer[number].CopyFrom(half)
        casts.append(onnx.helper.make_node("Cast", [half.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    model.producer_name, model.producer_version = "yuefu", ""
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
