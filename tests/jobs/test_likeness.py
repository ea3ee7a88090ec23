"""A stored piece as a style: one's own by its number, nobody else's, and never a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.jobs.doing import done

from yuefu.errors import InputError, NotFoundError, UnknownNameError
from yuefu.jobs.likeness import brief_of, check_brief
from yuefu.jobs.requests import ComposeOptions, ComposeRequest
from yuefu.jobs.worker import Worker
from yuefu.store import Store
from yuefu.text.brief import Brief

JIG = """X:1
T:The Neighbour's Gate
M:6/8
L:1/8
Q:1/4=165
K:G
|:G2B dBd|e2d BAG|ABA AGE|D2E G3|G2B dBd|e2d BAG|ABA GFA|G3 G3:|
|:g2f edB|d2B AGE|gfg edB|A3 A2d|g2f edB|d2B AGE|ABA GFA|G3 G3:|
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Likeness knows nothing of databases: one is enough here."""
    opened = Store.open(tmp_path / "data")
    yield opened
    opened.close()


def request(style: str) -> ComposeRequest:
    return ComposeRequest(words="", options=ComposeOptions(style=style, candidates="1"))


@pytest.fixture
def gate(store: Store, me: str, worker: Worker) -> str:
    """The number of a jig in the library."""
    job = done(store, me, worker, "import", upload=store.blobs.put(JIG.encode()), name="gate.abc")
    assert job.result is not None
    return str(job.result["piece"])


def test_a_piece_of_ones_own_is_written_like(store: Store, me: str, gate: str) -> None:
    """The brief holds what the piece is like, and reads back as it is."""
    check_brief(store, me, request(f"like: {gate}"))
    brief = brief_of(store, me, request(f"like:{gate}"))
    assert brief.like.value is not None
    assert (brief.like.value.name, brief.like.value.meter) == ("The Neighbour's Gate", "6/8")
    assert brief.style.value == brief.like.value.style
    assert Brief.model_validate(brief.model_dump(mode="json")) == brief


@pytest.mark.parametrize("style", ["like:/etc/passwd", "like:../gate.abc", "like:gate.abc", "like:", "like:%00"])
def test_a_file_is_never_read_for_a_request(store: Store, me: str, tmp_path: Path, style: str) -> None:
    """Whatever stands after the colon is the number of a piece or nothing."""
    (tmp_path / "gate.abc").write_text(JIG)
    for read in (check_brief, brief_of):
        with pytest.raises((NotFoundError, InputError)):
            read(store, me, request(style))
    with pytest.raises((NotFoundError, InputError)):
        brief_of(store, me, request(f"like:{tmp_path / 'gate.abc'}"))


def test_another_accounts_piece_isnt_there(store: Store, me: str, gate: str) -> None:
    """Somebody else is told the same as for a piece that never was."""
    for read in (check_brief, brief_of):
        with pytest.raises(NotFoundError):
            read(store, "01jd0000000000000000000000", request(f"like:{gate}"))


def test_other_styles_are_read_as_ever(store: Store, me: str) -> None:
    """A name is a name; an unknown one is refused with the nearest."""
    assert brief_of(store, me, request("waltz")).style.value == "waltz"
    with pytest.raises(UnknownNameError):
        check_brief(store, me, request("walz"))
