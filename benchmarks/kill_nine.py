"""kill -9 in the middle of running jobs: is anything lost or doubled?

    python benchmarks/kill_nine.py            # ten composers, ten running jobs and ten waiting
    python benchmarks/kill_nine.py --quick    # two composers, four jobs
    python benchmarks/kill_nine.py --database postgresql+psycopg://user:password@host/name

A process starts the workers, as the server does. When all of them are in the middle of composing, it and every worker
get SIGKILL. Then the same is started anew and goes on until the queue is empty. In the end each job has to be done, with
one piece of one version that can be read, and what was there before has to be as it was.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from yuefu.jobs.requests import parse_request
from yuefu.store import Store
from yuefu.workflows.documents import Document

SERVER = """
import sys, time
from pathlib import Path
from yuefu.jobs.pool import Pool
pool = Pool(Path(sys.argv[1]), sys.argv[2] or None, int(sys.argv[3]))
pool.start()
print(*pool.pids, flush=True)
while True:
    time.sleep(0.5)
    pool.watch()
"""


def start(data: Path, database: str | None, workers: int) -> tuple[subprocess.Popen[bytes], list[int]]:
    """The process above the workers, and theirs."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(data), database or "", str(workers)], stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    return server, [int(pid) for pid in server.stdout.readline().split()]


def until(check, seconds: float, what: str) -> float:
    """Wait for something; the seconds that it took."""
    begun = time.monotonic()
    while not check():
        if time.monotonic() - begun > seconds:
            raise SystemExit(f"FAILED: {what} didn't come about in {seconds:g} s")
        time.sleep(0.05)
    return time.monotonic() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--database")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--out", type=Path, help="where the table is written, too")
    parser.add_argument("--kills", type=int, default=2, help="how often everything is killed")
    options = parser.parse_args()
    workers = options.workers or (2 if options.quick else 10)
    count, bars = (4, 8) if options.quick else (2 * workers, 16)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        store = Store.open(data, options.database)
        me = store.accounts.create(f"bench {time.time_ns()}", "a long enough password").id
        before = store.pieces.create(me, title="before", document=b"before", kind="import")
        ids = []
        for number in range(count):
            asked = {"words": "a calm song for voice and piano", "options": {"bars": bars, "seed": number}}
            request = parse_request("compose", asked).model_dump(mode="json")
            ids.append(store.jobs.add(me, "compose", request, most_waiting=1000)[0].id)
        rows = []
        begun = time.monotonic()

        def writing(since: int) -> int:
            told = {event.job_id for event in store.jobs.events(since, limit=100_000) if event.kind == "progress"}
            return sum(job.id in told for job in store.jobs.list(me, "running"))

        def over() -> int:
            return sum(job.is_over for job in store.jobs.list(me, limit=500))

        for kill in range(1, options.kills + 1):
            since = store.jobs.last_event_id()
            server, pids = start(data, options.database, workers)

            def busy(since: int = since) -> bool:
                return writing(since) >= min(workers, count - over())

            took = until(busy, 600, "all workers at work")
            at_work = writing(since)
            for pid in (server.pid, *pids):
                os.kill(pid, signal.SIGKILL)
            server.wait()
            counts = {state: len(store.jobs.list(me, state, 500)) for state in ("done", "running", "queued")}
            pieces = len(store.pieces.list(me, limit=200)[0]) - 1
            rows.append(
                (
                    f"kill -9, {kill}",
                    f"{took:.1f}",
                    at_work,
                    counts["done"],
                    counts["running"],
                    counts["queued"],
                    pieces,
                )
            )
        server, pids = start(data, options.database, workers)
        took = until(lambda: over() == count, 1800, "an empty queue")
        server.terminate()
        server.wait()
        jobs = [store.jobs.get(me, job) for job in ids]
        made = [job.result["piece"] for job in jobs if job.result]
        kept = store.pieces.list(me, limit=200)[0]
        rows.append(("to the end", f"{took:.1f}", "", sum(job.state == "done" for job in jobs), 0, 0, len(kept) - 1))
        lines = [
            "| step | seconds | writing when killed | done | running | queued | pieces |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows),
        ]
        faults = [f"job {job.id} is {job.state}: {job.error}" for job in jobs if job.state != "done"]
        if {piece.id for piece in kept} != {before.id, *made} or len(set(made)) != count:
            faults.append(f"{count} jobs, {len(set(made))} results, {len(kept) - 1} pieces")
        sizes = []
        for piece in made:
            versions = store.pieces.versions(me, piece)
            if [version.number for version in versions] != [1]:
                faults.append(f"piece {piece} has versions {[version.number for version in versions]}")
            document = store.pieces.document(versions[-1])
            sizes.append(len(document))
            if Document.from_bytes(document).score.note_count == 0:
                faults.append(f"piece {piece} is empty")
        attempts = sorted(job.attempts for job in jobs)
        lines += [
            "",
            f"{count} jobs, {workers} workers, {time.monotonic() - begun:.0f} s; attempts a job: "
            f"{attempts[0]} to {attempts[-1]}; a version is {sum(sizes) / max(len(sizes), 1) / 1024:.1f} kB on disk.",
        ]
        store.close()
    lines.append("\n".join(f"FAILED: {fault}" for fault in faults) or "Nothing lost, nothing doubled.")
    print("\n".join(lines))
    if options.out:
        options.out.write_text("\n".join(lines) + "\n")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
