"""Lists that flow."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.recommend.sequencing import (
    ARCS,
    Track,
    arc_energy,
    costs,
    key_step,
    sequence,
    smoothness,
    step,
    tempo_step,
)


def _tracks(count: int, seed: int = 0) -> list[Track]:
    rng = np.random.default_rng(seed)
    return [
        Track(
            f"piece:{n}",
            float(rng.uniform(60, 240)),
            float(rng.uniform(55, 170)),
            int(rng.integers(-5, 7)),
            float(rng.uniform(0, 1)),
            float(rng.uniform(0, 1)),
        )
        for n in range(count)
    ]


def test_matrix_is_the_steps() -> None:
    """The table of costs holds exactly what a single step costs."""
    tracks = [*_tracks(6), Track("a", 60), Track("b", 60, 90.0, None, 0.2)]
    matrix = costs(tracks)
    for a, one in enumerate(tracks):
        for b, other in enumerate(tracks):
            assert matrix[a, b] == pytest.approx(step(one, other))
            assert 0 <= matrix[a, b] <= 1


def test_steps_are_what_is_heard() -> None:
    """Neighbours on the circle and like tempos are nearer; half time is nearer than a tempo between."""
    assert key_step(0, 1) < key_step(0, 2) < key_step(0, 6) == key_step(6, 0)
    assert tempo_step(90, 92) < tempo_step(90, 120)
    assert tempo_step(60, 120) < tempo_step(60, 60 * 2**0.8)


@pytest.mark.parametrize("seed", range(4))
def test_smoother_than_chance(seed: int) -> None:
    """A list is clearly smoother than the same pieces in a random order, and nothing comes twice."""
    found = sequence(_tracks(60, seed), 40 * 60, seed=seed)
    assert len(set(found.order)) == len(found.order) > 5
    assert found.smoothness > found.random + 0.12
    assert abs(found.seconds - 2400) < 130


def test_order_of_all_is_near_the_best() -> None:
    """Of six pieces the order found is as good as the best of all 720 orders, or within a hair."""
    from itertools import permutations

    tracks = [Track(t.item, t.seconds, t.tempo, t.fifths, 0.5, 0.5) for t in _tracks(6, 3)]
    matrix = costs(tracks)
    best = max(smoothness(order, matrix) for order in permutations(range(6)))
    assert sequence(tracks, arc="steady").smoothness >= best - 0.01


@pytest.mark.parametrize("arc", sorted(ARCS))
def test_follows_its_arc(arc: str) -> None:
    """The energies go along with the arc that was asked for, wherever it isn't flat."""
    tracks = [Track(t.item, 120.0, 100.0, 0, t.energy, 0.5) for t in _tracks(80, 1)]
    found = sequence(tracks, 30 * 60, arc=arc, middle=0.5)
    energies = [tracks[one].energy for one in found.order]
    aims = [arc_energy(arc, (n + 0.5) / len(energies), 0.5) for n in range(len(energies))]
    assert float(np.abs(np.array(energies) - aims).mean()) < 0.1
    assert found.arc > 0.8


def test_small_libraries() -> None:
    """None, one and two pieces are lists too; too little is all of it."""
    assert sequence([]).order == ()
    assert sequence(_tracks(1), 2400).order == (0,)
    assert sorted(sequence(_tracks(3), 2400).order) == [0, 1, 2]


def test_same_input_same_list_and_first_stays() -> None:
    """It is the same list each time, and begins with the piece that was named."""
    tracks = _tracks(30, 9)
    assert sequence(tracks, 1200) == sequence(tracks, 1200)
    assert sequence(tracks, 1200, first=7).order[0] == 7
