"""OpenEWLD: lead sheets of public-domain songs, with chord symbols, lyrics and a genre table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers.musicxml_files import load_musicxml, plain_title

#: Styles of later recordings that say something about the song itself; the rest are standards.
_STYLES = {
    "Folk": "folk", "Celtic": "celtic", "Country": "country", "Country Rock": "country", "Bluegrass": "country",
    "Honky Tonk": "country", "Ragtime": "ragtime", "Marches": "march", "Military": "march", "Gospel": "gospel",
    "Religious": "gospel", "Delta Blues": "blues", "Blues Rock": "blues", "Romantic": "romantic",
    "Neo-Romantic": "romantic", "Classical": "classical", "Renaissance": "renaissance", "Tango": "latin",
    "Samba": "latin", "Bossa Nova": "latin", "Mambo": "latin", "Cha-Cha": "latin", "Dixieland": "jazz",
    "Hard Bop": "jazz", "Bop": "jazz", "Cool Jazz": "jazz", "Swing": "jazz", "Big Band": "jazz",
}  # fmt: skip
_GENRES = {"Folk, World, & Country": "folk", "Latin": "latin", "Blues": "blues", "Brass & Military": "march"}


def read(folder: Path) -> Iterator[Item]:
    """One item a lead sheet."""
    table = _table(folder)
    for path in sorted(folder.rglob("*.mxl")):
        style, language = table.get(path.name, ("", ""))
        yield Item(
            work=path.stem.lower(),
            load=load_musicxml,
            args=(str(path), plain_title(path.stem), path.parent.parent.name.replace("_", " ")),
            source=str(path.relative_to(folder)),
            style=style or "standard",
            metadata={"language": language} if language else {},
        )


def _table(folder: Path) -> dict[str, tuple[str, str]]:
    """File name -> (style, language), empty without the set's database."""
    database = next(iter(sorted(folder.rglob("OpenEWLD.db"))), None)
    if database is None:
        return {}
    query = (
        "select works.path_leadsheet, works.language, work_genres.genre, work_style.style from works "
        "left join work_genres on work_genres.id = works.id left join work_style on work_style.id = works.id"
    )
    with sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True) as connection:
        rows = connection.execute(query).fetchall()
    found = {}
    for sheet, language, genre, style in rows:
        label = _STYLES.get(style or "", "") or _GENRES.get(genre or "", "") or "standard"
        found[Path(str(sheet)).name] = (label, language or "")
    return found
