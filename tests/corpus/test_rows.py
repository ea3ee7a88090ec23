"""Every scoring becomes at most one part a row, each row what its name says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from tests.corpus.tunes import chord_notes, line, song, walk
from tests.score.strategies import scores

from yuefu.corpus.clean import Refused, clean
from yuefu.corpus.lines import MAX_TOGETHER, polyphony, thin, top_line, two_voices
from yuefu.corpus.rows import assign_rows
from yuefu.score.model import NOTE_ROWS, Notes, Part, Score, make_notes, renumber

LINES = ("melody", "counter", "inner", "bass")


def most_together(notes: Notes) -> int:
    finish = notes["start"] + notes["duration"]
    return max((int(((notes["start"] <= t) & (finish > t)).sum()) for t in notes["start"]), default=0)


def parts(*lists: tuple[str, int, Notes]) -> Score:
    made = [Part(f"p{i}", name, "melody", program, "", notes) for i, (name, program, notes) in enumerate(lists)]
    return renumber(Score(parts=tuple(made)))


@settings(max_examples=80, deadline=None)
@given(scores())
def test_one_part_a_row_lines_single_and_chords_thin(score: Score) -> None:
    try:
        score = clean(score)
    except Refused:
        return
    found = assign_rows(score)
    roles = [part.role for part in found.parts]
    assert max(Counter(roles).values(), default=1) == 1
    assert roles == [row for row in NOTE_ROWS if row in roles]
    for part in found.parts:
        if part.role in LINES:
            assert most_together(part.notes) == 1
        elif part.role in ("keys", "pad"):
            assert most_together(part.notes) <= MAX_TOGETHER
    ids = np.concatenate([part.notes["id"] for part in found.parts] or [np.zeros(0)])
    assert len(np.unique(ids)) == len(ids)


def test_a_quartet_is_read_from_top_to_bottom() -> None:
    score = parts(
        ("Viola", 41, line(walk(3, 16, 60))),
        ("Cello", 42, line(walk(4, 16, 48))),
        ("Violin 1", 40, line(walk(1, 16, 84))),
        ("Violin 2", 40, line(walk(2, 16, 72))),
    )
    found = {part.role: part.name for part in assign_rows(score).parts}
    assert found == {"melody": "Violin 1", "counter": "Violin 2", "inner": "Viola", "bass": "Cello"}


def test_a_quartet_that_is_known_keeps_its_order() -> None:
    """First and second violin may cross; the reader's order decides."""
    score = parts(*((f"v{i}", 40, line(walk(i, 16, pitch))) for i, pitch in enumerate((70, 76, 60, 50))))
    score = replace(score, metadata={"layout": "lines"})
    found = assign_rows(score)
    assert [part.name for part in found.parts] == ["v0", "v1", "v2", "v3"]
    assert "layout" not in found.metadata


def test_two_staves_of_two_voices_become_four() -> None:
    soprano, alto = walk(1, 16, 76), [60 + p % 5 for p in walk(2, 16)]
    tenor, bass = [52 + p % 5 for p in walk(3, 16)], [40 + p % 7 for p in walk(4, 16)]

    def staff(high: list[int], low: list[int], first: int) -> Notes:
        rows = [(first + 2 * i, i * 24, 24, p, 80) for i, p in enumerate(high)]
        rows += [(first + 2 * i + 1, i * 24, 24, p, 80) for i, p in enumerate(low)]
        return make_notes(sorted(rows, key=lambda r: (r[1], r[3])))

    score = parts(("Women", 52, staff(soprano, alto, 1)), ("Men", 52, staff(tenor, bass, 100)))
    found = {part.role: part.notes["pitch"].tolist() for part in assign_rows(score).parts}
    assert found == {"melody": soprano, "counter": alto, "inner": tenor, "bass": bass}


def test_a_singer_has_the_tune_and_the_piano_gives_a_bass() -> None:
    found = {part.role: part for part in assign_rows(song()).parts}
    assert list(found) == ["melody", "bass", "keys"]
    assert found["melody"].name == "Voice"
    assert found["bass"].notes["pitch"].max() < 60
    assert most_together(found["keys"].notes) == 3


def test_a_pianist_is_split_into_tune_bass_and_middle() -> None:
    """An Alberti bass gives its lowest notes to the bass and the rest to the keys."""
    tune = walk(5, 16, 76)
    figure = [48, 55, 52, 55] * 8
    score = parts(("up", 0, line(tune)), ("down", 0, line(figure, 12)))
    score = replace(score, metadata={"instrument": "Piano"})
    found = {part.role: part.notes for part in assign_rows(score).parts}
    assert found["melody"]["pitch"].tolist() == tune
    assert set(found["bass"]["pitch"].tolist()) == {48}
    assert set(found["keys"]["pitch"].tolist()) == {52, 55}


def test_a_band_has_each_player_in_a_row() -> None:
    drums = Part("d", "Drums", "drums", 0, "", line([36, 42, 38, 42] * 8, 12))
    score = parts(
        ("Strings", 48, chord_notes([60, 65, 67, 60])),
        ("Lead", 80, line(walk(1, 16, 76))),
        ("E-Bass", 33, line([36, 36, 41, 43] * 4)),
        ("Piano", 0, chord_notes([48, 53, 55, 48])),
    )
    score = renumber(replace(score, parts=(*score.parts, drums, replace(drums, id="d2", name="Percussion"))))
    found = {part.role: part.name for part in assign_rows(score).parts}
    assert found == {"melody": "Lead", "bass": "E-Bass", "keys": "Piano", "pad": "Strings", "drums": "Drums"}
    assert len(assign_rows(score).parts[-1].notes) == 32, "hits that two drum tracks share are one"


def test_sound_effects_have_no_row() -> None:
    score = parts(("Lead", 80, line(walk(1, 16, 76))), ("Reverse Cymbal", 119, line([60] * 16)))
    assert [part.name for part in assign_rows(score).parts] == ["Lead"]


def test_a_part_that_only_doubles_another_is_left_out() -> None:
    tune = walk(1, 16, 72)
    score = parts(
        ("Flute", 73, line(tune)),
        ("Piccolo", 72, line([p + 12 for p in tune])),
        ("Bass", 33, line(walk(2, 16, 40))),
        ("Strings", 48, chord_notes([60, 65, 67, 60])),
        ("Piano", 0, chord_notes([48, 53, 55, 48])),
    )
    roles = [part.role for part in assign_rows(score).parts]
    assert roles == ["melody", "bass", "keys", "pad"]


def test_the_top_line_does_not_fall_into_the_accompaniment() -> None:
    """While the tune holds or has just stopped, notes far below it aren't taken for the tune."""
    rows = [(1, 0, 36, 79, 80), (2, 0, 12, 55, 80), (3, 12, 12, 59, 80), (4, 24, 12, 62, 80)]
    rows += [(5, 36, 12, 57, 80), (6, 48, 48, 77, 80)]
    assert top_line(make_notes(rows))["pitch"].tolist() == [79, 77]


def test_two_voices_share_a_unison() -> None:
    notes = make_notes([(1, 0, 24, 60, 80), (2, 0, 24, 67, 80), (3, 24, 24, 64, 80)])
    upper, lower = two_voices(notes)
    assert upper["pitch"].tolist() == [67, 64]
    assert lower["pitch"].tolist() == [60, 64]


def test_a_thick_chord_keeps_its_outer_notes() -> None:
    notes = make_notes([(i, 0, 24, p, 80) for i, p in enumerate((36, 48, 52, 55, 60, 64, 67, 72))])
    kept = thin(notes)["pitch"].tolist()
    assert len(kept) == MAX_TOGETHER
    assert kept[0] == 36
    assert kept[-1] == 72
    assert {p % 12 for p in kept} == {0, 4, 7}


@pytest.mark.parametrize(
    ("notes", "expected"), [(line([60, 62, 64]), 1.0), (chord_notes([60]), 3.0), (make_notes(), 0.0)]
)
def test_polyphony_counts_what_sounds_together(notes: Notes, expected: float) -> None:
    assert polyphony(notes) == pytest.approx(expected)
