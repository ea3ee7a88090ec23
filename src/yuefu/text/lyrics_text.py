"""A read lyric for people and for other programs: sections, syllables a line, rhymes, stresses and tones."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from yuefu.text.lyrics_model import LyricLine, Lyrics, LyricSyllable

_MARKS = {"a": "āáǎà", "e": "ēéěè", "i": "īíǐì", "o": "ōóǒò", "u": "ūúǔù", "ü": "ǖǘǚǜ"}
_WIDTH = 96


def with_mark(pinyin: str) -> str:
    """Pinyin with its tone as a mark.

    >>> with_mark("lv4"), with_mark("xue3"), with_mark("gui1"), with_mark("de5"), with_mark("huar1")
    ('lǜ', 'xuě', 'guī', 'de', 'huār')
    """
    plain, tone = pinyin[:-1].replace("v", "ü"), pinyin[-1:]
    if tone not in "1234" or not tone:
        return plain
    vowels = [place for place, letter in enumerate(plain) if letter in _MARKS]
    if not vowels:
        return plain
    best = [place for place in vowels if plain[place] in "ae"] or [place for place in vowels if plain[place] == "o"]
    place = best[0] if best else vowels[-1]
    return plain[:place] + _MARKS[plain[place]][int(tone) - 1] + plain[place + 1 :]


def lyrics_dict(lyrics: Lyrics) -> dict[str, Any]:
    """A lyric as plain values for JSON."""
    return {
        "lines": len(lyrics.lines),
        "syllables": lyrics.syllable_count,
        "sections": [
            {
                "kind": section.kind,
                "tag": section.tag,
                "rhyme_scheme": section.rhyme_scheme,
                "lines": [_line_dict(line) for line in section.lines],
            }
            for section in lyrics.sections
        ],
        "interludes": [{"before": before, "kind": kind} for before, kind in lyrics.interludes],
    }


def _line_dict(line: LyricLine) -> dict[str, Any]:
    return {
        "text": line.text,
        "rhyme": line.rhyme.name,
        "syllables": [_syllable_dict(syllable) for syllable in line.syllables],
    }


def _syllable_dict(syllable: LyricSyllable) -> dict[str, Any]:
    own: dict[str, Any] = {"text": syllable.text, "syllabic": syllable.syllabic, "word": syllable.word}
    if syllable.stress is None:
        own |= {"pinyin": syllable.pinyin, "tone": syllable.tone}
    else:
        own |= {"stress": syllable.stress, "phones": " ".join(syllable.phones), "glides": syllable.glides}
    return own | {"function": syllable.function, "keyword": syllable.keyword, "breath": syllable.breath}


def lyrics_text(lyrics: Lyrics, language: str, name_of: Callable[[str], str]) -> str:
    """A lyric for a terminal: every line over its stresses (/ primary, \\ secondary, . none) or pinyin.

    language: "en" or "zh"; name_of: the name of a kind of section.
    """
    zh = language == "zh"
    sections, lines = len(lyrics.sections), len(lyrics.lines)
    head = (
        f"{sections} 段，{lines} 行，{lyrics.syllable_count} 个音节"
        if zh
        else f"{_many(sections, 'section')}, {_many(lines, 'line')}, {_many(lyrics.syllable_count, 'syllable')}"
    )
    rows = [head]
    for index, section in enumerate(lyrics.sections):
        rows += _played(lyrics, index, name_of)
        rows.append("")
        rhymes = section.rhyme_scheme
        title = name_of(section.kind)
        rows.append(f"{title}（韵脚 {rhymes}）" if zh else f"{title} (rhymes {rhymes})")
        for letter, line in zip(rhymes, section.lines):
            rows += _line_rows(letter, line)
    return "\n".join(rows + _played(lyrics, sections, name_of))


def _played(lyrics: Lyrics, index: int, name_of: Callable[[str], str]) -> list[str]:
    """Rows for what is played without words before a section."""
    return [row for before, kind in lyrics.interludes if before == index for row in ("", f"({name_of(kind)})")]


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _line_rows(letter: str, line: LyricLine) -> list[str]:
    """The words and what stands under them, broken where the terminal ends."""
    head = f"{letter} {len(line.syllables):3d}  "
    rows: list[str] = []
    above = below = ""
    for syllable in line.syllables:
        word, sign = _cell(syllable)
        wide = max(_columns(word), _columns(sign))
        if above and _columns(above) + wide > _WIDTH:
            rows += [above.rstrip(), below.rstrip()]
            above = below = ""
        above += word + " " * (wide - _columns(word))
        below += sign + " " * (wide - _columns(sign))
    rows += [above.rstrip(), below.rstrip()]
    indent = " " * len(head)
    return [head + rows[0], *(indent + row for row in rows[1:])]


def _cell(syllable: LyricSyllable) -> tuple[str, str]:
    """A syllable with what follows it, and its sign: a hyphen within a word, ˇ for a breath, ‖ for a full stop."""
    going_on = "-" if syllable.syllabic in ("begin", "middle") else " "
    breath = "‖ " if syllable.break_after == "." else "ˇ " if syllable.breath >= 0.4 else ""
    word = syllable.text + (" " + breath if breath else going_on)
    if syllable.stress is None:
        return word, (with_mark(syllable.pinyin) if syllable.pinyin else "?") + " "
    return word, "/\\."[(1, 2, 0).index(syllable.stress)] + " "


def _columns(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
