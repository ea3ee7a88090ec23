"""Writing the tune of a planned piece: phrases that open, close and breathe, echoes, and returns.

Several candidates of each section's tune are written and the best is kept. A section that returns brings its bars
back note for note, to other syllables where it is sung, and is written anew only from its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from yuefu.generation.engine import Engine
from yuefu.generation.fill import Canvas, chord_reader, fill, last_pitches, line_between
from yuefu.generation.originality import CopyGuard
from yuefu.generation.rules import RowRules
from yuefu.planning.like import figures_of
from yuefu.planning.plan import Plan, PlannedSection
from yuefu.score.model import ROWS
from yuefu.theory.chord import Chord
from yuefu.theory.modes import MODES
from yuefu.tokens.grid import EMPTY
from yuefu.tokens.sequence import Cover, Mask, cell_count
from yuefu.tokens.vocabulary import vocabulary
from yuefu.workflows.figuration import group_of
from yuefu.workflows.leanings import Taste
from yuefu.workflows.scale_rules import modal_rests, told
from yuefu.workflows.sung_words import bar_wordings
from yuefu.workflows.tune_cells import best_step, closed_on, moved, notes_of, refitted, with_breath
from yuefu.workflows.tune_judging import shape
from yuefu.workflows.tune_rhythm import PHRASE, figured_rules, paces_of, pushed_bars, style_figures

#: Scores a tune written into bars [start, end) of a canvas; higher is better.
Critic = Callable[[Canvas, int, int, float], float]
#: Is shown bars (first, how many) of a tune that is only tried so far.
Look = Callable[[Canvas, int, int], None]
#: Bars at its beginning that a section brings back whatever else is varied: what listeners recognise.
HOOK = 2
#: How a later phrase takes up the first one: the same notes, moved along the scale with the harmony, or its rhythm.
MANNERS, SHARES = ("repeat", "sequence", "rhythm"), (0.4, 0.32, 0.28)
#: How much a hymn's tune leans to the beats.
ON_BEATS = 1.5
#: How much a sung note is held to the next chord or bar.
SUNG_LEGATO = 0.8
#: How much more a tune is drawn to its section's register where sections differ in energy.
APART = 1.4
#: Semitones that a fuller section's tune lies above a calmer one's, and what each one short of it costs.
LIFT, LIFT_COST = 3.0, 0.2
#: Scales that sequences move along; others move along the white keys.
WHITE = (0, 2, 4, 5, 7, 9, 11)


def mask_of(canvas: Canvas, rows: dict[str, Cover]) -> Mask:
    """A mask of the whole canvas that covers each row in one way."""
    mask = np.zeros((len(canvas.bars), len(ROWS)), dtype=np.int8)
    for row, cover in rows.items():
        mask[:, ROWS.index(row)] = cover
    return mask


def write_tune(
    engine: Engine, canvas: Canvas, plan: Plan, index: int, seed: int, candidates: int, critic: Critic,
    taste: Taste, guard: CopyGuard | None, look: Look | None = None,
) -> None:  # fmt: skip
    """Write the tune of a section into the canvas; those of the sections before it are there.

    look: is shown the phrases of the first candidate as they come, long before the best one is chosen.
    """
    section = plan.sections[index]
    start, end = section.start, section.start + section.bars
    _melody_rules(canvas, plan, index, np.random.default_rng([seed, 2, index]), taste)
    fresh = _fresh_bars(canvas, plan, index)
    _break_joins(canvas, section, fresh, guard)
    if not fresh.any():
        return
    best: tuple[float, list] | None = None
    tries = candidates if fresh.sum() > 2 else 1
    for candidate in range(tries):
        trial = canvas.copy()
        trial = replace(trial, bar_rules=dict(canvas.bar_rules), figures=dict(canvas.figures))
        rng = np.random.default_rng([seed, 2, index, candidate])
        total = _compose_tune(engine, trial, plan, section, fresh, rng, taste, guard, None if candidate else look)
        score = 0.0
        if tries > 1:
            score = critic(trial, start, end, total) + shape(trial.cells["melody"][start:end])
            score += _lift(trial, plan, index)
            if plan.scale:
                own = [note for cell in trial.cells["melody"][start:end] for note in notes_of(cell)]
                score += told(plan, [note.pitch for note in own], [note.duration for note in own])
        if best is None or score > best[0]:
            best = (score, trial.cells["melody"][start:end])
    assert best is not None
    canvas.cells["melody"][start:end] = best[1]


def _melody_rules(canvas: Canvas, plan: Plan, index: int, rng: np.random.Generator, taste: Taste) -> None:
    """Phrases that breathe and close: few, early onsets in their last bar; the piece ends on its tonic."""
    section = plan.sections[index]
    calm = _register(canvas.rule(section.start, "melody"), plan, section)
    ticks = canvas.bars[section.start].ticks
    sung = canvas.lyrics is not None
    if sung:  # syllables are held to the next one rather than left
        calm = replace(calm, legato=SUNG_LEGATO)
    base = calm
    minor = plan.key.endswith("minor")
    paces = None if sung else paces_of(plan, index, ticks, rng, taste)
    pushed = pushed_bars(canvas, plan, section, paces, ticks, rng)
    figures = [] if sung else style_figures(plan, section, (plan.seed, 12, index))
    final_section = all("melody" not in later.rows for later in plan.sections[index + 1 :])
    for offset in range(section.bars):
        bar = section.start + offset
        canvas.bar_rules[bar, "melody"] = base
        if sung:
            canvas.counts[bar, "melody"] = len(plan.lyrics.get(bar, ()))
        elif paces:
            canvas.counts[bar, "melody"] = paces[offset]
        if sung and canvas.counts[bar, "melody"] == 1:  # a syllable alone waits for nothing
            base = replace(calm, harmonic=-1.8, latest=24)
            canvas.bar_rules[bar, "melody"] = base
        elif canvas.counts.get((bar, "melody"), 9) <= 2:  # notes that last are of the chord
            canvas.bar_rules[bar, "melody"] = base = replace(calm, harmonic=-1.8)
        else:
            base = calm
        ends_in_mode = bool(plan.scale) and final_section and offset == section.bars - 1
        if figures and not ends_in_mode:
            if final_section and offset == section.bars - 1:  # nothing leads on any more
                figures[offset] = frozenset(tick for tick in figures[offset] if tick <= ticks // 2) or frozenset((0,))
            canvas.figures[bar, "melody"] = figures[offset]
            canvas.counts[bar, "melody"] = len(figures[offset])
            canvas.bar_rules[bar, "melody"] = figured_rules(calm, figures[offset])
            continue
        closing = closes(section, offset)
        line_ends = sung and any(s.line_end for s in plan.lyrics.get(bar, ()))
        if closing and not sung:
            canvas.counts[bar, "melody"] = int(rng.choice([1, 2, 3], p=[0.45, 0.35, 0.2]))
        if closing or line_ends:
            latest = ticks // 2 if canvas.counts.get((bar, "melody"), 9) <= 3 else ticks * 2 // 3
            canvas.bar_rules[bar, "melody"] = replace(base, latest=latest)
        elif (figure := pushed.get(offset % PHRASE)) and canvas.counts.get((bar, "melody")) == len(figure):
            canvas.figures[bar, "melody"] = figure
            canvas.bar_rules[bar, "melody"] = replace(base, rhythm=3.5, legato=max(2.5, base.legato))
        elif group_of(plan) == "hymn":
            canvas.figures[bar, "melody"] = frozenset(plan.groups or range(0, ticks, 24))
            canvas.bar_rules[bar, "melody"] = replace(base, rhythm=ON_BEATS)
        elif offset % PHRASE == 0 and (lean := _start_lean(canvas, plan, index)):
            canvas.bar_rules[bar, "melody"] = replace(base, anchor=lean)
        if final_section and offset == section.bars - 1:
            tonic = frozenset((9, 0, 4) if minor else (0, 4)) if sung else frozenset((9,) if minor else (0,))
            if plan.scale:
                tonic = frozenset((plan.home,))
            rules = canvas.rule(bar, "melody")
            count = len(plan.lyrics.get(bar, ())) if sung else 1
            canvas.counts[bar, "melody"] = count
            if count == 1:
                rules = replace(rules, scale=tonic, outside=-12.0, shortest=min(48, ticks // 2), latest=0)
            canvas.bar_rules[bar, "melody"] = rules
    if sung and taste.words:
        for bar, wording in bar_wordings(plan, taste.words).items():
            if section.start <= bar < section.start + section.bars:
                canvas.bar_rules[bar, "melody"] = replace(canvas.rule(bar, "melody"), wording=wording)


def closes(section: PlannedSection, offset: int) -> bool:
    """Whether a bar of a section is the last of a phrase."""
    return offset % PHRASE == PHRASE - 1 or offset == section.bars - 1


def _start_lean(canvas: Canvas, plan: Plan, index: int) -> float:
    """A section with another letter begins its phrases otherwise than the one before: after the beat, or on it."""
    section = plan.sections[index]
    others = [
        s for s in plan.sections[:index] if "melody" in s.rows and s.letter[0] != section.letter[0] and s.source is None
    ]
    if section.source is not None or not others:
        return 0.0
    cell = canvas.cells["melody"][others[-1].start]
    if not len(cell):
        return 0.0
    # Hymns and their like begin on the beat; a choir that waits for it is lost.
    on_beat = vocabulary().position_ticks[int(cell[0])] == 0
    return (-3.0 if group_of(plan) != "hymn" else 0.0) if on_beat else 3.0


def _register(rules: RowRules, plan: Plan, section: PlannedSection) -> RowRules:
    """A section's tune lies higher the more energy it has among the sections: the chorus on top."""
    energies = [other.energy for other in plan.sections if "melody" in other.rows]
    low, high = min(energies), max(energies)
    share = (section.energy - low) / (high - low) if high - low > 0.04 else 0.5
    reach = min(rules.high - rules.low, 22)
    climb = 0.34 if group_of(plan) != "hymn" else 0.15
    center = rules.low + reach * (0.6 - climb / 2 + climb * share)
    return replace(rules, center=center, pull=rules.pull * (APART if high - low > 0.1 else 1.0))


def _lift(canvas: Canvas, plan: Plan, index: int) -> float:
    """0, or less the more a fuller section's tune fails to lie above that of the calmer section before it."""
    section = plan.sections[index]
    calmer = [
        s for s in plan.sections[:index]
        if "melody" in s.rows and s.letter[0] != section.letter[0] and s.energy < section.energy - 0.1
    ]  # fmt: skip
    if not calmer:
        return 0.0
    heights = []
    for one in (calmer[-1], section):
        notes = [n for cell in canvas.cells["melody"][one.start : one.start + one.bars] for n in notes_of(cell)]
        heights.append(float(np.mean([n.pitch for n in notes])) if notes else 0.0)
    return -LIFT_COST * max(0.0, heights[0] + LIFT - heights[1])


def _fresh_bars(canvas: Canvas, plan: Plan, index: int) -> np.ndarray:
    """Which bars of a section are written anew; the others are brought back from the section it repeats."""
    section = plan.sections[index]
    fresh = np.ones(section.bars, dtype=bool)
    if section.source is None or "melody" not in plan.sections[section.source].rows:
        return fresh
    source = plan.sections[section.source]
    shared = min(section.bars, source.bars)
    for offset in range(shared):
        old, new = source.start + offset, section.start + offset
        cell = canvas.cells["melody"][old]
        if canvas.lyrics is not None:
            cell = _resung(canvas, cell, new)  # type: ignore[assignment]
        if cell is not None and plan.harmony[old] == plan.harmony[new]:
            canvas.cells["melody"][new] = cell
            fresh[offset] = False
    # A varied return rewrites bars from its end: openings are what listeners recognise.
    rewrite = round(section.variation * section.bars)
    if index == len(plan.sections) - 1:
        rewrite = max(rewrite, 1)
    rewrite = min(rewrite, section.bars - HOOK if section.bars > HOOK else 1)
    if rewrite:
        fresh[-rewrite:] = True
    return fresh


def _resung(canvas: Canvas, cell: np.ndarray, bar: int) -> np.ndarray | None:
    """A bar of an earlier turn with the syllables of this one; None when they are too different."""
    count = canvas.counts.get((bar, "melody"), 0)
    if cell_count(cell) == count:
        return cell
    return EMPTY if not count else refitted(cell, count, canvas.bars[bar].ticks)


def _compose_tune(
    engine: Engine, canvas: Canvas, plan: Plan, section: PlannedSection, fresh: np.ndarray,
    rng: np.random.Generator, taste: Taste, guard: CopyGuard | None = None, look: Look | None = None,
) -> float:  # fmt: skip
    """Write the fresh bars phrase by phrase; later phrases may echo the first. Returns log-likelihood a token."""
    total, cells = 0.0, 0
    column = ROWS.index("melody")
    for first in range(0, section.bars, PHRASE):
        bars = range(first, min(first + PHRASE, section.bars))
        mask = mask_of(canvas, {"chords": Cover.GIVEN, "melody": Cover.GIVEN})
        mask[section.start :, column] = Cover.ABSENT
        for offset in range(section.bars):
            if offset < first or not fresh[offset]:
                mask[section.start + offset, column] = Cover.GIVEN
        manner = str(rng.choice(MANNERS, p=SHARES)) if rng.random() < taste.echo else ""
        echoed = _echo(canvas, plan, section, first, fresh, manner, rng, guard) if first and manner else set()
        for offset in bars:
            if fresh[offset]:
                mask[section.start + offset, column] = Cover.GIVEN if offset in echoed else Cover.FILL
        for event in fill(engine, canvas, mask, rng, taste.sampling, guard=guard):
            total += event.log_probability
            cells += len(event.cell) + 1
        last = bars[-1]
        if fresh[last]:
            _come_to_rest(canvas, plan, section, last, guard)
        if look is not None:
            look(canvas, section.start + first, len(bars))
    return total / max(cells, 1)


def _echo(
    canvas: Canvas, plan: Plan, section: PlannedSection, first: int, fresh: np.ndarray, manner: str,
    rng: np.random.Generator, guard: CopyGuard | None,
) -> set[int]:  # fmt: skip
    """Have the first half of a phrase take up that of an earlier one; returns the offsets of bars that are done.

    The same notes where the harmony is the same too, often with another ending; else moved along the scale
    with it; else bars of the same rhythm, whose notes are left to the model.
    """
    back = PHRASE * (1 if first % (2 * PHRASE) else 2)
    half = [o for o in range(first, min(first + PHRASE // 2, section.bars - 1)) if fresh[o] and not closes(section, o)]
    olds = [section.start + offset - back for offset in half]
    if not half or first < back or not all(_counts_agree(canvas, old, old + back) for old in olds):
        return set()
    same = [np.array_equal(canvas.cells["chords"][old], canvas.cells["chords"][old + back]) for old in olds]
    if manner == "repeat" and not same[0]:
        manner = "sequence"
    done: set[int] = set()
    rules = canvas.rule(section.start + half[0], "melody")
    scale = rules.scale if rules.scale is not None and len(rules.scale) <= 6 else WHITE
    scale = rules.only if rules.only is not None else scale
    steps = None
    if manner == "sequence":
        cells = [canvas.cells["melody"][old] for old in olds]
        steps = best_step(cells, [chord_reader(canvas, old + back) for old in olds], scale, rules.low, rules.high)
    varied = rng.random() < 0.5
    for place, (offset, old) in enumerate(zip(half, olds)):
        bar = old + back
        cell = canvas.cells["melody"][old]
        _keep_rhythm(canvas, cell, bar)
        if manner == "repeat" and same[place] and not (place and varied):
            canvas.cells["melody"][bar] = cell
        elif manner == "sequence" and steps is not None:
            canvas.cells["melody"][bar] = moved(cell, steps, scale)
        else:
            continue
        if not _joins_badly(canvas, bar, guard):
            done.add(offset)
    return done


def _counts_agree(canvas: Canvas, old: int, new: int) -> bool:
    if canvas.lyrics is None:
        return True
    return cell_count(canvas.cells["melody"][old]) == canvas.counts.get((new, "melody"))


def _keep_rhythm(canvas: Canvas, cell: np.ndarray, bar: int) -> None:
    """Ask for a bar's onsets in another bar; which notes they are is left to the model."""
    v = vocabulary()
    places = frozenset(v.position_ticks[int(t)] for t in cell if int(t) in v.position_ticks)
    if places:
        canvas.figures[bar, "melody"] = places
        canvas.counts[bar, "melody"] = cell_count(cell)
        canvas.bar_rules[bar, "melody"] = replace(canvas.rule(bar, "melody"), rhythm=3.0)


def _come_to_rest(canvas: Canvas, plan: Plan, section: PlannedSection, offset: int, guard: CopyGuard | None) -> None:
    """Let a phrase end on a note that closes or leaves open, as its harmony does, and breathe."""
    bar = section.start + offset
    before = canvas.cells["melody"][bar]
    rules = canvas.rule(bar, "melody")
    positions = [p for p in map(vocabulary().position_ticks.get, before.tolist()) if p is not None]
    if not positions:
        return
    chord_at = chord_reader(canvas, bar)
    chord, after = chord_at(positions[-1]), chord_at(canvas.bars[bar].ticks - 1)
    cell = before
    if chord is not None:
        last = offset == section.bars - 1
        if plan.scale:
            classes = modal_rests(plan, chord, last)
        else:
            classes = resting_classes(chord, plan.key.endswith("minor"), last, rules.scale)
        if after is not None and after != chord:  # held into the next chord, it is of both, or hurries to the second
            both = classes & frozenset(after.pitch_classes)
            late = positions[-1] >= canvas.bars[bar].ticks // 2 - 12
            classes = both or (frozenset(after.pitch_classes[:3]) if late else classes)
        if plan.scale:
            classes = classes & MODES[plan.scale].scale_on(plan.home) or frozenset((plan.home,))
            if bar == _last_of_tune(plan):
                classes = frozenset((plan.home,))
        lead = last_pitches(canvas, bar, "melody", 1)
        cell = closed_on(cell, classes, rules.low, rules.high, lead[-1] if lead else None)
    figured = not plan.lyrics and figures_of(plan) is not None
    if bar < len(canvas.bars) - 1 and not figured:  # a congregation holds its last note, and breathes in it
        ticks = canvas.bars[bar].ticks
        cell = with_breath(cell, ticks, 0) if group_of(plan) == "hymn" else with_breath(cell, ticks)
    canvas.cells["melody"][bar] = cell
    if cell is not before and _joins_badly(canvas, bar, guard):
        canvas.cells["melody"][bar] = before


def _last_of_tune(plan: Plan) -> int:
    """The last bar in which the tune plays."""
    last = [section for section in plan.sections if "melody" in section.rows][-1]
    return last.start + last.bars - 1


def resting_classes(chord: Chord, minor: bool, last: bool, scale: frozenset[int] | None) -> frozenset[int]:
    """Pitch classes on which a phrase rests over a chord, in C major or A minor: its chord tones, those of the scale.

    last: whether the section ends here; on the tonic chord it closes on the tonic, and a phrase within the section
    stays open on the third or fifth.

    >>> sorted(resting_classes(Chord.parse("C"), False, True, None)), sorted(
    ...     resting_classes(Chord.parse("G7"), False, False, None))
    ([0], [2, 7, 11])
    """
    tonic = 9 if minor else 0
    tones = chord.pitch_classes[:3]
    if chord.root == tonic:
        return frozenset((tonic,)) if last else frozenset(tones[1:])
    inside = frozenset(t for t in tones if (scale is None or t in scale) and (last or t != tonic))
    return inside or frozenset(tones)


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
