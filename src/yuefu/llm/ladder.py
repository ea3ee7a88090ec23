"""The ladder: a validated value from a model, however badly its server behaves, or None and a notice.

Rungs: ``json_schema``, ``json_object``, no format at all; from each answer the first JSON object is taken and
validated against a flat schema; one repair with the list of faults; then whatever fields are valid; then None, and
the caller does the work without the model. All under one deadline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from yuefu.llm.client import Message, Reply, ask
from yuefu.llm.extract import find_object
from yuefu.llm.settings import LlmError, LlmSettings, Notice

M = TypeVar("M", bound=BaseModel)
#: Finds further faults in a value that the schema allows, each a sentence for the model.
Check = Callable[[M], Sequence[str]]
_SHOWN = 4000
_MOST_FAULTS = 12


@dataclass(frozen=True)
class Outcome(Generic[M]):
    """What the ladder ended in.

    value: None when nothing could be used; why: what went wrong, None when all is well; faults: those that
    a value which is used all the same still has; asked: how many questions it took; hopeless: further questions to
    this endpoint are vain, whatever they are.
    """

    value: M | None
    why: Notice | None = None
    faults: tuple[str, ...] = ()
    asked: int = 0
    hopeless: bool = False


@dataclass(frozen=True)
class _Read(Generic[M]):
    """An answer as it was understood."""

    value: M | None
    faults: tuple[str, ...]
    data: dict[str, Any] | None


def climb(
    settings: LlmSettings, schema: type[M], messages: Sequence[Message], check: Check[M] | None = None
) -> Outcome[M]:
    """Ask for a value of a flat schema. Never raises for what an endpoint does."""
    until = time.monotonic() + settings.deadline
    name = schema.__name__.lower()
    formats: tuple[dict[str, Any] | None, ...] = (
        {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": flat_schema(schema)}},
        {"type": "json_object"},
        None,
    )
    asked = 0
    why = Notice("its answer holds no JSON object", "它的回答里没有 JSON 对象")
    failed: LlmError | None = None
    reply: Reply | None = None
    read: _Read[M] = _Read(None, (), None)
    used: dict[str, Any] | None = None
    for used in formats:
        try:
            asked += 1
            reply = ask(settings, messages, used, until)
        except LlmError as error:
            failed = error
            if error.final:
                return Outcome(None, error.notice, asked=asked, hopeless=True)
            continue
        read = _understand(reply, schema, check)
        if read.data is not None:
            break
    if reply is None:
        return Outcome(None, failed.notice if failed else why, asked=asked)
    if read.value is not None and not read.faults:
        return Outcome(read.value, asked=asked)
    hopeless = False
    try:
        asked += 1
        again = ask(settings, [*messages, *_complaint(reply, read.faults)], used, until)
    except LlmError as error:
        why, hopeless = error.notice, error.final
    else:
        second = _understand(again, schema, check)
        if second.value is not None and not second.faults:
            return Outcome(second.value, asked=asked)
        better = read.value is None or (second.value is not None and len(second.faults) < len(read.faults))
        if second.data is not None and better:
            read = second
        if second.data is not None:
            why = Notice("its answer was still wrong after one repair", "它的回答改过一次仍不合要求")
    if read.value is not None:
        return Outcome(read.value, why, read.faults, asked, hopeless)
    kept = _valid_part(read.data, schema, check)
    if read.data is not None and kept is None and why.en.startswith("its answer holds no"):
        why = Notice("its answer doesn't fit what was asked", "它的回答不合要求")
    return Outcome(kept, why, read.faults if kept is not None else (), asked, hopeless)


def _understand(reply: Reply, schema: type[M], check: Check[M] | None) -> _Read[M]:
    data = find_object(reply.text)
    if data is None:
        cut = "it broke off before its end" if not reply.whole else "it holds no JSON object"
        return _Read(None, (cut,), None)
    try:
        value = schema.model_validate(data)
    except ValidationError as error:
        return _Read(None, tuple(_fault(fault) for fault in error.errors()[:_MOST_FAULTS]), data)
    if not said(value):
        return _Read(None, ("every field is empty",), data)
    return _Read(value, tuple(check(value))[:_MOST_FAULTS] if check else (), data)


def said(value: BaseModel) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: held for name, held in value if held is not None and held != "" and held != []}


def _fault(fault: Any) -> str:
    place = ".".join(map(str, fault["loc"])) or "the whole"
    return f"'{place[:80]}': {fault['msg'][:300]}"


def _complaint(reply: Reply, faults: Sequence[str]) -> list[Message]:
    listed = "\n".join(f"- {fault}" for fault in faults)
    return [
        {"role": "assistant", "content": reply.text[:_SHOWN]},
        {
            "role": "user",
            "content": f"That can't be used:\n{listed}\nAnswer again with the corrected JSON object and nothing else.",
        },
    ]


def _valid_part(data: Mapping[str, Any] | None, schema: type[M], check: Check[M] | None) -> M | None:
    """The value without the fields that don't fit, when something is left that does."""
    rest = dict(data or {})
    for _ in range(len(schema.model_fields) + 1):
        try:
            value = schema.model_validate(rest)
        except ValidationError as error:
            wrong = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
            if not wrong & set(rest):
                return None
            rest = {name: held for name, held in rest.items() if name not in wrong}
            continue
        return value if said(value) and not (check and check(value)) else None
    return None


def flat_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """A JSON schema that strict servers take: every field required (null where it may be left out), nothing else
    allowed, no bounds and no defaults, which ``model_validate`` looks after.

    >>> class Two(BaseModel):
    ...     tempo: float | None = None
    >>> flat_schema(Two)["properties"], flat_schema(Two)["required"]
    ({'tempo': {'anyOf': [{'type': 'number'}, {'type': 'null'}]}}, ['tempo'])
    """
    properties = schema.model_json_schema()["properties"]
    return {
        "type": "object",
        "properties": {name: _plain(held) for name, held in properties.items()},
        "required": list(properties),
        "additionalProperties": False,
    }


_KEPT = ("type", "enum", "anyOf", "items", "description", "const")


def _plain(held: Any) -> Any:
    if isinstance(held, list):
        return [_plain(item) for item in held]
    if not isinstance(held, dict):
        return held
    return {name: _plain(value) for name, value in held.items() if name in _KEPT}
