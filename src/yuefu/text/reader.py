"""Read a prompt in Chinese or English: what it says about music, with the words that say it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from yuefu.text.explicit import find_facts
from yuefu.text.form import parse_form
from yuefu.text.form_frame import find_frame, framed, with_ends
from yuefu.text.hanzi import simplify
from yuefu.text.lineup import read_lineup
from yuefu.text.mood import deny, mood_of
from yuefu.text.scales import find_grouping, find_manners, find_scales, key_of
from yuefu.text.scan import CLAIMED, Token, scan
from yuefu.text.terms import index, tables
from yuefu.theory.key import Key
from yuefu.theory.modes import MODES
from yuefu.theory.styles import STYLES


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read for one field of the brief: a value in the brief's units and its words."""

    value: Any
    words: tuple[str, ...]


#: Tempo to move from when no style is named: low, typical, high, in quarters a minute.
_PLAIN_TEMPO = (66.0, 100.0, 144.0)
#: The quickest tempo that is slow and the slowest that is fast.
_SLOW, _FAST = 78.0, 118.0
#: The form that an intro or a bridge is added to when no style is named.
_PLAIN_FORM = "verse:8 chorus:8 verse:8 chorus:8"
#: "Twelve-bar" is a form where blues is played; else it is a length.
_TWELVE_BAR = re.compile(r"\b(?:12|twelve)[\s-]bar\b(?!\s+(?:intro|loop|section|piece|march))|十二小节|12小节")


def normal(text: str) -> str:
    """The text as it is read: compatibility forms folded, straight quotes, simplified characters.

    Length is kept wherever possible so that the words quoted are those that were written.
    """
    folded = "".join(c if len(f := unicodedata.normalize("NFKC", c)) != 1 else f for c in text)
    return simplify(folded.translate(str.maketrans("’‘“”", "''\"\"")))


def read_words(text: str) -> dict[str, Heard]:
    """What a prompt says, by field of the brief; fields it doesn't speak of are absent.

    Fields: style, valence, arousal, tempo, key, scale, mode, meter, grouping, rhythm, drone, ornaments, form, bars,
    duration, instruments, instruments_only, without, chords, density, energy, occasion. Raises InputError for a plain
    statement that can't be met, such as 900 bpm.

    >>> heard = read_words("a melancholy waltz in G minor, solo piano")
    >>> heard["style"].value, heard["meter"].value, heard["key"].value, heard["instruments"].value
    ('waltz', '3/4', 'G minor', ['piano'])
    >>> read_words("不要鼓的轻快爵士")["without"]
    Heard(value=['drums'], words=('不要鼓',))
    """
    original = text
    text = normal(text)
    if len(text) != len(original):
        original = text
    heard: dict[str, Heard] = {}
    lowered = text.lower() if len(text.lower()) == len(text) else text
    match = _TWELVE_BAR.search(lowered)
    if match and not re.search(r"blues|shuffle|boogie|布鲁斯|蓝调", lowered):
        match = None
    facts = find_facts(text)
    if match:
        facts = [c for c in facts if c.end <= match.start() or match.end() <= c.start]  # the twelve bars of a blues
        if all(claim.field != "form" for claim in facts):
            heard["form"] = Heard(parse_form("A:12 A:12 A':12"), (original[match.start() : match.end()],))
    for claim in facts:
        if claim.field not in heard:
            heard[claim.field] = Heard(claim.value, (original[claim.start : claim.end].strip(),))
            if claim.field == "form":  # the solo of a form is no solo piece
                part = re.sub(r"solo|独奏", lambda m: CLAIMED * len(m[0]), lowered[claim.start : claim.end])
                lowered = lowered[: claim.start] + part + lowered[claim.end :]
            elif claim.field != "mode":
                lowered = lowered[: claim.start] + CLAIMED * (claim.end - claim.start) + lowered[claim.end :]
    lowered = _read_scale(text, original, lowered, heard)
    if "key" in heard:
        heard["mode"] = Heard(Key.parse(heard["key"].value).mode, heard["key"].words)
    tokens = scan(lowered)
    for token in tokens:  # quote what was written, not what was matched
        place = lowered.rfind(token.words, 0, token.end)
        token.words = original[place : place + len(token.words)] if place >= 0 else token.words
    _styles(lowered, tokens, heard)
    for name, (value, words) in read_lineup(lowered, tokens).items():
        heard[name] = Heard(value, words)
    frame = find_frame(text)
    if frame and "form" in heard:
        heard["form"] = Heard(with_ends(heard["form"].value, frame[0]), heard["form"].words)
    elif frame:
        usual = STYLES[heard["style"].value].forms[0] if "style" in heard else _PLAIN_FORM
        asked, (start, end) = frame
        heard["form"] = Heard(framed(usual, asked), (original[start:end].strip(),))
    _measures(tokens, heard)
    if mood := mood_of(tokens):
        heard["valence"] = Heard(mood.valence, mood.words)
        heard["arousal"] = Heard(mood.arousal, mood.words)
    return heard


def _read_scale(text: str, original: str, lowered: str, heard: dict[str, Heard]) -> str:
    """Mode or scale, grouping, rhythm, drone and ornaments; returns the text without what needs no other reader."""

    def claimed(start: int, end: int) -> None:
        nonlocal lowered
        lowered = lowered[:start] + CLAIMED * (end - start) + lowered[end:]

    scales = find_scales(text, original)
    if scales:
        said = scales[0]
        mode = MODES[said.mode]
        words = (original[said.start : said.end].strip(),)
        heard["scale"] = Heard(mode.key, words)
        claimed(said.start, said.end)
        if said.tonic is not None:
            heard["key"] = Heard(key_of(mode, said.tonic), words)
        elif "key" in heard and not mode.either:
            key = Key.parse(heard["key"].value)
            heard["key"] = Heard(Key.of_tonic(key.tonic, mode.leans).name, heard["key"].words)
        if "key" not in heard and not mode.either:
            heard["mode"] = Heard(mode.leans, words)
    grouping = find_grouping(text, heard["meter"].value if "meter" in heard else None)
    if grouping is not None:
        start, end, meter, groups = grouping
        words = (original[start:end].strip(),)
        heard["grouping"] = Heard(groups, words)
        heard.setdefault("meter", Heard(meter, words))
    for name, (value, start, end) in find_manners(text).items():
        heard[name] = Heard(value, (original[start:end].strip(),))
        if name == "ornaments":
            claimed(start, end)
    return lowered


def read_mood(text: str) -> dict[str, Heard]:
    """Only valence and arousal, from a text such as a lyric."""
    mood = mood_of(scan(normal(text).lower()))
    return (
        {} if mood is None else {"valence": Heard(mood.valence, mood.words), "arousal": Heard(mood.arousal, mood.words)}
    )


# --- styles -------------------------------------------------------------------------------------


@cache
def _style_words() -> tuple[frozenset[str], frozenset[str], frozenset[str], tuple[str, ...]]:
    data = tables()["styles"]
    return (
        frozenset(data["everyday"]), frozenset(data["forms_not_genres"]), frozenset(data["cues_after"]),
        tuple(data["cues_after_zh"]),
    )  # fmt: skip


def _styles(text: str, tokens: Sequence[Token], heard: dict[str, Heard]) -> None:
    forms = _style_words()[1]
    named = [t for t in tokens if t.sense("style") and not t.negated and _is_style(text, t) and not _refused(text, t)]
    if not named:
        return
    genres = [t for t in named if t.sense("style").value not in forms]  # type: ignore[union-attr]
    chosen = (genres or sorted(named, key=lambda t: _form_rank(t)))[0]
    sense = chosen.sense("style")
    assert sense is not None
    heard["style"] = Heard(sense.value, (chosen.words,))
    if "meter" not in heard:  # a jazz waltz is jazz in three
        for token in named:
            key = token.sense("style").value  # type: ignore[union-attr]
            if key == "waltz":
                heard["meter"] = Heard("3/4", (token.words,))


#: Words before a style that turn it down without a negation.
_TURNED_DOWN = re.compile(
    r"\b(?:forget(?:\s+about)?|enough(?:\s+of)?|hates?|dislikes?|(?:sick|tired|bored)\s+of|less|(?:don't|do\s+not)\s+like|can't\s+stand)"
    r"\s+(?:the\s+|all\s+that\s+|usual\s+)*$|(?:讨厌|不喜欢|听腻了?|腻了|与其说?是?|少点?|少一点)$"
)


def _refused(text: str, token: Token) -> bool:
    before, after = text[max(0, token.start - 40) : token.start], text[token.end :]
    all_but = before.endswith(("除了", "除")) and re.match(r"(?:之外|以外|外)?[，,]?(?:什么|其他|其它|别的|都)", after)
    return bool(_TURNED_DOWN.search(before) or all_but)


def _form_rank(token: Token) -> int:
    """Among kinds of piece the more telling one wins: a waltz on a film set is a waltz."""
    order = (
        "lullaby",
        "waltz",
        "march",
        "string_quartet",
        "hymn",
        "ballad",
        "film",
        "children",
        "ambient",
        "piano_solo",
    )
    sense = token.sense("style")
    assert sense is not None
    return order.index(sense.value) if sense.value in order else len(order)


_MANNERS = (
    r"slow|fast|quick|up-?tempo|mid-?tempo|medium|easy|hot|cool|hard|light|gentle|lazy|smooth|deep|dark|modern|vintage"
    r"|classic|old-school|\d0s|acoustic|happy|sad|bright|warm|chill|chilled|mellow|dreamy|more|some|pure|traditional"
)


def _is_style(text: str, token: Token) -> bool:
    everyday, _, cues, cues_zh = _style_words()
    term = text[token.start : token.end]
    before, after = text[: token.start], text[token.end :]
    if term == "march" and re.search(r"\b(?:in|on|of|last|this|next|early|late|mid|since|until|every)[\s-]$", before):
        return False
    if term in ("rock", "pop", "funk", "trance") and re.search(r"\b(?:an?|the|this|that|my|his|her)\s$", before):
        following = re.match(r"[\s-]*([a-z']+)", after)  # "a rock on the beach", but "a rock song"
        return bool(following and following[1] in cues - {"in", "at", "with", "for"}) or "n'" in after[:4]
    if term in ("rock", "swing", "march", "rap") and re.match(
        r"\s+(?:the|me|you|him|her|us|them|my|your|his|our|their|it)\b", after
    ):
        return False  # "rock the baby"
    if term not in everyday:
        return True
    if not token.words.isascii():
        alone = re.search(r"(?:^|[\s,，。;；、]|要|来点|来|改成|换成|偏|是)$", before) and re.match(
            r"(?:$|[\s,，。;；、])", after
        )
        return bool(alone) or after.startswith(cues_zh)
    if re.search(
        r"\b(?:music|songs?|tunes?|piece|track|melody|something)\s+for\s+(?:my\s+|the\s+|little\s+|young\s+)?$", before
    ):
        return True
    if term.startswith("for ") and re.search(r"\b(?:music|songs?|tunes?|piece|melody|something)\s$", before):
        return True
    following = re.match(r"(?:'s?)?[\s-]*([a-z]+)", after)
    if following and following[1] in cues:
        led = re.search(r"\b(?:an?|the|my|our|his|her|their|your|this|that)\s$", before)
        return not (led and following[1] in ("in", "at", "with", "for"))
    previous = re.search(r"([\w&']+)[\s-]$", before)
    kinds = {sense.kind for sense in index().get(previous[1], ())} if previous else set()
    if kinds & {"instrument", "style", "pace", "tempo"} and not re.match(r"\s*[a-z]", after):
        return True
    start = re.search(
        rf"(?:^|[,;.:]|\b(?:but|like|some|more|bars\s+of|minutes\s+of|kind\s+of|bit\s+of|piece\s+of)\b|{CLAIMED}\s+of\b)\s*(?:an?\s+)?(?:(?:{_MANNERS})\s+)*$",
        before,
    )
    return bool(start and re.match(r"\s*(?:$|[,;.])", after))


# --- tempo, energy, density, mode, metre, occasion ------------------------------------------------


def _measures(tokens: Sequence[Token], heard: dict[str, Heard]) -> None:
    for kind in ("mode", "meter", "occasion"):
        for token in tokens:
            sense = token.sense(kind)
            if sense is not None and not token.negated and kind not in heard:
                heard[kind] = Heard(sense.value, (token.words,))
    for kind in ("energy", "density"):
        found = [(deny(s.value, t.factor), t.words) for t in tokens if (s := t.sense(kind)) is not None]
        if found:
            mean = sum(value for value, _ in found) / len(found)
            heard[kind] = Heard(round(mean, 3), tuple(dict.fromkeys(words for _, words in found)))
    if "tempo" in heard:
        heard.pop("pace", None)
        return
    for token in tokens:
        sense = token.sense("tempo")
        if sense is not None and not token.negated:
            heard["tempo"] = Heard(float(sense.value), (token.words,))
            heard.pop("pace", None)
            return
    paces = [(said.value, word) for said in [heard.pop("pace", None)] if said for word in said.words]
    paces += [(sense.value * t.factor, t.words) for t in tokens if (sense := t.sense("pace")) is not None]
    if paces:
        pace = max(-1.4, min(1.4, sum(value for value, _ in paces) / len(paces)))
        low, typical, high = STYLES[heard["style"].value].tempo if "style" in heard else _PLAIN_TEMPO
        tempo = typical + pace * (high - typical if pace > 0 else typical - low)
        if abs(pace) > 0.85:  # what is called slow or fast is so to the ear, whatever the style
            tempo = min(tempo, _SLOW) if pace < 0 else max(tempo, _FAST)
        heard["tempo"] = Heard(float(round(min(max(tempo, 40), 220))), tuple(dict.fromkeys(w for _, w in paces)))
