"""Any score as a canvas: which notes belong to which row, in which key each bar is, and what the model hears.

The score itself is never changed here: the canvas is a view, snapped to the grid and moved to C major or
A minor bar by bar, while every note keeps its own timing (see ``score_back`` for the way back).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from yuefu.corpus.annotate import annotate
from yuefu.corpus.clean import window
from yuefu.corpus.lines import bass_line, polyphony, top_line, without
from yuefu.errors import InputError, LimitError, UnknownNameError
from yuefu.generation.fill import Canvas
from yuefu.score.model import NOTE_ROWS, Bar, ChordSpan, KeyChange, Notes, Part, Score
from yuefu.theory.key import Key
from yuefu.tokens.grid import decode_chords, encode_score, snap_onset
from yuefu.tokens.sequence import Header
from yuefu.tokens.vocabulary import MAX_BAR_TICKS, family_of, vocabulary
from yuefu.workflows.fill_wishes import row_name

#: Longest piece that is opened, in bars.
MOST_BARS = 4096
#: Above this many notes at a time on average a tune's part is more than a tune.
CHORDAL = 1.25
#: Rows that hold one note at a time.
LINES = ("melody", "counter", "inner", "bass")
#: Where a further part of a row is heard when that row is written anew.
_SPARE = ("counter", "inner", "pad", "keys")
#: Roles as given: ``"Piano=keys, 2=melody+bass"`` or a mapping of part name or number to rows.
Roles = str | Mapping[str | int, str | Sequence[str]] | None


@dataclass(frozen=True)
class Voice:
    """The notes of one part that play one row. part: index in the score; ids: of its notes."""

    part: int
    row: str
    ids: frozenset[int]


@dataclass
class OpenScore:
    """A score with its canvas.

    voices: in part order; the first voice of a row owns it: what is written anew goes there. first: the
    score's bar that is the canvas's bar 0; bars: the score's bars on the canvas; keys: of each of them;
    chords: ``"given"``, ``"inferred"`` or ``"none"``; key_source: ``"user"``, ``"given"`` or ``"estimated"``.
    """

    score: Score
    voices: tuple[Voice, ...]
    canvas: Canvas
    first: int
    bars: tuple[Bar, ...]
    keys: list[Key]
    key_changes: tuple[KeyChange, ...]
    chords: str
    key_source: str

    def owner(self, row: str) -> Voice | None:
        """The voice that a row's new notes replace."""
        return next((voice for voice in self.voices if voice.row == row), None)

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows that some part plays, in the order of the grid."""
        return tuple(row for row in NOTE_ROWS if self.owner(row))

    def number(self, bar: int) -> int:
        """A canvas bar's number as musicians count: a pick-up is bar 0, the first full bar 1."""
        return self.first + bar + (0 if self.score.pickup else 1)

    def cells_of(self, notes: Notes) -> np.ndarray:
        """The canvas bar of each note, -1 for none: that of its nearest place on the grid."""
        return cell_bars(notes, self.bars, self.canvas)


def part_label(score: Score, index: int) -> str:
    """A part's number and name, as it is printed and can be typed."""
    part = score.parts[index]
    return f"{index + 1} {part.name or part.instrument or part.id}"


def parse_roles(roles: Roles, score: Score) -> dict[int, tuple[str, ...]]:
    """Part index -> rows, from ``"Piano=melody+bass, 2=keys"`` or a mapping.

    Parts go by number (from 1) or name, whatever the case. Raises InputError or UnknownNameError.
    """
    if roles is None:
        return {}
    pairs: list[tuple[str, str]] = []
    if isinstance(roles, str):
        for item in roles.replace("，", ",").replace("；", ",").replace(";", ",").split(","):
            if not item.strip():
                continue
            name, equals, row = item.partition("=")
            if not equals or not name.strip() or not row.strip():
                raise InputError(f"'{item.strip()[:40]}' isn't a role: write PART=ROW, such as Piano=keys or 2=bass.")
            pairs.append((name, row))
    else:
        pairs = [(str(name), row if isinstance(row, str) else "+".join(row)) for name, row in roles.items()]
    found: dict[int, tuple[str, ...]] = {}
    for name, row in pairs:
        rows = tuple(row_name(each) for each in row.split("+") if each.strip())
        for each in rows:
            if each not in NOTE_ROWS:
                raise UnknownNameError("row", each, NOTE_ROWS)
        index = _part_index(name.strip(), score)
        if ("drums" in rows) != score.parts[index].is_drums:
            kind = (
                "drum sounds, which only the row drums plays" if score.parts[index].is_drums else "pitches, not drums"
            )
            raise InputError(f"part {part_label(score, index)} holds {kind}: give it another row.")
        found[index] = rows
    return found


def _part_index(name: str, score: Score) -> int:
    if name.isdigit():
        if not 1 <= int(name) <= len(score.parts):
            raise InputError(f"there is no part {name}: the score has {len(score.parts)}, numbered from 1.")
        return int(name) - 1
    names = [part.name.strip().lower() for part in score.parts]
    if name.lower() in names:
        return names.index(name.lower())
    raise UnknownNameError("part", name, [part.name or str(i + 1) for i, part in enumerate(score.parts)])


def voices_of(score: Score, roles: Mapping[int, tuple[str, ...]]) -> tuple[Voice, ...]:
    """Every part's notes by row: as told, else as the part's role says.

    A keyboard that has the tune besides, and no one else has it, is read as tune, bass and what is between.
    """
    playing = [i for i, part in enumerate(score.parts) if len(part.notes)]
    rows = {i: roles.get(i, (score.parts[i].role,)) for i in playing}
    lead = [i for i in playing if "melody" in rows[i]]
    if not lead:
        keyed = [i for i in playing if rows[i] == ("keys",) and i not in roles]
        lead = keyed[:1]
    for i in lead:
        if i not in roles and polyphony(score.parts[i].notes) > CHORDAL:
            others = {row for j in playing if j != i for row in rows[j]}
            low = np.percentile(score.parts[i].notes["pitch"], 10) < 57
            rows[i] = ("melody", *(("bass",) if low and "bass" not in others else ()), "keys")
        elif i not in roles:
            rows[i] = ("melody",)
    voices: list[Voice] = []
    for i in playing:
        for row, notes in _split(score.parts[i].notes, rows[i]).items():
            voices.append(Voice(i, row, frozenset(notes["id"].tolist())))
    return tuple(voices)


def _split(notes: Notes, rows: tuple[str, ...]) -> dict[str, Notes]:
    """One part's notes by row: the tune on top, the bass below, the rest for whatever other row is named."""
    if len(rows) == 1:
        return {rows[0]: notes}
    found: dict[str, Notes] = {}
    rest = notes
    if "melody" in rows:
        floor = min(55, int(notes["pitch"].mean()) - 4)
        found["melody"] = _chosen(notes, top_line(notes, floor))
        rest = without(rest, found["melody"])
    if "bass" in rows and len(rest):
        found["bass"] = _chosen(rest, bass_line(rest))
        rest = without(rest, found["bass"])
    other = next((row for row in rows if row not in ("melody", "bass")), rows[-1])
    kept = found.get(other)
    found[other] = rest if kept is None else notes[np.isin(notes["id"], np.concatenate([kept["id"], rest["id"]]))]
    return {row: own for row, own in found.items() if len(own)}


def _chosen(notes: Notes, line: Notes) -> Notes:
    """The notes of a line with their own timing."""
    return notes[np.isin(notes["id"], line["id"])]


def open_score(
    score: Score,
    roles: Roles = None,
    key: str | None = None,
    filling: Collection[str] = (),
    wanted: tuple[int, int] | None = None,
) -> OpenScore:
    """The canvas of a score.

    roles: corrections of the guess (see ``parse_roles``); key: of the whole piece, None for the score's
    own or the one that is heard; filling: rows that will be written; wanted: first and last bar (from 0)
    that will be. Raises InputError for an empty score, LimitError for one that is too long or whose wanted
    bars don't fit the grid.
    """
    if not score.note_count and not score.chords:
        raise InputError("the score has no notes and no chords: give one with music in it.")
    if len(score.bars) > MOST_BARS:
        raise LimitError(f"the score has {len(score.bars)} bars: give at most {MOST_BARS} at a time.")
    told = parse_roles(roles, score)
    voices = voices_of(score, told)
    heard = replace(score, parts=tuple(part for part in score.parts if len(part.notes)))
    trusted = score.metadata.get("key_given") is not False
    if key is not None:
        heard = replace(heard, keys=(KeyChange(0, Key.parse(key)),))
    noted = annotate(heard, trusted or key is not None)
    if key is not None:
        noted = replace(noted, keys=heard.keys)
    first, last = _fitting(score.bars, wanted)
    view = replace(noted, parts=tuple(_view_parts(score, voices, frozenset(filling))))
    bars = score.bars[first:last]
    if (first, last) != (0, len(score.bars)):
        view = window(view, bars[0].start, bars[-1].end)
    view = replace(view, length=bars[-1].end - bars[0].start)
    grid = encode_score(view)
    keys = [view.key_at(start) for start in grid.starts]
    v = vocabulary()
    cells = {
        row: own if row == "drums" else [v.transposed(cell, -keys[bar].shift) for bar, cell in enumerate(own)]
        for row, own in grid.cells.items()
    }
    canvas = Canvas(grid.bars, cells, [Header(mode=each.mode) for each in keys], lyrics=grid.lyrics)
    chords = str(noted.metadata.get("chords", "none")) if noted.chords else "none"
    source = "user" if key is not None else "given" if trusted else "estimated"
    return OpenScore(score, voices, canvas, first, bars, keys, noted.keys, chords, source)


def _fitting(bars: Sequence[Bar], wanted: tuple[int, int] | None) -> tuple[int, int]:
    """The longest stretch of bars, among them the wanted ones, that the grid can hold: [first, last)."""
    long = [bar.index for bar in bars if bar.duration > MAX_BAR_TICKS]
    if not long:
        return 0, len(bars)
    if wanted is not None:
        inside = next((bar for bar in long if wanted[0] <= bar <= wanted[1]), None)
        if inside is not None:
            raise LimitError(
                f"bar {inside + 1} lasts {bars[inside].duration / 24:g} quarters, and what is written may last at most "
                f"{MAX_BAR_TICKS // 24}: leave it out."
            )
        before = [bar for bar in long if bar < wanted[0]]
        after = [bar for bar in long if bar > wanted[1]]
        return (before[-1] + 1 if before else 0), (after[0] if after else len(bars))
    edges = [-1, *long, len(bars)]
    runs = [(a + 1, b) for a, b in pairwise(edges) if b > a + 1]
    if not runs:
        raise LimitError(f"every bar is longer than the {MAX_BAR_TICKS // 24} quarters that can be written.")
    return max(runs, key=lambda run: run[1] - run[0])


def _view_parts(score: Score, voices: Sequence[Voice], filling: frozenset[str]) -> list[Part]:
    """A part for each voice. Of several voices in a single-line or written row, the others move to a free one."""
    taken = {voice.row for voice in voices} | filling
    seen: set[str] = set()
    parts = []
    for number, voice in enumerate(voices):
        part = score.parts[voice.part]
        row: str | None = voice.row
        if row in seen and (row in LINES or row in filling) and row != "drums":
            row = next((spare for spare in _SPARE if spare not in taken), None if row in filling else row)
            if row is not None:
                taken.add(row)
        if row is None or (row == "drums" and row in seen and row in filling):
            continue  # nowhere to hear it; it stays in the score all the same
        seen.add(voice.row)
        notes = part.notes[np.isin(part.notes["id"], list(voice.ids))]
        own = tuple(s for s in part.syllables if s.note_id in voice.ids)
        parts.append(replace(part, id=f"V{number}", role=row, notes=notes, syllables=own, directions=()))
    return parts


def cell_bars(notes: Notes, bars: Sequence[Bar], canvas: Canvas) -> np.ndarray:
    """The index among ``bars`` of each note's cell, -1 outside: a note just before a bar line belongs after it."""
    if not len(notes):
        return np.zeros(0, dtype=np.int64)
    starts = np.array([bar.start for bar in bars])
    index = np.searchsorted(starts, notes["start"], side="right") - 1
    out = index.copy()
    for i, (tick, bar) in enumerate(zip(notes["start"].tolist(), index.tolist())):
        if tick >= bars[-1].end:
            out[i] = -1
            continue
        if bar < 0:
            # A note that anticipates the first bar of the stretch belongs to what is before it.
            continue
        column = canvas.bars[bar]
        if snap_onset(tick - int(starts[bar]) + column.offset) >= column.ticks and bar + 1 < len(bars):
            out[i] = bar + 1
    return out


def chords_of(piece: OpenScore) -> tuple[ChordSpan, ...]:
    """The score's chord symbols, or the chords that were heard in it, at sounding pitch."""
    cells = piece.canvas.cells.get("chords")
    if piece.score.chords or not cells:
        return piece.score.chords
    starts = [bar.start for bar in piece.bars]
    found = []
    for span in decode_chords(cells, piece.canvas.bars, starts):
        shift = piece.keys[bisect_right(starts, span.start) - 1].shift
        found.append(replace(span, chord=None if span.chord is None else span.chord.transpose(shift)))
    return tuple(found)


def families(piece: OpenScore) -> dict[str, str]:
    """Row -> family of the instrument that plays it."""
    found: dict[str, str] = {}
    for voice in piece.voices:
        part = piece.score.parts[voice.part]
        found.setdefault(voice.row, family_of(part.program, voice.row, part.instrument))
    return found
