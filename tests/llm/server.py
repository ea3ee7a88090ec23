"""A loopback server that speaks the chat completions protocol, well or as badly as a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Writes a response to the n-th request (from 0), whose body is given.
Behaviour = Callable[["Handler", int, dict[str, Any]], None]


@dataclass
class Heard:
    """What a server received."""

    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def formats(self) -> list[str | None]:
        """The response format of each request."""
        return [(body.get("response_format") or {}).get("type") for body in self.bodies]


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the server's behaviour."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        heard = self.server.heard
        heard.bodies.append(body)
        heard.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.close_connection = True
        with suppress(OSError):  # whoever asked may have gone
            self.server.behaviour(self, len(heard.bodies) - 1, body)

    def log_message(self, *_: object) -> None:
        pass

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        """A whole response."""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def completion(text: Any, finish: str = "stop") -> bytes:
    """A chat completion's body."""
    message = {"role": "assistant", "content": text}
    return json.dumps(
        {
            "id": "x", "object": "chat.completion", "created": 0, "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }
    ).encode()  # fmt: skip


def answers(*texts: str, finish: str = "stop") -> Behaviour:
    """Each request is answered with the next text, then with the last again."""

    def behave(handler: Handler, number: int, _: dict[str, Any]) -> None:
        handler.send(completion(texts[min(number, len(texts) - 1)], finish))

    return behave


def by_task(**tasks: Sequence[str] | str) -> Behaviour:
    """Answers by what the system message asks for: brief, lyrics, polish, sheet, explain; 500 for the others."""
    signs = {"brief": "You plan", "lyrics": "You write song", "polish": "You polish", "sheet": "You are a composer",
             "explain": "You explain"}  # fmt: skip
    counts: dict[str, int] = {}

    def behave(handler: Handler, number: int, body: dict[str, Any]) -> None:
        told = body["messages"][0]["content"]
        task = next(name for name, sign in signs.items() if told.startswith(sign))
        if task not in tasks:
            handler.send(b"{}", 500)
            return
        given = tasks[task]
        texts = [given] if isinstance(given, str) else given
        handler.send(completion(texts[min(counts.get(task, 0), len(texts) - 1)]))
        counts[task] = counts.get(task, 0) + 1

    return behave


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Heard]:
    """A server with a behaviour, for as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    heard = Heard(f"http://127.0.0.1:{server.server_address[1]}/v1")
    server.heard = heard  # type: ignore[attr-defined]
    server.behaviour = behaviour  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
