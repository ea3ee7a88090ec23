"""The tool that learns the drum feel."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pytest

from yuefu.errors import FormatError, InputError
from yuefu.performance.drum_feel import BEAT_SLOTS, DRUM_CLASSES, NEAREST_STYLE, feel_for, fold_to_common_time
from yuefu.performance.learn_drum_feel import learn, main
from yuefu.theory.styles import DRUM_STYLES

HEADER = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split\n"


def write_take(folder: Path, name: str, late_ms: float) -> None:
    """A rock beat at 120 with a loud back-beat that lies late."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    events: list[tuple[int, int, int]] = []
    for beat in range(400):
        hard = beat % 2 == 1
        events.append((beat * 480 + (round(late_ms * 0.96) if hard else 0), 38 if hard else 36, 110 if hard else 70))
    at = 0
    for tick, pitch, velocity in events:
        track.append(mido.Message("note_on", channel=9, note=pitch, velocity=velocity, time=tick - at))
        track.append(mido.Message("note_off", channel=9, note=pitch, velocity=0, time=10))
        at = tick + 10
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks.append(track)
    file.save(folder / name)


def test_a_loud_late_back_beat_is_found(tmp_path: Path) -> None:
    """The table says what was played: louder and later on two and four; other splits aren't read."""
    write_take(tmp_path, "a.mid", 16.0)
    rows = "d,s,1,rock,120,beat,4-4,a.mid,,1,train\n" + "d,s,2,rock,120,beat,4-4,missing.mid,,1,test\n"
    (tmp_path / "info.csv").write_text(HEADER + rows)
    data = learn(tmp_path)
    assert data["takes"] == 1
    table = data["styles"]["all"]  # type: ignore[index]
    snare, two = DRUM_CLASSES.index("snare"), len(BEAT_SLOTS)
    kick = DRUM_CLASSES.index("kick")
    assert table["velocity"][snare][two] > table["velocity"][kick][0] + 30
    assert table["offset"][snare][two] - table["offset"][kick][0] == pytest.approx(16, abs=4)


def test_a_wrong_folder_is_refused(tmp_path: Path) -> None:
    """One sentence for a folder without an index, and for one without takes."""
    with pytest.raises(InputError, match=r"info\.csv"):
        learn(tmp_path)
    (tmp_path / "info.csv").write_text(HEADER)
    with pytest.raises(FormatError, match="no 4/4 take"):
        learn(tmp_path)
    with pytest.raises(InputError, match="two paths"):
        main([])


@pytest.mark.parametrize("style", ["all", *DRUM_STYLES])
def test_every_drum_style_has_a_sane_feel(style: str) -> None:
    """Velocities are MIDI's, timing stays within a few hundredths of a second."""
    feel = feel_for(style)
    for table in (feel.velocity, feel.spread, feel.offset, feel.jitter):
        assert table.shape == (len(DRUM_CLASSES), 4 * len(BEAT_SLOTS))
        assert np.isfinite(table).all()
    assert feel.velocity.min() > 5
    assert feel.velocity.max() < 140
    assert np.abs(feel.offset).max() <= 20
    assert feel.spread.min() >= 0


def test_named_styles_are_in_the_table() -> None:
    """No style of the catalogue falls back because its takes have another name."""
    missing = {style for style in NEAREST_STYLE if feel_for(style) is feel_for("all")}
    assert not missing - {"gospel"}  # too few takes


@pytest.mark.parametrize(("numerator", "denominator"), [(4, 4), (3, 4), (6, 8), (12, 8), (7, 8), (5, 4), (2, 2)])
def test_every_metre_folds_onto_a_bar_of_four(numerator: int, denominator: int) -> None:
    """Slots are 0-95 and the bar line is slot 0."""
    ticks = range(numerator * 96 // denominator)
    slots = [fold_to_common_time(tick, numerator, denominator) for tick in ticks]
    assert slots[0] == 0
    assert 0 <= min(slots) <= max(slots) < 96
