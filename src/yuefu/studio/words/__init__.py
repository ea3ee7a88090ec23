"""What the pages say, in each language: the tables ``*.en.toml`` and ``*.zh.toml`` of this folder, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Every saying of a language by its dotted key; ``en.toml`` is the shell's, ``piece.en.toml`` the piece page's."""
    said: dict[str, str] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda file: file.name):
        if file.name == f"{language}.toml" or file.name.endswith(f".{language}.toml"):
            said.update(_flat(tomllib.loads(file.read_text(encoding="utf-8")), ""))
    return said


def say(language: str, key: str, **values: object) -> str:
    """One saying with its ``{values}`` filled in.

    >>> say("en", "common.compose"), say("zh", "common.compose")
    ('Compose', '作曲')
    """
    text = words_of(language)[key]
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def words_under(language: str, scopes: Iterable[str]) -> dict[str, str]:
    """The sayings whose key starts with one of the scopes: what a page's scripts are given."""
    heads = tuple(scope + "." for scope in scopes)
    return {key: text for key, text in words_of(language).items() if key.startswith(heads)}


def _flat(table: Mapping[str, Any], head: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{head}{key}."))
        else:
            flat[head + key] = str(value)
    return flat
