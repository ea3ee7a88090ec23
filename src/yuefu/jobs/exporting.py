"""The job ``export``: a version in a format, in all of them at once, or everything that one has."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from yuefu.errors import YuefuError
from yuefu.jobs.context import Context, Finished
from yuefu.jobs.rendering import MEDIA_TYPES as SOUND
from yuefu.jobs.requests import BUNDLE, ExportRequest
from yuefu.progress import Progress

if TYPE_CHECKING:
    from yuefu.store.pieces import Piece, Version
    from yuefu.workflows.documents import Document

MEDIA_TYPES = {
    **SOUND, "midi": "audio/midi", "musicxml": "application/vnd.recordare.musicxml+xml", "abc": "text/vnd.abc",
    "json": "application/json", "pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png",
    "roll": "image/png", "lrc": "text/plain", "words.lrc": "text/plain", "jianpu.txt": "text/plain",
}  # fmt: skip
ZIP = "application/zip"
#: What each piece of a library comes as: to be read elsewhere, and to be imported here again.
LIBRARY = ("midi", "musicxml", "json")
_DATE = (2000, 1, 1, 0, 0, 0)


def export(context: Context, request: ExportRequest) -> Finished:
    """A file, kept by the version; the library's by the job."""
    if request.piece is None:
        return _library(context)
    from yuefu.workflows.documents import Document

    store = context.store
    piece = store.pieces.get(context.account_id, request.piece)
    version = store.pieces.version(context.account_id, piece.id, request.version or piece.head)
    result = {"piece": piece.id, "version": version.number, "format": request.format}
    kept = store.pieces.file(piece.id, version.number, request.format)
    if kept is not None and request.format != BUNDLE and store.blobs.has(kept.digest):
        return Finished(lambda: result)
    document = Document.from_bytes(store.pieces.document(version))
    name, media_type, data = _file(context, document, request)
    digest = store.blobs.put(data)

    def work() -> dict[str, Any]:
        store.pieces.get(context.account_id, piece.id)  # still there, still theirs
        store.pieces.keep_file(piece.id, version.number, request.format, digest, name, media_type)
        return result

    return Finished(work)


def _file(context: Context, document: Document, request: ExportRequest) -> tuple[str, str, bytes]:
    """A file's name, type and bytes; several files come as a zip."""
    from yuefu.workflows.documents import export as export_document

    if request.format == BUNDLE:
        return "song.zip", ZIP, _zipped(_everything(context, document, request.all))
    context.progress(Progress("files", 0, 1, request.format))
    files = export_document(document, request.format, context.progress)
    if len(files) > 1:
        return f"{request.format}.zip", ZIP, _zipped(iter(files.items()))
    ((name, data),) = files.items()
    return name, MEDIA_TYPES.get(request.format, "application/octet-stream"), data


def _everything(context: Context, document: Document, all_sounds: bool) -> Iterator[tuple[str, bytes]]:
    """Every file that can be made of a document; karaoke of a piece without words can't."""
    from yuefu.audio.files import audio_bytes
    from yuefu.audio.render import render_score
    from yuefu.workflows.compose import AUDIO, FORMATS, SAMPLE_RATE
    from yuefu.workflows.documents import export as export_document

    plain = [fmt for fmt in FORMATS if fmt not in AUDIO]
    sounds = AUDIO if all_sounds else ("mp3",)
    total = len(plain) + len(sounds)
    for number, fmt in enumerate(plain):
        context.progress(Progress("files", number, total, FORMATS[fmt]))
        try:
            files = export_document(document, fmt)
        except YuefuError:
            continue
        yield from files.items()
    if document.report is not None:
        yield "report.json", (json.dumps(document.report, ensure_ascii=False, indent=1) + "\n").encode()
    if document.score.note_count:
        sound = render_score(document.score, document.performance(), SAMPLE_RATE, lambda _: context.check())
        for number, fmt in enumerate(sounds, start=len(plain)):
            context.progress(Progress("files", number, total, FORMATS[fmt]))
            name = FORMATS[fmt]
            yield name, audio_bytes(sound, SAMPLE_RATE, Path(name).suffix, {"title": document.score.title or "Yuefu"})
    context.progress(Progress("files", total, total))


def _library(context: Context) -> Finished:
    """All pieces that aren't in the trash, a folder each, with the sound that was made of them."""
    store = context.store
    pieces = list(_pieces(context))
    with tempfile.NamedTemporaryFile(dir=store.blobs.folder.parent, prefix=".export-", suffix=".zip") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, piece in enumerate(pieces):
                context.progress(Progress("files", number, len(pieces), piece.title))
                version = store.pieces.version(context.account_id, piece.id, piece.head)
                for name, data in _piece_files(context, piece, version):
                    _add(archive, f"{_folder(piece)}/{name}", data)
        file.flush()
        digest = store.blobs.put_file(Path(file.name))
        size = Path(file.name).stat().st_size
    context.progress(Progress("files", 1, 1))
    result = {"file": digest, "name": "yuefu.zip", "media_type": ZIP, "size": size, "pieces": len(pieces)}
    return Finished(lambda: result)


def _pieces(context: Context) -> Iterator[Piece]:
    after: str | None = None
    while True:
        found, after = context.store.pieces.list(context.account_id, sort="created", after=after, limit=200)
        yield from found
        if after is None:
            return


def _piece_files(context: Context, piece: Piece, version: Version) -> Iterator[tuple[str, bytes]]:
    from yuefu.workflows.documents import Document
    from yuefu.workflows.documents import export as export_document

    store = context.store
    document = Document.from_bytes(store.pieces.document(version))
    for fmt in LIBRARY:
        try:
            yield from export_document(document, fmt).items()
        except YuefuError:  # a piece without notes has no MIDI file
            continue
    about = {
        "title": piece.title, "words": piece.words, "tags": piece.tags, "liked": piece.liked, "facts": piece.facts,
        "created": piece.created.isoformat(), "updated": piece.updated.isoformat(), "report": document.report,
    }  # fmt: skip
    yield "about.json", (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()
    for kept in store.pieces.files(piece.id, version.number):
        if kept.fmt in SOUND and store.blobs.has(kept.digest):
            yield kept.name, store.blobs.get(kept.digest)


def _folder(piece: Piece) -> str:
    """A folder's name that no other piece has: the title, which may come again, and the end of the id."""
    from yuefu.workflows.folders import slug

    return f"{slug(piece.title)}-{piece.id[-6:]}"


def _zipped(files: Iterator[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            _add(archive, name, data)
    return packed.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes | IO[bytes]) -> None:
    """One file, with no time of its own, so that the same piece is the same zip."""
    info = zipfile.ZipInfo(name, _DATE)
    info.external_attr = 0o644 << 16
    packed = Path(name).suffix in (".mp3", ".ogg", ".flac", ".png", ".pdf")
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    archive.writestr(info, data if isinstance(data, bytes) else data.read())
