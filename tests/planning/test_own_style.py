"""Plans in a style of one's own: as its pieces are, where the brief leaves things open."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.own_styles import figures, make_style

from yuefu.planning.plan import Plan
from yuefu.planning.planner import make_plan
from yuefu.text.brief import BriefOptions, read_brief

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A style with tunes in 2/4 gong and 3/4 minor."""
    monkeypatch.setenv("YUEFU_HOME", str(tmp_path))
    usual = figures().variants[0]
    waltz = {"meter": "3/4", "mode": "minor", "scale": "", "weight": 0.4, "opening": (), "closing": ()}
    keys = (("A minor", 0.5), ("D minor", 0.5))
    variants = (usual.model_copy(update={"weight": 0.6}), usual.model_copy(update={**waltz, "keys": keys}))
    make_style("mine", figures=figures(variants=variants))


def planned(seed: int, **options: str) -> Plan:
    """A plan in the style."""
    return make_plan(read_brief("", BriefOptions(style="mine", **options)), seed)


def test_plans_are_as_the_pieces_are() -> None:
    """Metres come in about their shares, with the pieces' mode, scale, form, players and tempi."""
    plans = [planned(seed) for seed in range(40)]
    assert {plan.meter for plan in plans} == {"2/4", "3/4"}
    assert 14 <= sum(plan.meter == "2/4" for plan in plans) <= 33
    for plan in plans:
        assert plan.scale == ("gong" if plan.meter == "2/4" else "")
        assert plan.key.endswith("minor") == (plan.meter == "3/4")
        assert [part.instrument for part in plan.parts] == ["erhu"]
        assert [section.bars for section in plan.sections] == [8, 8]
        assert plan.key in ("A minor", "D minor", "D major")
        assert 50 <= plan.tempo <= 132
        assert plan.style == "chinese_folk"


def test_what_is_asked_counts_for_more() -> None:
    """A metre, key, form, tempo or players that are asked for are kept to."""
    asked = {"meter": "3/4", "key": "D major", "form": "A:4 B:4", "tempo": "90", "instruments": "flute"}
    plan = planned(3, **asked)
    assert (plan.meter, plan.key, plan.tempo) == ("3/4", "D major", 90.0)
    assert [section.bars for section in plan.sections] == [4, 4]
    assert [part.instrument for part in plan.parts] == ["flute"]
    assert plan.scale == ""


def test_one_seed_one_plan() -> None:
    """The same brief and seed plan the same."""
    assert planned(7) == planned(7)
    assert any(planned(7) != planned(seed) for seed in range(8, 12))
