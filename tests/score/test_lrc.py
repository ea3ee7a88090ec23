"""Karaoke: every line and syllable at the moment when it is heard."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from tests.score.strategies import scores

from yuefu.errors import FormatError
from yuefu.score.files import read_score, write_score
from yuefu.score.lrc import lrc_text, sung_lines
from yuefu.score.model import Part, Score, Syllable, TempoChange, make_notes
from yuefu.score.performed import Performance, performed_notes

WORDS = (
    Syllable(1, "moon", "begin"), Syllable(2, "light", "end"), Syllable(3, "falls", line_end=True),
    Syllable(5, "床"), Syllable(6, "前，", line_end=True),
)  # fmt: skip
ROWS = [(i + 1, i * 24, 24, 60 + i, 80) for i in range(4)] + [(5, 480, 24, 60, 80), (6, 504, 48, 62, 80)]
SONG = Score(
    title="月光", composer="乐府", parts=(Part("P1", "Voice", notes=make_notes(ROWS), syllables=WORDS),), length=576
)


def test_lines_have_their_time_and_a_long_silence_clears_the_screen() -> None:
    """At 120 a quarter is half a second; after four seconds without words an empty line follows."""
    assert lrc_text(SONG).split("\n") == [
        "[ti:月光]", "[ar:乐府]", "[length:00:12]", "[re:Yuefu]",
        "[00:00.00]moonlight falls", "[00:02.00]", "[00:10.00]床前，", "",
    ]  # fmt: skip


def test_syllables_have_their_times_and_a_line_its_end() -> None:
    """In the enhanced form each syllable is timed; a held syllable lasts as long as its notes."""
    lines = lrc_text(SONG, words=True).split("\n")
    assert "[00:00.00]<00:00.00>moon<00:00.50>light <00:01.00>falls<00:02.00>" in lines
    assert "[00:10.00]<00:10.00>床<00:10.50>前，<00:11.50>" in lines


def test_times_follow_tempo_changes_and_the_way_it_is_played() -> None:
    """A change of tempo moves all that comes after it; a performance's own curve and onsets count where given."""
    slower = replace(SONG, tempos=(TempoChange(0, 120.0), TempoChange(240, 60.0)))
    assert sung_lines(slower)[1].start == pytest.approx(5 + 10)
    notes = performed_notes(SONG.parts[0])
    notes["start"][0] += 0.24
    played = Performance(SONG, {"P1": notes}, (TempoChange(0, 60.0),))
    assert sung_lines(SONG, played)[0].start == pytest.approx(0.01)
    assert sung_lines(SONG, played)[1].start == pytest.approx(20)


def test_without_marked_ends_lines_break_at_rests_and_never_within_words() -> None:
    """Words of a plain file become lines of a readable length."""
    rows = [(i + 1, i * 24 + (96 if i >= 10 else 0), 24, 60, 80) for i in range(60)]
    words = tuple(Syllable(i + 1, "la", ("begin", "end")[i % 2]) for i in range(60))
    score = Score(parts=(Part("P1", "Voice", notes=make_notes(rows), syllables=words),))
    sizes = [len(line.syllables) for line in sung_lines(score)]
    assert sizes[0] == 10
    assert sum(sizes) == 60
    assert max(sizes) <= 16
    assert all(size % 2 == 0 for size in sizes)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(scores(max_parts=2))
def test_times_never_go_back_and_every_syllable_is_there(score: Score) -> None:
    """Stamps rise from line to line and within each, and no syllable of the first verse is lost."""
    try:
        lines = sung_lines(score)
    except FormatError:
        assume(False)
    stamps = [s.start for line in lines for s in line.syllables]
    assert stamps == sorted(stamps)
    assert all(s.end >= s.start for line in lines for s in line.syllables)
    text = lrc_text(score, words=True)
    timed = re.findall(r"<(\d\d+):(\d\d\.\d\d)>", text)
    assert len(timed) == len(stamps) + len(lines)
    sizes = [sum(s.verse == 1 for s in part.syllables) for part in score.parts]
    assert len(stamps) in sizes
    assert float(np.max(stamps)) <= score.duration + 1e-6


def test_the_file_is_written_and_never_taken_for_a_score(tmp_path: Path) -> None:
    """The extension chooses the form; reading one back is refused with a reason."""
    write_score(SONG, tmp_path / "song.lrc")
    write_score(SONG, tmp_path / "song.words.lrc")
    assert "<" not in (tmp_path / "song.lrc").read_text("utf-8")
    assert "<00:00.50>light" in (tmp_path / "song.words.lrc").read_text("utf-8")
    with pytest.raises(FormatError, match="no notes"):
        read_score(tmp_path / "song.lrc")
    with pytest.raises(FormatError, match="no words"):
        lrc_text(Score(parts=(Part("P1", "Voice", notes=make_notes(ROWS)),)))
