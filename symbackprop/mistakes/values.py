"""Values by quantity key that are computed by their formulas when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..formulas.terms import Term
from ..numbers.digits import Real
from ..numbers.evaluate import check_size, evaluate_real
from ..numbers.functions import CONSTANTS


class Values(dict[str, Any]):
    """Values by quantity key: what is there is read, anything else computed by its formula when asked for."""

    def __init__(
        self, formulas: Mapping[str, Term], evaluate: Callable[[str, Term, Mapping[str, Any]], Any]
    ) -> None:
        """Take the formulas, and what computes one of them over these values."""
        super().__init__()
        self.formulas = formulas
        self._evaluate = evaluate

    def __missing__(self, name: str) -> Any:
        found = self[name] = self.compute(name, self.formulas[name])
        return found

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.formulas

    def number(self, name: str) -> Any:
        """Return a value, no number where there is none."""
        try:
            return self[name]
        except (ZeroDivisionError, KeyError):
            return float("nan")

    def compute(self, name: str, formula: Term) -> Any:
        """Return the value that a formula gives a quantity."""
        return self._evaluate(name, formula, self)


def certified(name: str, term: Term, values: Mapping[str, Any]) -> Real:
    """Return the value of a formula as a rational or a ball, at the context's precision.

    Raises:
        NoValue: there is none, or it is too large.
        Undecided: this precision does not tell on which side of a case it lies.
    """
    real = evaluate_real(term, values)
    check_size(real)
    return real


class BallValues(Values):
    """Values whose constants are there at the context's precision."""

    def __missing__(self, name: str) -> Any:
        if name in CONSTANTS:
            return CONSTANTS[name]()
        return super().__missing__(name)
