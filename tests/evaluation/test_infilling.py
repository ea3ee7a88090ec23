"""The measures of bars written into a piece, on bars small enough to work out by hand; and their baselines."""

from __future__ import annotations

import math

import numpy as np
import pytest

from yuefu.evaluation.distance import standard_distances
from yuefu.evaluation.infilling import (
    MEASURES,
    groove_with_context,
    key_agreement,
    measures,
    overlapping_area,
    overlaps,
    seams,
)
from yuefu.evaluation.row_baselines import (
    RowChain,
    copied,
    events_of,
    joined,
    random_beats,
    random_in_key,
    scale_of,
    shuffled,
)
from yuefu.score.model import Notes, make_notes
from yuefu.theory.key import Key

BAR = 96
C_MAJOR = scale_of(Key())


def notes(*rows: tuple[int, int, int]) -> Notes:
    """Notes as (start, duration, pitch)."""
    return make_notes([(i + 1, *row, 80) for i, row in enumerate(rows)])


def quarters(*pitches: int, start: int = 0) -> Notes:
    """Notes of a quarter each, one after the other."""
    return notes(*((start + 24 * i, 24, pitch) for i, pitch in enumerate(pitches)))


def test_overlapping_area_is_the_sum_of_the_lesser_shares() -> None:
    assert overlapping_area([1, 2], [2, 1]) == 1.0
    assert overlapping_area([1, 1, 1, 2], [1, 2]) == pytest.approx(0.5 + 0.25)
    assert overlapping_area([1], []) == overlapping_area([1], [2]) == 0.0
    assert math.isnan(overlapping_area([], []))


def test_the_original_overlaps_with_itself_entirely() -> None:
    rows = {"melody": quarters(60, 62, 64, 65), "bass": notes((0, 96, 36))}
    assert overlaps(rows, rows, BAR, 0, BAR) == {"pitch": 1.0, "onset": 1.0, "duration": 1.0, "notes": 1.0}


def test_pitches_in_another_order_overlap_but_are_other_notes() -> None:
    """C D E F against C E D F: two of four notes are in their place, so F1 is a half; the pitches are the same."""
    found = overlaps({"melody": quarters(60, 62, 64, 65)}, {"melody": quarters(60, 64, 62, 65)}, BAR, 0, BAR)
    assert found == {"pitch": 1.0, "onset": 1.0, "duration": 1.0, "notes": 0.5}


def test_a_cell_where_one_text_is_silent_counts_as_nothing_and_one_where_both_are_does_not_count() -> None:
    """Melody alike in bar 1; in bar 2 the original alone plays; the bass plays in neither."""
    own = {"melody": quarters(60, 62, 64, 65), "bass": notes()}
    original = {"melody": quarters(60, 62, 64, 65, 60, 62, 64, 65), "bass": notes()}
    found = overlaps(own, original, BAR, 0, 2 * BAR)
    assert found["pitch"] == found["onset"] == found["duration"] == 0.5
    assert found["notes"] == pytest.approx(2 * 4 / (4 + 8))


def test_groove_is_the_share_of_sixteenths_that_agree_with_the_other_bars() -> None:
    """The second of three bars has eighths where the others have quarters: 4 of 16 places differ."""
    eighths = notes(*((BAR + 12 * i, 12, 60) for i in range(8)))
    rows = {"melody": np.concatenate([quarters(60, 62, 64, 65), eighths, quarters(60, 62, 64, 65, start=2 * BAR)])}
    assert groove_with_context(rows, BAR, BAR, 2 * BAR, 3 * BAR) == pytest.approx(12 / 16)
    assert groove_with_context(rows, BAR, 2 * BAR, 3 * BAR, 3 * BAR) == pytest.approx((1 + 12 / 16) / 2)


def test_key_agreement_goes_by_time_and_leaves_drums_out() -> None:
    """A half C and a quarter F# are in C major for two thirds; the context has C for half of its time."""
    rows = {
        "melody": notes((0, 48, 60), (48, 48, 67), (96, 48, 72), (144, 24, 66)),
        "drums": notes((96, 48, 42)),
    }
    found = key_agreement(rows, 96, 192, C_MAJOR)
    assert found == {"key": pytest.approx(2 / 3), "pitch classes": pytest.approx(0.5)}


def test_minor_has_both_sevenths() -> None:
    assert {7, 8} <= scale_of(Key(0, "minor"))
    assert 8 not in C_MAJOR


def test_seams_measure_the_step_and_the_wait_across_both_edges() -> None:
    """C4 on 4 to E4 on 1 (4 semitones, a quarter), F4 on 4 to F4 on 1 (0 and a quarter); the bass leaps an octave
    once, after a bar: means over the four pairs there are."""
    rows = {
        "melody": np.concatenate(
            [quarters(60, 60, 60, 60), quarters(64, 64, 64, 65, start=BAR), quarters(65, start=2 * BAR)]
        ),
        "bass": notes((0, 96, 36), (96, 96, 48)),
    }
    found = seams(rows, BAR, BAR, 2 * BAR, 3 * BAR)
    assert found["seam interval"] == pytest.approx((4 + 0 + 12) / 3)
    assert found["seam time"] == pytest.approx((1 + 1 + 4) / 3)
    # Bars 1 and 2 have the same onsets; bar 3 lacks three of the melody's and the bass's, of 2 times 16 places.
    assert found["seam groove"] == pytest.approx((1 + 28 / 32) / 2)


def test_a_continuation_has_only_one_seam() -> None:
    rows = {"melody": np.concatenate([quarters(60, 60, 60, 60), quarters(67, 60, start=BAR)])}
    assert seams(rows, BAR, BAR, 2 * BAR, 2 * BAR)["seam interval"] == 7


def test_silence_gives_no_numbers_where_there_are_none() -> None:
    rows = {"melody": notes()}
    found = measures(rows, rows, BAR, (BAR, 2 * BAR), 2 * BAR, C_MAJOR)
    assert set(found) == set(MEASURES)
    assert all(math.isnan(found[m]) for m in ("pitch", "notes", "groove", "key", "seam interval", "seam time"))


def test_copied_bars_are_the_one_before_and_the_rest_stays() -> None:
    rows = {"melody": np.concatenate([quarters(60, 62), quarters(70, 71, start=BAR), quarters(50, start=3 * BAR)])}
    text = joined(rows, copied(rows, BAR, BAR, 3 * BAR), BAR, 3 * BAR)["melody"]
    assert list(zip(text["start"].tolist(), text["pitch"].tolist())) == [
        (0, 60), (24, 62), (96, 60), (120, 62), (192, 60), (216, 62), (288, 50),
    ]  # fmt: skip


def test_shuffled_bars_come_from_outside_the_span_with_all_rows_together() -> None:
    melody = [(BAR * bar, 24, 60 + bar) for bar in range(6)]
    bass = [(BAR * bar, 96, 30 + bar) for bar in range(6)]
    rows = {"melody": notes(*melody), "bass": notes(*bass)}
    text = shuffled(rows, BAR, 2 * BAR, 4 * BAR, 6 * BAR, np.random.default_rng(0))
    bars = [p - 60 for p in text["melody"]["pitch"].tolist()]
    assert bars == [p - 30 for p in text["bass"]["pitch"].tolist()]
    assert len(set(bars)) == 2
    assert set(bars) <= {0, 1, 4, 5}
    assert text["melody"]["start"].tolist() == [2 * BAR, 3 * BAR]


def test_random_notes_keep_to_the_key_the_range_and_the_span() -> None:
    rows = {"melody": quarters(60, 61, 72, 66), "drums": notes((0, 6, 36), (24, 6, 38)), "bass": notes()}
    text = random_in_key(rows, Key(), BAR, BAR, 3 * BAR, 4 * BAR, np.random.default_rng(3))
    again = random_in_key(rows, Key(), BAR, BAR, 3 * BAR, 4 * BAR, np.random.default_rng(3))
    assert all(np.array_equal(text[row], again[row]) for row in rows)
    assert {int(p) % 12 for p in text["melody"]["pitch"]} <= C_MAJOR
    assert set(text["drums"]["pitch"].tolist()) <= {36, 38}
    assert not len(text["bass"])
    for own in text.values():
        assert ((own["start"] >= BAR) & (own["start"] < 3 * BAR)).all()
    beats = random_beats(Key(1), (0, 96), 48, 60, 3, np.random.default_rng(1))
    assert len(beats) == 12
    assert {int(p) % 12 for p in beats["pitch"]} <= scale_of(Key(1))


def test_a_chain_goes_on_as_it_was_taught_in_another_key() -> None:
    """Taught C D C D in quarters, after a C in D major (a D) come E, D, E, until the span is over."""
    chain = RowChain([events_of(quarters(60, 62, 60, 62))])
    assert len(chain) == 3
    text = chain.draw(BAR, 2 * BAR, np.random.default_rng(0), last=(24, (60,), 24), at=BAR - 24, shift=2)
    assert text["start"].tolist() == [96, 120, 144, 168]
    assert text["pitch"].tolist() == [64, 62, 64, 62]


def test_a_chain_that_knows_nothing_is_silent_and_a_new_moment_leaves_all_open() -> None:
    assert not len(RowChain([]).draw(0, BAR, np.random.default_rng(0)))
    chain = RowChain([events_of(quarters(60, 62, 60, 62))])
    text = chain.draw(0, BAR, np.random.default_rng(0), last=(24, (99,), 24), at=-24)
    assert set(text["pitch"].tolist()) == {60, 62}


def test_moments_hold_all_that_begins_together() -> None:
    chord = notes((24, 48, 64), (24, 24, 60), (72, 24, 62))
    assert events_of(chord, shift=2) == [(24, (58, 62), 48), (48, (60,), 24)]


def test_distances_are_in_standard_deviations_of_the_human_values() -> None:
    assert standard_distances([4.0, float("nan")], [1.0, 3.0])[0] == 3.0
    assert math.isnan(standard_distances([4.0, float("nan")], [1.0, 3.0])[1])
    assert all(math.isnan(value) for value in standard_distances([1.0, 2.0], [5.0, 5.0]))
