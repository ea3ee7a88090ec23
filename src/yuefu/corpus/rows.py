"""Any scoring as rows by role: at most one part for each of melody, counter, inner, bass, keys, pad, drums.

What is heard decides, more than what a file says: many files name no instruments. Lines (parts
with one note at a time) become melody, counter, inner and bass by register and prominence; chordal
parts become keys (struck or plucked) or pad (sustained); a bass is read off the lowest chordal part
when no part plays one. In larger scorings the melody is carried by whoever has it (``lines.relay``).
melody, counter, inner and bass hold one note at a time, keys and pad at most six.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yuefu.corpus.grid import bar_starts, monophonic
from yuefu.corpus.lines import bass_line, merge, polyphony, thin, top_line, two_voices, without
from yuefu.corpus.lines import relay as relay_lines
from yuefu.score.model import NOTE_ROWS, Notes, Part, Score, renumber

#: Above this many notes at a time on average a part is chordal.
CHORDAL = 1.25
_VOICE_PROGRAMS = frozenset({52, 53, 54, 85})
_BASS_PROGRAMS = frozenset({*range(32, 40), 43, 58})
_SUSTAINED = frozenset({*range(16, 24), *range(40, 45), *range(48, 55), *range(56, 80), *range(88, 96), 109, 111})
#: Struck wood, taiko, reverse cymbal and sound effects: no part of the harmony.
_NOISES = frozenset({113, *range(115, 128)})
_NAMES: dict[str, re.Pattern[str]] = {
    "melody": re.compile(r"melod|lead|vocal|voice|voix|sing|solo|soprano|superius|cantus|canto|主旋律|唱", re.I),
    "bass": re.compile(r"\bbass(?!oon|et)|contrabass|\bbasso|violone|tuba\b|贝斯", re.I),
    "pad": re.compile(r"\bpad\b|organ|string(?!s? quartet)|choir|chorus|ensemble|铺底|弦乐", re.I),
    "keys": re.compile(r"piano|keyb|guitar|harps|harp\b|clav|lute|chord|comp|rhythm|钢琴|吉他", re.I),
}
_KEYBOARD_SCORING = re.compile(
    r"^\W*(\d\s*|solo\s*|classical\s*|fortepiano|pianoforte)?(piano|harpsichord|clavichord|clavier|organ|guitar|lute|harp"
    r"|keyboard|koto|shamisen|celesta|virginal|pedal|clavecin)",
    re.I,
)
_OTHERS = re.compile(
    r"voice|violin|flute|choir|clarinet|trumpet|horn|oboe|cello|viola|soprano|satb|and |&|orchestra", re.I
)


#: Row -> (the part whose name and sound it takes, its notes).
Rows = dict[str, tuple[Part, Notes]]


@dataclass(frozen=True)
class Voice:
    """A part with what is heard in it."""

    part: Part
    polyphony: float
    pitch: float  # mean, weighted by duration
    cover: float  # share of the piece's bars in which it plays
    sung: bool

    @property
    def notes(self) -> Notes:
        """The part's notes."""
        return self.part.notes

    @property
    def chordal(self) -> bool:
        """Whether it plays several notes at a time."""
        return self.polyphony > CHORDAL

    def says(self, role: str) -> bool:
        """Whether its name speaks of a role."""
        return bool(_NAMES[role].search(self.part.name))


@dataclass(frozen=True)
class Frame:
    """The bar lines that the lines are measured against."""

    starts: np.ndarray
    end: int
    half_bar: int


def assign_rows(score: Score) -> Score:
    """The score with at most one part a row, notes renumbered; its chords, sections and maps as they were.

    Parts without notes disappear. The score's notes must be on the grid (``clean`` first). What a
    reader knows of the scoring it may say in ``metadata["layout"]`` (used up here): ``"lines"``
    (parts in order are melody, counter, inner, bass), ``"staves"`` (four voices on two staves),
    ``"keyboard"`` (one player), ``"song"`` (a singer and accompaniment).
    """
    sounding = tuple(part for part in score.parts if len(part.notes))
    musical = tuple(part for part in sounding if part.is_drums or part.program not in _NOISES)
    score = renumber(replace(score, parts=musical or sounding))
    drums = [part for part in score.parts if part.is_drums]
    starts = bar_starts(score)
    frame = Frame(starts, score.end_tick, half_bar_of(score))
    voices = [_describe(part, frame) for part in score.parts if not part.is_drums]
    rows: Rows = {}
    if voices:
        layout = str(score.metadata.get("layout", ""))
        rows = _by_layout(voices, frame, layout) or _assign(voices, frame, str(score.metadata.get("instrument", "")))
    if drums:
        rows["drums"] = (drums[0], _drum_hits(drums))
    metadata = {key: value for key, value in score.metadata.items() if key != "layout"}
    parts = [_as_row(role, *rows[role]) for role in NOTE_ROWS if role in rows and len(rows[role][1])]
    return renumber(replace(score, parts=tuple(parts), metadata=metadata))


def single_lines(score: Score) -> Score:
    """The score with one note at a time in the rows that are single lines, for sets that name their own rows.

    What their annotators or players let overlap (a legato release, a doubled onset) is trimmed, as
    ``assign_rows`` does for every other set.
    """
    parts = [
        part.with_notes(monophonic(part.notes)) if part.role in ("melody", "counter", "inner", "bass") else part
        for part in score.parts
    ]
    return replace(score, parts=tuple(parts))


def half_bar_of(score: Score) -> int:
    """Ticks of half a bar where bars halve (4/4, 6/8), of a bar where they don't (3/4, 2/4)."""
    meter = score.meters[0]
    if len(score.meters) > 1:
        spans = [
            (following - m.tick, m)
            for m, following in zip(score.meters, [*(x.tick for x in score.meters[1:]), score.end_tick])
        ]
        meter = max(spans, key=lambda s: s[0])[1]
    bar = meter.bar_ticks
    return bar // 2 if meter.numerator in (4, 6, 8, 12) and bar >= 72 else bar


def _describe(part: Part, frame: Frame) -> Voice:
    notes = part.notes
    weights = np.maximum(notes["duration"].astype(float), 1.0)
    bars = np.unique(np.searchsorted(frame.starts, notes["start"], side="right"))
    return Voice(
        part=part,
        polyphony=polyphony(notes),
        pitch=float(np.average(notes["pitch"], weights=weights)),
        cover=len(bars) / max(1, len(frame.starts)),
        sung=bool(part.syllables) or part.program in _VOICE_PROGRAMS,
    )


def _as_row(role: str, part: Part, notes: Notes) -> Part:
    """The part that becomes a row: the source's name and sound, the row's notes and role."""
    return replace(part.with_notes(notes), id=role, role=role)


def _drum_hits(drums: Sequence[Part]) -> Notes:
    """All drum parts as one, one hit for each pitch and onset."""
    notes = merge([part.notes for part in drums])
    order = np.lexsort((-notes["velocity"], notes["pitch"], notes["start"]))
    notes = notes[order]
    same = np.append(False, (np.diff(notes["start"]) == 0) & (np.diff(notes["pitch"]) == 0))
    return notes[~same]


def _by_layout(voices: list[Voice], frame: Frame, layout: str) -> Rows | None:
    """The rows of a scoring that the reader knows, or None where the notes don't bear it out."""
    if layout == "lines" and 1 <= len(voices) <= 4:
        roles = ("melody", "counter", "inner", "bass")[: len(voices)]
        return {r: (v.part, monophonic(v.notes, top=r != "bass")) for r, v in zip(roles, voices)}
    if layout == "staves" and len(voices) == 2:
        return _four_voices(voices, least=0.3)
    if layout == "keyboard" and len(voices) <= 3:
        return solo(voices, frame, keyboard=True)
    if layout == "song":
        sung = [v for v in voices if v.part.syllables]
        others = [v for v in voices if not v.part.syllables]
        if sung and others:
            singer = max(sung, key=lambda v: len(v.part.syllables))
            part = replace(singer.part, program=53, instrument=singer.part.instrument or "voice")
            rows = accompaniment(others, frame)
            rows["melody"] = (part, monophonic(singer.notes))
            second = [v for v in sung if v is not singer]
            if second:
                rows["counter"] = (second[0].part, monophonic(second[0].notes))
            return rows
    return None


def accompaniment(voices: Sequence[Voice], frame: Frame) -> Rows:
    """What goes with a tune that is elsewhere: a bass read off the lowest notes, and the rest as keys."""
    everything = merge([v.notes for v in voices])
    main = max(voices, key=lambda v: len(v.notes))
    bass = bass_line(everything, frame.half_bar)
    return {"bass": (main.part, bass), "keys": (main.part, thin(without(everything, bass)))}


def _assign(voices: list[Voice], frame: Frame, scoring: str) -> Rows:
    keyboard = bool(_KEYBOARD_SCORING.match(scoring)) and not _OTHERS.search(scoring)
    if len(voices) <= 5:
        voices = _gather(voices, frame)
    lines = [v for v in voices if not v.chordal]
    chordal = [v for v in voices if v.chordal]
    if keyboard and len(voices) <= 4 and (chordal or len(voices) <= 2):
        return solo(voices, frame)
    if chordal and not lines:
        if len(chordal) <= 2 and (voices_apart := _four_voices(chordal)):
            return voices_apart
        if len(chordal) <= 3 and not any(v.sung or v.says("melody") for v in chordal):
            return solo(chordal, frame)
        return band(voices, frame)
    if not chordal and len(lines) <= 4:
        return ensemble(lines)
    if len(voices) <= 3 and not any(v.sung for v in voices) and _one_keyboard(voices):
        return solo(voices, frame)
    return band(voices, frame)


def _gather(voices: list[Voice], frame: Frame) -> list[Voice]:
    """The voices with passing ones (a few notes in a few bars) joined to the nearest by register."""
    total = sum(len(v.notes) for v in voices)
    small = [v for v in voices if len(v.notes) < 0.06 * total and v.cover < 0.2 and not v.sung]
    large = [v for v in voices if v not in small]
    if not small or not large:
        return voices
    joined = {id(v): [v.notes] for v in large}
    for voice in small:
        joined[id(min(large, key=lambda v: abs(v.pitch - voice.pitch)))].append(voice.notes)
    return [_describe(v.part.with_notes(merge(joined[id(v)])), frame) for v in large]


def _without_doublings(voices: list[Voice]) -> list[Voice]:
    """The voices without lines that only double another voice, at the unison or in octaves."""
    ranked = sorted(voices, key=prominence, reverse=True)
    kept: list[tuple[Voice, set[int]]] = []
    for voice in ranked:
        places = set((voice.notes["start"].astype(np.int64) * 12 + voice.notes["pitch"] % 12).tolist())
        doubled = any(len(places & theirs) >= 0.85 * len(places) for _, theirs in kept)
        if not doubled or voice.chordal or _is_bass(voice):
            kept.append((voice, places))
    chosen = {id(voice) for voice, _ in kept}
    return [voice for voice in voices if id(voice) in chosen]


def _one_keyboard(voices: Sequence[Voice]) -> bool:
    """Whether two or three staves are one keyboard: a single sound, and the single line isn't on top."""
    if len({v.part.program // 8 for v in voices}) > 1:
        return False
    ranked = sorted(voices, key=lambda v: -v.pitch)
    return ranked[0].chordal or len(voices) == 2


def solo(voices: Sequence[Voice], frame: Frame, keyboard: bool = False) -> Rows:
    """One player (piano, guitar, organ): the top line, the bass, and the rest as keys."""
    ranked = sorted(voices, key=lambda v: -v.pitch)
    everything = merge([v.notes for v in voices])
    mean = float(np.average(everything["pitch"]))
    if len(ranked) == 1:
        if (
            not keyboard and ranked[0].polyphony < 1.4 and mean > 52
        ):  # a violin with double stops: a line and what goes with it
            melody = monophonic(everything)
            return {"melody": (ranked[0].part, melody), "counter": (ranked[0].part, _second(everything, melody))}
        upper = lower = everything
    else:
        upper, lower = ranked[0].notes, merge([v.notes for v in ranked[1:]])
        low = ranked[-1]
        if len(ranked) == 3 and not low.chordal:  # an organ's pedals
            upper, lower = merge([v.notes for v in ranked[:2]]), low.notes
    melody = top_line(upper, floor=min(55, int(mean) - 4))
    rest = without(lower, melody)
    single = len(ranked) > 1 and polyphony(lower) < 1.15
    if single and _stepwise(lower):
        bass = monophonic(rest, top=False)
    else:
        bass = bass_line(rest, frame.half_bar)
    keys = thin(without(without(everything, melody), bass))
    part = ranked[0].part
    return {"melody": (part, melody), "bass": (ranked[-1].part, bass), "keys": (part, keys)}


def _stepwise(notes: Notes) -> bool:
    """Whether a line moves as melodies do, not as broken chords do."""
    if len(notes) < 4:
        return True
    return float(np.abs(np.diff(notes["pitch"].astype(int))).mean()) <= 3.6


def _second(everything: Notes, melody: Notes) -> Notes:
    rest = monophonic(without(everything, melody))
    return rest if len(rest) >= 0.05 * len(everything) else rest[:0]


def _four_voices(chordal: Sequence[Voice], least: float = 0.6) -> Rows | None:
    """A hymn on two staves (or one) as four voices, or None when the notes aren't in four voices."""
    if len(chordal) != 2:
        return None
    ranked = sorted(chordal, key=lambda v: -v.pitch)
    for voice in ranked:
        _, counts = np.unique(voice.notes["start"], return_counts=True)
        if float((counts > 2).mean()) > 0.1 or float((counts == 2).mean()) < least:
            return None
    soprano, alto = two_voices(ranked[0].notes)
    tenor, bass = two_voices(ranked[1].notes)
    upper, lower = ranked[0].part, ranked[1].part
    return {"melody": (upper, soprano), "counter": (upper, alto), "inner": (lower, tenor), "bass": (lower, bass)}


def ensemble(lines: Sequence[Voice]) -> Rows:
    """One to four single lines, from the top: melody, counter, inner, bass.

    Of two or three, the lowest is a bass only when it lies in a bass's register.
    """
    ranked = sorted(lines, key=lambda v: (not (v.sung and len(lines) <= 2), -v.pitch))
    sung = [v for v in ranked if v.sung]
    if len(sung) == 1 and len(ranked) > 1:  # a singer among instruments has the tune
        ranked = sung + [v for v in ranked if not v.sung]
    roles = ["melody", "counter", "inner", "bass"][: len(ranked)]
    if len(ranked) in (2, 3):
        low = min(ranked, key=lambda v: v.pitch)
        if low is ranked[-1] and (low.pitch < 55 or low.part.program in _BASS_PROGRAMS or low.says("bass")):
            roles[-1] = "bass"
    return {role: (v.part, monophonic(v.notes, top=role != "bass")) for role, v in zip(roles, ranked)}


def band(voices: Sequence[Voice], frame: Frame) -> Rows:
    """A band, an orchestra, a singer with accompaniment.

    The bass is the most active low single line; the other lines compete for melody, counter and
    inner by prominence; chordal parts go to keys or pad by how they sound; lines left over join
    the pad (or the keys, when struck).
    """
    rows: Rows = {}
    left = _without_doublings(list(voices))
    basses = [v for v in left if _is_bass(v)]
    lines = [v for v in left if not v.chordal and v not in basses]
    if not basses:
        low = [v for v in lines if v.pitch < 52 and v.cover > 0.3]
        if low and len(lines) > 1:
            basses = [min(low, key=lambda v: v.pitch)]
    if basses:
        basses.sort(key=lambda v: (-round(v.cover, 1), v.pitch))
        line = relay_lines([monophonic(v.notes, top=False) for v in basses], frame.starts, frame.end)
        rows["bass"] = (basses[0].part, line)
        left = [v for v in left if v not in basses]
    leads = sorted((v for v in left if not v.chordal or v.sung or v.says("melody")), key=prominence, reverse=True)
    if leads:
        first = leads[0]
        chosen = [first]
        if not first.sung:  # an instrumental tune may change hands; a singer's rests stay rests
            chosen += [v for v in leads[1:] if prominence(v) > 0.6 * prominence(first) and _disjoint(first, v, frame)]
        rows["melody"] = (first.part, relay_lines([monophonic(v.notes) for v in chosen], frame.starts, frame.end))
        left = [v for v in left if v not in chosen]
        for role in ("counter", "inner"):
            rest = sorted((v for v in left if not v.chordal), key=lambda v: (-round(v.cover * 5), -v.pitch))
            if rest:
                rows[role] = (rest[0].part, monophonic(rest[0].notes))
                left = [v for v in left if v is not rest[0]]
    keys = [v for v in left if not _sustains(v)]
    pads = [v for v in left if _sustains(v)]
    if "melody" not in rows:
        source = max([v for v in left if v.chordal] or left, key=lambda v: v.pitch * min(1.0, v.cover * 2))
        melody = top_line(source.notes)
        rows["melody"] = (source.part, melody)
        keys = [_less(v, melody) for v in keys]
        pads = [_less(v, melody) for v in pads]
    if "bass" not in rows and (keys or pads):
        pool = [v for v in (keys or pads) if len(v.notes)]
        if pool:
            source = min(pool, key=lambda v: v.pitch)
            bass = bass_line(merge([v.notes for v in pool]), frame.half_bar)
            if len(bass) >= 0.03 * sum(len(v.notes) for v in pool):
                rows["bass"] = (source.part, bass)
                keys = [_less(v, bass) for v in keys]
                pads = [_less(v, bass) for v in pads]
    for role, group in (("keys", keys), ("pad", pads)):
        group = [v for v in group if len(v.notes)]
        if group:
            main = max(group, key=lambda v: (v.chordal, len(v.notes)))
            rows[role] = (main.part, thin(merge([v.notes for v in group])))
    return rows


def _less(voice: Voice, taken: Notes) -> Voice:
    return replace(voice, part=voice.part.with_notes(without(voice.notes, taken)))


def _is_bass(voice: Voice) -> bool:
    """A bass by its sound or name, if it plays low single notes."""
    low = voice.pitch < 57 and voice.polyphony < 1.4
    return low and not voice.sung and (voice.part.program in _BASS_PROGRAMS or voice.says("bass"))


def _sustains(voice: Voice) -> bool:
    """Whether a part belongs to the pad: by its program, else by its name."""
    if voice.part.program in _SUSTAINED:
        return True
    return voice.part.program == 0 and voice.says("pad") and not voice.says("keys")


def prominence(voice: Voice) -> float:
    """How much a part sounds like the tune (higher is more): sung, named so, in register, active, loud."""
    notes = voice.notes
    score = 1.0 + 2.0 * voice.cover
    score += 3.0 if voice.sung else 0.0
    score += 2.0 if voice.says("melody") else 0.0
    score += 1.0 if 58 <= voice.pitch <= 84 else -0.5
    score += 0.03 * (min(voice.pitch, 79.0) - 60.0)
    variety = len(np.unique(notes["pitch"])) / max(1.0, min(24.0, len(notes) ** 0.5))
    score += min(1.0, variety / 1.5)
    score += 0.01 * (float(notes["velocity"].mean()) - 80.0)
    if voice.says("keys") or voice.says("pad"):
        score -= 0.7
    return max(score, 0.1)


def _disjoint(first: Voice, other: Voice, frame: Frame) -> bool:
    """Whether another part plays mostly in bars where the first rests."""
    mine = set(np.searchsorted(frame.starts, first.notes["start"], side="right").tolist())
    theirs = set(np.searchsorted(frame.starts, other.notes["start"], side="right").tolist())
    return len(theirs - mine) >= 0.5 * len(theirs)
