"""``--style like:FILE``: one piece as a style. Measures it into a ``StyleReference``, and lends what it says.

What is taken over are habits: mode, metre, tempo, line-up, form, the rhythms of its rows, its progressions, how dense
and how high it is, and a few of its bars as what the model hears first. Its lines are kept beside them, so that the
copy guard can turn its own passages away.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from yuefu.analysis.form import segment
from yuefu.analysis.lines import melody_line
from yuefu.analysis.similarity import FingerprintIndex, lines_of, steps
from yuefu.corpus.annotate import annotate
from yuefu.corpus.clean import window
from yuefu.errors import FormatError, InputError
from yuefu.generation.critic import WEIGHTS, reference, tune_measures
from yuefu.generation.fill import Ahead
from yuefu.generation.originality import CopyGuard, PassageIndex
from yuefu.planning.harmony import GROUPS
from yuefu.planning.plan import Plan
from yuefu.recognition.recognizer import style_recognizer
from yuefu.score.files import read_score
from yuefu.score.model import Score
from yuefu.text.brief import Asked, Brief, BriefOptions, read_brief
from yuefu.text.encoder.reading import Understand, understand
from yuefu.text.style_reference import (
    MOST_BARS,
    MOST_FIGURES,
    MOST_PROGRESSIONS,
    MOST_STEPS,
    MOST_TOKENS,
    PREFIX,
    Figure,
    PhraseFigure,
    ReferenceBars,
    StyleReference,
    steps_of,
    steps_text,
)
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS, instrument_for_program
from yuefu.theory.meter import METERS
from yuefu.theory.styles import STYLES, Style, find_style
from yuefu.tokens.facts import density_bin, onsets_and_pitch
from yuefu.tokens.grid import Cell, GridBar
from yuefu.tokens.vocabulary import METERS as GRID_METERS
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.score_canvas import OpenScore, open_score

#: Bars of a piece that are read, at most, and the fewest that say anything.
MOST_READ, FEWEST = 256, 4
PHRASE = 4
#: Longest run of notes that may be as in the piece that is imitated: fewer than of any other piece.
LONGEST_RUN = 9
#: Chord symbols by how rich they are.
_RICH = ("9", "m9", "maj9", "6", "m6", "m7b5", "7sus4", "mmaj7", "add9")
_SEVENTHS = ("7", "m7", "maj7", "dim7")
#: Shares of chords from which a piece is at a level.
RICH_FROM, SEVENTHS_FROM = 0.15, 0.2


def like_source(style: str | None) -> str | None:
    """What a style option names as a piece to write like, None where it names a style.

    >>> like_source("like: song.mid"), like_source("jazz")
    ('song.mid', None)
    """
    if style is None or not style.strip().lower().startswith(PREFIX):
        return None
    return style.strip()[len(PREFIX) :].strip()


def brief_with_reference(
    words: str = "", options: BriefOptions | None = None, understand: Understand = understand
) -> Brief:
    """``read_brief``, where the style may be ``like:FILE``. Raises InputError for a file that can't be read."""
    source = like_source(options.style) if options is not None else None
    if source is None or options is None:
        return read_brief(words, options, understand)
    found = read_reference(source)
    return liking(read_brief(words, replace(options, style=found.style), understand), found)


def liking(brief: Brief, found: StyleReference) -> Brief:
    """A brief that asks to write like a piece."""
    said = (f"{PREFIX}{found.name}",)
    told = {"style": Asked(value=found.style, source="user", words=said)}
    return brief.model_copy(update={**told, "like": Asked(value=found, source="user", words=said)})


def read_reference(path: Path | str) -> StyleReference:
    """The reference of a score file. Raises InputError (FormatError, LimitError), with one sentence."""
    if not str(path).strip():
        raise InputError(f"'{PREFIX}' names no piece: write {PREFIX}FILE, a score such as {PREFIX}song.mid.")
    file = Path(path).expanduser()
    return reference_of(read_score(file), file.name)


def reference_of(score: Score, name: str) -> StyleReference:
    """What a piece is like. Raises InputError for one that is too short to say."""
    score = score if len(score.bars) <= MOST_READ else window(score, 0, score.bars[MOST_READ - 1].end)
    pitched = [part for part in score.parts if len(part.notes) and not part.is_drums]
    if len(score.bars) < FEWEST or not pitched or len(melody_line(score)) < 8:
        raise InputError(f"'{name[:60]}' is too short to write like it: give a piece of {FEWEST} bars or more.")
    piece = open_score(score)
    verdict = style_recognizer()(score)
    style = find_style(verdict.label.key)
    heard = _heard(piece)
    meter = Counter(bar.meter for bar in piece.canvas.bars).most_common(1)[0][0]
    if meter not in METERS or meter not in GRID_METERS:
        raise InputError(
            f"'{name[:60]}' has bars that can't be written here: give a piece in one of {', '.join(METERS)}."
        )
    full = [i for i, bar in enumerate(piece.canvas.bars) if bar.meter == meter and bar.sounding == bar.ticks]
    if len(full) < FEWEST:
        raise InputError(f"'{name[:60]}' has too few whole bars of one metre to write like it.")
    minor = sum(piece.keys[bar].mode == "minor" for bar in full) * 2 > len(full)
    mode = "minor" if minor else "major"
    quarters = sum(bar.sounding for bar in piece.canvas.bars) / 24
    onsets, _ = onsets_and_pitch(cell for row, cells in piece.canvas.cells.items() if row != "chords" for cell in cells)
    opening, closing = _phrases(piece, full)
    pitches = melody_line(score)["pitch"]
    tempo = float(np.clip(round(score.tempos[0].bpm), 20, 300))
    return StyleReference(
        name=name[:120], style=style.key, label=verdict.label.key, share=round(verdict.shares[0][1], 4), mode=mode,
        key=Counter(piece.keys[bar].name for bar in full if piece.keys[bar].mode == mode).most_common(1)[0][0],
        tempo=tempo, meter=meter, swing=_swing(score, style.swing), energy=_energy(tempo, onsets / quarters),
        density=density_bin(onsets / quarters), chord_level=_level(piece),
        tune_range=(int(np.percentile(pitches, 4)), int(np.percentile(pitches, 96))), lineup=_lineup(piece, style),
        form=_form(score), opening=opening, closing=closing, figures=_figures(piece, full), voices=_voices(piece, full),
        progressions=_progressions(piece, full, mode), measures=_measures(heard), bars=_bars(piece, full, mode),
        lines=_lines(score),
    )  # fmt: skip


def _heard(piece: OpenScore) -> Score:
    """The piece with the keys and chords that were heard where none are written."""
    score = piece.score
    return replace(annotate(score, piece.key_source != "estimated"), keys=piece.key_changes or score.keys)


def _onsets(cell: Cell) -> list[int]:
    v = vocabulary()
    return sorted({v.position_ticks[int(token)] for token in cell if int(token) in v.position_ticks})


def _phrases(piece: OpenScore, full: Sequence[int]) -> tuple[list[PhraseFigure], list[PhraseFigure]]:
    """Rhythms of the tune's phrases, those that open a part of eight bars and those that close it."""
    cells = piece.canvas.cells.get("melody", [])
    found: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    inside = set(full)
    start = full[0] if full else 0
    for first in range(start, len(cells) - PHRASE + 1, PHRASE):
        bars = range(first, first + PHRASE)
        rows = [_onsets(cells[bar]) for bar in bars]
        if all(bar in inside for bar in bars) and all(rows):
            found[(first - start) % (2 * PHRASE) > 0]["/".join(" ".join(map(str, row)) for row in rows)] += 1
    opening, closing = ([(text, float(count)) for text, count in c.items()] for c in found)
    return (opening or closing)[:MOST_FIGURES], (closing or opening)[:MOST_FIGURES]


def _figures(piece: OpenScore, full: Sequence[int]) -> dict[str, list[Figure]]:
    """Row -> rhythms of its bars, the commonest first."""
    found = {}
    for row in ("bass", "keys", "counter", "inner", "pad"):
        cells = piece.canvas.cells.get(row)
        counted = Counter(" ".join(map(str, o)) for bar in full if cells and (o := _onsets(cells[bar])))
        if counted:
            found[row] = [(text, float(count)) for text, count in counted.most_common(8)]
    return found


def _voices(piece: OpenScore, full: Sequence[int]) -> dict[str, float]:
    """Row -> notes at once, on average, of the rows that can have several."""
    v = vocabulary()
    found = {}
    for row in ("keys", "pad"):
        cells = piece.canvas.cells.get(row, [])
        notes = sum(1 for bar in full if cells for token in cells[bar] if int(token) in v.duration_ticks)
        onsets = sum(len(_onsets(cells[bar])) for bar in full if cells)
        if onsets:
            found[row] = round(notes / onsets, 2)
    return found


def _chord_events(cell: Cell) -> list[tuple[int, Chord]] | None:
    """(position, chord) of a bar, None where it says that there is none."""
    from yuefu.theory.chord import QUALITY_NAMES

    v = vocabulary()
    ids = [int(token) for token in cell]
    found: list[tuple[int, Chord]] = []
    place = 0
    while place + 1 < len(ids):
        if ids[place + 1] == v.nc:
            return None
        chord = Chord(ids[place + 1] - v.root, QUALITY_NAMES[ids[place + 2] - v.quality])
        found.append((v.position_ticks[ids[place]], chord))
        place += 3
        if place < len(ids) and v.cbass <= ids[place] < v.cbass + 12:
            place += 1
    return found


def _progressions(piece: OpenScore, full: Sequence[int], mode: str) -> list[tuple[list[list[tuple[int, str]]], float]]:
    """Four-bar progressions, at most a chord a half bar; bars without a chord of their own go on with the last one."""
    cells = piece.canvas.cells.get("chords", [])
    inside = set(full)
    counted: Counter[tuple[tuple[tuple[int, str], ...], ...]] = Counter()
    last = ""
    bars: list[tuple[tuple[int, str], ...]] = []
    for bar, cell in enumerate(cells):
        events = _chord_events(cell) or []
        halves: dict[int, str] = {}
        for position, chord in events:
            halves.setdefault(int(position * 3 >= piece.canvas.bars[bar].ticks), chord.symbol())
        if 0 not in halves and last:
            halves[0] = last
        last = halves[max(halves)] if halves else last
        bars.append(tuple(sorted(halves.items())) if 0 in halves else ())
    for first in range(full[0] if full else 0, len(bars) - PHRASE + 1, PHRASE):
        span = range(first, first + PHRASE)
        if all(bar in inside and bars[bar] and piece.keys[bar].mode == mode for bar in span):
            counted[tuple(bars[bar] for bar in span)] += 1
    return [
        ([list(bar) for bar in pattern], float(count))
        for pattern, count in counted.most_common(MOST_PROGRESSIONS)
        if len({symbol for bar in pattern for _, symbol in bar}) > 1
    ]


def _level(piece: OpenScore) -> str:
    """How rich its chords are; those that were heard, not written, are called no richer than sevenths."""
    cells = piece.canvas.cells.get("chords", [])
    qualities = [chord.quality for cell in cells for _, chord in _chord_events(cell) or ()]
    if not qualities:
        return "triads"
    rich, sevenths = (np.mean([q in kinds for q in qualities]) for kinds in (_RICH, _SEVENTHS))
    if rich >= RICH_FROM and piece.chords == "given":
        return "extended"
    return "sevenths" if rich + sevenths >= SEVENTHS_FROM else "triads"


def _lineup(piece: OpenScore, style: Style) -> list[tuple[str, str]]:
    """Who plays which row, a row once; instruments that can't stand for a row are left out.

    A lone tune on a piano is mostly a tune for which nobody said an instrument: the style's own leads then, where it
    plays one note at a time."""
    found: dict[str, str] = {}
    for voice in piece.voices:
        part = piece.score.parts[voice.part]
        if voice.row in found:
            continue
        if part.is_drums:
            found["drums"] = "drums"
            continue
        key = part.instrument if part.instrument in INSTRUMENTS else instrument_for_program(part.program).key
        if voice.row in INSTRUMENTS[key].roles:
            found[voice.row] = key
    if list(found) == ["melody"] and INSTRUMENTS[found["melody"]].polyphonic:
        leads = [dict(lineup).get("melody", "") for lineup in style.lineups]
        found["melody"] = next((key for key in leads if key and not INSTRUMENTS[key].polyphonic), "flute")
    return list(found.items())


def _form(score: Score) -> str:
    """Its sections with their bars, as written or as they are heard; of a long piece the first."""
    sections = score.sections or segment(score)
    bars = score.bars
    starts = [bar.start for bar in bars]
    shift = 1 if score.pickup else 0
    items: list[str] = []
    total = 0
    for section in sections:
        first = int(np.searchsorted(starts, section.start))
        last = int(np.searchsorted(starts, section.start + section.duration))
        count = last - max(first, shift)
        if count < 1 or total + count > MOST_READ or len(items) >= 16:
            continue
        letter = (section.letter or "A")[:2]
        if letter[0] not in "ABCDEFGH" or section.kind in ("intro", "outro"):
            letter = {"intro": "intro", "outro": "outro"}.get(section.kind, "C")
        items.append(f"{letter}:{count}")
        total += count
    return " ".join(items) or f"A:{max(len(bars) - shift, 1)}"


def _swing(score: Score, usual: float) -> float:
    """0 straight to 1: what the piece itself says, else the style's."""
    told = score.metadata.get("swing")
    return float(np.clip(told, 0, 1)) if isinstance(told, int | float) else usual


def _energy(tempo: float, onsets: float) -> float:
    """0..1 by how many notes are struck in a second."""
    return round(float(np.clip(0.25 + 0.11 * onsets * tempo / 60, 0.15, 0.9)), 3)


def _stretches(score: Score, bars: int = 8) -> Iterable[Score]:
    columns = score.bars[1:] if score.pickup else score.bars
    for first in range(0, max(len(columns) - bars + 1, 1), bars):
        inside = columns[first : first + bars]
        yield window(score, inside[0].start, inside[-1].end)


def _measures(heard: Score) -> dict[str, tuple[float, float]]:
    """The critic's measures over stretches of eight bars: mean and spread."""
    rows = [tune_measures(stretch) for _, stretch in zip(range(12), _stretches(heard))]
    found = {}
    for name in WEIGHTS:
        values = [row[name] for row in rows if not math.isnan(row[name])]
        if values:
            found[name] = (round(float(np.mean(values)), 4), round(float(np.std(values)), 4))
    return found


def _bars(piece: OpenScore, full: Sequence[int], mode: str) -> ReferenceBars | None:
    """Bars that are told to the model before its own: the run of whole bars in the piece's mode with most in it."""
    canvas = piece.canvas
    best: tuple[int, int] | None = None
    for first in range(0, len(canvas.bars) - PHRASE + 1, PHRASE):
        span = range(first, min(first + MOST_BARS, len(canvas.bars)))
        if not all(bar in set(full) and piece.keys[bar].mode == mode for bar in span):
            continue
        rows = sum(any(len(cells[bar]) for bar in span) for cells in canvas.cells.values()) * len(span)
        if best is None or rows > best[0]:
            best = (rows, first)
    if best is None:
        return None
    span = range(best[1], min(best[1] + MOST_BARS, len(canvas.bars)))
    cells = {
        row: [[int(token) for token in own[bar]] for bar in span]
        for row, own in canvas.cells.items()
        if any(len(own[bar]) for bar in span) and all(len(own[bar]) <= MOST_TOKENS for bar in span)
    }
    return ReferenceBars(meter=canvas.bars[best[1]].meter, ticks=canvas.bars[best[1]].ticks, cells=cells)


def _lines(score: Score) -> list[str]:
    """The lines whose passages must not be written again."""
    found, left = [], MOST_STEPS
    for line in lines_of(score)[:8]:
        intervals, rhythm = steps(line)
        taken = min(len(intervals), left)
        if taken > 1:
            found.append(steps_text(intervals[:taken].tobytes(), rhythm[:taken].tobytes()))
            left -= taken
    return found


# What a run takes from a reference.


def passages_of(found: StyleReference) -> PassageIndex:
    """The reference's own passages, for the copy guard."""
    mark = np.array([127], dtype=np.int8)
    intervals: list[np.ndarray] = []
    rhythm: list[np.ndarray] = []
    offsets, place = [], 0
    for text in found.lines:
        own = [np.frombuffer(data, dtype=np.int8) for data in steps_of(text)]
        intervals += [own[0], mark]
        rhythm += [own[1], mark]
        offsets.append(place)
        place += len(own[0]) + 1
    empty = np.zeros(0, dtype=np.int8)
    index = FingerprintIndex(
        np.concatenate([empty, *intervals]), np.concatenate([empty, *rhythm]), np.array(offsets, dtype=np.int64),
        np.zeros(len(offsets), dtype=np.int64), (found.name,), ("",),
    )  # fmt: skip
    return PassageIndex(index, LONGEST_RUN)


def guard_of(passages: PassageIndex | None, found: StyleReference | None) -> CopyGuard | None:
    """What turns copied notes away: passages of the training corpus, and of a piece that is written like."""
    own = passages_of(found) if found is not None and found.lines else None
    if own is None:
        return None if passages is None else CopyGuard(passages)
    return CopyGuard(own) if passages is None else CopyGuard(passages, own)


def ahead_of(found: StyleReference, plan: Plan) -> Ahead | None:
    """The reference's bars for the model to hear before a plan's first, where mode and metre are the same.

    Raises FormatError for bars that the grid doesn't have.
    """
    bars = found.bars
    if bars is None or bars.meter != plan.meter or not plan.key.endswith(found.mode):
        return None
    v = vocabulary()
    if bars.meter not in GRID_METERS or any(token >= len(v) for own in bars.cells.values() for c in own for token in c):
        raise FormatError("the bars to write like aren't of this version's grid: name the file again.")
    cells = {row: [np.array(cell, dtype=np.int16) for cell in own] for row, own in bars.cells.items()}
    return Ahead([GridBar(bars.meter, bars.ticks)] * bars.count, cells)


def judging_table(found: StyleReference) -> dict[str, tuple[float, float]]:
    """What the critic compares a tune with: the reference's means, with half its group's spreads at least."""
    usual = reference().get(GROUPS.get(STYLES[found.style].corpus_label, "pop")) or reference()["pop"]
    return {name: (mean, max(spread, 0.5 * usual[name][1])) for name, (mean, spread) in found.measures.items()}


def nearness(score: Score, found: StyleReference) -> dict[str, Any]:
    """How near a piece came: how far the named style's usual tune and this one lie from the reference, in spreads of
    the style over the critic's measures, and the longest run of notes that it shares with it."""
    usual = reference().get(GROUPS.get(STYLES[found.style].corpus_label, "pop")) or reference()["pop"]
    own = _measures(score)
    names = [name for name in found.measures if name in own and name in usual]

    def apart(values: dict[str, tuple[float, float]]) -> float | None:
        gaps = [abs(values[n][0] - found.measures[n][0]) / max(usual[n][1], 1e-6) for n in names]
        return round(float(np.mean(gaps)), 3) if gaps else None

    run = passages_of(found).index.nearest(score).longest_shared_run if found.lines else 0
    return {"usual": apart(usual), "this": apart(own), "longest_shared_run": run}
