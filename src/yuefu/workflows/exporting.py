"""A document in any format, as bytes: what ``Composition.save`` writes into a folder, for whoever has no folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from yuefu.errors import FormatError
from yuefu.progress import Listener, ignore
from yuefu.workflows.compose import AUDIO, FORMATS, SAMPLE_RATE, check_formats
from yuefu.workflows.singing import SINGING_FORMATS, check_words, numbered, singing_files

if TYPE_CHECKING:
    from yuefu.workflows.documents import Document

#: Formats that are made at once; the others take seconds.
QUICK = ("midi", "musicxml", "abc", "json", "jianpu.txt", "lrc", "words.lrc")


def export(document: Document, fmt: str, progress: Listener = ignore) -> dict[str, bytes]:
    """File name -> content of a document in one of ``compose.FORMATS`` (or an alias of one).

    Pages as pictures are a file each. Raises UnknownNameError for another format, FormatError for karaoke
    without words and for sound or pages without notes.
    """
    name = check_formats([fmt])[0]
    score = document.score
    check_words([name], any(part.syllables for part in score.parts))
    file = FORMATS[name]
    if name in SINGING_FORMATS:
        return singing_files(name, score, document.performance())
    if name in ("pdf", "svg", "png"):
        return _pages(document, name)
    if name in AUDIO:
        return {file: sound(document, Path(file).suffix, progress)}
    if name == "roll":
        from yuefu.page.roll import roll_png

        return {file: roll_png(score, document.performance())}
    return {file: _notation(document, name)}


def sound(document: Document, extension: str, progress: Listener = ignore) -> bytes:
    """The rendered mix as a sound file. extension: ``".wav"``, ``".flac"``, ``".mp3"`` or ``".ogg"``."""
    from yuefu.audio.files import audio_bytes
    from yuefu.audio.render import render_score

    score = document.score
    if not score.note_count:
        raise FormatError("the piece has no notes to play: write at least one.")
    audio = render_score(score, document.performance(), SAMPLE_RATE, progress)
    tags = {"title": score.title or "Yuefu"}
    if score.composer:
        tags["artist"] = score.composer
    return audio_bytes(audio, SAMPLE_RATE, extension, tags)


def _notation(document: Document, name: str) -> bytes:
    score = document.score
    if name == "midi":
        from yuefu.score.midi import midi_bytes

        return midi_bytes(score, document.performance())
    if name == "musicxml":
        from yuefu.score.musicxml_write import musicxml_bytes

        return musicxml_bytes(score)
    if name == "abc":
        from yuefu.score.abc_write import abc_text

        return abc_text(score).encode()
    from yuefu.score.files import score_to_json

    return score_to_json(score)


def _pages(document: Document, name: str) -> dict[str, bytes]:
    """PDF in one file; SVG and PNG one file a page."""
    from yuefu.page.engrave import engrave
    from yuefu.page.pdf import pdf_bytes
    from yuefu.page.png import png_bytes
    from yuefu.score.musicxml_write import musicxml_bytes

    score, file = document.score, Path(FORMATS[name])
    if not score.note_count and not score.chords:
        raise FormatError("the piece has no notes or chords to engrave: write at least one.")
    svgs = engrave(musicxml_bytes(score)).svgs
    if name == "pdf":
        return {file.name: pdf_bytes(svgs, score.title, score.composer)}
    pages = [svg.encode() if name == "svg" else png_bytes(svg) for svg in svgs]
    return {numbered(file, number).name: page for number, page in enumerate(pages, start=1)}
