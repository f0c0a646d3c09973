"""Certified values of all gradients at once, against mpmath at fifty digits and exact fractions."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop import Dense, SymbackpropError, gradients, problem_from_mapping, solve
from symbackprop.errors import UndecidedDigits
from symbackprop.spec import dense_problem
from symbackprop.spec.problem import Problem
from tests.benchmarks import sequences

SLOPES = {
    "sigmoid": lambda z, a: a * (1 - a),
    "tanh": lambda z, a: 1 - a * a,
    "relu": lambda z, a: mpmath.mpf(z > 0),
    "identity": lambda z, a: mpmath.mpf(1),
}
FUNCTIONS = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "identity": lambda z: z,
}


def problem_of(
    layers: list[tuple[str, list[list[str]], list[str] | str | None]],
    samples: list[tuple[list[str], list[str]]],
    **rest: Any,
) -> Problem:
    return dense_problem(
        title="Bulk",
        samples=samples,
        layers=[Dense(len(w), name, weights=w, biases=b) for name, w, b in layers],
        **rest,
    )


def by_mpmath(
    layers: list[tuple[str, list[list[str]], list[str] | str | None]],
    samples: list[tuple[list[str], list[str]]],
) -> dict[str, mpmath.mpf]:
    """Return the gradients of the mean half squared error, by the textbook's loops."""
    number = lambda text: mpmath.mpf(Fraction(text).numerator) / Fraction(text).denominator  # noqa: E731
    found: dict[str, mpmath.mpf] = {}
    for inputs, targets in samples:
        acts, nets = [[number(x) for x in inputs]], []
        for name, weights, biases in layers:
            shared = biases if isinstance(biases, list) else [biases or "0"] * len(weights)
            nets.append(
                [
                    mpmath.fsum([number(w) * a for w, a in zip(row, acts[-1], strict=True)]) + number(b)
                    for row, b in zip(weights, shared, strict=True)
                ]
            )
            acts.append([FUNCTIONS[name](z) for z in nets[-1]])
        back = [o - number(t) for o, t in zip(acts[-1], targets, strict=True)]
        for index in range(len(layers) - 1, -1, -1):
            name, weights, biases = layers[index]
            slopes = [SLOPES[name](z, a) for z, a in zip(nets[index], acts[index + 1], strict=True)]
            deltas = [d * s / len(samples) for d, s in zip(back, slopes, strict=True)]
            for to, delta in enumerate(deltas, 1):
                for source, a in enumerate(acts[index], 1):
                    key = f"w{index + 1}_{to}_{source}"
                    found[key] = found.get(key, mpmath.mpf(0)) + delta * a
                if biases is not None:
                    key = f"b{index + 1}_{to}" if isinstance(biases, list) else f"b{index + 1}"
                    found[key] = found.get(key, mpmath.mpf(0)) + delta
            columns = [[number(row[s]) for row in weights] for s in range(len(acts[index]))]
            back = [
                len(samples) * mpmath.fsum([w * d for w, d in zip(column, deltas, strict=True)])
                for column in columns
            ]
    return found


def rounded(value: mpmath.mpf, digits: int = 6) -> Decimal:
    """Return a number of fifty digits rounded to some, by the decimal module."""
    exact = Decimal(mpmath.nstr(value, 45, strip_zeros=False))
    return Context(prec=digits, rounding=ROUND_HALF_EVEN, Emax=10**6, Emin=-(10**6)).create_decimal(exact)


def assert_certified(layers: Any, samples: Any, digits: int = 6) -> None:
    found = gradients(problem_of(layers, samples), digits)
    with mpmath.workdps(60):
        expected = by_mpmath(layers, samples)
        assert set(found) == set(expected)
        assert found.certified.all()
        for index, name in enumerate(found):
            distance = abs(mpmath.mpf(float(found.values[index])) - expected[name])
            assert distance <= mpmath.mpf(float(found.errors[index])) + mpmath.mpf(10) ** -52, name
            if abs(expected[name]) > mpmath.mpf(10) ** -40:
                assert Decimal(found.text(name)) == rounded(expected[name], digits), name


numbers = st.integers(-2000, 2000).map(lambda n: str(Decimal(n) / 1000))


@st.composite
def networks(draw: st.DrawFn) -> tuple[Any, Any]:
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    layers = []
    for before, after in pairwise(sizes):
        name = draw(st.sampled_from(["sigmoid", "tanh", "identity"]))
        weights = [[draw(numbers) for _ in range(before)] for _ in range(after)]
        biases = draw(st.one_of(st.none(), numbers, st.lists(numbers, min_size=after, max_size=after)))
        layers.append((name, weights, biases))
    samples = [
        ([draw(numbers) for _ in range(sizes[0])], [draw(numbers) for _ in range(sizes[-1])])
        for _ in range(draw(st.integers(1, 3)))
    ]
    return layers, samples


@settings(max_examples=60, deadline=None)
@given(networks(), st.sampled_from([3, 6, 12]))
def test_random_networks(network: tuple[Any, Any], digits: int) -> None:
    assert_certified(*network, digits)


def test_cancellation_is_no_obstacle() -> None:
    # the net input is 1e-9 left over from terms of 1e15, beyond what doubles can hold
    layers = [
        ("tanh", [["1e15", "-1e15", "1"]], ["1e-9"]),
        ("identity", [["0.5"]], None),
    ]
    assert_certified(layers, [(["0.3", "0.3", "0"], ["0.1"])])


def test_saturation_far_and_further() -> None:
    layers = [("sigmoid", [["60"], ["-700"]], ["0", "0"]), ("sigmoid", [["1", "-2"]], ["0.1"])]
    assert_certified(layers, [(["1"], ["0.25"])])
    found = gradients(problem_of([("sigmoid", [["-2000"]], None)], [(["1"], ["1"])]))
    # dE/dw = (a - 1) a (1 - a) with a = e^-2000 up to e^-4000, far below the least double
    with mpmath.workdps(40):
        expected = rounded(-mpmath.exp(-2000))
    assert Decimal(found.text("w1_1_1")) == expected
    assert found.certified.all()
    assert found["w1_1_1"] == 0.0
    assert 0.0 < found.errors[0] < 1e-300


def test_an_input_of_zero_gives_exact_zeros() -> None:
    found = gradients(problem_of([("sigmoid", [["0.3", "0.2"]], ["0.1"])], [(["0", "1"], ["0.5"])]))
    assert (found["w1_1_1"], found.text("w1_1_1"), found.errors[0]) == (0.0, "0", 0.0)
    assert found["w1_1_2"] != 0.0


def test_at_the_kink_of_relu_the_declared_slope_is_taken() -> None:
    # z1 = 0.1 * 0.3 - 0.03 = 0 exactly, which no ball can tell; z2 is below zero
    layers = [("relu", [["0.3"], ["-1"]], ["-0.03", "0"]), ("identity", [["1", "1"]], ["0.2"])]
    samples = [(["0.1"], ["0.7"])]
    assert_certified(layers, samples)
    found = gradients(problem_of(layers, samples))
    assert [found.text(name) for name in ("w1_1_1", "w1_2_1", "b2_1")] == ["0", "0", "-0.500000"]


def test_a_tie_goes_to_the_even_digit() -> None:
    # dE/dw = (w x - t) x exactly: 0.1234565 and 0.1234575 at x = 1
    for target, expected in (("0.8765435", "0.123456"), ("0.8765425", "0.123458")):
        found = gradients(problem_of([("identity", [["1"]], None)], [(["1"], [target])]))
        assert found.text("w1_1_1") == expected
        assert found.certified.all()


def test_an_exact_target_gives_zero_gradients() -> None:
    found = gradients(problem_of([("identity", [["0.1", "0.2"]], None)], [(["0.1", "0.2"], ["0.05"])]))
    assert [found.text(name) for name in found] == ["0", "0"]


def test_several_parameters_and_samples_share() -> None:
    layers = [("tanh", [["0.5", "-0.25"], ["1", "2"]], "0.75"), ("sigmoid", [["1.5", "-1"]], "0.3")]
    assert_certified(layers, [(["1", "2"], ["0"]), (["-1", "0.5"], ["1"]), (["0", "0"], ["0.5"])])


@pytest.mark.parametrize("name", ["two-output-sigmoid", "shared-bias", "or-gate-full", "delta-rule", "xor"])
def test_the_examples_agree_with_their_derivations(name: str) -> None:
    solution, found = solve(name), gradients(name, 9)
    if solution.problem.rounding.carry == "shown":
        pytest.skip("this sheet carries rounded values on")
    for parameter in found:
        value = solution[f"grad.{parameter}"].value
        expected = Context(prec=9, rounding=ROUND_HALF_EVEN).create_decimal(value)
        assert Decimal(found.text(parameter)) == expected


def test_given_activations_are_taken_from_the_derivation() -> None:
    solution, found = solve("or-gate"), gradients("or-gate")
    assert found.certified.any()
    for parameter in found:
        if found.certified[found.names.index(parameter)]:
            assert float(found.text(parameter)) == pytest.approx(
                float(solution[f"grad.{parameter}"].value), rel=1e-5
            )


def test_plain_doubles_are_close_and_certify_nothing() -> None:
    certain, plain = gradients("xor"), gradients("xor", certified=False)
    np.testing.assert_allclose(plain.values, certain.values, rtol=1e-12)
    assert not plain.certified.any()
    assert np.isinf(plain.errors).all()
    with pytest.raises(UndecidedDigits, match=r"grad\.w1.*: its digits are not certified; certified=True"):
        plain.text(plain.names[0])


def test_digits_out_of_range_are_refused() -> None:
    with pytest.raises(SymbackpropError, match="given digits=13; expected 1 to 12"):
        gradients("xor", 13)


SOFTMAX = {
    "title": "Softmax",
    "network": {
        "inputs": ["0.1", "0.7"],
        "targets": [1, 0, 0],
        "layers": [
            {
                "units": 2,
                "activation": "tanh",
                "weights": [["0.1", "0.2"], ["0.3", "-0.4"]],
                "biases": [0, 1],
            },
            {
                "units": 3,
                "activation": "softmax",
                "weights": [["0.1", "0.2"], ["0.3", "-0.4"], ["0.5", "0.6"]],
            },
        ],
        "loss": "cross_entropy",
    },
}


@pytest.mark.parametrize("mapping", [SOFTMAX, sequences.lstm(3), sequences.attention(3)])
def test_networks_of_other_kinds_agree_with_their_derivations(mapping: dict[str, Any]) -> None:
    problem = problem_from_mapping(mapping)
    solution, found = solve(problem), gradients(problem)
    assert found.certified.all()
    for index, name in enumerate(found):
        value = solution[f"grad.{name}"].value
        expected = Context(prec=6, rounding=ROUND_HALF_EVEN).create_decimal(value)
        assert Decimal(found.text(name)) == expected
        # the derivation's value itself is rounded to 17 digits
        slack = abs(value) * Decimal("1e-16")
        assert abs(Decimal(float(found.values[index])) - value) <= Decimal(float(found.errors[index])) + slack
    plain = gradients(problem, certified=False)
    np.testing.assert_allclose(plain.values, found.values, rtol=1e-10, atol=1e-15)
