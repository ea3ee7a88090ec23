"""What can be seen of a piece while it is written: the plan, then cells of the grid as they come.

A sketch is plain data, for a page that draws and plays it before the piece is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from yuefu.generation.fill import Canvas
from yuefu.planning.plan import Plan
from yuefu.score.model import NOTE_ROWS, ChordSpan, Notes
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.tokens.grid import decode_chords, decode_notes
from yuefu.workflows.assembly import MONOPHONIC, part_name

#: Velocity of a sketched note, before anybody plays it.
VELOCITY = {"chords": 52, "melody": 88, "counter": 76, "inner": 72, "bass": 80, "keys": 72, "pad": 62, "drums": 80}


@dataclass(frozen=True)
class Sketch:
    """A look at a piece that is being written. kind: ``"plan"`` or ``"bars"``.

    data of a plan: title, style, key, tempo, meter, bars, bar_ticks, pickup, sections, rows; of bars: row,
    first, count, notes ``[start, duration, pitch, velocity]`` in ticks of the piece, chords
    ``[start, duration, symbol]`` when the row is ``"chords"`` (whose notes can stand in for a band that isn't written
    yet), and provisional: True for bars that others may replace.
    """

    kind: Literal["plan", "bars"]
    data: dict[str, Any]


#: Is shown each sketch as it is made. Raising from it cancels the work.
Watch = Callable[[Sketch], None]


class Sketcher:
    """Makes the sketches of one piece, and hands them to whoever watches; with nobody there it does nothing."""

    def __init__(self, plan: Plan, watch: Watch | None) -> None:
        self.plan = plan
        self.watch = watch
        self.key = Key.parse(plan.key)

    @cached_property
    def bar_ticks(self) -> int:
        """Length of a bar."""
        numerator, denominator = map(int, self.plan.meter.split("/"))
        return numerator * 96 // denominator

    def show_plan(self) -> None:
        """Show what is about to be written."""
        if self.watch is None:
            return
        plan = self.plan
        sections = [
            {"letter": s.letter, "kind": s.kind, "start": s.start, "bars": s.bars, "energy": s.energy, "rows": s.rows}
            for s in plan.sections
        ]
        self.watch(Sketch("plan", {
            "title": plan.title, "style": plan.style, "key": plan.key, "tempo": plan.tempo, "meter": plan.meter,
            "bars": plan.bars, "bar_ticks": self.bar_ticks, "pickup": 0, "sections": sections, "rows": self._rows(),
        }))  # fmt: skip

    def _rows(self) -> list[dict[str, Any]]:
        """The rows in the order of the grid, each with who plays it."""
        players = {
            row: index for index, part in reversed(list(enumerate(self.plan.parts))) if not part.doubling
            for row in part.rows
        }  # fmt: skip
        rows: list[dict[str, Any]] = [{"row": "chords"}]
        for row in NOTE_ROWS:
            if row not in players:
                continue
            instrument = INSTRUMENTS[self.plan.parts[players[row]].instrument]
            rows.append({
                "row": row, "instrument": instrument.key, "name": part_name(self.plan, players[row]),
                "program": instrument.program, "is_drums": instrument.is_drums, "volume": 100, "pan": 64,
            })  # fmt: skip
        return rows

    def show_bars(self, canvas: Canvas, row: str, first: int, count: int, *, provisional: bool = False) -> None:
        """Show ``count`` bars of a row from bar ``first`` on, as they are now."""
        if self.watch is None or count < 1 or row not in canvas.cells:
            return
        starts = np.concatenate([[0], np.cumsum([bar.sounding for bar in canvas.bars])]).tolist()
        data: dict[str, Any] = {"row": row, "first": first, "count": count, "notes": [], "provisional": provisional}
        if row == "chords":
            spans = decode_chords(canvas.cells[row][first : first + count], canvas.bars[first : first + count],
                                  starts[first : first + count])  # fmt: skip
            moved = [replace(s, chord=s.chord.transpose(self.key.shift) if s.chord else None) for s in spans]
            data["chords"] = [
                [s.start, s.duration, s.chord.symbol(self.key.fifths) if s.chord else "N.C."] for s in moved
            ]
            data["notes"] = [note for span in moved if span.chord for note in _held(span, span.chord)]
        else:
            data["notes"] = self._notes(canvas, row, range(first, first + count), starts)
        self.watch(Sketch("bars", data))

    def show_tried(self, row: str, canvas: Canvas, first: int, count: int) -> None:
        """Show bars that are tried so far and may yet be replaced."""
        self.show_bars(canvas, row, first, count, provisional=True)

    def show_rows(self, canvas: Canvas, rows: Sequence[str], first: int, count: int) -> None:
        """Show the same bars of several rows."""
        for row in rows:
            self.show_bars(canvas, row, first, count)

    def _notes(self, canvas: Canvas, row: str, bars: range, starts: list[int]) -> list[list[int]]:
        cells = [decode_notes(canvas.cells[row][bar], starts[bar], canvas.bars[bar].offset)[0] for bar in bars]
        notes: Notes = np.concatenate(cells)
        if row != "drums":
            notes["pitch"] += self.key.shift
        notes["velocity"] = VELOCITY.get(row, 76)
        notes["duration"] = np.minimum(notes["duration"], starts[-1] - notes["start"])
        if row in MONOPHONIC and len(notes) > 1:  # as the finished score has it
            room = np.diff(notes["start"])
            notes["duration"][:-1] = np.where(
                room > 0, np.minimum(notes["duration"][:-1], room), notes["duration"][:-1]
            )
        return [list(map(int, note[1:])) for note in notes.tolist()]


def _held(span: ChordSpan, chord: Chord) -> list[list[int]]:
    """A chord held softly: its bass in the small octave, its tones around middle C."""
    pitches = [48 + chord.bass_class, *sorted(57 + (tone - 57) % 12 for tone in chord.pitch_classes)]
    return [[span.start, span.duration, pitch, VELOCITY["chords"]] for pitch in pitches]
