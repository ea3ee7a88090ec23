"""Ornaments as small notes: cuts and rolls of Irish tunes, 倚音, 波音 and 滑音 of Chinese ones, trills and turns.

They are put on a tune when it is written: each takes a little of the note that it leads to, a bar that returns has the
same ones, and a sung note keeps its one syllable, which its ornament begins.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from yuefu.planning.plan import Plan
from yuefu.score.model import NOTE_DTYPE, Notes
from yuefu.theory.modes import MODES
from yuefu.theory.styles import STYLES

#: Ticks of a small note: a thirty-second.
SMALL = 3
#: Most of a note that its ornament may take.
MOST = 0.5
#: Ornaments a bar of four quarters, by how many were asked for.
DENSITY = {"light": 0.55, "rich": 1.5}
#: Notes at least this long (ticks) bear an ornament at all, one of several notes, a roll.
LONG_ENOUGH, FOR_SEVERAL, FOR_ROLL = 12, 24, 36
#: How many more than others some traditions have.
MORE = {"celtic": 1.4, "chinese": 1.4}
#: How many fewer ornaments a sung line has.
SUNG = 0.6
_CHINESE = frozenset(("chinese_folk", "guofeng"))


@dataclass(frozen=True, slots=True)
class Place:
    """A note of a tune that might be ornamented, with what is beside it. beat: whether it is on one."""

    pitch: int
    duration: int
    before: int | None
    after: int | None
    after_long: bool
    beat: bool
    gap: bool


#: Pitches of the small notes, ``"roll"`` for a note that is struck three times, and how well it suits.
Choice = tuple[tuple[int, ...] | str, float]


def family_of_ornaments(plan: Plan) -> str:
    """Whose habits a piece follows: ``"celtic"``, ``"chinese"``, ``"baroque"``, ``"raga"`` or ``""``."""
    style = STYLES[plan.style]
    mode = MODES[plan.scale].family if plan.scale else ""
    if style.corpus_label == "celtic" or any(part.instrument == "bagpipes" for part in plan.parts[:1]):
        return "celtic"
    if style.key in _CHINESE or mode == "chinese":
        return "chinese"
    if style.corpus_label in ("baroque", "classical", "renaissance"):
        return "baroque"
    return "raga" if mode in ("raga", "maqam", "eastern") else ""


def ornamented(
    notes: Notes, holds: list[bool], plan: Plan, scale: Collection[int], sung: bool = False
) -> tuple[Notes, list[bool], set[tuple[int, int]]]:
    """A tune with its ornaments, which notes hold a syllable, and the (start, pitch) of the small notes.

    notes: one at a time, at sounding pitch; scale: sounding pitch classes that small notes are taken from; sung:
    whether syllables are sung on them: then only rich ornaments are, each a single small note.
    """
    if plan.ornaments == "none" or not len(notes) or (sung and plan.ornaments == "light"):
        return notes, holds, set()
    numerator, denominator = map(int, plan.meter.split("/"))
    ticks = numerator * 96 // denominator
    places = _places(notes, ticks, plan)
    family = family_of_ornaments(plan)
    ladder = [pitch for pitch in range(12, 120) if pitch % 12 in scale]
    chosen: dict[int, tuple[int, ...] | str] = {}
    bars: dict[int, list[int]] = {}
    for index, start in enumerate(notes["start"].tolist()):
        bars.setdefault(start // ticks, []).append(index)
    share = DENSITY[plan.ornaments] * ticks / 96 * (SUNG if sung else 1.0) * MORE.get(family, 1.0)
    for bar, inside in bars.items():
        rng = np.random.default_rng([plan.seed, zlib.crc32(_content(notes[inside], bar * ticks))])
        wanted = int(share) + int(rng.random() < share % 1)
        options: list[tuple[float, int, tuple[int, ...] | str]] = []
        for index in inside:
            place = places[index]
            if place.duration < LONG_ENOUGH or index == len(notes) - 1 or (sung and holds[index]):
                continue
            for small, worth in _HABITS.get(family, _plain)(place, ladder):
                if small == "roll":
                    fits = place.duration >= FOR_ROLL and not sung
                else:
                    fits = len(small) * SMALL <= place.duration * MOST
                    fits &= len(small) == 1 or (place.duration >= FOR_SEVERAL and not sung)
                if fits:
                    options.append((worth * (0.6 + 0.8 * float(rng.random())), index, small))
        for _, index, small in sorted(options, key=lambda option: (-option[0], option[1])):
            if wanted and index not in chosen and index - 1 not in chosen:
                chosen[index] = small
                wanted -= 1
    return _written(notes, holds, chosen, ladder, sung)


def _content(notes: Notes, start: int) -> bytes:
    """What a bar holds, so that bars that are alike are ornamented alike."""
    return np.stack([notes["start"] - start, notes["duration"], notes["pitch"]]).astype("<i4").tobytes()


def _places(notes: Notes, ticks: int, plan: Plan) -> list[Place]:
    beat = 36 if plan.meter.endswith("/8") and not plan.groups and ticks % 36 == 0 else 24
    out = []
    for i, note in enumerate(notes):
        start, end = int(note["start"]), int(note["start"] + note["duration"])
        inside = start % ticks
        on_beat = inside in plan.groups if plan.groups else inside % beat == 0
        follows = i + 1 < len(notes) and int(notes["start"][i + 1]) - end <= 3
        gap = bool(i) and start - int(notes["start"][i - 1] + notes["duration"][i - 1]) > 3
        place = Place(
            pitch=int(note["pitch"]),
            duration=int(note["duration"]),
            before=int(notes["pitch"][i - 1]) if i else None,
            after=int(notes["pitch"][i + 1]) if follows else None,
            after_long=follows and int(notes["duration"][i + 1]) >= FOR_SEVERAL,
            beat=on_beat,
            gap=gap,
        )
        out.append(place)
    return out


def _step(ladder: list[int], pitch: int, steps: int) -> int:
    """The pitch so many steps of the scale above (or below) another."""
    if steps > 0:
        return (
            next((p for p in ladder if p > pitch), pitch + 2)
            if steps == 1
            else _step(ladder, _step(ladder, pitch, 1), steps - 1)
        )
    return next((p for p in reversed(ladder) if p < pitch), pitch - 2)


def _celtic(place: Place, ladder: list[int]) -> list[Choice]:
    """A cut parts equal notes and lights up beats; long notes are rolled; leaps up are slid into."""
    upper, lower = _step(ladder, place.pitch, 1), _step(ladder, place.pitch, -1)
    found: list[Choice] = []
    if place.before == place.pitch and not place.gap:
        found.append(((upper,), 3.0))
    if place.duration in (36, 48):
        found.append(("roll", 2.2 if place.duration == 36 else 1.2))
    if place.beat and place.before != upper:
        found.append(((upper,), 1.2))
    if place.beat and place.duration >= FOR_SEVERAL and place.before is not None and place.pitch - place.before >= 4:
        found.append(((lower,), 1.3))
    return found


def _chinese(place: Place, ladder: list[int]) -> list[Choice]:
    """倚音 from the step above (or where a tune leaps up, 滑音 from below) into longer notes; 波音 on the longest."""
    upper, lower = _step(ladder, place.pitch, 1), _step(ladder, place.pitch, -1)
    found: list[Choice] = []
    leap = 0 if place.before is None or place.gap else place.pitch - place.before
    if place.duration >= 18 and place.before != upper and (place.beat or place.duration >= FOR_SEVERAL):
        found.append(((upper,), 1.5))
    if leap >= 5 and place.duration >= 18:
        found.append(((lower,), 2.2))
    if place.duration >= FOR_ROLL:
        found.append(((place.pitch, upper), 1.5))
    if leap <= -5 and place.duration >= FOR_SEVERAL:
        found.append(((_step(ladder, upper, 1), upper), 1.2))
    return found


def _baroque(place: Place, ladder: list[int]) -> list[Choice]:
    """A trill from above before a close, mordents on long beats, turns, and the note between in falling thirds."""
    upper, lower = _step(ladder, place.pitch, 1), _step(ladder, place.pitch, -1)
    found: list[Choice] = []
    if (
        place.after_long
        and place.after is not None
        and place.after - place.pitch in (1, -1, -2)
        and place.duration >= 18
    ):
        found.append(((upper, place.pitch, upper), 3.0))
    if place.beat and place.duration >= FOR_SEVERAL:
        found.append(((place.pitch, lower), 1.3))
    if place.duration >= FOR_ROLL:
        found.append(((upper, place.pitch, lower), 1.2))
    if place.before is not None and place.before - place.pitch in (3, 4) and not place.gap:
        found.append(((upper,), 1.6))
    return found


def _raga(place: Place, ladder: list[int]) -> list[Choice]:
    """Touches of the neighbours and short glides into long notes."""
    upper, lower = _step(ladder, place.pitch, 1), _step(ladder, place.pitch, -1)
    found: list[Choice] = []
    if place.duration >= 18 and place.before != upper:
        found.append(((upper,), 1.5))
    if place.duration >= FOR_SEVERAL:
        found += [((lower,), 1.6), ((place.pitch, upper), 1.2), ((upper, place.pitch, lower), 0.8)]
    return found


def _plain(place: Place, ladder: list[int]) -> list[Choice]:
    """A short note before a long one, mordents."""
    upper, lower = _step(ladder, place.pitch, 1), _step(ladder, place.pitch, -1)
    found: list[Choice] = []
    if place.beat and place.duration >= FOR_SEVERAL and place.before != upper:
        found.append(((upper,), 1.4))
    if place.duration >= FOR_ROLL:
        found.append(((place.pitch, lower), 1.0))
    return found


_HABITS: dict[str, Callable[[Place, list[int]], list[Choice]]] = {
    "celtic": _celtic, "chinese": _chinese, "baroque": _baroque, "raga": _raga,
}  # fmt: skip


def _written(
    notes: Notes, holds: list[bool], chosen: dict[int, tuple[int, ...] | str], ladder: list[int], sung: bool
) -> tuple[Notes, list[bool], set[tuple[int, int]]]:
    rows: list[tuple[int, int, int, int, int]] = []
    held: list[bool] = []
    small: set[tuple[int, int]] = set()

    def add(start: int, duration: int, pitch: int, hold: bool, is_small: bool = False) -> None:
        rows.append((0, start, duration, pitch, 64))
        held.append(hold)
        if is_small:
            small.add((start, pitch))

    for index, note in enumerate(notes):
        start, duration, pitch = int(note["start"]), int(note["duration"]), int(note["pitch"])
        ornament = chosen.get(index)
        if ornament is None:
            add(start, duration, pitch, holds[index])
        elif isinstance(ornament, str):  # struck, cut and tapped
            third = 12
            add(start, third, pitch, holds[index])
            for turn, step in ((1, 1), (2, -1)):
                at = start + turn * third
                add(at, SMALL, _step(ladder, pitch, step), True, is_small=True)
                add(at + SMALL, (duration - 2 * third if turn == 2 else third) - SMALL, pitch, True)
        else:
            for place, other in enumerate(ornament):
                add(start + place * SMALL, SMALL, other, holds[index] or place > 0, is_small=True)
            taken = SMALL * len(ornament)
            add(start + taken, duration - taken, pitch, True if sung else holds[index])
    out = np.array(rows, dtype=NOTE_DTYPE)
    out["velocity"] = notes["velocity"][0]
    return out, held, small
