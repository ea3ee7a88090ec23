"""Prompts whose mood turns on negation, contrast, degree or concession."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from yuefu.text.brief import read_brief

#: Share of the cases whose signs must all be read right.
FLOOR = 0.8


def _right(wanted: str, got: float | None) -> bool:
    return wanted == "" or (got is not None and (got > 0 if wanted == "+" else got < 0))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_most_negated_and_contrasted_moods_are_read_as_meant(language: str) -> None:
    """Four in five of 150 such prompts are read with the signs of valence and arousal that are meant."""
    path = Path(__file__).with_name(f"negated_{language}.toml")
    cases = tomllib.loads(path.read_text(encoding="utf-8"))["cases"]
    assert len(cases) >= 145
    right = []
    for words, valence, arousal in cases:
        brief = read_brief(words)
        right.append(_right(valence, brief.valence.value) and _right(arousal, brief.arousal.value))
    assert sum(right) / len(right) >= FLOOR
