"""The same tune under another name is passed over; an unrelated tune isn't."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.evaluation.works import song

from yuefu.analysis.similarity import build_index
from yuefu.evaluation.unrelated import nearest_unrelated, shared_runs
from yuefu.score.model import Score, transpose


def _moved_rhythm(score: Score) -> Score:
    """The same intervals in another rhythm."""
    part = score.parts[0]
    notes = part.notes.copy()
    rng = np.random.default_rng(5)
    notes["start"] = np.cumsum(rng.choice([6, 12, 24, 48], len(notes)))
    notes["duration"] = 6  # none sounds over another, so that all of them are the line
    return replace(score, parts=(part.with_notes(notes), *score.parts[1:]))


def test_a_copied_tune_under_another_name_is_the_same_tune_in_any_key_or_rhythm() -> None:
    tune = song(1)
    index = build_index(
        [transpose(tune, 3), _moved_rhythm(tune), song(2), song(4)], ["copy", "rhythm", "other", "fourth"]
    )
    assert index.nearest(tune).work == "copy"
    assert index.nearest(tune).longest_shared_run == len(tune.parts[0].notes)
    assert shared_runs(index, tune, "copy") == shared_runs(index, tune, "rhythm") == 1.0
    assert shared_runs(index, tune, "other") < 0.5
    match, passed = nearest_unrelated(index, tune)
    assert match.work not in ("copy", "rhythm")
    assert "copy" in passed
    assert match.longest_shared_run < len(tune.parts[0].notes) // 4


def test_a_short_quotation_still_counts() -> None:
    """Twelve notes of a long tune, in an otherwise different piece, are found."""
    tune, other = song(1), song(2)
    notes = other.parts[0].notes.copy()
    quoted = tune.parts[0].notes[8:20].copy()
    after = notes[notes["start"] >= 960]
    quoted["start"] += 480 - quoted["start"][0]
    before = notes[notes["start"] < 480]
    mixed = np.concatenate([before, quoted, after])
    mixed["id"] = np.arange(1, len(mixed) + 1)
    index = build_index([replace(other, parts=(other.parts[0].with_notes(mixed),))], ["quoting"])
    match, passed = nearest_unrelated(index, tune)
    assert (match.work, passed) == ("quoting", ())
    assert match.longest_shared_run >= 12


def test_own_names_are_left_out() -> None:
    tune = song(1)
    match, passed = nearest_unrelated(build_index([tune], ["mine"]), tune, ["mine"])
    assert (match.work, match.longest_shared_run, passed) == ("", 0, ())
