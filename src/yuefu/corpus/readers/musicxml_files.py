"""What the readers of MusicXML sets share: a file as a score, with the set's own facts in its record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from yuefu.score.model import Score
from yuefu.score.musicxml_read import read_musicxml

#: Metadata that the files carry and the set's manifest or table says better.
_DROPPED = ("licence", "source", "rights", "encoder", "software")


def load_musicxml(path: str, title: str = "", composer: str = "", metadata: dict[str, Any] | None = None) -> Score:
    """A MusicXML file. title and composer replace the file's where given; metadata is added."""
    score = read_musicxml(Path(path))
    kept = {key: value for key, value in score.metadata.items() if key not in _DROPPED}
    return replace(
        score,
        title=title or score.title,
        composer=composer or score.composer,
        metadata={**kept, **(metadata or {})},
    )


def plain_title(folder: str) -> str:
    """A folder's name as a title: underscores as spaces.

    >>> plain_title("16_Die_alten,_bösen_Lieder")
    '16 Die alten, bösen Lieder'
    """
    return folder.replace("_", " ").strip()


def plain_name(folder: str) -> str:
    """A folder named by a person, last name first, as the name is said.

    >>> plain_name("Abbott,_Jane_Bingham")
    'Jane Bingham Abbott'
    """
    last, comma, first = folder.replace("_", " ").partition(", ")
    return f"{first} {last}" if comma else last.strip()
