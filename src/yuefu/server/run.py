"""``yuefu serve``: the port taken, the address printed once it answers, workers and server ended together."""

from __future__ import annotations

import errno
import logging
import os
import socket
import webbrowser
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from yuefu.errors import InputError
from yuefu.server.app import create_app
from yuefu.store.store import Store
from yuefu.web.services import Services
from yuefu.web.settings import Settings

#: How long the first administrator's link may be used.
FIRST_INVITATION = timedelta(days=7)


def bind(host: str, port: int) -> socket.socket:
    """A socket on an address. Raises InputError, in one sentence, when it can't be had."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise InputError(f"'{host[:80]}' isn't an address of this machine: give one such as 127.0.0.1.") from error
    # The protocol is named, since asyncio sends at once (TCP_NODELAY) only where it is; else each answer waits 40 ms.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(512)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"port {port} is taken, perhaps by another studio: give another one with --port."
            ) from error
        if error.errno == errno.EACCES:
            raise InputError(f"port {port} may not be used by this user: give one above 1023 with --port.") from error
        raise InputError(f"'{host[:80]}' port {port} can't be opened: {error.strerror}.") from error
    opened.set_inheritable(False)
    return opened


def first_link(store: Store, address: str) -> str | None:
    """The link by which the first administrator signs up; None when there is one already."""
    if any(account.is_admin for account in store.accounts.all()):
        return None
    return f"{address}/join/{store.accounts.invite(None, FIRST_INVITATION, is_admin=True)}"


def configuration(app: FastAPI, *, accounts: bool) -> uvicorn.Config:
    """How uvicorn runs the application: silent, and behind a proxy on this machine when there are accounts."""
    return uvicorn.Config(
        app,
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        proxy_headers=accounts,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=64 * 1024,
        lifespan="on",
        ws="none",
    )


class _Server(uvicorn.Server):
    """A server that tells once it answers, and lets its streams go when it is to end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], services: Services) -> None:
        super().__init__(config)
        self._ready = ready
        self._services = services

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, at a signal."""
        self._services.closing = True
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()


def serve(settings: Settings, *, browser: bool = True, say: Callable[[str], None] = print) -> None:
    """Serve until a signal; ``say`` gets the lines for the terminal."""
    settings = settings.checked()
    opened = bind(settings.host, settings.port)
    try:
        port = opened.getsockname()[1]
        shown = f"[{settings.host.strip('[]')}]" if ":" in settings.host else settings.host
        address = f"http://{'localhost' if shown in ('0.0.0.0', '[::]') else shown}:{port}"
        store = Store.open(settings.data, settings.database)
        try:
            app = create_app(settings, store)

            def ready() -> None:
                say(f"Yuefu: {address}  (pieces lie in {_short(settings.data)}; Ctrl-C ends it)")
                if settings.accounts and (link := first_link(store, address)):
                    say(f"Sign up as the administrator, once, within a week: {link}")
                if browser:
                    webbrowser.open(address)

            _Server(configuration(app, accounts=settings.accounts), ready, app.state.services).run(sockets=[opened])
        finally:
            store.close()
    finally:
        opened.close()


def _short(path: Path) -> str:
    try:
        return str(Path("~") / path.resolve().relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)
