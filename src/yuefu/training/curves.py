"""Learning curves of a run as a picture."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from yuefu.errors import InputError, MissingExtraError


def read_log(log: Path) -> list[dict[str, Any]]:
    """The evaluations of ``log.jsonl``, in order; a last line that was cut off is left out.

    Raises InputError when there are none.
    """
    rows = []
    try:
        for line in log.read_text("utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
    except OSError as error:
        raise InputError(f"there is no training log '{log}' ({error.strerror}): train first.") from error
    if not rows:
        raise InputError(f"the training log '{log}' has no evaluations yet: train until the first one.")
    return rows


def measures_png(log: Path) -> bytes:
    """The curves of a small network's run (see ``training.supervised``) as PNG: the loss, and a picture for each other
    measure that both training and held-out pieces, or the latter alone, have.

    Raises MissingExtraError without matplotlib, InputError without evaluations.
    """
    rows = read_log(log)
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("drawing curves", "train") from error
    names = list(dict.fromkeys(name for row in rows for part in ("training", "held_out") for name in row[part]))
    figure = Figure(figsize=(4.5 * len(names), 4), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names):
        for part, label in (("training", "training"), ("held_out", "held out")):
            points = [(row["step"], row[part][name]) for row in rows if name in row[part]]
            if points:
                axes.plot(*zip(*points), label=label)
        axes.set_title(name.replace("_", " "))
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110, metadata={"Software": "Yuefu"})
    return out.getvalue()


def curves_png(log: Path) -> bytes:
    """The curves of a run as PNG: loss in training and held out, then held-out loss by row and by task.

    log: the run's ``log.jsonl``. Losses are nats a filled token. Raises MissingExtraError without
    matplotlib, InputError without evaluations.
    """
    rows = read_log(log)
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("drawing curves", "train") from error
    figure = Figure(figsize=(15, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    whole, by_row, by_task = figure.subplots(1, 3)
    steps = [row["step"] for row in rows]
    whole.plot(steps, [row["train_loss"] for row in rows], label="training (one batch)", alpha=0.5)
    whole.plot(steps, [row["loss"] for row in rows], label="held out")
    whole.set_title("loss")
    for axes, table in ((by_row, "rows"), (by_task, "tasks")):
        for name in sorted({name for row in rows for name in row.get(table, {})}):
            points = [(row["step"], row[table][name]) for row in rows if name in row.get(table, {})]
            axes.plot(*zip(*points), label=name)
        axes.set_title(f"held-out loss by {table[:-1]}")
    for axes in (whole, by_row, by_task):
        axes.set_xlabel("step")
        axes.set_ylabel("nats a token")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=120, metadata={"Software": "Yuefu"})
    return out.getvalue()
