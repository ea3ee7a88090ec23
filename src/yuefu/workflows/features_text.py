"""Features in plain words, in English or Chinese."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from yuefu.analysis.bars import BarTable
from yuefu.analysis.facts_text import LANGUAGES, facts_text, key_name, pitch_name
from yuefu.errors import UnknownNameError
from yuefu.theory.key import Key
from yuefu.theory.pitch import name_of
from yuefu.workflows.features import ScoreFeatures, SoundFeatures, beat_spread

#: The most bars that are shown; files have them all.
_MOST_BARS = 64
#: Margins of the key above which it is called clear or fairly clear.
_CLEAR, _FAIR = 0.15, 0.05


def features_text(found: SoundFeatures | ScoreFeatures, language: str = "en") -> str:
    """Features as lines of text. language: "en" or "zh"; another raises UnknownNameError."""
    if language not in LANGUAGES:
        raise UnknownNameError("language", str(language), LANGUAGES)
    if isinstance(found, ScoreFeatures):
        return "\n".join([facts_text(found.facts, language), *bar_lines(found.bars, language)])
    return "\n".join(_sound_lines(found, language == "zh"))


def _sound_lines(found: SoundFeatures, zh: bool) -> list[str]:
    sound, features = found.sound, found.features

    def line(english: str, chinese: str, value: str) -> str:
        return f"{chinese}：{value}" if zh else f"{english}: {value}"

    minutes, seconds = divmod(sound.seconds, 60)
    length = f"{int(minutes)}:{seconds:04.1f}"
    lines = [
        line("Sound", "声音", f"{length}，每秒 {sound.rate} 帧，{sound.channels} 声道" if zh
             else f"{length}, {sound.rate} frames a second, {sound.channels} channel{'s' * (sound.channels != 1)}"),
    ]  # fmt: skip
    if not math.isfinite(sound.loudness):
        return [*lines, line("Loudness", "响度", "静音" if zh else "silent")]
    peak = 20 * math.log10(max(sound.peak, 1e-9))
    lines.append(
        line(
            "Loudness",
            "响度",
            f"{sound.loudness:.1f} LUFS" + (f"，最高 {peak:.1f} dB" if zh else f", peak {peak:.1f} dB"),
        )
    )
    lines.append(line("Key", "调", _key(found, zh)))
    lines.append(line("Tempo", "速度", _tempo(found, zh)))
    fifths = Key.parse(features.key.name).fifths if features.key else 0
    order = np.argsort(-features.chroma.mean(axis=1), kind="stable")[:5]
    lines.append(line("Strongest pitch classes", "最强的音级", " ".join(name_of(int(i), fifths) for i in order)))
    hertz = {name: float(getattr(features, name).mean()) for name in ("centroid", "bandwidth", "rolloff")}
    lines.append(
        line(
            "Spectrum", "频谱",
            f"重心 {hertz['centroid']:.0f} Hz，宽度 {hertz['bandwidth']:.0f} Hz，85% 在 {hertz['rolloff']:.0f} Hz 以下"
            if zh else f"centre {hertz['centroid']:.0f} Hz, width {hertz['bandwidth']:.0f} Hz, "
            f"85% below {hertz['rolloff']:.0f} Hz",
        )
    )  # fmt: skip
    lines.append(
        line(
            "Flatness", "平坦度",
            f"{features.flatness.mean():.4f}" + ("（0 为纯音，1 为白噪声）" if zh else " (0 a tone, 1 white noise)"),
        )
    )  # fmt: skip
    contrast = " ".join(f"{mean:.0f}" for mean in features.contrast.mean(axis=1))
    lines.append(
        line("Contrast by octave", "各八度对比度", f"{contrast} dB" + ("（低到高）" if zh else " (low to high)"))
    )
    zero = f"{features.zero_crossings.mean():.3f}"
    lines.append(line("Zero crossings", "过零率", zero + ("（每个采样）" if zh else " a sample")))
    strength = features.onset_strength
    told = f"平均 {strength.mean():.2f}，最大 {strength.max():.1f} dB" if zh else (
        f"mean {strength.mean():.2f}, most {strength.max():.1f} dB"
    )  # fmt: skip
    lines.append(line("Onset strength", "起音强度", told))
    cepstrum = " ".join(f"{mean:.0f}" for mean in features.mfcc.mean(axis=1))
    lines.append(line("MFCC (means)", "MFCC（均值）", cepstrum))
    return lines


def _key(found: SoundFeatures, zh: bool) -> str:
    key = found.features.key
    if key is None:
        return "听不出音高" if zh else "no pitches heard"
    name = key_name(Key.parse(key.name), "zh" if zh else "en")
    sure = ("明确" if zh else "clear") if key.margin > _CLEAR else (
        ("较明确" if zh else "fairly clear") if key.margin > _FAIR else ("不确定" if zh else "unsure")
    )  # fmt: skip
    cents = round(100 * found.features.tuning)
    if zh:
        return f"{name}（{sure}），音高偏差 {cents:+d} 音分"
    return f"{name} ({sure}), tuned {cents:+d} cents from A = 440 Hz"


def _tempo(found: SoundFeatures, zh: bool) -> str:
    features = found.features
    if not features.tempo:
        return "没有起音" if zh else "no onsets"
    bpm, count = f"{features.tempo:.0f}", len(features.beats)
    others = (" 或 " if zh else " or ").join(f"{other:.0f}" for other in features.tempi[1:])
    told = f"每分钟 {bpm} 拍" if zh else f"{bpm} beats a minute"
    if others:
        told += f"（也可能是 {others}）" if zh else f" (or {others})"
    told += f"，找到 {count} 拍" if zh else f", {count} beats found"
    if count:
        first = f"{features.beats[0]:.2f}"
        told += f"，第一拍在 {first} 秒" if zh else f", the first at {first} s"
    spread = beat_spread(features.beats)
    if spread is not None:
        told += f"，拍长相差 {spread:.0%}" if zh else f", their lengths vary by {spread:.0%}"
    return told


#: Columns shown on a terminal: column of the table, English, Chinese, how it is written.
_SHOWN: tuple[tuple[str, str, str, Callable[[float], str]], ...] = (
    ("bar", "bar", "小节", "{:.0f}".format),
    ("notes", "notes", "音数", "{:.0f}".format),
    ("onsets", "onsets", "起音", "{:.0f}".format),
    ("lowest", "lowest", "最低", lambda pitch: pitch_name(int(pitch))),
    ("highest", "highest", "最高", lambda pitch: pitch_name(int(pitch))),
    ("polyphony", "voices", "声部", "{:.1f}".format),
    ("length", "length", "时值", "{:.2f}".format),
    ("velocity", "velocity", "力度", "{:.0f}".format),
    ("syncopation", "syncopation", "切分", "{:.0%}".format),
    ("interval", "interval", "音程", "{:.1f}".format),
    ("drum_hits", "drums", "鼓点", "{:.0f}".format),
)


def bar_lines(bars: BarTable, language: str = "en") -> list[str]:
    """The bars as lines of a table with a heading."""
    zh = language == "zh"
    shown = min(len(bars), _MOST_BARS)
    lines = ["逐小节：" if zh else "By bar:"]
    rows = [[chinese if zh else english for _, english, chinese, _ in _SHOWN]]
    for number in range(shown):
        values = (bars.columns[name][number] for name, *_ in _SHOWN)
        rows.append(["-" if math.isnan(value) else write(value) for value, (*_, write) in zip(values, _SHOWN)])
    widths = [max(_width(row[column]) for row in rows) for column in range(len(_SHOWN))]
    for row in rows:
        lines.append("  " + "  ".join(" " * (wide - _width(cell)) + cell for cell, wide in zip(row, widths)))
    if shown < len(bars):
        rest = len(bars) - shown
        lines.append(f"  另有 {rest} 小节，用 -o 写成文件" if zh else f"  and {rest} more bars: write them with -o")
    return lines


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(2 if ord(char) > 0x2E80 else 1 for char in text)
