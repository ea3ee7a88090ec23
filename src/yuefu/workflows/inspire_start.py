"""Ideas as the beginning of a new piece: they become given cells, kept to the note, and the usual flow writes the rest.

A plan is made as for any piece. Then every idea gets its place: a hook where the chorus is, a motif where the tune
begins, a progression under a whole section, a groove under another. They are moved to the piece's key (and octaves to
where its players are at ease) and sound at its tempo. What else plays is written around them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from yuefu.errors import InputError, LimitError
from yuefu.inspire.combining import combined
from yuefu.inspire.idea import Idea, Source
from yuefu.inspire.making import WORDS, make_idea
from yuefu.inspire.numerals import roman_of
from yuefu.planning.plan import GivenCell, Plan, PlannedChord, PlannedIdea, PlannedPart, PlannedSection
from yuefu.planning.planner import make_plan
from yuefu.progress import Listener, ignore
from yuefu.score.model import NOTE_ROWS, transpose
from yuefu.text.brief import Brief, BriefOptions, read_brief
from yuefu.text.reader import read_words
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.meter import METERS
from yuefu.tokens.grid import decode_notes, encode_score
from yuefu.workflows.canvas import build_canvas
from yuefu.workflows.compose import Composition, compose_plan
from yuefu.workflows.inspire_cards import PLAYERS, score_of
from yuefu.workflows.watching import Watch

#: Ideas that a piece can be begun with.
MOST_IDEAS = 12
#: The order in which ideas look for their places: who is most particular comes first.
ORDER = ("hook", "motif", "bass", "texture", "progression", "rhythm", "groove")
#: Bars at the end of the last section that keep their close.
CLOSE = 2
_NOWHERE = Source("made:plan", licence="made here", free=True)


def start_piece(
    ideas: Sequence[Idea],
    words: str = "",
    options: BriefOptions | None = None,
    *,
    seed: int | None = None,
    engine: str = "auto",
    progress: Listener = ignore,
    watch: Watch | None = None,
) -> Composition:
    """A complete new piece that holds some ideas, kept to the note; what it is otherwise, words and options say.

    What these leave open the ideas decide: the metre, the key and the tempo; a title and a lyric are taken as they
    stand. The same ideas, words and seed give the same piece. Raises InputError where they don't fit together.
    """
    brief = read_brief(words, with_ideas(ideas, words, options))
    if seed is None:
        seed = brief.seed.value if brief.seed.value is not None else secrets.randbelow(2**31)
    plan = plan_with(ideas, brief, seed)
    return compose_plan(brief, plan, seed, engine=engine, progress=progress, watch=watch)


def check_ideas(ideas: Sequence[Idea]) -> None:
    """Raise InputError for ideas that can't stand in one piece, LimitError for too many."""
    if not ideas:
        raise InputError("no ideas were given: choose at least one card.")
    if len(ideas) > MOST_IDEAS:
        raise LimitError(f"{len(ideas)} ideas are too many for one piece: give at most {MOST_IDEAS}.")
    meters = {_metre(idea.meter) for idea in ideas if idea.kind not in WORDS}
    if len(meters) > 1:
        raise InputError(f"ideas in {' and '.join(sorted(meters))} don't fit into one piece: choose some of one metre.")
    unknown = sorted(meters - set(METERS))
    if unknown:
        raise InputError(f"an idea in {unknown[0]} can't be composed with: the metres are {', '.join(METERS)}.")


def _metre(meter: str) -> str:
    return {"2/2": "4/4", "C": "4/4"}.get(meter, meter)


def with_ideas(ideas: Sequence[Idea], words: str = "", options: BriefOptions | None = None) -> BriefOptions:
    """Options with what ideas say where neither words nor options do."""
    check_ideas(ideas)
    options = options or BriefOptions()
    said = read_words(words) if words.strip() else {}
    lead = _lead(ideas)
    found: dict[str, object] = {}
    if lead is not None:
        if options.meter is None and "meter" not in said and "grouping" not in said:
            found["meter"] = _metre(lead.meter)
        if options.tempo is None and "tempo" not in said and options.duration is None and "duration" not in said:
            found["tempo"] = float(min(max(round(lead.tempo), 30), 280))
        free = not {"key", "scale", "mode"} & said.keys() and options.key is None and options.scale is None
        pitched = next((i for i in sorted(ideas, key=_place) if i.kind not in (*WORDS, "groove", "rhythm")), None)
        if free and pitched is not None and options.chords is None:
            found["key"] = pitched.key
    for kind, name in (("title", "title"), ("lyric", "lyrics")):
        texts = [idea.text for idea in ideas if idea.kind == kind and idea.text.strip()]
        if texts and getattr(options, name) is None:
            found[name] = texts[0] if kind == "title" else "\n\n".join(texts)
    return replace(options, **found)  # type: ignore[arg-type]


def _place(idea: Idea) -> int:
    return ORDER.index(idea.kind) if idea.kind in ORDER else len(ORDER)


def _lead(ideas: Sequence[Idea]) -> Idea | None:
    """The idea that tells metre and tempo: the one that is most of a tune, else a groove."""
    return next(iter(sorted((idea for idea in ideas if idea.kind not in WORDS), key=_place)), None)


def plan_with(ideas: Sequence[Idea], brief: Brief, seed: int) -> Plan:
    """The plan of a brief with every idea in its place. Raises InputError for one that has none."""
    check_ideas(ideas)
    plan = make_plan(brief, seed)
    own = [idea for idea in ideas if idea.kind not in WORDS]
    for idea in own:
        if _metre(idea.meter) != plan.meter:
            raise InputError(
                f"the piece is in {plan.meter} and the idea '{idea.kind}' in {idea.meter}: ask for {idea.meter}, or "
                "leave the idea out."
            )
    desk = _Placing(plan, brief, seed)
    for idea in sorted(own, key=_place):
        desk.place(idea)
    for idea in ideas:
        if idea.kind in WORDS:
            desk.told.append(_planned(idea, (), (), False))
    return desk.done()


def _planned(idea: Idea, rows: Sequence[str], bars: Sequence[int], fitted: bool) -> PlannedIdea:
    source = idea.source
    return PlannedIdea(
        id=idea.id, kind=idea.kind, piece=source.piece, title=source.title, licence=source.licence, free=source.free,
        rows=tuple(rows), bars=tuple(sorted(bars)), fitted=fitted,
    )  # fmt: skip


@dataclass
class _Placing:
    """A plan while ideas are put into it. taken: cells that are given; fixed: bars whose chords an idea gave."""

    plan: Plan
    brief: Brief
    seed: int
    taken: dict[tuple[int, str], GivenCell] = field(default_factory=dict)
    fixed: set[int] = field(default_factory=set)
    told: list[PlannedIdea] = field(default_factory=list)

    def done(self) -> Plan:
        """The plan with everything in its place."""
        cells = tuple(self.taken[place] for place in sorted(self.taken, key=lambda p: (p[0], NOTE_ROWS.index(p[1]))))
        return self.plan.model_copy(update={"given": cells, "ideas": tuple(self.told)})

    def place(self, idea: Idea) -> None:
        """Put one idea where it belongs."""
        idea = replace(idea, meter=self.plan.meter)  # alla breve is written as common time
        if idea.kind == "progression" or not idea.notes:
            self._harmony(idea)
        elif idea.kind == "rhythm":
            self._rhythm(idea)
        elif idea.kind in ("groove", "bass", "texture") and not any(row == "melody" for row, *_ in idea.notes):
            self._pattern(idea)
        else:
            self._tune(idea)

    # Where

    def _sections(self, row: str, first: Sequence[str] = ()) -> list[int]:
        """Sections in which a row may be given, the best first: those of a kind, then those that others repeat."""
        plan = self.plan
        order = []
        for index, section in enumerate(plan.sections):
            if section.source is not None:
                continue
            repeats = sum(other.source == index for other in plan.sections)
            kind = first.index(section.kind) if section.kind in first else len(first)
            edge = section.kind in ("intro", "outro", "interlude") or section.letter[0] in "IO"
            order.append(((edge, kind, row not in section.rows, -repeats if first else 0, index), index))
        return [index for _, index in sorted(order)]

    def _room(self, index: int, rows: Sequence[str], count: int, chords: bool) -> int | None:
        """The first bar of a section, on a place where phrases begin, from which so many bars are free."""
        section = self.plan.sections[index]
        step = 4 if section.bars >= 4 and count <= 4 else max(count, 1)
        for start in range(section.start, section.start + section.bars - count + 1, step):
            bars = range(start, start + count)
            if any((bar, row) in self.taken for bar in bars for row in rows):
                continue
            if chords and any(bar in self.fixed for bar in bars):
                continue
            return start
        return None

    # What

    def _tune(self, idea: Idea) -> None:
        """A hook or motif: exactly, with the chords that it had."""
        sung = bool(self.plan.lyrics)
        cells = self._cells(idea)
        if sung and "melody" in cells:  # a tune whose words aren't there yet is played, not sung
            cells["counter"] = cells.pop("melody")
        rows = [row for row in cells if any(cells[row])]
        first = ("chorus", "refrain") if idea.kind == "hook" else ("verse",)
        places = self._sections(rows[0] if rows else "melody", first)
        for chords in (True, False):  # with its own chords where it can have them, else over those that are there
            harmony = self._own_harmony(idea) if chords else []
            for index in places:
                start = self._room(index, rows, idea.bars, bool(harmony))
                if start is None:
                    continue
                if harmony and not self.plan.harmony_fixed:
                    self._set_chords(start, harmony)
                self._give(idea, cells, start, index)
                return
        self._no_room(idea)

    def _pattern(self, idea: Idea) -> None:
        """A bass, texture or groove: first to the note with its own chords, then going round through its section."""
        cells = self._cells(idea)
        rows = [row for row in cells if any(cells[row])]
        drums = rows == ["drums"]
        harmony = [] if drums or self.plan.harmony_fixed else self._own_harmony(idea)
        for index in self._sections(rows[0], ("verse", "chorus")):
            start = self._room(index, rows, idea.bars, bool(harmony))
            if start is None:
                continue
            if harmony:
                self._set_chords(start, harmony)
            section = self.plan.sections[index]
            last = section.start + section.bars - 1
            self._give(idea, cells, start, index)
            if drums and section.bars > idea.bars + 1:
                for bar in range(start + idea.bars, last):
                    self._cell("drums", bar, cells["drums"][(bar - start) % idea.bars])
                self.told[-1] = self.told[-1].model_copy(update={"bars": tuple(range(start, last))})
            elif not drums:
                self._going_round(idea, rows, start, section)
            return
        if not drums:
            for index in self._sections(rows[0]):
                section = self.plan.sections[index]
                free = [bar for bar in range(section.start, section.start + section.bars)
                        if all((bar, row) not in self.taken for row in rows)]  # fmt: skip
                if len(free) >= idea.bars:
                    self._join(rows, index)
                    self._fitted(idea, rows, free)
                    return
        self._no_room(idea)

    def _going_round(self, idea: Idea, rows: Sequence[str], start: int, section: PlannedSection) -> None:
        """The pattern in the rest of a section, as the chords there want it."""
        end = section.start + section.bars - (1 if section.start + section.bars == self.plan.bars else 0)
        for bar in range(start + idea.bars, end):
            notes = self._answered(idea, bar, (bar - start) % idea.bars)
            for row in rows:
                if (bar, row) not in self.taken and notes.get(row):
                    self._cell(row, bar, notes[row])

    def _fitted(self, idea: Idea, rows: Sequence[str], bars: Sequence[int]) -> None:
        """A pattern over chords that aren't its own."""
        for bar in bars:
            notes = self._answered(idea, bar, (bar - bars[0]) % idea.bars)
            for row in rows:
                if notes.get(row):
                    self._cell(row, bar, notes[row])
        self.told.append(_planned(idea, rows, bars, True))

    def _answered(self, idea: Idea, bar: int, place: int) -> dict[str, list[tuple[int, int, int]]]:
        """One bar of a pattern as the chords of a bar of the plan want it."""
        numerator, denominator = map(int, idea.meter.split("/"))
        length = numerator * 4 / denominator
        low, high = place * length, (place + 1) * length
        notes = [(row, start - low, min(lasts, length), pitch, loud) for row, start, lasts, pitch, loud in idea.notes
                 if low <= start < high]  # fmt: skip
        chords = [(max(start - low, 0.0), min(start + lasts, high) - max(start, low), roman, symbol)
                  for start, lasts, roman, symbol in idea.chords if start < high and start + lasts > low]  # fmt: skip
        one = make_idea(idea.kind, idea.source, notes=notes, bars=1, meter=idea.meter, tempo=idea.tempo, key=idea.key,
                        chords=chords)  # fmt: skip
        if not notes:
            return {}
        bed = self._bed(range(bar, bar + 1))
        bass = one if {row for row, *_ in notes} == {"bass"} else None
        made = combined(chords=bed, bass=bass, texture=None if bass else one)
        return {row: cells[0] for row, cells in self._cells(made).items() if cells}

    def _rhythm(self, idea: Idea) -> None:
        """A rhythm: the tune's, kept exactly, its pitches chosen for the chords of its place."""
        row = "counter" if self.plan.lyrics else "melody"
        for index in self._sections(row, ("verse", "chorus")):
            start = self._room(index, [row], idea.bars, False)
            if start is None:
                continue
            bed = self._bed(range(start, start + idea.bars))
            mood = None
            if self.plan.arousal is not None:
                mood = (self.plan.valence or 0.0, self.plan.arousal)
            made = combined(rhythm=idea, chords=bed, mood=mood, seed=self.seed)
            cells = {row: self._cells(made)["melody"]}
            self._give(idea, cells, start, index)
            return
        self._no_room(idea)

    def _harmony(self, idea: Idea) -> None:
        """A progression: under a whole section, going round; at the very end the close stays as planned."""
        if self.plan.harmony_fixed:
            raise InputError("chords were asked for and a progression was given, too: leave one of the two out.")
        harmony = self._own_harmony(idea)
        if not harmony:
            raise InputError("an idea without notes and chords can't begin a piece: choose another.")
        for index in self._sections("melody", ("verse", "chorus")):
            section = self.plan.sections[index]
            start = section.start
            end = start + section.bars
            final = end == self.plan.bars and section.bars > len(harmony)
            bars = [bar for bar in range(start, end - (CLOSE if final else 0)) if bar not in self.fixed]
            if len(bars) < min(len(harmony), section.bars) or section.bars < len(harmony):
                continue
            for bar in bars:
                self._set_chords(bar, [harmony[(bar - start) % len(harmony)]])
            self.told.append(_planned(idea, ("chords",), bars, False))
            return
        self._no_room(idea)

    def _no_room(self, idea: Idea) -> None:
        raise InputError(
            f"there is no room for another {idea.kind} of {idea.bars} bars in a piece of {self.plan.bars}: ask for "
            "more bars or sections, or give fewer ideas."
        )

    # How

    def _cells(self, idea: Idea) -> dict[str, list[list[tuple[int, int, int]]]]:
        """An idea's notes by row and bar, on the grid, in C major or A minor, where the row's player is at ease."""
        score = score_of(idea)
        home = Key.parse(idea.key)
        grid = encode_score(transpose(score, -home.shift) if home.shift else score)
        found: dict[str, list[list[tuple[int, int, int]]]] = {}
        for row, cells in grid.cells.items():
            if row == "chords":
                continue
            bars = []
            for cell in cells[: idea.bars]:
                notes, _ = decode_notes(cell, 0)
                bars.append([(int(n["start"]), int(n["pitch"]), int(n["duration"])) for n in notes])
            bars += [[] for _ in range(idea.bars - len(bars))]
            found[row] = bars if row == "drums" else _in_reach(bars, *self._range(row))
        return found

    def _range(self, row: str) -> tuple[int, int]:
        """Where a row lies well in this piece, in C major or A minor."""
        if any(row in part.rows for part in self.plan.parts if not part.doubling):
            rules = build_canvas(self.plan).rules.get(row)
            if rules is not None:
                return rules.low, rules.high
        player = INSTRUMENTS[PLAYERS[row]]
        shift = Key.parse(self.plan.key).shift
        return player.comfortable_low - shift, player.comfortable_high - shift

    def _give(self, idea: Idea, cells: dict[str, list[list[tuple[int, int, int]]]], start: int, index: int) -> None:
        """Take the cells of an idea from a bar on."""
        rows = [row for row in cells if any(cells[row])]
        self._join(rows, index)
        for row in rows:
            for offset, notes in enumerate(cells[row]):
                self._cell(row, start + offset, notes)
        self.told.append(_planned(idea, rows, range(start, start + idea.bars), False))

    def _cell(self, row: str, bar: int, notes: Sequence[tuple[int, int, int]]) -> None:
        self.taken[bar, row] = GivenCell(row=row, bar=bar, notes=tuple(notes))

    def _join(self, rows: Sequence[str], index: int) -> None:
        """Have rows play in a section and its repeats; one that nobody plays gets a player."""
        plan = self.plan
        parts = list(plan.parts)
        for row in rows:
            if any(row in part.rows for part in parts if not part.doubling):
                continue
            player = PLAYERS[row]
            excluded = self.brief.excluded()
            if player in excluded:
                raise InputError(
                    f"the idea needs {INSTRUMENTS[player].en}, which must not play: let it, or leave the idea out."
                )
            parts.append(PlannedPart(instrument=player, rows=(row,)))
        sections = []
        for number, section in enumerate(plan.sections):
            missing = tuple(row for row in rows if row not in section.rows)
            if missing and (number == index or section.source == index):
                section = section.model_copy(update={"rows": (*section.rows, *missing)})
            sections.append(section)
        self.plan = plan.model_copy(update={"parts": tuple(parts), "sections": tuple(sections)})

    def _own_harmony(self, idea: Idea) -> list[tuple[PlannedChord, ...]]:
        """An idea's chords by bar, in C major or A minor; empty without any."""
        if not idea.chords:
            return []
        score = score_of(idea)
        home = Key.parse(idea.key)
        ticks = score.meters[0].bar_ticks
        bars: list[tuple[PlannedChord, ...]] = []
        for bar in range(idea.bars):
            own: list[PlannedChord] = []
            for span in score.chords:
                if span.chord is None or span.start >= (bar + 1) * ticks or span.start + span.duration <= bar * ticks:
                    continue
                position = max(span.start - bar * ticks, 0) // 12 * 12
                symbol = span.chord.transpose(-home.shift).symbol()
                own = [chord for chord in own if chord.position != position]
                own.append(PlannedChord(position=position, symbol=symbol))
            if not own:
                return []
            if own[0].position:
                own[0] = own[0].model_copy(update={"position": 0})
            bars.append(tuple(own))
        return bars

    def _set_chords(self, start: int, harmony: Sequence[tuple[PlannedChord, ...]]) -> None:
        """Give bars their chords, and the same bars of sections that repeat them."""
        bars = list(self.plan.harmony)
        for offset, chords in enumerate(harmony):
            bar = start + offset
            bars[bar] = chords
            self.fixed.add(bar)
            for again in _again(self.plan, bar):
                bars[again] = chords
        self.plan = self.plan.model_copy(update={"harmony": tuple(bars)})

    def _bed(self, bars: range) -> Idea:
        """The planned chords of some bars as an idea, in C major or A minor."""
        numerator, denominator = map(int, self.plan.meter.split("/"))
        length = numerator * 4 / denominator
        key = Key(0, Key.parse(self.plan.key).mode)
        chords = []
        for offset, bar in enumerate(bars):
            own = self.plan.harmony[bar]
            for number, chord in enumerate(own):
                end = own[number + 1].position / 24 if number + 1 < len(own) else length
                if chord.symbol:
                    parsed = Chord.parse(chord.symbol)
                    start = chord.position / 24
                    chords.append((offset * length + start, end - start, roman_of(parsed, key), chord.symbol))
        return make_idea("progression", _NOWHERE, bars=len(bars), meter=self.plan.meter, tempo=self.plan.tempo,
                         key=key.name, chords=chords)  # fmt: skip


def _again(plan: Plan, bar: int) -> list[int]:
    """The bars of later sections that repeat a bar; the last two bars of the piece keep their close."""
    found = []
    for index, section in enumerate(plan.sections):
        if section.start <= bar < section.start + section.bars:
            found += [
                other.start + bar - section.start
                for other in plan.sections
                if other.source == index and bar - section.start < other.bars
            ]
    return [other for other in found if other < plan.bars - CLOSE]


def _in_reach(bars: list[list[tuple[int, int, int]]], low: int, high: int) -> list[list[tuple[int, int, int]]]:
    """A row's notes moved as a whole by octaves, to where most of them lie well."""
    pitches = np.array([pitch for notes in bars for _, pitch, _ in notes])
    if not len(pitches):
        return bars

    def far(octaves: int) -> float:
        moved = pitches + 12 * octaves
        outside = np.maximum(low - moved, 0) + np.maximum(moved - high, 0)
        return float(outside.sum()) + 0.1 * abs(octaves) + 1000.0 * bool(((moved < 21) | (moved > 108)).any())

    best = min(range(-4, 5), key=far)
    return [[(start, pitch + 12 * best, length) for start, pitch, length in notes] for notes in bars]
