"""SymPy's derivative of the whole composed loss."""

from __future__ import annotations

from typing import Any

from ..formulas.symbolic import sympy_symbol, to_sympy
from ..formulas.terms import keys, walk
from .answer import Answer, NotComparable
from .precise import PRECISION
from .program import Program

#: The composed loss is one expression in which every use of a quantity is written out again.
LARGEST_LOSS = 1_500

#: Of a batch's many derivatives so many are taken; each is an expression as large as the loss.
MOST_DERIVATIVES = 60


def composed_size(program: Program) -> int:
    """Return how many nodes the composed loss has."""
    sizes: dict[str, int] = {}
    for name, formula in program.steps.items():
        uses = [getattr(part, "key", "") for part in walk(formula)]
        sizes[name] = len(uses) + sum(sizes.get(used, 0) for used in uses if used)
    return sizes[program.loss]


def ask_sympy(program: Program) -> Answer:
    """Return the derivatives of the loss by the parameters, each from one expression over them all.

    Raises:
        NotComparable: the composed loss is too large.
    """
    size = composed_size(program)
    if size > LARGEST_LOSS:
        raise NotComparable(
            f"too large: the composed loss has {size:.2g} nodes, the limit is {LARGEST_LOSS}".replace(
                "e+0", "e"
            )
        )
    import mpmath
    import sympy

    wanted = {name: by for name, by in program.variables.items() if by not in program.steps}
    wanted = dict(list(wanted.items())[:MOST_DERIVATIVES])
    symbols = {by: sympy.Dummy(real=True) for by in wanted.values()}
    known: dict[str, Any] = {
        name: symbols.get(name, sympy.Rational(number.numerator, number.denominator))
        for name, number in program.given.items()
    }
    for name, formula in program.steps.items():
        known[name] = to_sympy(formula).xreplace({sympy_symbol(used): known[used] for used in keys(formula)})
    loss = known[program.loss]
    places = list(symbols)
    derivatives = [loss.diff(symbols[by]) for by in wanted.values()]
    function = sympy.lambdify(
        [symbols[by] for by in places], [loss, *derivatives], modules="mpmath", cse=True, dummify=True
    )
    with mpmath.workdps(PRECISION):
        point = [mpmath.mpf(program.given[by].numerator) / program.given[by].denominator for by in places]
        found = function(*point)
    return dict(zip([program.loss, *wanted], found, strict=True))
