"""Printed numbers in the place of quantities, and of a value by cases the case that holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..formulas.terms import Cases, Negation, Number, Partial, Product, Symbol, Term


def numbering(
    printed: Mapping[str, Term], print_: Callable[[str, Term], Term], holding: Callable[[Cases], int | None]
) -> Callable[[Term], Term]:
    """Return what replaces the quantities in a term by their printed numbers.

    Args:
        printed: the numbers printed so far, by key.
        print_: gives the number of a key that is not there yet, or the term itself where it has no value.
        holding: says which case holds, None where the values leave it open.
    """

    def visit(node: Term) -> Term:
        if type(node) is Product:  # most of what a formula is made of: fewer calls than `rebuilt` makes
            factors = [(type(f) is Symbol and printed.get(f.key)) or visit(f) for f in node.factors]
            chosen = (
                not node.sign
                and Cases in map(type, node.factors)
                and any(
                    type(f) is Cases and type(g) is Number for f, g in zip(node.factors, factors, strict=True)
                )
            )
            return Product(tuple(factors), "dot" if chosen else node.sign)
        if (type(node) is Symbol or type(node) is Partial) and node.key:
            return printed.get(node.key) or print_(node.key, node)
        if type(node) is Negation:
            term = visit(node.term)
            if type(node.term) is Cases and type(term) is Number:  # the case that holds
                return _negative(term)
            return Negation(term)
        if type(node) is Cases:
            index = holding(node)
            return node.rebuilt(visit) if index is None else visit(node.values[index])
        return node.rebuilt(visit)

    return visit


def _negative(number: Number) -> Number:
    """Return minus a number, as one number."""
    if number.negative or number.text == "0":
        return number.magnitude
    return Number(f"-{number.text}", number.exponent)
