"""A quantity's formula composed back to the givens: what SymPy proves things about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from flint import arb, fmpq

from ..formulas.symbolic import sympy_symbol, to_sympy
from ..formulas.terms import Call, Cases, Comparison, Negation, Number, Term, Words, rebuild
from ..numbers.constants import as_term
from ..numbers.digits import Undecided
from ..numbers.evaluate import evaluate
from .identity import holds_identically

if TYPE_CHECKING:
    from ..derivation.certified_values import CertifiedValues


def composed(ledger: CertifiedValues, key: str, *, numbers: bool = False) -> Any:
    """Return a quantity as one SymPy expression over the givens: inputs, targets, parameters.

    With `numbers` the givens are replaced by their exact values. The expression of a gradient of
    a deep network is huge; this is for small networks and for proofs.
    """
    return _composed(ledger, key, numbers, to_sympy)


def _composed(ledger: CertifiedValues, key: str, numbers: bool, convert: Callable[[Term], Any]) -> Any:
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


#: A proof of a value is tried on at most so many formulas, and fractions are joined in at most so many
#: operations: beyond, it might take for ever.
PROOF_FORMULAS, PROOF_OPERATIONS = 60, 300


def is_exactly(ledger: CertifiedValues, key: str, value: Fraction) -> bool:
    """Return whether a quantity is proved to be exactly a rational number, for the numbers of the problem.

    With the numbers in place equal parts are equal expressions. Each value of exp, tanh and the like counts
    as a variable of its own, of which the quantity is a rational function: it is the number where the
    difference's numerator multiplies out to nothing. SymPy's `simplify` can take minutes over twenty
    operations.
    """
    real = ledger.values[key].real
    if isinstance(real, fmpq):
        return bool(real == fmpq(value.numerator, value.denominator))
    if not real.overlaps(arb(value.numerator) / value.denominator):
        return False
    order = _order(ledger, key)
    try:
        if holds_identically(ledger, order, key, value, lambda formula: _decided(formula, ledger)):
            return True
        if len(order) > PROOF_FORMULAS:
            return False
        expression = _composed(ledger, key, True, lambda formula: _bare(formula, ledger))
    except Undecided:
        return False
    from sympy import Dummy, Function, Rational, expand, fraction, together

    expression = expression - Rational(value.numerator, value.denominator)
    if expression == 0:
        return True
    atoms = sorted(expression.atoms(Function), key=lambda atom: -atom.count_ops())
    for number, atom in enumerate(atoms):
        expression = expression.xreplace({atom: Dummy(f"v{number}")})
    if expression.count_ops() > PROOF_OPERATIONS:
        return False
    return bool(expand(fraction(together(expression))[0]) == 0)


#: Numerator and denominator of a rational that a value is suspected to be have at most so many bits.
SIMPLE_BITS = 80


def simplest_inside(ball: arb) -> Fraction | None:
    """Return the simplest rational in a ball, by its continued fraction; None where none is simple."""
    if not ball.is_finite():
        return None
    middle, radius = _dyadic(ball.mid()), _dyadic(ball.rad())
    simple = _simplest(middle - radius, middle + radius, 2 * SIMPLE_BITS)
    if simple is None:
        return None
    bits = max(simple.numerator.bit_length(), simple.denominator.bit_length())
    return simple if bits <= SIMPLE_BITS else None


def _dyadic(number: arb) -> Fraction:
    mantissa, exponent = number.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _simplest(low: Fraction, high: Fraction, steps: int) -> Fraction | None:
    """Return the fraction of least denominator between two bounds; None beyond so many partial quotients."""
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        below = _simplest(-high, -low, steps)
        return None if below is None else -below
    whole = low.numerator // low.denominator
    if low == whole or whole + 1 <= high:
        return Fraction(whole if low == whole else whole + 1)
    rest = _simplest(1 / (high - whole), 1 / (low - whole), steps - 1) if steps else None
    return None if rest is None else whole + 1 / rest


def _bare(formula: Term, ledger: CertifiedValues) -> Any:
    """Return a formula in SymPy with its cases decided and functions that are only names.

    SymPy's own functions look at the number they are given, and evaluate it, at every turn: with
    numbers that hold other functions of numbers this takes minutes.
    """
    expression = to_sympy(_decided(formula, ledger))
    for function, bare in _bare_functions().items():
        expression = expression.replace(function, bare)
    return expression


def _decided(term: Term, ledger: CertifiedValues) -> Term:
    """Return a formula with the case that holds in the place of each case distinction."""
    if isinstance(term, Cases):
        for value, condition in zip(term.values, term.conditions, strict=True):
            chosen = Cases((Number("1"), Number("0")), (condition, Words("otherwise")))
            if evaluate(chosen, ledger.values).exact == 1:
                return _decided(value, ledger)
    if isinstance(term, Call) and term.function in _DECIDED:
        return _decided(_DECIDED[term.function](term, ledger), ledger)
    return rebuild(term, lambda part: _decided(part, ledger))


def _sign(term: Call, ledger: CertifiedValues) -> Term:
    return Number(str(int(float(evaluate(term, ledger.values).ball))))


def _size(term: Call, ledger: CertifiedValues) -> Term:
    (inside,) = term.arguments
    negative = _sign(Call("sign", (inside,)), ledger) == Number("-1")
    return Negation(inside) if negative else inside


def _choice(term: Call, ledger: CertifiedValues) -> Term:
    """Return the argument that is the largest or smallest."""
    relation = "greater_equal" if term.function == "max" else "less_equal"
    found, *others = term.arguments
    for other in others:
        test = Cases((Number("1"), Number("0")), (Comparison(found, relation, other), Words("otherwise")))
        found = found if evaluate(test, ledger.values).exact == 1 else other
    return found


#: Functions of which only one branch counts for the numbers of a problem.
_DECIDED: Mapping[str, Callable[[Call, CertifiedValues], Term]] = {
    "sign": _sign,
    "abs": _size,
    "max": _choice,
    "min": _choice,
}


@cache
def _bare_functions() -> dict[Any, Any]:
    from sympy import Add, Function, Integer, exp, log, tanh

    bare_ln = Function("bare_ln")

    class BareExp(Function):
        """One over itself at minus the argument, and the inverse of the logarithm, as in log-softmax."""

        @classmethod
        def eval(cls, argument: Any) -> Any:
            """Take logarithms and a minus sign out; None leaves the call as it is."""
            factor, rest = Integer(1), Integer(0)
            for part in Add.make_args(argument):
                if part.func is bare_ln:
                    factor *= part.args[0]
                elif (-part).func is bare_ln:
                    factor /= (-part).args[0]
                else:
                    rest += part
            if factor != 1:
                return factor * cls(rest)
            return 1 / cls(-argument) if argument.could_extract_minus_sign() else None

    class BareTanh(Function):
        """An odd function."""

        @classmethod
        def eval(cls, argument: Any) -> Any:
            """Take a minus sign out; None leaves the call as it is."""
            return -cls(-argument) if argument.could_extract_minus_sign() else None

    return {exp: BareExp, log: bare_ln, tanh: BareTanh}


def _order(ledger: CertifiedValues, key: str) -> list[str]:
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
