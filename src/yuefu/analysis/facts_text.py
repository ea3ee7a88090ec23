"""Facts as a short text to read, in English or Chinese."""

from __future__ import annotations

import math

from yuefu.analysis.facts import ChordFact, Facts
from yuefu.errors import UnknownNameError
from yuefu.theory.key import Key
from yuefu.theory.pitch import name_of

LANGUAGES = ("en", "zh")
_ROLES_ZH = {
    "chords": "和弦", "melody": "旋律", "counter": "副旋律", "inner": "内声部", "bass": "低音", "keys": "键盘",
    "pad": "铺底", "drums": "鼓",
}  # fmt: skip
_KINDS_ZH = {"intro": "前奏", "outro": "尾奏", "interlude": "间奏"}
_CADENCES = {
    "authentic": ("authentic", "正格终止"),
    "half": ("half", "半终止"),
    "plagal": ("plagal", "变格终止"),
    "deceptive": ("deceptive", "阻碍终止"),
}
# name -> English, Chinese, whether it is a share to print in per cent.
_SHOWN = {
    "scale_ratio": ("notes in the scale", "调内音比例", True),
    "chord_tone_ratio": ("chord tones of the tune on beats", "旋律在拍点上的和弦音比例", True),
    "melody_range": ("range of the tune (semitones)", "旋律音域（半音）", False),
    "steps": ("steps in the tune", "级进比例", True),
    "leaps": ("leaps in the tune", "大跳比例", True),
    "syncopation": ("syncopated notes of the tune", "切分音比例", True),
    "chord_changes": ("chord changes a bar", "每小节和弦变换", False),
    "distinct_chords": ("different chords", "不同和弦数", False),
    "groove_consistency": ("likeness of neighbouring bars' rhythm", "相邻小节节奏相似度", True),
    "drum_hits": ("drum notes a bar", "每小节鼓点", False),
}


def key_name(key: Key, language: str = "en") -> str:
    """The name of a key in a language.

    >>> key_name(Key(-3, "major")), key_name(Key(-3, "major"), "zh")
    ('Eb major', '降E大调')
    """
    if language == "en":
        return key.name
    name = name_of(key.tonic, key.fifths)
    sign = {"#": "升", "b": "降"}.get(name[1:2], "")
    return f"{sign}{name[0]}{'大调' if key.mode == 'major' else '小调'}"


def pitch_name(pitch: int, fifths: int = 0) -> str:
    """A MIDI pitch by name and octave.

    >>> pitch_name(60), pitch_name(70, -1)
    ('C4', 'Bb4')
    """
    name = name_of(pitch % 12, fifths)
    # B# and Cb belong to the octave of the letter, not of the sound.
    octave = pitch // 12 - 1 + (1 if name.startswith("Cb") else -1 if name.startswith("B#") else 0)
    return f"{name}{octave}"


def facts_text(facts: Facts, language: str = "en") -> str:
    """The facts as some lines of text. language: "en" or "zh"; another raises UnknownNameError."""
    if language not in LANGUAGES:
        raise UnknownNameError("language", str(language), LANGUAGES)
    zh = language == "zh"
    colon, comma = ("：", "，") if zh else (": ", ", ")

    def line(english: str, chinese: str, value: str) -> str:
        return f"{chinese if zh else english}{colon}{value}"

    lines = []
    if facts.title:
        lines.append(line("Title", "标题", facts.title + (f" ({facts.composer})" if facts.composer else "")))
    minutes, seconds = divmod(round(facts.duration), 60)
    length = (
        f"{facts.bars} 小节{comma}{minutes} 分 {seconds} 秒" if zh else f"{facts.bars} bars, {minutes}:{seconds:02}"
    )
    lines.append(line("Length", "长度", length))
    if not facts.notes and not facts.chords:
        return "\n".join([*lines, "这份乐谱没有音符。" if zh else "The score has no notes."])
    sure = f"{facts.key_confidence:.0%}"
    key = key_name(facts.key, language) + (f"（把握 {sure}）" if zh else f" ({sure} sure)")
    if facts.key != facts.given_key:
        written = key_name(facts.given_key, language)
        key += f"{comma}记谱为{written}" if zh else f", written as {written}"
    lines.append(line("Key", "调", key))
    meter = f"{facts.meter.numerator}/{facts.meter.denominator}"
    if meter != facts.given_meter:
        meter += f"{comma}记谱为 {facts.given_meter}" if zh else f", written as {facts.given_meter}"
    lines.append(line("Metre", "拍号", meter))
    tempo = facts.tempo
    bpm = f"{tempo.mean:.0f}" if tempo.low == tempo.high else f"{tempo.mean:.0f} ({tempo.low:.0f}-{tempo.high:.0f})"
    lines.append(line("Tempo", "速度", f"每分钟 {bpm} 拍（四分音符）" if zh else f"{bpm} quarter notes a minute"))
    if facts.form:
        lines.append(line("Form", "曲式", comma.join(_section(facts, index, zh) for index in range(len(facts.form)))))
    if facts.chords:
        lines.append(line("Chords", "和弦", _chord_chart(facts.chords)))
    cadences = [_CADENCES[p.cadence][zh] for p in facts.phrases if p.cadence in _CADENCES]
    if facts.phrases:
        closing = comma.join(cadences[:12]) + (" ..." if len(cadences) > 12 else "")
        count = f"{len(facts.phrases)} 句" if zh else f"{len(facts.phrases)}"
        lines.append(
            line("Phrases", "乐句", count + (f"；终止：{closing}" if zh else f"; cadences: {closing}") * bool(closing))
        )
    lines.append("声部：" if zh else "Parts:")
    for part in facts.texture.parts:
        span = ""
        if part.low is not None and part.high is not None:
            span = f"{comma}{pitch_name(part.low, facts.key.fifths)}-{pitch_name(part.high, facts.key.fifths)}"
        role = _ROLES_ZH.get(part.role, part.role) if zh else part.role
        name = f"{part.name}（{role}）" if zh else f"{part.name} ({role})"
        lines.append(
            f"  {name}{colon}" + (f"每小节 {part.density:.1f} 个音" if zh else f"{part.density:.1f} notes a bar") + span
        )
    lines.append("数据：" if zh else "Measures:")
    for name, (english, chinese, share) in _SHOWN.items():
        value = facts.measures.get(name, math.nan)
        if not math.isnan(value):
            lines.append(f"  {chinese if zh else english}{colon}" + (f"{value:.0%}" if share else f"{value:.1f}"))
    return "\n".join(lines)


def _section(facts: Facts, index: int, zh: bool) -> str:
    """A section in words: letter, kind, bars."""
    section = facts.form[index]
    kind = f" {_KINDS_ZH.get(section.kind, section.kind) if zh else section.kind}" if section.kind else ""
    return f"{section.letter}{kind} {section.first_bar}-{section.last_bar}"


def _chord_chart(chords: tuple[ChordFact, ...], most: int = 48) -> str:
    """Chord symbols with bar lines between the bars; long pieces are cut."""
    text = "|"
    bar = 0
    for chord in chords[:most]:
        if bar and chord.bar != bar:
            text += " |"
        bar = chord.bar
        text += f" {chord.symbol}"
    return text + (" ..." if len(chords) > most else " |")
