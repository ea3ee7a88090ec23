"""Loudness, limiting, room and balance."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sound_pieces import band, level_db, tone

from yuefu.audio.limiter import limit
from yuefu.audio.loudness import integrated_loudness
from yuefu.audio.mix import mix_stems
from yuefu.audio.reverb import ROOMS, impulse_response, reverberate
from yuefu.audio.synth import Stem, cut_frequency, low_cut
from yuefu.score.model import Part, make_notes

SR = 44100


@pytest.mark.parametrize("sr", [44100, 48000])
def test_loudness_agrees_with_pyloudnorm(sr: int) -> None:
    """On tones, noise with gaps, and short sounds, within a tenth of a LU."""
    rng = np.random.default_rng(0)
    noise = (rng.standard_normal((sr * 6, 2)) * 0.1).astype(np.float32)
    noise[sr * 2 : sr * 4] *= 0.001
    for audio in (tone(997, 3, sr), tone(60, 3, sr), noise, noise[: sr // 2]):
        expected = pyloudnorm.Meter(sr).integrated_loudness(audio.astype(np.float64))
        assert integrated_loudness(audio, sr) == pytest.approx(expected, abs=0.15)


def test_a_full_scale_tone_has_the_loudness_of_the_standard() -> None:
    """BS.1770: a 997 Hz sine at 0 dBFS in one channel is -3.01 LUFS."""
    audio = tone(997, 5, 48000, amplitude=1.0)
    audio[:, 1] = 0
    assert integrated_loudness(audio, 48000) == pytest.approx(-3.01, abs=0.02)


def test_silence_has_no_loudness() -> None:
    """Nothing is minus infinity, not an error."""
    assert integrated_loudness(np.zeros((0, 2), np.float32), SR) == float("-inf")
    assert integrated_loudness(np.zeros((SR, 2), np.float32), SR) == float("-inf")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 9000), st.floats(0.1, 30.0))
def test_no_sample_passes_the_ceiling(seed: int, length: int, level: float) -> None:
    """Whatever comes in, of whatever length."""
    rng = np.random.default_rng(seed)
    audio = (rng.standard_normal((length, 2)) * level * (rng.random((length, 1)) < 0.02)).astype(np.float32)
    out = limit(audio, SR)
    assert out.shape == audio.shape
    assert np.abs(out).max() <= 0.89


def test_quiet_sound_is_left_alone_and_loud_sound_keeps_its_shape() -> None:
    """Below the ceiling nothing changes; far from a peak neither."""
    quiet = tone(440, 1)
    assert limit(quiet, SR) is quiet
    loud = tone(440, 2)
    loud[SR : SR + 200] *= 8
    out = limit(loud, SR)
    assert np.array_equal(out[: SR - SR // 20], loud[: SR - SR // 20])
    assert np.abs(out[-SR // 10 :] - loud[-SR // 10 :]).max() < 0.01
    assert np.abs(np.diff(out[:, 0])).max() < np.abs(np.diff(loud[:, 0])).max()


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_dies_away_in_its_time(room: str) -> None:
    """The energy left after the stated time is some 60 dB down, and the room is the same every time."""
    response = impulse_response(room, SR)
    energy = np.cumsum(np.square(response[::-1].astype(np.float64)), axis=0)[::-1].sum(axis=1)
    decay = 10 * np.log10(energy / energy[0] + 1e-20)
    early, late = np.argmax(decay < -5), np.argmax(decay < -35)
    assert 2 * (late - early) / SR == pytest.approx(ROOMS[room], rel=0.3)
    impulse_response.cache_clear()
    assert np.array_equal(response, impulse_response(room, SR))


def test_reverberation_is_a_convolution() -> None:
    """An impulse gives the response, later when it is later."""
    audio = np.zeros((2000, 2), np.float32)
    audio[100] = 1
    wet = reverberate(audio, SR, "studio")
    response = impulse_response("studio", SR)
    assert np.abs(wet[100 : 100 + len(response)] - response).max() < 1e-4
    assert np.abs(wet[:100]).max() < 1e-4


def _stems(**loud: float) -> tuple[list[Stem], tuple[Part, ...]]:
    note = make_notes([(1, 0, 96, 60, 80)])
    parts = tuple(Part(role, role, role, notes=note) for role in loud)
    stems = []
    for index, (part, amplitude) in enumerate(zip(parts, loud.values())):
        audio = tone(300 + 170 * index, 4, amplitude=amplitude)
        stems.append(Stem(part, audio, integrated_loudness(audio, SR)))
    return stems, parts


def test_the_melody_stands_out_however_loud_the_stems_are() -> None:
    """Levels follow roles: the melody 2 to 7 dB over each other part, the drums below it."""
    stems, parts = _stems(melody=0.01, keys=0.5, bass=0.3, pad=0.4, drums=0.6)
    audio, balance = mix_stems(stems, parts, SR)
    for role, level in balance.loudness.items():
        if role != "melody":
            assert 2 <= balance.loudness["melody"] - level <= 7
    assert balance.lufs == pytest.approx(-14, abs=0.5)
    assert np.abs(audio).max() <= 0.89


def test_companions_are_spread_and_the_lead_is_in_the_middle() -> None:
    """Panning: two inner parts on either side; a user's pan is kept."""
    note = make_notes([(1, 0, 96, 60, 80)])
    noise = np.random.default_rng(0).standard_normal(SR * 2) * 0.1
    audio = np.stack([noise, noise], axis=1).astype(np.float32)
    for role, pan, sides in (("melody", 64, 0), ("counter", 64, 1), ("keys", 64, -1), ("melody", 10, -1)):
        part = Part("x", "x", role, pan=pan, notes=note)
        other = Part("y", "y", "bass", notes=note)
        out, _ = mix_stems([Stem(part, audio, integrated_loudness(audio, SR))], (part, other), SR, "studio")
        middle = out[SR // 2 : SR]
        difference = level_db(middle[:, 1]) - level_db(middle[:, 0])
        assert np.sign(round(difference / 1.5)) == sides


def test_silence_mixes_to_silence() -> None:
    """No stems, or silent ones: a second of nothing."""
    part = Part("x", "x")
    for stems in ([], [Stem(part, np.zeros((0, 2), np.float32), float("-inf"))]):
        audio, _ = mix_stems(stems, (part,), SR)
        assert audio.shape == (SR, 2)
        assert not audio.any()


def test_low_cuts_take_rumble_and_spare_the_notes() -> None:
    """A part is cut below its lowest note only, and DC is gone."""
    score = band(1)
    for part in score.parts:
        if part.role not in ("drums", "bass"):
            lowest = 440 * 2 ** ((int(part.notes["pitch"].min()) - 69) / 12)
            assert cut_frequency(part, score.parts) < lowest
    audio = tone(300, 2) + np.float32(0.2)
    out = low_cut(audio, 70, SR)
    assert abs(out[SR:].mean()) < 1e-3
    assert level_db(out[SR:]) == pytest.approx(level_db(tone(300, 1)), abs=0.3)
