"""Whether a written file does what a random brief asked, attribute by attribute.

Judged from the file's own facts (``written``) and what the brief is known to mean; the only table shared
with the composer is the catalogue, which says what an instrument's name, program and range are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from yuefu.evaluation.briefs import Wish
from yuefu.evaluation.written import WrittenPiece, WrittenPlayer, heard_key, in_chord, read_symbol
from yuefu.theory.instruments import INSTRUMENTS, Instrument

#: What a finished piece must agree with, always; the last two are judged for every piece.
GUARANTEED = (
    "key", "tempo", "meter", "bars", "duration", "form", "instruments", "without", "chords", "lyrics", "ranges",
    "whole bars",
)  # fmt: skip
#: What the notes themselves suggest, which nobody promises.
HEARD = ("key heard", "chords heard")
_TEMPO_SLACK = 0.05
#: A duration is met to a bar, or to this share of it.
_DURATION_SLACK = 0.12
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True)
class Verdict:
    """Asked, found, and whether they agree."""

    asked: str
    found: str
    met: bool


def verdicts(wish: Wish, piece: WrittenPiece) -> dict[str, Verdict]:
    """Attribute -> verdict, for those that the wish asked for, and for what holds for every piece."""
    found = {name: check(wish.meant[name], piece) for name, check in _CHECKS.items() if name in wish.meant}
    if "instruments" in wish.meant:
        found["instruments"] = _players(wish.meant["instruments"], bool(wish.syllables), piece)
    if wish.syllables:
        found["lyrics"] = _lyrics(wish.options["lyrics"], piece)
    found["ranges"] = _ranges(piece)
    found["whole bars"] = Verdict("no contradiction", "; ".join(piece.faults[:3]) or "none", not piece.faults)
    if "key" in wish.meant:
        asked, heard = _tonic(wish.meant["key"]), heard_key(piece.players)
        found["key heard"] = Verdict(wish.meant["key"], str(heard), heard == asked)
    if "chords" in wish.meant:
        found["chords heard"] = _chords_heard(wish.meant["chords"], piece)
    return found


def _tonic(key: str) -> tuple[int, str]:
    name, mode = key.split()
    return (_STEPS[name[0]] + name.count("#") - name.count("b")) % 12, mode


def _key(asked: str, piece: WrittenPiece) -> Verdict:
    """The one signature's tonic and mode."""
    told = {((fifths * 7 + (9 if mode == "minor" else 0)) % 12, mode) for fifths, mode in piece.keys}
    return Verdict(asked, str(list(piece.keys)), told == {_tonic(asked)})


def _tempo(asked: float, piece: WrittenPiece) -> Verdict:
    """The tempo at the start: a performed file slows down at its end."""
    first = piece.tempos[0] if piece.tempos else (0.0, 0.0)
    return Verdict(f"{asked:g}", f"{first[1]:.2f}", first[0] == 0 and abs(first[1] - asked) < _TEMPO_SLACK)


def _meter(asked: str, piece: WrittenPiece) -> Verdict:
    told = {f"{top}/{bottom}" for top, bottom in piece.meters}
    return Verdict(asked, ", ".join(sorted(told)), told == {asked})


def _bars(asked: int, piece: WrittenPiece) -> Verdict:
    return Verdict(str(asked), str(piece.bars), piece.bars == asked)


def _duration(asked: float, piece: WrittenPiece) -> Verdict:
    bar = piece.seconds / max(piece.bars, 1)
    near = abs(piece.seconds - asked) <= max(bar, _DURATION_SLACK * asked)
    return Verdict(f"{asked:g} s", f"{piece.seconds:.1f} s", near)


def _form(asked: str, piece: WrittenPiece) -> Verdict:
    told = [text.split()[0] for _, text in piece.marks if text.split()]
    begins = bool(piece.marks) and piece.marks[0][0] == 0
    return Verdict(asked, " ".join(told), begins and told == asked.split())


def _is(player: WrittenPlayer, instrument: Instrument) -> bool:
    """Whether a player is an instrument: by name (a number may follow it) and by General MIDI sound."""
    program = None if instrument.is_drums else instrument.program
    name = re.sub(r" (\d+|I{1,3}|IV)$", "", player.name)
    return player.program == program and name.lower() in (instrument.en.lower(), instrument.zh.lower())


def _players(asked: Sequence[str], sung: bool, piece: WrittenPiece) -> Verdict:
    """All who were asked for have notes, and nobody else but a singer for lyrics."""
    playing = [player for player in piece.players if player.notes]
    names = ", ".join(player.name for player in piece.players)
    wanted = Counter(asked)
    extra = 0
    for player in playing:
        key = next((key for key in wanted if wanted[key] and _is(player, INSTRUMENTS[key])), None)
        if key is not None:
            wanted[key] -= 1
        else:
            extra += not (sung and _is(player, INSTRUMENTS["voice"]))
    silent = len(piece.players) - len(playing)
    return Verdict(", ".join(asked), names + (f" ({silent} silent)" if silent else ""), not +wanted and not extra)


def _without(asked: Sequence[str], piece: WrittenPiece) -> Verdict:
    unwanted = {None if INSTRUMENTS[key].is_drums else INSTRUMENTS[key].program for key in asked}
    named = any(_is(player, INSTRUMENTS[key]) for player in piece.players for key in asked)
    met = not named and not unwanted & {player.program for player in piece.players}
    return Verdict("no " + ", ".join(asked), ", ".join(player.name for player in piece.players), met)


def _chords(asked: Sequence[Sequence[str]], piece: WrittenPiece) -> Verdict:
    """Bar by bar, going round: the chord asked for at its start, and no other inside."""
    wanted = [read_symbol(bar[0]) for bar in asked]
    told = " ".join(symbol for bar in asked for symbol in bar)
    for bar in range(piece.bars):
        here = piece.harmonies_in(bar)
        if here != [wanted[bar % len(wanted)]]:
            return Verdict(told, f"bar {bar + 1}: {here}", False)
    return Verdict(told, f"as asked in {piece.bars} bars", True)


def _chords_heard(asked: Sequence[Sequence[str]], piece: WrittenPiece) -> Verdict:
    """In every bar at least half of what sounds is a tone of the chord asked for."""
    wanted = [read_symbol(bar[0]) for bar in asked]
    shares = [
        in_chord(piece, bar, chord) for bar in range(piece.bars) if (chord := wanted[bar % len(wanted)]) is not None
    ]
    clear = [share >= 0.5 for share in shares]
    return Verdict("half of each bar", f"{sum(clear)} of {len(clear)} bars", all(clear))


def _lyrics(asked: str, piece: WrittenPiece) -> Verdict:
    """Every word in its order: Han characters one a syllable, other words by their letters."""
    wanted, told = _letters(asked), _letters(" ".join(piece.words))
    han = sum(len(word) == 1 and ord(word) > 0x2E7F for word in wanted)
    enough = piece.syllables == len(wanted) if han == len(wanted) else piece.syllables >= len(wanted)
    return Verdict(f"{len(wanted)} words", f"{len(told)} words, {piece.syllables} syllables", wanted == told and enough)


def _letters(text: str) -> list[str]:
    return re.findall(r"[\u2e80-\u9fff]|[a-z']+", text.lower())


def _ranges(piece: WrittenPiece) -> Verdict:
    """Every player is in the catalogue and stays within what the instrument can play; drums have no range."""
    for player in piece.players:
        instrument = next((one for one in INSTRUMENTS.values() if _is(player, one)), None)
        if instrument is None:
            return Verdict("known players", f"'{player.name}' with program {player.program}", False)
        pitches = [pitch for _, _, pitch in player.notes]
        if player.program is not None and pitches and not instrument.low <= min(pitches) <= max(pitches) <= (
            instrument.high
        ):  # fmt: skip
            reach = f"{instrument.low}-{instrument.high}"
            return Verdict(f"{player.name} {reach}", f"{min(pitches)}-{max(pitches)}", False)
    return Verdict("within ranges", "within ranges", True)


_CHECKS: dict[str, Any] = {
    "key": _key, "tempo": _tempo, "meter": _meter, "bars": _bars, "duration": _duration, "form": _form,
    "without": _without, "chords": _chords,
}  # fmt: skip
