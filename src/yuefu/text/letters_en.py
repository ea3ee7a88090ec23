"""Letters of an unknown English word to phones, by rule: rough, but its vowels and their count hold."""

from __future__ import annotations

import re
from functools import lru_cache

#: (letters, what must follow as a pattern, phones), longest first; vowels get their stress later.
_RULES_TEXT = """
tion||SH AH N;sion||ZH AH N;cian||SH AH N;tious||SH AH S;cious||SH AH S;ture|$|CH ER;sure|$|ZH ER;ough||AO;augh||AO;
eigh||EY;igh||AY;tch||CH;dge||JH;sch||S K;ai||EY;ay||EY;au||AO;aw||AO;ea||IY;ee||IY;ei||IY;ey|$|IY;ey||EY;eu||UW;ew||UW;
ie|$|IY;ie||IY;oa||OW;oe|$|OW;oi||OY;oy||OY;oo||UW;ou||AW;ow|$|OW;ow||AW;ue|$|UW;ui||UW;uy||AY;ye|$|AY;
arr||EH R;err||EH R;irr||IH R;orr||AO R;ar||AA R;er||ER;ir||ER;or||AO R;ur||ER;yr||ER;
ch||CH;sh||SH;th||TH;ph||F;wh||W;ck||K;ng|$|NG;ng||NG G;qu||K W;gh||;kn||N;wr||R;ps|^|S;gn||N;mb|$|M;
bb||B;cc|[eiy]|K S;cc||K;dd||D;ff||F;gg||G;kk||K;ll||L;mm||M;nn||N;pp||P;rr||R;ss||S;tt||T;zz||Z;
a|[^aeiouy]e$|EY;e|[^aeiouy]e$|IY;i|[^aeiouyr]e$|AY;o|[^aeiouy]e$|OW;u|[^aeiouy]e$|UW;y|[^aeiouy]e$|AY;
a|$|AH;a|[^aeiouy][aeiouy]|EY;i|$|IY;i|[^aeiouy][aeou]|IH;o|$|OW;o|[^aeiouy][aeiouy]|OW;u|$|UW;
u|[^aeiouy][aeiouy]|UW;e|[^aeiouy][aiou]|IY;
a||AE;e||EH;i||IH;o||AA;u||AH;c|[eiy]|S;c||K;g|[eiy]|JH;j||JH;x||K S;b||B;d||D;f||F;h||HH;k||K;l||L;m||M;n||N;p||P;
q||K;r||R;s||S;t||T;v||V;w||W;z||Z
"""
_RULES = [
    (letters, re.compile(after) if after not in ("", "^") else None, after == "^", tuple(phones.split()))
    for letters, after, phones in (rule.strip().split("|") for rule in _RULES_TEXT.split(";"))
]
_BY_LETTER = {letter: [rule for rule in _RULES if rule[0][0] == letter] for letter in "abcdefghijklmnopqrstuvwxyz"}
_VOWELS = frozenset(("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"))
_PLAIN = str.maketrans("àáâäåãèéêëìíîïòóôöõøùúûüñçÿ", "aaaaaaeeeeiiiioooooouuuuncy")


@lru_cache(maxsize=4096)
def read_letters(word: str) -> tuple[str, ...]:
    """Phones of a lower-case word; the first full vowel is stressed when nothing better is known.

    >>> read_letters("zorbel")
    ('Z', 'AO1', 'R', 'B', 'EH0', 'L')
    """
    text = re.sub(r"[^a-z]", "", word.translate(_PLAIN))
    phones: list[str] = []
    place = 0
    while place < len(text):
        rest = text[place:]
        if rest == "e" and any(phone in _VOWELS for phone in phones):
            break  # silent
        if rest in ("es", "ed") and phones and any(p in _VOWELS for p in phones):
            phones += _ending(rest, phones[-1])
            break
        if rest == "le" and phones and phones[-1] not in _VOWELS:
            phones += ["AH", "L"]
            break
        if rest[0] == "y":
            following = rest[1:2]
            if following and following in "aeiou" and (place == 0 or text[place - 1] in "aeiou"):
                phones.append("Y")
            else:
                phones.append("AY" if not any(p in _VOWELS for p in phones) else "IY")
            place += 1
            continue
        for letters, after, initial, sound in _BY_LETTER[rest[0]]:
            if not rest.startswith(letters) or (initial and place):
                continue
            if after is not None and not after.match(rest[len(letters) :]):
                continue
            phones += sound
            place += len(letters)
            break
        else:
            place += 1
    return _stressed(phones)


def _ending(rest: str, last: str) -> list[str]:
    if rest == "es":
        return ["AH", "Z"] if last in ("S", "Z", "SH", "CH", "JH") else ["Z"]
    return ["AH", "D"] if last in ("T", "D") else ["D"]


def _stressed(phones: list[str]) -> tuple[str, ...]:
    vowels = [i for i, phone in enumerate(phones) if phone in _VOWELS]
    first = vowels[0] if vowels else -1
    return tuple(p + ("1" if i == first else "0") if p in _VOWELS else p for i, p in enumerate(phones))
