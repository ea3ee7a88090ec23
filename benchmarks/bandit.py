"""The feedback loop in simulated worlds with known truth, and counterfactual estimates beside what is true.

    python benchmarks/bandit.py --seeds 10 --out docs/tables/bandit.md

Worlds are `yuefu.recommend.simulation`'s: fame says nothing of quality, three of ten pieces come out late, and low places
are looked at less. Every way of choosing starts from the same world without knowing anybody's taste.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from yuefu.recommend.counterfactual import Estimate
from yuefu.recommend.simulation import POLICIES, Loop, ideal_gini, make_world, run
from yuefu.recommend.simulation_trial import TARGETS, Judged, judge, looked_from_log, make_trial

EXPLORE = (0.0, 0.03, 0.1)


def mean(loops: list[Loop], what: str, part: slice) -> tuple[float, float]:
    """Of a curve over a part of the rounds: mean over the worlds, and its standard error."""
    values = np.array([getattr(loop, what)[part].mean() for loop in loops])
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def loops_table(seeds: int, rounds: int) -> list[str]:
    """Every way of choosing, in the same worlds."""
    worlds = [make_world(seed, rounds=rounds) for seed in range(seeds)]
    ways = [(policy, 0.0) for policy in POLICIES if policy != "bandit"] + [("bandit", rate) for rate in EXPLORE]
    found = {}
    for policy, rate in ways:
        began = time.perf_counter()
        found[policy, rate] = [
            run(world, policy, rounds=rounds, seed=seed, explore=rate) for seed, world in enumerate(worlds)
        ]
        print(policy, rate, f"{time.perf_counter() - began:.1f} s", flush=True)
    first, last = slice(0, 10), slice(-10, None)
    any_loop = found["greedy", 0.0]
    fair = [mean(any_loop, what, last)[0] for what in ("fair_small", "fair_late")]
    tastes = float(np.mean([ideal_gini(world, rounds) for world in worlds]))
    lines = [
        "| way | explore | regret, rounds 1–10 | 11–20 | 21–40 | last 10 | all | Gini, round 10 | 30 | last |"
        " small creators, last 10 | late pieces, last 10 |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (policy, rate), loops in found.items():
        regret = [mean(loops, "regret", part) for part in (first, slice(10, 20), slice(20, 40), last, slice(None))]
        uneven = [float(np.mean([loop.gini[at] for loop in loops])) for at in (9, 29, rounds - 1)]
        shares = [mean(loops, what, last)[0] for what in ("small", "late")]
        lines.append(
            f"| {policy} | {rate or '–'} | "
            + " | ".join(f"{value:.3f}" for value, _ in regret[:-1])
            + f" | {regret[-1][0]:.3f} ± {regret[-1][1]:.3f} | "
            + " | ".join(f"{value:.2f}" for value in uneven)
            + " | "
            + " | ".join(f"{value:.2f}" for value in shares)
            + " |"
        )
    lines.append(f"| best lists | | 0 | 0 | 0 | 0 | 0 | | | {tastes:.2f} | {fair[0]:.2f} | {fair[1]:.2f} |")
    return lines


def estimates_table(seeds: int, explore: float) -> list[str]:
    """Estimators against the truth, over logs of many worlds."""
    judged: dict[str, list[Judged]] = {target: [] for target in TARGETS}
    looked = []
    for seed in range(seeds):
        trial = make_trial(make_world(seed), seed, explore=explore)
        looked.append(looked_from_log(trial))
        for target in TARGETS:
            judged[target].append(judge(trial, target))
    lines = [
        "| asked about | truth, plays a list | log's mean | IPS | SNIPS | doubly robust | 95% intervals that hold it |"
        " effective rows | support |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    held_all = []
    for target, rows in judged.items():
        truth = np.array([row.truth for row in rows])
        naive = np.array([row.naive for row in rows])
        cells = [f"{_error(naive - truth)}"]
        held = []
        for way in ("ips", "snips", "doubly_robust"):
            found: list[Estimate] = [getattr(row, way) for row in rows]
            cells.append(_error(np.array([one.value for one in found]) - truth))
            held.append(np.mean([one.low <= true <= one.high for one, true in zip(found, truth)]))
        held_all.append(held)
        effective = np.mean([row.ips.effective for row in rows])
        support = np.mean([row.ips.support for row in rows])
        lines.append(
            f"| {target} | {truth.mean():.3f} | "
            + " | ".join(cells)
            + " | "
            + ", ".join(f"{share:.0%}" for share in held)
            + f" | {effective:,.0f} | {support:.2f} |"
        )
    truth_looked = make_world(0).looked
    mean_looked = np.mean(looked, axis=0)
    wrong = np.mean(np.abs(np.array(looked) - truth_looked), axis=0)
    lines += [
        "",
        "How much a place is looked at beside the first, learnt from the same logs:",
        "",
        "| place | " + " | ".join(str(place + 1) for place in range(len(truth_looked))) + " |",
        "|---|" + "---|" * len(truth_looked),
        "| truth | " + " | ".join(f"{value:.3f}" for value in truth_looked) + " |",
        "| learnt, mean | " + " | ".join(f"{value:.3f}" for value in mean_looked) + " |",
        "| mean error | " + " | ".join(f"{value:.3f}" for value in wrong) + " |",
    ]
    return lines


def _error(missed: np.ndarray) -> str:
    return f"{np.sqrt(np.mean(missed**2)):.3f} ({missed.mean():+.3f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--logs", type=int, default=40, help="worlds whose logs the estimators are tried on")
    parser.add_argument("--explore", type=float, default=0.3, help="of those logs")
    given = parser.parse_args()
    lines = [
        "# The feedback loop, simulated",
        "",
        f"{given.seeds} worlds of 120 listeners and 240 pieces, lists of 5, {given.rounds} rounds. Regret is the share of the"
        " best possible plays that was missed; Gini is of what was looked at in ten rounds (0 even, 1 all to one piece);"
        " the last two columns are shares of what was looked at.",
        "",
        *loops_table(given.seeds, given.rounds),
        "",
        "## Counterfactual estimates",
        "",
        f"{given.logs} worlds; 40 rounds logged with explore {given.explore} over 20 candidates (24,000 rows). Errors are root mean"
        " square (and bias) over the worlds; intervals of IPS, SNIPS and doubly robust.",
        "",
        *estimates_table(given.logs, given.explore),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
