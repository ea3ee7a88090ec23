"""JSON as exports write it: one value, one a line, or one after another; an array gives its elements one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from yuefu.errors import FormatError

#: Containers within containers: no export of listening has so many.
MAX_DEPTH = 60
_SPACE = re.compile(r"[\s,]*")


class BrokenValue:
    """In the place of a value that isn't JSON. text: how it begins."""

    def __init__(self, text: str) -> None:
        self.text = text


def decoded(data: bytes, name: str) -> str:
    """The text of JSON. Raises FormatError when it is none."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"{name} isn't text in UTF-8: export it again.") from error


def values_of(text: str) -> Iterator[Any]:
    """The values of a text; of a broken one, what follows its line goes on. Never raises.

    >>> list(values_of('[{"a": 1}, {"a": 2}]')), list(values_of('{"a": 1}\\n{"a": 2}\\n'))
    ([{'a': 1}, {'a': 2}], [{'a': 1}, {'a': 2}])
    """
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    at = _next(text, 0)
    if text[at : at + 1] == "[":
        at = _next(text, at + 1)
    while at < len(text):
        if text[at] == "]":
            at = _next(text, at + 1)
            if text[at : at + 1] == "[":  # arrays one after another, a page each
                at = _next(text, at + 1)
            continue
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            line = text.find("\n", at)
            end = len(text) if line < 0 else line
            value = BrokenValue(text[at : min(end, at + 100)])
        at = _next(text, max(end, at + 1))
        yield value


def walk(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object in a value, outer ones first."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        yield value
        inner: Any = value.values()
    elif isinstance(value, list):
        inner = value
    else:
        return
    for each in inner:
        yield from walk(each, depth + 1)


def text_in(value: Any, *path: str) -> str:
    """A text or number at a path of names, "" where there is none.

    >>> text_in({"artist": {"#text": "Nina"}}, "artist", "#text"), text_in({"artist": 3}, "artist", "#text")
    ('Nina', '')
    """
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return value.strip() if isinstance(value, str) else str(value)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _next(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()
