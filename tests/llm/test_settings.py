"""Where words and keys go, and where they don't."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest
from tests.llm.server import Handler, answers, serving

from yuefu.errors import InputError, MissingExtraError
from yuefu.llm.brief_writer import draft_brief
from yuefu.llm.client import require_client
from yuefu.llm.settings import NO_KEY, LlmSettings
from yuefu.text.brief import Brief


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8080", "file:///etc/passwd", "ftp://example.org/v1", "http://", "https://me:secret@example.org/v1",
     "http://example.org/v1?key=secret", "http://example.org:port/v1",
     "http://[::1/v1", "http://a\n.org", "javascript:1"],
)  # fmt: skip
def test_an_address_that_is_not_plain_http_is_refused_in_one_sentence(url: str) -> None:
    """Only http and https, without a password, which isn't printed."""
    with pytest.raises(InputError) as refused:
        LlmSettings(url, "m")
    message = str(refused.value)
    assert "\n" not in message
    assert "secret" not in message


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 300])
def test_a_model_needs_a_name(name: str) -> None:
    """Empty, endless and unprintable names are refused."""
    with pytest.raises(InputError):
        LlmSettings("http://localhost/v1", name)


def test_our_own_key_goes_anywhere_and_the_general_one_only_where_nobody_listens_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """OPENAI_API_KEY isn't sent in the clear to another machine."""
    monkeypatch.delenv("YUEFU_LLM_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "general")
    assert LlmSettings("http://example.org/v1", "m").key() == NO_KEY
    assert LlmSettings("https://example.org/v1", "m").key() == "general"
    assert LlmSettings("http://127.0.0.1:8080/v1", "m").key() == "general"
    monkeypatch.setenv("YUEFU_LLM_KEY", "own")
    assert LlmSettings("http://example.org/v1", "m").key() == "own"
    monkeypatch.delenv("YUEFU_LLM_KEY")
    monkeypatch.delenv("OPENAI_API_KEY")
    assert LlmSettings("https://example.org/v1", "m").key() == NO_KEY


def test_the_key_is_sent_in_its_header_and_stands_in_no_log_notice_or_repr(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With every logger at DEBUG and an endpoint that fails, the key is seen by the endpoint alone."""
    monkeypatch.setenv("YUEFU_LLM_KEY", "sk-very-secret")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    caplog.set_level(logging.DEBUG)
    with serving(lambda handler, number, body: handler.send(b"no sk-very-secret", 500)) as heard:
        settings = LlmSettings(heard.url, "m", deadline=5)
        outcome = draft_brief(settings, Brief(words="rain"))
    assert heard.headers[0]["authorization"] == "Bearer sk-very-secret"
    assert "sk-very-secret" not in caplog.text + repr(outcome) + repr(settings)
    ours = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-type", "content-length"}
    assert set(heard.headers[0]) <= ours | {"authorization", "x-stainless-raw-response"}
    assert heard.headers[0]["user-agent"] == "yuefu"


def test_a_proxy_is_not_asked_the_way_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes to loopback leaves by no proxy, whatever the environment says."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(answers(json.dumps({"style": "jazz"}))) as heard:
        outcome = draft_brief(LlmSettings(heard.url, "m", deadline=5), Brief(words="rain"))
    assert outcome.value is not None


def test_a_redirect_is_not_followed() -> None:
    """Words given to one place don't go to another because it says so."""
    with serving(answers("{}")) as other:

        def behave(handler: Handler, number: int, body: object) -> None:
            handler.send(b"", 307, Location=other.url + "/chat/completions")

        with serving(behave) as heard:
            outcome = draft_brief(LlmSettings(heard.url, "m", deadline=5), Brief(words="rain"))
    assert outcome.value is None
    assert other.bodies == []


def test_a_request_holds_the_brief_and_nothing_of_the_machine() -> None:
    """Model, messages, limit and format: no file, no path, no name of a user."""
    with serving(answers(json.dumps({"style": "jazz"}))) as heard:
        draft_brief(LlmSettings(heard.url, "tiny", deadline=5), Brief(words="a rainy night"))
    body = heard.bodies[0]
    assert set(body) == {"model", "messages", "max_tokens", "response_format"}
    assert "a rainy night" in body["messages"][-1]["content"]
    schema = body["response_format"]["json_schema"]["schema"]
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == set(schema["properties"])
    assert not any("$ref" in json.dumps(held) for held in schema["properties"].values())


def test_composing_without_a_language_model_needs_no_client() -> None:
    """The openai client is loaded when a question is put, not before."""
    code = "import sys, yuefu.cli.compose, yuefu.workflows.llm_compose, yuefu.workflows.replay; "
    code += "sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing that is an error: what the user can install."""
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingExtraError, match=r"yuefu\[llm\]"):
        require_client()
