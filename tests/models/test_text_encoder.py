"""Pretrained encoders of words: tiny ones, made here, are loaded, taught, kept, and read a prompt for a piece."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

import yuefu
from yuefu.cli.main import run
from yuefu.errors import InputError, MissingExtraError
from yuefu.models.text_encoder import TextEncoder
from yuefu.progress import Progress
from yuefu.text.brief import read_brief
from yuefu.text.encoder.linear import Head
from yuefu.training.words import scenes
from yuefu.training.words.ridge import Rows, fit_head
from yuefu.workflows import encoders
from yuefu.workflows.encoders import encoder_named, fit_encoder

HAPPY = ["joy", "dance", "sunny", "laughing", "欢笑", "阳光", "跳舞"]
SAD = ["grief", "alone", "rain", "weeping", "哭泣", "孤独", "下雨"]
PLAIN = ["the", "a", "of", "in", "we", "and", "with", "我们", "在", "里"]
WIDTH = 32


def _scenes(happy: str, sad: str) -> list[scenes.Scene]:
    return [
        scenes.Scene(f"{happy} in the {other}", f"{happy} 在 里", 0.7, 0.5, ("disco",), 0.6) for other in PLAIN[:3]
    ] + [scenes.Scene(f"{sad} in the {other}", f"{sad} 在 里", -0.7, -0.5, ("ambient",), -0.6) for other in PLAIN[:3]]


LEARNT = tuple(scene for pair in zip(HAPPY[:-1], SAD[:-1], strict=True) for scene in _scenes(*pair))
HELD = tuple(_scenes("joy dance", "alone rain") + _scenes("sunny laughing", "grief weeping"))


def _tokenizer(special: dict[str, str]) -> PreTrainedTokenizerFast:
    words = [*special.values(), *HAPPY, *SAD, *PLAIN]
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token=special["unk_token"]))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    if "cls_token" in special:
        made.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=64, **special)


def _bert(folder: Path) -> Path:
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    tokenizer = _tokenizer(special)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=66,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _llama(folder: Path) -> Path:
    """A causal model whose tokenizer has no padding, as many have none."""
    tokenizer = _tokenizer({"unk_token": "<unk>", "eos_token": "</s>"})
    torch.manual_seed(2)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=66,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("encoders")
    return {"bert": _bert(place / "bert"), "llama": _llama(place / "llama")}


@pytest.fixture(params=["bert", "llama"])
def folder(request: pytest.FixtureRequest, folders: dict[str, Path]) -> Path:
    return folders[request.param]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A few scenes instead of thousands, and a cache of one's own; its folder."""
    monkeypatch.setattr(scenes, "learnt_scenes", lambda: LEARNT)
    monkeypatch.setattr(scenes, "held_out_scenes", lambda: HELD)
    monkeypatch.setattr(encoders, "concepts", lambda: ())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "yuefu" / "encoders"


def test_vectors_have_length_one_and_do_not_depend_on_padding(folder: Path) -> None:
    """A text has the same vector alone and among longer ones, and long texts are cut rather than refused."""
    encoder = TextEncoder(folder)
    texts = ["joy", "we weeping alone in the rain and with grief", "下雨 孤独", "", "joy " * 500]
    together = encoder.vectors(texts)
    assert together.shape == (len(texts), WIDTH)
    assert together.dtype == np.float32
    for text, vector in zip(texts, together, strict=True):
        assert np.allclose(encoder.vectors([text])[0], vector, atol=1e-5)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert not np.allclose(together[0], together[1], atol=1e-2)


def test_a_fitted_head_reads_held_out_scenes_and_names_their_words(folder: Path, few: Path) -> None:
    """What was learnt from some scenes holds for others; the word that decides is named; unsure is 50 %."""
    told: list[Progress] = []
    understand = encoder_named(f"hf:{folder}", progress=told.append)
    happy, sad = understand("dance with the sunny joy"), understand("weeping alone in the rain")
    assert happy is not None
    assert sad is not None
    assert happy.valence.value > 0.2 > -0.2 > sad.valence.value
    assert happy.pace.value > sad.pace.value
    assert (happy.styles[0].key, sad.styles[0].key) == ("disco", "ambient")
    assert 0.5 <= sad.valence.confidence <= 1
    assert set(sad.valence.words) & {"weeping", "alone", "rain"}
    assert understand("，。!") is None
    assert told[-1].done == told[-1].total == 2 * (len(LEARNT) + len(HELD))


def test_the_head_is_kept_and_fitted_again_when_the_model_or_the_cache_changes(
    folders: dict[str, Path], few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second use fits nothing; another model has a head of its own; a damaged file is fitted again."""
    mine = shutil.copytree(folders["bert"], tmp_path / "mine")
    told: list[Progress] = []
    first = encoder_named(f"hf:{mine}", progress=told.append)("joy")
    (kept,) = few.glob("*.npz")
    told.clear()
    assert encoder_named(f"hf:{mine}", progress=told.append)("joy").valence == first.valence
    assert not told
    kept.write_bytes(kept.read_bytes()[:100])
    assert encoder_named(f"hf:{mine}", progress=told.append)("joy").valence == first.valence
    assert told
    Head.from_bytes(kept.read_bytes())
    shutil.copytree(folders["llama"], mine, dirs_exist_ok=True)
    encoder_named(f"hf:{mine}")
    assert len(list(few.glob("*.npz"))) == 2
    monkeypatch.setattr(scenes, "learnt_scenes", lambda: LEARNT[:-6])
    encoder_named(f"hf:{mine}")
    assert len(list(few.iterdir())) == 3


def test_a_cache_that_cannot_be_written_does_not_stop_the_reading(few: Path, folders: dict[str, Path]) -> None:
    few.parents[1].write_text("a file where the folder should be")
    assert encoder_named(f"hf:{folders['bert']}")("joy") is not None


def test_penalty_and_spread_come_from_the_held_out_rows() -> None:
    """On numbers that a line explains up to a known noise, the head finds the line and the noise."""
    random = np.random.default_rng(1)
    table = {f"text {i}": random.normal(size=8).astype(np.float32) for i in range(600)}
    line = random.normal(size=8) / 6

    def rows(texts: list[str]) -> Rows:
        targets = np.full((len(texts), 3 + len(yuefu.text.brief.STYLES)), np.nan, dtype=np.float32)
        x = np.array([table[text] for text in texts])
        targets[:, 0] = x @ line + random.normal(size=len(texts)) * 0.2
        targets[:, 1] = x @ -line + 0.3
        return Rows(tuple(texts), targets, np.ones(len(texts), dtype=np.float32))

    texts = list(table)
    head = fit_head(lambda some: np.array([table[text] for text in some]), rows(texts[:400]), rows(texts[400:]))
    assert np.allclose(head.weight[0], line, atol=0.05)
    assert head.bias[1] == pytest.approx(0.3, abs=0.05)
    assert head.spreads[0] == pytest.approx(0.2, abs=0.04)
    assert head.spreads[1] < 0.1
    assert head.spreads[2] == 1


@pytest.mark.model
def test_a_piece_is_composed_by_the_encoder_and_replayed_without_it(
    few: Path, folders: dict[str, Path], tmp_path: Path
) -> None:
    """The brief holds the encoder's reading with its confidence, so that a replay gives the same bytes with the
    encoder gone."""
    mine = shutil.copytree(folders["bert"], tmp_path / "mine")
    words = "weeping alone in the rain"
    song = yuefu.compose(words, encoder=f"hf:{mine}", bars=4, candidates=1, seed=5, instruments="piano")
    reading = encoder_named(f"hf:{mine}")(words)
    assert reading is not None
    assert song.brief.valence.value == reading.valence.value
    assert song.brief.valence.confidence == round(reading.valence.confidence, 3)
    assert song.brief.valence.value != read_brief(words).valence.value
    song.save(tmp_path / "song", formats=["midi"])
    shutil.rmtree(mine)
    shutil.rmtree(few)
    assert yuefu.replay(tmp_path / "song" / "report.json").midi == song.midi


def test_the_commands_read_by_the_encoder_and_compare_it(
    few: Path, folders: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """`words fit-encoder` prints both encoders' accuracy; `words read` then gives this one's values."""
    name = f"hf:{folders['bert']}"
    assert run(["words", "fit-encoder", name, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {name, "inside"}
    assert told[name]["en"]["signs"] == fit_encoder(name)["hf:" + str(folders["bert"])]["en"].signs >= 0.9
    assert run(["words", "fit-encoder", name]) == 0
    assert f"{told[name]['zh']['styles']:.3f}" in capsys.readouterr().out
    assert run(["words", "read", "weeping alone", "--encoder", name, "--json"]) == 0
    reading = encoder_named(name)("weeping alone")
    assert json.loads(capsys.readouterr().out)["valence"]["value"] == reading.valence.value


def _broken(folder: Path, what: str) -> None:
    if what == "config":
        (folder / "config.json").unlink()
    elif what == "tokenizer":
        for path in folder.glob("tokenizer*"):
            path.unlink()
    elif what == "weights":
        (folder / "model.safetensors").write_bytes(b"nothing")
    elif what == "code":
        config = json.loads((folder / "config.json").read_text())
        config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config", "AutoModel": "mine.Model"}}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "mine.py").write_text("raise SystemExit('this ran')\n")
    elif what == "smaller":
        config = json.loads((folder / "config.json").read_text())
        torch.manual_seed(1)
        BertModel(BertConfig(**config | {"vocab_size": 3}), add_pooling_layer=False).save_pretrained(folder)
    elif what == "layers":
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 2}))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("config", "config.json is missing"), ("tokenizer", "holds no tokenizer"), ("weights", "can't be loaded"),
        ("code", "can't be loaded"), ("smaller", "isn't the model's"), ("layers", "is incomplete"),
    ],
)  # fmt: skip
def test_a_bad_folder_is_refused_with_one_sentence(
    what: str, said: str, folders: dict[str, Path], few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong with the folder, code of its own included, one line says it, and the exit code is 2."""
    mine = shutil.copytree(folders["bert"], tmp_path / "mine")
    _broken(mine, what)
    assert run(["compose", "joy", "--encoder", f"hf:{mine}", "-o", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["hf:", "bert", "hf:not/there"])
def test_a_name_that_stands_for_no_folder_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="give hf:FOLDER"):
        encoder_named(name)


def test_without_torch_the_extra_is_named(
    folders: dict[str, Path], few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = shutil.copytree(folders["bert"], tmp_path / "mine")
    (mine / "another.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "yuefu.models.text_encoder", None)
    with pytest.raises(MissingExtraError, match="train"):
        encoder_named(f"hf:{mine}")
