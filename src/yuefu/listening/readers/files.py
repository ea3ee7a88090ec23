"""A file or folder of listening, whatever its format."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from yuefu.errors import FormatError, InputError, LimitError, UnknownNameError
from yuefu.listening.readers.found import Found

FORMATS = ("auto", "csv", "lastfm", "listenbrainz", "hetrec")
MAX_BYTES = 512 * 2**20


def read_listening(path: Path | str, form: str = "auto", *, listener: str = "") -> Found:
    """What a file tells. listener: whose it is where the file doesn't say.

    csv: a table with headers in English or Chinese (artist, title, time, kind, rating, plays, user ...), or Last.fm's
    without any; lastfm: such a table, or JSON of user.getRecentTracks; listenbrainz: its export as zip, JSON or JSON
    lines; hetrec: the folder of the data set HetRec 2011 Last.fm. Raises InputError, FormatError for what can't be
    read, LimitError for what is too large.
    """
    if form not in FORMATS:
        raise UnknownNameError("format", form, FORMATS)
    path = Path(path)
    try:
        if path.is_dir():
            if form not in ("auto", "hetrec"):
                raise InputError(f"'{path}' is a folder: give a file, or leave --format out for a folder of HetRec.")
            from yuefu.listening.readers.hetrec import read_hetrec

            return read_hetrec(path)
        data = _bytes(path)
        undated = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"'{path}' can't be read ({reason}): check the name.") from error
    return read_bytes(data, form, listener=listener, name=path.name, undated=undated)


def read_bytes(
    data: bytes, form: str = "auto", *, listener: str = "", name: str = "the file", undated: datetime | None = None
) -> Found:
    """The same of a file's bytes. undated: the moment of everything in a table without times; None: now."""
    if data[:4] == b"PK\x03\x04":
        return _packed(data, form, listener, name)
    if form == "hetrec":
        raise InputError(f"{name} is a file: the data set HetRec is a folder with user_artists.dat in it, or its zip.")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    start = data[2:64].replace(b"\0", b"").lstrip() if wide else data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if form == "listenbrainz" or start[:1] in (b"{", b"["):
        from yuefu.listening.readers.lastfm import looks_like_lastfm, read_lastfm
        from yuefu.listening.readers.listenbrainz import read_listenbrainz

        if form == "csv":
            raise FormatError(f"{name} is JSON, not a table: leave --format out.")
        if form == "lastfm" or (form == "auto" and looks_like_lastfm(data)):
            return read_lastfm(data, listener=listener, name=name)
        return read_listenbrainz(data, listener=listener, name=name)
    from yuefu.listening.readers.table import read_table

    return read_table(data, listener=listener, name=name, undated=undated)


def _packed(data: bytes, form: str, listener: str, name: str) -> Found:
    """What lies in a zip: HetRec's tables, else ListenBrainz's JSON."""
    from yuefu.listening.readers.archive import members_of
    from yuefu.listening.readers.hetrec import NAMES, read_contents
    from yuefu.listening.readers.listenbrainz import read_listenbrainz

    if form in ("csv", "lastfm"):
        raise FormatError(f"{name} is a zip: unpack it, and give the file inside.")
    if form == "hetrec" or (form == "auto" and b"user_artists.dat" in data):
        inside = {member.rpartition("/")[2]: content for member, content in members_of(data, NAMES, name)}
        return read_contents(inside, name)
    return read_listenbrainz(data, listener=listener, name=name)


def _bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise LimitError(f"'{path}' has {size / 2**20:,.0f} MB, more than the {MAX_BYTES // 2**20} accepted: split it.")
    data = path.read_bytes()
    if not data.strip():
        raise FormatError(f"'{path}' is empty: give a file that tells of listening.")
    return data
