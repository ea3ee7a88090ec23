"""Rhythms counted from tunes: by style, metre and place in the part, each work once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from yuefu.planning.tune_figures import read_rhythm
from yuefu.score.abc_read import read_abc
from yuefu.score.model import Score
from yuefu.training.tune_figures import KEEP, count_figures, phrases_of, write_figures

JIG = "X:1\nT:T{0}\nM:6/8\nL:1/8\nK:G\nG2B dBd|e2d BAG|ABA AGE|D2E {1}|g2f edB|d2B AGE|gfg edB|{2}|\n"


def jig(number: int, middle: str = "G3", end: str = "A3 A3") -> Score:
    score = read_abc(JIG.format(number, middle, end))
    return replace(score, metadata={"set": "cre_irish", "work": f"w{number}", "rhythm": "jig", "split": "train"})


def test_phrases_are_cut_by_four_and_told_by_their_place() -> None:
    """The first half of a part opens, the second closes; a reel in 2/4 is read in bars twice as long."""
    assert phrases_of(jig(1), False) == [
        ("0 24 36 48 60/0 24 36 48 60/0 12 24 36 48 60/0 24 36", False),
        ("0 24 36 48 60/0 24 36 48 60/0 12 24 36 48 60/0 36", True),
    ]
    reel = read_abc("X:1\nM:2/4\nL:1/16\nK:D\n" + "ABAF EFAB|" * 4)
    assert phrases_of(reel, True) == [("/".join(["0 12 24 36 48 60 72 84"] * 4), False)]


def test_a_phrase_with_an_empty_bar_is_left_out() -> None:
    """Rests of a bar say nothing of a tune's rhythm."""
    assert [closes for _, closes in phrases_of(jig(1, end="z6"), False)] == [False]


def test_works_are_counted_once_and_the_commonest_come_first() -> None:
    """A rhythm that a work repeats counts once; what few works have comes later."""
    others = ("G2F", "GFE", "GF2", "G>FE", "G/F/EF")
    tunes = [jig(number) for number in range(6)]
    tunes += [jig(10 + n, middle, f"{'A' * (n + 1)}{6 - n}") for n, middle in enumerate(others)]
    found = count_figures([*tunes, jig(0)])
    assert found["jig"]["6/8"]["opening"][0][1] == 6
    counts = [works for _, works in found["jig"]["6/8"]["closing"]]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 6
    assert len(counts) <= KEEP


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """The file is JSON that ``planning.tune_figures`` reads phrase by phrase."""
    tunes = [jig(n, middle, f"{'A' * (n + 1)}{6 - n}") for n, middle in enumerate(("G3", "G2F", "GFE", "GF2", "G>FE"))]
    write_figures(tunes, tmp_path / "figures.json")
    told = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    for rows in told["jig"]["6/8"].values():
        assert all(len(read_rhythm(text)) == 4 and works == 1 for text, works in rows)
