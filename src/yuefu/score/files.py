"""Score files: reading and writing by format, and writing that leaves nothing half-done.

Formats by extension: ``.mid``/``.midi``, ``.musicxml``/``.xml``/``.mxl``, ``.abc``, ``.jianpu.txt``
(numbered notation) and the lossless ``.yuefu.json``; ``.lrc`` (karaoke) is only written. What a file
holds decides over what it is called when the two differ.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from yuefu.errors import FormatError, OutputError, UnknownNameError, YuefuError
from yuefu.score.check import check_score
from yuefu.score.limits import check_size, read_limited
from yuefu.score.model import Score
from yuefu.score.serial import score_from_dict, score_to_dict

if TYPE_CHECKING:
    from yuefu.score.performed import Performance

NATIVE = ".yuefu.json"
#: Extension -> format name.
FORMATS = {
    ".mid": "midi",
    ".midi": "midi",
    ".musicxml": "musicxml",
    ".xml": "musicxml",
    ".mxl": "mxl",
    ".abc": "abc",
    ".jianpu.txt": "jianpu",
    ".lrc": "lrc",
    NATIVE: "json",
}
#: Formats that hold too little to be read back as a score.
WRITTEN_ONLY = (".lrc",)
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than allowed",
    errno.EIO: "the disk reports a fault",
    errno.EACCES: "writing there isn't allowed",
    errno.EPERM: "writing there isn't allowed",
    errno.EROFS: "the disk is read-only",
    errno.ENOENT: "the folder doesn't exist",
    errno.ENOTDIR: "a part of the path isn't a folder",
    errno.EISDIR: "there is a folder of that name",
    errno.ENAMETOOLONG: "the name is too long",
}


def format_of(path: Path | str) -> str:
    """The format that a file name asks for: ``midi``, ``musicxml``, ``mxl``, ``abc``, ``jianpu``, ``lrc`` or ``json``.

    Raises UnknownNameError, with the formats, for any other extension.

    >>> format_of("song.MID"), format_of("song.yuefu.json"), format_of("jianpu.txt")
    ('midi', 'json', 'jianpu')
    """
    name = Path(path).name.lower()
    for extension, kind in FORMATS.items():
        if f".{name}".endswith(extension):  # a whole name may be an extension: jianpu.txt
            return kind
    raise UnknownNameError("score format", Path(path).suffix or Path(path).name, FORMATS)


_JIANPU_HEAD = re.compile(r"^\s*1=[b#♭♯]?[A-Ga-g][b#♭♯]?\d?(\s|$)", re.MULTILINE)


def sniff(data: bytes) -> str | None:
    """The format that the first bytes show, or None when they show none.

    >>> sniff(b"MThd\\0\\0\\0\\6"), sniff(b"X:1\\nT:Air"), sniff(b"?")
    ('midi', 'abc', None)
    """
    if data[:4] == b"MThd" or (data[:4] == b"RIFF" and data[8:12] == b"RMID"):
        return "midi"
    if data[:4] == b"PK\x03\x04":
        return "mxl"
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"<?xml", b"<!DOCTYPE", b"<score")) or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "musicxml"
    if head.startswith(b"{"):
        return "json"
    if head.startswith((b"X:", b"%abc")) or b"\nX:" in data[:20_000]:
        return "abc"
    if _JIANPU_HEAD.search(head.decode("utf-8", "replace")):
        return "jianpu"
    return None


def read_score(path: Path | str) -> Score:
    """Read a score file of any format.

    Raises InputError when the file isn't there or its format isn't known, FormatError when it is
    damaged, LimitError when it is too large.
    """
    path = Path(path)
    return score_from_data(read_limited(path, "score file"), path.name)[0]


def score_from_data(data: bytes, name: str) -> tuple[Score, str]:
    """The score in a file's bytes, and its format. name: the file's. Raises what ``read_score`` raises."""
    check_size(len(data), "score file")
    kind = sniff(data) or format_of(name)
    if not data:
        raise FormatError(f"'{name}' is empty: give a file with music.")
    try:
        return _read(data, kind), kind
    except YuefuError as error:
        # The same kind of error, so that callers can still tell them apart, with the file's name.
        if name in str(error) or type(error).__init__ is not FormatError.__init__:
            raise
        raise type(error)(f"{name}: {error}") from error


def _read(data: bytes, kind: str) -> Score:
    if kind == "midi":
        from yuefu.score.midi_read import read_midi

        return read_midi(data)
    if kind == "abc":
        from yuefu.score.abc_read import read_abc

        return read_abc(_text(data))
    if kind == "jianpu":
        from yuefu.score.jianpu_read import read_jianpu

        return check_score(read_jianpu(_text(data)))
    if kind == "lrc":
        raise FormatError("an LRC file holds words and their times but no notes: give a score.")
    if kind == "json":
        return score_from_json(data)
    from yuefu.score.musicxml_read import read_musicxml

    return read_musicxml(data)


def _text(data: bytes) -> str:
    """Text of a file: UTF-8 (or UTF-16 with its mark), else Latin-1."""
    for encoding in ("utf-8-sig", "utf-16"):
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def score_from_json(data: bytes | str) -> Score:
    """The Score of native JSON. Raises FormatError when it is damaged or makes no musical sense."""
    check_size(len(data), "Yuefu score")
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this isn't JSON: {error!s:.120}; give a file that Yuefu wrote.") from None
    if not isinstance(plain, dict):
        raise FormatError("this JSON isn't a Yuefu score: it holds no object; give a file that Yuefu wrote.")
    return check_score(score_from_dict(plain))


def score_to_json(score: Score) -> bytes:
    """Native JSON, the same bytes for the same score."""
    return (json.dumps(score_to_dict(score), ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def write_score(score: Score, path: Path | str, performance: Performance | None = None) -> None:
    """Write a score in the format of the file's extension.

    A performance shapes MIDI and the times of LRC; notation and native JSON hold the clean score. A
    name that ends with ``words.lrc`` gets a time for every syllable. Raises
    UnknownNameError for an unknown extension, OutputError when the file can't be written; nothing
    is left behind then.
    """
    path = Path(path)
    kind = format_of(path)
    if kind == "midi":
        from yuefu.score.midi_write import midi_bytes

        data = midi_bytes(score, performance)
    elif kind == "abc":
        from yuefu.score.abc_write import abc_text

        data = abc_text(score).encode()
    elif kind == "jianpu":
        from yuefu.score.jianpu import folded_jianpu
        from yuefu.score.jianpu_text import jianpu_text

        data = jianpu_text(folded_jianpu(score)).encode()
    elif kind == "lrc":
        from yuefu.score.lrc import lrc_text

        data = lrc_text(score, performance, words=path.name.lower().endswith("words.lrc")).encode()
    elif kind == "json":
        data = score_to_json(score)
    else:
        from yuefu.score.musicxml_write import musicxml_bytes

        data = musicxml_bytes(score)
        if kind == "mxl":
            from yuefu.score.mxl import pack_mxl

            data = pack_mxl(data)
    atomic_write(path, data)


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """A temporary name in the same folder, which becomes ``path`` when the block succeeds.

    The temporary file keeps the extension, for writers that look at it. On any failure it is
    removed and ``path`` is as before. An OSError becomes an OutputError with one clear sentence.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name[:100].split('.')[0]}-{secrets.token_hex(6)}{''.join(path.suffixes[-2:])}")
    try:
        yield temporary
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a directory")
        os.replace(temporary, path)
    except YuefuError:
        raise
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        with suppress(OSError):  # the first error tells more
            temporary.unlink(missing_ok=True)


def atomic_write(path: Path | str, data: bytes) -> None:
    """Write bytes so that the file is either whole or as before. Raises OutputError."""
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        file.write(data)


def make_folder(path: Path | str) -> Path:
    """Make a folder, with those above it, unless it is there. Raises OutputError."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if isinstance(error, FileExistsError):
            raise OutputError(f"'{path}' can't be a folder: there is a file of that name; choose another.") from error
        raise output_error(path, error) from error
    return path


def output_error(path: Path, error: OSError) -> OutputError:
    """The one clear sentence for a failure to write ``path``."""
    reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
    return OutputError(f"'{path}' can't be written: {reason}; choose another place or make room.")


__all__ = [
    "FORMATS", "WRITTEN_ONLY", "atomic_path", "atomic_write", "format_of", "make_folder", "output_error", "read_score",
    "score_from_json", "score_to_json", "sniff", "write_score",
]  # fmt: skip
