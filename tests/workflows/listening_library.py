"""A small library of written pieces that differ in what can be heard, for tests of recommending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from yuefu.listening.event import Event
from yuefu.score.model import KeyChange, Part, Score, Section, TempoChange, make_notes
from yuefu.store.store import Store
from yuefu.theory.key import Key
from yuefu.workflows.documents import document_of_score, summary

#: title, words, style, tempo, fifths, mode, quarters between two notes, register, bars
PIECES = (
    ("Still Lake", "a calm piano piece for reading in the rain", "ambient", 62, 0, "major", 2.0, 60, 32),
    ("Grey Window", "quiet rain, a slow sad evening", "ballad", 66, -1, "minor", 2.0, 58, 32),
    ("Lamp and Book", "soft music for reading", "ambient", 70, 1, "major", 1.0, 62, 36),
    ("Slow Snow", "winter night, very quiet", "ambient", 58, -2, "major", 2.0, 64, 28),
    ("Night Desk", "study late, calm and steady", "lofi", 78, 0, "major", 1.0, 60, 40),
    ("City Run", "fast and strong, for running", "electronic", 158, 2, "major", 0.25, 66, 72),
    ("Sprint", "running, energy, sport", "rock", 168, 3, "major", 0.25, 68, 80),
    ("Market Dance", "a lively folk dance at a feast", "folk", 132, 1, "major", 0.5, 70, 60),
    ("Swing Hall", "swing jazz for a party", "swing", 176, -3, "major", 0.5, 66, 72),
    ("March On", "a proud march", "march", 120, -2, "major", 0.5, 67, 56),
)


@dataclass(frozen=True)
class Library:
    """A store with the pieces, and the account whose they are. ids: title -> item."""

    store: Store
    me: str
    ids: dict[str, str]


def score_of(
    title: str, style: str, tempo: float, fifths: int, mode: str, every: float, register: int, bars: int
) -> Score:
    """A written piece of one line with chords' worth of texture, the busier the smaller ``every`` is."""
    length = bars * 96
    gap = round(every * 24)
    steps = (0, 4, 7, 4, 5, 2, 7, 0) if mode == "major" else (0, 3, 7, 3, 5, 2, 7, 0)
    rows = [
        (number + 1, start, max(6, gap - 2), register + fifths + steps[number % 8], 60 if every >= 1 else 96)
        for number, start in enumerate(range(0, length, gap))
    ]
    return Score(
        title=title,
        parts=(Part(id="p1", name="Piano", role="melody", program=0, instrument="piano", notes=make_notes(rows)),),
        sections=(Section(0, length, "A", ""),),
        tempos=(TempoChange(0, tempo),),
        keys=(KeyChange(0, Key(fifths, mode)),),
        length=length,
        metadata={"style": style},
    )


def fill(store: Store, account: str, pieces: tuple[tuple[object, ...], ...] = PIECES) -> Library:
    """The pieces in a store, as the studio would keep them."""
    ids = {}
    for title, words, style, *rest in pieces:
        document = document_of_score(score_of(str(title), str(style), *rest))  # type: ignore[arg-type]
        piece = store.pieces.create(
            account,
            title=str(title),
            document=document.to_bytes(),
            kind="new",
            words=str(words),
            facts=summary(document),
        )
        ids[str(title)] = f"piece:{piece.id}"
    return Library(store, account, ids)


def event(account: str, item: str, kind: str, hours: float = 30.0, **more: object) -> Event:
    """Something done some hours ago."""
    return Event(account, item, kind, datetime.now(UTC) - timedelta(hours=hours), **more)  # type: ignore[arg-type]
