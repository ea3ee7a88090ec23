"""Records of the text corpora: sentences with moods, songs described, templates, poems to sing.

A reader is ``read(folder) -> Iterator[TextRecord]``. On disk ``OUT/<set>.texts.jsonl.gz``, a record
a line.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from yuefu.corpus.split import split_of
from yuefu.corpus.store import write_lines
from yuefu.errors import FormatError, UnknownNameError

SUFFIX = ".texts.jsonl.gz"

TEXT_READERS: dict[str, str] = {
    name: f"yuefu.corpus.readers.{name}:read"
    for name in ("text_emobank", "text_muchin", "text_musecoco_templates", "text_chinese_poetry")
}


@dataclass(frozen=True)
class TextRecord:
    """One text.

    id: unique in its set; language: ``"zh"`` or ``"en"``; text: the words, lines parted by line
    breaks; split: ``"train"``, ``"valid"`` or ``"test"`` (drawn from a hash of the id when empty).
    scores: numbers such as valence, arousal and dominance, each -1..1. tags: aspect -> words, such
    as ``{"mood": ("tender",)}``. sections: for a lyric's skeleton, (name, syllables of each line,
    whether each line rhymes).
    """

    set: str
    id: str
    language: str
    text: str
    title: str = ""
    author: str = ""
    split: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sections: tuple[tuple[str, tuple[int, ...], tuple[bool, ...]], ...] = ()

    def __post_init__(self) -> None:
        if not self.split:
            object.__setattr__(self, "split", split_of(self.set, self.id))


def read_texts(name: str, folder: Path | str) -> Iterator[TextRecord]:
    """The records of a text set from its folder. Raises UnknownNameError for a set without a reader."""
    if name not in TEXT_READERS:
        raise UnknownNameError("text set", name, TEXT_READERS)
    module, _, function = TEXT_READERS[name].partition(":")
    found: Callable[[Path], Iterator[TextRecord]] = getattr(import_module(module), function)
    return found(Path(folder))


def write_texts(folder: Path | str, name: str, records: Iterable[TextRecord]) -> int:
    """Write a set's records to ``folder``, whole or not at all; how many there were."""
    lines = [json.dumps(asdict(record), ensure_ascii=False, separators=(",", ":")) for record in records]
    write_lines(Path(folder) / f"{name}{SUFFIX}", lines)
    return len(lines)


def iter_texts(folder: Path | str, name: str, split: str | None = None) -> Iterator[TextRecord]:
    """The records that ``write_texts`` wrote. Raises FormatError for a missing or damaged file."""
    path = Path(folder) / f"{name}{SUFFIX}"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = _from_dict(json.loads(line))
                if split is None or record.split == split:
                    yield record
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"the text file '{path}' can't be read ({error!s:.80}): build the set again.") from error


def _from_dict(data: dict[str, Any]) -> TextRecord:
    data["tags"] = {aspect: tuple(words) for aspect, words in data["tags"].items()}
    data["sections"] = tuple((name, tuple(lengths), tuple(rhymes)) for name, lengths, rhymes in data["sections"])
    return TextRecord(**data)
