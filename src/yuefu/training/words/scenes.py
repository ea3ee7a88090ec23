"""Sentences of ours with the feeling that they call for, in English and Chinese, to learn scenes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from zlib import crc32

#: One scene in this many is held out, by a hash of its English.
HELD_OUT = 10
#: Files whose scenes turn on negation, contrast or degree.
_TURNING = ("scenes_g.tsv", "scenes_h.tsv")


@dataclass(frozen=True, slots=True)
class Scene:
    """valence, arousal: -1..1; styles: keys that suit; pace: -1 slow..1 fast, None where nothing follows;
    turns: it turns on negation, contrast or degree."""

    en: str
    zh: str
    valence: float
    arousal: float
    styles: tuple[str, ...]
    pace: float | None
    turns: bool = False


@cache
def scenes() -> tuple[Scene, ...]:
    """All scenes of ``scenes_data/``."""
    found = []
    folder = resources.files("yuefu.training.words").joinpath("scenes_data")
    for name in sorted(file.name for file in folder.iterdir() if file.name.startswith("scenes_")):
        for line in folder.joinpath(name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                en, zh, valence, arousal, styles, pace = (line.split("\t") + [""] * 2)[:6]
                found.append(
                    Scene(en, zh, float(valence), float(arousal), tuple(filter(None, styles.split("|"))),
                          float(pace) if pace else None, name in _TURNING)
                )  # fmt: skip
    return tuple(found)


@cache
def learnt_scenes() -> tuple[Scene, ...]:
    """The scenes that are learnt from."""
    return tuple(scene for scene in scenes() if crc32(scene.en.encode()) % HELD_OUT)


@cache
def turning_scenes() -> tuple[Scene, ...]:
    """Those of the learnt scenes that turn on negation, contrast or degree."""
    return tuple(scene for scene in learnt_scenes() if scene.turns)


def held_out_scenes() -> tuple[Scene, ...]:
    """The scenes that settings are chosen by."""
    return tuple(scene for scene in scenes() if not crc32(scene.en.encode()) % HELD_OUT)
