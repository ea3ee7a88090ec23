"""Reading MIDI: a Standard MIDI File to a Score on the 24-tick grid.

Onsets and releases round to the nearest tick. Every track and channel that plays becomes a part;
channel 10 plays drums. A first bar shorter than its successor's metre is a pick-up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import floor
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.errors import FormatError
from yuefu.score import midi_events as ev
from yuefu.score.limits import check_ticks, read_limited
from yuefu.score.midi_text import CHORD, MAX_OWN, VERSE, mend_words, own_data, read_chords, read_lyrics, read_sections
from yuefu.score.model import (
    NOTE_DTYPE,
    NOTE_ROWS,
    TICKS_PER_QUARTER,
    KeyChange,
    MeterChange,
    Notes,
    Part,
    Score,
    Syllable,
    TempoChange,
    sort_notes,
)
from yuefu.score.overlaps import trim_overlaps
from yuefu.score.roles import assign_roles
from yuefu.theory.key import Key

#: Tempi outside are slips of the file, quarters a minute.
_SLOWEST, _FASTEST = 4.0, 1000.0
#: A time signature this near a bar line (ticks) belongs on it.
_SNAP = 3
_PLAIN_NAMES = frozenset(
    ("", "control track", "conductor", "conductor track", "tempo track", "tempo", "untitled", "seq-1")
)


def read_midi(source: Path | str | bytes) -> Score:
    """Read a MIDI file (its path or its bytes).

    Raises FormatError when it isn't sound MIDI, LimitError when it is too large, InputError when
    the file isn't there. ``metadata["key_given"]`` is False when the file names no key.
    """
    data = source if isinstance(source, bytes) else read_limited(Path(source), "MIDI file")
    midi = ev.parse_midi(data)
    grid = _Grid(midi.ticks_per_quarter)
    check_ticks(grid.at(max(track.end for track in midi.tracks)))
    texts = [_Texts(track, grid) for track in midi.tracks]
    own = texts[0].own
    parts = _parts(midi, texts, grid)
    if not parts and not own:
        raise FormatError("the MIDI file has no notes: give one with notes.")
    keys, key_given = _keys(midi.tracks, grid)
    meters, pickup = _meters(midi.tracks, grid, _integer(own, "pickup") if own else None)
    score = Score(
        title=_title(midi, texts),
        composer=str(own.get("composer", ""))[:500],
        parts=parts,
        tempos=_tempos(midi, grid),
        keys=keys,
        meters=meters,
        pickup=pickup,
        length=_integer(own, "length"),
        metadata=_metadata(own, key_given, texts),
    )
    markers = [item for text in texts for item in text.markers]
    chords = [item for text in texts for item in text.chords]
    if markers or chords:
        sections = read_sections(markers, score.end_tick)
        score = replace(score, sections=sections, chords=read_chords(chords, score.end_tick))
    return score


def _metadata(own: dict[str, Any], key_given: bool, texts: list[_Texts]) -> dict[str, Any]:
    metadata = own.get("metadata")
    metadata = dict(metadata) if isinstance(metadata, dict) else {}
    metadata.pop("key_given", None)
    rights = next((text.rights for text in texts if text.rights), "")
    if rights:
        metadata.setdefault("licence", rights)
    return metadata if key_given else metadata | {"key_given": False}


class _Grid:
    """File ticks to score ticks."""

    def __init__(self, ticks_per_quarter: float) -> None:
        self.factor = TICKS_PER_QUARTER / ticks_per_quarter

    def at(self, tick: int) -> int:
        return floor(tick * self.factor + 0.5)


class _Texts:
    """The words of one track: its name and rights, our own data, lyrics by verse, markers, chords."""

    def __init__(self, track: ev.Track, grid: _Grid) -> None:
        self.name = self.rights = ""
        self.own: dict[str, Any] = {}
        self.markers: list[tuple[int, str]] = []
        self.chords: list[tuple[int, str]] = []
        self.verses: dict[int, list[tuple[int, str]]] = {}
        plain: list[tuple[int, str]] = []
        for tick, kind, data in track.metas:
            if kind > ev.MARKER or len(data) > 4 * MAX_OWN:
                continue
            text = ev.decode_text(data)
            tick = grid.at(tick)
            if kind == ev.TRACK_NAME:
                self.name = self.name or " ".join(text.split())[:200]
            elif kind == ev.COPYRIGHT:
                self.rights = self.rights or " ".join(text.split())[:300]
            elif kind == ev.LYRIC:
                self.verses.setdefault(1, []).append((tick, text))
            elif kind == ev.MARKER:
                self.markers.append((tick, text))
            elif kind == ev.TEXT:
                if text.startswith(CHORD):
                    self.chords.append((tick, text[len(CHORD) :]))
                elif match := VERSE.fullmatch(text):
                    self.verses.setdefault(int(match.group(1)), []).append((tick, match.group(2)))
                elif (own := own_data(text)) is not None:
                    self.own = self.own or own
                else:
                    plain.append((tick, text))
        # Karaoke files hold their words as plain text in a track of that name.
        if not self.verses and self.name.lower() in ("words", "lyrics", "lyric", "karaoke") and len(plain) > 3:
            self.verses[1] = [(tick, text) for tick, text in plain if not text.startswith("@")]


def _integer(data: dict[str, Any], key: str, highest: int = 24 * 100_000) -> int:
    value = data.get(key, 0)
    return value if isinstance(value, int) and 0 <= value <= highest else 0


def _parts(midi: ev.MidiFile, texts: list[_Texts], grid: _Grid) -> tuple[Part, ...]:
    """A part for each track and channel with notes, and for empty tracks that our writer named."""
    parts: list[Part] = []
    fixed: set[int] = set()
    homes: list[int] = []
    sounds = [(tick, channel, program) for track in midi.tracks for tick, channel, program in track.programs]
    anywhere = {channel: program for _, channel, program in sorted(sounds, reverse=True)}
    following = 1
    used: set[str] = set()
    for index, (track, text) in enumerate(zip(midi.tracks, texts)):
        channels: dict[int, list[ev.RawNote]] = {}
        for note in track.notes:
            channels.setdefault(note.channel, []).append(note)
        if not channels and text.own.get("role") in NOTE_ROWS:
            channels[next((channel for _, channel, _ in track.programs), 0)] = []
        for channel, raw in sorted(channels.items()):
            notes = _notes(raw, track.end, grid, following)
            following += len(notes)
            own = text.own if len(channels) == 1 else {}
            drums = channel == ev.DRUM_CHANNEL
            program = Counter(note.program for note in raw if note.program >= 0).most_common(1)
            fallback = next((p for _, c, p in track.programs if c == channel), anywhere.get(channel, 0))
            identity = str(own.get("id", ""))[:60]
            if not identity or identity in used:
                number = len(parts) + 1
                while f"P{number}" in used:
                    number += 1
                identity = f"P{number}"
            used.add(identity)
            role = own.get("role") if own.get("role") in NOTE_ROWS else "drums" if drums else None
            if role:
                fixed.add(len(parts))
            name = text.name
            if len(channels) > 1:
                name = "Drums" if drums else f"{name} {len(parts) + 1}".strip()
            parts.append(
                Part(
                    id=identity,
                    name=name,
                    role=role or "melody",
                    program=program[0][0] if program else fallback,
                    instrument=str(own.get("instrument", ""))[:60],
                    notes=notes,
                    volume=_control(track, channel, ev.VOLUME, 100),
                    pan=_control(track, channel, ev.PAN, 64),
                )
            )
            homes.append(index)
    return assign_roles(_sing(parts, homes, texts), frozenset(fixed))


def _control(track: ev.Track, channel: int, number: int, default: int) -> int:
    return next((value for _, c, n, value in track.controls if (c, n) == (channel, number)), default)


def _notes(raw: list[ev.RawNote], track_end: int, grid: _Grid, first_id: int) -> Notes:
    notes = np.zeros(len(raw), dtype=NOTE_DTYPE)
    if not raw:
        return notes
    columns = np.array(raw, dtype=np.int64)
    start, end = columns[:, 1], columns[:, 2]
    # A note that is never released gets a quarter, or what is left of the track.
    hanging = np.minimum(track_end, start + round(TICKS_PER_QUARTER / grid.factor))
    end = np.where(end < 0, hanging, end)
    begin = np.floor(start * grid.factor + 0.5).astype(np.int64)
    notes["start"] = begin
    notes["duration"] = np.maximum(1, np.floor(end * grid.factor + 0.5).astype(np.int64) - begin)
    notes["pitch"] = columns[:, 3]
    notes["velocity"] = columns[:, 4]
    notes = trim_overlaps(sort_notes(notes))
    notes["id"] = np.arange(first_id, first_id + len(notes))
    return notes


def _sing(parts: list[Part], homes: list[int], texts: list[_Texts]) -> list[Part]:
    """Lyrics put on notes: those of the same track, else of the part whose onsets they match best."""
    for index, text in enumerate(texts):
        singers = [i for i, home in enumerate(homes) if home == index and len(parts[i].notes)]
        for number, events in _layers(text.verses):
            syllables = read_lyrics(events)
            if not syllables:
                continue
            ticks = np.array([tick for tick, _ in syllables])
            candidates = singers or [i for i, part in enumerate(parts) if len(part.notes) and not part.is_drums]
            if not candidates:
                continue
            best = max(candidates, key=lambda i: (int(np.isin(ticks, parts[i].notes["start"]).sum()), -i))
            verse = max(number, 1 + max((syllable.verse for syllable in parts[best].syllables), default=0))
            sung = _on_notes(parts[best].notes, [(tick, replace(item, verse=verse)) for tick, item in syllables])
            parts[best] = replace(parts[best], syllables=parts[best].syllables + sung)
    return parts


def _layers(verses: dict[int, list[tuple[int, str]]]) -> list[tuple[int, list[tuple[int, str]]]]:
    """(verse, lyric events in time); a second word at one tick belongs to a further verse."""
    layers: list[tuple[int, list[tuple[int, str]]]] = []
    for verse, events in sorted(verses.items()):
        stacked: list[list[tuple[int, str]]] = [[]]
        depth: dict[int, int] = {}
        for tick, text in sorted(events, key=lambda item: item[0]):
            if not text.strip():  # a line end on its own belongs to the word before it
                stacked[0].append((tick, text))
                continue
            level = min(depth.get(tick, 0), 19)
            depth[tick] = level + 1
            if level == len(stacked):
                stacked.append([])
            stacked[level].append((tick, text))
        layers += [(verse + level, layer) for level, layer in enumerate(stacked)]
    return layers


def _on_notes(notes: Notes, syllables: list[tuple[int, Syllable]]) -> tuple[Syllable, ...]:
    """Each syllable on the highest note that begins at (or nearest, within an eighth, to) its tick."""
    starts = np.unique(notes["start"])
    highest = dict(zip(notes["start"].tolist(), notes["id"].tolist()))  # the last at a start is the highest
    sung: list[Syllable] = []
    taken: set[int] = set()
    for tick, syllable in syllables:
        place = int(np.searchsorted(starts, tick))
        near = [int(start) for start in starts[max(place - 1, 0) : place + 1] if abs(int(start) - tick) <= 12]
        near = [start for start in near if start not in taken]
        if near:
            start = min(near, key=lambda start: abs(start - tick))
            taken.add(start)
            sung.append(replace(syllable, note_id=highest[start]))
    return mend_words(sung)


def _title(midi: ev.MidiFile, texts: list[_Texts]) -> str:
    """The first track's name when that track is the conductor's, or the only one."""
    alone = len(midi.tracks) == 1 or not midi.tracks[0].notes
    name = texts[0].name if alone else ""
    return "" if name.lower() in _PLAIN_NAMES else name


def _metas(tracks: list[ev.Track], kind: int, size: int) -> list[tuple[int, bytes]]:
    """(tick, data) of one kind, in time; at one tick the first track's last word stands."""
    found: dict[int, tuple[int, bytes]] = {}
    for index, track in enumerate(tracks):
        for tick, this, data in track.metas:
            if this == kind and len(data) >= size and (tick not in found or found[tick][0] == index):
                found[tick] = (index, data)
    return [(tick, data) for tick, (_, data) in sorted(found.items())]


def _tempos(midi: ev.MidiFile, grid: _Grid) -> tuple[TempoChange, ...]:
    at: dict[int, float] = {0: 120.0}
    if not midi.film_time:
        for tick, data in _metas(midi.tracks, ev.TEMPO, 3):
            microseconds = int.from_bytes(data[:3], "big")
            if microseconds:
                at[grid.at(tick)] = _bpm(microseconds)
    changes: list[TempoChange] = []
    for tick, bpm in sorted(at.items()):
        if not changes or bpm != changes[-1].bpm:
            changes.append(TempoChange(tick, bpm))
    return tuple(changes)


def _bpm(microseconds: int) -> float:
    """Quarters a minute: the roundest figure that the microseconds can have come from."""
    bpm = min(max(60e6 / microseconds, _SLOWEST), _FASTEST)
    for digits in range(6):
        rounded = round(bpm, digits)
        if rounded and round(60e6 / rounded) == microseconds:
            return rounded
    return bpm


def _keys(tracks: list[ev.Track], grid: _Grid) -> tuple[tuple[KeyChange, ...], bool]:
    """The keys, and whether the file gave any. The first one given holds from the start."""
    changes: list[KeyChange] = []
    for tick, data in _metas(tracks, ev.KEY_SIGNATURE, 2):
        fifths = data[0] - 256 if data[0] > 127 else data[0]
        if -7 <= fifths <= 7 and data[1] <= 1:
            key = Key(fifths, "minor" if data[1] else "major")
            at = grid.at(tick) if changes else 0
            if changes and changes[-1].tick == at:
                changes.pop()
            if not changes or changes[-1].key != key:
                changes.append(KeyChange(at, key))
    return (tuple(changes), True) if changes else ((KeyChange(0, Key()),), False)


def _meters(tracks: list[ev.Track], grid: _Grid, own_pickup: int | None) -> tuple[tuple[MeterChange, ...], int]:
    """The time signatures, on bar lines where they can be, and the pick-up's ticks.

    own_pickup: the pick-up that our own text states (0: none), None in other programs' files.
    """
    given = [MeterChange(0, 4, 4)]
    for tick, data in _metas(tracks, ev.TIME_SIGNATURE, 2):
        numerator, power = data[0], data[1]
        # A bar must be a whole number of ticks; 255/1024 is a slip of the file.
        if not 1 <= numerator <= 64 or power > 6 or numerator * 96 % 2**power:
            continue
        change = MeterChange(grid.at(tick), numerator, 2**power)
        if change.tick == given[-1].tick:
            given.pop()
        given.append(change)
    pickup = 0
    if len(given) > 1:
        first, second = given[0], given[1]
        short = second.tick == first.bar_ticks < second.bar_ticks
        cut = second.tick < first.bar_ticks == second.bar_ticks
        if own_pickup == second.tick or (own_pickup is None and (short or cut)):
            pickup = second.tick
            given[:2] = [replace(second, tick=0)]
    if own_pickup and own_pickup < given[0].bar_ticks:
        pickup = own_pickup
    changes = given[:1]
    for change in given[1:]:
        origin = changes[-1].tick or pickup
        bar = changes[-1].bar_ticks
        line = origin + max(0, round((change.tick - origin) / bar)) * bar
        if abs(line - change.tick) <= _SNAP:
            change = replace(change, tick=line)
        if (change.numerator, change.denominator) == (
            changes[-1].numerator,
            changes[-1].denominator,
        ) and change.tick == line:
            continue
        if change.tick <= changes[-1].tick:
            changes.pop()
        changes.append(change)
    if changes[0].tick:
        changes[0] = replace(changes[0], tick=0)
    return tuple(changes), pickup
