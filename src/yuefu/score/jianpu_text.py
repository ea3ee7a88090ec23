"""Numbered notation as plain text, for any editor and any message.

    江南
    词：佚名

    1=D 4/4 ♩=95

    [A 主歌]
    c:  D                           G            A
        5. 6_ 1' 2' | 3' - -~ 3'_ (5'_ | 6'_) 0_ 3[5_ #4_ 5_] 6 - |]
    w:  江 南 可 采    莲            莲           叶   何  田   田

- ``1=D``: the key signature; the sixth degree is the tonic of a minor key, which stands in brackets
  after it. A number after the letter (``1=D3``) is the octave of a plain 1 where it isn't the usual
  one (A3 to G sharp 4).
- ``1``-``7`` notes, ``0`` rest; before it ``#``, ``b`` or ``n`` (natural), which hold for the bar;
  after it ``'`` an octave up, ``,`` an octave down, ``_`` a line (half as long), ``.`` a dot.
- ``-`` goes on for another quarter. ``~`` ties to the next digit; ``(`` ``)`` notes on one syllable;
  ``3[`` ``]`` three in the time of two.
- ``|`` bar, ``||`` end of a section, ``|]`` end; ``|:`` ``:|`` repeat (``:|x3`` three times),
  ``<1>`` ``<2>`` its endings.
  ``3/4``, ``1=G`` and ``♩=80`` inside a line: a change.
- ``c:`` chord symbols, each over what sounds as it begins; ``w:`` words, one for each new note that
  isn't inside a curve, ``-`` where a word goes on, ``*`` for none; ``w2:`` the second verse.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from yuefu.score.jianpu_signs import DASH, Change, Jianpu, JianpuBar, Sign, is_compound, usual_do
from yuefu.score.model import Section
from yuefu.score.section_names import section_name
from yuefu.theory.key import Key
from yuefu.theory.pitch import name_of

_WIDTH = 96
_MOST_BARS = 4


@dataclass(slots=True)
class _Cell:
    """What stands in one column: a sign or a bar line, a chord over it, words by verse under it."""

    token: str
    chord: str = ""
    words: dict[int, str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        return max(_columns(text) for text in (self.token, self.chord, *self.words.values())) + 1


def jianpu_text(sheet: Jianpu) -> str:
    """A sheet as text in the form that this module's head describes; ``read_jianpu`` reads it back."""
    chinese = is_chinese(sheet)
    out = [sheet.title or ("无题" if chinese else "Untitled")]
    for name, who in ((("词", "Words"), sheet.lyricist), (("曲", "Music"), sheet.composer)):
        if who:
            out.append(f"{name[0]}：{who}" if chinese else f"{name[1]}: {who}")
    minor = f" ({sheet.key.name})" if sheet.key.mode == "minor" else ""
    octave = "" if sheet.octave is None else str(sheet.octave)
    facts = (
        f"1={do_name(sheet.key)}{octave} {sheet.meter[0]}/{sheet.meter[1]} {tempo_text(sheet.bpm, sheet.meter)}{minor}"
    )
    out += ["", facts]
    state: dict[str, bool] = {}
    for line in _lines(sheet):
        letter, kind = line[0].label
        if letter or kind:
            out += ["", f"[{section_name(Section(0, 0, letter, kind), chinese)}]"]
        else:
            out.append("")
        out += _line_text(line, sheet, state)
    return "\n".join(out) + "\n"


def do_name(key: Key) -> str:
    """The name of 1, its sign before the letter as Chinese scores have it: ``"bE"``.

    >>> do_name(Key(-3)), do_name(Key(0, "minor")), do_name(Key(6))
    ('bE', 'C', '#F')
    """
    name = name_of(usual_do(key) % 12, key.fifths)
    return name[1:] + name[0]


def tempo_text(bpm: float, meter: tuple[int, int]) -> str:
    """The tempo by its beat.

    >>> tempo_text(90, (4, 4)), tempo_text(90, (6, 8)), tempo_text(92.5, (3, 4))
    ('♩=90', '♩.=60', '♩=92.5')
    """
    if is_compound(*meter):
        return f"♩.={_number(bpm / 1.5)}"
    return f"♩={_number(bpm)}"


def is_chinese(sheet: Jianpu) -> bool:
    """Whether the piece speaks Chinese: its title, its people, its words."""
    words = [sheet.title, sheet.composer, sheet.lyricist]
    words += [word.text for bar in sheet.bars for sign in bar.signs for word in sign.words]
    return any("\u2e80" <= char <= "\u9fff" for text in words for char in text)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _lines(sheet: Jianpu) -> list[list[JianpuBar]]:
    """The bars by lines of text: sections begin their own, and none gets too long."""
    lines: list[list[JianpuBar]] = []
    width = full = 0
    for bar in sheet.bars:
        cells = sum(cell.width for cell in _cells(bar, sheet, {}))
        begins = any(bar.label)
        if not lines or begins or full >= _MOST_BARS or width + cells > _WIDTH:
            lines.append([])
            width = full = 0
        lines[-1].append(bar)
        width += cells
        full += 0 if bar.bar.index == 0 and len(sheet.bars) > 1 and _is_short(bar) else 1
    return lines


def _is_short(bar: JianpuBar) -> bool:
    return bar.bar.duration < bar.bar.numerator * 96 // bar.bar.denominator


def _line_text(line: Sequence[JianpuBar], sheet: Jianpu, state: dict[str, bool]) -> list[str]:
    """The rows of one line: chords, digits, words. state: see ``_cells``."""
    cells = [_Cell("|:")] if line[0].opens else []
    for index, bar in enumerate(line):
        cells += _cells(bar, sheet, state)
        following = line[index + 1] if index + 1 < len(line) else None
        opens = following is not None and following.opens
        sign = {"single": "|", "double": "||", "final": "|]"}[bar.line]
        if bar.closes and bar.times > 2:
            cells += [_Cell(f":|x{bar.times}"), *([_Cell("|:")] if opens else [])]
        else:
            cells.append(_Cell((":|:" if opens else ":|") if bar.closes else "|:" if opens else sign))
    rows = {"": [cell.token for cell in cells], "c:": [cell.chord for cell in cells]}
    for verse in sheet.verses:
        if any(cell.words.get(verse, "*") != "*" for cell in cells):
            rows["w:" if verse == 1 else f"w{verse}:"] = [cell.words.get(verse, "") for cell in cells]
    out: list[str] = []
    for prefix in ("c:", "", *(name for name in rows if name.startswith("w"))):
        if not any(rows[prefix]):
            continue
        text = prefix + " " * (4 - len(prefix))
        for cell, part in zip(cells, rows[prefix]):
            text += part + " " * (cell.width - _columns(part))
        out.append(text.rstrip())
    return out


def _cells(bar: JianpuBar, sheet: Jianpu, state: dict[str, bool]) -> list[_Cell]:
    """The columns of a bar, without its bar line. state: whether a tie or a curve is open."""
    cells: list[_Cell] = []
    if bar.ending_start:
        cells.append(_Cell("<" + ",".join(map(str, bar.ending)) + ">"))
    changes, chords = list(bar.changes), list(bar.chords)
    for index, sign in enumerate(bar.signs):
        while changes and changes[0].tick <= sign.start:
            cells.append(_Cell(_change_text(changes.pop(0), bar, sheet)))
        following = bar.signs[index + 1] if index + 1 < len(bar.signs) else None
        before = bar.signs[index - 1] if index else None
        opens = sign.triplet is not None and (before is None or before.triplet != sign.triplet)
        closes = sign.triplet is not None and (following is None or following.triplet != sign.triplet)
        cell = _Cell(("3[" if opens else "") + sign_text(sign) + ("]" if closes else ""))
        while chords and chords[0][0] < sign.start + sign.duration:
            cell.chord = chords.pop(0)[1]
        if sign.degree > 0 and not state.get("tied") and not state.get("curve"):
            said = {word.verse: word.text for word in sign.words}
            hyphens = {word.verse: "-" if word.goes_on else "" for word in sign.words}
            for verse in sheet.verses:
                cell.words[verse] = _word(said[verse]) + hyphens[verse] if verse in said else "*"
        if sign.degree > 0:
            state["tied"] = sign.tied
            state["curve"] = (state.get("curve", False) or sign.slur_start) and not sign.slur_stop
        cells.append(cell)
    return cells


def sign_text(sign: Sign) -> str:
    """A sign as text, its triplet left out.

    >>> sign_text(Sign(0, 18, 5, octave=1, accidental="#", lines=1, dots=1, tied=True)), sign_text(Sign(0, 24, DASH))
    ("#5'_.~", '-')
    """
    if sign.degree == DASH:
        return "-"
    marks = "'" * sign.octave if sign.octave > 0 else "," * -sign.octave
    text = f"{sign.accidental}{sign.degree}{marks}{'_' * sign.lines}{'.' * sign.dots}{'~' * sign.tied}"
    return "(" * sign.slur_start + text + ")" * sign.slur_stop


def _change_text(change: Change, bar: JianpuBar, sheet: Jianpu) -> str:
    if change.key is not None:
        minor = f"({change.key.name.replace(' ', '_')})" if change.key.mode == "minor" else ""
        return f"1={do_name(change.key)}{minor}"
    if change.meter is not None:
        return f"{change.meter[0]}/{change.meter[1]}"
    return tempo_text(change.bpm or 120.0, (bar.bar.numerator, bar.bar.denominator))


def _word(text: str) -> str:
    return text.rstrip("-").replace(" ", "~") or "*"


def _columns(text: str) -> int:
    """Columns that a text takes where Chinese characters are two wide."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
