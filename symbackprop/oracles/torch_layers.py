"""PyTorch's own activations and losses in float64, from the problem alone.

Nothing of the package's formulas is used: were an activation or a loss stated wrongly, every oracle that
reads the forward formulas would repeat it, and this one would not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction as Rational
from typing import Any

from ..formulas.terms import Number
from ..keys import key
from ..spec.problem import Layer, Problem
from .answer import Answer, NotComparable
from .arithmetic import exact_number
from .program import Program
from .torch_autograd import slopes_of, torch_or_reason

#: Up to so many parameters the network is laid out; each layer is one matrix.
LARGEST_NETWORK = 3_000_000


def _setting(settings: Mapping[str, Number], name: str, default: str) -> float:
    number = settings.get(name)
    return float(Rational(default) if number is None else exact_number(number))


def _hard_sigmoid(f: Any, settings: Mapping[str, Number], z: Any) -> Any:
    line = _setting(settings, "slope", "1/6") * z + _setting(settings, "offset", "1/2")
    return f.hardtanh(line, 0.0, 1.0)


def _hardtanh(f: Any, settings: Mapping[str, Number], z: Any) -> Any:
    return f.hardtanh(z, _setting(settings, "min_val", "-1"), _setting(settings, "max_val", "1"))


#: Activations by name: PyTorch's own function of the net inputs of a unit, or of a softmax layer.
ACTIVATIONS: Mapping[str, Callable[[Any, Mapping[str, Number], Any], Any]] = {
    "sigmoid": lambda f, settings, z: z.sigmoid(),
    "tanh": lambda f, settings, z: z.tanh(),
    "identity": lambda f, settings, z: z,
    "relu": lambda f, settings, z: f.relu(z),
    "leaky_relu": lambda f, settings, z: f.leaky_relu(z, _setting(settings, "negative_slope", "0.01")),
    "elu": lambda f, settings, z: f.elu(z, _setting(settings, "alpha", "1")),
    "selu": lambda f, settings, z: f.selu(z),
    "celu": lambda f, settings, z: f.celu(z, _setting(settings, "alpha", "1")),
    "softplus": lambda f, settings, z: f.softplus(z, threshold=1000.0),
    "softsign": lambda f, settings, z: f.softsign(z),
    "silu": lambda f, settings, z: f.silu(z),
    "gelu": lambda f, settings, z: f.gelu(z),
    "gelu_tanh": lambda f, settings, z: f.gelu(z, approximate="tanh"),
    "mish": lambda f, settings, z: f.mish(z),
    "hard_sigmoid": _hard_sigmoid,
    "hardtanh": _hardtanh,
    "softmax": lambda f, settings, z: f.softmax(z, dim=-1),
    "log_softmax": lambda f, settings, z: f.log_softmax(z, dim=-1),
}


@dataclass(frozen=True, slots=True)
class Ends:
    """The end of the network for one sample: net inputs, outputs and targets, and PyTorch's functions."""

    f: Any
    z: Any
    o: Any
    t: Any
    activation: str
    settings: Mapping[str, Number]


def _binary_cross_entropy(ends: Ends) -> Any:
    if ends.activation == "sigmoid":  # from the net input: 1 - o has no digits left where o is nearly 1
        return ends.f.binary_cross_entropy_with_logits(ends.z, ends.t, reduction="sum")
    return ends.f.binary_cross_entropy(ends.o, ends.t, reduction="sum")


def _cross_entropy(ends: Ends) -> Any:
    if ends.activation == "softmax":
        return ends.f.cross_entropy(ends.z[None], ends.t[None], reduction="sum")
    return -ends.t.xlogy(ends.o).sum()


def _multi_class_hinge(ends: Ends) -> Any:
    margin = _setting(ends.settings, "margin", "1")
    right = ends.t.argmax()[None]
    return ends.f.multi_margin_loss(ends.o[None], right, margin=margin, reduction="sum") * len(ends.o)


def _short_of_margin(ends: Ends) -> Any:
    return (_setting(ends.settings, "margin", "1") - ends.t * ends.o).relu()


#: Losses of one sample by name, by PyTorch's own functions where it has them.
LOSSES: Mapping[str, Callable[[Ends], Any]] = {
    "half_squared_error": lambda e: e.f.mse_loss(e.o, e.t, reduction="sum") / 2,
    "squared_error": lambda e: e.f.mse_loss(e.o, e.t, reduction="sum"),
    "mean_squared_error": lambda e: e.f.mse_loss(e.o, e.t, reduction="mean"),
    "absolute_error": lambda e: e.f.l1_loss(e.o, e.t, reduction="sum"),
    "mean_absolute_error": lambda e: e.f.l1_loss(e.o, e.t, reduction="mean"),
    "huber": lambda e: e.f.huber_loss(e.o, e.t, "sum", _setting(e.settings, "delta", "1")),
    "log_cosh": lambda e: (e.o - e.t).cosh().log().sum(),
    "binary_cross_entropy": _binary_cross_entropy,
    "binary_cross_entropy_with_logits": lambda e: e.f.binary_cross_entropy_with_logits(
        e.o, e.t, reduction="sum"
    ),
    "cross_entropy": _cross_entropy,
    "cross_entropy_with_logits": lambda e: e.f.cross_entropy(e.o[None], e.t[None], reduction="sum"),
    "kl_divergence": lambda e: e.f.kl_div(e.o.log(), e.t, reduction="sum"),
    "negative_log_likelihood": lambda e: -(e.t * e.o).sum(),
    "hinge": lambda e: _short_of_margin(e).sum(),
    "squared_hinge": lambda e: _short_of_margin(e).square().sum(),
    "multi_class_hinge": _multi_class_hinge,
}


def ask_torch_layers(program: Program) -> Answer:
    """Return loss and gradients of a network of dense layers.

    Raises:
        NotComparable: PyTorch is not installed, or the network is not one that its functions make.
    """
    problem = program.problem
    refuse(problem)
    torch = torch_or_reason()
    functional = torch.nn.functional
    leaves = {
        by: torch.tensor(float(program.given[by]), dtype=torch.float64, requires_grad=True)
        for by in {*program.parameters.values(), *program.variables.values()}
        if by in program.given
    }
    # what the loss does not depend on has no number in the program, and none is needed
    nothing = torch.zeros((), dtype=torch.float64)
    parameters = {name: leaves.get(by, nothing) for name, by in program.parameters.items()}

    samples = [None] if len(problem.samples) == 1 else range(1, len(problem.samples) + 1)

    def datum(name: str, number: Number) -> Any:
        exact = float(exact_number(number))
        return leaves[name] if name in leaves else torch.tensor(exact, dtype=torch.float64)

    sent = {
        unit: torch.stack(
            [
                datum(key(unit, "", sample=n), s.inputs[unit])
                for n, s in zip(samples, problem.samples, strict=True)
            ]
        )
        for unit in problem.inputs
    }
    targets = [
        torch.stack([datum(key("target", unit, sample=n), s.targets[unit]) for unit in problem.outputs])
        for n, s in zip(samples, problem.samples, strict=True)
    ]
    for layer in problem.layers[1:]:
        _run_layer(layer, problem, parameters, sent, functional, torch, program)
    nets, outputs = (
        torch.stack([sent[prefix + unit] for unit in problem.outputs], dim=1) for prefix in ("net.", "")
    )
    last = problem.layers[-1].activation
    assert last is not None
    kind, settings = LOSSES[problem.loss.kind], problem.loss.settings
    losses = torch.stack(
        [
            kind(Ends(functional, nets[n], outputs[n], targets[n], last.name, settings))
            for n in range(len(targets))
        ]
    )
    if problem.loss.constant is not None:
        losses = losses * float(exact_number(problem.loss.constant))
    loss = losses.mean() if problem.loss.reduction == "mean" else losses.sum()
    sought = {name: leaves[by] for name, by in program.variables.items() if by in leaves}
    return {program.loss: loss.item(), **slopes_of(torch, loss, sought)}


def _run_layer(
    layer: Layer,
    problem: Problem,
    parameters: Mapping[str, Any],
    sent: dict[str, Any],
    functional: Any,
    torch: Any,
    program: Program,
) -> None:
    """Add what the units of a layer send out: one column of samples for each."""
    assert layer.activation is not None
    incoming: dict[str, list[tuple[str, str]]] = {unit: [] for unit in layer.units}
    for weight in problem.connections:
        if weight.target in incoming:
            incoming[weight.target].append((weight.source, weight.name))
    biases = {unit: bias.name for bias in problem.biases for unit in bias.targets}
    nets = []
    for unit in layer.units:
        if any(source in incoming for source, _ in incoming[unit]) and "softmax" in layer.activation.name:
            raise NotComparable("units of a softmax layer feed one another")
        columns = torch.stack([sent[source] for source, _ in incoming[unit]])
        weights = torch.stack([parameters[name] for _, name in incoming[unit]])
        net = weights @ columns
        if unit in biases:
            own = parameters[biases[unit]]
            net = net - own if problem.thresholds else net + own
        nets.append(net)
        sent[f"net.{unit}"] = net
        if "softmax" not in layer.activation.name:
            activation = ACTIVATIONS[layer.activation.name](functional, layer.activation.settings, net)
            sent[unit] = activation * _noise(program, unit, torch)
    if "softmax" in layer.activation.name:
        whole = ACTIVATIONS[layer.activation.name](
            functional, layer.activation.settings, torch.stack(nets, dim=1)
        )
        for column, unit in enumerate(layer.units):
            sent[unit] = whole[:, column] * _noise(program, unit, torch)


def _noise(program: Program, unit: str, torch: Any) -> Any:
    count = len(program.problem.samples)
    samples = [None] if count == 1 else range(1, count + 1)
    keys = [key("act", unit, sample=sample, passes=program.passes) for sample in samples]
    return torch.tensor([program.noise.get(name, 1.0) for name in keys], dtype=torch.float64)


def refuse(problem: Problem) -> None:
    """Refuse a network that is not layers of dense units, or has a function that PyTorch has not.

    Raises:
        NotComparable: the text says what is in the way.
    """
    if problem.architecture is not None:
        raise NotComparable("not a network of dense layers")
    if problem.thresholds:
        raise NotComparable("thresholds are subtracted, which these layers do not")
    if problem.given:
        raise NotComparable("activations are given, so the network is not run from its inputs")
    for layer in problem.layers[1:]:
        assert layer.activation is not None
        if layer.activation.name not in ACTIVATIONS or layer.activation.expression is not None:
            raise NotComparable(f"PyTorch has no function for the activation {layer.activation.name}")
    if problem.loss.kind not in LOSSES or problem.loss.expression is not None:
        raise NotComparable(f"PyTorch has no function for the loss {problem.loss.kind}")
    descent = getattr(problem, "descent", None)
    if descent is not None and (descent.batches or descent.penalty or descent.looks_ahead):
        raise NotComparable("mini-batches, penalties and looking ahead are no part of these layers")
    if len(problem.parameters) > LARGEST_NETWORK:
        raise NotComparable(f"too large: the limit is {LARGEST_NETWORK} parameters")
