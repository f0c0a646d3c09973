"""What is accepted: the ends of what a rounding prints alike, carried values, tolerance."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from symbackprop import Problem, example_names, load_problem, problem_from_mapping
from symbackprop.derivation.carrying import carried_values
from symbackprop.derivation.ledger import Ledger
from symbackprop.derivation.solving import derive
from symbackprop.formulas.terms import Number
from symbackprop.marking import Interval, Tolerance, accepted_interval
from symbackprop.marking.accepting import as_fraction, printed, rounding_interval, tolerance_interval
from symbackprop.numbers.digits import show
from symbackprop.numbers.rounding import Rounding, RoundingPolicy

PLACES = Rounding(4, "places", zeros="keep", scientific_below=None)
FIGURES = Rounding(4, "significant", zeros="keep")


def ends(answer: str, rounding: Rounding) -> tuple[str, str]:
    interval = rounding_interval(Number.parse(answer), rounding)
    return str(interval.low), str(interval.high)


@pytest.mark.parametrize(
    ("answer", "rounding", "low", "high"),
    [
        ("0.0883", PLACES, "0.08825", "0.08835"),
        ("-0.0883", PLACES, "-0.08835", "-0.08825"),
        ("0.0000", PLACES, "-0.00005", "0.00005"),
        ("0.08826", FIGURES, "0.088255", "0.088265"),
        ("-4.834e-4", FIGURES, "-4.8345e-4", "-4.8335e-4"),
        ("1.000", FIGURES, "0.99995", "1.0005"),  # 0.9999 and 1.001 are its neighbours
        ("9.999", FIGURES, "9.9985", "9.9995"),
        ("1.000e-4", FIGURES, "0.99995e-4", "1.0005e-4"),
        ("0", FIGURES, "0", "0"),
        ("2", replace(PLACES, digits=0), "1.5", "2.5"),
        ("1.2e3", replace(FIGURES, digits=2), "1.15e3", "1.25e3"),
        ("0.0010", replace(PLACES, scientific_below=-3), "0.000999995", "0.00105"),
        ("0.0883", replace(PLACES, mode="truncate"), "0.0883", "0.0884"),
        ("-0.0883", replace(PLACES, mode="truncate"), "-0.0884", "-0.0883"),
        ("0.0000", replace(PLACES, mode="truncate"), "-0.0001", "0.0001"),
    ],
)
def test_ends(answer: str, rounding: Rounding, low: str, high: str) -> None:
    assert ends(answer, rounding) == (low, high)


def test_ends_are_included_but_for_the_far_one_of_truncation() -> None:
    nearest = rounding_interval(Number("0.0883"), PLACES)
    assert Fraction("0.08825") in nearest and Fraction("0.08835") in nearest
    assert Fraction("0.088249") not in nearest and Fraction("0.0884") not in nearest
    cut = rounding_interval(Number("0.0883"), replace(PLACES, mode="truncate"))
    assert Fraction("0.0883") in cut and Fraction("0.08839999") in cut and Fraction("0.0884") not in cut
    cut = rounding_interval(Number("-0.0883"), replace(PLACES, mode="truncate"))
    assert Fraction("-0.0883") in cut and Fraction("-0.0884") not in cut
    cut = rounding_interval(Number("0.0000"), replace(PLACES, mode="truncate"))
    assert Fraction(0) in cut and Fraction("0.0001") not in cut and Fraction("-0.0001") not in cut


ROUNDINGS = st.builds(
    Rounding,
    digits=st.integers(1, 9),
    kind=st.sampled_from(("places", "significant")),
    mode=st.sampled_from(("half_even", "half_up", "truncate")),
    readout=st.sampled_from((None, 10)),
    zeros=st.sampled_from(("keep", "drop", "exact")),
    exponent=st.sampled_from((None, None, -3)),
    scientific_below=st.sampled_from((None, -3)),
)
VALUES = st.one_of(
    st.fractions(-20, 20, max_denominator=10**9),
    st.builds(lambda n, k: Fraction(n) / 10**k, st.integers(-(10**6), 10**6), st.integers(0, 12)),
    st.builds(lambda k, n: Fraction(10) ** k + Fraction(n, 10**15), st.integers(-6, 6), st.integers(-9, 9)),
)


@given(VALUES, ROUNDINGS, st.integers(0, 6))
def test_right_roundings_to_more_digits_are_accepted(value: Fraction, rounding: Rounding, more: int) -> None:
    rounding = replace(rounding, readout=None)
    exact = fmpq(value.numerator, value.denominator)
    interval = rounding_interval(show(exact, rounding), rounding)
    assert value in interval
    assert as_fraction(show(exact, replace(rounding, digits=rounding.digits + more))) in interval


@given(VALUES, ROUNDINGS)
def test_what_lies_inside_is_printed_as_the_answer(value: Fraction, rounding: Rounding) -> None:
    rounding = replace(rounding, readout=None)
    answer = show(fmpq(value.numerator, value.denominator), rounding)
    interval = rounding_interval(answer, rounding)
    low, high = as_fraction(interval.low), as_fraction(interval.high)
    if answer.text.strip("-0.") == "":
        return  # near zero a scientific form may print what the places show as nothing
    for share in (Fraction(1, 10**6), Fraction(1, 3), 1 - Fraction(1, 10**6)):
        inside = low + share * (high - low)
        assert as_fraction(show(fmpq(inside.numerator, inside.denominator), rounding)) == as_fraction(answer)
    width = high - low
    for outside in (low - width / 10**6, high + width / 10**6):
        printed = show(fmpq(outside.numerator, outside.denominator), rounding)
        assert as_fraction(printed) != as_fraction(answer)


def sigmoid(digits: int, carry: str) -> Problem:
    problem = load_problem("two-output-sigmoid")
    policy = RoundingPolicy(Rounding(digits, "places", zeros="keep", scientific_below=None), carry)  # type: ignore[arg-type]
    return replace(problem, epochs=1, rounding=policy)


def solved(problem: Problem) -> Ledger:
    return derive(problem)[1]


def test_of_a_ledger() -> None:
    # grad.w5 = 0.088264047856... (PyTorch in double precision: 0.08826404785624665)
    ledger = solved(sigmoid(4, "exact"))
    interval = accepted_interval(ledger, "grad.w5")
    assert (str(interval.low), str(interval.high)) == ("0.08825", "0.08835")
    finer = accepted_interval(ledger, "grad.w5", rounding=replace(PLACES, digits=6))
    assert (str(finer.low), str(finer.high)) == ("0.0882635", "0.0882645")


def test_carried_values_by_hand() -> None:
    # with three places: z = 0.432 (0.4325 to even), a = 0.606, h2: 0.390, 0.596
    # z_o1 = 0.606 * 0.4 + 0.596 * 0.45 + 0.25 = 0.7606 -> ...
    problem = problem_from_mapping(
        {
            "title": "One unit",
            "network": {
                "inputs": [0.7],
                "targets": [1],
                "layers": [
                    {"units": 1, "activation": "identity", "weights": [[0.35]]},
                    {"units": 1, "activation": "identity", "weights": [[10]]},
                ],
                "loss": "half_squared_error",
                "learning_rate": 0.1,
            },
            "rounding": {"kind": "places", "digits": 2, "zeros": "keep", "scientific_below": None},
        }
    )
    # exact: a = 0.245, o = 2.45; carried: a = 0.24 (tie to even), o = 2.40
    rounding = problem.rounding.default
    exact = solved(problem)
    assert str(printed(exact, "act.o1", rounding=rounding)) == "2.45"
    assert str(carried_values(exact)["act.o1"]) == "2.40"
    by_hand = solved(replace(problem, rounding=replace(problem.rounding, carry="shown")))
    assert str(printed(by_hand, "act.o1", rounding=rounding)) == "2.40"
    assert str(by_hand.rounded("act.o1", rounding)) == "2.45"
    assert accepted_interval(by_hand, "act.o1") == Interval(Number("2.395"), Number("2.405"))


@pytest.mark.parametrize("name", example_names())
@pytest.mark.parametrize("kind", ["places", "significant"])
def test_carried_values_are_those_of_a_sheet_that_carries_them(name: str, kind: str) -> None:
    problem = load_problem(name)
    policy = RoundingPolicy(Rounding(3, kind))  # type: ignore[arg-type]
    problem = replace(problem, rounding=policy, epochs=min(problem.epochs, 2))
    by_hand = solved(replace(problem, rounding=replace(policy, carry="shown")))
    values = carried_values(solved(problem))
    assert {key: values[key] for key in values} == {
        key: by_hand.shown(key) for key in by_hand if by_hand.known(key)
    }
    later = carried_values(by_hand)
    assert all(later[key] == by_hand.shown(key) for key in reversed([*later]))


def test_a_quantity_shown_a_second_time_and_one_without_a_value() -> None:
    problem = load_problem("two-output-sigmoid")
    problem = replace(problem, rounding=replace(problem.rounding, again={"loss~4": {"digits": 4}}))
    ledger = solved(replace(problem, epochs=1))
    # loss 0.254325323... in the article, which cuts its digits off
    interval = Interval(Number("0.2543"), Number("0.2544"), includes_high=False)
    assert accepted_interval(ledger, "loss~4") == interval
    with pytest.raises(KeyError, match=r"grad\.w99 has no value"):
        accepted_interval(ledger, "grad.w99")


@pytest.mark.parametrize(
    ("answer", "tolerance", "low", "high"),
    [
        ("0.0883", Tolerance(absolute=Number("0.001")), "0.0873", "0.0893"),
        ("-0.0883", Tolerance(relative=Number("0.01")), "-0.089183", "-0.087417"),
        ("2.5e-4", Tolerance(relative=Number("0.1")), "2.25e-4", "2.75e-4"),
        ("0.5", Tolerance(Number("0.001"), Number("0.1")), "0.45", "0.55"),
    ],
)
def test_tolerance(answer: str, tolerance: Tolerance, low: str, high: str) -> None:
    interval = tolerance_interval(Number.parse(answer), tolerance)
    assert (str(interval.low), str(interval.high)) == (low, high)
