"""A built corpus folder as pieces, packed once a set and then loaded in seconds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from yuefu.corpus.store import iter_scores
from yuefu.errors import InputError
from yuefu.progress import Listener, Progress, ignore
from yuefu.training.pieces import Piece, pack, pieces_of, unpack

log = logging.getLogger(__name__)
PACKED = ".pieces"


def load_pieces(folder: Path, sets: list[str], progress: Listener = ignore) -> list[Piece]:
    """The pieces of the named sets that a built corpus folder holds.

    A set is packed again when its file has changed. Sets that aren't built are logged and left
    out; raises InputError when none is there.
    """
    pieces: list[Piece] = []
    for number, name in enumerate(sorted(sets)):
        progress(Progress("pack", number, len(sets), name))
        pieces += _pieces_of_set(folder, name)
    progress(Progress("pack", len(sets), len(sets)))
    if not pieces:
        raise InputError(f"{folder} holds none of the sets {', '.join(sorted(sets))}: run `yuefu corpus build` first.")
    return pieces


def _pieces_of_set(folder: Path, name: str) -> Iterator[Piece]:
    source = folder / f"{name}.jsonl.gz"
    if not source.exists():
        log.warning("the set %s isn't built in %s: it is left out", name, folder)
        return
    packed = folder / PACKED / f"{name}.pkl"
    if packed.exists() and packed.stat().st_mtime >= source.stat().st_mtime:
        try:
            yield from unpack(packed)
            return
        except InputError as error:
            log.info("%s", error)
    pieces = list(pieces_of(iter_scores(folder, sets=[name])))
    packed.parent.mkdir(exist_ok=True)
    pack(pieces, packed)
    yield from pieces
