"""What somebody wants to hear, from words or from where they are: a mood, an energy, a tempo, a style, an arc."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError, LimitError
from yuefu.listening.event import Event
from yuefu.recommend.cold import PAD_SPREAD

Numbers = NDArray[np.float64]

#: What each context and occasion is usually played with: energy 0..1, tempo, valence -1..1 (None: any), and the arc.
PRIORS: dict[str, tuple[float, float | None, float | None, str]] = {
    "morning": (0.45, 104.0, 0.4, "rise"), "commute": (0.5, 108.0, 0.2, "arch"), "work": (0.38, 96.0, 0.2, "steady"),
    "study": (0.28, 80.0, 0.1, "steady"), "run": (0.72, 150.0, 0.3, "training"), "party": (0.75, 122.0, 0.6, "waves"),
    "evening": (0.32, 84.0, 0.1, "settle"), "sleep": (0.12, 60.0, 0.1, "settle"),
    "workout": (0.72, 140.0, 0.3, "training"),
    "meditation": (0.12, 60.0, 0.1, "settle"), "cafe": (0.35, 96.0, 0.3, "steady"),
    "driving": (0.55, 112.0, 0.3, "arch"),
    "travel": (0.5, 108.0, 0.4, "arch"), "wedding": (0.5, 96.0, 0.7, "arch"), "children": (0.45, 104.0, 0.7, "waves"),
    "funeral": (0.15, 60.0, -0.6, "steady"), "game": (0.65, 130.0, None, "waves"),
    "birthday": (0.6, 116.0, 0.8, "waves"),
}  # fmt: skip
#: Words for contexts and occasions that the brief's reader, which looks for pieces to write, leaves alone.
_SAID = {
    "study": ("reading", "read", "book", "library", "读书", "看书", "阅读", "复习", "书房"),
    "run": ("run", "jog", "sprint", "晨跑", "夜跑", "慢跑", "跑步"),
    "morning": ("morning", "breakfast", "wake", "sunrise", "早晨", "早上", "清晨", "起床", "早餐"),
    "evening": ("evening", "sunset", "dinner", "傍晚", "黄昏", "晚饭", "晚上"),
    "sleep": ("asleep", "lullaby", "摇篮曲", "晚安"),
    "commute": ("commute", "subway", "train ride", "bus", "通勤", "地铁", "上班路上", "下班"),
    "work": ("work", "加班"),
}  # fmt: skip
MAX_WORDS = 1000
#: So many deeds in a context weigh as much as what is usual there.
PRIOR_WEIGHT = 4.0


@dataclass(frozen=True)
class Wish:
    """What is wanted; None where it doesn't matter. energy 0..1; valence, arousal -1..1; tempo in quarters a minute;
    styles: key -> 0..1; meaning: the numbers of the words; arc: how the energy goes, a name of ``sequencing.ARCS``;
    context: of ``CONTEXTS`` or an occasion; language: of the words, "" unknown; words: as they were said."""

    words: str = ""
    valence: float | None = None
    arousal: float | None = None
    energy: float | None = None
    tempo: float | None = None
    styles: tuple[tuple[str, float], ...] = ()
    meaning: Numbers | None = None
    arc: str = "arch"
    context: str = ""
    language: str = ""

    @property
    def empty(self) -> bool:
        """Nothing is wanted in particular."""
        plain = (self.valence, self.arousal, self.energy, self.tempo)
        return all(value is None for value in plain) and not self.styles and self.meaning is None


def read_wish(words: str, context: str = "") -> Wish:
    """The wish in a sentence, Chinese or English, read as a brief is. Raises LimitError for a very long one."""
    words = " ".join(words.split())
    if len(words) > MAX_WORDS:
        raise LimitError(f"{len(words)} characters are too many for what to play: use at most {MAX_WORDS}.")
    if not words:
        return of_context(Wish(), context)
    from yuefu.text.brief import read_brief
    from yuefu.workflows.piece_items import word_numbers

    lowered = f" {words.casefold()} "
    said = context or next((name for name, terms in _SAID.items() if any(_says(lowered, term) for term in terms)), "")
    try:
        brief = read_brief(words)
    except InputError:  # it can't be written, such as two keys at once, but something like it can be looked for
        return of_context(Wish(words=words, meaning=word_numbers(words)), said)
    style = brief.style
    sure = 1.0 if style.confidence is None else float(style.confidence) * 0.6
    occasion = brief.occasion.value or ""
    wish = Wish(
        words=words,
        valence=brief.valence.value,
        arousal=brief.arousal.value,
        tempo=brief.tempo.value,
        styles=() if style.value is None else ((style.value, sure),),
        meaning=word_numbers(words),
        language="zh" if brief.language.value in ("zh", "mixed") else "en",
    )
    return of_context(wish, said or occasion)


def _says(text: str, term: str) -> bool:
    if not term.isascii():
        return term in text
    at = text.find(term)
    return at > 0 and not text[at - 1].isalnum() and not text[at + len(term) : at + len(term) + 1].isalpha()


def of_context(wish: Wish, context: str) -> Wish:
    """A wish filled out by what is usual in a context; what the words say stays."""
    prior = PRIORS.get(context)
    if prior is None:
        energy = wish.energy if wish.arousal is None else 0.5 + 0.35 * wish.arousal
        arc = "settle" if wish.arousal is not None and wish.arousal < -0.55 else wish.arc
        return replace(wish, energy=energy, arc=arc, context=context)
    energy, tempo, valence, arc = prior
    if wish.arousal is not None:
        energy = 0.6 * energy + 0.4 * (0.5 + 0.35 * wish.arousal)
    return replace(
        wish,
        energy=energy,
        tempo=wish.tempo or tempo,
        valence=wish.valence if wish.valence is not None else valence,
        arc=arc,
        context=context,
    )


def of_history(wish: Wish, events: Sequence[Event], features: Mapping[str, Mapping[str, float]]) -> Wish:
    """A wish for a context moved to what this listener played in it. features: of items, with ``fact:`` columns."""
    if not wish.context:
        return wish
    gains = {"play": 0.5, "finish": 1.0, "repeat": 1.0, "like": 2.0, "save": 2.0, "playlist": 1.0, "skip": -0.5}
    sums = {"energy": 0.0, "tempo": 0.0, "valence": 0.0}
    total = 0.0
    for event in events:
        row = features.get(event.item)
        gain = gains.get(event.kind, 0.0)
        if event.context != wish.context or row is None or gain <= 0 or "fact:energy" not in row:
            continue
        total += gain
        sums["energy"] += gain * row["fact:energy"]
        sums["tempo"] += gain * math.log2(max(row.get("fact:tempo", 100.0), 20.0))
        sums["valence"] += gain * row.get("fact:valence", 0.0)
    if total <= 0:
        return wish
    share = total / (total + PRIOR_WEIGHT)

    def moved(prior: float | None, own: float) -> float:
        return own if prior is None else (1 - share) * prior + share * own

    tempo = None if wish.tempo is None else math.log2(wish.tempo)
    return replace(
        wish,
        energy=moved(wish.energy, sums["energy"] / total),
        tempo=2.0 ** moved(tempo, sums["tempo"] / total),
        valence=moved(wish.valence, sums["valence"] / total),
    )


def fit_of(wish: Wish, features: Mapping[str, float]) -> float:
    """How well a piece fits a wish, 0..1: the weighted mean of what is wanted and known. 0.5 for nothing wanted."""
    parts: list[tuple[float, float]] = []
    energy, valence = features.get("fact:energy"), features.get("fact:valence")
    arousal, tempo = features.get("fact:arousal"), features.get("fact:tempo")
    if wish.energy is not None and energy is not None:
        parts.append((1.2, _hill(energy - wish.energy, 0.18)))
    if wish.valence is not None and valence is not None:
        parts.append((1.0 if abs(wish.valence) > 0.2 else 0.4, _hill(valence - wish.valence, PAD_SPREAD)))
    if wish.arousal is not None and arousal is not None:
        parts.append((1.0 if abs(wish.arousal) > 0.2 else 0.4, _hill(arousal - wish.arousal, PAD_SPREAD)))
    if wish.tempo and tempo:
        octaves = abs(math.log2(tempo / wish.tempo))
        parts.append((0.8, _hill(min(octaves, abs(octaves - 1) + 0.2), 0.3)))
    for style, weight in wish.styles:
        parts.append((1.6 * weight, min(1.0, features.get(f"style:{style}", 0.0))))
    if wish.meaning is not None:
        own = np.array([features.get(f"words:{at}", 0.0) for at in range(len(wish.meaning))])
        size = float(np.linalg.norm(own) * np.linalg.norm(wish.meaning))
        if size > 0:
            parts.append((1.0, 0.5 + 0.5 * float(own @ wish.meaning) / size))
    weights = sum(weight for weight, _ in parts)
    return sum(weight * value for weight, value in parts) / weights if weights else 0.5


def _hill(off: float, width: float) -> float:
    return math.exp(-((off / width) ** 2) / 2)
