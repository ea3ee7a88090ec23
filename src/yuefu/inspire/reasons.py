"""Why an idea was found, in a sentence of each language."""

from __future__ import annotations

from collections.abc import Mapping

from yuefu.inspire.idea import Idea
from yuefu.inspire.making import fact

_SAYS = {
    "tune": ("has your notes", "含有你给的音"), "drawing": ("follows your line", "贴近你画的线"),
    "numerals": ("goes by your chords", "和弦与你写的相合"), "rhythm": ("beats your rhythm", "节奏与你写的相合"),
    "mood": ("has the mood", "情绪相近"), "words": ("answers the words", "合乎你的文字"),
    "like": ("is like it", "与它相似"),
}  # fmt: skip
_DEGREES = ((0.97, "exactly", "完全"), (0.8, "closely", "很"), (0.55, "roughly", "大致"), (0.0, "a little", "略"))


def reasons(idea: Idea, channels: Mapping[str, float], fresh: bool = False) -> tuple[str, str]:
    """What of an idea answers a search, in English and in Chinese: the strongest reasons first, with their measure."""
    strong = sorted(((value, name) for name, value in channels.items() if value > 0.15), reverse=True)[:3]
    english = [f"{_SAYS[name][0]} {_degree(value)[0]} ({value:.2f})" for value, name in strong]
    chinese = [f"{_SAYS[name][1]}（{value:.2f}）" for value, name in strong]
    heard, pieces = int(fact(idea, "heard")), int(fact(idea, "pieces"))
    if heard > 1 and not strong:
        english.append(f"heard {heard} times in its piece")
        chinese.append(f"在曲中出现 {heard} 次")
    if pieces > 1:
        english.append(f"in {pieces} pieces")
        chinese.append(f"见于 {pieces} 首作品")
    if fresh:
        english.append("written afresh")
        chinese.append("为你新写")
    one, other = "; ".join(english), "；".join(chinese)
    return (one[:1].upper() + one[1:] + "." if one else ""), (other + "。" if other else "")


def _degree(value: float) -> tuple[str, str]:
    return next((english, chinese) for least, english, chinese in _DEGREES if value >= least)
