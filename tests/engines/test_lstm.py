"""The recurrent engine's sessions: one token at a time or many, the same; going back is exact."""

import numpy as np
import pytest

from yuefu.engines import load_engine
from yuefu.tokens.sequence import Header, header_ids
from yuefu.tokens.vocabulary import vocabulary

V = vocabulary()
IDS = [
    *header_ids(Header(mode="major"), "4/4"), V.bar, V.given["chords"], V.pos, V.root, V.quality, V.given["keys"],
    V.pos, V.pitch + 60, V.dur + 9, V.fill["melody"], V.pos, V.pitch + 64, V.dur + 9, V.position_ids[24],
]  # fmt: skip


@pytest.mark.model
def test_tokens_one_by_one_or_at_once_give_the_same_logits():
    engine = load_engine("lstm").tokens()
    one, many = engine.session(), engine.session()
    for token in IDS:
        one.append([token])
    many.append(IDS)
    assert one.length == many.length == len(IDS)
    assert np.allclose(one.logits(), many.logits(), atol=1e-4)


@pytest.mark.model
@pytest.mark.parametrize("back", [1, 3, 8, len(IDS) - 1])
def test_going_back_is_exact(back):
    """Wherever it goes back to, into a stretch that was appended at once too, what comes next is as if never left."""
    engine = load_engine("lstm").tokens()
    straight, turned = engine.session(), engine.session()
    straight.append(IDS)
    turned.append(IDS)
    turned.append([V.pitch + 72, V.dur + 3, V.end])
    turned.rewind(len(IDS) - back)
    turned.append(IDS[-back:])
    assert np.allclose(straight.logits(), turned.logits(), atol=1e-4)


@pytest.mark.model
def test_rows_that_it_does_not_know_are_not_heard():
    engine = load_engine("lstm").tokens()
    with_keys, without = engine.session(), engine.session()
    with_keys.append(IDS)
    at = IDS.index(V.given["keys"])
    without.append([*IDS[:at], *IDS[at + 4 :]])
    assert np.allclose(with_keys.logits(), without.logits(), atol=1e-4)
