"""Scores of the collections that the music21 library brings along, on the user's own machine."""

from __future__ import annotations

import difflib
import re
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from yuefu.errors import FormatError, InputError, MissingExtraError
from yuefu.score.files import FORMATS, score_from_data
from yuefu.score.limits import read_limited
from yuefu.score.model import Score
from yuefu.training.own_pieces import Item, file_items, spread

#: How such a collection is asked for: ``music21:essen/han1``.
PREFIX = "music21:"
#: Short names of folders.
SHORT = {"essen": "essenFolksong", "oneills": "oneills1850", "ryans": "ryansMammoth", "airds": "airdsAirs"}
#: What only the library reads.
_KRN = ".krn"


def collection_items(source: str, limit: int | None = None) -> list[Item]:
    """The pieces of ``music21:FOLDER``, ``music21:FOLDER/FILE`` or a part of a file's name.

    limit: at most so many, evenly from all. Raises MissingExtraError without music21, InputError, which lists what
    there is, for a collection that isn't there.
    """
    try:
        from music21 import corpus
    except ImportError as error:
        raise MissingExtraError("the collections of music21", "import") from error
    root = _root()
    wanted = source.removeprefix(PREFIX).strip().strip("/")
    paths = [Path(str(path)) for path in corpus.getPaths()]
    paths = [path for path in paths if path.is_relative_to(root)]
    chosen = _matching(wanted, paths, root)
    if not chosen:
        raise InputError(_unknown(wanted, paths, root))
    items: list[Item] = []
    for path in chosen:
        name = f"{PREFIX}{path.relative_to(root).as_posix()}"
        if path.suffix.lower() == _KRN:
            items.append(Item(name, _library_reader(path)))
        else:
            items += file_items(path, name)
    return spread(items, limit)


def _root() -> Path:
    import music21

    return Path(str(music21.__file__)).parent / "corpus"


def _matching(wanted: str, paths: list[Path], root: Path) -> list[Path]:
    """The files that a name means: those in a folder, a file, or files of a folder whose names begin so."""
    if not wanted or ".." in wanted:
        return []
    head, _, rest = wanted.partition("/")
    head = SHORT.get(head.lower(), head)
    own = [path for path in paths if path.suffix.lower() in (*FORMATS, _KRN)]
    inside = [path for path in own if path.relative_to(root).parts[0].lower() == head.lower()]
    if rest:
        plain = rest.lower()
        inside = [path for path in inside if "/".join(path.relative_to(root).parts[1:]).lower().startswith(plain)]
    return sorted(inside, key=lambda path: path.as_posix())


def _unknown(wanted: str, paths: list[Path], root: Path) -> str:
    """One sentence with what there is."""
    counts: Counter[str] = Counter(path.relative_to(root).parts[0] for path in paths)
    head = SHORT.get(wanted.partition("/")[0].lower(), wanted.partition("/")[0])
    if "/" in wanted and head in counts:
        files = sorted({path.stem for path in paths if path.relative_to(root).parts[0] == head})
        near = difflib.get_close_matches(wanted.partition("/")[2], files, n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'? " if near else ""
        shown = ", ".join(files[:40]) + (" ..." if len(files) > 40 else "")
        return f"music21's '{head}' has no '{wanted.partition('/')[2][:60]}': {hint}It has {shown}."
    near = difflib.get_close_matches(head, [*counts, *SHORT], n=1, cutoff=0.4)
    hint = f"did you mean '{near[0]}'? " if near else ""
    shown = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items(), key=lambda x: (-x[1], x[0]))[:30])
    return f"music21 has no collection '{wanted[:60]}': {hint}It has (files) {shown}; essen is short for essenFolksong."


def _library_reader(path: Path) -> Callable[[], tuple[bytes, Score]]:
    """Reads a file by the library, by way of MusicXML."""

    def read() -> tuple[bytes, Score]:
        from music21 import converter
        from music21.musicxml.m21ToXml import GeneralObjectExporter

        data = read_limited(path, "score")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                stream: Any = converter.parse(path)
                xml = GeneralObjectExporter(stream).parse()
        except Exception as error:  # the library raises whatever it comes upon
            raise FormatError(f"music21 can't read it ({type(error).__name__}: {error!s:.80}).") from error
        score, _ = score_from_data(xml, f"{path.stem}.musicxml")
        return data, replace(score, title=re.sub(r"[_-]+", " ", path.stem))

    return read
