"""What a row decides, place by place, with hand-made features of what may be known there.

Each row has a main attribute: of the chords their root and quality, of the lines and chordal rows each
pitch, of the drums the set of sounds struck together. ``row_examples`` reads them from a window as
examples for a classifier, along with the places of the tokens that decide them, so that a classifier, a
bigram and the fill model are judged on exactly the same choices (see ``choice_nats``).

Features see no more than the model: what the row has written before (``alone``), and of the other rows
the bars up to the next one (``given``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yuefu.evaluation.sheet import NO_CHORD, QUALITIES, Sheet
from yuefu.score.model import NOTE_ROWS, ROWS
from yuefu.theory.chord import QUALITY_NAMES, Chord
from yuefu.tokens.sequence import Fill, Mask, Window, script
from yuefu.tokens.vocabulary import HIGHEST_PITCH, HITS, LOWEST_PITCH, METERS, STYLES, vocabulary

PITCHES = HIGHEST_PITCH - LOWEST_PITCH + 1
CHORDS = 12 * QUALITIES + 1  #: root and quality, the last class is "no chord"
SOUNDS = len(HITS)
STOP = SOUNDS  #: the class that ends a set of drum sounds

LINES = ("melody", "counter", "inner", "bass")


@dataclass(frozen=True, slots=True)
class Choice:
    """One token that is chosen among others. bar, index: its place in the cell (``len(cell)`` is ``END``).

    kind: ``"ROOT"``, ``"QUALITY"``, ``"PITCH"``, ``"HIT"`` (the first sound of a set) or ``"MORE"`` (another
    sound, or anything else that ends the set); token: its id, None for "anything else".
    """

    bar: int
    index: int
    kind: str
    token: int | None


@dataclass
class Examples:
    """Examples of one row, in order. alone, given: features; targets: classes; previous: the class before,
    ``classes`` where there is none; units: which chord, note or set of sounds each belongs to; choices:
    the tokens that decide each."""

    classes: int
    alone: list[NDArray[np.float32]] = field(default_factory=list)
    given: list[NDArray[np.float32]] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    previous: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    choices: list[tuple[Choice, ...]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.targets)


class _Features:
    """A row of features, block by block."""

    def __init__(self) -> None:
        self._blocks: list[NDArray[np.float32]] = []

    def hot(self, size: int, *places: int | None) -> None:
        """A block of zeros with ones at places; None sets nothing."""
        block = np.zeros(size, dtype=np.float32)
        for place in places:
            if place is not None:
                block[place] = 1.0
        self._blocks.append(block)

    def values(self, values: NDArray[np.float32]) -> None:
        """A block of numbers."""
        self._blocks.append(values)

    def row(self) -> NDArray[np.float32]:
        """All blocks."""
        return np.concatenate(self._blocks)


def row_examples(window: Window, row: str, heard: Sequence[str]) -> Examples:
    """The examples of a row of a complete window. heard: the rows whose features count as given."""
    sheet = Sheet(window)
    heard = [name for name in heard if name != row and name in window.cells]
    if row == "chords":
        return _chord_examples(sheet, heard)
    return _drum_examples(sheet, heard) if row == "drums" else _pitch_examples(sheet, row, heard)


def classes_of(row: str) -> int:
    """How many classes a row's attribute has."""
    return CHORDS if row == "chords" else SOUNDS + 1 if row == "drums" else PITCHES


def _place(features: _Features, sheet: Sheet, bar: int, position: int) -> None:
    """Where we are: beat, subdivision, metre, bar of the window, style and mode."""
    header = sheet.window.header
    features.hot(8, position // 24)
    features.hot(24, position % 24)
    features.hot(len(METERS), METERS.index(sheet.window.bars[bar].meter))
    features.hot(4, bar % 4)
    features.hot(2, None if header.mode is None else int(header.mode == "minor"))
    features.hot(len(STYLES), None if header.style is None else STYLES.index(header.style))


def _chord_blocks(features: _Features, chord: tuple[int, int] | None) -> None:
    """A chord's root, quality and tones; None for no chord or none yet."""
    if chord is None or chord == NO_CHORD:
        features.hot(12 + QUALITIES + 12)
        return
    features.hot(12, chord[0])
    features.hot(QUALITIES, chord[1])
    features.hot(12, *Chord(chord[0], QUALITY_NAMES[chord[1]]).pitch_classes)


def _chord_examples(sheet: Sheet, heard: Sequence[str]) -> Examples:
    v = vocabulary()
    out = Examples(CHORDS)
    pitched = [row for row in heard if row != "drums"]
    events = sheet.chords
    for number, (bar, index, position, chord) in enumerate(events):
        before = [event[3] for event in events[max(0, number - 2) : number]][::-1]
        features = _Features()
        _place(features, sheet, bar, position)
        for i in range(2):
            _chord_blocks(features, before[i] if i < len(before) else None)
        _chord_blocks(features, sheet.chord_at(bar - 4, position) if bar >= 4 else None)
        out.alone.append(features.row())
        tick = sheet.starts[bar] + position
        lines = [row for row in pitched if row == "melody"], [row for row in pitched if row != "melody"]
        for rows in lines:
            for start, end in ((tick - 48, tick), (tick, tick + 24), (tick, tick + 48), (tick + 48, tick + 96)):
                features.values(sheet.histogram(rows, start, min(end, sheet.heard_until(bar))))
        features.hot(12, sheet.lowest(pitched, tick))
        out.given.append(features.row())
        place = CHORDS - 1 if chord == NO_CHORD else chord[0] * QUALITIES + chord[1]
        out.targets.append(place)
        out.previous.append(out.targets[-2] if len(out.targets) > 1 else CHORDS)
        out.units.append(number)
        first = Choice(bar, index, "ROOT", v.nc if chord == NO_CHORD else v.root + chord[0])
        second = () if chord == NO_CHORD else (Choice(bar, index + 1, "QUALITY", v.quality + chord[1]),)
        out.choices.append((first, *second))
    return out


def _pitch_examples(sheet: Sheet, row: str, heard: Sequence[str]) -> Examples:
    v = vocabulary()
    out = Examples(PITCHES)
    notes = sheet.notes.get(row, [])
    others = [name for name in heard if name in NOTE_ROWS and name != "drums"]
    for number, (bar, index, position, pitch, _) in enumerate(notes):
        features = _Features()
        _place(features, sheet, bar, position)
        together = [n[3] for n in notes[max(0, number - 8) : number] if n[0] == bar and n[2] == position]
        for back in (1, 2, 3):
            features.hot(PITCHES, notes[number - back][3] - LOWEST_PITCH if number >= back else None)
        features.hot(PITCHES, *(p - LOWEST_PITCH for p in together))
        for back in (1, 2, 4):
            there = sheet.pitches_at(row, bar - back, position) if bar >= back else []
            features.hot(PITCHES, *(p - LOWEST_PITCH for p in there))
        so_far = [n[3] for n in notes[:number]]
        features.values(np.array([(np.mean(so_far) - 60) / 12 if so_far else 0.0, bool(together)], dtype=np.float32))
        out.alone.append(features.row())
        tick = sheet.starts[bar] + position
        known = "chords" in heard
        _chord_blocks(features, sheet.chord_at(bar, position) if known else None)
        _chord_blocks(features, sheet.next_chord(bar, position) if known else None)
        for name in LINES:
            sounding = sheet.sounding([name], tick) if name in others else []
            features.hot(PITCHES, *(p - LOWEST_PITCH for p in sounding))
        sounding = sheet.sounding(others, tick)
        features.hot(12, *(p % 12 for p in sounding))
        features.hot(PITCHES, min(sounding) - LOWEST_PITCH if sounding else None)
        features.hot(PITCHES, max(sounding) - LOWEST_PITCH if sounding else None)
        features.values(sheet.histogram(others, tick, min(tick + 48, sheet.heard_until(bar))))
        out.given.append(features.row())
        out.targets.append(pitch - LOWEST_PITCH)
        out.previous.append(out.targets[-2] if len(out.targets) > 1 else PITCHES)
        out.units.append(number)
        out.choices.append((Choice(bar, index, "PITCH", v.pitch + pitch),))
    return out


def _drum_examples(sheet: Sheet, heard: Sequence[str]) -> Examples:
    v = vocabulary()
    out = Examples(SOUNDS + 1)
    strikes = sheet.strikes
    places = {(bar, position): sounds for bar, _, position, sounds in strikes}
    for number, (bar, index, position, sounds) in enumerate(strikes):
        tick = sheet.starts[bar] + position
        for step in range(len(sounds) + 1):
            features = _Features()
            _place(features, sheet, bar, position)
            features.hot(SOUNDS, *sounds[:step])
            features.hot(1, 0 if step == 0 else None)
            for back in (1, 2):
                features.hot(SOUNDS, *(strikes[number - back][3] if number >= back else ()))
            for back in (1, 2, 4):
                features.hot(SOUNDS + 1, *places.get((bar - back, position), (SOUNDS,)))
            features.hot(24, min(tick - sheet.starts[strikes[number - 1][0]] - strikes[number - 1][2], 95) // 4
                         if number else None)  # fmt: skip
            out.alone.append(features.row())
            for name in ROWS:
                if name != "drums":
                    features.hot(2, int(sheet.starts_at(name, bar, position)) if name in heard else None)
            features.hot(PITCHES, *(p - LOWEST_PITCH for p in sheet.sounding([r for r in heard if r == "bass"], tick)))
            out.given.append(features.row())
            last = step == len(sounds)
            out.targets.append(STOP if last else sounds[step])
            out.previous.append(STOP if step == 0 else sounds[step - 1])
            out.units.append(number)
            kind = "HIT" if step == 0 else "MORE"
            out.choices.append((Choice(bar, index + step, kind, None if last else v.hit + sounds[step]),))
    return out


def choice_nats(log_shares: NDArray[np.float32], choice: Choice) -> float:
    """Nats of a choice among the tokens of its kind, from the model's (vocabulary,) log-probabilities.

    The model spreads its belief over all tokens; a classifier is told that a pitch comes now. So the share
    of the kind is divided out. For ``"MORE"`` every token that isn't a drum sound ends the set.
    """
    v = vocabulary()
    if choice.kind == "MORE":
        if choice.token is not None:
            return -float(log_shares[choice.token])
        return -float(np.log(np.maximum(-np.expm1(_total(log_shares[v.hit : v.hit + SOUNDS])), 1e-12)))
    kinds = {
        "PITCH": np.arange(v.pitch + LOWEST_PITCH, v.pitch + HIGHEST_PITCH + 1),
        "HIT": np.arange(v.hit, v.hit + SOUNDS),
        "QUALITY": np.arange(v.quality, v.quality + QUALITIES),
        "ROOT": np.array([*range(v.root, v.root + 12), v.nc]),
    }
    assert choice.token is not None
    return float(_total(log_shares[kinds[choice.kind]]) - log_shares[choice.token])


def _total(log_shares: NDArray[np.float32]) -> float:
    """The logarithm of the sum of shares, at most 0."""
    highest = float(log_shares.max())
    return min(0.0, highest + float(np.log(np.exp(log_shares.astype(np.float64) - highest).sum())))


def cell_places(window: Window, mask: Mask) -> dict[tuple[int, str], int]:
    """Where the first token of each filled cell stands in the window's whole sequence."""
    places: dict[tuple[int, str], int] = {}
    length = 0
    for step in script(window, mask):
        if isinstance(step, Fill):
            places[step.bar, step.row] = length
            cells = window.cells.get(step.row)
            length += (len(cells[step.bar]) if cells else 0) + 1
        else:
            length += len(step.ids)
    return places
