"""Score files: formats by content and name, limits, and writing that leaves nothing half-done."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.score.strategies import scores

from yuefu.errors import FormatError, InputError, LimitError, OutputError, UnknownNameError
from yuefu.score.files import (
    atomic_path,
    atomic_write,
    make_folder,
    read_score,
    score_from_json,
    score_to_json,
    write_score,
)
from yuefu.score.limits import MAX_FILE_BYTES
from yuefu.score.model import Part, Score, Syllable, make_notes
from yuefu.score.serial import score_to_dict

NOTES = make_notes([(1, 0, 24, 60, 80), (2, 24, 72, 62, 80)])
SONG = Score(title="月", parts=(Part("P1", "Voice", notes=NOTES, syllables=(Syllable(1, "月"),)),), length=96)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(scores())
def test_native_json_gives_the_score_back_whole(score: Score) -> None:
    again = score_from_json(score_to_json(score))
    assert score_to_dict(again) == score_to_dict(score)
    assert score_to_json(again) == score_to_json(score)


@pytest.mark.parametrize("name", ["a.mid", "a.MIDI", "a.musicxml", "a.xml", "a.mxl", "a.abc", "a.yuefu.json"])
def test_every_format_writes_and_reads_the_same_notes(tmp_path: Path, name: str) -> None:
    write_score(SONG, tmp_path / name)
    again = read_score(tmp_path / name)
    assert again.title == "月"
    assert (
        again.parts[0].notes[["start", "duration", "pitch"]].tolist() == NOTES[["start", "duration", "pitch"]].tolist()
    )
    assert [s.text for s in again.parts[0].syllables] == ["月"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_content_decides_when_the_extension_lies(tmp_path: Path) -> None:
    write_score(SONG, tmp_path / "song.mid")
    (tmp_path / "song.mid").rename(tmp_path / "song.abc")
    assert read_score(tmp_path / "song.abc").note_count == 2


def test_an_unknown_extension_lists_the_formats(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"\.abc.*\.mid"):
        write_score(SONG, tmp_path / "song.sib")
    (tmp_path / "song.sib").write_bytes(b"?")
    with pytest.raises(UnknownNameError, match=r"\.abc.*\.mid"):
        read_score(tmp_path / "song.sib")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "song.mid").write_bytes(b"MThd")
    with pytest.raises(FormatError, match=r"song\.mid: the MIDI file is damaged"):
        read_score(tmp_path / "song.mid")
    (tmp_path / "empty.mid").write_bytes(b"")
    with pytest.raises(FormatError, match=r"'empty\.mid' is empty"):
        read_score(tmp_path / "empty.mid")


def test_missing_files_folders_and_giants_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no"):
        read_score(tmp_path / "no.mid")
    with pytest.raises(InputError, match="is a folder"):
        read_score(tmp_path)
    with open(tmp_path / "big.mid", "wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(LimitError, match="16 MB"):
        read_score(tmp_path / "big.mid")


def test_a_failing_writer_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "song.mid"
    target.write_bytes(b"old")

    def fill() -> None:
        with atomic_path(target) as temporary:
            temporary.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="the disk is full"):
        fill()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_cancelled_writer_leaves_nothing_either(tmp_path: Path) -> None:
    def cancel() -> None:
        with atomic_path(tmp_path / "song.wav") as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cancel()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_sentence() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(OutputError, match=r"'/dev/full/song\.mid' can't be written"):
        atomic_write("/dev/full/song.mid", b"x")


@pytest.mark.parametrize("place", ["missing/song.mid", "file/song.mid", "folder"])
def test_places_that_cannot_be_written_are_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError, match="can't be written"):
        atomic_write(tmp_path / place, b"x")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_is_made_unless_a_file_is_in_its_way(tmp_path: Path) -> None:
    assert make_folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="there is a file"):
        make_folder(tmp_path / "file")
    with pytest.raises(OutputError, match="can't be written"):
        make_folder(tmp_path / "file" / "b")


def damaged(**changes: Any) -> bytes:
    return json.dumps(score_to_dict(SONG) | changes).encode()


def damaged_part(**changes: Any) -> bytes:
    data = score_to_dict(SONG)
    data["parts"][0] |= changes
    return json.dumps(data).encode()


def damaged_notes(**changes: Any) -> bytes:
    data = score_to_dict(SONG)
    data["parts"][0]["notes"] |= changes
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "isn't JSON"),
        (b"[" * 100_000, "isn't JSON"),
        (b"[]", "no object"),
        (b"{}", "its format is None"),
        (damaged(meters=[[0, 0, 4]]), "time signature of 0/4"),
        (damaged(meters=[[0, 4, 0]]), "time signature of 4/0"),
        (damaged(meters=[[0, 4, 4], [0, 3, 4]]), "order of time"),
        (damaged(meters=[]), "meters"),
        (damaged(tempos=[[0, float("nan")]]), "tempo of nan"),
        (damaged(tempos=[[0, 0]]), "tempo of 0"),
        (damaged(keys=[[0, 9, "major"]]), "key signature 9"),
        (damaged(pickup=96), "pick-up"),
        (damaged(length=-1), "length"),
        (damaged(chords=[[0, -4, "C"]]), "lasts -4 ticks"),
        (damaged(parts=None), "can't be read"),
        (damaged_part(role="lead"), "role 'lead'"),
        (damaged_part(program=128), "program of 128"),
        (damaged_part(syllables=[[9, "a", "single", 1, False]]), "syllable without a note"),
        (damaged_notes(pitch=[60, 200]), "pitches"),
        (damaged_notes(velocity=[0, 80]), "velocities"),
        (damaged_notes(start=[-1, 0]), "outside of its time"),
        (damaged_notes(duration=[2**40, 1]), "can't be read"),
        (damaged_notes(id=[1, 1]), "same id"),
        (damaged_notes(id=[1, 2, 3]), "can't be read"),
    ],
)
def test_json_that_makes_no_sense_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        score_from_json(data)
    assert "\n" not in str(caught.value)


def test_a_score_beyond_the_time_limit_is_refused() -> None:
    with pytest.raises(LimitError, match="quarter notes"):
        score_from_json(score_to_json(replace(SONG, length=10**7)))
