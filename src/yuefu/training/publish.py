"""From a finished run to the model folder inside the package: weights, fingerprints, manifest."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from yuefu.analysis.similarity import build_index
from yuefu.corpus.manifest import manifest
from yuefu.corpus.store import iter_scores, set_path
from yuefu.errors import InputError
from yuefu.models.export import (
    export_hugging_face,
    export_runtime,
    load_checkpoint,
    load_hugging_face,
    write_hugging_face,
)
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.files import atomic_write, make_folder
from yuefu.training.card import asks_for_credit, attributions, model_card

#: Sets without a melody, which can't be plagiarised note for note.
NO_TUNES = ("groove", "drum_patterns", "billboard_chords", "when_in_rome")


#: Where a model folder keeps its plain weights, in float16.
HUGGING_FACE = "hf"


def write_plain(folder: Path, out: Path) -> None:
    """A model folder's plain weights as a float32 Hugging Face folder, to load or to train on.

    Raises InputError when the model folder has none.
    """
    place = folder / HUGGING_FACE
    if not place.is_dir():
        raise InputError(f"the model in '{folder}' came without plain weights: make one with `yuefu model build`.")
    write_hugging_face(load_hugging_face(place), make_folder(out))


def publish(
    run: Path,
    corpus: Path,
    out: Path,
    precision: str = "int4",
    begun_from: str = "",
    progress: Listener = ignore,
) -> dict[str, Any]:
    """Write a model folder from ``run/best.pt``, its plain weights under ``hf/``; returns its manifest.

    corpus: the built corpus that the run learnt from, for the fingerprint index of its training
    part and its attributions; out: the folder to write (``src/yuefu/model`` for the package's own);
    begun_from: what the run's first weights were, in words, when it didn't begin at random.
    """
    progress(Progress("publish", 0, 3, "weights"))
    model, saved = load_checkpoint(run / "best.pt")
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "hf"
        export_hugging_face(model, plain)
        export_runtime(plain, out, precision)
    export_hugging_face(model, out / HUGGING_FACE, half=True)
    progress(Progress("publish", 1, 3, "fingerprints"))
    weights: dict[str, float] = saved["config"]["data"]["weights"]
    sets: list[str] = saved["sets"]
    tunes = [name for name in sets if name not in NO_TUNES and set_path(corpus, name).exists()]
    index = build_index(iter_scores(corpus, sets=tunes, split="train"))
    index.save(out / "originality.npz")
    progress(Progress("publish", 2, 3, "manifest"))
    settings = dict(saved["config"])
    for place in ("init", "distill"):  # folders of the machine that trained it
        settings.pop(place, None)
    told: dict[str, Any] = {
        "name": saved["config"]["name"],
        "made": date.today().isoformat(),
        "licence": "Apache-2.0 (weights); the training sets keep their own licences, listed here with their origins",
        "architecture": "LlamaForCausalLM",
        "parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "precision": precision,
        "steps": saved["step"],
        "tokens_seen": saved["tokens"],
        "training_seconds": round(saved.get("seconds", 0)),
        "begun_from": begun_from,
        "held_out_nats_per_token": round(saved["held_out"]["loss"], 4),
        "held_out_rows": {row: round(loss, 4) for row, loss in saved["held_out"]["rows"].items()},
        "vocabulary": saved["vocabulary"],
        "fingerprinted_pieces": len(index),
        "settings": settings,
        "sets": [_set_entry(name, weights[name]) for name in sets],
    }
    atomic_write(out / "manifest.json", (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())
    atomic_write(out / "MODEL_CARD.md", model_card(told).encode())
    credited = [name for name in sets if set_path(corpus, name).exists() and asks_for_credit(manifest(name).licence)]
    atomic_write(out / "ATTRIBUTIONS.tsv", attributions(iter_scores(corpus, sets=credited, split="train")).encode())
    progress(Progress("publish", 3, 3))
    return told


def _set_entry(name: str, weight: float) -> dict[str, Any]:
    found = manifest(name)
    return {
        "name": name,
        "title": found.title,
        "licence": found.licence,
        "licence_note": found.licence_note,
        "origin": found.origin,
        "citation": found.citation,
        "weight": weight,
    }
