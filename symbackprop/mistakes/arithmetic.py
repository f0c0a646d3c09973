"""The arithmetic of a mistake: its formula down to the numbers that were read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..derivation.forms import simplified
from ..derivation.ledger import as_written
from ..formulas.terms import Negation, Number, Partial, Product, Symbol, Term, Underbrace, walk
from ..numbers.digits import Real, Undecided, show
from ..numbers.evaluate import NoValue
from ..numbers.rounding import Rounding

if TYPE_CHECKING:
    from .explanation import Explanation
    from .hypothesis import Hypothesis
    from .reading import Reading

#: A formula that is written out may have so many parts; what would make it longer stands as a number.
LONGEST = 60

#: How a value that nobody printed is shown.
_UNPRINTED = Rounding(10, "significant", "half_even", zeros="drop", scientific_below=-4)


def arithmetic(hypothesis: Hypothesis) -> Term:
    """Return what was computed, every number as it was read."""
    reading = hypothesis.reading
    term = simplified(_written_out(reading.key, hypothesis.changes, reading))
    return _numbered(term, hypothesis)


def arithmetic_line(explanation: Explanation) -> str:
    """Return the arithmetic and its result on one line."""
    from ..render.plain import plain_math

    hypothesis = explanation.hypothesis
    line = plain_math(arithmetic(hypothesis))
    result = plain_math(as_written(_result(explanation)))
    return line if line == result else f"{line} = {result}"


def _result(explanation: Explanation) -> Number:
    unit = explanation.written.unit
    value = explanation.hypothesis.reading.decided(explanation.hypothesis.changes, lambda real: real)
    digits = max(-unit, 0) + 1
    return show(value, Rounding(digits, "places", "half_even", zeros="drop", scientific_below=None))


def _written_out(name: str, changes: Mapping[str, Term], reading: Reading) -> Term:
    """Return a quantity's formula with what is not printed written out inside, as far as it stays short."""
    formula = changes[name] if name in changes else reading.sweep.formulas[name]
    inside = set(reading.steps) | set(changes)
    mistaken = reading.sweep.following(sorted(changes)) if changes else frozenset()
    size = [_size(formula)]

    def visit(term: Term) -> Term:
        if isinstance(term, Underbrace):
            return visit(term.term)
        if isinstance(term, Symbol | Partial):
            return expanded(term)
        if isinstance(term, Product):
            return _flat(term.rebuilt(visit))
        return term.rebuilt(visit)

    def expanded(term: Symbol | Partial) -> Term:
        used = term.key
        if used not in inside or used in reading.fixed or used == name:
            return term
        if used not in mistaken and used in reading.sweep.shown_by_name and not reading.fixed:
            return term  # a right number that stands on the sheet
        inner = changes[used] if used in changes else reading.sweep.formulas[used]
        length = _size(inner)
        if size[0] + length > LONGEST:
            return term
        size[0] += length
        return visit(inner)

    return visit(formula)


def _flat(term: Term) -> Term:
    if not isinstance(term, Product):
        return term
    factors: list[Term] = []
    for factor in term.factors:
        factors.extend(factor.factors if isinstance(factor, Product) else (factor,))
    return Product(tuple(factors), "times")


def _size(term: Term) -> int:
    return sum(1 for _ in walk(term))


def _numbered(term: Term, hypothesis: Hypothesis) -> Term:
    """Replace quantities by numbers: printed ones as they are printed, others to ten digits."""
    reading = hypothesis.reading
    values = reading.values(hypothesis.changes)
    found: dict[str, Term] = {}

    def number(name: str, symbol: Term) -> Term:
        if name.startswith("constant."):
            return symbol
        if name not in found:
            found[name] = _number(name, symbol, reading, values)
        return found[name]

    def visit(node: Term) -> Term:
        if isinstance(node, Symbol | Partial):
            return number(node.key, node) if node.key else node
        if isinstance(node, Negation):
            return Negation(visit(node.term))
        return node.rebuilt(visit)

    return visit(term)


def _number(name: str, symbol: Term, reading: Reading, values: Mapping[str, Real]) -> Term:
    if name in reading.fixed:
        printed = reading.printed.get(name)
        return as_written(printed if printed is not None else _shown(reading.fixed[name]))
    given = reading.sweep.ledger.given(name)
    if given is not None:
        return as_written(given)
    try:
        return as_written(_shown(values[name]))
    except (NoValue, KeyError):
        return symbol


def _shown(real: Real) -> Number:
    try:
        return show(real, _UNPRINTED)
    except Undecided:  # zero as far as anybody can tell
        return Number("0")
