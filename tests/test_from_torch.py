"""Problems from PyTorch modules: the same loss and gradients as autograd finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from symbackprop import (
    ProblemError,
    from_torch,
    mapping_from_torch,
    problem_from_mapping,
    read_problem,
    solve,
    write_problem,
)
from tests.conftest import skip_or_fail

try:
    import torch
    from torch import nn
except ImportError:
    torch = None


@pytest.fixture(autouse=True)
def _torch() -> None:
    if torch is None:
        skip_or_fail("torch", "PyTorch is not installed")


def parameters_of(module: Any) -> dict[str, Any]:
    """Return the tensors of the package's parameter names, entry by entry, with their gradients."""
    found: dict[str, Any] = {}
    linear = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    for number, layer in enumerate(linear, start=1):
        for row, slopes in enumerate(layer.weight.grad, start=1):
            for column, slope in enumerate(slopes, start=1):
                found[f"w{number}_{row}_{column}"] = slope.item()
        for row, slope in enumerate([] if layer.bias is None else layer.bias.grad, start=1):
            found[f"b{number}_{row}"] = slope.item()
    return found


def assert_same(module: Any, inputs: Any, targets: Any, loss: Any, relative: float = 1e-12) -> None:
    """Assert that loss and every gradient of the problem are those of autograd."""
    solution = solve(from_torch(module, inputs, targets, loss))
    module.zero_grad()
    value = loss(module(inputs), targets)
    value.backward()
    expected = parameters_of(module)
    assert {p.name for p in solution.problem.parameters} == set(expected)
    floor = max(abs(number) for number in expected.values()) / 1000
    for name, number in expected.items():
        found = float(solution[f"grad.{name}"].value)
        assert abs(found - number) <= relative * max(abs(number), floor), name
    assert float(solution["loss"].value) == pytest.approx(value.item(), rel=relative)


def net(*layers: Any, seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return nn.Sequential(*layers).double().eval()


def data(samples: int, width: int, seed: int = 1) -> Any:
    torch.manual_seed(seed)
    return torch.randn(samples, width, dtype=torch.float64)


def activations() -> list[Any]:
    if torch is None:
        return []
    return [
        *(nn.Sigmoid(), nn.Tanh(), nn.ReLU(), nn.SiLU(), nn.Mish(), nn.SELU(), nn.Softsign()),
        *(nn.GELU(), nn.GELU(approximate="tanh"), nn.Softplus(), nn.LeakyReLU(0.2), nn.ELU(0.7)),
        *(nn.CELU(1.5), nn.Hardtanh(-0.5, 0.75), nn.Hardsigmoid(), nn.Softmax(-1), nn.LogSoftmax(1)),
        *(nn.Identity(), nn.Sequential(nn.Dropout(0.5), nn.Flatten())),
    ]


@pytest.mark.parametrize("activation", activations(), ids=str)
def test_activations(activation: Any) -> None:
    module = net(nn.Linear(3, 4), activation, nn.Linear(4, 2, bias=False), nn.Tanh())
    # PyTorch's hard sigmoid has its 1/6 in single precision, whatever the numbers are
    relative = 1e-6 if isinstance(activation, nn.Hardsigmoid) else 1e-12
    assert_same(module, data(3, 3), data(3, 2, seed=2), nn.MSELoss(), relative)


def losses() -> list[tuple[Any, ...]]:
    if torch is None:
        return []
    both = [
        (kind(reduction=reduction), last, how)
        for reduction in ("mean", "sum")
        for kind, last, how in (
            (nn.MSELoss, nn.Tanh(), "plain"),
            (nn.L1Loss, nn.Tanh(), "plain"),
            (nn.HuberLoss, nn.Identity(), "plain"),
            (nn.SmoothL1Loss, nn.Identity(), "plain"),
            (nn.BCELoss, nn.Sigmoid(), "probability"),
            (nn.BCEWithLogitsLoss, nn.Identity(), "probability"),
            (nn.CrossEntropyLoss, nn.Identity(), "class"),
            (nn.NLLLoss, nn.LogSoftmax(-1), "class"),
            (nn.MultiMarginLoss, nn.Identity(), "class"),
        )
    ]
    return [
        *both,
        (nn.HuberLoss(delta=0.3), nn.Identity(), "plain"),
        (nn.SmoothL1Loss(beta=0.25), nn.Identity(), "plain"),
        (nn.CrossEntropyLoss(label_smoothing=0.1), nn.Identity(), "class"),
        (nn.CrossEntropyLoss(), nn.Identity(), "distribution"),
        (nn.KLDivLoss(reduction="batchmean"), nn.LogSoftmax(-1), "distribution"),
        (nn.KLDivLoss(reduction="sum"), nn.LogSoftmax(-1), "distribution"),
        (nn.KLDivLoss(reduction="mean"), nn.LogSoftmax(-1), "distribution"),
    ]


def targets_for(how: str, samples: int, outputs: int) -> Any:
    torch.manual_seed(5)
    return {
        "plain": torch.randn(samples, outputs, dtype=torch.float64),
        "probability": torch.rand(samples, outputs, dtype=torch.float64),
        "class": torch.randint(outputs, (samples,)),
        "distribution": torch.randn(samples, outputs, dtype=torch.float64).softmax(-1),
    }[how]


@pytest.mark.parametrize(("loss", "last", "how"), losses(), ids=str)
@pytest.mark.parametrize("samples", [1, 3])
def test_losses(loss: Any, last: Any, how: str, samples: int) -> None:
    module = net(nn.Linear(2, 3), nn.Sigmoid(), nn.Linear(3, 3), last)
    # targets of a distribution are rounded to decimals in a double: they sum to 1 up to that
    assert_same(module, data(samples, 2), targets_for(how, samples, 3), loss, 1e-11)


def test_numbers_of_single_precision_are_the_short_ones() -> None:
    module = nn.Sequential(nn.Linear(1, 1, bias=False))
    with torch.no_grad():
        module[0].weight.fill_(0.1)
    problem = from_torch(module, [2.0], [1.0], nn.MSELoss())
    assert [str(p.value) for p in problem.parameters] == ["0.1"]
    exact = from_torch(module, [2.0], [1.0], nn.MSELoss(), exact=True)
    assert [str(p.value) for p in exact.parameters] == ["0.100000001490116119384765625"]


def test_optimizer_frozen_and_other_fields() -> None:
    module = net(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
    module[0].weight.requires_grad_(False)
    module[2].bias.requires_grad_(False)
    rate = torch.optim.SGD(module.parameters(), lr=0.05)
    problem = from_torch(module, [0.5, 1.0], [1.0], "half_squared_error", rate, title="From code", epochs=2)
    assert (str(problem.learning_rate), problem.title, problem.epochs) == ("0.05", "From code", 2)
    assert problem.frozen == {"w1_1_1", "w1_1_2", "w1_2_1", "w1_2_2", "b2_1"}
    before = [p.detach().clone() for p in module.parameters()]
    for _ in range(2):
        rate.zero_grad()
        (0.5 * (module(torch.tensor([0.5, 1.0], dtype=torch.float64)) - 1) ** 2).sum().backward()
        rate.step()
    solution = solve(problem)
    for row in range(2):
        assert float(solution[f"new.w2_1_{row + 1}@2"].value) == pytest.approx(
            module[2].weight[0, row].item(), rel=1e-13
        )
    assert torch.equal(before[0], module[0].weight)


def test_the_problem_file_reads_back_as_the_same_problem(tmp_path: Path) -> None:
    module = net(nn.Linear(3, 12), nn.LeakyReLU(0.2), nn.Linear(12, 2), nn.Sigmoid())
    mapping = mapping_from_torch(module, data(2, 3), data(2, 2), nn.MSELoss(), 1e-7)
    path = write_problem(mapping, tmp_path / "net.yaml")
    from dataclasses import replace

    read = read_problem(path.read_text(), "net.yaml")
    made = problem_from_mapping(mapping)
    assert replace(read, source=made.source, name=made.name) == made


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: (net(nn.Linear(2, 2), nn.Sequential(nn.PReLU())), None),
            r"Sequential\.1\.0: no such module here; given PReLU; expected one of .*Linear",
        ),
        (
            lambda: (nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5)).train(), None),
            r"Sequential\.1: dropout draws other units.*call model\.eval\(\) first",
        ),
        (
            lambda: (net(nn.Linear(2, 3), nn.Linear(2, 1)), None),
            r"Sequential\.1: another number of inputs than the layer before has units; given 2; expected 3",
        ),
        (
            lambda: (net(nn.Linear(3, 1)), None),
            r"inputs: another number of inputs than the first layer takes; given 2.*expected 3",
        ),
        (
            lambda: (net(nn.Linear(2, 2)), None),
            r"targets: not as many targets as outputs; given shape \(1,\)",
        ),
        (
            lambda: (net(nn.Linear(2, 1)), torch.optim.LBFGS([torch.zeros(1, requires_grad=True)])),
            "learning_rate: no such optimizer here; given LBFGS",
        ),
        (lambda: (nn.Sequential(), None), "the model has no layer with weights"),
        (lambda: (nn.Bilinear(2, 2, 1), None), "Bilinear: no such module here"),
    ],
)
def test_errors_name_the_place(make: Any, message: str) -> None:
    module, rate = make()
    with pytest.raises(ProblemError, match=message):
        from_torch(module, [1.0, 2.0], [1.0], nn.MSELoss(), rate)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda: nn.MSELoss(reduction="none"), "loss: a loss that is no single number"),
        (lambda: nn.CTCLoss(), "loss: no such loss here; given CTCLoss; expected an instance of one of BCE"),
        (lambda: nn.BCELoss(weight=torch.ones(1)), "loss: BCELoss with weight"),
        (lambda: nn.KLDivLoss(reduction="sum"), "loss: this loss takes logarithms of probabilities"),
    ],
)
def test_losses_that_have_no_counterpart(loss: Any, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        from_torch(net(nn.Linear(2, 1)), [1.0, 2.0], [1.0], loss())


def test_weights_that_are_no_numbers() -> None:
    module = net(nn.Linear(1, 1))
    with torch.no_grad():
        module[0].bias.fill_(float("inf"))
    with pytest.raises(ProblemError, match="not a finite number; given inf"):
        from_torch(module, [1.0], [1.0])


def test_a_class_that_is_no_output() -> None:
    with pytest.raises(ProblemError, match="not one class for each sample; given \\[3\\]"):
        from_torch(net(nn.Linear(1, 3)), [1.0], torch.tensor([3]), nn.CrossEntropyLoss())
