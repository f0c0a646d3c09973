"""The new value of every parameter, from the gradients, in exact fractions: old minus rate times gradient."""

from __future__ import annotations

from fractions import Fraction as Rational

from ..graph import Graph
from ..keys import key
from ..ledger import Ledger
from ..solving import certified_epochs
from .comparing import AGREES, DISAGREES, Comparison
from .program import DIGITS

NAME, TITLE, TOLERANCE = "updates", "updates: old value - rate x gradient, in fractions", 1e-30


def compare_updates(graph: Graph, ledger: Ledger) -> Comparison:
    """Return how the ledger's new values compare with old - rate * gradient, after every update."""
    problem = graph.problem
    if problem.learning_rate is None:
        return Comparison(NAME, TITLE, note="no learning rate, so nothing is updated")
    descent = getattr(problem, "descent", None)
    if descent is not None and not descent.plain:
        return Comparison(NAME, TITLE, note=f"not plain gradient descent ({descent.optimizer.name})")
    rate = _value(ledger, "learning_rate")
    differences: dict[str, Rational] = {}
    words = ledger.vocabulary
    for passes in range(certified_epochs(problem)):
        for parameter in problem.parameters:
            old, new = (words.parameter(parameter.name, number) for number in (passes, passes + 1))
            gradient = key("grad", parameter.name, passes=passes)
            if new == parameter.name or not all(ledger.known(name) for name in (old, new, gradient)):
                continue  # frozen, or not given
            expected = _value(ledger, old) - rate * _value(ledger, gradient)
            found = _value(ledger, new)
            size = max(abs(expected), abs(_value(ledger, old)))
            differences[new] = abs(found - expected) / size if size else abs(found)
    if not differences:
        return Comparison(NAME, TITLE, note="no parameter is updated")
    outside = sorted((n for n, d in differences.items() if d > TOLERANCE), key=lambda n: -differences[n])
    worst = max(differences, key=differences.__getitem__)
    return Comparison(
        NAME,
        TITLE,
        len(differences),
        float(differences[worst]),
        worst,
        TOLERANCE,
        DISAGREES if outside else AGREES,
        disagreements=tuple(outside),
    )


def _value(ledger: Ledger, name: str) -> Rational:
    exact = ledger.exact(name)
    return Rational(exact if exact is not None else ledger.significant(name, DIGITS))
