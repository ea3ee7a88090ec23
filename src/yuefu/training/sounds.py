"""Recordings to learn styles from: excerpts of the corpora's pieces, played with several soundfonts, as log-mel
pictures.

Instruments, tempo, balance and playing are drawn for each piece, and copies are changed as ``audio.augment`` does, so
that neither a synthesiser nor an instrument stands for a style. One soundfont is kept for measuring. The folder holds a
``.npz`` a piece; what is there isn't made again.
"""

from __future__ import annotations

import os
import tomllib
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.augment import add_noise, augmented
from yuefu.audio.excerpts import cut, play
from yuefu.audio.features.read import RATE
from yuefu.audio.fluidsynth import Synth
from yuefu.corpus.labels import Piece, facts_of, label_of, labels, sets_of_labels
from yuefu.corpus.store import iter_scores, set_names
from yuefu.errors import InputError
from yuefu.performance.perform import perform
from yuefu.progress import Listener, Progress, ignore
from yuefu.recognition.sound_windows import SECONDS, picture_of
from yuefu.score.model import Score, TempoChange
from yuefu.score.performed import as_written

#: Kinds of pictures of a piece. The first three are learnt from, the others measure: with noise, and played with the
#: soundfont that is kept.
LEARNT = ("clean", "changed", "other")
MEASURED = ("clean", "noise20", "noise10", "unseen")
_STYLES_OF_PLAYING = 0.7  # of pieces are performed, the others played as written
_COMMON = 0.25


@dataclass(frozen=True)
class Source:
    """A piece to make pictures of. name: of its files; keys: what groups it."""

    name: str
    label: str
    keys: tuple[str, ...]
    score: Score


@cache
def _sounds() -> dict[str, Any]:
    return tomllib.loads(files("yuefu.training").joinpath("style_sounds.toml").read_text("utf-8"))


def sources(corpus: Path, each: int, seed: int) -> Iterator[Source]:
    """Labelled pieces of a built corpus, at most ``each`` of a label, drawn by the hash of their names."""
    present = set(set_names(corpus))
    chosen: dict[str, list[tuple[int, str]]] = {}
    for origin in (name for name in sets_of_labels() if name in present):
        for number, score in enumerate(iter_scores(corpus, [origin])):
            label = label_of(facts_of(score))
            if label is not None:
                name = f"{origin}-{number:05}"
                chosen.setdefault(label, []).append((zlib.crc32(f"{seed}/{name}".encode()), name))
    wanted = {name: label for label, found in chosen.items() for _, name in sorted(found)[:each]}
    for origin in (name for name in sets_of_labels() if name in present):
        for number, score in enumerate(iter_scores(corpus, [origin])):
            name = f"{origin}-{number:05}"
            if name in wanted:
                yield Source(name, wanted[name], tuple(Piece(facts_of(score)).names), score)


def instrumented(score: Score, label: str, rng: np.random.Generator) -> Score:
    """The score with drawn instruments and, where the label has a range, a drawn tempo."""
    table = _sounds().get(label, {})
    common = rng.random() < _COMMON
    drawn: dict[str, int] = {}
    parts = []
    for part in score.parts:
        if part.is_drums or (table.get("file") and not common):
            parts.append(part)
            continue
        choice = _sounds()["common"] if common else table.get(part.role) or table.get("any") or [0]
        program = drawn.setdefault(part.role, int(rng.choice(choice)))
        parts.append(replace(part, program=program, instrument=""))
    if "tempo" in table:
        low, high = table["tempo"]
        tempos: tuple[TempoChange, ...] = (TempoChange(0, float(rng.uniform(low, high))),)
    else:
        factor = float(2 ** rng.uniform(-0.3, 0.3))
        tempos = tuple(TempoChange(change.tick, change.bpm * factor) for change in score.tempos)
    return replace(score, parts=tuple(parts), tempos=tempos)


def excerpt(score: Score, rng: np.random.Generator, seconds: float = SECONDS) -> Score | None:
    """A drawn stretch of so many seconds from a bar line on, with at least four notes; None where there is none."""
    for _ in range(8):
        bar = score.bars[int(rng.integers(len(score.bars)))]
        begin = score.seconds_at(bar.start)
        if begin > max(score.duration - seconds, 0.0) + 1e-6:
            continue
        end = bar.start
        while end < score.end_tick and score.seconds_at(end) - begin < seconds:
            end += 24
        found = cut(score, bar.start, end)
        if found.note_count >= 4:
            return found
    return None


def looped(score: Score, seconds: float = SECONDS) -> Score:
    """A score that is shorter than so many seconds, again and again until it isn't."""
    length = max(score.end_tick, 1)
    times = int(np.ceil(seconds / max(score.duration, 0.5)))
    if times <= 1:
        return score
    parts = []
    for part in score.parts:
        copies = [part.notes.copy() for _ in range(times)]
        for number, notes in enumerate(copies):
            notes["start"] += number * length
            notes["id"] += number * 1_000_000
        parts.append(replace(part, notes=np.concatenate(copies), syllables=(), directions=()))
    return replace(score, parts=tuple(parts), chords=(), sections=(), length=length * times)


class Studio:
    """Soundfonts, each with a synthesiser that stays open. The last one is kept for measuring."""

    def __init__(self, fonts: Sequence[Path]) -> None:
        if len(fonts) < 3:
            raise InputError(f"{len(fonts)} soundfonts arrived: give at least two to learn from and one to measure.")
        self._synths = [Synth(font, RATE) for font in fonts]

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        for synth in self._synths:
            synth.close()

    def sound(self, score: Score, font: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """An excerpt as sound, its balance drawn, mostly performed; peak 0.5. font: by number, -1 the kept one."""
        seed = int(rng.integers(2**31))
        if rng.random() < _STYLES_OF_PLAYING:
            played = perform(score, seed=seed, ritardando=False)
        else:
            played = as_written(score)
        gains = {part.id: float(10 ** (rng.uniform(-5, 3) / 20)) for part in score.parts}
        out = play(self._synths[font], played, RATE, SECONDS, gains)
        return out * np.float32(0.5 / max(float(np.abs(out).max()), 1e-4))

    def pictures(self, source: Source, seed: int) -> dict[str, NDArray[np.float16]]:
        """All kinds of pictures of a piece; none where it has too few notes."""
        rng = np.random.default_rng([seed, zlib.crc32(source.name.encode())])
        whole = looped(instrumented(source.score, source.label, rng))
        one = excerpt(whole, rng)
        other = excerpt(looped(instrumented(source.score, source.label, rng)), rng)
        if one is None or other is None:
            return {}
        first, second = rng.permutation(len(self._synths) - 1)[:2].tolist()
        clean = self.sound(one, first, rng)
        if float(np.abs(clean).max()) < 0.1:
            return {}
        again = self.sound(other, second, rng)
        unseen = self.sound(one, -1, rng)
        sounds = {
            "clean": clean,
            "changed": augmented(clean, RATE, rng),
            "other": augmented(again, RATE, rng),
            "noise20": add_noise(clean, 20.0, rng, "pink"),
            "noise10": add_noise(clean, 10.0, rng, "pink"),
            "unseen": unseen,
        }
        return {kind: picture_of(sound).astype(np.float16) for kind, sound in sounds.items()}


def make_pictures(
    corpus: Path, out: Path, fonts: Sequence[Path], each: int, seed: int, progress: Listener = ignore
) -> int:
    """Make the pictures that ``out`` doesn't have yet, at most ``each`` pieces of a label; how many there are."""
    out.mkdir(parents=True, exist_ok=True)
    done: Counter[str] = Counter()
    with Studio(fonts) as studio:
        for source in sources(corpus, each, seed):
            path = out / f"{source.name}.npz"
            if not path.exists():
                found = studio.pictures(source, seed)
                about = {"label": np.array(source.label), "keys": np.array(source.keys)}
                temporary = out / "unfinished.npz"
                np.savez(temporary, **about, **found)  # type: ignore[arg-type]
                os.replace(temporary, path)
            done[source.label] += 1
            progress(Progress("sounds", sum(done.values()), each * len(labels()), source.label))
    return sum(done.values())
