"""A folder's phrases, or its pieces, as points on a plane: ``yuefu map``. What lies close together sounds alike."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.analysis.embedding import plane
from yuefu.engines import load_engine
from yuefu.engines.vae import WRITTEN_METERS, VaeEngine
from yuefu.errors import InputError, LimitError, UnknownNameError, YuefuError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.files import FORMATS, WRITTEN_ONLY, read_score
from yuefu.score.model import Score
from yuefu.tokens.phrases import PHRASE_ROWS, Phrase, fits, phrase_from
from yuefu.workflows.fill_wishes import row_name
from yuefu.workflows.score_canvas import open_score

log = logging.getLogger(__name__)
#: Files, and points, that are mapped at most.
MOST_FILES, MOST_POINTS = 1000, 3000
WAYS = ("tsne", "pca")
KINDS = ("phrase", "piece")
_BARS = 4
#: How many neighbours are told.
_NEAR = 3


@dataclass(frozen=True)
class Point:
    """One phrase or piece. label: file and bars; group: what it is coloured by; x, y: on the plane, -1 to 1; near: the
    nearest others from other files, with their distances."""

    label: str
    file: str
    group: str
    bars: tuple[int, int]
    x: float
    y: float
    near: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class PhraseMap:
    """A map. left_out: files that couldn't be mapped, with the reason; kept: the share of the points' spread that the
    plane's two axes hold (of PCA)."""

    points: tuple[Point, ...]
    row: str
    by: str
    way: str
    left_out: dict[str, str]
    kept: float

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "row": self.row, "by": self.by, "way": self.way, "spread_on_the_plane": round(self.kept, 4),
            "left_out": self.left_out,
            "points": [
                {
                    "label": point.label, "file": point.file, "group": point.group, "bars": list(point.bars),
                    "x": round(point.x, 4), "y": round(point.y, 4),
                    "nearest": [{"label": label, "distance": round(distance, 4)} for label, distance in point.near],
                }
                for point in self.points
            ],
        }  # fmt: skip

    def picture(self, language: str = "en") -> bytes:
        """As PNG."""
        from yuefu.workflows.phrase_pictures import map_png

        return map_png(self, language)


def map_folder(
    folder: Path,
    row: str = "melody",
    by: str = "phrase",
    way: str = "tsne",
    *,
    engine: VaeEngine | None = None,
    progress: Listener = ignore,
) -> PhraseMap:
    """The scores of a folder and its subfolders as a map.

    row: melody, bass or drums; by: a point for each phrase of four bars, or for each piece (the middle of its phrases);
    way: ``"tsne"`` keeps neighbours together, ``"pca"`` keeps distances as far as a plane can. Files that can't be read
    or don't have the row are left out and told. Raises InputError where fewer than three points are found.
    """
    row = row_name(row)
    for name, known, what in ((row, PHRASE_ROWS, "row"), (by, KINDS, "kind of point"), (way, WAYS, "way of mapping")):
        if name not in known:
            raise UnknownNameError(what, name, known)
    files = score_files(folder)
    used = engine or load_engine("vae")
    assert isinstance(used, VaeEngine)
    found: list[tuple[str, Path, tuple[int, int], NDArray[np.float64]]] = []
    left_out: dict[str, str] = {}
    for number, path in enumerate(files):
        progress(Progress("map", number, len(files), path.name))
        name = str(path.relative_to(folder)) if folder.is_dir() else path.name
        try:
            phrases = phrases_of(read_score(path), row)
        except YuefuError as error:
            left_out[name] = str(error)
            continue
        if not phrases:
            left_out[name] = f"no four bars in which {row} plays, in {', '.join(WRITTEN_METERS)}"
            continue
        points = [point.mean(axis=0).astype(float) for point in used.space.encode_all([each for _, each in phrases])]
        if by == "piece":
            bars = phrases[0][0][0], phrases[-1][0][1]
            found.append((name, path, bars, np.mean(points, axis=0)))
        else:
            found += [(name, path, bars, point) for (bars, _), point in zip(phrases, points, strict=True)]
    progress(Progress("map", len(files), len(files)))
    if len(found) < 3:
        raise InputError(
            f"only {len(found)} of {row} found in '{folder}', and a map needs three: "
            "give a folder with more scores, or another --row."
        )
    if len(found) > MOST_POINTS:
        raise LimitError(f"'{folder}' holds {len(found)} phrases, more than {MOST_POINTS}: use --by piece.")
    return _mapped(found, folder, row, by, way, left_out)


def _mapped(
    found: Sequence[tuple[str, Path, tuple[int, int], NDArray[np.float64]]], folder: Path, row: str, by: str, way: str,
    left_out: dict[str, str],
) -> PhraseMap:  # fmt: skip
    names = [name for name, _, _, _ in found]
    labels = [name if by == "piece" else f"{name}:{first}-{last}" for name, _, (first, last), _ in found]
    points = np.array([point for _, _, _, point in found])
    points = (points - points.mean(axis=0)) / np.maximum(points.std(axis=0), 1e-6)
    places, kept = plane(points, way)
    far = np.sqrt(((points[:, None] - points[None]) ** 2).mean(axis=2))
    groups = _groups(names)
    told = []
    for number, (name, _, bars, _) in enumerate(found):
        order = [k for k in np.argsort(far[number], kind="stable").tolist() if names[k] != name][:_NEAR]
        near = tuple((labels[k], float(far[number, k])) for k in order)
        x, y = places[number].tolist()
        told.append(Point(labels[number], name, groups[number], bars, x, y, near))
    return PhraseMap(tuple(told), row, by, way, left_out, kept)


def _groups(names: Sequence[str]) -> list[str]:
    """What points are coloured by: the subfolder where there are some, else the file."""
    folders = [str(Path(name).parent) for name in names]
    return folders if len(set(folders)) > 1 else [Path(name).name for name in names]


def score_files(folder: Path) -> list[Path]:
    """The scores in a folder and its subfolders, in order. Raises InputError for none, LimitError for too many."""
    if not folder.exists():
        raise InputError(f"there is no folder '{folder}': give the one that holds your scores.")
    endings = tuple(ending for ending in FORMATS if ending not in WRITTEN_ONLY)
    files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    files = [path for path in files if path.name.lower().endswith(endings) and not path.name.startswith(".")]
    if not files:
        raise InputError(f"'{folder}' holds no scores: put MIDI, MusicXML or ABC files there.")
    if len(files) > MOST_FILES:
        raise LimitError(f"'{folder}' holds {len(files)} scores, more than {MOST_FILES}: give a smaller folder.")
    return files


def phrases_of(score: Score, row: str, bars: int = _BARS) -> list[tuple[tuple[int, int], Phrase]]:
    """Phrases of a row, cut four by four bars from each metre's first whole bar: ((first bar, last bar), phrase)."""
    piece = open_score(score)
    if piece.owner(row) is None:
        raise InputError(f"nobody plays {row}")
    columns = piece.canvas.bars
    good = [fits(column) and not column.offset and column.meter in WRITTEN_METERS for column in columns]
    found = []
    start = 0
    while start + bars <= len(columns):
        stretch = range(start, start + bars)
        odd = [bar for bar in stretch if not good[bar] or columns[bar].meter != columns[start].meter]
        if odd:
            start = max(odd[0], start + 1)
            continue
        minor = piece.keys[start].mode == "minor"
        phrase = phrase_from(piece.canvas.cells, columns, row, start, bars, minor)
        if phrase.onsets >= 3:
            found.append(((piece.number(start), piece.number(start + bars - 1)), phrase))
        start += bars
    return found
