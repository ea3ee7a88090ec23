"""The suite ``harmonisation``: chords for held-out POP909 songs, by the six measures of Yeh et al. 2021.

Each song's melody is given whole and its chords are written anew; all rows are read as one triad a half bar.
The rows are compared with the human one song by song. About 10 s a song on one core.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yuefu.evaluation.bootstrap import bootstrap
from yuefu.evaluation.harmony import (
    MEASURES,
    TRIADS,
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
from yuefu.generation.constraints import RowRules
from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas, SamplingSettings
from yuefu.progress import Progress
from yuefu.tokens.grid import decode_chords
from yuefu.training.pieces import Piece
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.held_out import canvas_of, held_out, mask_of, notes_of, write
from yuefu.workflows.models import load_model

SET = "pop909"
CLOSE = 5.0  #: percent from human that each measure should stay within
#: Chosen on six songs of the valid part; `yuefu harmonize` has settings of its own (workflows.cell_writing).
SAMPLING = SamplingSettings(chord_temperature=1.0, top_p=1.0)
#: What chords may be: a triad a bar or half bar, leaning a little to the notes that sound.
CHORD_RULES = RowRules(places=(0,), qualities=TRIADS, inversions=False, max_onsets=2, least_onsets=1, fit=2.0)


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
            "yuefu": harmonised(model.engine, piece, rng, bars=bars),
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
    spans = decode_chords(canvas.cells["chords"], canvas.bars, starts)
    begins = [span.start for span in spans]
    out: Triads = []
    for slot in slots_of(canvas)[:-1]:
        at = int(np.searchsorted(begins, slot, side="right")) - 1
        out.append(triad(spans[at].chord) if at >= 0 else None)
    return out


def harmonised(
    engine: Engine,
    piece: Piece,
    rng: np.random.Generator,
    settings: SamplingSettings = SAMPLING,
    rules: RowRules = CHORD_RULES,
    bars: int | None = None,
) -> Triads:
    """The model's triads for a piece's tune."""
    canvas = whole(piece, bars)
    write(engine, canvas, mask_of(canvas, ["melody"], ["chords"]), rng, settings, {"chords": rules})
    return triads_of(canvas)


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
