"""``yuefu serve`` and ``yuefu account`` as processes: what they print, refuse, and leave behind."""

from __future__ import annotations

import io
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.api.live import running

from yuefu.cli.main import run
from yuefu.store.store import Store


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """The process, its address and the lines that it printed until it answered."""
    process = subprocess.Popen(
        [sys.executable, "-m", "yuefu", "serve", "--port", "0", "--no-browser", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        found = re.match(r"Yuefu: (http://127\.0\.0\.1:\d+) ", lines[0])
        assert found is not None, (lines, process.stderr.read() if process.stderr and process.poll() else "")
        if "--accounts" in arguments:
            lines.append(process.stdout.readline())
        yield process, found[1], lines
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_it_prints_the_address_once_it_answers_and_ends_politely(tmp_path: Path) -> None:
    """The address works at once; SIGTERM ends server and workers; the folder is there."""
    with serving("--data", str(tmp_path), "--workers", "1") as (process, url, _):
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as http:
            assert http.get("/api/v1/health").json()["version"]
            deadline = time.monotonic() + 60
            while http.get("/api/v1/health").json()["workers"] < 1 and time.monotonic() < deadline:
                time.sleep(0.2)
            assert http.get("/api/v1/health").json()["status"] == "ok"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        workers = children.read_text().split() if children.exists() else []
    assert process.returncode in (0, 143, -signal.SIGTERM)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert (tmp_path / "yuefu.db").is_file()


def test_the_first_start_with_accounts_invites_the_administrator_once(tmp_path: Path) -> None:
    """The link signs up an administrator; the next start prints none."""
    with serving("--data", str(tmp_path), "--workers", "0", "--accounts") as (_, url, lines):
        token = lines[1].strip().rsplit("/join/", 1)[1]
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as http:
            joined = http.post("/api/v1/join", json={"token": token, "name": "ann", "password": "a long password"})
            assert joined.status_code == 201
            assert joined.json()["account"]["is_admin"] is True
    from yuefu.server.run import first_link

    store = Store.open(tmp_path)
    assert first_link(store, "http://x") is None
    store.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_others_are_not_let_in_without_accounts(capsys: pytest.CaptureFixture[str], tmp_path: Path, host: str) -> None:
    """One sentence that names --accounts."""
    assert run(["serve", "--host", host, "--data", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "--accounts" in told
    assert len(told.splitlines()) == 1


def test_a_port_that_is_taken_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """And says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(["serve", "--port", port, "--data", str(tmp_path), "--no-browser"]) == 2
    told = capsys.readouterr().err
    assert f"port {port} is taken" in told
    assert "--port" in told


def test_an_open_stream_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """A page that follows a job is let go, and the server ends within seconds."""
    with (
        serving("--data", str(tmp_path), "--workers", "0") as (process, url, _),
        httpx.Client(base_url=url, trust_env=False, timeout=60) as http,
    ):
        job = http.post("/api/v1/jobs", json={"kind": "compose", "request": {"words": "rain"}}).json()["id"]
        with http.stream("GET", f"/api/v1/jobs/{job}/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            process.send_signal(signal.SIGTERM)
            begin = time.monotonic()
            assert "" in list(lines)  # the stream came to its end
            process.wait(30)
            assert time.monotonic() - begin < 15


def test_answers_are_sent_at_once(tmp_path: Path) -> None:
    """No answer waits for the acknowledgement of its own headers, which takes 40 ms."""
    with running(tmp_path) as server, server.http() as http:
        took = []
        for _ in range(20):
            begin = time.perf_counter()
            http.get("/api/v1/me")
            took.append(time.perf_counter() - begin)
    assert min(took) < 0.035


@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "no such host", "--accounts"), ("--workers", "1000"), ("--queue", "0"), ("--memory", "0.1"),
        ("--port", "70000"), ("--database", "nonsense"), ("--data", "/dev/null/x"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Exit code 2."""
    place = () if "--data" in arguments else ("--data", str(tmp_path))
    assert run(["serve", "--no-browser", *place, *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("yuefu: ")
    assert len(told.splitlines()) == 1


def test_accounts_are_kept_from_the_command_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invite, list, make administrator, set a password, give a key, shut out, let in again."""
    place = ["--data", str(tmp_path)]
    assert run(["account", "invite", "--address", "https://music.example/", *place]) == 0
    link = capsys.readouterr().out.strip()
    assert link.startswith("https://music.example/join/")
    store = Store.open(tmp_path)
    store.accounts.join(link.rsplit("/", 1)[1], "ann", "the first password")
    assert run(["account", "admin", "ann", *place]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"the second password\n")))
    assert run(["account", "password", "ann", *place]) == 0
    assert store.accounts.check_password("ann", "the first password") is None
    assert store.accounts.check_password("ann", "the second password") is not None
    capsys.readouterr()
    assert run(["account", "key", "ann", *place]) == 0
    secret = capsys.readouterr().out.strip()
    assert store.accounts.account_of_key(secret) is not None
    assert run(["account", "list", "--json", *place]) == 0
    assert '"admin": true' in capsys.readouterr().out
    assert run(["account", "disable", "ann", *place]) == 0
    assert store.accounts.account_of_key(secret) is None
    assert run(["account", "disable", "ann", "--enable", *place]) == 0
    assert store.accounts.account_of_key(secret) is not None
    assert run(["account", "list", *place]) == 0
    assert "ann" in capsys.readouterr().out
    assert run(["account", "key", "bob", *place]) == 2
    store.close()


def test_without_the_extra_a_sentence_names_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where FastAPI isn't installed, `serve` says what to install."""
    for name in [name for name in sys.modules if name.startswith(("yuefu.server", "yuefu.api", "yuefu.studio"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert run(["serve", "--no-browser"]) == 2
    assert 'pip install "yuefu[studio]"' in capsys.readouterr().err
