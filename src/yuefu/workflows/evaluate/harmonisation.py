"""The suite ``harmonisation``: chords for held-out POP909 songs, by the six measures of Yeh et al. 2021.

Each song's melody is given whole, and `yuefu harmonize` finds chords for it with its defaults; all rows are read as
one triad a half bar. The rows are compared with the human one song by song. About 8 s a song on one core.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from yuefu.evaluation.bootstrap import bootstrap
from yuefu.evaluation.harmony import (
    MEASURES,
    Line,
    Markov,
    Triads,
    greedy,
    measures,
    random_in_key,
    shuffled,
    triad,
)
from yuefu.evaluation.table import Aim, Row, SuiteResult, Table
from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas
from yuefu.progress import Progress
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Part, Score, TempoChange
from yuefu.theory.key import Key
from yuefu.tokens.grid import decode_chords
from yuefu.training.pieces import Piece
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.held_out import canvas_of, held_out, notes_of
from yuefu.workflows.models import load_model
from yuefu.workflows.tasks import harmonize

SET = "pop909"
CLOSE = 5.0  #: percent from human that each measure should stay within


def run(context: SuiteContext) -> SuiteResult:
    """Measure. Raises InputError without held-out songs."""
    songs = [piece for piece in held_out(context, [SET]) if playable(piece)][: context.size(26, 2)]
    train = [piece for piece in held_out(context, [SET], "train") if playable(piece)]
    chain = Markov([song_of(piece)[1] for piece in train])
    model = load_model(context.model)
    bars = 8 if context.quick else None
    found: dict[str, list[dict[str, float]]] = {
        name: [] for name in ("human", "shuffled", "random in key", "greedy", "Markov", "yuefu")
    }
    for number, piece in enumerate(songs):
        context.progress(Progress("harmonisation", number, len(songs), piece.work))
        rng = np.random.default_rng([context.seed, 5, number])
        line, human = song_of(piece, bars)
        rows = {
            "human": human,
            "shuffled": shuffled(human, rng),
            "random in key": random_in_key(len(human), rng),
            "greedy": greedy(line),
            "Markov": chain.draw(len(human), rng),
            "yuefu": harmonised(piece, context.seed + number, bars, context.model),
        }
        for name, chords in rows.items():
            found[name].append(measures(line, chords))
    means, away = tables(found, context.seed)
    return SuiteResult(
        "harmonisation",
        (means, away),
        (_aim(found, context.quick),),
        settings={"model": model.hash, "songs": len(songs), "seed": context.seed},
    )


def playable(piece: Piece) -> bool:
    """Whether a piece has a tune and chords."""
    return all(any(len(cell) for cell in piece.cells.get(row, ())) for row in ("melody", "chords"))


def whole(piece: Piece, bars: int | None = None) -> Canvas:
    """The tune and chords of a piece (or its first bars) in the key of its first bar."""
    return canvas_of(piece, 0, min(bars or len(piece.bars), len(piece.bars)), ("melody", "chords"))


def song_of(piece: Piece, bars: int | None = None) -> tuple[Line, Triads]:
    """A piece's melody, key-normalised by its first bar, and its own triads a half bar."""
    canvas = whole(piece, bars)
    return line_of(canvas), triads_of(canvas)


def slots_of(canvas: Canvas) -> list[int]:
    """The tick where each half bar begins, and the end of the last one."""
    out, start = [], 0
    for bar in canvas.bars:
        half = bar.ticks // 2
        out += [start] if bar.offset >= half else [start, start + half - bar.offset]
        start += bar.sounding
    return [*out, start]


def line_of(canvas: Canvas) -> Line:
    """The tune of a canvas, its notes in order."""
    notes = np.sort(notes_of(canvas.cells.get("melody", []), canvas.bars), order=["start", "pitch"])
    starts = notes["start"].astype(np.int64)
    return Line(
        starts, starts + notes["duration"], notes["pitch"].astype(np.int64), np.array(slots_of(canvas), dtype=np.int64)
    )


def triads_of(canvas: Canvas) -> Triads:
    """One triad a half bar: the chord that sounds when it begins."""
    starts = np.cumsum([0, *(bar.sounding for bar in canvas.bars)])[:-1].tolist()
    return triads_at(decode_chords(canvas.cells["chords"], canvas.bars, starts), slots_of(canvas))


def triads_at(spans: Sequence[ChordSpan], slots: Sequence[int]) -> Triads:
    """The triads that sound where slots begin; the last slot is the end."""
    begins = [span.start for span in spans]
    out: Triads = []
    for slot in slots[:-1]:
        at = int(np.searchsorted(begins, slot, side="right")) - 1
        out.append(triad(spans[at].chord) if at >= 0 else None)
    return out


def tune_of(piece: Piece, bars: int | None = None) -> Score:
    """A piece's tune (or that of its first bars) as a user would have it: key, metre, tempo and style, no chords.

    It begins in C major or A minor.
    """
    canvas = whole(piece, bars)
    starts = np.cumsum([0, *(bar.sounding for bar in canvas.bars)]).tolist()
    notes = np.sort(notes_of(canvas.cells["melody"], canvas.bars), order=["start", "pitch"])
    notes["id"] = np.arange(1, len(notes) + 1)
    keys: list[KeyChange] = []
    meters: list[MeterChange] = []
    for bar, (column, tick) in enumerate(zip(canvas.bars, starts)):
        shift = piece.shifts[bar] - piece.shifts[0] + (9 if piece.modes[bar] == "minor" else 0)
        key = Key.of_tonic(shift % 12, piece.modes[bar])
        if not keys or keys[-1].key != key:
            keys.append(KeyChange(tick, key))
        upper, _, lower = column.meter.partition("/")
        meter = MeterChange(tick, int(upper), int(lower)) if lower else MeterChange(tick, column.ticks // 6, 16)
        if not meters or (meters[-1].numerator, meters[-1].denominator) != (meter.numerator, meter.denominator):
            meters.append(meter)
    return Score(
        title=piece.work, parts=(Part("P1", "melody", "melody", notes=notes),), tempos=(TempoChange(0, piece.bpm),),
        keys=tuple(keys), meters=tuple(meters), pickup=canvas.bars[0].sounding if canvas.bars[0].offset else 0,
        length=starts[-1], metadata={"style": piece.style} if piece.style else {},
    )  # fmt: skip


def harmonised(
    piece: Piece, seed: int, bars: int | None = None, model: Path | None = None, engine: Engine | None = None
) -> Triads:
    """The triads of the chords that ``yuefu harmonize`` finds for a piece's tune. model: a runtime folder, None for
    the shipped one; engine: another one."""
    done = harmonize(tune_of(piece, bars), roles={1: "melody"}, seed=seed, model=model, engine=engine)[0]
    return triads_at(done.score.chords, slots_of(whole(piece, bars)))


def tables(found: dict[str, list[dict[str, float]]], seed: int) -> tuple[Table, Table]:
    """The measures of each row, and how far each lies from human: paired by song, in percent of the human mean."""
    means = [
        Row(name, {m: bootstrap([song[m] for song in songs], seed=seed) for m in MEASURES})
        for name, songs in found.items()
    ]
    away = [
        Row(name, {m: bootstrap(distances(found["human"], songs, m), seed=seed) for m in MEASURES})
        for name, songs in found.items()
        if name != "human"
    ]
    return (
        Table(
            "Chords for held-out POP909 songs",
            MEASURES,
            tuple(means),
            head="chords",
            notes=("Yeh et al. 2021, a triad a half bar; CHE in nats. Intervals: 95%, over songs.",),
        ),
        Table("Distance to the human row, percent", MEASURES, tuple(away), head="chords", digits=1,
              notes=("Differences song by song, in percent of the human mean.",)),
    )  # fmt: skip


def distances(human: Sequence[dict[str, float]], songs: Sequence[dict[str, float]], measure: str) -> list[float]:
    """Song by song, a row's value less the human one, in percent of the human mean."""
    own = np.array([song[measure] for song in songs])
    theirs = np.array([song[measure] for song in human])
    out: list[float] = (100 * (own - theirs) / abs(np.nanmean(theirs))).tolist()
    return out


def _aim(found: dict[str, list[dict[str, float]]], quick: bool) -> Aim:
    away = {m: float(np.nanmean(distances(found["human"], found["yuefu"], m))) for m in MEASURES}
    text = ", ".join(f"{m} {value:+.1f}%" for m, value in away.items())
    met = all(abs(value) <= CLOSE for value in away.values())
    return Aim(f"every measure within {CLOSE:.0f}% of human", text, None if quick else met)
