"""Writing a planned piece: first the tune of each section, then the band, then the drums.

Sections that return are copied and partly rewritten, phrases within a section may echo their
opening, and several candidates of each tune are written and the best is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from yuefu.generation.constraints import RowRules
from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas, SamplingSettings, fill, line_between
from yuefu.generation.originality import CopyGuard
from yuefu.planning.plan import Plan, PlannedSection
from yuefu.score.model import ROWS
from yuefu.tokens.grid import EMPTY
from yuefu.tokens.sequence import Cover, Mask, cell_count
from yuefu.workflows.drums import fill_groove, groove_for, with_crash
from yuefu.workflows.figuration import set_figuration
from yuefu.workflows.leanings import Taste

BAND = ("counter", "inner", "bass", "keys", "pad")
#: Scores a tune written into bars [start, end) of a canvas; higher is better.
Critic = Callable[[Canvas, int, int, float], float]
PHRASE = 4  #: bars


@dataclass(frozen=True)
class Written:
    """A bar of a stage is done. stage: ``"melody"``, ``"band"`` or ``"drums"``."""

    stage: str
    bar: int
    bars: int


def write_piece(
    engine: Engine,
    canvas: Canvas,
    plan: Plan,
    seed: int,
    candidates: int,
    critic: Critic,
    taste: Taste | None = None,
    guard: CopyGuard | None = None,
) -> Iterator[Written]:
    """Fill the whole canvas in place, yielding as bars are done. guard: keeps tunes from copying the corpus."""
    taste = taste or Taste()
    settings = taste.sampling
    for row in {row for section in plan.sections for row in section.rows}:
        canvas.cells.setdefault(row, [EMPTY] * len(canvas.bars))
    for index, section in enumerate(plan.sections):
        if "melody" in section.rows:
            _write_melody(engine, canvas, plan, index, seed, candidates, critic, taste, guard)
        yield Written("melody", section.start + section.bars, len(canvas.bars))
    for index in range(len(plan.sections)):
        rng = np.random.default_rng([seed, 3, index])
        yield from _write_band(engine, canvas, plan, index, rng, settings, guard)
    if any("drums" in section.rows for section in plan.sections):
        for index, section in enumerate(plan.sections):
            rng = np.random.default_rng([seed, 4, index])
            if "drums" in section.rows:
                _write_drums(engine, canvas, plan, index, rng, settings)
            yield Written("drums", section.start + section.bars, len(canvas.bars))


def _mask(canvas: Canvas, rows: dict[str, Cover]) -> Mask:
    mask = np.zeros((len(canvas.bars), len(ROWS)), dtype=np.int8)
    for row, cover in rows.items():
        mask[:, ROWS.index(row)] = cover
    return mask


def _write_melody(
    engine: Engine, canvas: Canvas, plan: Plan, index: int, seed: int, candidates: int, critic: Critic,
    taste: Taste, guard: CopyGuard | None,
) -> None:  # fmt: skip
    section = plan.sections[index]
    start, end = section.start, section.start + section.bars
    _melody_rules(canvas, plan, index, np.random.default_rng([seed, 2, index]))
    fresh = _fresh_bars(canvas, plan, index)
    _break_joins(canvas, section, fresh, guard)
    if not fresh.any():
        return
    best: tuple[float, list] | None = None
    tries = candidates if fresh.sum() > 2 else 1
    for candidate in range(tries):
        trial = canvas.copy()
        rng = np.random.default_rng([seed, 2, index, candidate])
        total = _compose_tune(engine, trial, section, fresh, rng, taste, guard)
        score = critic(trial, start, end, total) if tries > 1 else 0.0
        if best is None or score > best[0]:
            best = (score, trial.cells["melody"][start:end])
    assert best is not None
    canvas.cells["melody"][start:end] = best[1]


def _melody_rules(canvas: Canvas, plan: Plan, index: int, rng: np.random.Generator) -> None:
    """Phrases that breathe and close: few, early onsets in their last bar; the piece ends on its tonic."""
    section = plan.sections[index]
    base = _register(canvas.rule(section.start, "melody"), plan, section)
    ticks = canvas.bars[section.start].ticks
    sung = canvas.lyrics is not None
    minor = plan.key.endswith("minor")
    final_section = all("melody" not in later.rows for later in plan.sections[index + 1 :])
    for offset in range(section.bars):
        bar = section.start + offset
        canvas.bar_rules[bar, "melody"] = base
        if sung:
            canvas.counts[bar, "melody"] = len(plan.lyrics.get(bar, ()))
        closing = offset % PHRASE == PHRASE - 1 or offset == section.bars - 1
        line_ends = sung and any(s.line_end for s in plan.lyrics.get(bar, ()))
        if closing and not sung:
            canvas.counts[bar, "melody"] = int(rng.choice([1, 2, 3], p=[0.45, 0.35, 0.2]))
        if closing or line_ends:
            latest = ticks // 2 if canvas.counts.get((bar, "melody"), 9) <= 3 else ticks * 2 // 3
            canvas.bar_rules[bar, "melody"] = replace(base, latest=latest)
        if final_section and offset == section.bars - 1:
            tonic = frozenset((9, 0, 4) if minor else (0, 4)) if sung else frozenset((9,) if minor else (0,))
            rules = canvas.rule(bar, "melody")
            count = len(plan.lyrics.get(bar, ())) if sung else 1
            canvas.counts[bar, "melody"] = count
            if count == 1:
                rules = replace(rules, scale=tonic, outside=-12.0, shortest=min(48, ticks // 2), latest=0)
            canvas.bar_rules[bar, "melody"] = rules


def _register(rules: RowRules, plan: Plan, section: PlannedSection) -> RowRules:
    """A section's tune lies higher the more energy it has among the sections: the chorus on top."""
    energies = [other.energy for other in plan.sections if "melody" in other.rows]
    low, high = min(energies), max(energies)
    share = (section.energy - low) / (high - low) if high - low > 0.04 else 0.5
    reach = min(rules.high - rules.low, 22)
    return replace(rules, center=rules.low + reach * (0.32 + 0.36 * share))


def _fresh_bars(canvas: Canvas, plan: Plan, index: int) -> np.ndarray:
    """Which bars of a section are written anew; the others are copied from the section it repeats."""
    section = plan.sections[index]
    fresh = np.ones(section.bars, dtype=bool)
    if section.source is None or "melody" not in plan.sections[section.source].rows:
        return fresh
    source = plan.sections[section.source]
    shared = min(section.bars, source.bars)
    for offset in range(shared):
        old, new = source.start + offset, section.start + offset
        counts_agree = canvas.lyrics is None or cell_count(canvas.cells["melody"][old]) == canvas.counts.get(
            (new, "melody"), -1
        )
        if counts_agree and plan.harmony[old] == plan.harmony[new]:
            canvas.cells["melody"][new] = canvas.cells["melody"][old]
            fresh[offset] = False
    # A varied return rewrites bars from its end: openings are what listeners recognise.
    rewrite = round(section.variation * section.bars)
    if index == len(plan.sections) - 1:
        rewrite = max(rewrite, 1)
    if rewrite:
        fresh[-rewrite:] = True
    return fresh


def _compose_tune(
    engine: Engine, canvas: Canvas, section: PlannedSection, fresh: np.ndarray, rng: np.random.Generator,
    taste: Taste, guard: CopyGuard | None = None,
) -> float:  # fmt: skip
    """Write the fresh bars phrase by phrase; a later phrase may echo the first. Returns log-likelihood a token."""
    total, cells = 0.0, 0
    echo = rng.random() < taste.echo
    for first in range(0, section.bars, PHRASE):
        bars = range(first, min(first + PHRASE, section.bars))
        mask = _mask(canvas, {"chords": Cover.GIVEN, "melody": Cover.GIVEN})
        mask[section.start :, ROWS.index("melody")] = Cover.ABSENT
        for offset in range(section.bars):
            if offset < first or not fresh[offset]:
                mask[section.start + offset, ROWS.index("melody")] = Cover.GIVEN
        for offset in bars:
            if not fresh[offset]:
                continue
            bar = section.start + offset
            if echo and _echoes(canvas, section, offset, fresh):
                canvas.cells["melody"][bar] = canvas.cells["melody"][bar - PHRASE * (1 if first % 8 else 2)]
                mask[bar, ROWS.index("melody")] = Cover.GIVEN
                if not _joins_badly(canvas, bar, guard):
                    continue
            mask[bar, ROWS.index("melody")] = Cover.FILL
        for event in fill(engine, canvas, mask, rng, taste.sampling, guard=guard):
            total += event.log_probability
            cells += len(event.cell) + 1
    return total / max(cells, 1)


def _joins_badly(canvas: Canvas, bar: int, guard: CopyGuard | None) -> bool:
    """Whether a copied bar of the tune makes, with the bars before it, too long a run of the corpus."""
    if guard is None:
        return False
    before = line_between(canvas, "melody", max(0, bar - 16), bar)
    return guard.joins_badly(before, line_between(canvas, "melody", bar, bar + 1))


def _break_joins(canvas: Canvas, section: PlannedSection, fresh: np.ndarray, guard: CopyGuard | None) -> None:
    """Have copied bars written anew where they would make a copied run with what is before the section."""
    for offset in range(section.bars):
        if fresh[offset]:  # what is written is guarded as it is written
            return
        fresh[offset] = _joins_badly(canvas, section.start + offset, guard)


def _echoes(canvas: Canvas, section: PlannedSection, offset: int, fresh: np.ndarray) -> bool:
    """Whether a bar may repeat its counterpart a phrase (or two) before: same harmony, same syllables, not a close."""
    first = offset // PHRASE * PHRASE
    back = PHRASE * (1 if first % 8 else 2)
    if offset - back < 0 or offset % PHRASE >= PHRASE // 2 or offset == section.bars - 1:
        return False
    bar, old = section.start + offset, section.start + offset - back
    same_harmony = np.array_equal(canvas.cells["chords"][bar], canvas.cells["chords"][old])
    if canvas.lyrics is None:
        return same_harmony
    return same_harmony and canvas.counts.get((bar, "melody")) == canvas.counts.get((old, "melody"))


def _write_band(
    engine: Engine, canvas: Canvas, plan: Plan, index: int, rng: np.random.Generator, settings: SamplingSettings,
    guard: CopyGuard | None,
) -> Iterator[Written]:  # fmt: skip
    section = plan.sections[index]
    start, end = section.start, section.start + section.bars
    rows = [row for row in BAND if row in section.rows]
    set_figuration(canvas, plan, section, rng)
    mask = _mask(canvas, {"chords": Cover.GIVEN})
    for row in ROWS[1:]:
        if row == "drums" or row not in canvas.cells:
            continue
        mask[:start, ROWS.index(row)] = Cover.GIVEN
    if "melody" in canvas.cells:
        mask[:, ROWS.index("melody")] = Cover.GIVEN
    source = None if section.source is None else plan.sections[section.source]
    for row in rows:
        column = ROWS.index(row)
        for bar in range(start, end):
            old = None if source is None or row not in source.rows else source.start + bar - start
            unchanged = (
                old is not None
                and old < source.start + source.bars  # type: ignore[union-attr]
                and plan.harmony[old] == plan.harmony[bar]
                and np.array_equal(_melody(canvas, old), _melody(canvas, bar))
            )
            if unchanged and old is not None and rng.random() >= section.variation * 0.5:
                canvas.cells[row][bar] = canvas.cells[row][old]
                mask[bar, column] = Cover.GIVEN
            else:
                mask[bar, column] = Cover.FILL
        if index == len(plan.sections) - 1:
            _closing_bar(canvas, row, end - 1, plan)
            mask[end - 1, column] = Cover.FILL
    for event in fill(engine, canvas, mask, rng, settings, guard=guard):
        if event.row == rows[-1]:
            yield Written("band", event.bar + 1, len(canvas.bars))


def _melody(canvas: Canvas, bar: int) -> np.ndarray:
    return canvas.cells["melody"][bar] if "melody" in canvas.cells else EMPTY


def _closing_bar(canvas: Canvas, row: str, bar: int, plan: Plan) -> None:
    """The last bar: one long chord tone on the first beat."""
    ticks = canvas.bars[bar].ticks
    tonic = frozenset((9, 0, 4) if plan.key.endswith("minor") else (0, 4, 7))
    if row == "bass":
        tonic = frozenset((9,) if plan.key.endswith("minor") else (0,))
    base: RowRules = canvas.rules.get(row, RowRules())
    canvas.counts[bar, row] = 1
    canvas.figures[bar, row] = frozenset((0,))
    canvas.bar_rules[bar, row] = replace(
        base, latest=0, shortest=min(48, ticks // 2), scale=tonic, outside=-12.0, max_onsets=1, legato=9.0
    )


def _write_drums(
    engine: Engine, canvas: Canvas, plan: Plan, index: int, rng: np.random.Generator, settings: SamplingSettings
) -> None:
    """A two-bar groove for the section, repeated; the bar before a new phrase may vary, the last fills."""
    section = plan.sections[index]
    start, end = section.start, section.start + section.bars
    known = {row: Cover.GIVEN for row in canvas.cells if row != "drums"}
    source = None if section.source is None else plan.sections[section.source]
    if source is not None and "drums" in source.rows and source.bars >= section.bars:
        for offset in range(section.bars):
            canvas.cells["drums"][start + offset] = canvas.cells["drums"][source.start + offset]
        fresh = [end - 1]
    else:
        pattern = groove_for(plan, section.energy, rng)
        filling = fill_groove(pattern, canvas.bars[start].ticks)
        for bar in range(start, end):
            own = filling if bar == end - 1 and section.bars >= 4 else pattern
            canvas.bar_rules[bar, "drums"] = replace(canvas.rules["drums"], groove=own, rhythm=6.0, off_beat=-2.0)
            canvas.figures[bar, "drums"] = frozenset(own)
            canvas.counts[bar, "drums"] = len(own)
        groove = [bar for bar in (start, start + 1) if bar < end]
        list(fill(engine, canvas, _drum_mask(canvas, known, start, groove), rng, settings))
        for bar in range(start + 2, end):
            canvas.cells["drums"][bar] = canvas.cells["drums"][start + (bar - start) % 2]
        fresh = [bar for bar in range(start + PHRASE - 1, end - 1, PHRASE) if rng.random() < 0.35]
        fresh.append(end - 1)
    fresh = [bar for bar in fresh if bar >= start + 2]
    for bar in fresh:  # a stroke or two more than usual
        if (bar, "drums") in canvas.counts:
            canvas.counts[bar, "drums"] = min(16, canvas.counts[bar, "drums"] + int(rng.integers(0, 3)))
        else:
            source_bar = bar - start + (source.start if source is not None else start)
            for table in (canvas.bar_rules, canvas.figures, canvas.counts):
                if (source_bar, "drums") in table:
                    table[bar, "drums"] = table[source_bar, "drums"]  # type: ignore[index,assignment]
    last = len(canvas.bars) - 1
    if last in fresh:
        canvas.counts[last, "drums"] = 1
        canvas.figures[last, "drums"] = frozenset((0,))
        canvas.bar_rules[last, "drums"] = replace(
            canvas.rules["drums"], latest=0, hits=frozenset((36, 49)), max_onsets=1, groove={0: frozenset((36, 49))}
        )
    list(fill(engine, canvas, _drum_mask(canvas, known, end, fresh), rng, settings))
    if section.energy >= 0.5 and index > 0:
        canvas.cells["drums"][start] = with_crash(canvas.cells["drums"][start])


def _drum_mask(canvas: Canvas, known: dict[str, Cover], until: int, bars: list[int]) -> Mask:
    mask = _mask(canvas, known)
    mask[:until, ROWS.index("drums")] = Cover.GIVEN
    for bar in bars:
        mask[bar, ROWS.index("drums")] = Cover.FILL
    return mask
