"""What a reader tells of the next token follows from the sequence, and from nothing that comes later."""

from yuefu.engines.reader import LABELS, Ear, Reader, place_sizes
from yuefu.tokens.sequence import Header, header_ids
from yuefu.tokens.vocabulary import LOWEST_PITCH, vocabulary

V = vocabulary()


def read(*tokens: int) -> Reader:
    reader = Reader()
    for token in tokens:
        reader.push(token)
    return reader


def chord(root: int, quality: int = 0, tick: int = 0) -> list[int]:
    return [V.position_ids[tick], V.root + root, V.quality + quality]


def note(tick: int, pitch: int, ticks: int = 24) -> list[int]:
    return [V.position_ids[tick], V.pitch + pitch, V.duration_ids[ticks]]


BAR = [V.bar, V.given["chords"], *chord(0), *chord(7, 1, 48)]


def test_the_chord_of_a_place_is_the_one_that_sounds_there():
    """Two chords in a bar: each is told from its own place on."""
    reader = read(*header_ids(Header(mode="minor"), "4/4"), *BAR, V.fill["melody"], V.position_ids[24])
    assert (reader.place.root, reader.place.quality) == (1, 1)
    reader = read(*BAR, V.fill["melody"], V.position_ids[60])
    assert (reader.place.root, reader.place.quality) == (8, 2)
    assert (reader.place.quarter, reader.place.row) == (3, LABELS.index("melody"))


def test_the_same_point_of_the_bar_before_is_told_part_by_part():
    """After a place comes the pitch that stood there; after its length the next place; at the end END."""
    first = [V.bar, V.fill["bass"], *note(0, 36, 48), *note(48, 43), V.end]
    again = [V.bar + 1, V.fill["bass"]]
    assert read(*first, *again).place.same == V.position_ids[0]
    assert read(*first, *again, V.position_ids[0]).place.same == V.pitch + 36
    assert read(*first, *again, *note(0, 40)[:2]).place.same == V.duration_ids[48]
    assert read(*first, *again, *note(0, 40)).place.same == V.position_ids[48]
    assert read(*first, *again, *note(48, 40)).place.same == V.end
    assert read(*first, *again, V.position_ids[24]).place.same == 0


def test_pitches_and_asked_onsets_are_counted_down():
    reader = read(V.bar, V.fill["melody"], V.count + 3, *note(0, 60), *note(24, 64), V.position_ids[48])
    assert (reader.place.pitch, reader.place.before) == (64 - LOWEST_PITCH + 1, 60 - LOWEST_PITCH + 1)
    assert reader.place.left == 1


def test_every_fact_stays_within_its_size():
    """Whatever tokens come, in whatever order, a place can be looked up in tables of ``place_sizes``."""
    import numpy as np

    reader = Reader()
    for token in np.random.default_rng(0).integers(0, len(V), 4000).tolist():
        reader.push(token)
        assert all(0 <= value < size for value, size in zip(reader.place, place_sizes(), strict=True)), reader.place


def test_an_ear_misses_what_is_given_in_rows_that_it_does_not_know():
    ear = Ear(("melody",))
    tokens = [V.bar, V.given["keys"], *note(0, 60), V.fill["melody"], *note(0, 60)]
    assert [ear.hears(token) for token in tokens] == [True, *[False] * 4, *[True] * 4]
