"""Fiddle tunes from old prints in ABC: Ryan's Mammoth Collection, O'Neill's Music of Ireland, Aird's Airs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.errors import FormatError
from yuefu.score.abc_read import read_abc_book
from yuefu.score.model import Score

_STYLES = {"oneills1850": "celtic", "airdsairs": "folk", "ryansmammoth": "folk"}
_DANCES = {"waltz": "waltz", "march": "march", "quickstep": "march", "quick march": "march"}


def read(folder: Path) -> Iterator[Item]:
    """One item a book; each tune in it is a work of its own."""
    for path in sorted(folder.rglob("*.abc")):
        yield Item(
            work=path.stem,
            load=load,
            args=(str(path), str(path.relative_to(folder))),
            source=str(path.relative_to(folder)),
            style=_STYLES.get(path.parent.name.lower(), "folk"),
        )


def load(path: str, source: str) -> list[Score]:
    """The book's tunes; a tune that can't be read is left out."""
    text = _decode(Path(path).read_bytes())
    scores = read_abc_book(text, skip_damaged=True)
    if not scores:
        raise FormatError(f"{source} holds no tune that can be read.")
    collection = Path(source).parent.name
    out = []
    for number, score in enumerate(scores, 1):
        title = score.title or f"{Path(source).stem} {number}"
        rhythm = str(score.metadata.get("rhythm", "")).strip().lower()
        facts = {"work": f"{collection}/{title.lower().strip(' .')}", "rhythm": rhythm, "source": f"{source}#{number}"}
        if rhythm in _DANCES:
            facts["style"] = _DANCES[rhythm]
        out.append(replace(score, title=title.rstrip("."), metadata={**score.metadata, **facts}))
    return out


def _decode(data: bytes) -> str:
    """The book's text: UTF-8, or Latin-1 in older files."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
