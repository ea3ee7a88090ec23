"""Lyrics as they are typed, into sections, lines and sung syllables.

Sections are marked by tags (``[verse]``, ``【副歌】``, ``主歌：``) or parted by blank lines; a block
that returns is taken for the chorus. Chinese is sung one syllable a character, English by
syllables; numbers are read out.
"""

from __future__ import annotations

from yuefu.errors import InputError, LimitError
from yuefu.text.language import require_supported
from yuefu.text.lyrics_line import read_line
from yuefu.text.lyrics_model import Break, LyricLine, Lyrics, LyricSection, LyricSyllable
from yuefu.text.lyrics_sections import read_blocks

MAX_LINES = 500
MAX_LINE = 300

__all__ = [
    "MAX_LINE", "MAX_LINES", "Break", "LyricLine", "LyricSection", "LyricSyllable", "Lyrics", "check_lyrics",
    "parse_lyrics", "read_line",
]  # fmt: skip


def check_lyrics(text: str) -> None:
    """Raise InputError or LimitError when a lyric can't be set: too long, no words, another script."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise LimitError(f"the lyrics have {len(lines)} lines: use at most {MAX_LINES}.")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            raise LimitError(f"line {number} of the lyrics has {len(line)} characters: use at most {MAX_LINE} a line.")
    if not text.strip():
        raise InputError("the lyrics are empty: give at least one line of words in Chinese or English.")
    require_supported(text, "the lyrics")


def parse_lyrics(text: str, *, sandhi: bool = False, erhua: bool = True) -> Lyrics:
    """Read a lyric. Raises InputError (LimitError) with one sentence for one that can't be set.

    sandhi: tones of 一, 不 and third tones as spoken together; erhua: 花儿 in one syllable.

    >>> lyrics = parse_lyrics("[Verse]\\nHello, moon\\n[Chorus]\\n明月几时有")
    >>> [(section.kind, len(section.lines)) for section in lyrics.sections]
    [('verse', 1), ('chorus', 1)]
    >>> [(s.text, s.syllabic, s.break_after) for s in lyrics.lines[0].syllables]
    [('Hel', 'begin', ''), ('lo', 'end', ','), ('moon', 'single', ',')]
    >>> [s.tone for s in lyrics.lines[1].syllables]
    [2, 4, 3, 2, 3]
    """
    check_lyrics(text)
    sections: list[LyricSection] = []
    interludes: list[tuple[int, str]] = []
    earlier: dict[str, tuple[LyricLine, ...]] = {}
    total = 0
    for block in read_blocks(text):
        read = (read_line(written, sandhi=sandhi, erhua=erhua) for written in block.lines)
        lines = tuple(line for line in read if line is not None)
        if lines:
            earlier.setdefault(block.kind, lines)
        elif not (lines := earlier.get(block.kind, ())):  # a bare [Chorus] sings the chorus again
            interludes.append((len(sections), block.kind))
            continue
        total += len(lines) * block.times
        if total > MAX_LINES:
            raise LimitError(
                f"the lyrics have more than {MAX_LINES} lines with their repeats: use at most {MAX_LINES}."
            )
        sections += [LyricSection(block.kind, lines, block.tag)] * block.times
    if not sections:
        raise InputError("the lyrics hold no words to sing: give at least one line in Chinese or English.")
    return Lyrics(tuple(sections), tuple(interludes))
