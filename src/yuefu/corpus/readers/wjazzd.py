"""The Weimar Jazz Database: transcribed solos with chords, form and the bass player's note on each beat.

The melody table places each note by bar, beat and division of the beat, so a swung eighth is
written as an eighth. The beat table gives metre, chords, form and bass.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from yuefu.corpus.played import notes_from, smooth_line
from yuefu.corpus.reader_types import Item
from yuefu.errors import FormatError
from yuefu.score.model import ChordSpan, MeterChange, Notes, Part, Score, Section, TempoChange, make_notes, renumber
from yuefu.theory.chord import Chord
from yuefu.theory.pitch import parse_pitch_class

#: The bass was found by machine: it stays out where fewer of its notes under new chords belong to them.
_BASS_FIT = 0.5
#: Places within a beat that a division other than 1, 2, 3, 4, 6 is rounded to.
_PLACES = np.array([0, 4, 6, 8, 12, 16, 18, 20])
_CHORD = re.compile(r"^([A-G][b#]?)([^/]*)(?:/([A-G][b#]?))?$")
#: The transcribers' suffixes, longest first, and what they mean here; tensions may follow.
_SUFFIXES = (
    ("sus7", "7sus4"), ("sus", "sus4"), ("-7b5", "m7b5"), ("m7b5", "m7b5"), ("-j7", "mmaj7"), ("-7", "m7"),
    ("-6", "m6"), ("-", "m"), ("+j7", "maj7"), ("+7", "7"), ("+", "aug"), ("o7", "dim7"), ("o", "dim"),
    ("j7", "maj7"), ("7", "7"), ("6", "6"),
)  # fmt: skip
_WITH_NINTH = {"7": "9", "maj7": "maj9", "m7": "m9"}


def read(folder: Path) -> Iterator[Item]:
    """One item a solo; solos of one recording share their tune's work."""
    for path in sorted(folder.rglob("mcsv_melody/*.csv")):
        stem = path.stem.removesuffix("_FINAL")
        beats = path.parent.parent / "mcsv_beat" / f"{path.stem}_beattrack.csv"
        performer, _, tune = stem.partition("_")
        tune = tune or stem
        title = re.sub(r"-\d+$", "", tune)
        yield Item(
            # A tune played by two soloists is one work: they share its chords.
            work=title,
            load=read_solo,
            args=(str(path), str(beats), _spaced(title), _spaced(performer)),
            source=str(path.relative_to(folder)),
            style="blues" if "Blues" in title else "jazz",
            arranged=True,
            metadata={"soloist": _spaced(performer), "swing": 0.5},
        )


def read_solo(melody: str | Path, beats: str | Path, title: str = "", performer: str = "") -> Score:
    """A solo as a Score: melody (the solo), bass where transcribed, chords, sections."""
    beat_rows = _rows(Path(beats))
    melody_rows = _rows(Path(melody))
    bars = _bars(beat_rows, melody_rows)
    meters = _meters(bars)
    lengths = [numerator for _, numerator in bars.values()]
    if sum(1 for length in lengths if length == 1) > 0.2 * len(lengths):
        raise FormatError(f"{Path(melody).stem} has no steady metre: most of its bars are single beats.")
    places = [_place(row, bars) for row in beat_rows]
    spans = tuple(_chords(beat_rows, places))
    solo = _solo(melody_rows, bars)
    bass = _bass(beat_rows, places)
    if _chord_share(bass, spans) < _BASS_FIT:
        bass = bass[:0]
    parts = [
        Part("melody", "Solo", "melody", 66, "", solo),
        Part("bass", "Bass", "bass", 32, "upright_bass", bass),
    ]
    onsets = np.array([float(row["onset"]) for row in beat_rows])
    bpm = 60.0 / max(0.05, float(np.median(np.diff(onsets)))) if len(onsets) > 1 else 120.0
    return renumber(
        Score(
            title=title,
            composer=performer,
            parts=tuple(part for part in parts if len(part.notes)),
            chords=spans,
            sections=tuple(_sections(beat_rows, places, bars)),
            tempos=(TempoChange(0, round(bpm, 1)),),
            meters=meters,
        )
    )


def parse_wjazzd(symbol: str) -> Chord | None:
    """A chord of the database, such as ``"Eb-79"`` or ``"C79b"``; None for no chord.

    >>> parse_wjazzd("Bbj7911#").symbol(-2), parse_wjazzd("F79").quality, parse_wjazzd("C79b").quality
    ('Bbmaj7', '9', '7')
    >>> parse_wjazzd("Fsus7913").quality, parse_wjazzd("NC"), parse_wjazzd("Ab7/C").bass
    ('7sus4', None, 0)
    """
    match = _CHORD.match(symbol.strip())
    if not match:
        return None
    suffix, quality, tensions = match[2], "", ""
    for text, meaning in _SUFFIXES:
        if suffix.startswith(text):
            quality, tensions = meaning, suffix[len(text) :]
            break
    if re.match(r"9(?![b#])|13(?![b#])", tensions) and quality in _WITH_NINTH:
        # A plain ninth; with an altered tension above it (9 and #11) the seventh chord says enough.
        quality = quality if "#" in tensions or "b" in tensions else _WITH_NINTH[quality]
    return Chord(parse_pitch_class(match[1]), quality, parse_pitch_class(match[3]) if match[3] else None)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        for row in rows:
            int(row["bar"]), int(row["beat"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{path.name} can't be read as a table with bars and beats.") from error
    if not rows:
        raise FormatError(f"{path.name} is empty.")
    return rows


def _signature(row: dict[str, str]) -> int:
    match = re.search(r"(\d+)/(\d+)", row.get("signature") or "")
    return int(match[1]) if match else 4


def _bars(*tables: list[dict[str, str]]) -> dict[int, tuple[int, int]]:
    """Bar number -> (start tick, quarters), every bar from the first to the last mentioned."""
    quarters: dict[int, int] = {}
    for table in tables:
        for row in table:
            quarters.setdefault(int(row["bar"]), _signature(row))
    first, last = min(quarters), max(quarters)
    if last - first > 4096:
        raise FormatError(f"bars run from {first} to {last}: a solo has at most 4096.")
    bars = {}
    tick, length = 0, quarters[first]
    for number in range(first, last + 1):
        length = quarters.get(number, length)
        bars[number] = (tick, length)
        tick += 24 * length
    return bars


def _meters(bars: dict[int, tuple[int, int]]) -> tuple[MeterChange, ...]:
    changes: list[MeterChange] = []
    for tick, quarters in bars.values():
        if not changes or changes[-1].numerator != quarters:
            changes.append(MeterChange(tick, quarters, 4))
    return tuple(changes)


def _place(row: dict[str, str], bars: dict[int, tuple[int, int]]) -> int:
    start, quarters = bars[int(row["bar"])]
    return start + 24 * min(int(row["beat"]) - 1, quarters - 1)


def _solo(rows: list[dict[str, str]], bars: dict[int, tuple[int, int]]) -> Notes:
    starts, durations, pitches, velocities = [], [], [], []
    for row in rows:
        division, tatum = max(1, int(row["division"])), int(row["tatum"])
        exact = 24 * (tatum - 1) / division
        inside = int(exact) if division in (1, 2, 3, 4, 6) else int(_PLACES[np.abs(_PLACES - exact).argmin()])
        starts.append(_place(row, bars) + inside)
        beat = float(row.get("beat_duration") or 0) or 0.5
        durations.append(max(4, round(24 * float(row["duration"]) / beat)))
        pitches.append(round(float(row["pitch"])))
        try:  # decibels, about 50 to 75
            loud = float(row.get("loud_median") or "nan")
        except ValueError:
            loud = float("nan")
        velocities.append(80 if np.isnan(loud) else int(np.clip(40 + 2.4 * (loud - 48), 40, 115)))
    return smooth_line(notes_from(np.array(starts), np.array(durations), np.array(pitches), np.array(velocities)))


def _bass(rows: list[dict[str, str]], places: list[int]) -> Notes:
    """A note a beat; a pitch that stays for two beats of a bar is one half note."""
    notes: list[tuple[int, int, int, int, int]] = []
    for row, tick in zip(rows, places, strict=True):
        try:
            pitch = int(float(row.get("bass") or 0))
        except ValueError:
            continue
        if not 20 < pitch < 72:
            continue
        if notes:
            number, start, duration, last, _ = notes[-1]
            if start == tick:
                continue
            if last == pitch and start + duration == tick and duration == 24 and row["beat"] in ("2", "4"):
                notes[-1] = (number, start, 48, pitch, 80)
                continue
        notes.append((len(notes) + 1, tick, 24, pitch, 80))
    return make_notes(notes)


def _chord_share(bass: Notes, spans: tuple[ChordSpan, ...]) -> float:
    """The share of bass notes at the start of a chord that are tones of it; 0 where there are none."""
    tones = {span.start: span.chord.pitch_classes for span in spans if span.chord}
    heard = [(int(note["start"]), int(note["pitch"]) % 12) for note in bass if int(note["start"]) in tones]
    return sum(pitch in tones[tick] for tick, pitch in heard) / len(heard) if heard else 0.0


def _chords(rows: list[dict[str, str]], places: list[int]) -> Iterator[ChordSpan]:
    """The beats' chords, neighbours alike joined; an empty cell goes on with the last chord."""
    changes: list[tuple[int, Chord | None]] = []
    for row, tick in zip(rows, places, strict=True):
        symbol = (row.get("chord") or "").strip()
        if not symbol and changes:
            continue
        chord = parse_wjazzd(symbol)
        if not changes or changes[-1][1] != chord:
            if changes and changes[-1][0] == tick:
                changes.pop()
            changes.append((tick, chord))
    stops = [tick for tick, _ in changes[1:]] + [places[-1] + 24]
    for (tick, chord), stop in zip(changes, stops, strict=True):
        if stop > tick:
            yield ChordSpan(tick, stop - tick, chord)


def _sections(rows: list[dict[str, str]], places: list[int], bars: dict[int, tuple[int, int]]) -> Iterator[Section]:
    """The form's parts, new with each label or chorus, from bar line to bar line."""
    marks: list[tuple[int, str]] = []
    state: tuple[str, str] | None = None
    for row in rows:
        now = (row.get("form") or "", row.get("chorus_id") or "")
        if now != state and now[0]:
            tick = bars[int(row["bar"])][0]
            if marks and marks[-1][0] == tick:
                marks.pop()
            marks.append((tick, now[0]))
        state = now
    stops = [tick for tick, _ in marks[1:]] + [sum(24 * quarters for _, quarters in bars.values())]
    for (tick, label), stop in zip(marks, stops, strict=True):
        if stop > tick:
            letter = re.sub(r"[^A-Z']", "", label.upper()) or "A"
            yield Section(tick, stop - tick, letter, "intro" if letter.startswith("I") else "solo")


def _spaced(name: str) -> str:
    """``"KennyDorham"`` as ``"Kenny Dorham"``."""
    return re.sub(r"(?<=[a-z'])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
