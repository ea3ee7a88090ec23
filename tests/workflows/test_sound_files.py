"""Sound files cleaned, compared and copied: what comes out is what was asked, and nothing is half done."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from yuefu.audio.augment import add_noise
from yuefu.audio.features.example import example_signal, sung_signal
from yuefu.audio.files import read_audio, read_tags, write_audio
from yuefu.errors import FormatError, InputError, LimitError, MissingExtraError, OutputError, UnknownNameError
from yuefu.score.files import read_score
from yuefu.workflows import augment as copying
from yuefu.workflows import clean as cleaning
from yuefu.workflows.augment import augment
from yuefu.workflows.clean import clean
from yuefu.workflows.compare_audio import compare_audio, compared_text

SR = 22050
TUNE = "X:1\nT:Spring\nM:4/4\nL:1/4\nQ:1/4=100\nK:G\nGABc|d2 ef|gfed|G4|\n"


def written(path: Path, signal: np.ndarray, **tags: str) -> Path:
    write_audio(path, np.repeat(np.asarray(signal, dtype=np.float32)[:, None], 2, axis=1), SR, tags)
    return path


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song in noise with a second of nearly nothing before it."""
    song = np.concatenate([np.zeros(SR), sung_signal(SR, 4), np.zeros(SR)])
    path = tmp_path_factory.mktemp("sound") / "noisy.flac"
    return written(path, add_noise(song, 25, np.random.default_rng(1)), title="Moon 月", artist="Li Bai")


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    path = tmp_path / "tune.abc"
    path.write_text(TUNE)
    return path


def test_a_recording_is_cleaned_step_by_step(noisy: Path, tmp_path: Path):
    """Noise goes down, silence goes, the loudness is the one asked for, tags stay, and both ends are told."""
    told = clean(noisy, tmp_path / "x.wav", noise="wiener", ends=True, loudness=-18)
    assert told.before.noise > -30 > told.after.noise
    assert told.before.seconds == pytest.approx(6, abs=0.01)
    assert told.after.seconds < 4.2
    assert told.after.loudness == pytest.approx(-18, abs=0.3)
    audio, sr = read_audio(tmp_path / "x.wav")
    assert (len(audio) / sr, sr) == (pytest.approx(told.after.seconds), SR)
    assert read_tags(tmp_path / "x.wav")["title"] == "Moon 月"


def test_a_room_is_taken_out_when_it_is_asked_for(noisy: Path, tmp_path: Path):
    """With the extra, dereverberation writes a sound as long as before that isn't the same."""
    told = clean(noisy, tmp_path / "x.flac", room=True)
    before, after = read_audio(noisy)[0], read_audio(tmp_path / "x.flac")[0]
    assert before.shape == after.shape
    assert not np.array_equal(before, after)
    assert told.after.seconds == told.before.seconds


def test_without_the_extra_nothing_is_written(noisy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where nara_wpe is missing the extra is named, and there is no file."""
    monkeypatch.setitem(sys.modules, "nara_wpe.wpe", None)
    with pytest.raises(MissingExtraError, match=r"yuefu\[audio\]"):
        clean(noisy, tmp_path / "x.wav", room=True)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_cleaned_is_refused(noisy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nothing asked, unknown ways, absurd loudness, other files, bad places and long sounds get a sentence each."""
    for error, arguments in (
        (InputError, {}),
        (UnknownNameError, {"noise": "magic"}),
        (InputError, {"loudness": 0.0}),
    ):
        with pytest.raises(error):
            clean(noisy, tmp_path / "x.wav", **arguments)
    with pytest.raises(UnknownNameError):
        clean(noisy, tmp_path / "x.txt", ends=True)
    with pytest.raises(OutputError):
        clean(noisy, tmp_path / "no" / "x.wav", ends=True)
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    with pytest.raises(FormatError):
        clean(tmp_path / "bad.wav", tmp_path / "x.wav", ends=True)
    monkeypatch.setattr(cleaning, "LONGEST", 2.0)
    with pytest.raises(LimitError):
        clean(noisy, tmp_path / "x.wav", ends=True)
    assert not (tmp_path / "x.wav").exists()


def test_silence_is_cleaned_without_a_fault(tmp_path: Path):
    """Silence through every step of our own is silence."""
    written(tmp_path / "s.wav", np.zeros(SR))
    told = clean(tmp_path / "s.wav", tmp_path / "t.wav", noise="wiener", ends=True, loudness=-14)
    assert told.after.loudness == float("-inf")
    assert not read_audio(tmp_path / "t.wav")[0].any()


def test_a_moved_recording_is_aligned_before_it_is_measured(tmp_path: Path):
    """The same sound half a second later has the shift told and no difference left."""
    song = sung_signal(SR, 4)
    one = written(tmp_path / "a.wav", song)
    two = written(tmp_path / "b.wav", np.concatenate([np.zeros(SR // 2), song]))
    found = compare_audio(one, two)
    assert found.shift.samples == SR // 2
    assert found.quality.snr > 60
    assert found.to_dict()["shift_seconds"] == 0.5
    json.dumps(found.to_dict(), allow_nan=False)
    assert "0.5000 s later" in compared_text(found, "en")
    assert "晚 0.5000 秒" in compared_text(found, "zh")
    assert json.dumps(compare_audio(one, one).to_dict(), allow_nan=False)


def test_other_sounds_are_called_other(tmp_path: Path):
    """Noise beside a song: no shift is claimed, and the measures say that they differ."""
    one = written(tmp_path / "a.wav", sung_signal(SR, 3))
    two = written(tmp_path / "b.wav", 0.1 * np.random.default_rng(1).standard_normal(3 * SR))
    found = compare_audio(one, two)
    assert not found.shift.found
    assert found.quality.snr < 1
    assert found.quality.timbre > 1
    assert "no sound in common" in compared_text(found, "en")
    assert "未移动" in compared_text(found, "zh")


def test_copies_of_a_sound_are_changed_as_they_say(tmp_path: Path):
    """Each copy is a whole sound in the source's format, the list tells its changes, and noise is as loud as asked."""
    source = written(tmp_path / "song.flac", example_signal(SR, 3), title="Moon")
    copies = augment(source, tmp_path / "out", 3, seed=4, kinds=["noise"], noise=10, colour="pink")
    assert [path.name for path in copies] == ["song-01.flac", "song-02.flac", "song-03.flac"]
    told = json.loads((tmp_path / "out" / "changes.json").read_text("utf-8"))
    assert [copy["file"] for copy in told["copies"]] == [path.name for path in copies]
    clean_audio = read_audio(source)[0]
    for path, copy in zip(copies, told["copies"]):
        assert copy["changes"] == [{"kind": "noise", "settings": {"snr": 10, "colour": "pink"}}]
        added = read_audio(path)[0] - clean_audio
        assert 10 * np.log10(np.mean(clean_audio**2) / np.mean(added**2)) == pytest.approx(10, abs=0.2)
        assert not np.allclose(added[:, 0], added[:, 1])
        assert read_tags(path)["title"] == "Moon"


def test_a_copy_depends_on_seed_and_number_alone(tmp_path: Path, tune: Path):
    """More copies begin with the same ones; another seed gives others."""
    sound = written(tmp_path / "song.wav", example_signal(SR, 1))
    for source in (sound, tune):
        few, more, other = (
            augment(source, tmp_path / f"{source.stem}{count}{seed}", count, seed=seed)
            for count, seed in ((2, 1), (3, 1), (2, 2))
        )
        assert [p.read_bytes() for p in few] == [p.read_bytes() for p in more[:2]]
        assert [p.read_bytes() for p in few] != [p.read_bytes() for p in other]


def test_copies_of_a_score_are_scores(tmp_path: Path, tune: Path):
    """Every copy can be read, has the notes of the source moved together, and is told."""
    copies = augment(tune, tmp_path / "out", 4, seed=2, kinds=["transpose"])
    before = read_score(tune).parts[0].notes["pitch"].astype(int)
    told = json.loads((tmp_path / "out" / "changes.json").read_text("utf-8"))["copies"]
    for path, copy in zip(copies, told):
        moved = read_score(path).parts[0].notes["pitch"].astype(int) - before
        steps = [change["settings"]["semitones"] for change in copy["changes"]]
        assert set(moved.tolist()) == {sum(steps)}


def test_what_cannot_be_copied_is_refused_and_leaves_nothing(tmp_path: Path, tune: Path):
    """Counts, kinds, noise for scores, colours and files that don't fit get a sentence each and leave no folder."""
    sound = written(tmp_path / "song.wav", example_signal(SR, 1))
    out = tmp_path / "out"
    for error, call in (
        (InputError, lambda: augment(sound, out, 0)),
        (InputError, lambda: augment(sound, out, copying.MOST_COPIES + 1)),
        (UnknownNameError, lambda: augment(sound, out, kinds=["transpose"])),
        (UnknownNameError, lambda: augment(tune, out, kinds=["pitch"])),
        (InputError, lambda: augment(tune, out, noise=10)),
        (InputError, lambda: augment(sound, out, noise=500)),
        (UnknownNameError, lambda: augment(sound, out, noise=10, colour="green")),
        (InputError, lambda: augment(sound, out, strength=4)),
        (InputError, lambda: augment(tmp_path / "missing.wav", out)),
    ):
        with pytest.raises(error):
            call()
    assert not out.exists()
