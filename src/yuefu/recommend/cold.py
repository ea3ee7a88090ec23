"""Where nothing is known yet: a listener's first minute, and a piece that nobody has heard.

A new listener chooses points on a mood pad (valence and arousal, each -1..1) and says of some clips whether they are
liked. The moods make a soft hill around each point chosen; the clips make a linear taste over the features by ridge
regression, so that a score is a sum over the clips answered, or over the attributes, to the last digit. Which clips
are shown is the most that few answers can tell: the greedy choice that raises log det(1 + F F' / noise) the most
(Chen et al. 2018), near the moods chosen and leaning to what is known.

A new piece is scored before anyone heard it: from the pieces that are like it in content, are by its creator or are
its parents, it takes over the scores that any recommender gave those for this listener (attribute-to-score mapping by
nearest neighbours, Gantner et al. 2010), so that it stands beside all others on one scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from yuefu.recommend.base import Explanation, Reason
from yuefu.recommend.content import Catalogue

Numbers = NDArray[np.float64]

#: How far from a chosen mood a piece may be and still be near it, on a pad from -1 to 1.
MOOD_WIDTH = 0.45
#: How much the mood weighs beside the clips when five are answered.
MOOD_WEIGHT = 0.5
RIDGE = 1.0
#: The spread of a catalogue's column is about 1, of a point on the pad about this.
PAD_SPREAD = 0.5
#: So many answers weigh as much as what everybody likes.
TRUST = 1.5
#: How alike a piece by the same creator, and a parent, are at least.
BY_CREATOR = 0.6
BY_PARENT = 0.9


@dataclass(frozen=True, eq=False)
class Profile:
    """A taste from first choices. weights: over ``names``, the features of the catalogue scaled to rows of length 1;
    points: moods chosen; clips: their columns; pull: how much each clip adds per likeness to it."""

    weights: Numbers
    names: tuple[str, ...]
    points: tuple[tuple[float, float], ...] = ()
    clips: tuple[int, ...] = ()
    pull: tuple[float, ...] = ()

    def scores(self, catalogue: Catalogue) -> Numbers:
        """Of every item: the clips' part and the mood's."""
        return np.asarray(unit_rows(catalogue.features) @ self.weights + self._mood(catalogue))

    def explain(self, catalogue: Catalogue, item: int, *, by: str = "item") -> Explanation:
        """Exactly why: by clips ("item"), or by attributes ("attribute"); the mood is an attribute of its own."""
        rows = unit_rows(catalogue.features)
        mood = float(self._mood(catalogue)[item])
        reasons = [Reason("attribute", mood, name="mood:chosen")] if mood else []
        if by == "item":
            for clip, pull in zip(self.clips, self.pull):
                reasons.append(Reason("item", float(pull * (rows[clip] @ rows[item])), item=clip))
        else:
            amounts = rows[item] * self.weights
            reasons += [Reason("attribute", float(amounts[at]), name=self.names[at]) for at in np.flatnonzero(amounts)]
        score = float(rows[item] @ self.weights + mood)
        ordered = tuple(sorted((one for one in reasons if one.amount), key=lambda one: -abs(one.amount)))
        return Explanation(item, score, ordered, score - sum(one.amount for one in ordered))

    def as_dict(self, most: int = 40) -> dict[str, float]:
        """The weights that are not small, the largest first: the numbers of a taste that can be edited."""
        order = np.argsort(-np.abs(self.weights), kind="stable")[:most]
        return {self.names[at]: round(float(self.weights[at]), 4) for at in order if abs(self.weights[at]) > 1e-3}

    def _mood(self, catalogue: Catalogue) -> Numbers:
        if not self.points:
            return np.zeros(len(catalogue.items))
        return MOOD_WEIGHT * mood_nearness(catalogue, self.points)


def unit_rows(features: ArrayLike) -> Numbers:
    """Rows of length 1; an unknown item stays 0."""
    rows = np.asarray(features, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def mood_nearness(catalogue: Catalogue, points: Sequence[tuple[float, float]]) -> Numbers:
    """How near each item is to the nearest mood chosen, 0..1; where its mood isn't known, or there is no column, 0."""
    places = {name: at for at, name in enumerate(catalogue.names)}
    if "mood:valence" not in places or "mood:arousal" not in places or not points:
        return np.zeros(len(catalogue.items))
    moods = catalogue.features[:, [places["mood:valence"], places["mood:arousal"]]].astype(np.float64) * PAD_SPREAD
    known = np.abs(moods).sum(axis=1) > 0
    far = np.min([((moods - np.array(point)) ** 2).sum(axis=1) for point in points], axis=0)
    return np.where(known, np.exp(-far / (2 * MOOD_WIDTH**2)), 0.0)


def profile_of_choices(
    mood: Sequence[tuple[float, float]] | tuple[float, float] = (),
    clips: Sequence[tuple[int | str, bool]] = (),
    catalogue: Catalogue | None = None,
) -> Profile:
    """A profile from points on the mood pad (one or several) and clips (column or item's name, liked or not).

    Clips that the catalogue doesn't have are left out. Nothing chosen gives a profile that finds everything alike.
    """
    if catalogue is None:
        raise ValueError("a profile needs the catalogue whose features it is about")
    flat = len(mood) == 2 and all(isinstance(value, (int, float)) for value in mood)
    chosen: Sequence[Any] = [mood] if flat else mood
    points = tuple((float(np.clip(v, -1, 1)), float(np.clip(a, -1, 1))) for v, a in chosen)
    column = {name: at for at, name in enumerate(catalogue.items)}
    answers: dict[int, float] = {}
    for item, liked in clips:
        at = column.get(item, -1) if isinstance(item, str) else int(item)
        if 0 <= at < len(catalogue.items):
            answers[at] = 1.0 if liked else -1.0
    rows = unit_rows(catalogue.features[list(answers)]) if answers else np.zeros((0, len(catalogue.names)))
    kernel = rows @ rows.T + RIDGE * np.eye(len(rows))
    pull = np.linalg.solve(kernel, np.array(list(answers.values()))) if answers else np.zeros(0)
    return Profile(rows.T @ pull, catalogue.names, points, tuple(answers), tuple(float(one) for one in pull))


def clips_to_show(
    catalogue: Catalogue,
    n: int = 5,
    seed: int = 0,
    *,
    popularity: ArrayLike | None = None,
    mood: Sequence[tuple[float, float]] = (),
    allowed: NDArray[np.bool_] | None = None,
    noise: float = 0.3,
) -> list[int]:
    """Columns of the clips whose answers tell the most about a taste: far apart in features, each typical of many.

    popularity: what more people know is answered with more certainty; mood: rather near these points; allowed: which
    may be shown. The seed breaks ties and gives another visit other clips.
    """
    count = len(catalogue.items)
    open_items = np.ones(count, dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool).copy()
    rows = unit_rows(catalogue.features)
    described = np.linalg.norm(rows, axis=1) > 0
    if (open_items & described).sum() >= n:
        open_items &= described
    rng = np.random.default_rng(seed)
    weight = rng.uniform(0.85, 1.0, count)
    if popularity is not None:
        known = np.log1p(np.maximum(np.asarray(popularity, dtype=np.float64), 0.0))
        weight *= 0.3 + 0.7 * known / max(float(known.max()), 1e-12)
    if len(mood):
        weight *= 0.4 + 0.6 * mood_nearness(catalogue, mood)
    # What a yes or no to an item tells of all others: its likeness to them, so no lonely oddity is asked about.
    centre = rows[open_items].mean(axis=0) if open_items.any() else np.zeros(rows.shape[1])
    weight *= 0.5 + 0.5 * np.clip(rows @ centre / max(float(np.linalg.norm(centre)), 1e-12), 0.0, 1.0)
    scaled = rows * weight[:, None] / np.sqrt(noise)
    gain = (scaled**2).sum(axis=1)
    learnt = np.zeros((0, count))
    chosen: list[int] = []
    for _ in range(min(n, int(open_items.sum()))):
        value = np.where(open_items, np.log1p(np.maximum(gain, 0.0)) + 1e-6 * weight, -np.inf)
        best = int(np.argmax(value))
        # A row of the Cholesky factor of 1 + F F': what an item still tells when the chosen ones are answered.
        step = (scaled @ scaled[best] - learnt.T @ learnt[:, best]) / np.sqrt(1.0 + gain[best])
        learnt = np.vstack([learnt, step])
        gain = gain - step**2
        open_items[best] = False
        chosen.append(best)
    return chosen


def start_scores(
    own: ArrayLike, answers: int, popularity: ArrayLike, *, others: ArrayLike | None = None, trust: float = TRUST
) -> Numbers:
    """Scores for the first minutes: what everybody likes, giving way to the listener's own with each answer.

    own: ``Profile.scores``; others: of a fitted recommender asked with the clips that were liked, if there is one.
    Each is brought to mean 0 and spread 1 first.
    """
    share = answers / (answers + trust)
    mine = _standard(own) if others is None else _standard(own) + _standard(others)
    return np.asarray((1.0 - share) * _standard(popularity) + share * mine)


def _standard(values: ArrayLike) -> Numbers:
    plain = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(plain)
    if not finite.any():
        return np.zeros(len(plain))
    low = np.where(finite, plain, plain[finite].min())
    spread = float(low.std())
    return np.asarray((low - low.mean()) / spread if spread > 1e-12 else np.zeros(len(plain)))


@dataclass(frozen=True, eq=False)
class NewPieces:
    """Pieces that no recommender has learnt, tied to those it has. links: (new, known) likeness, sparse; reach: how
    sure the ties make a piece of its score, 0..1."""

    links: sp.csr_matrix
    reach: Numbers

    def scores(self, known: ArrayLike) -> Numbers:
        """(listeners, new) from the scores (listeners, known) of any recommender: the mean over the ties, drawn to the
        listener's mean score as far as the ties are few or weak."""
        values = np.atleast_2d(np.asarray(known, dtype=np.float64))
        finite = np.isfinite(values)
        lowest = np.min(np.where(finite, values, np.inf), axis=1, keepdims=True)
        values = np.where(finite, values, np.where(np.isfinite(lowest), lowest, 0.0))
        mean = values.mean(axis=1, keepdims=True)
        taken = np.asarray((self.links @ values.T).T)
        return np.asarray(mean + self.reach[None, :] * (taken - mean))

    def explain(self, known: ArrayLike, new: int) -> Explanation:
        """Exactly why: which known pieces it took its score from. known: one listener's scores. Amounts are beside the
        listener's mean score, which is the rest."""
        values = np.asarray(known, dtype=np.float64)
        finite = np.isfinite(values)
        values = np.where(finite, values, values[finite].min() if finite.any() else 0.0)
        mean = float(values.mean())
        start, end = self.links.indptr[new], self.links.indptr[new + 1]
        reasons = [
            Reason("item", float(self.reach[new] * tie * (values[item] - mean)), item=int(item))
            for item, tie in zip(self.links.indices[start:end], self.links.data[start:end])
        ]
        ordered = tuple(sorted((one for one in reasons if one.amount), key=lambda one: -abs(one.amount)))
        return Explanation(new, mean + sum(one.amount for one in ordered), ordered, mean)


def tie(
    features: ArrayLike,
    catalogue: Catalogue,
    *,
    creators: Sequence[str] = (),
    parents: Mapping[int, Sequence[str]] | None = None,
    neighbours: int = 80,
    sharpness: float = 3.0,
    shrink: float = 0.3,
) -> NewPieces:
    """New pieces (rows of features in the catalogue's columns) tied to the items of the catalogue.

    creators: of the new pieces; parents: for a row, the items it was made from. The creator's other pieces and the
    parents are ties however different they sound. sharpness: how much the most alike count beyond the others.
    """
    new = np.atleast_2d(np.asarray(features, dtype=np.float64))
    alike = np.clip(unit_rows(new) @ unit_rows(catalogue.features).T, 0.0, 1.0)
    column = {name: at for at, name in enumerate(catalogue.items)}
    of_creator: dict[str, list[int]] = {}
    for at, creator in enumerate(catalogue.creators):
        if creator:
            of_creator.setdefault(creator, []).append(at)
    for row, creator in enumerate(creators):
        own = of_creator.get(creator, []) if creator else []
        alike[row, own] = np.maximum(alike[row, own], BY_CREATOR)
    for row, names in (parents or {}).items():
        own = [column[name] for name in names if name in column]
        alike[row, own] = np.maximum(alike[row, own], BY_PARENT)
    strong = alike**sharpness
    kept = min(neighbours, strong.shape[1])
    if kept < strong.shape[1]:
        bar = np.partition(strong, -kept, axis=1)[:, -kept][:, None]
        strong = np.where(strong >= bar, strong, 0.0)
    sums = strong.sum(axis=1)
    links = sp.csr_matrix(np.divide(strong, sums[:, None], out=np.zeros_like(strong), where=sums[:, None] > 0))
    return NewPieces(links, sums / (sums + shrink))
