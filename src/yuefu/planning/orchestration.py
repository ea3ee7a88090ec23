"""Who plays what: instruments to rows, and which rows play in which section."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from yuefu.errors import InputError
from yuefu.planning.form import INSTRUMENTAL, SectionShape
from yuefu.planning.plan import PlannedPart
from yuefu.score.model import NOTE_ROWS
from yuefu.theory.instruments import INSTRUMENTS, Instrument

MAX_INSTRUMENTS = 16
#: From how much energy on a row joins in, when the section is one of several.
ENTRY = {"keys": 0.0, "bass": 0.38, "drums": 0.46, "pad": 0.52, "counter": 0.62, "inner": 0.5}


def assign_parts(keys: Sequence[str]) -> list[PlannedPart]:
    """Rows for each instrument, one instrument a row; instruments beyond the rows double others.

    A name that stands twice is two players.

    A keyboard, guitar or harp without a bass beside it plays the bass row with its low hand; alone,
    it plays the melody as well.

    >>> [(part.instrument, part.rows) for part in assign_parts(["piano"])]
    [('piano', ('melody', 'bass', 'keys'))]
    >>> [(part.instrument, part.rows) for part in assign_parts(["violin", "piano"])]
    [('violin', ('melody',)), ('piano', ('bass', 'keys'))]
    """
    if len(keys) > MAX_INSTRUMENTS:
        raise InputError(f"{len(keys)} instruments were asked for: name at most {MAX_INSTRUMENTS}.")
    instruments = [INSTRUMENTS[key] for key in keys]
    rows: list[list[str]] = [[] for _ in instruments]
    free = list(NOTE_ROWS)
    lead = _lead(instruments)
    if lead is not None:
        rows[lead].append("melody")
        free.remove("melody")
    # The most particular first: who can play only one row should get it.
    waiting = [i for i in range(len(instruments)) if i != lead]
    waiting.sort(
        key=lambda i: (not instruments[i].is_drums, instruments[i].family != "bass", len(instruments[i].roles), i)
    )
    for place in waiting:
        row = next((row for row in _preference(instruments[place]) if row in free), None)
        if row is not None:
            rows[place].append(row)
            free.remove(row)
    chordal = next((i for i, x in enumerate(instruments) if x.polyphonic and not x.is_drums and _plays_chords(x)), None)
    if chordal is not None:
        if "keys" in free and (chordal == lead or not rows[chordal]):
            rows[chordal].append("keys")
            free.remove("keys")
        if "bass" in free and "keys" in rows[chordal] and "bass" in instruments[chordal].roles:
            rows[chordal].append("bass")
            free.remove("bass")
    parts = []
    for place, instrument in enumerate(instruments):
        own = tuple(row for row in NOTE_ROWS if row in rows[place])
        if own:
            parts.append(PlannedPart(instrument=instrument.key, rows=own))
        else:
            doubled = next((row for row in instrument.roles if row not in free), "melody")
            parts.append(PlannedPart(instrument=instrument.key, rows=(doubled,), doubling=True))
    # On the page: the tune on top, the drums at the bottom.
    return sorted(parts, key=lambda part: (NOTE_ROWS.index(part.rows[0]), part.doubling))


def _lead(instruments: Sequence[Instrument]) -> int | None:
    """The place of who has the tune: a singer first, else the first melody instrument, else anyone who can."""
    for test in (
        lambda i: i.family == "voice" and "melody" in i.roles and i.key not in ("choir", "children_choir"),
        lambda i: i.default_role == "melody",
        lambda i: i.family == "voice" and "melody" in i.roles,
        lambda i: "melody" in i.roles and i.family not in ("bass",) and i.default_role != "bass",
        lambda i: "melody" in i.roles,
    ):
        found = next((place for place, instrument in enumerate(instruments) if test(instrument)), None)
        if found is not None:
            return found
    return None


def _preference(instrument: Instrument) -> list[str]:
    order = list(instrument.roles)
    if "counter" in order and "inner" not in order and not instrument.polyphonic:
        order.append("inner")
    if instrument.default_role == "melody":  # a second melody instrument answers the first
        order = [row for row in ("counter", "inner", "bass") if row in order] + order
    return [row for row in dict.fromkeys(order) if row != "melody"]


def _plays_chords(instrument: Instrument) -> bool:
    return "keys" in instrument.roles


def section_rows(
    shapes: Sequence[SectionShape], parts: Sequence[PlannedPart], sung: bool, rng: np.random.Generator
) -> list[tuple[str, ...]]:
    """The rows of each section: few where it is calm, all where it is fullest.

    Every row plays in the section with the most energy at least; a sung melody is silent in
    intros, interludes and outros, where another voice or the keys lead.
    """
    owned = {row for part in parts if not part.doubling for row in part.rows}
    fullest = max(range(len(shapes)), key=lambda i: (shapes[i].kind not in INSTRUMENTAL, shapes[i].energy, i))
    result: list[tuple[str, ...]] = []
    energies = [shape.energy for shape in shapes]
    low, high = min(energies), max(energies)
    for index, shape in enumerate(shapes):
        # Energy relative to the piece, so that calm pieces have a full section, too.
        # Sections much alike in energy keep everyone playing.
        relative = 1.0 - 0.65 * (high - shape.energy) / max(high - low, 0.25)
        rows = {row for row in owned if row == "melody" or relative >= ENTRY.get(row, 0.0) - 0.06}
        if shape.kind in INSTRUMENTAL and sung:
            rows.discard("melody")
            if "counter" in owned:
                rows.add("counter")
        if shape.kind == "intro" and not sung and {"keys", "pad", "counter"} & owned:
            rows.discard("melody")
        if index == fullest or not owned & {"keys", "drums"}:  # a quartet or choir is all there, all the time
            rows = set(owned)
        if len(owned) <= 3:
            rows = set(owned) if not (shape.kind in INSTRUMENTAL and sung and len(owned) > 1) else owned - {"melody"}
        if shape.kind == "outro" and "drums" in rows and rng.random() < 0.5 and len(rows) > 3:
            rows.discard("drums")
        if not rows & {"keys", "pad", "bass", "counter", "melody", "inner"}:
            rows = set(owned)
        result.append(tuple(row for row in NOTE_ROWS if row in rows))
    return result


def default_instruments(lineup: Sequence[tuple[str, str]], sung: bool, without: Collection[str]) -> list[str]:
    """The instruments of a style's line-up, less those that weren't wanted, with a voice when there are lyrics."""
    keys = list(dict.fromkeys(key for _, key in lineup if key not in without))
    has_voice = any(INSTRUMENTS[key].family == "voice" for key in keys)
    if sung and not has_voice and "voice" not in without:
        keys = ["voice", *keys]
    return keys or ["piano"]
