"""POP909: Chinese pop songs as melody, counter-melody and piano, with beats, chords and keys by the clock.

The MIDI files' own time signatures are wrong and their notes sit off the tick grid, so everything
is placed on the annotated beats: one beat is a quarter note. Bars come from several clues together
(the flags of both beat files, chord changes, low piano notes), see ``beatgrid.find_bars``. The bass
row is the piano's lowest line.
"""

from __future__ import annotations

import html
import logging
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.corpus.beatgrid import BEAT_TICKS, find_bars, grid_offset, positions_of, quantise, regular_beats
from yuefu.corpus.harte import parse_harte
from yuefu.corpus.played import notes_from, smooth_line, snap_releases, split_bass, top_line
from yuefu.corpus.reader_types import Item
from yuefu.errors import FormatError
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Notes, Part, Score, TempoChange, renumber
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.theory.pitch import parse_pitch_class

log = logging.getLogger(__name__)

#: The keys' annotation is kept unless another key's scale holds this much more of the notes.
_KEY_MARGIN = 0.06


def read(folder: Path, versions: int = 1) -> Iterator[Item]:
    """One item a song, and up to ``versions`` truly different versions of each under the same work."""
    songs = sorted(path for path in folder.rglob("beat_midi.txt"))
    titles = _titles(folder)
    for beats in songs:
        song = beats.parent
        name = song.name
        title, artist = titles.get(name, ("", ""))
        files = [(song / f"{name}.mid", "")]
        if versions:
            files += [(path, path.stem.rpartition("-")[2]) for path in _other_versions(song)[:versions]]
        for path, version in files:
            if not path.is_file():
                continue
            extra = {"title": title, "artist": artist} | ({"version": version} if version else {})
            yield Item(
                work=name,
                load=read_song,
                args=(str(song), str(path), title, artist),
                source=str(path.relative_to(folder)),
                style="pop",
                arranged=True,
                metadata={key: value for key, value in extra.items() if value},
            )


def _tracks(path: Path) -> dict[str, Any]:
    """Track name -> symusic track in seconds; names of the older versions mapped to the usual ones."""
    import symusic

    try:
        midi: Any = symusic.Score(str(path), ttype="second")
    except (RuntimeError, ValueError, OSError) as error:
        raise FormatError(f"{path.name} isn't a MIDI file that can be read: {error!s:.80}.") from error
    names = {"CAU": "BRIDGE"}
    return {names.get(track.name.upper(), track.name.upper()): track for track in midi.tracks}


def _other_versions(song: Path) -> list[Path]:
    """Versions whose piano differs from the main file's but keeps its time (so that chords and beats hold)."""

    def struck(tracks: dict[str, Any]) -> set[tuple[int, int]]:
        if "PIANO" not in tracks or "MELODY" not in tracks:
            return set()
        notes = tracks["PIANO"].notes.numpy()
        return set(zip((notes["time"] * 10).round().astype(int).tolist(), notes["pitch"].tolist(), strict=True))

    paths = sorted((song / "versions").glob("*.mid"))
    if not paths:
        return []
    try:
        main = struck(_tracks(song / f"{song.name}.mid"))
    except FormatError:
        return []
    chosen = []
    for path in paths:
        try:
            other = struck(_tracks(path))
        except FormatError:
            continue
        if other and 0.3 <= len(main & other) / len(main | other) <= 0.75:
            chosen.append(path)
    return chosen


def read_song(folder: str | Path, midi: str | Path | None = None, title: str = "", artist: str = "") -> Score:
    """One song folder as a Score with melody, counter, bass and keys rows, chords and keys.

    midi: another version's file to read with the folder's annotations. Raises FormatError when the
    notes don't fit the beats or a file is missing.
    """
    folder = Path(folder)
    midi = Path(midi) if midi else folder / f"{folder.name}.mid"
    table = _table(folder / "beat_midi.txt")
    tracks = _tracks(midi)
    if not tracks.keys() & {"MELODY", "PIANO"}:
        raise FormatError(f"{midi.name} has no MELODY or PIANO track: a song of this set needs one.")
    raw = np.array([row[0] for row in table], dtype=np.float64)
    beats = regular_beats(raw)
    found = _quantised(tracks, beats)
    weights = _pitch_weights(found, len(beats))
    labels = [_chords(folder / name, beats) for name in ("chord_midi.txt", "chord_audio.txt")]
    chords = labels[0] if _fit(labels[0], weights) + 0.02 >= _fit(labels[1], weights) else labels[1]
    beat_count = len(beats)
    clues, usual = _clues(folder, table, beats, chords, found.get("PIANO"))
    bars = find_bars(clues, usual)
    first_note = min(int(notes["start"].min()) for notes in found.values() if len(notes))
    starts, meters = _bars_from(bars, usual, first_note, beat_count)
    shift = starts[0] * BEAT_TICKS
    chords = _to_downbeats(chords, starts, weights)
    end = max(int((n["start"] + n["duration"]).max()) for n in found.values() if len(n)) - shift
    keys = _keys(folder / "key_audio.txt", beats, starts, found)
    parts = _parts(found, shift)
    tempo = round(60.0 / float(np.median(np.diff(raw))), 1)
    spans = tuple(_shifted(chords, shift, end))
    score = Score(
        title=title or f"POP909 {folder.name}",
        composer=artist,
        parts=tuple(parts),
        chords=spans,
        tempos=(TempoChange(0, tempo),),
        keys=keys,
        meters=meters,
        metadata={"style": "pop"},
    )
    return renumber(score)


def _titles(folder: Path) -> dict[str, tuple[str, str]]:
    """Song number -> (title, artist) from index.xlsx, empty where it's missing or odd."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.rglob("index.xlsx"))[:1]:
        try:
            with zipfile.ZipFile(path) as book:
                sheet = book.read("xl/worksheets/sheet1.xml").decode("utf-8")
        except (OSError, KeyError, zipfile.BadZipFile, UnicodeDecodeError):
            log.warning("%s can't be read: songs go without titles", path.name)
            return {}
        for row in re.findall(r"<row.*?</row>", sheet, re.DOTALL):
            cells = dict(re.findall(r'<c r="([A-Z]+)\d+"[^>]*>(?:<v>|<is><t[^>]*>)?([^<]*)', row))
            if "A" in cells:
                found[cells["A"].zfill(3)] = (html.unescape(cells.get("B", "")), html.unescape(cells.get("C", "")))
    return found


def _table(path: Path) -> list[list[float]]:
    try:
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [[float(value) for value in row] for row in rows]
    except (OSError, ValueError) as error:
        raise FormatError(f"{path.name} of song {path.parent.name} can't be read as a table of beats.") from error


def _quantised(tracks: dict[str, Any], beats: np.ndarray) -> dict[str, Notes]:
    """Track name -> notes in ticks from the first beat, onsets on the grid, durations as played."""
    columns = {}
    for name in ("MELODY", "BRIDGE", "PIANO"):
        if name in tracks and len(tracks[name].notes):
            arrays = tracks[name].notes.numpy()
            columns[name] = arrays
    if not columns:
        raise FormatError("the song has no notes.")
    onsets = {name: positions_of(np.asarray(a["time"], dtype=np.float64), beats) for name, a in columns.items()}
    together = np.concatenate(list(onsets.values()))
    offset = grid_offset(together)
    ticks = quantise(together - offset)
    on_grid = np.abs((together - offset) * BEAT_TICKS - ticks) <= 2.0
    if on_grid.mean() < 0.5:
        raise FormatError(f"only {on_grid.mean():.0%} of the notes fit the annotated beats: the song can't be placed.")
    found: dict[str, Notes] = {}
    at = 0
    for name, arrays in columns.items():
        start = ticks[at : at + len(onsets[name])]
        at += len(start)
        time = np.asarray(arrays["time"], dtype=np.float64)
        stop = positions_of(time + np.asarray(arrays["duration"], dtype=np.float64), beats)
        length = np.round((stop - onsets[name]) * BEAT_TICKS).astype(np.int64)
        found[name] = notes_from(start, np.maximum(length, 1), arrays["pitch"], arrays["velocity"])
    return found


def _chords(path: Path, beats: np.ndarray) -> list[tuple[int, int, Chord | None]]:
    """(start beat, end beat, chord) from the clock's chord labels, neighbours alike joined."""
    if not path.is_file():
        return []
    spans: list[tuple[int, int, Chord | None]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        times = np.array([float(fields[0]), float(fields[1])])
        start, stop = np.round(positions_of(times, beats)).astype(int).tolist()
        if spans:
            start = max(start, spans[-1][1])
        if stop <= start:
            continue
        chord = parse_harte(fields[2])
        if spans and spans[-1][2] == chord and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], stop, chord)
        else:
            spans.append((start, stop, chord))
    return spans


def _pitch_weights(found: dict[str, Notes], beats: int) -> np.ndarray:
    """For each beat, how long each pitch class sounds (rows sum to 1 or 0; low notes count double)."""
    table = np.zeros((beats, 12))
    for name, notes in found.items():
        if name == "BRIDGE":  # ornaments and answers: the least harmonic of the three
            continue
        for beat in range(4):  # a note is heard for up to four beats
            left = notes["duration"] + notes["start"] % BEAT_TICKS - beat * BEAT_TICKS
            inside = np.clip(np.where(beat == 0, np.minimum(notes["duration"], left), left), 0, BEAT_TICKS)
            place = notes["start"] // BEAT_TICKS + beat
            ok = (inside > 0) & (place >= 0) & (place < beats)
            weight = inside * np.where(notes["pitch"] < 55, 2.0, 1.0)
            np.add.at(table, (place[ok], notes["pitch"][ok] % 12), weight[ok])
    total = table.sum(axis=1, keepdims=True)
    return np.divide(table, total, out=np.zeros_like(table), where=total > 0)


def _fit(chords: list[tuple[int, int, Chord | None]], weights: np.ndarray) -> float:
    """The share of the sound that belongs to the chords, 0-1; a chord of four tones counts a little less."""
    held = 0.0
    for start, stop, chord in chords:
        if chord is not None:
            tones = sorted({*chord.pitch_classes, chord.bass_class})
            share = float(weights[max(start, 0) : max(stop, 0)][:, tones].sum())
            held += share * (1.0 - 0.06 * (len(tones) - 3))
    return held / max(1.0, float(weights.sum()))


def _to_downbeats(
    chords: list[tuple[int, int, Chord | None]], starts: list[int], weights: np.ndarray
) -> list[tuple[int, int, Chord | None]]:
    """Chord changes a beat beside a bar line moved onto it, where the notes of that beat allow it.

    The labels were made with other bar lines in about a tenth of the songs, a beat early.
    """
    moved = list(chords)
    downbeats = set(starts)
    for index in range(1, len(moved)):
        start, stop, chord = moved[index]
        before_start, before_stop, before = moved[index - 1]
        if start in downbeats or before_stop != start:
            continue
        for target in (start + 1, start - 1):
            if target not in downbeats or not before_start < target < stop:
                continue
            beat = min(start, target)
            if not 0 <= beat < len(weights):
                continue
            now, then = (chord, before) if target > start else (before, chord)
            if _share(now, weights[beat]) - _share(then, weights[beat]) <= 0.34:
                moved[index - 1] = (before_start, target, before)
                moved[index] = (target, stop, chord)
                break
    return moved


def _share(chord: Chord | None, weights: np.ndarray) -> float:
    return float(weights[list(chord.pitch_classes)].sum()) if chord else 0.5


def _clues(
    folder: Path, table: list[list[float]], beats: np.ndarray, chords: list, piano: Notes | None
) -> tuple[np.ndarray, int]:
    """For each beat, how much speaks for a downbeat; and the usual beats of a bar (3 or 4)."""
    clue = np.zeros(len(beats))
    raw = np.array([row[0] for row in table])
    nearest = np.clip(np.round(positions_of(raw, beats)).astype(int), 0, len(beats) - 1)
    half = np.array([row[1] if len(row) > 1 else 0.0 for row in table])
    whole = np.array([row[2] if len(row) > 2 else 0.0 for row in table])
    clue[nearest] += 0.3 * half + 0.3 * whole
    steps = np.diff(np.flatnonzero(half))
    usual = 3 if len(steps) and np.median(steps) == 3 else 4
    audio = folder / "beat_audio.txt"
    if audio.is_file():
        heard = _table(audio)
        downbeats = np.array([row[0] for row in heard if len(row) > 1 and row[1] == 1.0])
        if len(downbeats):
            place = positions_of(downbeats, beats)
            index = np.round(place).astype(int)
            ok = (np.abs(place - index) < 0.25) & (index >= 0) & (index < len(beats))
            clue[index[ok]] += 1.0
    for start, _, chord in chords:
        if chord is not None and 0 <= start < len(beats):
            clue[start] += 0.7
    if piano is not None and len(piano):
        # Long low notes fall on the first beat more often than not.
        low = piano[(piano["pitch"] < 55) & (piano["duration"] >= 18) & (piano["start"] % BEAT_TICKS == 0)]
        index = np.unique(low["start"] // BEAT_TICKS)
        index = index[(index >= 0) & (index < len(beats))]
        clue[index] += 0.3
    return clue, usual


def _bars_from(
    bars: list[int], usual: int, first_note: int, beat_count: int
) -> tuple[list[int], tuple[MeterChange, ...]]:
    """The bars' starts in beats, the first one the bar of the first note, and the metre changes."""
    starts = list(bars) or [0]
    while starts[0] * BEAT_TICKS > first_note:
        starts.insert(0, starts[0] - usual)
    while starts[-1] + usual < beat_count + usual:
        starts.append(starts[-1] + usual)
    while len(starts) > 1 and starts[1] * BEAT_TICKS <= first_note:
        starts.pop(0)
    changes = [MeterChange(0, usual, 4)]
    for here, following in pairwise(starts):
        length = following - here
        if length == changes[-1].numerator:
            continue
        tick = (here - starts[0]) * BEAT_TICKS
        if tick == 0:
            changes[0] = MeterChange(0, length, 4)
        else:
            changes.append(MeterChange(tick, length, 4))
    return starts, tuple(changes)


def _keys(path: Path, beats: np.ndarray, starts: list[int], found: dict[str, Notes]) -> tuple[KeyChange, ...]:
    """The annotated keys at the nearest bars; a key that the notes contradict gives way to theirs."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        fields = line.split()
        if len(fields) >= 3 and ":" in fields[2]:
            tonic, _, mode = fields[2].partition(":")
            key = Key.of_tonic(parse_pitch_class(tonic), "minor" if mode.startswith("min") else "major")
            rows.append((float(fields[0]), key))
    rows.sort(key=lambda row: row[0])
    bar_ticks = [(start - starts[0]) * BEAT_TICKS for start in starts]
    changes: list[KeyChange] = []
    for time, key in rows:
        place = float(positions_of(np.array([time]), beats)[0]) - starts[0]
        tick = min(bar_ticks, key=lambda t: abs(t - place * BEAT_TICKS)) if changes else 0
        if changes and changes[-1].tick == tick:
            changes.pop()
        if not changes or changes[-1].key != key:
            changes.append(KeyChange(tick, key))
    if not changes:
        changes = [KeyChange(0, Key())]
    shift = starts[0] * BEAT_TICKS
    every = np.concatenate(list(found.values()))
    checked: list[KeyChange] = []
    for index, change in enumerate(changes):
        stop = changes[index + 1].tick if index + 1 < len(changes) else 10**7
        inside = every[(every["start"] - shift >= change.tick) & (every["start"] - shift < stop)]
        key = _fitting_key(inside, change.key, trusted=bool(rows))
        if not checked or checked[-1].key != key:
            checked.append(KeyChange(change.tick, key))
    return tuple(checked)


def _fitting_key(notes: Notes, key: Key, trusted: bool) -> Key:
    """The given key, or the one whose scale holds clearly more of the notes (ties: nearest on the circle)."""
    if len(notes) < 24:
        return key
    weight = np.bincount(notes["pitch"] % 12, weights=np.minimum(notes["duration"], 48), minlength=12)
    weight = weight / weight.sum()
    held = [float(weight[list(Key.of_tonic(tonic, "major").scale)].sum()) for tonic in range(12)]
    home = (key.tonic + (3 if key.mode == "minor" else 0)) % 12
    best = max(range(12), key=lambda tonic: (held[tonic], -min((tonic - home) * 7 % 12, (home - tonic) * 7 % 12)))
    if trusted and held[best] <= held[home] + _KEY_MARGIN:
        return key
    relative = (best + 9) % 12
    minor = weight[relative] + weight[(relative + 7) % 12] > 1.15 * (weight[best] + weight[(best + 7) % 12])
    return Key.of_tonic(relative if minor else best, "minor" if minor else "major")


def _parts(found: dict[str, Notes], shift: int) -> list[Part]:
    for notes in found.values():
        notes["start"] -= shift
    parts = []
    if "MELODY" in found:
        line = smooth_line(top_line(found["MELODY"]))
        parts.append(Part("melody", "Melody", "melody", 0, "voice", line))
    if "BRIDGE" in found:
        line = smooth_line(top_line(found["BRIDGE"]))
        parts.append(Part("counter", "Counter-melody", "counter", 0, "piano", line))
    if "PIANO" in found:
        bass, rest = split_bass(found["PIANO"])
        parts.append(Part("bass", "Bass", "bass", 0, "piano", bass))
        parts.append(Part("keys", "Piano", "keys", 0, "piano", snap_releases(rest)))
    return [part for part in parts if len(part.notes)]


def _shifted(chords: list[tuple[int, int, Chord | None]], shift: int, end: int) -> Iterator[ChordSpan]:
    """Chord spans in ticks of the score, none before its start or after its last note's bar."""
    for start, stop, chord in chords:
        low, high = start * BEAT_TICKS - shift, stop * BEAT_TICKS - shift
        low = max(low, 0)
        high = min(high, -(-end // BEAT_TICKS) * BEAT_TICKS)
        if high > low:
            yield ChordSpan(low, high - low, chord)
