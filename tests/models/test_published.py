"""The published weights as a Hugging Face folder: loaded, tuned with peft, trained on, and made a runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from yuefu.errors import InputError
from yuefu.generation.engine import RuntimeEngine
from yuefu.models.export import export_hugging_face, export_runtime, load_hugging_face, write_hugging_face
from yuefu.models.fill import FillConfig, FillModel
from yuefu.tokens.vocabulary import vocabulary

IDS = torch.arange(1, 60)[None]


@pytest.fixture
def model() -> FillModel:
    """A tiny model with random weights, large enough that its logits differ."""
    torch.manual_seed(3)
    made = FillModel(FillConfig(width=64, layers=2, heads=2, inner=96, context=2048), vocabulary())
    with torch.no_grad():
        made.own.mul_(4)
        made.shared.mul_(4)
    return made.eval()


@torch.no_grad()
def test_a_half_precision_folder_keeps_the_logits(model: FillModel, tmp_path: Path) -> None:
    """AutoModelForCausalLM gives the training model's logits: exactly in float32, within a hundredth in float16."""
    for half, tolerance in ((False, 1e-4), (True, 1e-2)):
        export_hugging_face(model, tmp_path / str(half), half)
        plain = AutoModelForCausalLM.from_pretrained(tmp_path / str(half), dtype=torch.float32)
        assert torch.allclose(plain(IDS).logits, model(IDS), atol=tolerance * float(model(IDS).abs().max()))
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("False", "True")]
    assert sizes[1] < 0.55 * sizes[0]
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "True")
    assert tokenizer("BOS EOS")["input_ids"] == [vocabulary().bos, vocabulary().eos]


@torch.no_grad()
def test_training_goes_on_from_a_plain_folder(model: FillModel, tmp_path: Path) -> None:
    """A folder read back as a fill model is the same function; one whose embeddings drifted apart is refused."""
    export_hugging_face(model, tmp_path)
    plain = load_hugging_face(tmp_path)
    back = FillModel.from_llama(plain, vocabulary()).eval()
    assert torch.allclose(back(IDS), model(IDS), atol=1e-4)
    assert back.own.requires_grad
    assert float(back.shared.abs().max()) == 0
    plain.lm_head.weight[5] += 3
    with pytest.raises(InputError, match="drifted"):
        FillModel.from_llama(plain, vocabulary())


def test_a_run_starts_from_published_weights(model: FillModel, tmp_path: Path) -> None:
    """``init`` takes the weights in; other sizes than the settings' are refused with both."""
    from yuefu.training.config import DataTable, ModelTable, TrainConfig
    from yuefu.training.loop import build_model

    export_hugging_face(model, tmp_path, half=True)
    table = ModelTable(width=64, layers=2, heads=2, inner=96, context=2048)
    settings = TrainConfig(model=table, data=DataTable(weights={"toy": 1.0}), init=str(tmp_path))
    with torch.no_grad():
        assert torch.allclose(build_model(settings).eval()(IDS), model(IDS), atol=0.05)
    with pytest.raises(InputError, match="same sizes"):
        build_model(settings.model_copy(update={"model": table.model_copy(update={"inner": 128})}))
    with pytest.raises(InputError, match="vocabulary"):
        load_hugging_face(tmp_path / "nowhere")


def test_peft_tunes_merges_and_the_result_runs(model: FillModel, tmp_path: Path) -> None:
    """A LoRA of rank 4 lowers the loss of a batch; saved, merged and converted, the runtime gives its logits."""
    from peft import LoraConfig, PeftModel, get_peft_model

    export_hugging_face(model, tmp_path / "hf", half=True)
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "hf", dtype=torch.float32)
    torch.manual_seed(0)
    tuned = get_peft_model(plain, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    batch = torch.randint(1, 40, (2, 24))
    optimizer = torch.optim.AdamW([p for p in tuned.parameters() if p.requires_grad], lr=2e-2)
    losses = []
    for _ in range(40):
        loss = tuned(input_ids=batch, labels=batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] - 0.2
    tuned.save_pretrained(tmp_path / "adapter")
    again = PeftModel.from_pretrained(load_hugging_face(tmp_path / "hf"), tmp_path / "adapter")
    merged = again.merge_and_unload()
    with torch.no_grad():
        assert torch.allclose(merged(batch).logits, tuned.eval()(batch).logits, atol=1e-2)
        expected = merged(batch[:1]).logits[0, -1].numpy()
    write_hugging_face(merged, tmp_path / "merged")
    export_runtime(tmp_path / "merged", tmp_path / "runtime", "fp32")
    session = RuntimeEngine(tmp_path / "runtime").session()
    session.append(batch[0].numpy())
    assert np.allclose(session.logits(), expected, atol=2e-2)


@torch.no_grad()
def test_a_published_run_carries_plain_weights_that_the_command_writes_out(
    model: FillModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`model build` leaves float16 weights in hf/; `model export` writes them in float32; without them it says so."""
    from dataclasses import replace

    from tests.corpus.tunes import song

    from yuefu.cli.main import run
    from yuefu.corpus.store import set_path, to_line, write_lines
    from yuefu.training.config import DataTable, ModelTable, TrainConfig

    facts = {"set": "cre_irish", "work": "1", "split": "train", "style": "celtic", "licence": "Unlicense"}
    write_lines(set_path(tmp_path / "corpus", "cre_irish"), [to_line(replace(song(1), metadata=facts))])
    settings = TrainConfig(
        model=ModelTable(width=64, layers=2, heads=2, inner=96, context=2048), data=DataTable(weights={"cre_irish": 1})
    )
    (tmp_path / "run").mkdir()
    held_out = {"loss": 1.0, "tokens": 1, "rows": {"melody": 1.0}, "tasks": {}, "kinds": {}}
    saved = {"model": model.state_dict(), "config": settings.model_dump(), "step": 1, "tokens": 9, "seconds": 1.0}
    saved |= {"held_out": held_out, "vocabulary": vocabulary().hash, "sets": ["cre_irish"]}
    torch.save(saved, tmp_path / "run" / "best.pt")
    where = ["--run", str(tmp_path / "run"), "--corpus", str(tmp_path / "corpus"), "--out", str(tmp_path / "made")]
    assert run(["model", "build", *where]) == 0
    assert run(["model", "export", str(tmp_path / "plain"), "--model", str(tmp_path / "made")]) == 0
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "plain")
    assert plain.dtype == torch.float32
    assert torch.allclose(plain(IDS).logits, model(IDS), atol=1e-2 * float(model(IDS).abs().max()))
    capsys.readouterr()
    assert run(["model", "export", str(tmp_path / "no"), "--model", str(tmp_path / "plain")]) == 2
    assert "without plain weights" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()
