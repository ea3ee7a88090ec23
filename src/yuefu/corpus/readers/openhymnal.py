"""The Open Hymnal: hymns for four voices on two staves, with several verses of lyrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers.musicxml_files import load_musicxml


def read(folder: Path) -> Iterator[Item]:
    """One item a hymn, from the MusicXML files (which keep the lyrics); hymns to one tune share a split."""
    for path in sorted(folder.rglob("*.xml")):
        title, _, tune = path.stem.partition("-")
        yield Item(
            work=tune or title,
            load=load_musicxml,
            args=(str(path), title.replace("_", " "), "", {"layout": "staves"}),
            source=str(path.relative_to(folder)),
            style="hymn",
        )
