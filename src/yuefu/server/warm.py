"""What the first visitor would wait for, done before: heavy modules loaded, the reader of words read in."""

from __future__ import annotations

import importlib
import logging
import threading

log = logging.getLogger(__name__)
_MODULES = (
    "yuefu.jobs.requests",
    "yuefu.workflows.documents",
    "yuefu.workflows.views",
    "yuefu.workflows.edits",
    "yuefu.workflows.tune_search",
    "yuefu.workflows.recommending",
    "yuefu.workflows.taste",
    "yuefu.audio.samples",
    "yuefu.page.engrave",
)


def warm_up() -> threading.Thread:
    """Start to load in a thread of its own; it ends by itself."""
    thread = threading.Thread(target=_load, name="warm-up", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    for name in _MODULES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            log.warning("%s can't be loaded: %s", name, error)  # the route that needs it will say so, too
    from yuefu.text.brief import read_brief

    read_brief("a quiet song, 一首安静的歌")
