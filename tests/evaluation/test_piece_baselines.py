"""Baselines of whole pieces change what they say and keep the rest."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
from tests.evaluation.works import chorale, folk_tune, song

from yuefu.analysis.lines import melody_line
from yuefu.analysis.measures import measure
from yuefu.evaluation.piece_baselines import TuneChain, bars_shuffled, pitches_random, tune_states
from yuefu.score.model import Score


def _bar_contents(score: Score) -> Counter[tuple[object, ...]]:
    found = []
    for bar in score.bars:
        inside = []
        for part in score.parts:
            notes = part.notes[(part.notes["start"] >= bar.start) & (part.notes["start"] < bar.end)]
            inside += [(part.id, int(n["start"]) - bar.start, int(n["pitch"])) for n in notes]
        chords = [(s.start - bar.start, str(s.chord)) for s in score.chords if bar.start <= s.start < bar.end]
        found.append((bar.duration, tuple(sorted(inside)), tuple(chords)))
    return Counter(found)


def test_shuffled_bars_are_the_same_bars_in_another_order() -> None:
    for score in (song(1), chorale(1), folk_tune(0)):
        shuffled = bars_shuffled(score, np.random.default_rng(3))
        assert len(shuffled.bars) == len(score.bars)
        assert _bar_contents(shuffled) == _bar_contents(score)
        assert shuffled.parts[0].notes["pitch"].tolist() != score.parts[0].notes["pitch"].tolist()
        assert sum(span.duration for span in shuffled.chords) == sum(span.duration for span in score.chords)


def test_shuffled_bars_return_less() -> None:
    """A A B A loses its likeness four bars apart."""
    score = song(2)
    shuffled = [bars_shuffled(score, np.random.default_rng(i)) for i in range(5)]
    after = np.mean([measure(one)["self_similarity_4"] for one in shuffled])
    assert after < measure(score)["self_similarity_4"] - 0.1


def test_random_pitches_stay_in_the_key_and_rhythm() -> None:
    score = song(2)
    wild = pitches_random(score, np.random.default_rng(1))
    for before, after in zip(score.parts, wild.parts):
        assert after.notes["start"].tolist() == before.notes["start"].tolist()
        assert (after.notes["pitch"] == before.notes["pitch"]).all() == before.is_drums
    assert measure(wild)["leaps"] > measure(score)["leaps"] + 0.2
    scale = {(p + score.keys[0].key.tonic) % 12 for p in (0, 2, 4, 5, 7, 9, 11)}
    assert {int(p) % 12 for p in wild.parts[0].notes["pitch"]} <= scale | {
        (score.keys[0].key.tonic + 8) % 12  # the raised seventh, should the key be heard as its relative minor
    }


def test_a_chain_writes_only_transitions_that_it_counted() -> None:
    tunes = [replace(song(i), keys=song(i).keys) for i in (1, 2, 4)]
    chain = TuneChain(tunes)
    known = {pair for tune in tunes for pair in itertools.pairwise(tune_states(tune))}
    written = chain.rewritten(tunes[0], np.random.default_rng(2))
    assert len(written.parts) == len(tunes[0].parts)
    assert melody_line(written)["pitch"].tolist() != melody_line(tunes[0])["pitch"].tolist()
    ids = np.concatenate([part.notes["id"] for part in written.parts])
    assert len(set(ids.tolist())) == len(ids)
    # Pitches over the same tonic, gap and length, note by note (only a dead end begins again).
    tonic = tunes[0].keys[0].key.tonic
    notes = written.parts[0].notes
    gaps = np.diff(notes["start"])
    states = list(zip((notes["pitch"] - tonic).tolist(), gaps.tolist(), notes["duration"].tolist()))
    pairs = list(itertools.pairwise(states))
    heard = sum((a, b) in known for a, b in pairs)
    assert heard >= 0.9 * len(pairs)


def test_a_piece_without_a_tune_stays_as_it_is() -> None:
    empty = Score()
    assert TuneChain([]).rewritten(empty, np.random.default_rng(1)) is empty
    assert bars_shuffled(empty, np.random.default_rng(1)).note_count == 0
