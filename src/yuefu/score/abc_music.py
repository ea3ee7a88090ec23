"""ABC's music lines: from signs to bars of events, for one voice at a time.

Lengths are whole numbers of ``WHOLE`` to a whole note, fine enough for every tuplet and division
that occurs. Repeats aren't played out yet (see ``abc_repeats``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from yuefu.errors import FormatError, InputError
from yuefu.score.abc_fields import ALTERATIONS, AbcKey, parse_key, parse_length, parse_meter, parse_tempo
from yuefu.score.abc_lyrics import align
from yuefu.score.limits import check_notes
from yuefu.score.model import Syllable
from yuefu.theory.chord import Chord
from yuefu.theory.pitch import STEP_PITCH_CLASS

#: Units to a whole note: divisible by 128ths and by tuplets of 2 to 9.
WHOLE = 96 * 64 * 315
_SIGN = re.compile(
    r"""(?P<note>(?P<acc>\^\^?|__?|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)(?P<len>\d*/*\d*)\s?(?P<tie>-)?)
    |(?P<bar>:+(?:\|+\]?)?:*|\[\|+\]?:*|\|+\]?:*)(?:(?P<ending>\d[\d,\-]*))?
    |(?P<space>[\s`\\$]+)
    |(?P<broken>>{1,3}|<{1,3})
    |(?P<rest>[zxZX])(?P<restlen>\d*/*\d*)
    |\((?P<p>[2-9])(?::(?P<q>\d?)(?::(?P<r>\d{0,2}))?)?
    |"(?P<quoted>[^"]*)"
    |\[(?P<field>[A-Za-z]):(?P<value>[^\]]*)\]
    |\["?(?P<inline_ending>\d[\d,\-]*)\.?"?
    |(?P<chord>\[)
    |\{(?P<grace>[^}]*)\}
    |!(?P<mark>[^!|]{1,30})!|\+(?P<plus>[a-zA-Z]+)\+
    |(?P<overlay>&)
    |(?P<fermata>H)
    |(?P<ignored>.)""",
    re.VERBOSE,
)
_INNER = re.compile(r"(\^\^?|__?|=)?([A-Ga-g])([,']*)(\d*/*\d*)(-?)")
_DYNAMICS = frozenset(("pppp", "ppp", "pp", "p", "mp", "mf", "f", "ff", "fff", "ffff", "sfz", "sf", "fp"))


@dataclass
class NoteEvent:
    """A note or chord: pitches with their ties, place in its bar and length in fine units."""

    at: int
    length: int
    pitches: list[tuple[int, bool]]
    syllables: list[Syllable] = field(default_factory=list)


@dataclass
class AbcBar:
    """What stands between two bar lines. key, meter, tempo: in force at its start.

    starts: a repeat begins here; ends: how often the music from the repeat's start is played in
    all (0: no repeat sign); endings: the passes this bar's bracket is for; double: a double bar
    line follows; label: the part (``P:``) that begins here; marks: (place, kind, value).
    """

    key: AbcKey
    meter: tuple[int, int]
    tempo: float | None
    notes: list[NoteEvent] = field(default_factory=list)
    marks: list[tuple[int, str, object]] = field(default_factory=list)
    length: int = 0
    starts: bool = False
    ends: int = 0
    endings: frozenset[int] = frozenset()
    double: bool = False
    label: str = ""

    @property
    def full(self) -> int:
        """The length that the metre asks for."""
        return WHOLE * self.meter[0] // self.meter[1]


def units(text: str, base: int) -> int:
    """A length such as ``3/2``, ``/``, ``//4`` times ``base`` units."""
    if not text:
        return base
    number, slash, rest = text.partition("/")
    top = int(number[:6]) if number else 1
    if not slash:
        return base * top
    slashes = 1 + len(rest) - len(rest.lstrip("/"))
    digits = rest.lstrip("/")
    bottom = int(digits[:6]) if digits else 2**slashes
    return base * top // bottom if bottom else base * top


def _passes(text: str) -> frozenset[int]:
    """The passes of an ending: ``1,3`` or ``1-3``."""
    passes: set[int] = set()
    for piece in text.strip(",-").split(","):
        first, _, last = piece.partition("-")
        if first.isdigit():
            passes.update(
                range(int(first), min(int(last or first) if (last or first).isdigit() else 0, int(first) + 8) + 1)
            )
    return frozenset(number for number in passes if 1 <= number <= 9)


class VoiceParser:
    """Reads the music lines of one voice into ``bars``."""

    def __init__(self, key: AbcKey, meter: tuple[int, int], unit: Fraction, tempo: float | None) -> None:
        self.key, self.meter, self.unit, self.tempo = key, meter, unit, tempo
        self.octave = 0
        self.bars: list[AbcBar] = [AbcBar(key, meter, tempo)]
        self.seen = False
        self._memory: dict[tuple[str, int], int] = {}
        self._tied: dict[tuple[str, int], int] = {}
        self._scale: Fraction | None = None
        self._pending: list[Fraction] = []
        self._count = 0
        self._slots: list[NoteEvent] = []
        self._bar_slots: list[int] = []
        self._verse = 0
        self._continued = False
        self._alter = 0
        self._overlaid = 0

    def music(self, line: str, number: int) -> None:
        """Read one music line; ``number`` is its line in the file, for messages."""
        if not self._continued:
            self._slots, self._bar_slots, self._verse = [], [], 0
        self._continued = line.rstrip().endswith("\\")
        position = 0
        for match in _SIGN.finditer(line):
            if match.start() < position:
                continue
            position = match.end()
            if match["note"]:
                self._note(match)
            elif match["bar"]:
                self._barline(match["bar"], match["ending"] or "")
            elif match["space"]:
                continue
            elif match["broken"]:
                self._broken(match["broken"])
            elif match["rest"]:
                self._rest(match["rest"], match["restlen"])
            elif match["p"]:
                self._tuplet(int(match["p"]), match["q"], match["r"])
            elif match["quoted"] is not None:
                self._quoted(match["quoted"])
            elif match["field"]:
                self.field(match["field"], match["value"], number)
            elif match["inline_ending"]:
                self._ending(match["inline_ending"])
            elif match["chord"]:
                position = self._chord(line, match.start(), number)
            elif match["mark"] or match["fermata"] or match["plus"]:
                self._mark(match["mark"] or match["plus"] or "fermata")
            elif match["overlay"]:
                self._overlay()
            elif match["ignored"]:
                self._other(match["ignored"], number)

    def field(self, letter: str, value: str, number: int) -> None:
        """A field inside the tune: K, M, L, Q, P (others are passed over)."""
        try:
            if letter == "K":
                self.key = parse_key(value)
                self._state("key", self.key)
                self._memory.clear()
            elif letter == "M":
                self.meter = parse_meter(value)
                self._state("meter", self.meter)
            elif letter == "L":
                self.unit = parse_length(value)
            elif letter == "Q":
                self.tempo = parse_tempo(value, self.unit) or self.tempo
                if self.tempo:
                    self._state("tempo", self.tempo)
            elif letter == "P" and value.strip():
                if self._bar.notes or self._bar.length:
                    self._next_bar()
                self._bar.label = value.strip()[:60]
        except InputError as error:
            raise FormatError(f"line {number} of the ABC text can't be read: {error}.") from None

    def finish(self) -> list[AbcBar]:
        """The bars read, without an empty last one."""
        self._close()
        if len(self.bars) > 1 and not self._bar.length:
            self.bars.pop()
        return self.bars

    def words(self, line: str) -> None:
        """A ``w:`` line for the music line just read."""
        self._verse += 1
        for word in align(line, self._bar_slots, len(self._slots)):
            self._slots[word.slot].syllables.append(Syllable(0, word.text, word.syllabic, self._verse, word.line_end))

    @property
    def _bar(self) -> AbcBar:
        return self.bars[-1]

    def _state(self, kind: str, value: object) -> None:
        """A new key, metre or tempo: of the bar, when nothing sounded in it yet."""
        bar = self._bar
        if not bar.length:
            bar.key, bar.meter, bar.tempo = self.key, self.meter, self.tempo
        elif kind == "meter":
            self._next_bar()
        else:
            bar.marks.append((bar.length, kind, value))

    def _close(self) -> None:
        """Give an overlaid bar the length of its longest layer."""
        self._bar.length = max(self._bar.length, self._overlaid)
        self._overlaid = 0

    def _next_bar(self) -> AbcBar:
        self._close()
        self.bars.append(AbcBar(self.key, self.meter, self.tempo))
        self._memory.clear()
        self._bar_slots.append(len(self._slots))
        return self._bar

    def _barline(self, sign: str, ending: str) -> None:
        self._close()
        bar = self._bar
        before = len(sign) - len(sign.lstrip(":"))
        after = len(sign) - len(sign.rstrip(":"))
        if before == len(sign):  # "::" and ":" stand for both
            before = after = max(1, len(sign) - 1)
        empty = not bar.length
        closed = self.bars[-2] if empty and len(self.bars) > 1 else bar
        if before and closed.length:
            closed.ends = max(closed.ends, before + 1)
        if "||" in sign or "]" in sign or "[" in sign:
            closed.double = True
        if not empty:
            bar = self._next_bar()
        if after:
            bar.starts = True
        if ending:
            bar.endings = _passes(ending)

    def _ending(self, text: str) -> None:
        if self._bar.length:
            self._next_bar()
        self._bar.endings = _passes(text)

    def _pitch(self, accidental: str | None, letter: str, marks: str) -> tuple[int, tuple[str, int]]:
        step = letter.upper()
        octave = (5 if letter.islower() else 4) + marks.count("'") - marks.count(",") + self.octave
        place = (step, octave)
        if accidental is not None:
            alter = ALTERATIONS[accidental]
            self._memory[place] = alter
        elif place in self._tied:
            alter = self._tied[place]  # a tied note keeps its accidental over the bar line
        else:
            alter = self._memory.get(place, self.key.alterations[step])
        self._alter = alter
        return min(max(12 * (octave + 1) + STEP_PITCH_CLASS[step] + alter, 0), 127), place

    def _note(self, match: re.Match[str]) -> None:
        pitch, place = self._pitch(match["acc"], match["letter"], match["octave"])
        tie = bool(match["tie"])
        self._tied = {place: self._alter} if tie else {}
        self._add([(pitch, tie)], units(match["len"], WHOLE * self.unit.numerator // self.unit.denominator))

    def _chord(self, line: str, start: int, number: int) -> int:
        """A chord ``[CEG]2``; returns the position after it."""
        stop = line.find("]", start)
        if stop < 0:
            raise FormatError(f"line {number} of the ABC text has a chord that isn't closed: add the ']'.")
        inside = _INNER.findall(line[start + 1 : stop])
        if not inside:
            return stop + 1
        outer = re.compile(r"(\d*/*\d*)\s?(-?)").match(line, stop + 1)
        after = outer[1] if outer else ""
        all_tied = bool(outer and outer[2])
        unit = WHOLE * self.unit.numerator // self.unit.denominator
        length = units(after, units(inside[0][3], unit))
        pitches: dict[int, bool] = {}
        tied: dict[tuple[str, int], int] = {}
        for accidental, letter, marks, _, tie in inside:
            pitch, place = self._pitch(accidental or None, letter, marks)
            pitches[pitch] = all_tied or bool(tie)
            if pitches[pitch]:
                tied[place] = self._alter
        self._tied = tied
        self._add(sorted(pitches.items()), length)
        return outer.end() if outer else stop + 1

    def _rest(self, sign: str, length: str) -> None:
        self._tied = {}
        if sign in "ZX":
            for index in range(min(int(length[:3]) if length.isdigit() else 1, 200)):
                if index:
                    self._next_bar()
                self._bar.length += self._bar.full
            return
        self._add([], units(length, WHOLE * self.unit.numerator // self.unit.denominator))

    def _add(self, pitches: list[tuple[int, bool]], length: int) -> None:
        if self._scale is not None and self._count:
            length = length * self._scale.numerator // self._scale.denominator
            self._count -= 1
        if self._pending:
            factor = self._pending.pop()
            length = length * factor.numerator // factor.denominator
        bar = self._bar
        event = NoteEvent(bar.length, length, pitches)
        bar.notes.append(event)
        bar.length += length
        self.seen = True
        if pitches:
            self._slots.append(event)
            if len(bar.notes) > 10_000 or len(self.bars) > 100_000:
                check_notes(10**9)

    def _broken(self, sign: str) -> None:
        """``a>b``: the first takes from the second (``a<b``: the second from the first)."""
        bar = self._bar
        if not bar.notes:
            return
        less = Fraction(1, 2 ** len(sign))
        first, second = (2 - less, less) if sign[0] == ">" else (less, 2 - less)
        event = bar.notes[-1]
        longer = event.length * first.numerator // first.denominator
        bar.length += longer - event.length
        event.length = longer
        self._pending = [second]

    def _tuplet(self, p: int, q: str | None, r: str | None) -> None:
        compound = self.meter[0] % 3 == 0 and self.meter[0] > 3
        default = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(p, 3 if compound else 2)
        self._scale = Fraction(int(q) if q and q != "0" else default, p)
        self._count = int(r) if r else p

    def _quoted(self, text: str) -> None:
        bar = self._bar
        text = text.strip()
        if text[:1] in ("^", "_", "<", ">", "@"):
            words = text[1:].strip()
            if words and text[0] == "^":
                bar.marks.append((bar.length, "words", words[:200]))
            return
        if text in ("N.C.", "NC", "n.c."):
            bar.marks.append((bar.length, "chord", None))
            return
        try:
            bar.marks.append((bar.length, "chord", Chord.parse(text.split(" ")[0])))
        except InputError:
            return  # fingerings and words stand in quotes too

    def _mark(self, name: str) -> None:
        if name in _DYNAMICS:
            self._bar.marks.append((self._bar.length, "dynamic", name))
        elif name == "fermata":
            self._bar.marks.append((self._bar.length, "fermata", ""))

    def _overlay(self) -> None:
        """``&`` goes back to the start of the bar for a second line of music: both are kept."""
        self._overlaid = max(self._overlaid, self._bar.length)
        self._bar.length = 0
        self._tied = {}

    def _other(self, sign: str, number: int) -> None:
        if sign in "^_":
            raise FormatError(
                f"line {number} of the ABC text has an accidental without a note: write one such as {sign}F."
            )
        if sign in '"{':
            raise FormatError(f"line {number} of the ABC text opens a {sign} that isn't closed: close it on that line.")
        if sign in "123456789" and not self._bar.length and len(self.bars) > 1:
            self._bar.endings = frozenset((int(sign),))  # "| 1" with a space before the ending
