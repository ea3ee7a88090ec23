"""All features of a sound at once, with memory that grows by its frames and not by its spectrogram."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from yuefu.audio.features import chroma, mel, rhythm, shape
from yuefu.audio.features.chroma import AudioKey
from yuefu.audio.features.frames import HOP, WINDOW, Floats, decibels, frame_count, powers, times
from yuefu.errors import InputError
from yuefu.progress import Listener, Progress, ignore

#: The shortest sound in seconds: deltas look at nine frames.
SHORTEST = 0.2
PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True, eq=False)
class AudioFeatures:
    """What can be measured in a sound of one channel, frame by frame and as a whole.

    Frames are centred at ``times`` (seconds), one every ``hop`` samples of ``sr`` a second.

    log_mel: dB (128, frames); mfcc, mfcc_delta, mfcc_delta2: (20, frames); chroma: C..B, 0..1 (12, frames);
    onset_strength: (frames,), 0 and up; centroid, bandwidth, rolloff: Hz (frames,); flatness, zero_crossings: 0..1
    (frames,); contrast: dB (7, frames); rms: 0..1 (frames,); beats: seconds; tempi: the likeliest beats a minute, the
    best first, none for silence; key: None without pitches; tuning: semitones from A = 440 Hz.
    """

    times: NDArray[np.float64]
    log_mel: Floats
    mfcc: Floats
    mfcc_delta: Floats
    mfcc_delta2: Floats
    chroma: Floats
    onset_strength: Floats
    centroid: Floats
    bandwidth: Floats
    rolloff: Floats
    flatness: Floats
    zero_crossings: Floats
    contrast: Floats
    rms: Floats
    beats: NDArray[np.float64]
    tempi: tuple[float, ...]
    key: AudioKey | None
    tuning: float
    sr: int
    hop: int

    @property
    def tempo(self) -> float:
        """The likeliest tempo in beats a minute, 0 for a sound without onsets."""
        return self.tempi[0] if self.tempi else 0.0

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """The features with more than one number, by name."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}


def features_of(signal: NDArray[np.floating], sr: int, progress: Listener = ignore) -> AudioFeatures:
    """All features of a signal (n,). Raises InputError for less than ``SHORTEST``.

    >>> found = features_of(np.sin(np.arange(22050) * 2 * np.pi * 440 / 22050), 22050)
    >>> found.mfcc.shape, int(found.chroma.mean(axis=1).argmax())
    ((20, 44), 9)
    """
    if len(signal) < SHORTEST * sr:
        raise InputError(f"the sound lasts {len(signal) / sr:.2f} s: features need at least {SHORTEST:g} s.")
    signal = np.asarray(signal, dtype=np.float32)
    count = frame_count(len(signal))
    bands = np.empty((mel.BANDS, count), dtype=np.float32)
    rows = {name: np.empty(count, dtype=np.float32) for name in ("centroid", "bandwidth", "rolloff", "flatness")}
    peaks, valleys = np.empty((2, 7, count))
    partials = []
    for first, power in powers(signal):
        here = slice(first, first + len(power))
        mel.mel_of_power(power, sr, WINDOW, bands[:, here])
        magnitude = np.sqrt(power).T
        rows["centroid"][here], rows["bandwidth"][here] = shape.centroid_and_bandwidth(magnitude, sr)
        rows["rolloff"][here] = shape.rolloff(magnitude, sr)
        rows["flatness"][here] = shape.flatness(magnitude)
        peaks[:, here], valleys[:, here] = shape.peaks_and_valleys(magnitude, sr)
        partials.append(chroma.spectral_peaks(power.T, sr))
        progress(Progress("features", 0.6 * here.stop / count, 1))
    hz, strength = (np.concatenate(column) for column in zip(*partials))
    tuning = chroma.tuning_of(hz, strength)
    tones = np.empty((12, count), dtype=np.float32)
    for first, power in powers(signal):
        tones[:, first : first + len(power)] = chroma.chroma_of_power(power.T, sr, tuning)
        progress(Progress("features", 0.6 + 0.3 * first / count, 1))
    levels = decibels(bands)
    cepstrum = mel.mfcc(levels)
    strengths = rhythm.onsets_of(levels)
    tempi = tuple(rhythm.tempo_candidates(strengths, sr))
    beats = rhythm.track_beats(strengths, sr, tempi[0] if tempi else None)
    found = AudioFeatures(
        times=times(count, sr), log_mel=levels, mfcc=cepstrum, mfcc_delta=mel.deltas(cepstrum),
        mfcc_delta2=mel.deltas(cepstrum, order=2), chroma=tones, onset_strength=strengths, **rows,
        zero_crossings=shape.zero_crossings(signal), contrast=shape.contrast_of(peaks, valleys),
        rms=shape.rms(signal), beats=np.asarray(beats * HOP / sr, dtype=np.float64), tempi=tempi,
        key=chroma.key_of(tones) if len(hz) else None, tuning=tuning, sr=sr, hop=HOP,
    )  # fmt: skip
    progress(Progress("features", 1, 1))
    return found
