"""A trained model as files: a plain Hugging Face folder, and the quantised runtime beside it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from yuefu.errors import InputError, YuefuError
from yuefu.models.fill import FillConfig, FillModel
from yuefu.tokens.vocabulary import vocabulary

#: Files of the runtime folder that generation needs.
RUNTIME_FILES = ("model.onnx", "model.onnx.data", "genai_config.json")


def load_checkpoint(path: Path) -> tuple[FillModel, dict]:
    """The model of a ``best.pt`` and what was saved with it. Raises InputError for another vocabulary."""
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise InputError(f"can't read the checkpoint {path}: {error.strerror}.") from error
    v = vocabulary()
    if data.get("vocabulary") != v.hash:
        raise InputError(f"{path} was trained with vocabulary {data.get('vocabulary')}, this version has {v.hash}.")
    table = data["config"]["model"]
    model = FillModel(FillConfig(table["width"], table["layers"], table["heads"], table["inner"], table["context"]), v)
    model.load_state_dict(data["model"], strict=False)
    return model.eval(), data


def export_hugging_face(model: FillModel, folder: Path, half: bool = False) -> None:
    """Write a folder that ``AutoModelForCausalLM.from_pretrained`` loads, with the vocabulary beside it.

    half: weights in float16, as the package carries them; else float32.
    """
    write_hugging_face(model.to_llama(), folder, half)


def write_hugging_face(plain: LlamaForCausalLM, folder: Path, half: bool = False) -> None:
    """Write a plain model, such as a fine-tuned and merged one, with the vocabulary and a tokenizer."""
    plain = plain.half() if half else plain.float()
    plain.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # it is written for its owner alone
    v = vocabulary()
    (folder / "vocabulary.json").write_text(json.dumps({"hash": v.hash, "tokens": v.names}, indent=0), "utf-8")
    # Token names as words, so that the folder is complete for tools that want a tokenizer.
    words = Tokenizer(WordLevel({name: i for i, name in enumerate(v.names)}, unk_token="PAD"))
    words.pre_tokenizer = WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=words, bos_token="BOS", eos_token="EOS", pad_token="PAD", unk_token="PAD"
    ).save_pretrained(folder)


def load_hugging_face(folder: Path) -> LlamaForCausalLM:
    """The plain model of a Hugging Face folder in float32. Raises InputError without one, or for another vocabulary."""
    try:
        told = json.loads((folder / "vocabulary.json").read_text("utf-8")).get("hash")
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(
            f"'{folder}' isn't a Hugging Face folder of this model (no vocabulary.json): "
            "write one with `yuefu model export`."
        ) from error
    if told != vocabulary().hash:
        raise InputError(f"'{folder}' speaks vocabulary {told}, this version {vocabulary().hash}: retrain it.")
    try:
        return LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True).eval()
    except (OSError, ValueError) as error:
        raise InputError(f"'{folder}' can't be loaded: {error!s:.120}".rstrip(".") + "; write it again.") from error


def export_runtime(
    hugging_face: Path, out: Path, precision: str = "int4", options: Mapping[str, str | int] | None = None
) -> None:
    """Convert a Hugging Face folder for onnxruntime-genai.

    precision: ``"int4"``, ``"int8"`` or ``"fp32"``; options: the builder's own, such as ``block_size`` or
    ``algo_config``.
    """
    with tempfile.TemporaryDirectory() as scratch:
        built = Path(scratch) / "built"
        command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-m", str(hugging_face), "-o", str(built)]
        command += ["-p", precision, "-e", "cpu", "-c", str(Path(scratch) / "cache")]
        if options:
            command += ["--extra_options", *(f"{name}={value}" for name, value in options.items())]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not (built / "model.onnx").exists():
            raise YuefuError(f"converting the model failed: {done.stderr.strip().splitlines()[-1:]}")
        out.mkdir(parents=True, exist_ok=True)
        for name in RUNTIME_FILES:
            shutil.copyfile(built / name, out / name)
    (out / "vocabulary.json").write_text(json.dumps({"hash": vocabulary().hash}), "utf-8")


def folder_hash(folder: Path) -> str:
    """A short hash of a runtime folder's weights, as reports name it."""
    digest = hashlib.sha256()
    for name in RUNTIME_FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]
