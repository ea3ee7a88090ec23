"""Runs that make the smaller engines: they learn, go on exactly, measure, and leave what the runtime needs."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from tests.training.phrase_pieces import pieces

from yuefu.engines.lstm import LstmRuntime
from yuefu.engines.lstm_inputs import ROWS, fact_sizes, sequence_inputs
from yuefu.engines.markov import Grams
from yuefu.models.lstm import LstmConfig, LstmModel, lstm_onnx
from yuefu.tokens.sequence import Cover
from yuefu.training import lstm, markov
from yuefu.training.config import DataTable
from yuefu.training.engine_samples import held_out
from yuefu.training.lstm import LstmRunConfig, LstmTask, sample_nats, work_folds
from yuefu.training.markov import MarkovConfig
from yuefu.training.samples import labelled_ids
from yuefu.training.supervised import Evaluated, LoopTable

DATA = DataTable(weights={"pop909": 1.0, "groove": 1.0}, batch_tokens=300, windows={2: 1.0}, max_tokens=900)
NETWORK = {"width": 16, "hidden": 24, "dropout": 0.0}
LOOP = LoopTable(steps=16, evaluate_every=8, checkpoint_every=4, rate=2e-2, warmup=2)


def lstm_config(**changes) -> LstmRunConfig:
    told = {"kind": "lstm", "data": DATA, "network": NETWORK, "loop": LOOP, "held_out_samples": 4, "folds": 2,
            "fold_steps": 8}  # fmt: skip
    return LstmRunConfig(**{**told, **changes})


@pytest.fixture(autouse=True)
def _made_up_pieces(monkeypatch):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # steps this small only wait for each other
    for module in (lstm, markov):
        monkeypatch.setattr(module, "load_pieces", lambda *_: pieces())
    yield
    torch.set_num_threads(threads)


def test_the_recurrent_run_learns_and_leaves_weights_facts_and_folds(tmp_path):
    """Held-out nats fall; the files hold what the engine and its table need; sequences score in both runtimes alike."""
    events = [event for _, event in lstm_config().run(tmp_path, tmp_path) if isinstance(event, Evaluated)]
    assert events[1].measures["loss"] < events[0].measures["loss"] < 6
    facts = json.loads((tmp_path / "lstm.json").read_text("utf-8"))
    assert facts["bytes"] == (tmp_path / "lstm.onnx").stat().st_size
    assert facts["measured"]["folds"]["folds"] == 2
    assert {entry["name"] for entry in facts["sets"]} == {"pop909", "groove"}
    task = LstmTask(pieces()[:10], pieces()[10:14], lstm_config())
    model = task.build()
    model.load_state_dict(torch.load(tmp_path / "whole" / "best.pt", weights_only=True))
    ids, rows = labelled_ids(task.valid[0])
    session, told, nats = LstmRuntime(tmp_path / "lstm.onnx").session(), 0, []
    for at, row in enumerate(rows):
        if row:
            session.append(ids[told:at])
            told = at
            logits = session.logits().astype(np.float64)
            nats.append(np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[ids[at]])
    assert np.mean(nats) == pytest.approx(sample_nats(model.eval(), task.valid[:1])["all"], abs=0.01)


def test_a_recurrent_run_goes_on_as_if_never_stopped(tmp_path):
    whole = [e.measures for _, e in lstm_config(folds=0).run(tmp_path, tmp_path / "a") if isinstance(e, Evaluated)]
    for number, _ in enumerate(lstm_config(folds=0).run(tmp_path, tmp_path / "b")):
        if number == 6:
            break
    parts = [e.measures for _, e in lstm_config(folds=0).run(tmp_path, tmp_path / "b") if isinstance(e, Evaluated)]
    assert parts[-1] == pytest.approx(whole[-1])


def test_folds_keep_works_together_and_hold_each_piece_once():
    seen = []
    for train, held in work_folds(pieces(), 3, 1):
        assert not {p.work for p in train} & {p.work for p in held}
        seen += [p.work for p in held]
    assert sorted(seen) == sorted(p.work for p in pieces())


def test_samples_write_known_rows_alone():
    """Cells of other rows that were to be written are absent, those that were given stay."""
    for sample in held_out(pieces(), DATA, ("drums",), 12):
        filled = (sample.mask == Cover.FILL).any(axis=0)
        assert [bool(each) for each in filled] == [False] * 7 + [True]


def test_the_exported_network_is_the_trained_one():
    """onnxruntime's logits after any number of steps are torch's."""
    import onnxruntime

    torch.manual_seed(0)
    model = LstmModel(LstmConfig(tuple(fact_sizes()), width=16, hidden=24)).eval()
    ids, _ = labelled_ids(held_out(pieces(), DATA, ROWS, 1)[0])
    tokens, facts, _ = sequence_inputs(ids[:60])
    told = model.logits(torch.from_numpy(tokens)[None], torch.from_numpy(facts)[None], torch.ones(1, len(tokens)))
    session = onnxruntime.InferenceSession(lstm_onnx(model))
    h = c = np.zeros(24, dtype=np.float32)
    for first, last in ((0, 1), (1, 7), (7, len(tokens))):
        logits, h, c = session.run(None, {"tokens": tokens[first:last], "facts": facts[first:last], "h": h, "c": c})
        assert np.abs(logits - told[last - 1].detach().numpy()).max() < 0.01


def test_the_counting_run_gets_better_with_counts_and_keeps_its_best_order(tmp_path):
    settings = MarkovConfig(
        kind="markov", steps=6, each=6, evaluate_every=3, held_out_samples=6, least=2, pairs=1, orders=(1, 3), data=DATA
    )
    events = [event for _, event in settings.run(tmp_path, tmp_path) if isinstance(event, Evaluated)]
    assert events[-1].measures["loss"] <= events[0].measures["loss"]
    assert events[-1].measures["loss"] == min(events[-1].measures[f"order_{order}"] for order in (1, 3))
    facts = json.loads((tmp_path / "markov.json").read_text("utf-8"))
    assert facts["parameters"] == len(Grams.load(tmp_path / "markov.npz").tokens)
    assert facts["measured"]["held_out"]["all"] < np.log(500)
