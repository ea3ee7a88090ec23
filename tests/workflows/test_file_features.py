"""Features of files: sounds and scores told apart, tables that hold what they say, words in both languages."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from yuefu.audio.features.example import example_signal
from yuefu.audio.files import write_audio
from yuefu.errors import FormatError, InputError, OutputError, UnknownNameError
from yuefu.workflows.features import ScoreFeatures, SoundFeatures, features, is_sound
from yuefu.workflows.features_text import features_text

SR = 22050
TUNE = "X:1\nT:Spring\nM:4/4\nL:1/4\nQ:1/4=100\nK:G\nGABc|d2 ef|gfed|G4|\n"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "chords.wav"
    signal = example_signal(SR)
    write_audio(path, np.stack([signal, signal], axis=1), SR)
    return path


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    path = tmp_path / "tune.abc"
    path.write_text(TUNE)
    return path


def test_a_sound_becomes_arrays_with_the_shapes_that_are_documented(sound: Path, tmp_path: Path):
    """The .npz holds each feature by name, a column a frame, and the times of the frames."""
    found = features(sound, tmp_path / "x.npz")
    assert isinstance(found, SoundFeatures)
    with np.load(tmp_path / "x.npz") as arrays:
        frames = len(arrays["times"])
        shapes = {name: arrays[name].shape for name in arrays}
        assert np.allclose(arrays["times"], np.arange(frames) * 512 / SR)
    rows = {"log_mel": 128, "mfcc": 20, "mfcc_delta": 20, "mfcc_delta2": 20, "chroma": 12, "contrast": 7}
    assert {name: shapes[name] for name in rows} == {name: (count, frames) for name, count in rows.items()}
    for name in ("onset_strength", "rms", "centroid", "bandwidth", "rolloff", "flatness", "zero_crossings"):
        assert shapes[name] == (frames,)
    assert shapes["loudness"] == shapes["loudness_times"] == (37,)


def test_a_sound_becomes_a_line_a_frame(sound: Path, tmp_path: Path):
    """The .csv has a heading and a line a frame; its beats are those that were found."""
    found = features(sound, tmp_path / "x.csv")
    assert isinstance(found, SoundFeatures)
    with open(tmp_path / "x.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found.features.times)
    at = [float(row["time"]) for row in rows if row["beat"] == "1"]
    assert at == pytest.approx(found.features.beats.tolist(), abs=1e-4)
    assert float(rows[20]["chroma_C"]) == pytest.approx(found.features.chroma[0, 20], rel=1e-4)


def test_a_score_becomes_a_line_a_bar(tune: Path, tmp_path: Path):
    """Both tables of a score hold its bars, a row each."""
    found = features(tune, tmp_path / "x.csv")
    assert isinstance(found, ScoreFeatures)
    with open(tmp_path / "x.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["notes"] for row in rows] == ["4", "3", "4", "1"]
    assert rows[0]["pitch_class_G"] == "0.25"
    assert rows[0]["notes_melody"] == "4"
    features(tune, tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz") as arrays:
        assert arrays["pitch_classes"].shape == (4, 12)
        assert arrays["notes"].tolist() == [4, 3, 4, 1]


def test_the_same_file_gives_the_same_bytes(sound: Path, tmp_path: Path):
    """Tables are the same each time."""
    for name in ("a.npz", "b.npz"):
        features(sound, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_summaries_are_plain_values(sound: Path, tune: Path):
    """JSON holds numbers and null, never NaN; a sound's summary has key, tempo and loudness, a score's its facts."""
    told = json.loads(json.dumps(features(sound).to_dict(), allow_nan=False))
    assert told["kind"] == "sound"
    assert told["tempo"] == pytest.approx(120, rel=0.03)
    assert len(told["mfcc"]["mean"]) == 20
    told = json.loads(json.dumps(features(tune).to_dict(), allow_nan=False))
    assert (told["kind"], told["key"], len(told["by_bar"])) == ("score", "G major", 4)


def test_words_come_in_both_languages(sound: Path, tune: Path):
    """Texts name key, tempo and loudness in English or Chinese, and bars stand in a table."""
    found = features(sound)
    assert "beats a minute" in features_text(found, "en")
    assert "每分钟" in features_text(found, "zh")
    assert "LUFS" in features_text(found, "zh")
    text = features_text(features(tune), "en")
    assert "By bar:" in text
    assert "Key: G major" in text
    assert "逐小节" in features_text(features(tune), "zh")
    with pytest.raises(UnknownNameError):
        features_text(found, "fr")


def test_silence_is_told(tmp_path: Path):
    """A silent file is called silent, in words and as null."""
    write_audio(tmp_path / "s.wav", np.zeros((SR, 2), dtype=np.float32), SR)
    found = features(tmp_path / "s.wav")
    assert "silent" in features_text(found, "en")
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["loudness"] is None


def test_sounds_are_known_by_name_or_by_their_first_bytes(sound: Path, tune: Path, tmp_path: Path):
    """A name that says nothing leaves it to the file's first bytes."""
    other = tmp_path / "recording"
    other.write_bytes(sound.read_bytes())
    assert is_sound(other)
    assert is_sound("missing.mp3")
    assert not is_sound(tune)
    assert not is_sound(tmp_path / "missing")


def test_what_cannot_be_measured_or_written_is_refused(sound: Path, tmp_path: Path):
    """Missing files, damaged ones, unknown tables and places that can't be written get a sentence each."""
    with pytest.raises(InputError):
        features(tmp_path / "no.mid")
    (tmp_path / "bad.flac").write_bytes(b"fLaC")
    with pytest.raises(FormatError):
        features(tmp_path / "bad.flac")
    with pytest.raises(UnknownNameError, match="table format"):
        features(sound, tmp_path / "x.txt")
    with pytest.raises(OutputError):
        features(sound, tmp_path / "no" / "x.npz")
    assert not list(tmp_path.glob("x*"))
