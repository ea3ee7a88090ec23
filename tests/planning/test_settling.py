"""What a brief leaves open is drawn, each thing by itself."""

from __future__ import annotations

import numpy as np
import pytest

from yuefu.planning.settling import Settled, settle
from yuefu.text.brief import BriefOptions, read_brief


def settled(seed: int, **options: str) -> Settled:
    """A brief of options alone, settled."""
    return settle(read_brief("", BriefOptions(**options)), np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(6))
def test_saying_one_thing_leaves_the_draws_of_the_others(seed: int) -> None:
    """With the tempo said, key and metre come out as they would have."""
    free, told = settled(seed, style="folk"), settled(seed, style="folk", tempo="71")
    assert (told.key, told.meter, told.mode) == (free.key, free.meter, free.mode)
    assert told.tempo == 71


@pytest.mark.parametrize("seed", range(6))
def test_free_rhythm_is_slow_and_does_not_swing(seed: int) -> None:
    """Unless another tempo was asked for."""
    free = settled(seed, style="swing", rhythm="free")
    assert free.tempo <= 60
    assert free.swing == 0
    assert settled(seed, style="swing", rhythm="free", tempo="150").tempo == 150


def test_a_hint_at_a_mood_is_drawn_around() -> None:
    """Moods read with little confidence differ from seed to seed; moods that were said don't."""
    brief = read_brief("", BriefOptions(mood="0.2,0.1"))
    unsure = brief.model_copy(update={"valence": brief.valence.model_copy(update={"confidence": 0.3})})
    drawn = {settle(unsure, np.random.default_rng(seed)).valence for seed in range(8)}
    assert len(drawn) > 4
    assert {settle(brief, np.random.default_rng(seed)).valence for seed in range(8)} == {0.2}


def test_a_traditions_mode_brings_its_style() -> None:
    """Where no style was asked for, a Chinese mode is written as Chinese folk music."""
    assert settled(1, scale="yu").style.key == "chinese_folk"
    assert settled(1, scale="yu", style="jazz").style.key == "jazz"
