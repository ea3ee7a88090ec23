"""MIDI in and out. How Yuefu's own texts look inside a file: see ``midi_text``."""

from __future__ import annotations

from yuefu.score.midi_read import read_midi

__all__ = ["read_midi"]
