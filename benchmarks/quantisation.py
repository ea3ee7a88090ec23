"""What each bit width costs: size, held-out loss, agreement with float32, speed.

    python benchmarks/quantisation.py --weights src/yuefu/model/hf --corpus CORPUS --out docs/tables/quantisation.md

The runtime's builder offers 8 and 4 bits; 2 and 3 bits it doesn't. The loss is over filled tokens of
held-out windows of the test part; the agreement is the share of them where the likeliest token is float32's.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

#: Name -> precision and the builder's own options.
FORMS = {
    "fp32": ("fp32", {}),
    "int8": ("int8", {}),
    "int4": ("int4", {}),
    "int4, blocks of 16": ("int4", {"block_size": 16}),
    "int4, blocks of 128": ("int4", {"block_size": 128}),
    "int4, k_quant": ("int4", {"algo_config": "k_quant"}),
    "int4, last matrix int8": ("int4", {"matmul_mixed_precision": "last_matmul:int8"}),
}


def speed(folder: Path, tokens: int, repeats: int = 3) -> float:
    """Median tokens a second of one sequence, written step by step with the logits read each time."""
    from yuefu.generation.engine import RuntimeEngine

    engine, rates = RuntimeEngine(folder), []
    for _ in range(repeats):
        session = engine.session()
        session.append(list(range(1, 65)))
        began = time.perf_counter()
        for place in range(tokens):
            session.logits()
            session.append([64 + place % 200])
        rates.append(tokens / (time.perf_counter() - began))
    return statistics.median(rates)


def main() -> None:
    """Measure and print."""
    from yuefu.errors import YuefuError
    from yuefu.generation.scorer import Scorer
    from yuefu.models.export import export_runtime, load_hugging_face, write_hugging_face
    from yuefu.training.config import read_config
    from yuefu.training.dataset import load_pieces
    from yuefu.training.samples import held_out_samples, labelled_ids

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True, help="a Hugging Face folder, such as src/yuefu/model/hf")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--samples", type=int, default=150)
    parser.add_argument("--tokens", type=int, default=400)
    arguments = parser.parse_args()
    data = read_config(Path("configs/fill.toml")).data
    pieces = [p for p in load_pieces(arguments.corpus, list(data.weights)) if p.split == "test"]
    samples = [labelled_ids(sample) for sample in held_out_samples(pieces, data, arguments.samples)]
    lines = [
        f"{arguments.samples} held-out windows of the test part, {sum(r is not None for _, rows in samples for r in rows)} "
        f"filled tokens; speed: median of 3 times {arguments.tokens} tokens, one sequence.",
        "", "| weights | MB | nats a filled token | more than fp32 | likeliest token as fp32's | tokens/s |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    first: list[np.ndarray] = []
    base = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "hf"
        write_hugging_face(load_hugging_face(arguments.weights), plain)
        for name, (precision, options) in FORMS.items():
            folder = Path(scratch) / name.replace(" ", "_").replace(",", "")
            try:
                export_runtime(plain, folder, precision, options)
            except YuefuError as error:
                lines.append(f"| {name} | - | not offered: {error!s:.80} | | | |")
                continue
            scorer = Scorer(folder)
            total, count, agree = 0.0, 0, 0
            for index, (ids, rows) in enumerate(samples):
                places = np.array([i for i, row in enumerate(rows) if row is not None])
                told = scorer.log_probabilities(ids)[places - 1]
                total -= float(told[np.arange(len(places)), np.array(ids)[places]].sum())
                count += len(places)
                best = told.argmax(axis=1)
                if name == "fp32":
                    first.append(best)
                agree += int((best == first[index]).sum())
            base = base or total / count
            size = sum(f.stat().st_size for f in folder.iterdir() if f.suffix in (".onnx", ".data")) / 1e6
            lines.append(
                f"| {name} | {size:.1f} | {total / count:.4f} | {total / count - base:+.4f} | {agree / count:.1%} "
                f"| {speed(folder, arguments.tokens):.0f} |"
            )
            print(lines[-1], flush=True)
    text = "\n".join(lines) + "\n"
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
