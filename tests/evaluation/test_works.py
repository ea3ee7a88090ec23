"""The small corpus is a corpus: it loads as training and the suites load it, and its works are what they claim."""

from __future__ import annotations

from pathlib import Path

from tests.evaluation.works import SETS, SPLITS

from yuefu.corpus.store import iter_scores, set_names
from yuefu.score.check import check_score
from yuefu.tokens.grid import encode_score


def test_the_small_corpus_has_every_split_style_and_row(small_corpus: Path) -> None:
    scores = list(iter_scores(small_corpus))
    assert set_names(small_corpus) == sorted(SETS)
    assert sorted(str(s.metadata["split"]) for s in scores) == sorted(SPLITS * len(SETS))
    assert {s.metadata["style"] for s in scores} == {"pop", "chorale", "folk"}
    rows = {part.role for s in scores for part in s.parts}
    assert rows == {"melody", "counter", "inner", "bass", "keys", "drums"}
    assert all(s.chords for s in scores)
    for score in scores:
        check_score(score)
        assert len(encode_score(score).bars) in (12, 13, 16)


def test_a_section_that_returns_is_the_same_tune(small_corpus: Path) -> None:
    song = next(iter_scores(small_corpus, sets=["pop909"]))
    assert [s.letter for s in song.sections] == ["A", "A", "B", "A"]
    notes = song.parts[0].notes
    first, last = ((notes["start"] // 384 == turn) for turn in (0, 3))
    assert notes["pitch"][first].tolist() == notes["pitch"][last].tolist()
