"""The readers by set name, as lazy ``module:function`` strings.

Each names a function ``read(folder: Path) -> Iterator[Item]`` (see ``corpus.reader_types``);
``folder`` is the set's folder with its archives unpacked and its plain files beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from yuefu.corpus.reader_types import Item
from yuefu.errors import UnknownNameError

#: In order of preference among near-duplicates: benchmarks with a split of their own come first.
READERS: dict[str, str] = {
    name: f"yuefu.corpus.readers.{name}:read"
    for name in (
        "jsb_chorales", "groove", "pop909", "mutopia", "game_freedoom", "game_simutrans", "game_easyrpg",
        "cre_irish", "pd_fiddle_abc", "openhymnal", "openewld", "wjazzd", "openscore_lieder",
        "openscore_quartets", "musetrainer_pd", "openscore_orchestra", "drum_patterns",
        "billboard_chords", "when_in_rome",
    )
}  # fmt: skip


def reader(name: str) -> Callable[[Path], Iterator[Item]]:
    """The reader of a set. Raises UnknownNameError for a set without one."""
    if name not in READERS:
        raise UnknownNameError("corpus set", name, READERS)
    module, _, function = READERS[name].partition(":")
    found: Callable[[Path], Iterator[Item]] = getattr(import_module(module), function)
    return found
