"""Fifty users compose and listen at once: requests a second, latencies, the queue, memory, and nothing lost.

    python benchmarks/load.py --users 50 --minutes 5 --out docs/tables/load.md

Starts `yuefu serve --accounts` on a free port with a data folder of its own. Every user has an account and a key, and
does what people do: types (the brief is read again and again), composes, follows the bars, listens (the grid, the
playback, sounds, a page of the score; then as long as the piece lasts, at most --listen seconds), likes, edits, has
two bars written anew, searches the library. A full queue answers 429; the user waits as long as it says. At the end
every job that was told to be done must have its piece and version, and no account may hold a piece more.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PROMPTS = (
    "a hopeful folk song for a rainy morning, 8 bars", "slow blues in A, 12 bars", "春雨江南，古筝和笛子，八小节",
    "driving at night, synthwave, 8 bars", "小酒馆里的爵士，12小节", "a lullaby in three, 8 bars",
    "欢快的民谣，16小节", "a tango with an accordion, 8 bars", "夏夜的萤火虫，钢琴独奏，8小节", "ragtime, 16 bars",
)  # fmt: skip


@dataclass
class Tally:
    """What was measured. seconds: route -> of each answer; codes: status -> count; made: account -> pieces that a
    finished job told of; waits: seconds from asking to the first bars, and to the end."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    codes: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    made: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    versions: dict[tuple[int, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    first_bars: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    refused: int = 0
    edits: int = 0
    memory: list[tuple[float, float, float]] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)


class User:
    """One person at a browser."""

    def __init__(self, number: int, base: str, key: str, tally: Tally, until: float, listen: float) -> None:
        self.number, self.tally, self.until, self.listen = number, tally, until, listen
        self.rng = random.Random(number)
        self.http = httpx.AsyncClient(
            base_url=base + "/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )

    async def ask(self, route: str, method: str, path: str, **how: Any) -> httpx.Response:
        """One request, timed under its route's name."""
        start = time.perf_counter()
        answer = await self.http.request(method, path, **how)
        self.tally.seconds[route].append(time.perf_counter() - start)
        self.tally.codes[answer.status_code] += 1
        if answer.status_code >= 500 or (answer.status_code >= 400 and answer.status_code not in (409, 412, 429)):
            self.tally.faults.append(f"{method} {path}: {answer.status_code} {answer.text[:120]}")
        return answer

    async def pause(self, low: float, high: float) -> None:
        """Thinking, or listening; never beyond the end."""
        await asyncio.sleep(max(0.0, min(self.rng.uniform(low, high), self.until - time.monotonic())))

    async def job(self, kind: str, request: dict[str, Any]) -> dict[str, Any] | None:
        """Ask for a job and follow it; its result, or None when the queue stayed full or the time ran out."""
        asked = time.monotonic()
        key = f"{self.number}-{self.rng.getrandbits(64):x}"
        while True:
            answer = await self.ask(
                f"POST jobs ({kind})", "POST", "/jobs", json={"kind": kind, "request": request},
                headers={"Idempotency-Key": key},
            )  # fmt: skip
            if answer.status_code != 429:
                break
            self.tally.refused += 1
            if time.monotonic() > self.until:
                return None
            await asyncio.sleep(min(float(answer.headers.get("retry-after", 2)), 10) * self.rng.uniform(0.8, 1.3))
        if answer.status_code not in (200, 201, 202):
            return None
        job = answer.json()["id"]
        first = True
        async with self.http.stream("GET", f"/jobs/{job}/events", timeout=None) as stream:
            event = ""
            async for line in stream.aiter_lines():
                if line.startswith("event:"):
                    event = line[6:].strip()
                elif line.startswith("data:"):
                    if event == "bars" and first and kind == "compose":
                        first = False
                        self.tally.first_bars.append(time.monotonic() - asked)
                    if event == "state":
                        told = json.loads(line[5:])
                        if told["state"] == "done":
                            if kind == "compose":
                                self.tally.ready.append(time.monotonic() - asked)
                            return dict(told["result"])
                        if told["state"] in ("failed", "cancelled"):
                            self.tally.faults.append(f"{kind} {told['state']}: {told.get('error')}")
                            return None
        self.tally.faults.append(f"the events of {kind} {job} ended without an end")
        return None

    async def live(self) -> None:
        """Until the time is over."""
        await self.pause(0, 20)
        while time.monotonic() < self.until:
            words = self.rng.choice(PROMPTS)
            for cut in (len(words) // 2, len(words)):
                await self.ask("POST briefs", "POST", "/briefs", json={"words": words[:cut]})
                await self.pause(0.5, 2)
            made = await self.job("compose", {"words": words, "options": {"candidates": 2}})
            if made is None:
                continue
            piece, version = made["piece"], made["version"]
            self.tally.made[self.number].add(piece)
            self.tally.versions[self.number, piece].add(version)
            await self.hear(piece, version)
            if self.rng.random() < 0.5:
                await self.edit(piece)
            if self.rng.random() < 0.4:
                done = await self.job("fill", {"piece": piece, "task": "fill", "rows": ["melody"], "bars": "3-4"})
                if done is not None:
                    self.tally.versions[self.number, piece].add(done["version"])
            await self.ask("GET pieces", "GET", "/pieces", params={"words": words.split()[-1]})
        await self.http.aclose()

    async def hear(self, piece: str, version: int) -> None:
        """What the page fetches when a piece is opened and played."""
        at = f"/pieces/{piece}/versions/{version}"
        await self.ask("GET grid", "GET", f"{at}/grid")
        playback = (await self.ask("GET playback", "GET", f"{at}/playback")).json()
        for part in playback.get("parts", [])[:3]:
            if part["notes"]:
                sound = "drums" if part["is_drums"] else part["program"]
                await self.ask("GET sounds", "GET", f"/sounds/{sound}/{part['notes'][0][3]}.flac")
        if self.rng.random() < 0.5:
            await self.ask("GET score page", "GET", f"{at}/pages/1.svg")
        await self.pause(0.6 * self.listen, min(self.listen, playback.get("duration", self.listen)))
        await self.ask("GET midi", "GET", f"{at}/files/midi")

    async def edit(self, piece: str) -> None:
        """A change by hand, on the newest version."""
        got = await self.ask("GET piece", "GET", f"/pieces/{piece}")
        answer = await self.ask(
            "POST versions", "POST", f"/pieces/{piece}/versions", headers={"If-Match": got.headers.get("etag", "")},
            json={"base": got.json()["head"], "edits": [{"op": "tempo", "bpm": self.rng.randint(60, 140)}]},
        )  # fmt: skip
        if answer.status_code in (200, 201):
            self.tally.edits += 1
            self.tally.versions[self.number, piece].add(answer.json()["head"])


def accounts(data: Path, count: int) -> list[str]:
    """Secrets of new accounts, made before the server starts."""
    from yuefu.store.store import Store

    store = Store.open(data)
    try:
        return [
            store.accounts.create_key(store.accounts.create(f"user{n}", f"a long password {n}").id, "load")[1]
            for n in range(count)
        ]
    finally:
        store.close()


def memory_of(root: int) -> tuple[float, float]:
    """Resident MB of the server and of its workers together."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])

    def resident(pid: int) -> float:
        with contextlib.suppress(OSError):
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        return 0.0

    below, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in below} - below
        grown = bool(more)
        below |= more
    return resident(root), sum(resident(pid) for pid in below - {root})


async def watch(server: subprocess.Popen[bytes], base: str, tally: Tally, until: float) -> None:
    """Memory and the queue's length, every two seconds."""
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as http:
        while time.monotonic() < until:
            tally.memory.append((time.monotonic() - began, *memory_of(server.pid)))
            with contextlib.suppress(httpx.HTTPError, KeyError, ValueError):
                tally.queue.append(int((await http.get("/api/v1/health")).json()["queue"]["waiting"]))
            await asyncio.sleep(2)


async def check(base: str, keys: list[str], tally: Tally) -> list[str]:
    """What the accounts hold beside what they were told: each difference a line."""
    lost: list[str] = []
    for number, key in enumerate(keys):
        async with httpx.AsyncClient(
            base_url=base + "/api/v1", headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=60
        ) as http:
            held: set[str] = set()
            after = None
            while True:
                page = (await http.get("/pieces", params={"limit": 100, **({"after": after} if after else {})})).json()
                held |= {piece["id"] for piece in page["pieces"]}
                after = page.get("next")
                if not after:
                    break
            jobs = (await http.get("/jobs", params={"limit": 100})).json()["jobs"]
            done = {job["result"]["piece"] for job in jobs if job["kind"] == "compose" and job["state"] == "done"}
            told = tally.made[number]
            lost += [f"account {number} lost piece {piece}" for piece in told - held]
            lost += [f"account {number} holds piece {piece} that no job made" for piece in held - told - done]
            for piece in sorted(told & held):
                numbers = {v["number"] for v in (await http.get(f"/pieces/{piece}/versions")).json()["versions"]}
                lost += [f"piece {piece} lost a version" for v in tally.versions[number, piece] if v not in numbers]
    return lost


def percentiles(values: list[float]) -> str:
    """The 50th, 95th and 99th, in the table's cells."""
    ordered = sorted(values)
    return " | ".join(f"{ordered[min(len(ordered) - 1, int(len(ordered) * p))] * 1000:,.0f}" for p in (0.5, 0.95, 0.99))


def table(tally: Tally, users: int, minutes: float, lost: list[str]) -> str:
    """Everything, in Markdown."""
    total = sum(map(len, tally.seconds.values()))
    lines = [
        f"{users} users, {minutes:g} minutes, {os.cpu_count()} cores: {total:,} requests, "
        f"{total / (minutes * 60):.1f} a second; {len(tally.ready)} pieces composed, {tally.edits} edits.",
        "", "| request | count | 50 % ms | 95 % ms | 99 % ms |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for route, seconds in sorted(tally.seconds.items()):
        lines.append(f"| {route} | {len(seconds):,} | {percentiles(seconds)} |")
    for name, values in (("click to first bars", tally.first_bars), ("click to finished piece", tally.ready)):
        if values:
            lines.append(f"| {name} | {len(values):,} | {percentiles(values)} |")
    codes = ", ".join(f"{code}: {count:,}" for code, count in sorted(tally.codes.items()))
    lines += ["", f"Answers by status: {codes}. Refused by a full queue (429): {tally.refused}."]
    if tally.queue:
        lines.append(f"Jobs waiting: median {statistics.median(tally.queue):.0f}, most {max(tally.queue)}.")
    if tally.memory:
        quarter = max(len(tally.memory) // 4, 1)
        for column, name in ((1, "server"), (2, "workers together")):
            held = [row[column] for row in tally.memory]
            means = [statistics.fmean(held[k * quarter : (k + 1) * quarter] or held[-1:]) for k in range(4)]
            lines.append(f"Memory, {name}: {', '.join(f'{m:.0f}' for m in means)} MB by quarter, most {max(held):.0f}.")
    lines.append(f"Lost or doubled: {len(lost)}. Faults: {len(tally.faults)}.")
    lines += [f"- {line}" for line in (lost + tally.faults)[:20]]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def serving(data: Path, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers."""
    command = [sys.executable, "-m", "yuefu", "serve", "--data", str(data), "--port", str(port), "--accounts",
               "--no-browser"]  # fmt: skip
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/api/v1/health", trust_env=False).status_code == 200:
                    break
            if server.poll() is not None:
                raise SystemExit(f"the server didn't start: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()


async def run(server: subprocess.Popen[bytes], base: str, keys: list[str], minutes: float, listen: float) -> Tally:
    """All users at once."""
    tally = Tally()
    until = time.monotonic() + minutes * 60
    users = [User(number, base, key, tally, until, listen).live() for number, key in enumerate(keys)]
    results = await asyncio.gather(*users, watch(server, base, tally, until), return_exceptions=True)
    tally.faults += [f"{type(result).__name__}: {result}" for result in results if isinstance(result, BaseException)]
    return tally


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--listen", type=float, default=45, help="the longest that a user listens, in seconds")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        keys = accounts(data, arguments.users)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        with serving(data, port, Path(folder) / "server.log") as server:
            tally = asyncio.run(run(server, base, keys, arguments.minutes, arguments.listen))
            lost = asyncio.run(check(base, keys, tally))
    text = table(tally, arguments.users, arguments.minutes, lost)
    print(text)
    if arguments.out:
        arguments.out.write_text(text)
    if lost or tally.faults:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
