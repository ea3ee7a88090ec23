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
from yuefu.text.hanzi import simplify
from yuefu.text.mood import deny, mood_of
from yuefu.text.numerals import read_number
from yuefu.text.scan import CLAIMED, Token, scan
from yuefu.text.terms import tables
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.styles import STYLES


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read for one field of the brief: a value in the brief's units and its words."""

    value: Any
    words: tuple[str, ...]


#: Tempo to move from when no style is named: low, typical, high, in quarters a minute.
_PLAIN_TEMPO = (66.0, 100.0, 144.0)
_TWELVE_BAR = re.compile(r"\b(?:12|twelve)[\s-]bar blues\b|十二小节布鲁斯")
_EXCLUDING_VOICE = re.compile(r"\binstrumental\b(?!\s+break)|\bno singing\b|纯音乐|器乐曲|无人声|没有人声")
_COUNT = re.compile(
    r"(?:^|[^\w])(two|three|four|2|3|4|a pair of)\s+(?:\w+\s+)?$|(两|三|四|2|3|4)\s*[把支架个只管台]?$", re.IGNORECASE
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "a pair of": 2, "2": 2, "3": 3, "4": 4, "两": 2, "三": 3, "四": 4}


def normal(text: str) -> str:
    """The text as it is read: compatibility forms folded, straight quotes, simplified characters.

    Length is kept wherever possible so that the words quoted are those that were written.
    """
    folded = "".join(c if len(f := unicodedata.normalize("NFKC", c)) != 1 else f for c in text)
    return simplify(folded.translate(str.maketrans("’‘“”", "''\"\"")))


def read_words(text: str) -> dict[str, Heard]:
    """What a prompt says, by field of the brief; fields it doesn't speak of are absent.

    Fields: style, valence, arousal, tempo, key, mode, meter, form, bars, duration, instruments,
    instruments_only, without, chords, density, energy, occasion. Raises InputError for a plain
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
    if match := _TWELVE_BAR.search(lowered):
        heard["form"] = Heard(parse_form("A:12 A:12 A':12"), (original[match.start() : match.end()],))
    for claim in find_facts(text):
        if claim.field not in heard:
            heard[claim.field] = Heard(claim.value, (original[claim.start : claim.end].strip(),))
            if claim.field not in ("form", "mode"):
                lowered = lowered[: claim.start] + CLAIMED * (claim.end - claim.start) + lowered[claim.end :]
    if "key" in heard:
        heard["mode"] = Heard(Key.parse(heard["key"].value).mode, heard["key"].words)
    tokens = scan(lowered)
    for token in tokens:  # quote what was written, not what was matched
        place = lowered.rfind(token.words, 0, token.end)
        token.words = original[place : place + len(token.words)] if place >= 0 else token.words
    _styles(lowered, tokens, heard)
    _instruments(lowered, tokens, heard)
    _measures(tokens, heard)
    if mood := mood_of(tokens):
        heard["valence"] = Heard(mood.valence, mood.words)
        heard["arousal"] = Heard(mood.arousal, mood.words)
    return heard


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
    named = [t for t in tokens if t.sense("style") and not t.negated and _is_style(text, t)]
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
            if token is not chosen and key == "waltz":
                heard["meter"] = Heard("3/4", (token.words,))


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
        "piano_solo",
        "ambient",
    )
    sense = token.sense("style")
    assert sense is not None
    return order.index(sense.value) if sense.value in order else len(order)


def _is_style(text: str, token: Token) -> bool:
    everyday, _, cues, cues_zh = _style_words()
    term = text[token.start : token.end]
    before, after = text[: token.start], text[token.end :]
    if term == "march" and re.search(r"\b(?:in|on|of|last|this|next|early|late|mid|since|until|every)[\s-]$", before):
        return False
    if term == "rock" and re.search(r"\b(?:on|the|a big|a small) $", before) and not re.match(r"\s*\w", after):
        return False
    if term not in everyday:
        return True
    if not token.words.isascii():
        alone = re.search(r"(?:^|[\s,，。;；、])$", before) and re.match(r"(?:$|[\s,，。;；、])", after)
        return bool(alone) or after.startswith(cues_zh)
    following = re.match(r"[\s-]*([a-z]+)", after)
    if following and following[1] in cues:
        return True
    start = re.search(r"(?:^|[,;.])\s*(?:an?\s+)?$", before)
    return bool(start and re.match(r"\s*(?:$|[,;.])", after))


# --- instruments --------------------------------------------------------------------------------


@cache
def _only_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    data = tables()["instruments"]

    def either(words: Sequence[str], ascii_only: bool) -> str:
        return "|".join(map(re.escape, sorted((w for w in words if w.isascii() == ascii_only), key=len, reverse=True)))

    return (
        re.compile(
            rf"(?:\b(?:{either(data['only_before'], True)})\s+(?:an?\s+|the\s+)?"
            rf"|(?:{either(data['only_before'], False)}))$"
        ),
        re.compile(rf"^(?:\s+(?:{either(data['only_after'], True)})\b|(?:{either(data['only_after'], False)}))"),
        re.compile(rf"^\s+(?:{either(data['piece_words'], True)})s?\b"),
        re.compile(r"\bfor\s+(?:an?\s+|solo\s+|two\s+|three\s+|four\s+)*$"),
    )  # fmt: skip


def _instruments(text: str, tokens: Sequence[Token], heard: dict[str, Heard]) -> None:
    wanted: list[str] = []
    words: list[str] = []
    without: list[str] = []
    without_words: list[str] = []
    only_words: list[str] = []
    chain: Token | None = None  # the last instrument of a list that is the whole line-up
    for token in tokens:
        ensemble, single = token.sense("ensemble"), token.sense("instrument")
        if ensemble and not token.negated:
            wanted += ensemble.value
            words.append(token.words)
            only_words.append(token.words)
            continue
        if single is None:
            continue
        if token.negated:
            if single.value not in without:
                without.append(single.value)
                without_words.append(token.words)
            continue
        linked = chain is not None and re.fullmatch(
            r"\s*(?:,|、|and|&|\+|和|与|跟|及|, and|with|/)\s*(?:an?\s+|the\s+)?", text[chain.end : token.start]
        )
        if linked or _is_whole_lineup(text, token, single.value):
            chain = token
            only_words.append(token.words)
        count = 1
        if match := _COUNT.search(text[max(0, token.start - 16) : token.start]):
            count = _COUNTS.get((match[1] or match[2]).lower(), int(read_number(match[1] or match[2]) or 1))
        if single.value not in wanted:
            wanted += [single.value] * count
            words.append(token.words)
    if match := _EXCLUDING_VOICE.search(text):
        if "voice" not in without:
            without.append("voice")
            without_words.append(match[0])
        wanted = [key for key in wanted if INSTRUMENTS[key].family != "voice"]
    duo = re.search(r"\b(?:duet|duo|trio|quartet|quintet)\b|[二三四五]重奏", text)
    if duo and len(wanted) >= 2:
        only_words.append(duo[0])
    closing = re.search(r"\bonly\s*(?:$|[,.;!])|\bnothing else\b", text, re.I)
    if closing and wanted:
        only_words.append(closing[0].rstrip(" ,.;!"))
    wanted = [key for key in wanted if key not in without]
    if wanted:
        heard["instruments"] = Heard(wanted, tuple(dict.fromkeys(words)))
        if only_words:
            heard["instruments_only"] = Heard(True, tuple(dict.fromkeys(only_words)))
    if without:
        heard["without"] = Heard(without, tuple(dict.fromkeys(without_words)))


def _is_whole_lineup(text: str, token: Token, key: str) -> bool:
    """Whether the words around an instrument say that nothing else plays ("solo piano", 钢琴独奏)."""
    only_before, only_after, piece, made_for = _only_patterns()
    before, after = text[max(0, token.start - 40) : token.start], text[token.end : token.end + 24]
    if only_before.search(before) or made_for.search(before):
        return True
    accompanied = re.search(r"\b(?:with|featuring|and)\s+(?:an?\s+|the\s+)?(?:\w+\s+)?$", before)
    if only_after.match(after) and not accompanied:
        return not after.startswith("曲") or INSTRUMENTS[key].polyphonic or INSTRUMENTS[key].family == "chinese"
    if text[token.start : token.end].startswith("solo "):
        return True
    if re.search(r"为$", before) and re.match(r".{0,16}(?:而?作|而?写|谱写|创作)", after):
        return True
    return INSTRUMENTS[key].polyphonic and not accompanied and bool(piece.match(after))


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
        return
    for token in tokens:
        sense = token.sense("tempo")
        if sense is not None and not token.negated:
            heard["tempo"] = Heard(float(sense.value), (token.words,))
            return
    paces = [(sense.value * t.factor, t.words) for t in tokens if (sense := t.sense("pace")) is not None]
    if paces:
        pace = max(-1.4, min(1.4, sum(value for value, _ in paces) / len(paces)))
        low, typical, high = STYLES[heard["style"].value].tempo if "style" in heard else _PLAIN_TEMPO
        tempo = typical + pace * (high - typical if pace > 0 else typical - low)
        heard["tempo"] = Heard(float(round(min(max(tempo, 40), 220))), tuple(dict.fromkeys(w for _, w in paces)))
