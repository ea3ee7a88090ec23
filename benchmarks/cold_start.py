"""A 32-bar five-part piece from a cold start, with MIDI, MusicXML, PDF and WAV.

    python benchmarks/cold_start.py --out docs/tables/cold_start.md

Runs itself in fresh processes; prints the median of --runs with seconds by stage and peak memory.
`yuefu evaluate speed` measures the engine once it is warm.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROMPT = "a hopeful pop song in G major, 32 bars"
INSTRUMENTS = "voice, piano, bass, strings, drums"


def once() -> dict[str, float]:
    """One cold run, in this process."""
    began = time.perf_counter()
    from yuefu.text.brief import BriefOptions
    from yuefu.workflows.compose import compose

    marks = {"imports": time.perf_counter() - began}
    start = time.perf_counter()
    composition = compose(PROMPT, BriefOptions(instruments=INSTRUMENTS, seed=7))
    marks["compose"] = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        for name in ("midi", "musicxml", "pdf", "wav", "roll"):
            start = time.perf_counter()
            composition.save(folder, [name])
            marks[name] = time.perf_counter() - start
    marks["in all"] = time.perf_counter() - began
    marks["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert composition.plan.bars == 32
    assert len(composition.score.parts) == 5
    return marks


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.once:
        print(json.dumps(once()))
        return
    runs = [
        json.loads(
            subprocess.run([sys.executable, __file__, "--once"], capture_output=True, text=True, check=True).stdout
        )
        for _ in range(arguments.runs)
    ]
    lines = [
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {arguments.runs} cold runs.",
        "",
    ]
    lines += ["| stage | median, s | least | most |", "|---|---|---|---|"]
    for name in runs[0]:
        values = [run[name] for run in runs]
        lines.append(f"| {name} | {statistics.median(values):.2f} | {min(values):.2f} | {max(values):.2f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
