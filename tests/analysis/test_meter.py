"""The metre is found from the notes, whatever the score says."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.analysis.meter import estimate_meter
from yuefu.score.model import Score, make_notes

from .music import line, part, piece


def accompanied(beats: int, bars: int = 24, unit: int = 24, groups: tuple[int, ...] = ()) -> Score:
    """Oom-pah: a bass note on the downbeat (and group starts), chords on the other beats, harmony by bar."""
    rng = np.random.default_rng(1)
    bass, keys, melody, tick = [], [], [], 0
    starts = set(np.cumsum((0, *groups))[:-1].tolist()) if groups else {0}
    harmony = (0, 5, 7, 0)
    for bar in range(bars):
        root = harmony[bar % 4]
        for beat in range(beats):
            ident = len(bass) * 1000 + len(keys) + 1
            at = tick + beat * unit
            if beat in starts:
                bass.append((ident, at, unit, 36 + root + (7 if beat else 0), 80))
            else:
                keys += [(ident + 5000 * k, at, unit, 60 + root + step, 80) for k, step in enumerate((0, 4, 7))]
        melody.append((90000 + bar, tick, beats * unit, int(72 + root + rng.choice([0, 4, 7])), 80))
        tick += beats * unit
    return piece(part("melody", make_notes(melody)), part("keys", make_notes(keys)), part("bass", make_notes(bass)))


def test_a_waltz_is_in_three() -> None:
    """Oom-pah-pah is 3/4, though the score says 4/4."""
    estimate = estimate_meter(accompanied(3))
    assert (estimate.numerator, estimate.denominator, estimate.pickup) == (3, 4, 0)


def test_common_time_is_in_four() -> None:
    """Bass on one and three is 4/4."""
    estimate = estimate_meter(accompanied(4, groups=(2, 2)))
    assert (estimate.numerator, estimate.denominator, estimate.pickup) == (4, 4, 0)


def test_a_jig_is_compound() -> None:
    """Eighths in threes, two groups a bar, are 6/8 (or 12/8)."""
    estimate = estimate_meter(accompanied(6, unit=12, groups=(3, 3)))
    assert (estimate.numerator, estimate.denominator) in ((6, 8), (12, 8))


def test_a_rock_beat_is_in_four() -> None:
    """Drums alone tell the metre: kick on one and three, snare on two and four, a crash every four bars."""
    hits = []
    for bar in range(16):
        tick = bar * 96
        hits += [(tick + eighth * 12, 42) for eighth in range(8)]
        hits += [(tick, 36), (tick + 48, 36), (tick + 60, 36), (tick + 24, 38), (tick + 72, 38)]
        if bar % 4 == 0:
            hits.append((tick, 49))
    notes = make_notes([(i, t, 6, p, 80) for i, (t, p) in enumerate(hits)])
    estimate = estimate_meter(piece(part("drums", notes)))
    assert (estimate.numerator, estimate.denominator, estimate.pickup) == (4, 4, 0)


def test_a_pickup_is_found() -> None:
    """A waltz that starts on its third beat has a pick-up of a quarter."""
    waltz = accompanied(3)
    parts = []
    for p in waltz.parts:
        notes = p.notes.copy()
        notes["start"] += 24
        parts.append(p.with_notes(notes))
    parts[0] = parts[0].with_notes(np.concatenate([parts[0].notes, line([67], [24], 0, 99999)]))
    estimate = estimate_meter(piece(*parts))
    assert (estimate.numerator, estimate.denominator, estimate.pickup) == (3, 4, 24)


def test_extremes_have_a_metre(extreme: Score) -> None:
    """Any score gets a metre and a confidence from 0 to 1."""
    estimate = estimate_meter(extreme)
    assert 0.0 <= estimate.confidence <= 1.0
    assert 0 <= estimate.pickup < estimate.numerator * 96 // estimate.denominator


def test_nothing_is_sure_of_silence() -> None:
    """Without notes the answer is 4/4 at confidence 0."""
    assert estimate_meter(Score()).confidence == pytest.approx(0.0)
