"""What can be measured in a file, a sound or a score, and tables of it.

Tables are `.npz` (arrays by name, float32) or `.csv` (a line by frame or by bar).
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.bars import BarTable, bar_table
from yuefu.analysis.facts import Facts, analyze
from yuefu.audio.features.collect import PITCH_CLASSES, AudioFeatures, features_of
from yuefu.audio.features.read import RATE, Sound, read_sound
from yuefu.audio.files import AUDIO_FORMATS
from yuefu.errors import UnknownNameError
from yuefu.progress import Listener, ignore
from yuefu.score.files import FORMATS, atomic_write, read_score
from yuefu.score.model import NOTE_ROWS
from yuefu.workflows.render import check_place

TABLES = (".csv", ".npz")
#: Longest sound whose features are taken, in seconds.
LONGEST = 1800.0
#: First bytes of sound files, whatever they are called.
_SIGNS = (b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")


@dataclass(frozen=True, slots=True, eq=False)
class SoundFeatures:
    """A sound file and its features."""

    name: str
    sound: Sound
    features: AudioFeatures

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """All arrays: those of the features, and the loudness of every 400 ms with its times (seconds)."""
        momentary = self.sound.momentary
        return self.features.arrays() | {
            "loudness": momentary, "loudness_times": 0.2 + 0.1 * np.arange(len(momentary)),
        }  # fmt: skip

    def table(self) -> tuple[list[str], NDArray[np.floating]]:
        """Names of columns, and a row by frame. The log-mel bands are left to the arrays."""
        found = self.features
        beats = np.zeros(len(found.times))
        beats[np.minimum(np.rint(found.beats * found.sr / found.hop).astype(int), len(beats) - 1)] = 1
        plain = ("onset_strength", "rms", "centroid", "bandwidth", "rolloff", "flatness", "zero_crossings")
        columns = {"time": found.times, "beat": beats, **{name: getattr(found, name) for name in plain}}
        columns |= {f"chroma_{name}": row for name, row in zip(PITCH_CLASSES, found.chroma)}
        columns |= {f"contrast_{number}": row for number, row in enumerate(found.contrast, start=1)}
        columns |= {f"mfcc_{number}": row for number, row in enumerate(found.mfcc, start=1)}
        return list(columns), np.stack(list(columns.values()), axis=1)

    def to_dict(self) -> dict[str, Any]:
        """A summary in plain values, ready for JSON; what isn't there is None."""
        sound, found = self.sound, self.features
        means = ("centroid", "bandwidth", "rolloff", "flatness", "zero_crossings", "onset_strength")
        return {
            "kind": "sound",
            "file": self.name,
            "seconds": round(sound.seconds, 3),
            "rate": sound.rate,
            "channels": sound.channels,
            "loudness": _number(sound.loudness, 2),
            "peak_db": _number(20 * math.log10(sound.peak), 2) if sound.peak > 0 else None,
            "key": found.key.name if found.key else None,
            "key_margin": round(found.key.margin, 3) if found.key else None,
            "tuning_cents": round(100 * found.tuning) if found.key else None,
            "tempo": round(found.tempo, 2) or None,
            "tempi": [round(bpm, 2) for bpm in found.tempi],
            "beats": [round(float(second), 3) for second in found.beats],
            "beat_spread": beat_spread(found.beats),
            "chroma": {name: _number(mean, 4) for name, mean in zip(PITCH_CLASSES, found.chroma.mean(axis=1))},
            **{name: {"mean": _number(row.mean(), 4), "std": _number(row.std(), 4)}
               for name, row in ((name, getattr(found, name)) for name in means)},
            "contrast": [_number(mean, 2) for mean in found.contrast.mean(axis=1)],
            "mfcc": {
                "mean": [_number(mean, 3) for mean in found.mfcc.mean(axis=1)],
                "std": [_number(std, 3) for std in found.mfcc.std(axis=1)],
            },
            "frames": len(found.times),
            "frame_seconds": found.hop / found.sr,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ScoreFeatures:
    """A score file, what the analysis finds in it, and its bars in numbers."""

    name: str
    facts: Facts
    bars: BarTable

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """Each column of the bars, the pitch classes (bars, 12) and notes by row (bars, 7)."""
        return dict(self.bars.arrays())

    def table(self) -> tuple[list[str], NDArray[np.floating]]:
        """Names of columns, and a row by bar."""
        columns = dict(self.bars.columns)
        columns |= {f"pitch_class_{name}": row for name, row in zip(PITCH_CLASSES, self.bars.pitch_classes.T)}
        columns |= {f"notes_{role}": row for role, row in zip(NOTE_ROWS, self.bars.rows.T)}
        return list(columns), np.stack(list(columns.values()), axis=1)

    def to_dict(self) -> dict[str, Any]:
        """The facts and the bars in plain values, ready for JSON."""
        names, rows = self.table()
        by_bar = [dict(zip(names, (_number(value, 4) for value in row))) for row in rows]
        return {"kind": "score", "file": self.name, **self.facts.to_dict(), "by_bar": by_bar}


def is_sound(path: Path | str) -> bool:
    """Whether a file is a sound by its name, or, with a name that says nothing, by its first bytes."""
    path = Path(path)
    name = path.name.lower()
    if path.suffix.lower() in AUDIO_FORMATS:
        return True
    if any(f".{name}".endswith(extension) for extension in FORMATS) or not path.is_file():
        return False
    with open(path, "rb") as file:
        head = file.read(12)
    return head.startswith(_SIGNS) or (head[:4] == b"RIFF" and head[8:] == b"WAVE")


def features(
    source: Path | str, target: Path | str | None = None, progress: Listener = ignore
) -> SoundFeatures | ScoreFeatures:
    """The features of a sound or score file, written to a table, too, when a target is given.

    Raises InputError, FormatError and LimitError as the readers do (sounds: half an hour at most, 0.2 s at least),
    UnknownNameError for a table that isn't ``.npz`` or ``.csv``, OutputError when it can't be written.
    """
    source = Path(source)
    if target is not None:
        target = Path(target)
        if target.suffix.lower() not in TABLES:
            raise UnknownNameError("table format", target.suffix or target.name, TABLES)
        check_place(target)
    found: SoundFeatures | ScoreFeatures
    if is_sound(source):
        sound = read_sound(source, RATE, LONGEST)
        found = SoundFeatures(source.name, sound, features_of(sound.signal, sound.sr, progress))
    else:
        score = read_score(source)
        found = ScoreFeatures(source.name, analyze(score), bar_table(score))
    if target is not None:
        write_table(found, target)
    return found


def write_table(found: SoundFeatures | ScoreFeatures, target: Path) -> None:
    """Write the arrays (``.npz``) or the table (``.csv``), whole or not at all; the same file for the same source."""
    if target.suffix.lower() == ".npz":
        out = io.BytesIO()
        arrays: dict[str, Any] = {name: np.asarray(a, dtype=np.float32) for name, a in found.arrays().items()}
        np.savez_compressed(out, **arrays)
        atomic_write(target, out.getvalue())
        return
    names, rows = found.table()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(["" if math.isnan(value) else f"{value:.6g}" for value in row] for row in rows.tolist())
    atomic_write(target, text.getvalue().encode())


def beat_spread(beats: NDArray[np.floating]) -> float | None:
    """How much beats differ in length: standard deviation over mean; None for fewer than three beats."""
    if len(beats) < 3:
        return None
    lengths = np.diff(beats)
    return _number(lengths.std() / lengths.mean(), 4)


def _number(value: Any, digits: int) -> float | None:
    value = float(value)
    return round(value, digits) if math.isfinite(value) else None
