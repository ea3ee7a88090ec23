"""Ideas found again: in other keys, at other tempos, by substitutes, by strokes, by words, by one another."""

from __future__ import annotations

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.inspire.songs import SOURCE, song

from yuefu.errors import FormatError, InputError, LimitError, UnknownNameError, YuefuError
from yuefu.inspire.extract import ideas_of_score
from yuefu.inspire.idea import Idea, Source
from yuefu.inspire.index import IdeaIndex, Search
from yuefu.inspire.making import idea_from_dict, idea_to_dict, make_idea
from yuefu.inspire.numerals import chord_of_roman, parse_roman, roman_of
from yuefu.inspire.rights import free_sentence, read_rights, source_sentence
from yuefu.theory.chord import QUALITIES, Chord
from yuefu.theory.key import Key


def progression(symbols: str, key: str = "C major", name: str = "a") -> Idea:
    chords = [
        (4.0 * place, 4.0, roman_of(Chord.parse(symbol), Key.parse(key)), symbol)
        for place, symbol in enumerate(symbols.split())
    ]
    return make_idea("progression", Source(f"file:{name}"), bars=len(chords), key=key, chords=chords)


def line(pitches: list[int], name: str, key: str = "C major") -> Idea:
    notes = [("melody", float(place), 1.0, pitch, 80) for place, pitch in enumerate(pitches)]
    return make_idea("motif", Source(f"file:{name}"), notes=notes, bars=-(-len(pitches) // 4), key=key)


def strokes(text: str, name: str, row: str = "melody", pitch: int = 67) -> Idea:
    notes = [(row, place / 4, 0.25, pitch, 80) for place, char in enumerate(text) if char == "x"]
    return make_idea("groove" if row == "drums" else "rhythm", Source(f"file:{name}"), notes=notes, bars=1)


def names(index: IdeaIndex, search: Search, n: int = 5) -> list[str]:
    return [hit.idea.source.piece.partition(":")[2] for hit in index.search(search, n)]


def test_numerals_find_a_progression_in_every_key() -> None:
    """I V vi IV is first whether it stands in C or in A flat, as numerals, symbols of a third key, or digits."""
    index = IdeaIndex.of(
        [progression("Ab Eb Fm Db", "Ab major", "wanted"), progression("Am D G C", "G major", "other")]
    )
    for asked in ("I V vi IV", "D A Bm G", "1 5 6 4", "I-V-vi-IV"):
        assert names(index, Search(roman=asked))[0] == "wanted", asked


def test_a_loop_may_begin_anywhere_and_minor_is_its_relative() -> None:
    """vi IV I V answers I V vi IV, and so does i VI III VII of A minor."""
    index = IdeaIndex.of([progression("F#m D A E", "A major", "turned"), progression("C F G C", name="other")])
    assert names(index, Search(roman="I V vi IV"))[0] == "turned"
    index = IdeaIndex.of([progression("Am F C G", "A minor", "minor"), progression("C F G C", name="other")])
    hits = index.search(Search(roman="vi IV I V"))
    assert hits[0].idea.source.piece == "file:minor"
    assert hits[0].score == pytest.approx(1.0, abs=0.01)


def test_substitutes_come_nearer_than_strangers() -> None:
    """Asked for ii V I, a tritone substitute is better than another chord and worse than the dominant itself."""
    index = IdeaIndex.of(
        [progression("Dm7 G7 C", name="plain"), progression("Dm7 Db7 C", name="tritone"),
         progression("Dm7 Eb C", name="stranger")]
    )  # fmt: skip
    assert names(index, Search(roman="ii7 V7 I")) == ["plain", "tritone", "stranger"]


def test_a_drawing_finds_the_line_that_goes_that_way() -> None:
    """An arch finds the arch, whatever its key and size; a fall finds the fall."""
    index = IdeaIndex.of([line([60, 64, 69, 64, 60], "arch"), line([79, 76, 72, 69, 65], "fall")])
    assert names(index, Search(contour=(0.1, 0.5, 0.9, 0.5, 0.1)))[0] == "arch"
    assert names(index, Search(contour=(900, 700, 100)))[0] == "fall"


def test_strokes_find_rhythms_at_single_and_double_speed() -> None:
    """x..x..x. is the tresillo in eighths; the same shape in sixteenths, said twice, comes next, four quarters last."""
    index = IdeaIndex.of(
        [strokes("x.....x.....x...", "eighths"), strokes("x..x..x.x..x..x.", "sixteenths"),
         strokes("x...x...x...x...", "quarters")]
    )  # fmt: skip
    assert names(index, Search(rhythm="x..x..x.")) == ["eighths", "sixteenths", "quarters"]


def test_lanes_tell_kick_from_snare() -> None:
    """The same strokes on the kick and on the snare are different grooves."""
    index = IdeaIndex.of([strokes("x...x...", "kick", "drums", 36), strokes("x...x...", "snare", "drums", 38)])
    assert names(index, Search(rhythm="snare: x...x..........."), 1) == ["snare"]


def test_words_say_mood_and_kind() -> None:
    """ "sad chords" looks among progressions only, and a minor one comes before a major one; in Chinese, too."""
    index = IdeaIndex.of(
        [progression("C F G C", name="glad"), progression("Am Dm E Am", "A minor", "sad"), line([60, 62, 64], "line")]
    )
    for words in ("sad chords", "忧伤的和弦"):
        assert names(index, Search(words=words)) == ["sad", "glad"], words


def test_like_finds_the_nearest_and_never_itself() -> None:
    """Like a line: its transposition, not the line itself and not the one upside down."""
    one = line([60, 64, 62, 67, 65, 64], "one")
    index = IdeaIndex.of([one, line([67, 71, 69, 75, 72, 71], "near"), line([67, 63, 65, 60, 62, 63], "far")])
    assert names(index, Search(like=one))[0] == "near"
    assert "one" not in names(index, Search(like=one))


def test_alike_ideas_of_several_pieces_are_one_with_their_number() -> None:
    """What two pieces share is told once, with the number of pieces."""
    index = IdeaIndex.of([line([60, 64, 67], "a"), line([62, 66, 69], "b", "D major")])
    assert len(index) == 1
    assert dict(index.ideas[0].facts)["pieces"] == 2


def test_without_a_search_kinds_take_turns_and_the_seed_decides() -> None:
    """Browsing shows several kinds; the same seed the same cards, another seed other ones."""
    index = IdeaIndex.of(ideas_of_score(song(), SOURCE))
    first = index.search(Search(), 6, seed=1)
    assert len({hit.idea.kind for hit in first}) >= 4
    assert [hit.idea.id for hit in first] == [hit.idea.id for hit in index.search(Search(), 6, seed=1)]
    assert any(
        [hit.idea.id for hit in first] != [hit.idea.id for hit in index.search(Search(), 6, seed=seed)]
        for seed in (2, 3, 4)
    )


@pytest.mark.parametrize(
    ("search", "error"),
    [
        (Search(roman="I V banana"), InputError), (Search(roman=" ".join(["I"] * 40)), LimitError),
        (Search(rhythm="hello"), InputError), (Search(rhythm="...."), InputError),
        (Search(rhythm="x" * 300), LimitError), (Search(rhythm="cowbell: x..x"), InputError),
        (Search(contour=(1.0,)), InputError), (Search(contour=(1.0, float("nan"))), InputError),
        (Search(kinds=("solo",)), UnknownNameError),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_in_a_sentence(search: Search, error: type[YuefuError]) -> None:
    """Every fault has a sentence that ends with a full stop."""
    index = IdeaIndex.of([progression("C F G C"), line([60, 62, 64], "x")])
    with pytest.raises(error) as caught:
        index.search(search)
    assert str(caught.value).rstrip().endswith((".", "?"))


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="IViv b#7o/°C GDA-maj0123456789|", max_size=24))
def test_any_text_is_a_progression_or_refused(text: str) -> None:
    """Reading numerals never ends in anything but chords or a sentence."""
    with suppress(YuefuError):
        assert all(isinstance(chord, Chord) for chord in parse_roman(text))


def test_an_idea_survives_its_card() -> None:
    """Every idea of a piece goes to JSON and back without loss, its id included."""
    for idea in ideas_of_score(song(), SOURCE):
        assert idea_from_dict(json.loads(json.dumps(idea_to_dict(idea)))) == idea


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "song"}, {"notes": [["melody", 99.0, 1.0, 60, 80]]}, {"notes": [["lead", 0.0, 1.0, 60, 80]]},
        {"notes": [["melody", 0.0, 1.0, 600, 80]]}, {"notes": [["melody", 0.0]]}, {"bars": 999}, {"tempo": 0},
        {"key": "H minor"}, {"chords": [[0.0, 1.0, "I", "banana"]]}, {"source": None}, {"text": "x" * 9999},
        {"tempo": float("nan")}, {"notes": [["melody", 0.0, 1.0, 60, 80]] * 5000}, {"meter": "4/0"},
    ],
)  # fmt: skip
def test_a_damaged_card_is_refused(change: dict[str, object]) -> None:
    """What a page sends back is checked: no field may hold what an idea can't."""
    good = idea_to_dict(line([60, 62, 64], "x"))
    with pytest.raises(YuefuError):
        idea_from_dict({**good, **change})
    with pytest.raises(FormatError):
        idea_from_dict([good])


def test_twenty_thousand_ideas_are_searched_quickly() -> None:
    """Numerals, strokes and a drawing in 20,000 ideas take less than two seconds together once they are laid down."""
    import time

    ideas = [progression("C G Am F"), line([60, 64, 67, 65], "b"), strokes("x..x..x.x..x..x.", "c")]
    index = IdeaIndex(tuple(ideas[place % 3] for place in range(20_000)))
    search = Search(roman="I V vi IV", rhythm="x..x..x.", contour=(0, 1, 0.5))
    index.search(search, 5)
    began = time.process_time()
    assert len(index.search(search, 5)) == 5
    assert time.process_time() - began < 2.0
    assert np.isfinite([hit.score for hit in index.search(search, 5)]).all()


@pytest.mark.parametrize(
    ("text", "licence", "free"),
    [
        ("CC0 1.0 Universal", "CC0", True), ("Public Domain", "public domain", True),
        ("Creative Commons Attribution-ShareAlike 4.0 (CC BY-SA)", "CC BY-SA", True),
        ("CC BY-NC-ND 3.0", "CC BY-NC-ND", False), ("Copyright 2001 by X", "all rights reserved", False),
        ("版权所有", "all rights reserved", False), ("not in the public domain", "unknown", None),
        ("", "unknown", None),
    ],
)  # fmt: skip
def test_rights_are_read_and_doubt_stays_doubt(text: str, licence: str, free: bool | None) -> None:
    """Known licences are told by name; what says nothing, or denies it, is unknown."""
    assert read_rights(text) == (licence, free)


def test_every_source_has_sentences_in_both_languages() -> None:
    """Where an idea came from and whether it is free is said for every kind of source."""
    for piece in ("piece:x", "file:a.mid", "made:7", "mix:file:a+file:b", "words:3"):
        for licence, free in (("yours", True), ("unknown", None), ("all rights reserved", False), ("CC BY", True)):
            source = Source(piece, "T", "C", (1, 2), licence, free)
            assert source_sentence(source, "en").endswith(".")
            assert source_sentence(source, "zh").endswith("。")
            assert free_sentence(source, "en").endswith(".")
            assert free_sentence(source, "zh").endswith("。")
    assert "ask" in free_sentence(Source("mix:file:a+file:b"))


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_every_chord_has_a_numeral_that_reads_back(mode: str) -> None:
    """All roots and qualities of the vocabulary, in both modes, applied dominants and raised degrees included."""
    for root in range(12):
        for quality in QUALITIES:
            chord = Chord(root, quality)
            assert chord_of_roman(roman_of(chord, Key(0, mode)), mode) == chord
