"""An idea: a few bars of something, apart from its key and its tempo, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("motif", "hook", "progression", "rhythm", "bass", "groove", "texture", "lyric", "title")


@dataclass(frozen=True, slots=True)
class Source:
    """Where an idea came from.

    piece: "piece:ID", "file:NAME", "made:SEED" (written for this search), "mix:..." (of several)
    or "words:SEED" (a spark of words); title and
    composer: of the piece ("" unknown); bars: first and last, from 1 (0, 0 for words); licence: as it is known ("CC0",
    "yours", "unknown" ...); free: True to use freely, False not, None nobody knows: ask before you publish.
    """

    piece: str
    title: str = ""
    composer: str = ""
    bars: tuple[int, int] = (0, 0)
    licence: str = "unknown"
    free: bool | None = None


@dataclass(frozen=True, slots=True)
class Idea:
    """An idea.

    id: 16 hex digits, of what it holds and its source; kind: of KINDS; notes: (row, start, duration, pitch, velocity),
    start and duration in quarters from its first bar, row a role ("melody", "bass", "drums", "keys" ...), drums by
    their General MIDI number; bars: its length; meter: such as "4/4"; tempo: quarters a minute in its source; key: of
    its source, "C major"; chords: (start, duration in quarters, Roman numeral such as "vi7", symbol as "Am7"); text:
    of a lyric or title; facts: numbers for search and show (valence, arousal, density, surprise, times heard ...).
    """

    id: str
    kind: str
    source: Source
    notes: tuple[tuple[str, float, float, int, int], ...] = ()
    bars: int = 0
    meter: str = "4/4"
    tempo: float = 120.0
    key: str = "C major"
    chords: tuple[tuple[float, float, str, str], ...] = ()
    text: str = ""
    style: str = ""
    facts: tuple[tuple[str, float], ...] = ()
