"""What a prompt implies without saying it: its mood, and where the words leave it open, a style.

What is said plainly (``reader``) wins; what is inferred carries a confidence and the words that led to it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from yuefu.text.encoder import reading as embedded
from yuefu.text.encoder.reading import Felt, Understand
from yuefu.theory.modes import MODES
from yuefu.theory.styles import STYLES

#: A style is inferred when it has at least this share of the probability; else the planner chooses by the mood. On
#: held-out scenes 77 of 100 of what passes are suitable; at a share of .35 it would be 69.
SURE_STYLE = 0.45
_ASKING = """
please can could you i want would like need give write compose make create play me us to for a an the some any new nice
piece of music song songs tune melody track something instrumental
"""
#: A request of nothing but these implies nothing.
_PLAIN = frozenset(_ASKING.split()) | frozenset("请帮给我想要来写作做听一首段支个些点音乐歌曲子旋律纯的吧")
_WORD = re.compile(r"[a-z]+|[^\W\d_]", re.I)
#: A mood nearer to neutral than this on both axes says nothing.
FAINT = 0.06


@dataclass(frozen=True, slots=True)
class Inferred:
    """A value in the brief's units. confidence: 0..1; words: what led to it, as written."""

    value: Any
    confidence: float
    words: tuple[str, ...]


def infer(text: str, said: Container[str], understand: Understand = embedded.understand) -> dict[str, Inferred]:
    """Fields that a text implies: valence, arousal; style unless ``said`` has it.

    understand: another encoder than the one inside.

    >>> found = infer("not sad, rather hopeful", ())
    >>> found["valence"].value > 0, "hopeful" in " ".join(found["valence"].words)
    (True, True)
    >>> infer("a piece of music", ())
    {}
    """
    reading = understand(text) if any(word.lower() not in _PLAIN for word in _WORD.findall(text)) else None
    if reading is None:
        return {}
    found = {}
    if max(abs(reading.valence.value), abs(reading.arousal.value)) >= FAINT:
        found = {"valence": _told(reading.valence), "arousal": _told(reading.arousal)}
    best = reading.styles[0]
    if "style" not in said and best.share >= SURE_STYLE:
        found["style"] = Inferred(best.key, best.share, best.words)
    return found


def _told(felt: Felt) -> Inferred:
    return Inferred(felt.value, round(felt.confidence, 3), felt.words)


def style_fits(style: str, scale: str | None, instruments: Sequence[str] | None) -> bool:
    """Whether a guessed style can be meant: no tradition's mode was asked for, and a player at least is its own.

    >>> style_fits("piano_solo", None, ["erhu"]), style_fits("folk", None, ["guitar"]), style_fits("hymn", "yu", None)
    (False, True, False)
    """
    if scale is not None and MODES[scale].traditional:
        return False
    theirs = {instrument for lineup in STYLES[style].lineups for _, instrument in lineup}
    return not instruments or bool(theirs & set(instruments))
