"""Learning styles from sound: excerpts are what they should be, and a tiny run ends in weights that hear recordings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
from tests.corpus.tunes import line, song

from yuefu.audio.excerpts import cut, play
from yuefu.audio.features.read import RATE
from yuefu.audio.files import write_audio
from yuefu.audio.fluidsynth import Synth
from yuefu.cli.main import run
from yuefu.corpus.store import set_path, to_line, write_lines
from yuefu.errors import InputError
from yuefu.recognition.sound import GROUPS, STRETCHES, SoundStyles, explain_sound
from yuefu.recognition.sound_windows import BANDS, FRAMES, SECONDS, picture_of, sound_windows
from yuefu.score.model import MeterChange, Part, Score, make_notes
from yuefu.score.performed import as_written
from yuefu.training.sounds import LEARNT, MEASURED, Source, Studio, excerpt, instrumented, looped

FONT = Path(pretty_midi.__file__).parent / "TimGM6mb.sf2"


def drums(seed: int) -> Score:
    """Eight bars of rock."""
    rng = np.random.default_rng(seed)
    hits = [(n, n * 12, 6, int(rng.choice([42, 46])) if n % 2 else (36, 38)[n // 2 % 2], 100) for n in range(64)]
    return Score(parts=(Part("d", "", "drums", notes=make_notes(hits)),))


def jig(seed: int) -> Score:
    """Eighths in 6/8, sixteen bars."""
    pitches = [int(p) for p in np.random.default_rng(seed).choice([67, 69, 71, 74, 76, 79], 96)]
    return Score(parts=(Part("p", "", notes=line(pitches, 12)),), meters=(MeterChange(0, 6, 8),))


def test_a_cut_begins_and_ends_where_it_should() -> None:
    """Bars 3 and 4 of eight have their own notes, from tick 0, and end at the bar line."""
    whole = song(0, 8)
    part = cut(whole, 192, 384)
    assert part.end_tick == 192
    voice = whole.parts[0].notes
    inside = voice[(voice["start"] >= 192) & (voice["start"] < 384)]
    assert part.parts[0].notes["pitch"].tolist() == inside["pitch"].tolist()
    assert part.parts[0].notes["start"].tolist() == (inside["start"] - 192).tolist()
    assert max(int((p.notes["start"] + p.notes["duration"]).max()) for p in part.parts) <= 192


def test_one_synthesiser_plays_all_parts_and_forgets_the_last_piece() -> None:
    """The same excerpt twice gives the same sound, also with another between; a silent part changes nothing."""
    with Synth(FONT, RATE) as synth:
        one = play(synth, as_written(song(1, 4)), RATE, 3.0)
        play(synth, as_written(drums(1)), RATE, 3.0)
        again = play(synth, as_written(song(1, 4)), RATE, 3.0)
    assert len(one) == 3 * RATE
    assert np.abs(one).max() > 0.01
    assert np.abs(one - again).max() < 0.05 * np.abs(one).max()


def test_excerpts_have_notes_and_short_pieces_are_repeated() -> None:
    """An excerpt lasts about as long as a window; a piece of some seconds is heard again until it does."""
    short = looped(song(0, 2))
    assert short.duration >= SECONDS
    found = excerpt(song(0, 32), np.random.default_rng(0))
    assert found is not None
    assert SECONDS <= found.duration < SECONDS + 1
    assert excerpt(Score(parts=(Part("p", ""),), length=96), np.random.default_rng(0)) is None


def test_instruments_and_tempo_are_drawn_by_style() -> None:
    """Jigs are played by more than one instrument, within the tempo of jigs; drums stay drums."""
    drawn = [instrumented(jig(0), "jig", np.random.default_rng(seed)) for seed in range(30)]
    assert len({score.parts[0].program for score in drawn}) > 4
    assert all(140 <= score.tempos[0].bpm <= 195 for score in drawn)
    kit = instrumented(drums(0), "drums_rock", np.random.default_rng(0)).parts[0]
    assert kit.is_drums
    assert np.array_equal(kit.notes, drums(0).parts[0].notes)


def test_windows_of_a_recording_leave_out_silence() -> None:
    """Sound between two silences is windowed alone; silence has no windows; a short sound is repeated."""
    tone = 0.3 * np.sin(np.arange(30 * RATE) * 0.05)
    padded = np.concatenate([np.zeros(2 * RATE), tone, np.zeros(3 * RATE)])
    starts, pictures = sound_windows(padded)
    assert pictures.shape == (len(starts), BANDS, FRAMES)
    assert starts[0] == pytest.approx(2.0, abs=0.1)
    assert starts[-1] + SECONDS == pytest.approx(32.0, abs=0.2)
    assert sound_windows(np.zeros(1000))[0] == []
    assert picture_of(tone[: 2 * RATE]).shape == (BANDS, FRAMES)


@pytest.mark.slow
def test_all_kinds_of_pictures_are_made_and_differ() -> None:
    """Clean, changed, noisy and other soundfonts' pictures of a piece are there, finite and not the same."""
    with Studio([FONT, FONT, FONT]) as studio:
        found = studio.pictures(Source("a-1", "jig", ("a",), jig(1)), 1)
    assert set(found) == {*LEARNT, *MEASURED}
    assert all(picture.shape == (BANDS, FRAMES) and np.isfinite(picture).all() for picture in found.values())
    assert not np.array_equal(found["clean"], found["noise10"])
    assert np.median(found["noise10"]) > np.median(found["noise20"])
    with pytest.raises(InputError, match="soundfonts"):
        Studio([FONT])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a toy corpus of jigs and drums, played with one soundfont three times."""
    place = tmp_path_factory.mktemp("sounds")
    fonts = json.dumps([str(FONT)] * 3)
    (place / "tiny.toml").write_text(
        f'kind = "sounds"\nfonts = {fonts}\neach = 10\nfolds = 2\nprecision = 0.8\n'
        "[loop]\nsteps = 48\nevaluate_every = 16\ncheckpoint_every = 8\nwarmup = 2\nrate = 5e-3\n"
        "[network]\nwidth = 4\nbatch = 8\ndropout = 0.1\n"
    )
    for name, make, facts in (
        ("cre_irish", jig, {"rhythm": "jig"}),
        ("drum_patterns", drums, {"style": "rock"}),
    ):
        pieces = [
            replace(make(n), metadata={"set": name, "work": str(n), "split": "train", **facts}) for n in range(10)
        ]
        write_lines(set_path(place / "corpus", name), [to_line(piece) for piece in pieces])
    assert run(["train", str(place / "tiny.toml"), "--data", str(place / "corpus"), "--run", str(place / "run")]) == 0
    return place


@pytest.mark.slow
def test_a_tiny_run_learns_to_hear(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """New jigs and drums are told apart from sound; figures for noise and the other soundfont are kept; the command
    hears a WAV file and draws what it goes by."""
    facts = json.loads((trained / "run" / "sounds.json").read_text())
    assert {f"{kind}_accuracy" for kind in MEASURED} <= set(facts["measured"])
    network = SoundStyles(trained / "run")
    right = 0
    with Synth(FONT, RATE) as synth:
        for seed in range(100, 104):
            for make, key in ((jig, "jig"), (drums, "drums_rock")):
                signal = play(synth, as_written(make(seed)), RATE, SECONDS)
                right += network.of_signal(signal / np.abs(signal).max() * 0.5).label.key == key
    assert right >= 7
    found = explain_sound(network, signal, "drums_rock")
    assert found.cells.shape == (1, GROUPS, STRETCHES)
    assert np.abs(found.cells).max() > 0
    write_audio(tmp_path / "take.wav", np.column_stack([signal, signal]), RATE)
    given = [
        "style",
        str(tmp_path / "take.wav"),
        "--model",
        str(trained / "run"),
        "--picture",
        str(tmp_path / "why.png"),
    ]
    assert run([*given, "--language", "zh"]) == 0
    assert "摇滚鼓" in capsys.readouterr().out
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_pictures_are_not_made_twice(trained: Path) -> None:
    """A picture that is there stays, byte for byte, when the run goes on."""
    path = sorted((trained / "run" / "pictures").glob("cre_irish-*.npz"))[0]
    before = path.stat().st_mtime_ns
    assert (
        run(["train", str(trained / "tiny.toml"), "--data", str(trained / "corpus"), "--run", str(trained / "run")])
        == 0
    )
    assert path.stat().st_mtime_ns == before
