"""Groove: drummers' takes on an electronic kit, played to a metronome, with style, tempo and split.

Onsets go to sixteenths, or to triplets where a beat is clearly divided so (jazz, shuffles). The
kit's pads become General MIDI drum sounds. Velocities stay as played.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.corpus.beatgrid import grid_offset, quantise
from yuefu.corpus.played import notes_from, stop_repeats
from yuefu.corpus.reader_types import Item
from yuefu.errors import FormatError
from yuefu.score.model import MeterChange, Part, Score, TempoChange, renumber

#: The kit's pads that General MIDI has elsewhere: hi-hat edges, rims, second crash, ride edge.
PADS = {22: 42, 26: 46, 40: 38, 47: 45, 50: 48, 52: 49, 55: 49, 57: 49, 58: 43, 59: 51, 39: 38, 54: 42, 56: 51}
#: First word of the take's style -> our label.
STYLES = {
    "rock": "rock", "punk": "rock", "pop": "pop", "hiphop": "hiphop", "funk": "funk", "neworleans": "funk",
    "jazz": "jazz", "latin": "latin", "afrocuban": "latin", "soul": "soul", "country": "country",
    "reggae": "reggae", "gospel": "gospel", "afrobeat": "afro", "highlife": "afro", "dance": "disco",
    "blues": "blues", "middleeastern": "folk",
}  # fmt: skip
#: Second words that say more than the first.
_SUBSTYLES = {"breakbeat": "electronic", "bembe": "afro", "klezmer": "folk", "funk": "funk", "rockabilly": "rock"}
_HIT_TICKS = 6


def read(folder: Path) -> Iterator[Item]:
    """One item a take, beats and fills, in the set's own split."""
    for table in sorted(folder.rglob("info.csv"))[:1]:
        with table.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        for row in rows:
            path = table.parent / row["midi_filename"]
            yield Item(
                work=row["id"],
                load=read_take,
                args=(str(path), float(row["bpm"]), row["time_signature"]),
                source=str(path.relative_to(folder)),
                style=style_label(row["style"]),
                split={"validation": "valid"}.get(row["split"], row["split"]),
                arranged=True,
                metadata={"take": row["beat_type"], "substyle": row["style"], "drummer": row["drummer"]},
            )


def style_label(style: str) -> str:
    """Our label for a take's style.

    >>> style_label("jazz/swing"), style_label("dance/breakbeat"), style_label("rock/groove8")
    ('jazz', 'electronic', 'rock')
    """
    first, _, second = style.partition("/")
    return _SUBSTYLES.get(second) or STYLES.get(first, "rock")


def read_take(path: str | Path, bpm: float, time_signature: str = "4-4") -> Score:
    """A take as a Score with one drum part. time_signature: ``"4-4"``, ``"6-8"`` ..."""
    import symusic

    path = Path(path)
    try:
        midi: Any = symusic.Score(str(path))
    except (RuntimeError, ValueError, OSError) as error:
        raise FormatError(f"{path.name} isn't a MIDI file that can be read: {error!s:.80}.") from error
    arrays = [track.notes.numpy() for track in midi.tracks if len(track.notes)]
    if not arrays:
        raise FormatError(f"{path.name} has no notes.")
    columns = {name: np.concatenate([a[name] for a in arrays]) for name in ("time", "pitch", "velocity")}
    positions = columns["time"].astype(np.float64) / midi.ticks_per_quarter
    pitches = np.array([PADS.get(pitch, pitch) for pitch in columns["pitch"].tolist()])
    # Drummers play a little ahead of or behind the click: the take's own average goes first.
    ticks = np.maximum(quantise(positions - grid_offset(positions)), 0)
    loudest_first = np.argsort(-columns["velocity"].astype(np.int64), kind="stable")
    hits = notes_from(
        ticks[loudest_first],
        np.full(len(ticks), _HIT_TICKS),
        pitches[loudest_first],
        columns["velocity"][loudest_first],
    )
    numerator, denominator = (int(part) for part in time_signature.split("-"))
    meter = MeterChange(0, numerator, denominator)
    first_bar = int(hits["start"].min()) // meter.bar_ticks * meter.bar_ticks
    hits["start"] -= first_bar
    part = Part("drums", "Drums", "drums", 0, "drums", stop_repeats(hits))
    return renumber(Score(title=path.stem, parts=(part,), tempos=(TempoChange(0, float(bpm)),), meters=(meter,)))
