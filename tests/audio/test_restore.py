"""Rooms, silence and loudness of recordings: each step does its own and leaves the rest."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from yuefu.audio import restore
from yuefu.audio.augment import room
from yuefu.audio.features.example import example_signal, speech_signal, sung_signal
from yuefu.audio.loudness import integrated_loudness
from yuefu.audio.quality import signal_to_noise
from yuefu.errors import InputError, MissingExtraError

SR = 22050


def stereo(signal: np.ndarray) -> np.ndarray:
    return np.repeat(np.asarray(signal, dtype=np.float32)[:, None], 2, axis=1)


def test_speech_loses_some_of_its_room():
    """Speech-like sound in a room of 0.8 s is nearer to the dry sound afterwards, at the best gain for both."""
    dry = speech_signal(SR, 6)
    wet = room(dry, SR, 0.8, 0.35, np.random.default_rng(2))
    after = restore.dereverberate(stereo(wet), SR)[:, 0]

    def nearness(signal: np.ndarray) -> float:
        return signal_to_noise(dry, signal * (dry @ signal) / (signal @ signal))

    assert nearness(after) > nearness(wet) + 0.2


def test_dry_music_is_nearly_left_alone():
    """Music without a room changes by less than a hundredth of its power."""
    dry = stereo(sung_signal(SR, 6))
    assert signal_to_noise(dry, restore.dereverberate(dry, SR)) > 15


def test_long_sounds_are_freed_in_stretches(monkeypatch: pytest.MonkeyPatch):
    """A sound longer than a stretch keeps its length, and has no seam: no jump that the whole hasn't."""
    monkeypatch.setattr(restore, "_STRETCH", 4.0)
    monkeypatch.setattr(restore, "_FADE", 0.5)
    wet = stereo(room(speech_signal(SR, 9), SR, 0.5, 0.3, np.random.default_rng(2)))
    told = []
    out = restore.dereverberate(wet, SR, told.append)
    assert out.shape == wet.shape
    assert len(told) == 3
    assert np.abs(np.diff(out[:, 0])).max() < 1.5 * np.abs(np.diff(wet[:, 0])).max()


def test_taking_a_room_out_asks_for_its_extra(monkeypatch: pytest.MonkeyPatch):
    """Without nara_wpe the extra is named."""
    monkeypatch.setitem(sys.modules, "nara_wpe.wpe", None)
    with pytest.raises(MissingExtraError, match=r"yuefu\[audio\]"):
        restore.dereverberate(stereo(np.ones(SR)), SR)


def test_silence_at_both_ends_goes():
    """What is left begins a margin before the sound and ends one after it; the sound itself isn't touched."""
    sound = stereo(example_signal(SR, 2.0))
    around = np.concatenate([np.zeros((SR, 2)), sound, np.full((SR // 2, 2), 1e-5)]).astype(np.float32)
    first, last = restore.sounding(around, SR, margin=0.05)
    assert first == pytest.approx(SR - 0.05 * SR, abs=0.011 * SR)
    assert last == pytest.approx(3 * SR + 0.05 * SR, abs=0.011 * SR)
    out = restore.trim(around, SR)
    assert len(out) == last - first
    begin = SR - first
    assert np.array_equal(out[begin + 100 : begin + SR], sound[100:SR])


def test_silence_and_full_sounds_are_not_trimmed():
    """Silence stays as long as it was, and a sound without silence stays the same."""
    silence = np.zeros((1000, 2), dtype=np.float32)
    assert len(restore.trim(silence, SR)) == 1000
    sound = stereo(0.5 * np.sin(np.arange(SR)))
    assert np.array_equal(restore.trim(sound, SR), sound)


@pytest.mark.parametrize("target", [-30.0, -20.0, -14.0])
@pytest.mark.parametrize("given", [0.02, 0.5])
def test_the_loudness_that_was_asked_for_is_reached(target: float, given: float):
    """Within 0.2 LU, and no sample is above the ceiling."""
    out, told = restore.normalise(stereo(given * sung_signal(SR, 4)), SR, target)
    assert integrated_loudness(out, SR) == pytest.approx(target, abs=0.2)
    assert told.loudness == pytest.approx(target, abs=0.2)
    assert np.abs(out).max() <= restore.CEILING


def test_no_more_than_twelve_decibels_are_limited_away():
    """A quiet sound with one click isn't crushed to reach a loudness: it stays below it."""
    sound = stereo(0.001 * sung_signal(SR, 4))
    sound[5000] = 1.0
    out, told = restore.normalise(sound, SR, -14)
    assert told.loudness < -20
    assert told.gain == pytest.approx(20 * np.log10(restore.CEILING) + 12, abs=0.01)
    assert np.abs(out).max() <= restore.CEILING


def test_silence_has_no_loudness():
    """Silence comes back as it is."""
    silence = np.zeros((SR, 2), dtype=np.float32)
    out, told = restore.normalise(silence, SR)
    assert np.array_equal(out, silence)
    assert told.loudness == float("-inf")


def test_what_cannot_be_done_is_refused():
    """Absurd loudness, thresholds and lengths are refused with a sentence."""
    with pytest.raises(InputError, match="LUFS"):
        restore.normalise(stereo(np.ones(SR)), SR, 3)
    with pytest.raises(InputError, match="dB"):
        restore.trim(stereo(np.ones(SR)), SR, below=1)
    with pytest.raises(InputError, match="room"):
        restore.dereverberate(stereo(np.ones(100)), SR)
