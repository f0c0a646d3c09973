"""Layers of one's own: nodes by expressions in the grammar of problem files."""

from __future__ import annotations

import numpy as np

from ..formulas.expressions import parse_expression
from ..formulas.lowering import scalar_term
from ..formulas.names import Name
from ..formulas.terms import Symbol, Term
from ..keys import key
from .assembly import Assembly, Units
from .naming import element


def define(assembly: Assembly, unit: str, expression: str, **names: str) -> str:
    """Add act.U = an expression; `names` says which unit, input or parameter each name in it stands for.

    `define(assembly, "p", "u*v + b", u="h_1", v="h_2", b="b1")`.

    Raises:
        ExpressionError: the expression cannot be read.
        KeyError: a name in it stands for nothing.
    """
    own = {parameter.name for parameter in assembly.parameters}
    keys = {
        name: found if found in own or found in assembly.inputs else key("act", found)
        for name, found in names.items()
    }
    term: Term = scalar_term(
        parse_expression(expression), lambda found: Symbol(Name(found.name), keys[found.name])
    )
    return assembly.node(unit, lambda sample: assembly.sampled(term, sample))


def each(assembly: Assembly, name: str, incoming: Units, expression: str, **names: str) -> Units:
    """Add a node for each element of what comes in, which the expression calls x; `name` begins their names.

    `each(assembly, "s", incoming, "x^2")` adds s_1, s_2, ... for a vector.
    """
    result = np.empty(incoming.shape, dtype=object)
    for place in np.ndindex(incoming.shape):
        unit = element(name, tuple(number + 1 for number in place))
        result[place] = define(assembly, unit, expression, x=str(incoming[place]), **names)
    return result
