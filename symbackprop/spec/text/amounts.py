"""Given numbers: decimals and fractions, or expressions such as 1 + sin(pi/4)."""

from __future__ import annotations

import re

from ...formulas.expressions import ExpressionError, Reference, parse_expression
from ...formulas.terms import Call, Number, Term
from ..faults import Fault
from .numerals import LARGEST_EXPONENT, MOST_DIGITS, parse_number

AMOUNT_FORMS = "a number, or an expression such as 1 + sin(pi/4)"

#: What an expression has and a mistyped number has not: an operator between two operands, a bracket, a name.
EXPRESSION_PATTERN = r"[*/^(]|[0-9a-z) ][+-] *[0-9a-z(.]|^[+-]?(pi|e)$"
_EXPRESSION = re.compile(EXPRESSION_PATTERN)
_PRECISIONS = (256, 2048, 16384)  # bits


def parse_amount(value: object) -> Number:
    """Return a given number, or the `Constant` that an expression stands for.

    An expression holds numbers, pi and e, + - * / ^, brackets and functions such as sin, sqrt, exp, ln.

    Raises:
        Fault: the value is neither, or has no finite value.
    """
    try:
        return parse_number(value)
    except Fault as fault:
        text = value.strip() if isinstance(value, str) else ""
        if fault.hint or fault.message != "not a number" or not _EXPRESSION.search(text):
            raise
        return _constant(text)


def _constant(text: str) -> Number:
    from flint import ctx

    from ...formulas.lowering import scalar_term
    from ...numbers.constants import DIGITS, Constant
    from ...numbers.digits import Undecided, exact_text, significant_digits
    from ...numbers.evaluate import NoValue, RealTable, check_size, evaluate_real

    try:
        term = scalar_term(parse_expression(text), _named)
        for bits in _PRECISIONS:
            with ctx.workprec(bits):
                try:
                    real = evaluate_real(term, RealTable())
                    check_size(real)
                    shown = exact_text(real, MOST_DIGITS) or significant_digits(real, DIGITS)
                    break
                except Undecided:
                    continue
        else:
            raise Fault("cannot be told from zero, or is too large", expected=AMOUNT_FORMS)
    except ExpressionError as error:
        raise Fault(f"{error.message} (column {error.column})", expected=AMOUNT_FORMS) from None
    except NoValue as error:
        raise Fault(f"has no value: {error}", expected=AMOUNT_FORMS) from None
    number = Number.parse(shown)
    if number.exponent is not None and abs(number.exponent) > LARGEST_EXPONENT:
        raise Fault("exponent out of range", expected=AMOUNT_FORMS)
    return Constant(number.text, number.exponent, term)


def _named(reference: Reference) -> Term:
    from ...formulas.tensors import PI

    if reference.name == "pi":
        return PI
    if reference.name == "e":
        return Call("exp", (Number("1"),))
    raise ExpressionError(f"unknown name {reference.name}; known are pi and e", reference.column)
