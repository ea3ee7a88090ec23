"""Train small models with one thing changed at a time, and one family of sizes; for `scaling.py` to table and draw.

    python benchmarks/recipe.py --corpus CORPUS --out runs --steps 350 --group ablations
    python benchmarks/recipe.py --corpus CORPUS --out runs --steps 350 --group scaling

Every run is judged on the same held-out samples. A finished run is kept; `--only` takes names.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

SMALL = {"width": 128, "layers": 4, "heads": 4, "inner": 352, "context": 2048}
#: Width, layers, inner size.
SIZES = {"xs": (64, 3, 176), "s": (96, 4, 264), "m": (128, 4, 352), "l": (192, 4, 528), "xl": (256, 4, 704),
         "xxl": (320, 6, 880)}  # fmt: skip
#: Tasks as often as people use them: more melody over chords and band, less chords and melody at once.
IN_USE = {"compose": 0.14, "lead": 0.08, "melody": 0.2, "harmonize": 0.14, "band": 0.25, "row": 0.07, "infill": 0.07,
          "cells": 0.05}  # fmt: skip
#: Name -> changes to the settings (dotted).
ABLATIONS: dict[str, dict[str, Any]] = {
    "base": {},
    "base, another seed": {"seed": 2},
    "adamw, rate 2e-3": {"optim.name": "adamw", "optim.rate": 2e-3},
    "adamw, rate 4e-3": {"optim.name": "adamw"},
    "muon, rate 2e-3": {"optim.rate": 2e-3},
    "muon, rate 8e-3": {"optim.rate": 8e-3},
    "batches twice as large": {"data.batch_tokens": 4800, "steps": 0.5},
    "given cells count 0.1": {"data.given_weight": 0.1},
    "given cells count 0.6": {"data.given_weight": 0.6},
    "octave moves of a fifth of the windows": {"data.register_share": 0.2},
    "masks as people use them": {"data.tasks": IN_USE},
    "longer windows": {"data.windows": {4: 0.1, 8: 0.45, 16: 0.45}},
    "shorter windows": {"data.windows": {2: 0.2, 4: 0.5, 8: 0.3}},
    "dropout 0.1": {"model.dropout": 0.1},
    "weight decay 0.01": {"optim.weight_decay": 0.01},
    "averaged weights 0.99": {"optim.average": 0.99},
    "sets by the square root of their size": {"data.weights": "sqrt"},
    "without POP909's other versions": {"drop": "versions"},
    "distilled from xl": {"distill": "scaling/xl"},
    "half of the pieces": {"drop": "half"},
}


def settings(base: dict, changes: dict[str, Any], steps: int) -> dict:
    """The base settings with dotted changes."""
    made = json.loads(json.dumps(base))
    made["steps"] = max(1, round(steps * changes.get("steps", 1)))
    made["evaluate_every"] = made["checkpoint_every"] = made["steps"]
    for name, value in changes.items():
        if "." in name:
            table, _, field = name.partition(".")
            made[table][field] = value
        elif name == "seed":
            made[name] = value
    made["optim"]["warmup"] = min(100, made["steps"] // 5)
    return made


def main() -> None:
    """Train what isn't there yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=350)
    parser.add_argument("--group", choices=("ablations", "scaling"), required=True)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    import tomllib
    from collections import Counter

    import torch

    from yuefu.models.export import load_checkpoint
    from yuefu.training.config import TrainConfig
    from yuefu.training.dataset import load_pieces
    from yuefu.training.held_out import evaluate, held_out_samples
    from yuefu.training.loop import train

    torch.set_num_threads(arguments.threads)
    base = tomllib.loads(Path("configs/fill.toml").read_text("utf-8"))
    base["model"] = dict(SMALL)
    base["optim"] |= {"name": "muon", "rate": 4e-3, "decay": 0.4}
    base["held_out_samples"] = 2
    base["data"] |= {"batch_tokens": 2400, "given_weight": 0.25}
    for name in ("tasks", "windows", "register_share"):
        base["data"].pop(name, None)
    pieces = load_pieces(arguments.corpus, list(base["data"]["weights"]))
    common = TrainConfig.model_validate(settings(base, {}, 1))
    samples = held_out_samples([p for p in pieces if p.split == "valid"], common.data, 150)
    plan = ABLATIONS if arguments.group == "ablations" else {key: {} for key in SIZES}
    for name, changes in plan.items():
        if arguments.only and name not in arguments.only:
            continue
        run = arguments.out / arguments.group / name.replace(" ", "_").replace(",", "")
        if (run / "result.json").exists():
            continue
        made = settings(base, changes, arguments.steps)
        learnt = pieces
        if arguments.group == "scaling":
            width, layers, inner = SIZES[name]
            made["model"] |= {"width": width, "layers": layers, "inner": inner}
            made["evaluate_every"] = max(1, made["steps"] // 4)
            made["held_out_samples"] = 100
        if changes.get("data.weights") == "sqrt":
            sizes = Counter()
            for piece in pieces:
                sizes[piece.set] += len(piece.bars)
            made["data"]["weights"] = {k: round(sizes[k] ** 0.5, 2) for k in base["data"]["weights"] if sizes[k]}
        if changes.get("drop") == "versions":
            seen: set[str] = set()
            learnt = [p for p in pieces if p.set != "pop909" or not (p.work in seen or seen.add(p.work))]
        if changes.get("drop") == "half":
            learnt = [p for i, p in enumerate(pieces) if p.split != "train" or i % 2]
        if "distill" in changes:
            made["distill"] = {"teacher": str(arguments.out / changes["distill"] / "best.pt"), "weight": 0.5}
        list(train(TrainConfig.model_validate(made), learnt, run, "cpu"))
        model, saved = load_checkpoint(run / "best.pt")
        found = evaluate(model, samples)
        trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
        told = {"name": name, "changes": dict(changes.items()), "parameters": trained,
                "loss": found.loss, "rows": found.rows, "tasks": found.tasks, "tokens": saved["tokens"],
                "seconds": saved["seconds"], "steps": saved["step"]}  # fmt: skip
        (run / "result.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
        print(f"{name}: {trained / 1e6:.2f} M, {saved['tokens'] / 1e6:.2f} M tokens, {saved['seconds']:.0f} s, "
              f"held out {found.loss:.4f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
