"""Pages as one vector PDF.

The pages are self-contained SVG (see ``outline``): groups, uses, and a handful of shapes. They are
translated straight to PDF drawing operators: a symbol such as a notehead becomes a form that all
pages share, so that a long score is written in a fraction of a second a page and stays small.
An invisible layer of text lies over the outlines, so that titles and lyrics can be searched,
copied and read aloud.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from lxml import etree

from yuefu.errors import InputError
from yuefu.page.outline import SVG, XLINK, is_outlined, outline_svg, parse_svg
from yuefu.page.pdf_paths import floats, matrix, shape_operators

POINTS_PER_MM = 72 / 25.4
_CHINESE = "STSong-Light"  # a font that every PDF reader knows by name; used for invisible text only
_TYPED = str.maketrans({"\u00a0": " ", "♯": "#", "♭": "b", "♮": ""})  # as one types it in a search
_writing = threading.Lock()  # reportlab's settings are global
_PAINTED = frozenset(
    ("fill", "fill-opacity", "opacity", "stroke", "stroke-opacity", "stroke-width")
    + ("stroke-dasharray", "stroke-linecap", "stroke-linejoin")
)
_CAPS = {"butt": 0, "round": 1, "square": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}


def pdf_bytes(svgs: Sequence[str], title: str = "", author: str = "") -> bytes:
    """A PDF with a page for each SVG, in the size that the SVG states in millimetres.

    svgs: pages of an Engraving or any SVG drawn by this package; title and author go into the
    document's properties. The same pages give the same bytes. Raises InputError without pages,
    FormatError when a page isn't SVG.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    if not svgs:
        raise InputError("a PDF needs at least one page, and none came: engrave a score first.")
    if _CHINESE not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    out = io.BytesIO()
    with _writing, _binary_streams():
        canvas = Canvas(out, pageCompression=1, invariant=1)
        canvas.setTitle(title or "Yuefu")
        canvas.setAuthor(author)
        canvas.setCreator("Yuefu")
        symbols: dict[str, str] = {}
        for svg in svgs:
            _Page(canvas, parse_svg(svg if is_outlined(svg) else outline_svg(svg)), symbols).draw()
            canvas.showPage()
        canvas.save()
    return out.getvalue()


@contextmanager
def _binary_streams() -> Iterator[None]:
    """Let reportlab write compressed streams as they are: as base-85 text they take longer than the drawing."""
    from reportlab import rl_config

    before = rl_config.useA85
    rl_config.useA85 = 0
    try:
        yield
    finally:
        rl_config.useA85 = before


@dataclass(frozen=True, slots=True)
class _Paint:
    """The drawing properties that SVG inherits."""

    fill: str = "#000000"
    stroke: str = "none"
    width: float = 1.0
    fill_opacity: float = 1.0
    stroke_opacity: float = 1.0
    dash: str = "none"
    cap: str = "butt"
    join: str = "miter"

    def inside(self, element: etree._Element) -> _Paint:
        """The properties for an element's content."""
        get = element.get
        if _PAINTED.isdisjoint(element.attrib):
            return self
        changes: dict[str, Any] = {}
        for name, attribute in (("fill", "fill"), ("stroke", "stroke"), ("dash", "stroke-dasharray")):
            if get(attribute):
                changes[name] = get(attribute)
        for name, attribute in (("cap", "stroke-linecap"), ("join", "stroke-linejoin")):
            if get(attribute):
                changes[name] = get(attribute)
        if get("stroke-width"):
            changes["width"] = floats(get("stroke-width"))[0]
        opacity = float(get("opacity") or 1)
        for name, attribute in (("fill_opacity", "fill-opacity"), ("stroke_opacity", "stroke-opacity")):
            if get(attribute) or opacity != 1:
                changes[name] = float(get(attribute) or getattr(self, name)) * opacity
        return replace(self, **changes) if changes else self


@dataclass(frozen=True, slots=True)
class _Operators:
    """Ready PDF path operators in the shape that reportlab's ``drawPath`` asks for."""

    operators: str

    def getCode(self) -> str:
        """The operators."""
        return self.operators


class _Page:
    """One page on its way from SVG to PDF."""

    def __init__(self, canvas: Any, root: etree._Element, symbols: dict[str, str]) -> None:
        self.canvas = canvas
        self.root = root
        self.symbols = symbols  # SVG path data -> name of the PDF form
        self.state: dict[str, Any] = {}  # what the PDF's graphics state holds, to say nothing twice
        self.saved: list[dict[str, Any]] = []
        self.defined = {
            element.get("id"): element
            for definitions in root.iter(f"{{{SVG}}}defs")
            for element in definitions
            if element.get("id")
        }

    def draw(self) -> None:
        """Draw everything, scaled to the page with y turned upwards."""
        box = floats(self.root.get("viewBox")) or [0, 0, 21000, 29700]
        width_mm = _length_mm(self.root.get("width"), box[2] / 100)
        scale = width_mm * POINTS_PER_MM / box[2]
        self.canvas.setPageSize((box[2] * scale, box[3] * scale))
        self.canvas.transform(scale, 0, 0, -scale, -box[0] * scale, (box[1] + box[3]) * scale)
        self._children(self.root, _Paint().inside(self.root))

    def _children(self, element: etree._Element, paint: _Paint) -> None:
        for child in element:
            if isinstance(child.tag, str):
                self._element(child, paint)

    def _element(self, element: etree._Element, paint: _Paint) -> None:
        name = etree.QName(element).localname
        if name in ("defs", "title", "desc", "style", "metadata"):
            return
        transform = element.get("transform")
        if transform:
            self._save()
            self.canvas.transform(*matrix(transform))
        paint = paint.inside(element)
        if name in ("g", "svg"):
            if element.get("class") == "lettering" and element.get("aria-label"):
                self._words(element)
            self._children(element, paint)
        elif name == "use":
            self._use(element)
        else:
            self._shape(shape_operators(name, element), paint)
        if transform:
            self._restore()

    def _save(self) -> None:
        self.canvas.saveState()
        self.saved.append(dict(self.state))

    def _restore(self) -> None:
        self.canvas.restoreState()
        self.state = self.saved.pop()

    def _set(self, name: str, value: Any, setter: Any, **extra: Any) -> None:
        """Change the graphics state where it differs."""
        if self.state.get(name) != (value, extra):
            self.state[name] = (value, extra)
            setter(value, **extra)

    def _use(self, element: etree._Element) -> None:
        target = self.defined.get((element.get(f"{{{XLINK}}}href") or element.get("href") or "").lstrip("#"))
        if target is None:
            return
        key = "".join(f"{e.get('transform')}{e.get('d')}" for e in target)
        form = self.symbols.get(key)
        if form is None:
            form = self.symbols[key] = f"symbol{len(self.symbols)}"
            outside, self.state = self.state, {}
            self.canvas.beginForm(form, -3000, -3000, 3000, 3000)
            self._children(target, _Paint())
            self.canvas.endForm()
            self.state = outside
        x, y = (float(element.get(axis) or 0) for axis in ("x", "y"))
        if x or y:
            self._save()
            self.canvas.translate(x, y)
        self.canvas.doForm(form)
        if x or y:
            self._restore()

    def _shape(self, outline: str, paint: _Paint) -> None:
        fill, stroke = paint.fill != "none", paint.stroke != "none" and paint.width > 0
        if not outline or not (fill or stroke):
            return
        canvas = self.canvas
        if fill:
            self._set("fill", _colour(paint.fill), canvas.setFillColor, alpha=paint.fill_opacity)
        if stroke:
            self._set("stroke", _colour(paint.stroke), canvas.setStrokeColor, alpha=paint.stroke_opacity)
            self._set("width", paint.width, canvas.setLineWidth)
            self._set("cap", _CAPS.get(paint.cap, 0), canvas.setLineCap)
            self._set("join", _JOINS.get(paint.join, 0), canvas.setLineJoin)
            self._set("dash", [] if paint.dash == "none" else floats(paint.dash), canvas.setDash)
        canvas.drawPath(_Operators(outline), stroke=int(stroke), fill=int(fill), fillMode=1)

    def _words(self, group: etree._Element) -> None:
        """Lay a line's words invisibly over its outlines, as high and as wide as they are."""
        words = (group.get("aria-label") or "").translate(_TYPED)
        numbers = floats("".join(path.get("d") or "" for path in group))  # absolute x, y, x, y ...
        if not numbers:
            return
        left, right, top, bottom = min(numbers[::2]), max(numbers[::2]), min(numbers[1::2]), max(numbers[1::2])
        font = "Times-Roman" if words.isascii() else _CHINESE
        size = max(bottom - top, 1.0) / 0.9
        if font == _CHINESE and len(words) == 1:
            words += " "  # some readers pass over a lone character of a font that isn't embedded
        from reportlab.pdfbase.pdfmetrics import stringWidth

        width = stringWidth(words, font, size)
        if width <= 0:
            return
        text = self.canvas.beginText()
        text.setTextTransform(1, 0, 0, -1, left, bottom)
        text.setFont(font, size)
        text.setTextRenderMode(3)
        text.setHorizScale(100 * (right - left) / width)
        text.textOut(words)
        text.setTextRenderMode(0)
        text.setHorizScale(100)
        self.canvas.drawText(text)


def _length_mm(text: str | None, default: float) -> float:
    """A length attribute in millimetres (pixels are 1/96 inch)."""
    numbers = floats(text)
    if not numbers:
        return default
    unit = re.sub(r"[\d.+\-eE\s]", "", text or "")
    return numbers[0] * {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72}.get(unit, 25.4 / 96)


@lru_cache(maxsize=64)
def _colour(text: str) -> Any:
    from reportlab.lib.colors import toColor

    return toColor("#000000" if text == "currentColor" else text)
