"""A small adapter put into a quantised model, in numpy alone: what the runtime opens is an ordinary model folder.

The runtime's weights are four-bit blocks (``MatMulNBits``): of 32 numbers each, the one furthest from zero becomes
-8, and the others are rounded to multiples of its eighth. A low-rank change can't be added to those: it is added to
the plain weights that lie beside them (``hf/model.safetensors``, float16), and the sums are rounded into blocks anew,
as the converter does it. What the adapter doesn't change stays byte for byte as it was shipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import FormatError, InputError

#: Numbers that share a scale.
BLOCK = 32
#: A matrix of the runtime -> the plain matrices, one above the other, that it holds.
PACKED = {
    "attn.qkv_proj": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "attn.o_proj": ("self_attn.o_proj",),
    "mlp.gate_proj": ("mlp.gate_proj",),
    "mlp.up_proj": ("mlp.up_proj",),
    "mlp.down_proj": ("mlp.down_proj",),
}
#: The file of plain weights, beside a model.
PLAIN = "hf/model.safetensors"
_SAFE_DTYPES = {"F16": "<f2", "F32": "<f4"}
_MOST_HEADER = 1 << 20


@dataclass(frozen=True)
class Adapter:
    """Low-rank changes of a model's matrices.

    pairs: plain matrix, such as ``"layers.0.self_attn.q_proj"`` -> (A, B) of shapes (rank, inputs) and
    (outputs, rank); scale: of their products.
    """

    pairs: Mapping[str, tuple[NDArray[np.floating], NDArray[np.floating]]]
    scale: float

    def change(self, name: str) -> NDArray[np.float64] | None:
        """What is added to a plain matrix, (outputs, inputs); None for nothing at all."""
        if name not in self.pairs:
            return None
        a, b = (each.astype(np.float64) for each in self.pairs[name])
        change: NDArray[np.float64] = self.scale * (b @ a)
        return change if change.any() else None


@dataclass(frozen=True)
class Place:
    """Where a tensor lies in ``model.onnx.data``: first byte, bytes, sizes."""

    offset: int
    length: int
    dims: tuple[int, ...]


def quantise(weights: NDArray[np.floating]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Four-bit blocks of a matrix (outputs, inputs), as ``MatMulNBits`` holds them.

    Returns codes, two to a byte, low half first, (outputs, blocks, 16), and scales, (outputs, blocks). inputs must be
    a multiple of 32.

    >>> codes, scales = quantise(np.linspace(-8, 7.5, 32, dtype=np.float32)[None])
    >>> float(scales[0, 0]), [int(code) for code in codes[0, 0, :2]]
    (1.0, [16, 33])
    """
    rows, columns = weights.shape
    blocks = weights.astype(np.float32).reshape(rows, columns // BLOCK, BLOCK)
    high, low = blocks.max(axis=-1), blocks.min(axis=-1)
    furthest = np.where(np.abs(high) > np.abs(low), high, low)
    scales = (furthest / np.float32(-8.0)).astype(np.float32)
    inverse = np.divide(np.float32(1.0), scales, out=np.zeros_like(scales), where=scales != 0)
    codes = np.clip(np.floor(blocks * inverse[..., None] + np.float32(8.5)), 0, 15).astype(np.uint8)
    return codes[..., 0::2] | (codes[..., 1::2] << 4), scales


def dequantise(codes: NDArray[np.uint8], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """The matrix (outputs, inputs) that codes and scales stand for."""
    numbers = np.stack([codes & 15, codes >> 4], axis=-1).reshape(*scales.shape, BLOCK).astype(np.float32) - 8.0
    out: NDArray[np.float32] = (numbers * scales[..., None]).reshape(len(scales), -1)
    return out


def merged_data(folder: Path, adapter: Adapter) -> bytes:
    """The ``model.onnx.data`` of a model folder with an adapter in it.

    Raises InputError where the model has no plain weights, FormatError where it or the adapter is of another make.
    """
    data = bytearray((folder / "model.onnx.data").read_bytes())
    places = tensor_places(folder / "model.onnx")
    plain = read_safetensors(folder / PLAIN)
    unknown = [name for name in adapter.pairs if f"model.{name}.weight" not in plain]
    if unknown:
        raise FormatError(f"the adapter changes '{unknown[0][:60]}', which this model doesn't have.")
    layers = sorted({name.split(".")[2] for name in plain if name.startswith("model.layers.")}, key=int)
    for layer in layers:
        for packed, parts in PACKED.items():
            names = [f"layers.{layer}.{part}" for part in parts]
            changes = [adapter.change(name) for name in names]
            if all(change is None for change in changes):
                continue
            codes, scales = (_place(places, f"model.layers.{layer}.{packed}.MatMul.{each}")
                             for each in ("weight_Q4", "weight_scales"))  # fmt: skip
            row = 0
            for name, change in zip(names, changes, strict=True):
                weights = plain[f"model.{name}.weight"].astype(np.float64)
                if change is not None:
                    if change.shape != weights.shape:
                        raise FormatError(f"the adapter's '{name}' has shape {change.shape}, not {weights.shape}.")
                    _write_rows(data, codes, scales, row, weights + change)
                row += len(weights)
            if row != codes.dims[0]:
                raise FormatError(f"'{packed}' holds {codes.dims[0]} rows, the plain weights {row}.")
    return bytes(data)


def _place(places: Mapping[str, Place], name: str) -> Place:
    if name not in places:
        raise FormatError(f"the model has no tensor '{name}': adapters go with four-bit models of this version.")
    return places[name]


def _write_rows(data: bytearray, codes: Place, scales: Place, row: int, weights: NDArray[np.float64]) -> None:
    """Put a matrix's blocks where its rows lie."""
    packed, told = quantise(weights)
    for place, array in ((codes, packed), (scales, told.astype("<f4"))):
        width = place.length // place.dims[0]
        content = array.tobytes()
        if len(content) != width * len(weights):
            raise FormatError("the model's blocks have another size than this version writes: reinstall it.")
        data[place.offset + row * width : place.offset + row * width + len(content)] = content


def read_safetensors(path: Path) -> dict[str, NDArray[np.floating]]:
    """The float tensors of a ``.safetensors`` file. Raises InputError without the file, FormatError for a damaged one.

    The format: eight bytes with the header's length, a JSON header of types, sizes and byte ranges, the numbers.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"there are no plain weights at '{path}' ({error.strerror}): an adapter needs them."
        ) from error
    try:
        length = int.from_bytes(raw[:8], "little")
        if not 2 <= length <= min(_MOST_HEADER, len(raw) - 8):
            raise ValueError("its header has an impossible length")
        header = json.loads(raw[8 : 8 + length])
        start = 8 + length
        found: dict[str, NDArray[np.floating]] = {}
        for name, told in header.items():
            if name == "__metadata__":
                continue
            first, last = (int(each) for each in told["data_offsets"])
            if not 0 <= first <= last <= len(raw) - start:
                raise ValueError(f"'{name[:60]}' lies outside")
            array = np.frombuffer(raw[start + first : start + last], dtype=_SAFE_DTYPES[told["dtype"]])
            found[name] = array.reshape(told["shape"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(f"'{path.name}' isn't a file of weights: {error!s:.100}.") from error
    return found


# Of a model in protocol buffers only the initialisers' names, sizes and places are wanted; reading them takes no more
# than the wire format: https://protobuf.dev/programming-guides/encoding
_MODEL_GRAPH, _GRAPH_INITIALIZER = 7, 5
_TENSOR_DIMS, _TENSOR_NAME, _TENSOR_EXTERNAL = 1, 8, 13
_ENTRY_KEY, _ENTRY_VALUE = 1, 2


def tensor_places(path: Path) -> dict[str, Place]:
    """The tensors that an ONNX file keeps outside, in ``model.onnx.data``, by name. Raises FormatError."""
    try:
        model = memoryview(path.read_bytes())
        places: dict[str, Place] = {}
        for graph in _fields(model, _MODEL_GRAPH):
            for tensor in _fields(graph, _GRAPH_INITIALIZER):
                found = _external(tensor)
                if found is not None:
                    places[found[0]] = found[1]
    except OSError as error:
        raise InputError(f"the model '{path}' can't be read: {error.strerror}.") from error
    except (ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
        raise FormatError(f"'{path.name}' isn't a model: {error!s:.100}.") from error
    return places


def _external(tensor: memoryview) -> tuple[str, Place] | None:
    name, dims, told = "", [], {}
    for number, value in _walk(tensor):
        if number == _TENSOR_NAME and isinstance(value, memoryview):
            name = bytes(value).decode()
        elif number == _TENSOR_DIMS:
            dims += [value] if isinstance(value, int) else list(_varints(value))
        elif number == _TENSOR_EXTERNAL and isinstance(value, memoryview):
            entry = {n: bytes(v).decode() for n, v in _walk(value) if isinstance(v, memoryview)}
            told[entry[_ENTRY_KEY]] = entry[_ENTRY_VALUE]
    if "length" not in told:
        return None
    return name, Place(int(told.get("offset", "0")), int(told["length"]), tuple(dims))


def _fields(message: memoryview, wanted: int) -> Iterator[memoryview]:
    for number, value in _walk(message):
        if number == wanted and isinstance(value, memoryview):
            yield value


def _walk(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Field numbers and values of a message: an int for a varint, bytes for the rest."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield number, value
            continue
        length = {1: 8, 5: 4}.get(kind)
        if kind == 2:
            length, at = _varint(message, at)
        if length is None or at + length > len(message):
            raise ValueError("its fields don't fit")
        yield number, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number is too long")


def _varints(message: memoryview) -> Iterator[int]:
    at = 0
    while at < len(message):
        value, at = _varint(message, at)
        yield value
