"""Requests that come through: sent again when the line breaks or the server is busy, as far as that is safe."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from yuefu.client.errors import ApiError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: The longest that is waited between tries, in seconds.
_LONGEST = 30.0
_BUSY = (429, 502, 503, 504)


class Transport:
    """HTTP to one server. retries: how often a request is sent again at most; timeout: seconds for an answer."""

    def __init__(self, base_url: str, key: str | None, language: str | None, timeout: float, retries: int) -> None:
        headers = {"Accept": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if language:
            headers["Accept-Language"] = language
        # A proxy of the environment can't reach this machine's own localhost.
        local = (urlsplit(base_url).hostname or "") in _LOOPBACK
        self.http = httpx.Client(
            base_url=base_url.rstrip("/") + "/api/v1",
            headers=headers,
            timeout=timeout,
            trust_env=not local,
            # Reading all certificates takes longer than most requests; plain HTTP uses none.
            verify=not base_url.startswith("http://"),
        )
        self.retries = retries

    def send(
        self,
        method: str,
        path: str,
        *,
        again: bool | None = None,
        headers: Mapping[str, str] | None = None,
        **how: Any,
    ) -> httpx.Response:
        """A request and its answer. again: whether it may be sent twice (None: when it only reads).

        Raises ApiError for every refusal, and with status 0 when no answer came.
        """
        again = method in ("GET", "HEAD") if again is None else again
        tries = self.retries + 1 if again else 1
        for attempt in range(tries):
            last = attempt == tries - 1
            try:
                answer = self.http.request(method, path, headers=headers, **how)
            except httpx.TransportError as error:
                if last:
                    raise ApiError(0, "ConnectionError", f"no answer from {self.http.base_url}: {error}.") from error
                time.sleep(_pause(attempt))
                continue
            if answer.status_code in _BUSY and not last:
                time.sleep(min(_retry_after(answer) or _pause(attempt), _LONGEST))
                continue
            if answer.is_error:
                raise _refusal(answer)
            return answer
        raise AssertionError("a request without a try")

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """An answer that comes bit by bit. Raises ApiError for a refusal."""
        timeout = httpx.Timeout(30.0, read=60.0)
        with self.http.stream("GET", path, headers=headers, timeout=timeout) as answer:
            if answer.is_error:
                answer.read()
                raise _refusal(answer)
            yield answer

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


def _pause(attempt: int) -> float:
    return min(0.25 * 2.0**attempt, 8.0)


def _retry_after(answer: httpx.Response) -> float | None:
    try:
        return float(answer.headers["retry-after"])
    except (KeyError, ValueError):
        return None


def _refusal(answer: httpx.Response) -> ApiError:
    try:
        told = answer.json()["error"]
        return ApiError(answer.status_code, told["type"], told["message"], told.get("fields"), _retry_after(answer))
    except (ValueError, KeyError, TypeError):
        return ApiError(
            answer.status_code, "Error", f"the server said {answer.status_code}.", None, _retry_after(answer)
        )


def server_events(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    """Id, event and data of each server-sent event.

    >>> list(server_events(iter(["id: 3", "event: state", "data: {}", "", ": ping", ""])))
    [('3', 'state', '{}')]
    """
    number, kind = "", "message"
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield number, kind, "\n".join(data)
            kind, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            number = value
        elif field == "event":
            kind = value
        elif field == "data":
            data.append(value)
