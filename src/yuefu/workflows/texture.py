"""Textures alone: a few bars of drums, bass and keys in a style, over chords, several to choose from.

import yuefu

for texture in yuefu.textures("funk", rows="drums,bass,keys", bars=4, count=4, chords="Am F C G", seed=1):
    texture.score.save("funk.mid")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.engines import engine_info
from yuefu.errors import InputError, UnknownNameError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.files import atomic_write, write_score
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Part, Score, Section, TempoChange, renumber
from yuefu.text.brief import BriefOptions
from yuefu.text.chord_chart import parse_chords
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.theory.styles import STYLES
from yuefu.workflows.fill_score import as_brief, fill_with, seed_of
from yuefu.workflows.fill_wishes import FillMask, Wishes, check_size
from yuefu.workflows.folders import slug, staged_folder

#: The engine that writes textures where none is named.
USUAL = "gan"
MOST_BARS, MOST = 64, 64
#: Chords where none are given, by mode.
CHORDS = {"major": "C Am F G", "minor": "Am F C G"}
#: Style for words that name none, and rows in the order of the score.
STYLE, ROWS = "pop", ("keys", "bass", "drums")
#: Rows -> players where the style's band has none.
_PLAYERS = {"keys": "piano", "bass": "bass", "drums": "drums"}


@dataclass(frozen=True)
class Texture:
    """One texture. number: from 1; seed: that gives it again with a count of 1."""

    score: Score
    number: int
    seed: int
    style: str
    energy: float

    def facts(self) -> dict[str, Any]:
        """Everything but the score, as plain data."""
        own = {part.role: len(part.notes) for part in self.score.parts}
        return {"number": self.number, "seed": self.seed, "style": self.style, "energy": self.energy, "notes": own}


def textures(
    words: str = "",
    *,
    rows: str | Sequence[str] = ROWS,
    bars: int = 4,
    count: int = 1,
    chords: str | None = None,
    energy: float | None = None,
    options: BriefOptions | None = None,
    temperature: float | None = None,
    seed: int | None = None,
    engine: str = USUAL,
    progress: Listener = ignore,
) -> Iterator[Texture]:
    """Textures one by one.

    words: a style, tempo, key or metre, in Chinese or English; rows: of drums, bass, keys; chords: a bar each or with
    bar lines (``"Am | F G"``), heard again until the last bar; energy: 0 (calm) to 1 (busy), else the style's; options:
    what options say beside the words. Texture n is drawn from ``seed + n - 1``.

    Raises InputError, UnknownNameError or LimitError, with one sentence, for what can't be written.
    """
    mask = FillMask(rows)
    named = mask.rows or ROWS
    if "texture" not in engine_info(engine).tasks:
        raise InputError(f"the engine '{engine}' doesn't write textures: use --engine {USUAL}.")
    foreign = [row for row in named if row not in ROWS]
    if foreign:
        raise InputError(f"a texture is made of {', '.join(ROWS)}, not {foreign[0]}: `yuefu fill` writes other rows.")
    check_size(bars, MOST_BARS, "bars")
    check_size(count, MOST, "textures")
    if energy is not None and not 0 <= energy <= 1:
        raise InputError(f"energy {energy:g} can't be asked for: give 0 (calm) to 1 (busy).")
    brief = as_brief(words, options)
    style = brief.style.value or STYLE
    first = seed_of(brief, seed)
    bare = bare_score(style, bars, chords, brief.key.value, brief.meter.value, brief.tempo.value)
    wishes = Wishes(style=style, energy=energy if energy is not None else brief.energy.value, temperature=temperature)
    liveliness = wishes.energy if wishes.energy is not None else STYLES[style].energy
    for number in range(1, count + 1):
        own = replace(wishes, seed=first + number - 1)
        done = fill_with(bare, FillMask(named), own, players=players_of(style), engine=engine)
        progress(Progress("textures", number, count))
        order = {row: place for place, row in enumerate(ROWS)}
        parts = tuple(sorted(done.score.parts, key=lambda part: order.get(part.role, 0)))
        yield Texture(replace(done.score, parts=parts), number, own.seed, style, round(float(liveliness), 3))


def players_of(style: str) -> dict[str, str]:
    """Row -> instrument: of the style's usual band, else piano, bass and drums."""
    found = dict(_PLAYERS)
    for lineup in STYLES[style].lineups[::-1]:
        found |= {row: player for row, player in lineup if row in found}
    return found


def bare_score(
    style: str, bars: int, chords: str | None = None, key: str | None = None, meter: str | None = None,
    tempo: float | None = None,
) -> Score:  # fmt: skip
    """A score of chords alone: those given, else usual ones; key, metre and tempo, else the style's."""
    chosen = STYLES[style]
    numerator, denominator = map(int, (meter or _usual_meter(style)).split("/"))
    ticks = numerator * 96 // denominator
    told = parse_chords(chords) if chords is not None else None
    if isinstance(told, dict) or (told is not None and not told):
        raise InputError('the chords of a texture are one progression: write them as in --chords "Am F C G".')
    mode = "minor" if chosen.minor > 0.5 else "major"
    lines: list[list[str]] = [list(bar) for bar in told] if told else [[c] for c in CHORDS[mode].split()]
    home = Key.parse(key) if key is not None else None
    if told is None and home is not None:
        lines = [[c] for c in CHORDS[home.mode].split()]
    shift = home.shift if told is None and home is not None else 0
    spans = []
    for bar in range(bars):
        own = lines[bar % len(lines)]
        length = ticks // len(own)
        for place, symbol in enumerate(own):
            chord = None if symbol == "N.C." else Chord.parse(symbol).transpose(shift)
            spans.append(ChordSpan(bar * ticks + place * length, length, chord))
    if home is None:
        home = _key_of([span.chord for span in spans if span.chord is not None])
    swing = chosen.swing if denominator <= 4 else 0.0
    return Score(
        title=f"{style} texture", chords=tuple(spans), keys=(KeyChange(0, home),), length=bars * ticks,
        meters=(MeterChange(0, numerator, denominator),), tempos=(TempoChange(0, float(tempo or chosen.tempo[1])),),
        metadata={"style": style, "swing": swing},
    )  # fmt: skip


def _usual_meter(style: str) -> str:
    able = engine_info(USUAL).meters
    return next((m for m, _ in sorted(STYLES[style].meters, key=lambda pair: -pair[1]) if m in able), "4/4")


def _key_of(chords: Sequence[Chord]) -> Key:
    """The key whose scale holds most chord tones; of a key and its relative, the one whose tonic chord comes first."""
    from yuefu.theory.key import MAJOR

    if not chords:
        return Key()
    tones = np.bincount([tone for chord in chords for tone in chord.pitch_classes], minlength=12)
    fifths = max(range(-5, 7), key=lambda f: (sum(tones[(f * 7 + step) % 12] for step in MAJOR), -abs(f)))
    minor = any(
        chord.root == (fifths * 7 + 9) % 12 and 3 in {(t - chord.root) % 12 for t in chord.pitch_classes}
        for chord in chords[:1]
    )
    return Key(fifths, "minor" if minor else "major")


def together(found: Sequence[Texture]) -> Score:
    """Textures one after the other, each a section, as one score to look at."""
    if not found:
        raise InputError("there are no textures to draw.")
    first = found[0].score
    length = first.length
    parts: list[Part] = []
    for index, part in enumerate(first.parts):
        notes = []
        for number, texture in enumerate(found):
            own = next((p.notes.copy() for p in texture.score.parts if p.role == part.role), part.notes[:0])
            own["start"] += number * length
            notes.append(own)
        joined = np.concatenate(notes)
        joined["id"] = np.arange(1, len(joined) + 1) + 100_000 * (index + 1)
        parts.append(replace(part, notes=joined))
    chords = tuple(
        replace(span, start=span.start + number * length) for number in range(len(found)) for span in first.chords
    )
    sections = tuple(Section(number * length, length, str(number + 1)) for number in range(len(found)))
    return renumber(replace(first, parts=tuple(parts), chords=chords, sections=sections, length=length * len(found)))


def write_textures(found: Sequence[Texture], folder: Path, language: str = "en") -> list[Path]:
    """A MIDI file for each and ``textures.png``, a picture of all, in a folder. Returns the files."""
    from yuefu.page.roll import roll_png

    names = [f"{slug(texture.style)}-{texture.seed}.mid" for texture in found]
    with staged_folder(folder) as place:
        for texture, name in zip(found, names):
            write_score(texture.score, place / name)
        atomic_write(place / "textures.png", roll_png(together(found), language=language))
    return [folder / name for name in (*names, "textures.png")]


__all__ = ["Texture", "UnknownNameError", "textures", "together", "write_textures"]
