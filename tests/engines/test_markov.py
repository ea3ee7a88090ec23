"""The counting engine: shares of what was counted, backed off where nothing was."""

import numpy as np
import pytest

from yuefu.engines.markov import Grams, MarkovRuntime
from yuefu.engines.markov_contexts import CHAINS, STATES, key_table, keys_of, state_of
from yuefu.engines.reader import Place, Reader
from yuefu.errors import InputError
from yuefu.tokens.vocabulary import vocabulary

V = vocabulary()


def place(*tokens: int) -> Place:
    reader = Reader()
    for token in tokens:
        reader.push(token)
    return reader.place


def grams(key: int, tokens: list[int], shares: list[float]) -> Grams:
    return Grams(
        np.array([key], dtype=np.uint32), np.array([len(tokens)], dtype=np.uint16), np.array(tokens, dtype=np.uint16),
        np.array([round(255 * share**0.5) for share in shares], dtype=np.uint8),
        np.full((STATES, len(CHAINS)), 1 / len(CHAINS), dtype=np.float32), 4,
    )  # fmt: skip


def test_shares_add_up_to_one_and_unseen_contexts_say_nothing():
    here = place(V.bar, V.fill["melody"])
    state, _ = keys_of(here)
    told = np.exp(grams(state, [V.pos, V.end], [0.5, 0.25]).log_shares(here))
    assert told.sum() == pytest.approx(1.0, abs=1e-3)
    assert told[V.pos] == pytest.approx(0.5, abs=0.02)
    elsewhere = np.exp(grams(state, [V.pos], [0.9]).log_shares(place(V.bar, V.fill["bass"])))
    assert np.allclose(elsewhere, 1 / len(V))


def test_the_finest_context_that_is_known_counts_most():
    """A chain's fine context overrides its coarse one as far as it has shares of its own."""
    here = place(V.bar, V.fill["melody"], V.position_ids[24])
    _, chains = keys_of(here)
    told = grams(chains[4][1], [V.pitch + 60], [1.0]).by_chain(here)
    assert told[4][V.pitch + 60] == pytest.approx(1.0, abs=1e-3)
    assert told[3][V.pitch + 60] < 0.01


def test_keys_are_the_same_one_by_one_and_in_tables():
    """Counting and writing hash the same places to the same keys."""
    places = [place(V.bar, V.fill["drums"]), place(V.bar, V.fill["melody"], V.position_ids[12], V.pitch + 60)]
    table = key_table(np.array(places, dtype=np.int64), np.array([state_of(each) for each in places]))
    for each, row in zip(places, table.tolist(), strict=True):
        state, chains = keys_of(each)
        assert row == [state, *(key for chain in chains for key in chain)]


def test_a_file_comes_back_and_another_vocabulary_is_refused(tmp_path):
    here = place(V.bar, V.fill["melody"])
    one = grams(keys_of(here)[0], [V.pos], [0.5])
    one.save(tmp_path / "one.npz")
    assert np.allclose(Grams.load(tmp_path / "one.npz").log_shares(here), one.log_shares(here), atol=1e-3)
    with np.load(tmp_path / "one.npz") as data:
        np.savez(tmp_path / "other.npz", **{**data, "vocabulary": "another"})
    with pytest.raises(InputError, match="another vocabulary"):
        Grams.load(tmp_path / "other.npz")


def test_going_back_forgets():
    session = MarkovRuntime(grams(1, [V.pos], [0.5])).session()
    session.append([V.bar, V.fill["melody"]])
    before = session.logits()
    session.append([V.pos, V.pitch + 60])
    session.rewind(2)
    assert session.length == 2
    assert np.array_equal(session.logits(), before)
