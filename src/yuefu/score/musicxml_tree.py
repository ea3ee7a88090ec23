"""Parsing untrusted MusicXML into an element tree, safely."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from lxml import etree

from yuefu.errors import FormatError, LimitError

#: Most bytes of XML that are read (the largest orchestral movement seen has 27 MB).
MAX_XML_BYTES = 48_000_000

# An lxml element. lxml ships no types.
Element = Any

_NUMBER = re.compile(r"^[+-]?\d{1,12}(\.\d{0,12})?$")
_ROOTS = "score-partwise or score-timewise"


def parse_xml(data: bytes) -> Element:
    """The root element of an XML document.

    Entities aren't expanded, nothing is fetched, and documents that define their own entities are
    refused: no score needs them. Raises FormatError or LimitError.
    """
    if len(data) > MAX_XML_BYTES:
        raise LimitError(
            f"this MusicXML has {len(data) // 1_000_000} MB: at most {MAX_XML_BYTES // 1_000_000} MB are read, "
            "so split the piece."
        )
    plain = data if b"\x00" not in data[:400] else data.replace(b"\x00", b"")  # UTF-16 seen as ASCII
    if b"<!ENTITY" in plain:
        raise FormatError("this XML defines entities, which a score never needs: remove the <!ENTITY> lines.")
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        reason = str(error).split("\n")[0].split(" (<string>")[0]
        raise FormatError(f"this isn't well-formed XML ({reason:.120}): save the score again.") from error


def score_root(data: bytes) -> Element:
    """The ``score-partwise`` root of a MusicXML document; timewise ones are turned round.

    Raises FormatError when the document is something else.
    """
    root = parse_xml(data)
    if isinstance(root.tag, str) and root.tag.startswith("{"):
        for element in root.iter():
            if isinstance(element.tag, str):
                element.tag = element.tag.rpartition("}")[2]
    if root.tag == "score-timewise":
        return _partwise(root)
    if root.tag != "score-partwise":
        raise FormatError(f"this XML isn't a score: its root is <{root.tag!s:.40}>, where {_ROOTS} is needed.")
    return root


def _partwise(root: Element) -> Element:
    """A timewise score (measures that hold parts) as a partwise one (parts that hold measures)."""
    parts: dict[str, Element] = {}
    for measure in root.findall("measure"):
        for part in measure.findall("part"):
            identity = part.get("id") or ""
            if identity not in parts:
                parts[identity] = etree.SubElement(root, "part", id=identity)
            target = etree.SubElement(parts[identity], "measure", dict(measure.attrib))
            target.extend(list(part))
        root.remove(measure)
    root.tag = "score-partwise"
    return root


def number(text: str | None, what: str) -> int | Fraction:
    """An exact number from text. Raises FormatError that names ``what`` when it isn't one.

    >>> number("12", "duration"), number(" 1.5 ", "duration")
    (12, Fraction(3, 2))
    """
    if text is not None:
        if text.isdigit() and text.isascii() and len(text) < 13:
            return int(text)
        text = text.strip()
        if _NUMBER.match(text):
            value = Fraction(text)
            return int(value) if value.denominator == 1 else value
    raise FormatError(f"the {what} '{(text or '')[:30]}' isn't a number: the file is damaged or not MusicXML.")


def number_or_none(text: str | None) -> float | None:
    """The first number in a text, such as 108 in ``"c. 108"``, or None."""
    match = re.search(r"\d{1,6}(\.\d{1,6})?", text or "")
    return float(match.group()) if match else None


def child_text(element: Element, path: str) -> str:
    """The stripped text at a path below an element, ``""`` when there is none."""
    return (element.findtext(path) or "").strip()
