"""Sections asked for or refused with no form ("with an intro", "no bridge", 带前奏): they change the usual form."""

from __future__ import annotations

import re

from yuefu.text.form import KINDS, FormItem, parse_form
from yuefu.text.form_signs import REFUSED

_FRAME_BEFORE = re.compile(
    r"(?:\b(?:with|has|have|having|add|adding|include|includes|including|starts?\s+(?:with"
    r"|on|from)|opens?\s+(?:with|on)|begins?\s+(?:with|on)"
    r"|starting\s+with|opening\s+with|beginning\s+with|ends?\s+(?:with|on"
    r"|in)|ending\s+(?:with|on|in)|closes?\s+(?:with|on)"
    r"|finish(?:es|ing)?\s+(?:with|on)|give\s+it|wants?|need|needs|plus|and)\s+(?:an?\s+"
    r"|the\s+|some\s+)?(?:(?!no\b)[a-z0-9-]+\s+){0,3}"
    r"|\b(?:opening|closing|ending|start|end|beginning)\s*:\s*|(?:开场|收场|结尾|开头|收尾|开始|结束)\s*[:：]\s*"
    r"|(?:带|有|加|以|用|从|来|要|含|包括|包含|写|留|配|和|与|、)(?:上|入"
    r"|个|了|着)?(?:一)?[个段]?(?:[^\s，。,、;；不没无]{0,6}的)?)$", re.I
)  # fmt: skip
_FRAME = re.compile(
    r"\b(?P<en>intro|introduction|outro|coda|bridge|interlude|pre-chorus|middle eight"
    r"|middle 8)\b|(?P<zh>前奏|引子|尾奏|尾声|间奏|桥段|预副歌)",
    re.I,
)


def find_frame(text: str) -> tuple[dict[str, bool], tuple[int, int]] | None:
    """Sections asked for or refused with no form told: kind -> wanted, and the stretch that says so, or None."""
    asked: dict[str, bool] = {}
    start, end = len(text), 0
    for match in _FRAME.finditer(text):
        before = text[: match.start()]
        kind = KINDS[match[0].lower()]
        refused, wanted = REFUSED.search(before), _FRAME_BEFORE.search(before)
        begins = re.match(
            r"\s*(?:开头|开始|起头|收尾|结束|结尾|作为开头|先行|再?接|followed\s+by|leading\s+into|before\s+the)",
            text[match.end() :],
        )
        if not (refused or wanted or begins) or re.match(
            r"\s*(?:of|to|over|from|on|in|into)\s+(?:the|a|my)\b", text[match.end() :], re.I
        ):
            continue
        asked[kind] = not refused
        start, end = min(start, (refused or wanted or match).start()), max(end, match.end())
    return (asked, (start, end)) if asked else None


def framed(form: str, asked: dict[str, bool]) -> tuple[FormItem, ...]:
    """A usual form with what was asked for added and what was refused taken out.

    >>> [item.letter for item in framed("intro:4 verse:8 chorus:8", {"intro": False, "outro": True})]
    ['A', 'B', 'O']
    """
    items = form.split()
    for kind, wanted in asked.items():
        present = [item for item in items if item.split(":")[0] == kind]
        if not wanted:
            items = [item for item in items if item not in present]
        elif not present:
            body = len(items) - (items[-1].startswith("outro"))
            place = 0 if kind == "intro" else len(items) if kind == "outro" else max(body - 1, 1)
            if kind == "interlude" and "chorus:8" in items:
                items.insert(items.index("chorus:8") + 1, "interlude:4")
                continue
            if kind == "bridge" and items[body - 1].startswith("chorus"):
                items[body:body] = ["bridge:8", items[body - 1]]
                continue
            items.insert(place, f"{kind}:4" if kind in ("intro", "outro", "interlude", "prechorus") else f"{kind}:8")
    return parse_form(" ".join(items))


def with_ends(form: tuple[FormItem, ...], asked: dict[str, bool]) -> tuple[FormItem, ...]:
    """A form that was told, with the intro, the bridge and the outro that were asked for beside it.

    >>> [item.letter for item in with_ends(parse_form("A A B A"), {"intro": True})]
    ['I', 'A', 'A', 'B', 'A']
    """
    kinds = {item.kind for item in form}
    first = [FormItem(letter="I", kind="intro")] if asked.get("intro") and "intro" not in kinds else []
    last = [FormItem(letter="O", kind="outro")] if asked.get("outro") and "outro" not in kinds else []
    if asked.get("bridge") and "bridge" not in kinds and form[-1].kind == "chorus":
        free = next(letter for letter in "CDEFGH" if all(item.letter[0] != letter for item in form))
        form = (*form, FormItem(letter=free, kind="bridge"), form[-1])
    return (*first, *form, *last)
