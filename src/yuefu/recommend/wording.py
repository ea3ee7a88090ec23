"""Reasons as sentences, in English and Chinese: what was played, which attributes, and on demand by how much.

The figures are those of the explanation, rounded so that what is printed adds up to what is printed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yuefu.recommend.attribute_words import attribute_words
from yuefu.recommend.base import Explanation, Reason

#: At most so many reasons for, and one against.
MOST = 3
#: A reason is told if it is at least this part of the largest.
LEAST = 0.1
#: What is this part of the largest and against it, is told too.
AGAINST = 0.25
#: Joiners that scripts and emoji need; every other invisible character goes.
KEPT = {"\u200c", "\u200d"}

DEEDS_EN = {
    "play": "played", "finish": "finished", "repeat": "keep playing", "like": "liked", "save": "saved",
    "rate": "rated", "playlist": "put on a playlist", "share": "shared", "comment": "commented on", "skip": "skipped",
    "dislike": "disliked",
}  # fmt: skip
DEEDS_ZH = {
    "play": "听过", "finish": "听完了", "repeat": "反复听", "like": "喜欢", "save": "收藏了", "rate": "评过分",
    "playlist": "加入过歌单", "share": "分享过", "comment": "评论过", "skip": "跳过了", "dislike": "不喜欢",
}  # fmt: skip
#: Kinds of reasons that are about this moment: (for, against), each in English and Chinese.
HERE_AND_NOW = {
    "wish": (("it fits what you asked for", "它合你说的意思"), ("it fits your words less", "它不太合你说的意思")),
    "new": (("it is new", "它是新作"), ("it is not new", "它不是新作")),
    "recent": (("it has rested a while", "好久没听它了"), ("you heard it a short while ago", "你刚听过它")),
}
#: Kinds of reasons that set an item beside another one: (for, against), each in English and Chinese.
BESIDE = {
    "alike": (("it is close to {}", "它和{}相近"), ("it is unlike {}", "它和{}不像")),
    "together": (
        ("those who like {} like it too", "喜欢{}的人也喜欢它"), ("few like both it and {}", "很少有人同时喜欢它和{}"),
    ),
    "more": (
        ("you wanted more like {}", "你想多听像{}这样的"), ("you wanted more like {}, unlike it", "它不像你想多听的{}"),
    ),
    "less": (
        ("you wanted less like {}, unlike it", "它不像你想少听的{}"), ("you wanted less like {}", "你想少听像{}这样的"),
    ),
}  # fmt: skip
#: Contexts and occasions as a piece may suit them.
OCCASIONS = {
    "morning": ("the morning", "早晨"), "commute": ("the way to work", "通勤路上"), "work": ("work", "工作"),
    "study": ("reading and study", "读书学习"), "run": ("a run", "跑步"), "party": ("a party", "聚会"),
    "evening": ("the evening", "傍晚"), "sleep": ("falling asleep", "入睡"), "workout": ("a workout", "健身"),
    "meditation": ("meditation", "冥想"), "cafe": ("a café", "咖啡馆"), "driving": ("a drive", "开车"),
    "travel": ("travelling", "旅行"), "wedding": ("a wedding", "婚礼"), "children": ("children", "孩子们"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A reason as it is told. words: "you liked “Moon River”"; amount: rounded as it is printed."""

    kind: str
    words: str
    amount: float
    item: int = -1
    name: str = ""


def clean_title(title: str, longest: int = 80) -> str:
    """A title that can't turn the text around it, hide in it or break out of it.

    >>> clean_title("Moon\\u202e River\\n\\x07 ")
    'Moon River'
    """
    plain = unicodedata.normalize("NFC", title)
    kept = "".join(
        " " if unicodedata.category(sign) in ("Zl", "Zp", "Zs") or sign in "\t\n\r" else sign
        for sign in plain
        if sign in KEPT or sign in "\t\n\r" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    words = " ".join(kept.split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def quoted(title: str, language: str) -> str:
    """A title in the marks of its language; those within it become others.

    >>> quoted("Moon River", "en"), quoted("月亮", "zh")
    ('“Moon River”', '《月亮》')
    """
    words = clean_title(title)
    if language == "zh":
        return "《" + words.replace("《", "〈").replace("》", "〉") + "》"
    return "“" + words.replace("“", "‘").replace("”", "’").replace('"', "'") + "”"


def sentence(
    explanation: Explanation,
    titles: Mapping[int, str],
    language: str = "en",
    precise: bool = False,
    *,
    deeds: Mapping[int, str] | None = None,
    values: Mapping[str, float] | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """Why an item was chosen, as one sentence.

    titles: of the columns in the reasons; precise: with what each added to the score; deeds: what the listener did
    with a column last, of ``listening.event.KINDS`` ("play" where it isn't told); values: the item's own features, so
    that "its tempo" can be "slow"; names: titles of creators and parents by their attribute's name.
    """
    shown, rest, score, digits = told(explanation, titles, language, deeds=deeds, values=values, names=names, most=MOST)
    pro = [reason for reason in shown if reason.amount > 0]
    con = [reason for reason in shown if reason.amount < 0]
    words = _chinese(pro, con, precise, digits) if language == "zh" else _english(pro, con, precise, digits)
    if not precise:
        return words
    if language == "zh":
        other = f"，其余 {_signed(rest, digits)}" if shown and rest else ""
        return f"{words[:-1]}{other}；总分 {_plainly(score, digits)}。"
    other = f", the rest {_signed(rest, digits)}" if shown and rest else ""
    return f"{words[:-1]}{other}; score {_plainly(score, digits)}."


def told(
    explanation: Explanation,
    titles: Mapping[int, str],
    language: str = "en",
    *,
    deeds: Mapping[int, str] | None = None,
    values: Mapping[str, float] | None = None,
    names: Mapping[str, str] | None = None,
    most: int = MOST,
) -> tuple[list[Shown], float, float, int]:
    """The reasons that are worth telling, the rest, the score, and the digits that they are rounded to.

    ``round(score, digits) == sum of the amounts + rest``, exactly as printed.
    """
    reasons = sorted(_joined(explanation.reasons, values), key=lambda reason: -abs(reason.amount))
    largest = max((abs(reason.amount) for reason in reasons), default=0.0)
    pro = [reason for reason in reasons if reason.amount > LEAST * largest][:most]
    con = [reason for reason in reasons if reason.amount < 0 and -reason.amount >= AGAINST * largest][:1]
    digits = _digits(max(largest, abs(explanation.score)))
    shown = [
        Shown(reason.kind, words, round(reason.amount, digits), reason.item, reason.name)
        for reason in (*pro, *con)
        if (words := _reason_words(reason, titles, language, deeds or {}, values or {}, names or {}))
    ]
    score = round(explanation.score, digits)
    return shown, round(score - sum(reason.amount for reason in shown), digits), score, digits


def reasons_json(
    explanation: Explanation, titles: Mapping[int, str], language: str = "en", **more: Any
) -> dict[str, Any]:
    """All of it for a page or another program: the reasons told in words, the rest and the score, which add up."""
    shown, rest, score, _ = told(explanation, titles, language, **more)
    listed = [{"kind": one.kind, "words": one.words, "amount": one.amount, "name": one.name} for one in shown]
    return {"reasons": listed, "rest": rest, "score": score}


def _joined(reasons: Sequence[Reason], values: Mapping[str, float] | None) -> list[Reason]:
    """Attributes that are told by one word ("its key" from sine and cosine) are one reason, their amounts added."""
    found: dict[tuple[str, int, str], float] = {}
    first: dict[tuple[str, int, str], Reason] = {}
    for reason in reasons:
        if not reason.amount:
            continue
        said = attribute_words(reason.name, "en", (values or {}).get(reason.name)) if reason.kind == "attribute" else ""
        key = (reason.kind, reason.item, said)
        found[key] = found.get(key, 0.0) + reason.amount
        first.setdefault(key, reason)
    return [Reason(reason.kind, found[key], reason.item, reason.name) for key, reason in first.items() if found[key]]


def _digits(largest: float) -> int:
    """So many places after the point that the largest has two figures that count, 2 to 6."""
    digits = 2
    while digits < 6 and 0 < largest < 10.0 ** (1 - digits):
        digits += 1
    return digits


def _signed(amount: float, digits: int) -> str:
    return f"{amount:+.{digits}f}".replace("-", "−")


def _plainly(amount: float, digits: int) -> str:
    return f"{amount + 0.0:.{digits}f}".replace("-", "−")


def _reason_words(
    reason: Reason,
    titles: Mapping[int, str],
    language: str,
    deeds: Mapping[int, str],
    values: Mapping[str, float],
    names: Mapping[str, str],
) -> str:
    chinese = language == "zh"
    if reason.kind in ("item", "again"):
        title = clean_title(titles.get(reason.item, ""))
        if reason.kind == "again":
            return "你常回来听它" if chinese else "you keep coming back to it"
        deed = deeds.get(reason.item, "play")
        if chinese:
            what = quoted(title, "zh") if title else "另一首"
            return f"你{DEEDS_ZH.get(deed, DEEDS_ZH['play'])}{what}"
        what = quoted(title, "en") if title else "something else"
        if deed == "playlist":
            return f"you put {what} on a playlist"
        return f"you {DEEDS_EN.get(deed, DEEDS_EN['play'])} {what}"
    if reason.kind == "popular":
        if reason.amount < 0:
            return "听的人还少" if chinese else "few have heard it yet"
        return "最近很多人在听" if chinese else "many are listening to it"
    if reason.kind == "attribute":
        likes = reason.amount > 0
        if reason.name == "mood:chosen" and likes:
            return "它的情绪接近你所选的" if chinese else "its mood is near those you chose"
        what = attribute_words(reason.name, language, values.get(reason.name), names)
        of_itself = what.startswith(("its ", "how ", "the ", "what ", "它"))
        if chinese:
            if not likes:
                return f"{what}不太合你的口味"
            return f"{what}合你的口味" if of_itself else f"你偏爱{what}"
        if of_itself:
            return f"{what} suits you" if likes else f"{what} suits you less"
        return f"you tend to like {what}" if likes else f"{what} {_be(what)} less to your taste"
    if reason.kind in BESIDE:
        title = clean_title(titles.get(reason.item, ""))
        what = quoted(title, language) if title else ("另一首" if chinese else "another one")
        return BESIDE[reason.kind][reason.amount < 0][chinese].format(what)
    if reason.kind in HERE_AND_NOW:
        what = HERE_AND_NOW[reason.kind][reason.amount < 0][chinese]
        where = OCCASIONS.get(reason.name.partition(":")[2], ("", ""))[chinese]
        if reason.kind == "wish" and where:
            if chinese:
                return f"它{'' if reason.amount > 0 else '不太'}适合{where}"
            return f"it suits {where}" if reason.amount > 0 else f"it suits {where} less"
        return what
    what = attribute_words(reason.name, language, None, names) if reason.name else ""
    return what


def _be(what: str) -> str:
    return "are" if what.split(" ")[-1].endswith("s") and not what.startswith("music ") else "is"


def _english(pro: Sequence[Shown], con: Sequence[Shown], precise: bool, digits: int) -> str:
    def listed(reasons: Sequence[Shown]) -> str:
        said = _tersely([reason.words for reason in reasons], ("you tend to like ",))
        words = [
            f"{words} ({_signed(reason.amount, digits)})" if precise else words for words, reason in zip(said, reasons)
        ]
        return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]

    if not pro and not con:
        return "Something you haven't tried yet."
    if not pro:
        return f"A try, although {listed(con)}."
    return f"Because {listed(pro)}" + (f", although {listed(con)}" if con else "") + "."


def _chinese(pro: Sequence[Shown], con: Sequence[Shown], precise: bool, digits: int) -> str:
    def listed(reasons: Sequence[Shown]) -> str:
        words = [f"{one.words}（{_signed(one.amount, digits)}）" if precise else one.words for one in reasons]
        return "，".join(words[:-1] + [("也因为" if len(words) > 1 else "") + words[-1]]) if words else ""

    if not pro and not con:
        return "给你一首还没听过的。"
    if not pro:
        return f"不妨一试，虽然{listed(con)}。"
    return f"因为{listed(pro)}" + (f"，虽然{listed(con)}" if con else "") + "。"


def _tersely(words: Sequence[str], openings: Sequence[str]) -> list[str]:
    """ "you tend to like A and you tend to like B" without the second opening."""
    said: list[str] = []
    last = ""
    for one in words:
        opening = next((opening for opening in openings if one.startswith(opening)), "")
        said.append(one.removeprefix(opening) if opening and opening == last else one)
        last = opening
    return said
