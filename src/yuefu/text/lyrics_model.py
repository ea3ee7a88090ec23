"""A lyric as it is read: sections, lines, syllables and all that a setting wants to know of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from yuefu.text.rhymes import Rhyme, chinese_rhyme, english_rhyme, scheme

Break = Literal["", ",", "."]


@dataclass(frozen=True, slots=True)
class LyricSyllable:
    """One syllable to sing.

    syllabic: ``"single"``, ``"begin"``, ``"middle"`` or ``"end"`` of a word (a Chinese character is
    always single); tone: 1-5 in Chinese, else None; stress: 1 (primary), 2 (secondary) or 0 in English,
    else None; break_after: ``","`` a breath (a comma, a gap, a line end), ``"."`` the end of a
    sentence, else ``""``.

    pinyin: the reading with its tone ("huar1" with 儿); phones: ARPAbet in English; function: it belongs
    to a function word; keyword: to the word that its phrase leans on; breath: how much of a breath
    follows, 0 to 1; word: the index of its word in the line; glides: its vowel may be sung on two notes
    (fire, hour).
    """

    text: str
    syllabic: str = "single"
    tone: int | None = None
    stress: int | None = None
    break_after: Break = ""
    pinyin: str | None = None
    phones: tuple[str, ...] = ()
    function: bool = False
    keyword: bool = False
    breath: float = 0.0
    word: int = 0
    glides: bool = False


@dataclass(frozen=True, slots=True)
class LyricLine:
    """A line: the text as written and its syllables (at least one)."""

    text: str
    syllables: tuple[LyricSyllable, ...]

    @property
    def rhyme(self) -> Rhyme:
        """What the line rhymes by: its last syllables."""
        last = self.syllables[-1]
        if last.pinyin is not None or last.tone is not None:
            tail = self.syllables[-2:]
            return chinese_rhyme([s.text for s in tail], [s.pinyin or "" for s in tail])
        word = [s for s in self.syllables if s.word == last.word and s.stress is not None]
        return english_rhyme("".join(s.text for s in word), [s.phones for s in word], [s.stress or 0 for s in word])


@dataclass(frozen=True, slots=True)
class LyricSection:
    """A section. kind: ``"verse"``, ``"chorus"``, ``"bridge"`` ... as in forms; tag: as written, or ""."""

    kind: str
    lines: tuple[LyricLine, ...]
    tag: str = field(default="", compare=False)

    @property
    def rhyme_scheme(self) -> str:
        """A letter a line; lines that rhyme share one, a line without a rhyme has ``"x"``: ``"AABB"``, ``"xAxA"``."""
        return scheme([line.rhyme for line in self.lines])


@dataclass(frozen=True, slots=True)
class Lyrics:
    """A whole lyric. interludes: (index of the section that it comes before, kind) of sections tagged without words."""

    sections: tuple[LyricSection, ...] = field(default_factory=tuple)
    interludes: tuple[tuple[int, str], ...] = ()

    @property
    def lines(self) -> tuple[LyricLine, ...]:
        """All lines in order."""
        return tuple(line for section in self.sections for line in section.lines)

    @property
    def syllable_count(self) -> int:
        """Syllables in all lines."""
        return sum(len(line.syllables) for line in self.lines)
