"""Standard MIDI File bytes to events: notes paired, text and control events kept as they are.

Own code rather than a library's, because the reader needs each track's and channel's identity
(lyrics belong to the notes of their own track) and one sentence for every broken byte. Times
here are the file's own ticks.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from yuefu.errors import FormatError, LimitError
from yuefu.score.limits import MAX_TRACKS, check_notes, check_size

TEXT, COPYRIGHT, TRACK_NAME, INSTRUMENT_NAME, LYRIC, MARKER = range(1, 7)
END_OF_TRACK, TEMPO, TIME_SIGNATURE, KEY_SIGNATURE = 0x2F, 0x51, 0x58, 0x59
VOLUME, PAN, SUSTAIN = 7, 10, 64
DRUM_CHANNEL = 9


class RawNote(NamedTuple):
    """A note in file ticks; program: the one in force at its onset, -1 when none was set."""

    channel: int
    start: int
    end: int
    pitch: int
    velocity: int
    program: int


class Meta(NamedTuple):
    """A meta event: kind is its type byte, such as ``LYRIC``."""

    tick: int
    kind: int
    data: bytes


@dataclass
class Track:
    """One MTrk chunk. programs: (tick, channel, program); controls: (tick, channel, number, value)."""

    notes: list[RawNote] = field(default_factory=list)
    metas: list[Meta] = field(default_factory=list)
    programs: list[tuple[int, int, int]] = field(default_factory=list)
    controls: list[tuple[int, int, int, int]] = field(default_factory=list)
    end: int = 0


@dataclass
class MidiFile:
    """A parsed file. ticks_per_quarter: may be fractional when the file counts in film frames."""

    kind: int
    ticks_per_quarter: float
    tracks: list[Track]
    film_time: bool = False


def parse_midi(data: bytes) -> MidiFile:
    """Parse a Standard MIDI File (types 0 and 1; RIFF-wrapped ones too).

    Raises FormatError for bytes that aren't one, LimitError for too many tracks or notes.
    """
    check_size(len(data), "MIDI file")
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        data = data[max(data.find(b"MThd"), 0) :]
    if data[:4] != b"MThd":
        raise FormatError("this isn't a MIDI file: it doesn't begin with the MThd header; give a .mid file.")
    header = int.from_bytes(data[4:8], "big")
    if header < 6 or len(data) < 8 + header:
        raise FormatError("the MIDI file is damaged: its header is cut short; get an undamaged copy.")
    kind = int.from_bytes(data[8:10], "big")
    if kind > 1:
        raise FormatError(
            f"the MIDI file is of type {kind}, and only types 0 and 1 hold one piece: export it as type 1."
        )
    division = int.from_bytes(data[12:14], "big")
    film_time = bool(division & 0x8000)
    if film_time:
        # Frames a second, negated, and ticks a frame; read as if at 120 quarters a minute.
        frames = 256 - (division >> 8)
        per_quarter = (29.97 if frames == 29 else float(frames)) * (division & 0xFF) / 2
    else:
        per_quarter = float(division)
    if per_quarter <= 0:
        raise FormatError("the MIDI file is damaged: its time division is zero; get an undamaged copy.")
    tracks = _tracks(data, 8 + header)
    if not tracks:
        raise FormatError("the MIDI file holds no tracks: give one with notes.")
    return MidiFile(kind, per_quarter, tracks, film_time)


def _tracks(data: bytes, position: int) -> list[Track]:
    tracks: list[Track] = []
    notes = 0
    while position + 8 <= len(data):
        name = data[position : position + 4]
        size = int.from_bytes(data[position + 4 : position + 8], "big")
        position += 8
        if name == b"MTrk":
            if position + size > len(data):
                raise FormatError(
                    f"the MIDI file is damaged: track {len(tracks) + 1} should have {size:,} bytes and "
                    f"has {len(data) - position:,}; get an undamaged copy."
                )
            if len(tracks) >= MAX_TRACKS:
                raise LimitError(
                    f"the MIDI file has more than the {MAX_TRACKS:,} tracks that are accepted: give a smaller one."
                )
            try:
                track = _parse_track(data[position : position + size])
            except IndexError:
                raise FormatError(
                    f"the MIDI file is damaged: an event of track {len(tracks) + 1} is cut short; "
                    "get an undamaged copy."
                ) from None
            except _Damage as damage:
                raise FormatError(
                    f"the MIDI file is damaged: track {len(tracks) + 1} has {damage}; get an undamaged copy."
                ) from None
            notes += len(track.notes)
            check_notes(notes)
            tracks.append(track)
        elif not name.isalnum() and tracks:
            break  # padding or rubbish after the last track, as some old programs leave
        position += size
    return tracks


class _Damage(Exception):
    """What is wrong inside a track; turned into a FormatError that names the track."""


def _parse_track(data: bytes) -> Track:
    """The events of one track chunk. IndexError: an event runs over the chunk's end."""
    track = Track()
    notes, controls = track.notes, track.controls
    sounding: dict[int, deque[tuple[int, int, int]]] = {}
    program = [-1] * 16
    position = tick = status = 0
    size = len(data)
    while position < size:
        byte = data[position]
        position += 1
        delta = byte & 0x7F
        if byte & 0x80:
            delta, position = _variable(data, position - 1)
        tick += delta
        byte = data[position]
        if byte & 0x80:
            position += 1
            if byte < 0xF0:
                status = byte
            elif byte == 0xFF:
                kind = data[position]
                length, position = _variable(data, position + 1)
                if position + length > size:
                    raise IndexError
                if kind == END_OF_TRACK:
                    break
                track.metas.append(Meta(tick, kind, data[position : position + length]))
                position += length
                continue
            else:
                if byte in (0xF0, 0xF7):
                    length, position = _variable(data, position)
                    if position + length > size:
                        raise IndexError
                    position += length
                else:
                    position += {0xF1: 1, 0xF2: 2, 0xF3: 1}.get(byte, 0)
                continue
        elif not status:
            raise _Damage("a data byte where an event should begin")
        command = status & 0xF0
        channel = status & 0x0F
        first = data[position]
        if command == 0xC0 or command == 0xD0:
            position += 1
            if first & 0x80:
                raise _Damage("a status byte inside an event")
            if command == 0xC0:
                program[channel] = first
                track.programs.append((tick, channel, first))
            continue
        second = data[position + 1]
        position += 2
        if (first | second) & 0x80:
            raise _Damage("a status byte inside an event")
        if command == 0x90 and second:
            sounding.setdefault(channel << 7 | first, deque()).append((tick, second, program[channel]))
        elif command == 0x90 or command == 0x80:
            queue = sounding.get(channel << 7 | first)
            if queue:
                # First on, first off: the only pairing that keeps overlapping unisons in order.
                start, velocity, sound = queue.popleft()
                notes.append(RawNote(channel, start, tick, first, velocity, sound))
        elif command == 0xB0 and first in (VOLUME, PAN, SUSTAIN):
            controls.append((tick, channel, first, second))
    track.end = tick
    for code, queue in sounding.items():
        for start, velocity, sound in queue:
            notes.append(RawNote(code >> 7, start, -1, code & 0x7F, velocity, sound))
    return track


def _variable(data: bytes, position: int) -> tuple[int, int]:
    """A variable-length number and the position after it."""
    value = 0
    for _ in range(4):
        byte = data[position]
        position += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position
    raise _Damage("a number of more than four bytes")


def decode_text(data: bytes) -> str:
    """Text of a meta event: UTF-8, else GB2312 (old Chinese files), else Latin-1.

    >>> decode_text("月".encode()), decode_text("月亮".encode("gb2312")), decode_text(b"Caf\\xe9")
    ('月', '月亮', 'Café')
    """
    data = data.replace(b"\0", b"")
    for encoding in ("utf-8", "gb2312"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
