"""Building the corpus: every set of a folder, read, cleaned, laid out in rows, annotated, deduplicated, split.

A set's pieces are prepared by a pool of processes, in an order that doesn't depend on it, and
written to ``OUT/<set>.jsonl.gz`` when the set is complete. ``OUT/.state/<set>.json`` remembers what
it was built from, so that a finished set isn't built again. A piece that can't be used is counted
with its sentence and never stops the build.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from yuefu.corpus.annotate import annotate
from yuefu.corpus.clean import Refused, clean, trim
from yuefu.corpus.dedup import Index, Signature, signature
from yuefu.corpus.manifest import Manifest, manifest
from yuefu.corpus.reader_types import Item
from yuefu.corpus.readers import READERS, reader
from yuefu.corpus.rows import assign_rows, single_lines
from yuefu.corpus.source import find_set, fingerprint, open_set
from yuefu.corpus.split import split_of
from yuefu.corpus.store import set_path, to_line, write_bytes, write_lines
from yuefu.corpus.texts import SUFFIX as TEXT_SUFFIX
from yuefu.corpus.texts import TEXT_READERS, read_texts, write_texts
from yuefu.errors import InputError, UnknownNameError, YuefuError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.model import Score

log = logging.getLogger(__name__)

#: Raised when the pieces change for the same sources; a set built by another version is built again.
PIPELINE_VERSION = 4
#: Examples of refused pieces that are kept for each reason.
EXAMPLES = 5
_AHEAD = 64


@dataclass
class SetResult:
    """What became of a set. refused: reason -> count; examples: reason -> sentences."""

    name: str
    pieces: int = 0
    notes: int = 0
    duplicates: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0
    fresh: bool = True  # False: it was there already
    error: str = ""  # why the whole set couldn't be built


@dataclass(frozen=True)
class _Piece:
    line: str
    notes: int
    work: str
    split: str
    signature: Signature | None
    quality: tuple[int, int]


@dataclass(frozen=True)
class _Failure:
    reason: str
    sentence: str


def build(
    from_dir: Path | str,
    out_dir: Path | str,
    sets: Iterable[str] | None = None,
    jobs: int | None = None,
    progress: Listener = ignore,
    force: bool = False,
) -> list[SetResult]:
    """Build the sets that ``from_dir`` holds (or those named) into ``out_dir``; a result each.

    jobs: processes (default: all cores). progress hears ``Progress(set name, done, total)``.
    Raises InputError for a folder without any known set, UnknownNameError for a set without a
    reader, OutputError when the folder can't be written.
    """
    source, out = Path(from_dir), Path(out_dir)
    if not source.is_dir():
        raise InputError(f"'{source}' isn't a folder: give the folder that holds a folder for each set.")
    known = [*READERS, *TEXT_READERS]
    wanted = list(sets) if sets is not None else [name for name in known if (source / name).is_dir()]
    if not wanted:
        raise InputError(f"'{source}' holds none of the known sets: {', '.join(known)}.")
    for name in wanted:
        if name not in known:
            raise UnknownNameError("corpus set", name, known)
        find_set(source, name)
    jobs = max(1, jobs or os.cpu_count() or 1)
    index = Index()
    results: list[SetResult] = []
    for name in TEXT_READERS:
        if name in wanted:
            results.append(_build_texts(source, out, name, progress, force))
    with ProcessPoolExecutor(jobs) as pool:
        for name in READERS:  # their order is the order of preference among duplicates
            if name not in wanted:
                _remember_built(out, name, index)
                continue
            try:
                results.append(_build_set(source, out, name, pool, index, progress, force))
            except YuefuError as error:
                log.warning("set %s can't be built: %s", name, error)
                results.append(SetResult(name, error=str(error)))
    return results


def _build_set(
    source: Path, out: Path, name: str, pool: ProcessPoolExecutor, index: Index, progress: Listener, force: bool
) -> SetResult:
    started = time.monotonic()
    state_path = out / ".state" / f"{name}.json"
    stamp = _stamp(source, name)
    if not force and (state := _finished(state_path, set_path(out, name), stamp)):
        _remember(state, index)
        progress(Progress(name, 1, 1, "already built"))
        return replace(SetResult(**state["result"]), fresh=False)
    folder = open_set(source, name, out)
    items = list(reader(name)(folder))
    if not items:
        raise InputError(f"the folder of '{name}' holds none of the set's files: see 'yuefu corpus sets'.")
    result = SetResult(name)
    refused: Counter[str] = Counter()
    pieces: list[_Piece] = []
    about = manifest(name)
    for done, (_, outcome) in enumerate(_in_order(pool, items, about), 1):
        for found in outcome:
            if isinstance(found, _Failure):
                refused[found.reason] += 1
                examples = result.examples.setdefault(found.reason, [])
                if len(examples) < EXAMPLES:
                    examples.append(found.sentence)
            else:
                pieces.append(found)
        progress(Progress(name, done, len(items)))
    kept = _without_duplicates(about, pieces, index, result)
    write_lines(set_path(out, name), (piece.line for piece in kept))
    result.pieces, result.notes = len(kept), sum(piece.notes for piece in kept)
    result.refused = dict(sorted(refused.items(), key=lambda x: (-x[1], x[0])))
    result.seconds = round(time.monotonic() - started, 1)
    signatures = [[f"{name}/{p.work}", p.work, p.signature.tolist()] for p in kept if p.signature is not None]
    state = {"stamp": stamp, "result": vars(result), "signatures": signatures}
    write_bytes(state_path, json.dumps(state, ensure_ascii=False).encode())
    return result


def _build_texts(source: Path, out: Path, name: str, progress: Listener, force: bool) -> SetResult:
    """A text set: its records are few and need no preparing, so it is read in one go."""
    started = time.monotonic()
    state_path = out / ".state" / f"{name}.json"
    stamp = _stamp(source, name)
    if not force and (state := _finished(state_path, out / f"{name}{TEXT_SUFFIX}", stamp)):
        progress(Progress(name, 1, 1, "already built"))
        return replace(SetResult(**state["result"]), fresh=False)
    try:
        count = write_texts(out, name, read_texts(name, open_set(source, name, out)))
    except YuefuError as error:
        return SetResult(name, error=str(error))
    except Exception as error:  # one set's fault must not cost the others
        log.warning("set %s", name, exc_info=True)
        return SetResult(name, error=f"its reader failed on this data ({type(error).__name__}: {error!s:.120}).")
    result = SetResult(name, pieces=count, seconds=round(time.monotonic() - started, 1))
    progress(Progress(name, count, count))
    write_bytes(state_path, json.dumps({"stamp": stamp, "result": vars(result), "signatures": []}).encode())
    return result


def _stamp(source: Path, name: str) -> dict[str, Any]:
    """What a set was built from: the pipeline, its reader's code, its manifest and its files."""
    spec = find_spec({**READERS, **TEXT_READERS}[name].partition(":")[0])
    code = Path(spec.origin).read_bytes() if spec and spec.origin else b""
    return {
        "pipeline": PIPELINE_VERSION,
        "reader": hashlib.sha256(code).hexdigest()[:16],
        "files": fingerprint(find_set(source, name)),
    }


def _finished(state_path: Path, data: Path, stamp: dict[str, Any]) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads(state_path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return state if state.get("stamp") == stamp and data.is_file() else None


def _remember_built(out: Path, name: str, index: Index) -> None:
    """Take a set that was built earlier, and isn't asked for now, into account as it is."""
    try:
        state = json.loads((out / ".state" / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return
    if set_path(out, name).is_file() and state["stamp"].get("pipeline") == PIPELINE_VERSION:
        _remember(state, index)


def _remember(state: dict[str, Any], index: Index) -> None:
    import numpy as np

    for label, work, values in state["signatures"]:
        index.add(np.array(values, dtype=np.uint64), label, f"{label.partition('/')[0]}/{work}")


def _in_order(
    pool: ProcessPoolExecutor, items: list[Item], about: Manifest
) -> Iterator[tuple[Item, list[_Piece | _Failure]]]:
    """The items' outcomes in the items' order, a bounded number of them under way."""
    waiting: list[tuple[Item, Future[list[_Piece | _Failure]]]] = []
    queue = iter(items)
    while True:
        while len(waiting) < _AHEAD and (item := next(queue, None)) is not None:
            waiting.append((item, pool.submit(prepare, item, about)))
        if not waiting:
            return
        item, future = waiting.pop(0)
        yield item, future.result()


def _without_duplicates(about: Manifest, pieces: list[_Piece], index: Index, result: SetResult) -> list[_Piece]:
    """The pieces without near-duplicates, here or in the sets before; of two, the fuller one stays.

    Versions of one work stay, since they share a split. A set with a split of its own is a
    benchmark and stays whole; the sets after it are compared with it all the same.
    """
    name = about.name
    order = sorted(range(len(pieces)), key=lambda i: (pieces[i].quality, -i), reverse=True)
    kept = []
    for i in order:
        piece = pieces[i]
        if piece.signature is not None:
            if about.split != "own" and index.find(piece.signature, f"{name}/{piece.work}"):
                result.duplicates += 1
                continue
            index.add(piece.signature, f"{name}/{piece.work}", f"{name}/{piece.work}")
        kept.append(i)
    return [pieces[i] for i in sorted(kept)]


def prepare(item: Item, about: Manifest) -> list[_Piece | _Failure]:
    """Load an item and make its pieces ready to store; a failure is an outcome, not an error."""
    try:
        loaded = item.load(*item.args)
    except YuefuError as error:
        return [_failure(item, error)]
    except Exception as error:  # a reader's bug on one file must not cost the set
        log.warning("%s/%s", about.name, item.source, exc_info=True)
        return [_Failure(f"unexpected {type(error).__name__}", f"{item.source}: {error!s:.200}")]
    out: list[_Piece | _Failure] = []
    for score in [loaded] if isinstance(loaded, Score) else loaded:
        try:
            out.append(_piece(prepare_score(score, item, about)))
        except YuefuError as error:
            out.append(_failure(item, error))
        except Exception as error:
            log.warning("%s/%s", about.name, item.source, exc_info=True)
            out.append(_Failure(f"unexpected {type(error).__name__}", f"{item.source}: {error!s:.200}"))
    return out


def prepare_score(score: Score, item: Item, about: Manifest) -> Score:
    """One loaded score as the corpus keeps it: on the grid, in rows, with key, chords and its record."""
    own = {key: value for key, value in score.metadata.items() if value not in ("", None)}
    work = str(own.get("work", item.work))
    metadata = {
        **item.metadata,
        **own,
        "set": about.name,
        "work": work,
        "style": own.get("style") or item.style or about.style,
        "licence": own.get("licence") or item.licence or about.licence,
        "source": own.get("source") or item.source,
        "split": own.get("split") or item.split or split_of(about.name, work),
    }
    score = clean(replace(score, metadata=metadata))
    score = single_lines(score) if item.arranged else trim(assign_rows(score))
    score = annotate(score, trust_key=about.keys == "given")
    roles = [part.role for part in score.parts]
    if len(set(roles)) < len(roles):
        raise Refused("two parts in a row", ", ".join(roles))
    return score


def _piece(score: Score) -> _Piece:
    return _Piece(
        line=to_line(score),
        notes=score.note_count,
        work=score.metadata["work"],
        split=score.metadata["split"],
        signature=signature(score),
        quality=(len(score.parts), score.note_count),
    )


def _failure(item: Item, error: YuefuError) -> _Failure:
    reason = error.reason if isinstance(error, Refused) else type(error).__name__
    return _Failure(reason, f"{item.source}: {error}"[:300])
