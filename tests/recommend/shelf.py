"""A small shelf for the tests of choosing: two styles, a few creators, one of them large."""

from __future__ import annotations

import numpy as np

from yuefu.recommend.content import Catalogue


def shelf(count: int = 60, seed: int = 0) -> Catalogue:
    """Items of two styles with moods; the creator "large" made every third one."""
    rng = np.random.default_rng(seed)
    style = np.arange(count) % 2
    mood = rng.normal(size=(count, 2))
    features = np.column_stack([style * 2.0, (1 - style) * 2.0, mood, rng.normal(scale=0.5, size=(count, 3))])
    names = ("style:jazz", "style:folk", "mood:valence", "mood:arousal", "tempo:bpm", "texture:density", "tag:river")
    creators = tuple("large" if at % 3 == 0 else f"small {at % 7}" for at in range(count))
    items = tuple(f"piece:{at}" for at in range(count))
    return Catalogue(items, features.astype(np.float32), names, creators, np.full(count, np.nan))


def fame_of(catalogue: Catalogue) -> np.ndarray:
    """Plays: the large creator's items have nearly all."""
    own = np.array([creator == "large" for creator in catalogue.creators])
    return np.where(own, 100.0, 2.0) + np.arange(len(own)) % 5
