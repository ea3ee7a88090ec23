"""Ideas through the client: found, turned, recombined, and given to a new piece by ``Client.compose(ideas=...)``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from yuefu.client.records import _Record
from yuefu.client.transport import Transport

Json = dict[str, Any]


@dataclass(frozen=True)
class Card(_Record):
    """An idea as it is shown.

    idea: what is posted back; notes: row, start, duration (quarters), pitch, velocity; chords: start, duration, roman,
    symbol; source: piece, title, bars, licence, free, and a sentence; facts: salience, surprise, mood and others;
    score and why: how well it answers a search (0..1), and in what.

    >>> Card.of({"id": "i", "kind": "title", "text": "Slow Rain", "source": {"free": True}}).is_free
    True
    """

    id: str
    kind: str
    title: str
    text: str
    bars: int
    meter: str
    tempo: float
    key: str
    notes: tuple[list[Any], ...]
    chords: tuple[Json, ...]
    facts: dict[str, float]
    source: Json
    free_sentence: str
    idea: Json
    score: float | None
    why: str | None

    @classmethod
    def hit(cls, data: Mapping[str, Any]) -> Self:
        """A card that was found."""
        return cls.of({**data["card"], "score": data["score"], "why": data["why"]})

    @property
    def is_free(self) -> bool | None:
        """Whether its source may be used freely; None when nobody knows."""
        free = self.source.get("free")
        return free if isinstance(free, bool) else None


class Ideas:
    """What ``Client.ideas`` offers."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def search(self, words: str = "", *, n: int = 24, like: Card | Json | None = None, **asked: Any) -> list[Card]:
        """Ideas of your pieces that answer what is asked, the best first.

        asked: tune ("5 6 1' 3"), roman ("I V vi IV"), rhythm ("x..x..x."), contour (heights), mood (valence and
        arousal), kinds, style, seed, among (ideas that are searched, too); of="fresh" writes some for the words.
        """
        body: Json = {"words": words, "n": n, **asked}
        if like is not None:
            body["like"] = idea_of(like)
        if "among" in asked:
            body["among"] = [idea_of(each) for each in asked["among"]]
        return [Card.hit(hit) for hit in self._post("search", body)["hits"]]

    def extract(self, path: str | Path, n: int = 48) -> list[Card]:
        """The ideas of a file of music, which the server doesn't keep."""
        path = Path(path)
        files = {"file": (path.name, path.read_bytes())}
        told = self._transport.send("POST", "/ideas/extract", again=True, params={"n": n}, files=files).json()
        return [Card.of(each) for each in told["cards"]]

    def combine(
        self, *, mood: Card | Json | Sequence[float] | None = None, fill: Iterable[str] = (), seed: int = 0,
        **parts: Card | Json,
    ) -> Card:  # fmt: skip
        """A new idea of several. parts: rhythm, chords, melody, groove, bass, texture; fill: rows that the model
        writes around them."""
        body: Json = {name: idea_of(part) for name, part in parts.items()}
        if mood is not None:
            body["mood"] = idea_of(mood) if isinstance(mood, (Card, dict)) else list(mood)
        return Card.of(self._post("combine", {**body, "fill": list(fill), "seed": seed}))

    def turn(
        self, card: Card | Json, how: str, *, other: Card | Json | None = None, key: str | None = None, seed: int = 0
    ) -> Card:
        """An idea turned: invert, retrograde, augment, diminish, sequence, transpose (key), continue, morph (other)."""
        body: Json = {"idea": idea_of(card), "how": how, "key": key, "seed": seed}
        if other is not None:
            body["other"] = idea_of(other)
        return Card.of(self._post("turn", body))

    def sparks(self, words: str = "", *, n: int = 6, **how: Any) -> list[Card]:
        """Lines and titles for words. how: language, kinds, seed."""
        return [Card.of(each) for each in self._post("sparks", {"words": words, "n": n, **how})["cards"]]

    def surprising(self, *, n: int = 8, kinds: Iterable[str] = ()) -> list[Card]:
        """What is unusual beside your own pieces, and fits."""
        return [Card.hit(hit) for hit in self._post("surprising", {"n": n, "kinds": list(kinds)})["hits"]]

    def midi(self, card: Card | Json) -> bytes:
        """An idea as a MIDI file."""
        return self._transport.send("POST", "/ideas/midi", again=True, json={"idea": idea_of(card)}).content

    def _post(self, path: str, body: Json) -> Json:
        return dict(self._transport.send("POST", f"/ideas/{path}", again=True, json=body).json())


def idea_of(card: Card | Mapping[str, Any]) -> Json:
    """What of a card is posted back."""
    return card.idea if isinstance(card, Card) else dict(card)
