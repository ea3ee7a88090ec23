"""Textures of drums, bass and keys by a small generator that learnt from a critic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.holding import held
from yuefu.engines.info import CellWishes, EngineInfo, data_folder
from yuefu.engines.playable import drums_within, notes_within
from yuefu.engines.texture import (
    BARS,
    BASS,
    BASS_DEGREES,
    CHANNELS_OF,
    DRUM_NAMES,
    DRUMS,
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
#: How much of a bar's noise is new where it comes again, and in the bar that answers it: 0 for none, 1 for all.
DRIFT, ANSWER = 0.3, 0.6
#: Groups whose drummers strike the backbeat, and what that counts among draws.
BACKBEAT = ("rock", "pop", "funk", "soul", "hiphop", "disco", "blues")
BACKBEAT_WORTH = 0.7
#: Where the bass's octave begins.
BASS_BASE = 31

_NEVER = -1e4
_BACKBEAT = [DRUM_NAMES.index(name) for name in ("snare", "rim", "clap")]
#: Whose keys a band without keys takes over.
PIANIST = "pop"

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
        """Phrases (n, BARS, CHANNELS, STEPS), as the generator makes them. noise: (n, noise); bar_noise: (n, BARS,
        bar_noise)."""
        return self.logits(wishes, noise, bar_noise) > 0

    def logits(self, wishes: Sequence[TextureWish], noise: Floats, bar_noise: Floats) -> Floats:
        """What ``rolls`` are made of: above 0 for what is there, ``_NEVER`` for what wasn't asked for.

        Rows that no band of the corpora plays together are drawn one by one, from the same noise.
        """
        asked = [(number, part) for number, wish in enumerate(wishes) for part in self._apart(wish)]
        index = np.array([number for number, _ in asked], dtype=np.int64)
        arrays = [wish.arrays() for _, wish in asked]
        inputs = {
            "noise": noise[index].astype(np.float32), "bar_noise": bar_noise[index].astype(np.float32),
            "phrase": np.stack([phrase for phrase, _ in arrays]), "bars": np.stack([bars for _, bars in arrays]),
        }  # fmt: skip
        made: Floats = self._session.run(None, inputs)[0]
        found = np.full((len(wishes), *made.shape[1:]), _NEVER, dtype=np.float32)
        for (number, wish), roll in zip(asked, made):
            steps = STEPS if wish.meter == 0 else 12
            for row in wish.rows:
                found[number, :, CHANNELS_OF[row], :steps] = roll[:, CHANNELS_OF[row], :steps]
        return found

    def _apart(self, wish: TextureWish) -> list[TextureWish]:
        """A wish as wishes for rows that were learnt together."""
        if wish.drums == wish.band and wish.drums in self._facts["joint"]:
            return [wish]
        keys = wish.band if wish.band in self._facts["keys"] else PIANIST
        band = [(("bass", "keys"), wish.band)] if keys == wish.band else [(("bass",), wish.band), (("keys",), keys)]
        parts = [
            replace(wish, rows=tuple(row for row in wish.rows if row in rows), band=own)
            for rows, own in [(("drums",), wish.band), *band]
        ]
        return [part for part in parts if part.rows]

    def write(self, canvas: Canvas, mask: Mask, rng: np.random.Generator, wishes: CellWishes) -> Iterator[CellFilled]:
        """See ``seams.CellEngine``. Stretches that are asked for alike have the same texture."""
        columns = {row: ALL_ROWS.index(row) for row in ROWS}
        seed = int(rng.integers(2**31))
        for stretch in stretches(canvas, mask, wishes.breaks):
            rows = [row for row in ROWS if (mask[stretch.start : stretch.end, columns[row]] == Cover.FILL).any()]
            rolls = self._texture(canvas, mask, stretch, rows, seed, wishes)
            for bar in range(stretch.start, stretch.end):
                for row in rows:
                    if mask[bar, columns[row]] == Cover.FILL:
                        last = bar == len(canvas.bars) - 1 and comes_to_rest(canvas, mask, bar)
                        cell = write_cell(canvas, bar, row, rolls[bar - stretch.start], last)
                        canvas.cells.setdefault(row, [EMPTY] * len(canvas.bars))[bar] = cell
                        yield CellFilled(bar, row, cell, 0.0)

    def _texture(
        self, canvas: Canvas, mask: Mask, stretch: Stretch, rows: Sequence[str], seed: int, wishes: CellWishes
    ) -> Roll:
        """A texture for a stretch (bars, CHANNELS, STEPS): of several draws the one that fits best."""
        header = canvas.headers[stretch.start] if canvas.headers else None
        style = wishes.style or (header.style if header else None)
        energy = wishes.energy
        if energy is None:
            energy = usual_energy(style) if header is None or header.density is None else (header.density + 0.5) / 5
        energy = float(np.clip(energy + BUSIER * wishes.attributes.get("busier", 0.0), 0.0, 1.0))
        asked = phrase_wishes(canvas, stretch, rows, style, energy)
        heat = 1.0 if wishes.temperature is None else wishes.temperature
        noise, bar_noise = self._noise(len(asked), heat, np.random.default_rng([seed, len(rows)]))
        logits = self.logits([wish for _ in range(CANDIDATES) for wish in asked], noise, bar_noise)
        logits = logits.reshape(CANDIDATES, len(asked) * BARS, *logits.shape[2:])[:, : stretch.end - stretch.start]
        fills, changes = (np.concatenate([getattr(wish, name) for wish in asked]) for name in ("fills", "changes"))
        rolls = held(logits, fills[: logits.shape[1]], changes[: logits.shape[1]], canvas.bars[stretch.start].ticks)
        known = {row: known_rolls(canvas, mask, row, stretch) for row in rows}
        worth = np.sum([_worths(rolls, row, known[row]) for row in rows], axis=0)
        if "drums" in rows and asked[0].drums in BACKBEAT and asked[0].meter == 0 and not known["drums"]:
            worth += BACKBEAT_WORTH * rolls[:, :, _BACKBEAT][..., [4, 12]].any(axis=2).mean(axis=(1, 2))
        return never_silent(rolls[int(np.argmax(worth))], rows)

    def _noise(self, phrases: int, heat: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Noise of ``CANDIDATES`` textures: every other bar, and every phrase, is nearly the first again."""

        def near(first: NDArray[np.float64], drift: float = DRIFT) -> NDArray[np.float64]:
            return np.sqrt(1 - drift**2) * first + drift * rng.standard_normal(first.shape)

        size, own = int(self._facts["noise"]), int(self._facts["bar_noise"])
        noise = np.repeat(rng.standard_normal((CANDIDATES, 1, size)), phrases, axis=1)
        one = rng.standard_normal((CANDIDATES, 1, own))
        pair = np.concatenate([one, near(one, ANSWER)], axis=1)
        first = np.concatenate([pair, near(pair)], axis=1)
        bars = np.stack([first, *(near(first) for _ in range(phrases - 1))], axis=1)
        return (
            (heat * noise).reshape(-1, size).astype(np.float32),
            (heat * bars).reshape(-1, BARS, own).astype(np.float32),
        )


def never_silent(rolls: Roll, rows: Sequence[str]) -> Roll:
    """The texture (bars, CHANNELS, STEPS); a row that never plays gets a stroke at the head of its bars."""
    for row in rows:
        if not rolls[:, ONSETS_OF[row]].any():
            rolls = rolls.copy()
            for number in range(len(rolls)):
                if row == "drums":
                    rolls[number, DRUMS.start, 0] = True
                else:
                    rolls[number] |= _ending(rolls[number], row, STEPS)
    return rolls


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


def _worths(rolls: Roll, row: str, known: Sequence[Roll]) -> Floats:
    """How well each of several textures (n, bars, CHANNELS, STEPS) fits: it plays in every bar, and is like the bars
    that are there; where none are, like most of the others, which leaves the odd ones out."""
    own = rolls[:, :, ONSETS_OF[row]]
    worth = -3.0 * (own.sum(axis=(2, 3)) == 0).mean(axis=1)
    places = own.sum(axis=2) > 0
    for other in known:
        there = other[ONSETS_OF[row]].sum(axis=0) > 0
        both, either = (places & there).sum(axis=2), (places | there).sum(axis=2)
        worth += 2.0 * (both / np.maximum(either, 1)).mean(axis=1) / len(known)
    if not known:
        bar = own.mean(axis=1).reshape(len(own), -1)
        usual = bar.mean(axis=0)
        worth += bar @ usual / np.maximum(np.linalg.norm(bar, axis=1) * np.linalg.norm(usual), 1e-9)
    return worth.astype(np.float32)


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
    return note_cell(notes_within(rung(notes, count), rules))


def rung(notes: Sequence[tuple[int, int, int]], count: int) -> list[tuple[int, int, int]]:
    """Notes (step, pitch, steps long) of which single sixteenths ring on for another, unless something begins there."""
    starts = {step for step, _, _ in notes}
    return [
        (step, pitch, 2 if long == 1 and step + 1 < count and step + 1 not in starts else long)
        for step, pitch, long in notes
    ]


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
