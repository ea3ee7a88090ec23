"""How long recommending takes, how much memory, and how both grow to a million events of made-up listeners.

python benchmarks/recommend_speed.py [--events 10000 100000 1000000] [--out docs/tables/recommend_speed.md]

The listeners are synthetic: scenes with fame by a power law. Each recommender is fitted in a process of its own, so
that its memory is its own. Times are of the processor, on one thread, so that what else runs on the machine doesn't
count; what takes more than ``--limit`` seconds is stopped and said to be.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from yuefu.listening.event import Event
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.live import Live
from yuefu.recommend.model import FittedModel
from yuefu.recommend.registry import recommender_names
from yuefu.recommend.weights import histories_of

NOW = 20_000.0
EACH = 50
SCENES = 24


def synthetic(events: int, seed: int = 1) -> tuple[Histories, Catalogue]:
    """Made-up listeners with 50 plays each, as many items as a library of that use has (events ** 0.75, 30,000 at
    most), scenes, and fame by a power law."""
    rng = np.random.default_rng(seed)
    listeners, items = events // EACH, int(min(30_000, events**0.75))
    fame = 1.0 / (1.0 + np.arange(items)) ** 0.7
    scene = rng.integers(0, SCENES, items)
    home = rng.integers(0, SCENES, (listeners, 2))
    chance = [np.where(scene == each, fame, fame * 0.03) for each in range(SCENES)]
    ends = [np.cumsum(each) / each.sum() for each in chance]
    who = np.repeat(np.arange(listeners), EACH)
    where = home[who, (rng.random(len(who)) < 0.3).astype(int)]
    what = np.zeros(len(who), dtype=np.int64)
    for each in range(SCENES):
        mine = where == each
        what[mine] = np.minimum(np.searchsorted(ends[each], rng.random(int(mine.sum()))), items - 1)
    when = np.sort(NOW - 365 * rng.random((listeners, EACH)), axis=1)
    matrix = sp.csr_matrix((np.ones(len(who), np.float32), (who, what)), shape=(listeners, items))
    matrix.sum_duplicates()
    matrix.data = np.log1p(matrix.data)
    names = tuple(f"track:{number}" for number in range(items))
    data = Histories(
        tuple(f"listener {number}" for number in range(listeners)),
        names,
        matrix,
        tuple(what.reshape(listeners, EACH)),
        tuple(when),
        NOW,
    )
    features = np.zeros((items, SCENES + 4), dtype=np.float32)
    features[np.arange(items), scene] = 1.0
    features[:, SCENES:] = rng.standard_normal((items, 4))
    columns = tuple(f"style:{number}" for number in range(SCENES))
    columns += ("mood:valence", "mood:arousal", "tempo:bpm", "texture:density")
    catalogue = Catalogue(
        names, features, columns, tuple(f"maker {n % 200}" for n in range(items)), np.full(items, NOW)
    )
    return data, catalogue


def peak() -> float:
    """Most memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(name: str, events: int) -> dict[str, float]:
    """Fit one recommender and ask it."""
    data, catalogue = synthetic(events)
    before = peak()
    begin = time.process_time()
    model = FittedModel.fit(data, catalogue, names=(name,), seed=1)
    found = {"listeners": len(data.listeners), "items": len(data.items), "fit": time.process_time() - begin}
    found["memory"] = peak() - before
    rows = np.resize(np.arange(len(data.listeners)), 1_000)
    asked = data.rows(rows)
    begin = time.process_time()
    model.recommend(asked, 100)
    found["thousand"] = time.process_time() - begin
    live = Live(model)
    start = datetime(2024, 10, 1, tzinfo=UTC)
    times, waited = [], []
    for turn in range(60):
        listener = f"new {turn % 3}"
        event = Event(listener, data.items[int(data.sequences[turn][0])], "play", start + timedelta(minutes=turn))
        begin, clock = time.process_time(), time.perf_counter()
        live.add(event)
        live.top(listener, 20)
        times.append(time.process_time() - begin)
        waited.append(time.perf_counter() - clock)
    # The first builds the model's own tables once.
    found["next"], found["next95"] = float(np.mean(times[1:])), float(np.quantile(waited[1:], 0.95))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fit.npz"
        begin = time.process_time()
        model.save(path)
        found["save"], found["file"] = time.process_time() - begin, path.stat().st_size / 2**20
        begin = time.process_time()
        FittedModel.load(path)
        found["load"] = time.process_time() - begin
    return found


def events_to_numbers(events: int) -> float:
    """Seconds in which bare events become histories."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    rng = np.random.default_rng(2)
    items = rng.integers(0, int(min(30_000, events**0.75)), events).tolist()
    listed = [
        Event(f"l{at // EACH}", f"track:{item}", "play", start + timedelta(minutes=at)) for at, item in enumerate(items)
    ]
    begin = time.process_time()
    histories_of(listed)
    return time.process_time() - begin


def main() -> None:
    """Each size and recommender in its own process, then a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--names", nargs="+", default=list(recommender_names()))
    parser.add_argument("--limit", type=float, default=240.0)
    parser.add_argument("--one", nargs=2, metavar=("NAME", "EVENTS"), help=argparse.SUPPRESS)
    parser.add_argument("--raw", type=Path, help="JSON of what was measured already, which isn't measured again")
    parser.add_argument("--draw", action="store_true", help="measure nothing more: a table of what --raw holds")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    if arguments.one:
        resource.setrlimit(resource.RLIMIT_CPU, (int(arguments.limit), int(arguments.limit) + 5))
        print(json.dumps(one(arguments.one[0], int(arguments.one[1]))))
        return
    lines = [
        "# Speed of recommending", "",
        f"`python benchmarks/recommend_speed.py --out docs/tables/recommend_speed.md`, Python {platform.python_version()}, "
        "one thread; seconds of the processor, on a machine with two cores that others use too. The listeners are "
        "synthetic (50 plays each); each row is a process of its own. `next`: one event is added to a listener's row and "
        "the 20 next are ranked, the mean; `95% ms`: of the same by the clock, with others at work; the aim is 50 ms. "
        "`1,000 x 100`: a hundred each for a thousand listeners. Memory: above that of the data, at the peak.", "",
    ]  # fmt: skip
    known = json.loads(arguments.raw.read_text("utf-8")) if arguments.raw and arguments.raw.exists() else {}
    wanted = [(events, name) for events in arguments.events for name in arguments.names if not arguments.draw]
    for events, name in wanted:
        key = f"{events} {name}"
        if key not in known:
            known[key] = measured(name, events, arguments.limit)
            print(key, known[key], flush=True)
            if arguments.raw:
                arguments.raw.write_text(json.dumps(known, indent=1), encoding="utf-8")
    for events in arguments.events:
        rows = {name: known.get(f"{events} {name}", {}) for name in arguments.names}
        sizes = next((m for m in rows.values() if "fit" in m), {"listeners": events // EACH, "items": 0})
        if f"{events}" not in known:
            known[f"{events}"] = events_to_numbers(events)
        lines += [
            f"## {events:,} events, {sizes['listeners']:,} listeners, {sizes['items']:,} items", "",
            f"Events become histories in {known[str(events)]:.2f} s.", "",
            "| recommender | fit s | next ms | 95% ms | 1,000 x 100 s | memory MiB | file MiB | save s | load s |",
            "|---|---|---|---|---|---|---|---|---|",
            *(row_of(name, m) for name, m in rows.items()), "",
        ]  # fmt: skip
    print("\n".join(lines))
    if arguments.raw:
        arguments.raw.write_text(json.dumps(known, indent=1), encoding="utf-8")
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def measured(name: str, events: int, limit: float) -> dict:
    """What ``one`` found in a process of its own, or why it found nothing."""
    command = [sys.executable, __file__, "--limit", str(limit), "--one", name, str(events)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        found: dict = json.loads(done.stdout.splitlines()[-1])
        return found
    if done.returncode == -signal.SIGXCPU:
        return {"stopped": limit}
    print(done.stderr[-800:], file=sys.stderr)
    return {"failed": done.stderr.splitlines()[-1][:80] if done.stderr else str(done.returncode)}


def row_of(name: str, m: dict) -> str:
    if not m:
        return f"| {name} | not run | | | | | | | |"
    if "fit" not in m:
        said = f"more than {m['stopped']:.0f}, stopped" if "stopped" in m else f"failed: {m['failed']}"
        return f"| {name} | {said} | | | | | | | |"
    return (
        f"| {name} | {m['fit']:.2f} | {1000 * m['next']:.1f} | {1000 * m['next95']:.1f} | {m['thousand']:.2f} "
        f"| {m['memory']:.0f} | {m['file']:.1f} | {m['save']:.2f} | {m['load']:.2f} |"
    )


if __name__ == "__main__":
    main()
