"""Pieces and their versions: the tree, the head, lists, the trash, sharing; and whose they are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from yuefu.errors import ConflictError, InputError, LimitError, NotFoundError
from yuefu.store import Store
from yuefu.store.pieces import Piece


def _piece(store: Store, me: str, title: str = "Rain", **about: object) -> Piece:
    return store.pieces.create(me, title=title, document=title.encode(), kind="compose", **about)  # type: ignore[arg-type]


class VersionTree(RuleBasedStateMachine):
    """Whatever is edited, undone and redone: nothing is lost, and undo and redo lead where people expect."""

    @initialize()
    def open(self) -> None:
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.store = Store.open(Path(self.folder.name))
        self.me = self.store.accounts.local().id
        self.id = self.store.pieces.create(self.me, title="0", document=b"0", kind="compose").id
        self.documents = {1: b"0"}
        self.parents: dict[int, int | None] = {1: None}
        self.redo: dict[int, int] = {}
        self.head = 1
        self.etags: set[str] = {self.store.pieces.get(self.me, self.id).etag}

    def _moved(self, number: int) -> None:
        self.head = number
        while (parent := self.parents[number]) is not None:
            self.redo[parent] = number
            number = parent

    @rule(data=st.data(), move=st.booleans())
    def edit(self, data: st.DataObject, move: bool) -> None:
        parent = data.draw(st.sampled_from([None, *self.parents]))
        number = len(self.parents) + 1
        text = str(number).encode()
        made = self.store.pieces.add_version(
            self.me, self.id, text, parent=parent, kind="edit", facts={"n": number}, move_head=move
        )
        assert made.number == number
        self.documents[number], self.parents[number] = text, parent or self.head
        if move:
            self._moved(number)

    @precondition(lambda self: self.parents[self.head] is not None)
    @rule()
    def undo(self) -> None:
        before = self.head
        parent = self.store.pieces.version(self.me, self.id, self.head).parent
        assert parent == self.parents[self.head]
        self.store.pieces.set_head(self.me, self.id, parent)
        self.head = parent
        assert self.store.pieces.version(self.me, self.id, parent).redo == before

    @precondition(lambda self: self.head in self.redo)
    @rule()
    def redo_one(self) -> None:
        following = self.store.pieces.version(self.me, self.id, self.head).redo
        assert following == self.redo[self.head]
        self.store.pieces.set_head(self.me, self.id, following)
        self._moved(following)

    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(list(self.parents)))
        self.store.pieces.set_head(self.me, self.id, number)
        self._moved(number)

    @rule()
    def stale(self) -> None:
        """An etag of the past never lets anything through."""
        current = self.store.pieces.get(self.me, self.id).etag
        for old in self.etags - {current}:
            with pytest.raises(ConflictError):
                self.store.pieces.add_version(self.me, self.id, b"x", parent=None, kind="edit", if_match=old)
            with pytest.raises(ConflictError):
                self.store.pieces.set_head(self.me, self.id, 1, if_match=old)
        self.etags.add(current)

    @invariant()
    def nothing_is_lost(self) -> None:
        piece = self.store.pieces.get(self.me, self.id)
        assert piece.head == self.head
        found = self.store.pieces.versions(self.me, self.id)
        assert {v.number: v.parent for v in found} == self.parents
        assert {v.number: self.store.pieces.document(v) for v in found} == self.documents
        assert {v.number: v.redo for v in found if v.redo} == self.redo
        assert piece.facts == ({"n": self.head} if self.head > 1 else {})

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


VersionTree.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a step is slow, and shrinking takes thousands
)
TestVersionTree = VersionTree.TestCase


def test_a_version_inherits_what_it_doesnt_say(store: Store, me: str) -> None:
    """Facts, tune and title come from the parent unless they are given; a title comes and goes with its version."""
    piece = _piece(store, me, "First", facts={"key": "C"}, tune="0 2 4")
    store.pieces.add_version(me, piece.id, b"2", parent=None, kind="edit", title="Second", tune="0 1")
    assert store.pieces.get(me, piece.id).title == "Second"
    assert store.pieces.get(me, piece.id).facts == {"key": "C"}
    assert list(store.pieces.tunes(me)) == [(piece.id, "0 1")]
    assert [p.id for p in store.pieces.list(me, words="second")[0]] == [piece.id]
    assert store.pieces.set_head(me, piece.id, 1).title == "First"
    assert list(store.pieces.tunes(me)) == [(piece.id, "0 2 4")]
    store.pieces.change(me, piece.id, title="My own")
    store.pieces.add_version(me, piece.id, b"3", parent=1, kind="edit")
    assert store.pieces.get(me, piece.id).title == "My own"
    assert store.pieces.set_head(me, piece.id, 1).title == "My own"


def test_versions_are_paged_and_named(store: Store, me: str) -> None:
    """The history goes from the newest back, a page at a time; a name sticks to its version."""
    piece = _piece(store, me)
    for number in range(2, 8):
        store.pieces.add_version(me, piece.id, str(number).encode(), parent=None, kind="edit", note=f"edit\n{number}")
    assert [v.number for v in store.pieces.versions(me, piece.id, limit=3)] == [7, 6, 5]
    assert [v.number for v in store.pieces.versions(me, piece.id, before=5, limit=3)] == [4, 3, 2]
    named = store.pieces.name_version(me, piece.id, 3, "  the good\x00 one ")
    assert (named.name, named.note) == ("the good one", "edit 3")
    assert store.pieces.version(me, piece.id, 3) == named
    with pytest.raises(LimitError):
        store.pieces.name_version(me, piece.id, 3, "x" * 121)
    for number in (0, -1, 8, 2**40):
        with pytest.raises(NotFoundError):
            store.pieces.version(me, piece.id, number)
        with pytest.raises(NotFoundError):
            store.pieces.set_head(me, piece.id, number)


def test_of_two_that_write_at_once_one_is_told(store: Store, me: str) -> None:
    """With the same etag, exactly one of several writers gets through; without, all do and numbers are dense."""
    piece = _piece(store, me)
    outcomes: list[object] = []

    def write(if_match: str | None) -> None:
        try:
            outcomes.append(
                store.pieces.add_version(me, piece.id, b"x", parent=1, kind="edit", if_match=if_match).number
            )
        except ConflictError:
            outcomes.append("told")

    for etag in (piece.etag, None):
        threads = [threading.Thread(target=write, args=(etag,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes[:6].count("told") == 5
    assert sorted(outcome for outcome in outcomes if outcome != "told") == [2, 3, 4, 5, 6, 7, 8]
    assert [v.number for v in store.pieces.versions(me, piece.id)] == [8, 7, 6, 5, 4, 3, 2, 1]


def test_another_ones_piece_is_not_there(store: Store, me: str) -> None:
    """Every way to a piece of somebody else's ends as if the piece had never been."""
    other = store.accounts.create("Ann", "a long enough one").id
    piece = _piece(store, me)
    pieces, id_ = store.pieces, piece.id
    ways: list[Callable[[str, str], object]] = [
        pieces.get, pieces.versions, pieces.trash, pieces.restore, pieces.erase, pieces.share, pieces.unshare,
        lambda a, p: pieces.version(a, p, 1), lambda a, p: pieces.set_head(a, p, 1),
        lambda a, p: pieces.name_version(a, p, 1, "mine"), lambda a, p: pieces.change(a, p, liked=True),
        lambda a, p: pieces.add_version(a, p, b"x", parent=1, kind="edit"),
    ]  # fmt: skip
    for way in ways:
        for account, name in ((other, id_), (me, "0" * 26), (me, "../../x"), (me, "")):
            with pytest.raises(NotFoundError) as caught:
                way(account, name)
            assert "Rain" not in str(caught.value)
    assert pieces.list(other)[0] == []
    assert list(pieces.tunes(other)) == []
    assert pieces.get(me, id_) == piece


def test_words_are_found_in_both_languages(store: Store, me: str) -> None:
    """Every word must be in title, tags or words; case and width don't count; Chinese goes by characters; signs are
    no wildcards."""
    spring = _piece(store, me, "春天的气息", words="a Song of spring", tags=["demo", "春"])
    rain = _piece(store, me, "Rain 100%", words="雨夜\nquiet", tags=["Demo_2"])
    both = store.pieces

    def found(words: str) -> set[str]:
        return {piece.id for piece in both.list(me, words=words)[0]}

    assert found("") == {spring.id, rain.id}
    assert found("SPRING song") == found("天的") == found("ｓｏｎｇ 春") == {spring.id}
    assert found("雨 rain") == found("100%") == found("demo_") == {rain.id}
    assert found("spring rain") == found("%") - {rain.id} == found("_") - {rain.id} == found("'; --") == set()
    assert {p.id for p in both.list(me, tag="demo")[0]} == {spring.id}
    assert both.list(me, tag="dem")[0] == []
    assert both.tags(me) == {"Demo_2": 1, "demo": 1, "春": 1}
    with pytest.raises(LimitError):
        both.list(me, words="x" * 201)


@pytest.mark.parametrize("sort", ["updated", "-updated", "created", "-created", "title", "-title"])
def test_pages_hold_every_piece_once(store: Store, me: str, sort: str) -> None:
    """In every order the pages together are the whole list, though many titles and times are the same."""
    made = [_piece(store, me, title) for title in ("b", "a", "b", "c", "a", "b", "b")]
    store.pieces.trash(me, made[3].id)
    seen: list[Piece] = []
    after = None
    while True:
        page, after = store.pieces.list(me, sort=sort, after=after, limit=2)
        seen += page
        if after is None:
            break
    assert sorted(piece.id for piece in seen) == sorted(piece.id for piece in made if piece != made[3])
    values = [getattr(piece, sort.lstrip("-")) for piece in seen]
    assert values == sorted(values, reverse=sort.startswith("-"))


@pytest.mark.parametrize("cursor", ["", "x", "W10", "bnVsbA", "é", "WyItdXBkYXRlZCIsMSwyXQ", "W" * 5000])
def test_a_place_that_is_none_is_refused(store: Store, me: str, cursor: str) -> None:
    """What isn't a cursor of this order is an input error."""
    with pytest.raises(InputError):
        store.pieces.list(me, after=cursor)
    with pytest.raises(InputError):
        store.pieces.list(me, sort="size")


def test_a_like_and_tags_change_the_etag_only_when_they_change(store: Store, me: str) -> None:
    """What is set to what it was changes nothing; what is said too long or as one text is refused."""
    piece = _piece(store, me, tags=["b", "a", "b", " "])
    assert piece.tags == ("b", "a")
    assert store.pieces.change(me, piece.id, title="Rain", tags=["b", "a"], liked=False) == piece
    liked = store.pieces.change(me, piece.id, liked=True, tags=[], if_match=piece.etag)
    assert (liked.liked, liked.tags, liked.title) == (True, (), "Rain")
    assert liked.etag != piece.etag
    assert [p.id for p in store.pieces.list(me, liked=True)[0]] == [piece.id]
    assert store.pieces.list(me, liked=False)[0] == []
    with pytest.raises(ConflictError):
        store.pieces.change(me, piece.id, title="x", if_match=piece.etag)
    for wrong in ({"title": "x" * 201}, {"tags": ["x" * 51]}, {"tags": [str(n) for n in range(31)]}, {"tags": "demo"}):
        with pytest.raises(InputError):
            store.pieces.change(me, piece.id, **wrong)  # type: ignore[arg-type]
    assert store.pieces.get(me, piece.id) == liked


def test_the_trash_hides_keeps_and_gives_back(store: Store, me: str) -> None:
    """A piece in the trash is in no list and under no link until it is restored; only from there it can be erased."""
    piece = _piece(store, me, tune="0 2")
    token = store.pieces.share(me, piece.id)
    with pytest.raises(ConflictError):
        store.pieces.erase(me, piece.id)
    trashed = store.pieces.trash(me, piece.id)
    assert trashed.trashed is not None
    assert store.pieces.trash(me, piece.id) == trashed
    assert store.pieces.list(me)[0] == []
    assert list(store.pieces.tunes(me)) == []
    assert [p.id for p in store.pieces.list(me, trashed=True)[0]] == [piece.id]
    with pytest.raises(NotFoundError):
        store.pieces.shared(token)
    assert store.pieces.restore(me, piece.id).trashed is None
    assert store.pieces.shared(token).id == piece.id
    store.pieces.trash(me, piece.id)
    store.pieces.erase(me, piece.id)
    with pytest.raises(NotFoundError):
        store.pieces.get(me, piece.id)


def test_a_link_leads_to_the_piece_until_it_is_taken_back(store: Store, me: str) -> None:
    """The token stays the same while it is shared, and another one comes afterwards."""
    piece = _piece(store, me)
    token = store.pieces.share(me, piece.id)
    assert store.pieces.share(me, piece.id) == token
    assert store.pieces.shared(token).id == piece.id
    store.pieces.unshare(me, piece.id)
    for wrong in (token, "", "x", "\x00", "\ud800"):
        with pytest.raises(NotFoundError):
            store.pieces.shared(wrong)
    assert store.pieces.share(me, piece.id) != token


def test_files_are_kept_by_version_and_format(store: Store, me: str) -> None:
    """A file that was made is found again, a newer one takes its place, and it goes with the piece."""
    piece = _piece(store, me)
    for data in (b"one", b"two"):
        store.pieces.keep_file(piece.id, 1, "mp3", store.blobs.put(data), "song.mp3", "audio/mpeg")
    kept = store.pieces.file(piece.id, 1, "mp3")
    assert kept is not None
    assert store.blobs.get(kept.digest) == b"two"
    assert store.pieces.files(piece.id, 1) == [kept]
    assert store.pieces.file(piece.id, 1, "wav") is None
    with pytest.raises(NotFoundError):
        store.pieces.keep_file(piece.id, 2, "mp3", kept.digest, "song.mp3", "audio/mpeg")
    store.pieces.trash(me, piece.id)
    store.pieces.erase(me, piece.id)
    assert store.pieces.file(piece.id, 1, "mp3") is None
    assert store.pieces.digests() == set()


def test_pieces_can_be_given_to_another_account(store: Store, me: str) -> None:
    """What was made before there were log-ins can be somebody's own later."""
    piece = _piece(store, me)
    ann = store.accounts.create("Ann", "a long enough one")
    assert store.pieces.give(me, ann.id) == 1
    assert store.pieces.get(ann.id, piece.id).etag != piece.etag
    with pytest.raises(NotFoundError):
        store.pieces.get(me, piece.id)


@given(title=st.text(max_size=200), words=st.text(max_size=300), tags=st.lists(st.text(max_size=50), max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_kept_and_found(store: Store, me: str, title: str, words: str, tags: list[str]) -> None:
    """Whatever characters people send: the piece is kept, comes back the same twice, and its own title finds it."""
    piece = store.pieces.create(me, title=title, document=b"x", kind="compose", words=words, tags=tags, tune=title)
    assert store.pieces.get(me, piece.id) == piece
    assert store.pieces.change(me, piece.id, title=piece.title, tags=piece.tags) == piece
    assert piece.id in {p.id for p in store.pieces.list(me, words=piece.title, limit=200)[0]}
    store.pieces.trash(me, piece.id)
    store.pieces.erase(me, piece.id)
