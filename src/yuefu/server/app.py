"""The application: pages and API on one port, around one store, with its workers beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import quote

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from yuefu import __version__
from yuefu.api.documentation import DESCRIPTION, TAGS
from yuefu.api.router import router as api
from yuefu.errors import YuefuError
from yuefu.server.warm import warm_up
from yuefu.server.workers import Workers
from yuefu.store.store import Store
from yuefu.studio import router as studio
from yuefu.web.errors import describe, json_errors
from yuefu.web.identity import page_visitor
from yuefu.web.middleware import Guard
from yuefu.web.services import Services
from yuefu.web.settings import Settings

#: Pages that a visitor may see before logging in.
OPEN_PAGES = ("/login", "/join", "/shared", "/help")


def create_app(settings: Settings, store: Store | None = None) -> FastAPI:
    """The application for some settings; opens their store unless one is given.

    Its lifespan starts and stops the workers that the settings ask for, and closes a store that it opened.
    Raises StoreError or OutputError when the data folder can't be used.
    """
    settings = settings.checked()
    own = store is None
    store = store or Store.open(settings.data, settings.database)
    services = Services(settings, store)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        workers = Workers(settings, store)
        services.workers = workers
        workers.start()
        warm_up()
        reading = asyncio.create_task(services.hub.run())
        tending = asyncio.create_task(workers.tend())
        try:
            yield
        finally:
            for task in (reading, tending):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await asyncio.to_thread(workers.stop)
            if own:
                store.close()

    app = FastAPI(
        title="Yuefu",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.services = services
    app.state.accounts = settings.accounts
    app.add_middleware(Guard, settings=settings)
    for kind in (YuefuError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _errors)
    app.include_router(api)
    app.include_router(studio.router, include_in_schema=False, dependencies=[Depends(_page)])
    app.mount("/static", _Static(directory=studio.STATIC), name="static")
    return app


def _page(request: Request) -> None:
    """Tell a page who is asking; send strangers to the log-in."""
    page_visitor(request)
    path = request.url.path
    known = request.state.account is not None
    if not known and not any(path == page or path.startswith(page + "/") for page in OPEN_PAGES):
        raise HTTPException(401)


async def _errors(request: Request, error: Exception) -> Response:
    """JSON for programs, a page for people."""
    if request.url.path.startswith(("/api/", "/static/")) or request.url.path == "/api":
        return await json_errors(request, error)
    if isinstance(error, HTTPException) and error.status_code == 401:
        path = request.url.path
        return RedirectResponse("/login" if path == "/" else f"/login?next={quote(path)}", 303)
    status, _, message, _, headers = describe(request, error)
    if not hasattr(request.state, "account"):
        await asyncio.to_thread(page_visitor, request)
    response = studio.error_page(request, status, message)
    response.headers.update(headers)
    return response


class _Static(StaticFiles):
    """Files that browsers keep, and ask about each time whether they are the newest."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """A file, or 304."""
        response = super().file_response(*args, **kwargs)
        response.headers.setdefault("cache-control", "no-cache")
        return response
