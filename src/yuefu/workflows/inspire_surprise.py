"""Unusual but fitting: ideas that the model finds surprising beside somebody's own pieces, and that still hold.

Surprise is measured, not guessed: the nats a note that the fill model needs for an idea's cells, with its chords given.
Beside it stands the same number for stretches of one's own pieces, so that it can be said how far out an idea lies (z:
in standard deviations of one's own). Fit says how well its notes lie in its chords and key, and how easily it is sung.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from yuefu.errors import YuefuError
from yuefu.generation.scorer import Scorer
from yuefu.inspire.extract import ideas_of_score
from yuefu.inspire.features import lead_notes
from yuefu.inspire.idea import Idea, Source
from yuefu.inspire.index import Hit, IdeaIndex
from yuefu.inspire.making import WORDS, fact, with_facts
from yuefu.progress import Listener, Progress, ignore
from yuefu.score.model import ROWS, Score, transpose
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key
from yuefu.tokens.facts import density_bin
from yuefu.tokens.grid import encode_score
from yuefu.tokens.sequence import Cover, Header, Window, training_ids
from yuefu.tokens.vocabulary import METERS, tempo_bin, vocabulary
from yuefu.workflows.inspire_cards import score_of
from yuefu.workflows.models import model_folder

#: Ideas that are measured of each kind at most, and stretches of one's own.
MOST, MOST_OWN = 160, 60
#: How far out an idea may lie in one's own standard deviations, and where it is best.
NEAREST, BEST, FARTHEST = 0.3, 1.5, 4.0
#: The least fit of a suggestion.
FITTING = 0.6
#: Nats a note with which one's own pieces are taken to vary where there are too few to tell.
_SPREAD, _FEWEST = 0.45, 4


@dataclass(frozen=True)
class Usual:
    """What is usual of a kind: mean and spread of nats a note, and how many stretches tell it."""

    mean: float
    spread: float
    count: int


class Surprise:
    """Measures surprise with the model inside. The model is loaded once."""

    def __init__(self, scorer: Scorer | None = None) -> None:
        self._scorer = scorer or Scorer(model_folder())

    def nats(self, idea: Idea) -> float | None:
        """Nats a note of an idea's cells, its chords given (of a progression a chord); None where it can't be told."""
        if idea.kind in WORDS or idea.meter not in METERS:
            return None
        try:
            score = score_of(idea)
            home = Key.parse(idea.key)
            grid = encode_score(transpose(score, -home.shift) if home.shift else score)
        except YuefuError:
            return None
        harmony = not idea.notes
        rows = ["chords"] if harmony else [row for row in grid.cells if row != "chords"]
        mask = np.zeros((len(grid.bars), len(ROWS)), dtype=np.int8)
        for row in grid.cells:
            if row in rows:
                mask[:, ROWS.index(row)] = Cover.FILL
            elif row == "chords":
                mask[:, ROWS.index(row)] = Cover.GIVEN
        header = Header(mode=home.mode, tempo=tempo_bin(idea.tempo), density=density_bin(max(fact(idea, "density"), 1)))
        window = Window(bars=grid.bars, cells=grid.cells, header=header)
        ids, weights = training_ids(window, mask)
        try:
            nats = self._scorer.token_nats(ids)
        except YuefuError:
            return None
        v = vocabulary()
        starts = set(v.position_ids.values())
        notes = sum(w == 1.0 and (t in starts) for t, w in zip(ids, weights))
        written = np.array(weights) == 1.0
        return float(nats[written].sum() / max(notes, 1))


def fit_of(idea: Idea) -> float:
    """How well an idea holds together, 0..1: notes in the chord or reached by step, in the key, without hard leaps."""
    key = Key.parse(idea.key)
    if not idea.notes:
        inside = [
            sum(tone in key.scale for tone in Chord.parse(symbol).pitch_classes)
            / len(Chord.parse(symbol).pitch_classes)
            for *_, symbol in idea.chords
        ]
        return float(np.mean(inside)) if inside else 0.0
    if all(row == "drums" for row, *_ in idea.notes):
        # A groove holds when something falls on the first beat and its bars go on.
        return 1.0 if any(start < 0.01 for _, start, *_ in idea.notes) else 0.7
    line = lead_notes(idea)
    pitches = [pitch for *_, pitch in line]
    good = []
    for number, (start, _, pitch) in enumerate(line):
        chord = next((symbol for at, lasts, _, symbol in idea.chords if at <= start < at + lasts), None)
        near = [abs(pitch - other) for other in pitches[max(number - 1, 0) : number + 2]]
        by_step = any(0 < step <= 2 for step in near)
        in_key = pitch % 12 in key.scale
        in_chord = chord is not None and pitch % 12 in Chord.parse(chord).pitch_classes
        good.append(1.0 if in_chord else 0.85 if in_key and (by_step or chord is None) else 0.5 if in_key or by_step
                    else 0.0)  # fmt: skip
    leaps = np.abs(np.diff(pitches)) if len(pitches) > 1 else np.zeros(1)
    return float(np.clip(np.mean(good) - 0.5 * float((leaps > 12).mean()), 0, 1))


def usual_of(own: Sequence[Score], surprise: Surprise, kinds: Iterable[str]) -> dict[str, Usual]:
    """What is usual in somebody's own pieces, by kind; the kind "" for all of them together."""
    wanted = tuple(kinds)
    values: dict[str, list[float]] = {"": []}
    for number, score in enumerate(own):
        try:
            ideas = ideas_of_score(score, Source(f"own:{number}"), wanted)
        except YuefuError:
            continue
        for idea in ideas:
            if len(values[""]) >= MOST_OWN * max(len(wanted), 1):
                break
            if len(values.get(idea.kind, ())) >= MOST_OWN:
                continue
            nats = surprise.nats(idea)
            if nats is not None:
                values.setdefault(idea.kind, []).append(nats)
                values[""].append(nats)
    found = {}
    for kind, own_values in values.items():
        if len(own_values) >= _FEWEST:
            found[kind] = Usual(float(np.mean(own_values)), max(float(np.std(own_values)), 0.1), len(own_values))
    return found


def surprising(
    index: IdeaIndex, own: Sequence[Score], n: int = 8, *, kinds: Sequence[str] = (), surprise: Surprise | None = None,
    progress: Listener = ignore,
) -> list[Hit]:  # fmt: skip
    """Ideas that are unusual beside one's own pieces and still fit, the best first, with the numbers.

    own: one's pieces; without any, the index itself says what is usual. Each idea's facts tell surprise (nats a note),
    own_mean and own_spread, z (how many spreads above the mean) and fit (0..1).
    """
    surprise = surprise or Surprise()
    wanted = tuple(kinds) or ("hook", "motif", "progression", "bass", "groove", "texture")
    ideas: list[Idea] = []
    for kind in wanted:
        of_kind = sorted((i for i in index.ideas if i.kind == kind), key=lambda i: (-fact(i, "salience"), i.id))
        ideas += of_kind[:MOST]
    measured: list[tuple[Idea, float]] = []
    for number, idea in enumerate(ideas):
        if number % 16 == 0:
            progress(Progress("ideas", number, len(ideas)))
        nats = surprise.nats(idea)
        if nats is not None:
            measured.append((idea, nats))
    usual = usual_of(own, surprise, wanted)
    mine = bool(usual)
    if not usual:
        for kind in {idea.kind for idea, _ in measured}:
            values = [nats for idea, nats in measured if idea.kind == kind]
            spread = float(np.std(values)) if len(values) >= _FEWEST else _SPREAD
            usual[kind] = Usual(float(np.mean(values)), max(spread, 0.1), len(values))
    found: list[tuple[float, Hit]] = []
    for idea, nats in measured:
        told = usual.get(idea.kind) or usual.get("")
        if told is None:
            continue
        z, fit = (nats - told.mean) / told.spread, fit_of(idea)
        if not NEAREST <= z <= FARTHEST or fit < FITTING:
            continue
        value = float(np.exp(-(((z - BEST) / 1.2) ** 2)) * fit)
        noted = with_facts(idea, surprise=nats, own_mean=told.mean, own_spread=told.spread, z=z, fit=fit)
        found.append((value, replace(_hit(noted, nats, told, z, fit, mine), score=round(value, 4))))
    found.sort(key=lambda row: (-row[0], row[1].idea.id))
    return [hit for _, hit in found[: max(n, 0)]]


def _hit(idea: Idea, nats: float, usual: Usual, z: float, fit: float, mine: bool) -> Hit:
    unit = ("chord", "和弦") if not idea.notes else ("stroke", "击") if idea.kind == "groove" else ("note", "音")
    whose = ("yours have", "你的作品为") if mine else ("the others have", "其余的为")
    return Hit(
        idea, 0.0,
        f"Unusual: {nats:.2f} nats a {unit[0]}, {whose[0]} {usual.mean:.2f} ± {usual.spread:.2f} (z {z:+.1f}); "
        f"fits: {fit:.2f}.",
        f"出人意料：每{unit[1]} {nats:.2f} 奈特，{whose[1]} {usual.mean:.2f} ± {usual.spread:.2f}（z {z:+.1f}）；"
        f"契合度 {fit:.2f}。",
    )  # fmt: skip
