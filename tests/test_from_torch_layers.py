"""Problems from PyTorch modules of every kind: loss, outputs and every gradient as autograd finds them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from symbackprop import ProblemError, from_torch, solve
from tests.conftest import skip_or_fail

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    torch = None  # type: ignore[assignment]

    class nn:  # type: ignore[no-redef]  # noqa: N801
        Module = object


@pytest.fixture(autouse=True)
def _torch() -> None:
    if torch is None:
        skip_or_fail("torch", "PyTorch is not installed")


def made(module: Any, seed: int = 0) -> Any:
    """A module with numbers from a seed, in double precision; also in what starts as ones and zeros."""
    module = module.double()
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, dtype=torch.float64) / 2)
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.randn(buffer.shape, dtype=torch.float64))
            if name.endswith("running_var"):
                buffer.copy_(torch.rand(buffer.shape, dtype=torch.float64) + 0.5)
    return module


def data(*shape: int, seed: int = 1) -> Any:
    torch.manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64)


def gradients_of(module: Any) -> list[float]:
    return [slope for p in module.parameters() if p.requires_grad for slope in p.grad.flatten().tolist()]


def assert_same(module: Any, inputs: Any, names: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Assert that the loss and all gradients agree; by name where names are given, else as a whole.

    names: tensors by what the keys of their gradients begin with, all axes counted from 1.
    """
    outputs = module(inputs)
    targets = data(*outputs.shape, seed=9)
    module.zero_grad()
    loss = nn.MSELoss()(outputs, targets)
    loss.backward()
    solution = solve(from_torch(module, inputs, targets, nn.MSELoss(), **fields))
    assert float(solution["loss"].value) == pytest.approx(loss.item(), rel=1e-12)
    found = {p.name: float(solution[f"grad.{p.name}"].value) for p in solution.problem.parameters}
    expected = gradients_of(module)
    floor = 1e-12 * max(1e-3, *map(abs, expected))
    assert len(found) == len(expected)
    for one, other in zip(sorted(found.values()), sorted(expected), strict=True):
        assert abs(one - other) <= floor + 1e-12 * abs(other)
    for stem, tensor in (names or {}).items():
        for place in product(*map(range, tensor.shape)):
            key = "_".join([stem, *(str(axis + 1) for axis in place)])
            assert abs(found[key] - tensor.grad[place].item()) <= floor, key
    return solution


# --- maps --------------------------------------------------------------------------------------


def test_convolution_and_pooling() -> None:
    module = made(
        nn.Sequential(
            nn.Conv2d(2, 2, 3, stride=2, padding=(1, 2)),
            nn.Tanh(),
            nn.MaxPool2d(2, stride=1),
            nn.Flatten(),
            nn.Linear(4, 2),
        )
    )
    names = {
        "k1": module[0].weight,
        "bk1": module[0].bias,
        "w1": module[4].weight,
        "b1": module[4].bias,
    }
    assert_same(module, data(2, 2, 4, 4), names)


def convolutions() -> list[Any]:
    if torch is None:
        return []
    return [
        (nn.Conv2d(1, 1, 2, bias=False), (1, 3, 4)),
        (nn.Conv2d(2, 4, 2, groups=2, dilation=(1, 2)), (2, 3, 4)),
        (nn.Conv2d(1, 2, 3, padding="same"), (1, 3, 3)),
        (nn.Conv2d(1, 2, 2, padding="same"), (1, 3, 3)),
        (nn.Conv1d(2, 3, 2, stride=2, padding=1), (2, 5)),
        (nn.Sequential(nn.Conv1d(1, 2, 2), nn.MaxPool1d(2), nn.Sigmoid()), (1, 6)),
        (nn.Sequential(nn.Conv2d(1, 2, 2), nn.AvgPool2d(2, 1, padding=1)), (1, 3, 3)),
        (
            nn.Sequential(nn.Conv2d(1, 2, 2), nn.AvgPool2d(2, padding=1, count_include_pad=False)),
            (1, 4, 3),
        ),
        (nn.Sequential(nn.Conv2d(1, 2, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()), (1, 4, 4)),
        (nn.Sequential(nn.Conv2d(1, 2, 1), nn.AdaptiveMaxPool2d((2, 1))), (1, 4, 3)),
        (nn.Sequential(nn.Conv1d(2, 2, 2), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(2, 1)), (2, 4)),
    ]


@pytest.mark.parametrize(("module", "shape"), convolutions(), ids=str)
@pytest.mark.parametrize("samples", [0, 2])
def test_convolutions_in_one_and_two_dimensions(module: Any, shape: tuple[int, ...], samples: int) -> None:
    if not samples and any(isinstance(m, nn.Flatten) for m in module.modules()):
        samples = 1  # flattening from the second axis is for a batch
    assert_same(made(module), data(*([samples] if samples else []), *shape))


# --- normalisation -----------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm(training: bool) -> None:
    dense = made(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, 1)))
    names = {"gamma1": dense[1].weight, "beta1": dense[1].bias}
    before = dense[1].running_mean.clone()
    assert_same(dense.train(training), data(4, 2), names)
    maps = made(nn.Sequential(nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2, eps=1e-3), nn.ReLU()))
    assert_same(maps.train(training), data(2, 1, 3, 3))
    if not training:
        assert torch.equal(dense[1].running_mean, before)
    assert_same(made(nn.Sequential(nn.Conv1d(1, 2, 2), nn.BatchNorm1d(2, affine=False))), data(2, 1, 4))


def test_reading_a_model_does_not_change_it() -> None:
    module = made(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))).train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    from_torch(module, data(3, 2), data(3, 2))
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())


def test_layer_norm_and_rms_norm() -> None:
    for norm in (nn.LayerNorm(3), nn.RMSNorm(3), nn.RMSNorm(3, eps=1e-3), nn.LayerNorm(3, bias=False)):
        module = made(nn.Sequential(nn.Linear(2, 3), norm, nn.Tanh(), nn.Linear(3, 1)))
        assert_same(module, data(2, 2))
    assert_same(made(nn.Sequential(nn.Conv2d(1, 2, 2), nn.LayerNorm([2, 2, 2]))), data(2, 1, 3, 3))


def test_dropout_with_the_mask_that_was_drawn() -> None:
    module = made(nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5), nn.Linear(3, 1))).train()
    mask = torch.tensor([[1.0, 0, 1], [0, 1, 1]], dtype=torch.float64)
    x, t = data(2, 2), data(2, 1)
    (((module[2](module[0](x) * mask / 0.5) - t) ** 2).mean()).backward()
    problem = from_torch(module, x, t, nn.MSELoss(), masks={"Sequential.1": mask})
    solution = solve(problem)
    for row in range(3):
        expected = module[0].weight.grad[row, 0].item()
        assert float(solution[f"grad.w1_{row + 1}_1"].value) == pytest.approx(expected, rel=1e-12)


# --- embedding, sequences ----------------------------------------------------------------------


class Tagger(nn.Module):  # type: ignore[misc, name-defined]
    """Recurrent states of every step, or the last one, through a dense layer."""

    def __init__(self, cell: Any, last: str, units: int) -> None:
        super().__init__()
        self.cell, self.fc, self.last = cell, nn.Linear(units, 2), last

    def forward(self, x: Any) -> Any:
        out, state = self.cell(x)
        if self.last == "step":
            out = out[:, -1] if self.cell.batch_first else out[-1]
        if self.last == "state":
            out = (state[0] if isinstance(self.cell, nn.LSTM) else state)[-1]
        if self.last == "squeezed":
            out = (state[0] if isinstance(self.cell, nn.LSTM) else state).squeeze(0)
        return self.fc(out)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("last", ["all", "step", "state", "squeezed"])
@pytest.mark.parametrize("batch_first", [True, False])
def test_recurrent(kind: str, last: str, batch_first: bool) -> None:
    module = made(Tagger(getattr(nn, kind)(2, 2, batch_first=batch_first), last, 2))
    shape = (2, 3, 2) if batch_first else (3, 2, 2)
    assert_same(module, data(*shape))


def test_recurrent_of_two_layers_and_one_sample() -> None:
    assert_same(
        made(Tagger(nn.RNN(2, 2, num_layers=2, nonlinearity="relu", batch_first=True), "state", 2)),
        data(2, 3, 2),
    )
    assert_same(made(Tagger(nn.LSTM(1, 2, bias=False), "all", 2)), data(3, 1))


def test_names_of_a_recurrent_layer() -> None:
    module = made(Tagger(nn.RNN(2, 2, batch_first=True), "step", 2))
    names = {
        "W_xh": module.cell.weight_ih_l0,
        "W_hh": module.cell.weight_hh_l0,
        "b_ih": module.cell.bias_ih_l0,
    }
    solution = assert_same(module, data(2, 3, 2), names)
    assert "grad.W_hh_1_2|t3#1" in solution.ledger


class Classifier(nn.Module):  # type: ignore[misc, name-defined]
    """Tokens, their places, a transformer block, the classes of every token."""

    def __init__(self, heads: int, causal: bool) -> None:
        super().__init__()
        self.embed = nn.Embedding(4, 2)
        self.places = nn.Parameter(torch.zeros(3, 2))
        self.attention = nn.MultiheadAttention(2, heads, batch_first=True)
        self.first, self.second = nn.LayerNorm(2), nn.LayerNorm(2)
        self.feed = nn.Sequential(nn.Linear(2, 3), nn.GELU(), nn.Linear(3, 2))
        self.causal = causal

    def forward(self, tokens: Any) -> Any:
        x = self.embed(tokens) + self.places
        mask = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1) if self.causal else None
        mixed, _ = self.attention(x, x, x, need_weights=False, attn_mask=mask)
        x = self.first(x + mixed)
        return self.second(x + self.feed(x))


@pytest.mark.parametrize(("heads", "causal"), [(1, False), (2, True)])
def test_a_transformer_block(heads: int, causal: bool) -> None:
    module = made(Classifier(heads, causal).eval())
    assert_same(module, torch.tensor([[0, 3, 1], [2, 2, 0]]))
    assert_same(module, torch.tensor([0, 3, 3]))


class Own(nn.Module):  # type: ignore[misc, name-defined]
    """Attention by the function, a product, a mean of maps."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(2, 2, bias=False) for _ in range(3))

    def forward(self, x: Any) -> Any:
        return F.scaled_dot_product_attention(self.q(x), self.k(x), self.v(x), is_causal=True)


def test_the_attention_function() -> None:
    assert_same(made(Own()), data(2, 3, 2))


# --- a forward of one's own --------------------------------------------------------------------


class Block(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x: Any) -> Any:
        return F.relu(x + self.second(torch.tanh(self.first(x))))


class Net(nn.Module):  # type: ignore[misc, name-defined]
    """Residual blocks, a concatenation with the inputs, a product, a difference, numbers, views."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(), Block()])
        self.fc = nn.Linear(4, 2)

    def forward(self, x: Any) -> Any:
        start = x
        for block in self.blocks:
            x = block(x)
        joined = torch.cat([x, start], dim=1)
        out = self.fc(joined.view(joined.size(0), -1))
        gate = out.sigmoid()
        out = out * gate - F.leaky_relu(out, 0.2) / 4
        out += 2 * gate
        return F.elu(-out, alpha=0.5)


def test_a_forward_of_ones_own() -> None:
    assert_same(made(Net()), data(2, 2))


class Residual(nn.Module):  # type: ignore[misc, name-defined]
    """A convolutional residual block as in ResNet, with global pooling by mean."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(2, 2, 3, padding=1, bias=False), nn.BatchNorm2d(2)
        self.conv2, self.bn2 = nn.Conv2d(2, 2, 3, padding=1, bias=False), nn.BatchNorm2d(2)
        self.fc = nn.Linear(4, 1)

    def forward(self, x: Any) -> Any:
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        out = torch.relu(out + x)
        out = torch.cat([out, x], 1)
        return self.fc(out.mean((2, 3)))


def test_a_convolutional_residual_block() -> None:
    assert_same(made(Residual()).train(), data(2, 2, 2, 2))
    assert_same(made(Residual()).eval(), data(1, 2, 2, 3))


def test_frozen_parameters_of_any_layer() -> None:
    module = made(Residual()).eval()
    module.conv1.weight.requires_grad_(False)
    module.bn2.bias.requires_grad_(False)
    problem = from_torch(module, data(1, 2, 2, 2), data(1, 1), learning_rate=0.1)
    assert len(problem.frozen) == 2 * 2 * 9 + 2
    assert all(name.startswith(("k_conv1_", "beta_bn2_")) for name in problem.frozen)
    tagger = made(Tagger(nn.GRU(1, 2), "all", 2))
    for parameter in tagger.cell.parameters():
        parameter.requires_grad_(False)
    frozen = from_torch(tagger, data(2, 1), data(2, 2), learning_rate=0.1).frozen
    assert len(frozen) == sum(p.numel() for p in tagger.cell.parameters())


# --- optimizers --------------------------------------------------------------------------------


def optimizers() -> list[tuple[str, dict[str, Any]]]:
    return [
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("SGD", {"lr": 0.1, "weight_decay": 0.01}),
        ("SGD", {"lr": 0.1, "momentum": 0.5, "dampening": 0.25, "weight_decay": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True, "weight_decay": 0.1}),
        ("Adagrad", {"lr": 0.1, "lr_decay": 0.5, "weight_decay": 0.01}),
        ("RMSprop", {"lr": 0.01, "alpha": 0.8, "centered": True, "momentum": 0.5, "eps": 1e-3}),
        ("RMSprop", {"weight_decay": 0.1}),
        ("Adam", {"lr": 0.01, "betas": (0.8, 0.9), "weight_decay": 0.1}),
        ("Adam", {"maximize": True}),
        ("AdamW", {"lr": 0.01}),
        ("AdamW", {"lr": 0.01, "weight_decay": 0.0, "eps": 1e-3}),
        ("Adadelta", {"lr": 0.5, "rho": 0.8}),
    ]


@pytest.mark.parametrize(("name", "settings"), optimizers(), ids=str)
def test_optimizers_make_the_same_three_updates(name: str, settings: dict[str, Any]) -> None:
    module = made(nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)))
    x, t = data(2, 2), data(2, 1)
    rule = getattr(torch.optim, name)(module.parameters(), **settings)
    solution = solve(from_torch(module, x, t, nn.MSELoss(), rule, epochs=3))
    for _ in range(3):
        rule.zero_grad()
        nn.MSELoss()(module(x), t).backward()
        rule.step()
    for stem, layer in (("1", module[0]), ("2", module[2])):
        for row, column in product(*map(range, layer.weight.shape)):
            found = float(solution[f"new.w{stem}_{row + 1}_{column + 1}@3"].value)
            assert found == pytest.approx(layer.weight[row, column].item(), rel=1e-12)
        found = float(solution[f"new.b{stem}_1@3"].value)
        assert found == pytest.approx(layer.bias[0].item(), rel=1e-12)


# --- errors ------------------------------------------------------------------------------------


class Swapped(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.lstm = nn.Conv1d(1, 2, 2), nn.LSTM(2, 2, batch_first=True)

    def forward(self, x: Any) -> Any:
        return self.lstm(self.conv(x).transpose(1, 2))[0]


class Conditional(nn.Module):  # type: ignore[misc, name-defined]
    def forward(self, x: Any) -> Any:
        return x if x.sum() > 0 else -x


class Picking(nn.Module):  # type: ignore[misc, name-defined]
    def forward(self, x: Any) -> Any:
        return torch.cumsum(x, 1)


class Both(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.fc = nn.RNN(2, 2, batch_first=True), nn.Linear(2, 2)

    def forward(self, x: Any) -> Any:
        out, state = self.rnn(x)
        return self.fc(out) + state[-1].unsqueeze(1)


def test_errors_name_the_place() -> None:
    cases: list[tuple[Any, Any, str]] = [
        (Swapped(), data(2, 1, 4), r"Swapped\.lstm: axes were swapped before it.*given values of shape \(3, 2\)"),
        (Conditional(), data(2, 2), "Conditional: the forward of this module cannot be followed; given symb"),
        (Picking(), data(2, 2), r"Picking\.cumsum: no such function here; given cumsum; expected one of add"),
        (Both(), data(1, 2, 2), r"Both\.rnn: both the states of all steps and the last one are used"),
        (nn.Sequential(nn.Conv2d(1, 1, 2, padding_mode="circular", padding=1)), data(1, 1, 3, 3),
         r"Sequential\.0: Conv2d with padding_mode; given padding_mode=circular; expected padding_mode=zeros"),
        (nn.Sequential(nn.LSTM(1, 1, bidirectional=True)), data(2, 1), r"Sequential\.0: LSTM with bidirectional"),
        (nn.Sequential(nn.Conv2d(1, 1, 2), nn.Linear(2, 2)), data(1, 1, 3, 3),
         r"Sequential\.1: a dense layer on more than steps x features; given values of shape \(1, 2, 2\)"),
        (nn.Sequential(nn.Conv1d(2, 1, 2)), data(1, 3, 4), r"Sequential\.0: PyTorch cannot run it: Given groups=1"),
        (nn.Sequential(nn.Embedding(3, 2, padding_idx=0)), torch.tensor([1]), "Embedding with padding_idx"),
        (nn.Conv2d(1, 1, 2), data(3, 3), r"inputs: too few axes; given shape \(3, 3\); expected 3 for one"),
    ]  # fmt: skip
    for module, inputs, text in cases:
        with pytest.raises(ProblemError, match=text):
            from_torch(module.double(), inputs, [1.0])


def test_errors_of_optimizers() -> None:
    module = made(nn.Sequential(nn.Linear(1, 1)))
    for rule, text in (
        (torch.optim.Adam(module.parameters(), amsgrad=True), "Adam with amsgrad; given amsgrad=True"),
        (torch.optim.NAdam(module.parameters()), "no such optimizer here; given NAdam; expected one of Adad"),
        (torch.optim.Adagrad(module.parameters(), initial_accumulator_value=0.1), "squares at the start"),
    ):
        with pytest.raises(ProblemError, match=f"learning_rate: {text}"):
            from_torch(module, [1.0], [1.0], nn.MSELoss(), rule)
    rule = torch.optim.Adam(module.parameters())
    module(data(1, 1)).sum().backward()
    rule.step()
    with pytest.raises(ProblemError, match="an optimizer that has made updates; given Adam; expected a new"):
        from_torch(module, [1.0], [1.0], nn.MSELoss(), rule)
