"""The corpus on disk: ``OUT/<set>.jsonl.gz``, one piece a line, the JSON of ``score_to_dict``.

A file appears whole or not at all (written beside and renamed), so a trainer may read the folder
while other sets are still being built. The same pieces give the same bytes.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from yuefu.errors import FormatError, InputError
from yuefu.score.files import atomic_write, make_folder
from yuefu.score.model import Score
from yuefu.score.serial import score_from_dict, score_to_dict

SUFFIX = ".jsonl.gz"


def set_path(folder: Path, name: str) -> Path:
    """Where a set's pieces lie."""
    return Path(folder) / f"{name}{SUFFIX}"


def to_line(score: Score) -> str:
    """A piece as one line of JSON."""
    return json.dumps(score_to_dict(score), ensure_ascii=False, separators=(",", ":"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, making its folder. Raises OutputError."""
    make_folder(path.parent)
    atomic_write(path, data)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines as gzip, atomically, without a time stamp (the same lines give the same bytes)."""
    text = "".join(line + "\n" for line in lines)
    write_bytes(path, gzip.compress(text.encode("utf-8"), compresslevel=6, mtime=0))


def set_names(folder: Path) -> list[str]:
    """The sets of pieces that a corpus folder holds, sorted (sets of texts, ``.texts.jsonl.gz``, aren't)."""
    names = (path.name[: -len(SUFFIX)] for path in Path(folder).glob(f"*{SUFFIX}"))
    return sorted(name for name in names if "." not in name)


def iter_scores(folder: Path | str, sets: Iterable[str] | None = None, split: str | None = None) -> Iterator[Score]:
    """The pieces of a built corpus, set by set in name order.

    sets: only these (all when None); split: only ``"train"``, ``"valid"`` or ``"test"``.
    Raises InputError for a set that isn't there and FormatError for a damaged file.
    """
    folder = Path(folder)
    present = set_names(folder)
    wanted = present if sets is None else list(sets)
    for name in wanted:
        if name not in present:
            raise InputError(f"the corpus in '{folder}' has no set '{name}': it has {', '.join(present) or 'none'}.")
        yield from iter_file(set_path(folder, name), split)


def iter_file(path: Path, split: str | None = None) -> Iterator[Score]:
    """The pieces of one set's file."""
    needle = f'"split":"{split}"'
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if split is not None and needle not in line:  # cheap look before parsing
                    continue
                score = score_from_dict(json.loads(line))
                if split is None or score.metadata.get("split") == split:
                    yield score
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FormatError(f"the corpus file '{path}' is damaged ({error}): build the set again.") from error
