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
from yuefu.corpus.lines import polyphony
from yuefu.corpus.reader_types import Item
from yuefu.corpus.upbeat import find_upbeat, on_grid
from yuefu.errors import FormatError
from yuefu.score.midi import read_midi
from yuefu.score.model import Score, TempoChange

_STYLES = {
    "baroque": "baroque", "classical": "classical", "romantic": "romantic", "romantique": "romantic",
    "romanticism": "romantic", "hymn": "hymn", "folk": "folk", "technique": "classical", "renaissance": "renaissance",
    "march": "march", "jazz": "ragtime", "song": "art_song", "modern": "modern", "avant-garde": "modern",
    "popular / dance": "folk", "gospel": "gospel", "motet": "renaissance", "symphonic": "romantic",
    "strophic with chorus": "art_song",
}  # fmt: skip
_LICENCES = {"PD": "public domain", "CC-BY": "CC BY", "CC-BY-SA": "CC BY-SA"}
_CHORALE = re.compile(r"chorale?s?\b|choral(?!e?vorspiel|e prelude)|BWV ?(2[5-9]\d|3\d\d|4[0-3]\d)\b", re.I)
_SEVERAL = re.compile(r"quartet|quintet|trio|duet|duo|orchestra|ensemble|concert|\d\s|,|&| and | et |satb|ttbb", re.I)
#: What the engraver writes for a piece without a tempo, and what stands in for it here.
UNSET_TEMPO, NEUTRAL_TEMPO = 60.0, 100.0
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


def is_lone_part(score: Score, instrument: str) -> bool:
    """Whether a file holds one player's part of a piece for several (sets come with their parts)."""
    several = bool(_SEVERAL.search(instrument))
    return several and len(score.parts) == 1 and polyphony(score.parts[0].notes) < 1.3


def load(path: str, title: str, composer: str, instrument: str) -> Score:
    """A piece with its title and the bar lines put right where it starts with an upbeat."""
    score = read_midi(Path(path))
    if score.note_count < 16:
        raise Refused("almost empty", f"{score.note_count} notes")
    if is_lone_part(score, instrument):
        raise Refused("one player's part of a larger piece", instrument)
    score = find_upbeat(on_grid(score))
    if len(score.tempos) == 1 and score.tempos[0].bpm == UNSET_TEMPO:
        score = replace(score, tempos=(TempoChange(0, NEUTRAL_TEMPO),))
        score.metadata["tempo_given"] = False
    return replace(score, title=title, composer=composer, metadata={**score.metadata, "instrument": instrument})
