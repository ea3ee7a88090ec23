"""How far a job has come, and how long it will take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuefu.jobs.estimate import SHARES, USUAL, Estimate
from yuefu.jobs.requests import REQUESTS
from yuefu.progress import Progress


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_every_kind_has_shares_of_a_whole() -> None:
    """The stages of a kind make up all of its time."""
    assert set(SHARES) == set(USUAL) == set(REQUESTS)
    for shares in SHARES.values():
        assert sum(shares.values()) == pytest.approx(1.0)


_STAGES = st.sampled_from(["melody", "band", "drums", "finish", "sound", "unheard of"])


@given(st.sampled_from(list(SHARES)), st.lists(st.tuples(_STAGES, st.integers(-1, 9), st.integers(0, 8)), max_size=20))
def test_the_fraction_never_falls(kind: str, events: list[tuple[str, int, int]]) -> None:
    """Whatever stages come in whatever order, it stays within 0 and 1 and never goes back; time left is no debt."""
    clock = Clock()
    estimate = Estimate(kind, clock)
    last = 0.0
    for stage, done, total in events:
        clock.now += 0.5
        fraction, left = estimate.update(Progress(stage, done, total))
        assert last <= fraction <= 1.0
        assert left >= 0.0
        last = fraction


def test_the_time_left_follows_the_jobs_own_pace() -> None:
    """At first what is usual counts; a job that takes twice as long soon shows it."""
    clock = Clock()
    estimate = Estimate("compose", clock)
    assert estimate.update(Progress("melody", 0, 16))[1] == pytest.approx(USUAL["compose"], rel=0.01)
    clock.now = 2 * USUAL["compose"] * SHARES["compose"]["melody"]
    fraction, left = estimate.update(Progress("melody", 16, 16))
    assert fraction == pytest.approx(SHARES["compose"]["melody"])
    truth = 2 * USUAL["compose"] * (1 - fraction)
    assert left == pytest.approx(truth, rel=0.35)
    assert estimate.update(Progress("finish", 1, 1)) == (1.0, 0.0)
