"""Listening over the API: what was heard told, what comes next asked, with reasons; playlists, charts, tastes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from yuefu.client.records import Piece, _Record
from yuefu.client.transport import Transport

Json = dict[str, Any]
#: Events of one request.
AT_ONCE = 500


@dataclass(frozen=True)
class Told(_Record):
    """What became of events. dropped: of each that wasn't kept its ``index``, ``reason`` and ``message``; paused: so
    many weren't kept because the listener has paused."""

    kept: int
    repeated: int
    paused: int
    dropped: tuple[Json, ...]


@dataclass(frozen=True)
class Recommended(_Record):
    """An item to hear. why: a sentence; reasons: in words, with what each adds to the score; propensity: how likely it
    was at its place; token: of somebody else's shared piece; facts: seconds, tempo, key, energy, style as known."""

    item: str
    title: str
    creator: str
    piece_id: str | None
    token: str | None
    score: float
    why: str
    reasons: tuple[Json, ...]
    propensity: float
    impression: str
    explored: bool
    facts: Json


@dataclass(frozen=True)
class Playlist(_Record):
    """A playlist. id: None when it isn't kept; items: its pieces in order, each with ``item``, ``title``, ``seconds``,
    ``tempo``, ``key``, ``energy``; facts: minutes, smoothness, what is missing; notes: sentences about it."""

    id: str | None
    title: str
    words: str
    items: tuple[Json, ...]
    facts: Json
    notes: tuple[str, ...]

    @property
    def minutes(self) -> float:
        """How long it is."""
        return sum(float(each["seconds"]) for each in self.items) / 60


class Listening:
    """``client.listening``: everything about what is heard. Items are "piece:ID", or a Piece, or music from elsewhere
    ("track:ARTIST - TITLE", "artist:NAME")."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    # What was heard

    def tell(self, kind: str, item: str | Piece = "", **more: Any) -> Told:
        """Tell of one thing: play, finish, skip (second=...), repeat, like, dislike, save, rate (value=1..5), playlist,
        share, comment or search (text=...). Sent again over a broken line, it counts once."""
        return self.tell_all([{"kind": kind, "item": item_of(item), **more}])

    def tell_all(self, events: Iterable[Mapping[str, Any]]) -> Told:
        """Tell of many, as many as there are; each gets an id and a moment where it has none."""
        kept = repeated = paused = 0
        dropped: list[Json] = []
        sent = [_event(event) for event in events]
        for start in range(0, len(sent), AT_ONCE):
            found = self._json("POST", "/events", again=True, json={"events": sent[start : start + AT_ONCE]})
            kept, repeated, paused = kept + found["kept"], repeated + found["repeated"], paused + found["paused"]
            dropped += [{**each, "index": each["index"] + start} for each in found["dropped"]]
        return Told(kept, repeated, paused, tuple(dropped))

    def events(self, *, listener: str | None = None) -> Iterator[Json]:
        """All that is held of what was done, the newest first."""
        after: str | None = None
        while True:
            params = {name: value for name, value in (("listener", listener), ("after", after)) if value is not None}
            found = self._json("GET", "/events", params=params)
            yield from found["events"]
            after = found["next"]
            if after is None:
                return

    def summary(self) -> Json:
        """How much is held, and the settings: paused, dials."""
        return self._json("GET", "/listening")

    def export(self) -> Json:
        """Everything that is held about the account as a listener."""
        return self._json("GET", "/listening/export")

    def erase(self, *, listener: str | None = None) -> Json:
        """Erase everything, or one listener's events; says how much."""
        params = {} if listener is None else {"listener": listener}
        return self._json("DELETE", "/listening", again=True, params=params)

    def settings(self, *, paused: bool | None = None, **dials: float) -> Json:
        """Pause or go on; turn dials (diversity, novelty, small_creators; 0 to 1)."""
        change = {**dials, **({} if paused is None else {"paused": paused})}
        return self._json("PATCH", "/listening/settings", again=True, json=change)

    # What comes next

    def recommend(self, n: int = 20, *, words: str = "", context: str = "", **how: Any) -> list[Recommended]:
        """What to hear next, the best first. how: kind, diversity, novelty, small_creators, explore, seed, without."""
        params = {"n": n, "words": words, "context": context, **how}
        found = self._json("GET", "/recommendations", params=params)
        return [Recommended.of(each) for each in found["recommended"]]

    def why(self, item: str | Piece, *, words: str = "", context: str = "") -> Json:
        """Why an item has its score: sentence, reasons, rest and score, which add up."""
        params = {"words": words, "context": context}
        return self._json("GET", f"/recommendations/{_name(item)}/why", params=params)

    def more_like(self, item: str | Piece, n: int = 10) -> list[Recommended]:
        """What is most like an item."""
        found = self._json("GET", f"/recommendations/{_name(item)}/like", params={"n": n})
        return [Recommended.of(each) for each in found["recommended"]]

    def steer(self, item: str | Piece, *, more: bool = True) -> None:
        """More of what is like an item, or less."""
        self._transport.send("POST", "/recommendations/steer", json={"item": item_of(item), "more": more})

    # Playlists and charts

    def playlist(self, words: str = "", minutes: float = 40.0, *, keep: bool = True, **how: Any) -> Playlist:
        """A playlist for words and minutes, with smooth transitions. how: context, title, like, unlike, seed."""
        for name in ("like", "unlike"):
            if name in how:
                how[name] = [item_of(each) for each in how[name]]
        body = {"words": words, "minutes": minutes, "save": keep, **how}
        return Playlist.of(self._json("POST", "/playlists", json=body))

    def keep_playlist(self, title: str, items: Sequence[str | Piece]) -> Playlist:
        """A playlist of pieces in an order of one's own."""
        return Playlist.of(
            self._json("POST", "/playlists", json={"title": title, "items": [item_of(each) for each in items]})
        )

    def playlists(self) -> list[Json]:
        """The playlists, the one changed last first: id, title, words, count, facts."""
        return list(self._json("GET", "/playlists")["playlists"])

    def get_playlist(self, playlist: str) -> Playlist:
        """One of them, with its pieces."""
        return Playlist.of(self._json("GET", f"/playlists/{playlist}"))

    def change_playlist(
        self, playlist: str, *, title: str | None = None, items: Sequence[str | Piece] | None = None
    ) -> Playlist:
        """Another title, other items."""
        change: Json = {} if title is None else {"title": title}
        if items is not None:
            change["items"] = [item_of(each) for each in items]
        return Playlist.of(self._json("PATCH", f"/playlists/{playlist}", again=True, json=change))

    def steer_playlist(self, playlist: str, item: str | Piece, *, more: bool = True) -> Playlist:
        """Made anew with more, or less, of what is like one of its pieces."""
        body = {"item": item_of(item), "more": more}
        return Playlist.of(self._json("POST", f"/playlists/{playlist}/steer", json=body))

    def delete_playlist(self, playlist: str) -> None:
        """Away for ever; its pieces stay."""
        self._transport.send("DELETE", f"/playlists/{playlist}")

    def chart(self, period: str = "week", *, kind: str = "piece", n: int = 50) -> list[Json]:
        """What is heard most: rank, title, score, change, trend, listeners. period: day or week."""
        return list(self._json("GET", "/charts", params={"period": period, "kind": kind, "n": n})["rows"])

    # Taste

    def taste(self) -> Json:
        """The taste, in words and in numbers."""
        return self._json("GET", "/taste")

    def set_taste(self, **numbers: float | None) -> Json:
        """Set numbers of it (energy=0.3, ``**{"style:jazz": 0.8}``); None takes an edit back."""
        return self._json("PUT", "/taste", again=True, json={"numbers": numbers})

    def clips(self, n: int = 5, moods: Sequence[tuple[float, float]] = ()) -> list[Json]:
        """Pieces to ask a new listener about."""
        params: Json = {"n": n, "mood": [f"{valence:.3f},{arousal:.3f}" for valence, arousal in moods]}
        return list(self._json("GET", "/taste/clips", params=params)["clips"])

    def start(self, moods: Sequence[tuple[float, float]] = (), clips: Mapping[str, bool] | None = None) -> Json:
        """First choices: up to three points (valence, arousal; -1 to 1) and clips, liked or not."""
        body = {"moods": [list(mood) for mood in moods], "clips": [list(each) for each in (clips or {}).items()]}
        return self._json("POST", "/taste/start", again=True, json=body)

    def daily_mix(self, n: int = 4, *, make: bool = True, again: bool = False) -> list[Json]:
        """Today's fresh pieces: ``piece`` once there, else ``job``; ``why``. make: have them composed if there are
        none; again: also when there are, for a taste that has changed since."""
        if not make:
            return list(self._json("GET", "/daily-mix")["pieces"])
        return list(self._json("POST", "/daily-mix", json={"n": n, "again": again})["pieces"])

    def speak(self, request: str, *, language: str | None = None, playing: str | Piece = "", context: str = "") -> Json:
        """A spoken request: ``speech`` to be said, ``action``, ``queue``."""
        body: Json = {"request": request, "playing": item_of(playing), "context": context}
        if language is not None:
            body["language"] = language
        return self._json("POST", "/spoken", json=body)

    def _json(self, method: str, path: str, *, again: bool | None = None, **how: Any) -> Json:
        return dict(self._transport.send(method, path, again=again, **how).json())


def item_of(thing: str | Piece) -> str:
    """The item of a piece, of a piece's id, or the item itself.

    >>> item_of("01jd0000000000000000000000"), item_of("artist:nina simone"), item_of("")
    ('piece:01jd0000000000000000000000', 'artist:nina simone', '')
    """
    name = thing if isinstance(thing, str) else thing.id
    return f"piece:{name}" if name and ":" not in name else name


def _name(thing: str | Piece) -> str:
    return quote(item_of(thing), safe="")


def _event(event: Mapping[str, Any]) -> Json:
    told = {name: value for name, value in event.items() if value is not None}
    moment = told.get("moment", datetime.now(UTC))
    if isinstance(moment, datetime):
        told["moment"] = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    told.setdefault("id", uuid.uuid4().hex)
    return told
