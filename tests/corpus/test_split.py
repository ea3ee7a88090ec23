"""Splits follow the work, in fixed shares."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from yuefu.corpus.split import split_of


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_work_has_one_split_on_every_machine(name: str, work: str) -> None:
    assert split_of(name, work) == split_of(name, work)
    assert split_of(name, work) in ("train", "valid", "test")


def test_known_works_never_change_their_split() -> None:
    """A change here would move held-out pieces into training."""
    found = [split_of("pop909", f"{i:03d}") for i in range(1, 60)]
    assert [i + 1 for i, split in enumerate(found) if split != "train"] == HELD_OUT


HELD_OUT = [20, 24, 32, 50, 54]


def test_the_shares_are_94_3_3() -> None:
    counts = Counter(split_of("set", str(i)) for i in range(20_000))
    assert abs(counts["valid"] / 20_000 - 0.03) < 0.005
    assert abs(counts["test"] / 20_000 - 0.03) < 0.005
