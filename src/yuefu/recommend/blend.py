"""Several recommenders as one: their weights are learnt on what was held out, and its reasons are theirs, weighed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from yuefu.progress import Listener, Progress, ignore
from yuefu.recommend.base import Explanation, Floats, Reason, Recommender, RecommenderInfo
from yuefu.recommend.blend_weights import Shape, learn, measured, member_scales
from yuefu.recommend.content import Catalogue
from yuefu.recommend.histories import Histories
from yuefu.recommend.matrices import explanation_of
from yuefu.recommend.registry import recommender_class
from yuefu.recommend.splits import Split, random_split

Numbers = NDArray[np.float64]

#: Name -> settings of the members that are tried.
MEMBERS: Mapping[str, Mapping[str, Any]] = {
    "ease": {"tune": True}, "als": {}, "item-knn": {}, "rp3beta": {}, "content": {}, "popular": {},
}  # fmt: skip
#: Weights where too little is known to learn them; a member that isn't named has 0.
PRIOR = {"ease": 1.0, "als": 0.4, "content": 0.3, "item-knn": 0.2, "popular": 0.1}
#: What popularity weighs at least: a listener of whom nothing is known gets what many like, not chance.
LEAST_POPULAR = 0.01
#: With fewer held-out pairs the prior stays.
LEAST_HELD = 200
#: At most so many listeners are asked while weights are learnt.
MOST_ASKED = 4_000
SHARE = 0.2


class Blend(Recommender):
    """score = sum over members of weight * ratio * the member's score.

    The ratio puts a member's scores on the scale of the one that is best alone, by how far scores spread among
    listeners who have as many items as this one; it doesn't depend on anything else, so a member's reason counts in
    the blend by a factor. Weights are learnt by coordinate ascent on the ranking of a fifth of the pairs, held out of
    everything; they depend on how much a listener has where that ranks other listeners better. Members that add
    nothing are dropped; the others are fitted again on all.
    """

    info = RecommenderInfo(
        "blend",
        "All together",
        "综合推荐",
        frozenset({"taps", "content"}),
        True,
        "linear stacking (Jahrer, Töscher & Legenstein 2010), weights by coordinate ascent (Metzler & Croft 2007)",
    )

    def __init__(
        self, members: Mapping[str, Mapping[str, Any]] | tuple[str, ...] = tuple(MEMBERS), *, by_activity: bool = True
    ) -> None:
        if not isinstance(members, Mapping):
            members = {name: MEMBERS.get(name, {}) for name in members}
        self.tried = {name: dict(settings) for name, settings in members.items()}
        self.by_activity = by_activity
        self.members: dict[str, Recommender] = {}
        self.shape = Shape.even(0)
        self.report: dict[str, Any] = {}

    def fit(
        self,
        data: Histories,
        catalogue: Catalogue | None = None,
        *,
        seed: int = 0,
        progress: Listener = ignore,
        split: Split | None = None,
        known: Catalogue | None = None,
    ) -> Self:
        """Fit all without a fifth, learn the weights, fit those that count on all.

        split: what is held out while weights are learnt, instead of a random fifth; known: the catalogue as it is
        without what was held out, where the catalogue was made from what listeners did (their tags): else it would
        give away the answers.
        """
        names = [name for name in self.tried if catalogue is not None or name != "content"]
        split = split or random_split(data, SHARE, seed=seed)
        known = known or catalogue
        stages = 2 * len(names) + 1

        def stage(number: int, name: str) -> None:
            progress(Progress("fit", number, stages, name))

        if split.held.nnz < LEAST_HELD:
            self.members = self._fitted(names, data, catalogue, seed, stage)
            told = [self.members[name].scores(data) for name in names]
            weights = np.array([PRIOR.get(name, 0.0) for name in names])
            if not weights.any():
                weights[:] = 1.0
            lead = int(weights.argmax())
            self.shape = Shape(lead, member_scales(told, activity(data)), np.zeros(1), weights[None, :])
            self._keep(names)
            return self
        first = self._fitted(names, split.train, known, seed, stage)
        asked = np.flatnonzero(np.diff(split.held.indptr))
        if len(asked) > MOST_ASKED:
            asked = np.sort(np.random.default_rng(seed).choice(asked, MOST_ASKED, replace=False))
        rows = split.train.rows(asked)
        scores = [_finite(first[name].scores(rows)) for name in names]
        stage(len(names), "weights")
        self.shape, ndcg = learn(scores, activity(rows), rows.matrix, split.held[asked], seed, self.by_activity)
        self.report = {
            "members": {name: measured(one, rows.matrix, split.held[asked]) for name, one in zip(names, scores)},
            "blend": ndcg,
        }
        if "popular" in names:
            at = names.index("popular")
            self.shape.weights[:, at] = np.maximum(self.shape.weights[:, at], LEAST_POPULAR)
        again = {name: _settled(first[name]) for name in names}
        counts = [name for at, name in enumerate(names) if self.shape.weights[:, at].any()]
        for at, name in enumerate(counts):
            stage(len(names) + 1 + at, name)
            again[name].fit(data, catalogue, seed=seed)
        self.members = again
        self._keep(names)
        return self

    def _fitted(
        self, names: list[str], data: Histories, catalogue: Catalogue | None, seed: int, stage: Any
    ) -> dict[str, Recommender]:
        found: dict[str, Recommender] = {}
        for at, name in enumerate(names):
            stage(at, name)
            found[name] = recommender_class(name)(**self.tried[name]).fit(data, catalogue, seed=seed)
        return found

    def _keep(self, names: list[str]) -> None:
        """Only the members that count."""
        counts = [at for at in range(len(names)) if self.shape.weights[:, at].any()]
        self.members = {names[at]: self.members[names[at]] for at in counts}
        self.shape = self.shape.of(counts)

    def factors(self, asked: Histories) -> Numbers:
        """(listeners, members) what each member's score is multiplied by."""
        return self.shape.factors(activity(asked))

    def scores(self, asked: Histories) -> Floats:
        """The members' scores, weighed."""
        factors = self.factors(asked).astype(np.float32)
        total = np.zeros(asked.shape, dtype=np.float32)
        for at, member in enumerate(self.members.values()):
            total += factors[:, [at]] * _finite(member.scores(asked))
        return total

    def explain(self, asked: Histories, item: int) -> Explanation:
        """The members' reasons, weighed; those about the same thing are one. What a member can't explain is rest."""
        one = asked.rows([0])
        found: dict[tuple[str, int, str], float] = {}
        rest = 0.0
        for factor, member in zip(self.factors(one)[0], self.members.values()):
            if not member.info.explains:
                rest += float(factor * _finite(member.scores(one))[0, item])
                continue
            told = member.explain(one, item)
            rest += float(factor * told.rest)
            for reason in told.reasons:
                key = (reason.kind, reason.item, reason.name)
                found[key] = found.get(key, 0.0) + float(factor * reason.amount)
        reasons = [Reason(kind, amount, column, name) for (kind, column, name), amount in found.items()]
        return explanation_of(item, reasons, rest)

    def state(self) -> dict[str, Any]:
        """Members and weights."""
        return {
            "tried": self.tried,
            "by_activity": self.by_activity,
            "members": [{"name": name, "state": member.state()} for name, member in self.members.items()],
            "shape": self.shape.state(),
            "report": self.report,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """As it was."""
        found = cls(state["tried"], by_activity=bool(state["by_activity"]))
        found.members = {
            one["name"]: recommender_class(one["name"]).from_state(one["state"]) for one in state["members"]
        }
        found.shape = Shape.from_state(state["shape"])
        found.report = state["report"]
        return found


def activity(asked: Histories) -> Numbers:
    """How many items each listener has."""
    return np.diff(asked.matrix.indptr).astype(np.float64)


def _settled(member: Recommender) -> Recommender:
    """A fresh one with the settings that were chosen, which aren't chosen again."""
    settings = getattr(member, "settings", None)
    if settings is None:
        return member
    return type(member)(**{key: False if key == "tune" else value for key, value in settings().items()})


def _finite(scores: Floats) -> Floats:
    """A score that says nothing (-inf) becomes the lowest of its row."""
    good = np.isfinite(scores)
    if good.all():
        return scores
    low = np.where(good, scores, np.inf).min(axis=1, initial=np.inf)
    low = np.where(np.isfinite(low), low, 0.0)
    return np.where(good, scores, low[:, None]).astype(np.float32)
