"""Textures: phrases from pieces, two players that learn, a run that resumes and leaves what the runtime needs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from yuefu.engines.texture import BARS, CHANNELS, DRUM_NAMES, KEYS, ROWS, STEPS
from yuefu.engines.texture_measures import energy_distance
from yuefu.engines.texture_wish import DRUM_GROUPS
from yuefu.theory.chord import Chord
from yuefu.tokens.grid import GridBar, chord_tokens
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.gan import GanConfig, GanTable, GanTask, fold_of, shown_of
from yuefu.training.pieces import Piece
from yuefu.training.supervised import Evaluated, LoopTable, fit
from yuefu.training.textures import Phrases, densities, fills_of, phrases_of

TABLE = GanTable(batch=16, width=16, critic=32, noise=4, bar_noise=2)
LOOP = LoopTable(steps=12, evaluate_every=4, checkpoint_every=4, rate=2e-3, warmup=2, average=0.5, clip=10.0)


def groove(seed: int) -> list[int]:
    """A bar of drums: kick and snare on the beats, hats on quavers, something drawn."""
    v, rng = vocabulary(), np.random.default_rng(seed)
    out: list[int] = []
    for place in range(0, 96, 12):
        hits = {42} | ({36} if place in (0, 48) else set()) | ({38} if place in (24, 72) else set())
        hits |= {36} if rng.random() < 0.3 else set()
        out += [v.position_ids[place], *sorted(v.hit_ids[hit] for hit in hits)]
    return out


def piece(number: int, split: str = "train", bars: int = 8) -> Piece:
    """A band of game music in D: drums, roots in the bass, a chord held by the keys."""
    v = vocabulary()
    cells: dict[str, list[np.ndarray]] = {"drums": [], "bass": [], "keys": [], "chords": []}
    for bar in range(bars):
        root = (2, 7, 9, 2)[bar % 4]
        cells["drums"].append(np.array(groove(number * 100 + bar), dtype=np.int16))
        cells["chords"].append(np.array([v.position_ids[0], *chord_tokens(Chord(root))], dtype=np.int16))
        cells["bass"].append(np.array([v.position_ids[0], v.pitch + 36 + root, v.duration_ids[48]], dtype=np.int16))
        chord = [token for p in (0, 4, 7) for token in (v.pitch + 60 + root + p, v.duration_ids[96])]
        cells["keys"].append(np.array([v.position_ids[0], *chord], dtype=np.int16))
    return Piece(
        "game_freedoom", f"w{number}", split, "game", 120.0, [GridBar("4/4", 96)] * bars, cells, None, [2] * bars,
        ["major"] * bars, {},
    )  # fmt: skip


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return phrases_of([piece(n, "valid" if n % 4 == 3 else "train") for n in range(16)])


def test_phrases_tell_how_a_band_plays_whatever_its_chords(phrases: Phrases) -> None:
    """The bass strikes the root's lane in every bar; held keys are one onset and fifteen held steps."""
    rolls = phrases.rolls(slice(None))
    assert rolls.shape == (len(phrases), BARS, CHANNELS, STEPS)
    assert phrases.rows.all()
    assert (phrases.drums == DRUM_GROUPS.index("game")).all()
    bass = rolls[:, :, len(DRUM_NAMES) : len(DRUM_NAMES) + 11]
    assert bass[:, :, 3, 0].all()
    assert bass.sum() == len(phrases) * BARS
    assert (rolls[:, :, KEYS].sum(axis=(2, 3)) == 3).all()
    assert rolls[:, :, DRUM_NAMES.index("snare"), 4].all()


def test_a_piece_gives_no_phrase_twice() -> None:
    same = piece(1)
    same.cells = {row: own[:4] * 2 for row, own in same.cells.items()}
    assert len(phrases_of([same])) == 1


def test_density_is_a_rank_among_phrases_of_the_style(phrases: Phrases) -> None:
    """The busiest phrase lies near 1, the calmest near 0, and equal ones share the middle."""
    ranks = densities(phrases, phrases)
    order = phrases.onsets[:, 0].argsort()
    assert ranks[order[-1], 0] > 0.8
    assert ranks[order[0], 0] < 0.2
    assert ranks[:, 1] == pytest.approx(0.5)


def test_a_bar_with_more_toms_or_snare_is_a_fill() -> None:
    roll = np.zeros((BARS, CHANNELS, STEPS), dtype=bool)
    roll[:, DRUM_NAMES.index("snare"), [4, 12]] = True
    assert not fills_of(roll).any()
    roll[3, DRUM_NAMES.index("low tom"), [10, 12, 14]] = True
    assert fills_of(roll).tolist() == [False, False, False, True]


def test_what_does_not_play_is_never_shown() -> None:
    rows = np.array([[True, False, False], [False, True, True]])
    shown = shown_of(rows, np.array([0, 1]))
    assert shown[0, 0, : len(DRUM_NAMES)].all()
    assert not shown[0, 0, len(DRUM_NAMES) :].any()
    assert not shown[1, 0, :, 12:].any()


@pytest.mark.parametrize("game", ["relativistic", "wasserstein"])
def test_made_phrases_come_nearer_to_real_ones(phrases: Phrases, tmp_path: Path, game: str) -> None:
    """After some dozens of steps the distance to held-out phrases is a small part of what it was."""
    train, valid = (phrases.taken(np.flatnonzero(phrases.split == split)) for split in (0, 1))
    table = TABLE.model_copy(update={"game": game, "penalty": 10.0 if game == "wasserstein" else 1.0})
    loop = LOOP.model_copy(update={"steps": 90, "evaluate_every": 45, "checkpoint_every": 90, "rate": 5e-3})
    task = GanTask(train, valid, table, 1)
    torch.manual_seed(0)
    before = task.evaluate(task.build().eval())
    looks = [event for event in fit(task, loop, tmp_path) if isinstance(event, Evaluated)]
    for row in ROWS:
        assert looks[-1].measures[f"distance_{row}"] < 0.5 * before[f"distance_{row}"], row


def test_a_run_resumes_to_the_same_players_and_folds_keep_works_whole(phrases: Phrases, tmp_path: Path) -> None:
    train, valid = (phrases.taken(np.flatnonzero(phrases.split == split)) for split in (0, 1))
    list(fit(GanTask(train, valid, TABLE, 1), LOOP, tmp_path / "whole"))
    for event in fit(GanTask(train, valid, TABLE, 1), LOOP, tmp_path / "cut"):
        if getattr(event, "step", 0) == 6:
            break
    list(fit(GanTask(train, valid, TABLE, 1), LOOP, tmp_path / "cut"))
    whole, cut = (
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)["model"] for name in ("whole", "cut")
    )
    assert all(torch.equal(value, cut[name]) for name, value in whole.items())
    fold = fold_of(train, 3, 1)
    assert set(fold) == {0, 1, 2}
    assert all(len(set(fold[train.work == work])) == 1 for work in np.unique(train.work))


def test_a_run_leaves_weights_and_facts(phrases: Phrases, tmp_path: Path) -> None:
    """Folds, then all phrases, then gan.onnx and gan.json with sizes, sets with licences and what was measured."""
    phrases.save(tmp_path / "phrases.npz")
    loop = LOOP.model_copy(update={"steps": 4})
    config = GanConfig(kind="gan", folds=2, loop=loop, network=TABLE)
    parts = {part for part, _ in config.run(tmp_path / "nowhere", tmp_path)}
    assert parts == {"fold-0", "fold-1", "whole"}
    facts = json.loads((tmp_path / "gan.json").read_text("utf-8"))
    assert facts["bytes"] == (tmp_path / "gan.onnx").stat().st_size
    assert {"unlike", "fold_0_unlike", "fold_1_unlike"} <= set(facts["measured"])
    assert all(each["licence"] for each in facts["sets"])
    assert facts["joint"] == ["game"]


def test_distances_tell_alike_from_other(phrases: Phrases) -> None:
    """Two halves of one set are nearer than one of them is to its picture backwards in time."""
    rolls = phrases.rolls(slice(None))
    one, other = rolls[::2], rolls[1::2]
    assert abs(energy_distance(one, other)) < 0.1 < energy_distance(one, other[..., ::-1])
