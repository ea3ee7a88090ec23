"""What words and options wish for when a score is filled, and what the mask may be written as."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from yuefu.analysis.lines import melody_line
from yuefu.errors import InputError, LimitError, UnknownNameError
from yuefu.score.model import ROWS, ChordSpan, Score
from yuefu.text.brief import Brief
from yuefu.text.style_reference import StyleReference
from yuefu.theory.styles import STYLES
from yuefu.workflows.chord_manner import HARMONIES

#: Chinese names of rows.
ROWS_ZH = {
    "和弦": "chords", "和声": "chords", "旋律": "melody", "主旋律": "melody", "主唱": "melody", "副旋律": "counter",
    "对位": "counter", "复调": "counter", "内声部": "inner", "中声部": "inner", "低音": "bass", "贝斯": "bass",
    "键盘": "keys", "钢琴": "keys", "铺底": "pad", "弦乐": "pad", "鼓": "drums", "鼓组": "drums", "打击乐": "drums",
}  # fmt: skip
_VALUES = (
    (r"\bonly (?:the )?(?:eighths?|quavers?|8ths?)\b|\b(?:eighths?|quavers?) only\b|只用?八分音符|全是?八分音符",
     (0, 12), 12),
    (r"\bonly (?:the )?(?:quarters?|crotchets?)\b|\b(?:quarters?|crotchets?) only\b|只用?四分音符|全是?四分音符",
     (0,), 24),
    (r"\bonly (?:the )?(?:halves|half notes|minims?)\b|只用?二分音符", (0,), 48),
    (r"\bonly (?:the )?triplets?\b|\btriplets? only\b|只用?三连音", (0, 8, 16), 8),
    (r"\bonly (?:the )?(?:sixteenths?|semiquavers?|16ths?)\b|只用?十六分音符", (0, 6, 12, 18), 6),
)  # fmt: skip
_BUSIER = re.compile(
    r"\b(busier|denser|more notes|livelier|more active|fuller)\b|更密|密一点|更忙|更多音符|更活跃|更丰富"
)
_SPARSER = re.compile(
    r"\b(sparser|fewer notes|less busy|thinner|calmer|simpler)\b|更疏|疏一点|更稀疏|更少音符|更简单|更空"
)


#: Chord symbols of which a jazz tune has many.
JAZZ = ("7", "9", "6", "m7", "maj7", "m7b5", "dim7", "m6", "m9", "maj9", "7sus4", "mmaj7")
#: Notes a beat, on the beats on which it moves, up to which a tune can be a chorale's.
CALM = 1.6


@dataclass(frozen=True)
class FillMask:
    """Which cells to write, as musicians name them.

    rows: names of rows, none for every row that plays; bars: ranges of bar numbers, both ends included, none
    for all. A pick-up is bar 0, the first full bar 1.

    >>> FillMask(["melody"], "5-8, 13").bars
    ((5, 8), (13, 13))
    """

    rows: Sequence[str] = ()
    bars: str | Sequence[tuple[int, int]] = ()

    def __post_init__(self) -> None:
        rows = (
            [row for row in re.split(r"[\s,，、;；]+", self.rows) if row] if isinstance(self.rows, str) else self.rows
        )
        names = tuple(dict.fromkeys(row_name(row) for row in rows))
        for row in names:
            if row not in ROWS:
                raise UnknownNameError("row", row, ROWS)
        object.__setattr__(self, "rows", names)
        object.__setattr__(self, "bars", parse_ranges(self.bars) if isinstance(self.bars, str) else tuple(self.bars))


def row_name(text: str) -> str:
    """A row's name from its English or Chinese one; what is neither comes back as it is.

    >>> row_name("旋律"), row_name(" Bass ")
    ('melody', 'bass')
    """
    name = text.strip().lower()
    return ROWS_ZH.get(name, name)


def parse_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """Bar ranges from ``"5-8"``, ``"5"`` or ``"5-8, 13-16"``. Raises InputError."""
    found: list[tuple[int, int]] = []
    for item in re.split(r"[,，、;；\s]+", text.strip()):
        match = re.fullmatch(r"(\d{1,6})(?:\s*[-–—~到至]\s*(\d{1,6}))?", item)
        if match is None:
            raise InputError(f"'{text[:40]}' isn't a range of bars: write the first and the last one, such as 5-8.")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise InputError(f"bars {first}-{last} run backwards: write the smaller number first.")
        found.append((first, last))
    return tuple(found)


def bar_indices(ranges: Sequence[tuple[int, int]], score: Score) -> list[int]:
    """Indices of the score's bars in ranges of bar numbers; all for none. Raises InputError outside the piece."""
    count = len(score.bars)
    if not ranges:
        return list(range(count))
    shift = 0 if score.pickup else 1
    for first, last in ranges:
        if first < shift or last > count - 1 + shift:
            raise InputError(f"bars {first}-{last} aren't in the piece: it has bars {shift} to {count - 1 + shift}.")
    return sorted({bar - shift for first, last in ranges for bar in range(first, last + 1)})


@dataclass(frozen=True)
class Wishes:
    """How to write.

    style: a style's key, or None for what the score says or sounds like; like: a piece to write like;
    adapter: a style of one's own, as
    ``name@hash``; density and energy: 0..1 or None;
    busier: 1, 0 or -1 beside what is there; places and shortest: ticks (see RowRules), None for the usual;
    harmony: a key of ``HARMONIES`` or None; avoid: other readings' chords, to get away from; stand_in: chords whose
    function the new ones should have; keep_figures: accompaniments keep the rhythm they had in the same bar;
    ornament: a tune has as many notes as it had in the same bar, or a few more;
    close: the last bar written shall end the piece; amount, attributes: see ``engines.CellWishes``;
    asked: what was said.
    """

    style: str | None = None
    like: StyleReference | None = None
    adapter: str | None = None
    valence: float | None = None
    arousal: float | None = None
    density: float | None = None
    energy: float | None = None
    busier: int = 0
    places: tuple[int, ...] | None = None
    shortest: int | None = None
    harmony: str | None = None
    seed: int = 0
    candidates: int = 3
    temperature: float | None = None
    close: bool = False
    avoid: tuple[tuple[ChordSpan, ...], ...] = ()
    stand_in: tuple[ChordSpan, ...] = ()
    keep_figures: bool = False
    ornament: bool = False
    amount: float | None = None
    attributes: Mapping[str, float] = field(default_factory=dict)
    asked: dict[str, object] = field(default_factory=dict)


def wishes_of(
    brief: Brief, seed: int, candidates: int = 3, temperature: float | None = None, harmony: str | None = None,
    close: bool = False, avoid: tuple[tuple[ChordSpan, ...], ...] = (), stand_in: tuple[ChordSpan, ...] = (),
) -> Wishes:  # fmt: skip
    """The wishes that a brief holds. close: the last bar written shall end the piece."""
    if temperature is not None and not 0 <= temperature <= 2:
        raise InputError(f"temperature {temperature:g} isn't possible: give 0 (always the likeliest) to 2.")
    if harmony is not None and harmony not in HARMONIES:
        raise UnknownNameError("way of harmonising", harmony, HARMONIES)
    words = brief.words.lower()
    places, shortest = next(((p, s) for pattern, p, s in _VALUES if re.search(pattern, words)), (None, None))
    busier = 1 if _BUSIER.search(words) else -1 if _SPARSER.search(words) else 0
    asked: dict[str, object] = {}
    for name in ("style", "adapter", "valence", "arousal", "density", "energy", "key"):
        value = getattr(brief, name).value
        if value is not None:
            asked[name] = value
    if brief.like.value is not None:
        asked["like"] = brief.like.value.name
    if places is not None:
        asked["places"] = list(places)
    if busier:
        asked["busier"] = busier
    return Wishes(
        style=brief.style.value, like=brief.like.value, adapter=brief.adapter.value,
        valence=brief.valence.value, arousal=brief.arousal.value,
        density=brief.density.value, energy=brief.energy.value, busier=busier, places=places, shortest=shortest,
        harmony=harmony, seed=seed, candidates=candidates, temperature=temperature, close=close,
        avoid=avoid, stand_in=stand_in, asked=asked,
    )  # fmt: skip


def style_for(wished: str | None, score: Score, rows: Sequence[str]) -> tuple[str, bool]:
    """A style for figures and grooves, and whether anybody said so: the wish, the score's own, or a guess."""
    if wished is not None:
        return wished, True
    own = score.metadata.get("style")
    if isinstance(own, str) and own in STYLES:
        return own, True
    symbols = [span.chord for span in score.chords if span.chord is not None]
    alone = "keys" in rows and "drums" not in rows  # two hands can't walk, strike chords and play a tune
    rich = len(symbols) >= 8 and np.mean([chord.quality in JAZZ for chord in symbols]) >= 0.4
    if rich and not alone and "inner" not in rows:
        return "swing", False
    if "drums" in rows:
        return "pop", False
    if {"counter", "inner"} <= set(rows) and "keys" not in rows:
        return ("chorale" if _is_calm(score) else "classical"), False
    return ("folk" if len(rows) <= 1 else "ballad"), False


def _is_calm(score: Score) -> bool:
    """Whether a tune moves slowly enough for four voices to move with it."""
    starts = np.unique(melody_line(score)["start"])
    beats = len(np.unique(starts // 24))
    return len(starts) <= CALM * max(beats, 1)


def check_size(value: int, most: int, what: str) -> int:
    """A count that may be asked for. Raises LimitError."""
    if not 1 <= value <= most:
        raise LimitError(f"{value} {what} can't be asked for: give 1 to {most}.")
    return value
