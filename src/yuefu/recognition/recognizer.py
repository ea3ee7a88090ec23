"""Tell the style of a score: windows through the network, one temperature, and "unsure" where it isn't sure enough.

The network runs in onnxruntime. A folder holds ``styles.onnx`` and ``styles.json`` (see ``Facts``); the package's own
is used unless another is named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.bar_roll import STATS, BarRoll, bar_roll
from yuefu.corpus.labels import Label, labels
from yuefu.errors import FormatError, InputError
from yuefu.recognition.calibration import Floats, softmax
from yuefu.recognition.windows import BARS, windows_of
from yuefu.score.model import Score

WEIGHTS, FACTS = "styles.onnx", "styles.json"
#: Windows that go through the network together.
_AT_ONCE = 64


@dataclass(frozen=True)
class Facts:
    """What belongs to weights.

    labels: keys in the order of the outputs; shown: names of a bar's numbers that the network takes; means: theirs in
    training, by name; temperature: of the logits; threshold: the least share that is told as sure; precision: how often
    such verdicts were right on pieces that weren't learnt from; measured: figures of the cross-validation.
    """

    labels: tuple[str, ...]
    shown: tuple[str, ...]
    means: Mapping[str, float]
    temperature: float
    threshold: float
    precision: float
    measured: Mapping[str, float]

    @classmethod
    def read(cls, text: str) -> Facts:
        """From JSON. Raises FormatError when something is missing."""
        try:
            plain: dict[str, Any] = json.loads(text)
            return cls(
                tuple(plain["labels"]), tuple(plain["shown"]), dict(plain["means"]), float(plain["temperature"]),
                float(plain["threshold"]), float(plain["precision"]), dict(plain["measured"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"'{FACTS}' doesn't belong to these weights ({error}): build them again.") from error


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


class StyleRecognizer:
    """The network of a folder, or the package's."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            root = files("yuefu.recognition").joinpath("data")
            if not root.joinpath(WEIGHTS).is_file():
                raise InputError("this package carries no weights that tell styles: name a folder that has them.")
            with as_file(root.joinpath(WEIGHTS)) as path:
                self._weights = path.read_bytes()
            text = root.joinpath(FACTS).read_text("utf-8")
        else:
            try:
                self._weights, text = (folder / WEIGHTS).read_bytes(), (folder / FACTS).read_text("utf-8")
            except OSError as error:
                raise InputError(
                    f"'{folder}' has no {WEIGHTS} and {FACTS}: `yuefu train configs/styles.toml` makes them."
                ) from error
        self.facts = Facts.read(text)
        self.columns = [STATS.index(name) for name in self.facts.shown]

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(self._weights, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own
            raise FormatError(f"the weights that tell styles are damaged ({error!s:.120}): get them again.") from error

    def logits(
        self, rows: NDArray[np.float32], stats: NDArray[np.float32], mask: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Logits (n, labels) of windows: rows (n, BARS, ROWS, STEPS), all stats (n, BARS, STATS), mask (n, BARS)."""
        mask = np.ones((len(rows), BARS), dtype=np.float32) if mask is None else mask
        shown = np.ascontiguousarray(stats[:, :, self.columns])
        out = [
            self._session.run(None, {"rows": rows[part], "stats": shown[part], "mask": mask[part]})[0]
            for part in (slice(first, first + _AT_ONCE) for first in range(0, len(rows), _AT_ONCE))
        ]
        return np.concatenate(out) if out else np.zeros((0, len(self.facts.labels)), dtype=np.float32)

    def shares(self, logits: NDArray[np.float32]) -> Floats:
        """Calibrated shares (n, labels) of windows."""
        return softmax(logits / self.facts.temperature)

    def of_roll(self, roll: BarRoll) -> Verdict:
        """The verdict on a roll. Raises InputError for one without notes."""
        _, rows, stats = windows_of(roll)
        if not len(rows):
            raise InputError("the score has no notes: there is nothing to tell a style by.")
        shares = self.shares(self.logits(rows, stats)).mean(axis=0)
        order = np.argsort(-shares, kind="stable").tolist()
        ranked = tuple((self.facts.labels[i], float(shares[i])) for i in order)
        return Verdict(ranked, ranked[0][1] >= self.facts.threshold, len(rows), self.facts.precision)

    def __call__(self, score: Score) -> Verdict:
        """The verdict on a score."""
        return self.of_roll(bar_roll(score))


@cache
def style_recognizer() -> StyleRecognizer:
    """The package's own, loaded once."""
    return StyleRecognizer()
