"""A morph as rolls, and a folder's phrases as points on a map: SVG and PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yuefu.page.lettering import svg_text
from yuefu.tokens.phrases import LANES, STEP, Phrase, notes_of

if TYPE_CHECKING:
    from yuefu.workflows.morph import Morph
    from yuefu.workflows.phrase_map import PhraseMap

PAPER, INK, FAINT, HAIRLINE = "#F7F3EA", "#2A2622", "#8C8272", "#DDD4C2"
#: Inks of the two ends of a morph.
ENDS = ((0xB8, 0x3A, 0x26), (0x2F, 0x5D, 0x73))
#: Inks of groups on a map.
INKS = (
    "#B83A26", "#2F5D73", "#5F7A52", "#8A6A3B", "#76628A", "#37415C", "#3F7A74", "#9A6B5B", "#586B8C", "#7C7A3A",
    "#8C5573", "#4F6F8F",
)  # fmt: skip
WIDTH = 1600.0
_LEFT, _RIGHT, _TOP = 150.0, 30.0, 96.0
_TEXT = {
    "en": ("Morph: {row}, {steps} steps, {key}", "bars {0} to bars {1}", "share", "changed"),
    "zh": ("渐变：{row}，{steps} 步，{key}", "第 {0} 小节 到 第 {1} 小节", "占比", "变化"),
}
_ROWS = {"melody": "旋律", "bass": "低音", "drums": "鼓"}


def _png(svg: str) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, background=PAPER, skip_system_fonts=True, width=int(WIDTH)))


def morph_png(morph: Morph, language: str = "en") -> bytes:
    """A roll a step, from the first phrase's ink to the second's."""
    return _png(morph_svg(morph, language))


def morph_svg(morph: Morph, language: str = "en") -> str:
    """See ``morph_png``."""
    title, told, share_word, changed = _TEXT[language]
    lanes = _lanes(morph.phrases)
    step_high = min(max(240.0 / max(len(lanes), 1), 3.0), 12.0)
    high = len(lanes) * step_high
    height = _TOP + len(morph.phrases) * (high + 26) + 10
    row = _ROWS[morph.row] if language == "zh" else morph.row
    bars = [f"{first}-{last}" for first, last in morph.bars]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}">',
        f'<rect width="{WIDTH:g}" height="{height:g}" fill="{PAPER}"/>',
        svg_text(title.format(row=row, steps=len(morph.phrases), key=morph.key), 30, 46, 26, bold=True, fill=INK),
        svg_text(f"{morph.score.title}   {told.format(*bars)}", 30, 76, 15, fill=FAINT),
    ]
    for number, (phrase, share) in enumerate(zip(morph.phrases, morph.shares, strict=True)):
        y = _TOP + number * (high + 26)
        colour = "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in zip(*ENDS, strict=True))
        parts += _roll(phrase, lanes, y, step_high, colour)
        parts.append(svg_text(f"{share_word} {share:.2f}", _LEFT - 14, y + high / 2, 15, anchor="end", fill=INK))
        if number:
            far = f"{changed} {morph.distances[number - 1]:.2f}"
            parts.append(svg_text(far, _LEFT - 14, y + high / 2 + 20, 13, anchor="end", fill=FAINT))
    return "".join(parts) + "</svg>"


def _lanes(phrases: tuple[Phrase, ...]) -> list[int]:
    """Pitches, or lanes of drums, from the top down."""
    if phrases[0].row == "drums":
        return [lane for lane in range(len(LANES)) if any(phrase.steps[..., lane].any() for phrase in phrases)][::-1]
    pitches = [pitch for phrase in phrases for _, pitch, _ in notes_of(phrase.steps)] or [60]
    return list(range(max(pitches) + 1, min(pitches) - 2, -1))


def _roll(phrase: Phrase, lanes: list[int], y: float, high: float, colour: str) -> list[str]:
    bars, length = phrase.steps.shape[:2]
    wide = (WIDTH - _LEFT - _RIGHT) / (bars * length)
    bottom = y + high * len(lanes)
    out = []
    for step in range(bars * length + 1):
        if step % (24 // STEP) == 0 or step % length == 0:
            strong = step % length == 0
            x = _LEFT + step * wide
            ink, thick = (FAINT, 1.2) if strong else (HAIRLINE, 0.7)
            ends = f'x1="{x:.1f}" y1="{y:.1f}" x2="{x:.1f}" y2="{bottom:.1f}"'
            out.append(f'<line {ends} stroke="{ink}" stroke-width="{thick}"/>')
    place = {lane: number for number, lane in enumerate(lanes)}
    if phrase.row == "drums":
        marks = [
            (bar * length + step, lane, 1)
            for bar in range(bars)
            for step in range(length)
            for lane in phrase.steps[bar, step].nonzero()[0].tolist()
        ]
    else:
        marks = notes_of(phrase.steps)
        for pitch in lanes:
            if pitch % 12 == 0:
                line = y + (place[pitch] + 1) * high
                out.append(
                    f'<line x1="{_LEFT:g}" y1="{line:.1f}" x2="{WIDTH - _RIGHT:g}" y2="{line:.1f}" stroke="{HAIRLINE}" '
                    'stroke-width="0.7"/>'
                )
    for start, lane, steps in marks:
        x, top = _LEFT + start * wide, y + place[lane] * high
        size = f'width="{max(steps * wide - 1.5, 2):.1f}" height="{max(high - 0.6, 2):.1f}"'
        out.append(f'<rect x="{x:.1f}" y="{top:.1f}" {size} rx="1.5" fill="{colour}"/>')
    return out


_MAP = {
    "en": ("Map: {row}, {count} {by}s of {files} files", "what lies close together sounds alike; a line leads to the "
           "nearest of another file", "and {0} more"),
    "zh": ("地图：{row}，{files} 个文件的 {count} 个{by}",
           "相近的听起来相似；线连到另一文件中最近的一个", "另有 {0} 个"),
}  # fmt: skip
_BY_ZH = {"phrase": "乐句", "piece": "作品"}
_SIDE = 1180.0
#: Labels beside points, as long as there are no more points than this.
_LABELLED = 40


def map_png(found: PhraseMap, language: str = "en") -> bytes:
    """Points in the inks of their groups, a legend beside them."""
    return _png(map_svg(found, language))


def map_svg(found: PhraseMap, language: str = "en") -> str:
    """See ``map_png``."""
    title, told, more = _MAP[language]
    height = _TOP + _SIDE + 30
    row, by = (_ROWS[found.row], _BY_ZH[found.by]) if language == "zh" else (found.row, found.by)
    files = len({point.file for point in found.points})
    heading = title.format(row=row, count=len(found.points), by=by, files=files)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}">',
        f'<rect width="{WIDTH:g}" height="{height:g}" fill="{PAPER}"/>',
        svg_text(heading, 30, 46, 26, bold=True, fill=INK),
        svg_text(told, 30, 76, 15, fill=FAINT),
        f'<rect x="30" y="{_TOP:g}" width="{_SIDE:g}" height="{_SIDE:g}" fill="none" stroke="{HAIRLINE}"/>',
    ]
    sizes: dict[str, int] = {}
    for point in found.points:
        sizes[point.group] = sizes.get(point.group, 0) + 1
    shown = sorted(sizes, key=lambda group: (-sizes[group], group))
    inks = {group: INKS[number] if number < len(INKS) else FAINT for number, group in enumerate(shown)}
    places = {point.label: _place(point.x, point.y) for point in found.points}
    for point in found.points:
        if point.near:
            (x1, y1), (x2, y2) = places[point.label], places[point.near[0][0]]
            parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{HAIRLINE}"/>')
    for point in found.points:
        x, y = places[point.label]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="{inks[point.group]}" fill-opacity="0.8"/>')
        if len(found.points) <= _LABELLED:
            right = x < 30 + _SIDE * 0.75
            text = _short(point.label, 34)
            parts.append(
                svg_text(text, x + (11 if right else -11), y + 5, 13, anchor="start" if right else "end", fill=INK)
            )
    for number, group in enumerate(shown[: len(INKS)]):
        y = _TOP + 20 + 30 * number
        parts.append(f'<circle cx="{_SIDE + 58:g}" cy="{y - 5:g}" r="7" fill="{inks[group]}"/>')
        parts.append(svg_text(f"{_short(group, 30)}  {sizes[group]}", _SIDE + 76, y, 15, fill=INK))
    if len(shown) > len(INKS):
        y = _TOP + 20 + 30 * len(INKS)
        parts.append(f'<circle cx="{_SIDE + 58:g}" cy="{y - 5:g}" r="7" fill="{FAINT}"/>')
        parts.append(svg_text(more.format(len(shown) - len(INKS)), _SIDE + 76, y, 15, fill=INK))
    return "".join(parts) + "</svg>"


def _place(x: float, y: float) -> tuple[float, float]:
    return 30 + _SIDE * (0.5 + 0.47 * x), _TOP + _SIDE * (0.5 - 0.47 * y)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else "…" + text[1 - most :]
