"""Whether what an idea came from is free to use: what a file says of its rights, and what a card says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from yuefu.inspire.idea import Source

#: What is said of a licence -> its short name and whether an idea from it may be used freely (None: on terms).
_KNOWN = (
    (r"\bcc[\s-]*0\b|creative ?commons zero|public domain dedication|zero/1\.0", "CC0", True),
    (r"by-nc-nd|noncommercial-noderiv|attribution-noncommercial-noderiv", "CC BY-NC-ND", False),
    (r"by-nc-sa", "CC BY-NC-SA", False),
    (r"by-nc\b|noncommercial|non-commercial|非商业", "CC BY-NC", False),
    (r"by-nd\b|noderivs|no ?derivatives|禁止演绎", "CC BY-ND", False),
    (r"by-sa|sharealike|share ?alike|相同方式共享", "CC BY-SA", True),
    (r"\bcc[\s-]*by\b|licenses/by/|creative commons attribution|署名", "CC BY", True),
    (r"public ?domain|\bpdm?\b(?!f)|公有领域|公版|copyright(?:ed)? expired|out of copyright", "public domain", True),
    (r"\bmit\b(?: licen[cs]e)?$|\bapache\b|\bbsd\b|\bgpl\b", "open", True),
    (r"all rights reserved|版权所有|保留所有权利|©|\(c\)|copyright|著作权", "all rights reserved", False),
)  # fmt: skip
#: Licences that ask for the author's name, or for the same licence.
_TERMS = {
    "CC BY": ("name its author", "须署名"),
    "CC BY-SA": ("name its author, and share under the same licence", "须署名，并以相同许可分享"),
}
YOURS, MADE, UNKNOWN = "yours", "made here", "unknown"
_UNSURE = re.compile(r"\bnot\b[^.;]{0,30}public domain|unknown|未知|see\b", re.I)


def read_rights(text: str) -> tuple[str, bool | None]:
    """A licence's short name and whether it is free to use, from whatever a file says; unknown where it says nothing.

    >>> read_rights("Creative Commons Zero 1.0"), read_rights("© 1998 A. Nother. All rights reserved")
    (('CC0', True), ('all rights reserved', False))
    >>> read_rights(""), read_rights("https://creativecommons.org/licenses/by-nc-sa/4.0/")
    (('unknown', None), ('CC BY-NC-SA', False))
    """
    plain = " ".join(text.split()).lower()
    if not plain or _UNSURE.search(plain):
        return UNKNOWN, None
    for pattern, name, free in _KNOWN:
        if re.search(pattern, plain):
            return name, free
    return plain[:60], None


def rights_of(metadata: Mapping[str, Any]) -> tuple[str, bool | None]:
    """The same from a score's metadata."""
    said = " ".join(str(metadata.get(name, "")) for name in ("licence", "license", "rights", "copyright"))
    return read_rights(said)


def free_sentence(source: Source, language: str = "en") -> str:
    """Whether an idea may be used, in a sentence.

    >>> free_sentence(Source("file:a.mid"))
    'Nobody knows whose it is: ask before you publish.'
    """
    chinese = language == "zh"
    if source.licence == YOURS:
        return "这是你自己的作品，可以自由使用。" if chinese else "It is your own: use it freely."
    if source.licence == MADE:
        return "这是在这里新写的，可以自由使用。" if chinese else "It was written here: use it freely."
    if source.free:
        terms = _TERMS.get(source.licence)
        if terms is not None:
            return (f"许可：{source.licence}，可以使用，{terms[1]}。" if chinese
                    else f"Licence {source.licence}: free to use, but {terms[0]}.")  # fmt: skip
        return f"许可：{source.licence}，可以自由使用。" if chinese else f"Free to use ({source.licence})."
    if source.free is False:
        return (f"不可自由使用（{source.licence}）：发表前须得到许可。" if chinese
                else f"Not free ({source.licence}): get leave before you publish.")  # fmt: skip
    return "归属不明：发表前请先询问。" if chinese else "Nobody knows whose it is: ask before you publish."


def source_sentence(source: Source, language: str = "en") -> str:
    """Where an idea came from, in a sentence.

    >>> source_sentence(Source("file:a.mid", "Song", "Anna", (5, 6)))
    "Bars 5-6 of 'Song' by Anna."
    >>> source_sentence(Source("made:7"), "zh")
    '为这次搜索新写的（种子 7）。'
    """
    chinese = language == "zh"
    kind, _, name = source.piece.partition(":")
    first, last = source.bars
    title = source.title or ("" if kind == "piece" else name)
    untitled = "一首无题作品" if chinese else "an untitled piece"
    named = (f"《{title}》" if chinese else f"'{title}'") if title else untitled
    if kind == "made":
        return f"为这次搜索新写的（种子 {name}）。" if chinese else f"Written afresh for this search (seed {name})."
    if kind == "mix":
        return f"由{named}组合而成。" if chinese else f"Combined from {named}" + (
            f" by {source.composer}." if source.composer else ".")  # fmt: skip
    if kind == "words":
        return "由文字引出。" if chinese else "A spark from words."
    if chinese:
        where = "" if not last else f"第 {first} 小节" if first == last else f"第 {first}–{last} 小节"
        return f"出自{named}" + (f"（{source.composer}）" if source.composer else "") + where + "。"
    where = "From" if not last else f"Bar {first} of" if first == last else f"Bars {first}-{last} of"
    return f"{where} {named}" + (f" by {source.composer}" if source.composer else "") + "."
