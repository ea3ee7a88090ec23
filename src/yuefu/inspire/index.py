"""Ideas that are searched: by drawing, notes, numerals, rhythm, mood, words or by another idea, in any key and tempo.

Every idea is laid down once as rows of numbers (see ``features``); a search is a few products of matrices and, for
numerals, an alignment of all progressions at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError, UnknownNameError
from yuefu.inspire.extract import fingerprint
from yuefu.inspire.features import (
    CONTOUR,
    SLOTS,
    bar_rhythms,
    contour_of,
    drawn,
    lead_notes,
    mood_point,
    other_speeds,
    parse_rhythm,
    progression_of,
    rhythm_bars,
    smeared,
    strokes_of,
    texture_of,
)
from yuefu.inspire.idea import KINDS, Idea
from yuefu.inspire.making import WORDS, fact, with_facts
from yuefu.inspire.numerals import likeness, parse_roman, shifted, state_of
from yuefu.inspire.reasons import reasons
from yuefu.inspire.wanted import Wanted, wanted_of

Scores = NDArray[np.float32]
#: Line pitches, onsets and the idea of each note: what a tune is looked for in.
Tunes = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]
#: How much each way of asking counts beside the others.
WEIGHTS = {"tune": 1.6, "drawing": 1.0, "numerals": 1.3, "rhythm": 1.2, "mood": 0.5, "words": 0.7, "like": 1.0}
#: What a progression in another key, and a rhythm at another speed, loses.
OTHER_KEY, OTHER_SPEED = 0.2, 0.12
#: What an idea's own worth adds where others are as near.
WORTH = 0.06
#: How near two ideas of one piece may come before the second gives way.
CROWDED = 0.15
#: Kinds without a line that could be drawn or sung.
_LINELESS = ("progression", "rhythm", "groove", *WORDS)
_LANES = ("any", "kick", "snare", "hat")


@dataclass(frozen=True)
class Search:
    """What is looked for; whatever is given counts together.

    words: of mood, style or kind; tune: as ``parse_tune`` reads it; contour: heights from left to right; mood:
    valence and arousal; like: another idea; kinds: only these; roman: a progression; rhythm: strokes, see
    ``parse_rhythm``; style: only of this style.
    """

    words: str = ""
    tune: str = ""
    contour: Sequence[float] = ()
    mood: tuple[float, float] | None = None
    like: Idea | None = None
    kinds: Sequence[str] = ()
    roman: str = ""
    rhythm: str = ""
    style: str = ""


@dataclass(frozen=True)
class Hit:
    """An idea that was found. score: 0..1; why_en, why_zh: what of it answers the search."""

    idea: Idea
    score: float
    why_en: str
    why_zh: str


@dataclass(frozen=True, eq=False)
class IdeaIndex:
    """Ideas with what a search goes by. left_out: files that couldn't be read, and why; fresh: whether they were
    written for this search, since there was nothing to find them in."""

    ideas: tuple[Idea, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False

    @classmethod
    def of(cls, ideas: Iterable[Idea], left_out: Mapping[str, str] | None = None, fresh: bool = False) -> Self:
        """An index of ideas, of which those that say the same are told once, with how many pieces have them."""
        kept: dict[tuple[object, ...], Idea] = {}
        where: dict[tuple[object, ...], set[str]] = {}
        for idea in ideas:
            told = fingerprint(idea)
            where.setdefault(told, set()).add(idea.source.piece)
            best = kept.get(told)
            if best is None or fact(idea, "salience") > fact(best, "salience"):
                kept[told] = idea
        several = [with_facts(idea, pieces=len(where[told])) for told, idea in kept.items()]
        return cls(tuple(several), dict(left_out or {}), fresh)

    def __len__(self) -> int:
        return len(self.ideas)

    def get(self, identity: str) -> Idea | None:
        """The idea with an id."""
        place = self._places.get(identity)
        return None if place is None else self.ideas[place]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {idea.id: place for place, idea in enumerate(self.ideas)}

    @cached_property
    def contours(self) -> Scores:
        """(ideas, places): shapes of lines, zeros where there is none."""
        rows = np.zeros((len(self.ideas), CONTOUR), dtype=np.float32)
        for place, idea in enumerate(self.ideas):
            if idea.kind not in _LINELESS:
                line = lead_notes(idea)
                rows[place] = contour_of([start for start, *_ in line], [pitch for *_, pitch in line])
        return rows

    @cached_property
    def tunes(self) -> Tunes:
        """All lines one after the other, with two empty places after each."""
        pitches: list[float] = []
        onsets: list[float] = []
        owners: list[int] = []
        for place, idea in enumerate(self.ideas):
            if idea.kind in _LINELESS:
                continue
            line = lead_notes(idea)
            pitches += [*(float(pitch) for *_, pitch in line), np.nan, np.nan]
            onsets += [*(start for start, *_ in line), np.nan, np.nan]
            owners += [place] * (len(line) + 2)
        return np.array(pitches), np.array(onsets), np.array(owners, dtype=np.int64)

    @cached_property
    def _rhythms(self) -> tuple[dict[str, Scores], NDArray[np.int64]]:
        """By lane (bars, slots), and the first bar of every idea, with the number of bars at the end."""
        edges = np.concatenate([[0], np.cumsum([max(idea.bars, 1) for idea in self.ideas])]).astype(np.int64)
        rows = {lane: np.zeros((int(edges[-1]), SLOTS), dtype=np.float32) for lane in _LANES}
        for first, idea in zip(edges.tolist(), self.ideas):
            for bar, lane, slot in strokes_of(idea) if idea.notes else ():
                if lane in rows:
                    rows[lane][first + bar, slot] = 1.0
        return {lane: smeared(own) for lane, own in rows.items()}, edges

    @cached_property
    def _progressions(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All chords one after the other (said twice, so that a loop may begin anywhere), and the idea of each."""
        states: list[int] = []
        owners: list[int] = []
        for place, idea in enumerate(self.ideas):
            own = progression_of(idea)
            if len(own) > 1 or idea.kind == "progression":
                turned = own + own if idea.kind == "progression" else own
                states += turned
                owners += [place] * len(turned)
        return np.array(states, dtype=np.int64), np.array(owners, dtype=np.int64)

    @cached_property
    def _moods(self) -> Scores:
        return np.array([mood_point(idea) for idea in self.ideas], dtype=np.float32).reshape(-1, 2)

    @cached_property
    def _textures(self) -> Scores:
        return np.array([texture_of(idea) for idea in self.ideas], dtype=np.float32).reshape(len(self.ideas), -1)

    @cached_property
    def _worth(self) -> Scores:
        return np.array([fact(idea, "salience") for idea in self.ideas], dtype=np.float32)

    def by_drawing(self, shape: NDArray[np.float32]) -> Scores:
        """How near every idea's line comes to a shape, 0..1, a little earlier or later being as good."""
        turned = np.stack([_warped(shape, by) for by in (-0.25, 0.0, 0.25)])
        return np.clip((self.contours @ turned.T).max(axis=1), 0, 1) ** 1.5

    def by_rhythm(self, text: str) -> Scores:
        """How near every idea comes to a typed rhythm, 0..1."""
        lanes = parse_rhythm(text)
        best = self._bars_like(rhythm_bars(lanes))
        for bars in other_speeds(lanes):
            best = np.maximum(best, self._bars_like(bars) - OTHER_SPEED)
        return np.clip(best, 0, 1)

    def _bars_like(self, bars: Sequence[Mapping[str, NDArray[np.float32]]]) -> Scores:
        rows, edges = self._rhythms
        count = len(rows["any"])
        total = np.zeros(count, dtype=np.float32)
        for offset, bar in enumerate(bars):
            own = [rows[lane] @ strokes for lane, strokes in bar.items()]
            here = np.mean(own, axis=0) if own else np.zeros(count, dtype=np.float32)
            total[: count - offset] += here[offset:] if offset else here
        total /= max(len(bars), 1)
        sizes = np.diff(edges)
        best = np.zeros(len(self.ideas), dtype=np.float32)
        for place in range(int(sizes.max(initial=0))):  # of the bars at which the rhythm may begin
            fits = np.flatnonzero(sizes >= place + min(len(bars), 1))
            room = np.minimum(sizes[fits] - place, len(bars)) / len(bars)
            best[fits] = np.maximum(best[fits], total[edges[fits] + place] * np.where(room < 1, room, 1))
        return best

    def by_numerals(self, text: str) -> Scores:
        """How near every idea's chords come to a progression, 0..1: substitutes count in part, another key a little
        less."""
        return self._chords_like(np.array([state_of(chord) for chord in parse_roman(text)]))

    def _chords_like(self, query: NDArray[np.int64]) -> Scores:
        states, owners = self._progressions
        best = np.zeros(len(self.ideas), dtype=np.float32)
        if not len(states) or not len(query):
            return best
        table = likeness()
        same = owners[1:] == owners[:-1]
        for semitones in range(12):
            moved = shifted(query, semitones)
            row = table[moved[0], states]
            for state in moved[1:]:
                here = table[state, states]
                back = np.zeros_like(row)
                back[1:] = np.where(same, row[:-1], 0.0)
                # A chord held on, or one too many in between, costs half a chord.
                over = np.zeros_like(row)
                over[2:] = np.where(same[1:] & same[:-1], row[:-2] - 0.5, 0.0)
                row = np.maximum(np.maximum(back, over), row - 0.5 + 0.0 * here) + here
            value = row / len(query) - (OTHER_KEY if semitones else 0.0)
            np.maximum.at(best, owners, value.astype(np.float32))
        lengths = np.bincount(owners, minlength=len(self.ideas)) / 2
        # What asks for four chords is answered best by what has four.
        fit = np.minimum(len(query), lengths) / np.maximum(np.maximum(len(query), lengths), 1)
        return np.clip(best, 0, 1) * (0.9 + 0.1 * fit).astype(np.float32)

    def by_mood(self, valence: float, arousal: float) -> Scores:
        """How near every idea's mood comes to a point, 0..1."""
        far = ((self._moods - np.array([valence, arousal], dtype=np.float32)) ** 2).sum(axis=1)
        near: Scores = np.exp(-far / 0.35)
        return near

    def like(self, idea: Idea) -> Scores:
        """How like an idea every other is, 0..1, by what that one has: line, rhythm, chords, layout."""
        channels: list[tuple[float, Scores]] = []
        line = lead_notes(idea)
        if idea.kind not in _LINELESS and len(line) > 2:
            shape = contour_of([start for start, *_ in line], [pitch for *_, pitch in line])
            channels.append((1.0, self.by_drawing(shape)))
        if idea.notes:
            channels.append((1.0, self._bars_like(bar_rhythms(idea))))
            far = (np.abs(self._textures - texture_of(idea)) / 2).mean(axis=1)
            channels.append((0.4, np.exp(-far).astype(np.float32)))
        chords = progression_of(idea)
        if len(chords) > 1:
            channels.append((1.2 if idea.kind == "progression" else 0.5, self._chords_like(np.array(chords))))
        channels.append((0.2, self.by_mood(*mood_point(idea))))
        total = sum(weight for weight, _ in channels)
        blended: Scores = sum(weight * own for weight, own in channels) / total  # type: ignore[assignment]
        kind = np.array([0.0 if other.kind == idea.kind else 0.12 for other in self.ideas], dtype=np.float32)
        told = np.array([1.0 if other.id == idea.id else 0.0 for other in self.ideas], dtype=np.float32)
        return np.where(told > 0, 0.0, np.clip(blended - kind, 0, 1)).astype(np.float32)

    def channels(self, search: Search, tune: Callable[[Tunes, str], Scores] | None = None) -> dict[str, Scores]:
        """What every way of asking says of every idea, 0..1. tune: what looks for a typed tune."""
        found: dict[str, Scores] = {}
        wanted = wanted_of(search.words)
        if search.tune.strip():
            if tune is None:
                raise InputError("this index can't look for a tune.")
            own = tune(self.tunes, search.tune)
            found["tune"] = np.pad(own, (0, len(self.ideas) - len(own))).astype(np.float32)
        if len(search.contour):
            found["drawing"] = self.by_drawing(drawn(search.contour))
        if search.roman.strip():
            found["numerals"] = self.by_numerals(search.roman)
        if search.rhythm.strip():
            found["rhythm"] = self.by_rhythm(search.rhythm)
        mood = search.mood if search.mood is not None else wanted.mood
        if mood is not None:
            found["mood"] = self.by_mood(*mood)
        if search.like is not None:
            found["like"] = self.like(search.like)
        if wanted.words or wanted.styles:
            said = self._by_words(wanted)
            if said.any() or not found:  # words that nobody has say nothing
                found["words"] = said
        return found

    def _by_words(self, wanted: Wanted) -> Scores:
        """How many of the words a title, style, composer or text has, the style counting for most."""
        values = np.zeros(len(self.ideas), dtype=np.float32)
        for place, idea in enumerate(self.ideas):
            said = f"{idea.source.title} {idea.source.composer} {idea.text}".lower()
            hits = sum(word in said for word in wanted.words) / max(len(wanted.words), 1)
            values[place] = max(hits, float(bool(wanted.styles) and idea.style in wanted.styles))
        return values

    def search(
        self, search: Search, n: int = 24, seed: int = 0, tune: Callable[[Tunes, str], Scores] | None = None
    ) -> list[Hit]:
        """The ideas that answer a search best; without one, the most salient of all kinds and pieces, as the seed
        turns them. Raises InputError, FormatError, LimitError or UnknownNameError for what can't be asked."""
        for kind in search.kinds:
            if kind not in KINDS:
                raise UnknownNameError("kind of idea", kind, KINDS)
        if not self.ideas or n < 1:
            return []
        wanted = wanted_of(search.words)
        found = self.channels(search, tune)
        kinds = tuple(search.kinds) or wanted.kinds
        open_ = np.array(
            [(not kinds or idea.kind in kinds) and (not search.style or idea.style == search.style)
             for idea in self.ideas]
        )  # fmt: skip
        total = sum(WEIGHTS[name] for name in found)
        values = np.zeros(len(self.ideas), dtype=np.float32)
        for name, own in found.items():
            values += WEIGHTS[name] * own / total
        asked = values.copy() if found else self._worth.copy()
        values = asked + WORTH * self._worth
        if not found:
            values = values + 0.25 * np.random.default_rng([seed, 71]).random(len(values)).astype(np.float32)
        values[~open_] = -1.0
        places = self._varied(values, n, 0.6 if not found else CROWDED)
        return [
            Hit(self.ideas[place], round(float(min(max(asked[place], 0), 1)), 4), *reasons(
                self.ideas[place], {name: float(own[place]) for name, own in found.items()}, self.fresh))
            for place in places
        ]  # fmt: skip

    def _varied(self, values: Scores, n: int, crowding: float) -> list[int]:
        """The best places, those of one piece and kind giving way to others that are nearly as good."""
        order = np.argsort(-values, kind="stable")
        order = order[values[order] > 0][: max(8 * n, 64)].tolist()
        taken: dict[tuple[str, str], int] = {}
        kept: list[int] = []
        left = [(float(values[place]), place) for place in order]
        while left and len(kept) < n:
            best = max(
                range(min(len(left), 64)),
                key=lambda i: left[i][0] - crowding * 0.25 * taken.get(self._crowd(left[i][1]), 0),
            )
            _, place = left.pop(best)
            crowd = self._crowd(place)
            taken[crowd] = taken.get(crowd, 0) + 1
            kept.append(place)
        return kept

    def _crowd(self, place: int) -> tuple[str, str]:
        return self.ideas[place].source.piece, self.ideas[place].kind


def _warped(shape: NDArray[np.float32], by: float) -> NDArray[np.float32]:
    """A shape whose middle comes earlier or later."""
    places = np.linspace(0, 1, CONTOUR)
    moved = np.interp(places + by * places * (1 - places), places, shape)
    size = float(np.sqrt((moved**2).sum()))
    return (moved / size if size else moved).astype(np.float32)
