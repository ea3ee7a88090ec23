"""The examples of a row are the row's own tokens, told apart from what may not be known yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from yuefu.evaluation.attributes import (
    CHORDS,
    PITCHES,
    SOUNDS,
    STOP,
    Choice,
    cell_places,
    choice_nats,
    row_examples,
)
from yuefu.evaluation.sheet import Sheet
from yuefu.score.model import ROWS
from yuefu.theory.chord import QUALITY_NAMES
from yuefu.tokens.grid import EMPTY, GridBar
from yuefu.tokens.sequence import Cover, Header, Window
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.masking import Sample
from yuefu.training.samples import labelled_ids

V = vocabulary()


def ids(words: str) -> np.ndarray:
    return np.array([V.id(word) for word in words.split()], dtype=np.int16)


def window() -> Window:
    """Three bars of C, a rest and G over a tune and a beat."""
    c, g = ids("POS_0 ROOT_0 QUALITY_maj"), ids("POS_0 ROOT_7 QUALITY_7 CBASS_11")
    cells = {
        "chords": [c, ids("POS_48 NC"), g],
        "melody": [ids("POS_0 PITCH_64 DUR_24 POS_24 HOLD PITCH_67 DUR_72"), EMPTY, ids("POS_0 PITCH_71 DUR_96")],
        "keys": [ids("POS_0 PITCH_48 DUR_96 PITCH_55 DUR_96"), EMPTY, ids("POS_0 PITCH_47 DUR_96")],
        "drums": [ids("POS_0 HIT_kick HIT_closed_hat POS_48 HIT_snare"), EMPTY, ids("POS_0 HIT_kick")],
    }
    return Window([GridBar("4/4", 96)] * 3, cells, Header(style="pop", mode="major"))


def sample(row: str) -> Sample:
    mask = np.full((3, len(ROWS)), Cover.GIVEN, dtype=np.int8)
    mask[:, ROWS.index(row)] = Cover.FILL
    return Sample(window(), mask, "test")


def test_a_sheet_reads_what_sounds_when() -> None:
    sheet = Sheet(window())
    assert sheet.sounding(["melody", "keys"], 30) == [67, 48, 55]
    assert sheet.sounding(["melody", "keys"], 100) == []
    assert sheet.lowest(["melody", "keys"], 192) == 11
    assert sheet.chord_at(0, 95) == sheet.chord_at(1, 0) == (0, 0)
    assert sheet.chord_at(2, 0) == (7, QUALITY_NAMES.index("7"))
    histogram = sheet.histogram(["melody"], 0, 96)
    assert histogram[4] == pytest.approx(0.25)
    assert histogram[7] == pytest.approx(0.75)


def test_a_bar_after_the_next_is_never_heard() -> None:
    sheet = Sheet(window())
    assert sheet.next_chord(0, 0) == (-1, -1)
    assert sheet.next_chord(0, 50) == (-1, -1)
    assert sheet.next_chord(1, 60) == (7, QUALITY_NAMES.index("7"))
    changed = window()
    changed.cells["keys"][2] = ids("POS_0 PITCH_60 DUR_96")
    for row in ("chords", "melody", "drums"):
        now, then = (row_examples(w, row, ROWS) for w in (window(), changed))
        first = [i for i, choices in enumerate(now.choices) if choices[0].bar == 0]
        assert first
        assert all((now.given[i] == then.given[i]).all() for i in first)


def test_each_example_points_at_the_tokens_that_decide_it() -> None:
    for row, found in (
        ("chords", [["ROOT_0", "QUALITY_maj"], ["NC"], ["ROOT_7", "QUALITY_7"]]),
        ("melody", [["PITCH_64"], ["PITCH_67"], ["PITCH_71"]]),
        ("keys", [["PITCH_48"], ["PITCH_55"], ["PITCH_47"]]),
        ("drums", [["HIT_kick"], ["HIT_closed_hat"], [None], ["HIT_snare"], [None], ["HIT_kick"], [None]]),
    ):
        made = sample(row)
        sequence, _ = labelled_ids(made)
        places = cell_places(made.window, made.mask)
        examples = row_examples(made.window, row, ROWS)
        told = []
        for choices in examples.choices:
            tokens = [sequence[places[choice.bar, row] + choice.index] for choice in choices]
            assert all(choice.token in (None, token) for choice, token in zip(choices, tokens))
            told.append([None if choice.token is None else V.names[token] for choice, token in zip(choices, tokens)])
        assert told == found
        assert all(len(features) == len(examples.alone[0]) for features in examples.alone)
        assert all(len(features) == len(examples.given[0]) for features in examples.given)


def test_targets_are_classes_and_each_knows_the_one_before() -> None:
    chords = row_examples(window(), "chords", ("melody",))
    seven = 7 * len(QUALITY_NAMES) + QUALITY_NAMES.index("7")
    assert chords.targets == [0, CHORDS - 1, seven]
    assert chords.previous == [CHORDS, 0, CHORDS - 1]
    assert row_examples(window(), "melody", ()).previous == [PITCHES, 64 - 21, 67 - 21]
    drums = row_examples(window(), "drums", ())
    assert drums.targets.count(STOP) == 3
    assert drums.units == [0, 0, 0, 1, 1, 2, 2]


def test_features_alone_know_nothing_of_other_rows() -> None:
    other = window()
    other.cells = {**other.cells, "keys": [ids("POS_0 PITCH_61 DUR_96")] * 3}
    for row in ("melody", "drums", "chords"):
        one, two = row_examples(window(), row, ROWS), row_examples(other, row, ROWS)
        assert np.array_equal(one.alone, two.alone)
        if row != "drums":  # a beat hears when others begin, not what
            assert not np.array_equal(one.given, two.given)


def test_a_choice_is_judged_among_its_kind() -> None:
    shares = np.full(len(V), 0.5 / (len(V) - 2))
    shares[V.pitch + 60], shares[V.end] = 0.2, 0.3
    log_shares = np.log(shares / shares.sum()).astype(np.float32)
    pitches = [choice_nats(log_shares, Choice(0, 1, "PITCH", V.pitch + p)) for p in range(21, 109)]
    assert np.exp(-np.array(pitches)).sum() == pytest.approx(1, abs=1e-5)
    assert pitches.index(min(pitches)) == 60 - 21
    more = [choice_nats(log_shares, Choice(0, 1, "MORE", token)) for token in (*range(V.hit, V.hit + SOUNDS), None)]
    assert np.exp(-np.array(more)).sum() == pytest.approx(1, abs=1e-5)
    assert more[-1] == min(more)


def test_a_held_note_and_a_simultaneous_one_are_seen() -> None:
    keys = row_examples(replace(window()), "keys", ())
    assert keys.alone[1][-1] == 1.0  # something already sounds together with it
    assert keys.alone[0][-1] == 0.0
