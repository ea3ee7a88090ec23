"""The copy guard: what a training piece holds isn't written again, note for note."""

import numpy as np
import pytest

from yuefu.analysis.similarity import build_index
from yuefu.errors import InputError
from yuefu.generation.fill import Canvas, fill, line_between
from yuefu.generation.originality import CopyGuard, PassageIndex
from yuefu.generation.rules import RowRules
from yuefu.score.model import ROWS, Part, Score, make_notes
from yuefu.tokens.grid import EMPTY, GridBar, decode_notes, encode_score
from yuefu.tokens.sequence import Cover, Header
from yuefu.tokens.vocabulary import vocabulary

V = vocabulary()
BARS = 12
LONGEST = 10


def random_tune(seed, bars=BARS):
    """A tune of crotchets and quavers."""
    rng = np.random.default_rng(seed)
    rows, tick, pitch = [], 0, 64
    while tick < bars * 96:
        length = int(rng.choice([12, 12, 24]))
        length = min(length, bars * 96 - tick)
        rows.append((len(rows) + 1, tick, length, pitch, 80))
        pitch = int(np.clip(pitch + rng.choice([-5, -3, -2, -1, 1, 2, 4]), 55, 79))
        tick += length
    return Score(parts=(Part("P1", "tune", role="melody", notes=make_notes(rows)),), length=bars * 96)


TUNES = [random_tune(seed) for seed in range(8)]
INDEX = build_index(TUNES, [f"tune {n}" for n in range(8)])
PASSAGES = PassageIndex(INDEX, LONGEST)


class Insisting:
    """An engine that knows one tune by heart and wants to write it, whatever was written so far."""

    def __init__(self, score):
        self.cells = encode_score(score).cells["melody"]

    def session(self):
        return _Insisting(self.cells)


class _Insisting:
    def __init__(self, cells):
        self._cells, self._ids = cells, []

    def append(self, ids):
        self._ids += [int(i) for i in ids]

    def rewind(self, length):
        del self._ids[length:]

    @property
    def length(self):
        return len(self._ids)

    def logits(self):
        """Where in its cell the writer is, by the last bar and row token; the tune's next token there."""
        opened = max(i for i, token in enumerate(self._ids) if token == V.fill["melody"])
        bar = next(t - V.bar for t in reversed(self._ids[:opened]) if V.bar <= t < V.bar + 32)
        inside = [t for t in self._ids[opened + 1 :] if not V.count <= t <= V.count + 20]
        cell = [*self._cells[bar].tolist(), V.end]
        out = np.zeros(len(V), dtype=np.float32)
        out[cell[min(len(inside), len(cell) - 1)]] = 20.0
        for offset in range(1, 6):  # beside its tune it likes what lies near
            out[max(cell[min(len(inside), len(cell) - 1)] - offset, 0)] += 3.0
        return out


def write(engine, guard, given=None, bars=BARS):
    """The melody row filled by an engine; given: bar -> cell that is given."""
    canvas = Canvas([GridBar("4/4", 96)] * bars, {"melody": [EMPTY] * bars}, [Header(mode="major")] * bars)
    canvas.rules["melody"] = RowRules(chord_tone=0, leap=0, repeat=0, places=tuple(range(0, 24, 6)))
    mask = np.zeros((bars, len(ROWS)), dtype=np.int8)
    mask[:, ROWS.index("melody")] = Cover.FILL
    for bar, cell in (given or {}).items():
        canvas.cells["melody"][bar] = cell
        mask[bar, ROWS.index("melody")] = Cover.GIVEN
    # Bars are numbered within a window, so the insisting engine needs one window.
    list(fill(engine, canvas, mask, np.random.default_rng(3), window=bars, context=bars, guard=guard))
    return canvas


def score_of(canvas):
    notes = [decode_notes(cell, 96 * bar)[0] for bar, cell in enumerate(canvas.cells["melody"])]
    joined = np.concatenate(notes)
    joined["id"] = np.arange(1, len(joined) + 1)
    return Score(parts=(Part("P1", "tune", role="melody", notes=joined),), length=96 * len(canvas.bars))


@pytest.mark.parametrize("which", [0, 3, 7])
def test_the_guard_breaks_a_planted_tune_that_is_found_without_it(which):
    """An engine that insists on a training tune writes it unguarded; guarded, no longer run than allowed is left."""
    free = INDEX.nearest(score_of(write(Insisting(TUNES[which]), None)))
    assert free.work == f"tune {which}"
    assert free.longest_shared_run == len(TUNES[which].parts[0].notes)
    guard = CopyGuard(PASSAGES)
    found = INDEX.nearest(score_of(write(Insisting(TUNES[which]), guard)))
    assert 2 < found.longest_shared_run <= LONGEST
    assert guard.turned_away > 0
    assert guard.let_through == 0


def test_a_run_that_ends_in_given_bars_is_broken_too():
    """Where later bars are given, the written bar before them is what gives way."""
    cells = encode_score(TUNES[1]).cells["melody"]
    given = {5: cells[5], 6: cells[6]}
    unguarded = INDEX.nearest(score_of(write(Insisting(TUNES[1]), None, given)))
    assert unguarded.longest_shared_run == len(TUNES[1].parts[0].notes)
    own = sum(len(decode_notes(cell, 0)[0]) for cell in given.values())
    guard = CopyGuard(PASSAGES)
    canvas = write(Insisting(TUNES[1]), guard, given)
    assert all(canvas.cells["melody"][bar] is cell for bar, cell in given.items())
    assert INDEX.nearest(score_of(canvas)).longest_shared_run <= max(LONGEST, own)


def test_every_run_that_the_analysis_finds_is_found_by_look_up():
    """The guard's look-up and the independent nearest agree on which prefixes of tunes are too long a copy."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        source = TUNES[int(rng.integers(8))].parts[0].notes
        first, count = int(rng.integers(0, 20)), int(rng.integers(LONGEST - 3, LONGEST + 6))
        taken = [(int(n["start"]), int(n["pitch"]) + 3) for n in source[first : first + count]]
        assert (PASSAGES.first_copy(taken) is not None) == (count > LONGEST), (seed, count)
        notes = make_notes([(i + 1, tick - taken[0][0], 6, pitch, 80) for i, (tick, pitch) in enumerate(taken)])
        match = INDEX.nearest(Score(parts=(Part("P1", "x", role="melody", notes=notes),)))
        assert match.longest_shared_run >= count


def test_scales_and_repeated_notes_are_free():
    """Passages of fewer than three different intervals don't count, however long, until a third one comes in."""
    scale = [(12 * i, 60 + [0, 2][i % 2]) for i in range(40)]
    planted = [*scale, (480, 67), (492, 60)]
    notes = make_notes([(i + 1, tick, 12, pitch, 80) for i, (tick, pitch) in enumerate(planted)])
    passages = PassageIndex(build_index([Score(parts=(Part("P1", "x", role="melody", notes=notes),))]), LONGEST)
    assert passages.first_copy(scale) is None
    assert passages.first_copy(planted) == 40


def test_the_line_of_a_canvas_is_read_in_ticks():
    """Notes before a bar are found across bar lines, the top one of notes at once."""
    canvas = write(Insisting(TUNES[2]), None)
    expected = [(int(n["start"]), int(n["pitch"])) for n in TUNES[2].parts[0].notes]
    assert line_between(canvas, "melody", 0, BARS) == expected


def test_a_guard_too_strict_to_be_kept_is_refused():
    """Three notes in a row can't be avoided."""
    with pytest.raises(InputError, match="4 notes"):
        PassageIndex(INDEX, 3)
