"""Learning styles: folds keep works together, doubles are seen, and a tiny run ends in weights that can be used."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.corpus.tunes import line, song, tune

from yuefu.analysis.bar_roll import STATS, bar_roll
from yuefu.cli.main import run
from yuefu.corpus.store import set_path, to_line, write_lines
from yuefu.errors import InputError, UnknownNameError
from yuefu.recognition.explain import LAYERS, explain
from yuefu.recognition.picture import picture_png
from yuefu.recognition.recognizer import StyleRecognizer
from yuefu.recognition.wording import verdict_text
from yuefu.score.files import write_score
from yuefu.score.model import MeterChange, Notes, Part, Score
from yuefu.training.folds import folds_of
from yuefu.training.labelled import splits
from yuefu.training.networks import read_network
from yuefu.training.recognizer import RollTable, RollTask, move_octave
from yuefu.training.rolls import Rolls, rolls_of

CONFIG = """
kind = "styles"
folds = 2
precision = 0.8
[loop]
steps = 30
evaluate_every = 10
checkpoint_every = 10
warmup = 2
rate = 5e-3
[network]
width = 16
batch = 16
dropout = 0.1
"""


def jig(seed: int) -> Score:
    """Eighths in 6/8."""
    pitches = [int(p) for p in np.random.default_rng(seed).choice([60, 62, 64, 67, 69, 72, 74], 96)]
    return Score(parts=(Part("p", "", notes=line(pitches, 12)),), meters=(MeterChange(0, 6, 8),))


def octave_down(notes: Notes) -> Notes:
    """The notes an octave lower."""
    lower = notes.copy()
    lower["pitch"] -= 12
    return lower


def toy(count: int = 24) -> Rolls:
    pieces = [(bar_roll(jig(n)), "jig", [f"a/{n // 2}"], f"a/{n}") for n in range(count)]
    pieces += [(bar_roll(song(n, 16)), "hymn", [f"b/{n // 2}"], f"b/{n}") for n in range(count)]
    return rolls_of(pieces, ["hymn", "jig"])


def test_folds_keep_groups_whole_and_spread_labels() -> None:
    """No group is in two folds, and every fold has about its share of every label."""
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 120, 400)
    labels = (groups * 7) % 4
    fold = folds_of(groups, labels, 5, 3)
    for group in np.unique(groups):
        assert len(set(fold[groups == group].tolist())) == 1
    for label in range(4):
        counts = np.bincount(fold[labels == label], minlength=5)
        assert counts.max() - counts.min() < 0.15 * counts.sum()
    assert np.array_equal(fold, folds_of(groups, labels, 5, 3))


def test_no_work_is_learnt_from_and_measured_with() -> None:
    """Training, validation and test pieces of a fold share no group, and all pieces are tested once."""
    rolls = toy()
    tested: list[int] = []
    for split in splits(rolls.groups, rolls.truth, 3, 1):
        parts = [set(rolls.groups[part].tolist()) for part in (split.train, split.valid, split.test)]
        assert all(one.isdisjoint(other) for one, other in itertools.combinations(parts, 2))
        tested += split.test.tolist()
    assert sorted(tested) == list(range(len(rolls)))


def test_the_same_music_twice_is_one_work_and_under_two_labels_is_left_out() -> None:
    """A piece found again shares its group; found under another label, neither is kept."""
    one, two, three = bar_roll(jig(1)), bar_roll(jig(2)), bar_roll(song(3, 16))
    rolls = rolls_of(
        [(one, "jig", ["a"], "1"), (one, "jig", ["b"], "2"), (two, "jig", ["c"], "3"), (three, "hymn", ["d"], "4"),
         (three, "jig", ["e"], "5")],
        ["hymn", "jig"],
    )  # fmt: skip
    assert rolls.about == ["1", "2", "3"]
    assert rolls.groups[0] == rolls.groups[1] != rolls.groups[2]


def test_rolls_come_back_from_their_file(tmp_path: Path) -> None:
    """Saved and loaded, windows are the same; a window past the end begins again."""
    rolls = toy(4)
    rolls.save(tmp_path / "rolls.npz")
    back = Rolls.load(tmp_path / "rolls.npz")
    roll = bar_roll(jig(2))
    rows, stats = back.window(2, 10)
    assert np.array_equal(rows[:6], roll.rows[10:16])
    assert np.array_equal(rows[6:], roll.rows[:10])
    assert np.allclose(stats[:6], roll.stats[10:16], atol=2e-3)
    assert back.names == rolls.names


def test_a_batch_follows_from_its_step_and_rare_labels_are_drawn_more() -> None:
    """Step 3 gives the same windows again; with balance 0 both labels come equally often."""
    rolls = toy()
    few = np.concatenate([np.flatnonzero(rolls.truth == 0)[:2], np.flatnonzero(rolls.truth == 1)])
    split = replace(splits(rolls.groups, rolls.truth, 3, 1)[0], train=few)
    task = RollTask(rolls, split, RollTable(balance=0.0, batch=32), 1)
    for one, other in zip(task.batch(3)[0], task.batch(3)[0]):
        assert np.array_equal(one, other)
    drawn = np.concatenate([task.batch(step)[1] for step in range(20)])
    assert 0.42 < (drawn == 0).mean() < 0.58


def test_a_window_an_octave_higher_is_the_roll_of_the_music_there() -> None:
    """Moved up and down, pitch classes stay and bands change as they do when the piece itself is moved."""
    low = tune(5, 16)
    moved = replace(low, parts=(low.parts[0].with_notes(octave_down(low.parts[0].notes)),))
    rolls = rolls_of([(bar_roll(low), "jig", ["a"], "1"), (bar_roll(moved), "hymn", ["b"], "2")], ["hymn", "jig"])
    (rows, stats), (wanted, numbers) = rolls.window(0, 0), rolls.window(1, 0)
    move_octave(rows, stats, up=False)
    assert np.array_equal(rows, wanted)
    assert np.allclose(stats[:, STATS.index("pitch")], numbers[:, STATS.index("pitch")], atol=0.01)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the command on a toy corpus of jigs and chorales."""
    place = tmp_path_factory.mktemp("styles")
    (place / "tiny.toml").write_text(CONFIG)
    for name, make, facts in (
        ("cre_irish", jig, {"rhythm": "jig"}),
        ("jsb_chorales", lambda n: song(n, 16), {"style": "chorale"}),
        ("pop909", lambda n: tune(n, 16), {"style": "pop"}),
    ):
        pieces = [
            replace(make(n), metadata={"set": name, "work": str(n), "split": "train", **facts}) for n in range(16)
        ]
        write_lines(set_path(place / "corpus", name), [to_line(piece) for piece in pieces])
    assert run(["train", str(place / "tiny.toml"), "--data", str(place / "corpus"), "--run", str(place / "run")]) == 0
    return place


def test_a_tiny_run_learns_and_its_weights_judge_new_pieces(trained: Path) -> None:
    """Both folds tell jigs from the rest; the finished weights tell jigs and chorales that weren't learnt."""
    facts = json.loads((trained / "run" / "styles.json").read_text())
    assert facts["measured"]["accuracy"] > 0.8
    assert facts["measured"]["pieces"] == 48
    recognizer = StyleRecognizer(trained / "run")
    told = [recognizer(jig(seed)).label.key for seed in range(100, 106)]
    assert told.count("jig") >= 5
    assert [recognizer(song(seed, 16)).label.key for seed in range(100, 106)].count("chorale") >= 5
    verdict = recognizer(jig(100))
    assert sum(share for _, share in verdict.shares) == pytest.approx(1.0, abs=1e-6)
    assert (trained / "run" / "fold-0" / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_finished_run_is_not_done_again(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Started again, nothing is trained and the weights stay as they are."""
    before = (trained / "run" / "styles.onnx").read_bytes()
    assert (
        run(["train", str(trained / "tiny.toml"), "--data", str(trained / "corpus"), "--run", str(trained / "run")])
        == 0
    )
    assert "held out" not in capsys.readouterr().out
    assert (trained / "run" / "styles.onnx").read_bytes() == before


def test_verdicts_explain_themselves(trained: Path) -> None:
    """Every bar has an effect, empty layers have none, kinds of numbers are told, and the picture is a PNG."""
    recognizer = StyleRecognizer(trained / "run")
    roll = bar_roll(jig(50))
    verdict = recognizer.of_roll(roll)
    found = explain(recognizer, roll, verdict.label.key)
    assert found.bars.shape == (len(roll),)
    assert not np.isnan(found.bars).any()
    assert np.abs(found.bars).max() > 0
    assert np.isnan(found.cells[LAYERS.index("drums")]).all()
    assert set(found.kinds) >= {"metre", "rhythm", "tune"}
    assert "loudness" not in found.kinds
    assert picture_png(roll, verdict, found, "zh").startswith(b"\x89PNG")
    assert "%" in verdict_text(verdict, found, "en")


def test_the_command_tells_a_style_in_both_languages(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text, JSON and a picture come from the weights that are named."""
    write_score(jig(77), tmp_path / "tune.mid")
    given = ["style", str(tmp_path / "tune.mid"), "--model", str(trained / "run")]
    assert run([*given, "--language", "zh"]) == 0
    assert "吉格" in capsys.readouterr().out
    assert run([*given, "--json", "--picture", str(tmp_path / "why.png"), "--language", "en"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["likely"][0]["style"] == "jig"
    assert len(told["because"]["bars"]) == 16
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")


def test_settings_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    """An unknown kind lists the known ones, a wrong value names its place."""
    (tmp_path / "a.toml").write_text('kind = "stlyes"')
    with pytest.raises(UnknownNameError, match="styles"):
        read_network(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_text('kind = "styles"\n[network]\ndropout = 2')
    with pytest.raises(InputError, match=r"network\.dropout"):
        read_network(tmp_path / "b.toml")
