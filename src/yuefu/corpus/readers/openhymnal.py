"""The Open Hymnal: hymns for four voices on two staves, with several verses of lyrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers.musicxml_files import load_musicxml
from yuefu.score.model import Score


def read(folder: Path) -> Iterator[Item]:
    """One item a hymn, from the MusicXML files (which keep the lyrics); hymns to one tune share a split."""
    for path in sorted(folder.rglob("*.xml")):
        title, _, tune = path.stem.partition("-")
        yield Item(
            work=tune or title,
            load=load,
            args=(str(path), title.replace("_", " "), "", {"layout": "staves"}),
            source=str(path.relative_to(folder)),
            style="hymn",
        )


def load(path: str, title: str, composer: str, metadata: dict[str, Any]) -> Score:
    """A hymn; the long credits that stand in the composer's place go to the record."""
    score = load_musicxml(path, title, composer, metadata)
    credit = score.composer
    return replace(score, composer="", metadata={**score.metadata, "credit": credit[:400]})
