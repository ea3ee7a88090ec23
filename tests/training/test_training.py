"""Training: samples make sense, one tiny run learns, and a resumed run goes on exactly."""

import math

import numpy as np
import pytest

from yuefu.errors import InputError
from yuefu.score.model import ROWS, ChordSpan, Part, Score, make_notes
from yuefu.theory.chord import Chord
from yuefu.tokens.sequence import Cover, training_ids
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.batches import Sampler
from yuefu.training.config import DataTable, ModelTable, OptimTable, TrainConfig, read_config
from yuefu.training.masking import draw, draw_mask
from yuefu.training.pieces import pack, piece_of, unpack

pytestmark = pytest.mark.train


def score(number, split="train"):
    rng = np.random.default_rng(number)
    tune, bass, drums = [], [], []
    for beat in range(64):
        tune.append((beat + 1, beat * 24, 24, int(rng.choice([60, 62, 64, 67])), 80))
        drums.append((beat + 200, beat * 24, 6, 36 if beat % 2 == 0 else 38, 80))
    for bar in range(16):
        bass.append((bar + 100, bar * 96, 96, 36 + 5 * (bar % 2), 80))
    return Score(
        parts=(
            Part("P1", "tune", "melody", notes=make_notes(tune)),
            Part("P2", "bass", "bass", program=33, notes=make_notes(bass)),
            Part("P3", "kit", "drums", notes=make_notes(drums)),
        ),
        chords=tuple(ChordSpan(bar * 96, 96, Chord(5 * (bar % 2))) for bar in range(16)),
        metadata={"set": "toy", "work": str(number), "split": split, "style": "pop"},
    )


@pytest.fixture(scope="module")
def pieces():
    return [piece_of(score(i, "valid" if i % 4 == 0 else "train")) for i in range(12)]


DATA = DataTable(weights={"toy": 1.0}, batch_tokens=600)


def config(**changes):
    base = {
        "steps": 12, "evaluate_every": 6, "checkpoint_every": 4, "held_out_samples": 4,
        "model": ModelTable(width=32, layers=1, heads=2, inner=64, context=1024), "data": DATA,
        "optim": OptimTable(rate=3e-3, warmup=2),
    }  # fmt: skip
    return TrainConfig(**{**base, **changes})


def test_pieces_survive_packing(pieces, tmp_path):
    """Packed and unpacked pieces are equal, cell by cell."""
    pack(pieces, tmp_path / "toy.pkl")
    back = unpack(tmp_path / "toy.pkl")
    for old, new in zip(pieces, back):
        assert old.bars == new.bars
        for row in old.cells:
            assert all(np.array_equal(a, b) for a, b in zip(old.cells[row], new.cells[row]))


def test_masks_cover_every_task_and_only_present_rows():
    """Drawn often enough, every task comes; rows that aren't there are never filled."""
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(400):
        task, mask = draw_mask(["chords", "melody", "bass", "drums"], 8, rng)
        seen.add(task)
        assert (mask == Cover.FILL).any()
        for absent in ("counter", "inner", "keys", "pad"):
            assert (mask[:, ROWS.index(absent)] == Cover.ABSENT).all()
    assert seen == {"compose", "lead", "melody", "harmonize", "band", "row", "infill", "cells"}


def test_samples_are_key_normalised(pieces):
    """A piece moved to another key gives the same tokens."""
    from yuefu.score.model import transpose

    moved = piece_of(transpose(score(1), 3))
    a = draw(piece_of(score(1)), 8, np.random.default_rng(5))
    b = draw(moved, 8, np.random.default_rng(5))
    assert a is not None
    assert b is not None
    assert training_ids(a.window, a.mask)[0] == training_ids(b.window, b.mask)[0]


def test_a_batch_depends_on_seed_and_step_alone(pieces):
    """Batch n is the same whenever it is asked for; padding has no weight."""
    one, two = Sampler(pieces, DATA, 1), Sampler(pieces, DATA, 1)
    two.batch(3)
    assert np.array_equal(one.batch(7).ids, two.batch(7).ids)
    batch = one.batch(7)
    assert (batch.weights[batch.ids == vocabulary().pad] == 0).all()


def test_batches_waste_little_and_depend_on_the_settings(pieces):
    """Pooled batches keep to their size and are mostly tokens; task shares and octave moves change what is drawn."""
    plain = Sampler(pieces, DATA, 1)
    batches = [plain.batch(step) for step in range(16)]
    assert all(batch.ids.size <= DATA.batch_tokens for batch in batches)
    assert sum(batch.tokens for batch in batches) > 0.85 * sum(batch.ids.size for batch in batches)
    tunes = Sampler(pieces, DATA.model_copy(update={"tasks": {"melody": 1.0}}), 1)
    rng = np.random.default_rng(0)
    assert {tunes.sample(8, rng)[0].task for _ in range(20)} == {"melody"}


def test_octave_moves_keep_the_tune(pieces):
    """A moved window has the same intervals an octave away, the same chords, and stays in range."""
    v = vocabulary()
    for seed in range(12):
        plain = draw(pieces[1], 8, np.random.default_rng(seed), register_share=0.0)
        moved = draw(pieces[1], 8, np.random.default_rng(seed), register_share=1.0)
        if plain is None or moved is None:
            continue
        for row in plain.window.cells:
            for before, after in zip(plain.window.cells[row], moved.window.cells[row]):
                shifts = {int(b) - int(a) for a, b in zip(before, after)}
                pitched = ((before >= v.pitch + 21) & (before <= v.pitch + 108)).any()
                assert shifts <= ({0, 12, -12} if pitched else {0})
    assert any(
        draw(pieces[1], 8, np.random.default_rng(s), register_share=1.0).window.cells["bass"][0].tolist()
        != draw(pieces[1], 8, np.random.default_rng(s)).window.cells["bass"][0].tolist()
        for s in range(6)
    )


def test_a_student_learns_from_a_teacher(pieces, tmp_path):
    """With a teacher in the settings, a student's distributions come nearer to the teacher's than without."""
    import torch

    from yuefu.models.export import load_checkpoint
    from yuefu.training.config import DistillTable
    from yuefu.training.loop import train

    list(train(config(steps=60, evaluate_every=60), pieces, tmp_path / "teacher", device="cpu"))
    teacher, _ = load_checkpoint(tmp_path / "teacher" / "best.pt")
    far = []
    for weight in (0.0, 1.0):
        told = None if not weight else DistillTable(teacher=str(tmp_path / "teacher" / "best.pt"), weight=weight)
        run = tmp_path / f"student{weight}"
        list(train(config(steps=40, evaluate_every=40, seed=3, distill=told), pieces, run, device="cpu"))
        student, _ = load_checkpoint(run / "best.pt")
        batch = Sampler(pieces, DATA, 9).batch(0)
        told_ids, weights = torch.from_numpy(batch.ids), torch.from_numpy(batch.weights)
        with torch.no_grad():
            a, b = (each.token_logits(told_ids, weights)[0].log_softmax(-1) for each in (teacher, student))
        far.append(float((a.exp() * (a - b)).sum(-1).mean()))
    assert far[1] < far[0]


def test_training_learns_and_resumes_to_the_same_weights(pieces, tmp_path):
    """Loss falls; a run stopped at a checkpoint and resumed ends where an unbroken one does."""
    import torch

    from yuefu.training.loop import Evaluated, Step, train

    whole = list(train(config(steps=12), pieces, tmp_path / "whole", device="cpu"))
    losses = [e.loss for e in whole if isinstance(e, Step)]
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
    evaluated = [e for e in whole if isinstance(e, Evaluated)]
    assert all(math.isfinite(e.held_out.loss) for e in evaluated)
    for event in train(config(steps=12), pieces, tmp_path / "broken", device="cpu"):
        if isinstance(event, Step) and event.step == 9:
            break  # the checkpoint of step 8 is there; step 9 is lost
    list(train(config(steps=12), pieces, tmp_path / "broken", device="cpu"))
    one = torch.load(tmp_path / "whole" / "checkpoint.pt", weights_only=True)["model"]
    two = torch.load(tmp_path / "broken" / "checkpoint.pt", weights_only=True)["model"]
    assert all(torch.allclose(one[k], two[k], atol=1e-6) for k in one)


def test_exported_models_are_plain_llamas(pieces, tmp_path):
    """The Hugging Face folder gives the same logits as the model in training, through AutoModelForCausalLM."""
    import torch
    from transformers import AutoModelForCausalLM

    from yuefu.models.export import export_hugging_face
    from yuefu.training.loop import build_model

    model = build_model(config()).eval()
    export_hugging_face(model, tmp_path / "hf")
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "hf")
    ids = torch.arange(1, 40)[None]
    with torch.no_grad():
        assert torch.allclose(model(ids), plain(ids).logits, atol=1e-4)


def test_bad_settings_get_one_sentence(tmp_path):
    """A settings file that can't be used names the place."""
    path = tmp_path / "bad.toml"
    path.write_text("steps = 0\n[data.weights]\npop909 = 1\n")
    with pytest.raises(InputError, match="steps"):
        read_config(path)
    path.write_text("[data.weights]\npop909 = 1\n[data.tasks]\njuggle = 1\n")
    with pytest.raises(InputError, match="juggle"):
        read_config(path)
    path.write_text("steps = ")
    with pytest.raises(InputError, match="TOML"):
        read_config(path)
    with pytest.raises(InputError, match="can't read"):
        read_config(tmp_path / "none.toml")
