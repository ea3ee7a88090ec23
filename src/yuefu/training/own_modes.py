"""In which mode or scale pieces are, by what their tunes keep to and where they end; laid as plans in it are laid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from yuefu.analysis.key import estimate_key
from yuefu.analysis.lines import melody_line
from yuefu.score.model import KeyChange, Score
from yuefu.theory.modes import MODES

#: The share of a tune's time that keeps to a scale of five notes, and to one of seven, that it is in.
FIVE, SEVEN = 0.95, 0.93
#: Share of the pieces from which a collection is one of five-note tunes.
MOSTLY = 0.5
#: The pentatonic modes by the tonic's place above gong.
_CHINESE = {0: "gong", 2: "shang", 4: "jiao", 7: "zhi", 9: "yu"}
_COLLECTION = (0, 2, 4, 7, 9)
#: Church modes that are neither major nor minor, and how far above the tonic of the white keys they begin.
_CHURCH = {"dorian": 2, "phrygian": 4, "lydian": 5, "mixolydian": 7}


def in_modes(scores: Sequence[Score]) -> list[Score]:
    """The scores with ``metadata["scale"]`` where they are in a mode other than major or minor, and in its key.

    Tunes of five notes take the mode of their last note, as Chinese ones are named, when most of the collection is
    such; others only when the ear agrees on the tonic.
    """
    fives = [five_notes(score) for score in scores]
    pentatonic = np.mean([found is not None for found in fives]) >= MOSTLY if scores else False
    out = []
    for score, five in zip(scores, fives, strict=True):
        found = five if pentatonic else church_mode(score)
        if found is None:
            out.append(score)
            continue
        mode, tonic = found
        keys = (KeyChange(0, MODES[mode].key_on(tonic)),)
        out.append(replace(score, keys=keys, metadata={**score.metadata, "scale": mode}))
    return out


def _times(score: Score) -> np.ndarray:
    """Share of the tune's time by pitch class."""
    line = melody_line(score)
    times = np.bincount(line["pitch"].astype(np.int64) % 12, weights=line["duration"], minlength=12)
    return times / max(float(times.sum()), 1.0)


def _final(score: Score) -> int | None:
    """The pitch class on which a piece rests at its end: its lowest last note."""
    lines = [part.notes for part in score.parts if part.role in ("melody", "bass") and len(part.notes)]
    ends = [int(notes[notes["start"] == notes["start"].max()]["pitch"].min()) for notes in lines]
    return min(ends) % 12 if ends else None


def five_notes(score: Score) -> tuple[str, int] | None:
    """The pentatonic mode of a tune and its tonic, None for a tune of more notes or one that ends outside."""
    times, final = _times(score), _final(score)
    if final is None:
        return None
    kept = [float(sum(times[(gong + step) % 12] for step in _COLLECTION)) for gong in range(12)]
    best = max(range(12), key=lambda gong: (round(kept[gong], 4), -((gong - final) % 12)))
    used = sum(times[(best + step) % 12] > 0 for step in _COLLECTION)
    if kept[best] < FIVE or used < 4 or (final - best) % 12 not in _CHINESE:
        return None
    return _CHINESE[(final - best) % 12], final


def church_mode(score: Score) -> tuple[str, int] | None:
    """The church mode of a piece and its tonic, None for major, minor or anything else."""
    times, final = _times(score), _final(score)
    if final is None or len(score.keys) > 1 or estimate_key(score).key.tonic != final:
        return None

    def kept(mode: str) -> float:
        return float(sum(times[note] for note in MODES[mode].scale_on(final)))

    plain = max(kept("ionian"), kept("aeolian"), float(sum(times[(final + s) % 12] for s in (0, 2, 3, 5, 7, 8, 11))))
    best = max(_CHURCH, key=kept)
    return (best, final) if kept(best) >= SEVEN and kept(best) > plain + 0.01 else None
