"""An adapter in the four-bit model: where it changes nothing nothing changes, else as the converter would have it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import FormatError, InputError
from yuefu.generation.merging import (
    PLAIN,
    Adapter,
    dequantise,
    merged_data,
    quantise,
    read_safetensors,
    tensor_places,
)
from yuefu.workflows.models import model_folder

MODEL = model_folder()
GATE = "layers.1.mlp.gate_proj"


def noise(name: str, size: float, rank: int = 2) -> Adapter:
    """A change of one matrix by noise."""
    outputs, inputs = read_safetensors(MODEL / PLAIN)[f"model.{name}.weight"].shape
    rng = np.random.default_rng(5)
    pair = (rng.standard_normal((rank, inputs)), size * rng.standard_normal((outputs, rank)))
    return Adapter({name: tuple(each.astype(np.float16) for each in pair)}, 1.0)  # type: ignore[dict-item]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1e-6, 0.05, 1.0, 300.0]))
def test_blocks_are_the_runtimes_own(seed: int, size: float) -> None:
    """Codes and scales are bit for bit those of onnxruntime's quantiser, which the converter uses."""
    native = pytest.importorskip("onnxruntime.capi._pybind_state")
    weights = (size * np.random.default_rng(seed).standard_normal((6, 96))).astype(np.float32)
    weights[0, :32] = 0.0
    codes, scales = np.zeros((6, 3, 16), np.uint8), np.zeros(18, np.float32)
    native.quantize_matmul_4bits(
        codes, np.ascontiguousarray(weights.T), scales, np.zeros(12, np.uint8), 32, 6, 96, True
    )
    own_codes, own_scales = quantise(weights)
    assert np.array_equal(own_scales, scales.reshape(6, 3))
    # A block of zeros stands for zeros whatever its codes are.
    alive = own_scales != 0
    assert np.array_equal(own_codes[alive], codes[alive])
    assert not dequantise(own_codes, own_scales)[0, :32].any()


@pytest.mark.model
def test_nothing_is_changed_by_a_change_of_zero() -> None:
    """An adapter without matrices, and one whose product is zero, leave the shipped bytes as they are."""
    shipped = (MODEL / "model.onnx.data").read_bytes()
    assert merged_data(MODEL, Adapter({}, 1.0)) == shipped
    a, b = noise(GATE, 1.0).pairs[GATE]
    assert merged_data(MODEL, Adapter({GATE: (a, np.zeros_like(b))}, 1.0)) == shipped


@pytest.mark.model
def test_shipped_blocks_are_the_plain_weights_rounded() -> None:
    """The plain weights give the shipped codes but for the roundings that float16 turns: fewer than 2 in 1000."""
    plain, data = read_safetensors(MODEL / PLAIN), (MODEL / "model.onnx.data").read_bytes()
    place = tensor_places(MODEL / "model.onnx")[f"model.{GATE}.MatMul.weight_Q4"]
    shipped = np.frombuffer(data[place.offset : place.offset + place.length], np.uint8).reshape(place.dims)
    own, _ = quantise(plain[f"model.{GATE}.weight"])
    assert np.mean(own != shipped) < 0.004  # two codes share a byte


@pytest.mark.model
@pytest.mark.parametrize("name", [GATE, "layers.0.self_attn.k_proj", "layers.3.self_attn.o_proj"])
def test_a_change_lands_in_its_matrix_alone(name: str) -> None:
    """The merged blocks stand for plain weights and change within a rounding step, and no other byte moves."""
    adapter = noise(name, 0.02)
    shipped, merged = (MODEL / "model.onnx.data").read_bytes(), merged_data(MODEL, adapter)
    layer, part = name.split(".")[1], name.split(".", 2)[2]
    packed = {"self_attn.k_proj": "attn.qkv_proj", "self_attn.o_proj": "attn.o_proj"}.get(part, part)
    row = 256 if part == "self_attn.k_proj" else 0
    places = tensor_places(MODEL / "model.onnx")
    codes, scales = (places[f"model.layers.{layer}.{packed}.MatMul.{each}"] for each in ("weight_Q4", "weight_scales"))
    plain = read_safetensors(MODEL / PLAIN)[f"model.{name}.weight"].astype(np.float64)
    change = adapter.change(name)
    assert change is not None
    count = len(plain)
    got = [
        np.frombuffer(merged[each.offset : each.offset + each.length], kind).reshape(each.dims)[row : row + count]
        for each, kind in ((codes, np.uint8), (scales, np.float32))
    ]
    step = np.abs(np.repeat(got[1], 32, axis=1))
    assert (np.abs(dequantise(got[0], got[1]) - (plain + change)) <= 1.001 * step).all()
    moved = np.flatnonzero(np.frombuffer(shipped, np.uint8) != np.frombuffer(merged, np.uint8))
    for place in (codes, scales):
        width = place.length // place.dims[0]
        first, last = place.offset + row * width, place.offset + (row + count) * width
        assert ((moved >= first) & (moved < last)).any()
        moved = moved[(moved < first) | (moved >= last)]
    assert len(moved) == 0


@pytest.mark.model
def test_adapters_of_another_make_are_refused() -> None:
    """A matrix that the model doesn't have, or of other sizes, is told in one sentence."""
    pair = (np.ones((1, 256), np.float16), np.ones((256, 1), np.float16))
    with pytest.raises(FormatError, match="doesn't have"):
        merged_data(MODEL, Adapter({"layers.9.self_attn.q_proj": pair}, 1.0))
    with pytest.raises(FormatError, match="shape"):
        merged_data(MODEL, Adapter({GATE: pair}, 1.0))


@pytest.mark.parametrize(
    "damage", [b"", b"\xff" * 40, (2**60).to_bytes(8, "little") + b"{}", b"\x02" + b"\0" * 7 + b"[]"]
)
def test_damaged_weights_are_told(tmp_path: Path, damage: bytes) -> None:
    """A file that isn't one of weights raises FormatError, none at all InputError."""
    with pytest.raises(InputError, match="no plain weights"):
        read_safetensors(tmp_path / "none")
    (tmp_path / "bad").write_bytes(damage)
    with pytest.raises(FormatError):
        read_safetensors(tmp_path / "bad")


def test_tensors_outside_their_file_are_told(tmp_path: Path) -> None:
    """A header whose ranges lead outside the file is refused."""
    header = json.dumps({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    (tmp_path / "short").write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 8)
    with pytest.raises(FormatError, match="outside"):
        read_safetensors(tmp_path / "short")


@pytest.mark.model
def test_a_cut_model_is_told(tmp_path: Path) -> None:
    """A model file that was cut off raises FormatError."""
    (tmp_path / "model.onnx").write_bytes((MODEL / "model.onnx").read_bytes()[:2000])
    with pytest.raises(FormatError):
        tensor_places(tmp_path / "model.onnx")
