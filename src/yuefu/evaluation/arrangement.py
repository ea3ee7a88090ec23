"""Bass and keys under a melody with chords: do they say the chords, keep out of the way, lie under the hands?

Measures are plain numbers for one excerpt, a score with the rows melody, bass and keys and chord symbols; NaN
where there is nothing to measure.

root: share of chord changes at which the bass sounds the chord's root, or the bass that its symbol names.
bass in chord, keys in chord: share of the row's time in tones of the chord that sounds.
chord heard: share of each chord's tones (its first four at most) that bass and keys sound while it lasts.
collisions: moments on beats, a bar, at which bass or keys begin in unison or a semitone with the melody
(``analysis.texture.collisions``). above: share of the keys' onsets with a note over the melody that sounds.
unreachable: share of the keys' onsets that two hands of an octave can't strike (``analysis.texture``).
out of range: share of notes that a bass guitar or a piano doesn't have.
density, polyphony, register: notes a bar, notes at an onset, mean MIDI pitch; rhythm: entropy in bits of the
times from onset to onset (``analysis.rhythm``).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from yuefu.analysis.lines import row_notes, skyline
from yuefu.analysis.rhythm import rhythm_entropy
from yuefu.analysis.texture import collisions, hand_stretches, range_violations
from yuefu.score.model import ChordSpan, Notes, Score, make_notes, sort_notes
from yuefu.theory.instruments import INSTRUMENTS

AGREEMENT = (
    "root", "bass in chord", "keys in chord", "chord heard", "collisions", "above", "unreachable", "out of range",
)  # fmt: skip
TEXTURE = (
    "bass density", "bass register", "bass rhythm", "keys density", "keys polyphony", "keys register", "keys rhythm",
)  # fmt: skip
MEASURES = (*AGREEMENT, *TEXTURE)
#: Whose range each row must keep to.
PLAYERS = {"bass": "bass", "keys": "piano"}
#: Tones of a chord that should be heard: root, third, fifth and seventh.
TONES = 4
_NAN = float("nan")


def measures(score: Score) -> dict[str, float]:
    """All of ``MEASURES`` of a score."""
    melody, bass, keys = (row_notes(score, row) for row in ("melody", "bass", "keys"))
    bars = len(score.bars)
    return {
        "root": root_share(bass, score.chords),
        "bass in chord": chord_share(bass, score.chords),
        "keys in chord": chord_share(keys, score.chords),
        "chord heard": heard_share(np.concatenate([bass, keys]), score.chords),
        "collisions": _collisions(score) / bars,
        "above": above_share(melody, keys),
        "unreachable": _unreachable(keys),
        "out of range": _out_of_range(bass, keys),
        "bass density": len(bass) / bars,
        "bass register": _mean(bass["pitch"]),
        "bass rhythm": rhythm_entropy(skyline(bass)),
        "keys density": len(keys) / bars,
        "keys polyphony": len(keys) / len(np.unique(keys["start"])) if len(keys) else _NAN,
        "keys register": _mean(keys["pitch"]),
        "keys rhythm": rhythm_entropy(skyline(keys)),
    }


def root_share(bass: Notes, chords: tuple[ChordSpan, ...]) -> float:
    """``root`` of a bass; a rest there doesn't say the chord."""
    said = []
    for span in chords:
        if span.chord is not None:
            sounds = bass[(bass["start"] <= span.start) & (bass["start"] + bass["duration"] > span.start)]
            wanted = span.chord.root if span.chord.bass is None else span.chord.bass
            said.append(bool(len(sounds)) and int(sounds["pitch"].min()) % 12 == wanted)
    return float(np.mean(said)) if said else _NAN


def chord_share(notes: Notes, chords: tuple[ChordSpan, ...]) -> float:
    """Share of the notes' time under a chord that lies in its tones."""
    inside = total = 0.0
    for span in chords:
        if span.chord is not None:
            time = _overlap(notes, span)
            total += float(time.sum())
            inside += float(time[np.isin(notes["pitch"] % 12, sorted(span.chord.pitch_classes))].sum())
    return inside / total if total else _NAN


def heard_share(notes: Notes, chords: tuple[ChordSpan, ...]) -> float:
    """Share of the chords' tones that sound while the chord does, chord by chord."""
    shares = []
    for span in chords:
        if span.chord is not None:
            wanted = set(span.chord.pitch_classes[:TONES])
            sounds = {int(p) % 12 for p in notes["pitch"][_overlap(notes, span) > 0]}
            shares.append(len(wanted & sounds) / len(wanted))
    return float(np.mean(shares)) if shares else _NAN


def _overlap(notes: Notes, span: ChordSpan) -> np.ndarray:
    """Ticks of each note that lie under a chord."""
    end = np.minimum(notes["start"] + notes["duration"], span.start + span.duration)
    return np.maximum(end - np.maximum(notes["start"], span.start), 0)


def _collisions(score: Score) -> int:
    """Between the melody and each of the other two, not between those."""
    return sum(
        collisions(replace(score, parts=tuple(part for part in score.parts if part.role in ("melody", row))))
        for row in ("bass", "keys")
    )


def above_share(melody: Notes, keys: Notes) -> float:
    """Share of the keys' onsets, while the melody sounds, whose top note is higher than it."""
    over = []
    for at in np.unique(keys["start"]).tolist():
        tune = melody[(melody["start"] <= at) & (melody["start"] + melody["duration"] > at)]
        if len(tune):
            over.append(int(keys["pitch"][keys["start"] == at].max()) > int(tune["pitch"].max()))
    return float(np.mean(over)) if over else _NAN


def _unreachable(keys: Notes) -> float:
    stretches, onsets = hand_stretches(keys) if len(keys) else ([], 0)
    return len(stretches) / onsets if onsets else _NAN


def _out_of_range(bass: Notes, keys: Notes) -> float:
    total = len(bass) + len(keys)
    outside = sum(
        len(range_violations(notes, INSTRUMENTS[player].low, INSTRUMENTS[player].high))
        for notes, player in ((bass, PLAYERS["bass"]), (keys, PLAYERS["keys"]))
    )
    return outside / total if total else _NAN


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else _NAN


def block_chords(chords: tuple[ChordSpan, ...], end: int, beat: int = 24) -> dict[str, Notes]:
    """The plainest arrangement: on every beat the chord's bass in the great octave, and its triad around middle C.

    Notes are a beat long and end with the piece; no chord, no notes.
    """
    bass: list[tuple[int, int, int, int, int]] = []
    keys: list[tuple[int, int, int, int, int]] = []
    for at in range(0, end, beat):
        chord = next((s.chord for s in chords if s.start <= at < s.start + s.duration), None)
        if chord is None:
            continue
        low = chord.root if chord.bass is None else chord.bass
        length = min(beat, end - at)
        bass.append((len(bass) + 1, at, length, 28 + (low - 28) % 12, 80))
        for tone in chord.pitch_classes[:3]:
            keys.append((len(keys) + 1, at, length, 55 + (tone - 55) % 12, 80))
    return {"bass": make_notes(bass), "keys": sort_notes(make_notes(keys))}
