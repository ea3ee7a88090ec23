"""What lines rhyme by: Chinese finals in the thirteen rhyme groups (十三辙), English sounds from the last stress on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from yuefu.text.function_words import PARTICLES

#: Lines further apart than this aren't heard to rhyme.
_REACH = 8
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWabcdefghijklmnopqrstuvw"
_GROUPS_TEXT = """
发花 a ia ua|梭坡 o e uo|乜斜 ie ve ue|姑苏 u|一七 i v er|怀来 ai uai|灰堆 ei ui uei|遥条 ao iao|油求 ou iu iou|
言前 an ian uan van|人辰 en in un vn uen|江阳 ang iang uang|中东 eng ing ong iong ueng
"""
#: Final -> rhyme group.
_GROUPS = {
    final: name
    for name, *finals in (row.split() for row in _GROUPS_TEXT.replace("\n", "").split("|"))
    for final in finals
}
#: Groups that songs let rhyme with one another.
_RELATED = (frozenset(("人辰", "中东")),)
_INITIAL = re.compile(r"^(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?")
_CLASSES = {
    "M": "n", "N": "n", "NG": "n", "P": "t", "T": "t", "K": "t", "B": "d", "D": "d", "G": "d", "S": "s", "Z": "s",
    "SH": "s", "ZH": "s", "CH": "s", "JH": "s", "F": "f", "V": "f", "TH": "f", "DH": "f", "L": "l", "R": "r",
}  # fmt: skip
_VOWELS = {"AO": "AA"}


@dataclass(frozen=True, slots=True)
class Rhyme:
    """What a line rhymes by.

    language: "zh" or "en"; word: the rhyming word; tail: the sounds that have to agree: a rhyme group
    and final in Chinese, phones without stress in English; last: the last syllable's own vowel and coda.
    """

    language: str
    word: str
    tail: tuple[str, ...]
    last: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For people: "江阳" or "AY T"."""
        return self.tail[0] if self.language == "zh" and self.tail else " ".join(self.tail)


def final_of(pinyin: str) -> str:
    """The final of a reading, ü written v.

    >>> [final_of(reading) for reading in ("yue4", "yuan2", "jun1", "you3", "wo3", "huar1", "shi2")]
    ['ve', 'van', 'vn', 'ou', 'o', 'ua', 'i']
    """
    plain = pinyin.rstrip("012345")
    if plain.endswith("r") and plain != "er":
        plain = plain[:-1]
    if plain[:2] in ("yu", "ju", "qu", "xu"):
        return "v" + plain[2:]
    if plain[:2] == "yo":
        return plain[1:]
    final = _INITIAL.sub("", plain, count=1)
    if plain[:1] == "w":
        return "u" if final == "u" else final
    return final or plain


def chinese_rhyme(texts: Sequence[str], readings: Sequence[str]) -> Rhyme:
    """The rhyme of a line by its last two syllables: a particle at the end rhymes through the one before.

    >>> chinese_rhyme("月光", ("yue4", "guang1")).name
    '江阳'
    """

    def key(reading: str) -> tuple[str, ...]:
        final = final_of(reading) if reading else ""
        group = _GROUPS.get(final, "")
        return (group, final) if group else ()

    behind = key(readings[-2]) if len(readings) > 1 and texts[-1] in PARTICLES else ()
    own = key(readings[-1])
    return Rhyme("zh", texts[-1], own, own, behind)


def english_rhyme(word: str, phones: Sequence[Sequence[str]], stresses: Sequence[int]) -> Rhyme:
    """The rhyme of a word by its syllables' phones, from its last stressed vowel on.

    >>> english_rhyme("tonight", [("T", "AH0"), ("N", "AY1", "T")], [0, 1]).name
    'AY T'
    """
    stressed = [index for index, stress in enumerate(stresses) if stress]
    start = stressed[-1] if stressed else 0
    sounds = [_rime(own) for own in phones]
    tail = [*(sounds[start] if sounds else ()), *(p.rstrip("012") for own in phones[start + 1 :] for p in own)]
    last = next((rime for rime in reversed(sounds) if rime), ())
    return Rhyme("en", word.lower(), tuple(tail), tuple(last))


def _rime(phones: Sequence[str]) -> tuple[str, ...]:
    """From the syllable's vowel on, without stress."""
    for index, phone in enumerate(phones):
        if phone[-1].isdigit():
            return tuple(p.rstrip("012") for p in phones[index:])
    return ()


def closeness(first: Rhyme, second: Rhyme) -> int:
    """2 for a perfect rhyme (or the same word), 1 for a near one, 0 for none.

    >>> sounds = {"night": "N AY1 T", "light": "L AY1 T", "time": "T AY1 M", "mine": "M AY1 N"}
    >>> night, light, time, mine = (english_rhyme(word, [p.split()], [1]) for word, p in sounds.items())
    >>> closeness(night, light), closeness(time, mine), closeness(night, time)
    (2, 1, 0)
    """
    if first.language != second.language or not first.tail or not second.tail:
        return 0
    if first.language == "zh":
        return _closeness_zh(first, second)
    if first.word == second.word or first.tail == second.tail:
        return 2
    if _near(first.tail, second.tail) or (first.last == second.last and len(first.tail + second.tail) > 2):
        return 1
    return int(len(first.tail) > 2 and len(second.tail) > 2 and _near(first.last, second.last) and len(first.last) > 1)


def _closeness_zh(first: Rhyme, second: Rhyme) -> int:
    if first.word == second.word and first.behind and second.behind:
        return 2 if first.behind[0] == second.behind[0] else 1
    if first.tail[0] == second.tail[0]:
        return 2
    return int(any({first.tail[0], second.tail[0]} == related for related in _RELATED))


def _near(first: Sequence[str], second: Sequence[str]) -> bool:
    """The same vowel and consonants of one kind after it, a plural s aside."""
    a, b = ([_VOWELS.get(p, p) for p in tail] for tail in (first, second))
    for tail in (a, b):
        if len(tail) > 2 and tail[-1] in ("S", "Z"):
            tail.pop()
    return bool(a and b) and a[0] == b[0] and [_CLASSES.get(p, p) for p in a[1:]] == [_CLASSES.get(p, p) for p in b[1:]]


def scheme(rhymes: Sequence[Rhyme]) -> str:
    """A letter for each line: rhyming lines share one, "x" stands for a line without a rhyme."""
    groups: list[int] = []
    for index, rhyme in enumerate(rhymes):
        scored = [(closeness(rhymes[other], rhyme), other) for other in range(max(0, index - _REACH), index)]
        best = max(scored, default=(0, 0))
        groups.append(groups[best[1]] if best[0] else index)
    names: dict[int, str] = {}
    letters = []
    for group in groups:
        if groups.count(group) == 1:
            letters.append("x")
            continue
        names.setdefault(group, _LETTERS[len(names) % len(_LETTERS)])
        letters.append(names[group])
    return "".join(letters)
