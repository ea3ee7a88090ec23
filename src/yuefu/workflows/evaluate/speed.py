"""Speed: tokens and notes a second, the first bar's delay and memory, beside ``generate`` and the memory's bandwidth.

Each engine and each piece runs in a fresh process, so that its peak memory is its own.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np

from yuefu.evaluation.bootstrap import Interval
from yuefu.evaluation.plots import line_plot
from yuefu.evaluation.table import Aim, Row, SuiteResult, Table, Value
from yuefu.progress import Progress
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.models import load_model, model_folder

#: Sequences written at once: what a batch of candidates is.
BATCHES = (1, 2, 4, 8)
#: Tokens a second that one sequence should reach on two cores.
WANTED = 400
#: Where a model folder keeps its plain weights, for transformers.
PLAIN = "hf"
PROMPT, INSTRUMENTS = "a hopeful pop song in G major", "voice, piano, bass, strings, drums"
_MIB = 1 << 20

T = TypeVar("T")
#: Batch -> (tokens a second of each repeat, peak memory in MiB so far).
Speeds = dict[int, tuple[list[float], float]]


def run(context: SuiteContext) -> SuiteResult:
    """Full: five repeats of 400 tokens a sequence, three pieces of 16 bars a number of candidates; minutes in all."""
    repeats, tokens, batches = (1, 48, BATCHES[:2]) if context.quick else (5, 400, BATCHES)
    folder = context.model or model_folder()
    load_model(context.model)  # so that a folder without a model is told of at once
    context.progress(Progress("speed", 0, 4, "runtime"))
    own = _apart(runtime_speeds, context.model, batches, tokens, repeats, context.seed)
    context.progress(Progress("speed", 1, 4, "generate"))
    other: Speeds = {}
    if find_spec("torch") and find_spec("transformers") and (folder / PLAIN).is_dir():
        other = _apart(generate_speeds, folder / PLAIN, batches, tokens, repeats, context.seed)
    context.progress(Progress("speed", 2, 4, "bandwidth"))
    weights = sum((folder / name).stat().st_size for name in ("model.onnx", "model.onnx.data"))
    far = bandwidth((64 if context.quick else 256) * _MIB, 3 if context.quick else 9)
    near = bandwidth(weights, 5 if context.quick else 50)
    context.progress(Progress("speed", 3, 4, "pieces"))
    pieces = _pieces(context, batches)
    context.progress(Progress("speed", 4, 4))
    one = statistics.median(own[1][0])
    found = f"{one:.0f}" + (f", {one / statistics.median(other[1][0]):.1f} times generate" if other else "")
    plot = line_plot(
        "tokens", "Tokens a second, all sequences together", list(batches),
        {name: [_spread(speeds[b][0]) for b in batches] for name, speeds in (("yuefu", own), ("generate", other))
         if speeds},
        "sequences at once", "tokens a second",
    )  # fmt: skip
    return SuiteResult(
        "speed",
        (_engines(own, other, weights, far, near), pieces),
        (Aim(f"{WANTED} tokens a second, one sequence", found, None if context.quick else one >= WANTED),),
        plot,
        {"machine": platform.machine(), "cores": _cores(), "Python": platform.python_version(), "repeats": repeats,
         "tokens": tokens},
    )  # fmt: skip


def _engines(own: Speeds, other: Speeds, weights: int, far: Sequence[float], near: Sequence[float]) -> Table:
    limits = {name: _spread([rate / weights for rate in rates]) for name, rates in (("far", far), ("near", near))}
    rows = []
    for engine, speeds in (("yuefu", own), ("transformers generate", other)):
        for batch, (rates, memory) in speeds.items():
            told: dict[str, Value] = {
                "sequences": batch,
                "tokens a second": _spread(rates),
                "a sequence": statistics.median(rates) / batch,
                "peak memory, MiB": memory,
            }
            if engine == "yuefu":
                told["of the limit"] = f"{statistics.median(rates) / limits['far'].mean:.1%}"
            rows.append(Row(engine, told))
    rows += [
        Row("limit: weights from memory", {"sequences": 1, "tokens a second": limits["far"]}),
        Row("limit: weights in cache", {"sequences": 1, "tokens a second": limits["near"]}),
    ]
    notes = [
        "Median (least to most) over the repeats; tokens of all sequences together, own sampling included. yuefu: one "
        "generator a thread; generate: one batch, the same weights in float32.",
        f"Limit: {weights / 1e6:.1f} MB of weights, all read for each token, by what one core copies with numpy: "
        f"{statistics.median(far) / 1e9:.1f} GB/s (read and write) of arrays larger than any cache, "
        f"{statistics.median(near) / 1e9:.1f} GB/s of arrays as large as the weights, which may stay in a cache.",
        "Published, on other machines: Multitrack Music Transformer 11.8 notes a second (Dong et al. 2023).",
    ]
    if not other:
        notes.append(
            "generate wasn't timed: it needs the extra `train` and a model folder with plain weights under `hf`."
        )
    columns = ("sequences", "tokens a second", "a sequence", "of the limit", "peak memory, MiB")
    return Table("Engines", columns, tuple(rows), "engine", tuple(notes), digits=0)


def _pieces(context: SuiteContext, batches: Sequence[int]) -> Table:
    """Whole pieces by number of candidates, each in a fresh process with the model loaded."""
    bars, repeats = (4, 1) if context.quick else (16, 3)
    rows = []
    for candidates in batches:
        made = [_apart(timed_piece, context.model, bars, candidates, context.seed) for _ in range(repeats)]
        seconds, first, notes, memory = (list(values) for values in zip(*made))
        told: dict[str, Value] = {
            "pieces": repeats,
            "seconds": _spread(seconds),
            "first bar, s": _spread(first),
            "notes a second": _spread([n / s for n, s in zip(notes, seconds)]),
            "peak memory, MiB": statistics.median(memory),
        }
        rows.append(Row(str(candidates), told))
    columns = ("pieces", "seconds", "first bar, s", "notes a second", "peak memory, MiB")
    note = (
        f"{bars} bars in five parts, written without files or sound; median (least to most). First bar: until all "
        "its pitched parts are there, after the whole tune has been written."
    )
    return Table("Pieces by candidates", columns, tuple(rows), "candidates", (note,), digits=2)


def _spread(values: Sequence[float]) -> Interval:
    """Median, least and most."""
    return Interval(statistics.median(values), min(values), max(values), len(values))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _apart(function: Callable[..., T], *arguments: object) -> T:
    """A function's result from a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def peak_memory() -> float:
    """The most memory that this process has held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what the parent held before it forked
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (_MIB if sys.platform == "darwin" else 1024)


def runtime_speeds(model: Path | None, batches: Sequence[int], tokens: int, repeats: int, seed: int) -> Speeds:
    """Batch -> tokens a second with one generator a thread, sampling as when composing."""
    from yuefu.generation.sampling import choose

    engine = load_model(model).engine

    def write(number: int, count: int) -> None:
        session = engine.session()
        session.append([1, 2])
        rng = np.random.default_rng([seed, number])
        allowed = np.ones(len(session.logits()), dtype=bool)
        for _ in range(count):
            session.append([choose(session.logits(), allowed, None, rng)[0]])

    write(0, 8)
    found: Speeds = {}
    for batch in batches:
        rates = []
        for _ in range(repeats):
            start = time.perf_counter()
            with ThreadPoolExecutor(batch) as pool:
                list(pool.map(write, range(batch), [tokens] * batch))
            rates.append(batch * tokens / (time.perf_counter() - start))
        found[batch] = rates, peak_memory()
    return found


def generate_speeds(folder: Path, batches: Sequence[int], tokens: int, repeats: int, seed: int) -> Speeds:
    """Batch -> tokens a second of transformers' generate. Needs torch."""
    from yuefu.models.generate import timed_generate

    memory: dict[int, float] = {}
    seconds = timed_generate(
        folder, batches, tokens, repeats, seed, lambda batch: memory.__setitem__(batch, peak_memory())
    )
    return {batch: ([batch * tokens / s for s in times], memory[batch]) for batch, times in seconds.items()}


def timed_piece(model: Path | None, bars: int, candidates: int, seed: int) -> tuple[float, float, int, float]:
    """(seconds, seconds until the first bar, notes, peak memory in MiB) of one piece."""
    from yuefu.text.brief import BriefOptions
    from yuefu.workflows.compose import compose

    load_model(model).engine.session().append([1, 2])
    first: list[float] = []

    def listen(event: Progress) -> None:
        if event.stage == "band" and not first:
            first.append(time.perf_counter() - start)

    options = BriefOptions(instruments=INSTRUMENTS, bars=bars, candidates=candidates, seed=seed)
    start = time.perf_counter()
    piece = compose(PROMPT, options, model=model, progress=listen)
    seconds = time.perf_counter() - start
    return seconds, first[0] if first else seconds, piece.score.note_count, peak_memory()


def bandwidth(size: int, repeats: int) -> list[float]:
    """Bytes a second, read and written, of numpy copies of ``size`` bytes on one core."""
    source, target = np.ones(size // 8), np.zeros(size // 8)
    np.copyto(target, source)
    rates = []
    for _ in range(repeats):
        start = time.perf_counter()
        np.copyto(target, source)
        rates.append(2 * source.nbytes / (time.perf_counter() - start))
    return rates
