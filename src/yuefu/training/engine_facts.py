"""The facts beside an engine's weights: sizes, what was measured, and the sets that it learnt from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from yuefu.corpus.manifest import manifest
from yuefu.tokens.vocabulary import vocabulary
from yuefu.training.pieces import Piece


def engine_facts(
    parameters: int, size: int, measured: Mapping[str, Any], sets: Collection[str], pieces: Iterable[Piece] = ()
) -> dict[str, Any]:
    """What ``EngineInfo.facts`` tells. size: bytes of the weights; sets: names, of which those that ``pieces`` come
    from are kept (all for no pieces).
    """
    there = {piece.set for piece in pieces} or set(sets)
    return {
        "parameters": parameters,
        "bytes": size,
        "measured": dict(measured),
        "vocabulary": vocabulary().hash,
        "sets": [
            {"name": name, "title": found.title, "licence": found.licence, "origin": found.origin}
            for name in sorted(set(sets) & there)
            for found in [manifest(name)]
        ],
    }
