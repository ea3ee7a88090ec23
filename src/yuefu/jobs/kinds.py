"""The kinds of jobs, and the function that does each."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from yuefu.jobs.context import Context, Finished
from yuefu.jobs.requests import parse_request

#: Kind -> module and function, loaded when the first of its kind is done.
_KINDS = {
    "compose": ("yuefu.jobs.composing", "compose"),
    "fill": ("yuefu.jobs.filling", "fill"),
    "render": ("yuefu.jobs.rendering", "render"),
    "analyze": ("yuefu.jobs.importing", "analyze"),
    "import": ("yuefu.jobs.importing", "import_file"),
    "export": ("yuefu.jobs.exporting", "export"),
}


def do(context: Context) -> Finished:
    """Do the context's job. Raises UnknownNameError, InputError for a request that can't be met."""
    request = parse_request(context.job.kind, context.job.request)
    module, name = _KINDS[context.job.kind]
    function: Callable[[Context, Any], Finished] = getattr(import_module(module), name)
    context.check()
    return function(context, request)


def warm_up() -> None:
    """Load what the first job would otherwise wait for: the model, its index, the readers of words."""
    from yuefu.text.brief import read_brief
    from yuefu.workflows.models import load_model, passage_index

    for module, _ in _KINDS.values():
        import_module(module)
    import_module("yuefu.workflows.documents")
    load_model()
    passage_index()
    read_brief("a quiet song in the evening, 安静的歌")
