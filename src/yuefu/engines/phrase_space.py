"""Phrases to points and back: the networks of the engine ``vae`` in onnxruntime, and what is known of their space.

A bar is a point of ``latent`` numbers, a phrase as many points as bars. Windows have at most four bars; longer phrases
are taken window by window.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.info import data_folder
from yuefu.errors import FormatError, InputError
from yuefu.tokens.phrases import (
    HELD,
    LANES,
    LOWEST_PITCH,
    METERS,
    MOST_STEPS,
    NO_CHORD,
    PHRASE_ROWS,
    SAYINGS,
    SILENT,
    STRUCK,
    Phrase,
    conditions,
    sounding,
)

Floats = NDArray[np.float32]
NAME = "vae"
#: Log-odds below even at which a drum is still struck: so as many are as in the phrases that were learnt from.
_LIVELY = 0.5
#: Bars of a window.
WINDOW = 4


@dataclass(frozen=True)
class Written:
    """What was decoded: steps (n, bars, steps[, lanes]) and the log-probability of each, in nats."""

    steps: NDArray
    log_probability: NDArray[np.float64]


class PhraseSpace:
    """The weights of a folder (the package's for None): vae.npz, as ``yuefu train configs/vae.toml`` writes it."""

    def __init__(self, folder: Path | None = None) -> None:
        path = (data_folder() if folder is None else folder) / f"{NAME}.npz"
        try:
            with np.load(io.BytesIO(path.read_bytes())) as data:
                self._arrays = {name: data[name] for name in data.files}
        except OSError as error:
            raise InputError(f"'{path.parent}' has no {path.name}: `yuefu train configs/vae.toml` makes it.") from error
        except ValueError as error:
            raise FormatError(f"the weights '{path.name}' are damaged ({error!s:.100}): get others.") from error
        self._sessions: dict[str, Any] = {}

    @cached_property
    def latent(self) -> int:
        """Numbers of a bar's point."""
        return int(self._arrays["melody_ways"].shape[1])

    def mean(self, row: str) -> Floats:
        """(4, latent): the middle of a row's phrases."""
        return self._arrays[f"{row}_mean"].astype(np.float32).reshape(WINDOW, -1)

    def cover(self, row: str) -> Floats:
        """(4 latent, 4 latent): the covariance of a row's phrases."""
        root = self._arrays[f"{row}_root"].astype(np.float32)
        return root @ root.T

    def ways(self, row: str) -> Floats:
        """(attributes, latent): where a bar moves for a standard deviation more of each attribute."""
        return self._arrays[f"{row}_ways"].astype(np.float32)

    def scale(self, row: str) -> NDArray[np.float64]:
        """(2, attributes): means and standard deviations of a row's attributes in the corpus."""
        return self._arrays[f"{row}_scale"].astype(np.float64)

    def drawn(self, row: str, bars: int, count: int, rng: np.random.Generator) -> Floats:
        """Points (count, bars, latent) as the corpus has them, by their mean and covariance; bars: at most 4."""
        root = self._arrays[f"{row}_root"].astype(np.float32)
        noise = rng.standard_normal((count, len(root))).astype(np.float32)
        return (self.mean(row).reshape(-1) + noise @ root.T).reshape(count, WINDOW, -1)[:, :bars]

    def drawn_beside(
        self, row: str, points: Floats, known: NDArray[np.bool_], count: int, rng: np.random.Generator
    ) -> Floats:
        """Points (count, bars, latent) drawn where not ``known`` (bars,), as they lie beside the known ones."""
        bars, latent = points.shape
        draws = self.drawn(row, bars, count, rng)
        if not known.any():
            return draws
        cover = self.cover(row)[: bars * latent, : bars * latent]
        given = np.repeat(known, latent)
        gain = np.linalg.solve(cover[np.ix_(given, given)], cover[np.ix_(given, ~given)]).T
        flat, own = draws.reshape(count, -1).copy(), points.reshape(-1)
        # A draw of all bars, moved by what the known ones are off from it: the conditional distribution.
        flat[:, ~given] += (own[given] - flat[:, given]) @ gain.T
        flat[:, given] = own[given]
        return flat.reshape(count, bars, latent)

    def encode(self, phrase: Phrase) -> Floats:
        """The point (bars, latent) of a phrase of at most four bars."""
        return self.encode_all([phrase])[0]

    def told(self, phrase: Phrase) -> tuple[Floats, Floats]:
        """The point of a phrase, and the log-variances around it."""
        return self._read([phrase])[0]

    def encode_all(self, phrases: Sequence[Phrase]) -> list[Floats]:
        """The points of phrases, of at most four bars each."""
        return [mean for mean, _ in self._read(phrases)]

    def _read(self, phrases: Sequence[Phrase]) -> list[tuple[Floats, Floats]]:
        nothing = np.zeros((0, self.latent), np.float32)
        out: list[tuple[Floats, Floats]] = [(nothing, nothing)] * len(phrases)
        groups: dict[tuple[bool, int], list[int]] = {}
        for number, phrase in enumerate(phrases):
            groups.setdefault((phrase.row == "drums", len(phrase)), []).append(number)
        for (drums, _), members in groups.items():
            for first in range(0, len(members), 64):
                own = members[first : first + 64]
                batch = [phrases[number] for number in own]
                steps = np.stack([padded(phrase.steps, False if drums else SILENT) for phrase in batch])
                heard = np.stack([padded(_heard(phrase), 0) for phrase in batch])
                reader = self._session("drums" if drums else "lines", "reader")
                inputs = {
                    "steps": steps.astype(np.float32 if drums else np.int64), "heard": heard.astype(np.int64),
                    "chords": np.stack([padded(phrase.chords, NO_CHORD) for phrase in batch]).astype(np.int64),
                    "condition": np.concatenate([condition_of(phrase) for phrase in batch]),
                }  # fmt: skip
                takes = {each.name for each in reader.get_inputs()}
                means, spreads = reader.run(None, {name: value for name, value in inputs.items() if name in takes})
                for number, mean, spread in zip(own, means, spreads, strict=True):
                    out[number] = (mean, spread)
        return out

    def decode(
        self,
        points: Floats,
        like: Phrase,
        rng: np.random.Generator | None = None,
        temperature: float = 0.0,
        bias: Floats | None = None,
        given: NDArray[np.bool_] | None = None,
        leap: float = 0.0,
    ) -> Written:
        """Phrases (n, bars, steps) from points (n, bars, latent).

        like: row, metre, mode, chords and what came before; bias: (bars, steps, sayings) added to the logits, -inf for
        what mustn't be; given: bars whose steps are ``like``'s own; leap: added to what is more than nine semitones
        from the note before. Without rng the likeliest is said at each step.
        """
        drums = like.row == "drums"
        part = "drums" if drums else "lines"
        count, bars = points.shape[:2]
        length = like.steps.shape[1]
        condition = np.repeat(condition_of(like), count, axis=0)
        layout, begin = self._session(part, "layout").run(
            None, {"z": points.astype(np.float32), "condition": condition}
        )
        writer = self._session(part, "writer")
        takes = {each.name for each in writer.get_inputs()}
        shape = (count, bars, length, len(LANES)) if drums else (count, bars, length)
        out = np.zeros(shape, dtype=bool if drums else np.uint8)
        total = np.zeros(count)
        first = like.before - LOWEST_PITCH + STRUCK if like.before else SILENT
        before = np.zeros((count, len(LANES)), np.float32) if drums else np.full(count, first, dtype=np.int64)
        heard = np.full(count, max(first - STRUCK + 1, 0), dtype=np.int64)
        last = heard.copy()
        for bar in range(bars):
            state = begin[:, bar]
            told = given is not None and bool(given[bar])
            for step in range(length):
                inputs = {
                    "before": before, "heard": heard, "chords": np.full(count, like.chords[bar, step], dtype=np.int64),
                    "place": np.full(count, step, dtype=np.int64), "layout": layout[:, bar, step], "state": state,
                }  # fmt: skip
                logits, state = writer.run(None, {name: value for name, value in inputs.items() if name in takes})
                if told:
                    now = np.repeat(like.steps[None, bar, step], count, axis=0)
                else:
                    leaning = None if bias is None else bias[bar, step]
                    if leap and not drums:
                        leaning = _leaps(last, leap) + (0.0 if leaning is None else leaning)
                    now, gained = (_strike if drums else _say)(logits, leaning, heard, rng, temperature)
                    total += gained
                out[:, bar, step] = now
                if drums:
                    before = now.astype(np.float32)
                else:
                    before = now.astype(np.int64)
                    heard = np.where(now >= STRUCK, before - STRUCK + 1, np.where(now == SILENT, 0, heard))
                    last = np.where(heard > 0, heard, last)
        return Written(out, total)

    def _session(self, part: str, name: str) -> Any:
        key = f"{part}_{name}"
        if key not in self._sessions:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.log_severity_level = 3
            try:
                self._sessions[key] = onnxruntime.InferenceSession(
                    self._arrays[key].tobytes(), options, providers=["CPUExecutionProvider"]
                )
            except Exception as error:  # onnxruntime raises classes of its own
                raise FormatError(f"the weights '{NAME}.npz' are damaged ({error!s:.100}): get others.") from error
        return self._sessions[key]


def _leaps(last: NDArray[np.int64], leap: float) -> Floats:
    """(n, sayings): what striking a pitch costs, by how far it is from the last one; more beyond an octave."""
    far = np.abs(np.arange(1, SAYINGS - STRUCK + 1) - last[:, None]) * (last[:, None] > 0)
    out = np.zeros((len(last), SAYINGS), dtype=np.float32)
    out[:, STRUCK:] = leap * ((far > 9).astype(np.float32) + (far > 12))
    return out


def _say(
    logits: Floats, bias: Floats | None, heard: NDArray[np.int64], rng: np.random.Generator | None, temperature: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A saying for each phrase, and its log-probability as the network has it."""
    told = logits.astype(np.float64)
    told -= told.max(axis=1, keepdims=True)
    told -= np.log(np.exp(told).sum(axis=1, keepdims=True))
    score = told + (0.0 if bias is None else bias)
    score[heard == 0, HELD] = -np.inf  # nothing sounds that could be held
    score[~np.isfinite(score).any(axis=1), SILENT] = 0.0
    if rng is not None and temperature > 0:
        score = score / temperature + rng.gumbel(size=score.shape)
    now = score.argmax(axis=1)
    return now.astype(np.uint8), told[np.arange(len(now)), now]


def _strike(
    logits: Floats, bias: Floats | None, heard: NDArray[np.int64], rng: np.random.Generator | None, temperature: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """The lanes struck for each phrase, and their log-probability."""
    told = logits.astype(np.float64)
    score = told + (0.0 if bias is None else bias)
    if rng is not None and temperature > 0:
        score = score / temperature + rng.logistic(size=score.shape)
    now = score > -_LIVELY
    return now, -np.logaddexp(0.0, np.where(now, -told, told)).sum(axis=1)


def condition_of(phrase: Phrase) -> Floats:
    """(1, CONDITION): what is known of a phrase as a whole."""
    meter, row = list(METERS).index(phrase.meter), PHRASE_ROWS.index(phrase.row)
    return conditions(np.array([meter]), np.array([phrase.minor]), np.array([row]))


def padded(steps: NDArray, by: int | bool) -> NDArray:
    """Bars filled up to 16 steps."""
    out = np.full((len(steps), MOST_STEPS, *steps.shape[2:]), by, dtype=steps.dtype)
    out[:, : steps.shape[1]] = steps
    return out


def _heard(phrase: Phrase) -> NDArray[np.uint8]:
    if phrase.row == "drums":
        return np.zeros(phrase.steps.shape[:2], dtype=np.uint8)
    return sounding(phrase.steps.reshape(1, -1)).reshape(phrase.steps.shape)


def slerp(one: Floats, other: Floats, share: float, middle: Floats) -> Floats:
    """The point a share of the way along the arc between two, seen from ``middle``, bar by bar.

    >>> slerp(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), 0.5, np.zeros((1, 2))).round(3).tolist()
    [[0.707, 0.707]]
    """
    a, b = one - middle, other - middle
    longer, other_long = np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)
    cosine = (a * b).sum(axis=1, keepdims=True) / np.maximum(longer * other_long, 1e-9)
    angle = np.arccos(np.clip(cosine, -1, 1))
    sine = np.sin(angle)
    flat = sine < 1e-3
    safe = np.where(flat, 1.0, sine)
    left = np.where(flat, 1 - share, np.sin((1 - share) * angle) / safe)
    right = np.where(flat, share, np.sin(share * angle) / safe)
    found: Floats = middle + left * a + right * b
    return found
