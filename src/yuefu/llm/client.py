"""One question to an OpenAI-compatible endpoint, through the openai client, within limits that hold whatever it does.

The client's own timeout starts anew with every byte, so the whole exchange runs under one deadline in a thread of
its own; the body is counted as it arrives; redirects aren't followed, so that words go only where they were sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yuefu.errors import MissingExtraError
from yuefu.llm.settings import LlmError, LlmSettings, Notice

Message = dict[str, str]
#: By this header the client itself tells that its caller wants the response as it came.
_RAW = "x-stainless-raw-response"
#: Seconds to wait for a connection.
CONNECT = 10.0
#: Statuses that another way of asking can't change: key, place, model, quota.
_FINAL = frozenset((301, 302, 303, 307, 308, 401, 402, 403, 404, 405, 407, 429))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote; whole: it came to an end by itself, rather than by ``max_tokens``."""

    text: str
    whole: bool = True


class _TooLarge(Exception):
    pass


class _Encoded(Exception):
    pass


def require_client() -> None:
    """Raise MissingExtraError when the openai client isn't installed."""
    try:
        import openai  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("a language model", "llm") from error


def ask(
    settings: LlmSettings,
    messages: Sequence[Message],
    response_format: Mapping[str, Any] | None,
    until: float,
) -> Reply:
    """The model's answer. until: by ``time.monotonic``. Raises LlmError, with a notice, for anything else."""
    require_client()
    left = until - time.monotonic()
    if left <= 0:
        raise _late(settings)
    found: list[Reply | BaseException] = []

    def work() -> None:
        try:
            found.append(asyncio.run(asyncio.wait_for(_ask(settings, messages, response_format, left), left)))
        except BaseException as error:
            found.append(error)

    # A name that won't resolve can't be cancelled; the thread is then left to end by itself.
    thread = threading.Thread(target=work, name="yuefu-llm", daemon=True)
    thread.start()
    thread.join(left + 0.5)
    if not found:
        raise _late(settings)
    if isinstance(found[0], Reply):
        return found[0]
    raise _told(found[0], settings) from None


async def _ask(
    settings: LlmSettings, messages: Sequence[Message], response_format: Mapping[str, Any] | None, left: float
) -> Reply:
    from openai import AsyncOpenAI, BadRequestError, DefaultAsyncHttpxClient, Timeout

    async def bare(request: Any) -> None:
        # What the client adds about this machine and the account is nobody's business there.
        for name in [name.lower() for name in request.headers]:
            if name.startswith(("x-stainless-", "openai-")) and name != _RAW:
                del request.headers[name]

    async def guard(response: Any) -> None:
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise _Encoded  # a small packed answer could unpack to any size
        response.stream = _counted(response, settings.max_bytes)

    # A proxy from the environment is the way to other machines, never to this one.
    http = DefaultAsyncHttpxClient(
        trust_env=not settings.is_here,
        follow_redirects=False,
        event_hooks={"request": [bare], "response": [guard]},
        timeout=Timeout(left, connect=min(left, CONNECT)),
    )
    options: dict[str, Any] = {} if response_format is None else {"response_format": dict(response_format)}
    async with AsyncOpenAI(
        base_url=settings.url,
        api_key=settings.key(),
        max_retries=0,
        timeout=Timeout(left, connect=min(left, CONNECT)),
        default_headers={"User-Agent": "yuefu", "Accept-Encoding": "identity"},
        http_client=http,
    ) as client:
        create: Any = client.chat.completions.with_raw_response.create
        limit = {"max_tokens": settings.max_tokens}
        try:
            raw = await create(model=settings.model, messages=list(messages), **limit, **options)
        except BadRequestError as error:
            if "max_completion_tokens" not in str(error.body):
                raise
            limit = {"max_completion_tokens": settings.max_tokens}  # models that reason count otherwise
            raw = await create(model=settings.model, messages=list(messages), **limit, **options)
        return read_body(raw.content)


def _counted(response: Any, most: int) -> Any:
    """A response's stream that ends with an error beyond ``most`` bytes."""
    # The client stands on httpx or on its successor, whichever it was built with.
    base: Any = sys.modules[type(response).__module__.partition(".")[0]].AsyncByteStream
    stream = response.stream

    class Counted(base):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for chunk in stream:
                size += len(chunk)
                if size > most:
                    raise _TooLarge
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    return Counted()


def read_body(body: bytes) -> Reply:
    """The answer in a response's body. Raises LlmError when it isn't a chat completion."""
    try:
        data = json.loads(body)
        choice = data["choices"][0]
        content = choice["message"]["content"]
    except (ValueError, RecursionError, KeyError, IndexError, TypeError):
        raise LlmError(Notice("its response isn't a chat completion", "它的响应不是聊天补全")) from None
    if isinstance(content, list):  # parts, of which the texts count
        content = "".join(
            part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    if not isinstance(content, str) or not content.strip():
        raise LlmError(Notice("its answer is empty", "它的回答是空的"))
    return Reply(content, choice.get("finish_reason") != "length")


def _late(settings: LlmSettings) -> LlmError:
    seconds = f"{settings.deadline:g}"
    return LlmError(Notice(f"it didn't finish within {seconds} s", f"它没有在 {seconds} 秒内答完"), final=True)


def _told(error: BaseException, settings: LlmSettings) -> LlmError:
    """An error in one phrase that holds nothing of the request."""
    from openai import APIStatusError, APITimeoutError

    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and len(causes) < 10:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for cause in causes:
        if isinstance(cause, LlmError):
            return cause
        if isinstance(cause, _TooLarge):
            size = f"{settings.max_bytes:,}"
            return LlmError(Notice(f"its response is over {size} bytes", f"它的响应超过 {size} 字节"), final=True)
        if isinstance(cause, _Encoded):
            return LlmError(Notice("its response came packed", "它的响应被压缩了"), final=True)
    if isinstance(error, (TimeoutError, APITimeoutError)):
        return _late(settings)
    if isinstance(error, APIStatusError):
        code = error.status_code
        return LlmError(
            Notice(f"it answered with HTTP status {code}", f"它返回了 HTTP 状态 {code}"),
            status=code,
            final=code in _FINAL,
        )
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        raise error
    return LlmError(Notice("it can't be reached", "无法连接到它"), final=True)
