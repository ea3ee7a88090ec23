"""Marks over the staff as MusicXML: sections, tempo, words, dynamics, chord symbols."""

from __future__ import annotations

from collections.abc import Callable

from yuefu.score.model import Part, Score
from yuefu.score.musicxml_harmony import kind_of
from yuefu.score.musicxml_written import SECTION_END
from yuefu.score.spelling import Spelling
from yuefu.score.xml_text import XmlText
from yuefu.theory.chord import Chord

_DYNAMICS = frozenset(
    {"p", "pp", "ppp", "pppp", "ppppp", "pppppp", "f", "ff", "fff", "ffff", "fffff", "ffffff", "mp", "mf", "sf"}
    | {"sfp", "sfpp", "fp", "rf", "rfz", "sfz", "sffz", "fz", "n", "pf", "sfzp"}
)
#: A mark: tick, order among marks of one tick, and how it is written, given its offset in ticks
#: from the note or rest that it stands before.
Mark = tuple[int, int, Callable[[int], None]]


class MarkWriter:
    """Knows how the marks of one part are written.

    leads: whether the part carries what belongs to the whole piece (tempo, sections, chord
    symbols); staves: how many the part has.
    """

    def __init__(self, xml: XmlText, score: Score, part: Part, leads: bool, staves: int) -> None:
        self.xml = xml
        self.score = score
        self.part = part
        self.leads = leads
        self.staves = staves
        self.spelling = Spelling(score)

    def marks(self) -> list[Mark]:
        """All marks of the part, sorted."""
        score = self.score
        marks: list[Mark] = []
        if self.leads:
            for section, following in zip(score.sections, [*[s.start for s in score.sections[1:]], score.end_tick]):
                text = f"{section.letter} {section.kind}".strip()
                if text:
                    marks.append((section.start, 1, self._rehearsal(text)))
                end = section.start + section.duration
                if end < min(following, score.length or following):
                    marks.append((end, 0, self._section_end()))
            marks += [(change.tick, 2, self._tempo(change.tick, change.bpm)) for change in score.tempos]
            spans = sorted(score.chords, key=lambda span: span.start)
            for index, span in enumerate(spans):
                fifths = score.key_at(span.start).fifths
                marks.append((span.start, 5, self._harmony(span.chord, fifths, tick=span.start)))
                end = span.start + span.duration
                following = spans[index + 1].start if index + 1 < len(spans) else score.end_tick
                if end < following:  # an unseen "no chord" ends it, as silence between symbols can't
                    marks.append((end, 5, self._harmony(None, 0, hidden=True)))
        for direction in self.part.directions:
            if direction.kind == "dynamic" and direction.text in _DYNAMICS:
                marks.append((direction.tick, 3, self._dynamic(direction.text)))
            elif direction.kind != "fermata" and direction.text.strip():
                marks.append((direction.tick, 3, self._words(direction.text)))
        return sorted(marks, key=lambda mark: mark[:2])

    def _direction(self, write: Callable[[], None], placement: str, sound: str | None = None) -> Callable[[int], None]:
        def mark(offset: int) -> None:
            xml = self.xml
            xml.open("direction", placement=placement)
            xml.open("direction-type")
            write()
            xml.close()
            if offset:
                xml.leaf("offset", offset, sound="yes" if sound else None)
            if self.staves > 1:
                xml.leaf("staff", 1)
            if sound:
                xml.leaf("sound", tempo=sound)
            xml.close()

        return mark

    def _rehearsal(self, text: str) -> Callable[[int], None]:
        return self._direction(lambda: self.xml.leaf("rehearsal", " ".join(text.split()), enclosure="square"), "above")

    def _section_end(self) -> Callable[[int], None]:
        return self._direction(lambda: self.xml.leaf("other-direction", SECTION_END, print_object="no"), "above")

    def _words(self, text: str) -> Callable[[int], None]:
        return self._direction(lambda: self.xml.leaf("words", " ".join(text.split()), font_style="italic"), "above")

    def _dynamic(self, name: str) -> Callable[[int], None]:
        def write() -> None:
            self.xml.open("dynamics")
            self.xml.leaf(name)
            self.xml.close()

        return self._direction(write, "above" if self.part.syllables else "below")

    def _tempo(self, tick: int, bpm: float) -> Callable[[int], None]:
        meter = self.score.meter_at(tick)
        if meter.denominator == 2:
            unit, dotted, shown = "half", False, bpm / 2
        elif meter.denominator >= 8 and meter.numerator % 3 == 0 and not meter.grouping:
            unit, dotted, shown = "quarter", True, bpm / 1.5
        else:
            unit, dotted, shown = "quarter", False, bpm

        def write() -> None:
            self.xml.open("metronome", parentheses="no")
            self.xml.leaf("beat-unit", unit)
            if dotted:
                self.xml.leaf("beat-unit-dot")
            self.xml.leaf("per-minute", f"{shown:.0f}")
            self.xml.close()

        return self._direction(write, "above", sound=repr(float(bpm)).removesuffix(".0"))

    def _harmony(self, chord: Chord | None, fifths: int, hidden: bool = False, tick: int = 0) -> Callable[[int], None]:
        def mark(offset: int) -> None:
            xml = self.xml
            xml.open("harmony", print_object="no" if hidden else None, placement="above")
            if chord is None:
                xml.open("root")
                xml.leaf("root-step", "C", text="")  # demanded by the format, not to be shown
                xml.close()
                xml.leaf("kind", "none", text="" if hidden else "N.C.")
            else:
                self._harmony_step("root", chord.root, tick)
                xml.leaf("kind", kind_of(chord.quality), text=chord.quality)
                if chord.bass is not None:
                    self._harmony_step("bass", chord.bass, tick)
            if offset:
                xml.leaf("offset", offset)
            if self.staves > 1:
                xml.leaf("staff", 1)
            xml.close()

        return mark

    def _harmony_step(self, what: str, pitch_class: int, tick: int) -> None:
        step, alter = self.spelling.name(pitch_class, tick)
        self.xml.open(what)
        self.xml.leaf(f"{what}-step", step)
        if alter:
            self.xml.leaf(f"{what}-alter", alter)
        self.xml.close()
