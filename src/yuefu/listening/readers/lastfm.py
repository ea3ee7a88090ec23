"""Last.fm as JSON: pages of user.getRecentTracks and user.getLovedTracks, as exporters keep them."""

from __future__ import annotations

from typing import Any

from yuefu.errors import FormatError, InputError
from yuefu.listening.event import Event
from yuefu.listening.item import music_of
from yuefu.listening.readers.found import Found, moment_of
from yuefu.listening.readers.json_values import BrokenValue, decoded, text_in, values_of, walk

_SOURCE = "lastfm"
_MARKS = (b'"recenttracks"', b'"lovedtracks"', b'"uts"', b'"nowplaying"')


def looks_like_lastfm(data: bytes) -> bool:
    """Whether JSON is Last.fm's, from how it begins."""
    start = data[:65_536]
    return any(mark in start for mark in _MARKS)


def read_lastfm(data: bytes, *, listener: str = "", name: str = "the file") -> Found:
    """The plays and loves of pages: {"recenttracks": {"track": [...]}}, a list of them, or tracks alone.

    What is playing right now has no time and isn't counted. A track marked as loved gives one like, at the time of the
    play that was read first. Raises FormatError when there is no track.
    """
    found = Found("lastfm")
    loved: set[str] = set()
    for value in values_of(decoded(data, name)):
        if isinstance(value, BrokenValue):
            found.skip("broken JSON", value.text)
            continue
        kinds: dict[int, str] = {}
        for each in walk(value):
            if isinstance(each.get("lovedtracks"), dict):
                kinds.update((id(track), "like") for track in walk(each["lovedtracks"]))
            if _is_track(each):
                _read(each, kinds.get(id(each), "play"), loved, found, listener)
    if not found.events and not found.unreadable:
        raise FormatError(f"{name} holds no track of Last.fm: give pages of user.getRecentTracks, or a table.")
    return found


def _is_track(value: dict[str, Any]) -> bool:
    return isinstance(value.get("name"), str) and "artist" in value and ("date" in value or "@attr" in value)


def _read(track: dict[str, Any], kind: str, loved: set[str], found: Found, listener: str) -> None:
    if text_in(track, "@attr", "nowplaying") == "true":
        return
    artist = text_in(track, "artist", "#text") or text_in(track, "artist", "name") or text_in(track, "artist")
    written = text_in(track, "date", "uts") or text_in(track, "date", "#text") or text_in(track, "date")
    try:
        music = music_of(artist, text_in(track, "name"))
        moment = moment_of(written)
    except InputError as error:
        found.skip(str(error).partition(":")[0], f"{artist} - {text_in(track, 'name')} {written}")
        return
    found.add(Event(listener, music.id, kind, moment, source=_SOURCE), music)
    if text_in(track, "loved") == "1" and kind == "play" and music.id not in loved:
        loved.add(music.id)
        found.add(Event(listener, music.id, "like", moment, source=_SOURCE))
