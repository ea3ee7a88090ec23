"""Engines: something that gives logits for the next token. One seam, and the fake that tests use.

An engine knows a model; what the tokens mean is none of its business.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError

if TYPE_CHECKING:
    import onnxruntime_genai

#: Longest sequence a session holds, in tokens.
MAX_LENGTH = 2048


class Session(Protocol):
    """One sequence being written."""

    def append(self, ids: Sequence[int]) -> None:
        """Add tokens."""

    def logits(self) -> NDArray[np.float32]:
        """(vocabulary,) logits of the next token. Call after at least one ``append``."""

    def rewind(self, length: int) -> None:
        """Go back to the first ``length`` tokens."""

    @property
    def length(self) -> int:
        """Tokens so far."""


class Engine(Protocol):
    """A model that opens sessions. Sessions of one engine may run on several threads."""

    def session(self) -> Session:
        """A new, empty sequence."""


class RuntimeEngine:
    """onnxruntime-genai over a runtime folder (``model.onnx``, ``genai_config.json``)."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "genai_config.json").exists():
            raise InputError(f"{folder} isn't a model folder: it has no genai_config.json.")
        import onnxruntime_genai

        self._model = onnxruntime_genai.Model(str(folder))

    def session(self) -> Session:
        """A new, empty sequence."""
        return _RuntimeSession(self._model)


class _RuntimeSession:
    def __init__(self, model: onnxruntime_genai.Model) -> None:
        import onnxruntime_genai

        params = onnxruntime_genai.GeneratorParams(model)
        params.set_search_options(max_length=MAX_LENGTH, batch_size=1)
        self._generator = onnxruntime_genai.Generator(model, params)
        self._length = 0

    def append(self, ids: Sequence[int]) -> None:
        if len(ids):
            self._generator.append_tokens(np.asarray(ids, dtype=np.int32))
            self._length += len(ids)

    def logits(self) -> NDArray[np.float32]:
        return np.asarray(self._generator.get_logits()).reshape(-1)

    def rewind(self, length: int) -> None:
        self._generator.rewind_to(length)
        self._length = length

    @property
    def length(self) -> int:
        return self._length


class NoiseEngine:
    """The fake: logits are seeded noise that depends on the sequence so far. For tests of everything around a model."""

    def __init__(self, vocabulary_size: int, seed: int = 0, spread: float = 1.0) -> None:
        self._size = vocabulary_size
        self._seed = seed
        self._spread = spread

    def session(self) -> Session:
        """A new, empty sequence."""
        return _NoiseSession(self._size, self._seed, self._spread)


class _NoiseSession:
    def __init__(self, size: int, seed: int, spread: float) -> None:
        self._size, self._seed, self._spread = size, seed, spread
        self._ids: list[int] = []

    def append(self, ids: Sequence[int]) -> None:
        self._ids += [int(i) for i in ids]

    def logits(self) -> NDArray[np.float32]:
        rng = np.random.default_rng([self._seed, len(self._ids), *self._ids[-8:]])
        return (rng.standard_normal(self._size) * self._spread).astype(np.float32)

    def rewind(self, length: int) -> None:
        del self._ids[length:]

    @property
    def length(self) -> int:
        return len(self._ids)
