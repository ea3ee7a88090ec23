"""Tell the style of a score or a recording, with what it goes by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yuefu.analysis.bar_roll import BarRoll, bar_roll
from yuefu.recognition.explain import Explanation, explain
from yuefu.recognition.network import Verdict
from yuefu.recognition.recognizer import StyleRecognizer, style_recognizer
from yuefu.recognition.sound import SoundExplanation, SoundStyles, explain_sound, sound_styles
from yuefu.recognition.wording import verdict_text
from yuefu.score.files import read_score

#: Files that are heard rather than read.
SOUND_FILES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff")


@dataclass(frozen=True)
class Recognized:
    """A verdict and what it goes by. roll: of a score, None for a recording."""

    verdict: Verdict
    explanation: Explanation | SoundExplanation
    roll: BarRoll | None

    def to_dict(self, language: str = "en") -> dict[str, Any]:
        """As plain data."""
        return self.verdict.to_dict(language) | {"because": self.explanation.to_dict()}

    def text(self, language: str = "en") -> str:
        """As lines of text."""
        explanation = self.explanation if isinstance(self.explanation, Explanation) else None
        return verdict_text(self.verdict, explanation, language)

    def picture(self, language: str = "en") -> bytes:
        """What the verdict goes by as PNG."""
        if self.roll is not None and isinstance(self.explanation, Explanation):
            from yuefu.recognition.picture import picture_png

            return picture_png(self.roll, self.verdict, self.explanation, language)
        from yuefu.recognition.sound_picture import sound_png

        assert isinstance(self.explanation, SoundExplanation)
        return sound_png(self.verdict, self.explanation, language)


def recognize_file(path: Path | str, *, model: Path | None = None) -> Recognized:
    """The style of a score or sound file.

    model: a folder with other weights. Raises InputError when the file isn't there, holds no notes or only silence, or
    is neither, FormatError when it is damaged, LimitError when it is too large.
    """
    if Path(path).suffix.lower() in SOUND_FILES:
        return _recording(Path(path), model)
    recognizer = StyleRecognizer(model) if model is not None else style_recognizer()
    roll = bar_roll(read_score(path))
    verdict = recognizer.of_roll(roll)
    return Recognized(verdict, explain(recognizer, roll, verdict.label.key), roll)


def _recording(path: Path, model: Path | None) -> Recognized:
    from yuefu.audio.features.read import read_mono

    network = SoundStyles(model) if model is not None else sound_styles()
    signal = read_mono(path)
    verdict = network.of_signal(signal)
    return Recognized(verdict, explain_sound(network, signal, verdict.label.key), None)
