"""The loop of small networks: it learns, stops in time, goes on exactly, and draws its curves."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from yuefu.errors import InputError
from yuefu.training.curves import measures_png
from yuefu.training.supervised import Evaluated, LoopTable, Step, Stopped, Task, best_weights, fit, share_of_rate

LOOP = LoopTable(steps=30, evaluate_every=5, checkpoint_every=10, rate=0.05, warmup=2, average=0.5)


class Slope(Task):
    """Which side of a line a point is on."""

    def build(self) -> nn.Module:
        return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 1))

    def points(self, seed: int) -> tuple[Tensor, Tensor]:
        points = torch.randn(64, 2, generator=torch.Generator().manual_seed(seed))
        return points, (points.sum(dim=1) > 0).float()

    def losses(self, model: nn.Module, step: int) -> dict[str, Tensor]:
        points, side = self.points(step)
        return {"loss": nn.functional.binary_cross_entropy_with_logits(model(points)[:, 0], side)}

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        points, side = self.points(10_000)
        found = model(points)[:, 0].detach()
        return {
            "loss": float(nn.functional.binary_cross_entropy_with_logits(found, side)),
            "accuracy": float(((found > 0).float() == side).float().mean()),
        }


class Hopeless(Slope):
    """A task whose held-out measure never falls again."""

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        return {"loss": 1.0}


def test_it_learns_and_keeps_the_best_weights(tmp_path: Path) -> None:
    """The held-out accuracy rises above nine tenths, and best.pt holds weights that reach it."""
    events = list(fit(Slope(), LOOP, tmp_path))
    looks = [event for event in events if isinstance(event, Evaluated)]
    assert len(looks) == 6
    assert looks[-1].measures["accuracy"] > 0.9
    assert events[-1] == Stopped(30, "steps")
    model = Slope().build()
    model.load_state_dict(best_weights(tmp_path))
    best = min(look.measures["loss"] for look in looks)
    assert Slope().evaluate(model.eval())["loss"] == pytest.approx(best, abs=1e-6)


def test_a_run_that_was_cut_off_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    """Stopped in the middle of the steps between two checkpoints and started again, the end is the same, bit by bit."""
    list(fit(Slope(), LOOP, tmp_path / "whole"))
    for event in fit(Slope(), LOOP, tmp_path / "cut"):
        if isinstance(event, Step) and event.step == 17:
            break
    list(fit(Slope(), LOOP, tmp_path / "cut"))
    whole, cut = (torch.load(tmp_path / name / "checkpoint.pt", weights_only=True) for name in ("whole", "cut"))
    for name, value in whole["model"].items():
        assert torch.equal(value, cut["model"][name])
        assert torch.equal(whole["averaged"][name], cut["averaged"][name])


def test_it_stops_when_nothing_is_gained(tmp_path: Path) -> None:
    """After as many looks without a gain as its patience, and it stays stopped."""
    loop = LOOP.model_copy(update={"patience": 2})
    events = list(fit(Hopeless(), loop, tmp_path))
    assert events[-1] == Stopped(15, "no gain")
    assert list(fit(Hopeless(), loop, tmp_path)) == [Stopped(15, "no gain")]


def test_a_run_is_not_gone_on_with_by_other_settings(tmp_path: Path) -> None:
    """Other steps or another network in the same folder are refused with a sentence."""
    list(fit(Slope(), LOOP, tmp_path))
    with pytest.raises(InputError, match="other settings"):
        list(fit(Slope(), LOOP.model_copy(update={"steps": 40}), tmp_path))


def test_the_log_can_be_drawn(tmp_path: Path) -> None:
    """A line an evaluation, with means of the training losses, and a PNG of them."""
    list(fit(Slope(), LOOP, tmp_path))
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [5, 10, 15, 20, 25, 30]
    assert rows[-1]["training"]["loss"] < rows[0]["training"]["loss"]
    assert measures_png(tmp_path / "log.jsonl").startswith(b"\x89PNG")


def test_the_rate_warms_up_and_falls_to_nothing() -> None:
    """Highest after the warm-up, never rising after it."""
    rates = [share_of_rate(step, LOOP) for step in range(30)]
    assert max(rates) == rates[1] == 1.0
    assert all(a >= b for a, b in itertools.pairwise(rates[1:]))
    assert rates[-1] < 0.01
