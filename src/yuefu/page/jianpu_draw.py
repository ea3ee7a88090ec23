"""Drawing one line of numbered notation as SVG elements, in hundredths of a millimetre."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from xml.sax.saxutils import escape

from yuefu.page.fonts import text_width
from yuefu.page.jianpu_layout import (
    CHORD,
    DIGIT,
    DOT_STEP,
    FIRST_LINE,
    HALF,
    LINE_STEP,
    TOP,
    WORD,
    LaidBar,
    Line,
    Placed,
    core,
)
from yuefu.score.jianpu_signs import DASH, Change, Sign, is_compound
from yuefu.score.jianpu_text import do_name
from yuefu.score.model import Section
from yuefu.score.section_names import section_name

WORD_STEP = 560.0
MARK = 370.0
_CHORD_ROW, _MARK_ROW, _ENDING_ROW = 520.0, 560.0, 460.0
_DOT = 44.0
_NOTE = "\ueca5"  # the quarter note of the music font


def text(
    words: str, x: float, y: float, size: float, *, anchor: str = "start", name: str = "", bold: bool = False,
    italic: bool = False,
) -> str:  # fmt: skip
    """A line of text, to be turned into outlines with the rest of the page."""
    style = ' font-weight="bold"' if bold else ""
    style += ' font-style="italic"' if italic else ""
    kind = f' class="{name}"' if name else ""
    return (
        f'<text{kind} x="{x:.0f}" y="{y:.0f}" font-size="{size:.0f}" text-anchor="{anchor}"{style}>'
        f"{escape(words)}</text>"
    )


def line_height(line: Line) -> tuple[float, float]:
    """The room that a line takes over and under the baseline of its digits."""
    above = line.above + (_CHORD_ROW if line.has_chords else 0) + (_MARK_ROW if line.has_marks else 0)
    above += _ENDING_ROW if line.has_endings else 0
    below = line.below
    if line.verses:
        below += WORD * 0.75 + 160 + WORD_STEP * (len(line.verses) - 1) + WORD * 0.2
    return above, below


def draw_line(
    line: Line, y: float, right: float, open_curves: dict[str, bool], *, chinese: bool, first_number: int = 1
) -> str:
    """A line whose digits stand on the baseline y.

    right: where the line ends; open_curves: which curves (``"tie"``, ``"slur"``) come over from the
    line before, changed to those that go on into the next; chinese: the language of section names;
    first_number: of the first bar as musicians count, 0 for a pick-up.
    """
    out: list[str] = []
    for bar, following in zip(line.bars, [*line.bars[1:], None]):
        out.append(f'<g class="measure" data-bar="{bar.bar.bar.index + first_number}">')
        out += [_sign(placed, y) for placed in bar.signs]
        out += _underlines(bar.signs, y)
        out += _triplets(bar.signs, y)
        out += _bar_lines(bar, y, before_repeat=following is not None and following.bar.opens)
        out.append("</g>")
    out += _curves(line, y, right, open_curves)
    row = y - line.above - 130
    if line.has_chords:
        for bar in line.bars:
            out += [text(_pretty(name), x - HALF, row, CHORD, name="harm") for x, name in bar.chords]
        row -= _CHORD_ROW
    if line.has_endings:
        out += _endings(line, row + (_CHORD_ROW - 640 if line.has_chords else -180))
        row -= _ENDING_ROW
    if line.has_marks:
        out += _marks(line, row + (60 if line.has_chords else 0), chinese)
    for bar in line.bars:
        out += [_meter(change.meter, x, y) for x, change in bar.changes if change.meter is not None]
    out += _words(line, y + line.below + 160 + WORD * 0.7)
    return "".join(out)


def _sign(placed: Placed, y: float) -> str:
    sign, x = placed.sign, placed.x
    if sign.degree == DASH:
        return _bar(x - HALF, y - 200, x + HALF, y - 155)
    identity = f' id="n{sign.note_id}t{sign.start}" data-note="{sign.note_id}"' if sign.note_id else ""
    identity += f' data-tick="{sign.start}"'
    out = [f'<g class="{"note" if sign.degree else "rest"}"{identity}>']
    out.append(text(str(sign.degree), x, y, DIGIT, anchor="middle"))
    if sign.accidental:
        mark = {"#": "♯", "b": "♭", "n": "♮"}[sign.accidental]
        out.append(text(mark, x - HALF - 5, y - 150, DIGIT * 0.72, anchor="end"))
    for index in range(sign.dots):
        out.append(_dot(x + HALF + 75 + 115 * index, y - 130, _DOT))
    for index in range(max(sign.octave, 0)):
        out.append(_dot(x, y - TOP - 95 - DOT_STEP * index, _DOT))
    for index in range(max(-sign.octave, 0)):
        low = FIRST_LINE + LINE_STEP * (sign.lines - 1) if sign.lines else 40.0
        out.append(_dot(x, y + low + 85 + DOT_STEP * index, _DOT))
    out.append("</g>")
    return "".join(out)


def _underlines(signs: list[Placed], y: float) -> list[str]:
    """The lines under the digits of a beat, joined."""
    out = []
    for _, run in groupby(signs, key=lambda placed: placed.sign.group):
        members = list(run)
        for level in range(1, 5):
            for has, part in groupby(members, key=lambda placed: placed.sign.lines >= level):
                if has:
                    joined = list(part)
                    top = y + FIRST_LINE + LINE_STEP * (level - 1) - 18
                    out.append(_bar(joined[0].x - HALF - 15, top, _right(joined[-1]) + 15, top + 36))
    return out


def _right(placed: Placed) -> float:
    return placed.x + HALF + (115.0 * placed.sign.dots if placed.sign.dots else 0.0)


def _triplets(signs: list[Placed], y: float) -> list[str]:
    out = []
    for cell, run in groupby(signs, key=lambda placed: placed.sign.triplet):
        if cell is None:
            continue
        members = list(run)
        top = y - max(_top(p.sign) for p in members) - 110
        if any(p.sign.tied or p.sign.slur_start or p.sign.slur_stop for p in members):
            top -= 300
        left, right = members[0].x - 110, members[-1].x + 110
        middle = (left + right) / 2
        out.append(text("3", middle, top + 20, 300, anchor="middle", italic=True))
        for first, last in ((left, middle - 120), (middle + 120, right)):
            outer, inner = (first, last) if first == left else (last, first)
            out.append(
                f'<path d="M{outer:.0f} {top + 70:.0f}Q{outer + (inner - outer) * 0.25:.0f} {top - 80:.0f} '
                f'{inner:.0f} {top - 80:.0f}" fill="none" stroke="#000000" stroke-width="26"/>'
            )
    return out


def _top(sign: Sign) -> float:
    return TOP + DOT_STEP * max(sign.octave, 0)


def _bar_lines(bar: LaidBar, y: float, before_repeat: bool) -> list[str]:
    """The line at the end of a bar, and the repeat sign at its start; before a repeat that sign is enough."""
    out = []
    top, bottom = y - TOP - 60, y + 110
    first = bar.signs[0].x
    if bar.bar.opens:
        left = bar.left
        out.append(_bar(left, top, left + 80, bottom))
        out.append(_bar(left + 130, top, left + 155, bottom))
        out += [_dot(left + 240, at, 38) for at in (y - 270, y - 60)]
    right = max(bar.left + bar.width, first)
    if bar.bar.closes or bar.bar.line == "final":
        out.append(_bar(right - 80, top, right, bottom))
        out.append(_bar(right - 155, top, right - 130, bottom))
        if bar.bar.closes:
            out += [_dot(right - 240, at, 38) for at in (y - 270, y - 60)]
        if bar.bar.closes and bar.bar.times > 2:
            out.append(text(f"×{bar.bar.times}", right, top - 90, 300, anchor="end"))
    elif before_repeat:
        pass
    elif bar.bar.line == "double":
        out.append(_bar(right - 25, top, right, bottom))
        out.append(_bar(right - 115, top, right - 90, bottom))
    else:
        out.append(_bar(right - 25, top, right, bottom))
    return out


def _curves(line: Line, y: float, right: float, open_curves: dict[str, bool]) -> list[str]:
    """Ties and curves over notes on one syllable; those that cross the line's end are drawn in two halves."""
    out = []
    notes = [placed for placed in line.signs if placed.sign.degree > 0]
    starts: dict[str, Callable[[Sign], bool]] = {"tie": lambda s: s.tied, "slur": lambda s: s.slur_start}
    left_edge = line.bars[0].left
    for kind, starting in starts.items():
        begun: list[Placed] = []
        going = open_curves.get(kind, False)
        high = 0.0
        for placed in notes:
            high = max(high, _top(placed.sign))
            ends = going and (kind == "tie" or placed.sign.slur_stop)
            if ends:
                from_x = begun[0].x + 40 if begun else max(left_edge + 40, placed.x - 420)
                raised = 130 if kind == "slur" and _tie_inside(notes, begun, placed) else 0
                out.append(_curve(from_x, placed.x - 40, y - high - 50 - raised, begun == []))
                going, begun = False, []
            if starting(placed.sign):
                going, begun, high = True, [placed], _top(placed.sign)
        if going:
            from_x = begun[0].x + 40 if begun else left_edge + 40
            out.append(_curve(from_x, max(right - 60, from_x + 300), y - high - 50, False, open_end=True))
        open_curves[kind] = going
    return out


def _tie_inside(notes: list[Placed], begun: list[Placed], last: Placed) -> bool:
    first = begun[0].x if begun else 0.0
    return any(first <= placed.x < last.x and placed.sign.tied for placed in notes)


def _curve(x1: float, x2: float, y: float, open_start: bool, open_end: bool = False) -> str:
    """A bow from x1 to x2, thick in its middle; an open end stays high."""
    rise = min(110 + (x2 - x1) * 0.06, 210)
    a, b = x1 + (x2 - x1) * 0.22, x2 - (x2 - x1) * 0.22
    y1, y2 = y - (rise if open_start else 0), y - (rise if open_end else 0)
    top = y - rise * 1.25
    return (
        f'<path d="M{x1:.0f} {y1:.0f}C{a:.0f} {top:.0f} {b:.0f} {top:.0f} {x2:.0f} {y2:.0f}'
        f'C{b:.0f} {top + 38:.0f} {a:.0f} {top + 38:.0f} {x1:.0f} {y1:.0f}Z" fill="#000000"/>'
    )


def _endings(line: Line, y: float) -> list[str]:
    """Brackets over first and second endings."""
    out = []
    for bar in line.bars:
        if not bar.bar.ending:
            continue
        left, right = bar.left + 40, bar.left + bar.width - 60
        out.append(_bar(left, y, right, y + 25))
        if bar.bar.ending_start:
            out.append(_bar(left, y, left + 25, y + 270))
            out.append(text(" ".join(f"{n}." for n in bar.bar.ending), left + 90, y + 260, 290))
        if bar.bar.ending_stop and bar.bar.closes:
            out.append(_bar(right - 25, y, right, y + 270))
    return out


def _marks(line: Line, y: float, chinese: bool) -> list[str]:
    """Section names, and changes of key and tempo, one after the other."""
    out = []
    free = -1e9
    for bar in line.bars:
        letter, kind = bar.bar.label
        marks = [(change.tick, x - HALF, _change(change, bar)) for x, change in bar.changes if change.meter is None]
        name = section_name(Section(0, 0, letter, kind), chinese)
        if name:
            x = max(bar.left, free)
            width = text_width(name, bold=True) * MARK
            out.append(
                f'<rect x="{x:.0f}" y="{y - MARK * 0.95:.0f}" width="{width + 160:.0f}" height="{MARK * 1.3:.0f}" '
                f'fill="none" stroke="#000000" stroke-width="22"/>'
            )
            out.append(text(name, x + 80, y, MARK, bold=True, name="reh"))
            free = x + width + 360
        for _, x, words in marks:
            x = max(x, free)
            out.append(text(words, x, y, MARK))
            free = x + text_width(words) * MARK + 250
    return out


def _change(change: Change, bar: LaidBar) -> str:
    if change.key is not None:
        return f"1={_pretty_do(do_name(change.key))}"
    return tempo_mark(change.bpm or 120.0, (bar.bar.bar.numerator, bar.bar.bar.denominator))


def tempo_mark(bpm: float, meter: tuple[int, int]) -> str:
    """The tempo with a note of the music font."""
    dotted = is_compound(*meter)
    return f"{_NOTE}{'.' if dotted else ''} = {bpm / (1.5 if dotted else 1.0):.0f}"


def _pretty_do(name: str) -> str:
    return name.replace("b", "♭", 1).replace("#", "♯") if len(name) > 1 else name


def key_mark(name: str) -> str:
    """``1=♭E`` for ``bE``."""
    return f"1={_pretty_do(name)}"


def _pretty(symbol: str) -> str:
    """A chord symbol with real accidentals."""
    return symbol[0] + symbol[1:].replace("b", "♭").replace("#", "♯")


def _meter(meter: tuple[int, int], x: float, y: float) -> str:
    """A time signature: one number over the other."""
    size = 400
    width = max(text_width(str(number)) for number in meter) * size
    return (
        text(str(meter[0]), x, y - 215, size, anchor="middle")
        + _bar(x - width / 2 - 30, y - 180, x + width / 2 + 30, y - 156)
        + text(str(meter[1]), x, y + 130, size, anchor="middle")
    )


meter_mark = _meter


def _words(line: Line, y: float) -> list[str]:
    """The rows of words, with hyphens between the syllables of a word."""
    out = []
    for row, verse in enumerate(line.verses):
        base = y + WORD_STEP * row
        sung = [(placed.x, word) for placed in line.signs for word in placed.sign.words if word.verse == verse]
        if len(line.verses) > 1:
            out.append(text(f"{verse}.", -130, base, WORD * 0.85, anchor="end"))
        for index, (x, word) in enumerate(sung):
            before, middle, after = core(word.text)
            half = text_width(middle) * WORD / 2
            out.append(text(word.text, x - half - text_width(before) * WORD, base, WORD, name="syl"))
            if word.goes_on:
                end = x + half + text_width(after) * WORD
                following = sung[index + 1] if index + 1 < len(sung) else None
                if following is not None:
                    start = following[0] - text_width(core(following[1].text)[1]) * WORD / 2
                    at = (end + start) / 2
                else:
                    at = end + 150
                out.append(_bar(at - 60, base - 125, at + 60, base - 97))
    return out


def _bar(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<rect x="{x1:.0f}" y="{y1:.0f}" width="{x2 - x1:.0f}" height="{y2 - y1:.0f}" fill="#000000"/>'


def _dot(x: float, y: float, radius: float) -> str:
    return f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{radius:.0f}" ry="{radius:.0f}" fill="#000000"/>'
