"""What is asked to be busy is busier, and what is asked not to be is sparser."""

import numpy as np
import pytest

from yuefu.text.brief import BriefOptions, read_brief
from yuefu.workflows.compose import compose_brief

pytestmark = [pytest.mark.model, pytest.mark.slow]


def onsets(words: str) -> tuple[float, float]:
    """Onsets a quarter note of the tune and of all parts, over two seeds."""
    tune, band = [], []
    for seed in (1, 2):
        piece = compose_brief(read_brief(words, BriefOptions(seed=seed, candidates=1, bars=8)))
        quarters = piece.score.end_tick / 24
        counts = {part.role: len(set(part.notes["start"].tolist())) / quarters for part in piece.score.parts}
        tune.append(counts["melody"])
        band.append(sum(counts.values()))
    return float(np.mean(tune)), float(np.mean(band))


@pytest.mark.parametrize("style", ["folk song, flute, guitar and bass, 90 bpm", "pop song with drums, 90 bpm"])
def test_density_is_heeded(style: str):
    """By a third more onsets in the tune, and more in the whole, where "busy" is asked than where "not too busy" is."""
    sparse, busy = onsets(f"not too busy, {style}"), onsets(f"busy, {style}")
    assert busy[0] > 1.33 * sparse[0]
    assert busy[1] > 1.1 * sparse[1]
