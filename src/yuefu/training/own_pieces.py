"""A folder of a user's own scores as pieces to learn from: read, cleaned, laid out in rows, annotated and split.

What can't be used is left out with its reason, and so is what comes twice. Pieces that share much of a tune, a title
or a file are one work, and a work stays on one side of the split.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from yuefu.corpus.annotate import annotate
from yuefu.corpus.clean import clean, trim
from yuefu.corpus.dedup import Index, signature
from yuefu.corpus.labels import groups_of
from yuefu.corpus.rows import assign_rows, single_lines
from yuefu.errors import InputError, LimitError, YuefuError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.abc_read import read_abc_book
from yuefu.score.files import FORMATS, NATIVE, WRITTEN_ONLY, score_from_data
from yuefu.score.limits import read_limited
from yuefu.score.model import Score
from yuefu.training.own_modes import in_modes

log = logging.getLogger(__name__)

#: The set that pieces of one's own are in.
OWN = "own"
MAX_FILES = 5_000
MAX_PIECES = 2_000
#: Fewest works that can be split three ways.
LEAST_WORKS = 6
#: About what share of the pieces is held out to stop by, and again to measure by.
HELD_OUT = 0.12
#: Overlap of tunes from which two pieces are versions of one work.
RELATED = 0.3
#: Bars of more ticks are halved where they can be.
LONG_BAR = 144
#: A title that more than this share of the pieces bears isn't a work's.
COMMON_TITLE = 0.15
_NUMBERED = re.compile(r"[\s,.;:_#-]*(\(.*?\)|\[.*?\]|(no|nr|op|version|var|setting)\.?\s*[\divx]+|\d+)\s*$", re.I)
_TUNE = re.compile(rb"^X:", re.MULTILINE)
_EXTENSIONS = tuple(each for each in FORMATS if each not in WRITTEN_ONLY)


@dataclass(frozen=True)
class Item:
    """Something that holds one piece. name: as it is told; read: its bytes and its score."""

    name: str
    read: Callable[[], tuple[bytes, Score]]


@dataclass(frozen=True)
class Source:
    """A piece that is used. sha256: of what it was read from."""

    name: str
    sha256: str
    score: Score

    @property
    def split(self) -> str:
        """What it is used for: ``"train"``, ``"valid"`` or ``"test"``."""
        return str(self.score.metadata["split"])


@dataclass(frozen=True)
class OwnPieces:
    """What became of a folder. skipped: (name, reason)."""

    sources: tuple[Source, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    duplicates: int = 0

    def scores(self, *splits: str) -> list[Score]:
        """The scores of some parts of the split, or all."""
        return [each.score for each in self.sources if not splits or each.split in splits]

    @property
    def counts(self) -> dict[str, int]:
        """How many pieces each part of the split has."""
        found = Counter(each.split for each in self.sources)
        return {name: found[name] for name in ("train", "valid", "test")}


def folder_items(folder: Path) -> list[Item]:
    """What a folder, or a single file, holds, in order; an ABC book holds an item for each tune.

    Raises InputError for a folder without scores, LimitError for one with too many.
    """
    if not folder.exists():
        raise InputError(f"there is no folder '{folder}': give the one that holds your scores.")
    paths = [folder] if folder.is_file() else sorted(
        path for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )  # fmt: skip
    paths = [path for path in paths if path.name.lower().endswith(_EXTENSIONS)]
    if not paths:
        raise InputError(f"'{folder}' holds no scores: put MIDI, MusicXML, ABC or {NATIVE} files there.")
    if len(paths) > MAX_FILES:
        raise LimitError(f"'{folder}' holds {len(paths)} scores, more than {MAX_FILES}: give a smaller folder.")
    root = folder.parent if folder.is_file() else folder
    return [item for path in paths for item in file_items(path, str(path.relative_to(root)))]


def file_items(path: Path, name: str) -> list[Item]:
    """The items of one file."""
    if path.suffix.lower() == ".abc":
        try:
            data = read_limited(path, "score")
        except YuefuError as error:
            return [_broken(name, error)]
        starts = [match.start() for match in _TUNE.finditer(data)] or [0]
        if len(starts) > 1:
            chunks = [data[a:b] for a, b in zip(starts, [*starts[1:], len(data)])]
            return [Item(f"{name}#{i}", _tune_reader(chunk)) for i, chunk in enumerate(chunks, 1)]

    def read() -> tuple[bytes, Score]:
        data = read_limited(path, "score")
        return data, score_from_data(data, path.name)[0]

    return [Item(name, read)]


def _broken(name: str, error: YuefuError) -> Item:
    def read() -> tuple[bytes, Score]:
        raise error

    return Item(name, read)


def _tune_reader(data: bytes) -> Callable[[], tuple[bytes, Score]]:
    def read() -> tuple[bytes, Score]:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        tunes = read_abc_book(text)
        if not tunes:
            raise InputError("it holds no tune.")
        return data, tunes[0]

    return read


def spread(items: Sequence[Item], limit: int | None) -> list[Item]:
    """At most ``limit`` of the items, evenly from all of them."""
    if limit is None or len(items) <= limit:
        return list(items)
    return [items[i * len(items) // limit] for i in range(limit)]


def gather(items: Sequence[Item], limit: int | None = None, seed: int = 1, progress: Listener = ignore) -> OwnPieces:
    """Read items and make them ready to learn from, split by work.

    limit: use at most so many pieces, evenly from all. Raises LimitError for more pieces than can be used, InputError
    when too few can be.
    """
    items = spread(items, limit)
    if len(items) > MAX_PIECES:
        raise LimitError(f"{len(items)} pieces are more than {MAX_PIECES}: take some of them with --limit.")
    found, skipped, index, hashes, duplicates = _Found(), [], Index(), set(), 0
    for number, item in enumerate(items):
        progress(Progress("read", number, len(items), item.name))
        try:
            data, score = item.read()
            prepared = prepare(score, item.name)
        except YuefuError as error:
            skipped.append((item.name, str(error)))
            continue
        except Exception as error:  # one file's fault must not cost the others
            log.warning("%s", item.name, exc_info=True)
            skipped.append((item.name, f"it can't be read ({type(error).__name__}: {error!s:.80})."))
            continue
        digest, signed = hashlib.sha256(data).hexdigest(), signature(prepared)
        if digest in hashes or (signed is not None and index.find(signed)):
            duplicates += 1
            continue
        hashes.add(digest)
        names = [f"file/{item.name}"]
        if signed is not None:
            near = index.find(signed, threshold=RELATED)
            names += [near[0]] if near else []
            index.add(signed, names[0], names[0])
        found.add(Source(item.name, digest, prepared), names)
    progress(Progress("read", len(items), len(items)))
    works = found.works()
    if len(set(works)) < LEAST_WORKS:
        why = f" ({skipped[0][0]}: {skipped[0][1].rstrip('.')})" if skipped else ""
        raise InputError(
            f"{len(set(works))} different pieces can be used{why}: give at least {LEAST_WORKS}, better 20 to 50."
        )
    splits = split_works(works, seed)
    sources = []
    scores = in_modes([source.score for source in found.sources])
    for source, score, work, split in zip(found.sources, scores, works, splits, strict=True):
        metadata = {**score.metadata, "work": f"{work:04}", "split": split}
        sources.append(replace(source, score=replace(score, metadata=metadata)))
    return OwnPieces(tuple(sources), tuple(skipped), duplicates)


@dataclass
class _Found:
    sources: list[Source] = field(default_factory=list)
    names: list[list[str]] = field(default_factory=list)

    def add(self, source: Source, names: list[str]) -> None:
        self.sources.append(source)
        self.names.append(names)

    def works(self) -> list[int]:
        """A number for each piece's work: by shared tunes, and by titles that few pieces bear."""
        titles = [plain_title(source.score.title) for source in self.sources]
        often = Counter(titles)
        most = max(2, COMMON_TITLE * len(titles))
        names = [
            [*own, *([f"title/{title}"] if len(title) > 3 and often[title] <= most else [])]
            for own, title in zip(self.names, titles, strict=True)
        ]
        return groups_of(names)


def plain_title(title: str) -> str:
    """A title without what tells versions and movements apart.

    >>> plain_title("The Rose Tree (version 2)"), plain_title("Invention No. 4")
    ('the rose tree', 'invention')
    """
    text = " ".join(title.lower().split())
    while (shorter := _NUMBERED.sub("", text)) != text and shorter:
        text = shorter
    return text


def split_works(works: Sequence[int], seed: int) -> list[str]:
    """A part for each piece: works in a drawn order fill the test part, then the one to stop by; the rest trains."""
    order = np.random.default_rng([seed, 7]).permutation(sorted(set(works))).tolist()
    sizes = Counter(works)
    wanted = max(1, round(HELD_OUT * len(works)))
    part: dict[int, str] = {}
    for name in ("test", "valid"):
        taken = 0
        # A work that would swallow the whole part, or much more, trains instead.
        for work in [work for work in order if work not in part]:
            if taken < wanted and (sizes[work] <= max(1, wanted) or not taken) and sizes[work] <= len(works) // 3 + 1:
                part[work] = name
                taken += sizes[work]
    return [part.get(work, "train") for work in works]


def prepare(score: Score, name: str) -> Score:
    """A score as the corpus keeps it: on the grid, a part a row, with keys and chords. Raises InputError."""
    told = {
        "set": OWN, "source": name,
        "tempo_given": score.metadata.get("tempo_given") is not False and len(score.tempos) > 0,
        "players": sorted({(part.instrument or part.name) for part in score.parts if len(part.notes)}),
    }  # fmt: skip
    roles = [part.role for part in score.parts if len(part.notes)]
    laid_out = name.lower().endswith(NATIVE) and len(set(roles)) == len(roles)
    score = clean(halved(replace(score, metadata={**score.metadata, **told})))
    score = single_lines(score) if laid_out else trim(assign_rows(score))
    return annotate(score, trust_key=score.metadata.get("key_given") is not False)


def halved(score: Score) -> Score:
    """A score whose bars of four halves are written as two bars of two: plans and model are at home in those."""
    if all(meter.bar_ticks <= LONG_BAR or meter.numerator % 2 for meter in score.meters):
        return score
    meters = tuple(
        meter if meter.bar_ticks <= LONG_BAR or meter.numerator % 2 else replace(meter, numerator=meter.numerator // 2)
        for meter in score.meters
    )
    return replace(score, meters=meters, pickup=score.pickup % meters[0].bar_ticks)


def with_style(scores: Iterable[Score], label: str) -> Iterator[Score]:
    """The scores, labelled as the model knows their style."""
    for score in scores:
        yield replace(score, metadata={**score.metadata, "style": label})
