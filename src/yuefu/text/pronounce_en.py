"""How an English word sounds: ARPAbet phones with stress, by dictionary, by its parts, or by its letters.

CMUdict comes first, after a few words of our own; then words with an ending, a prefix, an elision
or made of two words; at last the letters are read by rule, in which only the vowels matter much:
they are what rhymes are judged by.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from yuefu.text.cmudict import Phones, look_up
from yuefu.text.letters_en import read_letters
from yuefu.text.syllable_rules_en import nuclei_of

#: Words that songs use and CMUdict lacks, or has another way than they are sung.
_OWN_WORDS = """
o'er=AO1 R|e'er=EH1 R|ne'er=N EH1 R|e'en=IY1 N|'tis=T IH1 Z|'twas=T W AH1 Z|'twere=T W ER1|'twill=T W IH1 L|
heav'n=HH EH1 V N|heav'nly=HH EH1 V N L IY0|giv'n=G IH1 V N|ev'n=IY1 V N|pow'r=P AW1 R|flow'r=F L AW1 R|
tow'r=T AW1 R|show'r=SH AW1 R|ev'ry=EH1 V R IY0|ev'rything=EH1 V R IY0 TH IH2 NG|ev'ryone=EH1 V R IY0 W AH2 N|
ev'rybody=EH1 V R IY0 B AA2 D IY0|mem'ry=M EH1 M R IY0|mem'ries=M EH1 M R IY0 Z|wand'ring=W AA1 N D R IH0 NG|
thou=DH AW1|thee=DH IY1|thy=DH AY1|thine=DH AY1 N|hath=HH AE1 TH|doth=D AH1 TH|dost=D AH1 S T|hast=HH AE1 S T|
wilt=W IH1 L T|shalt=SH AE1 L T|art=AA1 R T|ye=Y IY1|yea=Y EY1|nay=N EY1|lo=L OW1|'round=R AW1 N D|
alleluia=AE2 L AH0 L UW1 Y AH0|hosanna=HH OW0 Z AE1 N AH0|gonna=G AH1 N AH0|wanna=W AA1 N AH0|gotta=G AA1 T AH0|
lemme=L EH1 M IY0|gimme=G IH1 M IY0|kinda=K AY1 N D AH0|sorta=S AO1 R T AH0|outta=AW1 T AH0|oughta=AO1 T AH0|
hafta=HH AE1 F T AH0|dunno=D AH0 N OW1|y'all=Y AO1 L|ain't=EY1 N T|ooh=UW1|ah=AA1|aah=AA1|oo=UW1|mm=M AH1 M|
hmm=HH AH1 M|whoa=W OW1|woah=W OW1|na=N AA1|la=L AA1|da=D AA1|doo=D UW1|dum=D AH1 M|sha=SH AA1|yeah=Y AE1|
baby=B EY1 B IY0|'em=AH1 M|'cause=K AH1 Z|cuz=K AH1 Z|'til=T IH1 L|til=T IH1 L|'bout=B AW1 T|'n'=AH1 N|n'=AH1 N|
ol'=OW1 L|lil'=L IH1 L|an'=AH1 N|o'=AH1|th'=DH AH1|rock'n'roll=R AA2 K AH0 N R OW1 L|live=L IH1 V|
there'll=DH EH1 R L|where'll=W EH1 R L|the=DH AH1|a=AH1|to=T UW1|wind=W IH1 N D|winds=W IH1 N D Z|tear=T IH1 R|
tears=T IH1 R Z|lead=L IY1 D|close=K L OW1 Z|
cherish=CH EH1 R IH0 SH|lullaby=L AH1 L AH0 B AY2|lullabies=L AH1 L AH0 B AY2 Z|moonlit=M UW1 N L IH2 T|
starlit=S T AA1 R L IH2 T|sunlit=S AH1 N L IH2 T|beloved=B IH0 L AH1 V IH0 D|o'clock=AH0 K L AA1 K
"""
_OWN: dict[str, Phones] = {
    word: tuple(phones.split())
    for word, _, phones in (entry.strip().partition("=") for entry in _OWN_WORDS.split("|"))
    if word
}
_VOICED = frozenset(("B", "D", "G", "V", "DH", "Z", "ZH", "JH", "M", "N", "NG", "L", "R", "W", "Y"))
_HISSING = frozenset(("S", "Z", "SH", "ZH", "CH", "JH"))
_ENDINGS = (
    ("ing", ("IH0", "NG")), ("in'", ("AH0", "N")), ("in", ("AH0", "N")), ("ings", ("IH0", "NG", "Z")),
    ("er", ("ER0",)), ("ers", ("ER0", "Z")), ("est", ("AH0", "S", "T")), ("eth", ("AH0", "TH")),
    ("ly", ("L", "IY0")), ("less", ("L", "AH0", "S")), ("ness", ("N", "AH0", "S")), ("ful", ("F", "AH0", "L")),
    ("ment", ("M", "AH0", "N", "T")), ("ward", ("W", "ER0", "D")), ("like", ("L", "AY2", "K")), ("y", ("IY0",)),
    ("ish", ("IH0", "SH")), ("some", ("S", "AH0", "M")), ("'ll", ("L",)), ("'ve", ("V",)), ("'re", ("R",)),
    ("n't", ("AH0", "N", "T")), ("able", ("AH0", "B", "AH0", "L")), ("hood", ("HH", "UH2", "D")),
)  # fmt: skip
_PREFIXES = (
    ("un", ("AH0", "N")), ("re", ("R", "IY0")), ("out", ("AW2", "T")), ("over", ("OW2", "V", "ER0")),
    ("under", ("AH2", "N", "D", "ER0")), ("mis", ("M", "IH0", "S")), ("dis", ("D", "IH0", "S")),
    ("be", ("B", "IH0")), ("a", ("AH0",)), ("en", ("EH0", "N")), ("fore", ("F", "AO2", "R")),
)  # fmt: skip


def is_vowel(phone: str) -> bool:
    """Whether a phone is a vowel: the heart of a syllable."""
    return phone[-1].isdigit()


def count_syllables(phones: Phones) -> int:
    """Vowels in a pronunciation."""
    return sum(map(is_vowel, phones))


@lru_cache(maxsize=8192)
def pronunciations(word: str) -> tuple[Phones, ...]:
    """What a dictionary or the word's parts say: all pronunciations, the commonest first, or none.

    >>> pronunciations("o'er"), pronunciations("walkin'")
    ((('AO1', 'R'),), (('W', 'AO1', 'K', 'IH0', 'N'),))
    >>> pronunciations("moonbeamed")
    (('M', 'UW1', 'N', 'B', 'IY2', 'M', 'D'),)
    """
    word = word.lower().replace("’", "'")
    if word in _OWN:
        return (_OWN[word],)
    found = look_up(word) or _derived(word)
    if not found and (plain := _plain(word)) != word:
        found = pronunciations(plain)
    return found


def _plain(word: str) -> str:
    """A word without accents and without drawn-out letters (café, yeahhh, loooove)."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    for times in (r"\1\1", r"\1"):
        short = re.sub(r"(.)\1{2,}", times, bare)
        if _known(short):
            return short
    short = re.sub(r"(.)\1+$", r"\1", bare)
    return short if _known(short) else bare


@lru_cache(maxsize=8192)
def pronounce(word: str) -> Phones:
    """The commonest pronunciation, read from the letters where nothing else knows the word."""
    known = pronunciations(word)
    return known[0] if known else read_letters(word.lower())


def _known(word: str) -> tuple[Phones, ...]:
    return (_OWN[word],) if word in _OWN else look_up(word)


def _derived(word: str) -> tuple[Phones, ...]:
    if len(word) < 3:
        return ()
    for bare in (word.strip("'"), word.replace("'", "")) if "'" in word else ():
        if not word.endswith("in'") and bare != word and len(bare) > 1 and (known := _known(bare)):
            return known
    if word.endswith("in'") and (clipped := _inflected(word)):
        return clipped
    if "'" in word and (restored := _restored(word)):
        return restored
    return _inflected(word) or _prefixed(word) or _compound(word)


def _restored(word: str) -> tuple[Phones, ...]:
    """A vowel left out: "wond'ring" sounds like "wondering" less one syllable, "bless'd" like "blessed"."""
    written = len(nuclei_of(word))
    for letter in "eio":
        for known in _known(word.replace("'", letter, 1)):
            phones = known
            while count_syllables(phones) > written and (place := _weakest(phones, "'r" in word)) is not None:
                kept = ("R",) if phones[place] == "ER0" else ()
                phones = (*phones[:place], *kept, *phones[place + 1 :])
            return (phones,)
    return ()


def _weakest(phones: Phones, before_r: bool) -> int | None:
    """The vowel that an apostrophe most likely stands for."""
    weak = [i for i, phone in enumerate(phones) if phone in ("AH0", "IH0", "ER0", "EH0")]
    if before_r and (coloured := [i for i in weak if phones[i] == "ER0" or phones[i + 1 : i + 2] == ("R",)]):
        return coloured[-1]
    return weak[-1] if weak else None


def _inflected(word: str) -> tuple[Phones, ...]:
    for ending in ("'s", "s'", "es", "s", "ed", "'d", "d"):
        stem = word[: -len(ending)]
        if not word.endswith(ending) or len(stem) < 2:
            continue
        for base in _bases(stem, ending in ("ed", "es")):
            if known := _known(base):
                tail = _s_sound if ending[-1] == "s" or ending == "s'" else _d_sound
                return tuple((*phones, *tail(phones)) for phones in known)
    for ending, sound in _ENDINGS:
        stem = word[: -len(ending)]
        if not word.endswith(ending) or len(stem) < 3:
            continue
        for base in _bases(stem, ending[0] in "aeiy"):
            if known := _known(base) or (_compound(base) if len(base) > 5 else ()):
                return tuple(_joined(phones, sound) for phones in known)
    return ()


def _joined(phones: Phones, sound: Phones) -> Phones:
    """A word and its ending, which loses its vowel to a vowel or r before it: there'll, tumblin'."""
    if sound in (("L",), ("V",), ("R",)) and not is_vowel(phones[-1]) and phones[-1] != "R":
        return (*phones, *(("ER0",) if sound == ("R",) else ("AH0", *sound)))
    if phones[-2:] == ("AH0", "L") and len(phones) > 3 and is_vowel(sound[0]):
        phones = (*phones[:-2], "L")
    return (*phones, *sound)


def _bases(stem: str, vowel: bool) -> tuple[str, ...]:
    """Spellings of the word before its ending."""
    found = [stem]
    if vowel:
        found.append(stem + "e")
        if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "aeiouls":
            found.insert(0, stem[:-1])
    if stem.endswith("i"):
        found.append(stem[:-1] + "y")
    return tuple(found)


def _s_sound(phones: Phones) -> Phones:
    last = phones[-1]
    return ("AH0", "Z") if last in _HISSING else ("Z",) if last in _VOICED or is_vowel(last) else ("S",)


def _d_sound(phones: Phones) -> Phones:
    last = phones[-1]
    return ("AH0", "D") if last in ("T", "D") else ("D",) if last in _VOICED or is_vowel(last) else ("T",)


def _prefixed(word: str) -> tuple[Phones, ...]:
    for prefix, sound in _PREFIXES:
        rest = word[len(prefix) :]
        if word.startswith(prefix) and len(rest) > 3 and (known := _known(rest) or _inflected(rest)):
            return tuple((*sound, *phones) for phones in known)
    return ()


def _compound(word: str) -> tuple[Phones, ...]:
    """Two known words in one: the second keeps a lesser stress."""
    parts = compound_parts(word)
    if parts is None:
        return ()
    head, tail = _part(parts[0]), _part(parts[1])
    return ((*head[0], *(phone.replace("1", "2") for phone in tail[0])),)


def _part(word: str) -> tuple[Phones, ...]:
    return _known(word) or (_inflected(word) if len(word) > 4 else ())


@lru_cache(maxsize=8192)
def compound_parts(word: str) -> tuple[str, str] | None:
    """The two known words that a lower-case word is made of, or None.

    >>> compound_parts("whereon"), compound_parts("moonbeamed"), compound_parts("river")
    (('where', 'on'), ('moon', 'beamed'), None)
    """
    if _known(word):
        return None
    for cut in sorted(range(3, len(word) - 1), key=lambda cut: abs(2 * cut - len(word))):
        first, second = word[:cut], word[cut:]
        if len(second) < 3 and second not in ("in", "on", "to", "of", "by", "up", "at"):
            continue
        if not re.search(r"[aeiouy]", first) or not re.search(r"[aeiouy]", second):
            continue
        if (head := _known(first)) and _part(second) and "1" in "".join(head[0]):
            return first, second
    return None
