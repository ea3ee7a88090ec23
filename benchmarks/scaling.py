"""Tables and the plot of what `recipe.py` trained: loss against parameters and tokens, and what each change was worth.

python benchmarks/scaling.py --runs runs --plot docs/images/scaling.png --out docs/tables/scaling.md
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np


def results(folder: Path) -> list[dict]:
    """The finished runs of a group, with their logs."""
    found = []
    for path in sorted(folder.glob("*/result.json")):
        told = json.loads(path.read_text("utf-8"))
        log = path.parent / "log.jsonl"
        told["log"] = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
        found.append(told)
    return found


def power_law(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Exponent and factor of y = factor * x ** exponent by least squares in logarithms, and the largest residual."""
    slope, offset = np.polyfit(np.log(x), np.log(y), 1)
    residual = np.abs(np.log(y) - slope * np.log(x) - offset).max()
    return float(slope), float(np.exp(offset)), float(residual)


def draw(sizes: list[dict], path: Path) -> None:
    """Loss against parameters, tokens and seconds of training."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(13, 4), layout="constrained")
    x = np.array([each["parameters"] for each in sizes]) / 1e6
    y = np.array([each["loss"] for each in sizes])
    left.plot(x, y, "o-", color="#222222")
    left.set(xlabel="parameters, millions", ylabel="held-out nats a filled token",
             title=f"after {sizes[0]['tokens'] / 1e6:.2f} M tokens")  # fmt: skip
    for each in sizes:
        rows = [row for row in each["log"] if "seconds" in row]
        losses, name = [row["loss"] for row in rows], f"{each['parameters'] / 1e6:.2f} M"
        middle.plot([row["tokens"] / 1e6 for row in rows], losses, "o-", label=name)
        right.plot([row["seconds"] for row in rows], losses, "o-", label=name)
    middle.set(xlabel="tokens seen, millions", title="along the run")
    right.set(xlabel="seconds of training on one core", title="along the run")
    right.legend(frameon=False)
    for axes in (left, middle, right):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def main() -> None:
    """Read, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    lines: list[str] = []
    sizes = sorted(results(arguments.runs / "scaling"), key=lambda each: each["parameters"])
    if sizes:
        lines += ["| size | parameters | tokens | seconds | held-out nats a token |", "|---|---|---|---|---|"]
        lines += [
            f"| {s['name']} | {s['parameters'] / 1e6:.2f} M | {s['tokens'] / 1e6:.2f} M | {s['seconds']:.0f} | {s['loss']:.3f} |"
            for s in sizes
        ]
        if len(sizes) > 2:
            x, y = np.array([s["parameters"] for s in sizes]), np.array([s["loss"] for s in sizes])
            slope, factor, residual = power_law(x, y)
            lines += [
                "",
                f"Least squares: loss = {factor:.2f} x parameters^{slope:.3f}, largest residual {residual:.1%}.",
            ]
        if arguments.plot:
            draw(sizes, arguments.plot)
    changes = results(arguments.runs / "ablations")
    base = next((each for each in changes if each["name"] == "base"), None)
    if base is not None:
        lines += ["", "| change | held-out nats a token | against base | tokens | seconds |", "|---|---|---|---|---|"]
        for each in sorted(changes, key=lambda each: each["loss"]):
            lines.append(
                f"| {each['name']} | {each['loss']:.3f} | {each['loss'] - base['loss']:+.3f} "
                f"| {each['tokens'] / 1e6:.2f} M | {each['seconds']:.0f} |"
            )
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
