"""The OpenScore String Quartet Corpus: first violin, second violin, viola and cello."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers.musicxml_files import load_musicxml, plain_name, plain_title

#: Composers whose quartets aren't classical in style.
_ROMANTIC = (
    "Andrée", "Beach", "Borodin", "Brahms", "Bridge", "Bruch", "Bruckner", "Busoni", "Carreño", "Debussy", "Dvořák",
    "Elgar", "Fauré", "Franck", "Gade", "Glazunov", "Gounod", "Grieg", "Hensel", "Mayer", "Mendelssohn", "Ravel",
    "Reger", "Schubert", "Schumann", "Sibelius", "Smetana", "Smyth", "Stanford", "Tchaikovsky", "Verdi", "Wolf",
)  # fmt: skip
_MODERN = ("Bartók", "Berg", "Schoenberg", "Webern", "Janáček", "Stravinsky", "Zemlinsky", "Szymanowski", "Ives")


def read(folder: Path) -> Iterator[Item]:
    """One item a quartet; the folders are ``scores/composer/quartet``."""
    for path in sorted(folder.rglob("*.mxl")):
        composer, quartet = path.parts[-3:-1]
        style = "romantic" if composer.startswith(_ROMANTIC) else "classical"
        style = "modern" if composer.startswith(_MODERN) else style
        yield Item(
            work=f"{composer}/{quartet}",
            load=load_musicxml,
            args=(str(path), plain_title(quartet), plain_name(composer), {"layout": "lines"}),
            source=str(path.relative_to(folder)),
            style=style,
        )
