"""A brief's fields for people: each value as text, and where it came from."""

from __future__ import annotations

from typing import Any

from yuefu.text.brief import Brief
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.modes import MODES
from yuefu.theory.styles import STYLES
from yuefu.web.language import Language
from yuefu.web.schemas import Understood

_ZH = {"major": "大调", "minor": "小调", "mixed": "中英混合", "en": "英文", "zh": "中文", True: "是", False: "否"}
_COLOURS = {"free": "散板", "strict": "有板", "none": "无", "light": "少量", "rich": "丰富"}
_EN = {"mixed": "mixed", "en": "English", "zh": "Chinese", True: "yes", False: "no"}


def understood(brief: Brief, language: Language) -> list[Understood]:
    """The fields about which something is known, in the brief's order."""
    found = []
    for name in Brief.model_fields:
        if name == "words":
            continue
        asked = getattr(brief, name)
        if asked.value is None:
            continue
        plain = asked.model_dump(mode="json")
        found.append(
            Understood(
                field=name,
                value=plain["value"],
                shown=shown(name, asked.value, language),
                source=asked.source,
                words=list(asked.words),
                confidence=asked.confidence,
            )
        )
    return found


def shown(name: str, value: Any, language: Language) -> str:
    """A value as text.

    >>> shown("style", "folk", "zh"), shown("tempo", 92.0, "en"), shown("valence", 0.5, "en")
    ('民谣', '92', '+0.50')
    """
    if name == "style":
        style = STYLES[value]
        return style.zh if language == "zh" else style.en
    if name == "like":
        return f"像 {value.name}" if language == "zh" else f"like {value.name}"
    if name == "scale":
        return MODES[value].zh if language == "zh" else MODES[value].en
    if name == "grouping":
        return "+".join(map(str, value))
    if name in ("rhythm", "ornaments"):
        return _COLOURS[value] if language == "zh" else str(value)
    if name in ("instruments", "without"):
        names = [INSTRUMENTS[key].zh if language == "zh" else INSTRUMENTS[key].en for key in value]
        return ("、" if language == "zh" else ", ").join(names)
    if name in ("valence", "arousal"):
        return f"{value:+.2f}"
    if name in ("density", "energy"):
        return f"{value:.0%}"
    if name == "duration":
        return f"{int(value) // 60}:{int(value) % 60:02d}"
    if name == "form":
        return " ".join(f"{item.letter}{f':{item.bars}' if item.bars else ''}" for item in value)
    if name == "chords":
        return _chords(value)
    if name == "key" and language == "zh":
        tonic, _, mode = value.partition(" ")
        return f"{tonic} {_ZH.get(mode, mode)}"
    if isinstance(value, (bool, str)):
        return str((_ZH if language == "zh" else _EN).get(value, value))
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _chords(progression: Any) -> str:
    plain = progression.model_dump(mode="json") if hasattr(progression, "model_dump") else progression
    return _lines(plain)


def _lines(plain: Any) -> str:
    if isinstance(plain, str):
        return plain
    if isinstance(plain, dict):
        return "; ".join(f"{key}: {_lines(value)}" for key, value in plain.items() if value)
    if isinstance(plain, (list, tuple)):
        deep = any(isinstance(item, (list, tuple)) for item in plain)
        return (" | " if deep else " ").join(_lines(item) for item in plain)
    return str(plain)
