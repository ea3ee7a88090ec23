"""Reading ABC (the 2.1 standard's common part): a tune, or a book of tunes.

Understood: the fields X T C M L Q K R P V Z and ``w:``, notes with key and bar memory, broken
rhythm, tuplets, ties, chords, chord symbols, repeats with endings (played out), inline fields,
voices, overlays, dynamics. Slurs, ornaments and grace notes are passed over.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from yuefu.errors import FormatError, InputError
from yuefu.score.abc_assemble import VoiceInfo, assemble
from yuefu.score.abc_fields import AbcKey, parse_key, parse_length, parse_meter, parse_order, parse_tempo, signature
from yuefu.score.abc_music import AbcBar, VoiceParser
from yuefu.score.limits import check_size
from yuefu.score.model import Score
from yuefu.theory.key import Key

_log = logging.getLogger(__name__)
_FIELD = re.compile(r"([A-Za-z+]):(.*)")
_OWN = "%%yuefu-part "
_MAX_VOICES = 64


def read_abc(text: str, edit: Callable[[list[AbcBar]], object] | None = None) -> Score:
    """The first tune of an ABC text.

    edit: changes the bars of each voice in place before repeats are played out and ticks are counted.

    Raises FormatError, with the line, when it can't be read; LimitError when it is too large.

    >>> score = read_abc("X:1\\nT:Scale\\nL:1/4\\nM:4/4\\nK:G\\nGABc|defg|")
    >>> score.title, score.parts[0].notes["pitch"].tolist()
    ('Scale', [67, 69, 71, 72, 74, 76, 78, 79])
    """
    check_size(len(text), "ABC text")
    tunes = _split(text)
    if not tunes:
        raise FormatError(
            "this isn't ABC: no line names a key (K:) with music after it; give a tune with X:, T: and K: lines."
        )
    return _Tune(*tunes[0]).score(edit)


def read_abc_book(text: str, *, skip_damaged: bool = False) -> list[Score]:
    """Every tune of an ABC text, in order.

    skip_damaged: leave out tunes that can't be read, with a warning in the log, instead of raising
    FormatError for the first of them.
    """
    check_size(len(text), "ABC text")
    scores = []
    for first, lines in _split(text):
        try:
            scores.append(_Tune(first, lines).score())
        except InputError as error:
            if not skip_damaged:
                raise
            _log.warning("tune left out: %s", error)
    return scores


def _split(text: str) -> list[tuple[int, list[str]]]:
    """(number of the first line, lines) of each tune: from ``X:`` on, or from the first ``K:`` alone."""
    lines = text.lstrip("\ufeff").splitlines()
    starts = [index for index, line in enumerate(lines) if re.match(r"\s*X:", line)]
    if not starts:
        starts = [0]
    bounds = starts + [len(lines)]
    tunes = [(start + 1, lines[start:stop]) for start, stop in zip(starts, bounds[1:])]
    return [tune for tune in tunes if any(re.match(r"\s*K:", line) for line in tune[1])]


@dataclass
class _Voice:
    parser: VoiceParser
    info: VoiceInfo


@dataclass
class _Tune:
    """Reads one tune line by line."""

    first: int
    lines: list[str]
    titles: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    key: AbcKey = field(default_factory=lambda: AbcKey(Key(), signature(0)))
    meter: tuple[int, int] = (4, 4)
    unit: Fraction | None = None
    tempo_text: str = ""
    order: str = ""

    def __post_init__(self) -> None:
        self.voices: dict[str, _Voice] = {}
        self.infos: dict[str, VoiceInfo] = {}
        self.current = ""
        self.label = ""
        self.number = self.first
        self.in_body = False

    def score(self, edit: Callable[[list[AbcBar]], object] | None = None) -> Score:
        """The tune as a Score."""
        for offset, raw in enumerate(self.lines):
            self.number = self.first + offset
            line = raw.rstrip("\r\n")
            if self.in_body and not line.strip() and any(voice.parser.seen for voice in self.voices.values()):
                break  # an empty line ends the tune
            if line.startswith("%%"):
                self._directive(line)
                continue
            line = re.sub(r"(?<!\\)%.*", "", line).replace("\\%", "%")
            if not line.strip():
                continue
            try:
                self._line(line)
            except FormatError:
                raise
            except InputError as error:
                raise FormatError(f"line {self.number} of the ABC text can't be read: {error}.") from None
        played = [(voice.info, voice.parser.finish()) for voice in self.voices.values() if voice.parser.seen]
        if not played:
            raise FormatError(f"the ABC tune at line {self.first} has no music after its K: line: add notes.")
        if edit is not None:
            for _, bars in played:
                edit(bars)
        return assemble(played, self.order, self._frame())

    def _frame(self) -> Score:
        """The score's words, without its music."""
        metadata: dict[str, Any] = {}
        for name, letter in (("rhythm", "R"), ("transcriber", "Z"), ("number", "X"), ("origin", "O")):
            if self.facts.get(letter):
                metadata[name] = self.facts[letter]
        if self.key.mode:
            metadata["mode"] = self.key.mode
        if not self.tempo_text:
            metadata["tempo_given"] = False
        return Score(title=self.titles[0] if self.titles else "", composer=self.facts.get("C", ""), metadata=metadata)

    def _line(self, line: str) -> None:
        match = _FIELD.match(line.lstrip())
        # "E:|" or "d:|" is music; a field's letter begins the line and isn't followed by a bar.
        if match and not (self.in_body and match[1] in "ABCDEFGabcdefgz" and match[2][:1] in ("|", ":")):
            letter, value = match[1], match[2].strip()
            if self.in_body:
                self._body_field(letter, match[2])
            else:
                self._header_field(letter, value)
        elif self.in_body:
            # [V:2] inside a line hands over to another voice.
            pieces = re.split(r"\[V:([^\]]*)\]", line)
            for index, piece in enumerate(pieces):
                if index % 2:
                    self._define(piece)
                elif piece.strip():
                    self._voice().parser.music(piece, self.number)

    def _header_field(self, letter: str, value: str) -> None:
        value = value[:500]
        if letter == "T":
            self.titles.append(value)
        elif letter in "CRZXO":
            self.facts.setdefault(letter, value)
        elif letter == "M":
            self.meter = parse_meter(value)
        elif letter == "L":
            self.unit = parse_length(value)
        elif letter == "Q":
            self.tempo_text = value
        elif letter == "P":
            self.order = parse_order(value)
        elif letter == "V":
            self._define(value)
        elif letter == "K":
            self.key = parse_key(value)
            self.in_body = True

    def _body_field(self, letter: str, value: str) -> None:
        if letter == "V":
            self._define(value.strip())
        elif letter == "w":
            self._voice().parser.words(value)
        elif letter in "KMLQP":
            # A part label is for all voices, those still to come too; the rest for the voice at hand.
            if letter == "P":
                self.label = value
            for voice in self.voices.values() if letter == "P" else [self._voice()]:
                voice.parser.field(letter, value, self.number)

    def _define(self, value: str) -> None:
        """A ``V:`` field: names the voice, and makes it the one that plays."""
        name, _, rest = value.strip().partition(" ")
        if name not in self.infos and len(self.infos) >= _MAX_VOICES:
            raise InputError(f"it has more than the {_MAX_VOICES} voices that are accepted")
        info = self.infos.setdefault(name, VoiceInfo(name))
        if match := re.search(r'(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))', rest):
            info.name = (match[1] or match[2] or "")[:200]
        if match := re.search(r"octave\s*=\s*(-?[0-4])\b", rest):
            info.octave = int(match[1])
        self.current = name

    def _directive(self, line: str) -> None:
        """``%%MIDI program`` and our own part data, for the voice at hand."""
        info = self.infos.setdefault(self.current, VoiceInfo(self.current))
        if match := re.match(r"%%MIDI\s+program\s+(?:\d+\s+)?(\d{1,3})\s*$", line):
            info.program = min(int(match[1]), 127)
        elif line.startswith(_OWN) and len(line) < 5_000:
            try:
                data = json.loads(line[len(_OWN) :])
            except (ValueError, RecursionError):
                return
            if isinstance(data, dict):
                info.own = data

    def _voice(self) -> _Voice:
        """The voice at hand; made on its first music."""
        if self.current not in self.voices:
            unit = self.unit or (Fraction(1, 16) if Fraction(*self.meter) < Fraction(3, 4) else Fraction(1, 8))
            tempo = parse_tempo(self.tempo_text, unit) if self.tempo_text else None
            info = self.infos.setdefault(self.current, VoiceInfo(self.current))
            parser = VoiceParser(self.key, self.meter, unit, tempo)
            parser.octave = info.octave
            if self.label:
                parser.field("P", self.label, self.number)
            self.voices[self.current] = _Voice(parser, info)
        return self.voices[self.current]
