"""The chord skeleton: four-bar progressions as real songs have them, with cadences where phrases end.

``progressions.json`` holds the commonest four-bar progressions of the training corpora by style
group and mode, in C major / A minor, with how many works use each; ``yuefu.training.progressions`` makes it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np

from yuefu.errors import InputError
from yuefu.planning.plan import PlannedChord
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

#: Style labels that share their harmony.
GROUPS = {
    "pop": "pop", "rock": "pop", "country": "pop", "soul": "pop", "funk": "pop", "disco": "pop",
    "electronic": "pop", "hiphop": "pop", "reggae": "pop", "game": "pop", "children": "pop",
    "jazz": "standard", "standard": "standard", "blues": "standard", "latin": "standard", "gospel": "hymn",
    "hymn": "hymn", "chorale": "hymn", "folk": "folk", "celtic": "folk", "march": "classical",
    "ragtime": "standard", "waltz": "classical", "art_song": "classical", "renaissance": "hymn",
    "baroque": "classical", "classical": "classical", "romantic": "classical", "modern": "classical",
    "afro": "pop",
}  # fmt: skip
_PLAIN = {
    "maj7": "", "6": "", "add9": "", "maj9": "", "7": "", "9": "", "m7": "m", "m9": "m", "m6": "m",
    "mmaj7": "m", "7sus4": "sus4", "m7b5": "dim", "dim7": "dim",
}  # fmt: skip
_SEVENTH = {"add9": "", "maj9": "maj7", "9": "7", "m9": "m7"}

#: How readily a progression is taken by its changes of chord (0, 1, 2, 3 and more) in four bars.
_MOVING = (0.05, 0.2, 0.6, 1.0)

#: The same by its different chords.
_DIFFERENT = (0.0, 0.1, 0.6, 1.0)
#: How often a chord leads to the next by that one's dominant, by group.
APPLIED_SHARE = {"hymn": 0.5, "classical": 0.5, "standard": 0.3, "folk": 0.1, "pop": 0.1}
#: How often a section that contrasts begins in another key: (the dominant's, the relative one), by group.
ELSEWHERE = {
    "hymn": (0.3, 0.3),
    "classical": (0.4, 0.35),
    "standard": (0.15, 0.25),
    "folk": (0.2, 0.3),
    "pop": (0.0, 0.35),
}
#: Groups whose half cadences are reached by the dominant's own dominant.
APPLIED = ("hymn", "classical", "standard")

WHITE = (0, 2, 4, 5, 7, 9, 11)
OTHER_MODE = {"major": "minor", "minor": "major"}

#: A bar's chords: (half of the bar 0 or 1, symbol).
Pattern = list[list[tuple[int, str]]]


@cache
def progressions() -> dict[str, list[tuple[Pattern, float]]]:
    """``"pop major"`` ... -> four-bar patterns with weights."""
    text = resources.files("yuefu.planning").joinpath("progressions.json").read_text("utf-8")
    return {
        group: [([[(int(h), str(s)) for h, s in bar] for bar in pattern], float(weight)) for pattern, weight in rows]
        for group, rows in json.loads(text)["patterns"].items()
    }


def simplify(symbol: str, level: str) -> str:
    """A chord symbol brought down to a chord level (``"triads"``, ``"sevenths"``, ``"extended"``).

    >>> simplify("Am9", "sevenths"), simplify("G7/B", "triads")
    ('Am7', 'G/B')
    """
    chord = Chord.parse(symbol)
    table = {"triads": _PLAIN, "sevenths": _SEVENTH}.get(level, {})
    return Chord(chord.root, table.get(chord.quality, chord.quality), chord.bass).symbol()


def skeleton(
    lengths: Sequence[int],
    sources: Sequence[int | None],
    group: str,
    mode: str,
    level: str,
    bar_ticks: int,
    rng: np.random.Generator,
    opens: Sequence[bool] | None = None,
    modal: bool = False,
    own: list[tuple[Pattern, float]] | None = None,
) -> list[tuple[PlannedChord, ...]]:
    """Chords for every bar of all sections; sections that repeat share theirs. own: progressions to draw from instead
    of the group's.

    The first phrase of a section stays open, mostly on the dominant; the section closes with a cadence: on the tonic
    at the very end, on the dominant where ``opens`` says so (None: every other section), else on the tonic.
    modal: the chords keep to the scale, without leading notes that the mode doesn't have.
    """
    table = progressions()
    patterns = own or table.get(f"{group} {mode}") or table[f"pop {mode}"]
    bars: list[list[tuple[int, str]]] = []
    made: dict[int, list[list[tuple[int, str]]]] = {}
    taken: list[str] = []
    for index, (length, source) in enumerate(zip(lengths, sources)):
        base = made.get(source) if source is not None else None
        if base is None:
            opening = _opening(patterns, taken, group, mode, rng)
            if taken and length >= (4 if group in APPLIED else 8) and not modal:
                opening = _elsewhere(opening, table.get(f"{group} {OTHER_MODE[mode]}"), group, rng)
            second = _draw(patterns, rng) if rng.random() < 0.4 or (taken and length >= 8) else opening
            taken.append(opening[0][0][1])
            phrases = [opening, second] if modal else [_led(phrase, group, rng) for phrase in (opening, second)]
            half = _half_close(phrases[0], mode, "" if modal else group, rng)
            base = [list((phrases[1] if bar // 4 % 2 else half)[bar % 4]) for bar in range(length)]
        while len(base) < length:  # a longer return goes on as it began
            base = [*base, *(list(bar) for bar in base[: length - len(base)])]
        section = [list(bar) for bar in base[:length]]
        last = index == len(lengths) - 1
        if last or length >= 4:
            open_end = index % 2 == 0 if opens is None else opens[index]
            _close(section, mode, final=last, open_end=open_end and not last)
        made[index] = section
        bars += section
    if modal:
        bars = [[(half, _within_mode(symbol)) for half, symbol in bar] for bar in bars]
    return [_planned(bar, level, bar_ticks) for bar in bars]


def _within_mode(symbol: str) -> str:
    """A chord of the white keys in place of one that leaves them.

    >>> [_within_mode(symbol) for symbol in ("E7", "D7", "G7", "Am")]
    ['Em7', 'Dm7', 'G7', 'Am']
    """
    chord = Chord.parse(symbol)
    if all(tone in WHITE for tone in chord.pitch_classes):
        return symbol
    minor = {"7": "m7", "": "m"}.get(chord.quality)
    turned = Chord(chord.root, minor) if minor and (chord.root + 3) % 12 in WHITE else chord
    return turned.symbol()


def _opening(
    patterns: list[tuple[Pattern, float]], taken: Sequence[str], group: str, mode: str, rng: np.random.Generator
) -> Pattern:
    """How a section begins: the first one where its key is plain, later ones on another chord than those before.

    A few draws at most; then what came up last has to do.
    """
    tonic = 0 if mode == "major" else 9
    plain = {tonic} if group in ("hymn", "classical", "folk") else {0, 9, 5, 2}
    for _ in range(8):
        drawn = _draw(patterns, rng)
        first = drawn[0][0][1]
        if first not in taken if taken else Chord.parse(first).root in plain:
            break
    return drawn


def _elsewhere(
    opening: Pattern, relative: list[tuple[Pattern, float]] | None, group: str, rng: np.random.Generator
) -> Pattern:
    """The opening of a section that contrasts: at times in the dominant's key, or from the relative one."""
    fifth, other = ELSEWHERE[group]
    draw = rng.random()
    if draw < fifth:
        return [[(half, Chord.parse(symbol).transpose(7).symbol()) for half, symbol in bar] for bar in opening]
    return _draw(relative, rng) if draw < fifth + other and relative else opening


def _led(phrase: Pattern, group: str, rng: np.random.Generator) -> Pattern:
    """The phrase, with dominants of the chords to come in the second half of some bars."""
    bars = [list(bar) for bar in phrase]
    for bar, after in pairwise(bars):
        here, target = Chord.parse(bar[-1][1]), Chord.parse(after[0][1])
        fifth = Chord((target.root + 7) % 12, "7")
        wanted = rng.random() < APPLIED_SHARE[group]
        if wanted and len(bar) == 1 and here.root != target.root and here.symbol() != fifth.symbol():
            bar.append((1, fifth.symbol()))
    return bars


def _half_close(phrase: Pattern, mode: str, group: str, rng: np.random.Generator) -> Pattern:
    """The phrase, left open: a last chord that would close gives way to the dominant, in art music by its own."""
    bars = [list(bar) for bar in phrase]
    tonic, dominant = (0, "G") if mode == "major" else (9, "E7")
    root = Chord.parse(bars[-1][-1][1]).root
    if root == tonic or (root not in (7, 4) and rng.random() < 0.4):
        bars[-1] = [(0, bars[-1][0][1]), (1, dominant)]
    if group in APPLIED and Chord.parse(bars[-1][-1][1]).root == Chord.parse(dominant).root and rng.random() < 0.6:
        applied = "D7" if mode == "major" else "B7"
        bars[-1] = [(0, applied), (1, dominant)]
    return bars


def _draw(patterns: list[tuple[Pattern, float]], rng: np.random.Generator) -> Pattern:
    # The square root of the counts: common progressions stay common, rare ones get their turn. The commonest stand on
    # one chord for three bars of four, which a tune of its own can carry but a whole section repeats too often.
    weights = np.sqrt([weight for _, weight in patterns]) * [_liveliness(pattern) for pattern, _ in patterns]
    return patterns[int(rng.choice(len(patterns), p=weights / weights.sum()))][0]


def _liveliness(pattern: Pattern) -> float:
    """How readily a progression is taken: by its changes, its different chords, and fewer of diminished ones."""
    symbols = {symbol for bar in pattern for _, symbol in bar}
    value = _MOVING[min(_moves(pattern), 3)] * _DIFFERENT[min(len(symbols), 3)]
    return value * (0.25 if any("dim" in symbol or "b5" in symbol for symbol in symbols) else 1.0)


def _moves(pattern: Pattern) -> int:
    """How often the chord changes within four bars."""
    chords = [symbol for bar in pattern for _, symbol in bar]
    return sum(a != b for a, b in pairwise(chords))


def _close(section: list[list[tuple[int, str]]], mode: str, final: bool, open_end: bool) -> None:
    tonic, dominant = ("C", "G7") if mode == "major" else ("Am", "E7")
    before = {"C": "Dm7", "Am": "Dm"}[tonic]
    if final:
        section[-1] = [(0, tonic)]
        if len(section) > 1:
            section[-2] = [(0, before), (1, dominant)] if len(section) > 2 else [(0, dominant)]
    elif open_end:
        current = Chord.parse(section[-1][-1][1]).root
        if current not in (7, 4, 11):
            section[-1] = [(0, section[-1][0][1]), (1, dominant)]
    elif Chord.parse(section[-1][-1][1]).root != Chord.parse(tonic).root:
        section[-1] = [(0, tonic)]
        section[-2] = [(0, section[-2][0][1]), (1, dominant)]


def _planned(bar: list[tuple[int, str]], level: str, bar_ticks: int) -> tuple[PlannedChord, ...]:
    half = half_position(bar_ticks)
    chords: list[PlannedChord] = []
    for side, symbol in bar:
        plain = simplify(symbol, level)
        if not chords or chords[-1].symbol != plain:
            chords.append(PlannedChord(position=half * side, symbol=plain))
    return tuple(chords)


def half_position(bar_ticks: int) -> int:
    """Where a second chord enters: the middle of the bar, or its last beat in triple time."""
    if bar_ticks % 48 == 0 or bar_ticks in (36, 108):
        return {36: 24, 108: 72}.get(bar_ticks, bar_ticks // 2)
    return bar_ticks * 2 // 3 // 12 * 12


def key_of_chords(given: list[list[str]] | dict[str, list[list[str]]], mode: str | None = None) -> Key:
    """The key that a progression is in: the most chords in the scale, beginning or closing on the tonic.

    mode: ``"major"`` or ``"minor"`` when it is known.

    >>> key_of_chords([["G"], ["Em"], ["C"], ["D"]]).name, key_of_chords([["Am"], ["Dm"], ["E7"], ["Am"]]).name
    ('G major', 'A minor')
    """
    bars = given if isinstance(given, list) else [bar for section in given.values() for bar in section]
    chords = [Chord.parse(symbol) for bar in bars for symbol in bar if not symbol.upper().startswith("N")]
    modes = (mode,) if mode else ("major", "minor")
    keys = [Key.of_tonic(tonic, each) for each in modes for tonic in range(12)]
    return max(keys, key=lambda key: _belonging(chords, key))  # of equals the first


def _belonging(chords: Sequence[Chord], key: Key) -> float:
    """How well chords belong to a key: the share of their notes in its scale, and where its tonic stands."""
    if not chords:
        return 0.0
    inside = 0.0
    for chord in chords:
        scale = set(key.scale)
        if key.mode == "minor" and chord.root == (key.tonic + 7) % 12:  # the dominant's leading note
            scale.add((key.tonic - 1) % 12)
        inside += sum(tone in scale for tone in chord.pitch_classes) / len(chord.pitch_classes)
    third = 4 if key.mode == "major" else 3

    def is_tonic(chord: Chord) -> bool:
        return chord.root == key.tonic and (key.tonic + third) % 12 in chord.pitch_classes

    ends = 0.15 * is_tonic(chords[0]) + 0.1 * is_tonic(chords[-1])
    falls = sum(a.root == (b.root + 7) % 12 and is_tonic(b) for a, b in pairwise(chords)) / len(chords)
    return inside / len(chords) + ends + 0.2 * falls


def user_harmony(
    given: list[list[str]] | dict[str, list[list[str]]],
    sections: Sequence[tuple[str, str, int]],
    key: Key,
    bar_ticks: int,
    fallback: list[tuple[PlannedChord, ...]],
) -> list[tuple[PlannedChord, ...]]:
    """The user's chords on every bar, moved to C major / A minor.

    given: bars of symbols that repeat over the piece (a list), or by section letter or kind (a
    dictionary; sections it doesn't name keep ``fallback``). sections: (letter, kind, bars).
    """
    result: list[tuple[PlannedChord, ...]] = []
    bar = 0
    used: set[str] = set()
    for letter, kind, length in sections:
        names = [name for name in (letter, letter[0], kind) if isinstance(given, dict) and name in given]
        pattern = given[names[0]] if isinstance(given, dict) and names else given if isinstance(given, list) else None
        used.update(names)
        for offset in range(length):
            if pattern is None:
                result.append(fallback[bar])
            else:
                place = bar if isinstance(given, list) else offset
                result.append(_given_bar(pattern[place % len(pattern)], key, bar_ticks))
            bar += 1
    if isinstance(given, dict) and set(given) - used:
        missing = sorted(set(given) - used)[0]
        known = ", ".join(sorted({kind or letter for letter, kind, _ in sections}))
        raise InputError(f"chords were given for '{missing[:30]}', but the piece has only these sections: {known}.")
    return result


def _given_bar(symbols: list[str], key: Key, bar_ticks: int) -> tuple[PlannedChord, ...]:
    chords = []
    beats = max(1, bar_ticks // 24) if bar_ticks % 36 or bar_ticks % 24 == 0 else bar_ticks // 36
    beat = bar_ticks // beats
    for index, symbol in enumerate(symbols):
        if len(symbols) == 2:
            position = half_position(bar_ticks) * index
        else:
            position = (
                (index * beats // len(symbols)) * beat
                if len(symbols) <= beats
                else (index * bar_ticks // len(symbols) // 6 * 6)
            )
        moved = "" if symbol.upper().startswith("N") else Chord.parse(symbol).transpose(-key.shift).symbol()
        chords.append(PlannedChord(position=position, symbol=moved))
    return tuple(chords)
