"""Every set that can be read is described: licence, origin, citation, how to get it."""

from __future__ import annotations

import re

import pytest

from yuefu.corpus.manifest import Manifest, manifest, manifests
from yuefu.corpus.reader_types import STYLES
from yuefu.corpus.readers import READERS, reader
from yuefu.corpus.texts import TEXT_READERS
from yuefu.errors import UnknownNameError
from yuefu.tokens import vocabulary as tokens


def test_every_reader_has_a_manifest_and_the_other_way_round() -> None:
    assert set(manifests()) == {*READERS, *TEXT_READERS}
    for name in READERS:
        assert callable(reader(name))


@pytest.mark.parametrize("about", manifests().values(), ids=lambda about: about.name)
def test_a_manifest_says_all_that_a_user_needs(about: Manifest) -> None:
    for text in (about.title, about.origin, about.commit, about.licence, about.citation, about.get, about.teaches):
        assert text.strip()
    assert about.origin.startswith("https://")
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in about.archives.values())
    assert about.kind == ("text" if about.name in TEXT_READERS else "music")
    if about.kind == "music":
        assert about.style in STYLES
        assert about.rows
    if about.amber:
        assert about.licence_note, "an amber set says why"


def test_styles_are_the_vocabularys() -> None:
    assert STYLES == tokens.STYLES


def test_an_unknown_set_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'pop909'"):
        manifest("pop90")
    with pytest.raises(UnknownNameError):
        reader("nothing")
