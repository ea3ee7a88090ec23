"""Writing a Score as ABC: a voice for each part, chord symbols, words, triplets, ties, changes.

Every length is written with the note values that notation has: what isn't a multiple of a 32nd
goes into a triplet bracket, and what no single note can show is tied. A part with overlapping
notes takes several voices, which our reader joins again by the ``%%yuefu-part`` lines. ABC has no
loudness by note, so velocities aren't kept.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

from yuefu.score.abc_fields import signature
from yuefu.score.graces import without_graces
from yuefu.score.model import Bar, Part, Score, Syllable
from yuefu.score.voices import Slice, VoiceNote, arrange_voices
from yuefu.theory.key import Key
from yuefu.theory.pitch import name_of, spell

#: Bars on a line of music without words.
_BARS_A_LINE = 4
_SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
#: Note values in 64ths: plain, dotted and double-dotted, longest first.
_VALUES = tuple(sorted((n * 2**k for k in range(8) for n in (1, 3, 7) if not (n == 7 and k < 1)), reverse=True))


class _Piece(NamedTuple):
    """A written note, chord or rest. value: 64ths as written; triplet: sounds for two thirds of it."""

    start: int
    end: int
    notes: tuple[VoiceNote, ...]
    value: int
    triplet: bool


def abc_text(score: Score) -> str:
    """The score as one ABC tune.

    >>> from yuefu.score.model import make_notes
    >>> part = Part("P1", "Flute", notes=make_notes([(1, 0, 24, 67, 80), (2, 24, 72, 66, 80)]))
    >>> print(abc_text(Score(title="Air", parts=(part,))).splitlines()[-1])
    G2 ^F6 |]
    """
    score = without_graces(score)
    parts = score.parts or (Part("P1", ""),)
    lines = ["%abc-2.1", "X:1", f"T:{_plain(score.title)}"]
    if score.composer:
        lines.append(f"C:{_plain(score.composer)}")
    if rhythm := score.metadata.get("rhythm"):
        lines.append(f"R:{_plain(str(rhythm))}")
    meter = score.meters[0]
    lines += [f"M:{meter.numerator}/{meter.denominator}", "L:1/8", f"Q:1/4={score.tempos[0].bpm:g}"]
    bodies: list[list[str]] = []
    for index, part in enumerate(parts):
        notes = [
            VoiceNote(identity, start, start + duration, pitch, velocity)
            for identity, start, duration, pitch, velocity in part.notes.tolist()
        ]
        for layer, voice in enumerate(arrange_voices(notes)):
            name = f"{index + 1}" if not layer else f"{index + 1}{'abcdefghijklmnopqrstuvwxyz'[layer % 26]}"
            lines += _voice_head(part, name, layer)
            bodies.append([f"V:{name}", *_VoiceWriter(score, part, voice, index == 0 and not layer, not layer).lines()])
    lines.append(f"K:{_key(score.keys[0].key)}")
    return "\n".join(lines + [line for body in bodies for line in body]) + "\n"


def _voice_head(part: Part, name: str, layer: int) -> list[str]:
    own: dict[str, object] = {"id": part.id}
    if layer:
        own["layer"] = layer + 1
    else:
        own |= {"role": part.role, "instrument": part.instrument, "volume": part.volume, "pan": part.pan}
        own["program"] = part.program
    title = _plain(part.name).replace('"', "'")
    clef = " clef=perc" if part.is_drums else ""
    midi = "%%MIDI channel 10" if part.is_drums else f"%%MIDI program {part.program}"
    return [
        f'V:{name} name="{title}"{clef}',
        f"%%yuefu-part {json.dumps(own, ensure_ascii=False, sort_keys=True)}",
        midi,
    ]


def _plain(text: str) -> str:
    """Text on one line, with ABC's comment sign escaped."""
    return " ".join(text.split()).replace("%", "\\%")


def _key(key: Key) -> str:
    return name_of(key.tonic, key.fifths) + ("m" if key.mode == "minor" else "")


def _value(value: int) -> str:
    """A length of ``value`` 64ths with an eighth as the unit: ``3/2``, ``/2``, ``4``.

    >>> _value(8), _value(12), _value(4), _value(1)
    ('', '3/2', '/2', '/8')
    """
    bottom = 8
    while bottom > 1 and value % 2 == 0:
        value //= 2
        bottom //= 2
    top = "" if value == 1 else str(value)
    return top + ("" if bottom == 1 else f"/{bottom}")


def _values(value: int) -> list[int]:
    """Note values that add up to ``value`` 64ths."""
    found = []
    while value:
        following = next(item for item in _VALUES if item <= value)
        found.append(following)
        value -= following
    return found


def _pieces(start: int, end: int, notes: tuple[VoiceNote, ...]) -> list[_Piece]:
    """A stretch of sound or silence as written notes, tied where one can't show it.

    In 64ths a tick is 2/3; in a triplet, where three count for two, exactly 1.
    """
    triplet = (end - start) % 3 != 0
    pieces = []
    tick = start
    for value in _values(end - start if triplet else (end - start) // 3 * 2):
        stop = tick + (value if triplet else value * 3 // 2)
        pieces.append(_Piece(tick, stop, notes, value, triplet))
        tick = stop
    return pieces


@dataclass
class _VoiceWriter:
    """Writes one voice of a part. leads: this voice also carries the score's chords and changes."""

    score: Score
    part: Part
    voice: list[Slice]
    leads: bool
    directs: bool

    def __post_init__(self) -> None:
        score = self.score
        self.chords: dict[int, str] = {}
        if self.leads:
            before = 0
            for span in sorted(score.chords, key=lambda span: span.start):
                if span.start > before and before:
                    self.chords[before] = "N.C."
                symbol = span.chord.symbol(score.key_at(span.start).fifths) if span.chord else "N.C."
                self.chords[span.start] = symbol
                before = span.start + span.duration
            if before and before < score.end_tick:
                self.chords[before] = "N.C."
        self.sections = {s.start: f"{s.letter} {s.kind}".strip() for s in score.sections} if self.leads else {}
        self.tempos = {t.tick: t.bpm for t in score.tempos[1:]} if self.leads else {}
        self.keys = {k.tick: k.key for k in score.keys[1:]}
        self.meters = {m.tick: m for m in score.meters[1:]}
        self.cuts = sorted({*self.chords, *self.sections, *self.tempos, *self.keys})
        own = {note.id for item in self.voice for note in item.notes}
        self.verses: dict[int, dict[int, Syllable]] = {}
        for syllable in self.part.syllables:
            if syllable.note_id in own:
                self.verses.setdefault(syllable.verse, {})[syllable.note_id] = syllable
        self.marks = sorted((d for d in self.part.directions), key=lambda d: d.tick) if self.directs else []
        self.key = score.keys[0].key
        self.memory: dict[tuple[str, int], int] = {}
        self.steps: dict[str, int] = {}
        self.tied: dict[tuple[str, int], int] = {}
        self.spelt: dict[int, tuple[str, int]] = {}
        self.text = ""
        self.slots: list[tuple[VoiceNote, ...]] = []  # of each written note on the line: those that begin
        self.out: list[str] = []
        self.line_over = False

    def lines(self) -> list[str]:
        """The voice's lines of music and words."""
        bars = self.score.bars
        if not self.leads:
            # Some programs carry a change at the end of one voice into the next.
            if self.keys:
                self._field("K", _key(self.key))
            if self.meters:
                self._field("M", f"{bars[0].numerator}/{bars[0].denominator}")
        for bar in bars:
            if not self.verses and bar.index and bar.index % _BARS_A_LINE == 0:
                self._break()
            self._bar(bar)
            self.text += "|] " if bar.index + 1 == len(bars) else "| "
        self._break()
        return self.out

    def _break(self) -> None:
        """End the line, and write the words under it."""
        if self.text.strip():
            self.out.append(self.text.strip())
            for verse in range(1, max(self.verses, default=0) + 1):
                self.out.append("w: " + self._words(self.verses.get(verse, {})))
        self.text = ""
        self.slots = []
        self.line_over = False

    def _field(self, letter: str, value: str) -> None:
        """A change on a line of its own; a line of music with words under it goes on after it."""
        if self.text.strip():
            self.out.append(self.text.strip() + (" \\" if self.verses else ""))
        self.text = ""
        self.out.append(f"{letter}:{value}")

    def _forget(self) -> None:
        """A bar line, or a field, ends what accidentals hold."""
        self.memory.clear()
        self.steps.clear()

    def _words(self, syllables: dict[int, Syllable]) -> str:
        line = ""
        sung = False
        for beginning in self.slots:
            syllable = next((syllables[note.id] for note in reversed(beginning) if note.id in syllables), None)
            text = _word(syllable.text) if syllable else ""
            if syllable and text:
                line += text + ("-" if syllable.syllabic in ("begin", "middle") else " ")
                sung = True
            else:
                line += "_ " if sung else "* "
        return line.strip()

    def _bar(self, bar: Bar) -> None:
        self._forget()
        if bar.start in self.meters:
            meter = self.meters[bar.start]
            self._field("M", f"{meter.numerator}/{meter.denominator}")
        pieces = [piece for stretch in self._stretches(bar) for piece in _pieces(*stretch)]
        index = 0
        while index < len(pieces):
            run = 1
            if pieces[index].triplet:
                while (
                    run < 9
                    and index + run < len(pieces)
                    and pieces[index + run].triplet
                    and self._whole(pieces, index, run)
                ):
                    run += 1
            for offset in range(run):
                piece = pieces[index + offset]
                self._changes(piece)
                if piece.triplet and not offset:
                    self.text += "(3" if run == 3 else f"(3:2:{run}"
                self._write(piece)
            index += run

    def _whole(self, pieces: list[_Piece], index: int, run: int) -> bool:
        """Whether a triplet bracket goes on after ``run`` notes: until it fills whole 16ths."""
        return (pieces[index + run - 1].end - pieces[index].start) % 6 != 0

    def _stretches(self, bar: Bar) -> list[tuple[int, int, tuple[VoiceNote, ...]]]:
        """The bar's sounds and rests, cut where a chord symbol or another change falls inside."""
        found: list[tuple[int, int, tuple[VoiceNote, ...]]] = []
        tick = bar.start
        first = bisect_left(self.voice, bar.start + 1, key=lambda item: item.end)
        for item in self.voice[first:]:
            if item.start >= bar.end:
                break
            if item.start > tick:
                found.append((tick, item.start, ()))
            found.append((max(item.start, bar.start), min(item.end, bar.end), item.notes))
            tick = found[-1][1]
        if tick < bar.end:
            found.append((tick, bar.end, ()))
        cut: list[tuple[int, int, tuple[VoiceNote, ...]]] = []
        for start, end, notes in found:
            for place in self.cuts[bisect_left(self.cuts, start + 1) : bisect_left(self.cuts, end)]:
                cut.append((start, place, notes))
                start = place
            cut.append((start, end, notes))
        return cut

    def _changes(self, piece: _Piece) -> None:
        """What stands before a piece: section, tempo, key, marks, chord symbol."""
        tick = piece.start
        syllable = self.verses.get(1, {})
        if self.line_over and any(note.id in syllable and note.start == tick for note in piece.notes):
            self._break()
        if tick in self.sections:
            self._field("P", self.sections[tick])
            self._forget()
        if tick in self.tempos:
            self._field("Q", f"1/4={self.tempos[tick]:g}")
        if tick in self.keys:
            self.key = self.keys[tick]
            self._field("K", _key(self.key))
            self._forget()
        while self.marks and self.marks[0].tick < piece.end:
            mark = self.marks.pop(0)
            if mark.kind == "dynamic":
                self.text += f"!{mark.text}!"
            elif mark.kind == "fermata":
                self.text += "!fermata!"
            else:
                self.text += '"^{}"'.format(_plain(mark.text).replace('"', "'"))
        if tick in self.chords:
            self.text += f'"{self.chords[tick]}"'

    def _write(self, piece: _Piece) -> None:
        length = _value(piece.value)
        if not piece.notes:
            self.tied = {}
            self.text += f"z{length} "
            return
        tied: dict[tuple[str, int], int] = {}
        heads = []
        for note in sorted(piece.notes, key=lambda note: note.pitch):
            head, place, alter = self._head(note)
            goes_on = note.end > piece.end
            if goes_on:
                tied[place] = alter
            heads.append((head, goes_on))
        self.tied = tied
        if all(goes_on for _, goes_on in heads):  # one tie for the whole chord
            sound, tie = "".join(head for head, _ in heads), "-"
        else:
            sound, tie = "".join(head + "-" * goes_on for head, goes_on in heads), ""
        self.text += (f"[{sound}]" if len(heads) > 1 else sound) + length + tie + " "
        beginning = tuple(note for note in piece.notes if note.start == piece.start)
        self.slots.append(beginning)
        first = self.verses.get(1, {})
        if any(first[note.id].line_end for note in beginning if note.id in first):
            self.line_over = True

    def _head(self, note: VoiceNote) -> tuple[str, tuple[str, int], int]:
        """Accidental, letter and octave of a pitch; the accidental only where a reader needs it."""
        # A tied note keeps its spelling, even into another key.
        step, alter = self.spelt.setdefault(note.id, spell(note.pitch % 12, self.key.fifths))
        octave = (note.pitch - alter) // 12 - 1
        place = (step, octave)
        own = signature(self.key.fifths)[step]
        usual = self.memory.get(place, own)
        # Programs differ in whether a sign holds in other octaves too, so it is said where that matters.
        elsewhere = self.steps.get(step, own)
        # Nor do all remember a sign when a tie goes on within its bar, or a double one at all.
        said_again = (place in self.tied and alter != own) or abs(alter) > 1
        sign = ""
        if alter != usual or alter != elsewhere or alter != self.tied.get(place, usual) or said_again:
            sign = _SIGNS[alter]
            self.memory[place] = self.steps[step] = alter
        letter = step.lower() + "'" * (octave - 5) if octave >= 5 else step + "," * (4 - octave)
        return sign + letter, place, alter


def _word(text: str) -> str:
    """A syllable for a ``w:`` line: its own hyphens and spaces escaped, ABC's signs left out."""
    for sign in "*_|~\\":
        text = text.replace(sign, "")
    return _plain(text).replace("-", "\\-").replace(" ", "~")
