"""Held-out loss of a checkpoint by row, task and token kind, and proof that each row listens.

    python benchmarks/held_out.py --run runs/fill --corpus CORPUS --out docs/tables/held_out.md

For chords given the melody, melody given the chords and bass given both: nats a token with what
is given, and with the same row alone; beside a unigram and a bigram of the row's own tokens
counted on the training part.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np


def conditioned(pieces, given: tuple[str, ...], fill: str, count: int, seed: int = 7):
    """Eight-bar windows with one row to fill and others given (none: the row alone)."""
    from yuefu.score.model import ROWS
    from yuefu.tokens.sequence import Cover
    from yuefu.training.masking import Sample, cut, facts_header

    rng = np.random.default_rng(seed)
    able = [
        p for p in pieces if fill in p.cells and all(r in p.cells for r in ("chords", "melody")) and len(p.bars) >= 8
    ]
    samples = []
    while len(samples) < count:
        piece = able[int(rng.integers(len(able)))]
        start = int(rng.integers(0, len(piece.bars) - 7))
        window = cut(piece, start, 8, facts_header(piece, start, 8))
        if not all(r in window.cells for r in (fill, "chords", "melody")):
            continue
        window.lyrics = None
        mask = np.zeros((8, len(ROWS)), dtype=np.int8)
        mask[:, ROWS.index(fill)] = Cover.FILL
        for row in given:
            mask[:, ROWS.index(row)] = Cover.GIVEN
        samples.append(Sample(window, mask, "probe"))
    return samples


def shuffled(samples, given: tuple[str, ...]):
    """The same samples with another sample's given rows: a model that listens gets worse."""
    out = []
    from dataclasses import replace

    for i, sample in enumerate(samples):
        other = samples[(i + 1) % len(samples)].window
        cells = {**sample.window.cells, **{row: other.cells[row] for row in given}}
        out.append(replace(sample, window=replace(sample.window, cells=cells)))
    return out


def ngram_losses(train, held_out_samples, row: str) -> tuple[float, float]:
    """Nats a token of a row's cells under a unigram and a bigram with add-0.1 smoothing."""
    from yuefu.tokens.vocabulary import vocabulary

    v = vocabulary()
    one: Counter = Counter()
    two: dict[int, Counter] = defaultdict(Counter)
    for piece in train:
        for index, cell in enumerate(piece.cells.get(row, ())):
            last = v.bar
            for token in [*v.transposed(cell, -piece.shifts[index]).tolist(), v.end]:
                one[token] += 1
                two[last][token] += 1
                last = token
    size, total = len(v), sum(one.values())
    uni, bi, n = 0.0, 0.0, 0
    for sample in held_out_samples:
        for cell in sample.window.cells[row]:
            last = v.bar
            for token in [*cell.tolist(), v.end]:
                uni -= np.log((one[token] + 0.1) / (total + 0.1 * size))
                bi -= np.log((two[last][token] + 0.1) / (sum(two[last].values()) + 0.1 * size))
                last = token
                n += 1
    return uni / n, bi / n


def main() -> None:
    """Measure and print."""
    from yuefu.models.export import load_checkpoint
    from yuefu.training.config import DataTable
    from yuefu.training.dataset import load_pieces
    from yuefu.training.held_out import evaluate, held_out_samples

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--samples", type=int, default=200)
    arguments = parser.parse_args()
    model, saved = load_checkpoint(arguments.run / "best.pt")
    data = DataTable.model_validate(saved["config"]["data"])
    pieces = load_pieces(arguments.corpus, list(data.weights))
    test = [p for p in pieces if p.split == "test"]
    result = evaluate(model, held_out_samples(test, data, arguments.samples))
    parameters = sum(p.numel() for p in model.parameters() if p.requires_grad)
    lines = [
        f"Model: {parameters / 1e6:.2f} M parameters, {saved['step']} steps, {saved['tokens'] / 1e6:.1f} M tokens seen. "
        f"Test split, {result.tokens} filled tokens: **{result.loss:.3f}** nats a token.",
        "", "| row | nats a token |", "|---|---|", *[f"| {k} | {x:.3f} |" for k, x in result.rows.items()],
        "", "| task | nats a token |", "|---|---|", *[f"| {k} | {x:.3f} |" for k, x in result.tasks.items()],
        "", "| row and kind | nats a token |", "|---|---|", *[f"| {k} | {x:.3f} |" for k, x in result.kinds.items()],
        "", "| filled | given | given as written | alone | given rows swapped | bigram | unigram |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    pop = [p for p in test if p.set in ("pop909", "openewld")]
    train = [p for p in pieces if p.split == "train" and p.set in ("pop909", "openewld")]
    for fill, given in (("chords", ("melody",)), ("melody", ("chords",)), ("bass", ("chords", "melody"))):
        heard = conditioned(pop, given, fill, 100)
        alone = conditioned(pop, (), fill, 100)
        losses = [evaluate(model, s).loss for s in (heard, alone, shuffled(heard, given))]
        unigram, bigram = ngram_losses(train, heard, fill)
        root = evaluate(model, heard).kinds.get("chords ROOT")
        note = (
            f" (roots {root:.2f}, alone {evaluate(model, alone).kinds['chords ROOT']:.2f})" if root is not None else ""
        )
        lines.append(
            f"| {fill} | {', '.join(given)} | {losses[0]:.3f}{note} | {losses[1]:.3f} | {losses[2]:.3f} | {bigram:.3f} | {unigram:.3f} |"
        )
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
