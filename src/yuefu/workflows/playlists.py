"""A playlist for a sentence and some minutes: what fits, in an order that flows, and how much is still missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from yuefu.errors import InputError, NotFoundError
from yuefu.recommend.sequencing import Ordered, Track, sequence
from yuefu.workflows.listening_wish import Wish, fit_of
from yuefu.workflows.recommend_parts import total

if TYPE_CHECKING:
    from yuefu.store.items import Item
    from yuefu.store.playlists import Playlist
    from yuefu.workflows.recommending import Desk, Scoring

#: Minutes of a playlist, least and most.
LEAST, MOST = 1.0, 600.0
#: Candidates that are looked at; the least fit (0..1) of a piece that may come in.
POOL, LEAST_FIT = 160, 0.42
#: Seconds of a piece whose length isn't known.
SECONDS = 180.0


@dataclass(frozen=True)
class PlaylistItem:
    """A piece of a playlist. start: seconds from the beginning of the list; tempo, key, energy: None unknown."""

    item: str
    title: str
    piece_id: str | None
    token: str | None
    seconds: float
    tempo: float | None
    key: str | None
    energy: float | None
    why: str
    creator: str = ""
    start: float = 0.0


@dataclass(frozen=True)
class PlaylistMade:
    """A playlist. minutes: how long it is; smoothness: 1 - the mean cost of a step (0..1), random: the same of the same
    pieces in random orders, on average; arc: the name of the energy's course, on_arc: how near the list keeps to it;
    missing_minutes: what the library couldn't give; facts: all of these for the store."""

    title: str
    words: str
    items: list[PlaylistItem]
    minutes: float
    smoothness: float
    random_smoothness: float
    arc: str
    on_arc: float
    missing_minutes: float
    asked_minutes: float
    language: str = "en"
    notes: list[str] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        """For the store, beside the items."""
        names = ("minutes", "asked_minutes", "missing_minutes", "smoothness", "random_smoothness", "arc", "on_arc")
        return {name: getattr(self, name) for name in names}

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"title": self.title, "words": self.words, **self.facts, "items": [asdict(item) for item in self.items],
                "notes": self.notes}  # fmt: skip


def make(
    desk: Desk,
    account_id: str,
    words: str = "",
    minutes: float = 40.0,
    *,
    context: str = "",
    like: Sequence[str] = (),
    unlike: Sequence[str] = (),
    language: str = "en",
    seed: int = 0,
) -> PlaylistMade:
    """A playlist for words and minutes. like, unlike: items, or titles, to be near to and far from.

    One seed, one list. Raises InputError for minutes that can't be, NotFoundError for pieces that aren't there.
    """
    from yuefu.recommend.rerank import Dials, rerank
    from yuefu.workflows.recommend_scoring import likeness_part

    if not LEAST <= minutes <= MOST:
        raise InputError(f"a playlist lasts {LEAST:g} to {MOST:g} minutes, not {minutes:g}.")
    scoring = desk.scoring(account_id, words=words, context=context)
    if like or unlike:
        pulls = {find(scoring, name): 1.0 for name in like} | {find(scoring, name): -1.0 for name in unlike}
        scoring.parts.append(likeness_part(scoring, pulls, 3.0))
        scoring.__dict__.pop("scores", None)
    wish = scoring.wish
    fits = np.array([fit_of(wish, item.features) for item in scoring.items])
    allowed = [
        at for at, item in enumerate(scoring.items)
        if (wish.empty or fits[at] >= LEAST_FIT) and not _is(item, unlike)
    ]  # fmt: skip
    asked = minutes * 60.0
    notes: list[str] = []
    order: Ordered = sequence([])
    chosen: list[int] = []
    if allowed:
        turned = Dials(diversity=min(0.35, desk.dials(account_id).diversity + 0.1))
        pool = rerank(scoring.scores, np.array(allowed), scoring.catalogue, scoring.popularity, dials=turned, n=POOL)
        chosen = pool.order.tolist()
        tracks = [_track(scoring.items[at], value) for at, value in zip(chosen, _unit_fit(scoring, chosen))]
        have = sum(track.seconds for track in tracks)
        order = sequence(tracks, min(asked, have), arc=wish.arc, middle=wish.energy, seed=seed)
    items, clock = [], 0.0
    for place in order.order:
        made = _playlist_item(desk, account_id, scoring, chosen[place], language, clock)
        items.append(made)
        clock += made.seconds
    lengths = [_seconds(item) for item in scoring.items]
    # Being off by half a piece is what pieces do; more than that is missing.
    slack = 0.5 * float(np.median(lengths)) if lengths else 0.0
    missing = max(0.0, asked - clock) if asked - clock > slack or not items else 0.0
    if missing:
        notes.append(missing_words(missing / 60, language))
    return PlaylistMade(
        title_of(wish, words, language), " ".join(words.split()), items, round(clock / 60, 2),
        round(order.smoothness, 4),
        round(order.random, 4), wish.arc, round(order.arc, 4), round(missing / 60, 2), minutes, language, notes,
    )  # fmt: skip


def missing_words(minutes: float, language: str) -> str:
    """What a library couldn't give, as a sentence."""
    shown = max(1, round(minutes))
    if language == "zh":
        return f"合适的曲子还差约 {shown} 分钟，可以现写补上。"
    return f"About {shown} {'minute is' if shown == 1 else 'minutes are'} missing that fit; they can be composed."


def find(scoring: Scoring, name: str) -> str:
    """The item that an id or a title names, upper and lower case alike. Raises NotFoundError."""
    if name in scoring.place:
        return name
    folded = " ".join(name.split()).casefold()
    same = [item.id for item in scoring.items if item.title.casefold() == folded or item.piece_id == name]
    near = same or [item.id for item in scoring.items if folded and folded in item.title.casefold()]
    if not near:
        raise NotFoundError("piece", name)
    return near[0]


def more_of(
    desk: Desk, account_id: str, playlist_id: str, item: str, more: bool, minutes: float | None = None,
    language: str = "en",
) -> PlaylistMade:  # fmt: skip
    """A kept playlist with more (or less) of what is like one of its pieces. Raises NotFoundError."""
    kept = desk.store.playlists.get(account_id, playlist_id)
    length = float(minutes or kept.facts.get("asked_minutes") or 40.0)
    likes, unlikes = list(kept.facts.get("like", ())), list(kept.facts.get("unlike", ()))
    (likes if more else unlikes).append(item)
    there = {one.id for one in desk.candidates(account_id)}
    made = make(desk, account_id, kept.words, length, like=[name for name in likes if name in there],
                unlike=[name for name in unlikes if name in there], language=language)  # fmt: skip
    facts = {**made.facts, "like": likes, "unlike": unlikes}
    desk.store.playlists.change(account_id, playlist_id, items=[each.item for each in made.items], facts=facts)
    return made


def save(desk: Desk, account_id: str, made: PlaylistMade) -> Playlist:
    """Keep a playlist."""
    return desk.store.playlists.create(
        account_id, made.title, made.words, [item.item for item in made.items], made.facts
    )


# Files


def m3u8(made: PlaylistMade, paths: Sequence[str]) -> str:
    """The list as an extended M3U in UTF-8. paths: of each piece's file or address, in order."""
    lines = ["#EXTM3U", f"#PLAYLIST:{_line(made.title)}"]
    for item, path in zip(made.items, paths, strict=True):
        shown = f"{_line(item.creator)} - {_line(item.title)}" if item.creator else _line(item.title)
        lines += [f"#EXTINF:{round(item.seconds)},{shown}", _line(path)]
    return "\n".join(lines) + "\n"


def write_files(
    desk: Desk,
    account_id: str,
    made: PlaylistMade,
    folder: Any,
    formats: Sequence[str] = ("midi",),
    progress: Any = None,
) -> list[Any]:
    """A folder with the pieces in order, ``playlist.m3u8`` and ``playlist.json``. formats: midi and sound formats, the
    last of which the list names. Raises OutputError, UnknownNameError."""
    import json
    from pathlib import Path

    from yuefu.errors import UnknownNameError
    from yuefu.progress import Progress, ignore
    from yuefu.score.files import atomic_write, make_folder
    from yuefu.score.midi import midi_bytes

    sounds = ("wav", "flac", "ogg", "mp3")
    for name in formats:
        if name not in ("midi", *sounds):
            raise UnknownNameError("format", name, ("midi", *sounds))
    tell = progress or ignore
    folder = make_folder(Path(folder))
    written: list[Path] = []
    listed: list[str] = []
    for number, item in enumerate(made.items, 1):
        tell(Progress("files", number - 1, len(made.items), item.title))
        document = document_of_item(desk, account_id, item.item)
        stem = f"{number:02d} {file_stem(item.title)}"
        performance = document.performance()
        for name in formats:
            path = folder / f"{stem}.{'mid' if name == 'midi' else name}"
            if name == "midi":
                atomic_write(path, midi_bytes(document.score, performance))
            else:
                from yuefu.audio.files import write_audio
                from yuefu.audio.render import render_score

                sound = render_score(document.score, performance, 44100, tell)
                write_audio(path, sound, 44100, {"title": item.title})
            written.append(path)
        listed.append(written[-1].name)
    for name, text in (
        ("playlist.m3u8", m3u8(made, listed)),
        ("playlist.json", json.dumps(made.to_dict(), ensure_ascii=False, indent=1) + "\n"),
    ):
        atomic_write(folder / name, text.encode())
        written.append(folder / name)
    return written


def document_of_item(desk: Desk, account_id: str, item: str) -> Any:
    """The document of a piece one may hear. Raises NotFoundError."""
    from yuefu.workflows.documents import Document

    store = desk.store
    known = store.items.get([item]).get(item)
    if known is None or known.piece_id is None:
        raise NotFoundError("piece", item)
    owner = known.creator
    if owner != account_id and store.pieces.get(owner, known.piece_id).shared is None:
        raise NotFoundError("piece", item)
    piece = store.pieces.get(owner, known.piece_id)
    return Document.from_bytes(store.pieces.document(store.pieces.version(owner, piece.id, piece.head)))


def file_stem(title: str) -> str:
    """A title as part of a file's name.

    >>> file_stem("AC/DC: *Live*?"), file_stem("雨天 读书")
    ('AC DC Live', '雨天 读书')
    """
    plain = "".join(sign if sign.isprintable() and sign not in '\\/:*?"<>|' else " " for sign in title)
    return " ".join(plain.split()).strip(". ")[:80] or "piece"


def _line(text: str) -> str:
    """Without line breaks and other signs that steer."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def title_of(wish: Wish, words: str, language: str) -> str:
    """A title for a playlist: the words as a title, or the context's, or a plain one."""
    from yuefu.recommend.wording import OCCASIONS, clean_title

    if words.strip():
        plain = re.sub(
            r"^(请|给我|帮我|来一?[个份张]?|play|make|a playlist (?:for|of))\s*", "", words.strip(), flags=re.I
        )
        return clean_title(plain or words, 60)
    named = OCCASIONS.get(wish.context)
    if named:
        return f"{named[1]}歌单" if language == "zh" else f"For {named[0]}"
    return "为你挑选" if language == "zh" else "For you"


def _playlist_item(desk: Desk, account_id: str, scoring: Scoring, at: int, language: str, start: float) -> PlaylistItem:
    from yuefu.workflows.recommending import facts_of

    item = scoring.items[at]
    facts = facts_of(item)
    return PlaylistItem(
        item.id, item.title, item.piece_id, item.token, round(_seconds(item), 2), facts.get("tempo"), facts.get("key"),
        facts.get("energy"), scoring.words(at, language), desk.creator(item, account_id), round(start, 2),
    )  # fmt: skip


def _seconds(item: Item) -> float:
    return float(item.features.get("fact:seconds", SECONDS))


def _track(item: Item, fit: float) -> Track:
    features = item.features
    fifths = features.get("fact:fifths")
    return Track(
        item.id, _seconds(item), float(features.get("fact:tempo", 0.0)), None if fifths is None else int(fifths),
        float(features.get("fact:energy", 0.5)), fit,
    )  # fmt: skip


def _unit_fit(scoring: Scoring, chosen: Sequence[int]) -> list[float]:
    """The scores of the pool as 0..1, the best 1."""
    values = total(scoring.parts, len(scoring.items))[list(chosen)]
    low, high = float(values.min()), float(values.max())
    return [1.0] * len(chosen) if high - low < 1e-9 else [float(value - low) / (high - low) for value in values]


def _is(item: Item, names: Sequence[str]) -> bool:
    return any(name in (item.id, item.piece_id) or name.casefold() == item.title.casefold() for name in names)
