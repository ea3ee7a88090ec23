"""What is found in a piece whose ideas are known, and that key and tempo make no difference."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from tests.inspire.songs import HOOK, SOURCE, song

from yuefu.errors import UnknownNameError
from yuefu.inspire.extract import distinct, fingerprint, ideas_of_score
from yuefu.inspire.idea import KINDS, Idea
from yuefu.inspire.material import repeated
from yuefu.score.model import Score


def found(kind: str, score: Score | None = None) -> list[Idea]:
    return [idea for idea in ideas_of_score(score or song(), SOURCE) if idea.kind == kind]


def test_the_hook_is_the_phrase_that_comes_back() -> None:
    """The first hook begins with the bars that are heard five times, with their exact rhythm and chords."""
    hook = found("hook")[0]
    head = [(note[1], note[3]) for note in hook.notes][: len(HOOK)]
    assert head == [(place / 4, pitch) for place, pitch, _ in HOOK]
    assert dict(hook.facts)["heard"] >= 2
    assert [roman for *_, roman, _ in hook.chords][:2] == ["I", "V"]


def test_a_loop_is_told_once() -> None:
    """I V vi IV, heard four times, is one progression of four bars, its repeats folded."""
    progression = found("progression")[0]
    assert [roman for *_, roman, _ in progression.chords] == ["I", "V", "vi", "IV"]
    assert progression.bars == 4
    assert dict(progression.facts)["heard"] >= 4


def test_patterns_are_told_apart_from_their_chords() -> None:
    """A bass figure under four different chords is one idea, heard sixteen times; so are broken chords and a groove."""
    for kind in ("bass", "texture", "groove"):
        first = found(kind)[0]
        assert dict(first.facts)["heard"] * first.bars >= 12, kind


def test_motifs_recur_and_are_no_scales() -> None:
    """Every motif is heard twice at least, and none moves by one step in one direction in equal notes."""
    motifs = found("motif")
    assert motifs
    for motif in motifs:
        assert dict(motif.facts)["heard"] >= 2
        pitches = [note[3] for note in motif.notes]
        gaps = {round(b[1] - a[1], 3) for a, b in zip(motif.notes, motif.notes[1:], strict=False)}
        moves = {b - a for a, b in itertools.pairwise(pitches)}
        assert len(gaps) > 1 or len(moves) > 1


def test_another_key_and_tempo_say_the_same() -> None:
    """The ideas of the song in E flat, faster, have the same fingerprints, in the same order."""
    here = [fingerprint(idea) for idea in ideas_of_score(song(), SOURCE)]
    there = [fingerprint(idea) for idea in ideas_of_score(song("Eb major", 140.0), SOURCE)]
    assert here == there


def test_bars_are_counted_as_musicians_do() -> None:
    """The source of the first progression is its first bar, from 1."""
    assert found("progression")[0].source.bars == (1, 4)


def test_kinds_can_be_chosen_and_unknown_ones_are_refused() -> None:
    """Only what is asked for is looked for; a kind that isn't one is named in the error."""
    assert {idea.kind for idea in ideas_of_score(song(), SOURCE, ("groove", "bass"))} == {"groove", "bass"}
    with pytest.raises(UnknownNameError, match="solo"):
        ideas_of_score(song(), SOURCE, ("solo",))


def test_an_empty_score_has_no_ideas() -> None:
    """Nothing is found in nothing, and a piece of two notes breaks nothing."""
    assert ideas_of_score(Score(), SOURCE) == []
    score = song()
    short = replace(score, parts=(score.parts[0].with_notes(score.parts[0].notes[:2]),), sections=(), chords=())
    assert isinstance(ideas_of_score(short, SOURCE), list)


def test_what_says_the_same_is_told_once() -> None:
    """Two equal ideas of different sources are one."""
    ideas = ideas_of_score(song(), SOURCE)
    assert len(distinct([*ideas, *ideas_of_score(song("D major"), replace(SOURCE, piece="file:b.mid"))])) == len(ideas)


def test_longer_patterns_are_kept_where_they_come_back() -> None:
    """a b a b is one pattern of two bars; a a a a is one of a single bar."""
    assert repeated(list("abab"))[0] == (0, 2, 2)
    assert repeated(list("aaaa")) == [(0, 1, 4)]


def test_every_kind_of_a_piece_is_found() -> None:
    """The song has something of each kind but words."""
    assert {idea.kind for idea in ideas_of_score(song(), SOURCE)} == set(KINDS) - {"lyric", "title"}
