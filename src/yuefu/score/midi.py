"""MIDI in and out. How Yuefu's own texts look inside a file: see ``midi_text``."""

from __future__ import annotations

from yuefu.score.midi_read import read_midi
from yuefu.score.midi_write import midi_bytes

__all__ = ["midi_bytes", "read_midi"]
