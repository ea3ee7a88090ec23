"""Musical facts that have a fixed shape in a text: keys, tempi, metres, lengths, forms, chords.

Each finder claims the stretch of text that it understood, so that later readers leave it alone.
A fact that can't be (a tempo of 900, a key with nine sharps) raises InputError: it was said
plainly, and guessing another would be worse.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from yuefu.text.chord_chart import parse_chords
from yuefu.text.claims import MAX_SECONDS, MIN_SECONDS, Claim, check_bars, check_seconds
from yuefu.text.form_letters import find_letters, find_named_forms
from yuefu.text.form_words import find_told_forms
from yuefu.text.numerals import CHINESE_NUMBER, ENGLISH_NUMBER, read_number
from yuefu.text.tempo_words import find_paces, find_tempi
from yuefu.text.terms import index
from yuefu.theory.key import Key
from yuefu.theory.meter import METERS, parse_meter

_SIGN = r"(?:#|♯|b(?=maj|min|[^a-z]|$)|♭|[\s-]?sharp\b|[\s-]?flat\b)"
_KEY_PATTERNS = (
    # G minor, F# major, b-flat minor: an upper-case letter, or "in"/"key of" before it
    re.compile(rf"(?P<lead>\b(?:in|key\s*of|key\s*[:=])\s*(?:the\s+key\s+of\s+)?)?\b(?P<key>(?P<letter>[A-Ga-g])"
               rf"\s?{_SIGN}?[\s-]*(?:major|minor|maj|min)\b)(?!\s+(?:key|mode))", re.I),
    re.compile(r"\b(?:in|key\s*of|key\s*[:=])\s*(?:the\s+key\s+of\s+)?(?P<key>[A-G](?:#|♯|b|♭)?m)(?![a-z])"),
    re.compile(rf"\b(?i:key\s*of|key\s*[:=])\s*(?P<key>[A-Ga-g]{_SIGN}?)(?=$|[\s,.;，。!])"
               r"(?!\s+(?:major|minor|maj|min)\b)"),
    re.compile(r"\b[Ii]n\s+(?P<key>[A-G](?:#|♯|b|♭|-sharp|-flat| sharp| flat)?)"
               r"(?=\s*(?:$|[,.;，。!:)]|(?:at|with|for|please|and|but|featuring"
               r"|using|throughout|around|[0-9])\b|\d))"),
    re.compile(r"(?:^|[,，;；。.(]\s*)(?P<key>[A-G](?:#|♯|b|♭|[- ](?:sharp|flat)))(?=\s*(?:$|[,，。;；)]))"),
    re.compile(r"(?:^|[,，;；。.(]\s*)(?P<key>[A-G](?:#|♯|b|♭)?m)(?=\s*(?:$|[,，。;；)]))"),
    re.compile(r"1\s*=\s*(?P<key>[#b♯♭升降]?[A-Ga-g][#b♯♭]?)(?![a-z])"),
    re.compile(r"(?P<key>[升降]?[A-Ga-g][#b♯♭]?\s*(?:大调|小调))"),
    re.compile(r"(?<![A-Za-z])(?P<key>[升降#b♯♭]?[A-G][#b♯♭]?)\s*调(?!式)"),
    re.compile(r"(?<![A-Za-z])(?P<key>[A-G][#b♯♭]?m)\s*调"),
    re.compile(r"(?P<key>[#b♯♭][A-G]\s*(?:大调|小调))"),
)  # fmt: skip


#: A tonic with a church mode or a kind of minor: written in the major or minor with the same third.
_MODAL_KEY = re.compile(
    rf"(?P<lead>\b(?i:in|of)\s+)?\b(?P<tonic>[A-G](?i:{_SIGN})?)[\s-]*"
    r"(?i:(?P<minor>dorian|phrygian|aeolian|locrian|(?:harmonic|melodic|natural)\s+minor)|ionian|lydian|mixolydian)\b"
)


def _keys(text: str) -> list[Claim]:
    claims = _related_keys(text)
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
            if (
                groups.get("letter") == "a" or (groups.get("letter") == "A" and not groups.get("lead"))
            ) and not _music_follows(text[match.end() :]):
                continue  # "A minor setback"
            name = _plain_name(groups["key"])
            key = Key.parse(name)
            claims.append(Claim(match.start(), match.end(), "key", key.name))
    return claims


#: A key told by another: "the relative minor of C", C大调的关系小调.
_RELATED = (
    re.compile(
        r"\b(?P<how>relative|parallel)\s+(?P<to>minor|major)\s+(?:key\s+)?(?:of|to)\s+"
        rf"(?P<key>[A-G](?i:{_SIGN})?(?:\s*(?i:major|minor))?)(?![a-z])"
    ),
    re.compile(
        rf"\b(?P<key>[A-G](?i:{_SIGN})?(?:\s*(?i:major|minor))?)(?:'s)?\s+(?P<how>relative"
        rf"|parallel)\s+(?P<to>minor|major)\b"
    ),
    re.compile(
        r"(?P<key>[升降#b♯♭]?[A-Ga-g][#b♯♭]?\s*(?:大调|小调)?)的?(?P<how>关系|平行|同名|同主音)(?P<to>大调|小调)"
    ),
)
_BEFORE_STYLE = re.compile(r"\b(?P<key>[A-G](?:#|♯|b|♭|[ -](?:sharp|flat)))\s+(?P<word>[a-z-]+)\b")
_GONG = {"宫": "major", "徵": "major", "征": "major", "商": "minor", "角": "minor", "羽": "minor"}
_ZH_MODES = dict.fromkeys(("多利亚", "弗里吉亚", "爱奥利亚", "洛克里亚", "和声小调", "旋律小调", "自然小调"), "minor")
_ZH_MODES |= dict.fromkeys(("混合利底亚", "伊奥尼亚", "利底亚"), "major")
#: A tonic with a pentatonic or church mode: A羽调式, D多利亚.
_ZH_MODAL = re.compile(
    rf"(?P<tonic>[升降#b♯♭]?[A-Ga-g][#b♯♭]?)\s*(?:(?P<gong>[宫商角徵征羽])(?:调式?)?"
    rf"|(?P<mode>{'|'.join(_ZH_MODES)})(?:调式)?)"
)


def _related_keys(text: str) -> list[Claim]:
    claims = []
    for pattern in _RELATED:
        for match in pattern.finditer(text):
            key = Key.parse(_plain_name(match["key"].strip()))
            minor = match["to"] in ("minor", "小调")
            fifths = key.fifths
            if match["how"] in ("parallel", "同名", "同主音") and minor != (key.mode == "minor"):
                fifths += -3 if minor else 3
            if -7 <= fifths <= 7:
                claims.append(Claim(match.start(), match.end(), "key", Key(fifths, "minor" if minor else "major").name))
    for match in _BEFORE_STYLE.finditer(text):  # "Bb blues", but a B-flat clarinet is only an instrument
        if any(sense.kind == "style" for sense in index().get(match["word"].lower(), ())):
            key = Key.parse(_plain_name(match["key"]))
            claims.append(Claim(match.start("key"), match.end("key"), "key", key.name))
    for match in _ZH_MODAL.finditer(text):
        mode = _GONG[match["gong"]] if match["gong"] else _ZH_MODES[match["mode"]]
        claims.append(Claim(match.start(), match.end(), "key", Key.parse(f"{_plain_name(match['tonic'])} {mode}").name))
    return claims


def _music_follows(after: str) -> bool:
    if _AFTER_A.match(after):
        return True
    word = re.match(r"\s*([a-z-]+)", after, re.I)
    known = index().get(word[1].lower(), ()) if word else ()
    return bool(word and word[1].lower() in ("piece", "song", "tune", "melody")) or any(
        sense.kind in ("style", "instrument", "ensemble", "pace", "tempo", "meter") for sense in known
    )


def _plain_name(name: str) -> str:
    """A key's name as ``Key.parse`` takes it: signs in ASCII, a sign before the letter in Chinese."""
    name = name.replace("♯", "#").replace("♭", "b")
    if name[0] in "#b" and len(name) > 1 and name[1] in "ABCDEFGabcdefg":
        name = {"#": "升", "b": "降"}[name[0]] + name[1:]
    if name[0] in "升降" and len(name) == 2:
        name = name[1].upper() + {"升": "#", "降": "b"}[name[0]]
    return re.sub(r"[\s-]*(sharp|flat)", lambda m: {"sharp": "#", "flat": "b"}[m[1].lower()], name, flags=re.I)


#: What "A minor" may stand before; before another noun it is "a minor setback".
_AFTER_A = re.compile(
    r"\s*(?:$|[,.;:!?)，。；]|[^a-z\s]|(?:at|for|in|with|on|and|but|or|please|key|scale|using|to|by|from)\b)", re.I
)


_MODES = (
    re.compile(
        r"\b(?P<minor>minor)[\s-]+(?:tonality|chords?|scale|ballad|waltz|piece"
        r"|feel|tune|melody|harmon\w+|sound|mood|vibe|colou?rs?)\b",
        re.I,
    ),
    re.compile(
        r"\b(?P<major>major)[\s-]+(?:tonality|chords|scale|ballad|waltz|piece|feel|tune|melody|harmon\w+)\b", re.I
    ),
    re.compile(
        r"\b(?:keep|make|write|set|stay|play|have)\s+(?:it|this|everything"
        r"|things)?\s*(?:all\s+)?(?:in\s+)?(?:(?P<minor>minor)|(?P<major>major))"
        r"(?=\s*(?:$|[,.;!]))",
        re.I,
    ),
    re.compile(r"(?:^|[,;.]\s*)(?:(?P<minor>minor)|(?P<major>major))(?=\s*(?:$|[,;.]))", re.I),
    re.compile(r"(?:^|[\s,，。；、的以是在为首]|(?<!不)[要用]|自然|和声|旋律)(?P<minor>小调)(?![式皮整料戏])"),
    re.compile(r"(?:^|[\s,，。；、的以是在为首]|(?<!不)[要用]|自然)(?P<major>大调)(?![式查整动研])"),
)


def _modes(text: str) -> list[Claim]:
    return [
        Claim(match.start(name), match.end(name), "mode", name)
        for pattern in _MODES
        for match in pattern.finditer(text)
        for name, said in match.groupdict().items()
        if said
    ]


_FRACTION = re.compile(
    r"(?P<lead>\b(?:in|time signature(?: of)?|met(?:re|er)(?: of)?)\s*[:=]?\s*)?"
    r"(?<![\d/.])(?P<meter>\d{1,2}\s?/\s?\d{1,2})(?![\d/])"
    r"(?P<tail>\s*(?:time\b|met(?:re|er)\b|拍子?|节拍))?", re.I,
)  # fmt: skip
_ZH_METER = re.compile(
    r"(?P<meter>(?:[二四八]\s*分之\s*(?:十二|[二两三四五六七八九]))|(?:[二四八](?:十二"
    r"|[二三四五六七八九]))|(?:[二三四五六七八九][二四八]))拍子?"
)


#: "A waltz in three", at the end of a clause.
_IN_THREE = re.compile(r"\b(?:counted\s+)?in\s+(?:a\s+(?:quick|slow|gentle)\s+)?(?:three|3)(?=\s*(?:$|[,.;!?)]))", re.I)


def _meters(text: str) -> list[Claim]:
    claims = [Claim(match.start(), match.end(), "meter", "3/4") for match in _IN_THREE.finditer(text)]
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
    rf"(?<![\w.])({ENGLISH_NUMBER})[\s-]*(?:bars?|measures?)\b"
    r"(?![\s-]*(?:blues|form|intro|verse|chorus|bridge|outro|section|phrases?)\b"
    r"|\s+(?:downtown|down|on|in\s+town|of\s+(?:soap|gold|chocolate|signal|silver)|across|near|around)\b)"
    rf"|({CHINESE_NUMBER})\s*个?小节|\b(?:bars|measures)\s*[:=]\s*(\d+)|小节数?\s*[:：为是=]\s*({CHINESE_NUMBER})",
    re.I,
)  # fmt: skip


def _bars(text: str) -> list[Claim]:
    claims = []
    for match in _BARS.finditer(text):
        value = read_number(next(part for part in match.groups() if part))
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


_DONE_FOR = re.compile(
    r"\b(?:waited|waiting|wait|walked|walking|drove|driving|slept|sat|stood|talked|spent|took|takes|stayed|cried|laughed"
    r"|kissed|danced|swam|queued|late|missed\s+it\s+by)\s+(?:for\s+|about\s+|almost\s+|by\s+|only\s+)*$", re.I
)  # fmt: skip
_SCENE_BEFORE = re.compile(r"\b(?:in|after|within|for|every|another)\s+$", re.I)
_ACTOR = re.compile(
    r"\s*,?\s*(?:we|i|you|he|she|it|they|the|my|our|everyone|nobody|everything|i'[a-z]+|we'[a-z]+)\b", re.I
)


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
            if _DONE_FOR.search(text[: match.start()]):
                continue  # "she waited ten minutes"
            if _SCENE_BEFORE.search(text[: match.start()]) and _ACTOR.match(text[match.end() :]):
                continue  # "in five minutes we leave"
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


def _says_more(text: str, other: Claim, claim: Claim, *, later: bool) -> bool:
    """Whether another reading of the same stretch tells the form better: more sections, but none told twice."""
    if other.start >= claim.end or claim.start >= other.end:
        return False
    if _goes_on_about(text, claim, other):
        return True
    more = len(other.value) > len(claim.value) and not _goes_on_about(text, other, claim)
    return more and not (later and other.start > claim.start + 20)


def _goes_on_about(text: str, long: Claim, short: Claim) -> bool:
    """Whether a reading only speaks of a section once more: "A-A-B-A, and the B in minor"."""
    size = len(short.value)
    parted = re.match(r"\s*[,，;；.。]", text[short.end :]) and not re.search(
        r"[,，;；]", text[short.start : short.end]
    )
    again = 3 < size < len(long.value) and long.value[:size] == short.value
    return bool(parted and again and all(not item.kind for item in long.value))


def _forms(text: str) -> list[Claim]:
    claims = find_letters(text)
    claims += find_told_forms(text)
    claims = [
        claim
        for place, claim in enumerate(claims)
        if not any(_says_more(text, other, claim, later=place < at) for at, other in enumerate(claims) if at != place)
    ]
    named = find_named_forms(text)
    # "verse-chorus form" has a name; a form that is told ("a rondo: A B A C A") says more than one
    kept = [c for c in claims if not any(n.start - 3 <= c.start and n.start < c.end < n.end for n in named)]
    return kept or named


def find_facts(text: str) -> list[Claim]:
    """Every fact in a text, non-overlapping; where two overlap the kind that is surer wins."""
    claims: list[Claim] = []
    for finder in (find_tempi, find_paces, _chords, _forms, _keys, _meters, _bars, _durations, _modes):
        for claim in sorted(finder(text), key=lambda c: (c.start, -c.end)):
            if all(claim.end <= other.start or claim.start >= other.end for other in claims):
                claims.append(claim)
    return sorted(claims, key=lambda c: c.start)
