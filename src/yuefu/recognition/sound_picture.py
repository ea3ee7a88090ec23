"""What a verdict on a recording goes by, as a picture: its spectrum, and where it speaks for the style or against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yuefu.page.lettering import svg_text
from yuefu.recognition.network import Verdict
from yuefu.recognition.picture import AGAINST, FAINT, FOR, HAIRLINE, INK, PAPER, WIDTH
from yuefu.recognition.sound import GROUPS, STRETCHES, SoundExplanation
from yuefu.recognition.sound_windows import SECONDS
from yuefu.recognition.wording import title_text

_LEFT, _TOP, _HIGH, _GAP = 110.0, 100.0, 170.0, 46.0
_COLUMNS, _ROWS, _SHADES = 150, 32, 8


def sound_png(verdict: Verdict, explanation: SoundExplanation, language: str = "en") -> bytes:
    """The picture as PNG, 1600 pixels wide. language: ``"en"`` or ``"zh"``."""
    import resvg_py

    svg = sound_svg(verdict, explanation, language)
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, background=PAPER, skip_system_fonts=True, width=int(WIDTH)))


def sound_svg(verdict: Verdict, explanation: SoundExplanation, language: str = "en") -> str:
    """The picture as SVG: a line a window, low frequencies at the bottom."""
    height = _TOP + len(explanation.starts) * (_HIGH + _GAP)
    legend = {"en": "red speaks for it, blue against it; darker is louder, low frequencies at the bottom",
              "zh": "红色支持此判断，蓝色反对；颜色越深声音越响，下方为低频"}  # fmt: skip
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}">',
        f'<rect width="{WIDTH:g}" height="{height:g}" fill="{PAPER}"/>',
        svg_text(title_text(verdict, language), 30, 46, 26, bold=True, fill=INK),
        svg_text(legend[language], 30, 76, 15, fill=FAINT),
    ]
    scale = float(max(np.percentile(np.abs(explanation.cells), 98), 1e-3)) if explanation.cells.size else 1.0
    for number, start in enumerate(explanation.starts):
        top = _TOP + number * (_HIGH + _GAP)
        parts.append(_window(explanation, number, start, top, scale))
    return "".join(parts) + "</svg>"


def _window(explanation: SoundExplanation, number: int, start: float, top: float, scale: float) -> str:
    wide = WIDTH - _LEFT - 30
    parts = [_spectrum(explanation.levels[number], top, wide)]
    across, high = wide / STRETCHES, _HIGH / GROUPS
    for group, row in enumerate(explanation.cells[number]):
        for stretch, value in enumerate(row.tolist()):
            strength = min(abs(value) / scale, 1.0)
            if strength > 0.03:
                parts.append(
                    f'<rect x="{_LEFT + stretch * across:.1f}" y="{top + _HIGH - (group + 1) * high:.1f}" '
                    f'width="{across:.1f}" height="{high:.1f}" fill="{FOR if value > 0 else AGAINST}" '
                    f'fill-opacity="{0.6 * strength:.2f}"/>'
                )
    for group in range(0, GROUPS + 1, 2):
        hz = explanation.edges[group]
        label = f"{hz / 1000:.1f} kHz" if hz >= 1000 else f"{hz:.0f} Hz"
        parts.append(svg_text(label, _LEFT - 8, top + _HIGH - group * high + 4, 12, anchor="end", fill=FAINT))
    for second in range(0, int(SECONDS) + 1, 2):
        x = _LEFT + wide * second / SECONDS
        parts.append(f'<path d="M{x:.1f} {top + _HIGH:.1f}v5" stroke="{HAIRLINE}"/>')
        parts.append(svg_text(f"{start + second:.0f} s", x, top + _HIGH + 18, 12, anchor="middle", fill=FAINT))
    return "".join(parts)


def _spectrum(levels: NDArray[np.float32], top: float, wide: float) -> str:
    """A coarse spectrogram, a path a shade."""
    bands = np.array_split(levels, _ROWS, axis=0)
    coarse = np.stack([[cell.mean() for cell in np.array_split(band, _COLUMNS, axis=1)] for band in bands])
    shade = np.clip((coarse - coarse.max() + 70) / 70, 0, 1)
    level = np.ceil(shade * _SHADES).astype(int)
    across, high = wide / _COLUMNS, _HIGH / _ROWS
    parts = []
    for number in range(2, _SHADES + 1):
        path = "".join(
            f"M{_LEFT + column * across:.1f} {top + _HIGH - (row + 0.5) * high:.1f}h{across:.1f}"
            for row, column in zip(*np.nonzero(level == number))
        )
        if path:
            parts.append(
                f'<path d="{path}" stroke="{INK}" stroke-opacity="{0.75 * number / _SHADES:.2f}" '
                f'stroke-width="{high:.1f}" fill="none"/>'
            )
    return "".join(parts)
