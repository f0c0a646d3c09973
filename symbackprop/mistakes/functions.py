"""Functions of another kind: logarithms to base 10, degrees, roots left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..formulas.names import Name
from ..formulas.terms import Call, Fraction, Number, Product, Symbol, Term
from .editing import edits
from .mistake import Mistake, Step, Variant

_PI = Symbol(Name("pi"), "constant.pi")
_ANGLES = frozenset({"sin", "cos", "tan"})


def _each(step: Step, change: Callable[[Call], Iterable[Term]]) -> Iterator[Variant]:
    def changed(term: Term) -> Iterable[Term]:
        return change(term) if isinstance(term, Call) else ()

    for formula in edits(step.formula, changed):
        yield Variant(formula)


def _log_base(base: str) -> Callable[[Step], Iterator[Variant]]:
    def other(call: Call) -> Iterator[Term]:
        if call.function == "ln":
            yield Fraction(call, Call("ln", (Number(base),)))

    return lambda step: _each(step, other)


def _degrees(step: Step) -> Iterator[Variant]:
    def other(call: Call) -> Iterator[Term]:
        if call.function in _ANGLES:
            (angle,) = call.arguments
            yield Call(call.function, (Product((angle, Fraction(_PI, Number("180")))),), call.name)

    yield from _each(step, other)


def _root_forgotten(step: Step) -> Iterator[Variant]:
    def other(call: Call) -> Iterator[Term]:
        if call.function == "sqrt":
            yield call.arguments[0]

    yield from _each(step, other)


FUNCTIONS = (
    Mistake(
        "log_base_ten",
        "logarithm to base 10",
        "Your calculator's log is to base 10; here ln, the natural logarithm, is meant.",
        "The logarithm was taken to base 10.",
        "losses and functions with a logarithm",
        4.0,
        _log_base("10"),
    ),
    Mistake(
        "log_base_two",
        "logarithm to base 2",
        "You took the logarithm to base 2; here ln, the natural logarithm, is meant.",
        "The logarithm was taken to base 2.",
        "losses and functions with a logarithm",
        2.0,
        _log_base("2"),
    ),
    Mistake(
        "degrees_for_radians",
        "degrees for radians",
        "Your calculator was set to degrees; the angle here is in radians.",
        "A trigonometric function was evaluated in degrees.",
        "sine, cosine and tangent",
        4.0,
        _degrees,
    ),
    Mistake(
        "root_forgotten",
        "the square root forgotten",
        "You did not take the square root.",
        "A square root was left out.",
        "square roots",
        2.0,
        _root_forgotten,
    ),
)
