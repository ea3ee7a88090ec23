"""The data sets, described as data: one TOML file each in ``manifests/``.

A manifest says where a set comes from (origin, commit), under which licence, how to cite it, how a
user gets it, what its archives are called and their checksums, and what the corpus takes from it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from yuefu.errors import UnknownNameError
from yuefu.score.model import ROWS


@dataclass(frozen=True)
class Manifest:
    """One data set.

    name: the folder and file name; kind: ``"music"`` or ``"text"``; commit: of the origin's
    repository; licence: an SPDX-like name; licence_note: what it covers or leaves open; amber: the
    terms are likely but not beyond doubt; get: how a user obtains the files; archives: file name
    -> SHA-256; teaches: what a model learns from it; rows: the rows its pieces can have; style:
    the label of pieces that say nothing else; keys: ``"given"`` (signatures were set by someone) or
    ``"estimated"``; chords: ``"given"`` or ``"inferred"``; split: ``"own"`` or ``"work"`` (a hash
    of the work).
    """

    name: str
    title: str
    kind: str
    origin: str
    commit: str
    licence: str
    citation: str
    get: str
    teaches: str
    licence_note: str = ""
    amber: bool = False
    archives: dict[str, str] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    style: str = ""
    keys: str = "estimated"
    chords: str = "inferred"
    split: str = "work"

    def __post_init__(self) -> None:
        unknown = [row for row in self.rows if row not in ROWS]
        if unknown:
            raise UnknownNameError("row", unknown[0], ROWS)


def _load(text: str) -> Manifest:
    data = tomllib.loads(text)
    data["rows"] = tuple(data.get("rows", ()))
    return Manifest(**data)


@cache
def manifests() -> dict[str, Manifest]:
    """All manifests by set name, sorted."""
    folder = files("yuefu.corpus") / "manifests"
    found = [_load(entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {m.name: m for m in sorted(found, key=lambda m: m.name)}


def manifest(name: str) -> Manifest:
    """One set's manifest. Raises UnknownNameError with the nearest name.

    >>> manifest("jsb_chorales").split
    'own'
    """
    known = manifests()
    if name not in known:
        raise UnknownNameError("corpus set", name, known)
    return known[name]
