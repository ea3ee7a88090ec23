"""Ceol Rince na hÉireann: Irish dance tunes as MIDI, repeats written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.corpus.upbeat import find_upbeat
from yuefu.score.midi import read_midi
from yuefu.score.model import Score

_DANCES = re.compile(r"(reel|jig|hornpipe|polka|slide|march|waltz|barndance|setdance)", re.I)
_VERSION = re.compile(r"\d*[A-C]?$")


def read(folder: Path) -> Iterator[Item]:
    """One item a tune; tunes that differ only by a number or letter at the end are one work."""
    for path in sorted(folder.rglob("*.mid")):
        dance = _DANCES.findall(path.stem)
        name = path.stem.removesuffix("The")
        yield Item(
            work=_VERSION.sub("", name).lower() or path.stem,
            load=load,
            args=(str(path), _title(path.stem)),
            source=path.name,
            style="celtic",
            metadata={"rhythm": dance[-1].lower()} if dance else {},
        )


def _title(stem: str) -> str:
    """``SpikeIslandLassesreelThe`` as ``The Spike Island Lasses``."""
    the = stem.endswith("The") and len(stem) > 3
    stem = re.sub(r"(reel|jig|hornpipe|polka|slide)(\d*[A-C]?)$", r"\2", stem.removesuffix("The"))
    words = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", stem).strip()
    return f"The {words}" if the else words


def load(path: str, title: str) -> Score:
    """A tune: its first track (some files repeat it in a second), with its upbeat found."""
    score = read_midi(Path(path))
    score = replace(score, title=title, parts=score.parts[:1])
    return find_upbeat(score)
