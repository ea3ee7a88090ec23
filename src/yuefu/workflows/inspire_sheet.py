"""Ideas as a sheet of cards: rolls with their chords, where they came from, and whether that is free; SVG and PNG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yuefu.inspire.idea import Idea
from yuefu.inspire.making import WORDS
from yuefu.page.lettering import svg_text
from yuefu.theory.meter import parse_meter
from yuefu.workflows.inspire_cards import card

PAPER, CARD, INK, FAINT, HAIRLINE = "#F7F3EA", "#FFFDF7", "#2A2622", "#8C8272", "#DDD4C2"
#: Inks of the rows.
INKS = {
    "melody": "#B83A26", "counter": "#8C5573", "inner": "#76628A", "bass": "#2F5D73", "keys": "#5F7A52",
    "pad": "#7C7A3A", "drums": "#37415C",
}  # fmt: skip
WIDTH, HEIGHT, GAP, COLUMNS = 470.0, 250.0, 20.0, 2
_PAD, _ROLL_TOP, _ROLL = 16.0, 62.0, 112.0


def sheet_svg(ideas: Sequence[Idea], language: str = "en") -> str:
    """A picture of ideas, two cards in a row."""
    rows = -(-len(ideas) // COLUMNS) or 1
    width = COLUMNS * WIDTH + (COLUMNS + 1) * GAP
    height = rows * HEIGHT + (rows + 1) * GAP
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
           f'viewBox="0 0 {width:g} {height:g}">', f'<rect width="100%" height="100%" fill="{PAPER}"/>']  # fmt: skip
    for place, idea in enumerate(ideas):
        row, column = divmod(place, COLUMNS)
        x, y = GAP + column * (WIDTH + GAP), GAP + row * (HEIGHT + GAP)
        out.append(f'<g transform="translate({x:g} {y:g})">' + "".join(_card(idea, place + 1, language)) + "</g>")
    return "".join([*out, "</svg>"])


def sheet_png(ideas: Sequence[Idea], language: str = "en") -> bytes:
    """The same as PNG."""
    import resvg_py

    svg = sheet_svg(ideas, language)
    width = COLUMNS * WIDTH + (COLUMNS + 1) * GAP
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, background=PAPER, skip_system_fonts=True, width=int(width)))


def _card(idea: Idea, number: int, language: str) -> list[str]:
    told = card(idea, language, playback=False)
    out = [f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" rx="8" fill="{CARD}" stroke="{HAIRLINE}"/>']
    out.append(svg_text(f"{number}  {_cut(told['title'], 40)}", _PAD, 28, 17, bold=True, fill=INK))
    if idea.kind in WORDS:
        lines = idea.text.splitlines() if idea.kind == "lyric" else []
        out[-1] = svg_text(f"{number}  {told['kind_name']}", _PAD, 28, 17, bold=True, fill=INK)
        if idea.kind == "title":
            out.append(svg_text(_cut(idea.text, 34), WIDTH / 2, 122, 24, italic=True, anchor="middle", fill=INK))
        for place, line in enumerate(lines[:6]):
            out.append(svg_text(_cut(line, 52), _PAD + 8, 78 + 28 * place, 17, italic=language == "en", fill=INK))
    else:
        tempo = f"{idea.tempo:g}"
        facts = f"{told['kind_name']} · {idea.key} · {idea.meter} · {tempo}"
        heard = int(told["facts"].get("heard", 0))
        if heard > 1:
            facts += f" · ×{heard}"
        out.append(svg_text(facts, _PAD, 48, 12.5, fill=FAINT))
        out += _roll(idea, told["roll"])
    out.append(svg_text(_cut(told["source"]["sentence"], 70), _PAD, HEIGHT - 28, 12, fill=FAINT))
    out.append(svg_text(_cut(told["free_sentence"], 70), _PAD, HEIGHT - 12, 12, fill=FAINT))
    return out


def _roll(idea: Idea, roll: dict[str, Any]) -> list[str]:
    """Notes over time, chords above them, bar lines."""
    numerator, denominator = parse_meter(idea.meter)
    bar = numerator * 4 / denominator
    wide = WIDTH - 2 * _PAD
    scale = wide / max(roll["quarters"], 1e-6)
    top, bottom = _ROLL_TOP + 18, _ROLL_TOP + 18 + _ROLL
    out = []
    for index in range(round(roll["quarters"] / bar) + 1):
        x = _PAD + index * bar * scale
        out.append(f'<line x1="{x:.1f}" y1="{top:g}" x2="{x:.1f}" y2="{bottom:g}" stroke="{HAIRLINE}"/>')
    last = -100.0
    for start, _, roman, _ in idea.chords:
        x = _PAD + start * scale
        if x - last >= 34:
            out.append(svg_text(roman, x, _ROLL_TOP + 11, 12.5, bold=True, fill=INK))
            last = x
    pitched = [note for note in roll["notes"] if note[0] != "drums"]
    sounds = sorted({note[3] for note in roll["notes"] if note[0] == "drums"})
    lanes = min(len(sounds) * 14.0, _ROLL if not pitched else _ROLL * 0.35)
    low, high = roll["low"], roll["high"]
    room = bottom - top - (lanes + 6 if sounds and pitched else 0)
    step = min(room / max(high - low + 1, 8), 9.0)
    lift = (room - step * (high - low + 1)) / 2
    for row, start, length, pitch in pitched:
        y = top + lift + (high - pitch) * step
        out.append(
            f'<rect x="{_PAD + start * scale:.1f}" y="{y:.1f}" width="{max(length * scale - 1, 2):.1f}" '
            f'height="{max(step - 0.8, 2):.1f}" rx="1" fill="{INKS[row]}"/>'
        )
    lane = lanes / max(len(sounds), 1)
    base = bottom - lanes if pitched else (top + bottom - lanes) / 2
    for row, start, _, pitch in roll["notes"]:
        if row == "drums":
            y = base + lane * (len(sounds) - 1 - sounds.index(pitch))
            out.append(
                f'<rect x="{_PAD + start * scale:.1f}" y="{y:.1f}" width="5" height="{max(lane - 1.5, 2):.1f}" '
                f'fill="{INKS["drums"]}"/>'
            )
    return out


def _cut(text: str, most: int) -> str:
    """A text that fits; a Chinese character takes two places."""
    room = 0
    for place, char in enumerate(text):
        room += 2 if ord(char) > 0x2E80 else 1
        if room > most:
            return text[: max(place - 1, 1)].rstrip() + "…"
    return text
