"""What a report says of the ideas that were given to a piece: where they lie, and whether the file holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yuefu.planning.plan import Plan
from yuefu.score.model import Score
from yuefu.theory.key import Key
from yuefu.tokens.vocabulary import hit_pitch

_KINDS_ZH = {
    "motif": "动机", "hook": "钩子旋律", "progression": "和弦进行", "rhythm": "节奏", "bass": "低音线",
    "groove": "鼓点", "texture": "织体", "lyric": "歌词", "title": "歌名",
}  # fmt: skip

#: What is said of sources that aren't free, or of which nobody knows.
_ASK_ZH = {False: "；不可自由使用，发表前须得到许可", None: "；归属不明，发表前请先询问"}
_ASK_EN = {
    False: "; not free to use, get leave before you publish",
    None: "; nobody knows whose it is, ask before you publish",
}  # fmt: skip


def ideas_found(plan: Plan, score: Score) -> tuple[dict[str, Any], ...]:
    """The ideas of a plan, each with its place and how much of it is in a score that was read from the written file.

    bars: as musicians count; kept: the share of its notes that sound at their places, None for words.
    """
    if not plan.ideas:
        return ()
    numerator, denominator = map(int, plan.meter.split("/"))
    ticks = numerator * 96 // denominator
    shift = Key.parse(plan.key).shift
    sounding: set[tuple[int, int]] = set()
    drums: set[tuple[int, int]] = set()
    for part in score.parts:
        for start, pitch in zip(part.notes["start"].tolist(), part.notes["pitch"].tolist(), strict=True):
            (drums if part.is_drums else sounding).add((start, (hit_pitch(pitch) or pitch) if part.is_drums else pitch))
    found = []
    for idea in plan.ideas:
        cells = [given for given in plan.given if given.bar in idea.bars and given.row in idea.rows]
        notes = [
            (given.row, given.bar * ticks + position, pitch) for given in cells for position, pitch, _ in given.notes
        ]
        kept = [
            _near(drums, start, pitch) if row == "drums" else _near(sounding, start, pitch + shift)
            for row, start, pitch in notes
        ]
        share = sum(kept) / len(kept) if kept else None
        found.append({
            "id": idea.id, "kind": idea.kind, "piece": idea.piece, "title": idea.title, "licence": idea.licence,
            "free": idea.free, "rows": list(idea.rows), "bars": [bar + 1 for bar in idea.bars], "fitted": idea.fitted,
            "notes": len(notes), "kept": None if share is None else round(share, 4),
        })  # fmt: skip
    return tuple(found)


def _near(places: set[tuple[int, int]], start: int, pitch: int) -> bool:
    """Whether a pitch begins at a place, or a tick beside it: players breathe."""
    return any((start + by, pitch) in places for by in (0, -1, 1))


def ideas_text(ideas: Sequence[Mapping[str, Any]], zh: bool) -> list[str]:
    """A line for every idea."""
    lines = []
    for idea in ideas:
        bars, title = idea["bars"], idea["title"]
        where = "" if not bars else f"{bars[0]}" if len(bars) == 1 else f"{bars[0]}-{bars[-1]}"
        kept = idea["kept"]
        free = idea["free"]
        if zh:
            text = f"你给的灵感：{_KINDS_ZH.get(idea['kind'], idea['kind'])}" + (f"（《{title}》）" if title else "")
            text += f"，第 {where} 小节" if where else ""
            text += "" if kept is None else "，逐音保留" if kept == 1 else f"，{kept:.0%} 的音在原处"
            text += "；随和弦调整" if idea["fitted"] else ""
            text += "" if free else _ASK_ZH[free]
            lines.append(text + "。")
            continue
        text = f"Given by your ideas: {idea['kind']}" + (f" of '{title}'" if title else "")
        text += f", bar{'s' * (len(bars) > 1)} {where}" if where else ""
        text += "" if kept is None else ", kept to the note" if kept == 1 else f", {kept:.0%} of its notes in place"
        text += ", as the chords there want it" if idea["fitted"] else ""
        text += "" if free else _ASK_EN[free]
        lines.append(text + ".")
    return lines
