"""Pieces that nobody composed: an empty one to be written by hand, or a score that is given as data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from yuefu.errors import FormatError
from yuefu.score.check import check_score
from yuefu.score.model import KeyChange, MeterChange, Part, Score, Section, TempoChange
from yuefu.score.serial import score_from_dict
from yuefu.text.claims import check_bars, check_tempo
from yuefu.theory.instruments import find_instrument
from yuefu.theory.key import Key
from yuefu.theory.meter import parse_meter
from yuefu.workflows.documents import Document, document_of_score


def empty_document(
    title: str = "", bars: int = 16, meter: str = "4/4", key: str = "C major", tempo: float = 96,
    instrument: str = "piano",
) -> Document:  # fmt: skip
    """A piece of some empty bars for one instrument. Raises InputError for what can't be.

    >>> document = empty_document("Sketch", bars=8, meter="3/4")
    >>> len(document.score.bars), document.score.parts[0].role
    (8, 'melody')
    """
    numerator, denominator = parse_meter(meter)
    length = check_bars(bars) * numerator * 96 // denominator
    player = find_instrument(instrument)
    row = "drums" if player.is_drums else "melody"
    part = Part(id="p1", name=player.en, role=row, program=player.program, instrument=player.key)
    score = Score(
        title=title,
        parts=(part,),
        sections=(Section(0, length, "A", ""),),
        tempos=(TempoChange(0, check_tempo(tempo)),),
        keys=(KeyChange(0, Key.parse(key)),),
        meters=(MeterChange(0, numerator, denominator),),
        length=length,
    )
    return document_of_score(score)


def document_of_data(data: dict[str, Any], title: str = "") -> Document:
    """The document of a score in Yuefu's own JSON. Raises FormatError or LimitError."""
    try:
        score = check_score(score_from_dict(data))
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"this isn't a score in Yuefu's JSON: {type(error).__name__}: {error!s:.120}.") from error
    return document_of_score(replace(score, title=title) if title else score)
