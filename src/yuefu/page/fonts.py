"""Glyph outlines for every character on a page, the same on every machine.

No font of the system is needed: Latin text is set in the Liberation Serif that travels inside
verovio's wheel (regular, bold, italic, bold italic), music symbols in verovio's Leipzig, Chinese in
Noto Serif SC from the package ``pylopdf-fonts-zh-cn`` (SIL Open Font License). All outlines are in
em units: x to the right, y up, the baseline at 0, 1 = the font size.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import logging
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from yuefu.errors import MissingSystemError

log = logging.getLogger(__name__)

#: One drawing step: "M", "L", "C", "Q" or "Z", and its points as (x, y, x, y ...) in em units.
Step = tuple[str, tuple[float, ...]]

# Where systems keep a Chinese font, for the day that the package with ours is missing.
_SYSTEM_CJK = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/Supplemental/Songti.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/simsun.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
_FACES = {(False, False): 0, (True, False): 1, (False, True): 2, (True, True): 3}
_SPACES = " \t\n\r\u00a0\u2002\u2003\u2009\u200a\u202f"
# Characters that are often typed for a music symbol, and the symbol of the music font.
_MUSIC = {"♭": "\ue260", "♮": "\ue261", "♯": "\ue262", "𝄫": "\ue264", "𝄪": "\ue263"}
#: The music font's accidentals (the ordinary ones and those that verovio sets in chord symbols).
SIGNS = {char: sign for sign, char in _MUSIC.items()} | dict(zip("\uea63\uea64\uea65\uea66\uea67", "𝄫♭♮♯𝄪"))
_loading = threading.RLock()


@dataclass(frozen=True, slots=True)
class Glyph:
    """An outline. steps: drawing steps in em; advance: width in em; embolden: extra stroke width in em.

    embolden is above 0 when bold was asked for and the face has none (Chinese).
    """

    steps: tuple[Step, ...]
    advance: float
    embolden: float = 0.0


@lru_cache(maxsize=8192)
def glyph(char: str, bold: bool = False, italic: bool = False, music: bool = False) -> Glyph:
    """The outline of one character; a hollow box when no font has it.

    music: look in the music font first (verovio's own text symbols are private-use characters).

    >>> glyph("春").advance, glyph("a").advance < 0.5, glyph("♭", bold=True).steps == glyph("♭").steps
    (1.0, True, True)
    """
    if char in _MUSIC and not music:
        return _accidental(_MUSIC[char])
    if music or "\ue000" <= char <= "\uf8ff":
        found = _music_glyph(char)
        if found is not None:
            return found
    if char in _SPACES:
        width = {"\u2002": 0.5, "\u2003": 1.0, "\u2009": 0.2, "\u200a": 0.1, "\u202f": 0.2}.get(char, 0.25)
        return Glyph((), width)
    with _loading:  # fontTools' lazy tables aren't safe under two readers
        for face in _chain(bold, italic, wide=is_wide(char)):
            found = face.outline(char)
            if found is not None:
                synthetic = bold and not face.latin
                return Glyph(found.steps, found.advance, 0.02 if synthetic else 0.0)
    if unicodedata.category(char) in ("Cc", "Cf", "Mn", "Me"):
        return Glyph((), 0.0)
    log.warning("no font has the character U+%04X: a box stands for it", ord(char))
    return _box(1.0 if is_wide(char) else 0.6)


def text_width(text: str, bold: bool = False, italic: bool = False) -> float:
    """The width of a line of text in em.

    >>> text_width("春天")
    2.0
    """
    return sum(glyph(char, bold, italic).advance for char in text)


def is_wide(char: str) -> bool:
    """Whether a character fills a Chinese square (ideographs, kana, their punctuation)."""
    return unicodedata.east_asian_width(char) in ("W", "F") or "\u3000" <= char <= "\u303f"


def has_chinese_font() -> bool:
    """Whether Chinese text can be drawn on this machine."""
    return bool(_cjk_paths())


class _Face:
    """One font file, read lazily with fontTools."""

    def __init__(self, source: Any, latin: bool, number: int = -1) -> None:
        from fontTools.ttLib import TTFont

        logging.getLogger("fontTools").setLevel(logging.ERROR)  # it reports harmless table quirks
        self._font = TTFont(source, lazy=True, fontNumber=number)
        self._glyphs = self._font.getGlyphSet()
        self._names: dict[int, str] = self._font.getBestCmap() or {}
        self._em = float(self._font["head"].unitsPerEm)
        self.latin = latin

    def outline(self, char: str) -> Glyph | None:
        """The glyph of a character, or None when this font hasn't got it."""
        from fontTools.pens.basePen import decomposeQuadraticSegment
        from fontTools.pens.recordingPen import DecomposingRecordingPen

        name = self._names.get(ord(char))
        if name is None:
            return None
        pen = DecomposingRecordingPen(self._glyphs)
        self._glyphs[name].draw(pen)
        return Glyph(_steps(pen.value, 1.0 / self._em, decomposeQuadraticSegment), self._glyphs[name].width / self._em)


def _steps(recorded: list[Any], scale: float, split: Any) -> tuple[Step, ...]:
    """Pen commands as drawing steps, TrueType's chained curves taken apart."""
    steps: list[Step] = []

    def add(operation: str, points: Any) -> None:
        steps.append((operation, tuple(v * scale for point in points for v in point)))

    for command, points in recorded:
        if command == "moveTo":
            add("M", points)
        elif command == "lineTo":
            add("L", points)
        elif command == "curveTo":
            add("C", points)
        elif command == "qCurveTo":
            if points[-1] is None:  # a contour without an on-curve point: start halfway
                off = points[:-1]
                start = ((off[-1][0] + off[0][0]) / 2, (off[-1][1] + off[0][1]) / 2)
                add("M", [start])
                points = (*off, start)
            for control, end in split(points):
                add("Q", (control, end))
        else:
            steps.append(("Z", ()))
    return tuple(steps)


def _chain(bold: bool, italic: bool, wide: bool) -> Iterator[_Face]:
    """The faces to ask, in order: Latin first for Latin text, Chinese first for Chinese; loaded as needed."""
    if not wide:
        yield from _latin_faces(_FACES[bold, italic])
    for path in _cjk_paths():
        yield _cjk_face(path)
    if wide:
        yield from _latin_faces(_FACES[bold, italic])


def verovio_data() -> Path:
    """The folder of verovio's fonts and metrics."""
    spec = importlib.util.find_spec("verovio")
    folder = Path(spec.origin).parent / "data" if spec and spec.origin else None
    if folder is None or not folder.is_dir():
        raise MissingSystemError("verovio's data folder is missing, and pages can't be drawn: reinstall verovio.")
    return folder


@cache
def _latin_faces(index: int) -> tuple[_Face, ...]:
    """Liberation Serif (0 regular, 1 bold, 2 italic, 3 bold italic): Times' own widths, which verovio counts on."""
    with _loading:
        css = (verovio_data() / "Liberation.css").read_text("utf-8")
        packed = re.findall(r"base64,([A-Za-z0-9+/=]+)", css)
        try:
            return (_Face(io.BytesIO(base64.b64decode(packed[index])), latin=True),)
        except ImportError as error:  # brotli unpacks the font; the Chinese font has Latin letters too
            log.warning("Latin text is set in the Chinese font (%s): pip install brotli", error)
            return ()


@cache
def _cjk_paths() -> tuple[str, ...]:
    """The Chinese fonts of this machine: ours, else the first known one of the system."""
    spec = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    if spec and spec.origin:
        folder = Path(spec.origin).parent
        ours = [folder / "NotoSerifSC-Regular.otf", folder / "NotoSansSC-Regular.otf"]
        if all(path.is_file() for path in ours):
            return tuple(str(path) for path in ours)
    found = [path for path in _SYSTEM_CJK if Path(path).is_file()][:1]
    if not found:
        log.warning("no Chinese font found: Chinese text is drawn as boxes")
    return tuple(found)


@cache
def _cjk_face(path: str) -> _Face:
    return _Face(path, latin=False, number=0 if path.endswith("ttc") else -1)


@cache
def _music_advances() -> dict[str, float]:
    """The music font's widths in em, by upper-case code point."""
    text = (verovio_data() / "Leipzig.xml").read_text("utf-8")
    return {
        code.upper(): float(width) / 1000
        for code, width in re.findall(r'<g c="([0-9A-Fa-f]+)"[^>]*h-a-x="([\d.]+)"', text)
    }


def _music_glyph(char: str) -> Glyph | None:
    from fontTools.pens.basePen import decomposeQuadraticSegment
    from fontTools.pens.recordingPen import RecordingPen
    from fontTools.svgLib.path import parse_path

    code = f"{ord(char):04X}"
    path = verovio_data() / "Leipzig" / f"{code}.xml"
    if not path.is_file():
        return None
    drawn = re.search(r'\bd="([^"]*)"', path.read_text("utf-8"))
    pen = RecordingPen()
    parse_path(drawn.group(1) if drawn else "", pen)
    steps = _steps(pen.value, 1 / 1000, decomposeQuadraticSegment)
    found = Glyph(steps, _music_advances().get(code, 0.5))
    return _placed(found, 1.0, 0.0, 0.055) if char in SIGNS else found


def _accidental(char: str) -> Glyph:
    """A sharp or flat sized and raised to stand in a line of text."""
    source = _music_glyph(char)
    return _placed(source, 1.05, 0.28, 0.0) if source else _box(0.5)


def _placed(source: Glyph, scale: float, rise: float, bearing: float) -> Glyph:
    """A glyph scaled, raised, and given air on both sides (accidentals have none, and touch the letters)."""
    steps = tuple(
        (op, tuple(v * scale + (rise if index % 2 else bearing) for index, v in enumerate(points)))
        for op, points in source.steps
    )
    return Glyph(steps, source.advance * scale + 2 * bearing)


def _box(width: float) -> Glyph:
    """A hollow box: the sign for a character that no font has."""
    left, right, low, high, line = 0.08, width - 0.08, -0.05, 0.75, 0.04
    outer = [(left, low), (right, low), (right, high), (left, high)]
    left, right, low, high = left + line, right - line, low + line, high - line
    inner = [(left, low), (left, high), (right, high), (right, low)]  # the other way round: a hole
    steps: list[Step] = []
    for ring in (outer, inner):
        steps += [("M" if i == 0 else "L", point) for i, point in enumerate(ring)] + [("Z", ())]
    return Glyph(tuple(steps), width)
