"""Scores at the edge of what can be: every analysis must take them."""

from __future__ import annotations

import pytest

from yuefu.score.model import MeterChange, Part, Score, make_notes

_NOTE = [(1, 0, 24, 60, 80)]
EXTREMES = {
    "empty": Score(),
    "part without notes": Score(parts=(Part("a", "a"),)),
    "one note": Score(parts=(Part("a", "a", notes=make_notes(_NOTE)),)),
    "one note of no length": Score(parts=(Part("a", "a", notes=make_notes([(1, 0, 0, 60, 80)])),)),
    "drums only": Score(
        parts=(Part("d", "d", role="drums", notes=make_notes([(i, i * 12, 12, 36, 80) for i in range(64)])),)
    ),
    "lowest and highest": Score(parts=(Part("a", "a", notes=make_notes([(1, 0, 9, 0, 1), (2, 9, 9, 127, 127)])),)),
    "repeated note": Score(parts=(Part("a", "a", notes=make_notes([(i, i * 24, 24, 60, 80) for i in range(400)])),)),
    "a cluster": Score(parts=(Part("a", "a", role="keys", notes=make_notes([(i, 0, 96, i, 80) for i in range(128)])),)),
    "a late note": Score(parts=(Part("a", "a", notes=make_notes([(1, 96 * 300, 24, 60, 80)])),)),
    "a pick-up alone": Score(parts=(Part("a", "a", notes=make_notes(_NOTE)),), pickup=24),
    "odd metres": Score(
        parts=(Part("a", "a", notes=make_notes([(i, i * 12, 12, 60 + i % 9, 80) for i in range(90)])),),
        meters=(MeterChange(0, 7, 16), MeterChange(84, 5, 4), MeterChange(324, 1, 32), MeterChange(340, 11, 8)),
    ),
    "negative-looking onsets off the grid": Score(
        parts=(Part("a", "a", notes=make_notes([(1, 5, 1, 61, 80), (2, 7, 1000, 62, 80), (3, 11, 3, 63, 80)])),)
    ),
}


@pytest.fixture(params=list(EXTREMES), ids=list(EXTREMES))
def extreme(request: pytest.FixtureRequest) -> Score:
    """Each extreme score in turn."""
    return EXTREMES[request.param]
