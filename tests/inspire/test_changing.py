"""Ideas turned and combined: what has to stay stays, and what is chosen anew fits."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.inspire.songs import SOURCE, song
from tests.inspire.test_index import line, progression, strokes

from yuefu.errors import InputError, UnknownNameError
from yuefu.inspire.combining import combined
from yuefu.inspire.extract import ideas_of_score
from yuefu.inspire.features import lead_notes
from yuefu.inspire.idea import Idea, Source
from yuefu.inspire.making import make_idea
from yuefu.inspire.sparks import sparks
from yuefu.inspire.turning import PLAIN, turned
from yuefu.text.lyrics import parse_lyrics
from yuefu.text.rhymes import closeness
from yuefu.theory.chord import Chord


def by_kind(kind: str) -> Idea:
    return next(idea for idea in ideas_of_score(song(), SOURCE) if idea.kind == kind)


def pitches(idea: Idea) -> list[int]:
    return [note[3] for note in idea.notes]


@given(st.lists(st.integers(55, 79), min_size=3, max_size=12), st.sampled_from(["C major", "Eb major", "A minor"]))
@settings(max_examples=40, deadline=None)
def test_turning_twice_comes_back(line_: list[int], key: str) -> None:
    """Backwards twice, and slower then faster, give the idea as it was."""
    idea = line(line_, "x", key)
    assert turned(turned(idea, "retrograde"), "retrograde").notes == idea.notes
    assert turned(turned(idea, "augment"), "diminish").notes == idea.notes


def test_upside_down_goes_down_where_it_went_up() -> None:
    """C D E G upside down in C major is C B A F: steps of the scale around the first note."""
    assert pitches(turned(line([72, 74, 76, 79], "x"), "invert")) in ([72, 71, 69, 65], [84, 83, 81, 77])


def test_a_sequence_moves_along_the_scale() -> None:
    """Three times, each a step lower, within the key; its chords move along."""
    idea = line([72, 71, 72, 76], "x")
    made = turned(idea, "sequence")
    assert made.bars == 3 * idea.bars
    assert pitches(made) == [72, 71, 72, 76, 71, 69, 71, 74, 69, 67, 69, 72]


def test_a_transposition_keeps_intervals_and_numerals() -> None:
    """Moved to E flat a progression has the same numerals, and a tune the same intervals."""
    moved = turned(progression("C G Am F"), "transpose", "Eb major")
    assert [symbol for *_, symbol in moved.chords] == ["Eb", "Bb", "Cm", "Ab"]
    assert [roman for *_, roman, _ in moved.chords] == ["I", "V", "vi", "IV"]
    tune = line([60, 64, 67], "x")
    assert {b - a for a, b in zip(pitches(tune), pitches(turned(tune, "transpose", "A major")), strict=True)} == {-3}


def test_negative_harmony_mirrors_a_dominant_into_a_minor_subdominant() -> None:
    """G major turned upside down in C is F minor."""
    assert [symbol for *_, symbol in turned(progression("C G"), "invert").chords] == ["Cm", "Fm"]


def test_what_has_no_ups_and_downs_is_not_turned_over() -> None:
    """A groove, a rhythm and words refuse, in a sentence; so does an unknown way."""
    for idea in (
        strokes("x..x", "x", "drums", 36),
        strokes("x..x", "x"),
        make_idea("title", Source("words:1"), text="A"),
    ):
        with pytest.raises(InputError):
            turned(idea, "invert")
    with pytest.raises(UnknownNameError):
        turned(line([60, 62, 64], "x"), "shuffle")


def test_a_turned_idea_keeps_its_source() -> None:
    """What is turned is still somebody's: title and rights stay."""
    idea = by_kind("hook")
    for how in PLAIN:
        assert turned(idea, how).source == idea.source


@given(
    st.lists(st.tuples(st.sampled_from([1, 2, 3, 4, 6]), st.booleans()), min_size=3, max_size=12),
    st.sampled_from(["C G Am F", "Am Dm E7 Am", "Dm7 G7 Cmaj7", "C Eb F G"]),
    st.integers(0, 50),
)
@settings(max_examples=40, deadline=None)
def test_the_rhythm_of_one_on_the_chords_of_another(beats: list[tuple[int, bool]], chords: str, seed: int) -> None:
    """The rhythm is kept exactly, goes round till the chords are said; beats lie in chords, and leaps stay small."""
    notes, place = [], 0
    for length, rest in beats:
        if not rest or not notes:
            notes.append(("melody", place / 4, length / 4, 67, 80))
        place += length
    rhythm = make_idea("rhythm", Source("file:r"), notes=notes, bars=-(-place // 16))
    made = combined(
        rhythm=rhythm, chords=progression(chords, "A minor" if chords[:2] == "Am" else "C major"), seed=seed
    )
    own = rhythm.bars * 4.0
    told = [(start, length) for start, length, _ in lead_notes(rhythm)]
    assert [(s, d) for s, d, _ in lead_notes(made) if s < own] == told
    line_ = lead_notes(made)
    for start, _, pitch in line_:
        chord = [symbol for at, _, _, symbol in made.chords if at <= start][-1]
        if start % 4 in (0.0, 2.0):
            assert pitch % 12 in Chord.parse(chord).pitch_classes
    heights = [pitch for *_, pitch in line_]
    assert max(heights) - min(heights) <= 16
    assert all(abs(b - a) <= 12 for a, b in itertools.pairwise(heights))


def test_a_bass_answers_its_root_with_the_other_root() -> None:
    """Root, root, fifth, octave under C become those of every chord."""
    made = combined(bass=by_kind("bass"), chords=progression("Dm Bb"))
    first = [note[3] % 12 for note in made.notes if note[1] < 4]
    assert first == [2, 2, 9, 2]
    second = [note[3] % 12 for note in made.notes if 4 <= note[1] < 8]
    assert second == [10, 10, 5, 10]


def test_a_groove_stays_to_the_stroke() -> None:
    """Drums aren't chosen anew, whatever the chords; a shorter groove goes round."""
    groove = by_kind("groove")
    made = combined(chords=progression("C F"), groove=groove)
    own = groove.bars * 4.0
    assert [n for n in made.notes if n[1] < own] == list(groove.notes)


def test_a_combination_is_as_free_as_its_least_free_part() -> None:
    """One source that isn't free, or that nobody knows, makes the whole so."""
    free, unknown = line([60, 64, 67, 65], "a"), progression("C F", name="b")
    assert combined(rhythm=free, chords=unknown).source.free is None
    assert combined(rhythm=by_kind("hook"), chords=by_kind("progression")).source.free is True


def test_what_does_not_fit_together_is_refused() -> None:
    """Nothing, words, metres that differ and chords that aren't there have their sentences."""
    waltz = make_idea("rhythm", Source("file:w"), notes=[("melody", 0.0, 1.0, 60, 80)], bars=1, meter="3/4")
    for parts in (
        {}, {"rhythm": waltz, "chords": progression("C F")}, {"chords": strokes("x..x", "x")},
        {"groove": line([60, 62], "x")}, {"rhythm": progression("C F")},
        {"melody": make_idea("lyric", Source("words:1"), text="la")},
    ):  # fmt: skip
        with pytest.raises(InputError):
            combined(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(("words", "language"), [("a rainy night", "en"), ("雨夜的思念", "zh"), ("", "en"), ("", "zh")])
def test_a_lyric_rhymes_and_scans(words: str, language: str) -> None:
    """Four lines of about as many syllables, half of them rhyming; the same seed writes the same, another another."""
    made = list(sparks(words, language, seed=3, n=4, kinds=("lyric",)))
    assert made
    for idea in made:
        lines = [line_ for section in parse_lyrics(idea.text).sections for line_ in section.lines]
        assert len(lines) == 4
        counts = [len(line_.syllables) for line_ in lines]
        assert max(counts) - min(counts) <= 3
        pairs = [(a, b) for a in range(4) for b in range(a)]
        assert any(closeness(lines[a].rhyme, lines[b].rhyme) == 2 for a, b in pairs)
    assert made == sparks(words, language, seed=3, n=4, kinds=("lyric",))
    assert made != sparks(words, language, seed=4, n=4, kinds=("lyric",))


def test_titles_take_up_the_words_and_never_repeat_what_is_there() -> None:
    """A title for a rainy river names one of them; a title that the library has isn't given again."""
    titles = [idea.text for idea in sparks("rain on the river", "en", seed=1, n=6, kinds=("title",))]
    assert any(word in " ".join(titles).lower() for word in ("rain", "river"))
    known = [make_idea("title", Source("file:x", titles[0]), text="other")]
    assert titles[0] not in [idea.text for idea in sparks("rain on the river", "en", known, 1, 6, ("title",))]
    with pytest.raises(UnknownNameError):
        sparks("rain", "fr")
