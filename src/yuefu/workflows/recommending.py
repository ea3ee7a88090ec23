"""The desk that recommends: for an account, here and now, with exact reasons.

What may be recommended are an account's own pieces and those that others share (and, of music from elsewhere, what this
account or at least two listeners know). The score is a sum of parts (``recommend_parts``): what the fitted model says,
or for a piece that it doesn't know yet what its ties say; a profile from first choices and from edits; where one is and
what was asked for; what was steered to or away from; what was just heard. Then come the dials and exploration, whose
exact propensities are logged.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from yuefu.errors import InputError, NotFoundError, UnknownNameError
from yuefu.listening.event import Event
from yuefu.progress import Listener, ignore
from yuefu.recommend.bandit import choose, exploring_weights
from yuefu.recommend.base import Explanation, Reason
from yuefu.recommend.cold import profile_of_choices
from yuefu.recommend.content import Catalogue
from yuefu.recommend.live import row_of
from yuefu.recommend.rerank import Dials, rerank
from yuefu.workflows.listening_wish import of_history, read_wish
from yuefu.workflows.piece_items import PATIENCE, catalogue_of, describe_missing
from yuefu.workflows.recommend_fit import Fits
from yuefu.workflows.recommend_parts import Part, learnt_part, total
from yuefu.workflows.recommend_scoring import (
    POPULAR,
    PROFILE,
    Scoring,
    disliked_items,
    edits_part,
    history_part,
    likeness_part,
    of_candidates,
    steered_part,
    strength_of,
    time_parts,
    weighted,
    wish_parts,
)

if TYPE_CHECKING:
    from yuefu.store.items import Item
    from yuefu.store.store import Store

log = logging.getLogger(__name__)

KINDS = ("piece", "track", "artist")
#: So many items liked weigh as much as what everybody likes, and as the first choices.
TRUST = 3.0
#: From how many of the best it is explored; the most of one list.
POOL, MOST = 60, 200
MOST_STEERED = 30


@dataclass(frozen=True)
class Recommended:
    """An item that is recommended. creator: by name, "" for oneself; token: of somebody else's shared piece; why: one
    sentence; reasons: in words with what each adds to the score; propensity: how likely it was at this place;
    impression: the id under which that is logged, "" where it isn't; explored: it was given a chance; facts: seconds,
    tempo, key, energy, valence, style as far as they are known."""

    item: str
    title: str
    creator: str
    piece_id: str | None
    token: str | None
    score: float
    why: str
    reasons: list[dict[str, Any]]
    propensity: float = 1.0
    impression: str = ""
    explored: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


class Desk:
    """Recommends from a store. Threads may share one.

    folder: where the fitted model lies, else ``recommend`` in the store's; patience: seconds that a question may wait
    for pieces of which nothing is known yet (the others are described beside), None for all of them.
    """

    def __init__(self, store: Store, folder: Path | None = None, *, patience: float | None = PATIENCE) -> None:
        self._patience = patience
        self.store = store
        self.fits = Fits(store, folder)
        self._names: dict[str, str] = {}
        self._catalogues: dict[tuple[str, str], tuple[tuple[Any, ...], Catalogue]] = {}
        self._lock = threading.Lock()

    # Recommending

    def recommend(
        self,
        account_id: str,
        *,
        n: int = 20,
        kind: str = "piece",
        context: str = "",
        words: str = "",
        dials: Dials | None = None,
        explore: float = 0.1,
        language: str = "en",
        seed: int | None = None,
        log: bool = True,
        without: Iterable[str] = (),
    ) -> list[Recommended]:
        """What to hear next, the best first.

        kind: "piece", "track" or "artist"; context: where one is (``listening.event.CONTEXTS``) and words: what is
        wanted, both of which may be empty; dials: None for those the account has set; explore: how much is tried out,
        0 to 1; seed: of that, None for another one each time; log: keep what was shown with its propensities;
        without: items that must not come. Raises InputError, UnknownNameError, LimitError.
        """
        if not 1 <= n <= MOST:
            raise InputError(f"{n} can't be recommended at once: ask for 1 to {MOST}.")
        if not 0.0 <= explore <= 1.0:
            raise InputError(f"exploring goes from 0 to 1, not {explore:g}.")
        scoring = self.scoring(account_id, kind=kind, context=context, words=words, without=without)
        if not scoring.items:
            return []
        turned = dials or self.dials(account_id)
        pool = min(len(scoring.items), max(3 * n, POOL))
        ranked = rerank(
            scoring.scores, np.arange(len(scoring.items)), scoring.catalogue, scoring.popularity, dials=turned, n=pool
        )
        order = ranked.order.tolist()
        shown = self._shown(account_id)
        deserves = exploring_weights([shown.get(scoring.items[at].id, 0) for at in order])
        chosen = choose(
            order, n, explore=explore, seed=secrets.randbits(63) if seed is None else seed, weights=deserves
        )
        picks = [(order[choice.index], choice) for choice in chosen]
        ids = [""] * len(picks)
        if log and picks:
            ids = self._log(account_id, scoring, picks, context, explore) or ids
        return [
            self.recommended(
                account_id,
                scoring,
                at,
                language,
                propensity=choice.propensity,
                impression=name,
                explored=choice.explored,
            )
            for (at, choice), name in zip(picks, ids)
        ]

    def recommended(self, account_id: str, scoring: Scoring, at: int, language: str, **more: Any) -> Recommended:
        """A candidate as it is shown."""
        item = scoring.items[at]
        told = scoring.told(at, language)
        return Recommended(
            item.id, item.title, self.creator(item, account_id), item.piece_id, item.token,
            round(float(scoring.scores[at]), 6), scoring.words(at, language), told["reasons"], facts=facts_of(item),
            **more,
        )  # fmt: skip

    def why(
        self, account_id: str, item: str, language: str = "en", *, context: str = "", words: str = ""
    ) -> dict[str, Any]:
        """Why an item has its score now: item, title, sentence, precise (with amounts), reasons, rest and score, where
        the reasons told and the rest add up to the score. Raises NotFoundError for what the account can't hear."""
        kind = item.partition(":")[0]
        scoring = self.scoring(account_id, kind=kind if kind in KINDS else "piece", context=context, words=words,
                               disliked=True)  # fmt: skip
        at = scoring.place.get(item)
        if at is None:
            raise NotFoundError("item", item)
        return {
            "item": item, "title": scoring.items[at].title, "sentence": scoring.words(at, language),
            "precise": scoring.words(at, language, True), **scoring.told(at, language),
        }  # fmt: skip

    def more_like(self, account_id: str, item: str, n: int = 10, language: str = "en") -> list[Recommended]:
        """What is most like an item, by content and by who listens to both. Raises NotFoundError."""
        kind = item.partition(":")[0]
        scoring = self.scoring(account_id, kind=kind if kind in KINDS else "piece")
        # What is disliked itself isn't among the candidates, and may be asked about all the same.
        full = scoring if item in scoring.place else self.scoring(account_id, kind=kind, disliked=True)
        at = full.place.get(item)
        if at is None:
            raise NotFoundError("item", item)
        alike = likeness_part(full, {item: 1.0}, kind="alike")
        likely = self._together(account_id, full, item)
        full.parts = [alike] if likely is None else [alike, likely]
        full.titles[at] = full.items[at].title
        allowed = [other for other, one in enumerate(full.items) if one.id in scoring.place and other != at]
        best = sorted(allowed, key=lambda other: (-total(full.parts, len(full.items))[other], other))[:n]
        return [self.recommended(account_id, full, other, language) for other in best]

    def steer(
        self, account_id: str, item: str, more: bool = True, *, context: str = "", source: str = "studio"
    ) -> None:
        """ "More like this" or "less of this": an opinion on the item, and a pull to or from all that is like it.

        Raises NotFoundError.
        """
        kind_of_item = item.partition(":")[0]
        if item not in {
            one.id for one in self.candidates(account_id, kind_of_item if kind_of_item in KINDS else "piece")
        }:
            raise NotFoundError("item", item)
        moment = datetime.now(UTC)
        kind = "like" if more else "dislike"
        self.store.listening.add(account_id, [Event(account_id, item, kind, moment, context=context, source=source)])
        settings = self.store.listening.settings(account_id)
        steered = {name: value for name, value in dict(settings.get("steered", {})).items() if name != item}
        steered[item] = 1.0 if more else -1.0
        settings["steered"] = dict(list(steered.items())[-MOST_STEERED:])
        self.store.listening.set_settings(account_id, settings)

    def refit(self, progress: Listener = ignore) -> dict[str, Any]:
        """Describe what isn't known and fit the recommenders now; returns facts about the fit ({} without pieces)."""
        for account in self.store.accounts.all():
            describe_missing(self.store, account.id, None)
        model = self.fits.refit(progress)
        return {} if model is None else {**model.facts, "recommenders": list(model.names)}

    # Settings

    def dials(self, account_id: str) -> Dials:
        """An account's dials, as set or as usual."""
        given = self.store.listening.settings(account_id).get("dials")
        kept = given if isinstance(given, dict) else {}
        usual = {"diversity": 0.25, "novelty": 0.1, "small_creators": 0.1}
        return dials_of({**usual, **kept})

    def set_dials(self, account_id: str, **dials: float) -> Dials:
        """Set some dials (diversity, novelty, small_creators; 0 to 1). Raises InputError, UnknownNameError."""
        settings = self.store.listening.settings(account_id)
        settings["dials"] = {**dict(settings.get("dials") or {}), **dials}
        made = dials_of(settings["dials"])
        self.store.listening.set_settings(account_id, settings)
        return made

    # Scoring

    def candidates(self, account_id: str, kind: str = "piece") -> list[Item]:
        """What an account may be recommended."""
        if kind not in KINDS:
            raise UnknownNameError("kind of item", kind, KINDS)
        if kind == "piece":
            describe_missing(self.store, account_id, self._patience)
            return self.store.items.visible(account_id)
        own = {event.item for event in self.store.listening.of(account_id)}
        model = self.fits.current()
        known = dict(zip(model.items, model.facts.get("known", ()))) if model is not None else {}
        # What a single other person listens to elsewhere is theirs alone.
        return [item for item in self.store.items.all(kind) if item.id in own or known.get(item.id, 0) >= 2]

    def scoring(
        self,
        account_id: str,
        *,
        kind: str = "piece",
        context: str = "",
        words: str = "",
        without: Iterable[str] = (),
        disliked: bool = False,
    ) -> Scoring:
        """Score everything an account may be recommended. disliked: that too."""
        wish = read_wish(words, context)
        items = self.candidates(account_id, kind)
        model = self.fits.current()
        events = self.store.listening.of(account_id)
        settings = self.store.listening.settings(account_id)
        left = set(without) | (set() if disliked else disliked_items(events))
        items = [item for item in items if item.id not in left]
        catalogue = self._catalogue(account_id, kind, items)
        known = dict(zip(model.items, model.facts.get("known", ()))) if model is not None else {}
        own = {event.item for event in events if event.kind not in ("skip", "dislike")}
        # How many others know it: oneself is no crowd.
        popularity = np.array([max(0.0, float(known.get(item.id, 0)) - (item.id in own)) for item in items])
        scoring = Scoring(
            items, catalogue, [], {at: item.title for at, item in enumerate(items)}, {}, popularity, wish, events
        )
        if not items:
            return scoring
        place = scoring.place
        features = {item.id: item.features for item in items}
        extra: dict[str, int] = {}

        def index(name: str) -> int:
            """The number by which an item is called in reasons: of a candidate, or one after them."""
            return place[name] if name in place else extra.setdefault(name, len(items) + len(extra))

        trusted = 0.0
        if model is not None:
            history, liked = history_part(model, events, account_id, scoring, index)
            trusted = liked / (liked + TRUST)
            if history is not None:
                scoring.parts.append(weighted(history, trusted))
        first = self._profile_part(settings, scoring, index, 1.0 - 0.6 * trusted)
        scoring.parts += [first] if first is not None else []
        if popularity.max(initial=0.0) >= 2:
            fame = np.log1p(popularity)
            scoring.parts.append(
                learnt_part("popular", fame, POPULAR * (1.0 - trusted),
                            lambda at: Explanation(at, float(fame[at]), (Reason("popular", float(fame[at])),)))
            )  # fmt: skip
        scoring.wish = of_history(wish, events, features)
        scoring.parts += wish_parts(scoring.wish, items)
        scoring.parts += steered_part(settings, scoring)
        scoring.parts += time_parts(items, events)
        self._name(scoring, extra)
        return scoring

    def _profile_part(self, settings: Mapping[str, Any], scoring: Scoring, index: Any, share: float) -> Part | None:
        """From first choices (``taste.start``) and from edits of the taste, which win over it."""
        from yuefu.workflows.taste import edits_as_features

        start: Mapping[str, Any] = settings.get("start") or {}
        moods = [tuple(map(float, point)) for point in start.get("moods", ())]
        clips = [(str(item), bool(liked)) for item, liked in start.get("clips", ()) if str(item) in scoring.place]
        edits = edits_as_features(settings.get("taste") or {})
        parts = []
        if moods or clips:
            profile = profile_of_choices(moods, clips, scoring.catalogue)  # type: ignore[arg-type]
            values = profile.scores(scoring.catalogue)
            scoring.deeds |= dict.fromkeys(profile.clips, "like")
            parts.append(
                learnt_part("start", values, PROFILE * share, lambda at: profile.explain(scoring.catalogue, at))
            )
        if edits:
            parts.append(edits_part(edits, scoring))
        if not parts:
            return None
        if len(parts) == 1:
            return parts[0]

        def both(at: int) -> tuple[list[Reason], float]:
            told = [part.explain(at) for part in parts]
            return [one for some, _ in told for one in some], sum(rest for _, rest in told)

        return Part("profile", parts[0].amounts + parts[1].amounts, both)

    def _together(self, account_id: str, scoring: Scoring, item: str) -> Part | None:
        """Who listens to one, listens to which others?"""
        model = self.fits.current()
        if model is None or item not in model.columns or model.names[0] != "blend":
            return None
        asked = row_of([Event("one", item, "like", datetime.now(UTC))], model, "one")
        values = of_candidates(np.asarray(model.scores(asked)[0], dtype=np.float64), model, scoring)[0]
        at = scoring.place[item]

        def told(other: int) -> Explanation:
            return Explanation(other, float(values[other]), (Reason("together", float(values[other]), at),))

        return learnt_part("together", values, 0.15, told)

    def _catalogue(self, account_id: str, kind: str, items: Sequence[Item]) -> Catalogue:
        """Kept until one of the items changes: building it takes longer than scoring."""
        key = tuple((item.id, item.updated) for item in items)
        with self._lock:
            kept = self._catalogues.get((account_id, kind))
            if kept is not None and kept[0] == key:
                return kept[1]
        made = catalogue_of(items)
        with self._lock:
            if len(self._catalogues) > 200:
                self._catalogues.clear()
            self._catalogues[account_id, kind] = (key, made)
        return made

    def _name(self, scoring: Scoring, extra: Mapping[str, int]) -> None:
        """Titles and deeds for the reasons."""
        titles = self.store.items.get(extra) if extra else {}
        for name, at in extra.items():
            scoring.titles[at] = titles[name].title if name in titles else name.partition(":")[2]
        strength = ("play", "finish", "repeat", "comment", "share", "playlist", "save", "rate", "like")
        for event in scoring.events:
            at = scoring.place.get(event.item, extra.get(event.item, -1))
            if at >= 0 and (event.kind in strength or event.kind == "dislike"):
                before = scoring.deeds.get(at, "play")
                if event.kind == "dislike" or strength.index(event.kind) >= strength_of(strength, before):
                    scoring.deeds[at] = event.kind

    # Beside

    def creator(self, item: Item, account_id: str) -> str:
        """Who made an item, by name; "" for oneself."""
        if item.kind != "piece":
            return item.creator
        if item.creator == account_id:
            return ""
        if item.creator not in self._names:
            try:
                self._names[item.creator] = self.store.accounts.get(item.creator).name
            except NotFoundError:
                return ""
        return self._names[item.creator]

    def _shown(self, account_id: str) -> dict[str, int]:
        """How often each item was recommended to an account lately."""
        found: dict[str, int] = {}
        for each in self.store.listening.impressions(account_id, datetime.now(UTC) - timedelta(days=14)):
            found[each.item] = found.get(each.item, 0) + 1
        return found

    def _log(
        self, account_id: str, scoring: Scoring, picks: Sequence[tuple[int, Any]], context: str, explore: float
    ) -> list[str]:
        from yuefu.store.listening import Impression

        model = self.fits.current()
        policy = f"desk/{model.names[0] if model is not None else 'start'} explore={explore:g}"
        fit = model.version[:64] if model is not None else ""
        shown = [
            Impression(scoring.items[at].id, rank, choice.propensity, policy, context, fit)
            for rank, (at, choice) in enumerate(picks, 1)
        ]
        return self.store.listening.log(account_id, shown)


def dials_of(given: Mapping[str, Any]) -> Dials:
    """Dials from plain values. Raises InputError, UnknownNameError."""
    unknown = set(given) - {"diversity", "novelty", "small_creators"}
    if unknown:
        raise UnknownNameError("dial", sorted(unknown)[0], ("diversity", "novelty", "small_creators"))
    try:
        return Dials(**{name: float(value) for name, value in given.items()})
    except (TypeError, ValueError) as error:
        raise InputError("a dial goes from 0 to 1: give such a number.") from error


def facts_of(item: Item) -> dict[str, Any]:
    """What is told of an item beside its title."""
    from yuefu.theory.key import Key

    plain = {name.removeprefix("fact:"): value for name, value in item.features.items() if name.startswith("fact:")}
    told = ("seconds", "tempo", "energy", "valence", "arousal")
    found: dict[str, Any] = {name: round(plain[name], 3) for name in told if name in plain}
    if "fifths" in plain:
        found["key"] = Key(int(plain["fifths"]), "minor" if plain.get("minor") else "major").name
    styles = {name[6:]: value for name, value in item.features.items() if name.startswith("style:")}
    if styles:
        found["style"] = max(styles, key=lambda name: (styles[name], name))
    return found
