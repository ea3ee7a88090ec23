"""A folder's weights in onnxruntime, and the facts that belong to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from yuefu.corpus.labels import Label, labels
from yuefu.errors import FormatError, InputError
from yuefu.recognition.calibration import Floats, softmax

#: Windows that go through a network together.
_AT_ONCE = 64


@dataclass(frozen=True)
class Facts:
    """What belongs to weights.

    labels: keys in the order of the outputs; temperature: of the logits; threshold: the least share that is told as
    sure; precision: how often such verdicts were right on pieces that weren't learnt from; measured: figures of the
    cross-validation; shown, means: names of a bar's numbers that the network takes and their means in training (of
    networks over bars).
    """

    labels: tuple[str, ...]
    temperature: float
    threshold: float
    precision: float
    measured: Mapping[str, float] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    means: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, name: str) -> Facts:
        """From JSON. Raises FormatError when something is missing. name: of the file."""
        try:
            plain: dict[str, Any] = json.loads(text)
            return cls(
                tuple(plain["labels"]), float(plain["temperature"]), float(plain["threshold"]),
                float(plain["precision"]), dict(plain.get("measured", {})), tuple(plain.get("shown", ())),
                dict(plain.get("means", {})),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"'{name}' doesn't belong to these weights ({error}): build them again.") from error


@dataclass(frozen=True)
class Verdict:
    """What a piece is taken for.

    shares: label keys by share, the largest first; sure: whether the first is sure enough to be told as the style;
    windows: how many windows were looked at; precision: how often such sure verdicts are right.
    """

    shares: tuple[tuple[str, float], ...]
    sure: bool
    windows: int
    precision: float

    @property
    def label(self) -> Label:
        """The likeliest style, whether sure or not."""
        return labels()[self.shares[0][0]]

    def to_dict(self, language: str = "en", most: int = 5) -> dict[str, Any]:
        """As plain data: the style or null, and the likeliest styles with their shares."""
        return {
            "style": self.label.key if self.sure else None,
            "likely": [
                {"style": key, "name": labels()[key].name(language), "share": round(share, 4)}
                for key, share in self.shares[:most]
            ],
            "sure": self.sure,
            "precision_when_sure": self.precision,
            "windows": self.windows,
        }


class Network:
    """Weights and facts of a folder, or the package's.

    name: of the files, ``name.onnx`` and ``name.json``. Raises InputError where they aren't.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.name = name
        weights, facts = f"{name}.onnx", f"{name}.json"
        if folder is None:
            root = files("yuefu.recognition").joinpath("data")
            if not root.joinpath(weights).is_file():
                raise InputError(f"this package carries no weights '{weights}': name a folder that has them.")
            with as_file(root.joinpath(weights)) as path:
                self._weights = path.read_bytes()
            text = root.joinpath(facts).read_text("utf-8")
        else:
            try:
                self._weights, text = (folder / weights).read_bytes(), (folder / facts).read_text("utf-8")
            except OSError as error:
                raise InputError(
                    f"'{folder}' has no {weights} and {facts}: `yuefu train configs/{name}.toml` makes them."
                ) from error
        self.facts = Facts.read(text, facts)

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(self._weights, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own
            raise FormatError(f"the weights '{self.name}.onnx' are damaged ({error!s:.100}): get others.") from error

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Logits (windows, labels) of inputs that have windows as their first axis."""
        count = len(next(iter(inputs.values())))
        out = [
            self._session.run(None, {name: value[first : first + _AT_ONCE] for name, value in inputs.items()})[0]
            for first in range(0, count, _AT_ONCE)
        ]
        return np.concatenate(out) if out else np.zeros((0, len(self.facts.labels)), dtype=np.float32)

    def shares(self, logits: NDArray[np.float32]) -> Floats:
        """Calibrated shares (n, labels) of windows."""
        return softmax(logits / self.facts.temperature)

    def log_odds(self, logits: NDArray[np.float32], column: int) -> Floats:
        """A label's calibrated log-odds in windows (n,), from logits: they still differ where shares are all but 1."""
        scaled = np.asarray(logits, dtype=np.float64) / self.facts.temperature
        return np.asarray(scaled[:, column] - logsumexp(np.delete(scaled, column, axis=1), axis=1))

    def verdict(self, logits: NDArray[np.float32]) -> Verdict:
        """The verdict on a piece from its windows' logits."""
        shares = self.shares(logits).mean(axis=0)
        order = np.argsort(-shares, kind="stable").tolist()
        ranked = tuple((self.facts.labels[i], float(shares[i])) for i in order)
        return Verdict(ranked, ranked[0][1] >= self.facts.threshold, len(logits), self.facts.precision)
