"""Compressed MusicXML (``.mxl``): a zip archive whose ``META-INF/container.xml`` names the score.

Archives come from strangers, so every size is bounded before anything is expanded: the archive,
its number of members, the expanded score and the ratio between the two.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from yuefu.errors import FormatError, LimitError
from yuefu.score.musicxml_tree import MAX_XML_BYTES, parse_xml

#: Most members that an archive may have (real ones have two, plus pictures).
MAX_MEMBERS = 500
#: Highest ratio of expanded to compressed size; real scores stay below 60.
MAX_RATIO = 250
#: Below this expanded size no ratio is suspicious.
RATIO_FLOOR_BYTES = 2_000_000
_CONTAINER = "META-INF/container.xml"
_CONTAINER_BYTES = 100_000


def is_zip(data: bytes) -> bool:
    """Whether the bytes start as a zip archive does."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def unpack_mxl(data: bytes) -> bytes:
    """The score's XML inside an MXL archive.

    Raises FormatError when the archive is damaged or holds no score, LimitError when it is
    larger or more tightly packed than any real score.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise LimitError(
                    f"this MXL archive has {len(members)} members: at most {MAX_MEMBERS} are read, "
                    "so save it again with the score alone."
                )
            return _read_member(archive, _score_name(archive), MAX_XML_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise FormatError(
            f"this MXL archive is damaged or locked ({error!s:.80}): save it again, or as plain MusicXML."
        ) from error
    except (UnicodeDecodeError, ValueError, KeyError, IndexError) as error:
        if isinstance(error, FormatError | LimitError):
            raise
        raise FormatError("this MXL archive's table of contents is damaged: save it again.") from error


def pack_mxl(xml: bytes) -> bytes:
    """An MXL archive that holds a score's XML; the same XML gives the same bytes."""
    container = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<container><rootfiles><rootfile full-path="score.musicxml" '
        'media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>\n'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        members = (
            ("mimetype", b"application/vnd.recordare.musicxml", zipfile.ZIP_STORED),
            (_CONTAINER, container.encode(), zipfile.ZIP_DEFLATED),
            ("score.musicxml", xml, zipfile.ZIP_DEFLATED),
        )
        for name, content, method in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, content)
    return buffer.getvalue()


def _score_name(archive: zipfile.ZipFile) -> str:
    """The member that holds the score: the container's first root file, else the first XML."""
    names = archive.namelist()
    if _CONTAINER in names:
        try:
            entries = list(parse_xml(_read_member(archive, _CONTAINER, _CONTAINER_BYTES)).iter("{*}rootfile"))
        except FormatError:  # some programs don't escape quotes in the name; then the first XML is taken
            entries = []
        for element in entries:
            path = element.get("full-path") or ""
            media = element.get("media-type") or "xml"
            if path in names and "xml" in media:
                return path
    for name in names:
        if name.lower().endswith((".musicxml", ".xml")) and not name.startswith(("META-INF/", "__MACOSX/")):
            return name
    raise FormatError("this MXL archive holds no score: its container names no MusicXML file that is there.")


def _read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    info = archive.getinfo(name)
    packed = max(info.compress_size, 1)
    if info.file_size > limit or (info.file_size > RATIO_FLOOR_BYTES and info.file_size > packed * MAX_RATIO):
        raise _too_large(limit)
    with archive.open(info) as member:
        content = member.read(limit + 1)  # the table of contents may lie about the size
    if len(content) > limit:
        raise _too_large(limit)
    return content


def _too_large(limit: int) -> LimitError:
    return LimitError(
        f"this MXL archive expands to more than a score needs: at most {limit // 1000:,} kB "
        f"and {MAX_RATIO} times its packed size are read, so split the piece."
    )
