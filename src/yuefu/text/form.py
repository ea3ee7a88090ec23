"""Forms as people write them: ``"A A B A'"``, ``"intro:4 verse:16 chorus:16"``, ``"前奏:4 主歌:16"``."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from yuefu.errors import InputError, LimitError, UnknownNameError

MAX_BARS = 512
MAX_SECTIONS = 64

#: Names of sections in both languages -> kind.
KINDS = {
    "intro": "intro", "introduction": "intro", "verse": "verse", "pre-chorus": "prechorus",
    "prechorus": "prechorus", "pre chorus": "prechorus", "build": "prechorus", "chorus": "chorus",
    "refrain": "chorus", "hook": "chorus", "drop": "chorus", "bridge": "bridge", "middle eight": "bridge",
    "middle 8": "bridge", "interlude": "interlude", "instrumental": "interlude", "break": "interlude",
    "solo": "solo", "outro": "outro", "coda": "outro", "ending": "outro", "tag": "outro",
    "前奏": "intro", "引子": "intro", "主歌": "verse", "导歌": "prechorus", "预副歌": "prechorus",
    "前副歌": "prechorus", "副歌": "chorus", "桥段": "bridge", "过渡": "bridge", "间奏": "interlude",
    "独奏": "solo", "尾奏": "outro", "尾声": "outro", "结尾": "outro", "尾歌": "outro",
}  # fmt: skip
#: Forms that have a name.
NAMED_FORMS = {
    "binary form": "A A B B", "ternary form": "A B A'", "rondo form": "A B A C A", "rondo": "A B A C A",
    "rounded binary": "A A B A'", "binary": "A A B B", "ternary": "A B A'", "strophic": "A A' A''",
    "strophic form": "A A' A''", "song form": "A A B A'", "thirty-two-bar form": "A:8 A:8 B:8 A':8",
    "32-bar form": "A:8 A:8 B:8 A':8", "32-bar song form": "A:8 A:8 B:8 A':8",
    "thirty-two-bar song form": "A:8 A:8 B:8 A':8", "american songbook form": "A:8 A:8 B:8 A':8",
    "verse-chorus": "verse chorus verse chorus", "verse-chorus form": "verse chorus verse chorus",
    "verse-and-chorus": "verse chorus verse chorus", "verse-chorus song": "verse chorus verse chorus",
    "verse-chorus pop song": "verse chorus verse chorus", "verse-chorus structure": "verse chorus verse chorus",
    "verse-refrain": "verse chorus verse chorus",
    "three-part form": "A B A'", "two-part form": "A B", "arch form": "A B C B A", "bar form": "A A B",
    "da capo form": "A B A", "da capo": "A B A", "da capo aria": "A B A", "minuet and trio": "A B A",
    "sonata form": "A B A'", "sonata-allegro": "A B A'", "sonata-allegro form": "A B A'",
    "through-composed": "A B C D", "theme and variations": "A A' A'' A'''", "variation form": "A A' A'' A'''",
    "twelve-bar blues": "A:12 A:12 A':12", "12-bar blues": "A:12 A:12 A':12",
    "twelve-bar form": "A:12 A:12 A':12", "12-bar form": "A:12 A:12 A':12",
    "二段式": "A B", "二段体": "A B", "两段式": "A B", "两段体": "A B", "二段曲式": "A B", "二段结构": "A B",
    "两段结构": "A B", "三段式": "A B A'", "三段体": "A B A'", "三段曲式": "A B A'", "三段结构": "A B A'",
    "单三部": "A B A'", "单三部曲式": "A B A'", "三部曲式": "A B A'", "三部式": "A B A'", "复三部": "A B A'",
    "复三部曲式": "A B A'", "再现三部曲式": "A B A'", "带再现的三段体": "A B A'", "带再现的三部曲式": "A B A'",
    "带再现的单三部曲式": "A B A'", "并列三段体": "A B C", "单二部": "A B", "单二部曲式": "A B",
    "带再现的二段体": "A A B A'", "带再现的二部曲式": "A A B A'", "带再现的单二部曲式": "A A B A'", "二部曲式": "A B",
    "回旋曲式": "A B A C A", "回旋曲": "A B A C A", "回旋体": "A B A C A", "回旋结构": "A B A C A",
    "起承转合": "A B C D", "四段体": "A B C D", "变奏曲式": "A A' A'' A'''", "变奏曲": "A A' A'' A'''",
    "变奏体": "A A' A'' A'''", "主题与变奏": "A A' A'' A'''", "主题变奏": "A A' A'' A'''", "拱形结构": "A B C B A",
    "拱形曲式": "A B C B A", "奏鸣曲式": "A B A'", "分节歌": "A A' A''", "分节歌式": "A A' A''",
    "通体歌": "A B C D", "通谱体": "A B C D", "主副歌形式": "verse chorus verse chorus",
    "主副歌结构": "verse chorus verse chorus", "主歌副歌结构": "verse chorus verse chorus",
    "主歌加副歌的结构": "verse chorus verse chorus", "十二小节布鲁斯": "A:12 A:12 A':12",
    "十二小节蓝调": "A:12 A:12 A':12", "12小节布鲁斯": "A:12 A:12 A':12", "12小节蓝调": "A:12 A:12 A':12",
}  # fmt: skip
_KIND = "|".join(sorted(map(re.escape, KINDS), key=len, reverse=True))
_ITEM = re.compile(
    rf"(?P<kind>(?:{_KIND})(?=[^A-Za-z]|$))\s?(?P<number>[1-9一二三四](?![0-9]))?"
    r"|(?P<letter>[A-Ha-h])(?P<primes>['′’]{0,4}|[1-4](?=$|[\s:]))",
    re.IGNORECASE,
)
_BARS = re.compile(r"\s*[:：=(（]\s*(\d+)\s*(?:bars?|小节)?\s*[)）]?\s*", re.IGNORECASE)
_TIMES = re.compile(r"\s*[x×*]\s*(\d)(?!\d)", re.IGNORECASE)
_GAP = re.compile(r"[\s,，、;；|\-–—>→+/]*")
_EXAMPLE = 'write it as "A A B A", "intro:4 verse:16 chorus:16" or "前奏:4 主歌:16 副歌:16"'


class FormItem(BaseModel):
    """One section of a form.

    letter: sections with one letter share their music; primes mark a varied return, ``"I"`` and
    ``"O"`` are intro and outro. kind: ``"verse"``, ``"chorus"`` ... or ``""``; bars: 1-512, or None
    for the planner to choose.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    letter: str = Field(pattern=r"^[A-Z]'{0,4}$")
    kind: str = Field(default="", max_length=20)
    bars: int | None = Field(default=None, ge=1, le=MAX_BARS)


def parse_form(text: str) -> tuple[FormItem, ...]:
    """Read a form in letters or section names, English or Chinese.

    Raises UnknownNameError for a section that isn't known, LimitError beyond 64 sections or 512
    bars, InputError otherwise.

    >>> [item.letter for item in parse_form("AABA'")]
    ['A', 'A', 'B', "A'"]
    >>> [(item.letter, item.kind, item.bars) for item in parse_form("前奏:4 主歌:16 副歌:16")]
    [('I', 'intro', 4), ('A', 'verse', 16), ('B', 'chorus', 16)]
    """
    text = text.strip()
    text = NAMED_FORMS.get(text.lower().removesuffix(" form"), text)
    found: list[tuple[str, str, int | None]] = []  # letter ("" when named by kind), kind, bars
    position = 0
    while position < len(text):
        match = _ITEM.match(text, position)
        if match is None:
            word = re.match(r"[^\s:：,，|]+", text[position:])
            unknown = word[0] if word else text[position:][:20]
            if len(unknown) > 2 and unknown.isalpha():
                raise UnknownNameError("section", unknown, [*KINDS, *"ABCDEFGH"])
            raise InputError(f"'{text[:60]}' isn't a form: {_EXAMPLE}.")
        position = match.end()
        bars: int | None = None
        if counted := _BARS.match(text, position):
            bars = int(counted[1][:6])
            position = counted.end()
        times = 1
        if repeated := _TIMES.match(text, position):
            times = max(int(repeated[1]), 1)
            position = repeated.end()
        if match["kind"]:
            item = ("", KINDS[match["kind"].lower()], bars)
        else:
            primes = match["primes"]
            primes = "'" * (int(primes) - 1) if primes.isdigit() else "'" * len(primes)
            item = (match["letter"].upper() + primes, "", bars)
        found += [item] * times
        gap = _GAP.match(text, position)
        position = gap.end() if gap else position
    return _checked(text, found)


def _checked(text: str, found: list[tuple[str, str, int | None]]) -> tuple[FormItem, ...]:
    if not found:
        raise InputError(f"an empty form arrived: {_EXAMPLE}.")
    if len(found) > MAX_SECTIONS:
        raise LimitError(f"the form has {len(found)} sections: use at most {MAX_SECTIONS}.")
    for _, _, bars in found:
        if bars is not None and not 1 <= bars <= MAX_BARS:
            raise LimitError(f"a section of {bars} bars was asked for: use 1 to {MAX_BARS} bars.")
    total = sum(bars or 1 for _, _, bars in found)
    if total > MAX_BARS:
        raise LimitError(f"the form '{text[:60]}' has {total} bars: use at most {MAX_BARS} in all.")
    letters = {"intro": "I", "outro": "O"}
    free = iter("ABCDEFGHJKLMN")
    taken = {letter[0] for letter, _, _ in found if letter}
    items = []
    for letter, kind, bars in found:
        if not letter:
            if kind not in letters:
                letters[kind] = next(name for name in free if name not in taken)
            letter = letters[kind]
        items.append(FormItem(letter=letter, kind=kind, bars=bars))
    return tuple(items)
