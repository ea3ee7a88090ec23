"""The labels of a piano roll, in English and Chinese."""

from __future__ import annotations

from yuefu.score.model import Score
from yuefu.score.section_names import section_name
from yuefu.score.staves import DRUM_SOUNDS

_DRUMS_ZH = {
    35: "底鼓", 36: "底鼓", 37: "边击", 38: "军鼓", 39: "拍手", 40: "军鼓", 41: "落地嗵", 42: "闭镲", 43: "落地嗵",
    44: "踩镲", 45: "低嗵", 46: "开镲", 47: "中嗵", 48: "中嗵", 49: "吊镲", 50: "高嗵", 51: "叮叮镲", 52: "中国镲",
    53: "镲帽", 54: "铃鼓", 55: "水镲", 56: "牛铃", 57: "吊镲", 59: "叮叮镲", 60: "高邦戈", 61: "低邦戈", 62: "闷康加",
    63: "高康加", 64: "低康加", 69: "卡巴萨", 70: "沙槌", 75: "响棒", 76: "木鱼", 77: "木鱼",
    80: "三角铁", 81: "三角铁",
}  # fmt: skip
_DRUMS_EN = {
    35: "Kick", 36: "Kick", 37: "Stick", 38: "Snare", 39: "Clap", 40: "Snare", 41: "Floor tom", 42: "Hi-hat",
    43: "Floor tom", 44: "Pedal hat", 45: "Low tom", 46: "Open hat", 47: "Mid tom", 48: "Mid tom", 49: "Crash",
    50: "High tom", 51: "Ride", 52: "China", 53: "Bell", 54: "Tambourine", 55: "Splash", 56: "Cowbell", 57: "Crash",
    59: "Ride",
}  # fmt: skip
_LETTERS_ZH = {"#": "升", "b": "降"}


def drum_name(pitch: int, chinese: bool = False) -> str:
    """A short name for a General MIDI drum sound.

    >>> drum_name(38), drum_name(38, chinese=True)
    ('Snare', '军鼓')
    """
    names = _DRUMS_ZH if chinese else _DRUMS_EN
    if pitch in names:
        return names[pitch]
    return DRUM_SOUNDS[pitch].name if pitch in DRUM_SOUNDS else f"{pitch}"


def subtitle(score: Score, chinese: bool = False) -> str:
    """Names, key, metre, tempo, bars and length in one line."""
    key = score.key_at(0).name
    tonic, mode = key.split(" ")
    if chinese:
        mode_zh = "大调" if mode == "major" else "小调"
        key = "".join(_LETTERS_ZH.get(sign, "") for sign in tonic[1:]) + tonic[0] + mode_zh
    else:
        key = tonic[0] + tonic[1:].replace("#", "♯").replace("b", "♭") + " " + mode
    meter = score.meter_at(0)
    seconds = round(score.duration)
    bars = len(score.bars)
    length = f"{seconds // 60}:{seconds % 60:02d}"
    facts = [
        score.composer,
        key,
        f"{meter.numerator}/{meter.denominator}",
        f"每分钟 {score.tempo_at(0):.0f} 拍" if chinese else f"{score.tempo_at(0):.0f} bpm",
        f"{bars} 小节" if chinese else f"{bars} bar{'s' if bars != 1 else ''}",
        length,
    ]
    return "  ·  ".join(fact for fact in facts if fact)


__all__ = ["drum_name", "section_name", "subtitle"]
