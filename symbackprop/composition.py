"""A quantity's formula composed back to the givens: what SymPy proves things about."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from .constants import as_term
from .digits import Undecided
from .evaluate import evaluate
from .symbolic import sympy_symbol, to_sympy
from .terms import Cases, Number, Term, Words, rebuild

if TYPE_CHECKING:
    from .ledger import Ledger


def composed(ledger: Ledger, key: str, *, numbers: bool = False) -> Any:
    """Return a quantity as one SymPy expression over the givens: inputs, targets, parameters.

    With `numbers` the givens are replaced by their exact values. The expression of a gradient of
    a deep network is huge; this is for small networks and for proofs.
    """
    return _composed(ledger, key, numbers, to_sympy)


def _composed(ledger: Ledger, key: str, numbers: bool, convert: Callable[[Term], Any]) -> Any:
    known: dict[str, Any] = {}
    for name in _order(ledger, key):
        formula = ledger.formulas.get(name)
        given = ledger.given(name)
        if formula is not None:
            expression = convert(formula)
            known[name] = expression.xreplace(
                {symbol: known[symbol.name] for symbol in expression.free_symbols if symbol.name in known}
            )
        elif given is not None and numbers:
            known[name] = to_sympy(as_term(given))
        else:
            known[name] = sympy_symbol(name)
    return known[key]


#: A proof that a value is zero is tried on at most so many formulas, and products are multiplied out in
#: at most so many operations: beyond, it might take for ever.
PROOF_FORMULAS, PROOF_OPERATIONS = 400, 300


def is_zero(ledger: Ledger, key: str) -> bool:
    """Return whether a quantity is proved to be exactly zero for the numbers of the problem.

    With the numbers in place equal parts are equal expressions, and cancel when products are
    multiplied out. Nothing else is tried: SymPy's `simplify` can take minutes over twenty operations.
    """
    if len(_order(ledger, key)) > PROOF_FORMULAS:
        return False
    try:
        expression = _composed(ledger, key, True, lambda formula: _bare(formula, ledger))
    except Undecided:
        return False
    if expression == 0:
        return True
    from sympy import expand_mul  # no powers: (1 + e)^1000 would fill the memory

    return bool(expression.count_ops() <= PROOF_OPERATIONS and expand_mul(expression) == 0)


def _bare(formula: Term, ledger: Ledger) -> Any:
    """Return a formula in SymPy with its cases decided and functions that are only names.

    SymPy's own functions look at the number they are given, and evaluate it, at every turn: with
    numbers that hold other functions of numbers this takes minutes.
    """
    expression = to_sympy(_decided(formula, ledger))
    for function, bare in _bare_functions().items():
        expression = expression.replace(function, bare)
    return expression


def _decided(term: Term, ledger: Ledger) -> Term:
    """Return a formula with the case that holds in the place of each case distinction."""
    if isinstance(term, Cases):
        for value, condition in zip(term.values, term.conditions, strict=True):
            chosen = Cases((Number("1"), Number("0")), (condition, Words("otherwise")))
            if evaluate(chosen, ledger.values).exact == 1:
                return _decided(value, ledger)
    return rebuild(term, lambda part: _decided(part, ledger))


@cache
def _bare_functions() -> dict[Any, Any]:
    from sympy import Function, exp, log, tanh

    class BareTanh(Function):
        """An odd function."""

        @classmethod
        def eval(cls, argument: Any) -> Any:
            """Take a minus sign out; None leaves the call as it is."""
            return -cls(-argument) if argument.could_extract_minus_sign() else None

    return {exp: Function("bare_exp"), log: Function("bare_ln"), tanh: BareTanh}


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
