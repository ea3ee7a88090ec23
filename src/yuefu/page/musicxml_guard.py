"""What is checked of a MusicXML document before verovio sees it.

verovio trusts numbers: a document with ``<divisions>0</divisions>`` ends the whole process. So a
document is refused here, with a sentence, when a number that lays music out is missing or absurd.
"""

from __future__ import annotations

from lxml import etree

from yuefu.errors import FormatError, LimitError

MAX_BYTES = 64_000_000
_ROOTS = ("score-partwise", "score-timewise")
#: Elements whose text must be a number within bounds.
_BOUNDS = {
    "divisions": (1, 100_000),
    "duration": (0, 10_000_000),
    "beat-type": (1, 128),
    "fifths": (-12, 12),
    "octave": (0, 10),
    "display-octave": (0, 10),
    "staves": (1, 16),
    "staff": (1, 16),
    "actual-notes": (1, 1000),
    "normal-notes": (1, 1000),
    "staff-lines": (0, 20),
    "line": (-10, 20),
    "per-minute": (0.1, 100_000),
    "alter": (-12, 12),
    "root-alter": (-12, 12),
    "bass-alter": (-12, 12),
    "beat-repeat": (0, 100),
    "clef-octave-change": (-4, 4),
}
_STEPS = {"A", "B", "C", "D", "E", "F", "G"}
_STEP_TAGS = ("step", "display-step", "root-step", "bass-step")
_PLACES = {
    "measure": {"part", "score-timewise"},
    "note": {"measure", "part"},
    "pitch": {"note"},
    "attributes": {"measure", "part"},
    "key": {"attributes", "for-part"},
    "time": {"attributes"},
    "clef": {"attributes", "for-part"},
}
#: What an element can't do without.
_NEEDED = {
    "pitch": ("step", "octave"),
    "time-modification": ("actual-notes", "normal-notes"),
    "clef": ("sign",),
    "harmony": ("kind",),
    "backup": ("duration",),
    "forward": ("duration",),
}


def parse_musicxml(musicxml: bytes) -> etree._Element:
    """The document's root, checked. Raises FormatError or LimitError with what is wrong and where."""
    if not isinstance(musicxml, (bytes, bytearray)):
        raise FormatError(f"a MusicXML document must be bytes, but {type(musicxml).__name__} came: encode it as UTF-8.")
    if len(musicxml) > MAX_BYTES:
        raise LimitError(
            f"this MusicXML has {len(musicxml):,} bytes, more than the {MAX_BYTES:,} allowed: engrave it in parts."
        )
    if musicxml[:2] == b"PK":
        raise FormatError("this is a compressed MusicXML (.mxl): read it as a score first, or unpack it.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(bytes(musicxml), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FormatError(f"this isn't well-formed MusicXML ({error!s:.100}): write it again.") from error
    if root.tag not in _ROOTS:
        raise FormatError(f"this XML starts with <{root.tag!s:.40}>: MusicXML starts with <score-partwise>.")
    if root.find(".//measure") is None or root.find("part-list/score-part") is None:
        raise FormatError("this MusicXML has no bars to engrave: give a score with at least one part and one bar.")
    _check(root)
    return root


def _check(root: etree._Element) -> None:
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if tag in _BOUNDS and not (tag == "line" and element.getparent().tag != "clef"):
            low, high = _BOUNDS[tag]
            value = _number(element.text)
            if value is None and tag == "per-minute":
                continue  # "c. 120" is allowed there
            if value is None or not low <= value <= high:
                raise _refusal(element, f"must be a number from {low:g} to {high:g}, not '{(element.text or '')[:20]}'")
        elif tag == "beats" and any(
            not part.strip().isdigit() or not 0 < int(part) <= 128 for part in (element.text or "").split("+")
        ):
            raise _refusal(element, f"must be a whole number, not '{(element.text or '')[:20]}'")
        elif tag in _STEP_TAGS and (element.text or "").strip().upper() not in _STEPS:
            raise _refusal(element, f"must be a letter A to G, not '{(element.text or '')[:20]}'")
        needed = _NEEDED.get(tag, ())
        if tag == "time" and element.find("senza-misura") is None:
            needed = ("beats", "beat-type")
        elif tag == "note" and element.find("grace") is None:
            needed = ("duration",)
        for name in needed:
            if element.find(name) is None:
                raise _refusal(element, f"needs a <{name}>")
        if tag in _PLACES and element is not root and element.getparent().tag not in _PLACES[tag]:
            raise _refusal(element, f"can't stand inside <{element.getparent().tag}>")
    if root.tag == "score-partwise":
        listed = {part.get("id") for part in root.findall("part-list/score-part")}
        for part in root.findall("part"):
            if part.get("id") not in listed:
                raise _refusal(part, f"has the id '{(part.get('id') or '')[:20]}', which isn't in the part list")
            first = part.find("measure")
            if first is None or first.find("attributes/divisions") is None:
                raise _refusal(part, "needs a first bar that says its <divisions>")
            if root.find("part-list") is None:
                raise _refusal(part, "has no part list")


def _number(text: str | None) -> float | None:
    try:
        return float((text or "").strip())
    except ValueError:
        return None


def _refusal(element: etree._Element, reason: str) -> FormatError:
    measure = next((e.get("number") for e in element.iterancestors("measure")), None)
    where = f" in bar {measure[:10]}" if measure else ""
    return FormatError(f"this MusicXML can't be engraved: <{element.tag}>{where} {reason}.")
