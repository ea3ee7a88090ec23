"""What the readers of the game sets share: a folder of General MIDI files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.score.midi import read_midi
from yuefu.score.model import Score


def midi_items(folder: Path, skip: frozenset[str] = frozenset(), style: str = "") -> Iterator[Item]:
    """One item a MIDI file, the work named by the file."""
    for path in sorted(folder.rglob("*.mid")):
        if path.name.lower() not in skip:
            yield Item(
                work=path.stem,
                load=load,
                args=(str(path), path.stem),
                source=str(path.relative_to(folder)),
                style=style,
            )


def load(path: str, title: str) -> Score:
    """A MIDI file as a score, titled by its name: the titles inside are in several encodings."""
    return replace(read_midi(Path(path)), title=title.replace("_", " ").strip())
