"""Mutopia: classical, folk and ragtime pieces as MIDI, each with its own licence in metadata.csv.

Bach's chorales are left out: they are the JSB benchmark's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from yuefu.corpus.clean import Refused
from yuefu.corpus.reader_types import Item
from yuefu.corpus.upbeat import find_upbeat
from yuefu.errors import FormatError
from yuefu.score.midi import read_midi
from yuefu.score.model import Score

_STYLES = {
    "baroque": "baroque", "classical": "classical", "romantic": "romantic", "romantique": "romantic",
    "romanticism": "romantic", "hymn": "hymn", "folk": "folk", "technique": "classical", "renaissance": "renaissance",
    "march": "march", "jazz": "ragtime", "song": "art_song", "modern": "modern", "avant-garde": "modern",
    "popular / dance": "folk", "gospel": "gospel", "motet": "renaissance", "symphonic": "romantic",
    "strophic with chorus": "art_song",
}  # fmt: skip
_LICENCES = {"PD": "public domain", "CC-BY": "CC BY", "CC-BY-SA": "CC BY-SA"}
_CHORALE = re.compile(r"chorale?s?\b|choral(?!e?vorspiel|e prelude)|BWV ?(2[5-9]\d|3\d\d|4[0-3]\d)\b", re.I)
_PRELUDE = re.compile(r"prelude|vorspiel|organ|orgel|partita|variat|fantas", re.I)


def read(folder: Path) -> Iterator[Item]:
    """One item a MIDI file that metadata.csv lists."""
    table = next(iter(sorted(folder.rglob("metadata.csv"))), None)
    if table is None:
        raise FormatError("the set has no metadata.csv, which holds each piece's licence: get the whole set.")
    files = {path.name: path for path in folder.rglob("*.mid")}
    with table.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            path = files.get(row["file"])
            if path is None or _is_bach_chorale(row):
                continue
            yield Item(
                work="/".join(row["source"].split("/")[:2]),
                load=load,
                args=(str(path), row["title"], row["composer"], row["instrument"]),
                source=row["file"],
                style=_STYLES.get(
                    row["style"].lower(), "art_song" if "voice" in row["instrument"].lower() else "classical"
                ),
                licence=_LICENCES.get(row["licence"], row["licence"]),
                metadata={"instrument": row["instrument"]},
            )


def _is_bach_chorale(row: dict[str, str]) -> bool:
    text = f"{row['title']} {row['source']}".replace("_", " ").replace("-", " ")
    if row["composer"] != "BachJS" or _PRELUDE.search(text):
        return False
    return bool(_CHORALE.search(text.replace("bwv ", "BWV")) or "SATB" in row["instrument"])


def load(path: str, title: str, composer: str, instrument: str) -> Score:
    """A piece with its title and the bar lines put right where it starts with an upbeat."""
    score = read_midi(Path(path))
    if score.note_count < 16:
        raise Refused("almost empty", f"{score.note_count} notes")
    score = find_upbeat(score)
    return replace(score, title=title, composer=composer, metadata={**score.metadata, "instrument": instrument})
