"""MusicXML to engraved A4 pages, through verovio.

The pages are SVG in hundredths of a millimetre, 210 x 297 mm. verovio lays the music out; the
heading (see ``heading``), the page numbers and the staff size are decided here.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree

from yuefu.errors import FormatError, LimitError
from yuefu.page.fonts import is_wide
from yuefu.page.heading import Heading
from yuefu.page.lettering import svg_text
from yuefu.page.musicxml_guard import parse_musicxml
from yuefu.page.outline import outline_svg
from yuefu.page.resources import RESOURCES
from yuefu.score.section_names import SECTIONS_ZH

log = logging.getLogger(__name__)

PAGE_WIDTH = 2100  # tenths of a millimetre
PAGE_HEIGHT = 2970
MARGIN = 150
MAX_PAGES = 500
_engraving = threading.Lock()  # verovio keeps global state: one toolkit works at a time


@dataclass(frozen=True)
class Engraving:
    """Engraved pages.

    pages: an SVG a page as verovio wrote it, with text as text and an id on every note (for a
    browser); svgs: the same pages with all text as outlines (for files that must look alike
    everywhere); title: of the piece, may be empty; bars: how many bars were engraved.
    """

    pages: tuple[str, ...]
    title: str = ""
    bars: int = 0

    @cached_property
    def svgs(self) -> tuple[str, ...]:
        """Self-contained pages: paths only, no fonts, no style sheets."""
        return tuple(_finish(outline_svg(page), number, self) for number, page in enumerate(self.pages, 1))

    def __len__(self) -> int:
        return len(self.pages)


def engrave(musicxml: bytes, staff_mm: float | None = None, system_starts: Collection[int] | None = None) -> Engraving:
    """Lay out a piece on A4 pages.

    musicxml: an uncompressed MusicXML document; staff_mm: height of a staff, 3 to 9 mm; None
    chooses by the number of staves (7 mm for a lead sheet, less for a band); system_starts: indices of
    the bars that begin a line, None to fill the lines as they come. The same bytes give
    the same pages. Raises FormatError when the document can't be read, LimitError when it is over
    64 MB or would fill over 500 pages.
    """
    import verovio

    root = parse_musicxml(musicxml)
    heading = Heading.take(root)
    staves = _staff_count(root)
    bars = len(root.findall("part[1]/measure")) or len(root.findall("measure"))
    _tidy(root)
    if system_starts is not None:
        _break_lines(root, system_starts)
    height = staff_mm if staff_mm is not None else _staff_height(staves)
    if not 3 <= height <= 9:
        raise LimitError(f"a staff of {height:g} mm can't be engraved: give 3 to 9 mm.")
    heading.reserve(root, height * 10 / 8)
    text = etree.tostring(root, encoding="unicode")
    with _engraving, RESOURCES.lock:
        verovio.enableLog(verovio.LOG_OFF)
        toolkit = verovio.toolkit(False)
        toolkit.setResourcePath(RESOURCES.path_for(text))
        toolkit.setOptions(_options(height, "auto" if system_starts is None else "line", _sings_chinese(root)))
        if not toolkit.loadData('<?xml version="1.0" encoding="UTF-8"?>' + text):
            raise FormatError("this MusicXML can't be engraved: check that it opens in a notation program.")
        count = toolkit.getPageCount()
        if count > MAX_PAGES:
            raise LimitError(f"the score would fill {count} pages, more than the {MAX_PAGES} allowed: shorten it.")
        pages = tuple(toolkit.renderToSVG(number) for number in range(1, count + 1))
    pages = (heading.draw(pages[0], (PAGE_WIDTH - 2 * MARGIN) * 10), *pages[1:])
    if not any("<use" in page for page in pages):
        raise FormatError("this MusicXML holds no notes or rests to engrave: give a score with at least one bar.")
    return Engraving(pages, heading.title, bars)


def _options(staff_mm: float, breaks: str, chinese_words: bool) -> dict[str, Any]:
    """verovio's settings. unit: half a staff space in tenths of a millimetre."""
    unit = staff_mm * 10 / 8
    return {
        "inputFrom": "xml",
        "pageWidth": PAGE_WIDTH,
        "pageHeight": PAGE_HEIGHT,
        "pageMarginLeft": MARGIN,
        "pageMarginRight": MARGIN,
        "pageMarginTop": MARGIN,
        "pageMarginBottom": MARGIN + 30,
        "unit": unit,
        "scale": 100,
        "footer": "none",
        "header": "auto",
        "breaks": breaks,
        "breaksNoWidow": True,
        "justifyVertically": True,
        "smuflTextFont": "none",
        "svgFormatRaw": True,
        "useBraceGlyph": True,
        "xmlIdChecksum": True,
        "lyricSize": 4.5,
        # Chinese squares rise over the Latin letters that verovio keeps room for.
        "lyricTopMinMargin": 4.4 if chinese_words else 3.2,
        "defaultBottomMargin": 1.2 if chinese_words else 0.5,
        "lyricHeightFactor": 1.3 if chinese_words else 1.1,
        "lyricWordSpace": 2.0,
        "spacingStaff": 11,
        "spacingSystem": 7,
        "bottomMarginHeader": 1.0,
    }


def _staff_height(staves: int) -> float:
    """Millimetres: the more staves in a system, the smaller."""
    for most, height in ((2, 7.0), (3, 6.2), (5, 5.8), (7, 5.2), (10, 4.6)):
        if staves <= most:
            return height
    return 4.0


def _staff_count(root: etree._Element) -> int:
    """Staves in a full system."""
    total = 0
    for part in root.findall("part"):
        counts = [int(e.text) for e in part.iter("staves") if (e.text or "").strip().isdigit()]
        total += min(max(counts, default=1), 8)
    return max(total, len(root.findall("part-list/score-part")))


def _is_chinese(root: etree._Element) -> bool:
    """Whether the piece speaks Chinese: its words, the names of its parts."""
    texts = [element.text or "" for name in ("text", "part-name") for element in root.iter(name)]
    return any(is_wide(char) for text in texts[:200] for char in text)


def _sings_chinese(root: etree._Element) -> bool:
    """Whether there are Chinese words under the notes."""
    return any(is_wide(char) for lyric in root.iter("lyric") for char in lyric.findtext("text") or "")


def _break_lines(root: etree._Element, starts: Collection[int]) -> None:
    """Say which bars begin a line."""
    for index, measure in enumerate(root.findall("part[1]/measure")):
        if index in starts and index:
            measure.insert(0, etree.Element("print", {"new-system": "yes"}))


def _tidy(root: etree._Element) -> None:
    """Take out what belongs to another page, and dress names and chord symbols as engravers do."""
    for name in ("print", "defaults"):
        for element in list(root.iter(name)):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
    parts = root.findall("part-list/score-part")
    for part in parts:
        short = part.find("part-abbreviation")
        usual = _ABBREVIATIONS.get(" ".join((part.findtext("part-name") or "").lower().split()))
        if short is not None and len(parts) == 1:
            part.remove(short)  # one part needs no name on every line
        elif short is not None and usual:
            short.text = usual
    if _is_chinese(root):
        for mark in root.iter("rehearsal"):
            letter, _, kind_of = (mark.text or "").partition(" ")
            if kind_of in SECTIONS_ZH:
                mark.text = f"{letter} {SECTIONS_ZH[kind_of]}"
    for kind in root.iter("kind"):
        symbol = kind.get("text")
        if symbol:
            kind.set("text", re.sub(r"b(?=\d)", "♭", symbol).replace("#", "♯"))


_ABBREVIATIONS = {
    "voice": "Vo.",
    "piano": "Pno.",
    "drums": "Dr.",
    "drum kit": "Dr.",
    "violin": "Vln.",
    "violin i": "Vln. I",
    "violin ii": "Vln. II",
    "viola": "Vla.",
    "cello": "Vc.",
    "violoncello": "Vc.",
    "double bass": "Db.",
    "contrabass": "Db.",
    "electric guitar": "E. Gtr.",
    "acoustic guitar": "A. Gtr.",
    "guitar": "Gtr.",
    "electric bass": "E. Bass",
    "bass guitar": "Bass",
    "flute": "Fl.",
    "clarinet": "Cl.",
    "oboe": "Ob.",
    "bassoon": "Bsn.",
    "trumpet": "Tpt.",
    "trombone": "Tbn.",
    "french horn": "Hn.",
    "strings": "Str.",
    "organ": "Org.",
    "harp": "Hp.",
    "soprano": "S.",
    "alto": "A.",
    "tenor": "T.",
}


def _finish(svg: str, number: int, engraving: Engraving) -> str:
    """Add the page number, and from the second page on the title."""
    if len(engraving.pages) == 1:
        return svg
    middle, baseline = PAGE_WIDTH * 5, (PAGE_HEIGHT - 90) * 10
    extra = svg_text(f"{number}", middle, baseline, 330, anchor="middle", digits=1)
    if number > 1 and engraving.title:
        extra += svg_text(engraving.title[:80], middle, 1000, 300, italic=True, anchor="middle", digits=1)
    return svg.replace("</svg>", f'<g class="folio">{extra}</g></svg>', 1)
