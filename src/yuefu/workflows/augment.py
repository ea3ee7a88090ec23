"""Changed copies of a sound or score file, in a folder, with a list of what was changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from yuefu.audio import augment as sounds
from yuefu.audio.files import AUDIO_FORMATS, read_audio, read_tags, write_audio
from yuefu.errors import InputError, UnknownNameError
from yuefu.progress import Listener, Progress, ignore
from yuefu.score import augment as scores
from yuefu.score.files import FORMATS, WRITTEN_ONLY, read_score, write_score
from yuefu.workflows.features import is_sound
from yuefu.workflows.folders import staged_folder

MOST_COPIES = 1000
#: Longest sound that is copied, in seconds.
LONGEST = 1800.0
MANIFEST = "changes.json"
_Change = TypeVar("_Change")
#: Makes a copy at a path, from the seed and the copy's number; tells what was changed.
_Copier = Callable[[Path, int, int], list[_Change]]


def augment(
    source: Path | str,
    folder: Path | str,
    copies: int = 1,
    *,
    seed: int = 0,
    kinds: Collection[str] | None = None,
    strength: float = 1.0,
    noise: float | None = None,
    colour: str = "white",
    progress: Listener = ignore,
) -> list[Path]:
    """Write changed copies of a file, in its own format, and ``changes.json``; returns the copies' paths.

    kinds: of ``audio.augment.KINDS`` for a sound or ``score.augment.KINDS`` for a score, None for all; strength:
    0..1; noise: for sounds, dB below the sound, in every copy; colour: of that noise. Copy k depends on the file, the
    seed and k alone. Raises InputError, UnknownNameError and what readers and writers raise; then nothing is written.
    """
    source, folder = Path(source), Path(folder)
    if not 1 <= copies <= MOST_COPIES:
        raise InputError(f"{copies} copies were asked for: 1 to {MOST_COPIES:,} can be made.")
    sound = is_sound(source)
    known = sounds.KINDS if sound else scores.KINDS
    wanted = tuple(known if kinds is None else kinds)
    for kind in wanted:
        if kind not in known:
            raise UnknownNameError(f"change of a {'sound' if sound else 'score'}", kind, known)
    if noise is not None and not sound:
        raise InputError(
            "noise was asked for, but this is a score: leave it out, or render the score to a sound first."
        )
    if noise is not None and not -20 <= noise <= 120:
        raise InputError(f"noise {noise:g} dB below the sound was asked for: use -20 to 120.")
    if colour not in sounds.NOISES:
        raise UnknownNameError("colour of noise", colour, sounds.NOISES)
    fixed = None if noise is None else sounds.SoundChange("noise", {"snr": noise, "colour": colour})
    make: _Copier[Any] = (
        _sound_copier(source, wanted, strength, fixed) if sound else _score_copier(source, wanted, strength)
    )
    digits = max(len(str(copies)), 2)
    stem, extension = _name(source, sound)
    told: list[dict[str, Any]] = []
    with staged_folder(folder) as stage:
        for number in range(1, copies + 1):
            name = f"{stem}-{number:0{digits}}{extension}"
            changes = make(stage / name, seed, number)
            told.append({"file": name, "changes": [asdict(change) for change in changes]})
            progress(Progress("copies", number, copies))
        manifest = {"source": source.name, "seed": seed, "strength": strength, "copies": told}
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (stage / MANIFEST).write_text(text, "utf-8")
    return [folder / copy["file"] for copy in told]


def _name(source: Path, sound: bool) -> tuple[str, str]:
    """The file's name without its extension, and the extension of copies."""
    name = source.name
    known = [ending for ending in (AUDIO_FORMATS if sound else FORMATS) if name.lower().endswith(ending)]
    if not known:
        return source.stem or "copy", ".wav" if sound else ".yuefu.json"
    ending = max(known, key=len)
    return name[: -len(ending)] or "copy", ".yuefu.json" if ending in WRITTEN_ONLY else ending


def _sound_copier(
    source: Path, kinds: tuple[str, ...], strength: float, fixed: sounds.SoundChange | None
) -> _Copier[sounds.SoundChange]:
    """What makes copies of a sound: changes are drawn once a copy, and made in each channel."""
    audio, sr = read_audio(source, LONGEST)
    tags = read_tags(source)

    def copy(target: Path, seed: int, number: int) -> list[sounds.SoundChange]:
        rng = np.random.default_rng([seed, number])
        changes: list[sounds.SoundChange] = []
        for _ in range(8):
            changes = list(sounds.draw(rng, strength, kinds))
            if changes or fixed:
                break
        if fixed:
            changes = [change for change in changes if change.kind != "noise"] + [fixed]
        channels = []
        for channel in range(2):
            signal = audio[:, channel]
            for step, change in enumerate(changes):
                signal = sounds.changed(signal, sr, change, np.random.default_rng([seed, number, step, channel]))
            channels.append(signal)
        write_audio(target, np.stack(channels, axis=1), sr, tags)
        return changes

    return copy


def _score_copier(source: Path, kinds: tuple[str, ...], strength: float) -> _Copier[scores.ScoreChange]:
    """What makes copies of a score."""
    score = read_score(source)

    def copy(target: Path, seed: int, number: int) -> list[scores.ScoreChange]:
        copied, changes = scores.augmented(score, [seed, number], strength, kinds)
        write_score(copied, target)
        return list(changes)

    return copy
