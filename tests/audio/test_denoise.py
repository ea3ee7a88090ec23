"""Noise is found, taken out, and what isn't noise stays."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.audio import denoise
from yuefu.audio.augment import add_noise, noise
from yuefu.audio.features.example import example_signal, sung_signal
from yuefu.audio.quality import signal_to_noise
from yuefu.errors import InputError, MissingExtraError
from yuefu.progress import Progress

SR = 22050


@pytest.fixture(scope="module")
def sung() -> np.ndarray:
    return sung_signal(SR)


def cleaned(signal: np.ndarray, method: str = "wiener") -> np.ndarray:
    return denoise.denoise(signal[:, None], SR, method)[:, 0]


@pytest.mark.parametrize("colour", ["white", "pink"])
@pytest.mark.parametrize(("snr", "better"), [(20, 2.5), (10, 4), (0, 5)])
def test_noise_of_a_known_level_becomes_less(sung: np.ndarray, colour: str, snr: float, better: float):
    """Against the clean signal, a noisy song is some decibels better after denoising."""
    noisy = add_noise(sung, snr, np.random.default_rng(1), colour)
    assert signal_to_noise(sung, cleaned(noisy)) > snr + better


@pytest.mark.parametrize("colour", ["white", "pink"])
def test_the_spectrum_of_noise_is_found(colour: str):
    """Of noise alone the floor is its spectrum, within 1.5 dB on average and 4 dB anywhere above 100 Hz."""
    signal = 0.1 * noise(10 * SR, np.random.default_rng(4), colour)
    found = denoise.noise_floor(signal, SR)
    window = denoise.window_of(SR)
    true = np.concatenate([np.abs(rows) ** 2 for _, rows in denoise._spectra(signal, window)]).mean(axis=0)
    apart = 10 * np.log10(found / true)[100 * window // SR :]
    assert abs(apart.mean()) < 1.5
    assert np.abs(apart).max() < 4


def test_chords_without_pauses_are_cleaned_too():
    """Noise is found between partials where the music never pauses."""
    music = example_signal(SR)
    noisy = add_noise(music, 5, np.random.default_rng(2))
    assert signal_to_noise(music, cleaned(noisy)) > 8


def test_a_clean_voice_stays(sung: np.ndarray):
    """Where there is no noise, the result is the voice, 40 dB above what has changed."""
    assert signal_to_noise(sung, cleaned(sung)) > 40


def test_channels_length_and_bytes_stay(sung: np.ndarray):
    """Each channel is cleaned by itself, the length is kept, and the same sound comes out the same."""
    other = add_noise(sung, 10, np.random.default_rng(5))
    both = np.stack([sung, other], axis=1)[: SR * 2 + 77]
    told: list[Progress] = []
    once = denoise.denoise(both, SR, progress=told.append)
    assert once.shape == both.shape
    assert once.dtype == np.float32
    assert np.array_equal(once, denoise.denoise(both, SR))
    assert np.array_equal(once[:, 1], cleaned(both[:, 1]))
    assert told[-1].done == told[-1].total
    assert [event.done for event in told] == sorted(event.done for event in told)


def test_silence_stays_silent():
    """Silence in, silence out, without a warning or a NaN."""
    assert not denoise.denoise(np.zeros((SR, 2), dtype=np.float32), SR).any()


def test_the_gate_takes_noise_out_as_well(sung: np.ndarray):
    """noisereduce's gate, shown the noise that was found, makes a noisy song better."""
    noisy = add_noise(sung, 5, np.random.default_rng(1))
    assert signal_to_noise(sung, cleaned(noisy, "gate")) > 7


def test_the_gate_asks_for_its_extra(sung: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    """Without noisereduce the gate names the extra; our own filter works."""
    monkeypatch.setitem(__import__("sys").modules, "noisereduce", None)
    with pytest.raises(MissingExtraError, match=r"yuefu\[audio\]"):
        cleaned(sung[:SR], "gate")
    assert len(cleaned(sung[:SR])) == SR


def test_what_cannot_be_done_is_refused(sung: np.ndarray):
    """Unknown methods and very short sounds are refused with a sentence."""
    with pytest.raises(InputError, match="wiener or gate"):
        cleaned(sung, "magic")
    with pytest.raises(InputError, match="half a second"):
        cleaned(sung[:1000])
