"""One step of a solution, as Python sees it: formula, numbers, value, printed result."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from .derivation.ledger import Ledger, as_written
from .formulas.compiled import compiled
from .formulas.terms import Number, Term

if TYPE_CHECKING:
    from sympy import Expr


@compiled
@dataclass(frozen=True, slots=True)
class Step:
    """A quantity of a solution.

    `formula` is the one statement: what is displayed, evaluated and given to SymPy are conversions
    of it. A given quantity (an input, an initial weight) is its own formula.
    """

    key: str
    ledger: Ledger

    @property
    def name(self) -> Term:
        """The term on the left: z_1, or a partial derivative."""
        return self.ledger.term(self.key)

    @property
    def formula(self) -> Term:
        """The formula over the quantities it uses, in the author's order."""
        return self.ledger.simplified(self.key) if self.key in self.ledger.formulas else self.name

    @property
    def chain(self) -> Term:
        """The formula with every local derivative by name: the chain rule in symbols."""
        return self.ledger.chain(self.key) if self.key in self.ledger.formulas else self.name

    @property
    def substituted(self) -> Term:
        """The formula with every known number in place, as it is printed."""
        ledger, key = self.ledger, self.key
        return ledger.substituted(ledger.simplified(key) if key in ledger.formulas else self.name)

    @property
    def shown(self) -> str:
        """The printed number: "0.4325", "-4.83e-4"."""
        return str(self.ledger.shown(self.key))

    @property
    def value(self) -> Decimal:
        """The unrounded value, at least 17 significant digits, each certified."""
        return Decimal(self.ledger.significant(self.key))

    @property
    def exact(self) -> Fraction | None:
        """The exact value where it is a rational number of reasonable length."""
        text = self.ledger.exact(self.key)
        return None if text is None else Fraction(text)

    def digits(self, count: int) -> str:
        """Return the value to that many certified significant digits."""
        return self.ledger.significant(self.key, count)

    @property
    def uses(self) -> tuple[str, ...]:
        """The keys of the quantities that the formula uses, in reading order."""
        return self.ledger.uses(self.key) if self.key in self.ledger.formulas else ()

    @property
    def sympy(self) -> Expr:
        """The formula as a SymPy expression over symbols named by the keys it uses."""
        from .formulas.symbolic import to_sympy

        expression: Expr = to_sympy(self.formula)
        return expression

    @property
    def composed(self) -> Expr:
        """The formula composed all the way back to inputs, targets and parameters."""
        from .proofs.composition import composed

        expression: Expr = composed(self.ledger, self.key)
        return expression

    def __float__(self) -> float:
        """Return the nearest double."""
        return float(self.value)

    def __str__(self) -> str:
        """Return the step on one line: name = formula = numbers = result."""
        from .render.plain import plain_math

        parts = [self.name]
        if self.key in self.ledger.formulas:
            parts.append(self.formula)
        if self.ledger.known(self.key):
            substituted, result = self.substituted, as_written(self.ledger.shown(self.key))
            if self.key in self.ledger.formulas and not isinstance(substituted, Number):
                parts.append(substituted)
            parts.append(result)
        return " = ".join(plain_math(part) for part in parts)

    def _repr_latex_(self) -> str:
        """Show the step in a notebook."""
        from .render.latex import latex_math

        parts = [self.name]
        if self.key in self.ledger.formulas:
            parts += [self.formula]
        if self.ledger.known(self.key):
            parts += [self.substituted] * (self.key in self.ledger.formulas)
            parts.append(as_written(self.ledger.shown(self.key)))
        return "$\\displaystyle " + " = ".join(str(latex_math(part)) for part in parts) + "$"

    def __repr__(self) -> str:
        """Return the key and the printed line."""
        return f"<Step {self.key}: {self}>"
