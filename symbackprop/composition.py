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
