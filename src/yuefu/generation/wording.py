"""What words ask of the tune that sings them: beats for stressed syllables, steps that go with Mandarin tones.

Both are leanings, never bans: singers bend tones, and songs anticipate beats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Middle heights of the Mandarin tones in a phrase, 1 to 5 (after Chao 1930).
HEIGHTS = {1: 5.0, 2: 4.0, 3: 1.5, 4: 3.5, 5: 3.0}
#: A step between tones smaller than this asks for nothing.
SMALL = 1.4


@dataclass(frozen=True)
class Wording:
    """The syllables of a bar, as a tune needs them.

    weights: by syllable, 1 stressed or a word that the line leans on, 0 neither, -1 a small word; steps: by
    syllable, up (positive) or down from the one before as the tones go, 0 where they leave it free.
    beat, tone: logits a syllable of full weight gains on a beat, or a pitch against the tones loses a semitone.
    """

    weights: tuple[float, ...] = ()
    steps: tuple[float, ...] = ()
    beat: float = 4.0
    tone: float = 0.45

    def place(self, index: int, position: int, ticks: int, beat: int) -> float:
        """What syllable ``index`` gains at a position of a bar of ``ticks`` with beats of ``beat`` ticks."""
        if index >= len(self.weights):
            return 0.0
        weight = self.weights[index]
        if position % beat:  # small words may stand between the beats, stressed ones shouldn't
            return -self.beat * weight * (1.0 if weight > 0 else 0.4)
        return self.beat * weight * (1.5 if position == 0 else 1.0 if position * 2 == ticks else 0.5)

    def pitch(self, index: int, move: int) -> float:
        """What a move of so many semitones to syllable ``index`` loses when it goes against the tones."""
        step = self.steps[index] if index < len(self.steps) else 0.0
        if not step or move * step > 0:
            return 0.0
        # Staying where a step is asked for is a small fault; each semitone the other way is more of one.
        return -self.tone * (0.5 + min(abs(move), 7))


def tone_steps(tones: Sequence[int | None], before: int | None = None) -> tuple[float, ...]:
    """The step to each syllable from the one before it, 0 where a tone is unknown or the step is small.

    >>> tone_steps([1, 3, 1])
    (0.0, -3.5, 3.5)
    """
    steps = []
    for tone in tones:
        step = 0.0
        if tone in HEIGHTS and before in HEIGHTS:
            step = HEIGHTS[tone] - HEIGHTS[before]  # type: ignore[index]
        steps.append(step if abs(step) >= SMALL else 0.0)
        before = tone
    return tuple(steps)
