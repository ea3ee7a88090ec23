"""From a brief to a plan: what wasn't said gets a musical default that varies with the seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from yuefu.errors import InputError
from yuefu.planning.colour import TRADITIONS, drone_player, ornaments_for, wants_drone, with_drone
from yuefu.planning.form import INSTRUMENTAL, MAX_BARS, SectionShape, default_form, open_ends, shape_form
from yuefu.planning.harmony import GROUPS, skeleton, user_harmony
from yuefu.planning.like import patterns_like
from yuefu.planning.lyrics_layout import Line, Place, lay_lines, places_for, section_bars
from yuefu.planning.modal import halved, modal_skeleton
from yuefu.planning.orchestration import assign_parts, default_instruments, section_rows
from yuefu.planning.own_style import in_own_style
from yuefu.planning.plan import Plan, PlannedSection, PlannedSyllable
from yuefu.planning.settling import Settled, is_free, settle
from yuefu.text.adapted import adapted_by
from yuefu.text.brief import Brief
from yuefu.text.form import FormItem
from yuefu.text.function_words import PARTICLES
from yuefu.text.lyrics import parse_lyrics
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.meter import group_starts
from yuefu.theory.modes import MODES

#: Moods calmer than this have no drums unless they are asked for.
TOO_CALM_FOR_DRUMS = -0.5


def make_plan(brief: Brief, seed: int) -> Plan:
    """A complete plan for a brief. The same brief and seed give the same plan.

    Raises InputError where the wishes contradict each other or the lyrics can't fit.
    """
    if brief.adapter.value is not None:
        brief = in_own_style(brief, adapted_by(brief.adapter.value), seed)
    rng = np.random.default_rng([seed, 1])
    settled = settle(brief, rng)
    numerator, denominator = map(int, settled.meter.split("/"))
    bar_ticks = numerator * 96 // denominator
    quarters = bar_ticks / 24
    stanzas = lyric_stanzas(brief)
    total, tempo = fit_length(brief, settled, quarters)
    settled = replace(settled, tempo=tempo)
    items, line_ranges, places = _form(brief, settled, stanzas, quarters, total, rng)
    style_energy = settled.style.energy
    if settled.arousal is not None:
        style_energy = 0.5 * style_energy + 0.5 * (settled.arousal + 1) / 2
    if brief.energy.value is not None:
        style_energy = brief.energy.value
    shapes = shape_form(items, total, style_energy, rng)
    bars = sum(shape.bars for shape in shapes)
    if bars > MAX_BARS:
        raise InputError(f"the piece would have {bars} bars: at most {MAX_BARS}; ask for fewer or shorten the lyrics.")
    if line_ranges is None:
        line_ranges = spread_lines(shapes, [line for stanza in stanzas for line in stanza.lines])
    lines = [line for stanza in stanzas for line in stanza.lines]
    players = _instruments(brief, settled, bool(lines), rng)
    parts = assign_parts(players)
    rows = section_rows(shapes, parts, bool(lines), rng)
    drone = ""
    if wants_drone(brief, settled.style, settled.scale, players):
        player = drone_player(settled.style, settled.scale, players)
        parts, drone = with_drone(parts, player, bool(brief.instruments_only.value))
        rows = [tuple(row for row in active if row != drone) for active in rows]
    sections = []
    start = 0
    syllables: dict[int, tuple[PlannedSyllable, ...]] = {}
    for shape, active, span, layout in zip(shapes, rows, line_ranges, places or [None] * len(shapes)):
        if span[1] > span[0] and "melody" not in active:
            active = ("melody", *active)
        sections.append(
            PlannedSection(
                letter=shape.letter, kind=shape.kind, start=start, bars=shape.bars, energy=round(shape.energy, 3),
                rows=active, source=shape.source, variation=round(shape.variation, 3), lines=span,
            )
        )  # fmt: skip
        syllables |= lay_lines(lines[span[0] : span[1]], start, shape.bars, quarters, settled.tempo, layout)
        start += shape.bars
    lengths = [shape.bars for shape in shapes]
    group = GROUPS.get(settled.style.corpus_label, "pop")
    level = settled.style.chord_level
    modal = settled.style.scale in ("pentatonic", "dorian")
    # Where a song comes from is where it goes: an outro has the harmony of the intro.
    intro = next((i for i, shape in enumerate(shapes) if shape.kind == "intro"), None)
    sources = [intro if shape.kind == "outro" and shape.source is None else shape.source for shape in shapes]
    if settled.scale:
        harmony = modal_skeleton(MODES[settled.scale], lengths, sources, open_ends(shapes), level, rng)
    else:
        like = brief.like.value
        own = patterns_like(like, group, settled.mode, level) if like else None
        harmony = skeleton(lengths, sources, group, settled.mode, level, bar_ticks, rng, open_ends(shapes), modal, own)
    groups = group_starts(settled.meter, brief.grouping.value or ())
    harmony = halved(harmony, bar_ticks, groups)
    fixed = brief.chords.value is not None
    if brief.chords.value is not None:
        spans = [(shape.letter, shape.kind, shape.bars) for shape in shapes]
        harmony = user_harmony(brief.chords.value, spans, settled.key, bar_ticks, harmony)
        harmony = halved(harmony, bar_ticks, groups)
    return Plan(
        title=brief.title.value or "",
        language=brief.language.value or "en",
        style=settled.style.key,
        tempo=settled.tempo,
        key=settled.key.name,
        meter=settled.meter,
        swing=settled.swing,
        valence=settled.valence,
        arousal=settled.arousal,
        density=brief.density.value,
        sections=tuple(sections),
        parts=tuple(parts),
        harmony=tuple(harmony),
        harmony_fixed=fixed,
        lyrics=syllables,
        chord_level=level,
        like=brief.like.value,
        scale=settled.scale,
        grouping=brief.grouping.value or (),
        rhythm="free" if is_free(brief) else "strict",
        drone=drone,
        ornaments=ornaments_for(brief, settled.style, settled.scale, players),  # type: ignore[arg-type]
        seed=seed,
    )


def _instruments(brief: Brief, settled: Settled, sung: bool, rng: np.random.Generator) -> list[str]:
    """Catalogue keys of all who play: those asked for, and the style's own where others may join."""
    asked = list(brief.instruments.value or [])
    excluded = brief.excluded()
    lineups = settled.style.lineups
    lineup = lineups[_skewed(len(lineups), rng)]
    if settled.arousal is not None and settled.arousal < TOO_CALM_FOR_DRUMS and brief.style.value is None:
        lineup = tuple(player for player in lineup if player[0] != "drums") or lineup
    if settled.scale and brief.style.value is None:
        traditions = TRADITIONS.get(MODES[settled.scale].family, ())
        lineup = traditions[_skewed(len(traditions), rng)] if traditions else lineup
    if is_free(brief):  # nobody beats time
        lineup = tuple(player for player in lineup if player[0] != "drums") or lineup
    usual = default_instruments(lineup, sung, excluded)
    if not asked:
        return usual
    if sung and not any("melody" in INSTRUMENTS[key].roles for key in asked):
        asked = ["voice", *asked]
    if brief.instruments_only.value:
        return asked
    taken = {row for part in assign_parts(asked) for row in part.rows}
    roles = {key: role for role, key in lineup}
    return asked + [key for key in usual if key not in asked and roles.get(key, "melody") not in taken]


def _skewed(count: int, rng: np.random.Generator) -> int:
    """An index that prefers the first."""
    return min(int(rng.random() ** 2 * count), count - 1)


@dataclass(frozen=True)
class Stanza:
    """A section of the lyrics: its kind (may be "") and its lines."""

    kind: str
    lines: list[Line]


def lyric_stanzas(brief: Brief) -> list[Stanza]:
    """The brief's lyrics as lines of syllables to be sung."""
    if brief.lyrics.value is None:
        return []
    lyrics = parse_lyrics(brief.lyrics.value)
    stanzas = []
    for section in lyrics.sections:
        lines = []
        for line in section.lines:
            own = [
                PlannedSyllable(
                    text=s.text,
                    syllabic=s.syllabic,
                    stress=s.stress,
                    tone=s.tone,
                    breath=bool(s.break_after),
                    function=s.function,
                    keyword=s.keyword,
                    joined=before is not None and (before.word == s.word or s.text in PARTICLES),
                )
                for before, s in zip((None, *line.syllables), line.syllables)
            ]
            if own:
                own[-1] = own[-1].model_copy(update={"line_end": True})
                lines.append(Line(tuple(own)))
        if lines:
            stanzas.append(Stanza(section.kind, lines))
    return stanzas


def fit_length(brief: Brief, settled: Settled, quarters: float) -> tuple[int | None, float]:
    """Bars asked for, directly or by a duration (None: as the form wants), and the tempo that makes them last.

    A duration alone gives whole phrases at about the tempo that was drawn. Raises InputError when
    bars, tempo and duration are all asked for and don't agree.
    """
    seconds = brief.duration.value
    bars = brief.bars.value
    if seconds is None:
        return bars, settled.tempo
    items = brief.form.value or ()
    if bars is None and items and all(item.bars for item in items):
        bars = sum(item.bars or 0 for item in items)
    free = brief.tempo.value is None
    if bars is None:
        exact = seconds * settled.tempo / 60 / quarters
        bars = min(whole_phrases(exact, 0.12 if free else 0.06), MAX_BARS)
    tempo = float(round(bars * quarters * 60 / seconds))
    if free and 20 <= tempo <= 300:
        return bars, tempo
    lasts = bars * quarters * 60 / settled.tempo
    if abs(lasts - seconds) > max(lasts / bars, 0.12 * seconds):
        raise InputError(
            f"{bars} bars at tempo {settled.tempo:g} last {lasts:.0f} seconds, but {seconds:g} were asked for: "
            "leave out the duration, the tempo or the bars."
        )
    return bars, settled.tempo


def whole_phrases(exact: float, slack: float) -> int:
    """Bars near a number, in eights, fours or twos when such a one is within a share ``slack`` of it.

    >>> whole_phrases(30.5, 0.12), whole_phrases(35.0, 0.06), whole_phrases(1.3, 0.12)
    (32, 36, 1)
    """
    for unit in (8, 4, 2):
        near = round(exact / unit) * unit
        if near and abs(near - exact) <= slack * exact:
            return near
    return max(1, round(exact))


def _form(
    brief: Brief, settled: Settled, stanzas: list[Stanza], quarters: float, total: int | None, rng: np.random.Generator
) -> tuple[list[FormItem], list[tuple[int, int]] | None, list[list[Place] | None] | None]:
    """The sections, the lyric lines of each (None: to be spread over the sections), and where in it each is sung
    (None: evenly)."""
    if brief.form.value:
        items = list(brief.form.value)
        if stanzas and total is None and any(item.bars is None for item in items):
            items = _lengthen(items, stanzas, quarters, settled.tempo)
        return items, None, None
    if not stanzas:
        return default_form(total, settled.style.forms, rng), None, None
    letters = _letters(stanzas)
    places: list[list[Place] | None] = [None] * len(stanzas)
    if total is None:
        places = _places(stanzas, letters, quarters, settled.tempo)
    items, spans, line = [], [], 0
    for stanza, letter, layout in zip(stanzas, letters, places):
        bars = None if total is not None else section_bars(stanza.lines, quarters, settled.tempo, layout)
        items.append(FormItem(letter=letter, kind=stanza.kind or "verse", bars=bars))
        spans.append((line, line + len(stanza.lines)))
        line += len(stanza.lines)
    if total is None and sum(item.bars or 0 for item in items) >= 8 and settled.style.key not in ("hymn", "chorale"):
        if items[0].kind != "intro":
            items, spans = [FormItem(letter="I", kind="intro", bars=4), *items], [(0, 0), *spans]
            places = [None, *places]
        if items[-1].kind != "outro":
            items, spans = [*items, FormItem(letter="O", kind="outro", bars=4)], [*spans, (line, line)]
            places = [*places, None]
    return items, spans, places


def _letters(stanzas: list[Stanza]) -> list[str]:
    """A letter for each stanza: those of one kind share their music when they are built alike."""
    letters: dict[tuple, str] = {}
    found = []
    for stanza in stanzas:
        kind = stanza.kind or "verse"
        shape = (kind, len(stanza.lines), round(sum(len(li.syllables) for li in stanza.lines) / len(stanza.lines) / 3))
        if kind == "chorus":
            shape = (kind, 0, 0)
        found.append(letters.setdefault(shape, "ABCDEFGH"[min(len(letters), 7)]))
    return found


def _places(stanzas: list[Stanza], letters: list[str], quarters: float, tempo: float) -> list[list[Place] | None]:
    """Where the lines of each stanza are sung; stanzas that share their music lay their lines alike."""
    found = []
    for stanza, letter in zip(stanzas, letters):
        alike = [s.lines for s, other in zip(stanzas, letters) if other == letter and len(s.lines) == len(stanza.lines)]
        counts = [max(len(line.syllables) for line in each) for each in zip(*alike)]
        found.append(places_for(counts, quarters, tempo))
    return found


def _lengthen(items: list[FormItem], stanzas: list[Stanza], quarters: float, tempo: float) -> list[FormItem]:
    """Bars for the sections of an asked form, long enough for the lines that each will sing."""
    shapes = [SectionShape(i.letter, i.kind, i.bars or 8, 0.5, None, 0.0) for i in items]
    lines = [line for stanza in stanzas for line in stanza.lines]
    spans = spread_lines(shapes, lines)
    longest: dict[str, int] = {}
    for item, (first, last) in zip(items, spans):
        if item.bars is None and last > first:
            need = section_bars(lines[first:last], quarters, tempo)
            longest[item.letter[0]] = max(longest.get(item.letter[0], 0), need)
    usual = {"intro": 4, "outro": 4, "prechorus": 4, "interlude": 4}
    return [
        item if item.bars else item.model_copy(update={"bars": longest.get(item.letter[0], usual.get(item.kind, 8))})
        for item in items
    ]


def spread_lines(shapes: list[SectionShape], lines: list[Line]) -> list[tuple[int, int]]:
    """Lyric lines over the sections that are sung, by their lengths.

    With fewer lines than sung sections the last ones stay instrumental.
    """
    sung = [i for i, shape in enumerate(shapes) if shape.kind not in INSTRUMENTAL and shape.letter[0] not in "IO"]
    sung = sung or list(range(len(shapes)))
    spans = [(0, 0)] * len(shapes)
    if not lines:
        return spans
    weights = [shapes[i].bars for i in sung]
    total, taken, done = sum(weights), 0, 0
    for index, weight in zip(sung, weights):
        done += weight
        until = round(len(lines) * done / total)
        spans[index] = (taken, until)
        taken = until
    return spans
