"""Rows and bars in words, for the history of a piece."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_ROWS = {
    "chords": ("chords", "和弦"), "melody": ("melody", "旋律"), "counter": ("counter-melody", "副旋律"),
    "inner": ("inner voice", "内声部"), "bass": ("bass", "低音"), "keys": ("keys", "键盘"), "pad": ("pad", "铺底"),
    "drums": ("drums", "鼓"),
}  # fmt: skip


def row_text(rows: Sequence[str], language: str) -> str:
    """The rows' names.

    >>> row_text(["melody", "bass"], "en"), row_text(["melody", "bass"], "zh")
    ('melody and bass', '旋律、低音')
    """
    names = [_ROWS.get(row, (row, row))[language == "zh"] for row in rows]
    if language == "zh":
        return "、".join(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def bar_text(bars: Sequence[int], language: str) -> str:
    """Bar numbers as runs.

    >>> bar_text([5, 6, 7, 12], "en"), bar_text([5], "zh")
    ('bars 5–7, 12', '第5小节')
    """
    if not bars:
        return ""
    edges = [i for i, (a, b) in enumerate(pairwise(bars), start=1) if b != a + 1]
    runs = [bars[i:j] for i, j in zip([0, *edges], [*edges, len(bars)], strict=True)]
    shown = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs[:6])
    shown += " ..." if len(runs) > 6 else ""
    if language == "zh":
        return f"第{shown}小节"
    return f"bar {shown}" if len(bars) == 1 else f"bars {shown}"
