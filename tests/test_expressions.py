"""Expressions of authors: parsed as Python's and SymPy's arithmetic has it, refused with a place."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.formulas.expressions import DEEPEST_EXPRESSION, ExpressionError, parse_expression, references
from symbackprop.formulas.lowering import scalar_term
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Symbol
from symbackprop.numbers.evaluate import RealTable, evaluate_real

VALUES = {"a": Fraction(2), "b": Fraction(-3, 2), "c": Fraction(5, 7)}

_atoms = st.sampled_from(["a", "b", "c", "2", "0.5", "3"])
_texts = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", "-", "*", " - "]), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-({text})"),
        st.tuples(inner, st.sampled_from(["^2", "**3"])).map(lambda pair: f"({pair[0]}){pair[1]}"),
    ),
    max_leaves=12,
)


def _value(text: str) -> Fraction:
    term = scalar_term(parse_expression(text), lambda name: Symbol(Name(name.name), name.name))
    from flint import fmpq

    reals = RealTable({name: fmpq(value.numerator, value.denominator) for name, value in VALUES.items()})
    exact = evaluate_real(term, reals)
    return Fraction(int(exact.p), int(exact.q))


@given(_texts)
def test_arithmetic_agrees_with_pythons(text: str) -> None:
    """The same text, evaluated by Python on fractions."""
    python = text.replace("^", "**").replace("0.5", "Fraction(1, 2)")
    expected = Fraction(eval(python, {"Fraction": Fraction, **VALUES}))
    assert _value(text) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("-2^2", -4), ("2^-1", Fraction(1, 2)), ("2^3^2", 512), ("8/4/2", 1), ("1 - 2 - 3", -4), ("2*-3", -6)],
)
def test_signs_powers_and_order(text: str, value: Fraction) -> None:
    """Powers bind before signs and from the right, everything else from the left."""
    assert _value(text) == value


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "it ends here; expected a number, a name or a bracket"),
        ("a +", 4, "it ends here; expected a number, a name or a bracket"),
        ("(a", 3, "it ends here; expected ')'"),
        ("a b", 3, "'b' stands here; expected an operator or the end. A product has its sign: 2*x, W @ x."),
        ("__import__('os')", 1, "'_' has no meaning in an expression"),
        ("a.b", 2, "'.' has no meaning in an expression"),
        ("x[0", 4, "it ends here; expected ']'"),
        ("a; b", 2, "';' has no meaning in an expression"),
        ("(" * 200, DEEPEST_EXPRESSION + 1, "nested too deeply"),
        ("a" * 5000, 4000, "longer than 4000 characters"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text: str, column: int, message: str) -> None:
    """The message says what stands where and what could."""
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert (caught.value.message, caught.value.column) == (message, column)


@given(st.text(alphabet="ab12+-*/^@()[],.<>= Tx", max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    """Never another exception."""
    try:
        tree = parse_expression(text)
    except ExpressionError as error:
        assert 1 <= error.column <= len(text) + 1
    else:
        assert isinstance(references(tree), tuple)


def test_references_are_listed_once_in_reading_order() -> None:
    """Function names are none."""
    assert references(parse_expression("sigmoid(w*x + b) - w[1] + A.T @ x")) == ("w", "x", "b", "A")
