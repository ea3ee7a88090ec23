"""The OpenScore Lieder Corpus: songs for voice and piano with aligned lyrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers.musicxml_files import load_musicxml, plain_name, plain_title


def read(folder: Path) -> Iterator[Item]:
    """One item a song; the folders are ``scores/composer/cycle/song``."""
    for path in sorted(folder.rglob("*.mxl")):
        composer, cycle, song = path.parts[-4:-1]
        yield Item(
            work=f"{composer}/{cycle}/{song}",
            load=load_musicxml,
            args=(str(path), plain_title(song), plain_name(composer), {"layout": "song"}),
            source=str(path.relative_to(folder)),
            style="art_song",
        )
