"""Textures of drums, bass and keys by a small generator that learnt from a critic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.info import CellWishes, EngineInfo, data_folder
from yuefu.engines.playable import drums_within, notes_within
from yuefu.engines.texture import (
    BARS,
    BASS,
    BASS_DEGREES,
    CHANNELS_OF,
    KEYS,
    METERS,
    ONSETS_OF,
    ROWS,
    STEP,
    STEPS,
    Roll,
    bass_notes,
    drum_cell,
    drum_hits,
    keys_notes,
    note_cell,
    read_bar,
)  # fmt: skip
from yuefu.engines.texture_wish import METER_KINDS, TextureWish, groups_for, usual_energy
from yuefu.errors import FormatError, InputError
from yuefu.generation.fill import Canvas, CellFilled, chord_reader
from yuefu.generation.rules import RowRules
from yuefu.score.model import ROWS as ALL_ROWS
from yuefu.theory.chord import Chord
from yuefu.tokens.grid import EMPTY, Cell
from yuefu.tokens.sequence import Cover, Mask

#: Textures that are drawn for a stretch, of which the one that is nearest to what was asked is taken.
CANDIDATES = 12
#: A stretch of the same texture ends in a fill; within it every so many bars do.
FILL_EVERY = 8
#: How much more of a row "busier" by one asks for.
BUSIER = 0.2
#: Where the bass's octave begins.
BASS_BASE = 31

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Stretch:
    """Bars [start, end) that share a texture."""

    start: int
    end: int


class GanEngine:
    """Draws a picture of onsets and held notes by chord tone for four bars, and lays it on the chords."""

    info = EngineInfo(
        name="gan",
        en="an adversarial generator of textures: patterns of drums, bass and keys held over a section, by style",
        zh="对抗生成的织体：由噪声与风格生成贯穿段落的鼓、低音与键盘型态",
        rows=("bass", "keys", "drums"),
        tasks=("fill", "texture"),
        meters=tuple(METERS),
    )

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        path = data_folder() / "gan.onnx"
        if not path.is_file():
            raise InputError("this package carries no weights 'gan.onnx': `yuefu train configs/gan.toml` makes them.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own
            raise FormatError(f"the weights 'gan.onnx' are damaged ({error!s:.100}): get others.") from error

    @cached_property
    def _facts(self) -> Mapping[str, Any]:
        return self.info.facts()

    def rolls(self, wishes: Sequence[TextureWish], noise: Floats, bar_noise: Floats) -> Roll:
        """Phrases (n, BARS, CHANNELS, STEPS). noise: (n, noise); bar_noise: (n, BARS, bar_noise).

        Drums that aren't in the band's style are drawn by themselves, from the same noise: no band of the corpora
        plays both.
        """
        together = [wish for wish in wishes if wish.drums in self._facts["joint"] and wish.drums == wish.band]
        if len(together) == len(wishes):
            return self._run(wishes, noise, bar_noise)
        drums = [_only(wish, ("drums",)) for wish in wishes]
        band = [_only(wish, ("bass", "keys")) for wish in wishes]
        return self._run(drums, noise, bar_noise) | self._run(band, noise, bar_noise)

    def _run(self, wishes: Sequence[TextureWish], noise: Floats, bar_noise: Floats) -> Roll:
        arrays = [wish.arrays() for wish in wishes]
        inputs = {
            "noise": noise.astype(np.float32), "bar_noise": bar_noise.astype(np.float32),
            "phrase": np.stack([phrase for phrase, _ in arrays]), "bars": np.stack([bars for _, bars in arrays]),
        }  # fmt: skip
        found: Roll = self._session.run(None, inputs)[0] > 0
        for number, wish in enumerate(wishes):
            for row in ROWS:
                if row not in wish.rows:
                    found[number, :, CHANNELS_OF[row]] = False
            found[number, :, :, STEPS if wish.meter == 0 else 12 :] = False
        return found

    def write(self, canvas: Canvas, mask: Mask, rng: np.random.Generator, wishes: CellWishes) -> Iterator[CellFilled]:
        """See ``seams.CellEngine``."""
        columns = {row: ALL_ROWS.index(row) for row in ROWS}
        cache: dict[object, tuple[Floats, Floats]] = {}
        seed = int(rng.integers(2**31))
        for stretch in stretches(canvas, mask, wishes.breaks):
            rows = [row for row in ROWS if (mask[stretch.start : stretch.end, columns[row]] == Cover.FILL).any()]
            rolls = self._texture(canvas, mask, stretch, rows, seed, wishes, cache)
            for bar in range(stretch.start, stretch.end):
                for row in rows:
                    if mask[bar, columns[row]] == Cover.FILL:
                        last = bar == len(canvas.bars) - 1 and comes_to_rest(canvas, mask, bar)
                        cell = write_cell(canvas, bar, row, rolls[bar - stretch.start], last)
                        canvas.cells.setdefault(row, [EMPTY] * len(canvas.bars))[bar] = cell
                        yield CellFilled(bar, row, cell, 0.0)

    def _texture(
        self,
        canvas: Canvas,
        mask: Mask,
        stretch: Stretch,
        rows: Sequence[str],
        seed: int,
        wishes: CellWishes,
        cache: dict[object, tuple[Floats, Floats]],
    ) -> Roll:
        """A texture for a stretch (bars, CHANNELS, STEPS): the draw that is nearest to what was asked and is there."""
        header = canvas.headers[stretch.start] if canvas.headers else None
        style = wishes.style or (header.style if header else None)
        energy = wishes.energy
        if energy is None:
            energy = usual_energy(style) if header is None or header.density is None else (header.density + 0.5) / 5
        energy = float(np.clip(energy + BUSIER * wishes.attributes.get("busier", 0.0), 0.0, 1.0))
        asked = phrase_wishes(canvas, stretch, rows, style, energy)
        heat = 1.0 if wishes.temperature is None else wishes.temperature
        draw = np.random.default_rng([seed, round(energy * 100), len(rows)])
        noise = heat * draw.standard_normal((CANDIDATES, 1, self._facts["noise"]))
        bar_noise = heat * draw.standard_normal((CANDIDATES, len(asked), BARS, self._facts["bar_noise"]))
        many = [wish for _ in range(CANDIDATES) for wish in asked]
        rolls = self.rolls(
            many,
            np.repeat(noise, len(asked), axis=1).reshape(len(many), -1).astype(np.float32),
            bar_noise.reshape(len(many), BARS, -1).astype(np.float32),
        )
        rolls = rolls.reshape(CANDIDATES, len(asked) * BARS, *rolls.shape[2:])[:, : stretch.end - stretch.start]
        known = {row: known_rolls(canvas, mask, row, stretch) for row in rows}
        worth = [sum(_worth(own, row, known[row]) for row in rows) for own in rolls]
        return rolls[int(np.argmax(worth))]


def _only(wish: TextureWish, rows: tuple[str, ...]) -> TextureWish:
    return replace(wish, rows=tuple(row for row in wish.rows if row in rows))


def stretches(canvas: Canvas, mask: Mask, breaks: Sequence[int] = ()) -> Iterator[Stretch]:
    """Runs of bars with something to write in one metre and style, cut where sections begin."""
    columns = [ALL_ROWS.index(row) for row in ROWS]
    wanted = (mask[:, columns] == Cover.FILL).any(axis=1)
    start: int | None = None
    for bar in range(len(wanted) + 1):
        if start is not None and (
            bar == len(wanted)
            or not wanted[bar]
            or bar in breaks
            or (canvas.bars[bar].meter, canvas.bars[bar].ticks) != (canvas.bars[start].meter, canvas.bars[start].ticks)
            or canvas.bars[start].offset
        ):
            yield Stretch(start, bar)
            start = None
        if start is None and bar < len(wanted) and wanted[bar]:
            start = bar


def phrase_wishes(
    canvas: Canvas, stretch: Stretch, rows: Sequence[str], style: str | None, energy: float
) -> list[TextureWish]:
    """What is asked of each four bars of a stretch. Every eight bars, and the end of four bars or more, have a fill."""
    drums, band = groups_for(style)
    kind = METER_KINDS.get(canvas.bars[stretch.start].meter, 0)
    found = []
    for start in range(stretch.start, stretch.end, BARS):
        bars = [min(bar, stretch.end - 1) for bar in range(start, start + BARS)]
        chords = [chords_of(canvas, bar) for bar in bars]
        ends = [
            stretch.end - stretch.start >= BARS
            and (bar == stretch.end - 1 or (bar - stretch.start) % FILL_EVERY == FILL_EVERY - 1)
            for bar in range(start, start + BARS)
        ]
        found.append(
            TextureWish(
                drums,
                band,
                kind,
                tuple(rows),
                dict.fromkeys(rows, energy),
                ends,
                [any(c != own[0] for c in own) for own in chords],
                [len(own[0].pitch_classes) > 3 for own in chords],
            )
        )
    return found


def chords_of(canvas: Canvas, bar: int) -> list[Chord]:
    """The chord at each step of a bar; the tonic where none is told."""
    header = canvas.headers[bar] if canvas.headers else None
    tonic = Chord(9, "m") if header is not None and header.mode == "minor" else Chord(0)
    count = max(canvas.bars[bar].ticks // STEP, 1)
    if not canvas.cells.get("chords"):
        return [tonic] * count
    at = chord_reader(canvas, bar)
    return [at(step * STEP) or tonic for step in range(count)]


def known_rolls(canvas: Canvas, mask: Mask, row: str, stretch: Stretch) -> list[Roll]:
    """A row's bars that stay, in the same metre, the nearest first: what a new texture should be like."""
    column = ALL_ROWS.index(row)
    cells = canvas.cells.get(row, [])
    ticks = canvas.bars[stretch.start].ticks
    kept = [
        bar
        for bar in range(len(cells))
        if mask[bar, column] == Cover.GIVEN and len(cells[bar]) and canvas.bars[bar].ticks == ticks
    ]
    kept.sort(key=lambda bar: (min(abs(bar - stretch.start), abs(bar - stretch.end + 1)), bar))
    return [read_bar({row: cells[bar]}, chords_of(canvas, bar), ticks, BASS_BASE) for bar in kept[:BARS]]


def _worth(rolls: Roll, row: str, known: Sequence[Roll]) -> float:
    """How well a texture fits: it plays in every bar, and is like the bars that are there."""
    own = rolls[:, ONSETS_OF[row]]
    empty = (~own.any(axis=(1, 2))).mean()
    like = 0.0
    if known:
        places = own.any(axis=1)
        for other in known:
            there = other[ONSETS_OF[row]].any(axis=0)
            both, either = (places & there).sum(axis=1), (places | there).sum(axis=1)
            like += float((both / np.maximum(either, 1)).mean()) / len(known)
    return 2.0 * like - 3.0 * float(empty)


def comes_to_rest(canvas: Canvas, mask: Mask, bar: int) -> bool:
    """Whether a tune is given that begins no note in the second half of a bar."""
    column = ALL_ROWS.index("melody")
    cells = canvas.cells.get("melody")
    if cells is None or mask[bar, column] != Cover.GIVEN or not any(len(cell) for cell in cells):
        return False
    roll = read_bar({"keys": cells[bar]}, chords_of(canvas, bar), canvas.bars[bar].ticks)
    return not roll[KEYS, canvas.bars[bar].ticks // STEP // 2 :].any()


def write_cell(canvas: Canvas, bar: int, row: str, roll: Roll, last: bool = False) -> Cell:
    """A row's cell of a bar from its roll, within its rules. last: the piece ends with this bar: one stroke, held."""
    column = canvas.bars[bar]
    if column.offset:
        return EMPTY
    rules = canvas.rule(bar, row)
    count = min(column.ticks // STEP, STEPS)
    chords = chords_of(canvas, bar)
    if row == "drums":
        hits = [(0, [0, 9])] if last else drum_hits(roll, count)
        found = drums_within(hits, rules) or drums_within([(0, [0])], rules)
        return drum_cell(found)
    if last:
        roll = _ending(roll, row, count)
    notes = bass_notes(roll, chords, count, bass_base(rules)) if row == "bass" else keys_notes(roll, chords, count)
    return note_cell(notes_within(notes, rules))


def bass_base(rules: RowRules) -> int:
    """Where the bass's octave begins within a row's range."""
    return max(rules.low, min(BASS_BASE, rules.high - 12))


def _ending(roll: Roll, row: str, count: int) -> Roll:
    """A bar that strikes its first chord, or the root, and holds it."""
    out = np.zeros_like(roll)
    own, held = ONSETS_OF[row], slice(ONSETS_OF[row].stop, CHANNELS_OF[row].stop)
    if row == "bass":
        out[BASS.start - BASS_DEGREES[0], 0] = True
        out[held, 1:count] = True
        return out
    lanes = np.atleast_1d(roll[own, :4].any(axis=1))
    if lanes.sum() < 3:
        lanes = np.isin(np.arange(own.stop - own.start), (4, 5, 6))
    out[own, 0] = lanes
    out[held, 1:count] = lanes[:, None]
    return out
