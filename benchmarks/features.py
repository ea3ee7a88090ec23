"""Features of sound beside librosa's: how far apart they are, and how long each takes.

    python benchmarks/features.py FILE... --out docs/tables/features.md
    python benchmarks/features.py --scores SCORE... --out docs/tables/features_heard.md
    python benchmarks/features.py --write tests/audio/features/librosa.json

Needs `pip install librosa`. Files are cut to --seconds and made mono at 22,050 frames a second. The difference is the
largest beside the feature's own largest value. `--write` keeps librosa's figures of the test signal for the tests. `--scores`
renders scores and compares what is heard in the sound with what is written: key, tempo and beats.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from yuefu.audio.features import chroma, frames, mel, rhythm, shape
from yuefu.audio.features.example import example_signal

SR = 22050
KEEP = 9


def pairs() -> dict[str, tuple[Callable, Callable]]:
    """Feature -> ours and librosa's, each from a mono signal."""
    import librosa

    lib = librosa.feature
    return {
        "magnitudes": (frames.magnitudes, lambda y: np.abs(librosa.stft(y))),
        "log-mel": (lambda y: mel.log_mel(y, SR), lambda y: librosa.power_to_db(lib.melspectrogram(y=y, sr=SR))),
        "MFCC": (lambda y: mel.mfcc(mel.log_mel(y, SR)), lambda y: lib.mfcc(y=y, sr=SR)),
        "MFCC deltas": (
            lambda y: mel.deltas(mel.mfcc(mel.log_mel(y, SR))), lambda y: lib.delta(lib.mfcc(y=y, sr=SR)),
        ),
        "chroma": (lambda y: chroma.chroma(y, SR), lambda y: lib.chroma_stft(y=y, sr=SR)),
        "centroid": (lambda y: shape.centroid(frames.magnitudes(y), SR), lambda y: lib.spectral_centroid(y=y, sr=SR)[0]),
        "bandwidth": (
            lambda y: shape.bandwidth(frames.magnitudes(y), SR), lambda y: lib.spectral_bandwidth(y=y, sr=SR)[0],
        ),
        "rolloff": (lambda y: shape.rolloff(frames.magnitudes(y), SR), lambda y: lib.spectral_rolloff(y=y, sr=SR)[0]),
        "flatness": (lambda y: shape.flatness(frames.magnitudes(y)), lambda y: lib.spectral_flatness(y=y)[0]),
        "contrast": (lambda y: shape.contrast(frames.magnitudes(y), SR), lambda y: lib.spectral_contrast(y=y, sr=SR)),
        "zero crossings": (shape.zero_crossings, lambda y: lib.zero_crossing_rate(y)[0]),
        "RMS": (shape.rms, lambda y: lib.rms(y=y)[0]),
        "onset strength": (
            lambda y: rhythm.onset_strength(y, SR), lambda y: librosa.onset.onset_strength(y=y, sr=SR),
        ),
        "tempo": (
            lambda y: np.array([rhythm.estimate_tempo(rhythm.onset_strength(y, SR), SR)]),
            lambda y: lib.tempo(y=y, sr=SR),
        ),
        "beats": (
            lambda y: rhythm.track_beats(rhythm.onset_strength(y, SR), SR),
            lambda y: librosa.beat.beat_track(y=y, sr=SR)[1],
        ),
    }  # fmt: skip


def agreement(ours: np.ndarray, theirs: np.ndarray, name: str) -> float:
    """Largest difference over the largest value; for beats, one minus the share found within 70 ms (F1)."""
    if name == "beats":
        if not len(ours) or not len(theirs):
            return float(len(ours) != len(theirs))
        near = 0.07 * SR / frames.HOP
        hits = sum(np.abs(theirs - beat).min() <= near for beat in ours)
        found = sum(np.abs(ours - beat).min() <= near for beat in theirs)
        return 1 - 2 * hits * found / (hits * len(theirs) + found * len(ours) or 1)
    return float(np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-12))


def timed(make: Callable, signal: np.ndarray, runs: int) -> tuple[np.ndarray, float]:
    """The feature, and its median time in seconds after one run to warm up."""
    value = make(signal)
    spent = []
    for _ in range(runs):
        start = time.perf_counter()
        value = make(signal)
        spent.append(time.perf_counter() - start)
    return np.asarray(value), statistics.median(spent)


def compare(files: list[Path], seconds: float, runs: int) -> str:
    """The table."""
    from yuefu.audio.features.read import read_mono

    signals = [read_mono(file, SR)[: int(seconds * SR)] for file in files]
    lines = [
        f"{len(files)} files, at most {seconds:g} s each, mono, {SR} frames a second; median of {runs} runs.", "",
        "| feature | largest difference | ours, ms | librosa, ms | times as fast |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for name, (ours, theirs) in pairs().items():
        apart, mine, his = [], [], []
        for signal in signals:
            one, spent = timed(ours, signal, runs)
            other, taken = timed(theirs, signal, runs)
            apart.append(agreement(one, other, name))
            mine.append(spent)
            his.append(taken)
        a, b = statistics.fmean(mine) * 1000, statistics.fmean(his) * 1000
        lines.append(f"| {name} | {max(apart):.1e} | {a:.1f} | {b:.1f} | {b / a:.1f} |")
    return "\n".join(lines) + "\n"


def heard(files: list[Path], seconds: float) -> str:
    """Key, tempo and beats that are heard in rendered scores, beside those that are written in them."""
    from yuefu.analysis.grid import beat_ticks
    from yuefu.analysis.key import estimate_key
    from yuefu.audio.features.collect import features_of
    from yuefu.audio.features.read import resample
    from yuefu.workflows.render import sound_of

    lines = [
        f"{len(files)} scores, rendered, at most {seconds:g} s each. Beats: F1 within 70 ms. The beat is that of the metre: "
        "dotted in 6/8.", "",
        "| score | key | heard | margin | tempo | heard | second | beats |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    right = near = among = 0
    scores_of_beats = []
    for file in files:
        audio, score = sound_of(file, sr=SR)
        found = features_of(resample(audio.mean(axis=1)[: int(seconds * SR)], SR, SR), SR)
        beat = beat_ticks(score.meters[0].numerator, score.meters[0].denominator)
        key, bpm = estimate_key(score).key.name, score.tempo_at(0) * 24 / beat
        ends = min(seconds, score.duration)
        beats = np.array([t for tick in range(0, score.last_tick, beat) if (t := score.seconds_at(tick)) < ends])
        f1 = 1 - agreement(found.beats * SR / frames.HOP, beats * SR / frames.HOP, "beats")
        scores_of_beats.append(f1)
        right += found.key is not None and found.key.name == key
        fits = [abs(other / bpm - 1) < 0.04 for other in found.tempi]
        near += fits[0]
        among += any(fits[:2])
        name = score.title or file.stem
        told = (found.key.name, f"{found.key.margin:.2f}") if found.key else ("-", "-")
        lines.append(
            f"| {name} | {key} | {' | '.join(told)} | {bpm:.0f} | {found.tempo:.0f} | {found.tempi[1]:.0f} | {f1:.2f} |"
        )
    lines += ["", f"Key right: {right} of {len(files)}; tempo within 4%: {near}, among the first two: {among}; "
                  f"mean F1 of beats: {statistics.fmean(scores_of_beats):.2f}."]  # fmt: skip
    return "\n".join(lines) + "\n"


def write(path: Path) -> None:
    """librosa's figures of the test signal, every ``KEEP``-th frame, as JSON."""
    signal = example_signal(SR)
    kept = {}
    for name, (_, theirs) in pairs().items():
        value = np.asarray(theirs(signal), dtype=float)
        value = value if name in ("tempo", "beats") else value[..., ::KEEP]
        if name == "magnitudes":
            value = value[::8]
        kept[name] = np.round(value, 5).tolist()
    path.write_text(json.dumps(kept, separators=(",", ":")) + "\n")


def main() -> None:
    """Compare, or write the tests' figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--scores", nargs="+", type=Path)
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.write)
        return
    if arguments.scores:
        text = heard(arguments.scores, arguments.seconds)
    else:
        text = compare(arguments.files, arguments.seconds, arguments.runs)
    print(text)
    if arguments.out:
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
