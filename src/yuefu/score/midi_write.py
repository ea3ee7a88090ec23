"""Writing MIDI: a Score, or its Performance, as a type 1 file of 480 ticks to a quarter.

The first track conducts: tempi, time and key signatures, section markers, chord symbols. Each part
follows on its own track, drums on channel 10. ``midi_text`` says how our own texts look. The same
score gives the same bytes, and ``read_midi`` gives the score back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from yuefu.score import midi_events as ev
from yuefu.score.midi_text import CHORD, END, MAX_OWN, NO_CHORD, lyric_text, own_text, section_marker
from yuefu.score.model import NOTE_DTYPE, TICKS_PER_QUARTER, Part, Score, Syllable, TempoChange
from yuefu.score.overlaps import trim_overlaps
from yuefu.score.performed import Performance, performed_notes

TICKS = 480
_FACTOR = TICKS // TICKS_PER_QUARTER
_CHANNELS = tuple(channel for channel in range(16) if channel != ev.DRUM_CHANNEL)
#: What comes first among events of one tick.
_OFF, _HEAD, _CONTROL, _WORD, _ON = range(5)

Event = tuple[int, int, bytes]


def midi_bytes(score: Score, performance: Performance | None = None) -> bytes:
    """The bytes of a Standard MIDI File.

    performance: played timings, loudness, tempo curve and pedals (of the same score); without it
    the notes are exactly as written.

    >>> midi_bytes(Score())[:4]
    b'MThd'
    """
    tempos = performance.tempos if performance else score.tempos
    tracks = [_conductor(score, tempos)]
    for part, channel in zip(score.parts, _channels(score.parts)):
        notes = performance.notes.get(part.id) if performance else None
        if notes is None:
            notes = performed_notes(part)
        pedals = performance.pedals.get(part.id, ()) if performance else ()
        tracks.append(_part(part, channel, notes, pedals))
    header = b"MThd" + (6).to_bytes(4, "big") + (1).to_bytes(2, "big")
    header += len(tracks).to_bytes(2, "big") + TICKS.to_bytes(2, "big")
    return header + b"".join(tracks)


def _channels(parts: tuple[Part, ...]) -> list[int]:
    """A channel for each part: drums on channel 10, the others each on its own.

    With more than 15 pitched parts, parts of one program share a channel, and beyond 15 programs
    the channels go round again.
    """
    pitched = [part for part in parts if not part.is_drums]
    crowded = len(pitched) > len(_CHANNELS)
    homes: dict[int, int] = {}
    channels = []
    for index, part in enumerate(parts):
        if part.is_drums:
            channels.append(ev.DRUM_CHANNEL)
        else:
            order = homes.setdefault(part.program if crowded else -1 - index, len(homes))
            channels.append(_CHANNELS[order % len(_CHANNELS)])
    return channels


def _conductor(score: Score, tempos: Iterable[TempoChange]) -> bytes:
    end = score.end_tick
    own = {"pickup": score.pickup, "length": score.length, "composer": score.composer, "metadata": _kept(score)}
    events: list[Event] = [
        (0, _HEAD, _meta(ev.TRACK_NAME, score.title.encode())),
        (0, _HEAD, _meta(ev.TEXT, own_text(own).encode())),
    ]
    for tempo in tempos:
        microseconds = min(max(round(60e6 / tempo.bpm), 1), 0xFFFFFF)
        events.append((tempo.tick * _FACTOR, _HEAD, _meta(ev.TEMPO, microseconds.to_bytes(3, "big"))))
    for tick, numerator, denominator in _signatures(score):
        # Clicks: 24 MIDI clocks to a quarter; compound metres click dotted.
        compound = numerator % 3 == 0 and numerator > 3 and denominator >= 8
        clocks = min(max(96 // denominator * (3 if compound else 1), 1), 255)
        data = bytes((numerator, denominator.bit_length() - 1, clocks, 8))
        events.append((tick * _FACTOR, _HEAD, _meta(ev.TIME_SIGNATURE, data)))
    if score.metadata.get("key_given") is not False:
        for change in score.keys:
            data = bytes((change.key.fifths % 256, int(change.key.mode == "minor")))
            events.append((change.tick * _FACTOR, _HEAD, _meta(ev.KEY_SIGNATURE, data)))
    spans = sorted(score.sections, key=lambda section: section.start)
    markers = [(span.start, span.start + span.duration, section_marker(span)) for span in spans]
    events += [(tick * _FACTOR, _HEAD, _meta(ev.MARKER, text.encode())) for tick, text in _changes(markers)]
    chords = [
        (
            span.start,
            span.start + span.duration,
            span.chord.symbol(score.key_at(span.start).fifths) if span.chord else NO_CHORD,
        )
        for span in sorted(score.chords, key=lambda span: span.start)
    ]
    events += [(tick * _FACTOR, _HEAD, _meta(ev.TEXT, (CHORD + text).encode())) for tick, text in _changes(chords)]
    return _track(events, end * _FACTOR)


def _kept(score: Score) -> dict[str, object]:
    """The metadata, when JSON can hold it and it is small."""
    try:
        size = len(json.dumps(score.metadata, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError):
        return {}
    return score.metadata if size < MAX_OWN // 2 else {}


def _signatures(score: Score) -> list[tuple[int, int, int]]:
    """The time signatures with a pick-up as a first bar of its own, where a signature can say it."""
    meters = [(meter.tick, meter.numerator, meter.denominator) for meter in score.meters]
    if not score.pickup:
        return meters
    _, numerator, denominator = meters[0]
    short = (numerator, denominator)
    for unit in (4, 8, 16, 32):
        if score.pickup * unit % 96 == 0:
            short = (score.pickup * unit // 96, unit)
            break
    following = [] if len(meters) > 1 and meters[1][0] == score.pickup else [(score.pickup, numerator, denominator)]
    return [(0, *short), *following, *meters[1:]]


def _changes(spans: list[tuple[int, int, str]]) -> list[tuple[int, str]]:
    """(tick, text) for spans in order, with ``end`` wherever none follows at once."""
    changes = []
    for index, (start, stop, text) in enumerate(spans):
        changes.append((start, text))
        following = spans[index + 1][0] if index + 1 < len(spans) else None
        if following is None or following > stop:
            changes.append((stop, END))
    return changes


def _part(part: Part, channel: int, notes: NDArray[np.void], pedals: Iterable[tuple[float, bool]]) -> bytes:
    own = {"id": part.id, "role": part.role, "instrument": part.instrument}
    control = 0xB0 | channel
    events: list[Event] = [
        (0, _HEAD, _meta(ev.TRACK_NAME, part.name.encode())),
        (0, _HEAD, _meta(ev.TEXT, own_text(own).encode())),
        (0, _HEAD, bytes((0xC0 | channel, part.program))),
        (0, _HEAD, bytes((control, ev.VOLUME, part.volume))),
        (0, _HEAD, bytes((control, ev.PAN, part.pan))),
    ]
    for tick, down in pedals:
        events.append((_at(tick), _CONTROL, bytes((control, ev.SUSTAIN, 127 if down else 0))))
    played = _played(notes)
    onsets = dict(zip(played["id"].tolist(), played["start"].tolist()))
    for syllable in part.syllables:
        if syllable.note_id in onsets:
            events.append((onsets[syllable.note_id], _WORD, _lyric(syllable)))
    on, off = 0x90 | channel, 0x80 | channel
    for _, start, duration, pitch, velocity in played.tolist():
        events.append((start, _ON, bytes((on, pitch, velocity))))
        events.append((start + duration, _OFF, bytes((off, pitch, 64))))
    return _track(events, 0)


def _at(tick: float) -> int:
    return max(0, int(np.floor(tick * _FACTOR + 0.5)))


def _played(notes: NDArray[np.void]) -> NDArray[np.void]:
    """Notes in file ticks, each pitch sounding once at a time."""
    start = np.maximum(np.floor(notes["start"] * _FACTOR + 0.5), 0)
    end = np.floor((notes["start"] + notes["duration"]) * _FACTOR + 0.5)
    rounded = np.zeros(len(notes), dtype=NOTE_DTYPE)
    rounded["id"], rounded["pitch"] = notes["id"], np.clip(notes["pitch"], 0, 127)
    rounded["velocity"] = np.clip(notes["velocity"], 1, 127)
    rounded["start"] = start
    rounded["duration"] = np.maximum(end - start, 1)
    return trim_overlaps(rounded)


def _lyric(syllable: Syllable) -> bytes:
    text = lyric_text(syllable)
    if syllable.verse == 1:
        return _meta(ev.LYRIC, text.encode())
    return _meta(ev.TEXT, f"lyric {syllable.verse}: {text}".encode())


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _variable(len(data)) + data


def _variable(value: int) -> bytes:
    """A variable-length number: seven bits a byte, the last without its high bit."""
    if value < 128:
        return bytes((value,))
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def _track(events: list[Event], end: int) -> bytes:
    """The chunk of some events, which keep their order within (tick, rank); ends no sooner than ``end``."""
    body = bytearray()
    before = 0
    for tick, _, data in sorted(events, key=lambda event: event[:2]):
        body += _variable(tick - before) + data
        before = tick
    body += _variable(max(end - before, 0)) + _meta(ev.END_OF_TRACK, b"")
    return b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)
