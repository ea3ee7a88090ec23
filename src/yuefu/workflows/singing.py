"""What singers read: lead sheets, numbered notation (简谱) and karaoke files, from any score."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise
from math import ceil
from pathlib import Path

from yuefu.errors import FormatError, InputError, UnknownNameError
from yuefu.score.model import Score
from yuefu.score.performed import Performance
from yuefu.score.tune import lead_sheet
from yuefu.score.verses import folded_verses

#: Format name -> the file that it is written to in a composition's folder.
SINGING_FORMATS = {
    "leadsheet": "leadsheet.pdf", "jianpu": "jianpu.pdf", "jianpu.svg": "jianpu.svg", "jianpu.png": "jianpu.png",
    "jianpu.txt": "jianpu.txt", "lrc": "song.lrc", "words.lrc": "song.words.lrc",
}  # fmt: skip
#: Other names of these formats.
SINGING_ALIASES = {
    "lead-sheet": "leadsheet", "lead sheet": "leadsheet", "leadsheet.pdf": "leadsheet", "功能谱": "leadsheet",
    "简谱": "jianpu", "jianpu.pdf": "jianpu", "numbered": "jianpu", "karaoke": "words.lrc",
}  # fmt: skip
#: The word before the extension that asks for a kind of sheet: ``song.jianpu.pdf``.
_SHEETS = {
    "jianpu": "jianpu",
    "简谱": "jianpu",
    "leadsheet": "leadsheet",
    "lead-sheet": "leadsheet",
    "功能谱": "leadsheet",
}
#: Widths of a note in a line of a lead sheet.
_LINE_ROOM = 36.0
_EXTENSIONS = {
    "jianpu": (".pdf", ".svg", ".png", ".txt"),
    "leadsheet": (".pdf", ".svg", ".png", ".musicxml", ".mxl"),
}


def sheet_of(path: Path | str) -> str:
    """The kind of sheet that a file name asks for: ``"jianpu"``, ``"leadsheet"`` or ``""``.

    >>> sheet_of("song.jianpu.pdf"), sheet_of("leadsheet.musicxml"), sheet_of("jianpu.mid"), sheet_of("song.pdf")
    ('jianpu', 'leadsheet', '', '')
    """
    name = Path(path).name.lower()
    extension = Path(name).suffix
    words = name[: -len(extension)].rsplit(".", 1) if extension else [name]
    sheet = _SHEETS.get(words[-1], "")
    return sheet if sheet and extension in _EXTENSIONS[sheet] else ""


def sheet_files(score: Score, sheet: str, extension: str, part: str = "") -> list[bytes]:
    """The files of a sheet: one, or for ``.svg`` and ``.png`` one a page.

    sheet: ``"jianpu"`` or ``"leadsheet"``; part: whose notes, by name or role, else the sung part's.
    Raises UnknownNameError for an extension that the sheet can't have, and what ``sung_part`` raises.
    """
    if extension not in _EXTENSIONS[sheet]:
        raise UnknownNameError(f"{sheet} format", extension, _EXTENSIONS[sheet])
    reduced, repeats = folded_verses(_reduced(score, part))
    if sheet == "jianpu":
        from yuefu.page.jianpu_page import jianpu_pages
        from yuefu.score.jianpu import jianpu_of
        from yuefu.score.jianpu_text import jianpu_text

        notation = jianpu_of(reduced, repeats=repeats)
        if extension == ".txt":
            return [jianpu_text(notation).encode()]
        return _pages(jianpu_pages(notation), extension, score)
    from yuefu.score.musicxml_write import musicxml_bytes

    document = musicxml_bytes(reduced, repeats)
    if extension == ".mxl":
        from yuefu.score.mxl import pack_mxl

        return [pack_mxl(document)]
    if extension == ".musicxml":
        return [document]
    from yuefu.page.engrave import engrave

    return _pages(engrave(document, system_starts=_system_starts(reduced)).svgs, extension, score)


def _system_starts(score: Score) -> set[int]:
    """The bars that begin a line of a lead sheet: every section's first, and from there about every fourth."""
    bars = score.bars
    begins = {bar.index for bar in bars for s in score.sections if bar.start <= s.start < bar.end} | {0}
    room = _room(score)
    starts: set[int] = set()
    for first, stop in pairwise([*sorted(begins), len(bars)]):
        pickup = 1 if first == 0 and score.pickup and stop > 1 else 0
        count = stop - first - pickup
        lines = max(1, round(count / 4), ceil(sum(room[first:stop]) / _LINE_ROOM))
        starts |= {first} | {first + pickup + -(-count * line // lines) for line in range(1, min(lines, count))}
    if score.pickup and 1 in starts:  # an upbeat stands before its bar
        starts.discard(1)
    return starts


def _room(score: Score) -> list[float]:
    """About how much of a line each bar takes, in widths of a note."""
    words = {s.note_id: len(s.text) * (1.0 if s.text.isascii() else 2.2) for s in score.parts[0].syllables}
    starts = [bar.start for bar in score.bars]
    room = [0.0] * len(starts)
    for identity, start, _, _, _ in score.parts[0].notes.tolist():
        room[bisect_right(starts, start) - 1] += max(1.0, 0.3 * words.get(identity, 0.0))
    return [max(width, 3.0) + 1.0 for width in room]


def _pages(svgs: tuple[str, ...], extension: str, score: Score) -> list[bytes]:
    """Pages as one PDF, or as pictures."""
    if extension == ".pdf":
        from yuefu.page.pdf import pdf_bytes

        return [pdf_bytes(svgs, score.title, score.composer)]
    if extension == ".svg":
        return [svg.encode() for svg in svgs]
    from yuefu.page.png import png_bytes

    return [png_bytes(svg) for svg in svgs]


def _reduced(score: Score, part: str) -> Score:
    """The tune, its words and its chords; chords that nobody wrote down are found in the accompaniment."""
    reduced = lead_sheet(score, part)
    if score.chords or len([p for p in score.parts if len(p.notes) and not p.is_drums]) < 2:
        return reduced
    from yuefu.workflows.arrange import arrange

    try:
        found = arrange(score, "lead sheet").score
    except InputError:  # no tune for sure, or bars too long to analyse: a sheet without chords is right then
        return reduced
    return replace(reduced, chords=found.chords)


def singing_files(name: str, score: Score, performance: Performance | None = None) -> dict[str, bytes]:
    """File name -> content of one of ``SINGING_FORMATS``.

    performance: how the piece is played, for karaoke that fits its sound.
    """
    file = SINGING_FORMATS[name]
    if name.endswith("lrc"):
        from yuefu.score.lrc import lrc_text

        return {file: lrc_text(score, performance, words=name == "words.lrc").encode()}
    sheet, extension = Path(file).stem, Path(file).suffix
    contents = sheet_files(score, sheet, extension)
    files = {numbered(Path(file), number).name: content for number, content in enumerate(contents, start=1)}
    if name == "leadsheet":
        files["leadsheet.musicxml"] = sheet_files(score, sheet, ".musicxml")[0]
    return files


def numbered(path: Path, number: int) -> Path:
    """The name of a page's file: ``song.png``, ``song-2.png`` ...

    >>> numbered(Path("song.jianpu.png"), 2).name
    'song.jianpu-2.png'
    """
    return path if number == 1 else path.with_stem(f"{path.stem}-{number}")


def check_words(names: list[str], has_words: bool) -> None:
    """Raise FormatError, before any work, for karaoke of a piece without words."""
    for name in names:
        if name.endswith("lrc") and not has_words:
            raise FormatError(f"'{name}' is karaoke and needs words to sing: give the piece lyrics.")
