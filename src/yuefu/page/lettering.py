"""Lines of text as SVG path data: no reader of the picture needs a font."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from yuefu.page.fonts import Glyph, glyph


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style. size: the font size in the picture's units; rise: raised by so much."""

    text: str
    size: float
    bold: bool = False
    italic: bool = False
    music: bool = False
    rise: float = 0.0

    @property
    def glyphs(self) -> list[Glyph]:
        """The outlines, in order."""
        return [glyph(char, self.bold, self.italic, self.music) for char in self.text]

    @property
    def width(self) -> float:
        """Width in the picture's units."""
        return sum(one.advance for one in self.glyphs) * self.size


@dataclass(frozen=True, slots=True)
class Lettering:
    """Path data of a line. solid: to fill; heavy: to fill and stroke with ``stroke`` (made-up bold)."""

    solid: str
    heavy: str
    stroke: float
    width: float


def set_line(runs: Iterable[Run], x: float, y: float, anchor: str = "start", digits: int = 0) -> Lettering:
    """Draw runs one after the other on a baseline at (x, y), y down as in SVG.

    anchor: ``"start"``, ``"middle"`` or ``"end"``, the place of x in the line; digits: decimals kept.

    >>> round(set_line([Run("a b", 100)], 0, 0).width)
    119
    """
    runs = list(runs)
    width = sum(run.width for run in runs)
    x -= {"middle": width / 2, "end": width}.get(anchor, 0.0)
    solid: list[str] = []
    heavy: list[str] = []
    stroke = 0.0
    for run in runs:
        for one in run.glyphs:
            target = heavy if one.embolden else solid
            target.append(_path(one, x, y - run.rise, run.size, digits))
            stroke = max(stroke, one.embolden * run.size)
            x += one.advance * run.size
    return Lettering("".join(solid), "".join(heavy), stroke, width)


def _path(one: Glyph, x: float, y: float, size: float, digits: int) -> str:
    """A glyph's path data, scaled, turned the right way up and moved."""
    parts: list[str] = []
    for operation, points in one.steps:
        if digits:
            numbers = [
                f"{round(y - v * size if index % 2 else x + v * size, digits):g}" for index, v in enumerate(points)
            ]
        else:
            numbers = [str(round(y - v * size if index % 2 else x + v * size)) for index, v in enumerate(points)]
        parts.append(operation + " ".join(numbers))
    return "".join(parts)


def svg_text(
    text: str,
    x: float,
    y: float,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    anchor: str = "start",
    fill: str = "#000000",
    opacity: float = 1.0,
    digits: int = 2,
) -> str:
    """SVG elements that draw a line of text as outlines (an empty string for blank text)."""
    line = _words(text, size, bold, italic, anchor, digits)
    see = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    move = f'transform="translate({x:.{digits}f} {y:.{digits}f})"'
    out = f'<path {move} fill="{fill}"{see} stroke="none" d="{line.solid}"/>' if line.solid else ""
    if line.heavy:
        stroke = f'stroke="{fill}" stroke-width="{line.stroke:.3g}"'
        out += f'<path {move} fill="{fill}"{see} {stroke} d="{line.heavy}"/>'
    return out


@lru_cache(maxsize=2048)
def _words(text: str, size: float, bold: bool, italic: bool, anchor: str, digits: int) -> Lettering:
    """A line at the origin; chord names and syllables come again and again."""
    return set_line([Run(text, size, bold, italic)], 0.0, 0.0, anchor, digits)
