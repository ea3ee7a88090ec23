"""What lies in a zip, within limits."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

from yuefu.errors import FormatError, LimitError

MAX_MEMBERS = 20_000
MAX_UNPACKED = 1024 * 2**20


def members_of(data: bytes, endings: Sequence[str], name: str = "the file") -> list[tuple[str, bytes]]:
    """The files of a zip whose names end so, in the order of their names.

    Raises FormatError for what is no zip or has none of them, LimitError for one that unpacks to too much: what it says
    of its sizes isn't believed.
    """
    found: list[tuple[str, bytes]] = []
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = archive.infolist()
            if len(inside) > MAX_MEMBERS:
                raise LimitError(f"{name} holds {len(inside):,} files, more than the {MAX_MEMBERS:,} accepted.")
            wanted = [
                each for each in inside if not each.is_dir() and each.filename.casefold().endswith(tuple(endings))
            ]
            for each in sorted(wanted, key=lambda each: each.filename):
                with archive.open(each) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise LimitError(f"{name} expands to more than the {MAX_UNPACKED // 2**20} MB accepted: split it.")
                found.append((each.filename, content))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError, ValueError) as error:
        if isinstance(error, LimitError):
            raise
        raise FormatError(f"{name} is a zip that can't be opened ({str(error)[:80]}): export it again.") from error
    if not found:
        raise FormatError(f"{name} is a zip without {' or '.join(endings)} in it: give an export of ListenBrainz.")
    return found
