"""A taste in words and numbers, what is composed from it, and what is said aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from listening_library import Library, event, fill

from yuefu.errors import InputError, LimitError, NotFoundError, UnknownNameError
from yuefu.jobs.requests import parse_request
from yuefu.store.store import Store
from yuefu.workflows import for_me, spoken
from yuefu.workflows.charts import charts
from yuefu.workflows.piece_items import features_of
from yuefu.workflows.playlists import document_of_item
from yuefu.workflows.recommending import Desk
from yuefu.workflows.taste import set_taste, start, start_clips, taste_of

CALM = {"Still Lake", "Grey Window", "Lamp and Book", "Slow Snow", "Night Desk"}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = Store.open(tmp_path / "data")
    yield fill(store, store.accounts.local().id)
    store.close()


@pytest.fixture
def desk(library: Library) -> Desk:
    made = Desk(library.store, patience=None)
    made.candidates(library.me)
    return made


def _like(library: Library, *titles: str) -> None:
    library.store.listening.add(library.me, [event(library.me, library.ids[title], "like") for title in titles])


def test_taste_goes_by_what_was_liked(library: Library, desk: Desk) -> None:
    """Who likes calm, slow pieces has a calm and slow taste, in both languages; before, nothing is claimed."""
    assert taste_of(desk, library.me).numbers == {}
    _like(library, "Still Lake", "Slow Snow", "Lamp and Book")
    taste = taste_of(desk, library.me)
    assert taste.numbers["arousal"] < 0
    assert taste.numbers["tempo"] < 75
    assert "calm" in taste.words_en
    assert "安静" in taste.words_zh
    assert taste.styles[0][0] == "ambient"


def test_edits_win_and_can_be_taken_back(library: Library, desk: Desk) -> None:
    """What was set stands in the taste and turns the recommendations; taken back, all is as before."""
    _like(library, "Still Lake", "Slow Snow")
    before = [one.item for one in desk.recommend(library.me, explore=0)]
    taste = set_taste(desk, library.me, {"tempo": 165, "arousal": 0.8, "style:rock": 1})
    assert (taste.numbers["tempo"], taste.edited["tempo"]) == (165, 165)
    turned = [one.title for one in desk.recommend(library.me, explore=0)]
    assert turned.index("Sprint") < before.index(library.ids["Sprint"])
    set_taste(desk, library.me, {"tempo": None, "arousal": None, "style:rock": None})
    assert [one.item for one in desk.recommend(library.me, explore=0)] == before


def test_edits_that_cannot_be(library: Library, desk: Desk) -> None:
    """Unknown numbers and values out of range are refused."""
    for wrong in ({"tempo": 1000}, {"valence": -2}, {"energy": float("nan")}, {"minor": True}):
        with pytest.raises(InputError):
            set_taste(desk, library.me, wrong)
    for unknown in ("colour", "style:nothing"):
        with pytest.raises(UnknownNameError):
            set_taste(desk, library.me, {unknown: 0.5})


def test_first_choices(library: Library, desk: Desk) -> None:
    """Calm moods and a liked calm clip bring calm pieces to someone of whom nothing else is known."""
    clips = start_clips(desk, library.me)
    assert len({clip.item for clip in clips}) == 5
    answers = [(clip.item, clip.title in CALM) for clip in clips]
    taste = start(desk, library.me, [(0.2, -0.8), (0.1, -0.7), (0.3, -0.6)], answers)
    assert taste.started
    top = [one.title for one in desk.recommend(library.me, explore=0, n=4)]
    assert len(set(top) & CALM) >= 3
    with pytest.raises(InputError):
        start(desk, library.me, [(2.0, 0.0)])
    with pytest.raises(NotFoundError):
        start(desk, library.me, [], [("piece:none", True)])
    assert not start(desk, library.me).started


def test_features_know_the_music(library: Library, desk: Desk) -> None:
    """A piece's numbers tell fast from slow, busy from sparse, its key's place, and come in under a second."""
    slow, fast = (
        features_of(document_of_item(desk, library.me, library.ids[name])) for name in ("Slow Snow", "Sprint")
    )
    assert slow["tempo:bpm"] < 0 < fast["tempo:bpm"]
    assert slow["fact:energy"] < 0.4 < fast["fact:energy"]
    assert (slow["fact:fifths"], fast["fact:fifths"]) == (-2, 3)
    assert all(abs(value) <= 4 for name, value in fast.items() if not name.startswith("fact:"))
    assert any(name.startswith("words:") for name in fast)


# Composed for somebody


def test_briefs_suit_and_differ(library: Library, desk: Desk) -> None:
    """A mix holds different pieces near the taste, the same all day and others tomorrow, each with a reason."""
    _like(library, "Still Lake", "Slow Snow", "Lamp and Book", "Night Desk")
    today, again = (for_me.daily_mix(desk, library.me, 4, day=date(2026, 3, 1)) for _ in range(2))
    other = for_me.daily_mix(desk, library.me, 4, day=date(2026, 3, 2))
    assert [one.brief for one in today] == [one.brief for one in again]
    assert {one.seed for one in today}.isdisjoint({one.seed for one in other})
    assert len({one.brief.title.value for one in today}) == 4
    assert len({one.brief.style.value for one in today}) >= 3
    assert sum(one.brief.arousal.value < 0 for one in today) >= 3  # type: ignore[operator]
    assert all(one.why_en and one.why_zh for one in today)
    for one in today:
        request = parse_request("compose", one.request())
        assert for_me.MIX_TAG in request.tags  # type: ignore[attr-defined]


def test_words_win_over_taste(library: Library, desk: Desk) -> None:
    """What is asked for stays, the taste fills the rest."""
    _like(library, "Still Lake", "Slow Snow")
    brief, why = for_me.brief_for(taste_of(desk, library.me), 1, words="a fast march in D major")
    assert (brief.style.value, brief.key.value) == ("march", "D major")
    assert why
    assert for_me.brief_for(taste_of(desk, library.me), 1)[0].style.value


def test_missing_pieces_fill_the_time(library: Library, desk: Desk) -> None:
    """For nine missing minutes as many minutes are asked for, in pieces with different titles."""
    wanted = for_me.missing_pieces(desk, library.me, "雨天读书", 9, language="zh")
    assert sum(one.brief.duration.value or 0 for one in wanted) == pytest.approx(540, abs=5)
    assert len({one.brief.title.value for one in wanted}) == len(wanted)


def test_nobody_known_gets_a_mix_too(library: Library, desk: Desk) -> None:
    """Without any taste a mix is still different pieces."""
    assert len({one.brief.style.value for one in for_me.daily_mix(desk, library.me, 4)}) >= 2
    with pytest.raises(InputError):
        for_me.daily_mix(desk, library.me, 0)


# Said aloud

SIGNS = re.compile(r"[^\w\s.,;?!'，。；？！、-]|\d|_")


@pytest.mark.parametrize(
    ("said", "action", "queued"),
    [
        ("play something calm for reading", "play", True), ("再来一首欢快的", "play", True), ("来点音乐", "play", True),
        ("what is this and why", "none", False), ("这首是什么？为什么放它", "none", False),
        ("save this one", "save", False), ("收藏这首", "save", False), ("I really like this", "none", False),
        ("next", "skip", True), ("下一首", "skip", True), ("I don't like this", "skip", True),
        ("别再放这种了", "skip", True), ("more like this", "play", True), ("类似的再来几首", "play", True),
        ("compose me a lullaby", "compose", False), ("给我写一首摇篮曲", "compose", False),
        ("what's popular this week", "play", True), ("本周排行榜", "play", True), ("stop", "none", False),
    ],
)  # fmt: skip
def test_spoken(library: Library, desk: Desk, said: str, action: str, queued: bool) -> None:
    """Each kind of request is understood in both languages; the answer has no sign that can't be heard."""
    library.store.listening.add(library.me, [event(library.me, library.ids["Still Lake"], "play", 0.05)])
    found = spoken.answer(desk, library.me, said, seed=1)
    assert (found.action, bool(found.queue)) == (action, queued)
    assert found.speech
    assert not SIGNS.search(found.speech), found.speech
    assert found.language == ("zh" if re.search("[一-鿿]", said) else "en")


def test_spoken_deeds_are_kept(library: Library, desk: Desk) -> None:
    """Saving, skipping and disliking aloud are events on what was playing."""
    item = library.ids["Still Lake"]
    for said in ("save this", "skip", "less like this"):
        spoken.answer(desk, library.me, said, now_playing=item)
    kinds = {each.kind for each in library.store.listening.of(library.me) if each.item == item}
    assert {"save", "skip", "dislike"} <= kinds


def test_spoken_wish_fits(library: Library, desk: Desk) -> None:
    """What is asked for aloud decides the queue; a request to compose carries its words."""
    library.store.listening.add(library.me, [event(library.me, library.ids["Still Lake"], "play")])
    assert spoken.answer(desk, library.me, "play something calm for reading, please", seed=2).queue[0].title in CALM
    assert spoken.answer(desk, library.me, "compose me a lullaby").request == "a lullaby"
    assert spoken.answer(desk, library.me, "给我写一首摇篮曲吧").request == "摇篮曲"


def test_spoken_with_nothing(tmp_path: Path) -> None:
    """An empty library and nothing playing have answers, too; nothing said is refused."""
    store = Store.open(tmp_path / "empty")
    desk, me = Desk(store), store.accounts.local().id
    assert spoken.answer(desk, me, "save this").action == "none"
    assert spoken.answer(desk, me, "play some jazz").action == "compose"
    with pytest.raises(InputError):
        spoken.answer(desk, me, "  ")
    with pytest.raises(LimitError):
        spoken.answer(desk, me, "la " * 400)
    store.close()


# Charts


def test_charts_show_what_may_be_seen(library: Library, desk: Desk) -> None:
    """Others' hidden pieces are in no chart of mine; shared ones are, with their creator."""
    ada = library.store.accounts.create("ada", "a long password").id
    theirs = fill(library.store, ada, (("Hidden", "calm", "ambient", 60, 0, "major", 2.0, 60, 30),)).ids["Hidden"]
    desk.candidates(ada)
    library.store.listening.add(ada, [event(ada, theirs, "finish", 1), event(ada, library.ids["Sprint"], "like", 1)])
    assert [row.title for row in charts(library.store, library.me)] == ["Sprint"]
    library.store.pieces.share(ada, theirs.removeprefix("piece:"))
    rows = {row.title: row for row in charts(library.store, library.me)}
    assert rows["Hidden"].creator == "ada"
    assert rows["Sprint"].creator == ""
    with pytest.raises(UnknownNameError):
        charts(library.store, library.me, "year")
