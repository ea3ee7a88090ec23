"""From a score to finished sound, with the real synthesiser and soundfont."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from sound_pieces import band, level_db

from yuefu.audio.render import render_score, render_with_balance
from yuefu.audio.soundfont import find_soundfont
from yuefu.audio.synth import part_events, render_part, render_stems, seconds_of
from yuefu.errors import FormatError, InputError, LimitError
from yuefu.progress import Progress
from yuefu.score.model import Part, Score, TempoChange, make_notes
from yuefu.score.performed import as_written

SR = 44100


def solo(*notes: tuple[int, int, int], program: int = 0, bpm: float = 120.0, role: str = "melody") -> Score:
    """One part with (start, duration, pitch) notes."""
    rows = [(i + 1, *note, 80) for i, note in enumerate(notes)]
    return Score(parts=(Part("x", "x", role, program, notes=make_notes(rows)),), tempos=(TempoChange(0, bpm),))


def test_a_band_comes_out_at_the_target_without_clipping() -> None:
    """-14 LUFS within half a unit by pyloudnorm's measure, peak at most 0.89, no DC, silent at the end."""
    events: list[Progress] = []
    audio, balance = render_with_balance(band(4), progress=events.append)
    assert audio.dtype == np.float32
    assert pyloudnorm.Meter(SR).integrated_loudness(audio.astype(np.float64)) == pytest.approx(-14, abs=0.5)
    assert np.abs(audio).max() <= 0.89
    assert np.abs(audio.mean(axis=0)).max() < 1e-4
    assert np.abs(audio[-20:]).max() < 1e-3
    assert 8.0 < len(audio) / SR < 8.0 + 7.0
    assert set(balance.loudness) == {part.id for part in band(4).parts}
    assert events[-1].done == events[-1].total


def test_the_same_score_gives_the_same_bytes() -> None:
    """Threads, caches and earlier renderings don't change a sample."""
    score = band(2)
    assert render_score(score).tobytes() == render_score(score).tobytes()


@pytest.mark.parametrize(("program", "role"), [(0, "melody"), (24, "keys"), (73, "melody"), (0, "drums")])
def test_sparse_and_solo_pieces_reach_the_target_too(program: int, role: str) -> None:
    """A few short notes with silence between, in one part."""
    pitch = 38 if role == "drums" else 60
    score = solo((0, 12, pitch), (96, 12, pitch), (192, 12, pitch), program=program, role=role)
    audio = render_score(score)
    assert pyloudnorm.Meter(SR).integrated_loudness(audio.astype(np.float64)) == pytest.approx(-14, abs=0.5)
    assert np.abs(audio).max() <= 0.89


def test_sound_starts_with_its_note() -> None:
    """Frame 0 is tick 0: a note at the second bar's start is heard two seconds in."""
    audio = render_score(solo((96, 48, 72)))
    first = np.argmax(np.abs(audio).max(axis=1) > 0.05) / SR
    assert first == pytest.approx(2.0, abs=0.06)


def test_pitch_is_right() -> None:
    """A flute's A4 has its strongest partial at 440 Hz or an octave of it."""
    score = solo((0, 96, 69), program=73)
    audio = render_part(as_written(score), score.parts[0], find_soundfont(), SR)[SR // 2 : SR * 3 // 2].mean(axis=1)
    peak = np.argmax(np.abs(np.fft.rfft(audio * np.hanning(len(audio))))) * SR / len(audio)
    octaves = math.log2(peak / 440)
    assert abs(octaves - round(octaves)) < 0.02


def test_notes_stop() -> None:
    """An organ holds as long as its key: three seconds after the release all is still."""
    score = solo((0, 24, 60), (0, 48, 60), (12, 24, 60), program=19)
    audio = render_part(as_written(score), score.parts[0], find_soundfont(), SR)
    assert level_db(audio[: SR // 4]) > -60
    assert len(audio) < 5 * SR
    assert np.abs(audio[-200:]).max() < 1e-3


def test_every_press_has_a_release_before_the_next() -> None:
    """Overlapping notes of one pitch can't leave one hanging."""
    score = solo((0, 96, 60), (24, 96, 60), (24, 12, 60), (48, 10, 60), (50, 100, 62))
    held: set[int] = set()
    for _, kind, pitch, _ in part_events(as_written(score), score.parts[0], SR):
        if kind == 2:
            assert pitch not in held
            held.add(pitch)
        else:
            held.discard(pitch)
    assert not held


def test_the_pedal_makes_notes_ring() -> None:
    """With the pedal down a short note still sounds a second later."""
    score = solo((0, 6, 60), (96, 6, 72), bpm=60)
    dry = as_written(score)
    wet = replace(dry, pedals={"x": ((1.0, True), (94.0, False))})
    font = find_soundfont()
    window = slice(SR * 3 // 2, SR * 2)
    levels = [level_db(render_part(played, score.parts[0], font, SR)[window]) for played in (dry, wet)]
    assert levels[1] > levels[0] + 15


def test_tempo_changes_are_followed() -> None:
    """Clock times of ticks by a tempo map agree with the score's own."""
    tempos = (TempoChange(0, 90.0), TempoChange(50, 200.0), TempoChange(120, 33.0))
    score = Score(tempos=tempos)
    ticks = np.array([0.0, 25.5, 50.0, 77.0, 120.0, 500.0])
    assert seconds_of(ticks, tempos) == pytest.approx([score.seconds_at(tick) for tick in ticks])


def test_stems_come_apart() -> None:
    """Every part with notes has its own stem, the silent ones none."""
    score = band(1)
    score = replace(score, parts=(*score.parts, Part("empty", "empty", "counter")))
    sounding = {stem.part.id for stem in render_stems(as_written(score), find_soundfont())}
    assert sounding == {"melody", "keys", "bass", "pad", "drums"}


def test_silence_renders() -> None:
    """An empty score is a second of silence."""
    audio = render_score(Score())
    assert audio.shape == (SR, 2)
    assert not audio.any()


def test_endless_pieces_are_refused() -> None:
    """More than an hour is one clear sentence, before any work is done."""
    with pytest.raises(LimitError, match="minutes"):
        render_score(solo((0, 24, 60), (24 * 20 * 90, 24, 60), bpm=20))


def test_an_odd_rate_is_refused() -> None:
    """Rates are named."""
    with pytest.raises(InputError, match="44100"):
        render_score(band(1), sr=1234)


def test_a_damaged_soundfont_is_one_sentence(tmp_path: Path) -> None:
    """A file with the right head and nothing behind it."""
    bad = tmp_path / "bad.sf2"
    bad.write_bytes(b"RIFF\x10\0\0\0sfbk" + b"\0" * 40)
    with pytest.raises(FormatError, match="damaged"):
        render_score(solo((0, 24, 60)), soundfont=bad)


@pytest.mark.slow
def test_a_whole_song_at_another_rate() -> None:
    """48 kHz, 32 bars, five parts, performed."""
    from yuefu.performance.perform import perform

    score = band(32, bpm=96)
    audio, balance = render_with_balance(score, perform(score, seed=1), 48000)
    assert balance.lufs == pytest.approx(-14, abs=0.5)
    assert 80 < len(audio) / 48000 < 92
