"""Numbered notation as plain text, read back as a score. ``jianpu_text`` tells the form."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from itertools import accumulate

from yuefu.errors import FormatError, InputError, LimitError
from yuefu.score.jianpu_signs import pitch_of, usual_do
from yuefu.score.limits import check_notes, check_ticks
from yuefu.score.model import (
    TICKS_PER_QUARTER,
    ChordSpan,
    KeyChange,
    MeterChange,
    Part,
    Score,
    Section,
    Syllable,
    TempoChange,
    make_notes,
)
from yuefu.score.musicxml_bars import PlayedBar, meters_and_pickup
from yuefu.score.repeats import BarMarks, played_order
from yuefu.score.section_names import SECTIONS_ZH
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

_FACTS = re.compile(r"^\s*1=\S+(\s|$)")
_KEY = re.compile(r"^1=(?P<sign>[b#♭♯]?)(?P<step>[A-Ga-g])(?P<after>[b#♭♯]?)(?P<octave>-?\d)?(?:\((?P<name>[^)]*)\))?$")
_METER = re.compile(r"^(\d{1,3})/(\d{1,2})$")
_TEMPO = re.compile(r"^(?:♩|q)(\.?)=(\d{1,3}(?:\.\d+)?)$")
_SIGN = re.compile(
    r"^(?P<triplet>3\[)?(?P<open>\()?(?P<accidental>[#b♯♭n♮]?)(?P<degree>[0-7])(?P<octave>'{0,9}|,{0,9})"
    r"(?P<lines>_{0,4})(?P<dots>\.{0,2})(?P<tie>~?)(?P<close>\))?(?P<end>\])?$"
)
_DASH = re.compile(r"^[-–—](?P<tie>~?)(?P<close>\)?)(?P<end>\]?)$")
_ENDING = re.compile(r"^<(\d(?:,\d)*)>$")
_BAR_LINE = re.compile(r"^(?:\|[|\]:]?|:\|(?:x(\d)|:)?)$")
_WHO = {"词": "lyricist", "words": "lyricist", "曲": "composer", "music": "composer"}
_ALTER = {"": None, "#": 1, "♯": 1, "b": -1, "♭": -1, "n": 0, "♮": 0}
_KINDS = {name: kind for kind, name in reversed(SECTIONS_ZH.items())}
_VELOCITY = 80


@dataclass(slots=True)
class _Note:
    """A written note in its bar, in exact twelfths of a tick so that any triplet is whole."""

    start: int
    duration: int
    pitch: int
    tied: bool
    inside: bool = False  # of a curve: it takes no syllable
    words: dict[int, tuple[str, bool]] = field(default_factory=dict)


@dataclass(slots=True)
class _Bar:
    notes: list[_Note] = field(default_factory=list)
    length: int = 0
    meter: tuple[int, int] = (4, 4)
    keys: list[tuple[int, Key]] = field(default_factory=list)
    tempos: list[tuple[int, float]] = field(default_factory=list)
    chords: list[tuple[int, str]] = field(default_factory=list)
    label: str = ""
    marks: BarMarks = field(default_factory=BarMarks)


_FINE = 12  # parts of a tick


def read_jianpu(text: str) -> Score:
    """The score of numbered notation as text, repeats played out.

    Raises FormatError with the line that can't be read, LimitError when it would be too long.

    >>> score = read_jianpu("Air\\n\\n1=G 3/4 ♩=90\\n\\n5, 1_ 2_ 3 | 1 - - |]")
    >>> score.parts[0].notes["pitch"].tolist(), score.parts[0].notes["duration"].tolist()
    ([62, 67, 69, 71, 67], [24, 12, 12, 24, 72])
    """
    return _Reader().read(text)


class _Reader:
    """Reads line by line; what carries over: key, metre, accidentals of the bar, ties, curves."""

    def __init__(self) -> None:
        self.title = ""
        self.who: dict[str, str] = {}
        self.key = Key()
        self.shift = 0
        self.meter = (4, 4)
        self.bars: list[_Bar] = []
        self.bar = _Bar()
        self.label = ""
        self.heard: dict[tuple[int, int], int] = {}
        self.last: _Note | None = None
        self.last_digit: tuple[int, int, Key] | None = None
        self.in_curve = False
        self.in_triplet = False
        self.open_repeat = False
        self.ending: frozenset[int] = frozenset()
        self.fresh_ending = False
        self.count = 0

    def read(self, text: str) -> Score:
        lines = unicodedata.normalize("NFC", text).lstrip("\ufeff").splitlines()
        begun = False
        chords = ""
        sung: list[_Note] = []
        for number, line in enumerate(lines, start=1):
            try:
                if not line.strip():
                    continue
                if not begun:
                    begun = self._head(line)
                elif line.startswith("["):
                    self.label = line.strip().strip("[]").strip()
                elif line.startswith("c:"):
                    chords = line
                elif match := re.match(r"^w(\d*):", line):
                    self._words(line[match.end() :], int(match.group(1) or 1), sung)
                else:
                    sung = self._music(line, chords)
                    chords = ""
            except (FormatError, InputError) as error:
                if isinstance(error, LimitError):
                    raise
                raise FormatError(f"line {number}: {error}") from error
        if not begun:
            raise FormatError("no line says what 1 is: numbered notation has one such as '1=D 4/4 ♩=90'.")
        self._close_bar(double=False)
        return self._score()

    def _head(self, line: str) -> bool:
        """Title and people; whether this was the line of key, metre and tempo."""
        if _FACTS.match(line):
            name = re.search(r"\(([^)]*)\)", line)
            for word in re.sub(r"\([^)]*\)", "", line).split():
                self._change(word, header=True)
            if name:
                self.key = Key.parse(name.group(1).replace("_", " "))
            self.bar.keys, self.bar.tempos = [(0, self.key)], self.bar.tempos or [(0, 120.0)]
            return True
        match = re.match(r"^\s*(词|曲|words|music)\s*[:：]\s*(.+)$", line, re.IGNORECASE)
        if match:
            self.who[_WHO[match.group(1).lower()]] = match.group(2).strip()[:200]
        elif not self.title:
            self.title = line.strip()[:200]
        return False

    def _change(self, word: str, header: bool = False) -> bool:
        """Take a key, metre or tempo; whether it was one."""
        if match := _KEY.match(word):
            sign = (match["sign"] or match["after"]).replace("♭", "b").replace("♯", "#")
            self.key = Key.parse(match["step"].upper() + sign + " major")
            if match["name"]:
                self.key = Key.parse(match["name"].replace("_", " "))
            if match["octave"]:
                self.shift = int(match["octave"]) - (usual_do(self.key) // 12 - 1)
            self.heard.clear()
            if not header:
                self.bar.keys.append((self.bar.length, self.key))
            return True
        if match := _METER.match(word):
            self.meter = (int(match[1]), int(match[2]))
            if self.meter[0] == 0 or self.meter[1] not in (1, 2, 4, 8, 16, 32):
                raise FormatError(f"'{word[:12]}' isn't a time signature: write one such as 4/4.")
            if not self.bar.length:
                self.bar.meter = self.meter
            return True
        if match := _TEMPO.match(word):
            bpm = float(match[2]) * (1.5 if match[1] else 1.0)
            if not 1 <= bpm <= 1000:
                raise FormatError(f"a tempo of {match[2]} can't be: give 20 to 300.")
            self.bar.tempos.append((self.bar.length, bpm))
            return True
        return False

    def _music(self, line: str, chords: str) -> list[_Note]:
        """One line of digits; the notes that its words are for."""
        columns = _columns(chords)
        symbols = deque((columns[m.start()], m.group()) for m in re.finditer(r"\S+", chords[2:].rjust(len(chords))))
        columns = _columns(line)
        sung: list[_Note] = []
        for match in re.finditer(r"\S+", line):
            word = match.group()
            at = columns[match.end()]
            if bar_line := _BAR_LINE.match(word):
                self._bar_line(word, max(int(bar_line.group(1) or 2), 2))
            elif ending := _ENDING.match(word):
                self.ending = frozenset(map(int, ending.group(1).split(",")))
                self.fresh_ending = True
            elif not self._change(word):
                start = self.bar.length
                note = self._sign(word)
                while symbols and symbols[0][0] < at:
                    self.bar.chords.append((start, symbols.popleft()[1]))
                if note is not None and not note.inside:
                    sung.append(note)
        return sung

    def _sign(self, word: str) -> _Note | None:
        """A digit, rest or dash; the note when a new one begins."""
        quarter = TICKS_PER_QUARTER * _FINE
        if dash := _DASH.match(word):
            length = quarter * 2 // 3 if self.in_triplet else quarter
            if self.last is not None:
                self.last.duration += length
                self.last.tied = self.last.tied or bool(dash["tie"])
            self.bar.length += length
            self.in_curve = self.in_curve and not dash["close"]
            self.in_triplet = self.in_triplet and not dash["end"]
            return None
        sign = _SIGN.match(word)
        if sign is None:
            raise FormatError(f"'{word[:20]}' isn't a sign of numbered notation: write such as 5, #4', 3_ or 1_. .")
        self.in_triplet = self.in_triplet or bool(sign["triplet"])
        length = quarter >> len(sign["lines"])
        length = length * (2 ** (len(sign["dots"]) + 1) - 1) // 2 ** len(sign["dots"])
        length = length * 2 // 3 if self.in_triplet else length
        start = self.bar.length
        self.bar.length += length
        check_ticks(self.bar.length // _FINE)
        self.in_triplet = self.in_triplet and not sign["end"]
        inside = self.in_curve
        self.in_curve = (self.in_curve or bool(sign["open"])) and not sign["close"]
        degree = int(sign["degree"])
        if not degree:
            self.last = None
            return None
        octave = len(sign["octave"]) * (-1 if "," in sign["octave"] else 1)
        before, known = self.last, self.last_digit
        alter = _ALTER[sign["accidental"]]
        if before is not None and before.tied and known == (degree, octave, self.key) and alter is None:
            pitch = before.pitch
        else:
            if alter is not None:
                self.heard[degree, octave] = alter
            pitch = pitch_of(degree, octave, self.heard.get((degree, octave), 0), self.key, self.shift)
        if not 0 <= pitch <= 127:
            raise FormatError(f"'{word[:20]}' lies outside what instruments play: use fewer octave marks.")
        note = _Note(start, length, pitch, bool(sign["tie"]), inside)
        continued = before is not None and before.tied and before.pitch == pitch
        note.inside = inside or continued
        self.bar.notes.append(note)
        self.last, self.last_digit = note, (degree, octave, self.key)
        return note

    def _bar_line(self, sign: str, times: int) -> None:
        if self.bar.length:
            if ":" in sign[:1]:
                self.bar.marks.repeat_times = times
            self._close_bar(double=sign != "|")
        if sign in ("|:", ":|:"):
            self.open_repeat = True

    def _close_bar(self, double: bool) -> None:
        """Put the bar away, with the repeat, the ending and the section that it begins."""
        bar = self.bar
        if not bar.length:
            return
        bar.length = -(-bar.length // _FINE) * _FINE
        bar.label, self.label = self.label, ""
        bar.marks = replace(
            bar.marks, repeat_start=self.open_repeat, endings=self.ending, ending_start=self.fresh_ending
        )
        self.open_repeat = self.fresh_ending = False
        if double or bar.marks.repeat_times:
            self.ending = frozenset()
        self.bars.append(bar)
        self.count += len(bar.notes)
        check_notes(self.count)
        if len(self.bars) > 20_000:
            raise LimitError("the piece has more than the 20,000 bars that are accepted: give a shorter one.")
        self.bar = _Bar(meter=self.meter)
        self.heard.clear()

    def _words(self, line: str, verse: int, sung: list[_Note]) -> None:
        words = line.split()
        for note, word in zip(sung, words):
            if word != "*":
                text = word.rstrip("-") if len(word) > 1 else word
                note.words[verse] = (text.replace("~", " ")[:200], word != text)
        if len(words) > len(sung):
            raise FormatError(f"{len(words)} syllables stand under {len(sung)} notes: write * where a note has none.")

    def _score(self) -> Score:
        """The piece as played."""
        order = played_order([bar.marks for bar in self.bars])
        played: list[PlayedBar] = []
        tick = 0
        for index in order:
            length = self.bars[index].length // _FINE
            played.append(PlayedBar(index, tick, length, self.bars[index].meter))
            tick += length
            check_ticks(tick)
        meters, pickup = meters_and_pickup(played) if played else ((MeterChange(0, *self.meter),), 0)
        rows, syllables = self._played_notes(played)
        keys: dict[int, Key] = {}
        tempos: dict[int, float] = {}
        chords: dict[int, str] = {}
        labels: dict[int, str] = {}
        for one in played:
            bar = self.bars[one.written]
            keys |= {one.start + at // _FINE: key for at, key in bar.keys}
            tempos |= {one.start + at // _FINE: bpm for at, bpm in bar.tempos}
            chords |= {one.start + at // _FINE: name for at, name in bar.chords}
            if bar.label:
                labels[one.start] = bar.label
        return Score(
            title=self.title,
            composer=self.who.get("composer", ""),
            parts=(Part("P1", "Voice", "melody", 52, notes=make_notes(rows), syllables=tuple(syllables)),),
            chords=_chords(chords, tick),
            sections=_sections(labels, tick),
            tempos=tuple(TempoChange(at, bpm) for at, bpm in sorted(({0: 120.0} | tempos).items())),
            keys=tuple(KeyChange(at, key) for at, key in _steps({0: self.key} | keys)),
            meters=meters,
            pickup=pickup,
            length=tick,
            metadata={"lyricist": self.who["lyricist"]} if "lyricist" in self.who else {},
        )

    def _played_notes(self, played: list[PlayedBar]) -> tuple[list[tuple[int, int, int, int, int]], list[Syllable]]:
        rows: list[tuple[int, int, int, int, int]] = []
        syllables: list[Syllable] = []
        totals = Counter(one.written for one in played)
        visits: dict[int, int] = {}
        going_on: dict[int, bool] = {}
        tie: _Note | None = None
        for one in played:
            bar = self.bars[one.written]
            visits[one.written] = turn = visits.get(one.written, 0) + 1
            verses = sorted({verse for note in bar.notes for verse in note.words})
            chosen = verses[min(turn, len(verses)) - 1] if 1 < len(verses) <= totals[one.written] else None
            for note in bar.notes:
                start, end = (one.start + round(at / _FINE) for at in (note.start, note.start + note.duration))
                if tie is not None and rows and tie.pitch == note.pitch and rows[-1][1] + rows[-1][2] == start:
                    rows[-1] = (*rows[-1][:2], end - rows[-1][1], *rows[-1][3:])
                else:
                    rows.append((len(rows) + 1, start, max(end - start, 1), note.pitch, _VELOCITY))
                    for verse, (text, goes_on) in sorted(note.words.items()):
                        if chosen is None or verse == chosen:
                            kept = 1 if chosen is not None else verse
                            before = going_on.get(kept, False)
                            place = ("middle" if goes_on else "end") if before else ("begin" if goes_on else "single")
                            syllables.append(Syllable(len(rows), text, place, kept))
                            going_on[kept] = goes_on
                tie = note if note.tied else None
        check_notes(len(rows))
        return rows, syllables


def _chords(names: dict[int, str], end: int) -> tuple[ChordSpan, ...]:
    found = []
    ticks = sorted(names)
    for tick, following in zip(ticks, [*ticks[1:], end]):
        chord = None if names[tick].upper().startswith("N.C") else Chord.parse(names[tick])
        if following > tick:
            found.append(ChordSpan(tick, following - tick, chord))
    return tuple(found)


def _sections(labels: dict[int, str], end: int) -> tuple[Section, ...]:
    found = []
    ticks = sorted(labels)
    for tick, following in zip(ticks, [*ticks[1:], end]):
        letter, _, kind = labels[tick].partition(" ")
        kind = kind.strip()
        if not re.fullmatch(r"[A-Z]'*", letter):
            letter, kind = "", labels[tick]
        found.append(Section(tick, following - tick, letter, _KINDS.get(kind, kind)))
    return tuple(found)


def _steps(keys: dict[int, Key]) -> list[tuple[int, Key]]:
    found: list[tuple[int, Key]] = []
    for tick, key in sorted(keys.items()):
        if not found or found[-1][1] != key:
            found.append((tick, key))
    return found


def _columns(line: str) -> list[int]:
    """The column of each character, and of the line's end, where Chinese is two wide."""
    widths = (0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    return list(accumulate(widths, initial=0))
