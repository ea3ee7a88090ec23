"""Freedoom's music: rock, metal and ambient pieces for a full General MIDI band."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers.game_files import midi_items

#: A placeholder, and a duplicate of another file.
_SKIP = frozenset({"dummy.mid", "d_introa.mid"})


def read(folder: Path) -> Iterator[Item]:
    """One item a MIDI file."""
    yield from midi_items(folder, skip=_SKIP)
