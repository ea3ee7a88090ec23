"""The heading of a piece: title, subtitle, who wrote the words and who the music.

verovio sets a heading in one small size whatever the document asks for. So blank lines are put in
its place, which make it leave room, and the heading is written into the finished page.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from yuefu.page.fonts import text_width

# Hundredths of a millimetre: a title of 22 points, a subtitle of 12, names of 10.5.
_TITLE, _SUBTITLE, _NAMES = 780, 430, 370
_GAP = 260


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the first system; empty strings for what isn't known."""

    title: str = ""
    subtitle: str = ""
    composer: str = ""
    lyricist: str = ""

    @classmethod
    def take(cls, root: etree._Element) -> Heading:
        """Read the heading from a MusicXML document, and remove the document's own page text."""
        creators: dict[str, str] = {}
        for element in root.findall("identification/creator"):
            words = " ".join((element.text or "").split())[:120]
            if words:
                creators.setdefault(element.get("type") or "composer", words)
        work, movement = (
            " ".join((root.findtext(path) or "").split())[:160] for path in ("work/work-title", "movement-title")
        )
        for name in ("work", "movement-title", "movement-number", "identification", "credit"):
            for element in root.findall(name):
                root.remove(element)
        subtitle = work if movement and work and movement != work else ""
        composer = "; ".join(dict.fromkeys(creators[kind] for kind in ("composer", "arranger") if kind in creators))
        lyricist = creators.get("lyricist") or creators.get("poet", "")
        return cls(movement or work, subtitle, composer, lyricist)

    @property
    def _height(self) -> float:
        """Room that the heading needs, in hundredths of a millimetre."""
        height = _TITLE + _GAP if self.title else 0.0
        height += _SUBTITLE + _GAP * 0.6 if self.subtitle else 0.0
        return height + (_NAMES + _GAP if self.composer or self.lyricist else 0.0)

    def reserve(self, root: etree._Element, unit: float) -> None:
        """Put blank credit lines into the document. unit: half a staff space in tenths of a millimetre."""
        part_list = root.find("part-list")
        if part_list is None or not self._height:
            return
        lines = math.ceil(self._height / (42 * unit))
        for index in range(lines):
            credit = etree.Element("credit", {"page": "1"})
            attributes = {"justify": "center", "halign": "center", "valign": "top", "default-y": str(2000 - 20 * index)}
            etree.SubElement(credit, "credit-words", attributes).text = "\u00a0"
            part_list.addprevious(credit)

    def draw(self, page: str, width: float) -> str:
        """Write the heading into verovio's first page. width: between the margins, in the page's units."""
        lines: list[str] = []
        y = 0.0

        def line(words: str, x: float, size: float, anchor: str, name: str) -> None:
            room = width if anchor == "middle" else width * 0.48
            size = min(size, room / max(text_width(words), 0.1))
            lines.append(
                f'<text class="{name}" x="{x:.0f}" y="{y:.0f}" font-size="{size:.0f}px" text-anchor="{anchor}">'
                f"{escape(words)}</text>"
            )

        if self.title:
            y += _TITLE * 0.8
            line(self.title, width / 2, _TITLE, "middle", "title")
            y += _TITLE * 0.2 + _GAP
        if self.subtitle:
            y += _SUBTITLE * 0.6
            line(self.subtitle, width / 2, _SUBTITLE, "middle", "subtitle")
            y += _SUBTITLE * 0.4 + _GAP * 0.6
        if self.composer or self.lyricist:
            y += _NAMES * 0.8
        if self.lyricist:
            line(self.lyricist, 0, _NAMES, "start", "lyricist")
        if self.composer:
            line(self.composer, width, _NAMES, "end", "composer")
        drawn = f'<g class="pgHead">{"".join(lines)}</g>' if lines else ""
        head = r'<g [^>]*class="pgHead[^"]*"[^>]*?(?:/>|(?<!/)>.*?</g>)'  # verovio's own, at times an empty one
        without = re.sub(head, "", page, count=1, flags=re.DOTALL)
        return re.sub(r'(<g [^>]*class="page-margin"[^>]*>)', lambda m: m.group(1) + drawn, without, count=1)
