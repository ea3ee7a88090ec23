"""Tell the style of a score file, with what it goes by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yuefu.analysis.bar_roll import BarRoll, bar_roll
from yuefu.recognition.explain import Explanation, explain
from yuefu.recognition.recognizer import StyleRecognizer, Verdict, style_recognizer
from yuefu.score.files import read_score


@dataclass(frozen=True)
class Recognized:
    """A piece, its verdict and what it goes by (None when it wasn't asked for)."""

    roll: BarRoll
    verdict: Verdict
    explanation: Explanation | None

    def to_dict(self, language: str = "en") -> dict[str, Any]:
        """As plain data."""
        told = self.verdict.to_dict(language)
        return told | ({"because": self.explanation.to_dict()} if self.explanation else {})

    def picture(self, language: str = "en") -> bytes:
        """The explanation as PNG. It must have been asked for."""
        from yuefu.recognition.picture import picture_png

        assert self.explanation is not None
        return picture_png(self.roll, self.verdict, self.explanation, language)


def recognize_file(path: Path | str, *, model: Path | None = None, explained: bool = True) -> Recognized:
    """The style of a score file.

    model: a folder with other weights. Raises InputError when the file isn't there, has no notes or isn't a score,
    FormatError when it is damaged, LimitError when it is too large.
    """
    recognizer = StyleRecognizer(model) if model is not None else style_recognizer()
    roll = bar_roll(read_score(path))
    verdict = recognizer.of_roll(roll)
    return Recognized(roll, verdict, explain(recognizer, roll, verdict.label.key) if explained else None)
