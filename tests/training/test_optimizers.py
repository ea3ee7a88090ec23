"""The optimisers: Muon's steps are orthogonal, and every trained parameter belongs to one optimiser."""

from copy import deepcopy

import pytest

pytestmark = pytest.mark.train


def test_orthogonal_matrices_have_singular_values_near_one():
    """Newton-Schulz brings every singular value of a wide, tall or square matrix between 0.5 and 1.3."""
    import torch

    from yuefu.training.optimizers import orthogonal

    torch.manual_seed(0)
    for shape in ((24, 24), (16, 48), (48, 16)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
        assert values.min() > 0.3
        assert values.max() < 1.3
    # The singular vectors stay: what was the direction of a matrix of rank one is kept.
    u, v = torch.randn(8), torch.randn(12)
    made = orthogonal(torch.outer(u, v))
    assert torch.nn.functional.cosine_similarity(made.flatten(), torch.outer(u, v).flatten(), dim=0) > 0.99


def test_muon_solves_a_linear_problem_and_resumes():
    """Muon lowers a least-squares loss; a copy made from its state takes the same next step."""
    import torch

    from yuefu.training.optimizers import Muon

    torch.manual_seed(0)
    x, wanted = torch.randn(64, 8), torch.randn(8, 6)
    weight = torch.nn.Parameter(torch.zeros(8, 6))
    muon = Muon([weight], lr=0.05)

    def step(parameter, optimizer):
        loss = ((x @ parameter - x @ wanted) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    first = step(weight, muon)
    for _ in range(150):
        last = step(weight, muon)
    assert last < 0.1 * first
    other = torch.nn.Parameter(weight.detach().clone())
    copy = Muon([other], lr=0.05)
    copy.load_state_dict(deepcopy(muon.state_dict()))
    step(weight, muon)
    step(other, copy)
    assert torch.equal(weight, other)


@pytest.mark.parametrize("name", ["muon", "adamw"])
def test_every_trained_parameter_has_one_optimiser(name):
    """No parameter is forgotten and none is updated twice; Muon takes matrices of the layers alone."""
    from yuefu.training.config import DataTable, ModelTable, OptimTable, TrainConfig
    from yuefu.training.loop import build_model
    from yuefu.training.optimizers import Muon, make_optimizers

    config = TrainConfig(
        model=ModelTable(width=32, layers=1, heads=2, inner=64, context=256),
        data=DataTable(weights={"toy": 1.0}),
        optim=OptimTable(name=name),
    )
    model = build_model(config)
    optimizers = make_optimizers(model, config.optim)
    held = [p for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]]
    trained = [p for p in model.parameters() if p.requires_grad]
    assert len(held) == len({id(p) for p in held}) == len(trained)
    for optimizer in optimizers:
        if isinstance(optimizer, Muon):
            assert all(p.ndim == 2 for group in optimizer.param_groups for p in group["params"])
