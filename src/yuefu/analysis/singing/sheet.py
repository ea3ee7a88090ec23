"""The singing sheet: every line's scores, the whole's, and how alike sections of one letter are sung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Any

from yuefu.analysis.singing.checks import CHECKS, Verdict, tessitura
from yuefu.analysis.singing.sung import SungLine, sung_lines, sung_part
from yuefu.errors import InputError
from yuefu.score.model import Score
from yuefu.theory.instruments import INSTRUMENTS

#: Where a voice sings comfortably when the part's instrument doesn't tell, MIDI numbers.
COMFORTABLE = (55, 76)


@dataclass(frozen=True, slots=True)
class LineSheet:
    """A line's scores. checks: rule -> its verdict; score: weighted mean, 0 to 1."""

    line: SungLine
    checks: dict[str, Verdict]
    score: float


@dataclass(frozen=True, slots=True)
class SingingSheet:
    """lines: in order; checks: rule -> mean score over the lines that it judges; tessitura: share of sung time where
    the voice is comfortable; kinship: how far lines at the same place of sections of one letter share rhythm and
    pitch, None without such sections; score: 0 to 1.
    """

    lines: tuple[LineSheet, ...]
    checks: dict[str, float]
    tessitura: float
    kinship: float | None
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "score": round(self.score, 3),
            "checks": {name: round(value, 3) for name, value in self.checks.items()},
            "tessitura": round(self.tessitura, 3),
            "kinship": None if self.kinship is None else round(self.kinship, 3),
            "lines": [
                {
                    "text": sheet.line.text, "verse": sheet.line.verse, "score": round(sheet.score, 3),
                    "checks": {n: round(v.score, 3) for n, v in sheet.checks.items() if v.score is not None},
                    "faults": [
                        {"syllable": i, "en": en, "zh": zh} for v in sheet.checks.values() for i, en, zh in v.faults
                    ],
                }
                for sheet in self.lines
            ],
        }  # fmt: skip


def check_singing(score: Score) -> SingingSheet:
    """Judge the sung part of a score. Raises InputError when nothing is sung."""
    part = sung_part(score)
    if part is None:
        raise InputError(
            "the score has no lyrics under its notes: give one with lyrics, such as MusicXML with <lyric>."
        )
    lines = sung_lines(score, part)
    instrument = INSTRUMENTS.get(part.instrument)
    low, high = COMFORTABLE if instrument is None else (instrument.comfortable_low, instrument.comfortable_high)
    return judge(lines, low, high, [section.letter for section in score.sections])


def judge(lines: Sequence[SungLine], low: int, high: int, letters: Sequence[str] = ()) -> SingingSheet:
    """The sheet of sung lines. low, high: the comfortable range; letters: of the score's sections."""
    sheets = [judge_line(line) for line in lines]
    means = {}
    for name in CHECKS:
        told = [v.score for sheet in sheets if (v := sheet.checks[name]).score is not None]
        if told:
            means[name] = fmean(value for value in told if value is not None)
    comfort = tessitura(lines, low, high)
    kin = kinship(lines, letters)
    total = sum(value * CHECKS[name][1] for name, value in means.items()) + comfort
    weight = sum(CHECKS[name][1] for name in means) + 1
    if kin is not None:
        total, weight = total + 0.7 * kin, weight + 0.7
    return SingingSheet(tuple(sheets), means, comfort, kin, total / weight)


def judge_line(line: SungLine) -> LineSheet:
    """One line by every rule."""
    checks = {name: check(line) for name, (check, _) in CHECKS.items()}
    judged = [(v.score, CHECKS[name][1]) for name, v in checks.items() if v.score is not None]
    weight = sum(w for _, w in judged)
    return LineSheet(line, checks, sum(s * w for s, w in judged) / weight if weight else 1.0)


def kinship(lines: Sequence[SungLine], letters: Sequence[str]) -> float | None:
    """How alike the n-th lines of sections of one letter are: shared onsets in the bar and shared moves, 0 to 1."""
    by_section: dict[int, list[SungLine]] = {}
    for line in lines:
        if 0 <= line.section < len(letters):
            by_section.setdefault(line.section, []).append(line)
    found = []
    for one, two in combinations(sorted(by_section), 2):
        if letters[one].rstrip("'") == letters[two].rstrip("'"):
            found += [_alike(a, b) for a, b in zip(by_section[one], by_section[two])]
    return fmean(found) if found else None


def _alike(one: SungLine, two: SungLine) -> float:
    a, b = ({s.start - line.syllables[0].start for s in line.syllables} for line in (one, two))
    rhythm = len(a & b) / max(len(a | b), 1)
    count = min(len(one.syllables), len(two.syllables))
    same = sum(one.syllables[i].pitches[0] == two.syllables[i].pitches[0] for i in range(count))
    return 0.5 * rhythm + 0.5 * same / max(len(one.syllables), len(two.syllables))
