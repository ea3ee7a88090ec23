"""Where a language model is reached, and what happened there, in plain values."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from yuefu.errors import InputError

#: Sent where no key is set: local servers want some header, and look at none.
NO_KEY = "none"
KEY_VARIABLES = ("YUEFU_LLM_KEY", "OPENAI_API_KEY")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Notice:
    """One line on what became of a wish, in both languages."""

    en: str
    zh: str

    def text(self, language: str) -> str:
        """The line in "zh" or "en"."""
        return self.zh if language == "zh" else self.en


class LlmError(Exception):
    """An endpoint gave no answer that can be used. status: of HTTP, None when it didn't come to that; final: another
    way of asking won't help."""

    def __init__(self, notice: Notice, *, status: int | None = None, final: bool = False) -> None:
        super().__init__(notice.en)
        self.notice = notice
        self.status = status
        self.final = final


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """An OpenAI-compatible endpoint and the model to ask there.

    url: the base, such as ``http://localhost:8080/v1``; deadline: seconds for one task with all its tries;
    max_tokens: of one answer; max_bytes: of one response. The key comes from YUEFU_LLM_KEY or OPENAI_API_KEY and
    is held nowhere else.

    >>> LlmSettings("ftp://example.org", "m")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    yuefu.errors.InputError: 'ftp://example.org' isn't an address of a language model: give one with http:// or ...
    """

    url: str
    model: str
    deadline: float = 120.0
    max_tokens: int = 2048
    max_bytes: int = 1_000_000

    def __post_init__(self) -> None:
        parts = _parts(self.url)
        # What follows the path may be a key, and stays out of messages.
        shown = "".join(sign if sign.isprintable() else "?" for sign in re.split(r"[?#]", self.url)[0][:80])
        if parts is not None and "@" in parts.netloc:
            raise InputError(
                "the address of the language model holds a user name or password: leave it out, and give the key in "
                "the environment as YUEFU_LLM_KEY."
            )
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or not self.url.isprintable():
            raise InputError(f"'{shown}' isn't an address of a language model: give one with http:// or https://.")
        if parts.query or parts.fragment or len(self.url) > _LONGEST:
            raise InputError(f"'{shown}' isn't a base address: leave out what follows the path, such as ?key=...")
        if not self.model.strip() or not self.model.isprintable() or len(self.model) > 200:
            raise InputError("the language model needs a name, at most 200 characters: give --llm-model NAME.")
        if not 0 < self.deadline <= 3600 or self.max_tokens < 16 or self.max_bytes < 1000:
            raise InputError("a language model gets more than 0 and at most 3600 seconds, and 16 tokens or more.")

    def key(self) -> str:
        """The key to send. One meant for OpenAI isn't sent in the clear to another machine."""
        own, general = (os.environ.get(name, "").strip() for name in KEY_VARIABLES)
        if own:
            return own
        if general and (urlsplit(self.url).scheme == "https" or self.is_here):
            return general
        return NO_KEY

    @property
    def is_here(self) -> bool:
        """Whether the address is this machine's own."""
        return _is_here(urlsplit(self.url).hostname or "")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
