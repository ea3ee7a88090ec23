"""The critic: ranks candidates of a tune by how a composer's measures lie beside the corpus.

It shares no code with the model: it reads the finished notes with ``yuefu.analysis`` and compares
them with ``critic_reference.json`` (mean and spread of the same measures over eight-bar stretches
of the training corpora, by style group). The model's own likelihood has a say, a small one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources

from yuefu.analysis.measures import measure_named
from yuefu.score.model import Score

#: Measures of a tune with chords that the critic looks at, and how much each counts.
WEIGHTS = {
    "chord_tone_ratio": 1.5, "scale_ratio": 1.0, "pitch_class_entropy": 0.6, "groove_consistency": 0.8,
    "melody_range": 1.0, "mean_interval": 1.0, "repeats": 1.0, "steps": 1.0, "leaps": 1.0,
    "unresolved_leaps": 0.6, "rhythm_entropy": 1.0, "syncopation": 0.5, "phrase_ending": 0.6,
}  # fmt: skip
LIKELIHOOD_WEIGHT = 0.6
#: A measure this many spreads away is as bad as it gets: one odd number mustn't decide alone.
MOST = 3.0


def tune_measures(score: Score) -> dict[str, float]:
    """The critic's measures of a score with a melody and chords (NaN where there's nothing to measure)."""
    return measure_named(score, WEIGHTS)


@cache
def reference() -> dict[str, dict[str, tuple[float, float]]]:
    """Style group -> measure -> (mean, standard deviation)."""
    text = resources.files("yuefu.generation").joinpath("critic_reference.json").read_text("utf-8")
    return {
        group: {name: (float(mean), float(spread)) for name, (mean, spread) in table.items()}
        for group, table in json.loads(text)["groups"].items()
    }


def judge(
    score: Score, group: str, log_probability: float = 0.0, own: Mapping[str, tuple[float, float]] | None = None
) -> float:
    """How well a tune sits in its style group's distribution; 0 is the middle, lower is further out.

    log_probability: the model's mean log-likelihood a token, in nats. own: means and spreads to compare with instead
    of the group's.
    """
    table = own or reference().get(group) or reference()["pop"]
    total, weights = 0.0, 0.0
    for name, value in tune_measures(score).items():
        if math.isnan(value) or name not in table:
            continue
        mean, spread = table[name]
        distance = min(abs(value - mean) / max(spread, 1e-6), MOST)
        total -= WEIGHTS[name] * distance**2
        weights += WEIGHTS[name]
    return total / max(weights, 1e-6) + LIKELIHOOD_WEIGHT * log_probability
