"""Analyse a score file."""

from __future__ import annotations

from pathlib import Path

from yuefu.analysis.facts import Facts, analyze
from yuefu.score.files import read_score


def analyze_file(path: Path | str) -> Facts:
    """The facts about a score file of any format that can be read.

    Raises InputError when the file isn't there or isn't a score, FormatError when it is damaged,
    LimitError when it is too large.
    """
    return analyze(read_score(path))
