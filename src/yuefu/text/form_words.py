"""Forms told in prose: "two verses, a chorus after each, then an outro", 先来段前奏，再两段主歌.

The text is cut into signs: sections (with how many), "after each", "between", "repeat". Signs that
follow one another closely, or with a word of order between them ("then", 接着), make one run; a run
of at least two sections is a form. A lone "with an intro" is none (see ``form_frame``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yuefu.text.claims import Claim
from yuefu.text.form import KINDS, MAX_SECTIONS, NAMED_FORMS, parse_form
from yuefu.text.numerals import CHINESE_NUMBER, ENGLISH_NUMBER, read_number

#: Names that mean a section only within a list of surer ones.
_UNSURE = {
    "solo", "独奏", "break", "tag", "instrumental", "build", "ending", "hook", "drop", "过渡", "结尾", "refrain",
    "introduction", "bridge", "尾声",
}  # fmt: skip
_NAMES = "|".join(
    re.escape(name)
    + ("s?" if name.isascii() and name[-1].isalpha() and name[-1] != "s" else "(?:es)?" if name.isascii() else "")
    for name in sorted(KINDS, key=len, reverse=True)
)
_SMALL = "one|two|three|four|five|six|a couple of|a pair of|an?|another|double|[1-6]"
_Z_SMALL = "[一二两三四五六1-6]"
_Z_NAMES = "|".join(sorted((name for name in KINDS if not name.isascii()), key=len, reverse=True))
_SIZE = rf"(?:\d{{1,3}}|{CHINESE_NUMBER}|{ENGLISH_NUMBER})"
_SECTION = re.compile(
    rf"(?:(?<![\w-])(?P<many>{_SMALL})[\s-]+(?:(?!verse|chorus|bridge|bars?\b|and\b)[a-z'-]+\s+){{0,2}}?)?"
    rf"(?:(?<![\w-])(?P<size>{_SIZE})[\s-]bars?\s+)?(?<![a-z])(?P<name>{_NAMES})(?![a-z])"
    r"(?:\s?(?P<number>[1-4]|one\b|two\b|three\b|four\b)(?![\d:：]|\s*(?:bars|times|小节|遍|次|段)))?"
    rf"(?:\s*(?:[:：(（]|of\b|is\b|是|为|有|共)?\s*(?P<bars>{_SIZE})\s*(?:bars?"
    rf"|个?小节)[)）]?|\s*[:：(（]\s*(?P<bars2>\d{{1,3}})[)）]?)?"
    rf"|(?<!第)(?P<zmany>{_Z_SMALL})\s*[个段遍次节句]\s*(?:[^\s，。、,;；一二两三四五六\d]{{0,4}}?的)?(?P<zname>{_Z_NAMES})"
    r"|(?<![A-Za-z'])(?P<letter>[A-H]'{0,2})\s*(?:段落?|部分|乐段)(?:\s*(?P<lbars>" + _SIZE + r")\s*个?小节)?"
    r"|\b(?:an?\s+|the\s+)?(?:section|part)\s+(?P<letter2>[A-H])(?![A-Za-z'])"
    r"|\b(?:(?P<lmany>two|three|an?)\s+)?(?<![A-Za-z'])(?P<letter3>[A-H]'{0,2})[\s-]+(?:section|part)s?\b"
    r"|\b(?:back|return(?:s|ing)?)\s+to\s+(?P<letter4>[A-H])(?![A-Za-z'])|(?:回到|再现|回|重复)\s*(?P<letter5>[A-H])(?![A-Za-z'])"
    r"|(?P<both>主副歌)",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"(?P<next>(?:^|(?<=[,;.]\s))after\s+(?:each|every)(?:\s+(?:one|(?P<ofn>verse|chorus)))?\s*,)"
    r"|(?P<then>\b(?:each|every)(?:\s+(?:one|(?P<of>verse|chorus)|of\s+(?:them|which)"
    r"|of\s+the\s+(?P<n>two|three|four)\s+(?P<ofs>verse|chorus)e?s))?\s+(?:is\s+"
    r"|being\s+)?(?:followed\s+by|leading\s+(?:in)?to|leads\s+(?:in)?to|with))"
    r"|(?P<after>\b(?:after|following)\s+(?:each|every|both)(?:\s+(?:of\s+(?:them|those)|one|time))?)"
    r"|(?P<zthen>每[一个]?[段遍次]?(?=主歌|[之以]?后|都|接|跟)(?P<zof>主歌)?(?:唱完"
    r"|结束|完)?[之以]?(?:后面?)?都?)|(?P<zrun>各(?=[接跟带]))", re.I
)  # fmt: skip
_BETWEEN = re.compile(
    r"\b(?:in\s+)?between(?:\s+(?:them|each|the\s+two|those|(?=two|both|the"
    r"|verses)))?\b|(?:之间|中间)(?=[夹插隔放加是用来有])|夹(?:着|上)?(?=[一两]?[段个遍]?副歌)",
    re.I,
)
_BEFORE = re.compile(
    r"\b(?:right\s+|just\s+)?before\s+(?:the\s+)?(?:last|final|closing)\b|最后(?:一[段遍次个])?的?(?=副歌[之以]?前)",
    re.I,
)
_REPEAT = re.compile(
    r"(?P<verb>\brepeat(?:ed|ing|s)?(?:\s+(?:that|it|this|both|them|all|the\s+two|those|the\s+(?:whole\s+)?(?:thing"
    r"|lot|pair|pattern|cycle|whole)|all\s+of\s+(?:it|that)))*"
    r"|\b(?:loop|cycle|play|do)(?:ed|s)?\s+(?:it|that|this|the\s+whole\s+thing|through\s+(?:it|that))?"
    r"|(?:再|全部|整体|整个|这样|如此|然后)*(?:各|重复|反复|交替|循环|轮|来|唱"
    r"|走)(?:一下)?(?:上述|这个|以上)?(?=[一二两三四1-4]\s*[遍次回轮段]))"
    r"?\s*(?P<times>\b(?:twice|two\s+times|three\s+times|four\s+times|thrice"
    r"|once(?:\s+more)?|[2-4]\s*(?:x\b|times)|(?:x|×|\*)\s*[2-4])(?!\w)"
    r"|[一二两三四1-4]\s*[遍次回轮段](?![主副前间尾桥导预过歌式体]))"
    r"|(?P<again>\b(?:and\s+)?(?:then\s+)?(?:repeat(?:ed|ing|s)?(?:\s+(?:both|them|it|that|those|all))?|same\s+again|do\s+it\s+again"
    r"|the\s+same\s+again)(?=\s*(?:$|[,.;])|\s+(?:that|it|before|and)\b)|重复(?=$"
    r"|[，。,.；]))", re.I
)  # fmt: skip
_TIMES = {"twice": 2, "two": 2, "three": 3, "thrice": 3, "four": 4, "once": 2}
#: Words before a section that leave it out.
REFUSED = re.compile(
    r"(?:\b(?:no|without|skip|skipping|omit|drop|minus|leave\s+out|sans|don't\s+(?:want"
    r"|need|use)|not)\s+(?:an?\s+|any\s+|the\s+)?(?:long\s+)?"
    r"|(?:不要|没有|无|别|去掉|省略|省去|跳过|不带|不用|不加|不需要|不含|免去)(?:加|带|有|写|放)?(?:任何)?)$", re.I
)  # fmt: skip
#: After a mark a section may have a word or two of its own ("then a wild", 、吉他).
_OWN = r"(?:[,、，>→–—/-]\s*(?:(?:an?|the|one)\s+)?(?:[a-z'-]+\s+){1,3}|[,、，>→–—/-]\s*[\u4e00-\u9fff]{1,4})?"
#: What may stand between two sections of a list.
_CLOSE = re.compile(
    r"(?:[\s,，、;；|>→+/&–—\-.。]|->|[x×*]\s?1\b|\b1\s?x\b|\b(?:and|then|an?|the|another|again"
    r"|with|plus|first|second|third|final|last|next|followed|by|into|to"
    r"|goes|back|leads?|leading|finally|after|that|comes?|short|long|closing"
    r"|opening|quick|big|one|more|it|is|up|in|on|of|from|straight|now"
    r"|begins?|starts?|opens?|ends?|ending|finish(?:es)?|closes?|has|have"
    r"|go|structure|form|return|returning|once|at|middle|end|start|beginning)\b"
    r"|[和与及加再先后然接着最是到转进入又回之来一遍直各完个段次第二三四两首尾的从用以作为结束开始头场唱跟随着紧即有还"
    r"要带插上，下面都短小长中间])*" + _OWN, re.I
)  # fmt: skip
_ORDER = re.compile(
    r"\b(?:then|followed\s+by|finally|next|after\s+that|before|leads?\s+(?:in)?to"
    r"|leading\s+(?:in)?to|into|back\s+to|ends?\s+(?:with|on|in)"
    r"|ending\s+(?:with|on|in)|finish(?:es|ing)?\s+(?:with|on)|clos(?:es|ing)\s+(?:with"
    r"|on)|goes|opens?\s+with|wrap\s+up)\b"
    r"|然后|接着|接下来|随后|之后|最后|再[来进接到回唱]|再一|紧接|进入|转入|回到|结尾|收尾", re.I
)  # fmt: skip
_REACH = 60


@dataclass(slots=True)
class _Sign:
    """A stretch of text and what it does in a form. what: "section", "then", "after", "between", "before", "repeat"."""

    start: int
    end: int
    what: str
    items: list[tuple[str, str]]  # (kind or letter, bars)
    name: str = ""
    times: int = 1
    whole: bool = False


def _signs(text: str) -> list[_Sign]:
    signs = []
    for match in _SECTION.finditer(text):
        if match["both"]:
            signs.append(_Sign(match.start(), match.end(), "section", [("verse", ""), ("chorus", "")], "verse"))
            continue
        letter = next((match[f"letter{n}"] for n in ("", 2, 3, 4, 5) if match[f"letter{n}"]), "").upper()
        if letter:
            count = int(read_number(match["lmany"] or "1") or 1)
            signs.append(_Sign(match.start(), match.end(), "section", [(letter, _bars(match))] * count, letter))
            continue
        name = (match["name"] or match["zname"]).lower()
        name = name if name in KINDS else name.removesuffix("s") if name.removesuffix("s") in KINDS else name[:-2]
        if name in ("结尾", "ending", "尾声") and re.match(
            r"\s*(?:是|用|以|为|来|加|放|with\b|on\b|in\b)", text[match.end() :]
        ):
            continue  # "ending with an outro"
        many = (match["many"] or match["zmany"] or "1").lower()
        count = {"double": 2, "a couple of": 2, "a pair of": 2, "a": 1, "an": 1, "another": 1}.get(many) or int(
            read_number(many) or 1
        )
        if not match["many"] and (match["name"] or "").lower() in ("verses", "choruses"):
            count = 2 if re.search(r"\bboth\s+$", text[: match.start()], re.I) else 1
        signs.append(_Sign(match.start(), match.end(), "section", [(KINDS[name], _bars(match))] * count, name))
    for pattern, what in ((_EACH, ""), (_BETWEEN, "between"), (_BEFORE, "before")):
        for match in pattern.finditer(text):
            told = what or ("after" if match["after"] else "then")
            names = match.groupdict()
            of = names.get("of") or names.get("zof") or names.get("ofs") or names.get("ofn") or ""
            count = int(read_number(names.get("n") or "2") or 2)
            signs.append(_Sign(match.start(), match.end(), told, [], KINDS.get(of.lower(), ""), count))
    for match in _REPEAT.finditer(text):
        said = (match["times"] or "").lower()
        digits = re.search(r"[2-4]", said)
        han = re.match(r"[一二两三四]", said)
        times = (
            int(digits[0])
            if digits
            else int(read_number(han[0]) or 2)
            if han
            else _TIMES.get(said.split()[0] if said else "", 2)
        )
        verb = bool(match["verb"] or match["again"])
        if times > 1 or (verb and not (match["verb"] or "").endswith("各")):
            signs.append(_Sign(match.start(), match.end(), "repeat", [], times=max(times, 2), whole=verb))
    signs.sort(key=lambda sign: (sign.start, -sign.end))
    kept: list[_Sign] = []
    for sign in signs:
        beside = kept and kept[-1].what == sign.what == "section" and text[kept[-1].end : sign.start] == " "
        if beside and {kept[-1].name, sign.name} <= {"instrumental", "break", "solo", "hook", "drop", "refrain", "tag"}:
            kept[-1].end = sign.end
            continue  # "instrumental break"
        if not kept or sign.start >= kept[-1].end:
            kept.append(sign)
    return kept


def _bars(match: re.Match[str]) -> str:
    written = match["size"] or match["bars"] or match["bars2"] or match["lbars"]
    value = read_number(written) if written else None
    return f"{value:g}" if value else ""


def _runs(text: str, signs: list[_Sign]) -> Iterator[list[_Sign]]:
    run: list[_Sign] = []
    for sign in signs:
        if run:
            gap = text[run[-1].end : sign.start]
            near = (
                _CLOSE.fullmatch(gap)
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
    for run in _runs(text, _signs(text)):
        run = [sign for sign in run if not (sign.what == "section" and REFUSED.search(text[: sign.start]))]
        while run and run[0].what == "repeat":
            run = run[1:]
        sections = [sign for sign in run if sign.what == "section"]
        sure = [sign for sign in sections if sign.name not in _UNSURE]
        if not sure:
            continue
        items = _arranged(text, run)
        kinds = {item[0] for item in items}
        bare = kinds <= {"intro", "outro", "bridge", "interlude", "prechorus", "solo"} or kinds == {"chorus"}
        if len(items) < 2 or len(items) > MAX_SECTIONS or bare or _describes(text, sections):
            continue
        written = " ".join(name + (f":{bars}" if bars else "") for name, bars in items)
        claims.append(Claim(run[0].start, run[-1].end, "form", parse_form(written)))
    return sorted(claims, key=lambda claim: -len(claim.value))[:1]


def _describes(text: str, sections: list[_Sign]) -> bool:
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


def _arranged(text: str, run: list[_Sign]) -> list[tuple[str, str]]:
    """The sections of a run in the order of the music."""
    items: list[tuple[str, str]] = []
    clause = 0  # where the items of this comma clause begin
    waiting = ""  # a sign that waits for its section
    held: list[tuple[str, str]] = []
    count = 2
    each, pair = "", []  # the kind of which each is followed by another, and the two of them
    previous: _Sign | None = None
    for sign in run:
        if previous is not None and re.search(r"[,，;；.。]", text[previous.end : sign.start]):
            if sign.what != "repeat":
                clause = len(items)
            elif sign.whole:
                clause = 0
        if sign.what == "repeat" and re.search(r"\balternat\w+\b", text[: run[0].start][-24:], re.I):
            sign.whole = True  # "alternating verse and chorus three times"
        if sign.what == "repeat":
            start = clause if sign.whole else len(items) - len(previous.items if previous else [])
            part = [item for item in items[max(start, 0) :] if item[0] != "intro"]
            items += part * (sign.times - 1)
        elif sign.what in ("then", "between"):
            waiting, each, count = sign.what, sign.name, sign.times
            if sign.what == "between" and previous is not None and len(previous.items) < 2 and _tail_count(items) < 2:
                held, items = items[-len(previous.items) or len(items) :], items[: len(items) - len(previous.items)]
                if items and _tail_count(items) >= 2:  # "two verses with a chorus between them"
                    items = _interleaved(items, items[-1], held, between=True)
                    held, waiting = [], ""
                else:
                    waiting = "around"  # "a chorus between two verses"
        elif sign.what in ("after", "before"):
            if not items or previous is None:
                waiting = ""
                continue
            held, items = items[-len(previous.items) :], items[: len(items) - len(previous.items)]
            waiting = sign.what
            if sign.what == "after" and items and not _follows_section(run, sign):
                items, held, waiting = _interleaved(items, items[-1], held), [], ""
        elif waiting == "then" and items and (not each or (each, "") in items):
            if sign.items[0] == items[-1] and len(set(sign.items)) == 1:
                previous = sign
                continue  # "each verse is followed by": the verse again
            items, waiting = _interleaved(items, items[-1], sign.items), ""
        elif waiting == "then":  # "each verse is followed by a chorus", with no verse before: two, or as many as follow
            pair = [*([(each, "")] if each else []), *sign.items]
            items, waiting = items + pair * count, ""
        elif pair and items[-2 * len(pair) :] == pair * 2 and sign.items[0] == pair[0]:
            items[-2 * len(pair) :] = pair * len(sign.items)
        elif waiting == "between":
            items = (
                _interleaved(items, items[-1], sign.items, between=True)
                if _tail_count(items) > 1
                else items + sign.items
            )
            waiting = ""
        elif waiting == "around":
            items += _interleaved(list(sign.items), sign.items[0], held, between=True)
            held, waiting = [], ""
        elif waiting == "after":  # "a chorus after each verse"
            group = sign.items[0]
            if group not in items:
                items += [group] * 2
            items, held, waiting = _interleaved(items, group, held), [], ""
        elif waiting == "before":  # "a bridge before the last chorus"
            items += [*held, *sign.items]
            held, waiting = [], ""
        elif items and sign.items == items[-1:] and re.match(r"(?:唱?完|结束|之后|过后|以后)", text[sign.end :]):
            pass  # 主歌唱完接副歌，副歌唱完 ...: the same once more
        else:
            items += sign.items
        previous = sign
    items += held
    first = [item for item in items if item[0] == "intro"]
    last = [item for item in items if item[0] == "outro"]
    if len(first) == 1:
        items = first + [item for item in items if item[0] != "intro"]
    if len(last) == 1:
        items = [item for item in items if item[0] != "outro"] + last
    return items


def _tail_count(items: list[tuple[str, str]]) -> int:
    """How often the last section stands at the end."""
    count = 0
    while count < len(items) and items[-1 - count] == items[-1]:
        count += 1
    return count


def _interleaved(
    items: list[tuple[str, str]], group: tuple[str, str], other: list[tuple[str, str]], *, between: bool = False
) -> list[tuple[str, str]]:
    """The items with others after each of a group, or only between two of it."""
    woven: list[tuple[str, str]] = []
    left = items.count(group)
    for item in items:
        woven.append(item)
        if item == group:
            left -= 1
            if not between or left:
                woven += other
    return woven


def _follows_section(run: list[_Sign], sign: _Sign) -> bool:
    """Whether "after each" names what comes before: "after each verse"."""
    place = run.index(sign)
    return place + 1 < len(run) and run[place + 1].what == "section" and run[place + 1].start - sign.end <= 2


_LONGEST_FIRST = sorted(NAMED_FORMS, key=len, reverse=True)
_NAMED = re.compile(
    "|".join(re.escape(name) for name in _LONGEST_FIRST if not name.isascii())
    + rf"|\b(?:{'|'.join(re.sub('[ -]', '[ -]', name) for name in _LONGEST_FIRST if name.isascii())})\b",
    re.I,
)


def find_named_forms(text: str) -> list[Claim]:
    """Claims of forms that have a name, "rondo form", 三段体."""
    return [
        Claim(match.start(), match.end(), "form", parse_form(NAMED_FORMS[_spelt(match[0])]))
        for match in _NAMED.finditer(text)
    ]


def _spelt(name: str) -> str:
    name = name.lower()
    return next(n for n in NAMED_FORMS if n == name or n.replace("-", " ") == name.replace("-", " "))
