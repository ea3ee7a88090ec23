"""MuseTrainer's public-domain scores: piano pieces that learners play."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers.musicxml_files import load_musicxml

_STYLES = (
    (re.compile(r"bach|handel|scarlatti|pachelbel|vivaldi|purcell|telemann", re.I), "baroque"),
    (re.compile(r"mozart|haydn|clementi|beethoven|diabelli|kuhlau|elise", re.I), "classical"),
    (re.compile(r"joplin|rag\b|entertainer", re.I), "ragtime"),
    (re.compile(r"happy birthday|twinkle|jingle|mary had|christmas|silent night", re.I), "children"),
    (re.compile(r"waltz|valse", re.I), "waltz"),
)


def read(folder: Path) -> Iterator[Item]:
    """One item a score; the file names carry title and composer."""
    for path in sorted([*folder.rglob("*.mxl"), *folder.rglob("*.musicxml")]):
        title = re.sub(r"\s+", " ", path.stem.replace("_", " ")).strip()
        style = next((label for pattern, label in _STYLES if pattern.search(title)), "romantic")
        yield Item(
            work=re.sub(r"[^a-z0-9]+", " ", title.lower()).strip(),
            load=load_musicxml,
            args=(str(path), title, "", {"layout": "keyboard"}),
            source=str(path.relative_to(folder)),
            style=style,
        )
