"""The data set HetRec 2011 Last.fm 2k: how often listeners played artists, and how they tagged them.

It tells how often, not when: plays are taken to be of the day on which the set was made, and ``Found.timed`` is False.
A tag is a comment on an artist, on its day. The data set is for research, not for commerce.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from yuefu.errors import FormatError, InputError, LimitError
from yuefu.listening.event import Event
from yuefu.listening.item import Music, music_of
from yuefu.listening.readers.found import Found, number_of

NAMES = ("artists.dat", "user_artists.dat", "tags.dat", "user_taggedartists.dat")
#: When the set was made.
MADE = datetime(2011, 5, 1, tzinfo=UTC)
MAX_BYTES = 64 * 2**20
MOST_TAGS = 20
_SOURCE = "hetrec"


def read_hetrec(folder: Path) -> Found:
    """The events of a folder with the set's files; those of tags may be missing. Raises FormatError for another one."""
    contents = {}
    for name in NAMES:
        path = folder / name
        if path.is_file():
            if path.stat().st_size > MAX_BYTES:
                raise LimitError(f"'{path}' is larger than the {MAX_BYTES // 2**20} MB accepted.")
            contents[name] = path.read_bytes()
    return read_contents(contents, str(folder))


def read_contents(contents: Mapping[str, bytes], where: str = "the folder") -> Found:
    """The same of the files' contents."""
    for name in NAMES[:2]:
        if name not in contents:
            raise FormatError(f"{where} has no {name}: give the folder of HetRec 2011 Last.fm, or a file.")
    found = Found("hetrec", timed=False)
    artists = _artists(contents["artists.dat"], found)
    tags = {row[0]: row[1] for row in _rows(contents.get("tags.dat", b""), 2, found)}
    tagged = list(_tagged(contents.get("user_taggedartists.dat", b""), found))
    by_artist: dict[str, dict[str, int]] = {}
    for _, artist, tag, _ in tagged:
        if tag in tags:
            counts = by_artist.setdefault(artist, {})
            counts[tags[tag]] = counts.get(tags[tag], 0) + 1
    for key, counts in by_artist.items():
        if key in artists:
            most = sorted(counts, key=lambda text: (-counts[text], text))[:MOST_TAGS]
            known = artists[key]
            artists[key] = Music(known.id, known.kind, known.title, known.creator, tuple(most))
    for listener, key, weight in _rows(contents["user_artists.dat"], 3, found):
        often = number_of(weight)
        if key not in artists or often is None:
            found.skip("an artist or a number that isn't known", f"{listener} {key} {weight}")
            continue
        found.add(Event(listener, artists[key].id, "repeat", MADE, value=often, source=_SOURCE), artists[key])
    for listener, key, tag, moment in tagged:
        if key in artists and tag in tags:
            event = Event(listener, artists[key].id, "comment", moment, text=tags[tag], source=_SOURCE)
            found.add(event, artists[key])
    if not found.events:
        raise FormatError(f"{where} holds no play that can be read: get HetRec 2011 Last.fm again.")
    return found


def _artists(data: bytes, found: Found) -> dict[str, Music]:
    artists = {}
    for key, name in _rows(data, 2, found):
        try:
            artists[key] = music_of(name)
        except InputError as error:
            found.skip(str(error).partition(":")[0], f"{key} {name}")
    return artists


def _tagged(data: bytes, found: Found) -> Iterator[tuple[str, str, str, datetime]]:
    for listener, artist, tag, day, month, year in _rows(data, 6, found):
        try:
            yield listener, artist, tag, datetime(int(year), int(month), int(day), tzinfo=UTC)
        except (ValueError, OverflowError):
            found.skip("a day that isn't one", f"{day} {month} {year}")


def _rows(data: bytes, width: int, found: Found) -> Iterator[list[str]]:
    """Lines of fields between tabs, without the headers. The original's letters are partly Latin-1."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    for number, line in enumerate(text.split("\n")):
        cells = [cell.strip()[:1000] for cell in line.split("\t")]
        if number == 0 or not line.strip():
            continue
        if len(cells) < width:
            found.skip("too few fields", line[:100])
            continue
        yield cells[:width]
