"""A score laid out to be edited: notes by id, so that thousands of edits cost what they touch."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from yuefu.errors import InputError
from yuefu.score.limits import MAX_NOTES
from yuefu.score.model import NOTE_DTYPE, Bar, ChordSpan, Part, Score, Syllable
from yuefu.workflows.documents import Document
from yuefu.workflows.fill_wishes import bar_indices, parse_ranges

#: A note's place: start, duration, pitch, velocity.
Row = tuple[int, int, int, int]
_HIGHEST_ID = 2**31 - 2
#: A held note takes over the syllable of the one before when that vanishes and it follows within this many ticks.
_NEXT = 6


class Stretch:
    """The ticks of some bars.

    >>> 100 in Stretch([Bar(1, 96, 96, 4, 4)]), 192 in Stretch([Bar(1, 96, 96, 4, 4)])
    (True, False)
    """

    def __init__(self, bars: Iterable[Bar]) -> None:
        self.spans = sorted((bar.start, bar.end) for bar in bars)

    def __contains__(self, tick: int) -> bool:
        at = bisect_right(self.spans, tick, key=lambda span: span[0]) - 1
        return at >= 0 and tick < self.spans[at][1]


@dataclass(eq=False)
class PartDesk:
    """A part with its notes by id. moved: notes may have changed their order in time."""

    part: Part
    notes: dict[int, Row]
    syllables: list[Syllable]
    moved: bool = False

    @cached_property
    def at_first(self) -> list[tuple[int, int]]:
        """(start, id) of the notes that were there before any edit, in order."""
        return sorted((int(note["start"]), int(note["id"])) for note in self.part.notes)

    def order(self) -> list[int]:
        """Ids in order of time."""
        return sorted(self.notes, key=lambda number: (self.notes[number][0], self.notes[number][2], number))


@dataclass
class Desk:
    """What is being edited. loud: velocities that were asked for; gone: ids of notes that went."""

    document: Document
    score: Score
    parts: list[PartDesk]
    chords: list[ChordSpan]
    owner: dict[int, PartDesk]
    bars: tuple[Bar, ...]
    highest: int
    loud: dict[int, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, document: Document) -> Desk:
        """A document's score, taken apart."""
        score = document.score
        parts = [
            PartDesk(part, {row[0]: row[1:] for row in part.notes.tolist()}, list(part.syllables))
            for part in score.parts
        ]
        owner = {number: holder for holder in parts for number in holder.notes}
        return cls(document, score, parts, list(score.chords), owner, score.bars, max(owner, default=0))

    @property
    def end(self) -> int:
        """The tick of the final bar line: edits don't make a piece longer or shorter."""
        return self.bars[-1].end

    def bar_list(self, text: str | None) -> list[Bar]:
        """The bars that a text names, all for None. Raises InputError."""
        ranges = () if text is None else parse_ranges(text)
        return [self.bars[index] for index in bar_indices(ranges, self.score)]

    def bar_at(self, tick: int) -> Bar:
        """The bar in which a tick lies."""
        return self.bars[max(bisect_right(self.bars, tick, key=lambda bar: bar.start) - 1, 0)]

    def find_part(self, identity: str) -> PartDesk:
        """The part with an id. Raises InputError, with the parts there are."""
        for holder in self.parts:
            if holder.part.id == identity:
                return holder
        known = ", ".join(holder.part.id for holder in self.parts[:40])
        raise InputError(f"there is no part '{identity[:40]}': the piece has {known or 'no parts'}.")

    def find_note(self, number: int) -> PartDesk:
        """The part that has a note. Raises InputError."""
        holder = self.owner.get(number)
        if holder is None:
            raise InputError(f"there is no note {number}: take the ids from the piece as it is now.")
        return holder

    def free_id(self) -> int:
        """An id that no note has or had."""
        if len(self.owner) >= MAX_NOTES:
            raise InputError(f"a piece holds at most {MAX_NOTES:,} notes: delete some first.")
        if self.highest < _HIGHEST_ID:
            self.highest += 1
            return self.highest
        return next(number for number in range(1, _HIGHEST_ID) if number not in self.owner and number not in self.gone)

    def put(self, holder: PartDesk, number: int, row: Row) -> None:
        """Place a note, new or known. Raises InputError outside of the piece or the instrument."""
        start, duration, pitch, _ = row
        if start + duration > self.end:
            raise InputError(
                f"the note would last from tick {start:,} to {start + duration:,}, but the piece ends at {self.end:,}: "
                "keep it inside."
            )
        low, high = (27, 87) if holder.part.is_drums else (0, 127)
        if not low <= pitch <= high:
            raise InputError(f"pitch {pitch} is no drum of General MIDI: give {low} to {high}.")
        holder.notes[number] = row
        self.owner[number] = holder

    def take(self, numbers: Iterable[int]) -> None:
        """Notes away; their syllables go to the notes that held them, or with them."""
        by_part: dict[int, tuple[PartDesk, set[int]]] = {}
        for number in numbers:
            holder = self.find_note(number)
            by_part.setdefault(id(holder), (holder, set()))[1].add(number)
        for holder, own in by_part.values():
            if any(s.note_id in own for s in holder.syllables):
                self._hand_on(holder, own)
            for number in own:
                del holder.notes[number]
                del self.owner[number]
            self.gone |= own

    def _hand_on(self, holder: PartDesk, own: set[int]) -> None:
        """Syllables of notes that vanish: to the next note, where that only held them, else away."""
        order = holder.order()
        place = {number: index for index, number in enumerate(order)}
        sung = {s.note_id for s in holder.syllables}
        kept: list[Syllable] = []
        for syllable in holder.syllables:
            if syllable.note_id not in own:
                kept.append(syllable)
                continue
            heir, end = None, sum(holder.notes[syllable.note_id][:2])
            for number in order[place[syllable.note_id] + 1 :]:
                start, duration = holder.notes[number][:2]
                if number in sung or start > end + _NEXT:
                    break
                if number not in own:
                    heir = number
                    break
                end = max(end, start + duration)
            if heir is not None:
                kept.append(replace(syllable, note_id=heir))
        lost = len(kept) < len(holder.syllables)
        holder.syllables = mended(holder, kept) if lost else kept

    def neighbours_loudness(self, holder: PartDesk, start: int) -> int:
        """A velocity like that of the four nearest notes of a part."""
        at = bisect_right(holder.at_first, (start, 0))
        near = sorted(holder.at_first[max(at - 4, 0) : at + 4], key=lambda place: abs(place[0] - start))[:4]
        if not near:
            return 80
        return round(sum(self._heard(number, holder) for _, number in near) / len(near))

    def _heard(self, number: int, holder: PartDesk) -> int:
        kept = self.document.kept
        if kept is not None and not self.document.played_as_written:
            at, known = kept.look_up(np.array([number], dtype=np.int32))
            if known[0]:
                return int(kept.notes["velocity"][at[0]])
        index = int(np.flatnonzero(holder.part.notes["id"] == number)[0])
        return int(holder.part.notes["velocity"][index])

    def finished(self) -> Document:
        """The document after the edits."""
        parts = []
        for holder in self.parts:
            if holder.moved:
                holder.syllables = mended(holder, holder.syllables)
            notes = np.array([(number, *row) for number, row in holder.notes.items()], dtype=NOTE_DTYPE)
            parts.append(replace(holder.part, syllables=tuple(holder.syllables)).with_notes(notes))
        score = replace(self.score, parts=tuple(parts), chords=tuple(self.chords), length=self.end)
        document = self.document.with_score(score, same_notes=True)
        if document.kept is not None and not document.played_as_written:
            document = replace(document, kept=document.kept.changed(self.loud, self.gone, self._partners()))
        return document

    def _partners(self) -> dict[int, int | None]:
        """Note -> one that was there before and is struck together with it: new notes are played with that."""
        struck = {
            (id(holder), start): number
            for holder in self.parts
            for start, number in reversed(holder.at_first)
            if number in holder.notes
        }
        return {
            number: struck.get((id(self.owner[number]), self.owner[number].notes[number][0])) for number in self.loud
        }


def mended(holder: PartDesk, syllables: list[Syllable]) -> list[Syllable]:
    """Syllables of a part in order of time, words that lost a syllable made whole again."""
    place = {number: index for index, number in enumerate(holder.order())}
    ordered = sorted((s for s in syllables if s.note_id in place), key=lambda s: (s.verse, place[s.note_id]))
    found: list[Syllable] = []
    for index, syllable in enumerate(ordered):
        after = ordered[index + 1] if index + 1 < len(ordered) else None
        before = found[-1] if found else None
        follows = before is not None and before.verse == syllable.verse and before.syllabic in ("begin", "middle")
        goes_on = (
            syllable.syllabic in ("begin", "middle")
            and after is not None
            and after.verse == syllable.verse
            and after.syllabic in ("middle", "end")
        )
        inside = follows and syllable.syllabic in ("middle", "end")
        kind = {(True, True): "middle", (True, False): "end", (False, True): "begin"}.get((inside, goes_on), "single")
        found.append(syllable if syllable.syllabic == kind else replace(syllable, syllabic=kind))
    return sorted(found, key=lambda s: (place[s.note_id], s.verse))
