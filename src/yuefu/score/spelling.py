"""How pitches are named on the staff, and which of them show an accidental."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from yuefu.score.model import Score
from yuefu.score.voices import VoiceNote
from yuefu.theory.modes import spelt_in
from yuefu.theory.pitch import STEP_FIFTHS, spell


def signature_alter(step: str, fifths: int) -> int:
    """The alteration of a step by a key signature: 1 (sharp), -1 (flat) or 0.

    >>> signature_alter("F", 1), signature_alter("B", -1), signature_alter("E", -1)
    (1, -1, 0)
    """
    place = STEP_FIFTHS[step] + 1  # 0 for F, the first sharp, to 6 for B, the first flat
    if fifths > 0:
        return 1 if place < fifths else 0
    return -1 if 6 - place < -fifths else 0


class Spelling:
    """Names the notes of a score by the key in force where each begins."""

    def __init__(self, score: Score) -> None:
        self._ticks = [change.tick for change in score.keys]
        self._fifths = [change.key.fifths for change in score.keys]
        scale = score.metadata.get("scale")
        one = isinstance(scale, str) and len(score.keys) == 1
        self._mode = spelt_in(str(scale), score.keys[0].key) if one else {}

    def fifths(self, tick: int) -> int:
        """The key signature in force at a tick."""
        return self._fifths[max(bisect_right(self._ticks, tick) - 1, 0)]

    def name(self, pitch: int, tick: int) -> tuple[str, int]:
        """Step and alteration of a pitch or pitch class: the mode's own name for it, else by the key at a tick."""
        return self._mode.get(pitch % 12) or spell(pitch % 12, self.fifths(tick))

    def written(self, note: VoiceNote) -> tuple[str, int, int]:
        """Step, octave (middle C begins octave 4) and alteration of a note."""
        step, alter = self.name(note.pitch, note.start)
        return step, (note.pitch - alter) // 12 - 1, alter

    def shown(self, sounding: Iterable[tuple[int, tuple[VoiceNote, ...]]], bar_start: int) -> set[tuple[int, int]]:
        """The (note id, tick) of the notes that show an accidental in one bar of one staff.

        sounding: (tick, notes) of everything written in the bar. A sign holds on its line to the
        end of the bar or the next key; a tied note showed its own where it began.
        """
        by_tick: dict[int, list[VoiceNote]] = {}
        for tick, chord in sounding:
            by_tick.setdefault(tick, []).extend(chord)
        fifths = self.fifths(bar_start)
        heard: dict[tuple[str, int], int] = {}
        found: set[tuple[int, int]] = set()
        for tick in sorted(by_tick):
            if self.fifths(tick) != fifths:
                fifths, heard = self.fifths(tick), {}
            lines: dict[tuple[str, int], dict[int, list[VoiceNote]]] = {}
            for note in by_tick[tick]:
                if note.start == tick:
                    step, octave, alter = self.written(note)
                    lines.setdefault((step, octave), {}).setdefault(alter, []).append(note)
            for line, by_alter in lines.items():
                for alter, notes in sorted(by_alter.items()):
                    known = heard.get(line, signature_alter(line[0], fifths))
                    if known != alter or len(by_alter) > 1:  # F and F sharp at once: both are marked
                        found.update((note.id, tick) for note in notes)
                    heard[line] = alter
        return found
