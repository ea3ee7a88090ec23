"""Where ideas are looked for: a library, files and folders, or an upload; found once for each document and kept.

What was found is kept beside the store by the digest of the bytes that it was found in, as packed JSON; the index over
it is kept in memory as long as nothing changes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from yuefu.errors import InputError, NotFoundError, YuefuError
from yuefu.inspire.extract import ideas_of_score
from yuefu.inspire.idea import KINDS, Idea, Source
from yuefu.inspire.index import Hit, Scores, Search, Tunes
from yuefu.inspire.index import IdeaIndex as PlainIndex
from yuefu.inspire.making import idea_from_dict, idea_to_dict, with_source
from yuefu.inspire.rights import MADE, UNKNOWN, YOURS, rights_of
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.files import atomic_write, read_score
from yuefu.score.model import Score
from yuefu.workflows.documents import Document, read_document
from yuefu.workflows.phrase_map import score_files
from yuefu.workflows.tune_search import aligned, parse_tune, tempo_free

if TYPE_CHECKING:
    from yuefu.store.pieces import Piece
    from yuefu.store.store import Store

#: Changes whenever pieces are read otherwise, so that what was kept is found anew.
EDITION = "ideas-2"
#: Files kept at most, and indexes in memory.
MOST_KEPT, MOST_INDEXES = 20_000, 8
_MOST_BYTES = 4_000_000


class IdeaIndex(PlainIndex):
    """An index that also looks for tunes, as they are typed or hummed."""

    def search(self, search: Search, n: int = 24, seed: int = 0, tune: Any = None) -> list[Hit]:
        """See ``inspire.index.IdeaIndex.search``; a tune is read by ``parse_tune``."""
        return super().search(search, n, seed, tune or tune_scores)


def tune_scores(tunes: Tunes, text: str) -> Scores:
    """How well every idea's line holds a tune, 0..1, whatever the key and tempo, with wrong notes and missing ones."""
    query = parse_tune(text)
    pitches, onsets, owners = tunes
    count = int(owners.max()) + 1 if len(owners) else 0
    best = np.zeros(count, dtype=np.float32)
    if not len(pitches):
        return best
    edges = np.flatnonzero(np.diff(owners, prepend=-1))
    rhythm = np.full(len(onsets), np.nan)
    if query.times is not None:
        for first, last in zip(edges.tolist(), [*edges[1:].tolist(), len(onsets)]):
            rhythm[first : last - 2] = tempo_free(onsets[first : last - 2])
    values, _ = aligned(query, pitches, rhythm)
    whole = len(query) if query.steps else len(query) - 1
    values = np.where(np.isnan(pitches), 0.0, values) / max(whole, 1)
    np.maximum.at(best, owners, values.astype(np.float32))
    return np.clip(best, 0, 1)


def source_of_file(score: Score, name: str, folder: Path | None = None) -> Source:
    """Where the ideas of a file come from, with the rights that it tells.

    folder: where it lies; beside the report of a composition it is known to be written here.
    """
    licence, free = rights_of(score.metadata)
    if licence == UNKNOWN and folder is not None and _composed_here(folder):
        licence, free = MADE, True
    return Source(f"file:{name}", score.title or Path(name).stem, score.composer, (0, 0), licence, free)


def _composed_here(folder: Path) -> bool:
    from yuefu.workflows.report import REPORT_FORMAT

    report = folder / "report.json"
    try:
        with report.open("rb") as file:
            start = file.read(200)
    except OSError:
        return False
    return f'"{REPORT_FORMAT}"'.encode() in start


def _each_once(files: Iterable[Path]) -> list[Path]:
    """Files of a folder without other forms of the same piece, such as ``song.mid`` beside ``song.musicxml``."""
    best: dict[Path, Path] = {}
    for file in files:
        key = file.with_name(file.name.partition(".")[0])
        best[key] = min(best.get(key, file), file, key=_form)
    return list(best.values())


def _form(file: Path) -> tuple[int, str]:
    # Notation knows bars, voices and chords that a MIDI file only implies.
    forms = (".json", ".musicxml", ".mxl", ".xml", ".abc", ".mid", ".midi")
    ending = file.suffix.lower()
    return (forms.index(ending) if ending in forms else len(forms), file.name)


def ideas_of_data(data: bytes, name: str, kinds: Iterable[str] = KINDS) -> list[Idea]:
    """The ideas of a file that somebody gives. Raises FormatError or LimitError for one that can't be read."""
    score = read_document(data, name).score
    return ideas_of_score(score, source_of_file(score, Path(name.replace("\\", "/")).name), kinds)


class IdeaDesk:
    """Ideas of pieces, found once. folder: where they are kept, such as ``<data>/ideas``; store: for the library."""

    def __init__(self, folder: Path, store: Store | None = None) -> None:
        self.folder = Path(folder)
        self.store = store
        self._indexes: dict[object, IdeaIndex] = {}
        self._lock = threading.Lock()

    def library(self, account_id: str, progress: Listener = ignore) -> IdeaIndex:
        """The ideas of an account's pieces, those in the trash aside; empty without any. Raises InputError without a
        store."""
        if self.store is None:
            raise InputError("there is no library here: give files or a folder.")
        pieces = self._pieces(account_id)
        state = ("library", account_id, tuple((piece.id, piece.etag) for piece in pieces))
        known = self._known(state)
        if known is not None:
            return known
        found: list[Idea] = []
        left_out: dict[str, str] = {}
        for number, piece in enumerate(pieces):
            progress(Progress("ideas", number, len(pieces), piece.title))
            try:
                found += self._of_piece(piece)
            except YuefuError as error:
                left_out[piece.title or piece.id] = str(error)
        progress(Progress("ideas", len(pieces), len(pieces)))
        return self._keep(state, IdeaIndex.of(found, left_out))

    def files(self, paths: Sequence[Path | str], progress: Listener = ignore) -> IdeaIndex:
        """The ideas of files and of whole folders; what can't be read is left out and told.

        Raises InputError where nothing is there or nothing can be read.
        """
        names: list[tuple[str, Path]] = []
        for given in paths:
            path = Path(given)
            inside = score_files(path)
            for file in _each_once(inside) if path.is_dir() else inside:
                names.append((str(file.relative_to(path)) if path.is_dir() else file.name, file))
        found: list[Idea] = []
        left_out: dict[str, str] = {}
        read = 0
        digests: list[str] = []
        for number, (name, file) in enumerate(names):
            progress(Progress("ideas", number, len(names), name))
            try:
                data = file.read_bytes()
                digest = hashlib.sha256(f"{name}\0{_composed_here(file.parent)}\0".encode() + data).hexdigest()
                digests.append(digest)
                kept = self._read(digest)
                if kept is None:
                    score = read_score(file)
                    kept = ideas_of_score(score, source_of_file(score, name, file.parent))
                    self._write(digest, kept)
                found += kept
                read += 1
            except OSError as error:
                left_out[name] = error.strerror or "it can't be read"
            except YuefuError as error:
                left_out[name] = str(error)
        progress(Progress("ideas", len(names), len(names)))
        if not read:
            why = next(iter(left_out.values()), "there are no scores")
            raise InputError(f"no ideas could be found in what was given: {why.rstrip('.')}.")
        return self._keep(("files", tuple(digests)), IdeaIndex.of(found, left_out))

    def own_scores(self, account_id: str, most: int = 24) -> list[Score]:
        """An account's newest pieces, to compare ideas with."""
        if self.store is None:
            return []
        scores = []
        for piece in self._pieces(account_id)[:most]:
            with suppress(YuefuError):
                version = self.store.pieces.version(account_id, piece.id, piece.head)
                scores.append(Document.from_bytes(self.store.pieces.document(version)).score)
        return scores

    def _pieces(self, account_id: str) -> list[Piece]:
        assert self.store is not None
        found: list[Piece] = []
        after: str | None = None
        while True:
            page, after = self.store.pieces.list(account_id, after=after, limit=200)
            found += page
            if after is None:
                return found

    def _of_piece(self, piece: Piece) -> list[Idea]:
        assert self.store is not None
        version = self.store.pieces.version(piece.account_id, piece.id, piece.head)
        kept = self._read(version.document)
        first = version
        if version.number != 1:
            with suppress(NotFoundError):
                first = self.store.pieces.version(piece.account_id, piece.id, 1)
        if kept is None:
            document = Document.from_bytes(self.store.pieces.document(version))
            licence, free = _rights(document)
            score = document.score
            source = Source("piece:", score.title, score.composer, (0, 0), licence, free)
            kept = ideas_of_score(score, source)
            self._write(version.document, kept)
        own = []
        for idea in kept:
            source = replace(idea.source, piece=f"piece:{piece.id}", title=piece.title or idea.source.title)
            if first.kind != "import" and source.licence == UNKNOWN:
                source = replace(source, licence=YOURS, free=True)
            own.append(with_source(idea, source))
        return own

    def _known(self, state: object) -> IdeaIndex | None:
        with self._lock:
            return self._indexes.get(state)

    def _keep(self, state: object, index: IdeaIndex) -> IdeaIndex:
        with self._lock:
            while len(self._indexes) >= MOST_INDEXES:
                self._indexes.pop(next(iter(self._indexes)))
            self._indexes[state] = index
        return index

    def _path(self, digest: str) -> Path:
        return self.folder / EDITION / digest[:2] / f"{digest}.json.gz"

    def _read(self, digest: str) -> list[Idea] | None:
        """What was kept for some bytes; None where there is nothing, or nothing that can be read."""
        try:
            packed = self._path(digest).read_bytes()
            stream = zlib.decompressobj(31)
            data = json.loads(stream.decompress(packed, _MOST_BYTES))
            return [idea_from_dict(each) for each in data]
        except (OSError, ValueError, zlib.error, RecursionError, YuefuError):
            return None

    def _write(self, digest: str, ideas: Sequence[Idea]) -> None:
        """Keep what was found; without room for it, it is found again next time."""
        path = self._path(digest)
        text = json.dumps([idea_to_dict(idea) for idea in ideas], ensure_ascii=False, separators=(",", ":"))
        with suppress(OSError, YuefuError):
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, gzip.compress(text.encode(), 6, mtime=0))
            self._prune(path.parent)

    def _prune(self, folder: Path) -> None:
        """Let the oldest of a folder go when there are too many."""
        kept = sorted(folder.glob("*.json.gz"), key=lambda file: file.stat().st_mtime)
        for file in kept[: max(0, len(kept) - MOST_KEPT // 256)]:
            file.unlink(missing_ok=True)


def _rights(document: Document) -> tuple[str, bool | None]:
    """A document's rights: what its score says, and of ideas that were put into it those that aren't free."""
    given = (document.report or {}).get("ideas") or ()
    for idea in given if isinstance(given, list) else ():
        if isinstance(idea, dict) and idea.get("free") is not True:
            return f"holds ideas of '{str(idea.get('title', '?'))[:60]}'", idea.get("free")
    return rights_of(document.score.metadata)
