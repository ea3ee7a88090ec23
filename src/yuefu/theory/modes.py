"""The catalogue of modes and scales: their notes, what tells them apart, and the chords that lie in them.

The rows are in ``modes.toml``. Pitch classes are 0-11; a mode's own are semitones above its tonic. The model writes in
C major or A minor, so a mode is laid where the most of its notes are white keys: D dorian is C major's collection
with D at home (``home``), and its signature has no sharps or flats. Twelve equal semitones: no quarter tones.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from typing import Any

from yuefu.errors import InputError, UnknownNameError
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.theory.pitch import STEP_PITCH_CLASS, STEPS, parse_pitch_class, spell

WHITE = frozenset((0, 2, 4, 5, 7, 9, 11))
#: Where a mode is laid among places that suit it equally, by what it leans to.
_PREFERRED = {"major": (0, 7, 5, 2, 9, 4, 11), "minor": (9, 2, 4, 7, 0, 5, 11)}
#: The pentatonic modes with the two notes that make them seven: which, in semitones above gong.
_SEVEN = {
    "qingyue": ("Qingyue", "清乐", (5, 11)), "yanyue": ("Yanyue", "燕乐", (5, 10)), "yayue": ("Yayue", "雅乐", (6, 11)),
}  # fmt: skip
_ABOVE_GONG = {"gong": 0, "shang": 2, "jiao": 4, "zhi": 7, "yu": 9}


@dataclass(frozen=True)
class Mode:
    """A mode or scale.

    steps: semitones above the tonic, ascending from 0; leans: ``"major"`` or ``"minor"``, whichever its tonic's third
    says or it is nearer to; marks: its telling degrees; rests: degrees that phrases rest on besides the tonic, the
    nearest first; phrases: progressions of four chords on C; close: the chords of the last two bars; open: the chord
    of a half close; beside: whether its chords leave the scale, as those of the blues do; drone: whether one belongs to
    it; either: for a name that leaves open which, the keys of what it means in major and in minor (its own fields are
    then those of the first); laid: ``home`` where it is told; note_en, note_zh: what equal semitones can't say of it.
    """

    key: str
    en: str
    zh: str
    aliases: tuple[str, ...]
    family: str
    steps: tuple[int, ...]
    leans: str
    marks: tuple[int, ...]
    rests: tuple[int, ...]
    phrases: tuple[tuple[str, ...], ...]
    close: tuple[str, ...]
    open: str
    beside: bool = False
    drone: bool = False
    either: tuple[str, ...] = ()
    laid: int | None = None
    note_en: str = ""
    note_zh: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it is known by, in lower case, its own before its aliases."""
        plain = (self.key, self.key.replace("_", " "), self.en.lower(), self.zh, *(a.lower() for a in self.aliases))
        return tuple(dict.fromkeys(plain))

    @cached_property
    def home(self) -> int:
        """The tonic's pitch class where the most of the mode's notes are white keys (for the model's C major/A minor).

        >>> MODES["dorian"].home, MODES["yu"].home, MODES["hijaz"].home
        (2, 9, 4)
        """
        if self.laid is not None:
            return self.laid
        white = {home: sum((home + step) % 12 in WHITE for step in self.steps) for home in range(12)}
        most = max(white.values())
        order = (*_PREFERRED[self.leans], *range(12))
        return next(home for home in order if white[home] == most)

    @property
    def traditional(self) -> bool:
        """Whether it belongs to a tradition with players of its own."""
        return self.family in ("chinese", "raga", "maqam", "eastern", "japanese", "gamelan")

    def key_on(self, tonic: int) -> Key:
        """The key whose signature the mode is written with on a tonic, and whose moving to C major or A minor moves the
        tonic to ``home``.

        >>> MODES["dorian"].key_on(2).fifths, MODES["mixolydian"].key_on(9).fifths
        (0, 2)
        """
        mode = "major" if self.home in (0, 5, 7) else "minor"
        return Key.of_tonic(((9 if mode == "minor" else 0) + tonic - self.home) % 12, mode)

    def tonic_in(self, key: Key) -> int:
        """The sounding tonic of the mode written in a key of ``key_on``."""
        return (self.home + key.shift) % 12

    def scale_on(self, tonic: int) -> frozenset[int]:
        """Its pitch classes on a tonic."""
        return frozenset((tonic + step) % 12 for step in self.steps)

    def chord(self, symbol: str, tonic: int) -> Chord:
        """One of its chords (written on C), on a tonic."""
        return Chord.parse(symbol).transpose(tonic)


def spelt_in(scale: str, key: Key) -> dict[int, tuple[str, int]]:
    """How the notes of a mode of seven are named where it is written in a key: a letter each, from the tonic's up.

    Pitch class -> step and alteration; empty for unknown modes, those of other sizes, and where a letter would need two
    signs.

    >>> spelt_in("bhairav", MODES["bhairav"].key_on(2))[3]
    ('E', -1)
    """
    mode = MODES.get(scale)
    if mode is None or len(mode.steps) != 7:
        return {}
    tonic = mode.tonic_in(key)
    letter, _ = spell(tonic, key.fifths)
    found = {}
    for place, step in enumerate(mode.steps):
        name = STEPS[(STEPS.index(letter) + place) % 7]
        alter = (tonic + step - STEP_PITCH_CLASS[name] + 6) % 12 - 6
        if abs(alter) > 1:
            return {}
        found[(tonic + step) % 12] = (name, alter)
    return found


def _load() -> dict[str, Mode]:
    text = resources.files("yuefu.theory").joinpath("modes.toml").read_text(encoding="utf-8")
    rows: dict[str, dict[str, Any]] = tomllib.loads(text)
    modes: dict[str, Mode] = {}
    for key, row in rows.items():
        base = rows[row["either"][0]] if "either" in row else rows[row["like"]] if "like" in row else {}
        full = {**{name: value for name, value in base.items() if name not in ("note_en", "note_zh")}, **row}
        modes[key] = Mode(
            key=key, en=full["en"], zh=full["zh"], aliases=tuple(row["aliases"]), family=full["family"],
            steps=tuple(full["steps"]), leans=full["leans"], marks=tuple(full["marks"]), rests=tuple(full["rests"]),
            phrases=tuple(tuple(phrase.split()) for phrase in full["phrases"]), close=tuple(full["close"].split()),
            open=full["open"], beside=full.get("beside", False), drone=full.get("drone", False),
            either=tuple(row.get("either", ())), laid=full.get("laid"),
            note_en=full.get("note_en", ""), note_zh=full.get("note_zh", ""),
        )  # fmt: skip
    return {**modes, **_seven_note(modes)}


def _seven_note(modes: dict[str, Mode]) -> dict[str, Mode]:
    """The Chinese modes with their two further notes (偏音): the pentatonic pillars stay what phrases rest on."""
    found = {}
    for form, (en, zh, added) in _SEVEN.items():
        for name, place in _ABOVE_GONG.items():
            five = modes[name]
            steps = tuple(sorted({*five.steps, *((note - place) % 12 for note in added)}))
            church = next((m for m in modes.values() if m.family == "church" and m.steps == steps), None)
            key = f"{name}_{form}"
            found[key] = replace(
                five, key=key, en=f"{name}, {en} (Chinese, seven notes)", zh=f"{zh}{five.zh}", steps=steps,
                leans=("minor" if 3 in steps else "major"), laid=None,
                aliases=(f"{form} {name}", f"{zh}{five.zh[0]}调", f"{five.zh[0]}调{zh}", f"{zh}{five.zh[0]}"),
                marks=tuple(sorted((note - place) % 12 for note in added)),
                phrases=(*five.phrases, *(church.phrases[1:3] if church and church.key != "locrian" else ())),
            )  # fmt: skip
    return found


#: Every mode by key, in the order of the catalogue.
MODES: dict[str, Mode] = _load()


@cache
def mode_names() -> dict[str, str]:
    """Lower-case name in either language -> key; a mode's own names before others' aliases."""
    names: dict[str, str] = {}
    for own in (True, False):
        for mode in MODES.values():
            aliases = {alias.lower() for alias in mode.aliases}
            for name in mode.names:
                if (name not in aliases) == own:
                    names.setdefault(name, mode.key)
    return names


def find_mode(name: str) -> Mode:
    """The mode with a name, in English or Chinese, whatever its case.

    Raises UnknownNameError, which names the nearest.

    >>> find_mode("Dorian").key, find_mode("徵调").key, find_mode("hijaz scale").key, find_mode("燕乐宫调式").key
    ('dorian', 'zhi', 'hijaz', 'gong_yanyue')
    """
    names = mode_names()
    wanted = re.sub(r"[\s_]+", " ", name.strip().lower())
    bare = re.sub(r"^(?:maqam|makam|raga|raag|the)\s+|\s+(?:mode|scale|raga|maqam)$", "", wanted)
    bare = re.sub(r"(?:调式|音阶|调|木卡姆|拉格)$", "", bare) or bare
    for form in (wanted, wanted.replace("-", " "), wanted.replace(" ", "-"), bare, f"{bare}调式", f"{bare}音阶"):
        if form in names:
            return MODES[names[form]]
    error = UnknownNameError("scale", name, MODES)
    if error.nearest is None:
        near = UnknownNameError("scale", bare, names)
        if near.nearest is not None:
            error.nearest = names[near.nearest]
            error.args = (str(error).replace(": Known", f": did you mean '{error.nearest}'? Known", 1),)
    raise error


_TONIC = re.compile(
    r"^\s*(?:(?P<zh>[升降])\s*)?(?P<step>[A-Ga-g])(?P<sign>#|♯|♭|b(?![a-z])|[\s-]?(?:sharp|flat)\b)?[\s-]*(?P<rest>.*)$",
    re.S,
)  # fmt: skip


def split_tonic(text: str) -> tuple[str | None, str]:
    """A tonic's name, None where none is said, and what follows it.

    >>> split_tonic("D dorian"), split_tonic("降B宫调式"), split_tonic("dorian"), split_tonic("F# hijaz")
    (('D', 'dorian'), ('Bb', '宫调式'), (None, 'dorian'), ('F#', 'hijaz'))
    """
    match = _TONIC.match(text)
    if match is None or not match["rest"]:
        return None, text.strip()
    rest = match["rest"].strip()
    joined = text.strip()[match.end("sign") if match["sign"] else match.end("step") :][:1]
    if joined.isalpha() and joined.isascii():  # "dorian" isn't D and "orian"
        return None, text.strip()
    sign = (match["sign"] or "").strip(" -")
    accidental = {"#": "#", "♯": "#", "sharp": "#", "b": "b", "♭": "b", "flat": "b"}.get(sign, "")
    accidental = {"升": "#", "降": "b"}.get(match["zh"] or "", accidental)
    return match["step"].upper() + accidental, rest


def parse_scale(text: str) -> tuple[Mode, int | None]:
    """A mode and its tonic's pitch class, None where none is said: from ``"D dorian"``, ``"G 徵"``, ``"hijaz"``.

    >>> mode, tonic = parse_scale("G 徵")
    >>> mode.key, tonic
    ('zhi', 7)
    """
    if len(text) > 80:
        raise InputError(f"'{text[:40]}' isn't a scale: give a name such as 'dorian', 'D dorian' or 'G 徵'.")
    tonic, rest = split_tonic(text)
    return find_mode(rest), None if tonic is None else parse_pitch_class(tonic)
