"""Bar lines as MusicXML elements, with repeat signs and endings."""

from __future__ import annotations

from collections.abc import Sequence

from yuefu.score.model import Bar, Score
from yuefu.score.verses import Ending, Repeat
from yuefu.score.xml_text import XmlText


class BarLines:
    """Writes the bar lines of a part that aren't plain."""

    def __init__(self, xml: XmlText, score: Score, repeats: Sequence[Repeat] = ()) -> None:
        self.xml = xml
        self.repeats = repeats
        self.endings = [ending for repeat in repeats for ending in repeat.endings]
        self.section_starts = {section.start for section in score.sections}

    def left(self, bar: Bar) -> None:
        """The line at the start of a bar, where a repeat or an ending begins."""
        ending = next((ending for ending in self.endings if ending.start == bar.start), None)
        opens = any(repeat.start == bar.start for repeat in self.repeats)
        if ending is None and not opens:
            return
        self.xml.open("barline", location="left")
        if opens:
            self.xml.leaf("bar-style", "heavy-light")
        if ending is not None:
            shown = " ".join(f"{number}." for number in ending.numbers)
            self.xml.leaf("ending", shown, number=_numbers(ending), type="start")
        if opens:
            self.xml.leaf("repeat", direction="forward")
        self.xml.close()

    def right(self, bar: Bar, is_last: bool) -> None:
        """The line at the end of a bar: of the piece, of a section, of a repeat."""
        closing = next((repeat for repeat in self.repeats if bar.end in repeat.closing_ticks), None)
        ending = next((ending for ending in self.endings if ending.end == bar.end), None)
        if closing is not None or is_last:
            style = "light-heavy"
        elif bar.end in self.section_starts:
            style = "light-light"
        elif ending is not None:
            style = "regular"
        else:
            return
        self.xml.open("barline", location="right")
        self.xml.leaf("bar-style", style)
        if ending is not None:
            kind = "discontinue" if closing is None else "stop"
            self.xml.leaf("ending", number=_numbers(ending), type=kind)
        if closing is not None:
            self.xml.leaf("repeat", direction="backward", times=None if closing.times == 2 else closing.times)
        self.xml.close()


def _numbers(ending: Ending) -> str:
    return ", ".join(map(str, ending.numbers))
