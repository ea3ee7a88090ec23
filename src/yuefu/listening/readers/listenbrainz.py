"""ListenBrainz: its export as a zip, and listens and feedback as JSON or JSON lines."""

from __future__ import annotations

from typing import Any

from yuefu.errors import FormatError, InputError
from yuefu.listening.event import Event
from yuefu.listening.item import Music, music_of
from yuefu.listening.readers.archive import members_of
from yuefu.listening.readers.found import Found, moment_of, number_of
from yuefu.listening.readers.json_values import BrokenValue, decoded, text_in, values_of, walk

_SOURCE = "listenbrainz"
_FEEDBACK = {1: "like", -1: "dislike"}
_IDS = ("recording_msid", "recording_mbid")


def read_listenbrainz(data: bytes, *, listener: str = "", name: str = "the file") -> Found:
    """Listens, and what was loved or hated. A listen's length is told where the export knows it; feedback names a
    recording by its id, and counts where a listen says what that is. Raises FormatError when there is neither.
    """
    found = Found("listenbrainz")
    recordings: dict[str, Music] = {}
    later: list[dict[str, Any]] = []
    for part, inside in _parts(data, name):
        for value in values_of(decoded(inside, part)):
            if isinstance(value, BrokenValue):
                found.skip("broken JSON", value.text)
                continue
            for each in walk(value):
                if "listened_at" in each:
                    _listen(each, recordings, found, listener)
                elif "score" in each and ("created" in each or "timestamp" in each):
                    later.append(each)
    for each in later:
        _feedback(each, recordings, found, listener)
    if not found.events and not found.unreadable:
        raise FormatError(f"{name} holds no listen of ListenBrainz: give its export, or leave --format out.")
    return found


def _parts(data: bytes, name: str) -> list[tuple[str, bytes]]:
    if data[:4] != b"PK\x03\x04":
        return [(name, data)]
    return members_of(data, (".json", ".jsonl"), name)


def _listen(value: dict[str, Any], recordings: dict[str, Music], found: Found, listener: str) -> None:
    about, more = _metadata(value), {}
    if isinstance(about.get("additional_info"), dict):
        more = about["additional_info"]
    try:
        seconds = _seconds(more)
        music = music_of(text_in(about, "artist_name"), text_in(about, "track_name"), seconds=seconds)
        moment = moment_of(value.get("listened_at"))
    except InputError as error:
        found.skip(str(error).partition(":")[0], f"{text_in(about, 'track_name')} {text_in(value, 'listened_at')}")
        return
    for where in (value, about, more, about.get("mbid_mapping")):
        for key in _IDS:
            if key_id := text_in(where, key):
                recordings.setdefault(key_id, music)
    device = text_in(more, "media_player") or text_in(more, "submission_client")
    found.add(Event(listener, music.id, "play", moment, device=device[:40], source=_SOURCE), music)


def _feedback(value: dict[str, Any], recordings: dict[str, Music], found: Found, listener: str) -> None:
    score = number_of(value.get("score"))
    if score == 0:  # taken back
        return
    kind = _FEEDBACK.get(int(score)) if score is not None else None
    music = next((recordings[text_in(value, key)] for key in _IDS if text_in(value, key) in recordings), None)
    try:
        if music is None:
            about = _metadata(value)
            music = music_of(text_in(about, "artist_name"), text_in(about, "track_name"))
        moment = moment_of(value.get("created") or value.get("timestamp"))
    except InputError as error:
        found.skip(str(error).partition(":")[0], text_in(value, _IDS[0]) or text_in(value, _IDS[1]))
        return
    if kind is None:
        found.skip("an opinion that isn't 1 or -1", text_in(value, "score"))
        return
    found.add(Event(listener, music.id, kind, moment, source=_SOURCE), music)


def _metadata(value: dict[str, Any]) -> dict[str, Any]:
    about = value.get("track_metadata")
    return about if isinstance(about, dict) else {}


def _seconds(more: dict[str, Any]) -> float | None:
    milliseconds = number_of(more.get("duration_ms"))
    found = milliseconds / 1000 if milliseconds is not None else number_of(more.get("duration"))
    return found if found is not None and 1 <= found < 86_400 else None
