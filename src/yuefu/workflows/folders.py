"""Folders that are filled whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from yuefu.score.files import atomic_path, make_folder, output_error

_LONGEST = 60
#: Names that Windows keeps for devices.
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$")


def slug(title: str) -> str:
    """A folder name from a title: lower case, words joined by hyphens; Chinese stays Chinese.

    >>> slug("Rainy Night: a waltz!"), slug("春天的气息"), slug("../..")
    ('rainy-night-a-waltz', '春天的气息', 'song')
    """
    text = unicodedata.normalize("NFKC", title).lower().replace("'", "").replace("’", "")
    name = re.sub(r"[\W_]+", "-", text).strip("-")[:_LONGEST].strip("-")
    return "song" if not name or _RESERVED.match(name) else name


def unused_folder(parent: Path, title: str) -> Path:
    """A folder of the title's name that isn't there yet or is empty: ``spring``, else ``spring-2`` ..."""
    name = slug(title)
    number = 1
    while True:
        path = parent / (name if number == 1 else f"{name}-{number}")
        if not path.exists() or (path.is_dir() and not any(path.iterdir())):
            return path
        number += 1


@contextmanager
def staged_folder(folder: Path | str) -> Iterator[Path]:
    """A hidden folder inside ``folder`` to write into; its files move to ``folder`` when the block succeeds.

    Files of the same names are replaced, others stay. On any failure, Ctrl-C included, nothing that
    was written stays, and a folder that wasn't there before is gone again. Raises OutputError at
    once, before any work, when the folder can't be made or written.
    """
    folder = Path(folder)
    made = _missing(folder)
    stage = folder / f".yuefu-{secrets.token_hex(6)}"
    try:
        make_folder(folder)
        _make(stage)
        yield stage
        for path in sorted(stage.iterdir()):
            with atomic_path(folder / path.name) as temporary:
                os.replace(path, temporary)
        stage.rmdir()
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        for path in made:
            with suppress(OSError):  # not empty: somebody else's by now
                path.rmdir()
        raise


def _missing(folder: Path) -> list[Path]:
    """The folders that would have to be made, the innermost first."""
    missing = []
    with suppress(OSError):
        for path in (folder, *folder.parents):
            if path.exists():
                break
            missing.append(path)
    return missing


def _make(path: Path) -> None:
    try:
        path.mkdir()
    except OSError as error:
        raise output_error(path.parent, error) from error


__all__ = ["slug", "staged_folder", "unused_folder"]
