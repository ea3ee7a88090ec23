"""Two recordings beside each other: each measure does what it says, and forgives what it says."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.audio import augment, quality
from yuefu.audio.features.example import example_signal
from yuefu.audio.features.frames import magnitudes
from yuefu.errors import InputError

SR = 22050


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    return example_signal(SR)


def test_a_recording_is_nearest_to_itself(clean: np.ndarray):
    """Equal recordings: no error, no distance, infinite signal to noise."""
    found = quality.compare(clean, clean, SR)
    assert found.mse == 0
    assert found.snr == float("inf")
    assert found.log_spectral == pytest.approx(0, abs=1e-6)
    assert found.timbre == pytest.approx(0, abs=1e-9)
    assert found.loudness == pytest.approx(0, abs=1e-9)


def test_known_noise_is_measured(clean: np.ndarray):
    """Noise 10 dB below gives an SNR of 10 dB, and more noise is further by every measure."""
    near, far = (augment.add_noise(clean, snr, np.random.default_rng(1)) for snr in (20, 10))
    one, two = quality.compare(clean, near, SR), quality.compare(clean, far, SR)
    assert two.snr == pytest.approx(10, abs=0.1)
    assert two.fitted_snr == pytest.approx(10.4, abs=0.2)  # a little softer is nearer, where there is noise
    assert two.mse > one.mse
    assert two.log_spectral > one.log_spectral
    assert two.timbre > one.timbre


def test_half_the_amplitude_is_six_decibels(clean: np.ndarray):
    """Halving is 6.02 dB by SNR, by spectrum and by loudness, and the same timbre."""
    found = quality.compare(clean, clean / 2, SR)
    assert found.snr == pytest.approx(6.02, abs=0.01)
    assert found.log_spectral == pytest.approx(6.02, abs=0.2)
    assert found.loudness == pytest.approx(-6.02, abs=0.1)
    assert found.timbre < 0.05
    assert found.fitted_snr > 100


def test_a_shift_ruins_snr_but_not_timbre(clean: np.ndarray):
    """Ten milliseconds later: SNR falls under 3 dB, timbre stays nearer than another instrument's."""
    later = np.concatenate([np.zeros(SR // 100, dtype=np.float32), clean])[: len(clean)]
    other = augment.equalize(clean, SR, {500.0: -12.0, 4000.0: 12.0})
    assert quality.signal_to_noise(clean, later) < 3
    assert quality.timbre_distance(clean, later, SR) < 0.2 * quality.timbre_distance(clean, other, SR)


def test_the_spectral_distance_is_that_of_whole_spectrograms(clean: np.ndarray):
    """Taken block by block it is what the definition says of whole spectrograms, silent frames left out."""
    one = np.concatenate([np.zeros(SR, dtype=np.float32), clean])
    two = augment.add_noise(one, 30, np.random.default_rng(1)) * np.float32(0.7)
    levels = [20 * np.log10(magnitudes(s).astype(float) + 1e-6) for s in (one, two)]
    floors = [level.max() - 60 for level in levels]
    heard = np.any([level.max(axis=0) > floor for level, floor in zip(levels, floors)], axis=0)
    lower, upper = (np.maximum(level, floor)[:, heard] for level, floor in zip(levels, floors))
    expected = np.sqrt(((lower - upper) ** 2).mean(axis=0)).mean()
    assert quality.log_spectral_distance(one, two) == pytest.approx(expected, rel=1e-3)


def test_too_short_is_refused():
    """Less than half a second is refused with a sentence."""
    with pytest.raises(InputError, match="half a second"):
        quality.compare(np.zeros(100), np.zeros(100), SR)
