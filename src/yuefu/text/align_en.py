"""Letters of an English word aligned to its phones, to find which letters sound each vowel.

A dictionary tells how many syllables a word has, not where it is divided. The cheapest alignment
(dynamic programming over letters and phones) tells which letters each vowel owns; a division then
falls between them.
"""

from __future__ import annotations

from functools import lru_cache

from yuefu.text.cmudict import Phones

#: Phone -> the spellings that it commonly has.
_SPELLINGS = {
    "AA": "a o ah au ea aa", "AE": "a ai au", "AH": "a e i o u ou oo ea ai ia io y eo oe au ah",
    "AO": "o a au aw ou oa augh ough",
    "AW": "ou ow ough au", "AY": "i y ie igh uy ye ei eye ai eigh ay", "EH": "e ea ai a ie ei eo ae",
    "ER": "er ir ur or ear ar yr our re ure eur err urr olo", "EY": "a ai ay ei ey ea eigh e et ee ae",
    "IH": "i y e a u ui ee ie o ea ei", "IY": "e ee ea ie y i ey ei eo ae oe", "OW": "o oa ow oe ough ou eau oh",
    "OY": "oi oy", "UH": "oo u ou o", "UW": "u oo ou ew ue o ui ough eu wo oe", "B": "b bb", "CH": "ch tch t c cz",
    "D": "d dd ed ld", "DH": "th the", "F": "f ff ph gh", "G": "g gg gh gu gue", "HH": "h wh", "JH": "j g dge dg d gg",
    "K": "c k ck ch q qu que cc kk lk", "L": "l ll le lle", "M": "m mm mb mn lm", "N": "n nn kn gn ne pn", "NG": "ng n",
    "P": "p pp", "R": "r rr wr rh re", "S": "s ss c sc ce ps st se",
    "SH": "sh ti ci s ss ch si sci ce c", "T": "t tt ed th bt ght pt",
    "TH": "th", "V": "v f ve", "W": "w wh u o", "Y": "y i", "Z": "z s zz ss x es", "ZH": "s si z g ge ti",
}  # fmt: skip
_TABLE = {phone: frozenset(spellings.split()) for phone, spellings in _SPELLINGS.items()}
_LETTERS = frozenset("aeiouy")
_LONGEST = 4


@lru_cache(maxsize=8192)
def vowel_spans(word: str, phones: Phones) -> tuple[tuple[int, int], ...] | None:
    """Start and end of the letters of each vowel, in order, or None where the two can't be matched.

    A vowel that no letter spells (the last of "rhythm") owns the consonant after it.

    >>> vowel_spans("alleluia", ("AE2", "L", "AH0", "L", "UW1", "Y", "AH0"))
    ((0, 1), (3, 4), (5, 6), (7, 8))
    """
    size, count = len(word), len(phones)
    worst = 9.0 * (size + count)
    best = [[worst] * (count + 1) for _ in range(size + 1)]
    back: list[list[tuple[int, int]]] = [[(0, 0)] * (count + 1) for _ in range(size + 1)]
    best[0][0] = 0.0

    def relax(i: int, j: int, to_i: int, to_j: int, cost: float) -> None:
        if best[i][j] + cost < best[to_i][to_j]:
            best[to_i][to_j] = best[i][j] + cost
            back[to_i][to_j] = (i, j)

    for i in range(size + 1):
        for j in range(count + 1):
            if best[i][j] >= worst:
                continue
            if i < size:
                relax(i, j, i + 1, j, 0.3 if word[i] == "'" else 0.7 if word[i] in "eh" else 1.2)
            if j == count:
                continue
            phone = phones[j].rstrip("012")
            vowel = phones[j][-1].isdigit()
            relax(i, j, i, j + 1, 2.5 if vowel else 1.6 if phone not in ("Y", "W") else 0.4)
            for length in range(1, min(_LONGEST, size - i) + 1):
                chunk = word[i : i + length]
                if chunk in _TABLE.get(phone, ()):
                    relax(i, j, i + length, j + 1, 0.0 if length > 1 or chunk not in "eh" else 0.05)
                elif length == 1 and (chunk in _LETTERS) == vowel:
                    relax(i, j, i + 1, j + 1, 1.1)
            if i < size and word[i] == "x" and phones[j : j + 2] in (("K", "S"), ("G", "Z")):
                relax(i, j, i + 1, j + 2, 0.0)
    if best[size][count] >= worst:
        return None
    spans: list[tuple[int, int]] = []
    i, j = size, count
    while (i, j) != (0, 0):
        from_i, from_j = back[i][j]
        if j > from_j and phones[from_j][-1].isdigit():
            spans.append((from_i, i) if i > from_i else (i, min(i + 1, size)))
        i, j = from_i, from_j
    spans.reverse()
    ends = [0, *(end for _, end in spans)]
    sound = all(start >= end for (start, _), end in zip(spans, ends)) and all(start < end for start, end in spans)
    return tuple(spans) if sound else None
