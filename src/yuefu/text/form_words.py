"""Forms told in prose: "two verses, a chorus after each, then an outro", 先来段前奏，再两段主歌.

Signs (``form_signs``) that follow one another closely, or with a word of order between them ("then",
接着), make one run; a run of at least two sections is a form. A lone "with an intro" is none (see
``form_frame``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from yuefu.text.claims import Claim
from yuefu.text.form import MAX_SECTIONS, parse_form
from yuefu.text.form_order import arranged
from yuefu.text.form_signs import REFUSED, UNSURE, Sign, find_signs

#: After a mark a section may have a word or two of its own ("then a wild", 、吉他).
_OWN = r"(?:[,、，>→–—/-]\s*(?:(?:an?|the|one)\s+)?(?:[a-z'-]+\s+){1,3}|[,、，>→–—/-]\s*[\u4e00-\u9fff]{1,6})?"
#: What may stand between two sections of a list.
_CLOSE = re.compile(
    r"(?:[\s,，、;；()|>→+/&–—\-.。]|->|[x×*]\s?1\b|\b1\s?x\b|\b(?:and|then|an?|the|another|again"
    r"|with|plus|same|my|the\s+song|there|are|very|sung|played|first|second|third|final|last|next|followed|by|into|to"
    r"|goes|back|leads?|leading|finally|after|that|comes?|follows?|short|long|closing"
    r"|opening|quick|big|one|more|it|is|up|in|on|of|from|straight|now"
    r"|begins?|starts?|opens?|ends?|ending|finish(?:es)?|closes?|has|have"
    r"|go|structure|form|return|returning|once|at|middle|end|start|beginning)\b"
    r"|[和与及加再先后然接着最是到转进入又回之来一遍直各完个段次第二三四两首尾的从用以作为结束开始头场唱跟随着紧即有还"
    r"要带插上，下面都短小长中间完了过就句收住后打])*" + _OWN, re.I
)  # fmt: skip
_ORDER = re.compile(
    r"\b(?:then|followed\s+by|finally|next|after\s+that|before|leads?\s+(?:in)?to"
    r"|leading\s+(?:in)?to|into|back\s+to|ends?\s+(?:with|on|in)"
    r"|ending\s+(?:with|on|in)|finish(?:es|ing)?\s+(?:with|on)|clos(?:es|ing)\s+(?:with"
    r"|on)|goes|opens?\s+with|wrap\s+up)\b"
    r"|然后|接着|接下来|随后|之后|最后|再[来进接到回唱]|再一|紧接|进入|转入|回到|结尾|收尾", re.I
)  # fmt: skip
_REACH = 60
#: After this the form is told anew: "two verses and two choruses, in this order: ...".
_AS_FOLLOWS = re.compile(
    r"[:：]\s*$|[,，;；.。]\s*(?:so|i\.?e\.?|namely|that\s+is|like\s+(?:this|so)|所以|即|就是)\s*[,，]?\s*$|(?:顺序|结构|曲式|排列|也就是|具体)(?:是|为|如下)|\b(?:order|structure|form)\s+is\b",
    re.I,
)


def _runs(text: str, signs: list[Sign]) -> Iterator[list[Sign]]:
    run: list[Sign] = []
    for sign in signs:
        if run:
            gap = text[run[-1].end : sign.start]
            told = _AS_FOLLOWS.search(gap) and any(before.what == "section" for before in run)
            led = all(before.what == "repeat" for before in run) and re.fullmatch(r"\s*[:：]\s*", gap)
            near = not told and (
                led
                or _CLOSE.fullmatch(gap)
                or (len(gap) <= _REACH and _ORDER.search(gap))
                or (
                    len(gap) <= 24
                    and (sign.what != "section" or run[-1].what != "section")
                    and not re.search(r"[.。!:：]", gap)
                )
            )
            if not near:
                yield run
                run = []
        run.append(sign)
    if run:
        yield run


def find_told_forms(text: str) -> list[Claim]:
    """Claims of form from sections in prose or lists; a stretch with one section only is none."""
    claims = []
    for run in _runs(text, find_signs(text)):
        run = [sign for sign in run if not (sign.what == "section" and REFUSED.search(text[: sign.start]))]
        led: list[Sign] = []
        while run and run[0].what == "repeat":
            led, run = [*led, run[0]], run[1:]
        if led and led[0].whole and run and re.search(r"[:：]\s*$", text[led[-1].end : run[0].start]):
            run = [
                *run,
                replace(led[0], start=run[-1].end, end=run[-1].end, name="all"),
            ]  # "the whole thing twice: verse, chorus"
        sections = [sign for sign in run if sign.what == "section"]
        sure = [sign for sign in sections if sign.name not in UNSURE]
        if not sure and len(sections) < 4 and not any(sign.what == "nth" for sign in run):
            continue
        items = arranged(text, run)
        kinds = {item[0] for item in items}
        bare = kinds <= {"intro", "outro", "bridge", "interlude", "prechorus", "solo"} or kinds == {"chorus"}
        if len(items) < 2 or len(items) > MAX_SECTIONS or bare:
            continue
        if all(sign.what == "section" for sign in run) and _describes(text, sections):
            continue
        written = " ".join(name + (f":{bars}" if bars else "") for name, bars in items)
        claims.append(Claim(run[0].start, run[-1].end, "form", parse_form(written)))
    return sorted(claims, key=lambda claim: (not _listed(text, claim), -len(claim.value)))[:1]


def _listed(text: str, claim: Claim) -> bool:
    """Whether a form of some length comes right after a colon: the list says more than the talk before it."""
    return len(claim.value) > 2 and bool(_AS_FOLLOWS.search(text[: claim.start]))


def _describes(text: str, sections: list[Sign]) -> bool:
    """Whether two sections are only spoken of ("from verse to chorus"), one "in" or "on" each."""
    if len(sections) > 2 or sum(len(sign.items) for sign in sections) > 2:
        return False
    first, last = sections[0], sections[-1]
    if any(
        len(sign.items) == 1 and text[sign.start : sign.end].lower().endswith(("verses", "choruses"))
        for sign in sections
    ):
        return True  # "big chorus, quiet verses"
    spoken_of = r"\b(?:in|on|at|during|over|under|for)\s+the\s+$|在$"
    return bool(
        re.search(spoken_of, text[: last.start], re.I)
        or re.search(r"\bfrom\s+(?:the\s+)?$|从$", text[: first.start], re.I)
    )
