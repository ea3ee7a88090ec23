"""What the sections of a piece are called, in English and Chinese."""

from __future__ import annotations

from yuefu.score.model import Section

#: Kinds of section in Chinese.
SECTIONS_ZH = {
    "intro": "前奏",
    "verse": "主歌",
    "prechorus": "导歌",
    "pre-chorus": "导歌",
    "chorus": "副歌",
    "refrain": "副歌",
    "bridge": "桥段",
    "interlude": "间奏",
    "instrumental": "间奏",
    "solo": "独奏",
    "outro": "尾声",
    "coda": "尾声",
    "theme": "主题",
    "ending": "尾声",
}


def section_name(section: Section, chinese: bool = False) -> str:
    """A section's letter and kind.

    >>> section_name(Section(0, 96, "A'", "verse")), section_name(Section(0, 96, "B", "chorus"), chinese=True)
    ("A' verse", 'B 副歌')
    """
    kind = SECTIONS_ZH.get(section.kind, section.kind) if chinese else section.kind
    if kind.lower() == section.letter.lower():
        return section.letter
    return f"{section.letter} {kind}".strip()
