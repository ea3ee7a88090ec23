"""The singing sheet to read, in English or Chinese."""

from __future__ import annotations

from yuefu.analysis.singing.sheet import SingingSheet

#: Rule -> its name in both languages.
NAMES = {
    "tones": ("tones", "字调"), "stress": ("stress", "重音"), "keywords": ("keywords", "重点字"),
    "breath": ("breath", "气口"), "repeats": ("repeats", "同音"), "ending": ("line ends", "句尾"),
    "pace": ("pace", "语速"), "leaps": ("leaps", "跳进"), "melismas": ("melismas", "拖腔"),
}  # fmt: skip


def sheet_text(sheet: SingingSheet, language: str = "en") -> str:
    """The whole's scores, then each line's with what is wrong in it. language: ``"en"`` or ``"zh"``."""
    zh = language == "zh"
    told = [f"{NAMES[name][zh]} {value:.2f}" for name, value in sheet.checks.items()]
    told.append(f"{'音区' if zh else 'tessitura'} {sheet.tessitura:.2f}")
    if sheet.kinship is not None:
        told.append(f"{'段间呼应' if zh else 'kinship of sections'} {sheet.kinship:.2f}")
    head, colon, comma = ("可唱性", "：", "，") if zh else ("Singability", ": ", ", ")
    lines = [f"{head} {sheet.score:.2f}{colon}{comma.join(told)}"]
    for number, each in enumerate(sheet.lines, 1):
        verse = f" ({'第' if zh else 'verse '}{each.line.verse}{'段' if zh else ''})" if each.line.verse > 1 else ""
        lines.append(f"{number:3} {each.score:.2f} {each.line.text}{verse}")
        for verdict in each.checks.values():
            for place, en, chinese in verdict.faults:
                lines.append(f"         {each.line.syllables[place].read.text}: {chinese if zh else en}")
    return "\n".join(lines)
