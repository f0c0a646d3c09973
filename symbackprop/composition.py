"""A quantity's formula composed back to the givens: what SymPy proves things about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .symbolic import sympy_symbol, to_sympy

if TYPE_CHECKING:
    from .ledger import Ledger


def composed(ledger: Ledger, key: str, *, numbers: bool = False) -> Any:
    """Return a quantity as one SymPy expression over the givens: inputs, targets, parameters.

    With `numbers` the givens are replaced by their exact values. The expression of a gradient of
    a deep network is huge; this is for small networks and for proofs.
    """
    known: dict[str, Any] = {}
    for name in _order(ledger, key):
        formula = ledger.formulas.get(name)
        given = ledger.given(name)
        if formula is not None:
            expression = to_sympy(formula)
            known[name] = expression.xreplace(
                {symbol: known[symbol.name] for symbol in expression.free_symbols if symbol.name in known}
            )
        elif given is not None and numbers:
            known[name] = to_sympy(given)
        else:
            known[name] = sympy_symbol(name)
    return known[key]


#: A proof that a value is zero is tried on at most so many formulas, and products are multiplied out in
#: at most so many operations: beyond, it might take for ever.
PROOF_FORMULAS, PROOF_OPERATIONS = 400, 300


def is_zero(ledger: Ledger, key: str) -> bool:
    """Return whether a quantity is proved to be exactly zero for the numbers of the problem.

    With the numbers in place equal parts are equal expressions, and cancel when products are
    multiplied out. Powers and exponentials stay as they are, and nothing is simplified: (1 + e)^1000
    would fill the memory, and twenty operations on exponentials can keep SymPy busy for minutes.
    """
    if len(_order(ledger, key)) > PROOF_FORMULAS:
        return False
    expression = composed(ledger, key, numbers=True)
    if expression == 0:
        return True
    from sympy import expand_mul

    return bool(expression.count_ops() <= PROOF_OPERATIONS and expand_mul(expression) == 0)


def _order(ledger: Ledger, key: str) -> list[str]:
    """Return what a quantity depends on, itself last, each after all that it uses."""
    order: dict[str, None] = {}
    pending = [(key, False)]
    while pending:
        name, done = pending.pop()
        if done:
            order.setdefault(name)
        elif name not in order:
            pending.append((name, True))
            if name in ledger.formulas:
                pending.extend((used, False) for used in ledger.uses(name))
    return list(order)
