"""All features at once are what each feature is by itself, and files are read as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yuefu.audio.features import chroma, frames, mel, rhythm, shape
from yuefu.audio.features.collect import AudioFeatures, features_of
from yuefu.audio.features.example import example_signal
from yuefu.audio.features.read import read_mono, read_sound
from yuefu.audio.files import write_audio
from yuefu.audio.loudness import LoudnessMeter, integrated_loudness, loudness_of
from yuefu.errors import FormatError, InputError, LimitError
from yuefu.progress import Progress

SR = 22050


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    return example_signal(SR)


@pytest.fixture(scope="module")
def found(signal: np.ndarray) -> AudioFeatures:
    return features_of(signal, SR)


def test_each_feature_is_what_it_is_alone(signal: np.ndarray, found: AudioFeatures):
    """Taken block by block, every feature is that of the whole spectrogram."""
    magnitude = frames.magnitudes(signal)
    strength = rhythm.onset_strength(signal, SR)
    alone = {
        "log_mel": mel.log_mel(signal, SR), "mfcc": mel.mfcc(mel.log_mel(signal, SR)),
        "chroma": chroma.chroma(signal, SR), "onset_strength": strength, "centroid": shape.centroid(magnitude, SR),
        "bandwidth": shape.bandwidth(magnitude, SR), "rolloff": shape.rolloff(magnitude, SR),
        "flatness": shape.flatness(magnitude), "contrast": shape.contrast(magnitude, SR),
        "zero_crossings": shape.zero_crossings(signal), "rms": shape.rms(signal),
        "beats": rhythm.track_beats(strength, SR) * frames.HOP / SR, "times": frames.times(len(strength), SR),
    }  # fmt: skip
    for name, value in alone.items():
        got = getattr(found, name)
        assert got.shape == value.shape, name
        assert np.allclose(got, value, rtol=1e-4, atol=1e-4 * np.abs(value).max()), name
    assert found.tempo == pytest.approx(rhythm.estimate_tempo(strength, SR))
    assert found.tempi == tuple(rhythm.tempo_candidates(strength, SR))
    assert found.tuning == chroma.estimate_tuning(magnitude**2, SR)
    assert found.key is not None
    assert found.key.name == chroma.key_of(alone["chroma"]).name


def test_every_array_has_a_column_for_each_frame(found: AudioFeatures):
    """All arrays but the beats end with the number of frames, and none holds a NaN."""
    arrays = found.arrays()
    assert {"log_mel", "mfcc", "mfcc_delta", "mfcc_delta2", "chroma", "beats"} <= set(arrays)
    for name, value in arrays.items():
        assert name == "beats" or value.shape[-1] == len(found.times), name
        assert np.isfinite(value).all(), name


def test_silence_has_neither_key_nor_tempo():
    """Silence is measured without an error: no key, no tempo, no beats."""
    found = features_of(np.zeros(SR), SR)
    assert found.key is None
    assert found.tempo == 0
    assert not len(found.beats)
    assert all(np.isfinite(value).all() for value in found.arrays().values())


def test_the_shortest_sound_is_measured_and_a_shorter_one_is_refused():
    """A fifth of a second is enough; less is refused with a sentence. Progress ends at its total."""
    told: list[Progress] = []
    assert features_of(np.ones(4410), SR, told.append).mfcc_delta.shape == (20, 9)
    assert told[-1].done == told[-1].total
    with pytest.raises(InputError, match=r"0\.2 s"):
        features_of(np.ones(4000), SR)


@pytest.mark.parametrize("extension", [".wav", ".flac", ".ogg", ".mp3"])
def test_sounds_of_every_format_are_read_piece_by_piece(
    tmp_path: Path, extension: str, signal: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    """Whatever the format and the size of the pieces, signal, loudness and peak are those of the whole file."""
    monkeypatch.setattr("yuefu.audio.features.read._CHUNK", 10_007)
    stereo = np.stack([signal, 0.5 * signal], axis=1)
    write_audio(tmp_path / f"x{extension}", stereo, SR)
    sound = read_sound(tmp_path / f"x{extension}")
    whole = read_mono(tmp_path / f"x{extension}")
    assert (sound.rate, sound.channels) == (SR, 2)
    assert np.allclose(sound.signal, whole, atol=1e-6)
    assert sound.loudness == pytest.approx(integrated_loudness(stereo, SR), abs=0.3)
    assert sound.peak == pytest.approx(np.abs(signal).max(), rel=0.1)
    assert len(sound.momentary) == int(10 * sound.seconds) - 3


def test_files_that_are_no_sound_or_too_long_are_refused(tmp_path: Path, signal: np.ndarray):
    """Missing files, other files and long ones get a sentence each."""
    (tmp_path / "x.wav").write_bytes(b"RIFFnothing")
    write_audio(tmp_path / "long.wav", np.zeros((3 * SR, 2), dtype=np.float32), SR)
    with pytest.raises(FormatError, match=r"x\.wav"):
        read_sound(tmp_path / "x.wav")
    with pytest.raises(InputError, match="isn't a file"):
        read_sound(tmp_path / "y.wav")
    with pytest.raises(LimitError, match="longer than"):
        read_sound(tmp_path / "long.wav", longest=2)


def test_samples_that_are_no_numbers_count_as_silence(tmp_path: Path, signal: np.ndarray):
    """NaN and infinity in a floating-point file spoil neither what is read nor what is measured."""
    import soundfile

    broken = signal.copy()
    broken[1000:1010] = np.nan
    broken[2000], broken[2001] = np.inf, -np.inf
    soundfile.write(tmp_path / "x.wav", broken, SR, subtype="FLOAT")
    sound = read_sound(tmp_path / "x.wav")
    assert np.isfinite(sound.signal).all()
    assert sound.peak <= 1
    assert np.array_equal(sound.signal, read_mono(tmp_path / "x.wav"))
    assert np.isfinite(features_of(sound.signal, SR).log_mel).all()


def test_loudness_by_pieces_is_loudness_of_the_whole(signal: np.ndarray):
    """However a sound is cut, its loudness is the same."""
    stereo = np.repeat(signal[:, None], 2, axis=1)
    meter = LoudnessMeter(SR)
    for cut in np.split(stereo, [100, 5000, 30001]):
        meter.add(cut)
    assert loudness_of(meter.powers()) == pytest.approx(integrated_loudness(stereo, SR), abs=1e-9)
