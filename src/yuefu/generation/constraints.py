"""The constraint machine: which tokens may follow inside a cell.

What can be guaranteed is guaranteed here: events in order and inside the bar, allowed places,
ranges, polyphony, onset counts, chord qualities, drum sounds, an end that is an end. Taste (scale,
chord tones, leaps, repeats) is a bias, never a ban.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from yuefu.theory.chord import QUALITY_NAMES, Chord
from yuefu.tokens.vocabulary import DURATIONS, HIGHEST_PITCH, HITS, LOWEST_PITCH, vocabulary

SIXTEENTHS = (0, 6, 12, 18)


@dataclass(frozen=True)
class RowRules:
    """What a row may do. Pitches are key-normalised MIDI numbers.

    places: ticks within a quarter where events may start; polyphony: notes at once; max_onsets
    and least_onsets: in a bar that isn't counted; scale: pitch classes that are at home (None: no
    preference); qualities: allowed chord qualities; hits: allowed drum sounds by General MIDI
    pitch; shortest: least duration in ticks; latest: last position where something may start
    (later ones only as counts need them); inversions: whether chords may have another bass.
    The weights are added to logits: outside (scale and chord), chord_tone (strong places), leap
    (more than nine semitones), repeat (a fifth equal pitch in a row), anchor (the bar's first onset
    on its first beat), root (the chord's bass where a chord begins), rhythm (places that the row
    used in the bar before, or its figure), hold (a sung note that holds the last syllable),
    backbeat (kick on the first beat, snare on the second and fourth).
    """

    low: int = LOWEST_PITCH
    high: int = HIGHEST_PITCH
    polyphony: int = 1
    places: tuple[int, ...] = SIXTEENTHS
    max_onsets: int = 16
    least_onsets: int = 0
    scale: frozenset[int] | None = None
    qualities: tuple[str, ...] = QUALITY_NAMES
    hits: frozenset[int] | None = None
    shortest: int = 3
    latest: int = 10_000
    outside: float = -3.0
    chord_tone: float = 0.6
    leap: float = -2.0
    repeat: float = -2.5
    anchor: float = 0.0
    root: float = 0.0
    rhythm: float = 0.0
    hold: float = -2.0
    backbeat: float = 0.0
    inversions: bool = True


@cache
def _ids() -> dict[str, NDArray[np.int64]]:
    v = vocabulary()
    return {
        "pos": np.array(list(v.position_ticks), dtype=np.int64),
        "pos_tick": np.array(list(v.position_ticks.values()), dtype=np.int64),
        "dur": np.array(list(v.duration_ticks), dtype=np.int64),
        "dur_tick": np.array(DURATIONS, dtype=np.int64),
        "hit": np.array(list(v.hit_pitches), dtype=np.int64),
        "hit_pitch": np.array([HITS[n] for n in HITS], dtype=np.int64),
    }


class CellMachine:
    """Walks one cell. ``allowed`` and ``bias`` for the next token; ``push`` it; ``done`` after ``END``.

    ticks: where the bar ends (its full length); offset: where a pick-up bar begins; remaining:
    ticks from the bar's start to the end of the piece, beyond which nothing sounds; count: asked
    onsets or None; chord_at: position -> Chord or None; previous: pitches of this row before;
    rhythm: positions where the row started notes in the bar before; changes: where chords begin.
    """

    def __init__(
        self,
        row: str,
        rules: RowRules,
        ticks: int,
        offset: int = 0,
        remaining: int = 10_000,
        count: int | None = None,
        chord_at: Callable[[int], Chord | None] | None = None,
        previous: list[int] | None = None,
        holds: bool = False,
        rhythm: frozenset[int] = frozenset(),
        changes: frozenset[int] = frozenset((0,)),
    ) -> None:
        self.row, self.rules, self.ticks, self.remaining = row, rules, ticks, remaining
        self.count = count
        self.chord_at = chord_at
        self.holds = holds
        self.rhythm = rhythm
        self.changes = changes
        self.pitches = list(previous or [])
        ids = _ids()
        inside = (ids["pos_tick"] >= offset) & (ids["pos_tick"] < min(ticks, remaining + offset))
        inside &= np.isin(ids["pos_tick"] % 24, rules.places)
        early = inside & (ids["pos_tick"] <= rules.latest)
        if early.sum() >= max(count or 0, 1):
            inside = early
        self._places = ids["pos_tick"][inside]
        self._place_ids = ids["pos"][inside]
        self.offset = offset
        self.tokens: list[int] = []
        self.onsets = 0
        self.position = -1
        self.state = "event"  # event, first, after (an event was completed), duration, quality, bass, hits
        self.here: list[int] = []
        self.done = False

    def allowed(self) -> NDArray[np.bool_]:
        """(vocabulary,) mask of tokens that may come next; never empty."""
        v = vocabulary()
        ids = _ids()
        mask = np.zeros(len(v), dtype=bool)
        rules = self.rules
        if self.state in ("event", "after", "hits_after", "bass"):
            self._allow_event(mask)
        if self.state == "first" and self.row == "chords":
            mask[v.root : v.root + 12] = True
        elif self.state in ("first", "held") or (self.state == "after" and len(self.here) < rules.polyphony):
            low = max(rules.low, self.here[-1] + 1 if self.here else rules.low)
            if low <= rules.high:
                mask[v.pitch + low : v.pitch + rules.high + 1] = True
            if self.state == "first" and self.holds and self.pitches and self._room_to_hold():
                mask[v.hold] = True
        elif self.state == "duration":
            room = min(self.remaining + self.offset - self.position, 10_000)
            fits = (ids["dur_tick"] <= room) & (ids["dur_tick"] >= rules.shortest)
            if not fits.any():
                fits[0] = True
            mask[ids["dur"][fits]] = True
        elif self.state == "quality":
            for quality in rules.qualities:
                mask[v.quality + QUALITY_NAMES.index(quality)] = True
        elif self.state == "bass" and rules.inversions:
            chord = Chord(self.here[0], QUALITY_NAMES[self.here[1]])
            for pitch_class in chord.pitch_classes[1:]:
                mask[v.cbass + pitch_class] = True
        if self.state in ("hits", "hits_after"):
            fits = ids["hit"] > (self.here[-1] if self.here else -1)
            if rules.hits is not None:
                fits &= np.isin(ids["hit_pitch"], list(rules.hits))
            if len(self.here) < 4:
                mask[ids["hit"][fits]] = True
        if not mask.any():
            mask[v.end] = True
        return mask

    def _room_to_hold(self) -> bool:
        """Whether a held note here still leaves places for the syllables to come."""
        if self.count is None:
            return True
        wanted = self.count - (self.onsets - 1)
        return int((self._places > self.position).sum()) >= wanted

    def _allow_event(self, mask: NDArray[np.bool_]) -> None:
        v = vocabulary()
        later = self._places > self.position
        wanted = None if self.count is None else self.count - self.onsets
        if wanted is None:
            mask[v.end] = self.onsets >= self.rules.least_onsets or not later.any()
            if self.onsets < self.rules.max_onsets:
                mask[self._place_ids[later]] = True
            return
        if wanted <= 0:
            mask[v.end] = True
            if self.holds and self.onsets:
                mask[self._place_ids[later]] = True  # a held note may still come; see "first"
            return
        # Enough places must stay free for the onsets still to come.
        free = np.flatnonzero(later)
        if len(free) == 0:
            mask[v.end] = True
            return
        usable = free[: max(1, len(free) - wanted + 1)]
        mask[self._place_ids[usable]] = True

    def bias(self) -> NDArray[np.float32] | None:
        """Taste, as (vocabulary,) additions to the logits; None when there is none here."""
        if self.row == "chords" or self.state not in ("event", "first", "held", "after", "hits", "hits_after"):
            return None
        v = vocabulary()
        rules = self.rules
        out = np.zeros(len(v), dtype=np.float32)
        if self.state in ("event", "after", "hits_after"):
            for place, token in zip(self._places.tolist(), self._place_ids.tolist()):
                out[token] = (rules.rhythm if place in self.rhythm else 0.0) + (
                    rules.anchor if place == 0 and self.onsets == 0 else 0.0
                )
        if self.row == "drums":
            if rules.backbeat:
                self._backbeat(out)
            return out
        if self.state == "event":
            return out
        out[v.hold] = rules.hold
        chord = self.chord_at(max(self.position, 0)) if self.chord_at else None
        tones = frozenset(chord.pitch_classes) | {chord.bass_class} if chord else frozenset()
        strong = self.position % 48 == 0 or (self.position % 24 == 0 and self.row != "melody")
        at_home = None if rules.scale is None else rules.scale | tones
        last = self.pitches[-1] if self.pitches else None
        run = 0
        for pitch in reversed(self.pitches):
            if pitch != last:
                break
            run += 1
        for pitch in range(rules.low, rules.high + 1):
            value = 0.0
            if at_home is not None and pitch % 12 not in at_home:
                value += rules.outside
            if rules.root and chord is not None and self.position in self.changes and not self.here:
                value += rules.root if pitch % 12 == chord.bass_class else 0.0
            if strong and tones:
                value += rules.chord_tone if pitch % 12 in tones else 0.0
            if rules.polyphony == 1 and last is not None:
                if abs(pitch - last) > 9:
                    value += rules.leap * (2 if abs(pitch - last) > 12 else 1)
                if pitch == last and run >= 4:
                    value += rules.repeat
            out[v.pitch + pitch] = value
        return out

    def _backbeat(self, out: NDArray[np.float32]) -> None:
        v = vocabulary()
        weight = self.rules.backbeat
        kick, snare = v.hit_ids[36], v.hit_ids[38]
        if self.state in ("hits", "hits_after"):
            on_two = self.position % 48 == 24
            out[snare] += weight if on_two else -0.6 * weight
            out[kick] += weight if self.position == 0 else -0.5 * weight if on_two else 0.0
        for token in (v.position_ids[24], v.position_ids[72]):
            out[token] += weight

    def push(self, token: int) -> None:
        """Take the next token. It must be one of ``allowed``."""
        v = vocabulary()
        self.tokens.append(token)
        if token == v.end:
            self.tokens.pop()
            self.done = True
        elif token in v.position_ticks:
            self.position = v.position_ticks[token]
            self.here = []
            self.state = "hits" if self.row == "drums" else "first"
            full = self.count is not None and self.onsets >= self.count
            self.onsets += 1
            if full and self.holds:  # the count is reached: this can only be a held note
                self.state = "must_hold"
        elif token == v.hold:
            self.onsets -= 1
            self.state = "held"
        elif self.row == "chords":
            self._push_chord(token)
        elif self.row == "drums":
            self.here.append(token)
            self.state = "hits_after"
        elif self.state == "duration":
            self.state = "after"
        else:
            self.here.append(token - v.pitch)
            self.pitches.append(token - v.pitch)
            self.state = "duration"
        if self.state == "must_hold":
            self.tokens.append(v.hold)
            self.onsets -= 1
            self.state = "held"

    def _push_chord(self, token: int) -> None:
        v = vocabulary()
        if self.state == "first":
            self.here = [token - v.root]
            self.state = "quality"
        elif self.state == "quality":
            self.here.append(token - v.quality)
            self.state = "bass"
        else:
            self.state = "event"
