"""Held-out samples are spread over sets and works, and fit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.evaluation.works import SETS, write_small_corpus

from yuefu.training.dataset import load_pieces
from yuefu.training.masking import Sample, draw
from yuefu.training.samples import fitting, labelled_ids, spread


def test_every_set_has_its_turn_and_no_work_comes_twice_before_all_have_come(tmp_path: Path) -> None:
    pieces = load_pieces(write_small_corpus(tmp_path), list(SETS))
    drawn = [piece for piece, _ in spread(pieces, 15, seed=1)]
    assert {piece.set for piece in drawn[:3]} == set(SETS)
    assert max(Counter((piece.set, piece.work) for piece in drawn).values()) <= 2
    by_set = {name: [p.work for p in drawn if p.set == name] for name in SETS}
    assert all(len(set(works[:5])) == len(works[:5]) for works in by_set.values())
    again = [(p.set, p.work, rng.random()) for p, rng in spread(pieces, 15, seed=1)]
    assert again == [(p.set, p.work, rng.random()) for p, rng in spread(pieces, 15, seed=1)]
    assert again != [(p.set, p.work, rng.random()) for p, rng in spread(pieces, 15, seed=2)]


def test_a_window_that_is_too_long_is_halved_until_it_fits(tmp_path: Path) -> None:
    pieces = load_pieces(write_small_corpus(tmp_path), ["pop909"])

    def lay(bars: int) -> Sample | None:
        return draw(pieces[0], bars, next(rng for _, rng in spread(pieces, 1, 3)))

    whole = fitting(pieces[0], 8, 5000, lay)
    part = fitting(pieces[0], 8, 150, lay)
    assert whole is not None
    assert part is not None
    assert len(whole.window.bars) == 8
    assert len(part.window.bars) < 8
    assert len(labelled_ids(part)[0]) <= 150
    assert fitting(pieces[0], 8, 3, lay) is None
