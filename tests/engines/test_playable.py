"""What players can do: hands and feet, ranges, rules of a row."""

from yuefu.engines.playable import drums_within, notes_within, struck
from yuefu.engines.texture import DRUM_NAMES
from yuefu.generation.rules import RowRules


def lanes(*names: str) -> list[int]:
    return [DRUM_NAMES.index(name) for name in names]


def test_a_drummer_has_two_hands_and_two_feet():
    """Of many sounds at once the two that carry the groove stay with the kick; a hat is open or closed."""
    assert struck(lanes("kick", "snare", "closed hat", "crash", "ride"), RowRules()) == [36, 38, 49]
    assert struck(lanes("open hat", "closed hat"), RowRules()) == [46]
    assert struck(lanes("kick", "pedal hat", "ride", "snare"), RowRules()) == [36, 38, 44, 51]


def test_one_foot_treads_every_other_sixteenth_at_most():
    hits = [(step, lanes("pedal hat", "snare")) for step in range(4)]
    assert drums_within(hits, RowRules()) == [(0, [38, 44]), (1, [38]), (2, [38, 44]), (3, [38])]


def test_a_kit_without_a_sound_has_another_or_none():
    rules = RowRules(hits=frozenset({36, 38, 42}))
    assert struck(lanes("kick", "rim", "ride", "percussion"), rules) == [36, 38, 42]


def test_places_and_numbers_of_onsets_are_kept_to():
    """Onsets off the allowed places go; of too many, those on weak places go first."""
    hits = [(step, lanes("closed hat")) for step in range(16)]
    assert [s for s, _ in drums_within(hits, RowRules(places=(0, 12)))] == list(range(0, 16, 2))
    assert [s for s, _ in drums_within(hits, RowRules(max_onsets=8))] == list(range(0, 16, 2))
    assert [s for s, _ in drums_within(hits, RowRules(max_onsets=4))] == [0, 4, 8, 12]


def test_notes_fold_into_the_range_and_thin_to_the_polyphony():
    """All of a bar moves by octaves first; a chord keeps its ends; a line keeps its top and its notes don't overlap."""
    chord = [(0, 48, 4), (0, 52, 4), (0, 55, 4), (0, 60, 4)]
    rules = RowRules(low=60, high=84, polyphony=4)
    assert [p for _, p, _ in notes_within(chord, rules)] == [60, 64, 67, 72]
    assert [p for _, p, _ in notes_within(chord, RowRules(low=40, high=70, polyphony=3))] == [48, 55, 60]
    line = notes_within([(0, 36, 16), (4, 43, 4)], RowRules(low=28, high=50, polyphony=1))
    assert line == [(0, 36, 4), (4, 43, 4)]


def test_a_note_struck_again_ends_before():
    assert notes_within([(0, 60, 8), (4, 60, 4)], RowRules(polyphony=3)) == [(0, 60, 4), (4, 60, 4)]
