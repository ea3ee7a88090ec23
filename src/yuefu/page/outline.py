"""verovio's SVG made self-contained: text becomes paths, style sheets become attributes.

What comes out draws the same everywhere (browser, resvg, svglib, a vector editor): no fonts, no
CSS, no nested viewport; one ``viewBox`` in hundredths of a millimetre. The ids and classes that
verovio gives to notes and bars stay, and each text keeps its words in ``aria-label``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

from yuefu.errors import FormatError
from yuefu.page.fonts import SIGNS
from yuefu.page.lettering import Run, set_line

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
INK = "#000000"
_BOLD_CLASSES = {"ending", "fing", "reh", "tempo"}
_ITALIC_CLASSES = {"dir", "dynam", "mNum"}
_SHAPES = ("ellipse", "path", "polygon", "polyline", "rect", "line", "circle")


@dataclass(frozen=True, slots=True)
class _Style:
    """The text properties that SVG inherits."""

    size: float = 0.0
    bold: bool = False
    italic: bool = False
    music: bool = False
    rise: float = 0.0


def parse_svg(svg: str) -> etree._Element:
    """The SVG's root element. Raises FormatError when it isn't well-formed SVG."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)
    try:
        root = etree.fromstring(svg.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError, AttributeError) as error:
        raise FormatError(f"this isn't an SVG page ({error!s:.80}): give pages that were engraved here.") from error
    if not isinstance(root.tag, str) or etree.QName(root).localname != "svg":
        raise FormatError(f"a page must be an <svg> element, but this is <{root.tag!s:.40}>.")
    return root


def is_outlined(svg: str) -> bool:
    """Whether a page is already free of text and style sheets."""
    return "<text" not in svg and "<style" not in svg and "definition-scale" not in svg


def outline_svg(svg: str) -> str:
    """verovio's page as a self-contained SVG of paths alone.

    svg: a page as verovio wrote it, with its ``definition-scale`` viewport. The result is the same
    picture; applying it twice changes nothing.
    """
    root = parse_svg(svg)
    inner = next((e for e in root.iter(f"{{{SVG}}}svg") if e.get("class") == "definition-scale"), None)
    for name in ("style", "desc"):
        for element in list(root.iter(f"{{{SVG}}}{name}")):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
    if inner is not None:
        inner.tag = f"{{{SVG}}}g"
        box = inner.get("viewBox", "0 0 21000 29700")
        inner.attrib.clear()
        inner.set("class", "page")
        inner.set("fill", INK)
        width, height = box.split()[2:]
        for name in ("overflow", "id"):
            root.attrib.pop(name, None)
        root.set("viewBox", box)
        root.set("width", f"{float(width) / 100:g}mm")
        root.set("height", f"{float(height) / 100:g}mm")
    for definition in root.iter(f"{{{SVG}}}defs"):
        for shape in definition.iter(*(f"{{{SVG}}}{name}" for name in _SHAPES)):
            shape.set("stroke", "none")
    for holder in root.iter(f"{{{SVG}}}g"):  # invisible marks of system breaks and the like
        if "placeholder" in (holder.get("class") or "").split():
            for shape in holder.findall(f"{{{SVG}}}ellipse"):
                holder.remove(shape)
    for name in _SHAPES:
        for shape in root.iter(f"{{{SVG}}}{name}"):
            _settle_stroke(shape)
    for text in list(root.iter(f"{{{SVG}}}text")):
        _replace_text(text)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xlink"])
    return etree.tostring(root, encoding="unicode")


def _settle_stroke(shape: etree._Element) -> None:
    """Say what the style sheet said: shapes with a stroke width are stroked, all others only filled."""
    for name in ("stroke", "fill", "color"):
        if shape.get(name) == "currentColor":
            shape.set(name, INK)
    if shape.get("stroke") is None:
        shape.set("stroke", INK if _number(shape.get("stroke-width")) > 0 else "none")


def _number(text: str | None, default: float = 0.0) -> float:
    match = re.match(r"\s*(-?\d*\.?\d+(?:[eE][-+]?\d+)?)", text or "")
    return float(match.group(1)) if match else default


def _styled(style: _Style, element: etree._Element) -> _Style:
    """The style inside an element."""
    classes = set((element.get("class") or "").split())
    if classes & _BOLD_CLASSES:
        style = replace(style, bold=True)
    if classes & _ITALIC_CLASSES:
        style = replace(style, italic=True)
    if "label" in classes:
        style = replace(style, bold=False)
    weight, slant, family, size = (
        element.get(name) for name in ("font-weight", "font-style", "font-family", "font-size")
    )
    if weight:
        style = replace(style, bold=weight in ("bold", "600", "700", "800"))
    if slant:
        style = replace(style, italic=slant in ("italic", "oblique"))
    if family:
        style = replace(style, music="Leipzig" in family or "Bravura" in family)
    if size:
        style = replace(style, size=_number(size))
    shift = element.get("baseline-shift")
    if shift in ("super", "sub"):
        style = replace(style, rise=style.rise + style.size * (0.33 if shift == "super" else -0.2))
    return style


@dataclass(slots=True)
class _Chunk:
    """Runs that share a start position, as an ``x`` attribute begins one."""

    x: float
    y: float
    anchor: str
    runs: list[Run]


def _replace_text(text: etree._Element) -> None:
    """Put outlines in the place of a <text> element."""
    style = _Style()
    for ancestor in [*reversed(list(text.iterancestors())), text]:
        style = _styled(style, ancestor)
    chunks = [_Chunk(_number(text.get("x")), _number(text.get("y")), text.get("text-anchor") or "start", [])]
    _collect(text, style, chunks)
    words = " ".join(_readable("".join(run.text for run in chunk.runs)) for chunk in chunks).strip()
    group = etree.Element(f"{{{SVG}}}g")
    group.set("class", "lettering")
    if words:
        group.set("role", "img")  # a group may only have a label in a role
        group.set("aria-label", words)
    identity = next((e.get("id") for e in text.iter() if e.get("id")), None)
    if identity:
        group.set("id", identity)
    for chunk in chunks:
        line = set_line(chunk.runs, chunk.x, chunk.y, chunk.anchor)
        if line.solid:
            etree.SubElement(group, f"{{{SVG}}}path", {"stroke": "none", "d": line.solid})
        if line.heavy:
            heavy = {"stroke": INK, "stroke-width": f"{line.stroke:.0f}", "d": line.heavy}
            etree.SubElement(group, f"{{{SVG}}}path", heavy)
    parent = text.getparent()
    if parent is not None:
        group.tail = text.tail
        parent.replace(text, group)


def _readable(text: str) -> str:
    """Text without the music font's own characters, accidentals as the usual ones."""
    return "".join(SIGNS.get(char, "" if "\ue000" <= char <= "\uf8ff" else char) for char in text)


def _collect(element: etree._Element, style: _Style, chunks: list[_Chunk]) -> None:
    """Walk a <text>, gathering its runs; an x attribute starts a new chunk, dy moves the line."""
    if element.text:
        _add_run(element.text, style, chunks)
    for child in element:
        inner = _styled(style, child)
        last = chunks[-1]
        if child.get("x") is not None or child.get("y") is not None or child.get("dy") is not None:
            y = _number(child.get("y"), last.y) + _number(child.get("dy"))
            x = child.get("x")
            if x is None:  # only lowered: go on where the line stands
                shift = sum(run.width for run in last.runs)
                chunks.append(_Chunk(last.x + shift, y, "start", []))
            else:
                chunks.append(_Chunk(_number(x), y, child.get("text-anchor") or last.anchor, []))
        elif child.get("text-anchor") and not last.runs:
            last.anchor = child.get("text-anchor") or last.anchor
        _collect(child, inner, chunks)
        if child.tail:
            _add_run(child.tail, style, chunks)


def _add_run(text: str, style: _Style, chunks: list[_Chunk]) -> None:
    text = re.sub(r"[\t\r\n]+", "", text)
    if text:
        chunks[-1].runs.append(Run(text, style.size, style.bold, style.italic, style.music, style.rise))
