"""A quantity's formula composed back to the givens: what SymPy proves things about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .symbolic import equal, sympy_symbol, to_sympy

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


#: A proof that a value is zero is tried on at most so many formulas, products are multiplied out in at
#: most so many operations and SymPy simplifies at most so many: beyond, it might take for ever.
PROOF_FORMULAS, PROOF_OPERATIONS, PROOF_SIMPLIFIED = 400, 300, 60


def is_zero(ledger: Ledger, key: str) -> bool:
    """Return whether SymPy proves that a quantity is exactly zero for the numbers of the problem."""
    if len(_order(ledger, key)) > PROOF_FORMULAS:
        return False
    expression = composed(ledger, key, numbers=True)
    if expression == 0:
        return True
    operations = expression.count_ops()
    if operations > PROOF_OPERATIONS:
        return False
    from sympy import expand_mul  # powers and exponentials stay: (1 + e)^1000 would fill the memory

    if expand_mul(expression) == 0:
        return True
    return operations <= PROOF_SIMPLIFIED and _is_tame(expression) and equal(expression, 0)


def _is_tame(expression: Any) -> bool:
    """Return whether an expression has squares at most and no logarithms, so that SymPy may simplify it."""
    from sympy import Pow, log

    powers = (power.exp for power in expression.atoms(Pow))
    return not expression.has(log) and all(exp.is_Integer and abs(exp) <= 2 for exp in powers)


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
