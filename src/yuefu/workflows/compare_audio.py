"""Two recordings beside each other: aligned, then measured."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yuefu.audio.align import LONGEST_SHIFT, Shift, aligned, find_shift
from yuefu.audio.features.read import RATE, read_sound
from yuefu.audio.quality import Quality, compare

#: Longest recording that is compared, in seconds.
LONGEST = 1800.0


@dataclass(frozen=True, slots=True)
class Compared:
    """Two recordings. seconds: of both that were compared; loudness: LUFS of each file as it is."""

    reference: str
    other: str
    shift: Shift
    seconds: float
    loudness: tuple[float, float]
    quality: Quality
    sr: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; what is infinite or undefined is None."""
        return {
            "reference": self.reference,
            "other": self.other,
            "shift_seconds": round(self.shift.samples / self.sr, 6) if self.shift.found else None,
            "correlation": round(self.shift.alike, 4),
            "seconds": round(self.seconds, 3),
            "loudness": [_finite(value) for value in self.loudness],
            "measures": {name: _finite(value) for name, value in asdict(self.quality).items()},
        }


def compare_audio(reference: Path | str, other: Path | str) -> Compared:
    """Two sound files compared in one channel at 22,050 frames a second, the other one shifted to fit.

    Raises InputError for less than half a second in common, and what the reader raises.
    """
    one, two = (read_sound(path, RATE, LONGEST) for path in (reference, other))
    shift = find_shift(one.signal, two.signal, RATE)
    first, second = aligned(one.signal, two.signal, shift.samples)
    quality = compare(first, second, RATE)
    names = Path(reference).name, Path(other).name
    return Compared(*names, shift, len(first) / RATE, (one.loudness, two.loudness), quality, RATE)


def compared_text(found: Compared, language: str = "en") -> str:
    """The measures in words, with what each can and can't say. language: "en" or "zh"."""
    zh = language == "zh"
    lines = []
    if found.shift.found:
        late = found.shift.samples / found.sr
        if zh:
            when = f"晚 {late:.4f} 秒" if late > 0 else f"早 {-late:.4f} 秒" if late < 0 else "同时开始"
            lines.append(f"对齐：第二个录音{when}（相关 {found.shift.alike:.2f}），已移齐后再比。")
        else:
            when = f"{late:.4f} s later" if late > 0 else f"{-late:.4f} s earlier" if late < 0 else "at the same time"
            lines.append(
                f"Shift: the second begins {when} (correlation {found.shift.alike:.2f}); moved before measuring."
            )
    elif zh:
        lines.append(f"对齐：{LONGEST_SHIFT:.0f} 秒以内找不到相同的声音（相关 {found.shift.alike:.2f}），未移动。")
    else:
        lines.append(
            f"Shift: no sound in common within {LONGEST_SHIFT:.0f} s (correlation {found.shift.alike:.2f}); not moved."
        )
    lines.append(f"比较长度：{found.seconds:.1f} 秒" if zh else f"Compared: {found.seconds:.1f} s")
    quality = found.quality
    values = {
        "snr": f"{quality.snr:.1f} dB",
        "fitted_snr": f"{quality.fitted_snr:.1f} dB",
        "mse": f"{quality.mse:.3g}",
        "log_spectral": f"{quality.log_spectral:.1f} dB",
        "timbre": f"{quality.timbre:.3f}",
        "loudness": "-" if math.isnan(quality.loudness) else f"{quality.loudness:+.1f} LU",
    }
    colon = "：" if zh else ": "
    for name, (english, chinese) in _MEANINGS.items():
        title, meaning = chinese if zh else english
        lines.append(f"{title}{colon}{values[name]}  {meaning}")
    lines.append(_LIMITS[zh])
    return "\n".join(lines)


#: Name of a measure -> its title and what it says, in English and in Chinese.
_MEANINGS = {
    "snr": (
        ("SNR", "the first over the difference; over 30 hardly heard, under 0 they differ more than they are alike"),
        ("信噪比", "第一个与差值之比；超过 30 几乎听不出，低于 0 则差别大于相同"),
    ),
    "fitted_snr": (
        ("SNR at the best gain", "the same, though the second may be louder or softer"),
        ("最佳增益下的信噪比", "同上，但不计第二个更响或更轻"),
    ),
    "mse": (("MSE", "mean squared difference of samples"), ("均方误差", "采样差的平方均值")),
    "log_spectral": (
        ("Log-spectral distance", "forgives phase, not time; under 1 hardly heard, over 10 another sound"),
        ("对数谱距离", "不计相位，但计时间；低于 1 几乎听不出，高于 10 是另一种声音"),
    ),
    "timbre": (
        ("Timbre distance", "of MFCC statistics; forgives time and tune; under 0.1 one sound, over 1 another"),
        ("音色距离", "MFCC 统计；不计时间与旋律；低于 0.1 音色相同，高于 1 不同"),
    ),
    "loudness": (
        ("Loudness", "the second less the first; how loud, not how good"),
        ("响度差", "第二个减第一个；只说多响，不说多好"),
    ),
}
_LIMITS = (
    "They compare sound, not music: another take of one song has a low SNR. None of them says what people like.",
    "这些数字比较的是声音而不是音乐：同一首歌的另一次录音，信噪比也会很低；它们都说不出人们是否喜欢。",
)


def _finite(value: float) -> float | None:
    return round(value, 8) if math.isfinite(value) else None
