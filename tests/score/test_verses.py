"""Verses under one melody: folded only where the music is the same, and played out to the same music."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.page.engrave import engrave
from yuefu.score.jianpu import jianpu_of
from yuefu.score.jianpu_read import read_jianpu
from yuefu.score.jianpu_text import jianpu_text
from yuefu.score.model import ChordSpan, Part, Score, Section, Syllable, make_notes
from yuefu.score.musicxml_read import read_musicxml
from yuefu.score.musicxml_write import musicxml_bytes
from yuefu.score.verses import folded_verses
from yuefu.theory.chord import Chord

BAR = 96
VERSE, CHORUS = (60, 62, 64, 65), (67, 65, 64, 60)


def song(*sections: tuple[str, tuple[int, ...], str]) -> Score:
    """A song of sections (letter, a pitch a bar, a letter a bar as words); chords C and G in turn."""
    rows, words, spans, marks = [], [], [], []
    tick = 0
    for letter, pitches, text in sections:
        marks.append(Section(tick, len(pitches) * BAR, letter, "verse" if letter == "A" else "chorus"))
        for index, pitch in enumerate(pitches):
            rows += [(len(rows) + 1, tick, 48, pitch, 80), (len(rows) + 2, tick + 48, 48, pitch + 2, 70)]
            if text:
                words.append(Syllable(len(rows) - 1, text[index], line_end=index + 1 == len(pitches)))
            spans.append(ChordSpan(tick, BAR, Chord(7 * (index % 2))))
            tick += BAR
    part = Part("P1", "Voice", notes=make_notes(rows), syllables=tuple(words))
    return Score(title="Song", parts=(part,), chords=tuple(spans), sections=tuple(marks), length=tick)


def heard(score: Score) -> list[list[tuple[int, ...]]]:
    return [part.notes[["start", "duration", "pitch"]].tolist() for part in score.parts]


def test_a_second_verse_stands_under_the_first_and_a_chorus_has_its_words_once() -> None:
    """Verse, chorus, verse, chorus becomes one of each, repeated, with two rows of words in the verse alone."""
    score = song(
        ("A", VERSE, "床前明月"), ("B", CHORUS, "啦啦啦啦"), ("A", VERSE, "疑是地上"), ("B", CHORUS, "啦啦啦啦")
    )
    folded, (repeat,) = folded_verses(score)
    assert (repeat.start, repeat.end, repeat.times, repeat.endings) == (0, 8 * BAR, 2, ())
    assert len(folded.bars) == 8
    by_verse = {v: "".join(s.text for s in folded.parts[0].syllables if s.verse == v) for v in (1, 2)}
    assert by_verse == {1: "床前明月啦啦啦啦", 2: "疑是地上"}
    assert [s.letter for s in folded.sections] == ["A", "B"]


@pytest.mark.parametrize("what", ["pitch", "rhythm", "chord", "words", "tempo", "section"])
def test_what_differs_anywhere_but_at_the_end_is_written_out(what: str) -> None:
    """One other pitch, duration, chord, place of a syllable, tempo or name is enough to keep both verses."""
    score = song(("A", VERSE, "abcd"), ("A", VERSE, "efgh"))
    part = score.parts[0]
    notes = part.notes.copy()
    if what == "pitch":
        notes["pitch"][10] += 1
    if what == "rhythm":
        notes["duration"][10] = 24
    if what == "chord":
        score = replace(score, chords=(*score.chords[:5], replace(score.chords[5], chord=Chord(5)), *score.chords[6:]))
    if what == "words":
        part = replace(part, syllables=tuple(s for s in part.syllables if s.text != "f"))
    if what == "section":
        score = replace(score, sections=(score.sections[0], replace(score.sections[1], letter="B", kind="chorus")))
    if what == "tempo":
        score = replace(score, tempos=(*score.tempos, replace(score.tempos[0], tick=5 * BAR, bpm=90.0)))
    score = replace(score, parts=(replace(part, notes=notes),))
    assert folded_verses(score) == (score, ())


def test_another_last_bar_becomes_a_second_ending() -> None:
    """Verses that differ in their last bar alone are folded, with the first and the last pass's own bar."""
    score = song(("A", VERSE, "abcd"), ("A", VERSE, "efgh"), ("A", (60, 62, 64, 72), "ijkl"), ("B", CHORUS, "mnop"))
    folded, (repeat,) = folded_verses(score)
    assert [e.numbers for e in repeat.endings] == [(1, 2), (3,)]
    assert len(folded.bars) == 4 + 1 + 4
    assert heard(folded)[0][8:10] == [(4 * BAR, 48, 72), (4 * BAR + 48, 48, 74)]


@pytest.mark.parametrize(
    "sections",
    [
        [("A", VERSE, "abcd"), ("A", VERSE, "efgh"), ("B", CHORUS, "mnop")],
        [("I", (50, 50, 50, 50), ""), ("A", VERSE, "abcd"), ("A", VERSE, "efgh"), ("A", (60, 62, 64, 72), "ijkl")],
        [
            ("A", VERSE, "abcd"),
            ("B", CHORUS, "lala"),
            ("A", VERSE, "efgh"),
            ("B", CHORUS, "lala"),
            ("C", VERSE, "xxxx"),
        ],
    ],
)
def test_played_out_it_is_the_same_song(sections: list[tuple[str, tuple[int, ...], str]]) -> None:
    """Through MusicXML and through numbered notation alike, repeats give back every note, and each pass its words."""
    score = song(*sections)
    folded, repeats = folded_verses(score)
    assert repeats
    for again in (
        read_musicxml(musicxml_bytes(folded, repeats)),
        read_jianpu(jianpu_text(jianpu_of(folded, repeats=repeats))),
    ):
        assert heard(again) == heard(score)
        assert [s.text for s in again.parts[0].syllables] == [s.text for s in score.parts[0].syllables]
        assert [(c.start, c.chord) for c in again.chords] == [(c.start, c.chord) for c in score.chords]


def test_a_note_held_over_the_joint_keeps_it_whole() -> None:
    """Where a note sounds on from one verse into the next, nothing is cut."""
    score = song(("A", VERSE, "abcd"), ("A", VERSE, "efgh"))
    part = score.parts[0]
    notes = part.notes.copy()
    notes["duration"][7] = 60
    score = replace(score, parts=(replace(part, notes=notes),))
    assert folded_verses(score)[1] == ()


def test_engraved_pages_show_both_verses_and_the_brackets() -> None:
    """The engraver gets repeat signs, endings and both rows of words."""
    score = song(("A", VERSE, "春眠不觉"), ("A", (60, 62, 64, 72), "处处闻啼"))
    (page,) = engrave(musicxml_bytes(*folded_verses(score))).pages
    assert page.count('class="ending') >= 2
    for char in "春眠不觉处处闻啼":
        assert f">{char}<" in page


@st.composite
def songs(draw: st.DrawFn) -> Score:
    """Songs whose sections return, some of them with another bar or other words."""
    tunes = {letter: draw(st.lists(st.integers(55, 75), min_size=4, max_size=6)) for letter in "AB"}
    sections = []
    for letter in draw(st.lists(st.sampled_from("AAB"), min_size=1, max_size=6)):
        pitches = list(tunes[letter])
        if draw(st.integers(0, 3)) == 0:
            pitches[draw(st.sampled_from((-1, -1, 0)))] = draw(st.integers(55, 75))
        text = "".join(draw(st.sampled_from("春江花月夜")) for _ in pitches) if draw(st.integers(0, 4)) else ""
        sections.append((letter, tuple(pitches), text))
    return song(*sections)


@settings(deadline=None, max_examples=100)
@given(songs())
def test_whatever_returns_folding_never_changes_what_is_heard(score: Score) -> None:
    """Notes, words and chords, played out from the folded page, are those of the song, however its sections return."""
    folded, repeats = folded_verses(score)
    assert len(folded.bars) <= len(score.bars)
    again = read_musicxml(musicxml_bytes(folded, repeats))
    assert heard(again) == heard(score)
    assert [s.text for s in again.parts[0].syllables] == [s.text for s in score.parts[0].syllables]
    assert [(c.start, c.chord) for c in again.chords] == [(c.start, c.chord) for c in score.chords]
    typed = read_jianpu(jianpu_text(jianpu_of(folded, repeats=repeats)))
    assert heard(typed) == heard(score)
    assert [s.text for s in typed.parts[0].syllables] == [s.text for s in score.parts[0].syllables]
