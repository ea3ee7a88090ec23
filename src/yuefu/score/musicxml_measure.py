"""The bars of one part as MusicXML elements."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from yuefu.score.graces import Grace, folded
from yuefu.score.metric_grid import NOTE_TYPES
from yuefu.score.model import TICKS_PER_QUARTER, Bar, Part, Score, Syllable
from yuefu.score.musicxml_barlines import BarLines
from yuefu.score.musicxml_marks import Mark, MarkWriter
from yuefu.score.musicxml_voice import BarGrid, Segment, bar_grid, segments_of, slices_in
from yuefu.score.spelling import Spelling, signature_alter
from yuefu.score.staves import PERCUSSION, Staff, drum_sound, drum_voices, lay_out
from yuefu.score.verses import Repeat
from yuefu.score.voices import MAX_VOICES, VoiceNote
from yuefu.score.xml_text import XmlText
from yuefu.theory.meter import USUAL_GROUPINGS

_ACCIDENTALS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}


class PartWriter:
    """Writes the bars of one part."""

    def __init__(
        self,
        xml: XmlText,
        score: Score,
        part: Part,
        bars: tuple[Bar, ...],
        identity: str,
        leads: bool,
        signed: bool,
        repeats: Sequence[Repeat] = (),
    ) -> None:
        self.xml = xml
        part, self.graces = folded(part)
        self.score = score
        self.part = part
        self.identity = identity
        self.bar_lines = BarLines(xml, score, repeats)
        self.signed = signed  # whether it shows key signatures, as drums don't
        self.grids = [bar_grid(bar, bar.index == 0 and score.pickup > 0) for bar in bars]
        if part.is_drums:
            beats = [
                bar.start - grid.origin + position
                for bar, grid in zip(bars, self.grids)
                for position in range(0, grid.origin + bar.duration, grid.beat)
                if position >= grid.origin
            ]
            self.staves = [Staff(PERCUSSION, drum_voices(part, [*beats, bars[-1].end]))]
        else:
            self.staves = lay_out(part)
        self.syllables: dict[int, list[Syllable]] = {}
        for syllable in part.syllables:
            self.syllables.setdefault(syllable.note_id, []).append(syllable)
        self.held, self.last_held = _held_syllables(part)
        self.written: dict[int, int] = {}  # note id -> pieces written so far
        self.marks = MarkWriter(xml, score, part, leads, len(self.staves)).marks()
        self.fermatas = sorted({d.tick for d in part.directions if d.kind == "fermata"})
        self.spelling = Spelling(score)

    def write(self) -> None:
        """The ``<part>`` element."""
        self.xml.open("part", id=self.identity)
        for grid in self.grids:
            self._bar(grid)
        self.xml.close()

    def _bar(self, grid: BarGrid) -> None:
        xml, bar = self.xml, grid.bar
        pickup = bar.index == 0 and self.score.pickup > 0
        number = bar.index + (0 if self.score.pickup else 1)
        xml.open("measure", number=number, implicit="yes" if pickup else None)
        self.bar_lines.left(bar)
        self._attributes(bar)
        changes = [c.tick for c in self.score.keys if bar.start < c.tick < bar.end] if self.signed else []
        fermatas = self._place_fermatas(bar)
        cuts = sorted({*changes, *(tick for tick, place in fermatas.items() if place == (0, 0))})
        for index, staff in enumerate(self.staves):
            if index:
                self._step("backup", bar.duration)
            marked = {(tick, order) for tick, (staff_index, order) in fermatas.items() if staff_index == index}
            self._staff(staff, index, grid, [] if index else cuts, marked)
        self.bar_lines.right(bar, is_last=bar.index == len(self.grids) - 1)
        xml.close()

    def _attributes(self, bar: Bar) -> None:
        xml, score = self.xml, self.score
        first = bar.index == 0
        key = next((c.key for c in score.keys if c.tick == bar.start), None)
        meter = next(((c.numerator, c.denominator) for c in score.meters if c.tick == bar.start), None)
        if not first and key is None and meter is None:
            return
        xml.open("attributes")
        if first:
            xml.leaf("divisions", TICKS_PER_QUARTER)
        if key is not None and self.signed:
            self._key(key.fifths, key.mode)
        elif key is not None:  # said, or engravers take over the other parts' signature
            self._key(0, "none")
        if meter is not None:
            xml.open("time", symbol="common" if meter == (4, 4) and len(score.meters) == 1 else None)
            xml.leaf("beats", self._beats(bar))
            xml.leaf("beat-type", meter[1])
            xml.close()
        if first:
            if len(self.staves) > 1:
                xml.leaf("staves", len(self.staves))
            for number, staff in enumerate(self.staves, start=1):
                xml.open("clef", number=number if len(self.staves) > 1 else None)
                xml.leaf("sign", staff.clef.sign)
                if staff.clef != PERCUSSION:
                    xml.leaf("line", staff.clef.line)
                if staff.clef.octave:
                    xml.leaf("clef-octave-change", staff.clef.octave)
                xml.close()
        xml.close()

    def _beats(self, bar: Bar) -> str:
        """How many beats a bar has, as a sum where it is counted otherwise than usual."""
        usual = USUAL_GROUPINGS.get(f"{bar.numerator}/{bar.denominator}", ())
        told = bar.grouping and bar.grouping != usual and sum(bar.grouping) == bar.numerator
        return "+".join(map(str, bar.grouping)) if told else str(bar.numerator)

    def _key(self, fifths: int, mode: str) -> None:
        self.xml.open("key")
        self.xml.leaf("fifths", fifths)
        self.xml.leaf("mode", mode)
        self.xml.close()

    def _place_fermatas(self, bar: Bar) -> dict[int, tuple[int, int]]:
        """For each fermata in a bar, the staff and voice that has a note there, else the first of all."""
        places: dict[int, tuple[int, int]] = {}
        last = bar.index == len(self.grids) - 1
        for tick in self.fermatas[bisect_left(self.fermatas, bar.start) :]:
            if tick >= bar.end and not last:
                break
            tick = min(tick, bar.end - 1)
            found = (
                (index, order)
                for index, staff in enumerate(self.staves)
                for order, voice in enumerate(staff.voices)
                if any(item.start == tick for item in slices_in(voice, bar.start, bar.end))
            )
            places[tick] = next(found, (0, 0))
        return places

    def _staff(self, staff: Staff, index: int, grid: BarGrid, cuts: list[int], fermatas: set[tuple[int, int]]) -> None:
        bar = grid.bar
        voices: list[tuple[int, list[Segment]]] = []
        for order, voice in enumerate(staff.voices):
            slices = slices_in(voice, bar.start, bar.end)
            lead = order == 0
            if slices or lead:
                divided = [tick for tick in cuts if lead and bar.start < tick < bar.end]
                whole = bar.duration == grid.tree.length and not slices and not divided
                voices.append((order, [] if whole else segments_of(slices, grid, divided, self.part.is_drums)))
        sounding = [(segment.start, segment.notes) for _, segments in voices for segment in segments if segment.notes]
        signs = set() if self.part.is_drums else self.spelling.shown(sounding, bar.start)
        for place, (order, segments) in enumerate(voices):
            if place:
                self._step("backup", bar.duration)
            number = order + 1 + 4 * index if order < MAX_VOICES else 8 + 2 * (order - MAX_VOICES) + index + 1
            held = {tick for tick, voice_order in fermatas if voice_order == order}
            self._voice(segments, bar, number, index, leads=order == 0 and index == 0, signs=signs, held=held)

    def _voice(
        self,
        segments: list[Segment],
        bar: Bar,
        voice: int,
        staff: int,
        *,
        leads: bool,
        signs: set[tuple[int, int]],
        held: set[int],
    ) -> None:
        """The notes and rests of one voice; the leading one carries the marks.

        signs: notes that show an accidental; held: ticks with a fermata.
        """
        marks = self._marks_in(bar) if leads else []
        if not segments:
            for mark in marks:
                mark[2](mark[0] - bar.start)
            self._rest(bar.duration, voice, staff, None, bar.start in held)
            return
        for order, segment in enumerate(segments):
            while marks and marks[0][0] < segment.end:
                mark = marks.pop(0)
                mark[2](mark[0] - segment.start)
            if leads and order:
                self._key_change(segment.start)
            fermata = segment.start in held
            if segment.notes:
                self._chord(segment, voice, staff, signs, fermata)
            elif voice in (1, 5) or segment.piece.triplet or fermata:
                self._rest(segment.piece.duration, voice, staff, segment, fermata)
            else:
                self._step("forward", segment.piece.duration, voice, staff)

    def _marks_in(self, bar: Bar) -> list[Mark]:
        first = bisect_left(self.marks, bar.start, key=lambda mark: mark[0])
        last = bisect_left(self.marks, bar.end, key=lambda mark: mark[0])
        if bar.index == len(self.grids) - 1:
            last = len(self.marks)
        return self.marks[first:last]

    def _key_change(self, tick: int) -> None:
        for change in self.score.keys:
            if self.signed and change.tick == tick:
                self.xml.open("attributes")
                self._key(change.key.fifths, change.key.mode)
                self.xml.close()

    def _step(self, tag: str, duration: int, voice: int | None = None, staff: int = 0) -> None:
        self.xml.open(tag)
        self.xml.leaf("duration", duration)
        if voice is not None:
            self.xml.leaf("voice", voice)
            if len(self.staves) > 1:
                self.xml.leaf("staff", staff + 1)
        self.xml.close()

    def _rest(self, duration: int, voice: int, staff: int, segment: Segment | None, fermata: bool) -> None:
        """A rest as a segment says, or for the whole bar when there is none."""
        xml = self.xml
        xml.open("note")
        xml.leaf("rest", measure="yes" if segment is None else None)
        xml.leaf("duration", duration)
        xml.leaf("voice", voice)
        if segment is not None:
            self._type(segment)
            self._time_modification(segment)
        if len(self.staves) > 1:
            xml.leaf("staff", staff + 1)
        if fermata or (segment is not None and (segment.triplet_start or segment.triplet_stop)):
            xml.open("notations")
            if segment is not None:
                self._tuplet(segment)
            if fermata:
                xml.leaf("fermata", type="upright")
            xml.close()
        xml.close()

    def _chord(self, segment: Segment, voice: int, staff: int, signs: set[tuple[int, int]], fermata: bool) -> None:
        xml = self.xml
        drums = self.part.is_drums
        for note in segment.notes:
            if note.id not in self.written:
                self._write_graces(self.graces.get(note.id, []), voice, staff)
        for order, note in enumerate(segment.notes):
            tied_back = not drums and note.start < segment.start
            tied_on = not drums and note.end > segment.end
            count = self.written.get(note.id, 0)
            self.written[note.id] = count + 1
            release = note.end - segment.end if drums else 0
            xml.open(
                "note",
                id=f"n{note.id}" + (f"t{count}" if count else ""),
                dynamics=f"{note.velocity / 0.9:.2f}",
                release=release or None,
            )
            if order:
                xml.leaf("chord")
            sign = None
            if drums:
                xml.open("unpitched")
                xml.leaf("display-step", drum_sound(note.pitch).step)
                xml.leaf("display-octave", drum_sound(note.pitch).octave)
                xml.close()
            else:
                sign = self._pitch(note, (note.id, segment.start) in signs)
            xml.leaf("duration", segment.piece.duration)
            for kind, tied in (("stop", tied_back), ("start", tied_on)):
                if tied:
                    xml.leaf("tie", type=kind)
            if drums:
                xml.leaf("instrument", id=f"{self.identity}-I{note.pitch + 1}")
            xml.leaf("voice", voice)
            self._type(segment)
            if sign:
                xml.leaf("accidental", sign)
            self._time_modification(segment)
            if drums:
                xml.leaf("stem", "down" if drum_sound(note.pitch).foot else "up")
                if drum_sound(note.pitch).head != "normal":
                    xml.leaf("notehead", drum_sound(note.pitch).head)
            if len(self.staves) > 1:
                xml.leaf("staff", staff + 1)
            if order == 0:
                for level, value in enumerate(segment.beams, start=1):
                    xml.leaf("beam", value, number=level)
            mark = fermata and order == 0
            tuplet = order == 0 and (segment.triplet_start or segment.triplet_stop)
            if tied_back or tied_on or mark or tuplet:
                xml.open("notations")
                for kind, tied in (("stop", tied_back), ("start", tied_on)):
                    if tied:
                        xml.leaf("tied", type=kind)
                if tuplet:
                    self._tuplet(segment)
                if mark:
                    xml.leaf("fermata", type="upright")
                xml.close()
            if count == 0:
                self._lyrics(note.id)
            xml.close()

    def _write_graces(self, graces: list[Grace], voice: int, staff: int) -> None:
        """Small notes before a note; a single one is crossed, as a short one is written."""
        xml = self.xml
        for order, (identity, start, pitch, velocity) in enumerate(graces):
            note = VoiceNote(identity, start, start, pitch, velocity)
            step, _, alter = self.spelling.written(note)
            signed = alter != signature_alter(step, self.spelling.fifths(start))
            xml.open("note", id=f"n{identity}", dynamics=f"{velocity / 0.9:.2f}")
            xml.leaf("grace", slash="yes" if len(graces) == 1 else None)
            sign = self._pitch(note, signed)
            xml.leaf("voice", voice)
            xml.leaf("type", "eighth" if len(graces) == 1 else "16th")
            if sign:
                xml.leaf("accidental", sign)
            if len(self.staves) > 1:
                xml.leaf("staff", staff + 1)
            if len(graces) > 1:
                value = "begin" if order == 0 else "end" if order == len(graces) - 1 else "continue"
                for level in (1, 2):
                    xml.leaf("beam", value, number=level)
            xml.close()

    def _pitch(self, note: VoiceNote, signed: bool) -> str | None:
        step, octave, alter = self.spelling.written(note)
        self.xml.open("pitch")
        self.xml.leaf("step", step)
        if alter:
            self.xml.leaf("alter", alter)
        self.xml.leaf("octave", octave)
        self.xml.close()
        return _ACCIDENTALS[alter] if signed else None

    def _type(self, segment: Segment) -> None:
        name, dots = segment.piece.type_and_dots
        self.xml.leaf("type", name)
        for _ in range(dots):
            self.xml.leaf("dot")

    def _time_modification(self, segment: Segment) -> None:
        if segment.piece.triplet:
            self.xml.open("time-modification")
            self.xml.leaf("actual-notes", 3)
            self.xml.leaf("normal-notes", 2)
            self.xml.leaf("normal-type", NOTE_TYPES[segment.piece.triplet[1]][0])
            self.xml.close()

    def _tuplet(self, segment: Segment) -> None:
        if segment.triplet_start:
            self.xml.leaf("tuplet", type="start", number=1, bracket="yes" if segment.bracket else "no")
        if segment.triplet_stop:
            self.xml.leaf("tuplet", type="stop", number=1)

    def _lyrics(self, identity: int) -> None:
        for syllable in sorted(self.syllables.get(identity, ()), key=lambda s: s.verse):
            text = " ".join(syllable.text.split())
            if not text:
                continue
            self.xml.open("lyric", number=syllable.verse)
            self.xml.leaf("syllabic", syllable.syllabic)
            self.xml.leaf("text", text)
            if (identity, syllable.verse) in self.held and syllable.syllabic in ("single", "end"):
                self.xml.leaf("extend", type="start")
            if syllable.line_end:
                self.xml.leaf("end-line")
            self.xml.close()
        for verse in sorted(self.last_held.get(identity, ())):
            self.xml.open("lyric", number=verse)
            self.xml.leaf("extend", type="stop")
            self.xml.close()


def _held_syllables(part: Part) -> tuple[set[tuple[int, int]], dict[int, set[int]]]:
    """The (note id, verse) of syllables that the following notes hold; the verses of each last note of these."""
    verses: dict[int, set[int]] = {}
    for syllable in part.syllables:
        verses.setdefault(syllable.note_id, set()).add(syllable.verse)
    onsets: dict[int, list[tuple[int, int]]] = {}  # start -> (id, end)
    for identity, start, duration, _, _ in part.notes.tolist() if verses else ():
        onsets.setdefault(start, []).append((identity, start + duration))
    held: set[tuple[int, int]] = set()
    last: dict[tuple[int, int], int] = {}  # held syllable -> the latest note that holds it
    sung: set[tuple[int, int]] = set()  # what was sung last
    silence = 0  # where it ends, the notes that hold it included
    for start in sorted(onsets):
        fresh = {(identity, verse) for identity, _ in onsets[start] for verse in verses.get(identity, ())}
        ends = [end for identity, end in onsets[start] if not fresh or identity in verses]
        if fresh:
            if start <= silence:  # the next syllable ends the line of itself
                again = {verse for _, verse in fresh}
                last = {place: note for place, note in last.items() if place not in sung or place[1] not in again}
            sung, silence = fresh, max(ends)
        elif silence <= start < silence + TICKS_PER_QUARTER:  # after a rest nothing is held
            held |= sung
            last |= dict.fromkeys(sung, onsets[start][-1][0])
            silence = max(ends)
    ends_of: dict[int, set[int]] = {}
    for (_, verse), identity in last.items():
        ends_of.setdefault(identity, set()).add(verse)
    return held, ends_of
