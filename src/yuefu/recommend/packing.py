"""What recommenders learnt, in one file: a tree of plain values and arrays as ``.npz`` with JSON in it, no pickle.

Everything is checked on reading: how much there is before it is read, each array's header against its entry, and a
digest of it all at the end. The same tree gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import scipy.sparse as sp

from yuefu.errors import FormatError, LimitError
from yuefu.score.files import atomic_path

#: Of the layout below. A file of another one isn't read: fitting anew is cheap.
FORMAT = 1
HEAD = "head"
#: Most arrays, bytes of all of them, bytes of the JSON, and levels of the tree.
MAX_ARRAYS, MAX_BYTES, MAX_HEAD, MAX_DEPTH = 5_000, 8 << 30, 256 << 20, 40
#: A matrix of at least so many numbers, of which at most this share isn't 0, is kept as a sparse one.
LARGE, FULL = 1_000_000, 0.25
#: What zip, numpy and JSON raise for a damaged file. RuntimeError: a bit that says that it is encrypted.
DAMAGED = (
    OSError, ValueError, TypeError, IndexError, AttributeError, EOFError, RuntimeError, OverflowError, MemoryError,
    SyntaxError, struct.error, zlib.error, zipfile.BadZipFile,
)  # fmt: skip
_PLAIN_KINDS = "biufU"
_MARK = "="


def pack(path: Path | str, tree: Mapping[str, Any]) -> str:
    """Write a tree, whole or not at all. Returns its digest. Raises OutputError, TypeError for what isn't plain."""
    arrays: list[np.ndarray] = []
    head = _encoded({"format": FORMAT, "tree": _put(dict(tree), arrays, 0)})
    digest = _digest(head, arrays)
    entries: dict[str, Any] = {f"a{number}": array for number, array in enumerate(arrays)}
    entries |= {name: np.frombuffer(data, dtype=np.uint8) for name, data in ((HEAD, head), ("digest", digest.encode()))}
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **entries)
    return digest


def unpack(path: Path | str) -> tuple[dict[str, Any], str]:
    """Read a tree and its digest. Raises FormatError, LimitError for one that is too large."""
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as pack_:
            entries = pack_.infolist()
            if len(entries) > MAX_ARRAYS + 2 or sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise LimitError(f"'{path.name}' holds more than a fitted recommender may: fit it anew.")
            if len({entry.filename for entry in entries}) != len(entries):
                raise ValueError("an entry is there twice")
            sizes = {entry.filename.removesuffix(".npy"): entry.file_size for entry in entries}
            if sizes[HEAD] > MAX_HEAD:
                raise LimitError(f"'{path.name}' has a head that is too large: fit it anew.")
            found = {name: _read(pack_, name, size) for name, size in sizes.items()}
        head, told = found.pop(HEAD).tobytes(), found.pop("digest").tobytes()
        arrays = [found[f"a{number}"] for number in range(len(found))]
        digest = _digest(head, arrays)
        if told != digest.encode():
            raise ValueError("its digest doesn't fit: it was changed or damaged")
        outer = json.loads(head)
        if outer["format"] != FORMAT:
            raise ValueError(f"it has the layout {outer['format']!s:.20}, this is {FORMAT}")
        tree = _get(outer["tree"], arrays, 0)
        if not isinstance(tree, dict):
            raise ValueError("it holds no fields")
        return tree, digest
    except LimitError:
        raise
    except KeyError as error:
        raise FormatError(f"'{path.name}' isn't a fitted recommender: {error!s:.60} is missing.") from error
    except DAMAGED as error:
        raise FormatError(f"'{path.name}' isn't a fitted recommender: {error!s:.120}.") from error


def _read(pack_: zipfile.ZipFile, name: str, size: int) -> np.ndarray:
    """An array, after what its header claims was held against how large its entry is."""
    with pack_.open(name + ".npy") as stream:
        version = np.lib.format.read_magic(stream)
        reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = reader(stream)
        if dtype.kind not in _PLAIN_KINDS or any(side < 0 for side in shape):
            raise ValueError(f"'{name[:40]}' isn't plain numbers or words")
        if math.prod(shape) * dtype.itemsize != size - stream.tell():
            raise ValueError(f"'{name[:40]}' isn't as large as it says")
    with pack_.open(name + ".npy") as stream:
        return _loaded(stream)


def _loaded(stream: Any) -> np.ndarray:
    file: BinaryIO = stream
    return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _digest(head: bytes, arrays: list[np.ndarray]) -> str:
    found = hashlib.sha256(head)
    for array in arrays:
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data if array.size else b"")
    return found.hexdigest()


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _put(value: Any, arrays: list[np.ndarray], depth: int) -> Any:
    """The tree as JSON; what JSON hasn't is an object with the mark and its kind."""
    if depth > MAX_DEPTH:
        raise TypeError("what was learnt is nested too deeply to be kept")
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in _PLAIN_KINDS:
            raise TypeError(f"an array of {value.dtype} can't be kept without pickle")
        if value.ndim == 2 and value.size >= LARGE and value.dtype == np.float32 and _mostly_empty(value):
            return _put(sp.csr_matrix(value), arrays, depth) | {"as": "dense"}
        # A view that starts elsewhere or runs backwards would be kept with another digest than it is read with.
        arrays.append(np.array(value, order="C", copy=None))
        return {_MARK: "array", "at": len(arrays) - 1}
    if sp.issparse(value):
        rows = sp.csr_matrix(value)
        parts = [_put(part, arrays, depth + 1) for part in (rows.data, rows.indices, rows.indptr)]
        return {_MARK: "sparse", "as": value.format, "shape": [int(side) for side in rows.shape], "parts": parts}
    if isinstance(value, (tuple, list)):
        listed = [_put(one, arrays, depth + 1) for one in value]
        return listed if isinstance(value, list) else {_MARK: "tuple", "of": listed}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value) and _MARK not in value:
            return {key: _put(one, arrays, depth + 1) for key, one in value.items()}
        pairs = [[_put(key, arrays, depth + 1), _put(one, arrays, depth + 1)] for key, one in value.items()]
        return {_MARK: "pairs", "of": pairs}
    raise TypeError(f"{type(value).__name__} can't be kept in a fitted recommender's file")


def _get(value: Any, arrays: list[np.ndarray], depth: int) -> Any:
    if depth > MAX_DEPTH + 2:
        raise ValueError("it is nested too deeply")
    if isinstance(value, list):
        return [_get(one, arrays, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(_MARK)
    if kind is None:
        return {key: _get(one, arrays, depth + 1) for key, one in value.items()}
    if kind == "array":
        at = value["at"]
        if not isinstance(at, int) or not 0 <= at < len(arrays):
            raise ValueError("an array is missing")
        return arrays[at]
    if kind == "tuple":
        return tuple(_get(one, arrays, depth + 1) for one in value["of"])
    if kind == "pairs":
        return {_get(key, arrays, depth + 1): _get(one, arrays, depth + 1) for key, one in value["of"]}
    if kind == "sparse" and value["as"] in ("csr", "csc", "coo", "dense"):
        data, columns, starts = (_get(part, arrays, depth + 1) for part in value["parts"])
        rows, width = value["shape"]
        _check_sparse(data, columns, starts, rows, width)
        found = sp.csr_matrix((data, columns, starts), shape=(rows, width))
        if value["as"] == "dense":
            if rows * width * data.dtype.itemsize > MAX_BYTES:
                raise LimitError("a matrix is larger than a fitted recommender's may be: fit it anew.")
            return found.toarray()
        return found.asformat(value["as"])
    raise ValueError(f"it holds something unknown: {kind!s:.20}")


def _mostly_empty(matrix: np.ndarray) -> bool:
    """Row by row from the top, so that a full one is known for full soon."""
    most = FULL * matrix.size
    count = 0
    for start in range(0, len(matrix), 256):
        count += int(np.count_nonzero(matrix[start : start + 256]))
        if count > most:
            return False
    return True


def _check_sparse(data: np.ndarray, columns: np.ndarray, starts: np.ndarray, rows: Any, width: Any) -> None:
    """scipy believes the places that it is given, and writes there."""
    if not isinstance(rows, int) or not isinstance(width, int) or rows < 0 or width < 0:
        raise ValueError("a matrix has no shape")
    if starts.shape != (rows + 1,) or data.ndim != 1 or data.shape != columns.shape:
        raise ValueError("a matrix's parts don't fit each other")
    if columns.dtype.kind != "i" or starts.dtype.kind != "i":
        raise ValueError("a matrix's places aren't whole numbers")
    if starts[0] != 0 or starts[-1] != len(data) or (np.diff(starts) < 0).any():
        raise ValueError("a matrix's rows overlap")
    if len(columns) and (columns.min() < 0 or columns.max() >= width):
        raise ValueError("a matrix's columns lie outside of it")
