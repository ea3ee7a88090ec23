"""The roll by bars: what sounds is where it should be, and a piece's key, file layout and metre don't change it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.corpus.tunes import line, song, tune

from yuefu.analysis.bar_roll import DRUMS, LANES, ONSETS, SOUNDING, STATS, STEPS, BarRoll, bar_roll
from yuefu.score.model import MeterChange, Part, Score, make_notes, renumber, transpose


def column(roll: BarRoll, name: str) -> np.ndarray:
    return roll.stats[:, STATS.index(name)]


def test_notes_sound_in_their_steps() -> None:
    """A half note on the second beat of 4/4 fills steps 6 to 17 of its pitch class and band, and begins once."""
    score = Score(parts=(Part("p", "", notes=make_notes([(1, 24, 48, 64, 80), (2, 96, 96, 60, 80)])),))
    roll = bar_roll(score)
    shift = roll.key.shift
    row = (64 - shift >= 60) * 12 + 12 + (64 - shift) % 12
    assert np.flatnonzero(roll.rows[0, row]).tolist() == list(range(6, 18))
    assert roll.rows[0, ONSETS].sum() == 1
    assert roll.rows[0, ONSETS].any(axis=0)[6]
    assert roll.rows[0, SOUNDING].sum() == 12


def test_the_same_music_in_another_key_gives_the_same_pitch_classes() -> None:
    """Moved by a tone, a piece sounds the same pitch classes at the same steps."""
    one, other = bar_roll(song(3, 12)), bar_roll(transpose(song(3, 12), 2))

    def classes(roll: BarRoll) -> np.ndarray:
        return roll.rows[:, SOUNDING].reshape(len(roll), 4, 12, STEPS).any(axis=1)

    assert np.array_equal(classes(one), classes(other))
    assert np.allclose(column(one, "chromatic"), column(other, "chromatic"))


def test_how_a_file_divides_its_parts_does_not_matter() -> None:
    """Voice and piano in one part give the roll and the numbers of two parts."""
    score = song(1, 8)
    notes = np.concatenate([part.notes for part in score.parts])
    merged = renumber(replace(score, parts=(score.parts[0].with_notes(notes),)))
    assert np.array_equal(bar_roll(score).rows, bar_roll(merged).rows)
    assert np.allclose(bar_roll(score).stats, bar_roll(merged).stats)


def test_tempo_and_loudness_leave_the_roll_alone() -> None:
    """Only the columns of loudness tell how loud a piece is."""
    score = tune(2)
    louder = score.parts[0].notes.copy()
    louder["velocity"] = 120
    one, other = bar_roll(score), bar_roll(replace(score, parts=(replace(score.parts[0], notes=louder),)))
    changed = np.flatnonzero((one.stats != other.stats).any(axis=0)).tolist()
    assert np.array_equal(one.rows, other.rows)
    assert changed == [STATS.index("loudness")]


def test_metres_are_told_apart_and_every_bar_has_its_steps() -> None:
    """Six eighths in 6/8 begin every fourth step and are compound; 3/4 is triple."""
    eighths = Part("p", "", notes=line([60, 62, 64, 65, 67, 69] * 4, 12))
    roll = bar_roll(Score(parts=(eighths,), meters=(MeterChange(0, 6, 8),)))
    assert np.flatnonzero(roll.rows[0, ONSETS].any(axis=0)).tolist() == [0, 4, 8, 12, 16, 20]
    assert column(roll, "compound").all()
    assert column(bar_roll(replace(song(0), meters=(MeterChange(0, 3, 4),))), "triple").all()


def test_a_pick_up_stands_at_the_end_of_its_bar() -> None:
    """A quarter before the first bar line begins on the last beat."""
    score = Score(parts=(Part("p", "", notes=line([67, 60, 62, 64, 65])),), pickup=24)
    assert np.flatnonzero(bar_roll(score).rows[0, ONSETS].any(axis=0)).tolist() == [18]


def test_notes_a_tick_early_keep_their_steps() -> None:
    """Sixteenths that begin a tick before where they are written begin on the same steps."""
    exact = line([60, 62, 64, 65] * 8, 6)
    rng = np.random.default_rng(0)
    played = exact.copy()
    played["start"] = np.maximum(played["start"] + rng.integers(-1, 1, len(played)), 0)
    one, other = (bar_roll(Score(parts=(Part("p", "", notes=notes),))) for notes in (exact, played))
    assert np.array_equal(one.rows[:, ONSETS], other.rows[:, ONSETS])


def test_drums_have_lanes_of_their_own() -> None:
    """Kick and snare are in their lanes, and no pitch is taken from them."""
    hits = make_notes([(1, 0, 6, 36, 90), (2, 24, 6, 38, 90), (3, 48, 6, 36, 90), (4, 72, 6, 70, 90)])
    roll = bar_roll(Score(parts=(Part("d", "", "drums", notes=hits),)))
    names = [name for name, _ in LANES]
    rows = roll.rows[0, DRUMS]
    assert np.flatnonzero(rows[names.index("kick")]).tolist() == [0, 12]
    assert np.flatnonzero(rows[names.index("snare")]).tolist() == [6]
    assert rows[names.index("percussion")].any()
    assert not roll.rows[:, SOUNDING].any()
    assert column(roll, "drum_hits")[0] > 0


def test_repetition_is_seen() -> None:
    """A bar played again four bars later is like it, and unlike another."""
    bars = [[60, 62, 64, 65], [67, 69, 71, 72], [72, 71, 69, 67], [55, 57, 59, 60]]
    roll = bar_roll(Score(parts=(Part("p", "", notes=line([p for bar in bars * 2 for p in bar])),)))
    assert column(roll, "like_4")[4:].tolist() == [1.0] * 4
    assert (column(roll, "like_1") < 0.5).all()


def test_looping_repeats_bars_and_silence_is_cut() -> None:
    """A short roll is heard again; ``sounding`` leaves out empty bars at both ends."""
    score = Score(parts=(Part("p", "", notes=line([60, 62, 64, 65] * 3, 24, 192)),), length=96 * 8)
    roll = bar_roll(score)
    assert roll.sounding == slice(2, 5)
    assert np.array_equal(roll.looped(20).rows[8:16], roll.rows)


def test_an_empty_score_has_an_empty_roll() -> None:
    """Nothing sounds, and nothing fails."""
    roll = bar_roll(Score())
    assert not roll.rows.any()
    assert roll.sounding == slice(0, 0)
