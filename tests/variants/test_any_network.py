"""Whatever the network and `vary:`: draws are on their grids, in their ranges, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracles.expression_graphs import graphs
from oracles.networks import Net, nets
from oracles.stacks import maps, sequences, tokens, vectors

from symbackprop.derivation.solving import derive
from symbackprop.errors import SymbackpropError
from symbackprop.spec import Problem, problem_from_mapping
from symbackprop.spec.choices import Derived, Kept, Listed, Normal, Range, Suggested
from symbackprop.spec.choosing import exact
from symbackprop.spec.figures import figures
from symbackprop.variants import Quality, Variation, VariationError, variation_of
from symbackprop.variants.draws import Single

from .solved import assert_same

#: Few conditions and few draws: here it is about what is drawn.
LENIENT = Quality(
    saturation=None,
    digits=None,
    kink=None,
    living_and_dead=None,
    distinct_answers=False,
    effort=None,
    attempts=5,
)

numbers = st.integers(-300, 300).map(lambda n: f"{n / 100:.2f}")
steps = st.sampled_from(["0.01", "0.05", "0.1", "0.25"])


@st.composite
def choices(draw: st.DrawFn, *, positive: bool = False) -> Any:
    """Anything that a number may be."""
    step = draw(steps)
    low = Fraction(step) * draw(st.integers(1 if positive else -40, 40))
    high = low + Fraction(step) * draw(st.integers(1, 60))
    kind = draw(st.sampled_from(["range", "uniform", "list", "normal", "auto", "fixed"]))
    ends = {"from": f"{float(low):.2f}", "to": f"{float(high):.2f}", "by": step}
    if kind == "range":
        return f"{ends['from']} to {ends['to']} by {step}"
    if kind == "uniform":
        return {"distribution": "uniform", **ends}
    if kind == "list":
        least = 1 if positive else -9
        return [str(n / 4) for n in draw(st.lists(st.integers(least, 9), min_size=1, max_size=6))]
    if kind == "normal":
        mean = (low + high) / 2
        return {"distribution": "normal", "mean": f"{float(mean):.3f}", "sd": "1", **ends}
    return kind


@st.composite
def varied(draw: st.DrawFn) -> tuple[Net, dict[str, Any]]:
    """A network and what varies of it."""
    net = draw(nets(most_samples=2))
    vary: dict[str, Any] = {}
    for part in ("inputs", "weights", "biases"):
        has = {"weights": net.weights, "biases": net.biases}.get(part, True)
        if has and draw(st.booleans()):
            vary[part] = draw(choices())
    if net.loss != "binary_cross_entropy" and draw(st.booleans()):
        vary["targets"] = draw(choices())
    if draw(st.booleans()):
        vary["learning_rate"] = draw(choices(positive=True))
    names = [*net.parameters, *net.inputs]
    for name in draw(st.lists(st.sampled_from(names), max_size=3, unique=True)):
        vary[name] = draw(choices())
    first, *others = list(net.parameters)
    if others and draw(st.booleans()):
        vary[first] = draw(st.sampled_from([f"{others[0]} + 0.1", f"2*{others[-1]} - 0.25"]))
    return net, vary


def problem_of(net: Net, vary: dict[str, Any]) -> Problem:
    return problem_from_mapping({**net.mapping(), "vary": vary})


def assert_drawn_as_said(variation: Variation, drawn: Problem) -> None:
    """Every number is one that `vary:` allows, or as it was."""
    problem = variation.problem
    assert problem.vary is not None
    now = {figure.key: figure.number for figure in figures(drawn)}
    for figure in figures(problem):
        number, value = now[figure.key], exact(now[figure.key])
        usual = Kept() if figure.role == "learning_rate" else Suggested()
        choice = problem.vary.choices.get(figure.key, usual)
        match choice:
            case Kept():
                assert number == figure.number
            case Listed(numbers=listed):
                assert number in listed
            case Range(low=low, high=high, step=step):
                assert exact(low) <= value <= exact(high)
                assert ((value - exact(low)) / exact(step)).denominator == 1
                assert len(number.text.partition(".")[2]) == 2 or "." not in step.text or step.text == "0.1"
            case Normal(step=step, low=low, high=high):
                assert (value / exact(step)).denominator == 1
                assert low is not None and high is not None and exact(low) <= value <= exact(high)
            case Derived():
                assert number.text
            case Suggested():
                own = [exact(f.number) for f in figures(problem) if f.role == figure.role]
                assert min(own) < 0 or value >= 0 or figure.role == "targets"
                assert max(own) > 0 or value <= 0 or figure.role == "targets"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    varied(),
    st.integers(0, 99),
    st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=3, unique=True),
)
def test_draws_are_what_was_asked_for_and_nobody_elses(
    case: tuple[Net, dict[str, Any]], seed: int, students: list[str]
) -> None:
    try:
        problem = problem_of(*case)
        variation = variation_of(problem, quality=LENIENT)
    except (VariationError, SymbackpropError):
        assume(False)  # nothing varies, or the network has no value with its own numbers
        return
    found = {}
    for student in students:
        try:
            variant = variation.draw(seed, student)
        except VariationError as error:
            assert sum(error.rejected.values()) == LENIENT.attempts
            continue
        found[student] = dict(variant.numbers)
        assert_drawn_as_said(variation, variant.problem)
        assert_same(variant.ledger, derive(variant.problem)[1])
    again = variation_of(problem, quality=LENIENT)
    assert again.identity == variation.identity
    for student in reversed(list(found)):
        assert dict(again.draw(seed, student).numbers) == found[student]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nets(), st.integers(0, 10**6))
def test_any_network_varies_by_itself_and_is_solved(net: Net, seed: int) -> None:
    problem = net.problem()
    try:
        variation = variation_of(problem)
    except SymbackpropError:
        assume(False)
        return
    try:
        variant = variation.draw(seed, "student")
    except VariationError as error:
        assert sum(error.rejected.values()) == 500
        return
    assert_same(variant.ledger, derive(variant.problem)[1])
    (structure,) = variation.structures
    for draw in structure.plan.draws:
        if isinstance(draw, Single):
            assert all(draw.pool.holds(variant.numbers[key]) for key in draw.places)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("make", [vectors, maps, sequences, tokens, graphs], ids=lambda make: make.__name__)
def test_any_stack_of_layers_and_any_graph(make: Any, seed: int) -> None:
    try:
        problem = problem_from_mapping(make(seed))
        variation = variation_of(problem, quality=replace(LENIENT, attempts=50))
        variant = variation.draw(1, "student")
    except VariationError as error:
        assert "nothing varies" in str(error) or sum(error.rejected.values()) == 50
        return
    assert_same(variant.ledger, derive(variant.problem)[1])
