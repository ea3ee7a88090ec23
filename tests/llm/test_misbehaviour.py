"""Every way in which a server breaks its word ends in a brief, and in a notice where something was lost, in time."""

from __future__ import annotations

import gzip
import json
import socket
import time
from typing import Any

import pytest
from tests.llm.server import Behaviour, Handler, answers, completion, serving

from yuefu.llm.brief_writer import BriefDraft, draft_brief
from yuefu.llm.ladder import Outcome
from yuefu.llm.settings import LlmSettings
from yuefu.text.brief import Brief, BriefOptions, read_brief
from yuefu.workflows.llm_brief import consult

GOOD = {"title": "Quiet Rain", "style": "jazz", "key": "D minor", "meter": "3/4", "tempo": 88, "bars": 16,
        "form": None, "instruments": ["piano"], "valence": -0.4, "arousal": -0.5}  # fmt: skip
TEXT = json.dumps(GOOD)
DEADLINE = 2.0


def ask(behaviour: Behaviour, deadline: float = DEADLINE) -> tuple[Outcome[BriefDraft], list[str | None], float]:
    """The outcome of a draft, the formats that were asked for, the seconds that it took."""
    with serving(behaviour) as heard:
        start = time.monotonic()
        outcome = draft_brief(LlmSettings(heard.url, "m", deadline=deadline), Brief(words="rain"))
        return outcome, heard.formats, time.monotonic() - start


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"Sure, here it is:\n```json\n{TEXT}\n```\nEnjoy {{it}}!",
        f"```\n{TEXT}",
        f"<think>Jazz {{or}} blues? {{\"style\": \"blues\"}}</think>\n{TEXT}",
        f"Jazz, I think.</think>{TEXT}",
        f"{TEXT} {TEXT}",
        TEXT.replace(", ", ",\n\n      \n"),
    ],
    ids=["plain", "fenced", "fence left open", "thinking", "thinking unopened", "twice", "wide"],
)  # fmt: skip
def test_what_stands_around_the_object_is_passed_over(text: str) -> None:
    """Fences, thinking and talk cost nothing: the first object counts, at the first question, without a notice."""
    outcome, formats, _ = ask(answers(text))
    assert outcome.value is not None
    assert (outcome.value.style, outcome.value.key, outcome.value.tempo) == ("jazz", "D minor", 88.0)
    assert outcome.why is None
    assert formats == ["json_schema"]


def test_a_truncated_object_keeps_its_complete_fields() -> None:
    """An answer cut by max_tokens in the middle of a value loses that value alone."""
    outcome, _, _ = ask(answers('{"style": "jazz", "key": "D minor", "temp', finish="length"))
    assert outcome.value == BriefDraft(style="jazz", key="D minor")


def test_a_whitespace_loop_keeps_what_came_before_it() -> None:
    """Blank lines without end after a field leave the field."""
    outcome, _, _ = ask(answers('{"style": "jazz",' + "\n  " * 20_000, finish="length"))
    assert outcome.value == BriefDraft(style="jazz")


@pytest.mark.parametrize(
    "text", ["\n" * 50_000, "{" + " " * 50_000, "{" * 50_000, "I can't do that.", "[1, 2]", "<think>"]
)
def test_an_answer_without_an_object_goes_down_every_rung(text: str) -> None:
    """Schema, object, free text, one repair, and then no value and a notice, however often blanks or braces repeat."""
    outcome, formats, seconds = ask(answers(text, finish="length"))
    assert outcome.value is None
    assert outcome.why is not None
    assert formats in (["json_schema", "json_object", None, None], ["json_schema", "json_object", None])
    assert seconds < DEADLINE + 1


def test_wrong_types_are_repaired_once_with_the_faults_named() -> None:
    """The second question names the bad fields; its answer counts."""
    wrong = json.dumps({**GOOD, "tempo": "fast", "style": "polka-metal"})
    with serving(answers(wrong, TEXT)) as heard:
        outcome = draft_brief(LlmSettings(heard.url, "m", deadline=DEADLINE), Brief(words="rain"))
    assert outcome.value is not None
    assert outcome.value.tempo == 88
    assert outcome.why is None
    complaint = heard.bodies[1]["messages"][-1]["content"]
    assert "'tempo'" in complaint
    assert "'style'" in complaint


def test_fields_that_stay_wrong_are_left_out_and_the_rest_is_kept_with_a_notice() -> None:
    """After one repair no third question is asked: the valid fields are used."""
    wrong = json.dumps({"style": "jazz", "tempo": {"bpm": 88}, "instruments": 7, "key": "H flat"})
    outcome, formats, _ = ask(answers(wrong))
    assert outcome.value == BriefDraft(style="jazz")
    assert outcome.why is not None
    assert len(formats) == 2


def test_an_object_of_nothing_but_wrong_fields_is_no_brief() -> None:
    """Where no field is valid there is no value."""
    outcome, _, _ = ask(answers('{"tempo": "fast", "style": 9}'))
    assert outcome.value is None
    assert outcome.why is not None


def test_an_object_of_nulls_is_no_brief() -> None:
    """An answer that leaves everything open says nothing, and that is told."""
    outcome, _, _ = ask(answers(json.dumps(dict.fromkeys(GOOD))))
    assert outcome.value is None
    assert outcome.why is not None


@pytest.mark.parametrize("status", [400, 422, 500, 501, 503])
def test_a_refused_format_is_given_up_for_the_next(status: int) -> None:
    """A server that answers an error to schemas, whatever its number, is asked without them."""

    def behave(handler: Handler, number: int, body: dict[str, Any]) -> None:
        if "response_format" in body:
            handler.send(b'{"error": {"message": "response_format"}}', status)
        else:
            handler.send(completion(TEXT))

    outcome, formats, _ = ask(behave)
    assert outcome.value is not None
    assert formats == ["json_schema", "json_object", None]


def fails(status: int) -> Behaviour:
    return lambda handler, number, body: handler.send(b"oops", status, Location="/v1/elsewhere")


@pytest.mark.parametrize(("status", "asked"), [(500, 3), (503, 3), (401, 1), (404, 1), (429, 1), (307, 1), (302, 1)])
def test_errors_end_without_a_value_and_name_the_status(status: int, asked: int) -> None:
    """500s are met on every rung; a missing model, a bad key, a quota or a redirect at once. No retries."""
    outcome, formats, _ = ask(fails(status))
    assert outcome.value is None
    assert outcome.why is not None
    assert str(status) in outcome.why.en
    assert str(status) in outcome.why.zh
    assert len(formats) == asked


def drip_body(handler: Handler, number: int, body: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for byte in completion(TEXT + " " * 1000):
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)


def drip_headers(handler: Handler, number: int, body: dict[str, Any]) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 500:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)


def silence(handler: Handler, number: int, body: dict[str, Any]) -> None:
    time.sleep(10)


@pytest.mark.parametrize("behaviour", [drip_body, drip_headers, silence])
def test_a_server_that_drips_or_says_nothing_is_left_at_the_deadline(behaviour: Behaviour) -> None:
    """Bytes that keep coming don't put the deadline off, in the body or in the headers."""
    outcome, formats, seconds = ask(behaviour, deadline=1.0)
    assert outcome.value is None
    assert outcome.why is not None
    assert "1 s" in outcome.why.en
    assert seconds < 2.0
    assert len(formats) == 1


def endless(handler: Handler, number: int, body: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 65536)


def endless_error(handler: Handler, number: int, body: dict[str, Any]) -> None:
    handler.send_response(500)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 65536)


@pytest.mark.parametrize("behaviour", [endless, endless_error])
def test_a_response_without_end_is_cut_at_the_size_limit(behaviour: Behaviour) -> None:
    """Also the body of an error is counted."""
    outcome, _, seconds = ask(behaviour, deadline=20)
    assert outcome.value is None
    assert outcome.why is not None
    assert "1,000,000" in outcome.why.en
    assert seconds < 5


def test_a_packed_response_is_refused() -> None:
    """What could unpack to any size isn't unpacked."""

    def behave(handler: Handler, number: int, body: dict[str, Any]) -> None:
        handler.send(gzip.compress(completion(TEXT + " " * 50_000_000)), Content_Encoding="gzip")

    outcome, _, _ = ask(behave)
    assert outcome.value is None
    assert outcome.why is not None


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>hello</html>", b"[]", b"null", b'{"error": "busy"}', b'{"choices": []}',
     b'{"choices": [{"message": {}}]}',
     b'{"choices": [{"message": {"content": null}}]}', b'{"choices": "no"}', b"[" * 100_000, b"\xff\xfe\x00",
     b'{"choices": [{"message": {"content": 7}}]}', b'{"choices": [7]}'],
)  # fmt: skip
def test_a_body_that_is_no_completion_ends_without_a_value(body: bytes) -> None:
    """A 200 with anything in it is survived."""
    outcome, _, _ = ask(lambda handler, number, _: handler.send(body))
    assert outcome.value is None
    assert outcome.why is not None


def test_a_connection_that_breaks_off_ends_without_a_value() -> None:
    """A server that hangs up in the middle of its answer is survived."""

    def behave(handler: Handler, number: int, body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "500")
        handler.end_headers()
        handler.wfile.write(b'{"choices"')

    outcome, _, _ = ask(behave)
    assert outcome.value is None
    assert outcome.why is not None


def test_nobody_listening_ends_without_a_value() -> None:
    """A closed port is told at once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    start = time.monotonic()
    outcome = draft_brief(LlmSettings(url, "m", deadline=20), Brief(words="rain"))
    assert outcome.value is None
    assert outcome.why is not None
    assert "reached" in outcome.why.en
    assert time.monotonic() - start < 5


def test_a_failed_endpoint_leaves_the_embedded_readers_brief_and_a_notice_in_both_languages() -> None:
    """What was read without the model is what is composed."""
    plain = read_brief("a slow waltz in G minor for piano", BriefOptions(seed=3))
    with serving(fails(500)) as heard:
        asked = consult(plain, LlmSettings(heard.url, "m", deadline=DEADLINE))
    assert asked.brief == plain
    assert len(asked.record.notices) == 1
    assert "500" in asked.record.lines("en")[0]
    assert "embedded reader" in asked.record.lines("en")[0]
    assert "内置" in asked.record.lines("zh")[0]


def test_a_model_that_counts_completion_tokens_is_asked_again_its_way() -> None:
    """The older limit's name, refused, is replaced by the newer one's."""

    def behave(handler: Handler, number: int, body: dict[str, Any]) -> None:
        if "max_tokens" in body:
            handler.send(b'{"error": {"message": "use max_completion_tokens"}}', 400)
        else:
            handler.send(completion(TEXT))

    outcome, formats, _ = ask(behave)
    assert outcome.value is not None
    assert formats == ["json_schema", "json_schema"]
