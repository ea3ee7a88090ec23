"""Features of sound: as librosa defines them, and as arithmetic on known signals says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from yuefu.audio.features import chroma, frames, mel, rhythm, shape
from yuefu.audio.features.example import example_signal
from yuefu.audio.features.read import resample
from yuefu.errors import InputError

SR = 22050
KEEP = 9
#: What librosa 0.11 finds in the example signal; `benchmarks/features.py --write` makes it.
LIBROSA = json.loads((Path(__file__).parent / "librosa.json").read_text())


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    return example_signal(SR)


@pytest.fixture(scope="module")
def magnitude(signal: np.ndarray) -> np.ndarray:
    return frames.magnitudes(signal)


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("magnitudes", 1e-4), ("log-mel", 1e-4), ("MFCC", 1e-4), ("MFCC deltas", 1e-4), ("chroma", 1e-4),
        ("centroid", 1e-4), ("bandwidth", 1e-4), ("rolloff", 1e-4), ("flatness", 1e-3), ("contrast", 1e-2),
        ("zero crossings", 1e-4), ("RMS", 1e-4), ("onset strength", 1e-4),
    ],
)  # fmt: skip
def test_a_feature_is_what_librosa_finds(name: str, tolerance: float, signal: np.ndarray, magnitude: np.ndarray):
    """Each feature agrees with librosa's within a share of its largest value."""
    levels = mel.log_mel(signal, SR)
    ours = {
        "magnitudes": lambda: magnitude[::8],
        "log-mel": lambda: levels,
        "MFCC": lambda: mel.mfcc(levels),
        "MFCC deltas": lambda: mel.deltas(mel.mfcc(levels)),
        "chroma": lambda: chroma.chroma(signal, SR),
        "centroid": lambda: shape.centroid(magnitude, SR),
        "bandwidth": lambda: shape.bandwidth(magnitude, SR),
        "rolloff": lambda: shape.rolloff(magnitude, SR),
        "flatness": lambda: shape.flatness(magnitude),
        "contrast": lambda: shape.contrast(magnitude, SR),
        "zero crossings": lambda: shape.zero_crossings(signal),
        "RMS": lambda: shape.rms(signal),
        "onset strength": lambda: rhythm.onset_strength(signal, SR),
    }[name]()
    # All but the magnitudes keep every KEEP-th frame; those keep the frames and every eighth band, too.
    theirs = np.array(LIBROSA[name])
    found = ours[..., ::KEEP]
    assert found.shape == theirs.shape
    assert np.abs(found - theirs).max() <= tolerance * np.abs(theirs).max()


def test_the_beats_of_a_steady_pulse_are_found(signal: np.ndarray):
    """Clicks on a beat of 120 give a tempo near 120 and beats half a second apart, as librosa says."""
    strength = rhythm.onset_strength(signal, SR)
    bpm = rhythm.estimate_tempo(strength, SR)
    assert bpm == pytest.approx(LIBROSA["tempo"][0], rel=1e-3)
    assert bpm == pytest.approx(120, rel=0.03)
    seconds = rhythm.track_beats(strength, SR) * frames.HOP / SR
    assert np.abs(np.diff(seconds) - 0.5).max() < 0.05


def test_the_double_of_a_tempo_is_among_the_candidates(signal: np.ndarray):
    """The likeliest tempo comes first, no tempo comes twice, and one an octave away is named, too."""
    strength = rhythm.onset_strength(signal, SR)
    found = rhythm.tempo_candidates(strength, SR, 4)
    assert found[0] == rhythm.estimate_tempo(strength, SR)
    assert len(set(found)) == len(found) == 4
    assert any(min(abs(other / found[0] - ratio) for ratio in (0.5, 2)) < 0.08 for other in found[1:])
    assert rhythm.tempo_candidates(np.zeros(100, dtype=np.float32), SR) == []


def test_silence_has_no_beats_and_no_level():
    """Silence gives zeros and empty lists, never an error or a NaN."""
    silence = np.zeros(SR, dtype=np.float32)
    strength = rhythm.onset_strength(silence, SR)
    assert rhythm.estimate_tempo(strength, SR) == 0
    assert len(rhythm.track_beats(strength, SR)) == 0
    magnitude = frames.magnitudes(silence)
    for rows in (chroma.chroma(silence, SR), shape.centroid(magnitude, SR), shape.flatness(magnitude),
                 shape.contrast(magnitude, SR), shape.rms(silence), mel.log_mel(silence, SR)):  # fmt: skip
        assert np.isfinite(rows).all()


def test_a_tone_has_its_frequency_for_centroid_and_its_pitch_class_for_chroma():
    """A sine at 440 Hz: centroid 440 Hz, pitch class A, tuning 0; 20 cents sharp: tuning 0.2."""
    time = np.arange(2 * SR) / SR
    tone = np.sin(2 * np.pi * 440 * time)
    middle = slice(8, -8)
    assert shape.centroid(frames.magnitudes(tone), SR)[middle] == pytest.approx(440, rel=0.02)
    assert (chroma.chroma(tone, SR)[:, middle].argmax(axis=0) == 9).all()
    sharp = np.sin(2 * np.pi * 440 * 2 ** (0.2 / 12) * time)
    assert chroma.estimate_tuning(frames.magnitudes(sharp), SR) == pytest.approx(0.2, abs=0.03)


def test_the_key_of_a_cadence_is_heard():
    """I IV V I in D major, and i iv V i in A minor, are heard as that."""

    def chords(*roots_and_thirds: tuple[int, int]) -> np.ndarray:
        time = np.arange(SR) / SR
        tones = [[root, root + third, root + 7] for root, third in roots_and_thirds]
        return np.concatenate(
            [sum(0.2 * np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * time) for p in chord) for chord in tones]
        )

    assert chroma.key_of(chroma.chroma(chords((62, 4), (67, 4), (69, 4), (62, 4)), SR)).name == "D major"
    assert chroma.key_of(chroma.chroma(chords((57, 3), (62, 3), (64, 4), (57, 3)), SR)).name == "A minor"


@pytest.mark.parametrize(("window", "hop"), [(2048, 512), (1000, 300), (512, 700)])
def test_levels_and_crossings_are_those_of_each_frame(window: int, hop: int, signal: np.ndarray):
    """Whatever window and hop, each frame's level and crossings are those of its own samples."""
    level, crossed = shape.rms(signal, window, hop), shape.zero_crossings(signal, window, hop)
    assert len(level) == len(crossed) == frames.frame_count(len(signal), hop)
    cut, edged = frames.frames_of(signal, window, hop), frames.frames_of(signal, window, hop, "edge")
    for number in (0, 1, len(level) // 2, len(level) - 1):
        assert level[number] == pytest.approx(np.sqrt(np.mean(cut[number].astype(float) ** 2)), rel=1e-5)
        negative = edged[number] < 0
        assert crossed[number] == pytest.approx(np.count_nonzero(negative[1:] != negative[:-1]) / window)


def test_mel_bands_taken_together_are_the_whole_bank():
    """Bands multiplied in groups give what the whole bank of filters gives, for any number of bands."""
    noise = np.random.default_rng(2).standard_normal(SR).astype(np.float32)
    power = frames.magnitudes(noise, 1024) ** 2
    for bands in (13, 40, 128):
        whole = mel.mel_bank(SR, 1024, bands) @ power
        assert np.allclose(mel.mel_power(noise, SR, bands, 1024), whole, rtol=1e-4, atol=1e-6 * whole.max())


def test_the_bands_of_the_contrast_hold_for_any_rate():
    """At a rate whose half lies inside the octaves, bands above it are 0 and the others have a contrast."""
    noise = np.random.default_rng(2).standard_normal(4000).astype(np.float32)
    found = shape.contrast(frames.magnitudes(noise), 4000)
    assert (found[:5] > 0).all()
    assert (found[5:] == 0).all()


def test_deltas_refuse_what_is_too_short():
    """Fewer frames than the width, or an even width, is refused with a sentence."""
    with pytest.raises(InputError, match="8 frames"):
        mel.deltas(np.zeros((2, 8)))
    with pytest.raises(InputError, match="odd"):
        mel.deltas(np.zeros((2, 40)), width=4)


def test_resampling_keeps_a_tone():
    """A tone below half the new rate is the same tone afterwards."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100)
    moved = resample(tone, 44100, SR)
    expected = np.sin(2 * np.pi * 1000 * np.arange(SR) / SR)
    assert np.abs(moved - expected)[500:-500].max() < 5e-3
