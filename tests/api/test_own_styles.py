"""Styles that were learnt on the machine are offered by the API and in the studio, as soon as they are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.own_styles import make_style

from yuefu.api.server import _models, _with_own_styles
from yuefu.studio.catalogue import catalogue

pytestmark = pytest.mark.model


def test_offered_once_they_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any the lists are the built-in ones; a new style stands after those of the API, first in the studio."""
    monkeypatch.setenv("YUEFU_HOME", str(tmp_path))
    built_in = [style.key for style in _models().styles]
    assert [style.key for style in _with_own_styles(_models()).styles] == built_in
    assert "own" not in [group["group"] for group in catalogue("en")["styles"]]
    make_style("my-songs")
    offered = _with_own_styles(_models()).styles
    assert [style.key for style in offered] == [*built_in, "my-songs"]
    assert offered[-1].meters == ["2/4"]
    first = catalogue("zh")["styles"][0]
    assert (first["group"], [style["key"] for style in first["styles"]]) == ("own", ["my-songs"])
