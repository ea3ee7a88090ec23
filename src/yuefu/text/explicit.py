"""Musical facts that have a fixed shape in a text: keys, tempi, metres, lengths, forms, chords.

Each finder claims the stretch of text that it understood, so that later readers leave it alone.
A fact that can't be (a tempo of 900, a key with nine sharps) raises InputError: it was said
plainly, and guessing another would be worse.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yuefu.errors import InputError, LimitError
from yuefu.text.chord_chart import parse_chords
from yuefu.text.form import KINDS, MAX_BARS, NAMED_FORMS, parse_form
from yuefu.text.numerals import CHINESE_NUMBER, ENGLISH_NUMBER, read_number
from yuefu.theory.key import Key
from yuefu.theory.meter import METERS, parse_meter

MIN_TEMPO, MAX_TEMPO = 20, 300
MIN_SECONDS, MAX_SECONDS = 2, 1800


@dataclass(frozen=True, slots=True)
class Claim:
    """A fact read from ``text[start:end]``. field: the brief's field; value: in the brief's units."""

    start: int
    end: int
    field: str
    value: Any


def check_tempo(value: float) -> float:
    """The tempo (quarters a minute) if it is between 20 and 300, else InputError."""
    if not MIN_TEMPO <= value <= MAX_TEMPO:
        raise InputError(f"a tempo of {value:g} was asked for: use {MIN_TEMPO} to {MAX_TEMPO} beats a minute.")
    return value


def check_bars(value: float) -> int:
    """The bar count if it is between 1 and 512, else LimitError."""
    if not 1 <= value <= MAX_BARS or value != int(value):
        raise LimitError(f"{value:g} bars were asked for: use 1 to {MAX_BARS} whole bars.")
    return int(value)


def check_seconds(value: float) -> float:
    """The duration in seconds if it is between 2 seconds and 30 minutes, else LimitError."""
    if not MIN_SECONDS <= value <= MAX_SECONDS:
        raise LimitError(
            f"a length of {value:g} seconds was asked for: use {MIN_SECONDS} seconds to {MAX_SECONDS // 60} minutes."
        )
    return float(value)


_NUM = r"(\d+(?:\.\d+)?)(?:\s*(?:-|–|~|到|to)\s*(\d+(?:\.\d+)?))?"
_TEMPO = (
    re.compile(
        rf"(?:(?:at|around|about|大约|约)\s*)?{_NUM}\s*(?:bpm\b|beats\s+(?:per|a)\s+minute|拍每分钟|拍/分钟?)", re.I
    ),
    re.compile(rf"\bbpm\s*[:：=]?\s*(?:of\s+|is\s+|大?约?[为是]\s*)?{_NUM}", re.I),
    re.compile(rf"\btempo\s*(?:of|is|at|around|about|[:：=])?\s*{_NUM}(?!\s*/)", re.I),
    re.compile(rf"(?:♩|\bquarter(?:\s+note)?|\bcrotchet)\s*=\s*{_NUM}", re.I),
    re.compile(rf"每分钟\s*{_NUM}\s*拍"),
    re.compile(rf"一分钟\s*{_NUM}\s*拍"),
    re.compile(rf"(?:速度|节拍|拍速)\s*(?:大?约?[为是在]|大?约|[:：=])?\s*{_NUM}(?!\s*[/分])"),
)
_TEMPO_ZH = re.compile(rf"[每一]分钟\s*({CHINESE_NUMBER})\s*拍")


def _tempi(text: str) -> list[Claim]:
    claims = []
    for pattern in _TEMPO:
        for match in pattern.finditer(text):
            values = [float(part) for part in match.groups() if part]
            claims.append(Claim(match.start(), match.end(), "tempo", check_tempo(sum(values) / len(values))))
    for match in _TEMPO_ZH.finditer(text):
        if (value := read_number(match[1])) is not None:
            claims.append(Claim(match.start(), match.end(), "tempo", check_tempo(value)))
    return claims


_SIGN = r"(?:#|♯|b(?![a-z])|♭|[\s-]?sharp\b|[\s-]?flat\b)"
_KEY_PATTERNS = (
    # G minor, F# major, b-flat minor: an upper-case letter, or "in"/"key of" before it
    re.compile(rf"(?P<lead>\b(?:in|key\s*of|key\s*[:=])\s*(?:the\s+key\s+of\s+)?)?\b(?P<key>(?P<letter>[A-Ga-g])"
               rf"\s?{_SIGN}?[\s-]*(?:major|minor|maj|min)\b)(?!\s+(?:key|mode))", re.I),
    re.compile(r"\b(?:in|key\s*of|key\s*[:=])\s*(?:the\s+key\s+of\s+)?(?P<key>[A-G](?:#|♯|b|♭)?m)(?![a-z])"),
    re.compile(rf"\b(?:key\s*of|key\s*[:=])\s*(?P<key>[A-Ga-g]{_SIGN}?)(?=$|[\s,.;，。!])"
               r"(?!\s+(?:major|minor|maj|min)\b)"),
    re.compile(r"\b[Ii]n\s+(?P<key>[A-G](?:#|♯|b|♭|-sharp|-flat| sharp| flat)?)(?=\s*(?:$|[,.;，。!]|at\b|with\b))"),
    re.compile(r"1\s*=\s*(?P<key>[#b♯♭升降]?[A-Ga-g][#b♯♭]?)(?![a-z])"),
    re.compile(r"(?P<key>[升降]?[A-Ga-g][#b♯♭]?\s*(?:大调|小调))"),
    re.compile(r"(?P<key>[升降]?[A-G][#b♯♭]?)\s*调(?!式)"),
    re.compile(r"(?P<key>[#b♯♭][A-G]\s*(?:大调|小调))"),
)  # fmt: skip


#: A tonic with a church mode or a kind of minor: written in the major or minor with the same third.
_MODAL_KEY = re.compile(
    rf"(?P<lead>\b(?i:in|of)\s+)?\b(?P<tonic>[A-G](?i:{_SIGN})?)[\s-]*"
    r"(?i:(?P<minor>dorian|phrygian|aeolian|locrian|(?:harmonic|melodic|natural)\s+minor)|ionian|lydian|mixolydian)\b"
)


def _keys(text: str) -> list[Claim]:
    claims = []
    for match in _MODAL_KEY.finditer(text):
        if match["tonic"] == "A" and not match["lead"]:
            continue  # "A Dorian tune"
        tonic = re.sub(
            r"[\s-]*(sharp|flat)", lambda m: {"sharp": "#", "flat": "b"}[m[1].lower()], match["tonic"], flags=re.I
        )
        key = Key.parse(f"{tonic} {'minor' if match['minor'] else 'major'}")
        claims.append(Claim(match.start(), match.end(), "key", key.name))
    for pattern in _KEY_PATTERNS:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            if groups.get("letter") == "a" and not groups.get("lead"):
                continue  # "a minor setback"
            name = groups["key"].replace("♯", "#").replace("♭", "b")
            if name[0] in "#b" and len(name) > 1 and name[1] in "ABCDEFGabcdefg":
                name = {"#": "升", "b": "降"}[name[0]] + name[1:]
            name = re.sub(r"[\s-]*(sharp|flat)", lambda m: {"sharp": "#", "flat": "b"}[m[1].lower()], name, flags=re.I)
            key = Key.parse(name)
            claims.append(Claim(match.start(), match.end(), "key", key.name))
    return claims


_MODES = (
    re.compile(
        r"\b(?P<minor>minor)[\s-]+(?:tonality|chords?|scale|ballad|waltz|piece|feel|tune|melody|harmon\w+)\b", re.I
    ),
    re.compile(
        r"\b(?P<major>major)[\s-]+(?:tonality|chords|scale|ballad|waltz|piece|feel|tune|melody|harmon\w+)\b", re.I
    ),
    re.compile(r"(?:^|[\s,，。；、的用以是在为首]|自然|和声|旋律)(?P<minor>小调)(?!式)"),
    re.compile(r"(?:^|[\s,，。；、的用以是在为首]|自然)(?P<major>大调)(?!式)"),
)


def _modes(text: str) -> list[Claim]:
    return [
        Claim(match.start(name), match.end(name), "mode", name)
        for pattern in _MODES
        for match in pattern.finditer(text)
        for name in match.groupdict()
    ]


_FRACTION = re.compile(
    r"(?P<lead>\b(?:in|time signature(?: of)?|met(?:re|er)(?: of)?)\s*[:=]?\s*)?"
    r"(?<![\d/.])(?P<meter>\d{1,2}\s?/\s?\d{1,2})(?![\d/])"
    r"(?P<tail>\s*(?:time\b|met(?:re|er)\b|拍子?|节拍))?", re.I,
)  # fmt: skip
_ZH_METER = re.compile(
    r"(?P<meter>(?:[二四八]\s*分之\s*(?:十二|[二两三四五六七八九]))|(?:[二三四五六七八九][二四八]))拍子?"
)


def _meters(text: str) -> list[Claim]:
    claims = []
    for match in _FRACTION.finditer(text):
        meter = match["meter"].replace(" ", "")
        if meter in METERS or match["tail"] or match["lead"]:
            top, bottom = parse_meter(meter)
            claims.append(Claim(match.start(), match.end(), "meter", f"{top}/{bottom}"))
    for match in _ZH_METER.finditer(text):
        top, bottom = parse_meter(match["meter"] + "拍")
        claims.append(Claim(match.start(), match.end(), "meter", f"{top}/{bottom}"))
    return claims


_BARS = re.compile(
    rf"(?<![\w.])({ENGLISH_NUMBER})[\s-]*(?:bars?|measures?)\b(?![\s-]*(?:blues|form|intro|loop))"
    rf"|({CHINESE_NUMBER})\s*个?小节", re.I,
)  # fmt: skip


def _bars(text: str) -> list[Claim]:
    claims = []
    for match in _BARS.finditer(text):
        value = read_number(match[1] or match[2])
        if value is not None:
            claims.append(Claim(match.start(), match.end(), "bars", check_bars(value)))
    return claims


_E, _Z = ENGLISH_NUMBER, CHINESE_NUMBER
_LENGTHS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], float | None]], ...] = (
    (re.compile(rf"(?<![\w.])({_E})\s+minutes?\s+and\s+a\s+half\b|\b({_E})\s+and\s+a\s+half\s+minutes?\b", re.I),
     lambda m: _sum((m[1] or m[2], 60), ("0.5", 60))),
    (re.compile(r"\bhalf\s+a\s+minute\b|\bhalf-minute\b|半分钟", re.I), lambda m: 30.0),
    (re.compile(rf"(?<![\w.])({_E})[\s-]*(?:minutes?|mins?)[\s,]*(?:and\s+)?({_E})[\s-]*(?:seconds?|secs?)\b", re.I),
     lambda m: _sum((m[1], 60), (m[2], 1))),
    (re.compile(rf"(?<![\w.])({_E})[\s-]*(?:minutes?|mins?)(?![a-z])", re.I), lambda m: _sum((m[1], 60))),
    (re.compile(rf"(?<![\w.])({_E})[\s-]*(?:seconds?|secs?)(?![a-z])", re.I), lambda m: _sum((m[1], 1))),
    (re.compile(r"(?<![\d:.])(\d{1,2}):([0-5]\d)(?![\d:])(?=\s*(?:long|in length|minutes|分钟|长|$|[,.，。]))", re.I),
     lambda m: _sum((m[1], 60), (m[2], 1))),
    (re.compile(rf"({_Z})分半(?:钟)?"), lambda m: _sum((m[1], 60), ("0.5", 60))),
    (re.compile(rf"({_Z})\s*分钟?\s*({_Z})\s*秒钟?"), lambda m: _sum((m[1], 60), (m[2], 1))),
    (re.compile(rf"(?<!每)({_Z})\s*分钟"), lambda m: _sum((m[1], 60))),
    (re.compile(rf"({_Z})\s*秒钟?"), lambda m: _sum((m[1], 1))),
)  # fmt: skip


def _sum(*parts: tuple[str, float]) -> float | None:
    total = 0.0
    for text, unit in parts:
        value = read_number(text)
        if value is None:
            return None
        total += value * unit
    return total


#: What makes a length of time the piece's: words before and after it.
_LENGTH_BEFORE = re.compile(
    r"(?:\blength|\blasts?|\blasting|\bruns?|\brunning|\bduration|\bmake it|\bkeep it|\bgive me"
    r"|时长|长度|长约|全长|总长|[为写做来要]一?[首段个支]?)"
    r"[\s:：]*(?:of|is|at|for|to|about|around|roughly|大?约|[为是在])?\s*$", re.I
)  # fmt: skip
_LENGTH_AFTER = re.compile(
    r"[\s-]*(?:long\b|in length"
    r"|(?:[a-z-]+\s+){0,3}(?:piece|song|track|tune|loop|version|cue|score|composition|music|jingle|intro)\b"
    r"|(?:左右|上下)?的?(?:[^\s，。,;；]{0,8})(?:曲|歌|音乐|配乐|旋律|长|纯音乐|片头|铃声))", re.I
)  # fmt: skip
#: What makes it a part of the scene instead ("ten seconds to midnight", 十分钟后).
_SCENE_AFTER = re.compile(
    r"\s*(?:to|before|after|later|ago|late|early|past|until|till|from|away|left|apart|earlier"
    r"|of silence|remaining|flat)\b"
    r"|\s*(?:[之以]?[前后]|后来|过去|没|就|才|的?(?:路|车程|路程|沉默|等待)|内|里)", re.I
)  # fmt: skip


def _is_the_piece_s(text: str, start: int, end: int) -> bool:
    """Whether a length of time is plainly the piece's: its words say so, or it stands alone between marks."""
    alone = re.search(r"(?:^|[,，。;；、.(（])\s*(?:about|around|roughly|大?约)?\s*$", text[:start])
    alone = alone and re.match(r"\s*(?:左右|上下)?(?:$|[,，。;；、.)）])", text[end:])
    return bool(_LENGTH_BEFORE.search(text[:start]) or _LENGTH_AFTER.match(text[end:]) or alone)


def _durations(text: str) -> list[Claim]:
    """Lengths of the piece. One that can't be met is refused when it is plainly the piece's, else it is left alone."""
    claims = []
    for pattern, seconds in _LENGTHS:
        for match in pattern.finditer(text):
            value = seconds(match)
            if value is None:
                continue
            plain = _is_the_piece_s(text, match.start(), match.end())
            if plain or (MIN_SECONDS <= value <= MAX_SECONDS and not _SCENE_AFTER.match(text[match.end() :])):
                claims.append(Claim(match.start(), match.end(), "duration", check_seconds(value)))
    return claims


_CHORD = r"[A-G](?:#|b|♯|♭)?(?:maj|min|m|M|dim|aug|sus|add)?[0-9]{0,2}(?:sus[24]|b5|add9)?(?:/[A-G][#b]?)?(?![a-zA-Z])"
_CHORDS = re.compile(
    rf"(?:\bchords?|\bchord progression|\bprogression|\bchanges|和弦(?:进行|走向)?)\s*"
    rf"(?:is|are|of|[:：]|为|是|用|走)?\s*"
    rf"(?P<chart>\|?\s*{_CHORD}(?:[\s,|–→，、-]+{_CHORD}){{1,63}})"
)
#: "用C G Am F这几个和弦": the word after the chords.
_CHORDS_ZH = re.compile(rf"(?P<chart>{_CHORD}(?:[\s,|–→，、-]+{_CHORD}){{1,63}})\s*[这四三两几个]{{0,3}}和弦")


def _chords(text: str) -> list[Claim]:
    claims = []
    for match in (*_CHORDS.finditer(text), *_CHORDS_ZH.finditer(text)):
        claims.append(Claim(match.start(), match.end(), "chords", parse_chords(match["chart"].replace("-", " - "))))
    return claims


_KIND = "|".join(
    sorted(
        (
            re.escape(k)
            for k in KINDS
            if k
            not in ("solo", "独奏", "break", "tag", "instrumental", "build", "ending", "hook", "drop", "过渡", "结尾")
        ),
        key=len,
        reverse=True,
    )
)
_ONE = rf"(?:{_KIND})(?:\s?\d(?!\d))?(?:\s*[:：]\s*\d{{1,3}})?"
_FORMS = (
    re.compile(rf"(?P<form>{_ONE}(?:\s*(?:[,，、>→+–-]|->|\band\b|和|,?\s*then|接)?\s*{_ONE})+)", re.I),
    re.compile(r"(?<![A-Za-z'])(?P<form>A'?(?:[A-D]'{0,2}){2,12})(?=\s*(?:form\b|structure\b|曲式|结构|形式|式|$|[\s,.;，。]))"),
    re.compile(r"(?:\bform|\bstructured?|曲式|结构)\s*(?:is|of|as|为|是|[:：])?\s*"
               r"(?P<form>A(?:[\s-]+[A-H]'{0,2}){1,15})(?![A-Za-z])"),
    re.compile(r"(?<![A-Za-z])(?P<form>A(?:[\s-][A-H]'{0,2}){1,15})\s*(?:form\b|structure\b|曲式|结构)"),
    re.compile(r"\b(?P<form>binary|ternary|rondo|strophic|song|verse-chorus|thirty-two-bar|32-bar)"
               r"(?P<tail>\s+form)\b", re.I),
    re.compile(f"(?P<form>{'|'.join(sorted((k for k in NAMED_FORMS if not k.isascii()), key=len, reverse=True))})"),
)  # fmt: skip


def _forms(text: str) -> list[Claim]:
    claims = []
    for pattern in _FORMS:
        for match in pattern.finditer(text):
            written = re.sub(r"\band\b|\bthen\b|和|接", ",", match["form"], flags=re.I)
            if match.groupdict().get("tail") and f"{written.lower()} form" in NAMED_FORMS:
                written = NAMED_FORMS[f"{written.lower()} form"]
            items = parse_form(written)
            if len(items) > 1:
                claims.append(Claim(match.start(), match.end(), "form", items))
    return claims


def find_facts(text: str) -> list[Claim]:
    """Every fact in a text, non-overlapping; where two overlap the kind that is surer wins."""
    claims: list[Claim] = []
    for finder in (_tempi, _chords, _forms, _keys, _meters, _bars, _durations, _modes):
        for claim in sorted(finder(text), key=lambda c: (c.start, -c.end)):
            if all(claim.end <= other.start or claim.start >= other.end for other in claims):
                claims.append(claim)
    return sorted(claims, key=lambda c: c.start)
