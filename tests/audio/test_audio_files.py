"""Sound files: what is written comes back, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from sound_pieces import tone

from yuefu.audio.files import AUDIO_FORMATS, audio_bytes, read_audio, renumbered, write_audio
from yuefu.errors import FormatError, InputError, OutputError, UnknownNameError

SR = 44100


@pytest.mark.parametrize("extension", sorted(AUDIO_FORMATS))
def test_every_format_comes_back(extension: str, tmp_path: Path) -> None:
    """Length, rate, pitch and level survive; more than one chunk; the lossless ones sample by sample."""
    audio = tone(440, 4)
    path = tmp_path / f"sound{extension}"
    write_audio(path, audio, SR)
    back, sr = read_audio(path)
    assert sr == SR
    assert back.shape == audio.shape
    middle = slice(SR, 3 * SR)
    assert np.sqrt(np.mean((back[middle] - audio[middle]) ** 2)) < (1e-4 if extension in (".wav", ".flac") else 0.02)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("extension", sorted(AUDIO_FORMATS))
def test_the_same_audio_gives_the_same_bytes(extension: str) -> None:
    """No date and no random number in a file."""
    audio = tone(330, 1)
    tags = {"title": "春天", "artist": "Yuefu"}
    assert audio_bytes(audio, SR, extension, tags) == audio_bytes(audio, SR, extension, tags)


@pytest.mark.parametrize("extension", sorted(AUDIO_FORMATS))
def test_titles_are_kept_in_both_languages(extension: str, tmp_path: Path) -> None:
    """Tags come back as they were given."""
    path = tmp_path / f"x{extension}"
    write_audio(path, tone(440, 0.5), SR, {"title": "春天的气息", "artist": "Yuefu", "comment": "a\0b"})
    with soundfile.SoundFile(path) as file:
        assert file.title == "春天的气息"
        assert file.artist == "Yuefu"


def test_vorbis_pages_are_renumbered_with_right_checksums() -> None:
    """Another program's decoder accepts the stream, and a damaged page is noticed by the checksum."""
    import io

    data = audio_bytes(tone(440, 1), SR, ".ogg")
    other = renumbered(data, 7)
    assert other != data
    assert renumbered(other) == data
    assert soundfile.info(io.BytesIO(other)).frames == SR


def test_out_of_range_samples_are_clipped_not_wrapped(tmp_path: Path) -> None:
    """Too loud, or not a number: the file is still sane."""
    audio = tone(440, 0.1, amplitude=3.0)
    audio[0] = np.nan
    write_audio(tmp_path / "x.wav", audio, SR)
    back, _ = read_audio(tmp_path / "x.wav")
    assert np.abs(np.diff(back[:, 0])).max() < 0.4


def test_one_channel_is_doubled_and_of_six_two_are_taken(tmp_path: Path) -> None:
    """Whatever comes in is stereo inside."""
    for channels in (1, 6):
        path = tmp_path / f"{channels}.wav"
        soundfile.write(path, np.full((100, channels), 0.25), SR)
        audio, _ = read_audio(path)
        assert audio.shape == (100, 2)
        assert np.allclose(audio, 0.25, atol=1e-4)


def test_empty_audio_can_be_written(tmp_path: Path) -> None:
    """No frames, no error."""
    write_audio(tmp_path / "x.wav", np.zeros((0, 2), np.float32), SR)
    assert read_audio(tmp_path / "x.wav")[0].shape == (0, 2)


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    """An unknown extension, a rate that MP3 lacks, a missing file, a text called .wav."""
    with pytest.raises(UnknownNameError, match="sound format"):
        write_audio(tmp_path / "x.wma", tone(440, 0.1), SR)
    with pytest.raises(InputError, match="48000"):
        write_audio(tmp_path / "x.mp3", tone(440, 0.1), 96000)
    with pytest.raises(InputError, match="isn't a file"):
        read_audio(tmp_path / "gone.wav")
    text = tmp_path / "text.wav"
    text.write_text("not sound")
    with pytest.raises(FormatError, match=r"text\.wav"):
        read_audio(text)
    assert [entry.name for entry in tmp_path.iterdir()] == ["text.wav"]


@pytest.mark.parametrize("extension", sorted(AUDIO_FORMATS))
def test_an_unwritable_place_is_an_output_error_and_nothing_stays(extension: str, tmp_path: Path) -> None:
    """A folder that isn't there, a file in a folder's place, a folder in the file's place."""
    blocker = tmp_path / "blocker"
    blocker.write_text("x")
    (tmp_path / f"folder{extension}").mkdir()
    for place in (tmp_path / "gone" / "x", blocker / "x", tmp_path / "folder"):
        with pytest.raises(OutputError, match="can't be written"):
            write_audio(place.with_name(place.name + extension), tone(440, 0.1), SR)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["blocker", f"folder{extension}"]
