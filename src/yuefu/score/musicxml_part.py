"""One MusicXML ``<part>`` as written: its bars with notes, marks and changes, before repeats are taken.

Times are in ticks (24 a quarter) from the start of the written bar, exact: integers where the
file's divisions allow, fractions elsewhere. Pitches are sounding MIDI numbers.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from fractions import Fraction
from functools import partial

from yuefu.errors import FormatError, LimitError
from yuefu.score.model import TICKS_PER_QUARTER
from yuefu.score.musicxml_harmony import read_harmony
from yuefu.score.musicxml_tree import Element, number, number_or_none
from yuefu.score.musicxml_written import (
    SECTION_END,
    PartHead,
    Ticks,
    WrittenBar,
    WrittenNote,
    read_key,
    read_lyric,
    read_meter,
)
from yuefu.theory.pitch import STEP_PITCH_CLASS

#: Longest written bar in ticks (10,000 quarters).
MAX_BAR_TICKS = 240_000
_ENDLESS_BAR = f"a bar lasts more than {MAX_BAR_TICKS // TICKS_PER_QUARTER:,} quarters: no score needs that."
#: Most notes in one file.
MAX_NOTES = 1_000_000

#: Loudness marks and the velocity that they stand for.
DYNAMIC_VELOCITIES = {
    "pppp": 16, "ppp": 24, "pp": 36, "p": 49, "mp": 64, "mf": 80, "f": 96, "ff": 112, "fff": 120, "ffff": 126,
}  # fmt: skip
_ACCENTS = frozenset({"sf", "sfz", "fz", "sffz", "fp", "sfp", "rf", "rfz", "sfpp", "pf"})
_BEAT_UNITS = {
    "maxima": 32.0, "long": 16.0, "breve": 8.0, "whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5,
    "16th": 0.25, "32nd": 0.125,
}  # fmt: skip
_MARKUP = re.compile(r"<[^<>]{0,80}>")
_JUMP_WORDS = (
    ("da_capo", re.compile(r"\bD\.? ?C\b|\bda capo\b", re.IGNORECASE)),
    ("dal_segno", re.compile(r"\bD\.? ?S\b|\bdal segno\b", re.IGNORECASE)),
    ("to_coda", re.compile(r"^\W*to coda\b", re.IGNORECASE)),
    ("fine", re.compile(r"^\W*fine\W*$", re.IGNORECASE)),
)


class PartReader:
    """Walks the bars of one part and keeps what carries over from bar to bar."""

    def __init__(self, head: PartHead, expand_repeats: bool = True) -> None:
        self.head = head
        self.bars: list[WrittenBar] = []
        self.transposes = False
        self.transposition = 0  # semitones from written to sounding
        self._key_shift = 0  # the same, in fifths
        self._divisions: Ticks = 1
        self._velocity = DYNAMIC_VELOCITIES["mf"]
        self._endings: frozenset[int] = frozenset()
        self._expands = expand_repeats
        self._position: Ticks = 0
        self._onset: Ticks = 0
        self._bar = WrittenBar()
        self._note_count = 0

    def read(self, part: Element) -> list[WrittenBar]:
        """All bars of a ``<part>`` element. Raises FormatError or LimitError that names the bar."""
        handlers: dict[str, Callable[[Element], None]] = {
            "note": self._note,
            "backup": partial(self._move, -1),
            "forward": partial(self._move, 1),
            "attributes": self._attributes,
            "direction": self._direction,
            "harmony": self._harmony,
            "barline": self._barline,
            "sound": self._sound,
        }
        for measure in part.iterchildren("measure"):
            self._bar = WrittenBar(implicit=measure.get("implicit") == "yes")
            self._position = self._onset = 0
            bar = self._bar
            try:
                for element in measure:
                    handler = handlers.get(element.tag)
                    if handler is not None:
                        handler(element)
            except FormatError as error:
                where = f"bar {(measure.get('number') or '?')[:12]} of part {self.head.id[:20]}"
                raise type(error)(f"{where}: {error}") from error
            bar.marks.endings = bar.marks.endings or self._endings
            if bar.length > MAX_BAR_TICKS:
                raise LimitError(
                    f"a bar lasts more than {MAX_BAR_TICKS // TICKS_PER_QUARTER:,} quarters: no score needs that."
                )
            self.bars.append(bar)
        return self.bars

    @property
    def is_drums(self) -> bool:
        """Whether the part has drum sounds."""
        return bool(self.head.drum_pitches) or any(note.drum for bar in self.bars for note in bar.notes)

    def _ticks(self, text: str | None, what: str) -> Ticks:
        value = number(text, what) * TICKS_PER_QUARTER
        if isinstance(value, int) and isinstance(self._divisions, int):
            whole, rest = divmod(value, self._divisions)
            return Fraction(value, self._divisions) if rest else whole
        exact = Fraction(value) / self._divisions
        return int(exact) if exact.denominator == 1 else exact

    def _advance(self, duration: Ticks) -> None:
        self._position += duration
        if self._position > self._bar.length:
            self._bar.length = self._position
            if self._position > MAX_BAR_TICKS:
                raise LimitError(
                    f"a bar lasts more than {MAX_BAR_TICKS // TICKS_PER_QUARTER:,} quarters: no score needs that."
                )

    def _move(self, sign: int, element: Element) -> None:
        step = self._ticks(element.findtext("duration"), "duration")
        if sign < 0:
            self._position = max(self._position - step, 0)
        elif step > 0:
            self._advance(step)

    def _note(self, note: Element) -> None:
        pitch, drum = -1, False
        chord = grace = rest = tie_start = tie_stop = tied = False
        duration: str | None = None
        voice = "1"
        instrument = ""
        lyrics: list[Element] | None = None
        for child in note:
            tag = child.tag
            if tag == "pitch":
                pitch = self._pitch(child)
            elif tag == "duration":
                duration = child.text
            elif tag == "voice":
                voice = child.text or "1"
            elif tag == "chord":
                chord = True
            elif tag == "rest":
                rest = True
            elif tag == "tie":
                if child.get("type") == "stop":
                    tie_stop = True
                else:
                    tie_start = True
            elif tag == "lyric":
                lyrics = [child] if lyrics is None else [*lyrics, child]
            elif tag == "notations":
                tied = self._notations(child, self._onset if chord else self._position) or tied
            elif tag == "grace" or tag == "cue":
                grace = grace or tag == "grace"
                if tag == "cue":
                    rest = True
            elif tag == "unpitched":
                drum = True
            elif tag == "instrument":
                instrument = child.get("id") or ""
        if grace:
            return
        length = self._ticks(duration, "duration")
        if length < 0:
            raise FormatError("a note has a negative duration: the file is damaged.")
        if chord:
            start = self._onset
        else:
            start = self._onset = self._position
            self._advance(length)
        if drum or (self.head.drum_channel and pitch >= 0):
            sounding = self.head.drum_pitches.get(instrument, -1)
            if drum and sounding < 0 and len(self.head.drum_pitches) == 1:
                sounding = next(iter(self.head.drum_pitches.values()))
            pitch = sounding if drum else pitch - self.transposition
            drum = True
        if rest or pitch < 0 or length == 0:
            return
        if tied and not (tie_start or tie_stop):
            for mark in note.iter("tied"):
                tie_start = tie_start or mark.get("type") == "start"
                tie_stop = tie_stop or mark.get("type") == "stop"
        self._note_count += 1
        if self._note_count > MAX_NOTES:
            raise LimitError(f"part {self.head.id[:20]} has more than {MAX_NOTES:,} notes: split the piece.")
        release = note.get("release")
        self._bar.notes.append(
            WrittenNote(
                start,
                length,
                pitch,
                self._note_velocity(note.get("dynamics")),
                voice,
                tie_start,
                tie_stop,
                [read_lyric(lyric) for lyric in lyrics] if lyrics else None,
                note.get("id") or "",
                self._ticks(release, "release") if release and drum else 0,
                drum,
            )
        )

    def _note_velocity(self, dynamics: str | None) -> int:
        if dynamics:
            percent = number_or_none(dynamics)
            if percent is not None:
                return min(max(round(percent * 0.9), 1), 127)
        return self._velocity

    def _pitch(self, element: Element) -> int:
        step, octave, alter = "", None, 0
        for child in element:
            if child.tag == "step":
                step = (child.text or "").strip()
            elif child.tag == "octave":
                octave = child.text
            elif child.tag == "alter":
                alter = round(number(child.text, "alteration"))
        if step not in STEP_PITCH_CLASS:
            raise FormatError(f"the pitch step '{step[:10]}' isn't a letter from A to G: the file is damaged.")
        pitch = int(number(octave, "octave")) * 12 + 12 + STEP_PITCH_CLASS[step] + alter + self.transposition
        if not 0 <= pitch <= 127:
            raise FormatError(f"a note has the MIDI pitch {pitch}: pitches from 0 to 127 can sound.")
        return pitch

    def _notations(self, notations: Element, position: Ticks) -> bool:
        """Notes the fermata; says whether the note has a tie sign."""
        tied = False
        for child in notations:
            if child.tag == "tied":
                tied = True
            elif child.tag == "fermata":
                self._mark(position, "fermata", "")
            elif child.tag == "dynamics":
                self._dynamics(position, child)
        return tied

    def _mark(self, position: Ticks, kind: str, text: str) -> None:
        mark = (position, kind, text)
        if mark not in self._bar.directions:
            self._bar.directions.append(mark)

    def _dynamics(self, position: Ticks, element: Element) -> None:
        for child in element:
            name = child.tag if child.tag != "other-dynamics" else (child.text or "").strip()
            if name in DYNAMIC_VELOCITIES:
                self._velocity = DYNAMIC_VELOCITIES[name]
            elif name not in _ACCENTS:
                continue
            self._mark(position, "dynamic", name)

    def _offset(self, element: Element) -> Ticks:
        offset = element.findtext("offset")
        if not offset:
            return self._position
        return max(self._position + self._ticks(offset, "offset"), 0)

    def _harmony(self, element: Element) -> None:
        known, chord = read_harmony(element, self.transposition)
        if known:
            self._bar.harmonies.append((self._offset(element), chord, element.get("print-object") == "no"))

    def _direction(self, element: Element) -> None:
        position = self._offset(element)
        sound = element.find("sound")
        if sound is not None:
            self._sound(sound, position)
        for kind in element.iterchildren("direction-type"):
            for child in kind:
                tag = child.tag
                if tag == "words":
                    self._words(position, child.text or "")
                elif tag == "dynamics":
                    self._dynamics(position, child)
                elif tag == "rehearsal":
                    text = " ".join((child.text or "").split())[:100]
                    if text:
                        self._bar.rehearsals.append((position, text))
                elif tag == "other-direction" and (child.text or "") == SECTION_END:
                    self._bar.rehearsals.append((position, SECTION_END))
                elif tag == "segno":
                    self._bar.marks.segno = True
                elif tag == "coda":
                    self._bar.marks.coda = True
                elif tag == "metronome" and (sound is None or sound.get("tempo") is None):
                    self._metronome(position, child)

    def _words(self, position: Ticks, text: str) -> None:
        text = " ".join(_MARKUP.sub("", text).split())[:200]
        for name, pattern in _JUMP_WORDS:
            if pattern.search(text):
                setattr(self._bar.marks, name, True)
                if self._expands:
                    return
        if any(letter.isalpha() for letter in text):  # not "= 72" or a sign from a music font
            self._mark(position, "words", text)

    def _metronome(self, position: Ticks, element: Element) -> None:
        units = element.findall("beat-unit")
        bpm = number_or_none(element.findtext("per-minute"))
        if len(units) != 1 or bpm is None:
            return
        quarters = _BEAT_UNITS.get((units[0].text or "").strip(), 0.0)
        dots = len(element.findall("beat-unit-dot"))
        self._tempo(position, bpm * quarters * (2 - 0.5 ** min(dots, 3)))

    def _tempo(self, position: Ticks, bpm: float) -> None:
        if 1 <= bpm <= 2000 and (position, bpm) not in self._bar.tempos:
            self._bar.tempos.append((position, bpm))

    def _sound(self, element: Element, position: Ticks | None = None) -> None:
        place = self._offset(element) if position is None else position
        get = element.get
        tempo = get("tempo")
        if tempo:
            with contextlib.suppress(ValueError):  # a tempo in words is no tempo
                self._tempo(place, float(tempo))
        loudness = get("dynamics")
        if loudness:
            self._velocity = self._note_velocity(loudness)
        marks = self._bar.marks
        marks.da_capo = marks.da_capo or get("dacapo") == "yes"
        marks.dal_segno = marks.dal_segno or bool(get("dalsegno"))
        marks.to_coda = marks.to_coda or bool(get("tocoda"))
        marks.fine = marks.fine or bool(get("fine"))
        marks.segno = marks.segno or bool(get("segno"))
        marks.coda = marks.coda or bool(get("coda"))

    def _barline(self, element: Element) -> None:
        marks = self._bar.marks
        for child in element:
            if child.tag == "repeat":
                if child.get("direction") == "forward":
                    marks.repeat_start = True
                else:
                    times = child.get("times") or "2"
                    marks.repeat_times = int(times) if times.isdigit() and len(times) < 4 else 2
            elif child.tag == "ending":
                numbers = frozenset(int(n) for n in re.findall(r"\d{1,3}", child.get("number") or "") if int(n) > 0)
                if child.get("type") == "start":
                    self._endings = numbers or frozenset({1})
                    marks.ending_start = True
                    marks.endings = self._endings
                else:
                    marks.endings = marks.endings or self._endings
                    self._endings = frozenset()
            elif child.tag == "segno":
                marks.segno = True
            elif child.tag == "coda":
                marks.coda = True
            elif child.tag == "fermata":
                self._mark(self._position, "fermata", "")

    def _attributes(self, element: Element) -> None:
        for child in element:
            tag = child.tag
            if tag == "divisions":
                self._divisions = number(child.text, "number of divisions") or 1
                if self._divisions < 0:
                    raise FormatError("the number of divisions is negative: it must be positive.")
            elif tag == "transpose":
                self._transpose(child)
            elif tag == "time":
                self._bar.meter = read_meter(child) or self._bar.meter
        for key in element.iterchildren("key"):
            if (key.get("number") or "1") == "1":
                found = read_key(key, self._key_shift)
                if found is not None:
                    self._bar.keys.append((self._position, *found))

    def _transpose(self, element: Element) -> None:
        chromatic = round(number(element.findtext("chromatic") or "0", "transposition"))
        octaves = int(number(element.findtext("octave-change") or "0", "transposition"))
        diatonic = element.findtext("diatonic")
        steps = int(number(diatonic, "transposition")) if diatonic else round(chromatic * 7 / 12)
        if abs(chromatic) > 36 or abs(octaves) > 4 or abs(steps) > 24:
            raise FormatError(f"a transposition by {chromatic} semitones and {octaves} octaves doesn't exist.")
        self.transposition = chromatic + 12 * octaves
        self._key_shift = 7 * chromatic - 12 * steps if abs(7 * chromatic - 12 * steps) <= 12 else 0
        self.transposes = self.transposes or self._key_shift != 0
