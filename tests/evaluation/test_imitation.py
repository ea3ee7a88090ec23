"""How near music lies to a style: what the distances must show of music whose difference is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from yuefu.evaluation.imitation import (
    MEASURES,
    PROFILES,
    comparable,
    copied_from,
    distance,
    jensen_shannon,
    opening,
    recognised,
    rows_of,
    statistics,
    within,
)
from yuefu.recognition.network import Verdict
from yuefu.score.abc_read import read_abc
from yuefu.score.model import Score

BARS = ("G2B dBd", "e2d BAG", "ABA AGE", "D2E G3", "g2f edB", "d2B AGE", "gfg edB", "A3 A2d")


def jig(seed: int, bars: int = 16) -> Score:
    drawn = np.random.default_rng(seed).choice(BARS, bars - 1)
    return read_abc(f"X:1\nT:J{seed}\nM:6/8\nL:1/8\nK:G\n" + "|".join([*drawn, "G3 G3"]) + "|\n")


def waltz(seed: int, bars: int = 16) -> Score:
    drawn = np.random.default_rng(seed).choice(("c6", "e4 g2", "a2 c'4", "f6"), bars)
    return read_abc(f"X:1\nT:W{seed}\nM:3/4\nL:1/8\nK:C\n" + "|".join(drawn) + "|\n")


def test_other_music_lies_further_than_a_style_from_itself() -> None:
    """Waltzes are further from jigs than other jigs are, in measures and in profiles."""
    human = [statistics(jig(seed)) for seed in range(8)]
    same, other = ([statistics(make(seed)) for seed in range(20, 26)] for make in (jig, waltz))
    near, far, own = distance(same, human), distance(other, human), within(human, 4)
    assert near.means < far.means
    assert near.profiles < far.profiles
    assert own.means < far.means
    assert own.profiles < far.profiles
    assert far.furthest[0][0] in (*MEASURES, *PROFILES)


def test_a_population_lies_at_nothing_from_itself() -> None:
    """Distances are 0 for the same pieces and never negative."""
    human = [statistics(jig(seed)) for seed in range(4)]
    found = distance(human, human)
    assert found.means == 0
    assert found.profiles == 0


def test_key_and_tempo_make_no_distance() -> None:
    """Profiles are of C major or A minor: a tune a fourth higher and twice as fast is the same."""
    text = "X:1\nT:J\nM:6/8\nL:1/8\nQ:1/4=100\nK:G\n" + "|".join(BARS) + "|\n"
    one = read_abc(text)
    part = one.parts[0]
    notes = part.notes.copy()
    notes["pitch"] += 5
    other = read_abc("X:1\nT:J\nM:6/8\nL:1/8\nQ:1/4=200\nK:C\n" + "C6|" * len(BARS))
    other = replace(other, parts=(replace(part, notes=notes),))
    same = distance([statistics(other)], [statistics(one)])
    for name in ("intervals", "pitch classes", "lengths", "places"):
        assert same.by[name] == 0


def test_nothing_to_compare_is_an_error() -> None:
    """Empty populations and single pieces aren't measured as if they were some."""
    piece = statistics(jig(1))
    with pytest.raises(ValueError, match="nothing"):
        distance([], [piece])
    with pytest.raises(ValueError, match="two"):
        within([piece], 1)


def test_a_band_is_measured_as_bare_tunes_are() -> None:
    """Beside pieces of one line only the tune of a piece is looked at, with chords heard in it."""
    from yuefu.score.model import Part, make_notes

    tune = jig(3)
    bass = Part("B", "bass", role="bass", notes=make_notes([(1, 0, 72, 40, 80)]))
    band = replace(tune, parts=(*tune.parts, bass))
    human = [replace(jig(seed), metadata={"chords": "inferred"}) for seed in range(3)]
    assert rows_of(human) == ("melody",)
    seen = comparable(band, human)
    assert [part.role for part in seen.parts] == ["melody"]
    assert seen.metadata["chords"] == "inferred"


def test_only_the_beginning_of_a_long_piece_is_looked_at() -> None:
    """A piece of a hundred bars counts as its first sixty-four."""
    assert len(opening(jig(1, 100)).bars) == 64


def test_verdicts_are_counted() -> None:
    """Right, sure and what it is taken for, over pieces."""
    verdicts = iter(
        [Verdict((("jig", 0.9), ("reel", 0.1)), True, 1, 0.9), Verdict((("reel", 0.6), ("jig", 0.4)), False, 1, 0.9)]
    )
    found = recognised([jig(1), jig(2)], ["jig"], lambda _: next(verdicts))
    assert (found.right, found.sure) == (0.5, 0.5)
    assert found.share == pytest.approx(0.65)
    assert dict(found.taken) == {"jig": 1, "reel": 1}


def test_what_was_copied_is_found() -> None:
    """A piece shares all of its notes with itself, and little with others."""
    source = jig(1)
    assert copied_from([source], [source]).most == len(source.parts[0].notes)
    assert copied_from([waltz(1)], [source]).most < 7


def test_distributions_without_anything_in_common_are_one_apart() -> None:
    """The Jensen-Shannon distance is symmetric, 0 for equals and 1 for strangers."""
    a, b = np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])
    assert jensen_shannon(a, a) == 0
    assert jensen_shannon(a, b) == pytest.approx(jensen_shannon(b, a))
    assert 0 < jensen_shannon(a, b) < 1
