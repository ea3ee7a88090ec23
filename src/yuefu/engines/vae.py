"""The engine ``vae``: cells as phrases of up to four bars in a latent space.

What was there is moved by a share towards another phrase of the corpus' kind; what is empty is drawn as phrases lie
beside the given bars of its window, later windows leaning to the first, so that they belong together. Both go by the
chords.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.info import CellWishes, EngineInfo
from yuefu.engines.phrase_rules import drum_bias, line_bias
from yuefu.errors import InputError
from yuefu.generation.fill import CellFilled
from yuefu.generation.rules import RowRules
from yuefu.score.model import ROWS
from yuefu.tokens.grid import EMPTY, GridBar
from yuefu.tokens.phrase_attributes import asked_of, beat_steps
from yuefu.tokens.phrases import (
    HIGHEST_PITCH,
    LANES,
    LOWEST_PITCH,
    METERS,
    SAYINGS,
    STEP,
    STRUCK,
    Phrase,
    cells_of,
    chord_of,
    phrase_from,
)
from yuefu.tokens.sequence import Cover

if TYPE_CHECKING:
    from yuefu.engines.phrase_space import Floats, PhraseSpace
    from yuefu.generation.fill import Canvas
    from yuefu.tokens.sequence import Mask

#: Metres that were learnt from.
WRITTEN_METERS = ("2/4", "3/4", "4/4", "2/2", "3/8", "4/8", "6/8")
WINDOW = 4
#: Phrases that a window is chosen from.
CANDIDATES = 6
#: How near windows after the first are to it, by their number, where all of a row is new: A B A' C.
_ALIKE = (0.0, 0.5, 0.85, 0.5)
#: How near a new window is to what lies between the given phrases before and after it.
_BESIDE = 0.7
#: How much of a random move may change the attributes.
_LOOSE = 0.35
#: How many times chord tones on the beat gain what the rules say, in phrases that are new: their points were drawn
#: without
#: knowing the chords.
FIRM = 2.5
#: Temperature where none is asked for: lines and drums that are drawn, and those that are moved from what was there.
DRAWN, _MOVED = 0.35, 0.15
_FAR = 3.5


class VaeEngine:
    """Phrases of melody, bass and drums."""

    info = EngineInfo(
        name="vae",
        en="phrases of two and four bars as points in a space: variations, morphs, busier, higher; melody, bass, drums",
        zh="把两小节与四小节的乐句放进潜空间：变奏、渐变，更密或更高；旋律、低音、鼓",
        rows=("melody", "bass", "drums"),
        tasks=("fill", "vary", "morph"),
        meters=WRITTEN_METERS,
    )

    @cached_property
    def space(self) -> PhraseSpace:
        """The networks, loaded once."""
        from yuefu.engines.phrase_space import PhraseSpace

        return PhraseSpace()

    def write(self, canvas: Canvas, mask: Mask, rng: np.random.Generator, wishes: CellWishes) -> Iterator[CellFilled]:
        """See ``engines.seams.CellEngine``: lines before drums, window by window."""
        for row in self.info.rows:
            open_bars = np.flatnonzero(mask[:, ROWS.index(row)] == Cover.FILL)
            if not len(open_bars):
                continue
            first: Floats | None = None
            for number, (start, end) in enumerate(windows(canvas.bars, open_bars)):
                window = _Window(canvas, row, start, end, np.isin(np.arange(start, end), open_bars))
                points, steps, gained = self._written(window, mask, wishes, rng, number, first)
                first = points if first is None else first
                for bar, cell in enumerate(cells_of(window.phrase.with_steps(steps))):
                    if window.open[bar]:
                        cells = canvas.cells.setdefault(row, [EMPTY] * len(canvas.bars))
                        cells[start + bar] = cell
                        yield CellFilled(start + bar, row, cell, gained / max(int(window.open.sum()), 1))

    def _written(
        self,
        window: _Window,
        mask: Mask,
        wishes: CellWishes,
        rng: np.random.Generator,
        number: int,
        first: Floats | None,
    ) -> tuple[Floats, NDArray, float]:
        """A window's points, steps and log-probability: the best of some candidates."""
        from yuefu.engines.phrase_search import steered
        from yuefu.engines.phrase_space import Written

        phrase, row = window.phrase, window.phrase.row
        moved = wishes.amount is not None and window.sounds
        points = self._points(window, mask, wishes.amount if moved else None, rng, number, first)
        asked = asked_of(wishes.attributes, row)
        if wishes.energy is not None and "busier" not in wishes.attributes:
            asked[0] += 2 * (wishes.energy - 0.5)
        shift = 0 if row == "drums" else window.octave(self.space, points)
        temperature = wishes.temperature if wishes.temperature is not None else _MOVED if moved else DRAWN
        heard_as = phrase if shift == 0 else window.shifted(-shift)
        leap = window.leap
        for silence in (0.0, -4.0):
            bias = window.bias(shift, silence, 1.0 if moved else FIRM)
            if asked.any():
                point, found, gained = steered(
                    self.space, heard_as, points[0], asked, rng, bias=bias, given=~window.open,
                    temperature=temperature, leap=leap, than=heard_as if moved else None, value=window.value,
                )  # fmt: skip
                points, made = point[None], Written(found[None], np.array([gained]))
            else:
                made = self.space.decode(points, heard_as, rng, temperature, bias, ~window.open, leap)
            steps = made.steps
            if row != "drums" and shift:
                steps = np.where(steps >= STRUCK, steps.astype(int) + shift, steps).astype(np.uint8)
            if any(window.strikes(each) for each in steps):
                break
        best = int(np.argmax([window.value(each, likely) for each, likely in zip(steps, made.log_probability)]))
        chosen = steps[best] if window.strikes(steps[best]) else window.struck(steps[best])
        return points[best], chosen, float(made.log_probability[best])

    def _points(
        self,
        window: _Window,
        mask: Mask,
        amount: float | None,
        rng: np.random.Generator,
        number: int,
        first: Floats | None,
    ) -> Floats:
        """Points (candidates, bars, latent) for a window: moved from what was there by ``amount``, or new."""
        row, bars = window.phrase.row, len(window.phrase)
        own = self.space.encode(window.phrase)
        if amount is not None:
            points = self.moved(row, own, amount, CANDIDATES, rng)
        else:
            heard = ~window.open & (mask[window.start : window.end, ROWS.index(row)] == Cover.GIVEN)
            points = self.space.drawn_beside(row, own, heard, CANDIDATES, rng)
            like, share = (None, 0.0) if heard.any() else self._model_for(window, mask, number, first)
            if like is not None:
                middle, like = self.space.mean(row)[:bars], like[np.arange(bars) % len(like)]
                points = middle + share * (like - middle) + np.sqrt(1 - share**2) * (points - middle)
        return np.where(window.open[None, :, None], points, own).astype(np.float32)

    def _model_for(self, window: _Window, mask: Mask, number: int, first: Floats | None) -> tuple[Floats | None, float]:
        """What a window of which nothing is given leans to, and how much: the phrases on either side of its open
        stretch, by where it lies between them; else the first window that was written."""
        from yuefu.engines.phrase_space import slerp

        share, sides = window.between(mask)
        points = [None if phrase is None else self.space.encode(phrase) for phrase in sides]
        known = [each for each in points if each is not None]
        if len(known) == 2 and len(known[0]) == len(known[1]):
            middle = self.space.mean(window.row)[: len(known[0])]
            return slerp(known[0], known[1], share, middle), _BESIDE
        if known:
            return known[0], _BESIDE
        return first, _ALIKE[number % len(_ALIKE)]

    def moved(self, row: str, own: Floats, amount: float, count: int, rng: np.random.Generator) -> Floats:
        """Points (count, bars, latent) near a phrase's: ``amount`` of the way to others of the corpus' kind, mostly in
        directions that leave the attributes alone."""
        bars = len(own)
        middle = self.space.mean(row)[np.arange(bars) % WINDOW]
        others = self.space.drawn(row, bars, count, rng) - middle
        ways = np.linalg.qr(self.space.ways(row).T.astype(np.float64))[0]
        along = others @ ways @ ways.T
        others = others - (1 - _LOOSE) * along
        found: Floats = (middle + np.sqrt(1 - amount**2) * (own - middle) + amount * others).astype(np.float32)
        return found


def windows(bars: list[GridBar], open_bars: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Stretches [start, end) of at most four bars of one metre that hold the open bars, cut four by four from where
    their metre begins; a lone last bar takes the one before it along.

    >>> windows([GridBar("4/4", 96)] * 9, np.array([2, 3, 8]))
    [(0, 4), (7, 9)]
    """
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(bars):
        end = start
        while end < len(bars) and (bars[end].meter, bars[end].ticks) == (bars[start].meter, bars[start].ticks):
            end += 1
        for first in range(start, end, WINDOW):
            last = min(first + WINDOW, end)
            if ((open_bars >= first) & (open_bars < last)).any():
                lone = last - first == 1 and first > start and first - 1 not in open_bars
                found.append((first - lone, last))
        start = end
    for first, _ in found:
        column = bars[first]
        if column.meter not in METERS or column.ticks % STEP or column.ticks > 96:
            raise InputError(
                f"bar {first + 1} can't be a phrase for the engine 'vae': it lasts {column.ticks / 24:g} quarters in "
                f"{column.meter}, and bars of {', '.join(WRITTEN_METERS)} were learnt; name other bars."
            )
    return found


@dataclass
class _Window:
    """Bars of a canvas' row, of which some are open."""

    canvas: Canvas
    row: str
    start: int
    end: int
    open: NDArray[np.bool_]

    def __post_init__(self) -> None:
        header = self.canvas.headers[self.start]
        self.phrase: Phrase = phrase_from(
            self.canvas.cells, self.canvas.bars, self.row, self.start, self.end - self.start, header.mode == "minor"
        )
        self.beat = beat_steps(self.phrase.meter)

    @property
    def sounds(self) -> bool:
        """Whether anything was in the open bars."""
        return self.strikes(self.phrase.steps)

    def strikes(self, steps: NDArray) -> bool:
        """Whether something is struck in the open bars."""
        own = steps[self.open]
        return bool(own.any()) if self.row == "drums" else bool((own >= STRUCK).any())

    def between(self, mask: Mask) -> tuple[float, list[Phrase | None]]:
        """Where the window lies in its open stretch, 0 to 1, and the given phrases before and after that stretch."""
        open_bars = mask[:, ROWS.index(self.row)] == Cover.FILL
        first, last = self.start, self.end
        while first > 0 and open_bars[first - 1]:
            first -= 1
        while last < len(open_bars) and open_bars[last]:
            last += 1
        share = (self.start + self.end - 2 * first) / (2 * (last - first))
        return share, [self._given(mask, max(first - WINDOW, 0), first), self._given(mask, last, last + WINDOW)]

    def _given(self, mask: Mask, start: int, end: int) -> Phrase | None:
        """The phrase in bars [start, end), where all of it is given, in the window's metre, and sounds."""
        bars, end = self.canvas.bars, min(end, len(self.canvas.bars))
        here = bars[self.start]
        if end - start < 2 or (mask[start:end, ROWS.index(self.row)] != Cover.GIVEN).any():
            return None
        if any((bar.meter, bar.ticks) != (here.meter, here.ticks) for bar in bars[start:end]):
            return None
        minor = self.canvas.headers[start].mode == "minor"
        phrase = phrase_from(self.canvas.cells, bars, self.row, start, end - start, minor)
        return phrase if phrase.onsets else None

    def rule(self, bar: int) -> RowRules:
        """The rules of a bar of the window."""
        return self.canvas.rule(self.start + bar, self.row)

    @property
    def leap(self) -> float:
        """What a leap costs: a bass may leap an octave for less."""
        return self.rule(int(np.argmax(self.open))).leap * (0.4 if self.row == "bass" else 1.0)

    def octave(self, space: PhraseSpace, points: Floats) -> int:
        """Semitones, whole octaves, by which this row plays higher than its phrases were learnt."""
        rule = self.rule(int(np.argmax(self.open)))
        if self.phrase.onsets:
            return 0
        made = space.decode(points[:1].astype(np.float32), self.phrase)
        struck = made.steps[made.steps >= STRUCK].astype(int) - STRUCK + LOWEST_PITCH
        if not len(struck):
            return 0
        middle = (rule.low + rule.high) / 2 if rule.center is None else rule.center
        return 12 * round((middle - float(struck.mean())) / 12)

    def shifted(self, by: int) -> Phrase:
        """The phrase moved by semitones, as the networks are to hear it."""
        steps = self.phrase.steps.astype(int)
        steps = np.where(steps >= STRUCK, np.clip(steps + by, STRUCK, SAYINGS - 1), steps).astype(np.uint8)
        before = min(max(self.phrase.before + by, LOWEST_PITCH), HIGHEST_PITCH) if self.phrase.before else 0
        return replace(self.phrase, steps=steps, before=before)

    def bias(self, shift: int, silence: float, firm: float) -> Floats:
        """What the rules add to the logits of each step. shift: as in ``octave``; silence, firm: see ``line_bias``."""
        rules = [self.rule(bar) for bar in range(len(self.phrase))]
        offsets = [column.offset for column in self.canvas.bars[self.start : self.end]]
        if self.row == "drums":
            return drum_bias(self.phrase, rules, offsets)
        return line_bias(self.phrase, rules, offsets, shift, silence, firm)

    def value(self, steps: NDArray, gained: float) -> float:
        """How good a candidate is: likely, on the chords where it counts, not the same note again and again, and with
        something in every bar that had something."""
        count = steps.shape[0] * steps.shape[1]
        found = gained / count
        if self.row == "drums":
            return found + (0.0 if self.strikes(steps) else -_FAR)
        own = steps[self.open]
        struck = own >= STRUCK
        if not struck.any():
            return -_FAR
        pitch = own.astype(int) - STRUCK + LOWEST_PITCH
        strong = struck & (np.arange(own.shape[1]) % self.beat == 0)
        chords = self.phrase.chords[self.open]
        fits = [
            (chord := chord_of(int(chords[bar, step]))) is None or pitch[bar, step] % 12 in chord.pitch_classes
            for bar, step in np.argwhere(strong)
        ]
        line = pitch[struck]
        same = float((np.diff(line) == 0).mean()) if len(line) > 1 else 0.0
        wide = float((np.abs(np.diff(line)) > 9).mean()) if len(line) > 1 else 0.0
        empty = float((~struck.any(axis=1)).mean())
        return found + 0.5 * (float(np.mean(fits)) if fits else 0.5) - 0.4 * max(0.0, same - 0.3) - wide - 0.5 * empty

    def struck(self, steps: NDArray) -> NDArray:
        """The steps with a chord's root, or the allowed drum, on the first open place: never nothing at all."""
        out = steps.copy()
        bar = int(np.argmax(self.open))
        rule, column = self.rule(bar), self.canvas.bars[self.start + bar]
        step = -(-column.offset // STEP)
        if self.row == "drums":
            allowed = [lane for lane, pitch in enumerate(LANES) if rule.hits is None or pitch in rule.hits]
            out[bar, step, allowed[:1]] = True
            return out
        chord = chord_of(int(self.phrase.chords[bar, step]))
        root = 0 if chord is None else chord.root
        middle = (rule.low + rule.high) // 2
        pitch = min(
            (p for p in range(rule.low, rule.high + 1) if p % 12 == root), key=lambda p: abs(p - middle), default=middle
        )
        out[bar, step] = STRUCK + pitch - LOWEST_PITCH
        out[bar, step + 1 :] = 0
        return out
