"""Pages as one vector PDF.

The pages are self-contained SVG (see ``outline``): groups, uses, and a handful of shapes. They are
translated straight to PDF drawing operators: a symbol such as a notehead becomes a form that all
pages share, so that a long score is written in a fraction of a second a page and stays small.
An invisible layer of text lies over the outlines, so that titles and lyrics can be searched,
copied and read aloud.
"""

from __future__ import annotations

import io
import math
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

POINTS_PER_MM = 72 / 25.4
_CHINESE = "STSong-Light"  # a font that every PDF reader knows by name; used for invisible text only
_KAPPA = 0.5522847498  # how far a curve's handles reach to draw a quarter of a circle
_TYPED = str.maketrans({"\u00a0": " ", "♯": "#", "♭": "b", "♮": ""})  # as one types it in a search
_NUMBERS = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate)\s*\(([^)]*)\)")
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
            changes["width"] = _floats(get("stroke-width"))[0]
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
        box = _floats(self.root.get("viewBox")) or [0, 0, 21000, 29700]
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
            self.canvas.transform(*_matrix(transform))
        paint = paint.inside(element)
        if name in ("g", "svg"):
            if element.get("class") == "lettering" and element.get("aria-label"):
                self._words(element)
            self._children(element, paint)
        elif name == "use":
            self._use(element)
        else:
            self._shape(_outline(name, element), paint)
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
            self._set("dash", [] if paint.dash == "none" else _floats(paint.dash), canvas.setDash)
        canvas.drawPath(_Operators(outline), stroke=int(stroke), fill=int(fill), fillMode=1)

    def _words(self, group: etree._Element) -> None:
        """Lay a line's words invisibly over its outlines, as high and as wide as they are."""
        words = (group.get("aria-label") or "").translate(_TYPED)
        numbers = _floats("".join(path.get("d") or "" for path in group))  # absolute x, y, x, y ...
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


def _floats(text: str | None) -> list[float]:
    return [float(number) for number in _NUMBERS.findall(text or "")]


def _length_mm(text: str | None, default: float) -> float:
    """A length attribute in millimetres (pixels are 1/96 inch)."""
    numbers = _floats(text)
    if not numbers:
        return default
    unit = re.sub(r"[\d.+\-eE\s]", "", text or "")
    return numbers[0] * {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72}.get(unit, 25.4 / 96)


@lru_cache(maxsize=64)
def _colour(text: str) -> Any:
    from reportlab.lib.colors import toColor

    return toColor("#000000" if text == "currentColor" else text)


def _matrix(text: str) -> tuple[float, float, float, float, float, float]:
    """An SVG transform list as one PDF matrix."""
    a, b, c, d, e, f = 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    for kind, arguments in _TRANSFORM.findall(text):
        v = _floats(arguments)
        m = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
        if kind == "matrix":
            m = (v[0], v[1], v[2], v[3], v[4], v[5])
        elif kind == "translate":
            m = (1.0, 0.0, 0.0, 1.0, v[0], v[1] if len(v) > 1 else 0.0)
        elif kind == "scale":
            m = (v[0], 0.0, 0.0, v[1] if len(v) > 1 else v[0], 0.0, 0.0)
        elif kind == "rotate":
            cos, sin = math.cos(math.radians(v[0])), math.sin(math.radians(v[0]))
            x, y = (v[1], v[2]) if len(v) > 2 else (0.0, 0.0)
            m = (cos, sin, -sin, cos, x - x * cos + y * sin, y - x * sin - y * cos)
        a, b, c, d, e, f = (
            a * m[0] + c * m[1],
            b * m[0] + d * m[1],
            a * m[2] + c * m[3],
            b * m[2] + d * m[3],
            a * m[4] + c * m[5] + e,
            b * m[4] + d * m[5] + f,
        )
    return a, b, c, d, e, f


def _outline(name: str, element: etree._Element) -> str:
    """A shape as PDF path operators."""
    if name == "path":
        return _path(element.get("d") or "")
    if name in ("polygon", "polyline"):
        flat = _floats(element.get("points"))
        steps = [("M" if i == 0 else "L", (flat[i], flat[i + 1])) for i in range(0, len(flat) - 1, 2)]
        return _operators(steps + ([("Z", ())] if name == "polygon" else []))

    def get(*names: str) -> float:
        return next((_floats(element.get(key))[0] for key in names if element.get(key)), 0.0)

    if name == "line":
        return _operators([("M", (get("x1"), get("y1"))), ("L", (get("x2"), get("y2")))])
    if name == "rect":
        x, y, w, h = get("x"), get("y"), get("width"), get("height")
        return f"{x:g} {y:g} {w:g} {h:g} re"
    if name in ("ellipse", "circle"):
        x, y, a, b = get("cx"), get("cy"), get("rx", "r"), get("ry", "r")
        k, m = a * _KAPPA, b * _KAPPA
        return _operators(
            [
                ("M", (x + a, y)),
                ("C", (x + a, y + m, x + k, y + b, x, y + b)),
                ("C", (x - k, y + b, x - a, y + m, x - a, y)),
                ("C", (x - a, y - m, x - k, y - b, x, y - b)),
                ("C", (x + k, y - b, x + a, y - m, x + a, y)),
                ("Z", ()),
            ]
        )
    return ""


_LETTERS = {"M": "m", "L": "l", "C": "c", "Z": "h"}


def _operators(steps: Sequence[tuple[str, Sequence[float]]]) -> str:
    """Absolute M, L, C, Q, Z steps as PDF operators (PDF knows cubic curves alone)."""
    out: list[str] = []
    x = y = 0.0
    for operation, points in steps:
        if operation == "Q":
            cx, cy, ex, ey = points
            points = (
                x + (cx - x) * 2 / 3,
                y + (cy - y) * 2 / 3,
                ex + (cx - ex) * 2 / 3,
                ey + (cy - ey) * 2 / 3,
                ex,
                ey,
            )
            operation = "C"
        out.append(" ".join(_short(v) for v in points) + " " + _LETTERS[operation])
        if points:
            x, y = points[-2:]
    return " ".join(out)


def _short(value: float) -> str:
    """A number with at most two decimals and no exponent."""
    return str(int(value)) if value == int(value) else f"{value:.2f}"


_ABSOLUTE = re.compile(r"([MLCQZ])([^MLCQZ]*)")


@lru_cache(maxsize=4096)
def _path(data: str) -> str:
    """SVG path data as PDF operators."""
    if not data:
        return ""
    if re.search("[^MLCQZe0-9 ,.+-]", data):  # relative or rarer commands: let fontTools read them
        return _operators(_parsed(data))
    return _operators([step for letter, text in _ABSOLUTE.findall(data) for step in _repeated(letter, _floats(text))])


def _repeated(letter: str, numbers: list[float]) -> list[tuple[str, Sequence[float]]]:
    """A command's points, which SVG lets go on without repeating the letter."""
    size = {"M": 2, "L": 2, "C": 6, "Q": 4, "Z": 0}[letter]
    if not size:
        return [("Z", ())]
    return [
        ("L" if letter == "M" and i else letter, numbers[i : i + size]) for i in range(0, len(numbers) - size + 1, size)
    ]


def _parsed(data: str) -> list[tuple[str, Sequence[float]]]:
    from fontTools.pens.recordingPen import RecordingPen
    from fontTools.svgLib.path import parse_path

    pen = RecordingPen()
    parse_path(data, pen)
    letters = {"moveTo": "M", "lineTo": "L", "curveTo": "C", "qCurveTo": "Q", "closePath": "Z"}
    return [
        (letters[command], [v for point in points for v in point])
        for command, points in pen.value
        if command in letters
    ]
