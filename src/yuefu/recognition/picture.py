"""What a verdict goes by, as a picture: bars and bands that speak for the style or against it."""

from __future__ import annotations

import numpy as np

from yuefu.analysis.bar_roll import BAND_NAMES, DRUMS, STEPS, BarRoll
from yuefu.page.lettering import svg_text
from yuefu.recognition.explain import LAYERS, Explanation
from yuefu.recognition.network import Verdict
from yuefu.recognition.wording import evidence_text, kind_names, layer_names, title_text

PAPER, INK, FAINT, HAIRLINE = "#F7F3EA", "#2A2622", "#8C8272", "#DDD4C2"
#: Colours of what speaks for the style and against it.
FOR, AGAINST = "#B83A26", "#2F5D73"
WIDTH = 1600.0
_LEFT, _RIGHT, _TOP = 110.0, 30.0, 96.0
_LANE, _SUM, _BARS_A_LINE = 44.0, 20.0, 64
#: Bars that a picture shows at most; of a longer piece the first ones.
MOST_BARS = 512


def picture_svg(roll: BarRoll, verdict: Verdict, explanation: Explanation, language: str = "en") -> str:
    """The picture as SVG. language: ``"en"`` or ``"zh"``."""
    bars = min(len(roll), MOST_BARS)
    lines = [range(first, min(first + _BARS_A_LINE, bars)) for first in range(0, bars, _BARS_A_LINE)] or [range(0)]
    high = _SUM + len(LAYERS) * _LANE + 40
    kinds = sorted(explanation.kinds.items(), key=lambda item: -abs(item[1]))
    below = _TOP + len(lines) * high + 24
    height = below + 34 + 24 * len(kinds) + 20
    scale = _scale(explanation)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}">',
        f'<rect width="{WIDTH:g}" height="{height:g}" fill="{PAPER}"/>',
        svg_text(title_text(verdict, language), 30, 46, 26, bold=True, fill=INK),
        svg_text(_legend(language), 30, 76, 15, fill=FAINT),
    ]
    for number, line in enumerate(lines):
        parts.append(_line(roll, explanation, line, _TOP + number * high, scale, language))
    parts.append(svg_text(evidence_text(explanation, language), 30, below, 15, fill=FAINT))
    reach = max((abs(value) for _, value in kinds), default=1.0) or 1.0
    for number, (kind, value) in enumerate(kinds):
        y = below + 28 + 24 * number
        parts.append(svg_text(kind_names(language)[kind], _LEFT - 10, y, 14, anchor="end", fill=INK))
        colour, wide = (FOR if value > 0 else AGAINST), 400 * abs(value) / reach
        parts.append(f'<rect x="{_LEFT:g}" y="{y - 12:.1f}" width="{max(wide, 1):.1f}" height="14" fill="{colour}"/>')
        parts.append(svg_text(f"{round(value, 2) + 0.0:+.2f}", _LEFT + wide + 10, y, 13, fill=FAINT))
    return "".join(parts) + "</svg>"


def picture_png(roll: BarRoll, verdict: Verdict, explanation: Explanation, language: str = "en") -> bytes:
    """The picture as PNG, 1600 pixels wide."""
    import resvg_py

    svg = picture_svg(roll, verdict, explanation, language)
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, background=PAPER, skip_system_fonts=True, width=int(WIDTH)))


def _scale(explanation: Explanation) -> float:
    """The effect that gets the full colour: the larger of most."""
    sizes = np.abs(explanation.cells[~np.isnan(explanation.cells)])
    return float(max(np.percentile(sizes, 98), 1e-3)) if sizes.size else 1.0


def _legend(language: str) -> str:
    name = {"en": "red speaks for it, blue against it; a row a band of an octave, the top row whole bars",
            "zh": "红色支持此判断，蓝色反对；每行一个音区，最上一行为整小节"}  # fmt: skip
    return name[language]


def _line(roll: BarRoll, explanation: Explanation, bars: range, top: float, scale: float, language: str) -> str:
    """A stretch of bars: their effect as a whole, then every layer with its notes."""
    wide = (WIDTH - _LEFT - _RIGHT) / max(min(_BARS_A_LINE, len(explanation.bars)), 1)
    wide = min(wide, 60.0)
    right = _LEFT + wide * len(bars)
    parts = []
    whole = np.nanmax(np.abs(explanation.bars)) if (~np.isnan(explanation.bars)).any() else 1.0
    for place, bar in enumerate(bars):
        x = _LEFT + place * wide
        parts.append(_cell(x, top, wide, _SUM - 4, explanation.bars[bar], float(whole) or 1.0))
        if bar % 4 == 0:
            parts.append(svg_text(str(bar + 1), x + 2, top - 4, 11, fill=FAINT))
    for layer, name in enumerate(LAYERS):
        y = top + _SUM + layer * _LANE
        parts.append(svg_text(layer_names(language)[name], _LEFT - 10, y + _LANE / 2 + 5, 14, anchor="end", fill=INK))
        for place, bar in enumerate(bars):
            x = _LEFT + place * wide
            parts.append(_cell(x, y, wide, _LANE - 2, explanation.cells[layer, bar], scale))
            parts.append(_notes(roll, bar, name, x, y, wide))
        parts.append(f'<path d="M{_LEFT:g} {y + _LANE - 1:.1f}H{right:.1f}" stroke="{HAIRLINE}"/>')
    return "".join(parts)


def _cell(x: float, y: float, wide: float, high: float, value: float, scale: float) -> str:
    if np.isnan(value) or abs(value) < 0.02 * scale:
        return ""
    strength = min(abs(float(value)) / scale, 1.0)
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide - 1, 1):.1f}" height="{high:.1f}" '
        f'fill="{FOR if value > 0 else AGAINST}" fill-opacity="{0.1 + 0.75 * strength:.2f}"/>'
    )


def _notes(roll: BarRoll, bar: int, layer: str, x: float, y: float, wide: float) -> str:
    """A layer's rows in a bar as one path of short lines."""
    if layer == "drums":
        rows = roll.rows[bar, DRUMS]
    else:
        first = BAND_NAMES.index(layer) * 12
        rows = roll.rows[bar, first : first + 12]
    if not rows.any():
        return ""
    step, gap = wide / STEPS, (_LANE - 6) / len(rows)
    edges = np.diff(np.pad(rows.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    path = "".join(
        f"M{x + begin * step:.1f} {y + _LANE - 5 - row * gap:.1f}h{max((end - begin) * step - 0.3, 0.8):.1f}"
        for row in np.flatnonzero(rows.any(axis=1)).tolist()
        for begin, end in zip(np.flatnonzero(edges[row] == 1).tolist(), np.flatnonzero(edges[row] == -1).tolist())
    )
    return f'<path d="{path}" stroke="{INK}" stroke-opacity="0.75" stroke-width="1.6" fill="none"/>'
