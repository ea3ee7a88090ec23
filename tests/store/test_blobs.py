"""Files by content: whole or not there, whatever happens."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import NotFoundError, OutputError
from yuefu.store.blobs import Blobs


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


@given(data=st.binary(max_size=2000))
@settings(max_examples=30, deadline=None)
def test_what_is_put_is_got(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Any bytes come back as they were, under their SHA-256, from memory and from a file."""
    folder = tmp_path_factory.mktemp("blobs")
    blobs = Blobs(folder / "b")
    digest = blobs.put(data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert blobs.get(digest) == data == blobs.path(digest).read_bytes()
    (folder / "file").write_bytes(data)
    assert blobs.put_file(folder / "file") == digest
    assert Blobs(folder / "other").put_file(folder / "file") == digest
    assert Blobs(folder / "other").get(digest) == data


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "/etc/passwd", "A" * 64, "g" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n"]
)
def test_nothing_but_a_digest_is_a_name(blobs: Blobs, name: str) -> None:
    """No other text ever leads to the disk."""
    assert not blobs.has(name)
    with pytest.raises(NotFoundError):
        blobs.get(name)
    with pytest.raises(NotFoundError):
        blobs.path(name)


def test_a_killed_writer_leaves_only_whole_files(tmp_path: Path) -> None:
    """kill -9 in the middle of writing: every file under a digest's name has that digest."""
    code = (
        "import sys, os; from pathlib import Path; from yuefu.store.blobs import Blobs\n"
        "blobs = Blobs(Path(sys.argv[1]))\n"
        "while True: blobs.put(os.urandom(300_000))\n"
    )
    folder = tmp_path / "blobs"
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code, str(folder)])
        until = time.monotonic() + 20
        while not list(folder.glob("*/*")) and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.15)
        process.send_signal(signal.SIGKILL)
        process.wait()
    whole = [path for path in folder.glob("??/*") if not path.name.startswith(".")]
    assert whole
    for path in whole:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name + path.name
    blobs = Blobs(folder)
    names = {path.parent.name + path.name for path in whole}
    blobs.sweep(names, timedelta(0))
    assert {path.name for path in folder.glob("??/.*")} == set()  # what was half written is swept away
    assert all(blobs.has(name) for name in names)


def test_the_sweep_takes_only_what_is_loose_and_old(blobs: Blobs) -> None:
    """Files in use stay, files put lately stay, the rest goes; putting one again makes it young."""
    used, old, again, young = (blobs.put(text) for text in (b"used", b"old", b"again", b"young"))
    for digest in (used, old, again):
        os.utime(blobs.path(digest), (0, 0))
    blobs.put(b"again")
    assert blobs.sweep([used], timedelta(hours=1)) == 1
    assert [blobs.has(digest) for digest in (used, old, again, young)] == [True, False, True, True]


def test_the_sweep_never_takes_what_is_put_meanwhile(blobs: Blobs) -> None:
    """However sweeps and puts of the same bytes fall together: after a put the file is there."""
    missed = []
    stop = threading.Event()

    def put() -> None:
        for number in range(60):
            data = str(number % 3).encode()
            digest = blobs.put(data)
            if not blobs.has(digest):
                missed.append(number)
            os.utime(blobs.path(digest), (0, 0))  # from here on it may go
        stop.set()

    thread = threading.Thread(target=put)
    thread.start()
    while not stop.is_set():
        blobs.sweep((), timedelta(hours=1))
    thread.join()
    assert missed == []


def test_a_full_disk_is_told_and_leaves_nothing(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the bytes can't reach the disk, that is said, and no file remains."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="no space left"):
        blobs.put(b"some bytes")
    assert [path for path in blobs.folder.glob("??/*") if path.is_file()] == []
