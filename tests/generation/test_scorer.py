"""The scorer sees in one pass what a session of the shipped runtime sees step by step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yuefu.errors import InputError, LimitError
from yuefu.generation.engine import RuntimeEngine
from yuefu.generation.scorer import Scorer, log_softmax
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.models import model_folder

WORDS = (
    "BOS STYLE_pop MODE_major METER_4/4 TEMPO_5 SEP BAR_0 FILL_melody POS_0 PITCH_67 DUR_24 POS_24 PITCH_64 DUR_24 "
    "POS_48 PITCH_60 DUR_48 END BAR_1 FILL_melody POS_0 PITCH_62 DUR_96 END EOS"
)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(model_folder())


@pytest.mark.model
def test_one_pass_gives_the_distributions_of_a_session(scorer: Scorer) -> None:
    v = vocabulary()
    ids = [v.id(word) for word in WORDS.split()]
    session = RuntimeEngine(model_folder()).session()
    steps = []
    for token in ids[:-1]:
        session.append([token])
        steps.append(log_softmax(session.logits()))
    once = scorer.log_probabilities(ids)
    assert once.shape == (len(ids) - 1, len(v))
    # Where the session puts any weight at all; the tail of a quantised model is rounding noise.
    likely = np.exp(np.array(steps)) > 1e-3
    assert np.abs(once - np.array(steps))[likely].max() < 0.25
    stepwise = -np.array(steps)[np.arange(len(ids) - 1), ids[1:]]
    assert scorer.token_nats(ids)[1:] == pytest.approx(stepwise, abs=0.25)
    assert scorer.token_nats(ids).sum() / stepwise.sum() == pytest.approx(1, abs=0.02)


@pytest.mark.model
def test_distributions_add_up_and_know_only_what_came_before(scorer: Scorer) -> None:
    ids = list(range(5, 45))
    full = scorer.log_probabilities(ids)
    assert np.exp(full.astype(np.float64)).sum(axis=1) == pytest.approx(1, abs=1e-4)
    other = scorer.log_probabilities([*ids[:20], *reversed(ids[20:])])
    assert other[:20] == pytest.approx(full[:20], abs=0.1)
    assert np.abs(other[21:] - full[21:]).max() > 0.5


@pytest.mark.model
def test_what_cannot_be_scored_is_refused(scorer: Scorer, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least two"):
        scorer.log_probabilities([1])
    with pytest.raises(LimitError, match="too long"):
        scorer.log_probabilities([1] * 5000)
    with pytest.raises(InputError, match="isn't a model folder"):
        Scorer(tmp_path)
