"""How much better a recording is after cleaning: noise of a known level, and rooms of a known length.

    python benchmarks/cleaning.py PIECE.wav --out docs/tables/cleaning.md

PIECE is a rendered piece (`yuefu render`), of which the first --seconds are taken; beside it a sung-like signal and
one that is like speech. Noise is white or pink, 20, 10 and 0 dB below the sound; figures are the SNR in dB beside the
clean sound. For rooms the SNR is that at the best gain, since a room makes a sound louder or softer, too.
Needs the extra `audio`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from yuefu.audio.augment import add_noise, room
from yuefu.audio.denoise import denoise
from yuefu.audio.features.example import speech_signal, sung_signal
from yuefu.audio.features.read import read_mono
from yuefu.audio.quality import log_spectral_distance, signal_to_noise
from yuefu.audio.restore import dereverberate

SR = 44100
LEVELS = (20, 10, 0)
ROOMS = ((0.4, 0.25), (0.8, 0.35), (1.5, 0.4))


def one(function, signal: np.ndarray, *arguments) -> np.ndarray:
    """A function of (n, channels) on one channel."""
    return function(signal[:, None], SR, *arguments)[:, 0]


def at_best_gain(clean: np.ndarray, signal: np.ndarray) -> float:
    """SNR of a signal that is scaled to fit."""
    return signal_to_noise(clean, signal * (clean @ signal) / (signal @ signal))


def fastest(function, signal: np.ndarray, runs: int = 3) -> float:
    """The shortest time of some runs, in seconds."""
    spent = []
    for _ in range(runs):
        start = time.perf_counter()
        one(function, signal)
        spent.append(time.perf_counter() - start)
    return min(spent)


def noises(signals: dict[str, np.ndarray], seed: int) -> list[str]:
    """Rows of the table of noise."""
    lines = ["| sound | noise | before | `wiener` | better by | `gate` | better by |", "|---|---|---|---|---|---|---|"]
    for name, clean in signals.items():
        for colour in ("white", "pink"):
            for level in LEVELS:
                noisy = add_noise(clean, level, np.random.default_rng(seed), colour)
                before = round(signal_to_noise(clean, noisy), 1) + 0.0  # no minus before a zero
                after = [signal_to_noise(clean, one(denoise, noisy, method)) for method in ("wiener", "gate")]
                told = " | ".join(f"{snr:.1f} | {snr - before:+.1f}" for snr in after)
                lines.append(f"| {name} | {colour} | {before:.1f} | {told} |")
        after = [signal_to_noise(clean, one(denoise, clean, method)) for method in ("wiener", "gate")]
        lines.append(f"| {name} | none | ∞ | {after[0]:.1f} | | {after[1]:.1f} | |")
    return lines


def rooms(signals: dict[str, np.ndarray], seed: int) -> list[str]:
    """Rows of the table of rooms."""
    lines = [
        "| sound | room, s | wet | SNR before | after | spectral distance before, dB | after |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, clean in signals.items():
        for seconds, wet in ROOMS:
            heard = room(clean, SR, seconds, wet, np.random.default_rng(seed))
            dry = one(dereverberate, heard)
            distances = " | ".join(f"{log_spectral_distance(clean, s):.1f}" for s in (heard, dry))
            snr = " | ".join(f"{at_best_gain(clean, s):.1f}" for s in (heard, dry))
            lines.append(f"| {name} | {seconds} | {wet} | {snr} | {distances} |")
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("piece", type=Path)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    seconds = arguments.seconds
    signals = {
        "piece": read_mono(arguments.piece, SR)[: int(seconds * SR)],
        "sung": sung_signal(SR, seconds),
        "spoken": speech_signal(SR, seconds),
    }
    filtered, freed = (fastest(function, signals["piece"]) for function in (denoise, dereverberate))
    text = "\n".join(
        [
            f"SNR in dB, {seconds:g} s of each sound, {SR} frames a second, seed {arguments.seed}.", "", "## Noise", "",
            *noises(signals, arguments.seed), "", "## Rooms", "", *rooms(signals, arguments.seed), "",
            f"A second of one channel takes {1000 * filtered / seconds:.0f} ms to denoise (`wiener`) and "
            f"{1000 * freed / seconds:.0f} ms to free of its room.", "",
        ]
    )  # fmt: skip
    print(text)
    if arguments.out:
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
