"""Texts as the database keeps and finds them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: Between tags, where no text can have it.
SEPARATOR = "\x1f"


def clean(text: str, *, lines: bool = False) -> str:
    """A text without control characters and halves of characters, which some databases refuse.

    lines: line breaks may stay.

    >>> clean(" Rain\\x00 on\\n the roof "), clean("one\\r\\ntwo", lines=True)
    ('Rain on the roof', 'one\\ntwo')
    """
    if text.isprintable():  # most texts: nothing to take out
        return text.strip() if lines else " ".join(text.split())
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return kept.strip() if lines else " ".join(kept.split())


def fold(text: str) -> str:
    """A text for looking up: wide and narrow, large and small letters alike.

    >>> fold("ＲＡＩＮ Straße")
    'rain strasse'
    """
    return unicodedata.normalize("NFKC", clean(text)).casefold()


def join_tags(tags: Iterable[str]) -> str:
    """Tags in one text.

    >>> split_tags(join_tags(["spring", "demo"]))
    ('spring', 'demo')
    """
    return SEPARATOR + "".join(tag + SEPARATOR for tag in tags)


def split_tags(text: str) -> tuple[str, ...]:
    """The tags of such a text."""
    return tuple(tag for tag in text.split(SEPARATOR) if tag)
