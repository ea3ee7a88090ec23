"""The engine vae: phrases to points and back, within the rules, and attributes that do what they say."""

from dataclasses import replace

import numpy as np
import pytest

from yuefu.engines.info import CellWishes
from yuefu.engines.phrase_rules import HOME, drum_bias, line_bias
from yuefu.engines.phrase_search import steered
from yuefu.engines.phrase_space import PhraseSpace, slerp
from yuefu.engines.vae import VaeEngine, windows
from yuefu.errors import InputError
from yuefu.generation.fill import Canvas
from yuefu.generation.rules import RowRules
from yuefu.score.model import ROWS
from yuefu.theory.chord import Chord
from yuefu.tokens.grid import EMPTY, GridBar, chord_tokens
from yuefu.tokens.phrase_attributes import attributes_of, measure
from yuefu.tokens.phrases import (
    HELD,
    LANES,
    LOWEST_PITCH,
    SILENT,
    STRUCK,
    Phrase,
    cells_of,
    chord_number,
    notes_of,
    phrase_from,
)
from yuefu.tokens.sequence import Cover, Header
from yuefu.tokens.vocabulary import vocabulary

#: Bars of a tune: (step, pitch) struck and held to the next.
TUNE = [
    [(0, 67), (4, 69), (8, 72), (12, 71)],
    [(0, 69), (4, 67), (8, 64), (12, 62)],
    [(0, 65), (4, 67), (8, 69), (12, 65)],
    [(0, 67), (4, 62), (8, 64)],
]
ROOTS = (0, 9, 5, 7)


def phrase(row: str = "melody") -> Phrase:
    """Four bars of 4/4 over C, Am, F and G."""
    chords = np.repeat([[chord_number(Chord(root, "m" if root == 9 else ""))] for root in ROOTS], 16, axis=1)
    if row == "drums":
        steps = np.zeros((4, 16, len(LANES)), dtype=bool)
        steps[:, ::2, 4] = steps[:, (4, 12), 1] = steps[:, (0, 8), 0] = True
        return Phrase(row, "4/4", False, steps, chords.astype(np.uint8))
    lines = np.full((4, 16), HELD, dtype=np.uint8)
    for bar, notes in enumerate(TUNE):
        for step, pitch in notes:
            lines[bar, step] = STRUCK + pitch - LOWEST_PITCH - (24 if row == "bass" else 0)
    return Phrase(row, "4/4", False, lines, chords.astype(np.uint8))


def canvas(bars: int = 8) -> Canvas:
    """The tune twice, with its chords, in C."""
    v = vocabulary()
    chords = [
        np.array([v.position_ids[0], *chord_tokens(Chord(root, "m" if root == 9 else ""))], dtype=np.int16)
        for root in ROOTS
    ]
    cells = {"chords": [chords[bar % 4] for bar in range(bars)]}
    for row in ("melody", "bass", "drums"):
        own = cells_of(phrase(row))
        cells[row] = [own[bar % 4] for bar in range(bars)]
    return Canvas([GridBar("4/4", 96)] * bars, cells, [Header(mode="major")] * bars)


def mask_of(bars: int, row: str, named: list[int]) -> np.ndarray:
    mask = np.full((bars, len(ROWS)), Cover.GIVEN, dtype=np.int8)
    mask[named, ROWS.index(row)] = Cover.FILL
    return mask


@pytest.fixture(scope="module")
def space() -> PhraseSpace:
    return PhraseSpace()


@pytest.mark.model
@pytest.mark.parametrize("row", ["melody", "bass", "drums"])
def test_a_plain_phrase_comes_back_from_its_point(space, row):
    """A simple phrase is rewritten with nearly all of its notes, whether alone or among others."""
    own = phrase(row)
    back = space.decode(space.encode(own)[None], own).steps[0]
    same = (back == own.steps).all(axis=-1) if row == "drums" else back == own.steps
    assert same.mean() > 0.85
    both = space.encode_all([own, phrase("bass"), own])
    assert np.allclose(both[0], both[2], atol=1e-5)
    assert np.allclose(both[0], space.encode(own), atol=1e-4)


@pytest.mark.model
@pytest.mark.parametrize("row", ["melody", "bass", "drums"])
def test_asking_for_more_of_an_attribute_gives_more(space, row):
    """With a standard deviation and a half more asked than less, the measured attribute is higher, for each of them."""
    own = phrase(row)
    point = space.encode(own)
    for number, name in enumerate(attributes_of(row)):
        measured = []
        for by in (-1.5, 1.5):
            asked = np.zeros(len(attributes_of(row)))
            asked[number] = by
            _, steps, _ = steered(space, own, point, asked, np.random.default_rng(1))
            measured.append(np.nanmean(measure(own.with_steps(steps))[:, number]))
        assert measured[0] < measured[1], name


@pytest.mark.model
def test_what_was_there_is_moved_further_by_a_larger_amount(space):
    """Hardly anything changes at .02, much at .9, and a given bar of the window stays out of it."""
    changed = []
    for amount in (0.02, 0.9):
        place = canvas()
        before = [cell.copy() for cell in place.cells["melody"]]
        rng = np.random.default_rng(1)
        written = list(VaeEngine().write(place, mask_of(8, "melody", [0, 1, 2]), rng, CellWishes(amount=amount)))
        assert [event.bar for event in written] == [0, 1, 2]
        changed.append(sum(not np.array_equal(a, b) for a, b in zip(before, place.cells["melody"], strict=True)))
        assert all(np.array_equal(a, b) for a, b in zip(before[3:], place.cells["melody"][3:], strict=True))
    assert changed[0] < changed[1] == 3


@pytest.mark.model
def test_new_phrases_keep_to_the_rules():
    """Pitches within the range, though the row plays far above what was learnt; onsets at the allowed places; drums of
    the kit; and nothing is left empty."""
    place = canvas()
    place.cells["melody"] = [EMPTY] * 8
    place.cells["drums"] = [EMPTY] * 8
    place.rules = {
        "melody": RowRules(low=88, high=100, places=(0, 12), scale=HOME),
        "drums": RowRules(hits=frozenset({36, 38}), polyphony=4),
    }
    mask = mask_of(8, "melody", list(range(8)))
    mask[:, ROWS.index("drums")] = Cover.FILL
    list(VaeEngine().write(place, mask, np.random.default_rng(3), CellWishes()))
    v = vocabulary()
    tokens = [int(t) for cell in place.cells["melody"] for t in cell]
    pitches = [t - v.pitch for t in tokens if v.pitch + 21 <= t <= v.pitch + 108]
    assert pitches
    assert 88 <= min(pitches) <= max(pitches) <= 100
    assert {v.position_ticks[t] % 24 for t in tokens if t in v.position_ticks} <= {0, 12}
    hits = {v.hit_pitches[int(t)] for cell in place.cells["drums"] for t in cell if int(t) in v.hit_pitches}
    assert hits
    assert hits <= {36, 38}


@pytest.mark.model
def test_points_are_drawn_as_they_lie_beside_the_given_bars(space):
    """Draws beside known bars keep those, spread less than draws of everything, and differ among themselves."""
    points = space.encode(phrase())
    known = np.array([True, True, False, False])
    beside = space.drawn_beside("melody", points, known, 200, np.random.default_rng(1))
    free = space.drawn("melody", 4, 200, np.random.default_rng(1))
    assert np.allclose(beside[:, :2], points[:2], atol=1e-4)
    assert 0 < beside[:, 2:].std(axis=0).mean() < free[:, 2:].std(axis=0).mean()


def test_windows_are_cut_four_by_four_where_a_metre_begins():
    """Only windows with an open bar; a lone last bar takes a given one along; odd bars are refused by number."""
    bars = [GridBar("3/4", 72)] * 3 + [GridBar("4/4", 96)] * 9
    assert windows(bars, np.array([0])) == [(0, 3)]
    assert windows(bars, np.array([4, 11])) == [(3, 7), (10, 12)]
    assert windows(bars, np.array([10, 11])) == [(7, 11), (11, 12)]
    with pytest.raises(InputError, match="bar 1 can't be a phrase"):
        windows([GridBar("12/8", 144)], np.array([0]))


def test_biases_bar_what_the_rules_do():
    own = phrase()
    bias = line_bias(own, [RowRules(low=60, high=72, places=(0,), scale=HOME)] * 4, [24, 0, 0, 0])
    struck = bias[:, :, STRUCK:]
    assert (struck[:, :, : 60 - LOWEST_PITCH] < -1e8).all()
    assert (struck[:, 1::4] < -1e8).all()
    assert (struck[0, :4] < -1e8).all()
    assert struck[1, 0, 61 - LOWEST_PITCH] < struck[1, 0, 62 - LOWEST_PITCH] < struck[1, 0, 69 - LOWEST_PITCH]
    assert (bias[:, :, :STRUCK] == 0).all()
    drums = drum_bias(phrase("drums"), [RowRules(hits=frozenset({36}))] * 4)
    assert (drums[0, 0, 1:] < -1e8).all()
    assert drums[0, 0, 0] == 0


def test_the_arc_between_two_points_has_both_ends():
    one, other = np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]])
    middle = np.zeros((1, 2))
    assert np.allclose(slerp(one, other, 0.0, middle), one)
    assert np.allclose(slerp(one, other, 1.0, middle), other)
    assert np.isclose(np.linalg.norm(slerp(one, other, 0.3, middle)), 2.0)
    assert np.allclose(slerp(one, one, 0.5, middle), one)


def test_a_phrase_of_silence_has_no_notes():
    own = phrase()
    assert notes_of(replace(own, steps=np.full((4, 16), SILENT, dtype=np.uint8)).steps) == []


@pytest.mark.model
def test_new_bars_between_given_phrases_are_like_them(space):
    """Four open bars between two turns of a tune lie nearer to it than bars of a piece in which nothing is given."""
    own = phrase()
    point = space.encode(own)
    far = {}
    for given in (True, False):
        place = canvas(12)
        named = [4, 5, 6, 7]
        mask = mask_of(12, "melody", named)
        if not given:
            mask[mask[:, ROWS.index("melody")] == Cover.GIVEN, ROWS.index("melody")] = Cover.ABSENT
        found = []
        for seed in range(6):
            for bar in named:
                place.cells["melody"][bar] = EMPTY
            list(VaeEngine().write(place, mask, np.random.default_rng(seed), CellWishes()))
            new = phrase_from(place.cells, place.bars, "melody", 4, 4)
            found.append(float(np.linalg.norm(space.encode(new) - point)))
        far[given] = float(np.mean(found))
    assert far[True] < far[False]
