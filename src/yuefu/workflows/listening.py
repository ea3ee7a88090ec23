"""What a listener brings along, sees, takes away and has erased; and listening that is made up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yuefu.errors import ConflictError, InputError, OutputError
from yuefu.listening.cleaning import Report, clean
from yuefu.listening.event import Event
from yuefu.listening.item import PIECE, Music
from yuefu.listening.readers import Found, read_listening
from yuefu.progress import Listener, Progress, ignore

if TYPE_CHECKING:
    from yuefu.store.listening import Erased
    from yuefu.store.store import Store

EXPORT_FORMAT = "yuefu-listening-1"
#: Events written in one transaction, and items.
AT_ONCE = 5000
TOP = 10
MAX_LISTENER = 80


@dataclass
class Imported:
    """What became of a file.

    report: what cleaning kept and dropped; added: how many are new in the store; repeated: were there before; unknown:
    of pieces that aren't in the library; listeners: name in the store -> events; dry: nothing was written.
    """

    format: str
    report: Report
    added: int = 0
    repeated: int = 0
    unknown: int = 0
    listeners: dict[str, int] = field(default_factory=dict)
    dry: bool = False

    def sentences(self, language: str = "en") -> list[str]:
        """The report, and what is new."""
        zh = language == "zh"
        said = self.report.sentences(language)
        if self.dry:
            said.append("试读：什么也没有写入。" if zh else "A trial: nothing was written.")
        else:
            new = f"新增 {self.added:,} 条" if zh else f"{self.added:,} are new"
            if self.repeated:
                new += f"，{self.repeated:,} 条先前已有" if zh else f", {self.repeated:,} were there before"
            if self.unknown:
                new += f"，{self.unknown:,} 条的作品已不在" if zh else f", {self.unknown:,} are of pieces that are gone"
            said.append(new + ("。" if zh else "."))
        if len(self.listeners) > 1:
            many = len(self.listeners)
            said.append(f"共 {many:,} 位听众，各自保存。" if zh else f"{many:,} listeners, each kept apart.")
        return said

    def facts(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "format": self.format, **self.report.facts(), "added": self.added, "repeated": self.repeated,
            "unknown_pieces": self.unknown, "listeners": dict(self.listeners), "dry_run": self.dry,
        }  # fmt: skip


def import_listening(
    store: Store,
    account_id: str,
    path: Path | str,
    *,
    form: str = "auto",
    listener: str | None = None,
    dry_run: bool = False,
    progress: Listener = ignore,
) -> Imported:
    """Read a file or folder, clean it, and keep what is new; the same file again adds nothing.

    listener: "" for the account itself, or a name under which its events are kept apart. None: the account itself,
    unless the file tells of several listeners, who are kept apart as "FORMAT:NAME". dry_run: only say what would be.
    Raises InputError for what can't be read, ConflictError while listening is paused.
    """
    if not dry_run:
        _check_not_paused(store, account_id)
    progress(Progress("import", 0, 3, "reading"))
    found = read_listening(path, form)
    progress(Progress("import", 1, 3, "cleaning"))
    report = _begun(found)
    lengths = {item: music.seconds for item, music in found.music.items() if music.seconds is not None}
    cleaned = clean(
        found.events, known=_known(store, account_id, found.events), lengths=lengths, timed=found.timed, report=report
    )
    if not found.timed and cleaned.events:
        (_, report.noted["no times"]), *_ = Counter(event.moment for event in cleaned.events).most_common(1)
    by_listener = _by_listener(cleaned.events, found.format, listener)
    done = Imported(found.format, report, dry=dry_run, listeners={n: len(e) for n, e in by_listener.items()})
    if not dry_run:
        progress(Progress("import", 2, 3, "writing"))
        _keep(store, account_id, by_listener, done)
        put_music(store, (found.music[item] for item in dict.fromkeys(e.item for e in cleaned.events)
                          if item in found.music))  # fmt: skip
    progress(Progress("import", 3, 3, ""))
    return done


def put_music(store: Store, music: Iterable[Music]) -> int:
    """Write down music that isn't known yet, or that now has tags; what is known of others stays. Returns how many."""
    from yuefu.store.items import Item

    written = 0
    for some in _batches(music, AT_ONCE):
        there = store.items.get([each.id for each in some])
        new = [
            Item(each.id, each.kind, each.title[:300], each.creator[:300], tags=each.tags)
            for each in some
            if each.id not in there or (each.tags and not there[each.id].tags)
        ]
        written += store.items.put(new) if new else 0
    return written


def summary(store: Store, account_id: str, *, listener: str | None = None, top: int = TOP) -> dict[str, Any]:
    """What is held about an account, or one of its listeners, in numbers.

    events, synthetic, first, last, kinds, items (how many different ones), top (the most heard: item, title, plays),
    contexts, devices, sources, listeners, recommended, playlists, paused.
    """
    names = store.listening.listeners(account_id)
    wanted = list(names) if listener is None else [listener]
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("kind", "context", "device", "source", "item")}
    plays: Counter[str] = Counter()
    total = synthetic = 0
    first: datetime | None = None
    last: datetime | None = None
    for name in wanted:
        for event in store.listening.of(f"{account_id}/{name}" if name else account_id):
            total += 1
            synthetic += event.synthetic
            first = event.moment if first is None else min(first, event.moment)
            last = event.moment if last is None else max(last, event.moment)
            for column in ("kind", "context", "device", "source", "item"):
                counts[column][getattr(event, column)] += 1
            if event.kind in ("play", "repeat"):
                plays[event.item] += max(1, int(event.value or 1)) if event.kind == "repeat" else 1
    most = plays.most_common(top)
    known = store.items.get([item for item, _ in most])
    shown = [
        {"item": item, "title": known[item].title if item in known else item, "plays": count} for item, count in most
    ]
    counts["item"].pop("", None)
    return {
        "events": total, "synthetic": synthetic,
        "first": None if first is None else first.isoformat(), "last": None if last is None else last.isoformat(),
        "kinds": dict(counts["kind"].most_common()), "items": len(counts["item"]), "top": shown,
        "contexts": dict(counts["context"].most_common()), "devices": dict(counts["device"].most_common(top)),
        "sources": dict(counts["source"].most_common()), "listeners": names,
        "recommended": len(store.listening.impressions(account_id)), "playlists": len(store.playlists.list(account_id)),
        "paused": is_paused(store, account_id),
    }  # fmt: skip


def export_listening(store: Store, account_id: str, path: Path | str) -> dict[str, int]:
    """Write everything that is held about a listener to a JSON file; returns how much of each. Raises OutputError."""
    from yuefu.score.files import atomic_path

    held = store.listening.export(account_id)
    path = Path(path)
    if path.is_dir():
        raise OutputError(f"'{path}' is a folder: name a file.")
    with atomic_path(path) as temporary:
        text = json.dumps({"format": EXPORT_FORMAT, **held}, ensure_ascii=False, indent=1, default=str)
        temporary.write_text(text + "\n", "utf-8", errors="replace")
    return {name: len(value) for name, value in held.items()}


def erase_listening(store: Store, account_id: str, *, listener: str | None = None, synthetic: bool = False) -> Erased:
    """Erase everything that is held about a listener, or only one name's events, or only what was made up.

    Each erasure is counted (``store.listening.erasures``), so that nothing fitted before it is used any more.
    """
    from yuefu.store.listening import Erased

    if not synthetic:
        if listener is not None and listener not in store.listening.listeners(account_id):
            raise InputError(f"no events of a listener '{listener[:40]}' are held: see `yuefu listen stats`.")
        return store.listening.erase(account_id, listener=listener)
    made_up = [name for name in store.listening.listeners(account_id) if name.startswith("synthetic:")]
    with store.transaction():
        return Erased(events=sum(store.listening.erase(account_id, listener=name).events for name in made_up))


def is_paused(store: Store, account_id: str) -> bool:
    """Whether nothing is kept of what an account listens to."""
    return bool(store.listening.settings(account_id).get("paused"))


def pause(store: Store, account_id: str, paused: bool = True) -> bool:
    """Keep nothing from now on, or keep again; what was kept before stays. Returns whether that is a change."""
    with store.transaction():
        held = store.listening.settings(account_id)
        before = bool(held.get("paused"))
        if before != paused:
            store.listening.set_settings(account_id, {**held, "paused": paused})
    return before != paused


def make_up(
    store: Store,
    account_id: str,
    *,
    listeners: int = 50,
    items: int = 200,
    events: int = 5000,
    days: float = 90.0,
    seed: int = 0,
    pieces: bool = False,
    progress: Listener = ignore,
) -> Imported:
    """Keep made-up listening, each listener apart as "synthetic:N"; every event says that it is made up.

    It ends about now. pieces: of the pieces that the account may hear, instead of made-up music.
    """
    from datetime import UTC, timedelta

    from yuefu.listening.synthetic import synthesize

    _check_not_paused(store, account_id)
    given: int | Sequence[str] = items
    if pieces:
        given = [f"{PIECE}{piece}" for piece in sorted(_pieces(store, account_id))]
        if len(given) < 2:
            raise InputError("the library holds fewer than two pieces: compose some first, or leave --pieces out.")
    # A whole day, so that the same command on the same day tells the same events.
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    made = synthesize(listeners, given, events, seed=seed, days=days, start=today - timedelta(days=days + 1))
    progress(Progress("import", 1, 3, "cleaning"))
    cleaned = clean(made.events)
    by_listener = _by_listener(cleaned.events, "", None)
    done = Imported("synthetic", cleaned.report, listeners={n: len(e) for n, e in by_listener.items()})
    progress(Progress("import", 2, 3, "writing"))
    _keep(store, account_id, by_listener, done)
    put_music(store, made.music)
    progress(Progress("import", 3, 3, ""))
    return done


def _begun(found: Found) -> Report:
    """A report that begins with what the reader couldn't read."""
    report = Report()
    for reason, count in found.unreadable.items():
        report.read += count
        report.drop("unreadable", f"{reason}: {found.examples[reason][0]}", count)
    return report


class _Known:
    """Items that count: any music from elsewhere, and pieces that the account may hear."""

    def __init__(self, pieces: set[str]) -> None:
        self._pieces = pieces

    def __contains__(self, item: object) -> bool:
        return not str(item).startswith(PIECE) or str(item)[len(PIECE) :] in self._pieces


def _known(store: Store, account_id: str, events: Sequence[Event]) -> _Known | None:
    if not any(event.item.startswith(PIECE) for event in events):
        return None
    return _Known(_pieces(store, account_id))


def _pieces(store: Store, account_id: str) -> set[str]:
    seen = {item.piece_id for item in store.items.visible(account_id)}
    seen.update(piece for _, piece in store.items.missing(account_id, limit=1_000_000))
    return {piece for piece in seen if piece is not None}


def _by_listener(events: Iterable[Event], form: str, listener: str | None) -> dict[str, list[Event]]:
    """Name in the store -> events. Where a file names one listener alone, that is whoever imports it."""
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.listener, []).append(event)
    if len(found) <= 1:
        name = next(iter(found), "")
        alone = name if form == "" else (listener or "")
        return {alone[:MAX_LISTENER]: each for each in found.values()}
    start = f"{listener or form}:" if form else ""
    named: dict[str, list[Event]] = {}
    for name, theirs in found.items():
        named.setdefault(f"{start}{name}"[:MAX_LISTENER], []).extend(theirs)
    return named


def _keep(store: Store, account_id: str, by_listener: Mapping[str, Sequence[Event]], done: Imported) -> None:
    """Write in transactions of about as many events each, so that others get their turn in between."""
    for batch in _portions(by_listener):
        with store.transaction():
            for name, events in batch:
                added = store.listening.add(account_id, events, listener=name)
                if added.paused:
                    raise _paused()
                done.added += added.kept
                done.repeated += added.repeated
                done.unknown += added.unknown


def _portions(by_listener: Mapping[str, Sequence[Event]]) -> Iterator[list[tuple[str, Sequence[Event]]]]:
    portion: list[tuple[str, Sequence[Event]]] = []
    size = 0
    for name, events in by_listener.items():
        for start in range(0, len(events), AT_ONCE):
            some = events[start : start + AT_ONCE]
            portion.append((name, some))
            size += len(some)
            if size >= AT_ONCE:
                yield portion
                portion, size = [], 0
    if portion:
        yield portion


def _batches(values: Iterable[Music], size: int) -> Iterator[list[Music]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def _check_not_paused(store: Store, account_id: str) -> None:
    if is_paused(store, account_id):
        raise _paused()


def _paused() -> ConflictError:
    return ConflictError("listening is paused, so nothing is kept: resume it first (`yuefu listen resume`).")


__all__ = [
    "EXPORT_FORMAT",
    "Imported",
    "erase_listening",
    "export_listening",
    "import_listening",
    "is_paused",
    "make_up",
    "pause",
    "put_music",
    "summary",
]
