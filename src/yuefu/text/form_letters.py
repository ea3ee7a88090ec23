"""Forms in letters (AABA, A-B-A', "A then B then A"), in initials (V-C-V-C, 主副主副) and by name (rondo, 三段体)."""

from __future__ import annotations

import re

from yuefu.text.claims import Claim
from yuefu.text.form import NAMED_FORMS, parse_form
from yuefu.text.numerals import read_number

_FORM_WORD = r"(?:form\b|structured?\b|layout\b|pattern\b|scheme\b|曲式|结构|形式|体裁|体|式|的|[两二三四]段)"
#: Forms in letters: with a word for form beside them, or plainly one (AABA, but neither ABBA nor ABC).
_LETTERS = (
    re.compile(rf"(?<![A-Za-z'])(?P<form>A'?(?:[A-H]'{{0,2}}){{1,15}})(?=[\s-]*{_FORM_WORD})"),
    re.compile(
        r"(?<![A-Za-z'])(?P<form>(?!ABBA(?!'))A'?(?=[A-H']{0,14}A)(?=[A-H']{0,14}B)(?:[A-H]'{0,2}){2,15})(?![A-Za-z'])"
    ),
    re.compile(r"(?<![A-Za-z'])(?P<form>AABB|AAB|ABAC|ABACBC|(?:AB){2,4}C?B?|AB(?=\s+(?:song|tune|piece)\b))(?![A-Za-z'])"),
    re.compile(
        r"(?:\bform|\bstructured?|\bstructure|\blayout|\bpattern|曲式|结构|形式)\s*(?:is"
        r"|of|as|like|为|是|用|[:：])?\s*"
               r"(?P<form>A'?(?:[\s,、/>→–-]*[A-H]'{0,2}){1,15})(?![A-Za-z])"),
    re.compile(r"(?<![A-Za-z])(?P<form>A'{0,2}(?:\s*[-–/→>、+|]\s*[A-H]'{0,2}){2,15})(?![A-Za-z#♯♭\d])"),
    re.compile(r"(?:^|[:：,，;(])\s*(?P<form>A(?:\s+[A-H]'{0,2}){2,15})(?=\s*(?:$|[,.;，。)]|with\b|for\b|and\b))"),
    re.compile(rf"(?<![A-Za-z])(?P<form>A(?:[\s,-]+[A-H]'{{0,2}}){{1,15}})\s*{_FORM_WORD}"),
)  # fmt: skip

_PART = (
    r"(?:(?i:intro|outro|coda|bridge|interlude|solo)|前奏|引子|尾奏|尾声|间奏|桥段"
    r"|(?<![A-Za-z])[A-H]'{0,2}(?![A-Za-z]))"
)
#: Letters among named sections: "intro - A - A - B - outro".
_MIXED = re.compile(rf"(?<![A-Za-z'])(?P<form>{_PART}(?:\s*[-–—→>/+|,，、]\s*{_PART}){{2,}})(?![A-Za-z])")

#: V-C-V-C-B-C, "v c v c", V1, C, V2, C.
_INITIALS = re.compile(
    r"(?<![A-Za-z'])(?:[IO]\s*[-–/,→>\s]\s*)?V[1-4]?(?:\s*[-–/→>,+|\s]\s*(?:PC|[VCBPIO])[1-4]?){2,20}(?![A-Za-z'\d])",
    re.I,
)
_INITIAL = {"V": "verse", "C": "chorus", "B": "bridge", "P": "pre-chorus", "I": "intro", "O": "outro"}
#: 主副主副桥副, 主1副主2副.
_Z_INITIALS = re.compile(r"(?:[前主导副桥间尾](?![歌奏段题要调导部线])[1-4一二]?[\s、，,\-—→+]?){3,20}")
_Z_INITIAL = {
    "前": "前奏", "主": "主歌", "导": "导歌", "副": "副歌", "桥": "桥段", "间": "间奏", "尾": "尾奏",
}  # fmt: skip
#: 两主一副.
_Z_COUNTED = re.compile(
    r"(?P<n>[一二两三四])[段个]?主(?!歌)[\s，、]*(?P<m>[一二两三四])[段个]?副(?!歌)(?:[\s，、]*(?P<b>一)[段个]?桥)?"
)
#: A theme with so many variations.
_VARIATIONS = re.compile(
    r"\btheme\s+(?:and|with|plus|followed\s+by)\s+(?P<n>two|three|four|five|six|[2-6])\s+variations\b"
    r"|主题[加和与及、带后接有]+(?P<z>[二两三四五六2-6])[个段次]变奏",
    re.I,
)
#: A return told in words: "the third part is the same as the first".
_RETURN = re.compile(
    r"\b(?:third|last|final)\s+(?:(?:part|section|one|bit)\s+)?(?:(?:is|being|should\s+be|sounds?)\s+)?(?:just\s+)?"
    r"(?:(?:the\s+)?same\s+as|like|repeat(?:s|ing)|mirror(?:s|ing))\s+the\s+(?:first|opening)\b"
    r"|第三[段部](?:分)?(?:和|跟|与|同)第一[段部](?:分)?(?:一样|相同|一致)",
    re.I,
)


def find_letters(text: str) -> list[Claim]:
    """Claims of forms in letters or in the initials of sections."""
    claims = []
    for pattern in (_MIXED, *_LETTERS):
        for match in pattern.finditer(text):
            items = parse_form(match["form"])
            if len(items) > 1:
                claims.append(Claim(match.start(), match.end(), "form", items))
    for match in _INITIALS.finditer(text):
        letters = re.findall("[A-Z]+", match[0].upper())
        if "C" in letters:
            items = parse_form(" ".join("pre-chorus" if name == "PC" else _INITIAL[name] for name in letters))
            claims.insert(0, Claim(match.start(), match.end(), "form", items))
    for match in _Z_INITIALS.finditer(text):
        names = [_Z_INITIAL[char] for char in match[0] if char in _Z_INITIAL]
        if {"主歌", "副歌"} <= set(names):
            claims.insert(0, Claim(match.start(), match.end(), "form", parse_form(" ".join(names))))
    for match in _Z_COUNTED.finditer(text):
        verses, choruses = (int(read_number(match[name]) or 1) for name in ("n", "m"))
        names = ["主歌"] * verses + ["副歌"] * choruses + (["桥段"] if match["b"] else [])
        claims.insert(0, Claim(match.start(), match.end(), "form", parse_form(" ".join(names))))
    return claims


_LONGEST_FIRST = sorted(NAMED_FORMS, key=len, reverse=True)
_NAMED = re.compile(
    "|".join(re.escape(name) for name in _LONGEST_FIRST if not name.isascii())
    + rf"|\b(?:{'|'.join(re.sub('[ -]', '[ -]', name) for name in _LONGEST_FIRST if name.isascii())})\b",
    re.I,
)


def find_named_forms(text: str) -> list[Claim]:
    """Claims of forms that have a name, "rondo form", 三段体."""
    claims = []
    for match in _VARIATIONS.finditer(text):
        count = min(int(read_number(match["n"] or match["z"]) or 3), 4)  # a letter takes four primes
        written = " ".join("A" + "'" * n for n in range(count + 1))
        claims.append(Claim(match.start(), match.end(), "form", parse_form(written)))
    claims += [
        Claim(match.start(), match.end(), "form", parse_form(NAMED_FORMS[_spelt(match[0])]))
        for match in _NAMED.finditer(text)
    ]
    if not claims and (told := _RETURN.search(text)):
        claims.append(Claim(told.start(), told.end(), "form", parse_form("A B A")))
    return claims


def _spelt(name: str) -> str:
    name = name.lower()
    return next(n for n in NAMED_FORMS if n == name or n.replace("-", " ") == name.replace("-", " "))
