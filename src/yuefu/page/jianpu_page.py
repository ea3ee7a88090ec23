"""Numbered notation on A4 pages: heading, key and tempo, lines of bars, page numbers."""

from __future__ import annotations

from yuefu.page.fonts import text_width
from yuefu.page.jianpu_draw import draw_line, key_mark, line_height, meter_mark, tempo_mark, text
from yuefu.page.jianpu_layout import WIDTH, Line, lay_out
from yuefu.page.outline import outline_svg
from yuefu.score.jianpu_signs import Jianpu
from yuefu.score.jianpu_text import do_name, is_chinese

_PAGE_WIDTH, _PAGE_HEIGHT = 21000.0, 29700.0
_MARGIN = (_PAGE_WIDTH - WIDTH) / 2
_TOP, _BOTTOM = 1900.0, 27600.0
_GAP = 470.0
#: On a full page lines move apart by this much more at most, on the last by a third of it.
_SPREAD = 700.0
_TITLE, _FACTS, _NAMES = 800.0, 460.0, 400.0


def jianpu_pages(sheet: Jianpu) -> tuple[str, ...]:
    """The pages of a sheet as self-contained SVG, 210 x 297 mm, all text as outlines.

    The same sheet gives the same pages.
    """
    lines, scale = lay_out(sheet)
    chinese = is_chinese(sheet)
    head, y = _heading(sheet, chinese)
    pages: list[list[tuple[Line, float]]] = [[]]
    for line in lines:
        above, below = (size * scale for size in line_height(line))
        if pages[-1] and y + above + below > _BOTTOM:
            pages.append([])
            y = _TOP + 500
        pages[-1].append((line, y + above))
        y += above + below + _GAP * scale
    curves: dict[str, bool] = {}
    drawn = []
    for number, page in enumerate(pages, start=1):
        page = _spread(page, scale, _SPREAD if number < len(pages) else _SPREAD / 3)
        body = [head] if number == 1 else []
        for line, base in page:
            end = line.bars[-1].left + line.bars[-1].width
            inner = draw_line(line, 0.0, end, curves, chinese=chinese, first_number=0 if _has_pickup(sheet) else 1)
            place = f"translate({_MARGIN:.0f} {base:.0f})" + (f" scale({scale:.4f})" if scale < 1 else "")
            first = line.bars[0].bar.bar.index + (0 if _has_pickup(sheet) else 1)
            if first > 1 and line is not lines[0]:
                body.append(text(str(first), _MARGIN - 150, base - 330 * scale, 240, anchor="end", italic=True))
            body.append(f'<g class="system" transform="{place}">{inner}</g>')
        if len(pages) > 1:
            body.append(text(str(number), _PAGE_WIDTH / 2, _PAGE_HEIGHT - 900, 330, anchor="middle"))
            if number > 1 and sheet.title:
                body.append(text(sheet.title[:80], _PAGE_WIDTH / 2, 1500, 300, anchor="middle", italic=True))
        drawn.append(
            outline_svg(
                '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" '
                f'viewBox="0 0 {_PAGE_WIDTH:.0f} {_PAGE_HEIGHT:.0f}">{"".join(body)}</svg>'
            )
        )
    return tuple(drawn)


def _spread(page: list[tuple[Line, float]], scale: float, most: float) -> list[tuple[Line, float]]:
    """The lines of a page moved apart towards its foot, each step by ``most`` at most."""
    if len(page) < 2:
        return page
    last, base = page[-1]
    spare = max(_BOTTOM - base - line_height(last)[1] * scale, 0.0)
    step = min(spare / (len(page) - 1), most)
    return [(line, y + step * index) for index, (line, y) in enumerate(page)]


def _has_pickup(sheet: Jianpu) -> bool:
    first = sheet.bars[0].bar
    return len(sheet.bars) > 1 and first.duration < first.numerator * 96 // first.denominator


def _heading(sheet: Jianpu, chinese: bool) -> tuple[str, float]:
    """Title, key, metre and tempo on the left, names on the right; where the music may begin."""
    out = []
    y = _TOP
    if sheet.title:
        y += _TITLE * 0.8
        size = min(_TITLE, WIDTH / max(text_width(sheet.title), 0.1))
        out.append(text(sheet.title, _PAGE_WIDTH / 2, y, size, anchor="middle", name="title"))
        y += 500
    labels = ("词：{}", "曲：{}") if chinese else ("Words: {}", "Music: {}")
    names = [label.format(name) for label, name in zip(labels, (sheet.lyricist, sheet.composer)) if name]
    for name in names:
        y += _NAMES * 1.25
        size = min(_NAMES, WIDTH * 0.5 / max(text_width(name), 0.1))
        out.append(text(name, _PAGE_WIDTH - _MARGIN, y, size, anchor="end", name="names"))
    y += 0 if names else _FACTS
    key = key_mark(do_name(sheet.key))
    x = _MARGIN
    out.append(text(key, x, y, _FACTS, name="key"))
    x += text_width(key) * _FACTS + 420
    out.append(meter_mark(sheet.meter, x, y + 30))
    out.append(text(tempo_mark(sheet.bpm, sheet.meter), x + 480, y, _FACTS, name="tempo"))
    return "".join(out), y + 650
