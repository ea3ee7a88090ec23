"""Does a row listen? One row of held-out windows filled alone, with the others given, and with another piece's.

On exactly the same choices (the root and quality of each chord, each pitch, each set of drum sounds) stand a
unigram, a bigram and a small classifier on hand-made features: a fill model that doesn't beat the last
isn't listening to what it was given. The header tells style, mode, tempo, instrument families and whether
the window begins or ends the piece, and nothing that was measured from the hidden row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from yuefu.evaluation.attributes import Examples, cell_places, choice_nats, classes_of, row_examples
from yuefu.evaluation.classifier import Classifier, Settings
from yuefu.evaluation.ngrams import Bigram
from yuefu.evaluation.table import Aim, Row, Table
from yuefu.evaluation.tally import Tally
from yuefu.generation.scorer import Scorer
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.model import ROWS
from yuefu.tokens.sequence import Cover, Header, Mask, Window
from yuefu.training.masking import Sample, cut, facts_header
from yuefu.training.pieces import Piece
from yuefu.training.samples import fitting, labelled_ids, spread

BARS = 8
#: Longest sequence: what training has shown.
MOST_TOKENS = 960
COLUMNS = ("unigram", "bigram", "features alone", "features given", "yuefu alone", "yuefu given")
SWAP = "swapping costs"
UNITS = {"chords": "chord", "drums": "set of sounds"}


@dataclass(frozen=True)
class Probe:
    """A row to fill and the rows that are given (those of them that a window has; at least one)."""

    row: str
    given: tuple[str, ...]

    @property
    def name(self) -> str:
        """Such as ``"chords given melody"``."""
        every = len(self.given) == len(ROWS) - 1
        return f"{self.row} given {'all others' if every else ', '.join(self.given)}"


PROBES = (
    Probe("chords", ("melody",)),
    Probe("melody", ("chords",)),
    *(Probe(row, tuple(other for other in ROWS if other != row)) for row in ROWS),
)


@dataclass(frozen=True)
class Effort:
    """How much is measured and learnt. windows: held out, a probe; examples: for each classifier."""

    windows: int
    examples: int
    epochs: int = 10


def listen(
    scorer: Scorer,
    train: Sequence[Piece],
    test: Sequence[Piece],
    effort: Effort,
    seed: int,
    progress: Listener = ignore,
    judged: bool = True,
) -> tuple[Table, tuple[Aim, ...]]:
    """The table of all probes that the corpus allows, and an aim a probe (judged: enough was measured to tell)."""
    rows: list[Row] = []
    aims: list[Aim] = []
    for number, probe in enumerate(PROBES):
        progress(Progress("likelihood", number, len(PROBES), probe.name))
        tally = measure(scorer, probe, train, test, effort, seed)
        for name, changes in ((probe.name, False), (f"{probe.name}, where it changes", True)):
            if not tally.has(("yuefu given", changes)) or (changes and probe.row != "chords"):
                continue
            found = {column: tally.interval((column, changes)) for column in (*COLUMNS, SWAP)}
            unit = UNITS.get(probe.row, "pitch")
            rows.append(Row(name, {"unit": unit, **found, "units": int(tally.count(("yuefu given", changes)))}))
            if not changes:
                ours, theirs = found["yuefu given"].mean, found["features given"].mean
                text = f"{name}: fewer nats a {unit} than the classifier"
                aims.append(Aim(text, f"{ours:.3f} against {theirs:.3f}", ours < theirs if judged else None))
    progress(Progress("likelihood", len(PROBES), len(PROBES)))
    table = Table(
        "Listening: nats a choice of each row's main attribute",
        ("unit", *COLUMNS, SWAP, "units"),
        tuple(rows),
        head="filled",
        notes=(
            f"Windows of {BARS} bars (fewer where they would be longer than {MOST_TOKENS} tokens), one row filled. "
            "alone: nothing else is there; given: as written. swapping costs: how much worse the model gets when the "
            "given rows are another piece's of the same metre and mode, over the windows for which there is one. The "
            "model's shares are taken among the tokens of the attribute's kind, since the baselines are told that one "
            "comes.",
            "features: one hidden layer on hand-made features (previous choices, place in the bar, the same place in "
            "earlier bars, style, mode; given: chords, sounding pitches, pitch-class histograms around), learnt from "
            f"up to {effort.examples} choices of the training part.",
        ),
    )
    return table, tuple(aims)


def measure(
    scorer: Scorer, probe: Probe, train: Sequence[Piece], test: Sequence[Piece], effort: Effort, seed: int
) -> Tally:
    """Nats by (column, whether only chords that differ from the one before count)."""
    tally = Tally()
    windows = list(probe_windows(probe, test, effort.windows, seed))
    donors = list(probe_windows(probe, test, max(40, effort.windows), seed + 2))
    learnt = _learn(probe, train, effort, seed)
    if not windows or learnt is None:
        return tally
    bigram, alone, given = learnt
    for work, window in windows:
        examples = row_examples(window, probe.row, probe.given)
        if not len(examples):
            continue
        targets, previous = np.array(examples.targets), np.array(examples.previous)
        found = {
            "unigram": bigram.unigram_nats(targets),
            "bigram": bigram.bigram_nats(previous, targets),
            "features alone": alone.nats(np.array(examples.alone), targets),
            "features given": given.nats(np.array(examples.given), targets),
            "yuefu alone": model_nats(scorer, alone_sample(probe, window), examples),
            "yuefu given": model_nats(scorer, given_sample(probe, window), examples),
        }
        other = _swapped(probe, work, window, donors)
        if other is not None:
            found[SWAP] = model_nats(scorer, given_sample(probe, other), examples) - found["yuefu given"]
        units = np.array(examples.units)
        for changes, chosen in ((False, np.full(len(targets), True)), (True, targets != previous)):
            for column, nats in found.items():
                tally.add((column, changes), work, float(nats[chosen].sum()), len(set(units[chosen].tolist())))
    return tally


def probe_windows(probe: Probe, pieces: Sequence[Piece], count: int, seed: int) -> Iterator[tuple[str, Window]]:
    """(set and work, window) with the probe's row and at least one given row that say something."""
    able = [p for p in pieces if probe.row in p.cells and any(row in p.cells for row in probe.given)]
    for piece, rng in spread(able, count, seed):
        place = rng.random()

        def lay(bars: int, piece: Piece = piece, place: float = place) -> Sample | None:
            start = int(place * (len(piece.bars) - bars + 1))
            window = cut(piece, start, bars, _header(piece, start, bars))
            window.lyrics = None
            window.cells = {row: window.cells[row] for row in (probe.row, *probe.given) if row in window.cells}
            if probe.row not in window.cells or len(window.cells) < 2:
                return None
            return given_sample(probe, window)

        sample = fitting(piece, BARS, MOST_TOKENS, lay)
        if sample is not None:
            yield f"{piece.set}/{piece.work}", sample.window


def _header(piece: Piece, start: int, bars: int) -> Header:
    return replace(facts_header(piece, start, bars), valence=None, arousal=None, density=None)


def given_sample(probe: Probe, window: Window) -> Sample:
    """The probe's row filled, all others given."""
    mask = _mask(window, dict.fromkeys(window.cells, Cover.GIVEN) | {probe.row: Cover.FILL})
    families = {row: f for row, f in window.header.families.items() if row in window.cells}
    return Sample(replace(window, header=replace(window.header, families=families)), mask, probe.name)


def alone_sample(probe: Probe, window: Window) -> Sample:
    """The probe's row filled, nothing else there."""
    families = {row: family for row, family in window.header.families.items() if row == probe.row}
    cells = {probe.row: window.cells[probe.row]}
    header = replace(window.header, families=families)
    return Sample(replace(window, cells=cells, header=header), _mask(window, {probe.row: Cover.FILL}), probe.name)


def _mask(window: Window, covers: dict[str, Cover]) -> Mask:
    mask = np.zeros((len(window.bars), len(ROWS)), dtype=np.int8)
    for row, cover in covers.items():
        mask[:, ROWS.index(row)] = cover
    return mask


def _swapped(probe: Probe, work: str, window: Window, donors: Sequence[tuple[str, Window]]) -> Window | None:
    """The window with another work's given rows: its bars, mode and rows agree. None: there is none."""
    for other_work, other in donors:
        same = other.bars == window.bars and other.header.mode == window.header.mode
        if same and other_work != work and set(window.cells) <= set(other.cells):
            cells = {row: other.cells[row] for row in window.cells if row != probe.row}
            swapped = replace(window, cells={**cells, probe.row: window.cells[probe.row]})
            if len(labelled_ids(given_sample(probe, swapped))[0]) <= MOST_TOKENS:
                return swapped
    return None


def model_nats(scorer: Scorer, sample: Sample, examples: Examples) -> np.ndarray:
    """(examples,) nats of the model at each example's choices."""
    ids, rows = labelled_ids(sample)
    log_shares = scorer.log_probabilities(ids)
    (row,) = {row for row in rows if row is not None}
    places = cell_places(sample.window, sample.mask)
    return np.array(
        [
            sum(choice_nats(log_shares[places[choice.bar, row] + choice.index - 1], choice) for choice in choices)
            for choices in examples.choices
        ]
    )


def _learn(
    probe: Probe, train: Sequence[Piece], effort: Effort, seed: int
) -> tuple[Bigram, Classifier, Classifier] | None:
    """The baselines of a probe, from its training windows; None without any."""
    classes = classes_of(probe.row)
    pooled = Examples(classes)
    for _, window in probe_windows(probe, train, effort.examples // 4, seed + 1):
        found = row_examples(window, probe.row, probe.given)
        pooled.alone += found.alone
        pooled.given += found.given
        pooled.targets += found.targets
        pooled.previous += found.previous
        if len(pooled) >= effort.examples:
            break
    if not len(pooled):
        return None
    targets, previous = np.array(pooled.targets), np.array(pooled.previous)
    bigram = Bigram(classes, classes + 1)
    bigram.add(previous, targets)
    settings = Settings(epochs=effort.epochs)
    alone = Classifier(np.array(pooled.alone), targets, classes, seed, settings)
    pooled.alone.clear()
    given = Classifier(np.array(pooled.given), targets, classes, seed, settings)
    return bigram, alone, given
