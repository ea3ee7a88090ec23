"""A MIDI file's facts, read with mido alone (see ``written``)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from yuefu.evaluation.written import Harmony, WrittenPiece, WrittenPlayer, read_symbol

if TYPE_CHECKING:
    from mido import Message

_MAJORS = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINORS = ("Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#")
_CHORD = "chord: "
_DRUM_CHANNEL = 9
#: Farthest that a played note may reach over the last bar line, in quarters.
_SLACK = 0.25

Timed = list[tuple[int, "Message"]]


def written_midi(data: bytes) -> WrittenPiece:
    """The facts of a MIDI file: the first track conducts, each other one is a player."""
    import mido

    file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    unit = file.ticks_per_beat
    tracks = [_timed(track) for track in file.tracks]
    conductor = tracks[0]
    tempos = tuple((at / unit, 60e6 / m.tempo) for at, m in conductor if m.type == "set_tempo")
    meters = [(at / unit, m.numerator, m.denominator) for at, m in conductor if m.type == "time_signature"]
    keys = tuple(_key(m.key) for _, m in conductor if m.type == "key_signature")
    end = conductor[-1][0] / unit
    faults: list[str] = []
    starts = _bar_starts(meters, end, faults)
    marks = tuple(
        (sum(start <= at / unit + 1e-6 for start in starts[:-1]) - 1, m.text)
        for at, m in conductor
        if m.type == "marker" and m.text != "end"
    )
    harmonies: list[tuple[float, Harmony | None]] = [
        (at / unit, read_symbol(m.text.removeprefix(_CHORD)))
        for at, m in conductor
        if m.type == "text" and m.text.startswith(_CHORD) and at / unit < end
    ]
    words: list[str] = []
    syllables = 0
    players = []
    for number, track in enumerate(tracks[1:], 1):
        player = _player(track, unit)
        players.append(player)
        own, count = _sung(track, number, faults)
        words += own
        syllables += count
        if any(at + duration > end + _SLACK for at, duration, _ in player.notes):
            faults.append(f"track {number} plays on after the last bar")
    return WrittenPiece(
        keys, tempos, tuple((n, d) for _, n, d in meters), tuple(starts), marks, tuple(harmonies), tuple(words),
        syllables, tuple(players), tuple(faults),
    )  # fmt: skip


def _timed(track: Sequence[Message]) -> Timed:
    at = 0
    found = []
    for message in track:
        at += message.time
        found.append((at, message))
    return found


def _key(name: str) -> tuple[int, str]:
    """mido's name of a signature, such as "F#m"."""
    minor = name.endswith("m")
    return (_MINORS.index(name[:-1]) if minor else _MAJORS.index(name)) - 7, "minor" if minor else "major"


def _bar_starts(meters: list[tuple[float, int, int]], end: float, faults: list[str]) -> list[float]:
    """Where bars begin, by the time signatures, and the end; a last bar that isn't full is a fault."""
    starts = [0.0]
    while starts[-1] < end - 1e-6:
        _, top, bottom = [m for m in meters if m[0] <= starts[-1] + 1e-6][-1]
        starts.append(starts[-1] + top * 4 / bottom)
    if abs(starts[-1] - end) > 1e-6:
        faults.append(f"the last bar ends at {end:g} instead of {starts[-1]:g} quarters")
    return starts


def _player(track: Timed, unit: int) -> WrittenPlayer:
    name, program, drums = "", 0, False
    sounding: dict[int, int] = {}
    notes = []
    for at, message in track:
        if message.type == "track_name":
            name = message.name
        elif message.type == "program_change":
            program, drums = message.program, message.channel == _DRUM_CHANNEL
        elif message.type == "note_on" and message.velocity:
            sounding[message.note] = at
        elif message.type in ("note_on", "note_off") and message.note in sounding:
            start = sounding.pop(message.note)
            notes.append((start / unit, (at - start) / unit, message.note))
    return WrittenPlayer(name, None if drums else program, tuple(notes))


def _sung(track: Timed, number: int, faults: list[str]) -> tuple[list[str], int]:
    """The words of a track, and its syllables; each must begin with a note."""
    onsets = {at for at, m in track if m.type == "note_on" and m.velocity}
    words: list[str] = []
    going_on = False
    events = [(at, m.text) for at, m in track if m.type == "lyrics"]
    for at, text in events:
        plain = text.rstrip("\r\n")
        syllable = plain.removesuffix("-")
        if going_on:
            words[-1] += syllable
        else:
            words.append(syllable)
        going_on = plain.endswith("-")
        if at not in onsets:
            faults.append(f"track {number} has the syllable '{syllable}' where no note begins")
    return words, len(events)
