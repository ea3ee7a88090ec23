"""How well a reader reads scenes that it didn't learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yuefu.text.encoder.reading import Reading
from yuefu.training.words.scenes import Scene

#: Ratings nearer to neutral than this have no sign to be right about.
PLAIN = 0.2


@dataclass(frozen=True)
class Accuracy:
    """Of one language. signs: share of plain valence and arousal ratings whose sign is right; quadrants: of the scenes
    where both are plain, those with both right; styles: of the scenes with styles, those whose likeliest is one."""

    signs: float
    quadrants: float
    styles: float


def accuracy(read: Callable[[Sequence[str]], Sequence[Reading]], scenes: Sequence[Scene]) -> dict[str, Accuracy]:
    """Language -> accuracy. read: readings of texts, in their order."""
    found = {}
    for language in ("en", "zh"):
        readings = read([getattr(scene, language) for scene in scenes])
        right, liked = [], []
        for scene, reading in zip(scenes, readings, strict=True):
            axes = ((scene.valence, reading.valence.value), (scene.arousal, reading.arousal.value))
            right.append([wanted * got > 0 for wanted, got in axes if abs(wanted) >= PLAIN])
            if scene.styles:
                liked.append(reading.styles[0].key in scene.styles)
        each = [one for axes in right for one in axes]
        both = [all(axes) for axes in right if len(axes) == 2]
        found[language] = Accuracy(*(sum(rights) / max(len(rights), 1) for rights in (each, both, liked)))
    return found
