"""Tempi in a text: figures and number words, ranges, and tempi told by another piece's.

Three strengths of evidence: a unit ("bpm", 拍每分钟) or a name ("tempo", 速度) beside the number is
plain; a bare number ("at 140", 一百二) counts only where its clause speaks of music.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from yuefu.errors import UnknownNameError
from yuefu.text.claims import MAX_TEMPO, MIN_TEMPO, Claim, check_tempo
from yuefu.text.numerals import CHINESE_NUMBER, ENGLISH_NUMBER, SHORT_HUNDRED, read_number
from yuefu.text.terms import index
from yuefu.theory.styles import STYLES, find_style, style_names

_ABOUT = r"(?:about|around|roughly|approximately|approx\.?|circa|ca\.|c\.|near|nearly|exactly|somewhere|say|~|≈)"
_N = rf"(?:{SHORT_HUNDRED}|{ENGLISH_NUMBER})"
_RANGE = r"\s*(?:-|–|—|~|to|and|or|until)\s*"
#: A number or a range of two, or a stretch of ten ("the mid-120s", "low nineties").
_VALUE = (
    rf"(?:{_ABOUT}\s+|~\s*){{0,3}}(?:(?:in\s+)?(?:the\s+)?(?P<part>low(?:er)?|mid|middle|high|upper)?[\s-]*"
    rf"(?P<decade>\d{{1,2}}0)'?s\b"
    rf"|(?:(?:in\s+)?between\s+|from\s+|anywhere\s+)*(?P<low>{_N})(?:{_RANGE}(?P<high>{_N}))?(?:[\s-]?ish\b"
    rf"|\s*or\s+so\b|\+)?)"
)
_DECADES = {
    word: str(10 * n)
    for n, word in enumerate(
        ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"), 2
    )
}
_UNIT = (
    r"(?:b\.?p\.?m\b\.?"
    r"|(?:beats?|clicks|pulses|quarter[\s-]notes|quarters|crotchets)\s*(?:per|a|to\s+the|each|every|/|in\s+a)"
    r"\s*min(?:ute)?\b|to\s+the\s+minute\b)"
)
_MUSIC_TEMPO = r"(?:tempo|speed|pace|pulse|metronome|click(?:\s+track)?|bpm|m\.m\.|mm|beats\s+per\s+minute)"
_FILL = (
    r"(?:\s*(?:[:：=]|\b(?:of|is|it|at|to|on|set|should|be|sits?|sitting|kept|marking|mark|marked|please|ideally"
    r"|maybe|perhaps|probably|the|range|in|a|click|reads?|goes|runs?|ticking|hovering|hovers)\b))*\s*"
)
_PLAIN = (
    re.compile(
        rf"\b(?:not?|never|nor)\s+(?:slower|less|lower)\s+than\s+(?P<low>{_N})(?:\s*bpm)?\s*(?:,|and|but|or|nor)+\s*"
        rf"(?:also\s+)?(?:not?|never|nor)?\s*(?:faster|more|higher)\s+than\s+(?P<high>{_N})(?:\s*bpm)?",
        re.I,
    ),
    re.compile(rf"\b{_VALUE}[\s-]*(?P<unit>{_UNIT})", re.I),
    re.compile(rf"(?<!\d\s)\bbpm{_FILL}{_VALUE}(?![\d/])", re.I),
)
#: "In the 110s": no decade of years.
_STRETCH = re.compile(r"\b(?:in\s+)?the\s+(?P<part>low(?:er)?|mid|middle|high|upper)?[\s-]*(?P<decade>1\d0)'?s\b", re.I)
_NAMED = (
    re.compile(
        rf"(?<![\w-]){_MUSIC_TEMPO}{_FILL}{_VALUE}(?![\w/]|\s*(?:minutes?|mins?"
        rf"|seconds?|secs?|bars?)\b)",
        re.I,
    ),
    re.compile(rf"\b{_VALUE}[\s-]*(?:beats|clicks)\b(?!\s*(?:per|a|in|to\s+the)\s+(?:bar|measure)|\s+of\b)", re.I),
    re.compile(rf"\b{_VALUE}\s*(?:-\s*)?(?:tempo\b|on\s+the\s+(?:metronome|clock|click)\b)", re.I),
)
#: A bare number after a word that gives a tempo; what may follow it keeps ages, years and amounts away.
_BARE = re.compile(
    rf"(?:@|\b(?:at|around|about|near|like|maybe|(?:an?|the)\s+(?:[a-z-]+\s+){{0,1}}(?:steady"
    rf"|brisk|slow|relaxed|leisurely|quick|fast|easy|driving|lazy"
    rf"|gentle|solid|cool|moderate|laid-back|chilled|chill|cruising|comfortable"
    rf"|galloping|stately|bouncy|pumping))\s)\s*{_VALUE}"
    r"(?=\s*(?:$|[,.;!?)]|(?:and|in|with|for|please|but|or\s+so)\b))(?![,.]\d)", re.I
)  # fmt: skip
#: A number that opens the text: "around 90 please".
_OPENING = re.compile(
    rf"^\s*(?:let's\s+say\s+|let's\s+do\s+|go\s+|make\s+it\s+)?(?={_ABOUT}\s){_VALUE}"
    r"(?=\s*(?:$|[,.;!?]|(?:please|but|and|then|maybe)\b))(?![,.]\d)",
    re.I,
)
#: A number that stands alone between marks ("techno, one-twenty, pounding").
_ALONE = re.compile(rf"(?:^|[,;(])\s*{_VALUE}(?=\s*(?:$|[,.;!)]))", re.I)
#: "120-ish", with nothing else said of the number.
_ISH = re.compile(rf"^\s*(?:maybe\s+)?(?P<low>{_N})[\s-]?ish(?=\s*(?:$|[,.;!]))", re.I)
_NOTE = re.compile(
    r"(?P<dot>\bdotted[\s-]+)?(?P<note>♩|♪|\bquarter(?:[\s-]+note)?|\bcrotchet|\bq|\bhalf(?:[\s-]+note)?|\bminim"
    rf"|\beighth(?:[\s-]+note)?|\bquaver)(?P<dot2>\.)?\s*(?:=|\bequals\b)\s*{_VALUE}", re.I
)  # fmt: skip
_Z_NOTE = re.compile(rf"(?P<dot>附点)?(?P<note>[二两八])分音符\s*(?:=|等于|为|是)\s*(?P<low>{CHINESE_NUMBER})")
_NOTE_LENGTH = {"二": 2.0, "两": 2.0, "八": 0.5, "h": 2.0, "m": 2.0, "e": 0.5, "♪": 0.5}

_Z = rf"(?:{CHINESE_NUMBER})"
_Z_RANGE = rf"\s*(?:到|至|-|–|~|—|或者?|[和与跟](?={_Z}\s*(?:拍|bpm)?\s*之间))\s*"
_Z_VALUE = rf"(?P<low>{_Z})(?:{_Z_RANGE}(?P<high>{_Z}))?\s*(?:来|多|几|出头)?"
_Z_AROUND = r"(?:\s*(?:左右|上下|之间|前后|附近))?"
_Z_FILL = (
    r"(?:大概|大约|应该|应当|应|的?拍数|不要超过|不超过|别超过|不能超过|不高于|不低于|约摸|约|为|是|在|设定|设置|设成|设|定成|定在|定|调整|调成|调|到|打|放|控制"
    r"|保持|差不多|就|用|走|等于|慢|快|降|提|加|升|接近"
    r"|一?个?介于|于|一般|最好|希望|想要|要|开|给|我|每分钟|一分钟|:|：|=|\s)*"
)
_Z_STYLES = "|".join(sorted((n for n in style_names() if not n.isascii()), key=len, reverse=True))
_Z_PLAIN = (
    re.compile(
        rf"(?:不低于|不慢于|不少于|至少)(?P<low>{_Z})\s*(?:拍|bpm)?[，,、也和]*(?:但|且|又)?"
        rf"(?:不高于|不快于|不超过|别超过|最多)(?P<high>{_Z})\s*(?:拍|bpm)?",
        re.I,
    ),
    re.compile(rf"(?:每|一|1)分钟{_Z_FILL}{_Z_VALUE}\s*(?:拍|下|次|个四分音符|(?=$|[，。,;；])){_Z_AROUND}"),
    re.compile(rf"{_Z_VALUE}\s*拍{_Z_AROUND}\s*(?:每|/|一|1)\s*分钟?"),
    re.compile(rf"(?:四分音符|♩)\s*(?:=|等于|为|是)\s*{_Z_VALUE}"),
    re.compile(rf"(?<![a-z\d])(?<!\d\s)bpm{_Z_FILL}{_Z_VALUE}(?![\d/]){_Z_AROUND}", re.I),
    re.compile(rf"{_Z_VALUE}{_Z_AROUND}的?\s*bpm", re.I),
)
_Z_NAMED = (
    re.compile(
        rf"(?:(?:速度|拍速|曲速)\s*[,，]?|节拍器?|节奏|拍子|律动|tempo){_Z_FILL}{_Z_VALUE}(?![\d/小分个种段首次点些直起下定样般边股声秒年天月路])"
        rf"(?:\s*拍(?!子))?{_Z_AROUND}", re.I
    ),
    re.compile(rf"(?<![第节二四八/\d]){_Z_VALUE}\s*拍(?!子|手|照|摄|打|卖|戏|片|掌|拍|岸){_Z_AROUND}"),
    re.compile(rf"{_Z_VALUE}{_Z_AROUND}的?[慢快中]?(?:速度|拍速|曲速|节拍|拍子)"),
    re.compile(
        rf"(?:^|[首个段点支曲，,、\s约概])(?P<low>[一二两]百{_Z}?|{_Z}十{_Z}?|\d{{2,3}})的(?=[^，。,\s]{{0,3}}(?:{_Z_STYLES}|节奏|鼓点|律动|edm|techno|house|trap|lo-?fi|funk|disco|trance|dnb|beat))",
        re.I,
    ),
)  # fmt: skip

_Z_ALONE = re.compile(
    rf"(?:^|[,，;；、])\s*(?:大概|大约|约)?{_Z_VALUE}{_Z_AROUND}(?=\s*(?:就好|就行|就可以|即可|吧|足够|差不多)?了?(?:$|[,，。;；]))"
)

_STYLE = r"(?P<style>[a-z][a-z&' -]{2,24}?)"
_OF_STYLE = rf"(?:an?\s+|the\s+)?{_STYLE}(?=$|[,.;!?]|\s+(?:in|for|with|and)\b)"
_SPEED_OF = rf"(?:the\s+)?(?:speed|tempo|pace)\s+of\s+{_OF_STYLE}"
_RELATIVE = (
    (re.compile(rf"\bhalf\s+(?:{_SPEED_OF})", re.I), 0.5),
    (re.compile(rf"\bhalf\s+as\s+fast\s+as\s+{_OF_STYLE}", re.I), 0.5),
    (re.compile(rf"\b(?:twice|double)\s+(?:{_SPEED_OF})", re.I), 2.0),
    (re.compile(rf"\btwice\s+as\s+fast\s+as\s+{_OF_STYLE}", re.I), 2.0),
    (re.compile(rf"\b{_SPEED_OF}", re.I), 1.0),
    (re.compile(rf"\bat\s+(?:an?\s+)?{_STYLE}\s+(?:tempo|pace|speed)\b", re.I), 1.0),
)
_Z_RELATIVE = re.compile(
    rf"(?P<style>{_Z_STYLES})的?(?:速度|节奏)的?(?P<half>一半)|(?:比|以)?(?P<style2>{_Z_STYLES})(?:慢一半"
    rf"|(?P<double>快一倍))"
    rf"|(?:速度|节奏)(?:要|就)?(?:跟|和|像|与|同)(?P<style5>{_Z_STYLES})(?:一样|差不多|似的|那样|相同)?"
    rf"|(?:跟|和|像|与|同)(?P<style6>{_Z_STYLES})(?:一样|差不多|似的|那样)的?(?:速度|节奏)"
    rf"|(?:用|以|按|照)(?P<style3>{_Z_STYLES})的速度"
    rf"|速度(?:是|为|只有|只要|用)(?:平时|普通|一般|正常|寻常)?的?(?P<style4>{_Z_STYLES})的?(?P<half2>一半)"
)


def find_tempi(text: str) -> list[Claim]:
    """Claims of tempo, the plainest first. A plain one that can't be (900 bpm) raises InputError."""
    text = _figures(text)
    found = [
        *_notes(text),
        *_by_the_second(text),
        *_matches(text, (*_PLAIN, _STRETCH, *_Z_PLAIN), plain=True),
        *_relative(text),
    ]
    found += _matches(text, _NAMED + _Z_NAMED, plain=False)
    bare = list(_matches(text, (_BARE,), plain=False))
    found += (
        claim
        for claim in bare
        if _speaks_of_music(_sentence_up_to(text, claim)) or claim.end - claim.start == len(text.strip())
    )
    alone = list(_matches(text, (_ALONE, _Z_ALONE), plain=False))
    found += (claim for claim in alone if 50 <= claim.value <= 220 and _speaks_of_music(text))
    found += (claim for claim in _matches(text, (_OPENING, _ISH), plain=False) if 40 <= claim.value <= 220)
    return found or list(_by_movement(text))


#: A pace said of the tempo itself: 速度要慢, "the tempo should be quick".
_Z_PACE = re.compile(
    r"(?:速度|节奏|拍子|曲速|节拍|律动|tempo)(?P<how>[^，。,;；、\d一二两三四五六七八九十百快慢缓急]{0,5})(?P<word>飞快"
    r"|轻快|明快|缓慢|舒缓|快|慢|缓|急)"
    r"(?P<after>一点|一些|点儿?|些|板)?|(?P<word2>快|慢)(?P<after2>一点|一些|点儿?|些)?的?(?:速度|节奏|拍子|节拍)"
)
#: A pace that is a clause of its own: 要快, 整体偏慢一点.
_Z_OWN_PACE = re.compile(
    r"(?:^|(?<=[，,、。；;\s]))(?P<how>(?:整体|整首|总体|尽量|可以|要|得|再|稍微|稍|偏|很|比较|特别|非常|有点)+)(?P<word>快|慢)"
    r"(?P<after>一点|一些|点儿?|些)?(?=$|[，,。；;！!、\s])"
)
_EN_PACE = re.compile(
    r"\b(?:tempo|pace|speed)\s+(?:(?:should|must|can|could|to|be|is|stays?"
    r"|stay|needs?|kept|keep|that's|feels?|it)\s+)+"
    r"(?P<how>(?:(?:very|really|rather|quite|fairly|pretty|extremely|a\s+bit"
    r"|a\s+little|slightly|not|too|on\s+the|nice\s+and)\s+)*)"
    r"(?P<word>slow(?:er|ish)?|fast(?:er|ish)?|quick(?:er)?|brisk|lively|relaxed"
    r"|unhurried)(?P<after>\s+side)?\b", re.I
)  # fmt: skip
_SLOW = ("慢", "缓", "缓慢", "舒缓", "slow", "slower", "slowish", "relaxed", "unhurried")


_A_SECOND = re.compile(
    rf"\b(?P<low>{_N})\s+beats?\s+(?:per|a|every|each)\s+second\b|(?:每|一)秒钟?\s*(?P<zlow>{_Z})\s*拍", re.I
)


def _by_the_second(text: str) -> Iterator[Claim]:
    for match in _A_SECOND.finditer(text):
        value = read_number(match["low"] or match["zlow"])
        if value is not None:
            yield Claim(match.start(), match.end(), "tempo", check_tempo(60 * value))


def find_paces(text: str) -> list[Claim]:
    """Claims of a pace, -1.4 (slow) .. 1.4 (fast), that the text says of its tempo."""
    claims = []
    for match in (*_Z_PACE.finditer(text), *_Z_OWN_PACE.finditer(text), *_EN_PACE.finditer(text)):
        groups = match.groupdict()
        how, word = groups["how"] or "", (groups.get("word") or groups.get("word2") or "").lower()
        if groups.get("after") == "板" or re.search(r"适中|中等|中速|中板", how):
            continue
        pace = -1.0 if word in _SLOW else 1.0
        if re.search(r"[很极超]|非常|特别|十分|最|very|really|extremely", how):
            pace *= 1.3
        elif (
            groups.get("after")
            or groups.get("after2")
            or re.search(r"[稍略偏较]|有点|bit|little|slightly|rather|fairly", how)
        ):
            pace *= 0.8
        if re.search(r"不|别|勿|无需|\bnot\b", how):
            pace *= -0.4
        claims.append(Claim(match.start(), match.end(), "pace", pace))
    return claims


def _figures(text: str) -> str:
    """The text with "nineties" as "90s", padded to keep every place."""
    return re.sub("|".join(_DECADES), lambda m: (_DECADES[m[0].lower()] + "s").rjust(len(m[0])), text, flags=re.I)


def _value(match: re.Match[str]) -> float | None:
    groups = match.groupdict()
    if groups.get("decade"):
        part = (groups["part"] or "mid")[:3].lower()
        return float(groups["decade"]) + {"low": 2, "mid": 5, "hig": 8, "upp": 8}[part]
    low = read_number(groups["low"])
    high = read_number(groups["high"]) if groups.get("high") else None
    if low is None:
        return None
    if high is None:
        return low
    if low < high / 4 and groups["high"]:  # "one-ten to twenty": the second leaves out the hundred, or isn't a range
        return None
    return (low + high) / 2


def _matches(text: str, patterns: tuple[re.Pattern[str], ...], *, plain: bool) -> Iterator[Claim]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            if match.groupdict().get("decade") and not plain and pattern not in _NAMED:
                continue  # "at the 90s" is an era
            value = _value(match)
            named = re.search(r"bpm|分钟|速|左右|上下|大[概约]", match[0], re.I)
            as_meter = re.fullmatch(r"[二三四五六七八九两]{2}|[二四八]十二", match.groupdict().get("low") or "")
            if value is None or (as_meter and not named):
                continue  # 四四拍 is a metre
            if plain:
                check_tempo(value)
            elif not 30 <= value <= MAX_TEMPO:
                if match["low"].isdigit() and len(match["low"]) > 2 and pattern in (_NAMED[0], _Z_NAMED[0]):
                    check_tempo(value)
                continue
            start, end = match.span()
            start += len(match[0]) - len(match[0].lstrip(" ,，、;；("))
            yield Claim(start, end, "tempo", value)


def _notes(text: str) -> Iterator[Claim]:
    for match in (*_NOTE.finditer(text), *_Z_NOTE.finditer(text)):
        value = _value(match)
        if value is not None:
            length = _NOTE_LENGTH.get(match["note"][0].lower(), 1.0) * (
                1.5 if match["dot"] or match.groupdict().get("dot2") else 1
            )
            yield Claim(match.start(), match.end(), "tempo", check_tempo(value * length))


def _relative(text: str) -> Iterator[Claim]:
    for pattern, factor in _RELATIVE:
        for match in pattern.finditer(text):
            if (tempo := _usual(match["style"])) is not None:
                yield Claim(match.start(), match.end(), "tempo", _clamped(tempo * factor))
    for match in _Z_RELATIVE.finditer(text):
        tempo = _usual(
            match["style"]
            or match["style2"]
            or match["style3"]
            or match["style4"]
            or match["style5"]
            or match["style6"]
        )
        if tempo is not None:
            factor = (
                0.5
                if match["half"] or match["half2"] or (match["style2"] and not match["double"])
                else 2
                if match["double"]
                else 1
            )
            yield Claim(match.start(), match.end(), "tempo", _clamped(tempo * factor))


#: A pace told by how people move: 跟心跳差不多的速度, "at the pace of a slow walk".
_MOVING = (
    (re.compile(r"(?:走路|步行|行走|徒步)[^，。,;；]{0,6}?(?:速度|节奏|步伐|步调)"), 88.0),
    (re.compile(r"(?:散步|漫步|溜达)[^，。,;；]{0,6}?(?:速度|节奏|步伐|步调)"), 84.0),
    (re.compile(r"心跳[^，。,;；加快]{0,6}?(?:速度|节奏|频率)"), 72.0),
    (re.compile(r"(?:慢跑|跑步)[^，。,;；]{0,6}?(?:速度|节奏|步频)"), 150.0),
    (re.compile(r"\b(?:pace|speed|tempo)\s+of\s+(?:an?\s+|my\s+)?(?:\w+\s+)?(?:walk|stroll)\b", re.I), 88.0),
    (re.compile(r"\b(?:pace|speed|tempo)\s+of\s+(?:an?\s+|my\s+)?(?:\w+\s+)?(?:heartbeat|heart)\b", re.I), 72.0),
    (re.compile(r"\b(?:pace|speed|tempo)\s+of\s+(?:an?\s+|my\s+)?(?:\w+\s+)?(?:jog|run)\b", re.I), 150.0),
)


def _by_movement(text: str) -> Iterator[Claim]:
    for pattern, tempo in _MOVING:
        for match in pattern.finditer(text):
            yield Claim(match.start(), match.end(), "tempo", tempo)


def _usual(style: str) -> float | None:
    try:
        return STYLES[find_style(style).key].tempo[1]
    except UnknownNameError:
        return None


def _clamped(tempo: float) -> float:
    return min(max(tempo, MIN_TEMPO), MAX_TEMPO)


_CLAUSE_END = re.compile(r"[.!?\n]")
_MUSICAL = re.compile(
    r"\b(?:music|songs?|tunes?|piece|track|beats?|groove|loop|melody|riff|jam|instrumental|version|arrangement|number"
    r"|it|tempo|steady|brisk|metronome|rhythm|acoustic|shuffle|band|ballad|style|vibe|in [a-g] (?:major|minor))\b"
    r"|[曲歌乐]|(?<![时车语流光])速|节奏|节拍|(?<![a-z])bpm(?![a-z])"
)


def _sentence_up_to(text: str, claim: Claim) -> str:
    return _CLAUSE_END.split(text[: claim.start])[-1] + " " + text[claim.start : claim.end]


def _speaks_of_music(text: str) -> bool:
    """Whether a text names a style, an instrument or a piece."""
    text = text.lower()
    if _MUSICAL.search(text):
        return True
    known = index()
    words = re.findall(r"[a-z0-9&'-]+", text)
    runs = [" ".join(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words) - n + 1)]
    han = re.findall(r"[\u4e00-\u9fff]+", text)
    runs += [run[i : i + n] for run in han for n in (1, 2, 3, 4) for i in range(len(run) - n + 1)]
    kinds = {sense.kind for run in runs for sense in known.get(run, ())}
    return bool(kinds & {"style", "instrument", "ensemble", "meter", "pace", "tempo"})
