"""Form is found where it was planted, and missed where it wasn't."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.evaluation.works import song

from yuefu.analysis.form import section_similarities, section_similarity
from yuefu.evaluation.piece_baselines import bars_shuffled
from yuefu.evaluation.structure import (
    RELATIONS,
    ends_compared,
    hook_returns,
    phrase_ends,
    section_relations,
)
from yuefu.score.model import ChordSpan, Part, Score, Section, make_notes
from yuefu.theory.chord import Chord


def _piece(pitches: list[list[int]], chords: str = "", sections: tuple[Section, ...] = ()) -> Score:
    """Bars of 4/4 with the given pitches spread evenly, over a chord a bar."""
    rows = []
    for bar, own in enumerate(pitches):
        length = 96 // max(len(own), 1)
        rows += [(len(rows) + i + 1, bar * 96 + i * length, length, p, 80) for i, p in enumerate(own)]
    spans = tuple(ChordSpan(i * 96, 96, Chord.parse(name)) for i, name in enumerate(chords.split()))
    return Score(parts=(Part("m", "Flute", "melody", 73, "flute", make_notes(rows)),), chords=spans, sections=sections)


def test_a_planted_aaba_relates_as_its_letters_say() -> None:
    piece = song(1)
    found = section_relations(piece)
    assert found["same letter"] == pytest.approx(1.0)
    assert found["different letter"] < 0.6
    assert np.isnan(found["primed letter"])
    primed = tuple(replace(s, letter="A'") if i == 1 else s for i, s in enumerate(piece.sections))
    assert section_relations(piece, primed)["primed letter"] == pytest.approx(1.0)
    mixed = section_relations(bars_shuffled(piece, np.random.default_rng(4)))
    assert mixed["same letter"] < 0.8
    assert all(np.isnan(value) for value in section_relations(replace(piece, sections=())).values())
    assert set(found) == set(RELATIONS)


def test_likeness_of_many_sections_is_that_of_each_two() -> None:
    piece = song(2)
    table = section_similarities(piece, piece.sections)
    assert table.shape == (4, 4)
    assert table[0, 2] == section_similarity(piece, piece.sections[0], piece.sections[2])
    assert np.allclose(table, table.T)


def test_a_hook_returns_in_any_key_but_not_in_another_rhythm() -> None:
    a, b, c = [60, 62, 64, 67], [69, 67, 64, 62], [72, 71]
    aba = (Section(0, 192, "A"), Section(192, 192, "B"), Section(384, 192, "A'"))
    assert hook_returns(_piece([a, b, c, c, a, b], sections=aba)) == 1.0
    assert hook_returns(_piece([a, b, c, c, [p + 5 for p in a], [p + 5 for p in b]], sections=aba)) == 1.0
    assert hook_returns(_piece([a, b, c, c, a, c], sections=aba)) == 0.0
    assert hook_returns(_piece([a, b, c, c, a[:3], b], sections=aba)) == 0.0
    # It returns, but in a section of another letter.
    assert np.isnan(hook_returns(_piece([a, b, a, b], sections=(Section(0, 192, "A"), Section(192, 192, "B")))))
    assert hook_returns(song(1)) == 1.0


def test_phrases_end_over_the_chord_that_sounds_there() -> None:
    phrase = [[60, 62, 64, 65, 67, 65, 64, 62], [64, 62, 60, 62, 64, 65, 67, 69], [71, 72, 71, 69], [67]]
    close = [[60, 62, 64, 65, 67, 65, 64, 62], [64, 62, 60, 62, 64, 65, 67, 65], [64, 62, 59, 62], [60]]
    found = phrase_ends(_piece([*phrase, *close], "C F G G C F G C"))
    assert found == {
        "on tonic": 0.5, "on dominant": 0.5, "on either": 1.0, "closing cadence": 1.0, "ends on tonic": 1.0,
    }  # fmt: skip
    open_end = phrase_ends(_piece([*phrase, *close], "C F G G C F G Am"))
    assert (open_end["on tonic"], open_end["closing cadence"], open_end["ends on tonic"]) == (0.0, 0.0, 0.0)
    assert all(np.isnan(value) for value in phrase_ends(Score()).values())


def test_a_piece_that_wears_out_is_told_from_one_that_goes_on() -> None:
    rng = np.random.default_rng(1)
    lively = [rng.integers(60, 84, 8).tolist() for _ in range(60)]
    worn = lively[:40] + [[60, 60] for _ in range(20)]
    # Two seconds a bar at 120 quarters a minute: thirty seconds are fifteen bars.
    first, last = ends_compared(_piece(worn), 30)
    assert first.density == pytest.approx(4.0)
    assert last.density == pytest.approx(1.0)
    assert (first.distinct, last.distinct) == (1.0, pytest.approx(1 / 15))
    assert last.entropy == 0.0 < 3.0 < first.entropy
    assert last.likeness == 1.0 > 0.3 > first.likeness
    first, last = ends_compared(_piece(lively), 30)
    assert last.density == first.density
    assert last.distinct == first.distinct == 1.0
    # A short piece is cut in half.
    halves = ends_compared(_piece([[60, 62], [64, 65], [67], [69]]), 60)
    assert [half.density for half in halves] == [1.0, 0.5]
