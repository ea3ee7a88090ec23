"""OpenScore Orchestra: full scores, each with a second score that marks the main melody as it passes around."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers.musicxml_files import load_musicxml, plain_name
from yuefu.score.model import Part, Score, renumber

_STYLES = {"Bach": "baroque", "Haydn": "classical", "Mozart": "classical", "Beethoven": "classical"}


def read(folder: Path) -> Iterator[Item]:
    """One item a movement; movements of one work share its split."""
    data = folder / "data" if (folder / "data").is_dir() else folder
    for path in sorted(data.rglob("*.mxl")):
        if path.stem.endswith("_melody"):
            continue
        inside = path.relative_to(data)
        melody = path.with_name(f"{path.stem}_melody.mxl")
        composer = inside.parts[0]
        yield Item(
            work="/".join(inside.parts[:2]),
            load=load,
            args=(
                str(path),
                str(melody) if melody.is_file() else "",
                path.stem.replace("_", " "),
                plain_name(composer),
            ),
            source=str(path.relative_to(folder)),
            style=_STYLES.get(composer.partition(",")[0], "romantic"),
        )


def load(path: str, melody_path: str, title: str, composer: str) -> Score:
    """A movement, with the marked melody as its melody part where there is one."""
    score = load_musicxml(path, title, composer)
    if not melody_path:
        return score
    marked = load_musicxml(melody_path)
    tune = max(marked.parts, key=lambda part: len(part.notes), default=None)
    if tune is None or abs(marked.end_tick - score.end_tick) > 4 * 96:  # repeats played out differently
        return score
    score = renumber(score)
    places = np.unique(_place(tune.notes))
    parts = [_without(part, places) for part in score.parts]
    notes = tune.notes.copy()
    notes["id"] += 1_000_000
    lead = max(score.parts, key=lambda part: int(np.isin(_place(part.notes), places).sum()))
    melody = Part("melody", f"{lead.name} (melody)", "melody", lead.program, lead.instrument, notes)
    return replace(score, parts=(melody, *parts))


def _place(notes: np.ndarray) -> np.ndarray:
    """A number for each note's onset and pitch."""
    place: np.ndarray = notes["start"].astype(np.int64) * 128 + notes["pitch"]
    return place


def _without(part: Part, places: np.ndarray) -> Part:
    """A part without the notes that are the melody's."""
    return part.with_notes(part.notes[~np.isin(_place(part.notes), places)])
