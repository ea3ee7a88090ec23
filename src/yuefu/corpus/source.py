"""A set's folder as it was obtained: archives unpacked once, safely; plain files beside them.

``DIR/<set>/`` holds archives (``*.tar.zst``, ``*.tar.gz``, ``*.tgz``, ``*.tar``, ``*.zip``) or the
unpacked files. Archives are unpacked into ``OUT/.unpacked/<set>/`` with limits; an unpacked archive
is not unpacked again while its checksum is the same.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from yuefu.corpus.store import write_bytes
from yuefu.errors import FormatError, InputError, LimitError, MissingExtraError, OutputError

ARCHIVES = (".tar.zst", ".tar.gz", ".tgz", ".tar", ".zip")
MAX_FILES = 200_000
MAX_FILE_BYTES = 512 << 20
MAX_TOTAL_BYTES = 8 << 30
_SKIPPED = frozenset({"SOURCE.md"})


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def is_archive(path: Path) -> bool:
    """Whether a file's name is an archive's."""
    return path.name.lower().endswith(ARCHIVES)


def fingerprint(folder: Path) -> dict[str, str]:
    """What a set's folder holds: archives by checksum, other files by count and total size."""
    found: dict[str, str] = {}
    count, size = 0, 0
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            if path.parent == folder and is_archive(path):
                found[path.name] = sha256_of(path)
            else:
                count, size = count + 1, size + path.stat().st_size
    found["files"] = f"{count} files, {size} bytes"
    return found


def find_set(from_dir: Path, name: str) -> Path:
    """``DIR/<set>``. Raises InputError when it isn't there or is empty."""
    folder = Path(from_dir) / name
    if not folder.is_dir() or not any(folder.iterdir()):
        raise InputError(f"'{from_dir}' has no folder '{name}' with the set's files: see 'yuefu corpus sets'.")
    return folder


def open_set(from_dir: Path, name: str, out_dir: Path) -> Path:
    """A folder with the set's plain files, unpacking its archives where there are any.

    Raises InputError without the set, FormatError or LimitError for an archive that can't be
    trusted, OutputError when there is no room.
    """
    folder = find_set(from_dir, name)
    archives = sorted(path for path in folder.iterdir() if path.is_file() and is_archive(path))
    if not archives:
        return folder
    target = Path(out_dir) / ".unpacked" / name
    done = target.with_name(f"{name}.done.json")  # beside the folder: readers take whatever lies in it
    wanted = {path.name: sha256_of(path) for path in archives}
    if done.is_file() and json.loads(done.read_text()) == wanted:
        return target
    shutil.rmtree(target, ignore_errors=True)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.iterdir()):  # tables and licences beside the archives
            if path in archives or path.name in _SKIPPED:
                continue
            if path.is_file():
                shutil.copyfile(path, target / path.name)
            else:
                shutil.copytree(path, target / path.name, copy_function=shutil.copyfile)
        for archive in archives:
            unpack(archive, target)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            f"'{target}' can't be filled ({error.strerror or error}): free some room or choose another folder."
        ) from error
    write_bytes(done, json.dumps(wanted).encode())
    return target


def unpack(archive: Path, target: Path) -> int:
    """Unpack an archive; the number of files written.

    Only plain files and folders below ``target`` are written. Raises FormatError for a damaged
    archive or one whose names lead elsewhere, LimitError for one that is too large.
    """
    count, total = 0, 0
    try:
        for name, size, stream in _members(archive):
            inside = PurePosixPath(name.replace("\\", "/"))
            if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
                raise FormatError(
                    f"the archive '{archive.name}' names a file outside its folder ('{name[:80]}'): don't use it."
                )
            count, total = count + 1, total + size
            if count > MAX_FILES or size > MAX_FILE_BYTES or total > MAX_TOTAL_BYTES:
                raise LimitError(
                    f"the archive '{archive.name}' holds more than {MAX_FILES} files or {MAX_TOTAL_BYTES >> 30} GB: "
                    "this can't be the set."
                )
            path = target.joinpath(*inside.parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as out:
                _copy(stream, out, size)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise FormatError(f"the archive '{archive.name}' is damaged ({error}): get it again.") from error
    return count


def _copy(stream: IO[bytes], out: IO[bytes], size: int) -> None:
    left = size
    while left > 0:
        block = stream.read(min(left, 1 << 20))
        if not block:
            raise EOFError("it ends early")
        out.write(block)
        left -= len(block)


def _members(archive: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    """(name, size, stream) of each plain file; links and devices are left out."""
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as pack:
            for info in pack.infolist():
                if not info.is_dir():
                    with pack.open(info) as stream:
                        yield info.filename, info.file_size, stream
        return
    with _plain_tar(archive) as raw, tarfile.open(fileobj=raw, mode="r|") as pack:
        for member in pack:
            content = pack.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name, member.size, content


@contextmanager
def _plain_tar(archive: Path) -> Iterator[IO[bytes]]:
    """The archive's tar stream, decompressed."""
    name = archive.name.lower()
    with archive.open("rb") as raw:
        if name.endswith(".zst"):
            try:
                import zstandard
            except ImportError as error:
                raise MissingExtraError("unpacking .tar.zst archives", "import") from error
            try:
                with zstandard.ZstdDecompressor(max_window_size=1 << 28).stream_reader(raw) as stream:
                    yield stream
            except zstandard.ZstdError as error:
                raise FormatError(f"the archive '{archive.name}' is damaged ({error}): get it again.") from error
        elif name.endswith((".gz", ".tgz")):
            import gzip

            with gzip.GzipFile(fileobj=raw) as stream:
                yield io.BufferedReader(stream)  # type: ignore[type-var]
        else:
            yield raw
