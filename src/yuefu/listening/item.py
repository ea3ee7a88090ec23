"""Names of what is listened to: one form for a piece, a track or an artist, however a source writes it."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from yuefu.errors import InputError

PIECE, TRACK, ARTIST = "piece:", "track:", "artist:"
#: Longer names are cut, and told apart by a digest of the whole.
MAX_ID = 300
_DIGEST = 16
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")


@dataclass(frozen=True, slots=True)
class Music:
    """What a source says of an item, as it was written there. seconds: its length, None where it isn't told."""

    id: str
    kind: str
    title: str
    creator: str = ""
    tags: tuple[str, ...] = ()
    seconds: float | None = None


def fold(text: str) -> str:
    """A name as it is compared: wide and narrow, large and small letters alike, single spaces, nothing invisible.

    >>> fold(" ＭＯＯＮ\\u200b  River\\n"), fold("Straße")
    ('moon river', 'strasse')
    """
    if text.isascii() and text.isprintable():  # most names: nothing to fold but case
        return " ".join(text.casefold().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    # Ends of lines are control characters: they part words before the rest of these is taken out.
    spaced = " ".join(folded.split())
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE).split())


def item_of(artist: str = "", title: str = "") -> str:
    """The item of a track, or of an artist when no title is given; "" when nothing that can be read is.

    >>> item_of("Nina Simone", "Feeling  Good"), item_of("NINA SIMONE"), item_of("", "Untitled"), item_of(" ")
    ('track:nina simone - feeling good', 'artist:nina simone', 'track:untitled', '')
    """
    who, what = fold(artist), fold(title)
    if what:
        return _cut(f"{TRACK}{who} - {what}" if who else f"{TRACK}{what}")
    return _cut(f"{ARTIST}{who}") if who else ""


@lru_cache(maxsize=50_000)  # who listens listens again, and a million events share what they are of
def music_of(artist: str = "", title: str = "", tags: tuple[str, ...] = (), *, seconds: float | None = None) -> Music:
    """A track, or an artist when no title is given. Raises InputError when neither can be read.

    >>> music_of("Nina Simone", "Feeling Good").id
    'track:nina simone - feeling good'
    """
    item = item_of(artist, title)
    if not item:
        raise InputError("neither an artist nor a title: say what was listened to.")
    who, what = " ".join(artist.split()), " ".join(title.split())
    return Music(item, kind_of(item), what or who, who, tags, seconds)


def piece_item(piece_id: str) -> str:
    """The item of a piece in the library.

    >>> piece_item("01jd0000000000000000000000")
    'piece:01jd0000000000000000000000'
    """
    return f"{PIECE}{piece_id}"


def kind_of(item: str) -> str:
    """ "piece", "track" or "artist"; "" for what is none of them.

    >>> kind_of("artist:nina simone"), kind_of("film:psycho"), kind_of("track:")
    ('artist', '', '')
    """
    for start in (PIECE, TRACK, ARTIST):
        if item.startswith(start) and len(item) > len(start):
            return start[:-1]
    return ""


def _cut(item: str) -> str:
    if len(item) <= MAX_ID:
        return item
    return f"{item[: MAX_ID - _DIGEST - 1]}~{hashlib.sha256(item.encode()).hexdigest()[:_DIGEST]}"
