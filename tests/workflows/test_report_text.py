"""The printed report: short, in the language of the user, what wasn't met first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from yuefu.errors import UnknownNameError
from yuefu.workflows.report import Finding, Report, report_text

REPORT = Report(
    findings=(
        Finding("style", "waltz", "text", ("waltz",), None, None),
        Finding("key", "Eb major", "user", (), {"written": "Eb major", "heard": "C minor"}, True),
        Finding("form", ["verse", "chorus"], "user", (), ["verse", "chorus"], True),
        Finding("instruments", ["erhu", "guzheng"], "user", (), ["Erhu"], False),
        Finding("chords", {"verse": [["C"], ["F", "G"]]}, "user", (), ["C", "F", "G"], True),
        Finding("lyrics", "20 syllables", "user", (), "20 of 20 syllables", True),
    ),
    chosen={
        "title": "Rain", "style": "waltz", "key": "Eb major", "meter": "3/4", "tempo": 92.0, "bars": 16,
        "form": ["verse:8", "chorus:8"], "instruments": ["erhu", "guzheng"], "duration": 62.4,
    },
    measures={},
    originality={
        "nearest_work": "A Reel", "nearest_set": "tunes", "longest_shared_run": 8, "notable": False,
        "compared_with": 900,
    },
    replay={"seed": 7},
    licences={},
)  # fmt: skip


def test_an_english_report_tells_the_piece_and_every_wish() -> None:
    lines = report_text(REPORT).splitlines()
    assert lines[:4] == [
        "Rain", "waltz, Eb major, 3/4, 92 bpm, 16 bars, 1:02", "Form: verse 8 | chorus 8", "Instruments: erhu, guzheng",
    ]  # fmt: skip
    assert lines[5] == "  instruments: erhu, guzheng, found Erhu (NOT MET)"
    assert "  key: Eb major, found Eb major, heard as C minor (met)" in lines
    assert "  chords: verse: C F,G, found C F G (met)" in lines
    assert "Seed: 7" in lines[-1]


def test_a_chinese_report_is_in_chinese() -> None:
    text = report_text(REPORT, "zh")
    assert "圆舞曲，降E大调，3/4，每分钟 92 拍，16 小节，1:02" in text
    assert "曲式：主歌 8 | 副歌 8" in text
    assert "乐器：二胡、古筝，测得 Erhu（没做到）" in text
    for word in ("verse", "major", "met", "syllables", "Seed"):
        assert word not in text


def test_a_piece_without_wishes_has_no_empty_list() -> None:
    text = report_text(replace(REPORT, findings=(), originality=None, chosen={**REPORT.chosen, "title": ""}))
    assert "Asked" not in text
    assert text.startswith("waltz")


def test_another_language_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        report_text(REPORT, "fr")


def test_what_the_copy_guard_turned_away_is_told_in_both_languages() -> None:
    assert REPORT.originality is not None
    told = {**REPORT.originality, "guard": {"longest_run": 14, "turned_away": 3, "let_through": 0}}
    report = replace(REPORT, originality=told)
    assert "3 notes that would have copied on turned away while writing" in report_text(report)
    assert "有 3 个会照抄下去的音被换掉" in report_text(report, "zh")
    quiet = replace(REPORT, originality={**told, "guard": {"longest_run": 9, "turned_away": 0, "let_through": 0}})
    assert "turned away" not in report_text(quiet)
