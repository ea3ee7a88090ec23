"""A fact read from a stretch of text, and the limits of those that are numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yuefu.errors import InputError, LimitError
from yuefu.text.form import MAX_BARS

MIN_TEMPO, MAX_TEMPO = 20, 300
MIN_SECONDS, MAX_SECONDS = 2, 1800


@dataclass(frozen=True, slots=True)
class Claim:
    """A fact read from ``text[start:end]``. field: the brief's field; value: in the brief's units."""

    start: int
    end: int
    field: str
    value: Any


def check_tempo(value: float) -> float:
    """The tempo (quarters a minute) if it is between 20 and 300, else InputError."""
    if not MIN_TEMPO <= value <= MAX_TEMPO:
        raise InputError(f"a tempo of {value:g} was asked for: use {MIN_TEMPO} to {MAX_TEMPO} beats a minute.")
    return value


def check_bars(value: float) -> int:
    """The bar count if it is between 1 and 512, else LimitError."""
    if not 1 <= value <= MAX_BARS or value != int(value):
        raise LimitError(f"{value:g} bars were asked for: use 1 to {MAX_BARS} whole bars.")
    return int(value)


def check_seconds(value: float) -> float:
    """The duration in seconds if it is between 2 seconds and 30 minutes, else LimitError."""
    if not MIN_SECONDS <= value <= MAX_SECONDS:
        raise LimitError(
            f"a length of {value:g} seconds was asked for: use {MIN_SECONDS} seconds to {MAX_SECONDS // 60} minutes."
        )
    return float(value)
