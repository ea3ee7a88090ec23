"""What words ask of a tune: leanings that point the right way."""

from __future__ import annotations

from yuefu.generation.wording import Wording, tone_steps


def test_a_stressed_syllable_gains_on_the_first_beat_and_loses_between_beats() -> None:
    wording = Wording(weights=(1.0,))
    assert wording.place(0, 0, 96, 24) > wording.place(0, 24, 96, 24) > 0 > wording.place(0, 12, 96, 24)


def test_a_small_word_leaves_the_first_beat_to_others() -> None:
    wording = Wording(weights=(-1.0,))
    assert wording.place(0, 0, 96, 24) < wording.place(0, 24, 96, 24) < 0 < wording.place(0, 12, 96, 24)


def test_syllables_that_are_not_known_ask_for_nothing() -> None:
    assert Wording().place(3, 0, 96, 24) == 0
    assert Wording().pitch(3, 5) == 0


def test_a_move_against_the_tones_loses_more_the_wider_it_is() -> None:
    wording = Wording(steps=(3.5,))
    assert wording.pitch(0, 2) == 0
    assert 0 > wording.pitch(0, 0) > wording.pitch(0, -2) > wording.pitch(0, -5)


def test_steps_go_on_from_the_bar_before_and_start_anew_after_an_unknown_tone() -> None:
    assert tone_steps([3], before=1) == (-3.5,)
    assert tone_steps([1, None, 3]) == (0.0, 0.0, 0.0)
