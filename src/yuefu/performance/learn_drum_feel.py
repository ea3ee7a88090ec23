"""Make ``drum_feel.json`` from the Groove MIDI data set (CC BY 4.0, Gillick et al. 2019).

    python -m yuefu.performance.learn_drum_feel GROOVE_FOLDER OUT.json

GROOVE_FOLDER holds ``info.csv`` and the MIDI files. Only 4/4 takes of the official train split are
read. Every hit is snapped to a sixteenth or a triplet eighth; what is left is its timing. The take's
median lateness is taken off, since it says how the recording was cut rather than how it was played.
Means are shrunk towards the drum's own mean where few hits were heard.
"""

from __future__ import annotations

import csv
import json
import logging
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.errors import FormatError, InputError
from yuefu.performance.drum_feel import BEAT_SLOTS, CLASS_OF_PITCH, DRUM_CLASSES

log = logging.getLogger(__name__)
#: Pitches of the electronic kit that the takes were played on which General MIDI doesn't use so.
_KIT_PITCHES = {22: "closed_hat", 26: "open_hat", 58: "tom"}
#: Style of a take -> style of the table.
_GROUPS = {"punk": "rock", "afrobeat": "afro", "highlife": "afro", "afrocuban": "latin", "neworleans": "funk"}
#: Hits that a slot's own mean must outweigh before it counts as much as the drum's mean.
_SHRINK = 12.0
#: Velocity and lateness of a drum that nobody played.
_UNHEARD = {2: 70.0, 3: 0.0}
_FARTHEST_MS = 20.0
#: Columns of the table.
SLOTS = 4 * len(BEAT_SLOTS)
#: Mean velocity that every take is brought to, so that loud and soft players count alike.
_MEAN_VELOCITY = 78.0
#: (class index, column, velocity, milliseconds late, take)
Hit = tuple[int, int, float, float, int]


def snap(onset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Column of the table (0-23) and lateness in quarters of onsets given in quarters from the first bar line."""
    beat = np.floor(onset).astype(int)
    inside = onset - beat
    slots = np.array([*BEAT_SLOTS, 24]) / 24.0
    nearest = np.abs(inside[:, None] - slots[None]).argmin(axis=1)
    late = inside - slots[nearest]
    columns = (beat * len(BEAT_SLOTS) + nearest) % (4 * len(BEAT_SLOTS))
    return columns, late


def read_take(path: Path, bpm: float, take: int) -> list[Hit]:
    """The hits of a take as (class index, column, velocity, milliseconds late, take), levelled and centred."""
    import symusic

    song: Any = symusic.Score(str(path))
    hits: list[Hit] = []
    for track in song.tracks:
        notes = track.notes.numpy()
        columns, late = snap(notes["time"] / song.tpq)
        late_ms = late * 60_000.0 / bpm
        late_ms = late_ms - (np.median(late_ms) if len(late_ms) else 0.0)
        level = notes["velocity"].astype(float)
        level += _MEAN_VELOCITY - (level.mean() if len(level) else 0.0)
        for pitch, column, velocity, ms in zip(notes["pitch"], columns, level, late_ms):
            name = CLASS_OF_PITCH.get(int(pitch)) or _KIT_PITCHES.get(int(pitch))
            if name:
                hits.append((DRUM_CLASSES.index(name), int(column), float(velocity), float(ms), take))
    return hits


def learn(folder: Path) -> dict[str, object]:
    """The table from a Groove folder. Raises InputError or FormatError when it isn't one."""
    index = folder / "info.csv"
    if not index.is_file():
        raise InputError(f"'{folder}' holds no info.csv: give the folder of the Groove MIDI data set.")
    with index.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    takes: dict[str, list[Hit]] = defaultdict(list)
    count = 0
    for row in sorted(rows, key=lambda row: row["midi_filename"]):
        if row["split"] != "train" or row["time_signature"] != "4-4":
            continue
        try:
            hits = read_take(folder / row["midi_filename"], float(row["bpm"]), count)
        except (OSError, RuntimeError, ValueError) as error:
            raise FormatError(f"take '{row['midi_filename']}' can't be read: {error!s:.80}.") from error
        style = row["style"].split("/")[0]
        takes[_GROUPS.get(style, style)] += hits
        takes["all"] += hits
        count += 1
    if not count:
        raise FormatError(f"'{index}' lists no 4/4 take of the train split.")
    overall = _summarise(takes["all"], None)
    styles = {"all": _plain(overall)}
    for style in sorted(takes):
        if style != "all" and len(takes[style]) > 1000:
            styles[style] = _plain(_summarise(takes[style], overall))
    return {"source": "Groove MIDI data set v1.0.0, CC BY 4.0, train split, 4/4", "takes": count, "styles": styles}


def _summarise(hits: list[Hit], prior: dict[str, np.ndarray] | None) -> dict[str, np.ndarray]:
    """Means and spreads by drum and slot; ``prior`` (the average drummer) fills what a style hardly shows."""
    table = np.array(hits, dtype=float)
    shape = (len(DRUM_CLASSES), SLOTS)
    out: dict[str, np.ndarray] = {name: np.zeros(shape) for name in ("velocity", "spread", "offset", "jitter")}
    out["level"] = np.zeros(len(DRUM_CLASSES))
    beats = np.arange(SLOTS) % len(BEAT_SLOTS) == 0
    for drum in range(shape[0]):
        own = table[table[:, 0] == drum]
        for field, mean_name, spread_name in ((2, "velocity", "spread"), (3, "offset", "jitter")):
            column_of = own[:, 1].astype(int)
            counts = np.bincount(column_of, minlength=SLOTS)
            means = np.bincount(column_of, own[:, field], SLOTS) / np.maximum(counts, 1)
            if field == 3 and len(own):
                means = np.array([_median(own[column_of == column, field]) for column in range(SLOTS)])
            if prior is None:
                heard = float(own[:, field].mean()) if len(own) and field == 2 else _UNHEARD[field]
                expected = np.full(SLOTS, heard)
                if field == 2:
                    expected[np.arange(SLOTS) % len(BEAT_SLOTS) > 0] *= 0.85  # off-beat hits are mostly lighter
                spread = np.full(SLOTS, _spread(own, field))
            else:
                # The average drummer's slots, moved to how loud this style plays the drum.
                expected = prior[mean_name][drum].copy()
                if field == 2 and len(own) >= 30:
                    expected += (own[:, field] - expected[column_of]).mean()
                spread = prior[spread_name][drum]
            weight = counts / (counts + _SHRINK)
            table_of = weight * means + (1 - weight) * expected
            # Feel is subtler than this: what is farther off was snapped to the wrong place.
            out[mean_name][drum] = np.clip(table_of, -_FARTHEST_MS, _FARTHEST_MS) if field == 3 else table_of
            if field == 2:
                out["level"][drum] = np.average(table_of[beats], weights=counts[beats] + 1.0)
            own_spread = [_spread(own[column_of == column], field) for column in range(SLOTS)]
            out[spread_name][drum] = weight * np.array(own_spread) + (1 - weight) * spread
    return out


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _spread(hits: np.ndarray, field: int) -> float:
    """The robust standard deviation of a field within takes: how evenly one player plays one place."""
    residuals = []
    for take in np.unique(hits[:, 4]):
        here = hits[hits[:, 4] == take]
        for column in np.unique(here[:, 1]):
            values = here[here[:, 1] == column, field]
            if len(values) > 3:
                residuals.append(values - np.median(values))
    if not residuals:
        return 6.0 if field == 3 else 9.0
    return float(1.4826 * np.median(np.abs(np.concatenate(residuals))))


def _plain(table: dict[str, np.ndarray]) -> dict[str, object]:
    return {name: values.round(1).tolist() for name, values in table.items()}


def main(arguments: list[str]) -> int:
    """Read the folder named first, write the file named second."""
    if len(arguments) != 2:
        raise InputError("give two paths: the Groove folder and the JSON file to write.")
    data = learn(Path(arguments[0]))
    text = json.dumps(data, separators=(",", ":")).replace("]],", "]],\n").replace('{"velocity', '\n{"velocity')
    Path(arguments[1]).write_text(text + "\n", encoding="utf-8")
    log.info("read %s takes", data["takes"])
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    sys.exit(main(sys.argv[1:]))
