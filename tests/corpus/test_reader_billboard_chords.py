"""Chord charts of chart songs."""

from pathlib import Path

import pytest

from yuefu.corpus.readers import billboard_chords
from yuefu.errors import FormatError

CHART = """# title: Song
# artist: Band
# metre: 4/4
# tonic: A

0.0\tsilence
1.0\tA, intro, | A:min | D:min E:7 |, (guitar)
5.0\tB, verse, | A:min . . G:maj | (2/4) F:maj | E:7(#9) | &pause |
13.0\tchorus, | C:maj/3 | x3, (voice
# tonic: C
19.0\tB', verse, | C:maj | F:maj G:7 C:maj |
23.0\tend
"""


def test_bars_hold_their_chords_and_a_bar_may_say_its_own_metre() -> None:
    score = billboard_chords.chart(CHART)
    found = [(c.start, c.chord.symbol() if c.chord else None) for c in score.chords]
    assert found[:9] == [
        (0, "Am"), (96, "Dm"), (144, "E7"), (192, "Am"), (264, "G"), (288, "F"), (336, "E7"), (432, None), (528, "C/E"),
    ]  # fmt: skip
    assert [(m.tick, m.numerator) for m in score.meters] == [(0, 4), (288, 2), (336, 4)]


def test_a_line_marked_times_three_comes_three_times() -> None:
    score = billboard_chords.chart(CHART)
    span = next(c for c in score.chords if c.start == 528)
    assert span.duration == 3 * 96
    assert score.length == score.end_tick == 528 + 3 * 96 + 2 * 96


def test_sections_have_letters_and_kinds_and_go_on_until_the_next() -> None:
    score = billboard_chords.chart(CHART)
    assert [(s.start, s.letter, s.kind) for s in score.sections] == [
        (0, "A", "intro"),
        (192, "B", "verse"),
        (528, "Z", "chorus"),
        (816, "B'", "verse"),
    ]
    assert all(a.start + a.duration == b.start for a, b in zip(score.sections, score.sections[1:], strict=False))


def test_the_mode_is_heard_from_the_chords_and_the_key_changes_with_the_tonic() -> None:
    score = billboard_chords.chart(CHART)
    assert [(k.tick, k.key.name) for k in score.keys] == [(0, "A minor"), (816, "C major")]


def test_the_tempo_follows_the_clock() -> None:
    assert billboard_chords.chart(CHART).tempos[0].bpm == pytest.approx(120.0, abs=5)


def test_three_chords_in_a_bar_fall_on_eighths() -> None:
    score = billboard_chords.chart(CHART)
    assert [c.start - 912 for c in score.chords if c.start >= 912] == [0, 36, 60]


def test_a_song_charted_twice_comes_once(tmp_path: Path) -> None:
    for number in ("0001", "0002"):
        (tmp_path / number).mkdir()
        (tmp_path / number / billboard_chords.FILE).write_text(CHART)
    (item,) = billboard_chords.read(tmp_path)
    assert item.work == "band-song"
    assert item.load(*item.args).title == "Song"


def test_a_chart_without_bars_is_refused() -> None:
    with pytest.raises(FormatError, match="no bars"):
        billboard_chords.chart("# title: x\n0.0\tsilence\n")
