"""The run that makes the engine vae: bars from pieces, phrases from bars, weights that decode without torch."""

import json

import numpy as np
import pytest
import torch
from tests.training.phrase_pieces import piece, pieces

from yuefu.engines.phrase_space import PhraseSpace
from yuefu.tokens.phrases import HELD, SILENT, STRUCK
from yuefu.training.phrase_bank import Bank, bank_of
from yuefu.training.phrase_task import PhraseTable, PhraseTask, mixed_lanes, phrases_at, rewritten
from yuefu.training.phrase_ways import calibrated, phrase_at
from yuefu.training.supervised import Evaluated, LoopTable, Stopped, fit
from yuefu.training.vae import VaeConfig, fold_task, run_vae

SMALL = PhraseTable(latent=4, width=16, batch=2, dropout=0.0)
LOOP = LoopTable(steps=2, evaluate_every=1, checkpoint_every=1, warmup=0)


@pytest.fixture
def config() -> VaeConfig:
    return VaeConfig(kind="vae", sets=("pop909", "groove"), held=2, loop=LOOP, drum_loop=LOOP, lines=SMALL, drums=SMALL)


@pytest.fixture
def bank() -> Bank:
    return bank_of(pieces(), ("melody", "bass"), 10_000, 1)


def test_a_bank_keeps_pieces_apart_and_comes_back_from_its_file(bank, tmp_path):
    """Phrases lie within one row of one piece, and what is saved is what is loaded."""
    starts = bank.starts(4)
    for offset in range(4):
        for name in ("run", "row", "work", "meter", "split"):
            values = getattr(bank, name)
            assert np.array_equal(values[starts + offset], values[starts])
    assert len(bank.starts(4, apart=True)) == len(bank.run) // 4
    bank.save(tmp_path / "bank.npz")
    again = Bank.load(tmp_path / "bank.npz")
    assert np.array_equal(again.steps, bank.steps)
    assert again.sets == bank.sets


def test_no_set_gives_more_bars_than_asked():
    """Whole pieces are kept until a set's row has enough; held-out splits keep all."""
    few = bank_of([piece(n, "train") for n in range(0, 12, 2)], ("melody",), 20, 1)
    assert len(few.run) == 32


def test_drums_come_back_from_their_file(tmp_path):
    drums = bank_of(pieces(), ("drums",), 10_000, 1)
    drums.save(tmp_path / "drums.npz")
    assert np.array_equal(Bank.load(tmp_path / "drums.npz").steps, drums.steps)


def test_what_came_before_each_step_is_told(bank):
    """The predecessor of a step is the step before it, across bar lines too, and what sounded then."""
    starts = bank.starts(4)[:6]
    phrases = phrases_at(bank, starts, 4)
    for number, length in enumerate(phrases.length.tolist()):
        flat = phrases.steps[number, :, :length].reshape(-1)
        earlier = phrases.earlier[number, :, :length].reshape(-1)
        assert np.array_equal(earlier[1:], flat[:-1])
        heard = phrases.heard[number, :, :length].reshape(-1)
        assert np.array_equal(phrases.earlier_heard[number, :, :length].reshape(-1)[1:], heard[:-1])
        assert ((heard == 0) == (flat == SILENT)).all()
        assert (flat[0] != HELD).all()


def test_a_step_follows_from_its_number_and_octaves_move_whole_phrases(bank):
    own = {bars: bank.starts(bars, "train") for bars in (2, 4)}
    held = {bars: bank.starts(bars, "valid", apart=True)[:2] for bars in (2, 4)}
    task = PhraseTask(bank, own, held, SMALL, 3)
    assert np.array_equal(task.batch(5).steps, task.batch(5).steps)
    up = np.full(4, 12)
    plain, moved = (phrases_at(bank, own[4][:4], 4, by) for by in (None, up))
    struck = plain.steps >= STRUCK
    assert np.array_equal(moved.steps[struck], plain.steps[struck] + 12)
    assert np.array_equal(moved.steps[~struck], plain.steps[~struck])


def test_a_phrase_can_be_learnt_by_heart(bank):
    """Some steps on two phrases bring them back note for note from their points: encoder, layout and writer fit."""
    starts = bank.starts(2, "train")[[0, 20]]
    table = PhraseTable(latent=8, width=32, batch=4, short=1.0, beta=0.0, hide=0.3, hide_chords=0, octave=0, dropout=0)
    task = PhraseTask(bank, {2: starts, 4: starts}, {2: starts}, table, 1)
    torch.manual_seed(1)
    model = task.build()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(160):
        task.losses(model, step)["loss"].backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    phrases = phrases_at(bank, starts, 2)
    found = rewritten(model, phrases, drums=False)
    assert (found == phrases.steps)[phrases.mask].mean() > 0.95


def test_a_run_writes_weights_that_work_without_torch(config, tmp_path, monkeypatch):
    """Two steps each, then vae.npz and vae.json; the runtime decodes as torch does, and a second run stands."""
    monkeypatch.setattr("yuefu.training.vae.load_pieces", lambda *_: pieces())
    events = list(run_vae(config, tmp_path, tmp_path / "run"))
    assert [part for part, event in events if isinstance(event, Stopped)] == ["lines", "drums"]
    assert all(np.isfinite(e.measures["loss"]) for _, e in events if isinstance(e, Evaluated))
    facts = json.loads((tmp_path / "run" / "vae.json").read_text("utf-8"))
    assert facts["parameters"] > 0
    assert facts["bytes"] == (tmp_path / "run" / "vae.npz").stat().st_size
    assert {each["name"] for each in facts["sets"]} == {"pop909", "groove"}
    assert set(facts["measured"]["lines"]) >= {"pitch", "onset_f1", "nats", "latent"}
    space = PhraseSpace(tmp_path / "run")
    bank = Bank.load(tmp_path / "run" / "lines.npz")
    task = PhraseTask(bank, {}, {}, SMALL, 1)
    model = task.build()
    model.load_state_dict(torch.load(tmp_path / "run" / "lines" / "best.pt", weights_only=True))
    model.eval()
    start = bank.starts(4, "test")[:1]
    phrase = phrase_at(bank, int(start[0]), 4)
    ours = space.decode(space.encode(phrase)[None], phrase).steps[0]
    theirs = rewritten(model, phrases_at(bank, start, 4), drums=False)[0][:, : ours.shape[1]]
    assert (ours == theirs).mean() > 0.9  # float16 weights, and nothing is held where nothing sounds
    assert next(iter(run_vae(config, tmp_path, tmp_path / "run")))[1] == Stopped(2, "steps")


def test_folds_keep_works_together(bank, config):
    """What a fold is measured on shares no work with what it learns from, and test is left alone."""
    folded = config.model_copy(update={"folds": 2})
    seen: set[int] = set()
    for fold in range(2):
        task = fold_task(bank, SMALL, folded, fold)
        held = set(bank.work[np.concatenate(list(task.held.values()))].tolist())
        own = {int(bank.work[s]) for group in task._drawn[4] for s in group[1]}
        assert held
        assert not held & own
        assert not {bank.split[s] for group in task._drawn[4] for s in group[1]} & {2}
        seen |= held
    assert len(seen) > 4


def test_ways_are_set_right_by_what_they_do():
    """Where asking for one attribute moves another, the mixture that moves it alone is found."""
    table = np.array([[0.5, 0.25], [0.0, 0.5]])
    ways = np.eye(2)
    right = calibrated(ways, table).astype(float)
    assert np.allclose(right @ table, np.eye(2), atol=0.45)
    assert abs((right @ table)[0, 1]) < 0.1


def test_learning_stops_without_a_gain(bank, tmp_path):
    """The loop's early stopping works on phrases too."""
    starts = {bars: bank.starts(bars, "train") for bars in (2, 4)}
    held = {4: bank.starts(4, "valid", apart=True)[:2]}
    loop = LoopTable(steps=50, evaluate_every=1, checkpoint_every=50, patience=1, rate=1e-9, warmup=0)
    last = list(fit(PhraseTask(bank, starts, held, SMALL, 1), loop, tmp_path))[-1]
    assert isinstance(last, Stopped)


def test_mixed_drums_are_whole_lanes_of_phrases_that_there_are():
    """Without mixing every lane is itself; else a lane is one of its group's, from a phrase of the batch, or silent."""
    rng = np.random.default_rng(1)
    whose, which = mixed_lanes(5, 0.0, rng)
    assert (which == np.arange(27)).all()
    assert (whose == np.arange(5)[:, None]).all()
    whose, which = mixed_lanes(60, 1.0, rng)
    assert set(which[:, 7].tolist()) <= {7, 8, 9, -1}
    assert (which[:, 0] <= 0).all()
    assert (which < 0).any()
    assert (whose != np.arange(60)[:, None]).any()
    drums = bank_of(pieces(), ("drums",), 10_000, 1)
    starts = drums.starts(4)[:60]
    plain, mixed = phrases_at(drums, starts, 4), phrases_at(drums, starts, 4, None, (whose, which))
    for number, lane in ((3, 4), (17, 4), (40, 6), (59, 0)):
        source, place = whose[number, lane], which[number, lane]
        wanted = plain.steps[source, :, :, place] if place >= 0 else np.zeros((4, 16), dtype=bool)
        assert np.array_equal(mixed.steps[number, :, :, lane], wanted)
