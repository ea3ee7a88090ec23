"""Small styles of one's own and folders of tunes, for tests: made in a moment, without training."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from yuefu.analysis.similarity import build_index
from yuefu.corpus.annotate import annotate
from yuefu.generation.merging import PLAIN, read_safetensors
from yuefu.score.abc_read import read_abc_book
from yuefu.text.adapted import (
    FORMAT,
    MANIFEST,
    TUNES,
    WEIGHTS,
    AdaptedStyle,
    AdapterManifest,
    SourcePiece,
    StyleFigures,
    Variant,
    adapters_folder,
    read_adapted,
)
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.models import model_folder, weights_hash


def plain_tune(number: int, bars: int = 8) -> str:
    """A tune of four quavers a bar in 2/4, of five notes, that ends on C."""
    rng = np.random.default_rng(number)
    notes = ["C", "D", "E", "G", "A", "c", "d", "e"]
    place, rows = 3, []
    for _ in range(bars - 1):
        row = ""
        for _ in range(4):
            place = int(np.clip(place + rng.integers(-2, 3), 0, 7))
            row += notes[place]
        rows.append(row)
    name = f"Song {chr(65 + number % 26)}{chr(65 + number // 26 % 26)}{chr(65 + number * 7 % 26)}"
    return f"X:{number}\nT:{name}\nM:2/4\nL:1/8\nK:C\n{'|'.join(rows)}|C4|]\n"


def folder_of_tunes(folder: Path, count: int = 8) -> Path:
    """A folder with so many tunes, each in a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        (folder / f"tune{number:02}.abc").write_text(plain_tune(number), "utf-8")
    return folder


def figures(**told: object) -> StyleFigures:
    """Figures of tunes in 2/4."""
    variant = Variant(
        weight=1.0, meter="2/4", mode="major", scale="gong", keys=(("D major", 1.0),), density=2, chord_level="triads",
        tune_range=(60, 79), opening=(("0 12 24 36/0 12 24 36/0 12 24/0 24", 3.0),),
        closing=(("0 12 24 36/0 12 24/0 12 24 36/0", 2.0),),
    )  # fmt: skip
    usual: dict[str, object] = {
        "base": "chinese_folk", "tempo": (60.0, 84.0, 120.0), "lineups": (((("melody", "erhu"),), 1.0),),
        "forms": (("A:8 B:8", 1.0),), "variants": (variant,),
    }  # fmt: skip
    return StyleFigures.model_validate({**usual, **told})


def make_style(name: str, size: float = 0.05, seed: int = 0, **told: object) -> AdaptedStyle:
    """A style whose adapter is noise, below the home folder that the environment names."""
    place = adapters_folder() / name
    place.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    arrays = {}
    for tensor, weights in sorted(read_safetensors(model_folder() / PLAIN).items()):
        if "_proj" in tensor:
            outputs, inputs = weights.shape
            matrix = tensor.removeprefix("model.").removesuffix(".weight")
            arrays[f"{matrix}.A"] = (rng.standard_normal((2, inputs)) / inputs**0.5).astype(np.float16)
            arrays[f"{matrix}.B"] = (size * rng.standard_normal((outputs, 2))).astype(np.float16)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    (place / WEIGHTS).write_bytes(buffer.getvalue())
    scores = [annotate(score, True) for number in range(1, 5) for score in read_abc_book(plain_tune(number))]
    build_index(scores, [score.title for score in scores]).save(place / TUNES)
    usual: dict[str, object] = {
        "format": FORMAT, "name": name, "made": "2026-01-01", "licence": "mine", "base_model":
        weights_hash(model_folder()), "vocabulary": vocabulary().hash, "rank": 2, "scale": 1.0, "figures": figures(),
        "sources": (SourcePiece(name="tune01.abc", sha256="0" * 64, split="train"),),
        "losses": {"before": {"loss": 1.0, "melody": 1.0}, "after": {"loss": 0.9, "melody": 0.9}},
    }  # fmt: skip
    manifest = AdapterManifest.model_validate({**usual, **told})
    (place / MANIFEST).write_text(manifest.model_dump_json(indent=1), "utf-8")
    return read_adapted(place)
