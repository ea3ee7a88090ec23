"""Files by content: a file's name is the SHA-256 of its bytes, so what is the same is kept once and never changes."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from yuefu.errors import NotFoundError, OutputError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 2**20


class Blobs:
    """A folder of such files, ``ab/cdef...``, shared by threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = folder / ".lock"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _output_error(folder, error) from error

    def put(self, data: bytes) -> str:
        """Keep some bytes; returns their digest. When it returns, they are on the disk whole.

        Raises OutputError when they can't be written.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        try:
            with self._locked(alone=False):
                if path.exists():
                    os.utime(path)  # it is wanted anew: the sweep lets it be
                    return digest
                path.parent.mkdir(exist_ok=True)
                self._write(path, [data])
        except OSError as error:
            raise _output_error(path, error) from error
        return digest

    def put_file(self, path: Path) -> str:
        """Keep a copy of a file that may be too large for the memory; returns its digest."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        target = self._path(digest)
        try:
            with self._locked(alone=False):
                if target.exists():
                    os.utime(target)
                    return digest
                target.parent.mkdir(exist_ok=True)
                with path.open("rb") as file:
                    self._write(target, iter(lambda: file.read(_CHUNK), b""))
        except OSError as error:
            raise _output_error(target, error) from error
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes. Raises NotFoundError."""
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError("file", digest) from error

    def path(self, digest: str) -> Path:
        """Where the bytes lie, to send them from there. Raises NotFoundError."""
        path = self._path(digest)
        if not path.is_file():
            raise NotFoundError("file", digest)
        return path

    def has(self, digest: str) -> bool:
        """Whether the bytes are there."""
        return _DIGEST.fullmatch(digest) is not None and self._path(digest).is_file()

    def sweep(self, in_use: Iterable[str], older_than: timedelta) -> int:
        """Delete what isn't in use and hasn't been put for some time; returns how many files went.

        older_than: longer than anybody takes from putting a file to naming it in the database.
        """
        keep = set(in_use)
        before = time.time() - older_than.total_seconds()
        gone = 0
        for path in list(self._files()):
            if path.parent.name + path.name in keep:
                continue
            with self._locked(alone=True), suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    gone += 1
        return gone

    def _files(self) -> Iterator[Path]:
        """All files, those too that a crash left half written."""
        for folder in sorted(self.folder.iterdir()):
            if folder.is_dir():
                yield from (path for path in folder.iterdir() if path.is_file())

    def _path(self, digest: str) -> Path:
        # Nothing but a digest ever becomes part of a path.
        if not _DIGEST.fullmatch(digest):
            raise NotFoundError("file", digest)
        return self.folder / digest[:2] / digest[2:]

    def _write(self, path: Path, data: Iterable[bytes]) -> None:
        temporary = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with temporary.open("xb") as file:
                file.writelines(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    @contextmanager
    def _locked(self, *, alone: bool) -> Iterator[None]:
        """Keeps the sweep from deleting a file in the instant in which somebody puts it again."""
        try:
            import fcntl
        except ImportError:  # Windows
            yield
            return
        with self._lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _output_error(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"{path.parent} can't be written ({reason.lower()}): free some space or name another folder.")
