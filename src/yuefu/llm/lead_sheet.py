"""A lead sheet by a language model, in ABC: asked for, read, mended, checked, and repaired once.

What can be mended without taste is: bar lengths, missing headers, too many bars, the key by transposing, words by
our own reading of them. What can't is told to the model, one time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yuefu.errors import YuefuError
from yuefu.llm.abc_mending import find_abc, read_mended
from yuefu.llm.client import Message, ask
from yuefu.llm.settings import LlmError, LlmSettings, Notice
from yuefu.score.model import KeyChange, Score, Syllable, TempoChange, renumber, transpose
from yuefu.score.tune import lead_sheet
from yuefu.text.lyrics import LyricLine
from yuefu.theory.key import Key
from yuefu.theory.meter import METERS

#: With fewer bars than this share of those asked for, a sheet isn't one that can be gone on with.
ENOUGH = 0.5
#: At least so many different pitches make a tune, and notes in at least this share of the bars.
_PITCHES, _SOUNDING = 3, 0.6
_SHOWN = 6000


@dataclass(frozen=True, slots=True)
class SheetWish:
    """What a sheet has to be. firm_key, firm_mode, firm_meter: asked for, rather than proposed; lines: words to sing,
    spread evenly over the bars; places: first and last bar of each line."""

    about: str
    title: str
    style: str
    key: str
    meter: str
    tempo: float
    bars: int
    firm_key: bool = False
    firm_mode: bool = False
    firm_meter: bool = False
    chords: tuple[str, ...] = ()
    lines: tuple[LyricLine, ...] = ()
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class SheetOutcome:
    """sheet: tune and chords, None when nothing could be used; why: what went wrong; mended: bars whose length was;
    hopeless: further questions to this endpoint are vain."""

    sheet: Score | None
    why: Notice | None = None
    mended: int = 0
    hopeless: bool = False


def compose_sheet(settings: LlmSettings, wish: SheetWish) -> SheetOutcome:
    """Ask for a lead sheet. Never raises for what an endpoint does."""
    until = time.monotonic() + settings.deadline
    messages = _messages(wish)
    why = Notice("its lead sheet can't be used", "它写的主旋律谱不能用")
    for _ in range(2):
        try:
            reply = ask(settings, messages, None, until)
        except LlmError as error:
            return SheetOutcome(None, error.notice, hopeless=error.final)
        sheet, mended, faults = read_sheet(reply.text, wish)
        if sheet is not None:
            return SheetOutcome(sheet, mended=mended)
        listed = "\n".join(f"- {fault}" for fault in faults)
        messages += [
            {"role": "assistant", "content": reply.text[:_SHOWN]},
            {"role": "user", "content": f"That can't be used:\n{listed}\nAnswer with the whole corrected ABC alone."},
        ]
        why = Notice(f"its lead sheet can't be used ({faults[0][:120]})", "它写的主旋律谱修改一次后仍不能用")
    return SheetOutcome(None, why)


def read_sheet(answer: str, wish: SheetWish) -> tuple[Score | None, int, list[str]]:
    """The sheet in an answer, how many bars were mended, and the faults that keep it from being used."""
    text = find_abc(answer, wish.meter, abc_key(Key.parse(wish.key)))
    if text is None:
        return None, 0, ["there is no ABC music in it: write a tune with X:, T:, M:, L:, K: and bar lines"]
    try:
        score, mended = read_mended(text)
        sheet = _one_line(score)
    except (YuefuError, ValueError, ArithmeticError, LookupError) as error:
        return None, 0, [str(error)[:300]]
    faults = sheet_faults(sheet, wish)
    if faults:
        return None, mended, faults
    sheet = _in_key(sheet, wish)
    if len(sheet.bars) > wish.bars:
        sheet = first_bars(sheet, wish.bars)
    if wish.lines and len(sheet.bars) == wish.bars:
        sung = sing(sheet, wish)
        if isinstance(sung, list):
            return None, mended, sung
        sheet = sung
    elif wish.lines:
        return None, mended, [f"it has {len(sheet.bars)} bars: the words need all {wish.bars}"]
    return replace(sheet, title=wish.title, tempos=(TempoChange(0, wish.tempo),)), mended, []


def _one_line(score: Score) -> Score:
    """Tune and chords with one key and metre, and its directions gone."""
    part = max((p for p in score.parts if not p.is_drums), key=lambda p: len(p.notes))
    sheet = lead_sheet(replace(score, parts=(part,)))
    part = replace(sheet.parts[0], id="P1", name="Melody", syllables=(), directions=(), program=0, instrument="")
    return renumber(
        replace(sheet, parts=(part,), keys=sheet.keys[:1], sections=(), metadata={}, composer="", length=sheet.end_tick)
    )


def sheet_faults(sheet: Score, wish: SheetWish) -> list[str]:
    """What mending doesn't cure, a sentence each."""
    faults = []
    meter = f"{sheet.meters[0].numerator}/{sheet.meters[0].denominator}"
    if len(sheet.meters) > 1 or sheet.pickup:
        faults.append(f"the metre changes on the way: keep to {wish.meter} in every bar")
    elif meter not in METERS or (wish.firm_meter and meter != wish.meter):
        faults.append(f"the metre is {meter}: it must be {wish.meter}")
    key, asked = sheet.keys[0].key, Key.parse(wish.key)
    if wish.firm_mode and key.mode != asked.mode:
        faults.append(f"the key is {key.name}: it must be {asked.name}")
    bars = len(sheet.bars)
    if bars < max(2, ENOUGH * wish.bars):
        faults.append(f"it has {bars} bars: it must have {wish.bars}")
    notes = sheet.parts[0].notes
    if len(set(notes["pitch"].tolist())) < min(_PITCHES, wish.bars + 1):
        faults.append("the tune hardly moves: use more pitches")
    starts = [bar.start for bar in sheet.bars]
    sounding = len(set(np.searchsorted(starts, notes["start"], side="right").tolist()))
    if sounding < _SOUNDING * bars:
        faults.append("most bars are empty: write notes in every bar")
    if len(notes) and (int(notes["pitch"].min()) < 36 or int(notes["pitch"].max()) > 96):
        faults.append("some notes are out of every singer's reach: stay between C, and c''")
    return faults


def _in_key(sheet: Score, wish: SheetWish) -> Score:
    """Transposed to the key that was asked for, the nearest way."""
    key, asked = sheet.keys[0].key, Key.parse(wish.key)
    if not wish.firm_key or key == asked or key.mode != asked.mode:
        return sheet
    steps = (asked.tonic - key.tonic + 6) % 12 - 6
    return replace(transpose(sheet, steps), keys=(KeyChange(0, asked),))


def first_bars(sheet: Score, bars: int) -> Score:
    """The sheet's first bars."""
    end = sheet.bars[bars - 1].end
    part = sheet.parts[0]
    notes = part.notes[part.notes["start"] < end].copy()
    notes["duration"] = np.minimum(notes["duration"], end - notes["start"])
    chords = tuple(
        replace(span, duration=min(span.duration, end - span.start)) for span in sheet.chords if span.start < end
    )
    return replace(sheet, parts=(part.with_notes(notes),), chords=chords, length=end)


def sing(sheet: Score, wish: SheetWish) -> Score | list[str]:
    """The words on the notes of the bars that each line was given, or which bars have too few notes."""
    part = sheet.parts[0]
    notes = part.notes
    syllables: list[Syllable] = []
    faults = []
    for line, (first, last) in zip(wish.lines, wish.places, strict=True):
        start, end = sheet.bars[first - 1].start, sheet.bars[last - 1].end
        own = notes[(notes["start"] >= start) & (notes["start"] < end)]
        if len(own) < len(line.syllables):
            faults.append(
                f"bars {first} to {last} have {len(own)} notes: '{line.text[:60]}' needs {len(line.syllables)}"
            )
            continue
        for index, (syllable, note) in enumerate(zip(line.syllables, own["id"].tolist())):
            end_of_line = index + 1 == len(line.syllables)
            syllables.append(Syllable(note, syllable.text, syllable.syllabic, line_end=end_of_line))
    return faults or replace(sheet, parts=(replace(part, syllables=tuple(syllables)),))


def line_places(bars: Sequence[tuple[int, int, int]]) -> tuple[tuple[int, int], ...]:
    """First and last bar (from 1) of each line, from sections as (first bar from 0, bars, lines).

    >>> line_places([(4, 8, 4)])
    ((5, 6), (7, 8), (9, 10), (11, 12))
    """
    places = []
    for start, count, lines in bars:
        for line in range(lines):
            first, after = start + line * count // lines, start + (line + 1) * count // lines
            places.append((first + 1, max(after, first + 1)))
    return tuple(places)


def abc_key(key: Key) -> str:
    """A key as ABC writes it: ``Gm``, ``Bb``."""
    return key.name.split(" ")[0] + ("m" if key.mode == "minor" else "")


def _messages(wish: SheetWish) -> list[Message]:
    key = abc_key(Key.parse(wish.key))
    told = (
        "You are a composer. Answer with one tune in ABC notation and nothing else: one voice, a chord symbol in "
        'quotes such as "Am" at the start of every bar, exactly as many bars as asked, every bar exactly as long as '
        "the metre says, no pick-up bar, no repeats, no ornaments, four bars a line. Write a singable tune with "
        "phrases that answer each other, and end on the tonic."
    )
    frame = f"X:1\nT:{wish.title}\nM:{wish.meter}\nL:1/8\nQ:1/4={wish.tempo:g}\nK:{key}"
    wanted = f"Wanted: {wish.about or wish.title or 'a tune'}\nStyle: {wish.style}\nBars: {wish.bars}\n"
    if wish.chords:
        wanted += f"Chords, bar by bar: {' | '.join(wish.chords)}\n"
    for line, (first, last) in zip(wish.lines, wish.places):
        wanted += f"Bars {first} to {last} sing '{line.text[:120]}': exactly {len(line.syllables)} notes.\n"
    return [{"role": "system", "content": told}, {"role": "user", "content": f"{wanted}Begin with:\n{frame}"}]
