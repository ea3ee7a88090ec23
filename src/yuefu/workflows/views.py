"""A document as a page needs it: the grid, what is played when, engraved pages that know their notes.

All views are plain data for JSON. Velocities are those that are heard, so that what is drawn is what sounds.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.render import room_of
from yuefu.audio.synth import seconds_of
from yuefu.errors import YuefuError
from yuefu.score.model import TICKS_PER_QUARTER, Part, Score
from yuefu.score.performed import Performance
from yuefu.theory.instruments import INSTRUMENTS, instrument_for_program
from yuefu.workflows.comparing import compare
from yuefu.workflows.documents import Document
from yuefu.workflows.kept_playing import velocities
from yuefu.workflows.report_view import report_view

__all__ = ["compare", "grid_view", "jianpu_pages_of", "playback_view", "report_view", "score_pages"]

GRID_FORMAT = "yuefu-grid-1"
#: Most ticks between two points of a playback clock.
_CLOCK_STEP = 24 * 16


def grid_view(document: Document) -> dict[str, Any]:
    """The piece as rows and bars: what the grid page draws."""
    score = document.score
    heard = _heard(document)
    first = score.meters[0]
    return {
        "format": GRID_FORMAT,
        "title": score.title,
        "composer": score.composer,
        "style": document.style or str(score.metadata.get("style", "")),
        "tempo": score.tempos[0].bpm,
        "tempos": [[change.tick, change.bpm] for change in score.tempos],
        "key": score.keys[0].key.name,
        "keys": [[change.tick, change.key.name] for change in score.keys],
        "meter": f"{first.numerator}/{first.denominator}",
        "ticks_per_quarter": TICKS_PER_QUARTER,
        "length": score.end_tick,
        "duration": round(score.duration, 3),
        "pickup": score.pickup,
        "bars": _bars(score),
        "sections": _sections(score),
        "chords": [
            {"start": c.start, "duration": c.duration, "symbol": chord_symbol(score, c.start, c.chord)}
            for c in score.chords
        ],
        "parts": [_part(part, heard[part.id], rows) for part, rows in zip(score.parts, part_rows(document))],
    }


def chord_symbol(score: Score, tick: int, chord: Any) -> str:
    """A chord as it is written in the key at its place, "N.C." for none."""
    return "N.C." if chord is None else chord.symbol(score.key_at(tick).fifths)


def _heard(document: Document) -> dict[str, NDArray[np.int64]]:
    score = document.score
    if document.played_as_written:
        return {part.id: part.notes["velocity"].astype(np.int64) for part in score.parts}
    return velocities(score.parts, document.kept, score, document.manners)


def _bars(score: Score) -> list[dict[str, Any]]:
    shift = 0 if score.pickup else 1
    starts = [section.start for section in score.sections]
    found = []
    for bar in score.bars:
        section = bisect_right(starts, bar.start) - 1
        inside = section >= 0 and bar.start < score.sections[section].start + score.sections[section].duration
        found.append({
            "number": bar.index + shift, "start": bar.start, "duration": bar.duration, "numerator": bar.numerator,
            "denominator": bar.denominator, "section": section if inside else None,
        })  # fmt: skip
    return found


def _sections(score: Score) -> list[dict[str, Any]]:
    starts = [bar.start for bar in score.bars]
    shift = 0 if score.pickup else 1
    found = []
    for section in score.sections:
        first = max(bisect_right(starts, section.start) - 1, 0)
        last = max(bisect_right(starts, section.start + section.duration - 1) - 1, first)
        found.append({
            "letter": section.letter, "kind": section.kind, "start": section.start, "duration": section.duration,
            "first_bar": first + shift, "bars": last - first + 1,
        })  # fmt: skip
    return found


def part_rows(document: Document) -> list[list[str]]:
    """The rows that each part plays: as planned, else its own role; a pianist alone may play tune, bass and chords."""
    planned = {
        f"P{index + 1}": [str(row) for row in part.get("rows", ())]
        for index, part in enumerate((document.plan or {}).get("parts", ()))
    }
    return [rows if part.role in (rows := planned.get(part.id, [])) else [part.role] for part in document.score.parts]


def _part(part: Part, heard: NDArray[np.int64], rows: list[str]) -> dict[str, Any]:
    low, high = reach(part)
    notes = part.notes
    return {
        "id": part.id,
        "name": part.name,
        "row": part.role,
        "rows": rows,
        "instrument": part.instrument,
        "program": part.program,
        "is_drums": part.is_drums,
        "volume": part.volume,
        "pan": part.pan,
        "low": low,
        "high": high,
        "notes": np.column_stack(
            [notes["id"], notes["start"], notes["duration"], notes["pitch"], heard]
        ).astype(np.int64).tolist() if len(notes) else [],
        "syllables": [[s.note_id, s.text, s.syllabic, s.verse, s.line_end] for s in part.syllables],
    }  # fmt: skip


def reach(part: Part) -> tuple[int, int]:
    """The lowest and highest pitch that a part's instrument plays (of drums: of General MIDI's kit)."""
    if part.is_drums:
        return 27, 87
    instrument = INSTRUMENTS.get(part.instrument) or instrument_for_program(part.program)
    return instrument.low, instrument.high


def playback_view(document: Document) -> dict[str, Any]:
    """When each note sounds, in seconds, with the pedal already in the durations; and the clock of ticks."""
    score, performance = document.score, document.performance()
    parts = []
    last = 0.0
    for part in score.parts:
        notes = performance.notes[part.id]
        begin = seconds_of(notes["start"], performance.tempos)
        end = seconds_of(held(performance, part.id), performance.tempos)
        last = max(last, float(end.max()) if len(end) else 0.0)
        columns = (notes["id"].tolist(), np.round(begin, 4).tolist(), np.round(end - begin, 4).tolist(),
                   notes["pitch"].tolist(), notes["velocity"].tolist())  # fmt: skip
        parts.append({
            "id": part.id, "row": part.role, "program": part.program, "is_drums": part.is_drums,
            "volume": part.volume, "pan": part.pan, "notes": [list(row) for row in zip(*columns)],
        })  # fmt: skip
    ticks = _clock(performance, score)
    clock = seconds_of(np.array(ticks, dtype=float), performance.tempos)
    return {
        "duration": round(max(last, float(clock[-1])), 4),
        "clock": [[tick, round(second, 5)] for tick, second in zip(ticks, clock.tolist())],
        "room": room_of(str(score.metadata.get("style", "")) or document.style),
        "parts": parts,
    }


def _clock(performance: Performance, score: Score) -> list[int]:
    """Ticks between which time runs evenly."""
    end = max(score.end_tick, 1)
    points = {0, end} | {change.tick for change in performance.tempos if 0 <= change.tick < end}
    return sorted(points | set(range(0, end, _CLOCK_STEP)))


def held(performance: Performance, part_id: str) -> NDArray[np.float64]:
    """The tick where each note of a part falls silent: its end, or later the lift of a pedal that holds it.

    A pitch that is struck again stops there.
    """
    notes = performance.notes[part_id]
    ends = notes["start"] + notes["duration"]
    events = sorted(performance.pedals.get(part_id, ()))
    if not len(notes) or not any(down for _, down in events):
        return ends
    ticks = np.array([tick for tick, _ in events])
    downs = np.array([down for _, down in events])
    state = np.searchsorted(ticks, ends, side="right") - 1
    last = float(ends.max())
    lifts = np.append(ticks, last)
    up = np.append(~downs, True)
    # From each event on, the next lift.
    following = np.full(len(lifts), last)
    for index in range(len(lifts) - 1, -1, -1):
        following[index] = lifts[index] if up[index] else (following[index + 1] if index + 1 < len(lifts) else last)
    down_at_end = (state >= 0) & downs[np.maximum(state, 0)]
    out = np.where(down_at_end, np.maximum(ends, following[np.minimum(state + 1, len(lifts) - 1)]), ends)
    struck: dict[int, float] = {}
    for index in np.argsort(notes["start"], kind="stable")[::-1].tolist():
        pitch = int(notes["pitch"][index])
        if pitch in struck and struck[pitch] > notes["start"][index]:
            out[index] = min(out[index], struck[pitch])
        struck[pitch] = float(notes["start"][index])
    return out


def score_pages(document: Document) -> list[str]:
    """Engraved pages, an SVG each, for a browser: every note's id is ``n`` and its number.

    A tied note's later heads have ``t1``, ``t2`` ... after it. Empty for a piece without music.
    """
    from yuefu.page.engrave import engrave
    from yuefu.score.musicxml_write import musicxml_bytes

    score = document.score
    if not score.note_count and not score.chords:
        return []
    return list(engrave(musicxml_bytes(score)).svgs)


def jianpu_pages_of(document: Document) -> list[str]:
    """Pages of numbered notation of the tune; digits have ``data-note``, bars ``data-bar`` (their numbers).

    Empty for a piece without pitches.
    """
    from yuefu.page.jianpu_page import jianpu_pages
    from yuefu.score.jianpu import jianpu_of
    from yuefu.score.tune import lead_sheet

    try:
        return list(jianpu_pages(jianpu_of(lead_sheet(document.score))))
    except YuefuError:
        return []
