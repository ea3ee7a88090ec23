"""Who plays: instruments wanted, whether they are all, and instruments left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from yuefu.text.numerals import read_number
from yuefu.text.scan import Token
from yuefu.text.terms import index, tables
from yuefu.theory.instruments import INSTRUMENTS

_EXCLUDING_VOICE = re.compile(
    r"\binstrumental\b(?!\s+(?:break|section|bridge|interlude|solo))|\bno (?:singing"
    r"|singers?|lyrics|words|voices?)\b|\bwithout (?:any )?(?:singing|lyrics)\b"
    r"|\b(?:shouldn't|don't|doesn't|not|never)\s+(?:be|have|want|need)?\s*(?:any|any(?:one|body))\s+sing\w*"
    r"|纯音乐|器乐曲|纯器乐|无人声|没有人声|(?:不要|没有|不带|无|别)(?:有|让)?(?:人唱|歌词|演唱|唱歌)"
)  # fmt: skip
_COUNT = re.compile(
    r"(?:^|[^\w])(two|three|four|2|3|4|a pair of|a couple of|twin)\s+(?:\w+\s+)?$"
    r"|(两|三|四|2|3|4)\s*[把支架个只管台]?$",
    re.IGNORECASE,
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "a pair of": 2, "a couple of": 2, "twin": 2, "两": 2, "三": 3, "四": 4}
#: So many of one instrument: "violin duet", 大提琴四重奏.
_ALIKE = re.compile(r"\s*(?:(duet|duo|trio|quartet|quintet)s?\b|([二双三四五])重奏)", re.I)
_ALIKES = {"duet": 2, "duo": 2, "trio": 3, "quartet": 4, "quintet": 5, "二": 2, "双": 2, "三": 3, "四": 4, "五": 5}
#: Wordings that leave out what stands in "out" without a word of negation right before it.
_OUT = (
    re.compile(
        r"\b(?:replac(?:e|ing)|swap(?:ping)?|trad(?:e|ing)|switch(?:ing)?"
        r"|exchang(?:e|ing)|chang(?:e|ing))\s+(?:out\s+)?"
        r"(?P<out>[^,.;!?]{2,40}?)\s+(?:for|with|by|to|into)\b"
    ),
    re.compile(r"\bsubstitut(?:e|ing)\s+[^,.;!?]{2,40}?\s+for\s+(?P<out>[^,.;!?]{2,40})"),
    re.compile(
        r"\bthe\s+(?P<out>[a-z -]{2,24}?)\s+(?:should|must|may|can|is\s+to|stays?|remains?)\s+"
        r"(?:stay|be|remain|keep)?\s*(?:silent|tacet|muted|left\s+out|absent)\b"),
    re.compile(r"\bhold(?:ing)?\s+(?:off|back)\s+(?:on\s+)?(?:the\s+)?(?P<out>[^,.;!?]{2,30})"),
    re.compile(
        r"\b(?:leave|leaving|take|taking|keep|keeping|cut|cutting|strip|mute)\s+(?P<out>[^,.;!?]{2,40}?)\s+(?:out"
        r"|off|away)\b"),
    re.compile(
        r"\b(?:everything|all|anyone|anything|any\s+instruments?|full\s+\w+)\s+(?:but"
        r"|except(?:\s+for)?|besides|minus|apart\s+from)\s+(?P<out>[^,.;!?]{2,40})"),
    re.compile(
        r"\b(?:in\s+place\s+of|in\s+lieu\s+of|sick\s+of|tired\s+of|apart\s+from)\s+(?P<out>[^,.;!?]{2,30}?)"
        r"(?=$|[,.;!?]|\s+(?:use|try|have|give|let|put|play|i|i'd|go|with|we|make)\b)"),
    re.compile(
        r"\b(?:hates?|dislikes?|loathes?|can'?t\s+stand|don'?t\s+like|not\s+a\s+fan\s+of|allergic\s+to)\s+"
        r"(?:the\s+)?(?P<out>[^,.;!?]{2,30}?)(?=$|[,.;!?]|\s+(?:so|and|but|in|please)\b)"),
    re.compile(r"(?:讨厌|不喜欢|受不了|不爱听|听不惯|不想听到?|避开|避免|减去)(?:用|使用)?(?P<out>[^，。,;；的]{1,8})"),
    re.compile(
        r"[把将](?P<out>[^，。,;；]{1,10}?)(?:都|全部?)?(?:换成|换作|换为|改成"
        r"|改为|替换成|替换为|替换|去掉|拿掉|撤掉|删掉|删了|去了|关掉|静音|拿走|踢掉|踢出去?|扔掉)"),
    re.compile(r"(?:代替|替代|取代|替换|换掉|顶替|撤掉|拿掉|删掉|砍掉|减掉)(?:掉|了)?(?P<out>[^，。,;；]{1,10})"),
    re.compile(r"(?:^|[，。,;；\s])(?P<out>[^，。,;；把将]{1,6}?)(?:换成|改成|替换成|替换为)"),
    re.compile(r"(?:^|[，。,;；\s])(?P<out>[^，。,;；\s把将换]{1,5})(?<![替更交变])换(?!掉|成|为|作|了|气|季|个|一|档|位|乘|车)(?=[^，。,;；\s]{1,5}(?:$|[，。,;；\s]))"),
    re.compile(r"除了?(?P<out>[^，。,;；]{1,12}?)(?:之外|以外|外)?[，,]?\s*(?:其他|其它|别的|其余|什么|都|全)(?![^，。]{0,3}[不没别])"),
    re.compile(
        r"(?:^|[，。,;；\s])(?P<out>(?!除)[^，。,;；]{1,14}?)(?:都|全|就|也|一律)*(?:不要了?"
        r"|别要|不用了?|别用|去掉|免了|不需要|不加|别加|别进来?|别出现|不要出现|退出|别响|(?:全程)?(?:别|不要?)(?:出声|响)|静音|歇着|拿掉|删掉|省了|算了)(?=$"
        r"|[，。,;；！!\s])"),
)  # fmt: skip
#: "drumless", "vocal-free".
_LESS = re.compile(r"\b(?P<what>[a-z]+)-?(?:less|free)\b")
_SUNG = re.compile(r"弹唱|清唱|演唱")
_SWAPPED = re.compile(r"\b(?:swap\w*|trad(?:e|ing)|switch\w*|exchang\w+|chang\w+|substitut\w+|instead)\b[^.;!?]*$")
_LINK = re.compile(
    r"\s*(?:,|、|and|&|\+|和|与|跟|及|加上?|配上?|, and|with|/|plus)\s*(?:an?\s+"
    r"|the\s+|two\s+|three\s+|a\s+pair\s+of\s+|一?[把支架台只个])?"
)
_CLOSING = re.compile(
    r"\bonly\s*(?:$|[,.;!])|\bnothing (?:else|more)\b|\band that'?s (?:it"
    r"|all)\b|\bno (?:other|more) instruments?\b|\ball by (?:it|him|her)self\b"
    r"|\b(?:lose|drop|remove|cut|mute|without|ditch)\s+(?:everything\s+else|anything\s+else|all\s+the\s+rest|the\s+rest)\b"
    r"|(?:别|不要?)加(?:别的|其他|其它)|(?:其他|其它|别的|其余)(?:乐器|的)?(?:都|全|一概|统统|一律|通通)*(?:不要|去掉|不用|别要|不需要|删掉|拿掉|免了)"
    r"|(?:就够了?|足矣|就好|就行|就可以|以外都不要|即可|别的都?不要|其他都?不要|不要别的|不要其他|没有别的)", re.I
)  # fmt: skip


@cache
def _only_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    data = tables()["instruments"]

    def either(words: Sequence[str], ascii_only: bool) -> str:
        return "|".join(map(re.escape, sorted((w for w in words if w.isascii() == ascii_only), key=len, reverse=True)))

    return (
        re.compile(
            rf"(?:\b(?:{either(data['only_before'], True)})\s+(?:me\s+and\s+)?(?:an?\s+"
            rf"|the\s+|my\s+|one\s+)?(?:lone\s+|single\s+|solo\s+)?"
            rf"|(?:{either(data['only_before'], False)})(?:一?[把支架台只个]|一)?|(?:就|只|仅)一[把支架台只个根管])$"
        ),
        re.compile(rf"^(?:\s+(?:{either(data['only_after'], True)})\b|(?:{either(data['only_after'], False)}))"),
        re.compile(rf"^\s+(?:{either(data['piece_words'], True)})s?\b"),
        re.compile(r"\b(?:for|written for|scored for)\s+(?:an?\s+|solo\s+|two\s+|three\s+|four\s+)*$"),
    )  # fmt: skip


#: Nothing plays but these: 除了弦乐什么都不要.
_NOTHING_BUT = re.compile(
    r"除了?(?P<in>[^，。,;；]{1,12}?)(?:之外|以外|外)?[，,]?\s*(?:(?:不要|没有|不用|别加|不加|不需要)(?:别的|其他|其它|任何)"
    r"|(?:其他|其它|别的|其余|什么)(?:乐器|的)?(?:都|全|一概|统统)*(?:不要|别要|不用|没有|别加|不加))"
)


def _left_out(text: str) -> list[tuple[int, int]]:
    """Stretches whose instruments are left out."""
    spans = [match.span("out") for pattern in _OUT for match in pattern.finditer(text)]
    return [span for span in spans if span != (-1, -1)]


def read_lineup(text: str, tokens: Sequence[Token]) -> dict[str, tuple[Any, tuple[str, ...]]]:
    """instruments, instruments_only and without, each with the words that say so; absent when unsaid."""
    wanted: list[str] = []
    words: list[str] = []
    without: dict[str, str] = {}
    only_words: list[str] = []
    chain: Token | None = None  # the last instrument of a list that is the whole line-up
    out = _left_out(text)
    kept = [match.span("in") for match in _NOTHING_BUT.finditer(text)]
    for token in tokens:
        alone = any(start <= token.start and token.end <= end for start, end in kept)
        if alone:
            token.factor, token.words = 1.0, text[token.start : token.end]
            only_words.append(token.words)
        ensemble, single = token.sense("ensemble"), token.sense("instrument")
        if ensemble and token.negated and len(ensemble.value) == 1:
            without.setdefault(ensemble.value[0], token.words)
            continue
        if ensemble and not token.negated:
            wanted += ensemble.value
            words.append(token.words)
            only_words.append(token.words)
            continue
        if single is None or _is_a_thing(text, token):
            continue
        left = any(start <= token.start and token.end <= end for start, end in out)
        if token.negated or (left and not alone):
            without.setdefault(single.value, token.words)
            continue
        linked = chain is not None and _LINK.fullmatch(text[chain.end : token.start])
        if linked or _is_whole_lineup(text, token, single.value):
            chain = token
            only_words.append(token.words)
        if single.value == "voice" and any(INSTRUMENTS[key].family == "voice" for key in wanted):
            continue  # "a cappella, four voices"
        count = 1
        alike = _ALIKE.match(text, token.end)
        if alike and not re.search(r"(?:\band|&|[和与、,，+配加])\s*(?:an?\s+)?$", text[: token.start]):
            said = next(part for part in alike.groups() if part)
            count = _ALIKES[said.lower()] if _plays_with_its_like(single.value) else 1
        if match := _COUNT.search(text[max(0, token.start - 16) : token.start]):
            count = _COUNTS.get((match[1] or match[2]).lower(), int(read_number(match[1] or match[2]) or 1))
        if single.value not in wanted:
            wanted += [single.value] * count
            words.append(token.words)
    for match in _LESS.finditer(text):
        for form in (match["what"], match["what"] + "s"):
            for sense in index().get(form, ()):
                if sense.kind == "instrument":
                    without.setdefault(sense.value, match[0])
    if match := _EXCLUDING_VOICE.search(text):
        without.setdefault("voice", match[0])
        wanted = [key for key in wanted if INSTRUMENTS[key].family != "voice"]
    elif (match := _SUNG.search(text)) and all(INSTRUMENTS[key].family != "voice" for key in wanted):
        wanted.append("voice")
        words.append(match[0])
        only_words += re.findall("清唱", text)
    duo = re.search(r"\b(?:duet|duo|trio|quartet|quintet)\b|[二三四五]重奏", text)
    if duo and len(wanted) >= 2:
        only_words.append(duo[0])
    if (closing := _CLOSING.search(text)) and wanted:
        only_words.append(closing[0].strip(" ,.;!"))
    wanted = [key for key in wanted if key not in without]
    read: dict[str, tuple[Any, tuple[str, ...]]] = {}
    if wanted:
        read["instruments"] = (wanted, tuple(dict.fromkeys(words)))
        if only_words:
            read["instruments_only"] = (True, tuple(dict.fromkeys(only_words)))
    if without:
        read["without"] = (list(without), tuple(dict.fromkeys(without.values())))
    return read


def _plays_with_its_like(key: str) -> bool:
    """Whether a "duet" of it is two of it: neither a section nor an instrument of full chords."""
    return INSTRUMENTS[key].family in ("woodwind", "brass", "strings", "plucked", "chinese") and key not in (
        "winds", "brass", "strings", "slow_strings", "tremolo_strings", "pizzicato", "harp", "fiddle"
    )  # fmt: skip


#: What follows a name that is a size of clothes.
_SIZED = re.compile(r"码|的?[^，。,;；]{0,3}[服衣衫鞋裤帽裙袋箱包杯床锅碗盘]")


def _is_a_thing(text: str, token: Token) -> bool:
    """Whether 大号 or 小号 is a size."""
    return text[token.start : token.end] in ("大号", "小号", "中号") and bool(_SIZED.match(text, token.end))


def _is_whole_lineup(text: str, token: Token, key: str) -> bool:
    """Whether the words around an instrument say that nothing else plays ("solo piano", 钢琴独奏)."""
    only_before, only_after, piece, made_for = _only_patterns()
    before, after = text[max(0, token.start - 40) : token.start], text[token.end : token.end + 24]
    if only_before.search(before):
        return True
    if made_for.search(before):
        return not _SWAPPED.search(before)
    accompanied = re.search(r"\b(?:with|featuring|and|then)\s+(?:an?\s+|the\s+)?(?:\w+\s+)?$|[有加]一?[段个]?$", before)
    takes_a_turn = re.match(
        r"\s+solo(?:s|ing)?\s+(?:over|on|in|at|before|after|during|from|leading|section|break|halfway|near)\b", after
    )
    if takes_a_turn:
        return False
    if only_after.match(after) and not accompanied:
        return not after.startswith("曲") or INSTRUMENTS[key].polyphonic or INSTRUMENTS[key].family == "chinese"
    if text[token.start : token.end].startswith("solo "):
        return True
    if re.search(r"为$", before) and re.match(r".{0,16}(?:而?作|而?写|谱写|创作)", after):
        return True
    return INSTRUMENTS[key].polyphonic and not accompanied and bool(piece.match(after))
