"""Originality: copies are found however moved; what isn't copied isn't."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.analysis.similarity import FingerprintIndex, build_index
from yuefu.errors import FormatError, InputError, OutputError
from yuefu.score.model import Score, TempoChange, transpose

from .conftest import EXTREMES
from .music import BAR, chorus, line, part, piece, tune

CORPUS = [piece(part("melody", chorus(16, seed)), metadata={"set": "made"}) for seed in range(30)]
INDEX = build_index(CORPUS, [f"work {seed}" for seed in range(30)])


def stretched(score: Score, times: int) -> Score:
    """All times multiplied."""
    parts = []
    for p in score.parts:
        notes = p.notes.copy()
        notes["start"] *= times
        notes["duration"] *= times
        parts.append(p.with_notes(notes))
    return piece(*parts)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 29), st.integers(-11, 11), st.sampled_from([1, 2, 3]), st.floats(30, 300))
def test_a_copy_is_found_in_any_key_and_tempo(which: int, semitones: int, times: int, bpm: float) -> None:
    """A corpus piece, transposed, stretched and at another tempo, is wholly its own nearest."""
    copy = stretched(transpose(CORPUS[which], semitones), times)
    copy = Score(parts=copy.parts, tempos=(TempoChange(0, bpm),))
    match = INDEX.nearest(copy)
    assert (match.work, match.set) == (f"work {which}", "made")
    assert match.longest_shared_run == len(CORPUS[which].parts[0].notes)
    assert match.share == 1.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 29), st.integers(0, 9), st.integers(2, 5), st.integers(1000, 2000))
def test_a_stolen_passage_is_measured_and_placed(which: int, first_bar: int, bars: int, seed: int) -> None:
    """A passage of a corpus piece inside a new tune is found with its notes and bars."""
    source = CORPUS[which].parts[0].notes
    taken = source[(source["start"] >= first_bar * BAR) & (source["start"] < (first_bar + bars) * BAR)].copy()
    taken["start"] += (8 - first_bar) * BAR
    taken["pitch"] += 1
    taken["id"] += 5000
    before = chorus(8, seed)
    after = chorus(8, seed + 5000, (8 + bars) * BAR, 9000)
    score = piece(part("melody", np.concatenate([before, taken, after])))
    match = INDEX.nearest(score)
    if len(taken) >= 12:
        assert match.work == f"work {which}"
        assert match.longest_shared_run >= len(taken)
        assert match.note_ids is not None
        assert match.note_ids[0] <= taken["id"][0] or match.note_ids[0] < 5000
        assert match.bars is not None
        assert match.bars[0] <= 8
        assert match.bars[1] >= 8 + bars - 1
        assert 0 < match.share < 1


def brute_force(a: Score, b: Score) -> int:
    """Notes of the longest passage with equal intervals and equal inner rhythm (ratios of onset gaps)."""
    x, y = a.parts[0].notes, b.parts[0].notes
    best = 0
    for i in range(len(x) - 1):
        for j in range(len(y) - 1):
            n = 0
            while i + n + 1 < len(x) and j + n + 1 < len(y):
                k, m = i + n, j + n
                if x["pitch"][k + 1] - x["pitch"][k] != y["pitch"][m + 1] - y["pitch"][m]:
                    break
                if n:
                    r = (x["start"][k + 1] - x["start"][k]) / (x["start"][k] - x["start"][k - 1])
                    s = (y["start"][m + 1] - y["start"][m]) / (y["start"][m] - y["start"][m - 1])
                    if round(2 * np.log2(r)) != round(2 * np.log2(s)):
                        break
                n += 1
            best = max(best, n + 1 if n else 0)
    return best


@pytest.mark.parametrize("seed", range(4))
def test_runs_are_as_long_as_a_plain_search_says(seed: int) -> None:
    """Against one piece, the longest run equals the one found by trying every pair of places."""
    one, other = piece(part("melody", chorus(12, seed))), piece(part("melody", chorus(12, 77)))
    notes = np.concatenate([one.parts[0].notes, other.parts[0].notes[10:22]])
    shift = int(one.parts[0].notes["start"][-1]) + 24
    notes["start"][len(one.parts[0].notes) :] += shift
    query = piece(part("melody", notes))
    expected = brute_force(query, other)
    assert expected >= 12
    assert build_index([other], ["other"]).nearest(query).longest_shared_run == expected


def test_a_random_walk_is_original() -> None:
    """A tune drawn at random shares no long passage and next to nothing in all."""
    rng = np.random.default_rng(5)
    pitches = [int(p) for p in 64 + np.cumsum(rng.integers(-4, 5, 150)) % 24]
    match = INDEX.nearest(piece(part("melody", line(pitches, rng.choice([6, 12, 18, 24], 150).tolist()))))
    assert match.longest_shared_run < 10
    assert match.share < 0.1


def test_scales_and_repeated_notes_are_nobodys() -> None:
    """A passage with fewer than three different intervals never counts."""
    repeated = piece(part("melody", line([60] * 60, [24] * 60)))
    scale = piece(part("melody", line([60, 62, 64, 65, 67, 69, 71, 72], [24] * 8)))
    index = build_index([repeated, scale], ["repeated", "scale"])
    assert index.nearest(repeated).longest_shared_run == 0
    assert index.nearest(scale).longest_shared_run == 0


def test_a_counter_melody_is_compared_too() -> None:
    """A corpus melody in the counter row is found."""
    counter = CORPUS[3].parts[0].notes.copy()
    counter["id"] += 1000
    match = INDEX.nearest(piece(part("melody", chorus(16, 999)), part("counter", counter)))
    assert match.work == "work 3"


def test_intervals_alone_are_measured_as_well() -> None:
    """With the rhythm changed, the interval run stays long while the full run is short."""
    notes = CORPUS[5].parts[0].notes.copy()
    rng = np.random.default_rng(2)
    gaps = rng.choice([7, 13, 31, 61], len(notes))
    notes["start"] = np.cumsum(gaps) - gaps
    notes["duration"] = gaps
    match = INDEX.nearest(piece(part("melody", notes)))
    assert match.work == "work 5"
    assert match.interval_run == len(notes)
    assert match.longest_shared_run < len(notes) / 2


def test_a_work_can_be_left_out() -> None:
    """A corpus piece compared with the others isn't its own nearest."""
    assert INDEX.nearest(CORPUS[4], exclude=["work 4"]).work != "work 4"


def test_saved_and_loaded_it_answers_the_same(tmp_path: Path) -> None:
    """The file holds the whole index and is small: about half a byte a note, plus the names."""
    path = tmp_path / "index.npz"
    INDEX.save(path)
    loaded = FingerprintIndex.load(path)
    assert loaded.works == INDEX.works
    assert (loaded.intervals == INDEX.intervals).all()
    assert loaded.nearest(CORPUS[7]) == INDEX.nearest(CORPUS[7])
    assert path.stat().st_size < len(INDEX.intervals) * 1.2 + 4000


def test_bad_files_are_refused(tmp_path: Path) -> None:
    """Missing, foreign and truncated files, and folders that can't be written, give one-sentence errors."""
    with pytest.raises(InputError, match="build_index"):
        FingerprintIndex.load(tmp_path / "none.npz")
    (tmp_path / "foreign.npz").write_bytes(b"not an index")
    with pytest.raises(FormatError):
        FingerprintIndex.load(tmp_path / "foreign.npz")
    INDEX.save(tmp_path / "whole.npz")
    data = (tmp_path / "whole.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(data[: len(data) // 2])
    with pytest.raises(FormatError):
        FingerprintIndex.load(tmp_path / "cut.npz")
    with pytest.raises(OutputError):
        INDEX.save(tmp_path / "no" / "folder.npz")


def test_too_few_names_are_refused() -> None:
    """Each score needs its name."""
    with pytest.raises(InputError, match="name"):
        build_index(CORPUS[:3], ["one"])


def test_extremes_are_neither_indexed_wrongly_nor_found(extreme: Score) -> None:
    """Extreme scores go in and out without error, and share nothing with the corpus."""
    index = build_index(EXTREMES.values(), list(EXTREMES))
    assert len(index) == len(EXTREMES)
    index.nearest(tune())
    match = INDEX.nearest(extreme)
    assert match.longest_shared_run < 12
    assert 0 <= match.share <= 1


def test_an_empty_index_answers() -> None:
    """Nothing to compare with, nothing shared."""
    assert build_index([]).nearest(tune()).work == ""
