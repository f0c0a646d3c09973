"""Every gradient against SymPy, central differences and matrices; the identities between quantities."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import mpmath  # type: ignore[import-untyped]
import sympy
from hypothesis import HealthCheck, assume, given, settings

from symbackprop import Solution, solve
from symbackprop.doubles.training import DenseNetwork, train
from symbackprop.formulas.symbolic import equal, sympy_symbol
from symbackprop.proofs.composition import composed
from symbackprop.rules import ACTIVATIONS as RULES
from symbackprop.rules import LOSSES as LOSS_RULES

from .independent import Field, Reference, central_differences, expected_values, mp_context
from .networks import ACTIVATIONS, FORMS, KINKED, LOSSES, Net, build_net, nets

MP = mp_context(60)
TWELVE_DIGITS = MP.mpf("1e-12")
THIRTY_DIGITS = MP.mpf("1e-30")


def examples(count: int) -> Callable[[Any], Any]:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def value(solution: Solution, key: str) -> Any:
    """Return the certified value to forty digits."""
    return MP.mpf(solution[key].digits(40))


def gradients(net: Net, solution: Solution) -> dict[str, Any]:
    return {name: value(solution, f"grad.{name}") for name in net.parameters}


def assert_close(
    found: Mapping[str, Any], expected: Mapping[str, Any], relative: Any = TWELVE_DIGITS, floor: Any = None
) -> None:
    """Assert that numbers agree but for a relative part; where parts cancel, a part of the largest."""
    assert found.keys() == expected.keys()
    numbers = {key: MP.mpf(number) for key, number in expected.items()}
    if floor is None:
        floor = max([abs(number) for number in numbers.values()], default=MP.zero) / 1000
    for key, number in numbers.items():
        assert abs(MP.mpf(found[key]) - number) <= relative * max(abs(number), floor), key


def at_a_kink(net: Net) -> bool:
    """Return whether some net input lies at, or very near, the kink of its unit's activation."""
    values = Reference(net, Field(30)).values
    return any(
        abs(values[f"net.{unit}{mark}"]) < 1e-9
        for layer, (name, _) in zip(net.layers[1:], net.activations, strict=True)
        for unit in layer
        for mark in net.marks
        if name in KINKED
    )


# --- oracles ---------------------------------------------------------------------------------


@examples(10)
@given(nets(most_units=2, most_hidden=1, most_samples=2))
def test_sympy_derivative_of_the_composed_loss(net: Net) -> None:
    assume(not at_a_kink(net))
    solution = solve(net.problem())
    loss = composed(solution.ledger, "loss")
    numbers = dict(net.parameters)
    for mark, (inputs, targets) in zip(net.marks, net.samples, strict=True):
        numbers |= {f"{unit}{mark}": text for unit, text in zip(net.inputs, inputs, strict=True)}
        numbers |= {f"target.{unit}{mark}": text for unit, text in zip(net.outputs, targets, strict=True)}
    assert {symbol.name for symbol in loss.free_symbols} <= numbers.keys()
    symbols = {name: sympy_symbol(name) for name in numbers}
    derivatives = [sympy.diff(loss, symbols[name]) for name in net.parameters]
    field = Field(60)
    with mpmath.workdps(60):
        found = sympy.lambdify(list(symbols.values()), derivatives, "mpmath")(
            *(mpmath.mpf(field.number(numbers[name])) for name in symbols)
        )
        assert_close(gradients(net, solution), dict(zip(net.parameters, found, strict=True)), THIRTY_DIGITS)


def test_sympy_proves_a_whole_network() -> None:
    """In symbols, without a number: the composed gradient is the derivative of the composed loss."""
    for form in FORMS:
        net = replace(TWO_OUTPUTS, form=form)
        ledger = solve(net.problem()).ledger
        loss = composed(ledger, "loss")
        for name in net.parameters:
            assert equal(composed(ledger, f"grad.{name}"), sympy.diff(loss, sympy_symbol(name))), (form, name)


TWO_OUTPUTS = Net(
    layers=(("x1",), ("h1",), ("o1", "o2")),
    activations=(("sigmoid", ()), ("identity", ())),
    weights=(("w1", "x1", "h1", "0.1"), ("w2", "h1", "o1", "0.2"), ("w3", "h1", "o2", "-0.3")),
    biases=(("b1", ("h1", "o1"), "0.4"),),
    samples=((("0.5",), ("0", "1")),),
)


@examples(60)
@given(nets())
def test_central_differences(net: Net) -> None:
    assume(not at_a_kink(net))
    assert_close(gradients(net, solve(net.problem())), central_differences(net))


@examples(40)
@given(nets())
def test_matrices_in_double_precision(net: Net) -> None:
    problem = net.problem()
    network = DenseNetwork(problem)
    activations, nets_by_layer = network.forward(network.start)
    found = network.gradient(network.start, activations, nets_by_layer)
    names = [parameter.name for parameter in problem.parameters]
    assert set(names) == set(net.parameters)
    solution = solve(problem)
    # parts that cancel leave the rounding errors of what cancelled
    assert_close(
        dict(zip(names, found.tolist(), strict=True)), gradients(net, solution), floor=_largest_part(net)
    )
    assert_close(
        {"loss": network.loss(activations, nets_by_layer, problem.loss)},
        {"loss": value(solution, "loss")},
        floor=MP.mpf(1),
    )
    after = train(problem)
    for name, number in zip(names, after.parameters[1].tolist(), strict=True):
        key = name if name in problem.frozen else f"new.{name}"
        assert_close({key: number}, {key: value(solution, key)}, floor=_largest_part(net))
    for row, mark in enumerate(net.marks):
        for column, output in enumerate(problem.outputs):
            key = f"act.{output}{mark}"
            assert_close(
                {key: activations[row, len(problem.units) - len(problem.outputs) + column]},
                {key: value(solution, key)},
                floor=_largest_part(net),
            )


def _largest_part(net: Net) -> Any:
    """Return the size of the numbers that are added up in double precision."""
    values = expected_values(net, Field(20))
    return max(abs(number) for number in values.values()) + MP.mpf(1)


# --- identities ------------------------------------------------------------------------------


@examples(50)
@given(nets())
def test_identities(net: Net) -> None:
    solution = solve(net.problem())
    keys = set(solution.keys())
    problem = solution.problem
    largest = max(abs(value(solution, key)) for key in keys if not key.startswith(("x", "target")))

    def same(left: Any, right: Any) -> None:
        assert abs(left - right) <= THIRTY_DIGITS * (largest + 1)

    def total(of: list[str]) -> Any:
        return sum((value(solution, key) for key in of), MP.zero)

    for mark in net.marks:
        for unit in (unit for layer in net.layers[1:] for unit in layer):
            same(value(solution, f"delta.{unit}{mark}"), -value(solution, f"dE_dnet.{unit}{mark}"))
            chain = value(solution, f"dE_dact.{unit}{mark}") * value(solution, f"dact_dnet.{unit}{mark}")
            same(chain, value(solution, f"dE_dnet.{unit}{mark}"))
        same(value(solution, f"loss{mark}"), total([f"error.{output}{mark}" for output in net.outputs]))
    for name in net.parameters:
        gradient = value(solution, f"grad.{name}")
        if name in net.frozen:
            assert not {f"new.{name}", f"step.{name}"} & keys
        else:
            step = value(solution, f"step.{name}")
            same(step, value(solution, f"new.{name}") - value(solution, name))
            same(step, -value(solution, "learning_rate") * gradient)
        parts = [f"grad.{name}|{output}" for output in net.outputs if f"grad.{name}|{output}" in keys]
        if len(net.outputs) > 1:
            same(total(parts), gradient)
        if len(net.samples) > 1:
            same(total([f"grad.{name}{mark}" for mark in net.marks]), gradient)
            for part in parts:
                same(total([f"{part}{mark}" for mark in net.marks]), value(solution, part))
    assert {parameter.name for parameter in problem.parameters} == set(net.parameters)


@examples(30)
@given(nets())
def test_forms_agree_in_all_digits(net: Net) -> None:
    values = []
    for form in FORMS:
        solution = solve(replace(net, form=form).problem())
        values.append({key: solution[key].digits(30) for key in solution.keys()})  # noqa: SIM118
    for other in values[1:]:
        assert other == values[0]


@examples(60)
@given(nets())
def test_every_quantity_by_forward_differentiation(net: Net) -> None:
    solution = solve(net.problem())
    expected = expected_values(net, Field(60))
    assert set(solution.keys()) == expected.keys()
    for key, number in expected.items():
        assert abs(value(solution, key) - number) <= MP.mpf("1e-38") * abs(number) + MP.mpf("1e-50"), key


def test_small_networks_of_every_activation_and_loss() -> None:
    """Each pair once, so that no draw can miss one."""
    for seed, (hidden, loss) in enumerate((a, e) for a in ACTIVATIONS for e in LOSSES):
        output = "sigmoid" if loss == "binary_cross_entropy" else ACTIVATIONS[seed % len(ACTIVATIONS)]
        net = build_net(random.Random(seed), (2, 2, 2), (hidden, output), loss, 1 + seed % 2, dense=True)
        solution = solve(net.problem())
        expected = expected_values(net, Field(60))
        for name in net.parameters:
            key = f"grad.{name}"
            assert abs(value(solution, key) - expected[key]) <= MP.mpf("1e-38") * (1 + abs(expected[key]))
    assert set(ACTIVATIONS) <= RULES.keys()  # all the others: test_rule_networks.py
    assert set(LOSSES) <= LOSS_RULES.keys()


def test_kinks_take_the_negative_side() -> None:
    """At z = 0 exactly: the stated convention, in the ledger and in double precision alike."""
    for name, settings_, slope in (
        ("relu", (), "0"),
        ("leaky_relu", (("negative_slope", "0.25"),), "0.25"),
        ("elu", (("alpha", "1.5"),), "1.5"),
    ):
        net = Net(
            layers=(("x1",), ("h1",), ("o1",)),
            activations=((name, settings_), ("identity", ())),
            weights=(("w1", "x1", "h1", "0.5"), ("w2", "h1", "o1", "2")),
            biases=(("b1", ("h1",), "-0.125"),),
            samples=((("0.25",), ("1",)),),
        )
        solution = solve(net.problem())
        assert solution["net.h1"].shown == "0"
        assert value(solution, "dact_dnet.h1") == MP.mpf(slope)
        expected = expected_values(net, Field(60))
        assert value(solution, "grad.w1") == expected["grad.w1"]
        network = DenseNetwork(net.problem())
        activations, nets_by_layer = network.forward(network.start)
        found = network.gradient(network.start, activations, nets_by_layer)
        assert found[0] == float(expected["grad.w1"])
