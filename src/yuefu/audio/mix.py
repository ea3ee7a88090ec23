"""Stems to a mix: levels by role, places in the stereo field, a room, and a master at -14 LUFS.

Signals are float32 (n, 2). Levels are in dB relative to the melody, loudness in LUFS (BS.1770).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.limiter import STEP, limit, step_peaks
from yuefu.audio.loudness import integrated_loudness
from yuefu.audio.reverb import reverberate
from yuefu.audio.synth import Stem
from yuefu.score.model import Part

#: Loudness of each role against the melody's, in dB.
ROLE_DB = {"melody": 0.0, "counter": -4.0, "inner": -4.5, "bass": -3.0, "keys": -4.0, "pad": -6.5, "drums": -3.5}
#: Where roles sit when the score doesn't say: -1 left .. 1 right.
ROLE_PAN = {"counter": 0.35, "inner": -0.4, "keys": -0.2, "pad": 0.15}
#: How much of each role goes to the room, as an amplitude.
ROLE_SEND = {"melody": 0.24, "counter": 0.28, "inner": 0.26, "bass": 0.04, "keys": 0.2, "pad": 0.32, "drums": 0.1}
TARGET_LUFS = -14.0
CEILING = 0.89
#: The end of the mix is trimmed where it stays below this share of its peak (-62 dB).
_TRIM_BELOW = 10 ** (-62 / 20)


@dataclass(frozen=True)
class Balance:
    """What the mixer decided, for reports and tests.

    loudness: part id -> LUFS of the stem in the mix before the master; lufs, peak: of the result
    (peak 0..1); gain_db: the master's.
    """

    loudness: dict[str, float] = field(default_factory=dict)
    lufs: float = float("-inf")
    peak: float = 0.0
    gain_db: float = 0.0


def mix_stems(
    stems: Iterable[Stem],
    parts: tuple[Part, ...],
    sr: int = 44100,
    room: str = "stage",
    target: float = TARGET_LUFS,
    seconds: float = 1.0,
) -> tuple[NDArray[np.float32], Balance]:
    """A finished stereo mix of the stems, and how it was balanced.

    parts: all parts of the score, which decide levels and places; room: one of ``reverb.ROOMS``;
    target: loudness in LUFS; seconds: about how long the stems are, to save copies. The start is
    kept (so that sound and score share a clock); the silent end is trimmed. Without any sound the
    mix is a second of silence.
    """
    together = Counter(part.role for part in parts if len(part.notes))
    expected = int(max(seconds, 1.0) * sr)
    dry = np.zeros((expected, 2), dtype=np.float32)
    send = np.zeros((expected, 2), dtype=np.float32)
    loudness: dict[str, float] = {}
    for stem in stems:
        part = stem.part
        placed, level = _placed(stem, together, _index(part, parts))
        if placed is None:
            continue
        loudness[part.id] = level
        dry, send = _grown(dry, len(placed)), _grown(send, len(placed))
        dry[: len(placed)] += placed
        placed *= np.float32(ROLE_SEND.get(part.role, 0.2))
        send[: len(placed)] += placed
    if not loudness:
        return np.zeros((sr, 2), dtype=np.float32), Balance()
    wet = reverberate(send, sr, room)
    del send
    dry = _grown(dry, len(wet))
    dry += wet[: len(dry)]
    return _master(dry, sr, target, loudness)


def _index(part: Part, parts: tuple[Part, ...]) -> int:
    """The part's place among those of its role."""
    alike = [other.id for other in parts if other.role == part.role and len(other.notes)]
    return alike.index(part.id) if part.id in alike else 0


def _placed(stem: Stem, together: Counter[str], index: int) -> tuple[NDArray[np.float32] | None, float]:
    """A stem at its level and place, and its loudness there."""
    part, own = stem.part, stem.loudness
    if not np.isfinite(own):
        return None, own
    level = ROLE_DB.get(part.role, -4.0) - 7.0 * np.log10(max(together[part.role], 1))
    level += 40 * np.log10(max(part.volume, 1) / 100.0)
    pan = (part.pan - 64) / 63.0 if part.pan != 64 else _place(part, together[part.role], index, len(together))
    gain = 10 ** ((level - 23.0 - own) / 20)
    left, right = _pan_gains(pan)
    placed = stem.audio * np.array([gain * left, gain * right], dtype=np.float32)
    return placed, level - 23.0


def _place(part: Part, count: int, index: int, kinds: int) -> float:
    """Where a part sits: the lead, the bass and the drums in the middle, companions spread out."""
    if kinds == 1 and count == 1:
        return 0.0
    base = ROLE_PAN.get(part.role, 0.0)
    if count > 1 and part.role != "drums":
        base = -0.5 + index / (count - 1)
    return float(np.clip(base, -1.0, 1.0))


def _pan_gains(pan: float) -> tuple[float, float]:
    """Gains of left and right for a stereo signal moved sideways: constant power, 1 and 1 in the middle."""
    angle = (np.clip(pan, -1, 1) + 1) * np.pi / 4
    return float(np.sqrt(2) * np.cos(angle)), float(np.sqrt(2) * np.sin(angle))


def _grown(audio: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    if len(audio) >= length:
        return audio
    return np.concatenate([audio, np.zeros((length - len(audio), 2), dtype=np.float32)])


def _master(
    audio: NDArray[np.float32], sr: int, target: float, loudness: dict[str, float]
) -> tuple[NDArray[np.float32], Balance]:
    """Trim the end, bring to the target loudness under the ceiling, fade the very last of the tail."""
    peaks = step_peaks(audio)
    heard = np.flatnonzero(peaks > _TRIM_BELOW * peaks.max())
    end = min(len(audio), int(heard[-1] + 1) * STEP + sr // 10) if len(heard) else sr
    audio = audio[:end]
    fade = min(len(audio), sr // 5)
    audio[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None] ** 2
    gain_db = target - integrated_loudness(audio, sr)
    out, reached = audio, float("-inf")
    for _ in range(8):
        # Limiting takes loudness away, so the gain is raised until what is left is loud enough.
        out = limit(audio * np.float32(10 ** (gain_db / 20)), sr, CEILING)
        reached = integrated_loudness(out, sr)
        if abs(target - reached) < 0.2:
            break
        gain_db += 1.25 * (target - reached)
    return out, Balance(loudness, reached, float(step_peaks(out).max()), gain_db)
