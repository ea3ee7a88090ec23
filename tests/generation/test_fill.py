"""Filling under constraints: whatever the model says, what is guaranteed holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.generation.constraints import CellMachine
from yuefu.generation.engine import NoiseEngine
from yuefu.generation.fill import Canvas, fill
from yuefu.generation.rules import RowRules
from yuefu.generation.sampling import choose
from yuefu.score.model import ROWS
from yuefu.theory.chord import Chord
from yuefu.tokens.grid import GridBar, chord_tokens, decode_notes
from yuefu.tokens.sequence import Cover, Header, cell_count
from yuefu.tokens.vocabulary import vocabulary

V = vocabulary()
ROW_NAMES = st.sampled_from(["chords", "melody", "bass", "keys", "drums"])


def walk(machine, seed, limit=400):
    rng = np.random.default_rng(seed)
    for _ in range(limit):
        if machine.done:
            return
        allowed = np.flatnonzero(machine.allowed())
        assert len(allowed)
        machine.push(int(rng.choice(allowed)))
    pytest.fail("the machine never ended")


@settings(max_examples=150, deadline=None)
@given(ROW_NAMES, st.integers(0, 10_000), st.sampled_from([96, 72, 36, 144]), st.integers(0, 8) | st.none())
def test_any_walk_through_the_machine_is_a_valid_cell(row, seed, ticks, count):
    """Random choices among the allowed tokens always end, in order, in range, with the count asked for."""
    rules = RowRules(low=48, high=72, polyphony=3 if row == "keys" else 1)
    machine = CellMachine(
        row, rules, ticks, remaining=ticks, count=count if row in ("melody", "bass", "keys") else None
    )
    walk(machine, seed)
    places = [V.position_ticks[t] for t in machine.tokens if t in V.position_ticks]
    assert places == sorted(set(places))
    assert all(place < ticks and place % 6 == 0 for place in places)
    if machine.count is not None and count * 6 <= ticks:
        assert cell_count(machine.tokens) == count
    if row in ("melody", "bass", "keys"):
        notes, _ = decode_notes(machine.tokens, 0)
        assert all(48 <= p <= 72 for p in notes["pitch"])
        assert all(s + d <= ticks or d == 3 for s, d in zip(notes["start"], notes["duration"]))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_syllables_always_find_their_notes(seed, count):
    """With held notes allowed, the notes that begin a syllable are still as many as asked."""
    machine = CellMachine("melody", RowRules(), 96, count=count, previous=[60], holds=True)
    walk(machine, seed)
    assert cell_count(machine.tokens) == count


def canvas(bars=6):
    chord = np.array([V.position_ids[0], *chord_tokens(Chord(0))], dtype=np.int16)
    return Canvas([GridBar("4/4", 96)] * bars, {"chords": [chord] * bars}, [Header(mode="major")] * bars)


def mask_of(bars, **rows):
    mask = np.zeros((bars, len(ROWS)), dtype=np.int8)
    for row, cover in rows.items():
        mask[:, ROWS.index(row)] = cover
    return mask


def test_one_seed_one_result_and_another_seed_another():
    """The same seed fills the same cells; another one doesn't."""

    def run(seed):
        target = canvas()
        events = list(fill(NoiseEngine(len(V)), target, mask_of(6, chords=1, melody=2), np.random.default_rng(seed)))
        return [e.cell.tolist() for e in events]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_cells_that_are_not_named_stay_untouched():
    """Filling some bars of a row leaves its other bars and all other rows as they were."""
    target = canvas()
    tune = np.array([V.position_ids[0], V.pitch + 60, V.duration_ids[96]], dtype=np.int16)
    target.cells["melody"] = [tune] * 6
    mask = mask_of(6, chords=1, melody=1)
    mask[2:4, ROWS.index("melody")] = Cover.FILL
    changed = {e.bar for e in fill(NoiseEngine(len(V)), target, mask, np.random.default_rng(0))}
    assert changed == {2, 3}
    for bar in (0, 1, 4, 5):
        assert target.cells["melody"][bar] is tune
    assert all(len(cell) == 3 for cell in target.cells["chords"])


def test_long_pieces_go_window_by_window():
    """Sixty bars are filled, each once, in order."""
    target = canvas(60)
    events = list(fill(NoiseEngine(len(V)), target, mask_of(60, chords=1, bass=2), np.random.default_rng(0)))
    assert [e.bar for e in events] == list(range(60))


def test_bias_prefers_chord_tones_and_the_scale():
    """Outside notes are disliked, chord tones on strong beats liked."""
    rules = RowRules(low=60, high=72, scale=frozenset({0, 2, 4, 5, 7, 9, 11}))
    machine = CellMachine("melody", rules, 96, chord_at=lambda _: Chord(0), previous=[60])
    machine.push(V.position_ids[0])
    bias = machine.bias()
    assert bias[V.pitch + 61] < bias[V.pitch + 62] < bias[V.pitch + 64]


def test_sampling_respects_mask_temperature_and_nucleus():
    """Forbidden tokens never come; temperature 0 is greedy; a small nucleus keeps the best."""
    logits = np.array([3.0, 2.0, 9.0, 0.0], dtype=np.float32)
    allowed = np.array([True, True, False, True])
    rng = np.random.default_rng(0)
    assert {choose(logits, allowed, None, rng)[0] for _ in range(200)} <= {0, 1, 3}
    assert choose(logits, allowed, None, rng, temperature=0)[0] == 0
    assert {choose(logits, allowed, None, rng, top_p=0.1)[0] for _ in range(50)} == {0}


def test_empty_masks_fill_nothing():
    """Nothing to fill is nothing done."""
    target = canvas()
    assert list(fill(NoiseEngine(len(V)), target, mask_of(6, chords=1), np.random.default_rng(0))) == []
