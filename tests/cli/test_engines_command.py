"""``yuefu engines`` tells who can write, in both languages and as data, and refuses names that aren't there."""

import json

import pytest

from yuefu.engines import engine_info, engine_names


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_list_names_every_engine_and_what_it_is_good_for(yuefu, language):
    told = yuefu("engines", "--language", language)
    assert told.code == 0
    for name in engine_names():
        assert name in told.out
        assert getattr(engine_info(name), language) in told.out


def test_the_data_hold_rows_and_sizes_of_every_engine(yuefu):
    told = json.loads(yuefu("engines", "--json").out)
    assert [each["name"] for each in told] == list(engine_names())
    assert all(each["bytes"] and each["hash"] for each in told if not each["needs"])


def test_one_engine_is_told_whole(yuefu):
    told = yuefu("engines", "markov", "--language", "en").out
    for row in engine_info("markov").rows:
        assert row in told
    assert engine_info("markov").hash in told


def test_an_unknown_engine_is_answered_with_the_known_ones(yuefu):
    """Wherever a name can be given: one line that names the nearest, exit code 2, and nothing written."""
    told = yuefu("engines", "markof")
    assert told.code == 2
    assert "did you mean 'markov'" in told.err
    told = yuefu("compose", "a song", "--engine", "lstn", "-o", "never")
    assert told.code == 2
    assert "unknown engine 'lstn'" in told.err
