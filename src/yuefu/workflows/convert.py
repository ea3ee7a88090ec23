"""Score files from one format to another: notation, MIDI, sound, pages and piano rolls, by extension.

A word before the extension asks for what singers read: ``song.jianpu.pdf`` is numbered notation (简谱),
``song.leadsheet.pdf`` tune, words and chords.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yuefu.audio.files import AUDIO_FORMATS
from yuefu.errors import FormatError, InputError, UnknownNameError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.files import FORMATS, atomic_write, read_score, write_score
from yuefu.score.model import Score
from yuefu.workflows.render import check_place, render
from yuefu.workflows.singing import numbered, sheet_files, sheet_of

PAGE_FORMATS = (".pdf", ".svg", ".png")


def target_kind(path: Path | str) -> str:
    """What an output file is by its name: ``"score"``, ``"sound"``, ``"page"`` or ``"sheet"`` (for singers).

    Raises UnknownNameError, with all extensions, for any other.

    >>> target_kind("a.mxl"), target_kind("a.mp3"), target_kind("a.PDF"), target_kind("a.jianpu.pdf")
    ('score', 'sound', 'page', 'sheet')
    """
    name = Path(path).name.lower()
    if sheet_of(name):
        return "sheet"
    if any(f".{name}".endswith(extension) for extension in FORMATS):
        return "score"
    extension = Path(name).suffix
    if extension in AUDIO_FORMATS:
        return "sound"
    if extension in PAGE_FORMATS:
        return "page"
    raise UnknownNameError("output format", extension or name, [*FORMATS, *AUDIO_FORMATS, *PAGE_FORMATS])


def convert(
    source: Path | str,
    target: Path | str,
    *,
    roll: bool = False,
    sheet: str = "",
    part: str = "",
    progress: Listener = ignore,
) -> tuple[Path, ...]:
    """Convert a score file; returns the files written.

    roll: draw ``.svg`` and ``.png`` as a piano roll instead of engraved pages; sheet: ``"jianpu"`` or
    ``"leadsheet"``, "" to go by the target's name; part: whose notes such a sheet has, by name or
    role, else the sung part's. Pages as ``.svg`` and
    ``.png`` are a file each: ``song.png``, ``song-2.png`` ... Each file is whole or absent. Raises
    UnknownNameError for an extension that can't be written, InputError for a source that isn't a
    score, OutputError when the target can't be written.
    """
    source, target = Path(source), Path(target)
    sheet = sheet or sheet_of(target)
    kind = "sheet" if sheet else target_kind(target)
    check_place(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise InputError(f"'{source}' can't be converted onto itself: name another output file.")
    if roll and sheet:
        raise InputError("a piano roll and a sheet for singers are two pictures: ask for one of them.")
    if part and not sheet:
        raise InputError("a part is chosen for a lead sheet or numbered notation only: ask for one of these.")
    if roll and target.suffix.lower() not in (".svg", ".png"):
        raise InputError(f"a piano roll is drawn as .svg or .png, not as '{target.suffix}': change the extension.")
    if kind == "sound":
        return (render(source, target, progress=progress),)
    score = read_score(source)
    if kind == "sheet":
        return _write_sheet(score, target, sheet, part, progress)
    if kind == "score":
        write_score(score, target)
        return (target,)
    return write_roll(score, target) if roll else write_pages(score, target, progress)


def _write_sheet(score: Score, target: Path, sheet: str, part: str, progress: Listener) -> tuple[Path, ...]:
    """Write what singers read; all files are made before the first is written."""
    progress(Progress("pages", 0, 1))
    contents = sheet_files(score, sheet, target.suffix.lower(), part)
    written = tuple(numbered(target, number) for number in range(1, len(contents) + 1))
    for path, content in zip(written, contents):
        atomic_write(path, content)
    progress(Progress("pages", 1, 1))
    return written


def write_roll(score: Score, target: Path) -> tuple[Path, ...]:
    """Draw the piano roll as ``.svg`` or ``.png``."""
    from yuefu.page.roll import roll_png, roll_svg

    svg = target.suffix.lower() == ".svg"
    atomic_write(target, roll_svg(score).encode() if svg else roll_png(score))
    return (target,)


def write_pages(score: Score, target: Path, progress: Listener = ignore) -> tuple[Path, ...]:
    """Engrave a score as ``.pdf``, or as ``.svg`` or ``.png`` with a file a page."""
    from yuefu.page.engrave import engrave
    from yuefu.page.pdf import pdf_bytes
    from yuefu.page.png import png_bytes
    from yuefu.score.musicxml_write import musicxml_bytes

    if not score.note_count and not score.chords:
        raise FormatError("the score has no notes or chords to engrave: give a score with music.")
    progress(Progress("pages", 0, 1))
    engraving = engrave(musicxml_bytes(score))
    extension = target.suffix.lower()
    if extension == ".pdf":
        atomic_write(target, pdf_bytes(engraving.svgs, score.title, score.composer))
        progress(Progress("pages", 1, 1))
        return (target,)
    # All pages are drawn before the first is written, so that a failure leaves none.
    pages: Sequence[bytes] = [page.encode() if extension == ".svg" else png_bytes(page) for page in engraving.svgs]
    written = []
    for number, page in enumerate(pages, start=1):
        path = numbered(target, number)
        atomic_write(path, page)
        written.append(path)
        progress(Progress("pages", number, len(pages)))
    return tuple(written)
