"""Writing named cells of an open score: chords and tune first, several times, then the band, then the drums.

New cells lean on what is there: the register and figures of their row elsewhere in the piece, the other
turn of the same section, the groove before. A row that is new to the piece gets a style's figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from yuefu.generation.critic import judge
from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas, SamplingSettings, fill
from yuefu.generation.originality import CopyGuard
from yuefu.generation.rules import RowRules
from yuefu.planning.form import KIND_ENERGY
from yuefu.planning.harmony import GROUPS
from yuefu.planning.plan import Plan, PlannedChord, PlannedPart, PlannedSection
from yuefu.progress import Progress
from yuefu.score.model import ROWS
from yuefu.theory.key import Key
from yuefu.theory.styles import STYLES
from yuefu.tokens.facts import mood_bin
from yuefu.tokens.grid import EMPTY, Cell
from yuefu.tokens.sequence import Cover, Mask
from yuefu.tokens.vocabulary import STYLES as STYLE_LABELS
from yuefu.tokens.vocabulary import family_of, tempo_bin, vocabulary
from yuefu.workflows.canvas import row_rules
from yuefu.workflows.cell_band import write_band
from yuefu.workflows.cell_chords import PHRASE, Close, chord_rules, closes_of, manner_of, tonic_cell
from yuefu.workflows.cell_drums import write_drums
from yuefu.workflows.cell_inversions import set_basses
from yuefu.workflows.cell_judging import chord_fit, excerpt, progression_worth, repeats, seams
from yuefu.workflows.cell_tune import tune_rules
from yuefu.workflows.cells import places_in, turns_of
from yuefu.workflows.figuration import GROUP
from yuefu.workflows.fill_wishes import Wishes, style_for
from yuefu.workflows.leanings import Taste, scaled
from yuefu.workflows.score_back import DEFAULT_PLAYER
from yuefu.workflows.score_canvas import OpenScore

BAND = ("counter", "inner", "bass", "keys", "pad")
SECTION = 8  #: bars written with one figure, and in one window
PARALLEL = -3.5  #: logits, for octaves and fifths in parallel
FORBIDDEN = -9.0  #: the same where four voices are a harmony exercise
#: Semitones below the tune's middle at which a new line lies.
BELOW = {"counter": 5, "inner": 12}
BASS_MIDDLE = 44  #: about which a new bass lies
PULL = 0.6  #: logits at which a tune lies its usual distance from its middle
EASE = 0.4  #: how much of its usual leanings a row has that the model can hear elsewhere in the piece
BETWEEN = 0.4  #: temperature for bars between others
NEEDED = 8  #: notes of a row from which its own register counts


class CellWriter:
    """Writes the cells of a mask into an open score's canvas. ``run`` yields progress; facts are kept beside.

    players: row -> instrument key for rows that nobody plays yet.
    """

    def __init__(
        self,
        piece: OpenScore,
        mask: Mask,
        wishes: Wishes,
        engine: Engine | None,
        guard: CopyGuard | None = None,
        players: dict[str, str] | None = None,
        beside: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.piece, self.mask, self.wishes, self.engine, self.guard = piece, mask, wishes, engine, guard
        self.canvas = piece.canvas
        self.players = players or {}
        self.beside = beside or {}
        self.windows = 0
        self.log_probability = 0.0
        self.tokens = 0
        self.turns = turns_of(self.canvas, mask)
        self.before = {row: list(cells) for row, cells in self.canvas.cells.items()}
        self.drum_pairs: dict[object, tuple[Cell, Cell]] = {}
        self.fixed: list[tuple[int, int]] = []
        rows = [ROWS[i] for i in range(len(ROWS)) if (mask[:, i] != Cover.ABSENT).any()]
        self.style, self.said = style_for(wishes.style, piece.score, [*piece.rows, *self.written()])
        self.rows = rows
        self.taste = Taste()
        self.eased = scaled(self.taste, EASE, ROWS[1:])
        settings = self.taste.sampling
        t = wishes.temperature
        if t is None and self._is_between():
            t = BETWEEN
        if t is not None:
            settings = replace(settings, temperature=t, chord_temperature=t, drum_temperature=t)
        elif wishes.harmony is not None:
            settings = replace(settings, chord_temperature=manner_of(wishes, self.style).temperature)
        self.settings: SamplingSettings = settings
        self.closes = closes_of(piece.score)
        self._prepare()

    @staticmethod
    def column(row: str) -> int:
        return ROWS.index(row)

    def written(self) -> list[str]:
        """The rows with cells to be written."""
        return [row for i, row in enumerate(ROWS) if (self.mask[:, i] == Cover.FILL).any()]

    def _is_between(self) -> bool:
        """Whether some bars are written anew between others that all their rows go on playing in."""
        bars = np.flatnonzero((self.mask == Cover.FILL).any(axis=1))
        if self.wishes.ornament or not len(bars) or bars[-1] == len(self.mask) - 1:
            return False
        return all(
            any(len(cell) for cell, cover in zip(self.canvas.cells.get(row, ()), column) if cover == Cover.GIVEN)
            for row in self.written()
            for column in [self.mask[:, ROWS.index(row)]]
        )

    def run(self) -> Iterator[Progress]:
        """Write everything, stage by stage."""
        rows = self.written()
        for row in rows:
            self.canvas.cells.setdefault(row, [EMPTY] * len(self.canvas.bars))
            for bar in np.flatnonzero(self.mask[:, ROWS.index(row)] == Cover.FILL).tolist():
                self.canvas.cells[row][bar] = EMPTY  # what is to go isn't listened to
        last = len(self.canvas.bars) - 1
        if self.wishes.close and self.mask[last, 0] == Cover.FILL:
            self.canvas.cells["chords"][last] = tonic_cell(self.minor(last))
            self.fixed.append((last, 0))
        stretches = list(self._stretches())
        lead: list[str] = [row for row in ("chords", "melody") if row in rows]
        for number, (start, end) in enumerate(stretches if lead else ()):
            self._write_lead(number, start, end, lead)
            yield Progress("melody" if "melody" in rows else "chords", number + 1, len(stretches))
        band = [row for row in BAND if row in rows]
        for number, (start, end) in enumerate(stretches if band else ()):
            write_band(self, number, start, end, band)
            yield Progress("band", number + 1, len(stretches))
        for number, (start, end) in enumerate(stretches if "drums" in rows else ()):
            write_drums(self, number, start, end)
            yield Progress("drums", number + 1, len(stretches))

    # What is told of every bar

    def _prepare(self) -> None:
        wishes, canvas = self.wishes, self.canvas
        label = STYLES[self.style].corpus_label if self.said else None
        families = {}
        for row in ROWS[1:]:
            owner = self.piece.owner(row)
            if owner is not None:
                part = self.piece.score.parts[owner.part]
                families[row] = family_of(part.program, row, part.instrument)
            elif row in self.rows:
                from yuefu.theory.instruments import INSTRUMENTS

                families[row] = family_of(INSTRUMENTS[self.players.get(row, DEFAULT_PLAYER[row])].program, row)
        density = None if wishes.density is None else int(np.clip(round(wishes.density * 4), 0, 4))
        if density is None and wishes.busier:
            density = 3 if wishes.busier > 0 else 1
        if density is None and wishes.like is not None:
            density = wishes.like.density
        for bar, header in enumerate(canvas.headers):
            canvas.headers[bar] = replace(
                header,
                style=label if label in STYLE_LABELS else None,
                tempo=tempo_bin(self.piece.score.tempo_at(self.piece.bars[bar].start)),
                valence=None if wishes.valence is None else mood_bin(wishes.valence),
                arousal=None if wishes.arousal is None else mood_bin(wishes.arousal),
                density=density,
                families=families,
            )

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Runs of bars with something to write, cut at sections, changes of key or metre, and every eight bars."""
        wanted = (self.mask == Cover.FILL).any(axis=1)
        cuts = {self.bar_at(section.start) for section in self.piece.score.sections}
        start: int | None = None
        for bar in range(len(wanted) + 1):
            if start is not None and (
                bar == len(wanted)
                or not wanted[bar]
                or bar - start >= SECTION
                or bar in cuts
                or self.piece.keys[bar] != self.piece.keys[bar - 1]
                or self.canvas.bars[bar].meter != self.canvas.bars[bar - 1].meter
            ):
                yield start, bar
                start = None
            if start is None and bar < len(wanted) and wanted[bar]:
                start = bar

    def bar_at(self, tick: int) -> int:
        return int(np.searchsorted([bar.start for bar in self.piece.bars], tick, side="right")) - 1

    def energy(self, start: int) -> float:
        tick = self.piece.bars[start].start
        kind = next((s.kind for s in self.piece.score.sections if s.start <= tick < s.start + s.duration), "")
        base = 0.6 * KIND_ENERGY.get(kind, 0.6) + 0.4 * STYLES[self.style].energy
        wished = self.wishes.energy
        return float(np.clip((base if wished is None else wished) + 0.25 * self.wishes.busier, 0, 1))

    def plan(self, start: int, end: int, rows: list[str]) -> Plan:
        """One stretch as a plan, for the figures and grooves that a style plays."""
        bar = self.piece.bars[start]
        key: Key = self.piece.keys[start]
        style = STYLES[self.style]
        density = style.density if self.wishes.density is None else self.wishes.density
        parts = []
        for row in ROWS[1:]:
            if self.piece.owner(row) is not None or row in self.rows:
                parts.append(PlannedPart(instrument=self._player(row), rows=self.beside.get(row, (row,))))
        known = [row for row in ROWS[1:] if row in self.canvas.cells]
        section = PlannedSection(
            letter="A", start=start, bars=end - start, energy=self.energy(start),
            rows=tuple(row for row in ROWS[1:] if row in rows or (row == "melody" and row in known)),
        )  # fmt: skip
        harmony = tuple(
            tuple(PlannedChord(position=place, symbol="") for place in sorted(places_in(self.canvas, b, "chords")))
            if start <= b < end
            else ()
            for b in range(len(self.canvas.bars))
        )
        return Plan(
            title="", language="en", style=self.style, tempo=self.piece.score.tempo_at(bar.start), key=key.name,
            meter=f"{bar.numerator}/{bar.denominator}", swing=0.0, valence=None, arousal=None,
            density=float(np.clip(density + 0.25 * self.wishes.busier, 0, 1)), sections=(section,),
            parts=tuple(dict.fromkeys(parts)), harmony=harmony,
            like=self.wishes.like,
        )  # fmt: skip

    def _player(self, row: str) -> str:
        owner = self.piece.owner(row)
        if row in self.players or owner is None:
            return self.players.get(row, DEFAULT_PLAYER[row])
        from yuefu.theory.instruments import INSTRUMENTS, instrument_for_program

        part = self.piece.score.parts[owner.part]
        if part.instrument in INSTRUMENTS:
            return part.instrument
        return DEFAULT_PLAYER["drums"] if row == "drums" else instrument_for_program(part.program).key

    def rules(self, plan: Plan, row: str, start: int) -> RowRules:
        """A row's rules in a stretch: its player's, its own register elsewhere in the piece, and what was wished."""
        key = self.piece.keys[start]
        own = self._own_pitches(row)
        known = row != "drums" and row not in self.players and len(own) >= NEEDED
        rules = row_rules(plan, row, key, self.eased if known else self.taste)
        if known:
            low, high = np.percentile(own, (2, 98))
            slack = 2 if row in ("bass", "keys", "pad") else 3
            low, high = int(low) - slack, int(high) + slack
            if high - low < 9:
                low, high = low - 2, high + 2
            rules = replace(rules, low=max(21, low - key.shift), high=min(108, high - key.shift))
            if row == "melody":  # a tune that ranges widely is held to its middle more loosely
                pull = min(rules.pull, PULL / max(float(np.var(own)), 1.0))
                rules = replace(rules, center=float(np.mean(own)) - key.shift, pull=pull)
        elif row == "bass":
            pull = 0.03 if GROUP.get(self.style) == "hymn" else 0.01
            rules = replace(rules, center=float(BASS_MIDDLE - key.shift), pull=pull)
        if row in ("counter", "inner", "bass"):
            rules = replace(rules, parallel=PARALLEL)
            if GROUP.get(self.style) == "hymn":  # all voices move together
                rules = replace(rules, rhythm=6.0, parallel=FORBIDDEN, under=min(rules.under, -6.0))
            tune = self._own_pitches("melody")
            if row in BELOW and len(tune) and len(own) < NEEDED:
                rules = replace(rules, center=float(np.mean(tune)) - BELOW[row] - key.shift, pull=0.03)
        if self.wishes.places is not None and row != "drums":
            shortest = self.wishes.shortest or rules.shortest
            rules = replace(rules, places=self.wishes.places, shortest=shortest, off_beat=0.0)
        elif row != "drums" and self._swings(row):
            rules = replace(rules, places=tuple(sorted({*rules.places, 8, 16})), off_beat=0.0)
        return rules

    def _own_pitches(self, row: str) -> np.ndarray:
        ids = [voice.ids for voice in self.piece.voices if voice.row == row][:1]
        if not ids or row == "chords":
            return np.zeros(0)
        owner = self.piece.owner(row)
        assert owner is not None
        notes = self.piece.score.parts[owner.part].notes
        return np.asarray(notes["pitch"][np.isin(notes["id"], list(owner.ids))])

    def _swings(self, row: str) -> bool:
        """Whether a row plays triplets elsewhere."""
        v = vocabulary()
        cells = self.canvas.cells.get(row, [])
        places = [v.position_ticks[t] % 24 for cell in cells for t in cell.tolist() if t in v.position_ticks]
        return len(places) >= NEEDED and float(np.isin(places, (8, 16)).mean()) > 0.12

    # Chords and tune

    def _base_mask(self, hidden: tuple[str, ...] = ()) -> Mask:
        """What is known so far: given. What is still to be written: absent."""
        mask = self.mask.copy()
        mask[mask == Cover.FILL] = Cover.ABSENT
        for row in hidden:
            mask[:, ROWS.index(row)] = Cover.ABSENT
        return mask

    def opened(self, rows: list[str], start: int, end: int, done: int) -> Mask:
        """The mask of one stretch: its cells of some rows to be written, those before ``done`` given."""
        mask = self._base_mask()
        for row in rows:
            column = ROWS.index(row)
            here = self.mask[:, column] == Cover.FILL
            mask[:done, column][here[:done]] = Cover.GIVEN
            mask[start:end, column][here[start:end]] = Cover.FILL
        for bar, column in self.fixed:
            mask[bar, column] = Cover.GIVEN
        return mask

    def fill(self, canvas: Canvas, mask: Mask, rng: np.random.Generator) -> tuple[float, int]:
        total, tokens = 0.0, 0
        assert self.engine is not None
        for event in fill(
            self.engine, canvas, mask, rng, self.settings, window=SECTION, guard=self.guard, turns=self.turns
        ):
            total += event.log_probability
            tokens += len(event.cell) + 1
        self.windows += 1
        return total, tokens

    def _write_lead(self, number: int, start: int, end: int, rows: list[str]) -> None:
        mask = self.opened(rows, start, end, done=start)
        if not (mask == Cover.FILL).any():
            return
        plan = self.plan(start, end, rows)
        rng = np.random.default_rng([self.wishes.seed, 11, number])
        if "chords" in rows:
            chord_rules(self.piece, self.canvas, start, end, self.wishes, self.style, self._closes(start, end, rows))
        if "melody" in rows:
            tune_rules(self, plan, start, end, rng)
        best: tuple[float, dict[str, list[Cell]], float, int] | None = None
        tries = self.wishes.candidates if end - start > 1 else max(1, min(3, self.wishes.candidates))
        for candidate in range(tries):
            trial = self.canvas.copy()
            draw = np.random.default_rng([self.wishes.seed, 12, number, candidate])
            total, tokens = self.fill(trial, mask, draw)
            if "chords" in rows and self._walks(start):
                bars = [bar for bar in range(start, end) if mask[bar, 0] == Cover.FILL]
                set_basses(self.piece, trial, bars, self.closes)
            value = self._worth(trial, start, end, total / max(tokens, 1), rows) if tries > 1 else 0.0
            if best is None or value > best[0]:
                best = (value, {row: trial.cells[row][start:end] for row in rows}, total, tokens)
        assert best is not None
        for row, cells in best[1].items():
            self.canvas.cells[row][start:end] = cells
        self.log_probability += best[2]
        self.tokens += best[3]

    def _walks(self, start: int) -> bool:
        """Whether new chords change every beat, and no bass is there that says which tone lies lowest."""
        manner = manner_of(self.wishes, self.style)
        bass = self.canvas.cells.get("bass", [])
        return manner.beats and not any(len(cell) for cell in bass[start : start + SECTION])

    def _closes(self, start: int, end: int, rows: list[str]) -> list[Close]:
        """Where phrases close: those of the tune that is there; of one that is written too, every four bars."""
        first, last = self.piece.bars[start].start, self.piece.bars[end - 1].end
        if "melody" not in rows or not (self.mask[start:end, ROWS.index("melody")] == Cover.FILL).any():
            return [close for close in self.closes if first <= close.start <= last or close.final]
        found = [close for close in self.closes if first <= close.start <= last and not close.final]
        if found:
            return found
        for bar in range(start, end):
            final = bar == len(self.canvas.bars) - 1
            if (bar - start) % PHRASE == PHRASE - 1 or (final and self.wishes.close):
                here = self.piece.bars[bar]
                found.append(Close(here.start, here.end, final and self.wishes.close))
        return found

    def minor(self, bar: int) -> bool:
        return self.piece.keys[bar].mode == "minor"

    def original(self, row: str) -> list[Cell]:
        return self.before.get(row) or [EMPTY] * len(self.canvas.bars)

    def _worth(self, trial: Canvas, start: int, end: int, likelihood: float, rows: list[str]) -> float:
        """How good a candidate is: its tune beside the corpus, its chords' fit and close, and its seams."""
        value = 0.6 * likelihood
        if "melody" in rows:
            first, last = max(0, start - PHRASE), min(len(trial.bars), end + PHRASE)
            group = GROUPS.get(STYLES[self.style].corpus_label, "pop")
            value = judge(excerpt(trial, self.piece, first, last), group, likelihood)
            value -= 0.12 * seams(trial, start, end) + 0.8 * repeats(trial, start, end)
        if "chords" in rows:
            value += 2.5 * chord_fit(trial, start, end)
            value += 0.8 * progression_worth(trial, start, end)
            changes = {tuple(cell.tolist()) for cell in trial.cells["chords"][start:end]}
            value -= 0.8 * max(0.0, 0.4 - len(changes) / max(end - start, 1))
        return value
