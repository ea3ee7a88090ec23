"""Drummers' takes."""

from pathlib import Path

import mido
import pytest

from yuefu.corpus.readers import groove
from yuefu.errors import FormatError

HEADER = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split"


def write_take(path: Path, hits: list[tuple[float, int, int]]) -> None:
    """hits: (quarters, pad, velocity)."""
    track = mido.MidiTrack()
    now = 0
    for quarters, pad, velocity in sorted(hits):
        tick = max(now, round(quarters * 480))
        track.append(mido.Message("note_on", channel=9, note=pad, velocity=velocity, time=tick - now))
        track.append(mido.Message("note_off", channel=9, note=pad, time=5))
        now = tick + 5
    path.parent.mkdir(parents=True, exist_ok=True)
    book = mido.MidiFile(ticks_per_beat=480)
    book.tracks.append(track)
    book.save(path)


def test_pads_become_general_midi_and_loudness_stays(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    write_take(path, [(0, 36, 100), (0.5, 22, 60), (1, 40, 111), (1.5, 26, 70), (2, 36, 90)])
    score = groove.read_take(path, 120)
    notes = score.part("drums").notes
    assert notes["pitch"].tolist() == [36, 42, 38, 46, 36]
    assert notes["velocity"].tolist() == [100, 60, 111, 70, 90]
    assert notes["start"].tolist() == [0, 12, 24, 36, 48]


def test_a_drummer_ahead_of_the_click_is_set_right(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    write_take(path, [(4 + k / 4 - 0.03, 42, 80) for k in range(64)])
    score = groove.read_take(path, 100)
    assert score.part("drums").notes["start"].tolist() == [6 * k for k in range(64)]


def test_a_shuffle_is_written_in_triplets(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    write_take(path, [(k + offset, 51, 80) for k in range(16) for offset in (0, 0.33, 0.665)])
    assert set(groove.read_take(path, 100).part("drums").notes["start"] % 24) == {0, 8, 16}


def test_two_hits_of_one_drum_on_one_place_are_the_louder(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    write_take(path, [(0, 38, 40), (0.02, 38, 99), (1, 36, 80)])
    assert groove.read_take(path, 100).part("drums").notes["velocity"].tolist() == [99, 80]


def test_the_table_gives_style_split_and_metre(tmp_path: Path) -> None:
    rows = [
        "drummer1,drummer1/s,drummer1/s/1,funk/groove1,138,beat,4-4,a.mid,,2,test",
        "drummer1,drummer1/s,drummer1/s/2,afrocuban/bembe,110,fill,6-8,b.mid,,2,validation",
    ]
    (tmp_path / "info.csv").write_text("\n".join([HEADER, *rows]))
    write_take(tmp_path / "b.mid", [(k / 2, 36, 80) for k in range(6)])
    items = list(groove.read(tmp_path))
    assert [(item.style, item.split, item.metadata["take"]) for item in items] == [
        ("funk", "test", "beat"),
        ("afro", "valid", "fill"),
    ]
    score = items[1].load(*items[1].args)
    assert (score.tempos[0].bpm, score.meters[0].bar_ticks, len(score.bars)) == (110.0, 72, 1)


def test_a_file_that_is_no_midi_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.mid").write_bytes(b"nothing")
    with pytest.raises(FormatError, match=r"x\.mid"):
        groove.read_take(tmp_path / "x.mid", 120)
