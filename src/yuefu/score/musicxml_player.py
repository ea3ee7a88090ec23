"""Playing out one part of a MusicXML file: ties merged, one verse for each pass, marks gathered."""

from __future__ import annotations

import re

import numpy as np

from yuefu.score.model import NOTE_DTYPE, Direction, Part, Syllable, sort_notes
from yuefu.score.musicxml_part import PartReader
from yuefu.score.musicxml_timeline import Timeline
from yuefu.score.musicxml_written import WrittenBar, WrittenNote

#: Note ids as our own writer gives them.
OWN_ID = re.compile(r"^n(\d{1,9})$")
_VERSE_NUMBER = re.compile(r"^\d{1,2}\.\s*(?=\S)")


class PartBuilder:
    """Plays one part's bars: merges ties, picks the verse of each pass, gathers the marks."""

    def __init__(self, reader: PartReader, timeline: Timeline, first_id: int, keep_ids: bool) -> None:
        self.reader = reader
        self.timeline = timeline
        self.next_id = first_id
        self.keep_ids = keep_ids
        self.rows: list[list[int]] = []
        self.sung: list[tuple[int, list[tuple[int, str, str, bool]]]] = []
        self.open: dict[int, list[tuple[int, str, list[int]]]] = {}  # pitch -> (end, voice, row) of tied notes

    def build(self) -> Part:
        """The part with its notes, syllables and directions."""
        directions: dict[tuple[int, str, str], None] = {}
        is_drums = any(note.drum for bar in self.reader.bars for note in bar.notes)
        for visit, played in zip(self.timeline.visits, self.timeline.bars):
            if played.written >= len(self.reader.bars):
                continue
            bar = self.reader.bars[played.written]
            verse = _verse_of_pass(bar, visit, self.timeline.total_visits[played.written])
            for note in bar.notes:
                if note.drum == is_drums:
                    self._add(note, played.start, verse)
            for offset, kind, text in bar.directions:
                directions.setdefault((played.start + round(offset), kind, text))
        notes = np.array([tuple(row) for row in self.rows], dtype=NOTE_DTYPE)
        head = self.reader.head
        return Part(
            id=head.id,
            name=head.name,
            role="drums" if is_drums else "melody",
            program=head.program,
            notes=sort_notes(notes),
            syllables=self._syllables(),
            directions=tuple(Direction(*key) for key in sorted(directions, key=lambda key: key[0])),
            volume=head.volume,
            pan=head.pan,
        )

    def _add(self, note: WrittenNote, bar_start: int, verse: int | None) -> None:
        start = bar_start + round(note.start)
        end = bar_start + round(note.start + note.duration)
        if note.tie_stop:
            waiting = self.open.get(note.pitch, [])
            matches = [entry for entry in waiting if entry[0] == start]
            if matches:
                entry = next((m for m in matches if m[1] == note.voice), matches[0])
                waiting.remove(entry)
                entry[2][2] = max(end + round(note.release) - entry[2][1], 1)
                if note.tie_start:
                    waiting.append((end, note.voice, entry[2]))
                return
        identity = self.next_id
        own = OWN_ID.match(note.id) if self.keep_ids else None
        if own:
            identity = int(own.group(1))
        self.next_id += 1
        row = [identity, start, max(end - start + round(note.release), 1), note.pitch, note.velocity]
        self.rows.append(row)
        if note.tie_start:
            fresh = [entry for entry in self.open.get(note.pitch, []) if entry[0] >= bar_start]
            self.open[note.pitch] = [*fresh, (end, note.voice, row)]
        if note.sung:
            chosen = note.sung
            if verse is not None:
                chosen = [(1, *entry[1:]) for entry in note.sung if entry[0] == verse]
            if chosen:
                self.sung.append((identity, chosen))

    def _syllables(self) -> tuple[Syllable, ...]:
        syllables = []
        begun: set[int] = set()
        numbered = not self.keep_ids
        for identity, entries in self.sung:
            for verse, text, syllabic, ends in entries:
                if verse not in begun and numbered:
                    text = _VERSE_NUMBER.sub("", text)  # "1. A" at the head of a verse
                begun.add(verse)
                if text:
                    syllables.append(Syllable(identity, text, syllabic, verse, ends))
        return tuple(syllables)


def _verse_of_pass(bar: WrittenBar, visit: int, total: int) -> int | None:
    """The verse to sing on this pass of a repeated bar, or None to keep all verses."""
    if total < 2:
        return None
    verses = {entry[0] for note in bar.notes if note.sung for entry in note.sung}
    if len(verses) < 2 or len(verses) > total:
        return None
    return sorted(verses)[min(visit, len(verses)) - 1]
