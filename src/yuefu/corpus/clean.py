"""Cleaning: every piece onto the grid, trimmed, and the absurd ones refused with a reason.

Source of the traps: the data sets' own notes (performed releases, duplicated notes in several
tracks, empty lead-in bars, bars longer than any token can place).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from yuefu.corpus.grid import MAX_BAR_TICKS, ONSETS, bar_starts, snap_notes, snap_onsets, straighten
from yuefu.errors import InputError
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Part, Score, Section, TempoChange

LOWEST_PITCH, HIGHEST_PITCH = 21, 108
#: Whole quartets come as one file.
MAX_BARS = 4_000
MAX_TICKS = MAX_BARS * 192
MAX_NOTES = 60_000
MIN_EVENTS = 8
#: Least share of onsets that must lie on the grid, or near a 16th or triplet 8th (by chance it is half).
MIN_ON_GRID = 0.62


class Refused(InputError):
    """A piece that the corpus leaves out. reason: a short phrase to count by."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}{': ' + detail if detail else ''}.")
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return (Refused, (self.reason,))


def clean(score: Score) -> Score:
    """The piece on the grid, without duplicate notes, from its first to its last sounding bar.

    Raises Refused when nothing usable is left (empty, absurdly long, not on any grid).
    """
    score = split_long_bars(score)
    _refuse_absurd(score)
    starts, end = bar_starts(score), score.end_tick
    parts = []
    for part in score.parts:
        notes = part.notes
        if not part.is_drums:
            notes = _fold(notes)
        parts.append(part.with_notes(snap_notes(straighten(notes, starts), starts, end)))
    score = replace(
        score,
        parts=tuple(part for part in parts if len(part.notes)),
        chords=_snap_chords(score.chords, starts, end),
        tempos=_clean_tempos(score.tempos),
        metadata=dict(score.metadata),
    )
    return trim(score)


def _refuse_absurd(score: Score) -> None:
    notes = score.note_count
    if notes + len(score.chords) < MIN_EVENTS:
        raise Refused("almost empty", f"{notes} notes")
    if notes > MAX_NOTES:
        raise Refused("too many notes", f"{notes}, at most {MAX_NOTES}")
    if score.last_tick > MAX_TICKS or len(score.bars) > MAX_BARS:
        raise Refused("too long", f"{score.last_tick // 96} bars' worth of 4/4, at most {MAX_BARS} bars")
    onsets = np.concatenate([part.notes["start"] for part in score.parts] or [np.zeros(0, dtype=np.int64)])
    if len(onsets):
        starts = bar_starts(score)
        offset = (onsets - starts[np.clip(np.searchsorted(starts, onsets, side="right") - 1, 0, None)]) % 24
        exact = float(np.isin(offset, ONSETS).mean())  # as written notes are, down to 32nds
        near = float(np.isin(offset, (23, 0, 1, 5, 6, 7, 8, 11, 12, 13, 16, 17, 18, 19)).mean())  # as played ones are
        share = max(exact, near - 2 / 24)
        if share < MIN_ON_GRID:
            raise Refused("not on a grid", f"{share:.0%} of the onsets near a 16th or a triplet")


def _fold(notes: np.ndarray) -> np.ndarray:
    """Pitches outside the piano moved in by octaves."""
    pitch = notes["pitch"]
    if not len(notes) or (pitch.min() >= LOWEST_PITCH and pitch.max() <= HIGHEST_PITCH):
        return notes
    out = notes.copy()
    out["pitch"] = np.where(
        pitch < LOWEST_PITCH,
        pitch + 12 * -(-(LOWEST_PITCH - pitch) // 12),
        np.where(pitch > HIGHEST_PITCH, pitch - 12 * -(-(pitch - HIGHEST_PITCH) // 12), pitch),
    )
    return out


def _snap_chords(chords: tuple[ChordSpan, ...], starts: np.ndarray, end: int) -> tuple[ChordSpan, ...]:
    """Chords on the grid, in order, without overlaps; equal neighbours joined."""
    if not chords:
        return ()
    ordered = sorted(chords, key=lambda c: c.start)
    onset = snap_onsets(np.array([c.start for c in ordered]), starts, end).tolist()
    out: list[ChordSpan] = []
    for i, span in enumerate(ordered):
        finish = max(onset[i], span.start + span.duration)
        if i + 1 < len(ordered):
            finish = min(finish, onset[i + 1]) if onset[i + 1] > onset[i] else onset[i]
        if finish <= onset[i]:
            continue
        if out and out[-1].chord == span.chord and out[-1].start + out[-1].duration == onset[i]:
            out[-1] = replace(out[-1], duration=finish - out[-1].start)
        else:
            out.append(ChordSpan(onset[i], finish - onset[i], span.chord))
    return tuple(out)


def _clean_tempos(tempos: tuple[TempoChange, ...]) -> tuple[TempoChange, ...]:
    """Tempi inside 20-300, and only changes that are heard (2 % or more)."""
    out: list[TempoChange] = []
    for change in tempos:
        bpm = round(min(300.0, max(20.0, change.bpm)), 2)
        if out and abs(bpm - out[-1].bpm) < 0.02 * out[-1].bpm:
            continue
        out.append(TempoChange(change.tick, bpm))
    return tuple(out)


def split_long_bars(score: Score) -> Score:
    """Bars longer than eight quarters as several bars (9/4 as 5/4 and 4/4). Raises Refused where that can't be done."""
    if all(meter.bar_ticks <= MAX_BAR_TICKS for meter in score.meters):
        return score
    meters: list[MeterChange] = []
    ends = [*(meter.tick for meter in score.meters[1:]), score.end_tick]
    for meter, end in zip(score.meters, ends):
        if meter.bar_ticks <= MAX_BAR_TICKS:
            meters.append(meter)
            continue
        unit = meter.bar_ticks // meter.numerator
        pieces = -(-meter.bar_ticks // MAX_BAR_TICKS)
        if unit > MAX_BAR_TICKS or pieces > 8:
            raise Refused("bars too long", f"{meter.numerator}/{meter.denominator}")
        shares = [meter.numerator // pieces + (i < meter.numerator % pieces) for i in range(pieces)]
        if len(set(shares)) == 1:
            meters.append(MeterChange(meter.tick, shares[0], meter.denominator))
            continue
        tick = meter.tick + (score.pickup if meter.tick == 0 else 0)
        if tick > meter.tick:
            meters.append(MeterChange(meter.tick, shares[0], meter.denominator))
        while tick < end:
            for share in shares:
                if tick < end:
                    meters.append(MeterChange(tick, share, meter.denominator))
                tick += share * unit
    pickup = score.pickup % meters[0].bar_ticks
    return replace(score, meters=tuple(meters), pickup=pickup)


def trim(score: Score) -> Score:
    """The score from the first bar that sounds to the last, its times counted from there.

    Raises Refused when no bar sounds.
    """
    firsts = [int(part.notes["start"].min()) for part in score.parts if len(part.notes)]
    lasts = [int((part.notes["start"] + part.notes["duration"]).max()) for part in score.parts if len(part.notes)]
    firsts += [c.start for c in score.chords]
    lasts += [c.start + c.duration for c in score.chords]
    if not firsts:
        raise Refused("almost empty", "no notes and no chords")
    bars = score.bars
    begin = max((bar.start for bar in bars if bar.start <= min(firsts)), default=0)
    final = max(lasts)
    end = next((bar.end for bar in bars if bar.end >= final), bars[-1].end)
    return window(score, begin, end)


def window(score: Score, begin: int, end: int) -> Score:
    """The bars between two bar lines, times counted from ``begin``; notes that start outside are left out."""
    parts: list[Part] = []
    for part in score.parts:
        inside = (part.notes["start"] >= begin) & (part.notes["start"] < end)
        notes = part.notes[inside].copy()
        notes["start"] -= begin
        directions = tuple(replace(d, tick=d.tick - begin) for d in part.directions if begin <= d.tick < end)
        parts.append(replace(part.with_notes(notes), directions=directions))
    chords = []
    for span in score.chords:
        start, finish = max(span.start, begin), min(span.start + span.duration, end)
        if finish > start:
            chords.append(ChordSpan(start - begin, finish - start, span.chord))
    sections = []
    for section in score.sections:
        start, finish = max(section.start, begin), min(section.start + section.duration, end)
        if finish > start:
            sections.append(Section(start - begin, finish - start, section.letter, section.kind))
    tempos = [TempoChange(0, score.tempo_at(begin))]
    tempos += [TempoChange(t.tick - begin, t.bpm) for t in score.tempos if begin < t.tick < end]
    keys = [KeyChange(0, score.key_at(begin))]
    keys += [KeyChange(k.tick - begin, k.key) for k in score.keys if begin < k.tick < end]
    first = score.meter_at(begin)
    meters = [MeterChange(0, first.numerator, first.denominator)]
    meters += [MeterChange(m.tick - begin, m.numerator, m.denominator) for m in score.meters if begin < m.tick < end]
    return replace(
        score,
        parts=tuple(parts),
        chords=tuple(chords),
        sections=tuple(sections),
        tempos=tuple(tempos),
        keys=tuple(keys),
        meters=tuple(meters),
        pickup=score.pickup if begin == 0 else 0,
        length=end - begin,
    )
