"""Finding the JSON object or the block of text that was asked for, inside whatever a model wrote around it."""

from __future__ import annotations

import json
import re
from typing import Any

_TAG = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>", re.I)
_FENCE = re.compile(r"```[\w.+-]*[ \t]*\r?\n?(.*?)(?:```|\Z)", re.S)
#: Deeper nesting than this isn't what any flat schema asks for.
_DEEPEST = 50
#: Characters of an answer that are looked at.
_LOOKED_AT = 100_000


def without_thinking(text: str) -> str:
    """The text without what the model thought aloud, also where a tag is missing.

    >>> without_thinking("<think>3/4?</think>{}"), without_thinking("hm</think>{}"), without_thinking("{}<think>and")
    ('{}', '{}', '{}')
    """
    kept: list[str] = []
    start, inside = 0, False
    for number, tag in enumerate(_TAG.finditer(text)):
        if not tag[1] and not inside:
            kept.append(text[start : tag.start()])
            inside = True
        elif tag[1]:
            if not inside and number:
                kept.append(text[start : tag.start()])
            inside = False
        start = tag.end()
    return "".join(kept) + ("" if inside else text[start:])


def fenced(text: str) -> list[str]:
    """What stands between fences, in order; the last may be unclosed."""
    return [match[1] for match in _FENCE.finditer(text)]


def find_object(text: str) -> dict[str, Any] | None:
    """The first JSON object in a model's answer; of one that breaks off, the fields that were complete.

    >>> find_object('Sure! ```json\\n{"style": "pop"}\\n``` Enjoy.')
    {'style': 'pop'}
    >>> find_object('{"style": "pop", "tempo": 9'), find_object("no object"), find_object("{not} {}")
    ({'style': 'pop'}, None, {})
    """
    text = without_thinking(text[:_LOOKED_AT])
    for place in (*fenced(text), text):
        if (found := _first_object(place)) is not None:
            return found
    return None


def _first_object(text: str) -> dict[str, Any] | None:
    start = text.find("{")
    tries = 0
    while start >= 0 and tries < 20:
        tries += 1
        end, cut = _extent(text, start)
        body = text[start:end] if end else text[start:cut] + "}" if cut else ""
        if body:
            try:
                value = json.loads(body, strict=False)
            except (ValueError, RecursionError):
                value = None
            if isinstance(value, dict) and (end or value):
                return value
        start = text.find("{", (end or start + 1) if end else start + 1)
    return None


def _extent(text: str, start: int) -> tuple[int, int]:
    """End of the balanced object at ``start`` (0: it breaks off or isn't one), and its last comma between fields."""
    depth, cut = 0, 0
    quoted = escaped = False
    for index in range(start, len(text)):
        char = text[index]
        if quoted:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char in "{[":
            depth += 1
            if depth > _DEEPEST:
                return 0, 0
        elif char in "}]":
            depth -= 1
            if depth == 0:
                return index + 1, cut
        elif char == "," and depth == 1:
            cut = index
    return 0, cut
