"""HetRec 2011 Last.fm 2k (Cantador, Brusilovsky & Kuflik) for the benchmarks of choosing: who listened to which artists,
and what others tagged these with. The folder with its .dat files is given by --data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from yuefu.recommend.base import Recommender
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories, histories_of_matrix
from yuefu.recommend.registry import recommender_class


@dataclass(frozen=True, eq=False)
class HetRec:
    """The 5-core. taps: (listeners, artists) 1 where listened; names: of artists; tagged: rows (listener or -1, artist,
    tag) in the core's numbers; tags: their words."""

    taps: sp.csr_matrix
    names: tuple[str, ...]
    tagged: np.ndarray
    tags: tuple[str, ...]


def load(folder: Path, core: int = 5) -> HetRec:
    """Read, and keep listeners and artists with at least ``core`` of each other."""
    pairs = np.loadtxt(folder / "user_artists.dat", skiprows=1, dtype=np.int64)[:, :2]
    while True:
        listeners, artists = np.bincount(pairs[:, 0]), np.bincount(pairs[:, 1])
        keep = (listeners[pairs[:, 0]] >= core) & (artists[pairs[:, 1]] >= core)
        if keep.all():
            break
        pairs = pairs[keep]
    users, user = np.unique(pairs[:, 0], return_inverse=True)
    items, item = np.unique(pairs[:, 1], return_inverse=True)
    taps = sp.csr_matrix((np.ones(len(pairs), np.float32), (user, item)), shape=(len(users), len(items)))
    known = dict(line.split("\t")[:2] for line in (folder / "artists.dat").read_text("utf-8").splitlines()[1:] if line)
    words = dict(line.split("\t")[:2] for line in (folder / "tags.dat").read_text("latin-1").splitlines()[1:] if line)
    rows = np.loadtxt(folder / "user_taggedartists.dat", skiprows=1, dtype=np.int64)[:, :3]
    column = {int(one): at for at, one in enumerate(items)}
    row = {int(one): at for at, one in enumerate(users)}
    kept = [(row.get(int(u), -1), column[int(i)], int(t)) for u, i, t in rows if int(i) in column]
    tagged = np.array(kept, dtype=np.int64)
    kinds, tag = np.unique(tagged[:, 2], return_inverse=True)
    tagged[:, 2] = tag
    names = tuple(known.get(str(one), str(one)) for one in items)
    return HetRec(taps, names, tagged, tuple(words.get(str(one), str(one)) for one in kinds))


def catalogue(
    data: HetRec, without: Iterable[int] = (), hidden: sp.csr_matrix | None = None, least: int = 5
) -> Catalogue:
    """Artists by their tags. without: listeners whose tags aren't counted; hidden: pairs whose tags aren't (those that
    are to be predicted: who tags an artist listens to it). Every artist is a creator of one item."""
    left_out = np.zeros(data.taps.shape[0] + 1, dtype=bool)
    left_out[list(without)] = True
    rows = data.tagged[~left_out[data.tagged[:, 0]]]
    if hidden is not None:
        dense = np.vstack([hidden.toarray() > 0, np.zeros((1, hidden.shape[1]), bool)])
        rows = rows[~dense[rows[:, 0], rows[:, 1]]]
    shape = (data.taps.shape[1], len(data.tags))
    counts = sp.csr_matrix((np.ones(len(rows)), (rows[:, 1], rows[:, 2])), shape=shape)
    used = np.flatnonzero(np.asarray((counts > 0).sum(axis=0)).ravel() >= least)
    # Not brought to unit spread: what few are tagged with would drown the rest.
    features = np.log1p(counts[:, used].toarray()).astype(np.float32)
    items = tuple(str(at) for at in range(shape[0]))
    return Catalogue(
        items, features, tuple(f"tag:{data.tags[at]}" for at in used), data.names, np.full(shape[0], np.nan)
    )


def split(taps: sp.csr_matrix, seed: int, share: float = 0.2) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Train and test: of every listener, a random share is held out, at least one."""
    rng = np.random.default_rng(seed)
    held = np.zeros(taps.nnz, dtype=bool)
    for start, end in zip(taps.indptr[:-1], taps.indptr[1:]):
        size = max(1, round((end - start) * share))
        held[start + rng.choice(end - start, size, replace=False)] = True
    parts = []
    for which in (~held, held):
        part = taps.copy()
        part.data = taps.data * which
        part.eliminate_zeros()
        parts.append(part)
    return parts[0], parts[1]


def asked(matrix: sp.csr_matrix) -> Histories:
    """A bare question or training set."""
    return histories_of_matrix(matrix)


def fitted(name: str, train: Histories, known: Catalogue, seed: int = 0) -> Recommender:
    """A recommender by name, fitted."""
    return recommender_class(name)().fit(train, known, seed=seed)


def ndcg(order: Sequence[int] | np.ndarray, wanted: set[int], k: int = 10) -> float:
    """Of one list."""
    gains = [1.0 / np.log2(at + 2) for at, item in enumerate(order[:k]) if int(item) in wanted]
    ideal = sum(1.0 / np.log2(at + 2) for at in range(min(k, len(wanted))))
    return float(sum(gains) / ideal) if ideal else 0.0


def recall(order: Sequence[int] | np.ndarray, wanted: set[int], k: int = 20) -> float:
    """Of one list."""
    return len({int(item) for item in order[:k]} & wanted) / len(wanted) if wanted else 0.0


def own(matrix: sp.csr_matrix, row: int) -> set[int]:
    """A listener's columns."""
    return set(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tolist())


def write(lines: list[str], out: Path | None) -> None:
    """Print a table, and keep it."""
    text = "\n".join(lines) + "\n"
    print(text)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, "utf-8")
