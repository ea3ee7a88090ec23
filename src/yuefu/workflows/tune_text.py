"""A piece's tune as a line of text, for a library that is searched by melody."""

from __future__ import annotations

from bisect import bisect_right

from yuefu.analysis.lines import melody_line
from yuefu.errors import YuefuError
from yuefu.score.model import Score

#: Longest tune that is kept, in notes.
MOST_NOTES = 4000


def tune_text(score: Score) -> str:
    """The tune: ``bar:start.pitch,start.pitch;bar:...``, starts in ticks of the piece, bars as musicians count.

    Empty for a score without pitches.

    >>> from yuefu.score.model import Part, make_notes
    >>> notes = make_notes([(1, 0, 48, 60, 80), (2, 48, 48, 64, 80), (3, 96, 96, 67, 80)])
    >>> tune_text(Score(parts=(Part("P1", "Tune", notes=notes),)))
    '1:0.60,48.64;2:96.67'
    """
    try:
        line = melody_line(score)
    except YuefuError:
        return ""
    starts = [bar.start for bar in score.bars]
    shift = 0 if score.pickup else 1
    bars: dict[int, list[str]] = {}
    for start, pitch in zip(line["start"].tolist()[:MOST_NOTES], line["pitch"].tolist()[:MOST_NOTES]):
        bar = max(bisect_right(starts, start) - 1, 0) + shift
        bars.setdefault(bar, []).append(f"{start}.{pitch}")
    return ";".join(f"{bar}:{','.join(notes)}" for bar, notes in bars.items())
