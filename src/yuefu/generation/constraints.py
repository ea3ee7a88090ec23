"""The constraint machine: which tokens may follow inside a cell.

What can be guaranteed is guaranteed here: events in order and inside the bar, allowed places,
ranges, polyphony, onset counts, chord qualities, drum sounds, an end that is an end. Taste (scale,
chord tones, leaps, repeats) is a bias, never a ban.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from yuefu.generation.originality import CopyGuard, LineNote
from yuefu.generation.rules import RowRules
from yuefu.theory.chord import QUALITY_NAMES, Chord
from yuefu.tokens.vocabulary import DURATIONS, HIGHEST_PITCH, HITS, LOWEST_PITCH, vocabulary

LINES = ("melody", "counter", "inner", "bass")


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
    rhythm: positions where the row started notes in the bar before; changes: where chords begin;
    figure: whether ``rhythm`` is a figure to be kept to; sounding: position -> (row, pitch) of the
    other rows' notes that sound there; guard: refuses notes that would copy; line: the row's notes
    before this bar, by tick; start: the bar's first tick; barred: (position, pitch) of notes that are
    refused in any case.
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
        figure: bool = False,
        sounding: Callable[[int], list[tuple[str, int]]] | None = None,
        guard: CopyGuard | None = None,
        line: Sequence[LineNote] = (),
        start: int = 0,
        barred: Collection[tuple[int, int]] = (),
    ) -> None:
        self.guard, self.line, self.begin, self.barred = guard, list(line), start - offset, barred
        self.row, self.rules, self.ticks, self.remaining = row, rules, ticks, remaining
        self.count = count
        self.chord_at = chord_at
        self.holds = holds
        self.rhythm = rhythm
        # A chord that goes on from the bar before is struck anew on the first beat.
        self.changes = changes | {0}
        self.figure = figure
        self.sounding = sounding
        self.floor = min(previous[-3:]) if previous and rules.polyphony > 1 else None
        self.pitches = list(previous or [])
        ids = _ids()
        inside = (ids["pos_tick"] >= offset) & (ids["pos_tick"] < min(ticks, remaining + offset))
        inside &= np.isin(ids["pos_tick"] % 24, rules.places)
        early = inside & (ids["pos_tick"] <= rules.latest)
        if early.sum() >= max(count or 0, 1):
            inside = early
        self._places = ids["pos_tick"][inside]
        self._place_ids = ids["pos"][inside]
        self._on_figure = np.isin(self._places, list(rhythm)) if figure else np.zeros(len(self._places), dtype=bool)
        self.offset = offset
        self.tokens: list[int] = []
        self.onsets = 0
        self.position = -1
        self.state = "event"  # event, first, after (an event was completed), duration, quality, bass, hits
        self.here: list[int] = []
        self._chord_before = chord_at(-1) if row == "chords" and chord_at else None
        self._chord_here: Chord | None = None
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
            high = min(rules.high, self.here[0] + rules.span) if self.here else rules.high
            if low <= high:
                mask[v.pitch + low : v.pitch + high + 1] = True
                if rules.only is not None:
                    self._keep_to(rules.only, mask, low, high)
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

    def _keep_to(self, only: frozenset[int], mask: NDArray[np.bool_], low: int, high: int) -> None:
        """Refuse pitches outside a scale, and outside the chord where rows may play that."""
        if self.rules.only_chords and self.chord_at and (chord := self.chord_at(max(self.position, 0))):
            only = only | frozenset((*chord.pitch_classes, chord.bass_class))
        first = vocabulary().pitch
        inside = [pitch for pitch in range(low, high + 1) if pitch % 12 in only]
        if inside or self.here:
            mask[first + low : first + high + 1] = False
            mask[[first + pitch for pitch in inside]] = True

    def refuses(self, token: int) -> bool:
        """Whether the guard turns an allowed token away: a pitch that ends too long a copied run, or a place
        where every pitch would. Turned away tokens are counted.
        """
        if self.guard is None:
            return False
        v = vocabulary()
        rules = self.rules
        refused = False
        if v.pitch + LOWEST_PITCH <= token <= v.pitch + HIGHEST_PITCH and self.state in ("first", "held", "after"):
            refused = self._copies(self.position, token - v.pitch)
        elif token in v.position_ticks and rules.high - rules.low < 3:  # few pitches: a place may leave none
            place = v.position_ticks[token]
            refused = all(self._copies(place, pitch) for pitch in range(rules.low, rules.high + 1))
        self.guard.turned_away += refused
        return refused

    def _copies(self, place: int, pitch: int) -> bool:
        assert self.guard is not None
        onset = self.begin + place
        before = self.line[:-1] if self.line and self.line[-1][0] == onset else self.line
        return (place, pitch) in self.barred or self.guard.refuses(before, (onset, pitch))

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
        # So must places of the figure, or quavers: what is put off too long ends in a scramble.
        for good in (self._on_figure, self._places % 12 == 0):
            kept = free[good[free]]
            if len(kept) >= wanted:
                usable = usable[usable <= kept[len(kept) - wanted]]
                break
        mask[self._place_ids[usable]] = True

    def bias(self) -> NDArray[np.float32] | None:
        """Taste, as (vocabulary,) additions to the logits; None when there is none here."""
        if self.row == "chords":
            return self._bias_chords() if self.rules.fit or self.rules.weigh else None
        if self.state not in (
            "event", "first", "held", "after", "duration", "hits", "hits_after"
        ):  # fmt: skip
            return None
        v = vocabulary()
        rules = self.rules
        out = np.zeros(len(v), dtype=np.float32)
        if self.state in ("event", "after", "hits_after"):
            self._bias_places(out)
        if self.row == "drums":
            if rules.groove is not None:
                self._groove(out, rules.groove)
            return out
        if self.state == "duration":
            self._bias_durations(out)
            return out
        if self.state == "event":
            return out
        out[v.hold] = rules.hold
        self._bias_pitches(out)
        return out

    def _bias_chords(self) -> NDArray[np.float32] | None:
        """Roots and qualities by how they fit the notes that sound over the half bar that a chord begins."""
        v = vocabulary()
        out = np.zeros(len(v), dtype=np.float32)
        if self.state in ("event", "bass") and self.rules.weigh is not None:
            self._bias_places(out)
        if self.state == "bass" and self.rules.weigh is not None and self.rules.inversions:
            chord = Chord(self.here[0], QUALITY_NAMES[self.here[1]])
            plain = self.rules.weigh(chord, self._chord_before, self.position)
            for bass in chord.pitch_classes[1:]:
                turned = self.rules.weigh(Chord(chord.root, chord.quality, bass), self._chord_before, self.position)
                out[v.cbass + bass] = turned - plain
        if self.state not in ("first", "quality"):
            return out
        heard = self._heard()
        if heard is None and self.rules.weigh is None:
            return None

        def gain(root: int, quality: str) -> float:
            chord = Chord(root, quality)
            tones = list(dict.fromkeys(chord.pitch_classes))
            value = 0.0 if self.rules.weigh is None else self.rules.weigh(chord, self._chord_before, self.position)
            if heard is not None:  # of chords that hold the same notes the plainer is the better fit
                value += self.rules.fit * (2 * float(heard[tones].sum()) - 1 - 0.04 * max(0, len(tones) - 3))
            return value

        if self.state == "first":
            for root in range(12):
                out[v.root + root] = max(gain(root, quality) for quality in self.rules.qualities)
        else:
            for quality in self.rules.qualities:
                out[v.quality + QUALITY_NAMES.index(quality)] = gain(self.here[0], quality)
        return out

    def _heard(self) -> NDArray[np.float64] | None:
        """Shares of the pitch classes that sound while a chord begins, (12,); None where nothing sounds."""
        if self.sounding is None or not self.rules.fit:
            return None
        heard = np.zeros(12)
        end = min(self.position + (self.rules.heard or max(self.ticks // 2, 24)), self.ticks)
        for place in range(self.position, end, 6):
            for _, pitch in self.sounding(place):
                heard[pitch % 12] += 1.5 if place % 24 == 0 else 1.0
        return heard / heard.sum() if heard.any() else None

    def _bias_places(self, out: NDArray[np.float32]) -> None:
        rules = self.rules
        for place, token in zip(self._places.tolist(), self._place_ids.tolist()):
            value = rules.rhythm if place in self.rhythm else 0.0
            if place == 0 and self.onsets == 0:
                value += rules.anchor
            if place % 12 and place not in self.rhythm:
                value += rules.off_beat
            if rules.stress and rules.strong is not None and place in rules.strong:
                value += rules.stress
            if rules.wording is not None:
                value += rules.wording.place(self.onsets, place, self.ticks, 36 if self.ticks in (72, 108, 144) else 24)
            out[token] = value

    def _bias_durations(self, out: NDArray[np.float32]) -> None:
        """Last to the figure's next place, and no further than the chord."""
        if not self.rules.legato:
            return
        ids = _ids()
        chord_end = min([p for p in self.changes if p > self.position], default=self.ticks) - self.position
        ends = [p for p in self.rhythm if p > self.position] if self.figure else []
        wanted = min(ends, default=self.ticks) - self.position
        if not self.rules.through:
            wanted = min(chord_end, wanted)
        fitting = ids["dur_tick"] <= wanted
        if fitting.any():
            out[ids["dur"][np.flatnonzero(fitting)[-1]]] += self.rules.legato
        out[ids["dur"][ids["dur_tick"] > (wanted if self.rules.through else chord_end)]] -= 4.0

    def _bias_pitches(self, out: NDArray[np.float32]) -> None:
        v = vocabulary()
        rules = self.rules
        place = max(self.position, 0)
        chord = self.chord_at(place) if self.chord_at else None
        tones = frozenset(chord.pitch_classes) | {chord.bass_class} if chord else frozenset()
        if rules.only is not None and self.row == "melody" and len(tones) < 3:
            tones = frozenset()  # an open fifth holds nobody's tune: the mode is in the other notes
        strong = place % 48 == 0 or (place % 24 == 0 and self.row != "melody")
        if rules.strong is not None:
            strong = place in rules.strong
        at_home = None if rules.scale is None else rules.scale | tones
        others = self.sounding(place) if self.sounding and (rules.clash or rules.under) else []
        above = ("melody", "counter") if self.row == "inner" else ("melody",)
        tune = min((pitch for row, pitch in others if row in above), default=None)
        last = self.pitches[-1] if self.pitches else None
        before = last if rules.polyphony == 1 else self.floor
        run = 0
        for pitch in reversed(self.pitches):
            if pitch != last:
                break
            run += 1
        moved = self._moved_with(place, last, others) if rules.parallel and last is not None else {}
        full = rules.voices and len(self.here) >= rules.voices
        thin = rules.voices and 0 < len(self.here) < rules.voices
        for pitch in range(rules.low, rules.high + 1):
            value = 0.0
            at = pitch % 12
            if at_home is not None and at not in at_home:
                value += rules.outside
            if rules.leaning is not None:
                value += rules.leaning.get(at, 0.0)
            if rules.root and chord is not None and place in self.changes and not self.here:
                value += rules.root if at == chord.bass_class else 0.0
            elif rules.pedal and chord is not None and at == chord.bass_class:
                value += rules.pedal
            if tones:
                value += rules.chord_tone if strong and at in tones else 0.0
                value += rules.harmonic if at not in tones else 0.0
            if rules.center is not None:
                value -= rules.pull * (pitch - rules.center) ** 2
            if before is not None and not self.here:
                value -= rules.smooth * max(0, abs(pitch - before) - 2) / 2
                value += rules.again if pitch == before else 0.0
            if rules.wording is not None and last is not None:
                value += rules.wording.pitch(self.onsets - 1, pitch - last)
            if rules.polyphony == 1 and last is not None:
                if abs(pitch - last) > 9:
                    value += rules.leap * (2 if abs(pitch - last) > 12 else 1)
                if pitch == last and run >= 4:
                    value += rules.repeat
            if self.here:  # notes at once: no clusters, the asked thickness, each note of the chord once
                value += 4.0 if thin else -5.0 if full else 0.0
                value -= {1: 5.0, 2: 2.5}.get(pitch - self.here[-1], 0.0)
                value -= 1.5 if any((pitch - h) % 12 == 0 for h in self.here) else 0.0
            if rules.clash and any(abs(pitch - other) in (1, 11, 13) for _, other in others):
                value += rules.clash
            elif rules.clash and any(pitch == other for _, other in others):
                value += 0.4 * rules.clash
            if moved and any((pitch - now) % 12 == apart and pitch != last for now, apart in moved.items()):
                value += rules.parallel
            if rules.under and tune is not None and pitch >= tune:
                value += rules.under
            out[v.pitch + pitch] = value

    def _moved_with(self, place: int, last: int, others: list[tuple[str, int]]) -> dict[int, int]:
        """Pitches of other lines that have just moved on from an octave or fifth with this one -> that interval."""
        assert self.sounding is not None
        before = {row: pitch for row, pitch in self.sounding(place - 1) if row in LINES}
        found = {}
        for row, now in others:
            if row in before and before[row] != now and abs(last - before[row]) % 12 in (0, 7):
                found[now] = (last - before[row]) % 12
        return found

    def _groove(self, out: NDArray[np.float32], groove: Mapping[int, frozenset[int]]) -> None:
        """The sounds that belong to a place are preferred there, and all of them are wanted."""
        v = vocabulary()
        weight = self.rules.groove_weight
        if self.state not in ("hits", "hits_after"):
            return
        here = groove.get(self.position, frozenset())
        mine = [v.hit_ids[pitch] for pitch in here]
        for token in v.hit_pitches:
            out[token] -= weight
        waiting = [token for token in mine if token > (self.here[-1] if self.here else -1)]
        for token in waiting:
            out[token] += 2 * weight
        if waiting:  # hits come in rising order: the next one that belongs
            out[min(waiting)] += weight

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
            if self.row == "chords" and self._chord_here is not None:
                self._chord_before, self._chord_here = self._chord_here, None
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
            if not self.here:
                self.floor = token - v.pitch
            self.here.append(token - v.pitch)
            self.pitches.append(token - v.pitch)
            onset = self.begin + self.position
            if self.line and self.line[-1][0] == onset:  # notes at once: the top one is the line's
                self.line.pop()
            self.line.append((onset, token - v.pitch))
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
            self._chord_here = Chord(self.here[0], QUALITY_NAMES[self.here[1]])
            self.state = "bass"
        else:
            self._chord_here = Chord(self.here[0], QUALITY_NAMES[self.here[1]], token - v.cbass)
            self.state = "event"
