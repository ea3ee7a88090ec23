"""All candidates of one question with their scores, and the parts that a score is the sum of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from yuefu.listening.event import Event
from yuefu.recommend.base import Explanation, Reason
from yuefu.recommend.cold import tie, unit_rows
from yuefu.recommend.content import Catalogue
from yuefu.recommend.live import row_of
from yuefu.recommend.wording import reasons_json, sentence
from yuefu.workflows.listening_wish import Wish, fit_of
from yuefu.workflows.piece_items import parents_of
from yuefu.workflows.recommend_parts import Part, explained, learnt_part, plain_part, total

if TYPE_CHECKING:
    from yuefu.store.items import Item

Numbers = NDArray[np.float64]

#: How much the parts weigh beside each other; every one of them has a spread of about 1.
HISTORY, PROFILE, POPULAR, CONTEXT, WORDS, STEER, NEW, RECENT = 1.0, 0.8, 0.5, 3.0, 4.5, 1.2, 0.3, 1.5
#: Hours after which what was heard may well come again; days for which a piece is new.
HEARD_HOURS, NEW_DAYS = 8.0, 7.0
#: Ties of a new piece that are told of.
_TIED = 8


@dataclass(eq=False)
class Scoring:
    """All candidates of one question with their scores, and why each has its own."""

    items: list[Item]
    catalogue: Catalogue
    parts: list[Part]
    titles: dict[int, str]
    deeds: dict[int, str]
    popularity: Numbers
    wish: Wish
    events: list[Event]
    _told: dict[int, Explanation] = field(default_factory=dict)

    @cached_property
    def scores(self) -> Numbers:
        """Of every candidate."""
        return total(self.parts, len(self.items))

    @cached_property
    def place(self) -> dict[str, int]:
        """Where an item stands among the candidates."""
        return {item.id: at for at, item in enumerate(self.items)}

    def explain(self, at: int) -> Explanation:
        """Exactly why a candidate has its score. Parts come before the first question."""
        if at not in self._told:
            self._told[at] = explained(self.parts, at, at)
        return self._told[at]

    def values(self, at: int) -> dict[str, float]:
        """A candidate's own features."""
        return self.items[at].features

    def words(self, at: int, language: str, precise: bool = False) -> str:
        """Why, in a sentence."""
        return sentence(self.explain(at), self.titles, language, precise, deeds=self.deeds, values=self.values(at))

    def told(self, at: int, language: str) -> dict[str, Any]:
        """Why, as plain values that add up."""
        return reasons_json(self.explain(at), self.titles, language, deeds=self.deeds, values=self.values(at))


def history_part(
    model: Any, events: Sequence[Event], account_id: str, scoring: Scoring, index: Any
) -> tuple[Part | None, float]:
    """What the fitted model says for a listener, and how many items it knows them by."""
    asked = row_of(events, model, account_id, datetime.now(UTC))
    liked = float(asked.matrix.nnz + (asked.dislikes.nnz if asked.dislikes is not None else 0))
    if not liked or model.names[0] == "popular":
        return None, 0.0
    base = np.asarray(model.scores(asked)[0], dtype=np.float64)
    values, new, ties = of_candidates(base, model, scoring)

    def renamed(found: Explanation, by: float = 1.0) -> list[Reason]:
        return [
            Reason(one.kind, by * one.amount, index(model.items[one.item]) if one.item >= 0 else -1, one.name)
            for one in found.reasons
        ]

    def told(at: int) -> Explanation:
        name = scoring.items[at].id
        if name in model.columns:
            found = model.explain(asked, model.columns[name])
            reasons = renamed(found)
        else:
            # A piece nobody has heard takes its score from those it is tied to: so do its reasons.
            row = new[at]
            start, end = ties.links.indptr[row], ties.links.indptr[row + 1]
            near = sorted(zip(ties.links.data[start:end], ties.links.indices[start:end]), reverse=True)[:_TIED]
            reasons = []
            for share, column in near:
                reasons += renamed(model.explain(asked, int(column)), float(share * ties.reach[row]))
        merged: dict[tuple[str, int, str], float] = {}
        for one in reasons:
            merged[one.kind, one.item, one.name] = merged.get((one.kind, one.item, one.name), 0.0) + one.amount
        return Explanation(
            at,
            float(values[at]),
            tuple(Reason(kind, amount, item, name) for (kind, item, name), amount in merged.items()),
        )

    # Every cited item is named, so that it has a title: those of a listener's own are few.
    for event in events:
        if event.item in model.columns:
            index(event.item)
    return learnt_part("history", values, HISTORY, told), liked


def of_candidates(base: Numbers, model: Any, scoring: Scoring) -> tuple[Numbers, dict[int, int], Any]:
    """The model's scores of the candidates; those that it doesn't know are tied to those it does."""
    columns = np.array([model.columns.get(item.id, -1) for item in scoring.items], dtype=np.int64)
    values = np.where(columns >= 0, base[np.maximum(columns, 0)], -np.inf)
    unknown = np.flatnonzero(columns < 0)
    new = {int(at): row for row, at in enumerate(unknown)}
    if not len(unknown) or model.catalogue is None:
        return values, new, None
    names = {name: column for column, name in enumerate(scoring.catalogue.names)}
    shared = [(mine, names[name]) for mine, name in enumerate(model.catalogue.names) if name in names]
    rows = np.zeros((len(unknown), len(model.catalogue.names)))
    for mine, theirs in shared:
        rows[:, mine] = scoring.catalogue.features[unknown, theirs]
    own = [scoring.items[int(at)] for at in unknown]
    ties = tie(rows, model.catalogue, creators=[item.creator for item in own],
               parents={row: parents_of(item) for row, item in enumerate(own)})  # fmt: skip
    values[unknown] = ties.scores(base)[0]
    return values, new, ties


def weighted(part: Part, weight: float) -> Part:
    def told(at: int) -> tuple[list[Reason], float]:
        reasons, rest = part.explain(at)
        return [Reason(one.kind, weight * one.amount, one.item, one.name) for one in reasons], weight * rest

    return Part(part.name, weight * part.amounts, told)


def wish_parts(wish: Wish, items: Sequence[Item]) -> list[Part]:
    if wish.empty:
        return []
    fits = np.array([fit_of(wish, item.features) for item in items])
    centred = fits - fits.mean()
    if wish.words:
        return [plain_part("words", WORDS * centred, "wish", "wish:words")]
    return [plain_part("context", CONTEXT * centred, "wish", f"wish:{wish.context}")]


def steered_part(settings: Mapping[str, Any], scoring: Scoring) -> list[Part]:
    given = settings.get("steered")
    pulls = {name: float(sign) for name, sign in dict(given or {}).items()}
    return [likeness_part(scoring, pulls, STEER)] if pulls and any(name in scoring.place for name in pulls) else []


def likeness_part(scoring: Scoring, pulls: Mapping[str, float], weight: float = 1.0, kind: str = "") -> Part:
    """A pull to (or from) items by how alike the candidates are to them: the cosine of their content."""
    rows = unit_rows(scoring.catalogue.features)
    anchors = [(scoring.place[name], sign) for name, sign in pulls.items() if name in scoring.place]
    scale = weight / math.sqrt(len(anchors))
    alike = {at: scale * sign * (rows @ rows[at]) for at, sign in anchors}
    kinds = {at: kind or ("more" if sign > 0 else "less") for at, sign in anchors}

    def told(at: int) -> tuple[list[Reason], float]:
        reasons = [Reason(kinds[one], float(values[at]), one) for one, values in alike.items() if one != at]
        return reasons, float(alike[at][at]) if at in alike else 0.0

    return Part("steered", np.sum(list(alike.values()), axis=0), told)


def edits_part(edits: Mapping[str, float], scoring: Scoring) -> Part:
    """A taste that was edited: towards the values that were set, feature by feature."""
    names = {name: at for at, name in enumerate(scoring.catalogue.names)}
    table = scoring.catalogue.features.astype(np.float64)
    amounts: dict[str, Numbers] = {}
    for name, want in edits.items():
        if name not in names:
            continue
        column = table[:, names[name]]
        if name.startswith(("style:", "tag:")):
            raw = 1.2 * want * column
        else:
            raw = np.exp(-((column - want) ** 2) / 2)
        amounts[name] = PROFILE * 1.5 * (raw - raw.mean())

    def told(at: int) -> tuple[list[Reason], float]:
        return [Reason("attribute", float(values[at]), name=name) for name, values in amounts.items()], 0.0

    return Part("edits", np.sum(list(amounts.values()), axis=0) if amounts else np.zeros(len(table)), told)


def time_parts(items: Sequence[Item], events: Sequence[Event]) -> list[Part]:
    """What is new comes sooner, what was heard just now later."""
    now = datetime.now(UTC)
    heard: dict[str, datetime] = {}
    for event in events:
        if event.kind in ("play", "finish", "repeat", "skip"):
            heard[event.item] = max(event.moment, heard.get(event.item, event.moment))
    fresh, recent = np.zeros(len(items)), np.zeros(len(items))
    for at, item in enumerate(items):
        if item.id in heard:
            hours = max((now - heard[item.id]).total_seconds() / 3600, 0.0)
            recent[at] = -RECENT * math.exp(-hours / HEARD_HOURS) if hours < 10 * HEARD_HOURS else 0.0
        elif item.created is not None:
            days = max((now - item.created).total_seconds() / 86_400, 0.0)
            fresh[at] = NEW * math.exp(-days / NEW_DAYS) if days < 5 * NEW_DAYS else 0.0
    # In a library that is all new, nothing is.
    unheard = [at for at, item in enumerate(items) if item.id not in heard]
    fresh = np.maximum(fresh - float(np.median(fresh[unheard])) - 0.02, 0.0) if unheard else fresh
    parts = [plain_part("new", fresh, "new")] if fresh.any() else []
    return parts + ([plain_part("recent", recent, "recent")] if recent.any() else [])


def disliked_items(events: Sequence[Event]) -> set[str]:
    """What the last outright opinion is against."""
    said: dict[str, bool] = {}
    for event in events:
        if event.kind in ("like", "save", "playlist"):
            said[event.item] = False
        elif event.kind == "dislike":
            said[event.item] = True
        elif event.kind == "rate" and event.value is not None:
            said[event.item] = event.value < 2
    return {item for item, against in said.items() if against}


def strength_of(strength: Sequence[str], kind: str) -> int:
    return strength.index(kind) if kind in strength else -1
