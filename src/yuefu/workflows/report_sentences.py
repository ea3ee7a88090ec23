"""Asked and found as sentences, one a wish, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yuefu.workflows.report_text import UNSURE, value_words

#: What a sentence says was asked and what was found, in English and in Chinese.
_FRAMES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "style": (("You asked for {}", ""), ("你要{}风格", "")),
    "tempo": (("You asked for {} BPM", "it is {}"), ("你要每分钟 {} 拍", "实际是 {}")),
    "key": (("You asked for {}", "it is in {}"), ("你要{}", "实际是{}")),
    "mode": (("You asked for a {} key", "it is in {}"), ("你要{}", "实际是{}")),
    "meter": (("You asked for {}", "it is in {}"), ("你要 {} 拍", "实际是 {}")),
    "bars": (("You asked for {} bars", "it has {}"), ("你要 {} 小节", "实际有 {}")),
    "duration": (("You asked for {}", "it lasts {}"), ("你要{}", "实际长{}")),
    "form": (("You asked for the form {}", "it has {}"), ("你要的曲式是 {}", "实际是 {}")),
    "instruments": (("You asked for {}", "the players are {}"), ("你要{}", "演奏的是{}")),
    "without": (("You asked to leave out {}", "the players are {}"), ("你不要{}", "演奏的是{}")),
    "chords": (("You gave the chords {}", "it has {}"), ("你给的和弦是 {}", "实际是 {}")),
    "lyrics": (("You gave words of {}", "{} are sung"), ("你给的歌词有{}", "唱出了{}")),
    "valence": (("Your words sound {}", "the music measures {}"), ("你的话听来{}", "音乐测得{}")),
    "arousal": (("Your words sound {}", "the music measures {}"), ("你的话听来{}", "音乐测得{}")),
    "density": (("Your words ask for music that is {}", ""), ("你的话要的音乐{}", "")),
}  # fmt: skip
_MOODS = {
    "valence": (("dark", "rather dark", "neither bright nor dark", "rather bright", "bright"),
                ("阴暗", "略为阴暗", "不明不暗", "略为明亮", "明亮")),
    "arousal": (("calm", "rather calm", "neither calm nor lively", "rather lively", "lively"),
                ("平静", "略为平静", "不静不动", "略为激动", "激动")),
    "density": (("sparse", "rather sparse", "neither sparse nor dense", "rather dense", "dense"),
                ("稀疏", "略为稀疏", "疏密适中", "略为密集", "密集")),
}  # fmt: skip


def finding_sentence(finding: Mapping[str, Any], zh: bool) -> str:
    """A finding of a report as one sentence.

    >>> finding_sentence({"field": "tempo", "asked": 96.0, "source": "text", "words": ["96 bpm"], "found": 96.0,
    ...                   "met": True, "confidence": None}, False)
    'You asked for 96 BPM (from “96 bpm”); it is 96.'
    """
    name, met = str(finding["field"]), finding["met"]
    asked_frame, found_frame = _FRAMES.get(name, (("You asked for {}", "it is {}"), ("你要{}", "实际是{}")))[zh]
    asked = _shown(name, finding["asked"], zh)
    text = asked_frame.format(asked) + _where_from(finding, zh)
    found = finding["found"]
    if found is None or not found_frame:
        return text + ("；这一点没有可靠的量法。" if zh else "; nothing measures that reliably.")
    shown = _shown(name, found, zh)
    text += ("，" if zh else "; ") + found_frame.format(shown)
    if met is False:
        text += "，没有做到" if zh else ", which isn't what was asked"
    return text + ("。" if zh else ".")


def _where_from(finding: Mapping[str, Any], zh: bool) -> str:
    """The words that a wish was read from, or who else made it."""
    words: Sequence[str] = finding.get("words") or ()
    confidence = finding.get("confidence")
    said = "、".join(f"“{word}”" for word in words[:4]) if zh else ", ".join(f"“{word}”" for word in words[:4])
    parts = []
    if finding.get("source") == "llm":
        parts.append("语言模型所定" if zh else "chosen by the language model")
    elif said:
        parts.append(f"来自{said}" if zh else f"from {said}")
    if confidence is not None and confidence < UNSURE:
        parts.append("把握不大" if zh else "read without much confidence")
    if not parts:
        return ""
    return f"（{'，'.join(parts)}）" if zh else f" ({', '.join(parts)})"


def _shown(name: str, value: Any, zh: bool) -> str:
    if name in _MOODS and isinstance(value, (int, float)):
        return mood_words(name, float(value), zh)
    if name == "duration" and isinstance(value, (int, float)):
        return duration_words(float(value), zh)
    return value_words(name, value, zh)


def mood_words(name: str, value: float, zh: bool) -> str:
    """A valence, arousal (-1..1) or density (0..1) in a word.

    >>> mood_words("valence", 0.3, False), mood_words("arousal", -0.8, True)
    ('rather bright', '平静')
    """
    centred = value * 2 - 1 if name == "density" else value
    edges = (-0.5, -0.2, 0.2, 0.5)  # the inner ones as the report counts a wish for a mood
    return _MOODS[name][zh][sum(centred >= edge for edge in edges)]


def duration_words(seconds: float, zh: bool) -> str:
    """
    >>> duration_words(90, False), duration_words(42.4, True)
    ('1:30', '42 秒')
    """
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} 秒" if zh else f"{rest} seconds"
    return f" {minutes} 分 {rest:02} 秒" if zh else f"{minutes}:{rest:02}"
