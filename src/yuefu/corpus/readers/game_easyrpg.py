"""The EasyRPG run-time package: short game cues in General MIDI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers.game_files import midi_items


def read(folder: Path) -> Iterator[Item]:
    """One item a MIDI file."""
    yield from midi_items(folder)
