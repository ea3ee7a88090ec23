"""English words into sung syllables with stress and sound.

How many syllables and which is stressed comes from our list of sung words, then from the
pronouncing dictionary, then from rules; where the word is divided follows its spelling. The texts
always agree in number with the syllables pronounced.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from yuefu.text import syllable_rules_en as rules
from yuefu.text.align_en import vowel_spans
from yuefu.text.cmudict import Phones
from yuefu.text.function_words import ENGLISH
from yuefu.text.letters_en import read_letters
from yuefu.text.pronounce_en import compound_parts, count_syllables, is_vowel, pronunciations

#: Consonants that begin an English syllable together.
_ONSETS_TEXT = """
P L;P R;B L;B R;T R;D R;K L;K R;G L;G R;F L;F R;TH R;SH R;S P;S T;S K;S L;S M;S N;S W;T W;K W;D W;P Y;B Y;K Y;F Y;
M Y;HH Y;V Y;S P L;S P R;S T R;S K R;S K W
"""
_ONSETS = frozenset(tuple(onset.split()) for onset in _ONSETS_TEXT.replace("\n", "").split(";"))
#: A vowel that glides before r or l and may be sung on two notes: fire, hour, smile.
_GLIDES = frozenset(("AY", "AW", "OY"))


@dataclass(frozen=True, slots=True)
class EnglishWord:
    """A word in syllables.

    texts: as written, their join is the word; stressed: the index of one, or None in a weak word.
    stresses: for each syllable 1 (primary), 2 (secondary) or 0; phones: for each syllable its ARPAbet
    phones; counts: the numbers of syllables that the word can be sung with, the usual one first.
    """

    texts: tuple[str, ...]
    stressed: int | None
    stresses: tuple[int, ...] = ()
    phones: tuple[Phones, ...] = ()
    counts: tuple[int, ...] = ()


@lru_cache(maxsize=8192)
def split_word(word: str, role: str = "") -> EnglishWord:
    """The syllables and stress of a word, apostrophes included; other punctuation must be gone.

    role: ``"noun"`` or ``"verb"`` chooses between readings that differ in stress alone (a RECord, to
    reCORD); "" takes the commonest.

    >>> split_word("remember").texts, split_word("remember").stresses
    (('re', 'mem', 'ber'), (0, 1, 0))
    >>> split_word("Loved").texts, split_word("candles").texts, split_word("couldn't").texts
    (('Loved',), ('can', 'dles'), ('could', "n't"))
    >>> split_word("fire").counts, split_word("record", "verb").stressed
    ((1, 2), 1)
    """
    # Letter for letter: the lower case of some letters, such as İ, is longer than they are.
    lower = "".join(c if len(c.lower()) > 1 else c.lower() for c in word).replace("’", "'")
    known = pronunciations(lower)
    known += tuple(short for phones in known if (short := _shortened(phones)) not in known)
    sizes, stressed, given = _divide(lower, known)
    count = len(sizes)
    fitting = [phones for phones in known if count_syllables(phones) == count]
    if given and stressed is not None and not role:
        fitting.sort(key=lambda phones: _stressed_at(phones) != stressed)
    phones = _by_role(fitting, role) if fitting else (known or ((),))[0]
    if not any(map(is_vowel, phones)):
        phones = read_letters(lower)
        stresses = tuple(int(index == stressed) for index in range(count))
    else:
        stresses = tuple(int(phone[-1]) for phone in phones if is_vowel(phone))
        if len(stresses) != count or (given and not role and stressed is not None and stresses[stressed] != 1):
            stresses = tuple(int(index == stressed) for index in range(count))
        elif 1 in stresses:
            stressed = stresses.index(1)
    texts, start = [], 0
    for size in sizes:
        texts.append(word[start : start + size])
        start += size
    if count == 1 and (lower in ENGLISH or lower.strip("'") in ENGLISH):
        stressed, stresses = None, (0,)
    others = {count_syllables(other) for other in known} | ({count - 1} if count > 1 and _elides(phones) else set())
    counts = (count, *sorted(others - {count, 0}))
    if len(counts) == 1 and count == 1 and _glides(phones):
        counts = (1, 2)
    return EnglishWord(tuple(texts), stressed, stresses, _groups(phones, count), counts)


def _divide(lower: str, known: tuple[Phones, ...]) -> tuple[list[int], int | None, bool]:
    """Letters of each syllable, the stressed one, and whether our own list says so."""
    if lower in rules.CONTRACTED:
        return [len(lower)], 0, True
    if entry := rules.listed(lower):
        return [len(part) for part in entry[0]], entry[1], True
    if known and (parts := compound_parts(lower)) and count_syllables(known[0]) == _count(parts):
        halves = [split_word(part) for part in parts]
        return [len(text) for half in halves for text in half.texts], halves[0].stressed or 0, False
    nuclei = rules.nuclei_of(lower)
    counts = [count_syllables(phones) for phones in known]
    if counts and len(nuclei) not in counts and (spans := vowel_spans(lower, known[0])):
        nuclei = list(spans)
    cuts = rules.cuts_between(lower, nuclei)
    edges = [0, *cuts, len(lower)]
    if any(a >= b for a, b in pairwise(edges)):
        cuts = rules.cuts_between(lower, rules.nuclei_of(lower))
        edges = [0, *cuts, len(lower)]
    pieces = [lower[a:b] for a, b in pairwise(edges)]
    return [len(piece) for piece in pieces], rules.stress_of(lower, pieces), False


def _count(parts: tuple[str, str]) -> int:
    return sum(len(split_word(part).texts) for part in parts)


def _by_role(fitting: list[Phones], role: str) -> Phones:
    """The reading whose stress suits a noun (early) or a verb (late), else the first."""
    if role and len(fitting) > 1:
        places = [_stressed_at(phones) for phones in fitting]
        return fitting[places.index(min(places) if role == "noun" else max(places))]
    return fitting[0]


def _stressed_at(phones: Phones) -> int:
    """The index of the syllable of first stress, or -1."""
    return "".join(phone[-1] for phone in phones if is_vowel(phone)).find("1")


def _shortened(phones: Phones) -> Phones:
    """A pronunciation with fire, hour and their like in one syllable."""
    short: list[str] = []
    for phone in phones:
        short.append("R" if phone == "ER0" and short and short[-1][:-1] in _GLIDES else phone)
    return tuple(short)


def _elides(phones: Phones) -> bool:
    """Whether old songs may sing a syllable less: glor-ious, di'mond, flow'r, heav'n."""
    for first, second in pairwise(phones):
        if is_vowel(second) and second[-1] == "0" and (first == "IY0" or first[:-1] in _GLIDES):
            return True
    return phones[-3:] == ("V", "AH0", "N")


def _glides(phones: Phones) -> bool:
    return any(a[:-1] in _GLIDES and b in ("R", "L") for a, b in pairwise(phones))


def _groups(phones: Phones, count: int) -> tuple[Phones, ...]:
    """Phones by syllable: as many consonants as can begin a syllable go with the vowel after them."""
    vowels = [i for i, phone in enumerate(phones) if is_vowel(phone)]
    groups: list[Phones] = []
    start = 0
    for here, following in zip(vowels, [*vowels[1:], None]):
        if following is None:
            end = len(phones)
        else:
            end = following
            while (
                end > here + 1
                and (end == following or phones[end - 1 : following] in _ONSETS)
                and phones[end - 1] not in ("NG",)
            ):
                end -= 1
            if end < following and phones[end:following] not in _ONSETS and following - end > 1:
                end += 1
        groups.append(phones[start:end])
        start = end
    if not groups:
        groups = [phones]
    while len(groups) > count:  # a syllable swallowed in singing: join the weakest to the one before
        weak = max(range(1, len(groups)), key=lambda i: ("0" in "".join(groups[i]), -len(groups[i]), i))
        groups[weak - 1 : weak + 1] = [groups[weak - 1] + groups[weak]]
    return (*groups, *[()] * (count - len(groups)))
