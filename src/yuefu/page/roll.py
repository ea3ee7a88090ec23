"""The piano roll: who plays what and when, as a picture.

A lane for each part in a colour of its own (the melody in cinnabar), loudness as opacity; sections,
chord names and bar numbers along the top; words under the voice; drums as marks on named lines.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import FormatError, InputError
from yuefu.page.fonts import is_wide, text_width
from yuefu.page.lettering import svg_text
from yuefu.page.roll_layout import DRUM_LINE, LYRICS, MARGIN, NAMES, STRIP, Lane, Layout, Row, lay_out
from yuefu.page.roll_words import drum_name, section_name, subtitle
from yuefu.score.model import Score
from yuefu.score.performed import Performance, performed_notes

PAPER = "#F7F3EA"
INK = "#2A2622"
FAINT = "#8C8272"
HAIRLINE = "#DDD4C2"
CINNABAR = "#B83A26"
#: Colours by role: inks that sit quietly beside the cinnabar of the melody.
ROLE_COLOURS = {
    "melody": CINNABAR,
    "counter": "#2F5D73",
    "inner": "#5F7A52",
    "bass": "#37415C",
    "keys": "#8A6A3B",
    "pad": "#76628A",
    "drums": "#4A423A",
}
_MORE_COLOURS = ("#3F7A74", "#9A6B5B", "#586B8C", "#7C7A3A", "#8C5573", "#4F6F8F")
#: The drawing is laid out this wide and then scaled.
DESIGN_WIDTH = 1600.0
MAX_HEIGHT = 14_000.0
MAX_PIXELS = 8_000_000
MAX_NOTES = 300_000


def roll_png(score: Score, performance: Performance | None = None, width: int = 2400, language: str = "") -> bytes:
    """The piano roll as PNG.

    score: what to draw; performance: its played notes, for timing and loudness as heard; width: of
    the picture, 600 to 6000 pixels (the height follows from the piece; a picture over 8 million
    pixels or 14,000 pixels high is made smaller as a whole); language: ``"zh"`` or ``"en"`` for
    labels, "" to go by the piece's own words. The same input gives the same picture. Raises
    InputError for anything else.
    """
    import resvg_py

    svg, pixel_width, pixel_height = _draw(score, performance, width, language)
    zoom = min(1.0, MAX_HEIGHT / pixel_height, math.sqrt(MAX_PIXELS / (pixel_width * pixel_height)))
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=svg, background=PAPER, skip_system_fonts=True, width=round(pixel_width * zoom)
        )
    except ValueError as error:
        raise FormatError(f"the piano roll can't be drawn: {error!s:.120}.") from error
    return bytes(drawn)


def roll_svg(score: Score, performance: Performance | None = None, width: int = 2400, language: str = "") -> str:
    """The piano roll as a self-contained SVG (see ``roll_png``)."""
    return _draw(score, performance, width, language)[0]


def _draw(score: Score, performance: Performance | None, width: int, language: str) -> tuple[str, float, float]:
    if not isinstance(score, Score):
        raise InputError(f"a piano roll is drawn from a Score, but {type(score).__name__} came: read the file first.")
    if not 600 <= width <= 6000:
        raise InputError(f"a piano roll {width} pixels wide can't be drawn: give 600 to 6000.")
    if language not in ("", "en", "zh"):
        raise InputError(f"labels in '{language[:20]}' aren't known: give 'en', 'zh' or nothing.")
    if score.note_count > MAX_NOTES:
        raise InputError(f"{score.note_count:,} notes are too many for one picture: draw at most {MAX_NOTES:,}.")
    scaled = DESIGN_WIDTH
    layout = lay_out(score, scaled)
    chinese = language == "zh" or (not language and _is_chinese(score))
    out = [f'<rect x="0" y="0" width="{scaled:g}" height="{layout.height:.0f}" fill="{PAPER}"/>']
    out += _heading(score, layout, chinese)
    colours = _colours(layout)
    for row in layout.rows:
        out += _grid(score, layout, row, chinese)
        for lane, colour in zip(layout.lanes, colours):
            out += _lane_frame(layout, row, lane, colour, chinese)
    for lane, colour in zip(layout.lanes, colours):
        played = performance.notes.get(lane.part.id) if performance else None
        out += _notes(layout, lane, performed_notes(lane.part) if played is None else played, colour)
        if lane.sung:
            out += _words(layout, lane)
    height = layout.height
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height * width / scaled:.0f}" '
        f'viewBox="0 0 {scaled:g} {height:.0f}">'
    )
    return head + "".join(out) + "</svg>", float(width), height * width / scaled


def _is_chinese(score: Score) -> bool:
    words = [score.title, *(part.name for part in score.parts)]
    words += [syllable.text for part in score.parts for syllable in part.syllables[:8]]
    return any(is_wide(char) for text in words for char in text)


def _colours(layout: Layout) -> list[str]:
    """A colour a lane: the role's, then further ones when a role comes twice."""
    spare = list(_MORE_COLOURS)
    given: list[str] = []
    for lane in layout.lanes:
        colour = ROLE_COLOURS.get(lane.part.role, INK)
        if colour in given:
            colour = spare.pop(0) if spare else FAINT
        given.append(colour)
    return given


def _heading(score: Score, layout: Layout, chinese: bool) -> list[str]:
    """Title, a line of facts, and the seal."""
    left = MARGIN + NAMES
    title = score.title or ("无题" if chinese else "Untitled")
    room = layout.width - left - MARGIN - 120
    size = min(46.0, room / max(text_width(title), 0.1))
    out = [svg_text(title, left, MARGIN + 34, size, fill=INK)]
    out.append(svg_text(subtitle(score, chinese), left, MARGIN + 70, 20, fill=FAINT))
    x, y, side = layout.width - MARGIN - 50, MARGIN - 8, 50
    out.append(f'<rect x="{x:g}" y="{y:g}" width="{side}" height="{side}" rx="5" fill="{CINNABAR}"/>')
    for index, char in enumerate("乐府"):
        out.append(svg_text(char, x + side / 2, y + 22 + index * 21, 20, anchor="middle", fill=PAPER))
    return out


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = HAIRLINE, width: float = 1.0) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" stroke-width="{width:g}" fill="none"/>'


def _grid(score: Score, layout: Layout, row: Row, chinese: bool) -> list[str]:
    """Sections, chord names, bar lines and bar numbers of a row."""
    out: list[str] = []
    top, bottom = row.top, row.top + layout.row_height
    lanes_top = top + STRIP - 6
    right = layout.x(row, row.end)
    starts: list[str] = []
    for index, section in enumerate(score.sections):
        start, end = max(section.start, row.start), min(section.start + section.duration, row.end)
        if start >= end:
            continue
        x1, x2 = layout.x(row, start), layout.x(row, end)
        if index % 2 == 0:
            out.append(
                f'<rect x="{x1:.1f}" y="{lanes_top:.1f}" width="{x2 - x1:.1f}" height="{bottom - lanes_top:.1f}" '
                f'fill="{INK}" fill-opacity="0.028"/>'
            )
        begins = section.start >= row.start
        out.append(_line(x1 + (2 if begins else 0), top, x2 - 2, top, INK, 1.6))
        name = section_name(section, chinese)
        if begins and name and text_width(name, bold=True) * 17 < x2 - x1 - 6:
            out.append(svg_text(name, x1 + 3, top + 19, 17, bold=True, fill=INK))
            starts.append(_line(x1, top, x1, bottom, FAINT, 1.6))
    every = 1 if (right - layout.x(row, row.start)) / max(len(row.bars), 1) > 70 else 4
    for bar in row.bars:
        x = layout.x(row, bar.start)
        out.append(_line(x, lanes_top, x, bottom))
        number = bar.index + (0 if score.pickup else 1)
        if number and (bar is row.bars[0] or (number - 1) % every == 0):
            out.append(svg_text(str(number), x + 3, top + STRIP - 9, 11, italic=True, fill=FAINT))
    out += starts
    out.append(_line(right, lanes_top, right, bottom, INK if row is layout.rows[-1] else HAIRLINE))
    free = 0.0
    for span in score.chords:
        if row.start <= span.start < row.end:
            x = layout.x(row, span.start) + 3
            name = span.chord.symbol(score.key_at(span.start).fifths) if span.chord else "N.C."
            name = name[0] + name[1:].replace("b", "♭").replace("#", "♯")
            if x >= free:
                out.append(svg_text(name, x, top + 40, 16, fill=INK))
                free = x + text_width(name) * 16 + 5
    return out


def _lane_frame(layout: Layout, row: Row, lane: Lane, colour: str, chinese: bool) -> list[str]:
    """A lane's hairlines, octave lines and name."""
    left, right = layout.x(row, row.start), layout.x(row, row.end)
    top = row.top + lane.top
    out = [_line(left, top, right, top), _line(left, top + lane.height, right, top + lane.height)]
    name = lane.part.name or lane.part.role
    middle = top + lane.height / 2
    edge = left - (66 if lane.part.is_drums else 34)
    size = min(17.0, (edge - MARGIN * 0.35) / max(text_width(name), 0.1))
    out.append(svg_text(name, edge, middle + size * 0.33, size, anchor="end", fill=colour))
    if lane.part.is_drums:
        for index, pitch in enumerate(lane.pitches):
            y = row.top + lane.y(pitch)
            if index:
                out.append(_line(left, y + lane.step, right, y + lane.step, HAIRLINE, 0.5))
            label = drum_name(pitch, chinese)
            size = min(9.0, 56 / max(text_width(label), 0.1))
            out.append(svg_text(label, left - 5, y + lane.step / 2 + 3, size, anchor="end", fill=FAINT))
        return out
    for pitch in lane.pitches:
        if pitch % 12 == 0:
            y = row.top + lane.y(pitch) + lane.step
            out.append(_line(left, y, right, y, HAIRLINE, 0.6))
            if top + 6 < y < top + lane.height - 1 or lane.pitches[0] == pitch:
                out.append(svg_text(f"C{pitch // 12 - 1}", left - 5, y + 1, 9, anchor="end", fill=FAINT))
    return out


def _notes(layout: Layout, lane: Lane, notes: NDArray[np.void], colour: str) -> list[str]:
    """The notes of a part, in every row they reach into."""
    out: list[str] = []
    known = set(lane.pitches)
    drums = lane.part.is_drums
    thick = max(lane.step - 0.6, 2.6) if not drums else DRUM_LINE - 3.5
    columns = (notes[name].tolist() for name in ("start", "duration", "pitch", "velocity"))
    starts = [row.start for row in layout.rows]
    for start, duration, pitch, velocity in zip(*columns):
        if pitch not in known:
            continue
        see = 0.3 + 0.7 * min(max(velocity, 0), 127) / 127
        first = max(int(np.searchsorted(starts, start + 0.5, side="right")) - 1, 0)
        end = start + duration
        for row in layout.rows[first:]:
            if row.start >= end:
                break
            x1 = layout.x(row, max(start, row.start - 0.5))
            x2 = layout.x(row, min(end, row.end)) - 0.8
            y = row.top + lane.y(pitch) + (lane.step - thick) / 2
            wide = 5.5 if drums else max(x2 - x1, 1.8)
            out.append(
                f'<rect x="{x1:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{thick:.1f}" rx="1.3" '
                f'fill="{colour}" fill-opacity="{see:.2f}"/>'
            )
            if drums:
                break
    return out


def _words(layout: Layout, lane: Lane) -> list[str]:
    """The words of the first verse under a sung lane; where they would collide, every other one a step lower."""
    part = lane.part
    onsets = dict(zip(part.notes["id"].tolist(), part.notes["start"].tolist()))
    sung = sorted((onsets[s.note_id], s) for s in part.syllables if s.verse == 1 and s.note_id in onsets)
    out: list[str] = []
    for row in layout.rows:
        free = [0.0, 0.0]
        for tick, syllable in sung:
            if not row.start <= tick < row.end:
                continue
            text = syllable.text + ("-" if syllable.syllabic in ("begin", "middle") else "")
            size = 14.0 if any(is_wide(char) for char in text) else 12.5
            x = layout.x(row, tick)
            level = next((index for index in (0, 1) if x >= free[index]), None)
            if level is None:
                continue
            y = row.top + lane.top + lane.height + 13.5 + level * (LYRICS - 14)
            out.append(svg_text(text, x, y, size, fill=INK))
            free[level] = x + text_width(text) * size + 2.5
    return out
