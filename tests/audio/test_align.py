"""Shifts are found to the sample, through noise, other loudness and other lengths; or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.audio import align
from yuefu.audio.augment import add_noise, noise
from yuefu.audio.features.example import example_signal, sung_signal
from yuefu.errors import InputError

SR = 22050


@pytest.mark.parametrize("shift", [0, 1, -1, 441, -441, 30_000, -30_000])
@pytest.mark.parametrize("snr", [60, 0])
def test_a_shift_is_found_to_the_sample(shift: int, snr: float):
    """However far the other recording is moved, in noise as loud as itself and at half the level."""
    sound = np.concatenate([sung_signal(SR, 4), example_signal(SR, 2)])
    padded = np.concatenate([np.zeros(40_000), sound, np.zeros(40_000)])
    other = 0.5 * add_noise(padded, snr, np.random.default_rng(1))[40_000 - shift : 40_000 - shift + len(sound)]
    found = align.find_shift(sound, other, SR)
    assert found.samples == shift
    assert found.found
    one, two = align.aligned(sound, other, found.samples)
    assert len(one) == len(two) == len(sound) - abs(shift)
    assert np.corrcoef(one, two)[0, 1] == pytest.approx(found.alike, abs=0.02)


def test_different_sounds_are_not_moved():
    """Two noises have no shift, and it is told that none was found."""
    one, two = (noise(3 * SR, np.random.default_rng(seed)) for seed in (1, 2))
    found = align.find_shift(one, two, SR)
    assert (found.samples, found.found) == (0, False)
    assert not align.find_shift(np.zeros(SR), np.zeros(SR), SR).found


def test_recordings_of_different_lengths_are_aligned():
    """A cut from the middle of a recording is found in it."""
    sound = np.concatenate([sung_signal(SR, 6), example_signal(SR, 3)])
    assert align.find_shift(sound, sound[3 * SR : 6 * SR], SR).samples == -3 * SR
    assert align.find_shift(sound[3 * SR : 6 * SR], sound, SR).samples == 3 * SR


def test_too_short_is_refused():
    """Less than half a second is refused with a sentence."""
    with pytest.raises(InputError, match="half a second"):
        align.find_shift(np.ones(100), np.ones(SR), SR)
