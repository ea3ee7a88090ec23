"""The fill model's vocabulary: flat, musical, about 500 tokens.

A cell (one part in one bar) is written as events followed by ``END``:

- notes: ``POS`` then, for each simultaneous note, ``PITCH DUR`` (``HOLD PITCH DUR`` when a sung
  note holds the last syllable);
- chords: ``POS ROOT QUALITY`` and ``CBASS`` when the bass isn't the root (``POS NC``: no chord);
- drums: ``POS`` then one ``HIT`` for each drum struck together;
- lyrics (always given): one ``SYL`` token a syllable, ``LINE`` after the last of a line.

Pitches are key-normalised: every piece is moved to C major or A minor.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from yuefu.score.model import ROWS
from yuefu.theory.chord import QUALITY_NAMES

#: Places within a quarter (of 24 ticks) where a note may start: 32nds and triplet 16ths.
GRID = (0, 3, 4, 6, 8, 9, 12, 15, 16, 18, 20, 21)
#: Longest bar, in ticks (eight quarters).
MAX_BAR_TICKS = 192
#: Durations that can be written, in ticks.
DURATIONS = (
    3, 4, 6, 8, 9, 12, 16, 18, 20, 24, 30, 32, 36, 42, 48, 54, 60, 64, 72, 84, 96, 108, 120, 132,
    144, 168, 192, 216, 240, 288, 384,
)  # fmt: skip
LOWEST_PITCH, HIGHEST_PITCH = 21, 108
#: Most onset positions that the ``N`` control tells apart; the last one means "this many or more".
MAX_COUNT = 20
MAX_BARS = 32

STYLES = (
    "pop", "rock", "jazz", "standard", "blues", "country", "folk", "celtic", "hymn", "chorale",
    "renaissance", "baroque", "classical", "romantic", "modern", "ragtime", "march", "waltz",
    "art_song", "game", "funk", "soul", "latin", "reggae", "hiphop", "disco", "electronic", "afro",
    "gospel", "children",
)  # fmt: skip
METERS = (
    "2/4", "3/4", "4/4", "5/4", "6/4", "7/4", "2/2", "3/2", "4/2", "3/8", "4/8", "5/8", "6/8", "7/8",
    "9/8", "12/8", "1/4", "6/16", "9/16", "12/16", "other",
)  # fmt: skip
#: Upper ends of the tempo bins, quarter notes a minute.
TEMPO_BINS = (50, 60, 69, 78, 88, 99, 110, 122, 136, 152, 172, 400)
#: Families of General MIDI programs (program // 8), plus voice and drum kit.
FAMILIES = (
    "piano", "mallet", "organ", "guitar", "bass", "strings", "ensemble", "brass", "reed", "pipe",
    "lead", "pad", "effects", "ethnic", "percussive", "sound", "voice", "kit",
)  # fmt: skip
#: Drum sounds told apart, by name, with the General MIDI pitch each is written as.
HITS = {
    "kick": 36, "snare": 38, "rim": 37, "clap": 39, "closed_hat": 42, "pedal_hat": 44,
    "open_hat": 46, "low_tom": 43, "mid_tom": 47, "high_tom": 50, "crash": 49, "ride": 51,
    "ride_bell": 53, "splash": 55, "china": 52, "tambourine": 54, "cowbell": 56, "shaker": 70,
    "high_bongo": 60, "low_bongo": 61, "high_conga": 63, "low_conga": 64, "timbale": 65,
    "agogo": 67, "clave": 75, "woodblock": 76, "triangle": 81,
}  # fmt: skip
#: Other General MIDI drum pitches, written as the nearest sound above.
HIT_ALIASES = {
    35: 36, 40: 38, 31: 37, 41: 43, 45: 47, 48: 50, 57: 49, 59: 51, 62: 63, 66: 65, 68: 67, 69: 70,
    77: 76, 80: 81, 82: 70, 58: 56, 33: 37, 28: 39, 27: 39, 83: 54, 71: 81, 72: 81, 73: 76, 74: 76,
    78: 64, 79: 64, 34: 76, 32: 37, 30: 37, 29: 37, 84: 81, 85: 75, 86: 43, 87: 43,
}  # fmt: skip
BINS = 5  #: valence, arousal and density are told in five bins


def _names() -> list[str]:
    names = ["PAD", "BOS", "SEP", "EOS", "END", "HOLD", "NC", "LINE", "SYL", "SYL_STRESSED", "SYL_UNSTRESSED"]
    names += ["AT_START", "AT_END", "PICKUP", "HELP_0", "HELP_1"]
    names += [f"BAR_{i}" for i in range(MAX_BARS)]
    names += [f"GIVEN_{row}" for row in ROWS] + ["GIVEN_lyrics"]
    names += [f"FILL_{row}" for row in ROWS]
    names += [f"HAS_{row}" for row in ROWS]
    names += [f"FAMILY_{family}" for family in FAMILIES]
    names += [f"STYLE_{style}" for style in STYLES]
    names += ["MODE_major", "MODE_minor"]
    names += [f"METER_{meter}" for meter in METERS]
    names += [f"TEMPO_{i}" for i in range(len(TEMPO_BINS))]
    names += [f"{kind}_{i}" for kind in ("VALENCE", "AROUSAL", "DENSITY") for i in range(BINS)]
    names += [f"N_{i}" for i in range(MAX_COUNT + 1)]
    names += [f"PC_{i}" for i in range(12)]
    names += [f"POS_{tick}" for tick in positions()]
    names += [f"PITCH_{pitch}" for pitch in range(LOWEST_PITCH, HIGHEST_PITCH + 1)]
    names += [f"DUR_{ticks}" for ticks in DURATIONS]
    names += [f"ROOT_{i}" for i in range(12)]
    names += [f"QUALITY_{quality or 'maj'}" for quality in QUALITY_NAMES]
    names += [f"CBASS_{i}" for i in range(12)]
    names += [f"HIT_{hit}" for hit in HITS]
    return names


def positions() -> tuple[int, ...]:
    """Every tick within a bar where an event may start."""
    return tuple(quarter * 24 + tick for quarter in range(MAX_BAR_TICKS // 24) for tick in GRID)


class Vocabulary:
    """Token names and ids. One instance is enough: ``vocabulary()``.

    >>> v = vocabulary()
    >>> v.names[v.id("POS_12")], 400 < len(v) < 700
    ('POS_12', True)
    """

    def __init__(self) -> None:
        self.names = _names()
        self._ids = {name: i for i, name in enumerate(self.names)}
        self.hash = hashlib.sha256("\n".join(self.names).encode()).hexdigest()[:16]
        self.pad, self.bos, self.sep, self.eos = (self._ids[n] for n in ("PAD", "BOS", "SEP", "EOS"))
        self.end, self.hold, self.nc = (self._ids[n] for n in ("END", "HOLD", "NC"))
        self.bar = self._ids["BAR_0"]
        self.pitch = self._ids[f"PITCH_{LOWEST_PITCH}"] - LOWEST_PITCH  # id of pitch p is pitch + p
        self.root = self._ids["ROOT_0"]
        self.quality = self.root + 12
        self.cbass = self._ids["CBASS_0"]
        self.hit = self._ids[f"HIT_{next(iter(HITS))}"]
        self.pc = self._ids["PC_0"]
        self.count = self._ids["N_0"]
        self.dur = self._ids[f"DUR_{DURATIONS[0]}"]
        self.pos = self._ids["POS_0"]
        self.position_ids = {tick: self._ids[f"POS_{tick}"] for tick in positions()}
        self.position_ticks = {i: tick for tick, i in self.position_ids.items()}
        self.duration_ids = {ticks: self._ids[f"DUR_{ticks}"] for ticks in DURATIONS}
        self.duration_ticks = {i: ticks for ticks, i in self.duration_ids.items()}
        self.given = {row: self._ids[f"GIVEN_{row}"] for row in (*ROWS, "lyrics")}
        self.fill = {row: self._ids[f"FILL_{row}"] for row in ROWS}
        self.hit_ids = {pitch: self._ids[f"HIT_{name}"] for name, pitch in HITS.items()}
        self.hit_pitches = {i: pitch for pitch, i in self.hit_ids.items()}

    def __len__(self) -> int:
        return len(self.names)

    def id(self, name: str) -> int:
        """The id of a token name."""
        return self._ids[name]

    def kind(self, token: int) -> str:
        """The part of the name before the first underscore: ``"POS"``, ``"PITCH"``, ``"END"`` ..."""
        return self.names[token].split("_", 1)[0]

    def transposed(self, ids: np.ndarray, semitones: int) -> np.ndarray:
        """Ids with pitches, chord roots and basses moved; pitches fold by octaves at the ends."""
        if semitones == 0:
            return ids
        out = ids.copy()
        is_pitch = (ids >= self.pitch + LOWEST_PITCH) & (ids <= self.pitch + HIGHEST_PITCH)
        moved = ids[is_pitch] - self.pitch + semitones
        moved = np.where(moved > HIGHEST_PITCH, moved - 12, np.where(moved < LOWEST_PITCH, moved + 12, moved))
        out[is_pitch] = moved + self.pitch
        for base in (self.root, self.cbass):
            inside = (ids >= base) & (ids < base + 12)
            out[inside] = (ids[inside] - base + semitones) % 12 + base
        return out

    def features(self) -> tuple[np.ndarray, list[str]]:
        """What tokens have in common, for structured embeddings: a (vocabulary, features) 0/1 matrix.

        A pitch is its class and octave, a chord root its class, a quality its intervals, a
        position its beat and subdivision: tokens that share a feature share part of their vector.
        """
        rows: list[list[str]] = []
        from yuefu.theory.chord import QUALITIES

        for name in self.names:
            kind, _, rest = name.partition("_")
            marks = [f"kind:{kind}"]
            if kind == "PITCH":
                marks += [f"class:{int(rest) % 12}", f"octave:{int(rest) // 12}"]
            elif kind in ("ROOT", "CBASS", "PC"):
                marks += [f"class:{rest}"]
            elif kind == "QUALITY":
                marks += [f"interval:{i}" for i in QUALITIES["" if rest == "maj" else rest]]
            elif kind == "POS":
                marks += [f"beat:{int(rest) // 24}", f"sub:{int(rest) % 24}"]
            elif kind in ("GIVEN", "FILL", "HAS"):
                marks += [f"row:{rest}"]
            rows.append(marks)
        features = sorted({mark for marks in rows for mark in marks})
        index = {feature: i for i, feature in enumerate(features)}
        matrix = np.zeros((len(self.names), len(features)), dtype=np.float32)
        for token, marks in enumerate(rows):
            for mark in marks:
                matrix[token, index[mark]] = 1.0
        return matrix, features


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of this version."""
    return Vocabulary()


def hit_pitch(pitch: int) -> int | None:
    """The General MIDI pitch that stands for a drum pitch in the vocabulary, or None."""
    pitch = HIT_ALIASES.get(pitch, pitch)
    return pitch if pitch in vocabulary().hit_ids else None


def tempo_bin(bpm: float) -> int:
    """The bin of a tempo in quarter notes a minute."""
    return next(i for i, end in enumerate(TEMPO_BINS) if bpm <= end or i == len(TEMPO_BINS) - 1)


def family_of(program: int, role: str, instrument: str = "") -> str:
    """The instrument family of a part."""
    if role == "drums":
        return "kit"
    if 52 <= program <= 54 or instrument in ("voice", "soprano", "alto", "tenor", "bass_voice"):
        return "voice"
    return FAMILIES[program // 8]
