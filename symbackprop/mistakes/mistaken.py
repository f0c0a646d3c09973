"""A wrong answer that a mistake makes: its value, as it is printed, and the arithmetic that leads to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from ..derivation.ledger import as_written
from ..formulas.terms import Number, Term
from ..numbers.digits import Real, Value, number_value, show
from .arithmetic import arithmetic
from .catalogue import MISTAKES
from .hypothesis import Hypothesis


@dataclass(frozen=True)
class Mistaken:
    """A wrong value and how it came about.

    likelihood: how often a wrong answer to this question is this one, as far as the library knows.
    """

    mistake: str
    key: str
    hypothesis: Hypothesis
    likelihood: float
    double: float  # the wrong value in double precision
    written: Number | None = None  # the digits where a slip is with them and not with a value

    @cached_property
    def value(self) -> Value:
        """The wrong value: a ball, and the rational where it is exact."""
        return Value.of_real(self._real)

    @cached_property
    def _real(self) -> Real:
        if self.written is not None:
            return number_value(self.written)
        return self.hypothesis.value

    @cached_property
    def number(self) -> Number:
        """The wrong answer as it is printed under the sheet's rounding."""
        if self.written is not None:
            return self.written
        hypothesis = self.hypothesis
        rounding = hypothesis.reading.sweep.ledger.policy.of(self.key)
        if self.mistake == "truncated":
            rounding = replace(rounding, mode="truncate")
        factor = hypothesis.factor
        number: Number = hypothesis.reading.decided(
            hypothesis.changes, lambda real: show(real * factor, rounding)
        )
        return number

    @property
    def shown(self) -> str:
        """The wrong answer as it is printed, as text."""
        return str(self.number)

    @property
    def formula(self) -> Term:
        """The mistaken formula, over the quantities that it uses."""
        hypothesis = self.hypothesis
        changed = hypothesis.changes.get(self.key)
        return hypothesis.reading.sweep.formulas[self.key] if changed is None else changed

    @property
    def term(self) -> Term:
        """The arithmetic with the numbers that were read."""
        return arithmetic(self.hypothesis)

    @property
    def shows(self) -> str:
        """The arithmetic and the wrong answer on one line."""
        from ..render.plain import plain_math

        line, result = plain_math(self.term), plain_math(as_written(self.number))
        return line if line == result else f"{line} = {result}"

    @property
    def student(self) -> str:
        """One kind sentence for the student: what happened and why it is wrong."""
        return MISTAKES[self.mistake].student
