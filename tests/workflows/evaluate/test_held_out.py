"""Held-out pieces: which there are, what is hidden of them, and the rules of what is written in its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yuefu.errors import InputError
from yuefu.generation.engine import NoiseEngine
from yuefu.score.model import ROWS
from yuefu.tokens.sequence import Cover
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.held_out import canvas_of, held_out, mask_of, notes_of, rules_of, write
from yuefu.workflows.leanings import LEANINGS


def test_only_held_out_works_come_in_an_order_that_the_seed_gives(small_corpus: Path, tmp_path: Path) -> None:
    context = SuiteContext(out=tmp_path, corpus=small_corpus, seed=3)
    found = held_out(context, ["pop909", "jsb_chorales"])
    assert {piece.split for piece in found} == {"test"}
    assert len({(piece.set, piece.work) for piece in found}) == len(found) == 4
    assert [piece.work for piece in held_out(context, ["pop909", "jsb_chorales"])] == [piece.work for piece in found]


def test_a_split_without_pieces_says_so(small_corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no nowhere pieces of pop909"):
        held_out(SuiteContext(out=tmp_path, corpus=small_corpus), ["pop909"], "nowhere")


def test_a_row_keeps_the_register_of_its_known_notes() -> None:
    """Eight notes or more set the range, three semitones wider at both ends; fewer leave the row's usual one."""
    known = np.array([60, 62, 64, 65, 67, 69, 71, 72])
    rules = rules_of("melody", "major", known)
    assert (rules.low, rules.high) == (57, 74)
    usual = rules_of("melody", "major", known[:7])
    assert (usual.low, usual.high) == (rules_of("melody", "major").low, rules_of("melody", "major").high) == (55, 84)


def test_a_row_leans_as_users_get_it_and_holds_to_its_scale_and_voices() -> None:
    bass, keys = rules_of("bass", "minor"), rules_of("keys", "major")
    assert bass.scale == frozenset({9, 11, 0, 2, 4, 5, 7})
    assert (bass.polyphony, bass.voices, keys.polyphony, keys.voices) == (1, 0, 4, 3)
    for row, rules in (("bass", bass), ("keys", keys)):
        assert {name: getattr(rules, name) for name in LEANINGS[row]} == LEANINGS[row]
    drums = rules_of("drums", "major", np.full(20, 36))
    assert drums.scale is None or not drums.scale
    assert drums.low == rules_of("drums", "major").low


def test_the_rules_hold_for_any_model(small_corpus: Path, tmp_path: Path) -> None:
    """Noise written as a tune stays in its register, one note at a time; other cells stay as they were."""
    piece = held_out(SuiteContext(out=tmp_path, corpus=small_corpus), ["pop909"])[0]
    canvas = canvas_of(piece, 0, 6)
    before = {row: [cell.tolist() for cell in cells] for row, cells in canvas.cells.items()}
    known = notes_of(canvas.cells["melody"], canvas.bars)["pitch"]
    rules = rules_of("melody", piece.modes[0], known)
    given = [row for row in canvas.cells if row != "melody"]
    mask = mask_of(canvas, given, ["melody"], range(2, 4))
    assert (mask[2:4, ROWS.index("melody")] == Cover.FILL).all()
    engine = NoiseEngine(len(vocabulary()))
    write(engine, canvas, mask, np.random.default_rng(0), rules={"melody": rules})
    new = notes_of(canvas.cells["melody"], canvas.bars, 2, 4)
    assert len(new)
    assert rules.low <= new["pitch"].min() <= new["pitch"].max() <= rules.high
    assert len(np.unique(new["start"])) == len(new)
    for row, cells in canvas.cells.items():
        for bar, cell in enumerate(cells):
            if row != "melody" or bar not in (2, 3):
                assert cell.tolist() == before[row][bar]
