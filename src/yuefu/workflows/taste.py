"""What a listener likes, in words and in numbers. Whoever it is about may change it, and what they set wins."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from yuefu.errors import InputError, NotFoundError, UnknownNameError
from yuefu.recommend.cold import PAD_SPREAD, clips_to_show
from yuefu.workflows.piece_items import MIDDLE_TEMPO, TEMPO_SPREAD

if TYPE_CHECKING:
    from yuefu.store.items import Item
    from yuefu.workflows.recommending import Desk

#: Number -> (lowest, highest).
NUMBERS = {
    "valence": (-1.0, 1.0), "arousal": (-1.0, 1.0), "energy": (0.0, 1.0), "tempo": (20.0, 300.0), "minor": (0.0, 1.0),
}  # fmt: skip
#: Styles that are told, and the least weight of one.
MOST_STYLES, LEAST_STYLE = 5, 0.12
#: How many choices at the start.
MOODS, CLIPS = 3, 5


@dataclass(frozen=True)
class Taste:
    """A taste. numbers: valence and arousal (-1..1), energy and minor (0..1), tempo, and "style:KEY" (0..1), with the
    edits in them; edited: those numbers that were set by hand; pieces: from how many liked pieces it comes; started:
    whether first choices were made; words: in both languages."""

    words_en: str
    words_zh: str
    numbers: dict[str, float]
    edited: dict[str, float] = field(default_factory=dict)
    pieces: int = 0
    started: bool = False

    def words(self, language: str) -> str:
        """In one language."""
        return self.words_zh if language == "zh" else self.words_en

    @property
    def styles(self) -> list[tuple[str, float]]:
        """Styles, the dearest first."""
        found = [(name[6:], value) for name, value in self.numbers.items() if name.startswith("style:") and value > 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


@dataclass(frozen=True)
class Clip:
    """A piece whose answer (yes or no) tells much about a taste."""

    item: str
    title: str
    piece_id: str | None
    token: str | None
    facts: dict[str, Any]


def taste_of(desk: Desk, account_id: str) -> Taste:
    """An account's taste: from what it did, from its first choices, and from its edits, which win."""
    from yuefu.recommend.weights import histories_of

    events = desk.store.listening.of(account_id)
    settings = desk.store.listening.settings(account_id)
    items = desk.store.items.get({event.item for event in events if event.item})
    weights: dict[str, float] = {}
    if items:
        data = histories_of([event for event in events if event.item in items], sorted(items), now=datetime.now(UTC))
        row = data.matrix[0] if data.matrix.shape[0] else data.matrix
        weights = {data.items[column]: float(value) for column, value in zip(row.indices, row.data)}
    start = settings.get("start") or {}
    for item, liked in start.get("clips", ()):
        if liked and item not in weights:
            weights[item] = 0.7
    known = desk.store.items.get(weights)
    numbers = _numbers([(known[item], weight) for item, weight in weights.items() if item in known])
    moods = [tuple(map(float, point)) for point in start.get("moods", ())]
    if moods:
        share = 3.0 / (3.0 + sum(weights.values()))
        for at, name in enumerate(("valence", "arousal")):
            mean = float(np.mean([mood[at] for mood in moods]))
            numbers[name] = round(share * mean + (1 - share) * numbers.get(name, mean), 3)
        numbers.setdefault("energy", round(0.5 + 0.35 * numbers["arousal"], 3))
    edited = {name: float(value) for name, value in dict(settings.get("taste") or {}).items()}
    numbers |= edited
    pieces = len(weights)
    return Taste(_english(numbers, pieces), _chinese(numbers, pieces), numbers, edited, pieces, bool(start))


def set_taste(desk: Desk, account_id: str, edits: Mapping[str, float | None]) -> Taste:
    """Set numbers of a taste; None takes an edit back. Raises InputError, UnknownNameError."""
    settings = desk.store.listening.settings(account_id)
    kept = dict(settings.get("taste") or {})
    for name, value in edits.items():
        low, high = _range(name)
        if value is None:
            kept.pop(name, None)
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"'{name}' of a taste is a number from {low:g} to {high:g}.")
        if not low <= value <= high:
            raise InputError(f"'{name}' of a taste goes from {low:g} to {high:g}, not {value:g}.")
        kept[name] = round(float(value), 4)
    settings["taste"] = kept
    desk.store.listening.set_settings(account_id, settings)
    return taste_of(desk, account_id)


def start(
    desk: Desk, account_id: str, moods: Sequence[tuple[float, float]] = (), clips: Sequence[tuple[str, bool]] = ()
) -> Taste:
    """First choices of a new listener: up to three points on the mood pad (valence, arousal) and five clips, liked or
    not. Choices made before are forgotten. Raises InputError, NotFoundError."""
    if len(moods) > MOODS or len(clips) > 2 * CLIPS:
        raise InputError(f"choose up to {MOODS} moods and {2 * CLIPS} clips.")
    points = []
    for point in moods:
        if len(point) != 2 or not all(isinstance(one, int | float) and -1 <= one <= 1 for one in point):
            raise InputError("a mood is two numbers from -1 to 1: valence and arousal.")
        points.append([round(float(one), 3) for one in point])
    heard = {item.id for item in desk.candidates(account_id)}
    for item, _ in clips:
        if item not in heard:
            raise NotFoundError("item", item)
    settings = desk.store.listening.settings(account_id)
    settings["start"] = {"moods": points, "clips": [[item, bool(liked)] for item, liked in clips]}
    if not points and not clips:
        settings.pop("start")
    desk.store.listening.set_settings(account_id, settings)
    return taste_of(desk, account_id)


def start_clips(
    desk: Desk, account_id: str, n: int = CLIPS, moods: Sequence[tuple[float, float]] = (), seed: int = 0
) -> list[Clip]:
    """The clips to ask a new listener about: far apart, near the moods chosen, known to many."""
    from yuefu.workflows.recommending import facts_of

    scoring = desk.scoring(account_id)
    if not scoring.items:
        return []
    places = clips_to_show(
        scoring.catalogue, min(n, len(scoring.items)), seed, popularity=scoring.popularity, mood=moods
    )
    items = [scoring.items[at] for at in places]
    return [Clip(item.id, item.title, item.piece_id, item.token, facts_of(item)) for item in items]


def edits_as_features(edits: Mapping[str, Any]) -> dict[str, float]:
    """Edited numbers as the columns of a catalogue."""
    found: dict[str, float] = {}
    for name, value in edits.items():
        if name in ("valence", "arousal"):
            found[f"mood:{name}"] = float(value) / PAD_SPREAD
        elif name == "tempo":
            found["tempo:bpm"] = math.log2(float(value) / MIDDLE_TEMPO) / TEMPO_SPREAD
        elif name == "minor":
            found["key:minor"] = 1.4 * float(value) - 0.7
        elif name == "energy":
            found.setdefault("mood:arousal", (float(value) - 0.5) / 0.35 / PAD_SPREAD)
        elif name.startswith("style:"):
            # Nothing of it is wanted below a half, all of it above.
            found[name] = 2.0 * float(value) - 1.0
    return found


def _range(name: str) -> tuple[float, float]:
    from yuefu.corpus.labels import labels
    from yuefu.theory.styles import STYLES

    if name in NUMBERS:
        return NUMBERS[name]
    if name.startswith("style:"):
        if name[6:] not in STYLES and name[6:] not in labels():
            raise UnknownNameError("style", name[6:], STYLES)
        return 0.0, 1.0
    raise UnknownNameError("number of a taste", name, (*NUMBERS, "style:NAME"))


def _numbers(liked: Sequence[tuple[Item, float]]) -> dict[str, float]:
    """Weighted means of what the liked pieces are like."""
    sums: dict[str, float] = {}
    weights: dict[str, float] = {}
    styles: dict[str, float] = {}
    total = 0.0
    for item, weight in liked:
        features = item.features
        values = {name: features[f"fact:{name}"] for name in ("valence", "arousal", "energy", "minor")
                  if f"fact:{name}" in features}  # fmt: skip
        if features.get("fact:tempo"):
            values["tempo"] = math.log2(features["fact:tempo"])
        for name, value in values.items():
            sums[name] = sums.get(name, 0.0) + weight * value
            weights[name] = weights.get(name, 0.0) + weight
        for name, value in features.items():
            if name.startswith("style:"):
                styles[name] = styles.get(name, 0.0) + weight * min(value, 1.0)
        total += weight
    found = {name: sums[name] / weights[name] for name in sums}
    if "tempo" in found:
        found["tempo"] = 2.0 ** found["tempo"]
    best = sorted(styles, key=lambda name: (-styles[name], name))[:MOST_STYLES]
    found |= {name: styles[name] / total for name in best if styles[name] / total >= LEAST_STYLE}
    return {name: round(value, 3) for name, value in found.items()}


# In words


def _english(numbers: Mapping[str, float], pieces: int) -> str:
    parts = []
    if "valence" in numbers or "arousal" in numbers:
        parts.append(f"{mood_words(numbers.get('valence', 0.0), numbers.get('arousal', 0.0), 'en')} music")
    if "tempo" in numbers:
        pace = _pace(numbers["tempo"])[0]
        parts.append(f"{pace} tempos (around {numbers['tempo']:.0f})")
    if "minor" in numbers and not 0.35 < numbers["minor"] < 0.65:
        parts.append("minor keys" if numbers["minor"] > 0.5 else "major keys")
    names = [_style_name(key, "en") for key, value in _styles(numbers)]
    if names:
        parts.append(_and(names, " and ", ", "))
    if not parts:
        return "Nothing is known of your taste yet: listen, like, or choose some moods."
    of = f", going by {pieces} {'piece' if pieces == 1 else 'pieces'}" if pieces else ""
    return f"You like {_and(parts, ' and ', ', ')}{of}."


def _chinese(numbers: Mapping[str, float], pieces: int) -> str:
    parts = []
    if "valence" in numbers or "arousal" in numbers:
        parts.append(f"{mood_words(numbers.get('valence', 0.0), numbers.get('arousal', 0.0), 'zh')}的音乐")
    if "tempo" in numbers:
        parts.append(f"{_pace(numbers['tempo'])[1]}的速度（约每分钟 {numbers['tempo']:.0f} 拍）")
    if "minor" in numbers and not 0.35 < numbers["minor"] < 0.65:
        parts.append("小调" if numbers["minor"] > 0.5 else "大调")
    names = [_style_name(key, "zh") for key, value in _styles(numbers)]
    if names:
        parts.append("、".join(names))
    if not parts:
        return "还不了解你的口味：先听一听、点个赞，或选几种情绪。"
    of = f"（据 {pieces} 首作品）" if pieces else ""
    return f"你喜欢{'、'.join(parts)}{of}。"


def _styles(numbers: Mapping[str, float]) -> list[tuple[str, float]]:
    found = [(name[6:], value) for name, value in numbers.items() if name.startswith("style:") and value >= LEAST_STYLE]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:3]


def mood_words(valence: float, arousal: float, language: str) -> str:
    """A place on the mood pad as an adjective.

    >>> mood_words(0.6, 0.6, "en"), mood_words(-0.5, -0.5, "zh"), mood_words(0.0, 0.1, "en")
    ('cheerful, lively', '忧伤、安静', 'balanced')
    """
    chinese = language == "zh"
    said = []
    if abs(valence) >= 0.15:
        said.append(("明快" if chinese else "bright") if valence > 0 else ("忧伤" if chinese else "wistful"))
        if valence > 0.45 and arousal > 0.3:
            said = ["欢快" if chinese else "cheerful"]
    if abs(arousal) >= 0.15:
        said.append(("有活力" if chinese else "lively") if arousal > 0 else ("安静" if chinese else "calm"))
    if not said:
        return "平和" if chinese else "balanced"
    return ("、" if chinese else ", ").join(said)


def _pace(tempo: float) -> tuple[str, str]:
    if tempo < 76:
        return "slow", "慢"
    return ("moderate", "中等") if tempo < 116 else ("fast", "快")


def _style_name(key: str, language: str) -> str:
    from yuefu.corpus.labels import labels
    from yuefu.theory.styles import STYLES

    if key in STYLES:
        return STYLES[key].zh if language == "zh" else STYLES[key].en
    return labels()[key].name(language) if key in labels() else key.replace("_", " ")


def _and(parts: Sequence[str], last: str, between: str) -> str:
    return parts[0] if len(parts) == 1 else between.join(parts[:-1]) + last + parts[-1]
