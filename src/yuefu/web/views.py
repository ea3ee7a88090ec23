"""What is computed from a version: its document, views as JSON, pages; made once and kept by the version's hash."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from yuefu.errors import LimitError
from yuefu.web.errors import WebError
from yuefu.web.services import Services

if TYPE_CHECKING:
    from yuefu.store.pieces import Version
    from yuefu.workflows.documents import Document

MEDIA_TYPES = {
    "midi": "audio/midi", "musicxml": "application/vnd.recordare.musicxml+xml", "abc": "text/vnd.abc",
    "json": "application/json", "wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg",
    "pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png", "roll": "image/png",
    "zip": "application/zip", "lrc": "text/plain", "words.lrc": "text/plain", "jianpu.txt": "text/plain",
}  # fmt: skip
AUDIO = ("wav", "flac", "mp3", "ogg")
#: Formats that are made while a browser waits, beside those that ``workflows.exporting`` calls quick.
AT_ONCE = ("roll",)
#: Most notes that are engraved while a browser waits; larger pieces are exported as PDF by a job.
MAX_ENGRAVED = 20_000


def formats() -> dict[str, str]:
    """Format -> the name of its file."""
    from yuefu.workflows.compose import FORMATS

    return {**FORMATS, "zip": "song.zip"}


def check_format(fmt: str) -> str:
    """A format that there is. Raises WebError 404."""
    known = formats()
    if fmt not in known:
        raise WebError(404, "format_unknown", kind="NotFoundError", name=fmt[:20], known=", ".join(known))
    return fmt


def needs(fmt: str) -> Literal["render", "export"] | None:
    """The kind of job that makes a format, None for one that comes at once."""
    from yuefu.workflows.exporting import QUICK

    if fmt in AUDIO:
        return "render"
    return None if fmt in (*QUICK, *AT_ONCE) else "export"


def document_of(services: Services, version: Version) -> Document:
    """A version's document."""
    from yuefu.workflows.documents import Document

    return services.documents.get(  # type: ignore[no-any-return]
        version.document, lambda: Document.from_bytes(services.store.pieces.document(version))
    )


def view(services: Services, version: Version, name: str, make: Callable[[Document], Any], extra: str = "") -> bytes:
    """A view as JSON bytes. extra: what it depends on beside the version, such as a language."""

    def made() -> bytes:
        with services.turns.turn():
            return as_json(make(document_of(services, version)))

    return services.views.get((version.document, name, extra), made)


def pages(services: Services, version: Version, kind: str) -> list[str]:
    """Pages as SVG. kind: ``score`` or ``jianpu``. Raises LimitError for what would take minutes."""
    from yuefu.workflows.views import jianpu_pages_of, score_pages

    def made() -> list[str]:
        with services.engraving.turn():
            document = document_of(services, version)
            if document.score.note_count > MAX_ENGRAVED:
                raise LimitError(
                    f"the piece has {document.score.note_count:,} notes, more than the {MAX_ENGRAVED:,} that are "
                    "engraved in a page: export it as PDF."
                )
            return (jianpu_pages_of if kind == "jianpu" else score_pages)(document)

    return services.pages.get((version.document, kind), made)


def exported(services: Services, version: Version, fmt: str) -> tuple[str, bytes]:
    """A quick format: a file's name and its bytes; several files come as a zip."""
    from yuefu.workflows.documents import export

    def made() -> bytes:
        with services.turns.turn():
            files = export(document_of(services, version), fmt)
        if len(files) == 1:
            ((name, data),) = files.items()
            return json.dumps(name).encode() + b"\n" + data
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name), data)
        return json.dumps(f"{fmt}.zip").encode() + b"\n" + packed.getvalue()

    name, _, data = services.views.get((version.document, "file", fmt), made).partition(b"\n")
    return json.loads(name), data


def as_json(value: Any) -> bytes:
    """JSON bytes; numpy's numbers are numbers."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode(
        "utf-8", "replace"
    )


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
