"""The suite ``likelihood``: nats of held-out works under the shipped runtime, and whether each row listens.

Held-out windows of 8 bars from the corpus' test part, with the tasks, masks and headers that training
draws. A set's share of the windows goes by the square root of its bars, whatever the model learnt from, so
that models can be compared. Sequences are scored whole by ``generation.scorer``, over the full vocabulary
(nothing is ruled out as in generation), and only what the model writes counts: the filled cells and
their ``END``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from yuefu.corpus.store import set_names
from yuefu.errors import InputError
from yuefu.evaluation.ngrams import Bigram
from yuefu.evaluation.plots import bar_plot
from yuefu.evaluation.table import Row, SuiteResult, Table, Value
from yuefu.evaluation.tally import Tally
from yuefu.generation.scorer import Scorer
from yuefu.progress import Progress
from yuefu.score.model import ROWS
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.dataset import load_pieces
from yuefu.training.masking import TASKS, Sample, cut, draw, facts_header
from yuefu.training.pieces import Piece
from yuefu.training.samples import fitting, labelled_ids, spread
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.listening import BARS, COLUMNS, MOST_TOKENS, Effort, listen
from yuefu.workflows.models import load_model

#: Kinds of token that begin a chord, a note or a drum sound: what "a note" counts.
NOTE_KINDS = ("ROOT", "NC", "PITCH", "HIT")
KINDS = ("POS", "ROOT", "QUALITY", "CBASS", "NC", "HOLD", "PITCH", "DUR", "HIT", "END")


def run(context: SuiteContext) -> SuiteResult:
    """Measure. Raises InputError without a built corpus that has a test and a training part."""
    folder = context.built_corpus()
    names = set_names(folder)
    if not names:
        raise InputError(f"'{folder}' holds no built corpus: run `yuefu corpus build` first.")
    model = load_model(context.model)
    scorer = Scorer(model.folder, threads=context.jobs)
    pieces = load_pieces(folder, names, context.progress)
    test = [piece for piece in pieces if piece.split == "test"]
    train = [piece for piece in pieces if piece.split == "train"]
    if not test or not train:
        raise InputError(f"'{folder}' has no {'test' if not test else 'training'} part: build more of its sets.")
    count = context.size(600, 12)
    samples = list(held_out_windows(test, count, context.seed))
    baselines = row_bigrams(train, 150 if context.quick else 2000, context.seed)
    tally = Tally()
    for number, (piece, sample) in enumerate(samples):
        context.progress(Progress("likelihood", number, len(samples), piece.set))
        _score(scorer, baselines, piece, sample, tally)
    effort = Effort(
        windows=max(3, count // 6), examples=1000 if context.quick else 20_000, epochs=4 if context.quick else 10
    )
    listening, aims = listen(scorer, train, test, effort, context.seed, context.progress, judged=not context.quick)
    tables = (_rows_table(tally), _kinds_table(tally), _one("task", list(TASKS), tally), _one("set", names, tally))
    rows = [row.name for row in tables[0].rows]
    plots = bar_plot(
        "rows",
        "Held-out nats a token, by row",
        rows,
        {name: [tally.interval((name, row)) for row in rows] for name in ("unigram", "bigram", "row")},
        "nats a token",
    )
    columns = [column for column in COLUMNS if column not in ("unigram", "bigram")]
    series = {column: [row.values[column] for row in listening.rows] for column in columns}
    plots += bar_plot("listening", listening.title, [row.name for row in listening.rows], series, "nats")  # type: ignore[arg-type]
    return SuiteResult(
        "likelihood",
        (*tables, listening),
        aims,
        plots,
        {"model": model.hash, "windows": len(samples), "windows a probe": effort.windows, "seed": context.seed},
    )


def held_out_windows(pieces: Sequence[Piece], count: int, seed: int) -> Iterator[tuple[Piece, Sample]]:
    """At most ``count`` windows with a drawn task each; silent stretches are passed over."""
    for piece, rng in spread(pieces, count, seed):
        draws = (lambda bars, piece=piece, rng=rng: draw(piece, bars, rng) for _ in range(4))
        sample = next((s for lay in draws if (s := fitting(piece, BARS, MOST_TOKENS, lay)) is not None), None)
        if sample is not None:
            yield piece, sample


def _score(scorer: Scorer, baselines: dict[str, Bigram], piece: Piece, sample: Sample, tally: Tally) -> None:
    """Add a sample's nats to the tally, by row, kind, task and set."""
    v = vocabulary()
    work = f"{piece.set}/{piece.work}"
    ids, rows = labelled_ids(sample)
    nats = scorer.token_nats(ids)
    for place, row in enumerate(rows):
        if row is None:
            continue
        kind = v.kind(ids[place])
        for key in (("row", row), ("kind", row, kind), ("task", sample.task), ("set", piece.set), ("all", "")):
            tally.add(key, work, float(nats[place]))
        # Everything that a row costs, shared among its chords, notes or drum sounds.
        tally.add(("note", row), work, float(nats[place]), int(kind in NOTE_KINDS))
    for row in {row for row in rows if row is not None}:
        if row in baselines:
            places = np.array([i for i, name in enumerate(rows) if name == row])
            tokens = np.array(ids)[places]
            previous = np.array([ids[i - 1] if rows[i - 1] == row else v.bar for i in places])
            tally.add(("unigram", row), work, float(baselines[row].unigram_nats(tokens).sum()), len(tokens))
            tally.add(("bigram", row), work, float(baselines[row].bigram_nats(previous, tokens).sum()), len(tokens))


def row_bigrams(train: Sequence[Piece], count: int, seed: int) -> dict[str, Bigram]:
    """Row -> counts of its tokens, ``END`` included, in windows of the training part."""
    v = vocabulary()
    found: dict[str, Bigram] = {}
    for piece, rng in spread(train, count, seed + 1):
        bars = min(BARS, len(piece.bars))
        start = int(rng.integers(0, len(piece.bars) - bars + 1))
        window = cut(piece, start, bars, facts_header(piece, start, bars))
        for row, cells in window.cells.items():
            counts = found.setdefault(row, Bigram(len(v), len(v)))
            for cell in cells:
                tokens = np.array([*cell, v.end], dtype=np.int64)
                counts.add(np.array([v.bar, *tokens[:-1]], dtype=np.int64), tokens)
    return found


def _rows_table(tally: Tally) -> Table:
    rows = [row for row in ROWS if tally.has(("row", row))]
    body = []
    for row in rows:
        values: dict[str, Value] = {
            "unigram": tally.interval(("unigram", row)),
            "bigram": tally.interval(("bigram", row)),
            "yuefu": tally.interval(("row", row)),
            "nats a note": tally.interval(("note", row)),
            "tokens": int(tally.count(("row", row))),
            "notes": int(tally.count(("note", row))),
        }
        body.append(Row(row, values))
    every: dict[str, Value] = {"yuefu": tally.interval(("all", "")), "tokens": int(tally.count(("all", "")))}
    return Table(
        "Held-out nats a token, by row",
        ("unigram", "bigram", "yuefu", "nats a note", "tokens", "notes"),
        (*body, Row("all", every)),
        head="row",
        notes=(
            "unigram and bigram: of the row's own tokens, counted on the training part. nats a note: all that the row "
            "costs (positions, durations and END too), by chords, notes or drum sounds. Intervals: 95%, over works.",
        ),
    )


def _kinds_table(tally: Tally) -> Table:
    rows = []
    for row in ROWS:
        found = {kind: tally.mean(("kind", row, kind)) for kind in KINDS if tally.has(("kind", row, kind))}
        if found:
            rows.append(Row(row, found))
    return Table("Held-out nats a token, by row and kind of token", KINDS, tuple(rows), head="row")


def _one(what: str, names: Sequence[str], tally: Tally) -> Table:
    """The table of one division."""
    rows = [
        Row(name, {"nats a token": tally.interval((what, name)), "tokens": int(tally.count((what, name)))})
        for name in names
        if tally.has((what, name))
    ]
    return Table(f"Held-out nats a token, by {what}", ("nats a token", "tokens"), tuple(rows), head=what)
