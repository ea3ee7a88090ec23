"""The catalogue of instruments: names in English and Chinese, ranges, clefs, roles.

Ranges are sounding MIDI numbers (middle C = 60), both ends included: ``low``/``high`` is what a
good player can reach, ``comfortable_low``/``comfortable_high`` what a part should mostly stay in.
Programs are General MIDI 0-127. Chinese instruments play the nearest General MIDI sound and keep
their own names. The rows themselves are in ``instruments.tsv``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from yuefu.errors import UnknownNameError
from yuefu.theory.pitch import parse_pitch_class

_PITCH = re.compile(r"^([A-G][#b]?)(-?\d)$")


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument, voice or section.

    clef: ``"treble"``, ``"bass"``, ``"alto"``, ``"grand"`` (two staves) or ``"percussion"``;
    family: ``"keyboard"``, ``"mallet"``, ``"plucked"``, ``"bass"``, ``"strings"``, ``"voice"``,
    ``"brass"``, ``"woodwind"``, ``"synth"``, ``"chinese"`` or ``"percussion"``; polyphonic:
    whether it can sound several notes at once; roles: rows of the grid that it can play, the
    default first.
    """

    key: str
    en: str
    zh: str
    aliases: tuple[str, ...]
    program: int
    low: int
    high: int
    comfortable_low: int
    comfortable_high: int
    clef: str
    family: str
    polyphonic: bool
    roles: tuple[str, ...]

    @property
    def default_role(self) -> str:
        """The row that it plays when nothing else is asked."""
        return self.roles[0]

    @property
    def is_drums(self) -> bool:
        """Whether its notes are General MIDI drum sounds (the program is then ignored)."""
        return self.roles == ("drums",)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it is known by: key, English, Chinese, aliases; no duplicates, in that order."""
        spoken = self.key.replace("_", " ")
        return tuple(dict.fromkeys((self.key, spoken, self.en.lower(), self.zh, *self.aliases)))


def _midi(name: str) -> int:
    match = _PITCH.match(name)
    if match is None:
        raise ValueError(f"instruments.tsv: '{name}' isn't a pitch with an octave")
    octave_shift = {"Cb": -12, "B#": 12}.get(match[1], 0)
    return parse_pitch_class(match[1]) + 12 * (int(match[2]) + 1) + octave_shift


def _span(text: str) -> tuple[int, int]:
    low, high = text.split("-")
    return _midi(low), _midi(high)


def _load() -> dict[str, Instrument]:
    text = resources.files("yuefu.theory").joinpath("instruments.tsv").read_text(encoding="utf-8")
    found: dict[str, Instrument] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        key, en, zh, aliases, program, reach, comfort, clef, family, poly, roles = line.split("\t")
        found[key] = Instrument(
            key, en, zh, tuple(aliases.split(",")), int(program), *_span(reach), *_span(comfort),
            clef, family, poly == "1", tuple(roles.split(",")),
        )  # fmt: skip
    return found


#: Every instrument by key, in the order of the catalogue.
INSTRUMENTS: dict[str, Instrument] = _load()


@cache
def instrument_names() -> dict[str, str]:
    """Lower-case name in either language -> key; the first instrument that claims a name has it."""
    names: dict[str, str] = {}
    for instrument in INSTRUMENTS.values():  # keys and main names before anybody's aliases
        for name in (instrument.key, instrument.key.replace("_", " "), instrument.en.lower(), instrument.zh.lower()):
            names.setdefault(name, instrument.key)
    for instrument in INSTRUMENTS.values():
        for name in instrument.aliases:
            names.setdefault(name.lower(), instrument.key)
    return names


def singular(word: str) -> tuple[str, ...]:
    """Possible singulars of an English plural, the word itself first.

    >>> singular("violins"), singular("double basses")
    (('violins', 'violin'), ('double basses', 'double basse', 'double bass'))
    """
    forms = [word]
    if word.endswith("s") and not word.endswith("ss"):
        forms.append(word[:-1])
        if word.endswith("es"):
            forms.append(word[:-2])
        if word.endswith("ies"):
            forms.append(word[:-3] + "y")
    return tuple(forms)


def find_instrument(name: str) -> Instrument:
    """The instrument with a name, in English or Chinese, whatever its case; plurals are fine.

    Raises UnknownNameError, which names the nearest.

    >>> find_instrument("Violins").key, find_instrument("二胡").key, find_instrument("cor anglais").en
    ('violin', 'erhu', 'English horn')
    """
    names = instrument_names()
    wanted = re.sub(r"[\s_]+", " ", name.strip().lower())
    for form in singular(wanted):
        for candidate in (form, form.replace(" ", "_"), form.replace("-", " "), form.replace(" ", "")):
            if candidate in names:
                return INSTRUMENTS[names[candidate]]
    # The nearest name may be in the other language's aliases, so they are offered too.
    error = UnknownNameError("instrument", name, INSTRUMENTS)
    if error.nearest is None:
        near = UnknownNameError("instrument", name, names)
        if near.nearest is not None:
            error.nearest = names[near.nearest]
            error.args = (str(error).replace(": Known", f": did you mean '{near.nearest}'? Known", 1),)
    raise error


@cache
def instrument_for_program(program: int) -> Instrument:
    """The instrument that best stands for a General MIDI program, 0-127 (not a drum channel's).

    A program without an instrument of its own gets its nearest neighbour in the same General MIDI
    family of eight, or the piano.

    >>> instrument_for_program(73).key, instrument_for_program(51).key, instrument_for_program(127).key
    ('flute', 'synth_strings', 'piano')
    """
    pitched = [i for i in INSTRUMENTS.values() if not i.is_drums]
    family = [i for i in pitched if i.program // 8 == program // 8]
    if not family:
        return INSTRUMENTS["synth_pad" if 96 <= program <= 103 else "piano"]
    return min(family, key=lambda i: abs(i.program - program))
