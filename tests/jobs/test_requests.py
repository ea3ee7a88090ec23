"""What can be asked of a worker, and what is refused in a sentence."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import InputError
from yuefu.jobs.requests import REQUESTS, ExportRequest, FillRequest, parse_request
from yuefu.text.brief import BriefOptions, read_brief

PIECE = "01jd0000000000000000000000"


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("compose", {"words": "春天", "options": {"tempo": 92, "seed": "7", "instruments": ["piano"]}, "tags": ["a"]}),
        ("compose", {"words": "rain", "engine": "markov"}),
        ("compose", {"brief": read_brief("a waltz for solo piano").model_dump(mode="json")}),
        ("fill", {"piece": PIECE, "rows": ["melody", "低音"], "bars": "5-8, 12", "locked": [{"bars": "5"}]}),
        ("fill", {"piece": PIECE, "rows": ["drums"], "engine": "markov"}),
        ("render", {"piece": PIECE, "version": 3, "format": "ogg"}),
        ("analyze", {"piece": PIECE}),
        ("import", {"upload": "a" * 64, "name": "song.mid"}),
        ("export", {}),
        ("export", {"piece": PIECE, "format": "pdf"}),
    ],
)
def test_a_request_survives_the_queue(kind: str, request_: dict[str, Any]) -> None:
    """What is checked and dumped for the queue is read there as the same request."""
    model = parse_request(kind, request_)
    assert parse_request(kind, model.model_dump(mode="json")) == model


@pytest.mark.parametrize(
    ("kind", "request_", "says"),
    [
        ("sing", {}, "unknown kind of job"),
        ("compose", {"word": "x"}, "word"),
        ("compose", {"words": "x" * 4001}, "words"),
        ("compose", {"options": {"tempo": float("nan")}}, "tempo"),
        ("compose", {"options": {"volume": 3}}, "volume"),
        ("compose", {"brief": {"style": {"value": "noise"}}}, "style"),
        ("compose", [], "dictionary"),
        ("compose", {"words": "rain", "engine": "markof"}, "did you mean 'markov'"),
        ("compose", {"words": "rain", "engine": "llm"}, "doesn't compose here"),
        ("fill", {"piece": PIECE, "engine": "llm"}, "doesn't write into pieces"),
        ("fill", {"piece": "../../etc"}, "piece"),
        ("fill", {"piece": PIECE, "rows": ["trombones"]}, "unknown row"),
        ("fill", {"piece": PIECE, "bars": "8-5"}, "backwards"),
        ("fill", {"piece": PIECE, "locked": [{"bars": "x"}]}, "locked"),
        ("fill", {"piece": PIECE, "amount": 0}, "amount"),
        ("fill", {"piece": PIECE, "version": 2**40}, "version"),
        ("render", {"piece": PIECE, "format": "midi"}, "format"),
        ("import", {"upload": "../x"}, "upload"),
        ("export", {"format": "pdf"}, "zip"),
        ("export", {"piece": PIECE, "format": "exe"}, "unknown format"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(kind: str, request_: Any, says: str) -> None:
    """The sentence names the field, and no more of the input than a little."""
    with pytest.raises(InputError) as caught:
        parse_request(kind, request_)
    message = str(caught.value)
    assert says in message
    assert message.endswith(".")
    assert len(message) < 1500


def test_options_are_those_of_a_brief() -> None:
    """Every option of the reader can be sent, and no other one."""
    options = REQUESTS["compose"].model_fields["options"].annotation
    assert set(options.model_fields) == set(BriefOptions.__dataclass_fields__)  # type: ignore[union-attr]


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@given(kind=st.sampled_from(list(REQUESTS)), data=st.data())
@settings(max_examples=120, deadline=None)
def test_any_json_is_a_request_or_an_input_error(kind: str, data: st.DataObject) -> None:
    """Nothing else ever comes of it, whatever stands in which field."""
    fields = list(REQUESTS[kind].model_fields)
    sent = data.draw(st.dictionaries(st.sampled_from(fields), _JSON, max_size=4) | _JSON)
    with suppress(InputError):
        parse_request(kind, sent)


def test_cells_are_masks_of_the_workflows() -> None:
    """Rows in either language and bars as text become the mask that the workflows take; nothing means all."""
    request = FillRequest(piece=PIECE, rows=["旋律", "bass"], bars="5-8, 12")
    assert request.mask().rows == ("melody", "bass")
    assert request.mask().bars == ((5, 8), (12, 12))
    assert FillRequest(piece=PIECE).mask().bars == ()
    assert ExportRequest().piece is None
