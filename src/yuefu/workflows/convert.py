"""Score files from one format to another: notation, MIDI, sound, pages and piano rolls, by extension."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yuefu.audio.files import AUDIO_FORMATS
from yuefu.errors import FormatError, InputError, UnknownNameError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.files import FORMATS, atomic_write, read_score, write_score
from yuefu.score.model import Score
from yuefu.workflows.render import check_place, render

PAGE_FORMATS = (".pdf", ".svg", ".png")


def target_kind(path: Path | str) -> str:
    """What an output file is by its extension: ``"score"``, ``"sound"`` or ``"page"``.

    Raises UnknownNameError, with all extensions, for any other.

    >>> target_kind("a.mxl"), target_kind("a.mp3"), target_kind("a.PDF")
    ('score', 'sound', 'page')
    """
    name = Path(path).name.lower()
    if any(name.endswith(extension) for extension in FORMATS):
        return "score"
    extension = Path(name).suffix
    if extension in AUDIO_FORMATS:
        return "sound"
    if extension in PAGE_FORMATS:
        return "page"
    raise UnknownNameError("output format", extension or name, [*FORMATS, *AUDIO_FORMATS, *PAGE_FORMATS])


def convert(
    source: Path | str, target: Path | str, *, roll: bool = False, progress: Listener = ignore
) -> tuple[Path, ...]:
    """Convert a score file; returns the files written.

    roll: draw ``.svg`` and ``.png`` as a piano roll instead of engraved pages. Pages as ``.svg`` and
    ``.png`` are a file each: ``song.png``, ``song-2.png`` ... Each file is whole or absent. Raises
    UnknownNameError for an extension that can't be written, InputError for a source that isn't a
    score, OutputError when the target can't be written.
    """
    source, target = Path(source), Path(target)
    kind = target_kind(target)
    check_place(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise InputError(f"'{source}' can't be converted onto itself: name another output file.")
    if roll and target.suffix.lower() not in (".svg", ".png"):
        raise InputError(f"a piano roll is drawn as .svg or .png, not as '{target.suffix}': change the extension.")
    if kind == "sound":
        return (render(source, target, progress=progress),)
    score = read_score(source)
    if kind == "score":
        write_score(score, target)
        return (target,)
    return write_roll(score, target) if roll else write_pages(score, target, progress)


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
        path = target if number == 1 else target.with_stem(f"{target.stem}-{number}")
        atomic_write(path, page)
        written.append(path)
        progress(Progress("pages", number, len(pages)))
    return tuple(written)
