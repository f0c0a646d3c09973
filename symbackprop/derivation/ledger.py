"""The ledger: every quantity with its formula, its value and how it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy

from flint import ctx

from ..formulas.terms import (
    Cases,
    Comparison,
    Fraction,
    Number,
    Term,
)
from ..notation.vocabulary import Vocabulary
from ..numbers.constants import Constant
from ..numbers.digits import Real, exact_text, number_value, show, significant_digits
from ..numbers.evaluate import NoValue, Reals, RealTable, Unknown, check_size, evaluate_real
from ..numbers.rounding import Rounding, RoundingPolicy
from ..proofs.deciding import holding, reasons
from .certified_values import LAST_BITS, START_BITS, CertifiedValues, decided, given_value
from .forms import Rewriter, chain_of, simplified_of
from .substitution import numbering


class Ledger(CertifiedValues):
    """A derivation: what is given and what is derived, the formulas as displayed, the numbers as printed."""

    def __init__(self, vocabulary: Vocabulary, policy: RoundingPolicy, rewriter: Rewriter) -> None:
        """Start an empty ledger."""
        super().__init__(vocabulary)
        self.policy = policy
        self.completed = False  # with what the form itself does not show
        self.adds_steps = vocabulary.notation.descends
        self._canonical: dict[str, Term] = {}
        self._rewriter = rewriter
        self._drawn: set[str] = set()
        self._inverted: dict[str, Term] = {}  # what `imply` has been told, without what was proved since
        self._carried = RealTable()
        self._shown: dict[str, Number] = {}
        self._printed: dict[str, Term] = {}
        self._simplified: dict[str, Term] = {}

    # --- building ---------------------------------------------------------------------------

    def give(self, key: str, number: Number, *, written: bool = True) -> None:
        """Enter a quantity that is given, to be shown as it is written or, drawn by lot, rounded."""
        self._given[key] = number
        constant = isinstance(number, Constant)
        if constant or not written:
            self._drawn.add(key)
        self._reals[key] = self._carried[key] = given_value(number)
        if constant and self.policy.carry == "shown":
            self._carried[key] = number_value(self.shown(key))

    def add(self, key: str, formula: Term) -> None:
        """Enter a derived quantity by its formula and compute its value.

        Raises:
            NoValue: the formula divides by zero or takes the logarithm of a number not above zero.
        """
        if key in self._given:  # what the problem states is not derived
            return
        if key in self._canonical:
            self._rewriter.forget()
            self._simplified.pop(key, None)
        self._canonical[key] = formula
        self.formulas[key] = formula = self._rewriter.rewrite(key, formula, self._canonical)
        try:
            self._value(key, formula)
        except Unknown:
            return

    def imply(self, key: str, formula: Term) -> None:
        """Give a quantity whose own formula cannot be computed the value that another one implies."""
        self._implied[key] = self._inverted[key] = formula
        self._value(key, formula)

    def revalued(self, numbers: Mapping[str, Number]) -> Ledger:
        """Return the ledger with other given numbers: the same formulas, every value computed anew.

        What was proved of a value here is not carried over: it held for these numbers. The caller answers for
        the formulas: those of a problem with the new numbers have to be the same.

        Args:
            numbers: by key of a given quantity; one that is not named keeps its number.

        Raises:
            NoValue: a formula has no value for these numbers.
            UndecidedDigits: no precision decides what is carried on.
        """
        other = Ledger(self.vocabulary, self.policy, self._rewriter.fresh())
        other.completed, other.adds_steps = self.completed, self.adds_steps
        other._canonical, other._simplified = dict(self._canonical), dict(self._simplified)
        other._inverted = self._inverted.copy()
        for key, number in self._given.items():
            other.give(key, numbers.get(key, number), written=key in numbers or key not in self._drawn)
        waiting: list[tuple[str, Term]] = []
        for key, formula in self.formulas.items():
            other.formulas[key] = formula
            implied = self._inverted.get(key)
            if implied is not None:
                other._implied[key] = formula = implied
            try:
                other._value(key, formula)
            except Unknown:
                waiting.append((key, formula))
        other._try_again(waiting, other._value)
        return other

    def restated(self, numbers: Mapping[str, Number]) -> Ledger:
        """Return the ledger with given numbers printed as something else; what is computed stays."""
        other = copy(self)
        other._given = {**self._given, **{key: numbers[key] for key in self._given.keys() & numbers.keys()}}
        other._shown = {**self._shown, **numbers}
        other._printed = {}
        other._drawn = self._drawn - numbers.keys()
        return other

    def _value(self, key: str, formula: Term) -> None:
        """Compute a value and, where displayed values are carried on, the displayed one before it.

        Raises:
            Unknown: the formula uses what has no value here.
        """
        if self.policy.carry == "shown":
            self._carry(key, formula)
        self._compute(key, formula)

    def _carry(self, key: str, formula: Term) -> None:
        """Compute the displayed value from displayed values, and carry it."""
        rounding = self.policy.of(key)
        try:
            number = decided(key, lambda: show(_sized(evaluate_real(formula, self._carried)), rounding))
        except Unknown:
            raise
        except NoValue as error:
            raise NoValue(f"{key}: {error}") from None
        self._shown[key] = number
        self._carried[key] = number_value(number)

    # --- reading ----------------------------------------------------------------------------

    def __contains__(self, key: str) -> bool:
        """Return whether a quantity is given or derived here, with or without a value."""
        return key in self.formulas or key in self._given

    def all_keys(self) -> Iterator[str]:
        """Iterate over all quantities, given ones first."""
        yield from self._given
        yield from (key for key in self.formulas if key not in self._given)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the derived quantities, in order."""
        return iter(self.formulas)

    @property
    def canonical(self) -> Mapping[str, Term]:
        """The formulas as the sweep states them, each over the quantities one step before it."""
        return self._canonical

    def simplified(self, key: str) -> Term:
        """Return the formula of a derived quantity without its braces and without factors of one."""
        found = self._simplified.get(key)
        if found is None:
            found = self._simplified[key] = simplified_of(key, self.formulas[key])
        return found

    def computing(self, key: str) -> Term:
        """Return the formula by which a derived quantity is computed: its own, or what implies its value."""
        return self._inverted.get(key, self.formulas[key])

    def chain(self, key: str) -> Term:
        """Return the formula of a derived quantity with every local derivative by name."""
        return chain_of(key, self.formulas[key])

    def substituted(self, term: Term) -> Term:
        """Return a term with every quantity that has a value replaced by its printed number.

        Of a value by cases only the case that holds remains, where the values decide it.
        """
        return numbering(self._printed, self._print, self._holding)(term)

    def _holding(self, cases: Cases) -> int | None:
        with ctx.workprec(self._bits):
            return holding(cases, self._deciding)

    @property
    def _deciding(self) -> Reals:
        """The values that choose between cases: those that are carried."""
        return self._carried if self.policy.carry == "shown" else self._reals

    def reasons(self, key: str) -> tuple[Comparison, ...]:
        """Return the comparisons by which the cases in a quantity's formula are chosen."""
        with ctx.workprec(self._bits):
            return reasons(self.formulas[key], self._deciding) if key in self.formulas else ()

    def _print(self, key: str, term: Term) -> Term:
        if key not in self._reals:
            return term
        number = self._printed[key] = as_written(self._shown.get(key) or self.shown(key))
        return number

    def shown(self, key: str) -> Number:
        """Return a quantity as it is printed: given ones as written, derived ones rounded.

        Raises:
            UndecidedDigits: no precision decides its digits.
            KeyError: it has no value.
        """
        number = self._shown.get(key)
        if number is None:
            number = None if key in self._drawn else self._given.get(key)
            if number is None:
                number = self._decide(key, show, self.policy.of(key))
            self._shown[key] = number
        return number

    def shown_again(self, key: str) -> Number:
        """Return a quantity as it is printed a second time under its own rounding (`loss~4`)."""
        base = key.partition("~")[0]
        rounding = self.policy.of(key)
        if self.policy.carry == "shown" and base not in self._given:
            carried = self._carried[base]
            return decided(key, lambda: show(carried, rounding))
        return self._decide(base, show, rounding)

    def rounded(self, key: str, rounding: Rounding) -> Number:
        """Return a value under another rounding than the sheet's, certified as all others."""
        return self._decide(key, show, rounding)

    def significant(self, key: str, digits: int = 17) -> str:
        """Return a value to that many certified significant digits."""
        return self._decide(key, significant_digits, digits)

    def exact(self, key: str) -> str | None:
        """Return the exact rational of a value as text, None where it is not a short rational."""
        return exact_text(self._reals[key])


def _sized(real: Real) -> Real:
    check_size(real)
    return real


def as_written(number: Number) -> Term:
    """Return a number as a term: a fraction is set as one, an expression as it is written."""
    if isinstance(number, Constant):
        return number.expression
    if "/" not in number.text:
        return number
    over, _, under = number.text.partition("/")
    return Fraction(Number(over), Number(under), inline=True)


__all__ = ["LAST_BITS", "START_BITS", "Ledger", "as_written", "given_value", "number_value"]
