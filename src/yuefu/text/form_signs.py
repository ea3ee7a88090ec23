"""Signs of a form in prose: sections (with how many), "after each", "between", "repeat", and where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from yuefu.text.form import KINDS
from yuefu.text.numerals import CHINESE_NUMBER, ENGLISH_NUMBER, read_number

#: Names of sections that only prose has.
_SPOKEN = KINDS | {
    "breakdown": "interlude", "build up": "prechorus", "build-up": "prechorus", "buildup": "prechorus",
    "lift": "prechorus", "pre": "prechorus", "stanza": "verse", "couplet": "verse", "instrumental break": "interlude",
    "instrumental section": "interlude", "middle-eight": "bridge", "middle-8": "bridge", "end section": "outro",
    "正歌": "verse", "桥": "bridge", "过门": "interlude", "过桥": "bridge", "独奏段": "solo", "solo段": "solo",
    "桥接段": "bridge", "连接段": "interlude", "尾段": "outro", "开场": "intro", "合唱段": "chorus",
}  # fmt: skip
#: Names that mean a section only within a list of surer ones.
UNSURE = {
    "solo", "独奏", "break", "tag", "instrumental", "build", "ending", "hook", "drop", "过渡", "结尾", "refrain",
    "introduction", "bridge", "尾声", "breakdown", "build up", "build-up", "buildup", "lift", "pre", "stanza",
    "couplet", "桥", "过门", "过桥", "尾段", "开场", "连接段",
}  # fmt: skip
_NAMES = "|".join(
    re.escape(name)
    + ("s?" if name.isascii() and name[-1].isalpha() and name[-1] != "s" else "(?:es)?" if name.isascii() else "")
    for name in sorted(_SPOKEN, key=len, reverse=True)
)
_SMALL = r"one|two|three|four|five|six|a couple of|a pair of|an?|another|double|single|[1-6]\s?[x×]|[1-6]"
_Z_SMALL = "[一二两三四五六1-6]"
_Z_ONLY = "|".join(sorted((name for name in _SPOKEN if not name.isascii()), key=len, reverse=True))
#: Sections as Chinese prose calls them: English names, too.
_Z_NAMES = rf"{_Z_ONLY}|pre-?chorus(?![a-z])|(?:verse|chorus|bridge|hook|intro|outro)(?![a-z])"
_Z_PLAYED = r"(?:[电木]?吉他|钢琴|萨克斯|[大中小]提琴|二胡|笛子|古筝|琵琶|口琴|弦乐|器乐|乐队|鼓|贝斯|小号|长笛)"
#: Who plays a solo or an intro, within a list that has no marks.
_PLAYED = r"(?:guitar|piano|sax|saxophone|violin|fiddle|trumpet|drum|bass|organ|flute|harmonica|synth|cello|banjo)"
_SIZE = rf"(?:\d{{1,3}}|{CHINESE_NUMBER}|{ENGLISH_NUMBER})"
#: A count after its section: 主歌两段, verse两遍; 副歌唱三遍 only where no other section stands right before.
_Z_POST = (
    rf"(?:\s*(?:[，,]\s*(?=.[段遍次](?:$|[，。,.；]))|一?共|总共|有|要|来|各有)?\s*(?P<zpost>{_Z_SMALL})\s*[段遍次个](?!\s*(?:{_Z_NAMES}|[主副式体]))"
    rf"|(?<![歌奏段]..)唱(?P<zsung>{_Z_SMALL})[遍次](?!\s*(?:{_Z_NAMES})))"
)
_SECTION = re.compile(
    rf"(?<![段遍次个])(?P<series>(?:(?:{_Z_ONLY})\s?{_Z_SMALL}[遍段次]){{2,}})(?!\s*(?:{_Z_NAMES}))|"
    rf"(?:(?<![\w×*-])(?P<many>{_SMALL})[\s-]+(?:(?!verse|chorus|bridge|bars?\b|and\b|the\b|of\b|rounds?\b|cycles?\b)[a-z'-]{{2,}}\s+){{0,2}}?)?"
    rf"(?:(?<![\w-])(?P<size>{_SIZE})[\s-]bars?\s+(?:of\s+(?:the\s+)?)?)?"
    rf"(?:(?<=[歌奏段]){_Z_PLAYED}(?=间奏|独奏|solo))?"
    rf"(?:(?<![a-z]){_PLAYED}\s+(?=solo|break|interlude|intro|outro))?(?<![a-z])(?P<name>{_NAMES})(?![a-z])(?!曲)"
    r"(?:,\s*(?P<epost>two|three|four|five|six)\s+of\s+(?:them|those)\b)?"
    r"(?:(?<!verses)(?<!choruses)\s?(?P<number>[1-4]|one\b|two\b|three\b|four\b)(?![\d:：]|\s*(?:bars|times|x\b|小节|遍|次|段))"
    r"|(?<=[歌奏])[A-D](?![A-Za-z]))?"
    rf"(?:\s*(?:[:：(（]|of\b|is\b|是|为|有|共)?\s*(?P<bars>{_SIZE})\s*(?:bars?"
    rf"|个?小节)[)）]?|\s*[:：(（]\s*(?P<bars2>\d{{1,3}})[)）]?)?(?:\s*(?:有|共)?{CHINESE_NUMBER}句(?:词|话)?)?"
    rf"(?:(?<![段遍次歌]..){_Z_POST})?"
    rf"|(?<!第)(?P<zmany>{_Z_SMALL})\s*[个段遍次节句]\s*(?:(?P<zsize>{_SIZE})个?小节的)?(?:[^\s，。、,;；一二两三四五六\d]{{0,4}}?的)?(?P<zname>{_Z_NAMES})"
    rf"|(?:(?P<lzmany>{_Z_SMALL})\s*[个段]\s*)?(?<![A-Za-z'])(?P<letter>[A-H]'{{0,2}})\s*(?:段落?|部分|乐段|主题)"
    rf"(?:\s*(?P<lbars>{_SIZE})\s*个?小节)?"
    r"|\b(?:an?\s+|the\s+)?(?:section|part)\s+(?P<letter2>[A-H])(?![A-Za-z'])"
    r"|\b(?:(?P<lmany>two|three|another|an?)\s+)?(?<![A-Za-z'])(?P<letter3>[A-H]'{0,2})[\s-]+(?:section|part)s?\b"
    r"|\b(?:back|return(?:s|ing)?)\s+to\s+(?P<letter4>[A-H])(?![A-Za-z'])|(?:回到|再现|回|重复)\s*(?P<letter5>[A-H])(?![A-Za-z'])"
    rf"|(?<![A-Za-z'])(?-i:(?P<letter6>[A-H]'{{0,2}}))\s*[:(]?\s*(?P<lbars6>{_SIZE})[\s-]*bars?\b\)?(?!\s+[a-z])"
    rf"|(?<![A-Za-z'])(?P<ofbars>{_SIZE})[\s-]*bars?\s+(?:of|for)\s+(?-i:(?P<letter7>[A-H]'{{0,2}}))(?![A-Za-z'])"
    r"|\b(?:the\s+)?(?-i:(?P<letter8>[A-H]'{0,2}))\s+theme\b"
    r"|(?P<both>主副歌)",
    re.IGNORECASE,
)
#: A letter by itself in prose: "A then B then A again", 先A后B再A; only where letters are plainly sections.
_BARE = re.compile(
    r"(?<![A-Za-z'#♯♭\d])(?:(?P<many>[Tt]wo|[Tt]hree|[Aa]nother|[Oo]ne|[a2-4]|[一二两三]\s*个)\s+)?(?P<bare>[A-D]'{0,2})"
    r"(?:(?<!')'?s\b)?(?![A-Za-z#♯♭\d'])(?=\s*(?:$|[,，、。.;；:：→>+/|-]|[A-D]'{0,2}(?![A-Za-z])|(?:with|then|and|twice|again|once|to|coda|outro|sections?|parts?)\b"
    r"|[x×*]\s?\d|[后再先接回到，来然最两一三和重加]))"
)
_NO_BARE = re.compile(
    r"\b(?:major|minor|sharp|flat|chords?|key|vitamins?|plan|grade|maj|min)\b|和弦|[大小]?调|计划", re.I
)
_EACH = re.compile(
    r"(?P<next>(?:^|(?<=[,;.]\s))after\s+(?:each|every)(?:\s+(?:one|of\s+(?:them|those|these)|(?P<ofn>verse|chorus)))?"
    r"(?:\s*,|\s+(?=(?:comes\s+)?(?:the|a)\s)))"
    r"|(?P<then>\b(?:each|every)(?:\s+(?:one|(?P<of>verse|chorus)|of\s+(?:them|which)"
    r"|of\s+the\s+(?P<n>two|three|four)\s+(?P<ofs>verse|chorus)e?s))?\s+(?:is\s+|are\s+"
    r"|being\s+)?(?:followed\s+by|(?:leading|leads|running|runs|going|goes|turning|turns|opening|opens)\s+(?:in)?to|with"
    r"|(?:ending|ends|finishing|finishes|closing|closes)\s+(?:in|with|on)|then|gets|has|plus)\b)"
    r"|(?P<after>\b(?:after|following)\s+(?:each|every|both)(?:\s+(?:of\s+(?:them|those)|one|time))?)"
    r"|(?P<zthen>每(?:当)?(?:唱完|结束)?[一个]?[段遍次个]?(?=主歌|唱|[之以]?后|都|接|跟|进)(?P<zof>主歌)?(?:唱?完(?:了)?"
    r"|结束)?[之以]?(?:后面?)?(?:都|就|再|要)*(?:唱|接|跟|进|来|有)?)"
    r"|(?P<zrun>(?:各|分别|都)(?=[接跟带]))", re.I
)  # fmt: skip
_BETWEEN = re.compile(
    r"\b(?:in\s+)?between(?:\s+(?:them|each|the\s+two|those|(?=two|both|the"
    r"|verses)))?\b|\b(?P<middle>in\s+the\s+middle)\b(?!\s+of)"
    r"|(?:之间|中间)(?=[夹插隔放加是用来有一两二三穿都各再配接])|夹(?:着|上)?(?=[一两]?[段个遍]?副歌)",
    re.I,
)
_BEFORE = re.compile(
    r"\b(?:right\s+|just\s+)?before\s+(?:the\s+)?(?:last|final|closing)\b|最后(?:一[段遍次个])?的?(?=副歌[之以]?前)",
    re.I,
)
_ENDS = re.compile(
    r"\bat\s+(?:both\s+ends|(?:the\s+)?(?:start|beginning|top)\s+and\s+(?:again\s+)?(?:at\s+)?(?:the\s+)?end)\b"
    r"|首尾(?:都|各)?(?:是|用|有|来)?|(?:开头|头)(?:和|跟|与)?(?:结尾|尾)都(?:是|用|有)?",
    re.I,
)
_FRONT = re.compile(
    r"\b(?:is\s+)?preceded\s+by\b|(?<=[，,；;])\s*(?:在?(?:这|它|此)?[之]?前面?|前面)(?:先)?(?:是|有|加|接|放|来|按|照)",
    re.I,
)
_ALTERNATE = re.compile(r"\b(?:alternat(?:e|es|ing)|taking\s+turns|in\s+turns?)\b|交替|轮流|交错|轮着", re.I)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_ORDINALS |= {"one": 1, "two": 2, "three": 3, "four": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_ORD = "|".join(_ORDINALS)
_ONE_ORD = (
    r"(?:the\s+)?(?:(?:first|second|third|fourth|1st|2nd|3rd|4th)(?:\s+(?:verse|chorus))?"
    rf"|(?:verse|chorus)\s+(?:{_ORD}))\b"
)
_NTH = re.compile(
    rf"\bafter\s+(?P<en>{_ONE_ORD}(?:\s*(?:,|and|&)+\s*(?:after\s+)?{_ONE_ORD})*)"
    r"|(?:在|放在|放到|接在|加在)?(?P<zh>第[一二三四][遍段次个]?(?:[、和与及]第?[一二三四][遍段次个]?)*(?P<zof>主歌|副歌)?)(?:[之以]后|后面?|的后面|完了?之后)"
    r"(?=$|[，,。；;]|加|接|放|来|是|有|再|要|得|需|应|想)",
    re.I,
)
#: "Two rounds of", and "repeat the verse and the chorus" with nothing before it: what follows is played so often.
_ROUNDS = re.compile(
    r"\b(?P<n>two|three|four|[2-4])\s+(?:rounds?|cycles?|passes|turns|sets?)\s+(?:of|through)\b"
    r"|(?P<z>[两二三四2-4])[轮组](?=主歌|副歌)|(?P<re>^\s*(?:repeat|重复)(?=\s*(?:the\s+)?(?:verse|主歌)))",
    re.I,
)
_REPEAT = re.compile(
    r"(?P<verb>\brepeat(?:ed|ing|s)?(?:\s+(?:that|it|this|both|them|all|the\s+two|those|the\s+(?:whole\s+)?(?:thing"
    r"|lot|pair|pattern|cycle|whole)|all\s+of\s+(?:it|that)))*"
    r"|\b(?:loop|cycle|play|do)(?:ed|s)?\s+(?:it|that|this|the\s+whole\s+thing|through\s+(?:it|that))?"
    r"|\b(?:the\s+)?whole\s+thing|\b(?:go|goes|run|runs|going)\s+(?:a?round|through)(?:\s+(?:it|this|that))?"
    r"|\b(?:both|each)(?:\s+of\s+them|\s+one)?(?:\s+(?:is|are))?(?:\s+(?:played|sung|repeated|heard|done))?"
    r"|(?:这样|如此|照此|整体|全部)(?=[一二两三四1-4]\s*[遍次回轮])"
    r"|(?:再|全部|整体|整个|这样|如此|然后)*(?:各|重复|反复|交替|循环|轮|来|唱"
    r"|走)(?:唱|来|走|演奏|奏|弹)?(?:一下)?(?:上述|这个|以上)?(?=[一二两三四1-4]\s*[遍次回轮段]))"
    r"?\s*(?P<times>\b(?:twice|two\s+times|three\s+times|four\s+times|thrice"
    r"|(?P<ofeach>(?:two|three|four)\s+(?:of\s+)?each)"
    r"|once(?:\s+(?:more|again))?|[2-4]\s*(?:x\b|times)|(?:x|×|\*)\s*[2-4])(?!\w)"
    r"|(?<=[(（ ])[×*]\s*[2-4](?!\w)"
    r"|[一二两三四1-4]\s*[遍次回轮段](?!\s*(?:[主副前间尾桥导预过歌式体]|verse|chorus|bridge|intro|outro|hook)))"
    r"(?P<through>\s+(?:through|around|round|over|in\s+total|in\s+all)\b)?"
    r"|(?P<again>\b(?:and\s+)?(?:then\s+)?(?:repeat(?:ed|ing|s)?(?:\s+(?:both|them|it|that|those|all))?|same\s+again|do\s+it\s+again"
    r"|the\s+same\s+again"
    r"|(?:(?:do|play|run|sing|go\s+through)\s+)?(?:all\s+(?:of\s+)?(?:two|three|four|that|it|those|them)|it\s+all|that|both"
    r"|the\s+(?:lot|whole\s+(?:thing|lot)))(?:\s+over)?\s+again)"
    r"(?=\s*(?:$|[,.;])|\s+(?:that|it|before|and)\b)|重复(?=$"
    r"|[，。,.；])|(?:然后|再)?(?:同样的?|一样的?|这样)(?:再来|再走|来)一[遍次轮])", re.I
)  # fmt: skip
_TIMES = {"twice": 2, "two": 2, "three": 3, "thrice": 3, "four": 4, "once": 2}
#: Words before a section that leave it out.
REFUSED = re.compile(
    r"(?:\b(?:no|without|skip|skipping|omit|drop|minus|leave\s+out|sans|don't\s+(?:want"
    r"|need|use)|not)\s+(?:an?\s+|any\s+|the\s+)?(?:long\s+)?"
    r"|(?:不要|没有|无|别|去掉|省略|省去|跳过|不带|不用|不加|不需要|不含|免去)(?:加|带|有|写|放)?(?:任何)?)$", re.I
)  # fmt: skip


@dataclass(slots=True)
class Sign:
    """A stretch of text and what it does in a form.

    what: "section", "then", "after", "between", "before", "ends", "front", "alternate", "nth",
    "rounds" or "repeat"; items: (kind or letter, bars) of a section, once for every time it was counted; name:
    the section as written, or the kind that "each" speaks of; places: the ordinals of an "nth".
    """

    start: int
    end: int
    what: str
    items: list[tuple[str, str]] = field(default_factory=list)
    name: str = ""
    times: int = 1
    whole: bool = False
    places: tuple[int, ...] = ()


def find_signs(text: str) -> list[Sign]:
    """The signs of a text in order, none over another."""
    letters = _bare_letters(text)
    signs = [*_sections(text), *letters, *_relations(text), *_repeats(text)]
    ends = {sign.start: sign.end for sign in letters}
    for sign in signs:  # "A B A coda" has no "a coda"
        if sign.what == "section" and sign.end > ends.get(sign.start, sign.end) and sign.name in _SPOKEN:
            sign.start = ends[sign.start] + 1
    signs.sort(key=lambda sign: (sign.start, -sign.end))
    kept: list[Sign] = []
    for sign in signs:
        beside = kept and kept[-1].what == sign.what == "section" and text[kept[-1].end : sign.start] == " "
        if beside and {kept[-1].name, sign.name} <= {"instrumental", "break", "solo", "hook", "drop", "refrain", "tag"}:
            kept[-1].end = sign.end
            continue  # "instrumental break"
        if not kept or sign.start >= kept[-1].end:
            kept.append(sign)
    return kept


def _sections(text: str) -> list[Sign]:
    signs = []
    for match in _SECTION.finditer(text):
        start, end = match.span()
        if match["both"]:
            signs.append(Sign(start, end, "section", [("verse", ""), ("chorus", "")], "verse"))
            continue
        if match["series"]:  # 主歌两遍副歌一遍
            told = re.findall(rf"({_Z_ONLY})\s?({_Z_SMALL})", match["series"])
            items = [(_SPOKEN[name], "") for name, count in told for _ in range(int(read_number(count) or 1))]
            signs.append(Sign(start, end, "section", items, told[0][0]))
            continue
        letter = next((match[f"letter{n}"] for n in ("", 2, 3, 4, 5, 6, 7, 8) if match[f"letter{n}"]), "").upper()
        if letter:
            count = int(read_number((match["lmany"] or match["lzmany"] or "1").replace("another", "1")) or 1)
            signs.append(Sign(start, end, "section", [(letter, _bars(match))] * count, letter))
            continue
        name = (match["name"] or match["zname"]).lower()
        name = name if name in _SPOKEN else name.removesuffix("s") if name.removesuffix("s") in _SPOKEN else name[:-2]
        if name in ("结尾", "ending", "尾声", "开场") and re.match(
            rf"\s*(?:是|用|以|为|来|加|放|有|一段|再|with\b|on\b|in\b|{_Z_NAMES})", text[end:]
        ):
            continue  # "ending with an outro"
        if name == "instrumental" and re.match(rf"\s+(?:{_NAMES})\b", text[end:]):
            continue  # "an instrumental intro"
        if name in ("build", "drop", "break", "lift") and re.match(
            r"\s+(?:back|down|in|into|to|up|out|it|off|from)\b", text[end:]
        ):
            continue  # "drop back to a verse"
        if name in ("lift", "pre") and not re.match(r"\s*(?:$|[,/>→|.+-])", text[end:]):
            continue  # "lift in a pre-chorus"
        many = (
            (match["many"] or match["zmany"] or match["zpost"] or match["zsung"] or match["epost"] or "1")
            .lower()
            .rstrip("x× ")
        )
        count = {"double": 2, "single": 1, "a couple of": 2, "a pair of": 2, "a": 1, "an": 1, "another": 1}.get(
            many
        ) or int(read_number(many) or 1)
        if not (match["many"] or match["epost"]) and (match["name"] or "").lower() in ("verses", "choruses"):
            count = 2 if re.search(r"\bboth\s+$", text[:start], re.I) else 1
        signs.append(Sign(start, end, "section", [(_SPOKEN[name], _bars(match))] * count, name))
    return signs


def _bare_letters(text: str) -> list[Sign]:
    found = list(_BARE.finditer(text))
    letters = [match["bare"] for match in found]
    if _NO_BARE.search(text) or letters[:1] != ["A"] or "B" not in letters:
        return []
    counts = {"two": 2, "three": 3, "2": 2, "3": 3, "4": 4, "二": 2, "两": 2, "三": 3}
    signs = []
    for match in found:
        many = (match["many"] or "").lower()
        count = counts.get(many, counts.get(many[:1], 1))
        signs.append(Sign(match.start(), match.end(), "section", [(match["bare"], "")] * count, match["bare"]))
    return signs if sum(sign.items[0][0] == "A" for sign in signs) > 1 or len(signs[0].items) > 1 else []


def _relations(text: str) -> list[Sign]:
    signs = []
    for match in _EACH.finditer(text):
        names = match.groupdict()
        of = names["of"] or names["zof"] or names["ofs"] or names["ofn"] or ""
        told = "after" if match["after"] else "then"
        count = int(read_number(names["n"] or "2") or 2)
        signs.append(Sign(match.start(), match.end(), told, name=KINDS.get(of.lower(), ""), times=count))
    for pattern, what in (
        (_BETWEEN, "between"), (_BEFORE, "before"), (_ENDS, "ends"), (_FRONT, "front"), (_ALTERNATE, "alternate")
    ):  # fmt: skip
        for match in pattern.finditer(text):
            middle = bool(match.groupdict().get("middle"))
            signs.append(Sign(match.start(), match.end(), what, whole=middle or what == "between"))
    for match in _ROUNDS.finditer(text):
        times = 2 if match["re"] else int(read_number(match["n"] or match["z"]) or 2)
        signs.append(Sign(match.start(), match.end(), "rounds", times=times))
    for match in _NTH.finditer(text):
        said = (match["en"] or match["zh"]).lower()
        places = [_ORDINALS[word] for word in re.findall(rf"\b(?:{_ORD})\b", said)]
        places += [int(read_number(char) or 1) for char in re.findall("[一二三四]", said)]
        kind = "chorus" if "chorus" in said or match["zof"] == "副歌" else "verse"
        named = re.search("verse|chorus|歌", said)
        signs.append(Sign(match.start(), match.end(), "nth", name=kind if named else "", places=tuple(places)))
    return signs


def _repeats(text: str) -> list[Sign]:
    signs = []
    for match in _REPEAT.finditer(text):
        said = (match["times"] or "").lower()
        before, after = text[: match.start()], text[match.end() :]
        if said.endswith("段") and re.search(r"[A-H]'?$", before):
            continue  # "A、B、A三段"
        digits = re.search(r"[2-4]", said)
        han = re.match(r"[一二两三四]", said)
        times = (
            int(digits[0])
            if digits
            else int(read_number(han[0]) or 2)
            if han
            else _TIMES.get(said.split()[0] if said else "", 2)
        )
        verb = match["verb"] or match["again"] or match["through"] or match["ofeach"] or ""
        once_more = re.search(r"[再重反循轮]|^\s*[a-z]", verb) and not verb.endswith("各")
        alone = re.search(r"[,，—]\s*$", before) and re.match(r"\s*(?:$|[.。;；,，])", after)
        if said.startswith("once") and not verb and not alone:
            continue  # "and A once more"
        if times > 1 or once_more or match["again"]:
            each = "each" if re.match(r"\s*(?:各|each|both)", verb) else ""
            whole = bool(verb) or bool(alone and not re.match(r"[x×*]", said))
            start = len(before) + len(match[0]) - len(match[0].lstrip())
            signs.append(Sign(start, match.end(), "repeat", times=max(times, 2), whole=whole, name=each))
    return signs


def _bars(match: re.Match[str]) -> str:
    written = (
        match["size"]
        or match["zsize"]
        or match["bars"]
        or match["bars2"]
        or match["lbars"]
        or match["lbars6"]
        or match["ofbars"]
    )
    value = read_number(written) if written else None
    return f"{value:g}" if value else ""
