"""The suite ``chorales``: four-part chorales of the Boulanger-Lewandowski split, in nats a frame and a voice token.

A frame is a sixteenth. The figures to stand beside are those of a TonicNet checkpoint on the same 77 test
pieces: 1.826 nats a frame, the chord and four voices together, and 0.259 a voice token given the chord. For a
fair comparison the model must have learnt from the set's train part alone; its manifest tells, and any
other model is measured but not judged.

What is counted. The likelihood of a piece is exact: the negative log-probability of every token that the model
writes, positions, durations and ``END`` included, in its fixed order (bar by bar: chords, soprano, alto, tenor,
bass), divided by the piece's frames. The reader makes notes of the grid's frames (a run of one pitch is a note,
cut at a whole note), which can be undone, so the tokens say neither more nor less than the frames; what
the model spends on tokens that no such grid holds counts against it.

- joint: chords and voices, ``-log p(chords, voices)``. Our chords are inferred from the voices, as TonicNet's
  are, but with other rules, other names, and written where they change rather than every frame.
- voices alone: no chords at all, ``-log p(voices)``; this one needs no chord and depends on no such rule.
- a voice token given the chord: the voices' part of joint, over four voices a frame. A voice is written after
  the chords of its whole bar, TonicNet's after the chord of its frame.

What differs, all told to the model for every piece: style, mode, tempo bin, voices, metre, the pick-up, the number
of bars, whether a window begins or ends the piece, and its key, since pieces are moved to C major or
A minor. The key and mode are worth at most log 24 = 3.2 nats a piece, about 0.01 a frame.

A piece is longer than a window. As in generation it is written ``CHUNK`` bars at a time, each time with
as many of the ``CONTEXT`` bars before as fit in a sequence that training has shown, given as they are. Every
bar is scored once and sees only what was written before it, so the sum is a likelihood of the whole piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from yuefu.errors import InputError
from yuefu.evaluation.ngrams import Bigram
from yuefu.evaluation.plots import table_plot
from yuefu.evaluation.table import Aim, Row, SuiteResult, Table, Value
from yuefu.evaluation.tally import Tally
from yuefu.generation.scorer import Scorer
from yuefu.progress import Progress
from yuefu.score.model import ROWS
from yuefu.tokens.sequence import Cover
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.dataset import load_pieces
from yuefu.training.masking import Sample, cut, facts_header
from yuefu.training.pieces import Piece
from yuefu.training.samples import labelled_ids
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.likelihood import row_bigrams
from yuefu.workflows.evaluate.listening import MOST_TOKENS
from yuefu.workflows.models import LoadedModel, load_model

SET = "jsb_chorales"
VOICES = ("melody", "counter", "inner", "bass")
FRAME = 6  #: ticks: a sixteenth
CHUNK, CONTEXT = 4, 12  #: bars; together what training's longest windows have
#: Nats of a TonicNet checkpoint (Peracha 2019) on the same test pieces, chord and voices a frame, and a voice token.
TONICNET_FRAME, TONICNET_VOICE = 1.826, 0.259
#: Which rows each measure writes, and which of them are given.
MEASURES = {
    "joint": (("chords", *VOICES), ()),
    "voices alone": (VOICES, ()),
    "voices, chords given": (VOICES, ("chords",)),
}
COLUMNS = ("joint, nats a frame", "voices alone, nats a frame", "nats a voice token given the chord")


def run(context: SuiteContext) -> SuiteResult:
    """Measure. Raises InputError without the set in the corpus, or without its train and test parts."""
    model = load_model(context.model)
    pieces = load_pieces(context.built_corpus(), [SET], context.progress)
    test = [p for p in pieces if p.split == "test" and all(row in p.cells for row in ("chords", *VOICES))]
    train = [p for p in pieces if p.split == "train"]
    if not test or not train:
        raise InputError(
            f"the corpus' {SET} has no {'train' if test else 'test'} part with four voices: build it again."
        )
    chosen = test[: context.size(len(test), 3)]
    scorer = Scorer(model.folder, threads=context.jobs)
    bigrams = row_bigrams(train, 2 * len(train), context.seed)
    most = int(model.manifest.get("settings", {}).get("data", {}).get("max_tokens", MOST_TOKENS))
    tally = Tally()
    for number, piece in enumerate(chosen):
        context.progress(Progress("chorales", number, len(chosen), piece.work))
        _score(scorer, bigrams, piece, most, tally)
    context.progress(Progress("chorales", len(chosen), len(chosen)))
    others = learnt_elsewhere(model)
    judged = not context.quick and len(chosen) == len(test) and not others
    return SuiteResult(
        "chorales",
        (table := _table(tally, others), _ours(tally)),
        _aims(tally, judged),
        table_plot("frames", replace(table, title="JSB chorales: nats"), COLUMNS, "nats"),
        {"model": model.hash, "pieces": f"{len(chosen)} of {len(test)}", "frames": int(tally.count("joint"))},
    )


def learnt_elsewhere(model: LoadedModel) -> str:
    """What keeps a model from being judged here, as a sentence; empty when it learnt from the set alone."""
    names = [str(entry.get("name")) for entry in model.manifest.get("sets", ())]
    if names == [SET]:
        return ""
    if not names:
        return "The model's manifest doesn't tell what it learnt from, so nothing is judged."
    other = [name for name in names if name != SET]
    return f"Not judged: the model learnt from {len(other)} other sets as well ({', '.join(other[:3])} ...)."


def samples_of(
    piece: Piece, rows: Sequence[str], given: Sequence[str] = (), most: int = MOST_TOKENS
) -> Iterator[Sample]:
    """A piece's windows in order; the filled bars of all of them are the piece's bars, each once.

    rows: written by the model; given: told throughout, each bar one bar ahead; most: tokens of a sequence,
    where a window can be made so short.
    """
    for start in range(0, len(piece.bars), CHUNK):
        end = min(start + CHUNK, len(piece.bars))
        first = max(0, start - CONTEXT)
        while True:
            sample = _window(piece, first, start, end, rows, given)
            if first == start or len(labelled_ids(sample)[0]) <= most:
                yield sample
                break
            first += 1


def _window(piece: Piece, first: int, start: int, end: int, rows: Sequence[str], given: Sequence[str]) -> Sample:
    """Bars ``first`` to ``start`` given, ``start`` to ``end`` to be filled."""
    # Nothing in the header is measured from the notes that the model has to write.
    header = replace(facts_header(piece, first, end - first), valence=None, arousal=None, density=None)
    told = {row: family for row, family in header.families.items() if row in (*rows, *given)}
    window = cut(piece, first, end - first, replace(header, families=told))
    window.lyrics = None
    mask = np.zeros((end - first, len(ROWS)), dtype=np.int8)
    for row in given:
        mask[:, ROWS.index(row)] = Cover.GIVEN
    for row in rows:
        mask[: start - first, ROWS.index(row)] = Cover.GIVEN
        mask[start - first :, ROWS.index(row)] = Cover.FILL
    return Sample(window, mask, "chorales")


def frames_of(piece: Piece) -> int:
    """Sixteenths that a piece lasts."""
    return sum(bar.sounding for bar in piece.bars) // FRAME


def _score(scorer: Scorer, bigrams: dict[str, Bigram], piece: Piece, most: int, tally: Tally) -> None:
    frames = frames_of(piece)
    for measure, (rows, given) in MEASURES.items():
        sums = dict.fromkeys(ROWS, 0.0)
        for sample in samples_of(piece, rows, given, most):
            ids, labels = labelled_ids(sample)
            for nats, row in zip(scorer.token_nats(ids).tolist(), labels, strict=True):
                if row is not None:
                    sums[row] += nats
        voices = sum(sums[row] for row in VOICES)
        tally.add(measure, piece.work, voices + sums["chords"], frames)
        tally.add((measure, "voice token"), piece.work, voices, len(VOICES) * frames)
        for row in rows:
            tally.add((measure, row), piece.work, sums[row], frames)
    for name, found in _ngram_nats(bigrams, piece).items():
        voices = sum(found[row] for row in VOICES)
        tally.add((name, "joint"), piece.work, voices + found["chords"], frames)
        tally.add((name, "voices alone"), piece.work, voices, frames)
        tally.add((name, "voice token"), piece.work, voices, len(VOICES) * frames)


def _ngram_nats(bigrams: dict[str, Bigram], piece: Piece) -> dict[str, dict[str, float]]:
    """``"unigram"`` and ``"bigram"`` -> row -> nats of the row's tokens in the whole piece."""
    v = vocabulary()
    found: dict[str, dict[str, float]] = {"unigram": {}, "bigram": {}}
    window = cut(piece, 0, len(piece.bars), facts_header(piece, 0, len(piece.bars)))
    for row in ("chords", *VOICES):
        tokens = np.concatenate([[*cell, v.end] for cell in window.cells[row]]).astype(np.int64)
        previous = np.concatenate([[v.bar, *cell] for cell in window.cells[row]]).astype(np.int64)
        found["unigram"][row] = float(bigrams[row].unigram_nats(tokens).sum())
        found["bigram"][row] = float(bigrams[row].bigram_nats(previous, tokens).sum())
    return found


def _table(tally: Tally, others: str) -> Table:
    rows = [
        Row(name, dict(zip(COLUMNS, (tally.interval((name, k)) for k in ("joint", "voices alone", "voice token")))))
        for name in ("unigram", "bigram")
    ]
    rows.append(Row("TonicNet", {COLUMNS[0]: TONICNET_FRAME, COLUMNS[2]: TONICNET_VOICE}))
    ours: dict[str, Value] = {
        COLUMNS[0]: tally.interval("joint"),
        COLUMNS[1]: tally.interval("voices alone"),
        COLUMNS[2]: tally.interval(("joint", "voice token")),
    }
    rows.append(Row("yuefu", ours))
    notes = (
        "Sixteenth-note frames of the Boulanger-Lewandowski test pieces; a likelihood has no human row. joint counts "
        "the chords and four voices, with every position, duration and END; our chords follow other rules than "
        "TonicNet's and are written where they change. The voice token is the voices' part of joint, over four a "
        "frame. Told to our model: metre, pick-up, number of bars, key and mode (at most log 24 nats a piece, about "
        "0.01 a frame).",
        f"Written {CHUNK} bars at a time after up to {CONTEXT} given bars; each bar is scored once. Intervals: over "
        "works.",
    )
    return Table("JSB chorales, 229/76/77", COLUMNS, tuple(rows), notes=(*notes, others) if others else notes)


def _ours(tally: Tally) -> Table:
    """Where our nats go, by row and measure."""
    columns = (*MEASURES["joint"][0], "together", "a voice token")
    rows = []
    for measure, (written, _) in MEASURES.items():
        values: dict[str, Value] = {row: tally.interval((measure, row)) for row in written}
        values |= {"together": tally.interval(measure), "a voice token": tally.interval((measure, "voice token"))}
        rows.append(Row(measure, values))
    note = "chords given: the chords of the whole bar and the next are told, as when a hymn is set to a chord chart."
    return Table("Nats a frame by row", columns, tuple(rows), head="written", notes=(note,))


def _aims(tally: Tally, judged: bool) -> tuple[Aim, ...]:
    frame, voice = tally.interval("joint").mean, tally.interval(("joint", "voice token")).mean
    return (
        Aim(f"joint below {TONICNET_FRAME} nats a frame", f"{frame:.3f}", frame < TONICNET_FRAME if judged else None),
        Aim(
            f"below {TONICNET_VOICE} nats a voice token given the chord",
            f"{voice:.3f}",
            voice < TONICNET_VOICE if judged else None,
        ),
    )
