"""Learning a style: a tiny run from a folder to a style; cut off, it goes on, and what was best can be kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.own_styles import folder_of_tunes

from yuefu.errors import ConflictError, InputError
from yuefu.text.adapted import adapted_names, find_adapted
from yuefu.training.supervised import Evaluated, Step
from yuefu.workflows.adapt import prepare_style

pytestmark = [pytest.mark.model, pytest.mark.slow]
QUICK: dict[str, int | float] = {"steps": 2, "evaluate_every": 1, "rank": 1, "alpha": 2}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and windows few enough for a test."""
    monkeypatch.setenv("YUEFU_HOME", str(tmp_path / "home"))
    for name in ("STOP_WINDOWS", "TEST_WINDOWS"):
        monkeypatch.setattr(f"yuefu.training.adapt.{name}", 3)
    monkeypatch.setattr("yuefu.training.adapt.BATCH_TOKENS", 300)
    return tmp_path / "home"


def test_from_a_folder_to_a_style(tmp_path: Path, home: Path) -> None:
    """A run leaves a style with losses before and after by row, hashes of its pieces, and no run behind."""
    folder = folder_of_tunes(tmp_path / "tunes", 8)
    work = prepare_style(str(folder), "Mine", licence="my own", settings=QUICK)
    events = list(work.train())
    assert [event.step for event in events if isinstance(event, Step)] == [1, 2]
    style = work.finish()
    told = style.manifest
    assert adapted_names() == ["mine"]
    assert set(told.losses["before"]) == set(told.losses["after"]) >= {"loss", "melody"}
    assert told.licence == "my own"
    assert len({source.sha256 for source in told.sources}) == 8
    assert {source.split for source in told.sources} == {"train", "valid", "test"}
    assert not list((home / "adapters" / ".runs").glob("*"))
    assert max(path.stat().st_size for path in style.folder.iterdir()) < 300_000
    with pytest.raises(ConflictError, match="--replace"):
        prepare_style(str(folder), "mine", settings=QUICK)


def test_a_run_goes_on_and_what_was_best_is_kept(tmp_path: Path) -> None:
    """A run that is left after its first evaluation goes on with the same pieces and settings, or is kept at once."""
    folder = folder_of_tunes(tmp_path / "tunes", 8)
    first = prepare_style(str(folder), "mine", settings=QUICK)
    assert not first.can_finish
    with pytest.raises(InputError, match="nothing was learnt"):
        first.finish()
    for event in first.train():
        if isinstance(event, Step) and event.step == 2:
            break
    assert first.can_finish
    second = prepare_style(str(folder), "mine", settings=QUICK)
    assert second.resumed
    other = dict(QUICK) | {"seed": 5}
    assert not prepare_style(str(folder), "mine", settings=other).resumed
    stopped = prepare_style(str(folder), "mine", settings=QUICK)
    for event in stopped.train():
        if isinstance(event, Evaluated):
            break
    stopped.finish()
    assert find_adapted("mine") is not None


def test_names_and_settings_are_checked_first(tmp_path: Path) -> None:
    """A built-in style's name, one that can't be a folder's and a setting out of bounds are told at once."""
    for name in ("jazz", "../up", "爵士", "a b"):
        with pytest.raises(InputError):
            prepare_style(str(tmp_path / "nowhere"), name)
    with pytest.raises(InputError, match="rank"):
        prepare_style(str(folder_of_tunes(tmp_path / "tunes")), "mine", settings={"rank": 0})
