"""Small parts of the web layer: messages, caches, turns, hosts, the answers to errors."""

from __future__ import annotations

import string
import threading
import time

import pytest

import yuefu.errors
from yuefu.errors import YuefuError
from yuefu.web.cache import Cache, Turns
from yuefu.web.errors import WebError, status_of
from yuefu.web.limits import Limits
from yuefu.web.messages import MESSAGES, say
from yuefu.web.middleware import host_name, same_origin
from yuefu.web.settings import Settings, default_folder


def test_both_languages_say_the_same_things() -> None:
    """Each message has both, with the same fields; the Chinese one is Chinese."""
    for key, (english, chinese) in MESSAGES.items():
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, chinese)]
        assert fields[0] == fields[1], key
        assert english.isascii(), key
        assert not chinese.isascii() or key == "invalid", key
        say(key, "zh", **dict.fromkeys(fields[0], 1))


def test_every_error_of_the_product_has_a_status() -> None:
    """A new error on purpose can't end as a 500."""
    for kind in vars(yuefu.errors).values():
        if isinstance(kind, type) and issubclass(kind, YuefuError) and kind is not YuefuError:
            assert status_of(kind.__new__(kind)) != 500, kind


def test_a_value_that_two_threads_want_is_made_once() -> None:
    """The second waits for the first."""
    cache: Cache[str] = Cache(100, len)
    made = []

    def make() -> str:
        made.append(1)
        time.sleep(0.05)
        return "value"

    threads = [threading.Thread(target=lambda: cache.get("key", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_making_that_fails_is_tried_again_by_the_next() -> None:
    """An error is not kept."""
    cache: Cache[str] = Cache(100, len)

    def fail() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get("key", fail)
    assert cache.get("key", lambda: "yes") == "yes"


def test_a_turn_that_never_comes_is_a_refusal() -> None:
    """503 with a hint, after some patience."""
    turns = Turns(1, patience=0.01)
    with turns.turn(), pytest.raises(WebError) as refused, turns.turn():
        pass
    assert refused.value.status == 503
    with turns.turn():
        pass


def test_streams_are_counted_by_visitor() -> None:
    """One visitor's don't count against another's, and closed ones not at all."""
    limits = Limits(1, 1, 1)
    with limits.stream("a") as one, limits.stream("a") as two, limits.stream("b") as other:
        assert (one, two, other) == (True, False, True)
    with limits.stream("a") as again:
        assert again


def test_only_whole_names_are_hosts() -> None:
    """What could be read in two ways is none."""
    assert host_name("localhost@evil.example") is None
    assert host_name("localhost/evil") is None
    assert host_name("localhost:80:80") is None
    assert host_name("[::1]") == "::1"
    assert same_origin("http://localhost", "localhost:80")
    assert not same_origin("http://localhost.evil.example", "localhost")
    assert not same_origin("ftp://localhost", "localhost")


def test_the_data_folder_follows_the_desktop_s_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG_DATA_HOME counts when it is absolute."""
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert str(default_folder()) == "/somewhere/yuefu"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert default_folder().parts[-3:] == (".local", "share", "yuefu")
    assert Settings(host="[::1]").checked().hosts >= {"::1", "localhost"}
