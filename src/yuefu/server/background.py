"""A server in a thread of this process, on a free port of localhost: for whoever needs the API beside other work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from yuefu.errors import MissingSystemError
from yuefu.server.app import create_app
from yuefu.server.run import bind, configuration
from yuefu.store.store import Store
from yuefu.web.settings import Settings

#: How long starting may take, in seconds.
_PATIENCE = 60.0


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The address of a server with these settings (their host and port apart), for as long as the block lasts."""
    import uvicorn

    opened = bind("127.0.0.1", 0)
    store = Store.open(settings.data, settings.database)
    try:
        app = create_app(settings, store)
        server = uvicorn.Server(configuration(app, accounts=settings.accounts))
        started = threading.Event()
        startup = server.startup

        async def startup_and_tell(sockets: object = None) -> None:
            try:
                await startup(sockets=sockets)  # type: ignore[arg-type]
            finally:
                started.set()

        server.startup = startup_and_tell  # type: ignore[method-assign, assignment]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, name="yuefu-server", daemon=True)
        thread.start()
        if not started.wait(_PATIENCE) or not server.started:
            raise MissingSystemError("the server beside couldn't be started: see the log with --debug.")
        try:
            yield f"http://127.0.0.1:{opened.getsockname()[1]}"
        finally:
            app.state.services.closing = True
            server.should_exit = True
            thread.join(_PATIENCE)
    finally:
        store.close()
        opened.close()
