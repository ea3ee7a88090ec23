"""Chords of bars edited as text, and the key of the whole piece."""

from __future__ import annotations

from dataclasses import replace

from yuefu.errors import InputError, LimitError
from yuefu.planning.harmony import half_position
from yuefu.score.model import Bar, ChordSpan, KeyChange
from yuefu.text.chord_chart import MAX_CHORDS_A_BAR
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS, instrument_for_program
from yuefu.theory.key import Key
from yuefu.workflows.edit_desk import Desk, PartDesk
from yuefu.workflows.edit_models import SetChords, Transpose

_NO_CHORD = {"nc", "n.c.", "n.c", "none", "无"}
_REPEAT = {"%", "𝄎"}


def set_chords(desk: Desk, edit: SetChords) -> None:
    """The chords of some bars. One bar of text goes on all of them; else there must be as many as bars."""
    bars = desk.bar_list(edit.bars)
    written = read_bars(edit.text, len(bars))
    symbols: list[str] = []
    for bar, own in zip(bars, written):
        symbols = _of_bar(desk, bar, own)
        _cut_out(desk, bar)
        desk.chords += _spans(bar, symbols)
    desk.chords.sort(key=lambda span: span.start)
    desk.chords = _merged(desk.chords)


def read_bars(text: str, count: int) -> list[list[str]]:
    """The symbols of ``count`` bars. Raises InputError when the text has another number of bars.

    >>> read_bars("C G/B | Am", 2), read_bars("C", 2), read_bars("C F G", 3), read_bars("", 1)
    ([['C', 'G/B'], ['Am']], [['C'], ['C']], [['C'], ['F'], ['G']], [[]])
    """
    text = text.replace("｜", "|").replace("‖", "|").replace("，", " ").replace(",", " ").strip()
    if text.startswith("|") and text.endswith("|") and len(text) > 1:
        text = text[1:-1]
    bars = [piece.split() for piece in text.split("|")]
    if len(bars) == 1 and count > 1 and len(bars[0]) == count:
        bars = [[symbol] for symbol in bars[0]]
    if len(bars) == 1:
        bars = bars * count
    if len(bars) != count:
        raise InputError(
            f"the chords have {len(bars)} bars, but {count} bar{'s were' if count != 1 else ' was'} named: "
            "write as many, parted by |, or one for all."
        )
    for symbols in bars:
        if len(symbols) > MAX_CHORDS_A_BAR:
            raise LimitError(f"a bar with {len(symbols)} chords was asked for: use at most {MAX_CHORDS_A_BAR}.")
    return bars


def _of_bar(desk: Desk, bar: Bar, symbols: list[str]) -> list[str]:
    """A bar's symbols, those of the bar before for a repeat sign."""
    if len(symbols) != 1 or symbols[0] not in _REPEAT:
        return symbols
    if not bar.index:
        raise InputError("the first bar can't repeat the one before it: write a chord.")
    before = desk.bars[bar.index - 1]
    inside = [s for s in desk.chords if s.start < before.end and s.start + s.duration > before.start]
    return [span.chord.symbol() if span.chord else "N.C." for span in sorted(inside, key=lambda span: span.start)]


def _cut_out(desk: Desk, bar: Bar) -> None:
    """No chord in a bar; those that reach into it are cut."""
    kept = []
    for span in desk.chords:
        end = span.start + span.duration
        if end <= bar.start or span.start >= bar.end:
            kept.append(span)
            continue
        if span.start < bar.start:
            kept.append(replace(span, duration=bar.start - span.start))
        if end > bar.end:
            kept.append(replace(span, start=bar.end, duration=end - bar.end))
    desk.chords = kept


def _spans(bar: Bar, symbols: list[str]) -> list[ChordSpan]:
    """Chords sharing a bar: two by halves, more by beats."""
    if not symbols:
        return []
    full = bar.numerator * 96 // bar.denominator
    count = len(symbols)
    beat = 36 if bar.duration % 36 == 0 and bar.duration % 24 else 24
    beats = max(1, bar.duration // beat)
    if count == 2 and bar.duration == full:
        places = [0, half_position(full)]
    elif count <= beats:
        places = [index * beats // count * beat for index in range(count)]
    else:
        places = [index * bar.duration // count for index in range(count)]
    ends = [*places[1:], bar.duration]
    return [
        ChordSpan(bar.start + place, max(end - place, 1), None if name.lower() in _NO_CHORD else Chord.parse(name))
        for name, place, end in zip(symbols, places, ends)
        if end > place
    ]


def _merged(spans: list[ChordSpan]) -> list[ChordSpan]:
    """Equal neighbours as one span."""
    found: list[ChordSpan] = []
    for span in spans:
        last = found[-1] if found else None
        if last is not None and last.chord == span.chord and last.start + last.duration == span.start:
            found[-1] = replace(last, duration=last.duration + span.duration)
        else:
            found.append(span)
    return found


def set_key(desk: Desk, edit: Transpose) -> None:
    """Move everything to another key of the same mode, the nearer way; parts stay in their instruments' reach."""
    wanted, first = Key.parse(edit.key), desk.score.keys[0].key
    if wanted.mode != first.mode:
        raise InputError(
            f"the piece is in {first.name} and moving it keeps it {first.mode}: "
            f"give a {first.mode} key, not {wanted.name}."
        )
    up = (wanted.tonic - first.tonic) % 12
    ways = sorted((up, up - 12), key=lambda shift: (abs(shift), -shift))
    if max(abs(way) for way in ways) <= 7:  # a fourth and a fifth are both near: that which fits
        ways.sort(key=lambda shift: sum(_outside(holder, shift) for holder in desk.parts))
    shift = ways[0]
    if not shift:
        desk.score = replace(desk.score, keys=(KeyChange(0, wanted), *desk.score.keys[1:]))
        return
    for holder in desk.parts:
        if not holder.part.is_drums:
            move(desk, holder, shift)
    desk.chords = [replace(s, chord=s.chord.transpose(shift) if s.chord else None) for s in desk.chords]
    keys = [replace(c, key=Key.of_tonic((c.key.tonic + shift) % 12, c.key.mode)) for c in desk.score.keys]
    keys[0] = KeyChange(0, wanted)
    desk.score = replace(desk.score, keys=tuple(keys))


def reach_of(holder: PartDesk) -> tuple[int, int]:
    """The pitches that a part's instrument plays."""
    instrument = INSTRUMENTS.get(holder.part.instrument) or instrument_for_program(holder.part.program)
    return instrument.low, instrument.high


def _outside(holder: PartDesk, shift: int) -> int:
    if holder.part.is_drums:
        return 0
    low, high = reach_of(holder)
    return sum(not low <= row[2] + shift <= high for row in holder.notes.values())


def move(desk: Desk, holder: PartDesk, shift: int) -> None:
    """Move a part's notes; as a whole by octaves, then one by one, where its instrument doesn't reach.

    A note that lay outside already may do so again.
    """
    if not holder.notes:
        return
    low, high = reach_of(holder)
    octaves = min((0, -12, 12, -24, 24), key=lambda octave: (_outside(holder, shift + octave), abs(octave)))
    for number, (start, duration, pitch, velocity) in list(holder.notes.items()):
        moved = pitch + shift + (octaves if low <= pitch <= high else 0)
        if low <= pitch <= high:
            moved = folded(moved, low, high)
        desk.put(holder, number, (start, duration, folded(moved, 0, 127), velocity))


def folded(pitch: int, low: int, high: int) -> int:
    """A pitch moved by octaves into a range of at least an octave; the nearest to it where there is none.

    >>> folded(85, 60, 84), folded(20, 60, 84), folded(70, 60, 84)
    (73, 68, 70)
    """
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch if pitch >= low or high - low >= 11 else pitch + 12
