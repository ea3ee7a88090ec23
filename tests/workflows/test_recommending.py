"""The desk: what it recommends, why, and what it makes of what listeners do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from listening_library import PIECES, Library, event, fill

from yuefu.errors import InputError, LimitError, NotFoundError, UnknownNameError
from yuefu.recommend.rerank import Dials
from yuefu.store.store import Store
from yuefu.workflows.recommending import Desk

CALM = {"Still Lake", "Grey Window", "Lamp and Book", "Slow Snow", "Night Desk"}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = Store.open(tmp_path)
    yield fill(store, store.accounts.local().id)
    store.close()


@pytest.fixture
def desk(library: Library) -> Desk:
    return Desk(library.store, patience=None)


def _titles(found: list) -> list[str]:  # type: ignore[type-arg]
    return [one.title for one in found]


def test_empty_library(tmp_path: Path) -> None:
    """Without pieces there is an empty list, no error."""
    store = Store.open(tmp_path / "empty")
    assert Desk(store).recommend(store.accounts.local().id) == []
    store.close()


def test_nothing_known_shows_everything(library: Library, desk: Desk) -> None:
    """A listener of whom nothing is known gets every piece once, each with a sentence."""
    found = desk.recommend(library.me, n=20, seed=1)
    assert sorted(_titles(found)) == sorted(library.ids)
    assert all(one.why and 0 < one.propensity <= 1 for one in found)


def test_learns_from_what_was_liked(library: Library, desk: Desk) -> None:
    """Who finishes and likes calm pieces gets the other calm ones before all lively ones."""
    events = [event(library.me, library.ids[title], "like") for title in ("Still Lake", "Lamp and Book")]
    library.store.listening.add(library.me, events)
    found = desk.recommend(library.me, explore=0)
    rest = [title for title in _titles(found) if title not in ("Still Lake", "Lamp and Book")]
    assert set(rest[:3]) == CALM - {"Still Lake", "Lamp and Book"}


def test_disliked_never_comes(library: Library, desk: Desk) -> None:
    """What was disliked isn't recommended, until it is liked again."""
    item = library.ids["Sprint"]
    library.store.listening.add(library.me, [event(library.me, item, "dislike")])
    assert item not in {one.item for one in desk.recommend(library.me)}
    library.store.listening.add(library.me, [event(library.me, item, "like", 1)])
    assert item in {one.item for one in desk.recommend(library.me)}


def test_just_heard_waits(library: Library, desk: Desk) -> None:
    """What was played this minute stands below what it would beat otherwise, and the reason is told."""
    item = library.ids["Still Lake"]
    library.store.listening.add(library.me, [event(library.me, item, "finish", 0.01)])
    assert desk.recommend(library.me, explore=0)[0].item != item
    told = desk.why(library.me, item)
    assert any(reason["kind"] == "recent" and reason["amount"] < 0 for reason in told["reasons"])


@pytest.mark.parametrize(
    ("context", "first"),
    [("run", {"City Run", "Sprint", "Swing Hall"}), ("sleep", {"Slow Snow", "Grey Window", "Still Lake"})],
)
def test_context_matters(library: Library, desk: Desk, context: str, first: set[str]) -> None:
    """A run gets what is fast, falling asleep what is slow, whatever was liked before."""
    assert desk.recommend(library.me, context=context, explore=0)[0].title in first


def test_context_is_learnt(library: Library, desk: Desk) -> None:
    """Who plays calm pieces on every run gets calm ones for a run in the end."""
    before = {one.item: one.score for one in desk.recommend(library.me, context="run", explore=0)}
    calm = [library.ids[title] for title in ("Still Lake", "Slow Snow", "Grey Window")]
    library.store.listening.add(
        library.me, [event(library.me, item, "finish", 30 + n, context="run") for n in range(15) for item in calm]
    )
    after = desk.recommend(library.me, context="run", explore=0)
    assert after[0].title in CALM
    assert max(before, key=lambda item: before[item]) not in calm


@pytest.mark.parametrize("words", ["something calm for reading", "雨天读书"])
def test_words_matter(library: Library, desk: Desk, words: str) -> None:
    """Words in either language bring what fits them first."""
    assert set(_titles(desk.recommend(library.me, words=words, explore=0, n=3))) <= CALM


@pytest.mark.parametrize("language", ["en", "zh"])
def test_reasons_add_up(library: Library, desk: Desk, language: str) -> None:
    """The reasons that are told and the rest add up to the score, to the digit."""
    events = [event(library.me, library.ids[title], kind) for title, kind in
              (("Still Lake", "like"), ("Night Desk", "finish"), ("Swing Hall", "dislike"))]  # fmt: skip
    library.store.listening.add(library.me, events)
    for item in library.ids.values():
        told = desk.why(library.me, item, language, context="study")
        assert sum(reason["amount"] for reason in told["reasons"]) + told["rest"] == pytest.approx(
            told["score"], abs=1e-9
        )
        assert told["sentence"]


def test_exact_parts(library: Library, desk: Desk) -> None:
    """For every candidate, all reasons and the rest are the score, with words, a context and steering."""
    library.store.listening.add(library.me, [event(library.me, library.ids["Still Lake"], "like")])
    desk.steer(library.me, library.ids["Sprint"], False)
    desk.fits.current()
    scoring = desk.scoring(library.me, words="calm rain", disliked=True)
    for at in range(len(scoring.items)):
        found = scoring.explain(at)
        assert sum(reason.amount for reason in found.reasons) + found.rest == pytest.approx(
            scoring.scores[at], abs=1e-6
        )


def test_a_new_piece_counts_at_once(library: Library, desk: Desk) -> None:
    """A piece saved after the fit is scored by its content: liked kinds high, and it comes with a reason."""
    library.store.listening.add(library.me, [event(library.me, library.ids[title], "like") for title in CALM])
    desk.refit()
    new = (
        ("Quiet Page", "calm reading in the rain", "ambient", 64, 0, "major", 2.0, 60, 30),
        ("Loud Yard", "fast strong run", "rock", 166, 2, "major", 0.25, 68, 70),
    )
    more = fill(library.store, library.me, new)
    found = desk.recommend(library.me, explore=0, n=30)
    place = {title: at for at, title in enumerate(_titles(found))}
    assert place["Quiet Page"] < place["Loud Yard"]
    assert desk.why(library.me, more.ids["Quiet Page"])["sentence"]


def test_more_like_and_less_of(library: Library, desk: Desk) -> None:
    """What is most like a run piece is the other one; after "less of this" both fall."""
    item, other = library.ids["City Run"], library.ids["Sprint"]
    like = desk.more_like(library.me, item, 3)
    assert like[0].item == other
    assert item not in {one.item for one in like}
    before = _titles(desk.recommend(library.me, explore=0)).index("Sprint")
    desk.steer(library.me, item, False)
    after = _titles(desk.recommend(library.me, explore=0))
    assert "City Run" not in after
    assert after.index("Sprint") >= max(before, len(after) - 3)


def test_exploring_is_logged_with_its_chances(library: Library, desk: Desk) -> None:
    """Everything shown is logged with rank, propensity and policy; the same seed shows the same."""
    found = desk.recommend(library.me, n=4, explore=0.5, seed=3)
    logged = library.store.listening.impressions(library.me)
    assert [each.item for each in logged] == [one.item for one in found]
    assert [each.propensity for each in logged] == pytest.approx([one.propensity for one in found])
    assert [each.id for each in logged] == [one.impression for one in found]
    assert any(desk.recommend(library.me, n=4, explore=0.9, seed=n, log=False)[0].explored for n in range(12))
    assert len(library.store.listening.impressions(library.me)) == 4


def test_others_pieces_only_when_shared(library: Library, desk: Desk) -> None:
    """Somebody else's piece is never recommended before it is shared; then it comes with its token and creator."""
    ada = library.store.accounts.create("ada", "a long password").id
    theirs = fill(library.store, ada, (("Hidden", "calm", "ambient", 60, 0, "major", 2.0, 60, 30),))
    item = theirs.ids["Hidden"]
    assert item not in {one.item for one in desk.recommend(library.me, n=50)}
    with pytest.raises(NotFoundError):
        desk.why(library.me, item)
    token = library.store.pieces.share(ada, item.removeprefix("piece:"))
    found = {one.item: one for one in desk.recommend(library.me, n=50)}
    assert (found[item].token, found[item].creator) == (token, "ada")


def test_erasing_takes_the_influence(library: Library, desk: Desk) -> None:
    """After everything is erased the scores are those of a listener who never did anything."""
    never = {one.item: one.score for one in desk.recommend(library.me, explore=0, log=False)}
    library.store.listening.add(library.me, [event(library.me, library.ids[title], "like") for title in CALM])
    assert {one.item: one.score for one in desk.recommend(library.me, explore=0, log=False)} != never
    library.store.listening.erase(library.me)
    assert {one.item: one.score for one in desk.recommend(library.me, explore=0, log=False)} == pytest.approx(never)


def test_dials(library: Library, desk: Desk) -> None:
    """Dials are kept, and nothing but 0 to 1 can be set."""
    assert desk.set_dials(library.me, diversity=0.8).diversity == 0.8
    assert desk.dials(library.me).diversity == 0.8
    for wrong in ({"diversity": 2.0}, {"diversity": "much"}):
        with pytest.raises(InputError):
            desk.set_dials(library.me, **wrong)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError):
        desk.set_dials(library.me, loudness=0.5)
    assert len(desk.recommend(library.me, dials=Dials(1.0, 1.0, 1.0))) == len(PIECES)


def test_wishes_that_cannot_be(library: Library, desk: Desk) -> None:
    """Numbers and kinds that can't be are refused in a sentence."""
    for wrong in ({"n": 0}, {"n": 1000}, {"explore": 1.5}):
        with pytest.raises(InputError):
            desk.recommend(library.me, **wrong)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError):
        desk.recommend(library.me, kind="film")
    with pytest.raises(LimitError):
        desk.recommend(library.me, words="calm " * 1000)


def test_music_from_elsewhere_is_private(library: Library, desk: Desk) -> None:
    """An artist whom one other person listens to is that person's alone; from two on it may be recommended."""
    from yuefu.store.items import Item

    people = [library.store.accounts.create(name, "a long password").id for name in ("ada", "bob")]
    library.store.items.put([Item("artist:secret", "artist", "Secret", "Secret")])
    library.store.listening.add(people[0], [event(people[0], "artist:secret", "play")])
    desk.refit()
    assert desk.recommend(library.me, kind="artist") == []
    library.store.listening.add(people[1], [event(people[1], "artist:secret", "play")])
    desk.refit()
    assert _titles(desk.recommend(library.me, kind="artist")) == ["Secret"]


def test_survives_a_broken_model_file(library: Library, desk: Desk) -> None:
    """A fitted model that is damaged is made anew."""
    library.store.listening.add(library.me, [event(library.me, library.ids["Still Lake"], "like")])
    desk.recommend(library.me)
    desk.fits.path.write_bytes(b"damaged")
    assert len(Desk(library.store, patience=None).recommend(library.me)) == len(PIECES)


def test_many_listeners_get_the_blend_beside(library: Library, desk: Desk) -> None:
    """With enough listeners a question is answered at once by content, and a blend is fitted beside for the next."""
    desk.candidates(library.me)
    items = list(library.ids.values())
    for person in range(12):
        events = [event(library.me, items[(person + step) % 10], "finish", 40 + step) for step in range(9)]
        library.store.listening.add(library.me, events, listener=f"p{person}")
    first = desk.fits.current()
    assert first is not None
    assert first.names == ("content",)
    assert first.facts["light"]
    assert desk.fits.refit().names == ("blend",)  # type: ignore[union-attr]
    again = Desk(library.store, patience=None)
    assert again.fits.current().names == ("blend",)  # type: ignore[union-attr]
    assert len(again.recommend(library.me)) == len(PIECES)
