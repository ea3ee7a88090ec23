"""The suite ``infilling`` and the excerpts that it gives, on the small corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.evaluation.works import chorale, song

from yuefu.evaluation.bootstrap import Interval
from yuefu.evaluation.infilling import AGREEMENT, MEASURES, OVERLAPS
from yuefu.evaluation.row_baselines import between, outside, scale_of
from yuefu.generation.engine import NoiseEngine
from yuefu.score.model import Score, transpose
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.dataset import load_pieces
from yuefu.training.pieces import Piece, piece_of
from yuefu.workflows.evaluate import SuiteContext, run_suites
from yuefu.workflows.evaluate.excerpts import (
    Excerpt,
    chains,
    continued,
    excerpt,
    excerpts,
    key_of,
    usable,
    without_bars,
)
from yuefu.workflows.evaluate.infilling import NAMES, baselines, hidden, written


@pytest.fixture(scope="module")
def pieces(small_corpus: Path) -> list[Piece]:
    return load_pieces(small_corpus, ["pop909"])


def same(a: Excerpt, score: Score, start: int, end: int) -> None:
    """Two scores have the same notes outside a span of ticks."""
    for part, other in zip(a.score.parts, score.parts, strict=True):
        for name in ("start", "duration", "pitch"):
            kept, found = outside(part.notes, start, end), outside(other.notes, start, end)
            assert kept[name].tolist() == found[name].tolist()


@pytest.mark.model
def test_every_row_of_both_tasks_is_measured_and_the_human_one_comes_first(small_corpus: Path, tmp_path: Path) -> None:
    (found,) = run_suites(["infilling"], SuiteContext(out=tmp_path, corpus=small_corpus, quick=True))
    assert len(found.tables) == 6
    for table in (found.tables[0], found.tables[3]):
        assert tuple(row.name for row in table.rows) == NAMES
        for row in table.rows:
            for measure in MEASURES:
                value = row.values[measure]
                assert isinstance(value, Interval)
                assert value.count >= 1
        assert [table.rows[0].values[m].mean for m in OVERLAPS] == pytest.approx([1.0] * 4)  # type: ignore[union-attr]
        # The made-up works stand on chords, rows and figures that return: nothing random comes as near.
        assert table.rows[1].values["notes"].mean > table.rows[3].values["notes"].mean  # type: ignore[union-attr]
    assert tuple(row.name for row in found.tables[1].rows) == NAMES[1:]
    assert set(found.tables[1].columns) == set(AGREEMENT)
    assert all(aim.met is None for aim in found.aims)
    assert (tmp_path / "infilling.json").exists()


def test_an_excerpt_is_the_piece_at_sounding_pitch(pieces: list[Piece]) -> None:
    """The song of seed 1 is in C# or so: its excerpt has the notes of the score from its first bar on."""
    score = song(1)
    found = excerpt(piece_of(score), 4, 8)
    assert found.key == score.key_at(0)
    assert found.length == 8 * 96 == found.score.end_tick
    for part in score.parts:
        own = between(part.notes, 4 * 96, 12 * 96)
        mine = found.rows[part.role]
        assert (mine["start"] + 4 * 96).tolist() == own["start"].tolist()
        assert mine["pitch"].tolist() == own["pitch"].tolist()
    wanted = [span.chord for span in score.chords if 4 * 96 <= span.start < 12 * 96]
    assert [span.chord for span in found.score.chords] == [
        chord for i, chord in enumerate(wanted) if i == 0 or chord != wanted[i - 1]
    ]
    assert found.roles == {1: "melody", 2: "bass", 3: "keys", 4: "drums"}


@pytest.mark.parametrize("up", range(-5, 7))
def test_the_key_of_a_bar_is_that_of_the_score(up: int) -> None:
    score = transpose(song(0), up)
    piece = piece_of(score)
    assert key_of(piece, 3).tonic == score.key_at(0).tonic
    assert key_of(piece, 3).shift == piece.shifts[3]


def test_only_whole_bars_of_one_metre_in_which_the_needed_rows_play_are_taken() -> None:
    piece = piece_of(chorale(1))  # begins with a pick-up
    assert not usable(piece, 0, 8, ["melody"])
    assert usable(piece, 1, 8, ["melody", "bass"])
    assert not usable(piece, 1, 8, ["drums"])
    piece.cells["melody"][5:9] = [piece.cells["melody"][0][:0]] * 4
    assert not usable(piece, 1, 8, ["melody"])


def test_excerpts_follow_the_seed_and_their_number(pieces: list[Piece]) -> None:
    one, again = (excerpts(pieces, 8, ["melody"], 3, [1]) for _ in range(2))
    assert [e.first for e in one] == [e.first for e in again]
    assert [e.piece.work for e in one] == [p.work for p in pieces[:3]]
    assert excerpts(pieces, 99, ["melody"], 3, [1]) == []


def test_nothing_of_the_hidden_bars_is_left_and_the_length_stays(pieces: list[Piece]) -> None:
    found = excerpt(pieces[0], 0, 12)
    start, end = 4 * 96, 7 * 96
    given = without_bars(found, start, end)
    same(found, given, start, end)
    assert not any(len(between(part.notes, start, end)) for part in given.parts)
    assert all(s.start + s.duration <= start or s.start >= end for s in given.chords)
    assert sum(s.duration for s in given.chords) == found.length - (end - start)
    assert len(given.bars) == 12


@pytest.mark.parametrize(("task", "bars"), [("infilling", 12), ("continuation", 8)])
def test_only_the_hidden_bars_differ_whoever_writes_them(pieces: list[Piece], task: str, bars: int) -> None:
    """The baselines and any model keep the rest to the note; all but the human text differ within."""
    rng = np.random.default_rng(5)
    found = excerpt(pieces[1], 2, bars)
    span = hidden(task, found, rng)
    assert 2 * 96 <= span[1] - span[0] <= 4 * 96
    assert (span[1] == found.length) == (task == "continuation")
    texts = baselines(found, span, chains(pieces, list(found.rows)), rng)
    engine = NoiseEngine(len(vocabulary()))
    texts["yuefu"] = written(found, span, seed=3, engine=engine)
    assert tuple(texts) == NAMES
    for name, rows in texts.items():
        for row, own in found.rows.items():
            kept, mine = outside(own, *span), outside(rows[row], *span)
            assert kept["start"].tolist() == mine["start"].tolist()
            assert kept["pitch"].tolist() == mine["pitch"].tolist()
        new = between(rows["melody"], *span)
        assert len(new)
        assert (new.tolist() == between(found.rows["melody"], *span).tolist()) == (name == "human")


def test_what_is_hidden_does_not_reach_the_model(pieces: list[Piece]) -> None:
    """Two excerpts that differ only in their hidden bars are written alike."""
    found = excerpt(pieces[1], 2, 8)
    span = (4 * 96, 8 * 96)
    other = Excerpt(found.piece, found.first, found.score, found.bar, found.key)
    parts = []
    for part in found.score.parts:
        notes = part.notes.copy()
        if part.role != "drums":
            notes["pitch"][notes["start"] >= span[0]] -= 5
        parts.append(part.with_notes(notes))
    object.__setattr__(other, "score", Score(**{**found.score.__dict__, "parts": tuple(parts)}))
    engine = NoiseEngine(len(vocabulary()))
    one, two = (written(each, span, seed=3, engine=engine) for each in (found, other))
    assert all(one[row]["pitch"].tolist() == two[row]["pitch"].tolist() for row in one)


def test_a_chain_goes_on_in_the_key_of_the_excerpt(pieces: list[Piece]) -> None:
    found = excerpt(pieces[1], 0, 8)
    chain = chains(pieces, ["bass"])["bass"]
    notes = continued(chain, "bass", found.rows["bass"], found.key, 4 * 96, 8 * 96, np.random.default_rng(0))
    assert len(notes)
    assert ((notes["start"] >= 4 * 96) & (notes["start"] < 8 * 96)).all()
    # The songs' chords are all of the key, so the chain has nothing else to say.
    assert {int(p) % 12 for p in notes["pitch"]} <= scale_of(found.key)
