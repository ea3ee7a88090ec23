"""Works that have nothing to do with each other: the nearest training piece that isn't the same tune.

Sets hold the same tunes under other names. A training piece counts as the same tune, and is passed over, when it
has more than half of a work's notes in shared passages (``similarity.Match.share``), or more than half of the runs
of seven intervals of one of its lines, the runs by which the corpus finds its own near-duplicates (``corpus.dedup``).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from yuefu.analysis.similarity import FingerprintIndex, Match, lines_of, steps
from yuefu.score.model import Score

#: Intervals in a run, as in ``corpus.dedup``.
RUN = 7
#: Share of a work (of its notes, of its runs) from which another piece is the same tune.
SAME_TUNE = 0.5
_MOST_PASSED_OVER = 12


def shared_runs(index: FingerprintIndex, score: Score, work: str) -> float:
    """Share (0..1) of the different runs of seven intervals of a score's line that a work of the index has too.

    Of the line that shares most, so that a chorale tune is known over another alto; 0 for no run.
    """
    ends = np.append(index.offsets[1:], len(index.intervals))
    lines = [i for i, piece in enumerate(index.pieces.tolist()) if index.works[piece] == work]
    theirs: set[bytes] = set()
    for i in lines:
        # The last step of a line is the mark that closes it.
        theirs |= _runs(index.intervals[index.offsets[i] : ends[i] - 1])
    own = [runs for line in lines_of(score) if (runs := _runs(steps(line)[0]))]
    return max((len(runs & theirs) / len(runs) for runs in own), default=0.0)


def nearest_unrelated(index: FingerprintIndex, score: Score, own: Iterable[str] = ()) -> tuple[Match, tuple[str, ...]]:
    """The nearest piece that isn't the same tune, and the names of those passed over as the same.

    own: names of the score's own work, left out as well. After twelve passed over the next is taken as it is.
    """
    barred = list(own)
    passed: list[str] = []
    match = index.nearest(score, exclude=barred)
    while match.work and len(passed) < _MOST_PASSED_OVER:
        if match.share <= SAME_TUNE and shared_runs(index, score, match.work) <= SAME_TUNE:
            break
        passed.append(match.work)
        match = index.nearest(score, exclude=[*barred, *passed])
    return match, tuple(passed)


def _runs(line: np.ndarray) -> set[bytes]:
    intervals = np.ascontiguousarray(line, dtype=np.int8)
    return {intervals[i : i + RUN].tobytes() for i in range(len(intervals) - RUN + 1)}
