"""SVG geometry as PDF operators: numbers, transforms, shapes and path data."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from lxml import etree

_KAPPA = 0.5522847498  # how far a curve's handles reach to draw a quarter of a circle
_NUMBERS = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate)\s*\(([^)]*)\)")


def floats(text: str | None) -> list[float]:
    return [float(number) for number in _NUMBERS.findall(text or "")]


def matrix(text: str) -> tuple[float, float, float, float, float, float]:
    """An SVG transform list as one PDF matrix."""
    a, b, c, d, e, f = 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    for kind, arguments in _TRANSFORM.findall(text):
        v = floats(arguments)
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


def shape_operators(name: str, element: etree._Element) -> str:
    """A shape as PDF path operators."""
    if name == "path":
        return path_operators(element.get("d") or "")
    if name in ("polygon", "polyline"):
        flat = floats(element.get("points"))
        steps = [("M" if i == 0 else "L", (flat[i], flat[i + 1])) for i in range(0, len(flat) - 1, 2)]
        return _operators(steps + ([("Z", ())] if name == "polygon" else []))

    def get(*names: str) -> float:
        return next((floats(element.get(key))[0] for key in names if element.get(key)), 0.0)

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
def path_operators(data: str) -> str:
    """SVG path data as PDF operators."""
    if not data:
        return ""
    if re.search("[^MLCQZe0-9 ,.+-]", data):  # relative or rarer commands: let fontTools read them
        return _operators(_parsed(data))
    return _operators([step for letter, text in _ABSOLUTE.findall(data) for step in _repeated(letter, floats(text))])


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
