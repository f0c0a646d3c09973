"""Equal formulas over equal numbers are found to be the same, others are not."""

from __future__ import annotations

import pytest
from flint import arb, fmpq

from symbackprop.formulas.expressions import parse_expression
from symbackprop.formulas.lowering import scalar_term
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Symbol, Term
from symbackprop.numbers.digits import Real
from symbackprop.proofs.sameness import same_as_earlier

REALS: dict[str, Real] = {
    "a": arb("0.3"), "b": arb("0.7"), "zero": fmpq(0), "one": fmpq(1), "half": fmpq(1, 2),
    "p": arb(1), "q": arb(1),
}  # fmt: skip


def term(text: str) -> Term:
    return scalar_term(parse_expression(text), lambda name: Symbol(Name(name.name), name.name))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("exp(a) + b", "b + exp(a)", True),
        ("exp(a)*b + zero*a", "b*exp(a)", True),
        ("one*exp(a) - zero", "exp(a)", True),
        ("half*exp(a)", "exp(a)/2", True),
        ("max(exp(a), exp(a))", "exp(a)", True),
        ("a/b", "b/a", False),
        ("exp(a)", "exp(b)", False),
        ("exp(a) - b", "exp(a) + b", False),
        ("a^2", "2^a", False),
        ("2*exp(a)", "exp(a)*3", False),
        ("exp(a) + 1", "exp(a)", False),
        ("max(a, b)", "min(a, b)", False),
    ],
)
def test_two_formulas(first: str, second: str, same: bool) -> None:
    found = same_as_earlier({"p": term(first), "q": term(second)}, REALS)
    assert found == ({"q": "p"} if same else {})


def test_quantities_are_the_same_through_others() -> None:
    formulas = {"u": term("exp(a)"), "v": term("exp(a)"), "p": term("tanh(u + b)"), "q": term("tanh(b + v)")}
    assert same_as_earlier(formulas, {**REALS, "u": arb(1), "v": arb(1)}) == {"v": "u", "q": "p"}
