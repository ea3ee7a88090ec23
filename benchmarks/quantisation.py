"""Held-out loss of the shipped runtime beside the float checkpoint it was made from.

python benchmarks/quantisation.py --run runs/fill --corpus CORPUS --out docs/tables/quantisation.md
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np


def runtime_loss(folder: Path, samples) -> float:
    """Mean nats a filled token through onnxruntime-genai, token by token as in generation."""
    from yuefu.generation.engine import RuntimeEngine
    from yuefu.training.held_out import labelled_ids

    engine = RuntimeEngine(folder)
    total, count = 0.0, 0
    for sample in samples:
        ids, rows = labelled_ids(sample)
        session = engine.session()
        session.append(ids[:1])
        for place in range(1, len(ids)):
            if rows[place] is not None:
                logits = session.logits().astype(np.float64)
                total += float(np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[ids[place]])
                count += 1
            session.append(ids[place : place + 1])
    return total / count


def main() -> None:
    """Measure and print."""
    from yuefu.models.export import export_hugging_face, export_runtime, load_checkpoint
    from yuefu.training.config import DataTable
    from yuefu.training.dataset import load_pieces
    from yuefu.training.held_out import evaluate, held_out_samples

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--samples", type=int, default=40)
    arguments = parser.parse_args()
    model, saved = load_checkpoint(arguments.run / "best.pt")
    data = DataTable.model_validate(saved["config"]["data"])
    pieces = [p for p in load_pieces(arguments.corpus, list(data.weights)) if p.split == "test"]
    samples = held_out_samples(pieces, data, arguments.samples)
    lines = [
        "| weights | MB | nats a filled token |",
        "|---|---|---|",
        f"| float32 (torch) | - | {evaluate(model, samples).loss:.4f} |",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "hf"
        export_hugging_face(model, plain)
        for precision in ("int8", "int4"):
            folder = Path(scratch) / precision
            export_runtime(plain, folder, precision)
            size = sum(f.stat().st_size for f in folder.iterdir()) / 1e6
            lines.append(f"| {precision} (onnxruntime-genai) | {size:.1f} | {runtime_loss(folder, samples):.4f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
