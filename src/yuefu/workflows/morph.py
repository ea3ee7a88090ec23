"""From one phrase to another in steps: ``yuefu morph``.

Both phrases become points of the engine ``vae``; the phrases between are read from the points between. The first and
the last are the two themselves, note for note; the second piece is moved to the first one's key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.corpus.clean import window
from yuefu.engines import load_engine
from yuefu.engines.phrase_rules import HOME, line_bias
from yuefu.engines.vae import WRITTEN_METERS, VaeEngine
from yuefu.errors import InputError, LimitError, UnknownNameError
from yuefu.generation.rules import RowRules
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.files import read_score
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Notes, Part, Score, Section, TempoChange, make_notes
from yuefu.score.model import transpose as moved
from yuefu.theory.instruments import INSTRUMENTS, instrument_for_program
from yuefu.tokens.grid import decode_notes
from yuefu.tokens.phrase_attributes import asked_of
from yuefu.tokens.phrases import PHRASE_ROWS, STRUCK, Phrase, cells_of, fits, notes_of, phrase_from
from yuefu.workflows.fill_score import save_score
from yuefu.workflows.fill_wishes import bar_indices, parse_ranges, row_name
from yuefu.workflows.score_canvas import OpenScore, Roles, chords_of, open_score

#: Steps that can be asked for, both ends counted, and bars of a phrase.
FEWEST, MOST_STEPS, MOST_BARS = 3, 33, 8
#: Bars of a phrase where none are named.
_USUAL_BARS = 4
#: What a leap of more than nine semitones costs between the ends.
_LEAP = -1.5
_STRETCH = re.compile(r"^(?P<path>.+):(?P<bars>\d+(?:\s*[-–—~到至]\s*\d+)?)$")


@dataclass(frozen=True)
class End:
    """One end of a morph: a stretch of a piece in the morph's key.

    score: its bars alone; phrase: the row's phrase; part: the index of who plays it; first, last: bar numbers.
    """

    score: Score
    phrase: Phrase
    part: int
    first: int
    last: int
    bent: int
    moved: int


@dataclass(frozen=True)
class Morph:
    """A morph. score: all steps one after the other; phrases: the row's, as they were written; shares: of the second
    end; steps: how far each is from the one before, in the latent space and in notes; row, key; bars of both ends;
    moved: semitones that the second piece was moved by; bent: notes of both ends between the sixteenths, which the
    steps between don't have."""

    score: Score
    phrases: tuple[Phrase, ...]
    shares: tuple[float, ...]
    row: str
    key: str
    tempo: tuple[float, float]
    bars: tuple[tuple[int, int], tuple[int, int]]
    moved: int
    bent: int
    seed: int
    distances: tuple[float, ...] = field(default=())

    def facts(self) -> dict[str, Any]:
        """Everything but the notes, as plain data."""
        return {
            "row": self.row, "steps": len(self.phrases), "key": self.key, "tempo": list(self.tempo),
            "bars": [list(pair) for pair in self.bars], "moved_by_semitones": self.moved,
            "notes_off_the_grid": self.bent, "seed": self.seed,
            "phrases": [
                {"share": round(share, 4), "notes": phrase.onsets, "changed_from_the_one_before": round(distance, 4)}
                for share, phrase, distance in zip(self.shares, self.phrases, (0.0, *self.distances), strict=True)
            ],
        }  # fmt: skip

    def save(self, path: Path, progress: Listener = ignore) -> tuple[Path, ...]:
        """Write the score in whatever format a file's extension says."""
        return save_score(self.score, path, progress)

    def picture(self, language: str = "en") -> bytes:
        """All steps as rolls, as PNG."""
        from yuefu.workflows.phrase_pictures import morph_png

        return morph_png(self, language)


def split_stretch(text: str) -> tuple[Path, str]:
    """A file and a range of bars from ``"song.mid:5-8"``; a file that is there is taken as it stands.

    >>> split_stretch("song.mid:5-8"), split_stretch("song.mid")
    ((PosixPath('song.mid'), '5-8'), (PosixPath('song.mid'), ''))
    """
    match = _STRETCH.match(text)
    if match is None or Path(text).exists():
        return Path(text), ""
    return Path(match["path"]), match["bars"]


def morph_files(one: str, other: str, **how: Any) -> Morph:
    """``morph`` of two files, each with a range of bars after a colon if need be; see there for the rest."""
    (first, bars), (second, more) = split_stretch(one), split_stretch(other)
    said = how.pop("bars", None) or ""
    return morph(read_score(first), read_score(second), bars=(bars or said, more or said), **how)


def morph(
    one: Score,
    other: Score,
    steps: int = 7,
    row: str = "melody",
    bars: Sequence[str] = ("", ""),
    *,
    roles: Sequence[Roles] = (None, None),
    attributes: dict[str, float] | None = None,
    temperature: float = 0.0,
    band: bool = True,
    seed: int = 0,
    engine: VaeEngine | None = None,
    progress: Listener = ignore,
) -> Morph:
    """A row of one score turned into another's in steps, ends included.

    bars: of each, as ``"5-8"``; else the first four in which the row plays. roles: see ``open_score``; attributes:
    asked of the steps in the middle, less towards the ends; band: who else plays goes along, the first piece's up to
    the middle and then the second's. Raises InputError where the two don't fit together.
    """
    row = row_name(row)
    if row not in PHRASE_ROWS:
        raise UnknownNameError("row", row, PHRASE_ROWS)
    if not FEWEST <= steps <= MOST_STEPS:
        raise LimitError(f"{steps} steps can't be written: give {FEWEST} to {MOST_STEPS}, both ends counted.")
    used = engine or load_engine("vae")
    assert isinstance(used, VaeEngine)
    first = _end(one, row, bars[0], roles[0], None)
    home = first.score.keys[0].key
    second = _end(other, row, bars[1], roles[1], home.tonic if home.mode == "major" else (home.tonic + 3) % 12)
    a, b = first.phrase, second.phrase
    if a.meter != b.meter:
        raise InputError(f"one phrase is in {a.meter}, the other in {b.meter}: choose two in the same metre.")
    if len(a) != len(b):
        raise InputError(
            f"one phrase has {len(a)} bars, the other {len(b)}: name as many of both, such as A.mid:1-4 B.mid:5-8."
        )
    shares = tuple(float(share) for share in np.linspace(0, 1, steps))
    rng = np.random.default_rng([seed, 41])
    phrases = [a]
    for number, share in enumerate(shares[1:-1], 1):
        progress(Progress("cells", number, steps - 1))
        phrases.append(between(used, a, b, share, asked_of(attributes or {}, row), temperature, rng))
    phrases.append(b)
    progress(Progress("cells", steps - 1, steps - 1))
    return Morph(
        score=_laid_out(first, second, phrases, shares, row, band),
        phrases=tuple(phrases), shares=shares, row=row, key=home.name,
        tempo=(first.score.tempos[0].bpm, second.score.tempos[0].bpm),
        bars=((first.first, first.last), (second.first, second.last)), moved=second.moved,
        bent=first.bent + second.bent, seed=seed,
        distances=tuple(difference(p, q) for p, q in pairwise(phrases)),
    )  # fmt: skip


def between(
    engine: VaeEngine, a: Phrase, b: Phrase, share: float, asked: NDArray[np.float64], temperature: float,
    rng: np.random.Generator,
) -> Phrase:  # fmt: skip
    """The phrase a share of the way between two, over the nearer one's chords."""
    from yuefu.engines.phrase_search import steered
    from yuefu.engines.phrase_space import WINDOW, slerp

    space, near = engine.space, a if share < 0.5 else b
    low, high = _range(a, b)
    out = []
    before = near.before
    for start in range(0, len(a), WINDOW):
        cut = slice(start, start + WINDOW)
        one, other, like = (
            replace(phrase, steps=phrase.steps[cut], chords=phrase.chords[cut], before=before)
            for phrase in (a, b, near)
        )
        middle = space.mean(a.row)[: len(one)]
        point = slerp(space.encode(one), space.encode(other), share, middle)
        bias = None if a.row == "drums" else line_bias(like, [RowRules(low=low, high=high, scale=HOME)] * len(like))
        point = point.astype(np.float32)
        if asked.any():
            lean = np.sin(np.pi * share) * asked
            out.append(steered(space, like, point, lean, rng, bias=bias, temperature=temperature, leap=_LEAP)[1])
        else:
            out.append(space.decode(point[None], like, rng, temperature, bias, leap=_LEAP).steps[0])
    return near.with_steps(np.concatenate(out))


def _range(a: Phrase, b: Phrase) -> tuple[int, int]:
    """The pitches that two lines lie between, a tone wider."""
    if a.row == "drums":
        return 0, 127
    pitches = [pitch for phrase in (a, b) for _, pitch, _ in notes_of(phrase.steps)] or [60]
    return min(pitches) - 2, max(pitches) + 2


def difference(a: Phrase, b: Phrase) -> float:
    """The share of places struck in either of two phrases at which they differ, 0 to 1."""
    if a.row == "drums":
        either = a.steps | b.steps
        return float((a.steps != b.steps).sum() / max(int(either.sum()), 1))
    struck = (a.steps >= STRUCK) | (b.steps >= STRUCK)
    return float(((a.steps != b.steps) & struck).sum() / max(int(struck.sum()), 1))


def _end(score: Score, row: str, bars: str, roles: Roles, home: int | None) -> End:
    """A stretch of a score. home: the tonic of the major scale that it is moved to, None to leave it."""
    if not score.note_count:
        raise InputError("the score has no notes: give one with music in it.")
    piece = open_score(score, roles)
    owner = piece.owner(row)
    if owner is None:
        raise InputError(
            f"nobody plays {row} in '{score.title or 'the score'}': it has {', '.join(piece.rows)}; name another "
            "--row, or say who plays it with --roles."
        )
    inside = _bars(piece, row, bars)
    start, count = inside[0], len(inside)
    columns = piece.canvas.bars[start : start + count]
    if any(not fits(column) or column.offset or column.meter not in WRITTEN_METERS for column in columns) or any(
        column.meter != columns[0].meter for column in columns
    ):
        raise InputError(
            f"bars {piece.number(start)}-{piece.number(start + count - 1)} aren't whole bars of one metre among "
            f"{', '.join(WRITTEN_METERS)}: name others."
        )
    key = piece.keys[start]
    phrase = phrase_from(piece.canvas.cells, piece.canvas.bars, row, start, count, key.mode == "minor")
    if not phrase.onsets:
        raise InputError(
            f"nothing is played by {row} in bars {piece.number(start)}-{piece.number(start + count - 1)}: name others."
        )
    whole = replace(score, chords=chords_of(piece), keys=piece.key_changes)
    cut = window(whole, piece.bars[start].start, piece.bars[start + count - 1].end)
    tonic = key.tonic if key.mode == "major" else (key.tonic + 3) % 12
    by = 0 if home is None else (home - tonic + 6) % 12 - 6
    cut = moved(cut, by) if by else cut
    own = [
        part.with_notes(part.notes[np.isin(part.notes["id"], list(owner.ids))]) if number == owner.part else part
        for number, part in enumerate(cut.parts)
    ]
    return End(
        replace(cut, parts=tuple(own)), phrase, owner.part, piece.number(start), piece.number(start + count - 1),
        phrase.bent, by,
    )  # fmt: skip


def _bars(piece: OpenScore, row: str, bars: str) -> list[int]:
    """Canvas bars of a stretch: those named, else the first four whole ones in which the row begins to play."""
    if bars.strip():
        named = [bar - piece.first for bar in bar_indices(parse_ranges(bars), piece.score)]
        if named != list(range(named[0], named[0] + len(named))) or len(named) > MOST_BARS:
            raise InputError(f"'{bars}' isn't one stretch of at most {MOST_BARS} bars: name one, such as 5-8.")
        if named[0] < 0 or named[-1] >= len(piece.bars):
            raise InputError(f"bars {bars} can't be read on the grid: name others.")
        return named
    cells = piece.canvas.cells[row]
    whole = [bar for bar, column in enumerate(piece.canvas.bars) if fits(column) and not column.offset]
    playing = [bar for bar in whole if len(cells[bar])]
    if not playing:
        raise InputError(f"no whole bar of {row} is in {', '.join(WRITTEN_METERS)}: give another piece or row.")
    first = playing[0]
    end = first
    while end < len(piece.bars) and end - first < _USUAL_BARS and end in whole:
        end += 1
    return list(range(first, end))


def _laid_out(
    first: End, second: End, phrases: Sequence[Phrase], shares: Sequence[float], row: str, band: bool
) -> Score:
    """All steps as one score: who plays the row, then both bands."""
    length = first.score.length
    player = first.score.parts[first.part]
    home = first.score.keys[0].key
    number = 1
    line: list[Notes] = []
    bands: dict[tuple[int, int], list[Notes]] = {}
    chords: list[ChordSpan] = []
    sections, tempos = [], []
    bpm = first.score.tempos[0].bpm, second.score.tempos[0].bpm
    for step, (phrase, share) in enumerate(zip(phrases, shares, strict=True)):
        start = step * length
        end = first if share < 0.5 else second
        edge = 0 < step < len(phrases) - 1
        notes = (
            _of_phrase(phrase, home.shift, _player_range(player), length)
            if edge
            else _clipped(end.score.parts[end.part].notes, length)
        )
        line.append(_placed(notes, start, number))
        number += len(notes)
        for place, part in enumerate(end.score.parts):
            if not band or place == end.part or not len(part.notes):
                continue
            own = _placed(_clipped(part.notes, length), start, number)
            number += len(own)
            bands.setdefault((0 if end is first else 1, place), []).append(own)
        chords += [
            ChordSpan(start + span.start, min(span.duration, length - span.start), span.chord)
            for span in end.score.chords
            if span.start < length
        ]
        sections.append(Section(start, length, _name(step, len(phrases))))
        tempos.append(TempoChange(start, round(bpm[0] * (bpm[1] / bpm[0]) ** share, 3)))
    parts = [replace(_bare(player), id="P1", role=row, notes=np.concatenate(line))]
    for (which, place), notes_of_part in sorted(bands.items()):
        part = (first, second)[which].score.parts[place]
        parts.append(replace(_bare(part), id=f"P{len(parts) + 1}", notes=np.concatenate(notes_of_part)))
    meter = first.score.meters[0]
    kept = [tempos[0], *(now for now, then in zip(tempos[1:], tempos, strict=False) if now.bpm != then.bpm)]
    title = " → ".join(dict.fromkeys(each.score.title or "?" for each in (first, second)))
    return Score(
        title=title, parts=tuple(parts), chords=tuple(chords), sections=tuple(sections), tempos=tuple(kept),
        keys=(KeyChange(0, home),), meters=(MeterChange(0, meter.numerator, meter.denominator),),
        length=length * len(phrases),
    )  # fmt: skip


def _name(step: int, steps: int) -> str:
    return "A" if step == 0 else "B" if step == steps - 1 else f"A{step}"


def _bare(part: Part) -> Part:
    return replace(part, syllables=(), directions=(), notes=make_notes())


def _clipped(notes: Notes, length: int) -> Notes:
    """Notes of a stretch; what sounds on after it ends with it."""
    out = notes.copy()
    out["duration"] = np.minimum(out["duration"], length - out["start"])
    return out[out["duration"] > 0]


def _placed(notes: Notes, start: int, number: int) -> Notes:
    out = notes.copy()
    out["start"] += start
    out["id"] = number + np.arange(len(out))
    return out


def _of_phrase(phrase: Phrase, shift: int, span: tuple[int, int], length: int) -> Notes:
    """A phrase's notes at sounding pitch, the first of each bar a little louder."""
    ticks = length // len(phrase)
    found = []
    for bar, cell in enumerate(cells_of(phrase)):
        notes, _ = decode_notes(cell, bar * ticks)
        notes["velocity"] = np.where(notes["start"] % ticks == 0, 88, 78)
        found.append(notes)
    notes = np.concatenate(found)
    if phrase.row != "drums":
        pitch = notes["pitch"].astype(int) + shift
        pitch = np.where(pitch < span[0], pitch + 12, np.where(pitch > span[1], pitch - 12, pitch))
        notes["pitch"] = pitch
    return _clipped(notes, length)


def _player_range(part: Part) -> tuple[int, int]:
    """The pitches of whoever plays, no narrower than what they play."""
    if part.is_drums or not len(part.notes):
        return 0, 127
    player = INSTRUMENTS.get(part.instrument) or instrument_for_program(part.program)
    return min(player.low, int(part.notes["pitch"].min())), max(player.high, int(part.notes["pitch"].max()))
