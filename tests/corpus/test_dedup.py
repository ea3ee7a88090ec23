"""The same tune is found again; different tunes are not taken for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.corpus.tunes import line, song, tune

from yuefu.corpus.dedup import Index, signature
from yuefu.score.model import ChordSpan, Part, Score, transpose
from yuefu.theory.chord import Chord


def overlap(a: Score, b: Score) -> float:
    first, second = signature(a), signature(b)
    assert first is not None
    assert second is not None
    return float((first == second).mean())


def test_a_transposed_tune_is_the_same_tune() -> None:
    assert overlap(tune(1, 16), transpose(tune(1, 16), 5)) == 1.0


def test_a_tune_with_a_few_other_notes_is_a_near_duplicate() -> None:
    score = tune(1, 32)
    notes = score.parts[0].notes.copy()
    notes["pitch"][40:42] += 2
    assert overlap(score, replace(score, parts=(replace(score.parts[0], notes=notes),))) > 0.6


def test_different_tunes_overlap_little() -> None:
    """Over all pairs of thirty tunes on one scale: a hash that favours few runs would fail here."""
    found = [signature(tune(seed, 32)) for seed in range(30)]
    shares = [float((a == b).mean()) for i, a in enumerate(found) for b in found[:i]]
    assert max(shares) < 0.3
    assert float(np.mean(shares)) < 0.02


def test_the_estimate_follows_the_true_overlap() -> None:
    """Half of the tune shared: about a third of the union."""
    first, second = tune(1, 64).parts[0].notes["pitch"].tolist(), tune(2, 64).parts[0].notes["pitch"].tolist()
    mixed = [*first[:128], *second[128:]]

    def part(pitches: list[int]) -> Score:
        return Score(parts=(Part("p", "", notes=line(pitches)),))

    assert 0.15 < overlap(part(first), part(mixed)) < 0.55


def test_the_index_finds_the_nearest_and_leaves_versions_of_one_work_alone() -> None:
    index = Index()
    for seed in range(20):
        found = signature(tune(seed, 16))
        assert found is not None
        index.add(found, f"tune {seed}", f"work {seed}")
    wanted = signature(transpose(tune(7, 16), -3))
    assert wanted is not None
    assert index.find(wanted, "another work") == ("tune 7", 1.0)
    assert index.find(wanted, "work 7") is None
    other = signature(tune(99, 16))
    assert other is not None
    assert index.find(other) is None


def test_chord_charts_are_compared_by_their_chords_and_drum_tracks_by_their_hits() -> None:
    roots = [0, 5, 7, 0, 9, 2, 7, 0, 4, 9, 5, 7, 0, 5, 0, 7]
    chart = Score(chords=tuple(ChordSpan(i * 96, 96, Chord(r)) for i, r in enumerate(roots)))
    assert overlap(chart, transpose(chart, 4)) == 1.0
    hits = Score(parts=(Part("d", "", "drums", notes=line([36, 42, 38, 42, 36, 36, 38, 46] * 4, 12)),))
    assert overlap(hits, hits) == 1.0


def test_a_piece_with_too_little_to_compare_has_no_signature() -> None:
    assert signature(Score(parts=(Part("p", "", notes=line([60, 62, 64])),))) is None
    assert signature(song(0, 8)) is not None
