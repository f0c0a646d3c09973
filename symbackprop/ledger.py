"""The ledger: every quantity with its formula, its value and how it is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from flint import ctx

from .digits import Undecided, Value, exact_text, number_value, show, significant_digits
from .errors import UndecidedDigits
from .evaluate import NoValue, Unknown, check_size, evaluate, trimmed
from .forms import Rewriter
from .rounding import RoundingPolicy
from .terms import Fraction, Number, Term, keys
from .vocabulary import Vocabulary

#: Working precision in bits: where a computation starts, and where it gives up deciding a digit.
START_BITS, LAST_BITS = 128, 32768


Decided = TypeVar("Decided")


class Ledger:
    """Formulas by quantity key, in the order in which they were derived, and their values.

    Values are balls at the ledger's precision. Where a digit is not decided the precision is
    doubled and every value computed again from its formula, until it is.
    """

    def __init__(self, vocabulary: Vocabulary, policy: RoundingPolicy, rewriter: Rewriter) -> None:
        """Start an empty ledger."""
        self.vocabulary = vocabulary
        self.policy = policy
        self.adds_steps = vocabulary.notation.form == "delta_rule"
        self.formulas: dict[str, Term] = {}
        self._canonical: dict[str, Term] = {}
        self._rewriter = rewriter
        self._given: dict[str, Number] = {}
        self._drawn: set[str] = set()
        self._implied: dict[str, Term] = {}
        self._values: dict[str, Value] = {}
        self._carried: dict[str, Value] = {}
        self._shown: dict[str, Number] = {}
        self._bits = START_BITS

    # --- building ---------------------------------------------------------------------------

    def give(self, key: str, number: Number, *, written: bool = True) -> None:
        """Enter a quantity that is given, to be shown as it is written or, drawn by lot, rounded."""
        self._given[key] = number
        if not written:
            self._drawn.add(key)
        with ctx.workprec(self._bits):
            self._values[key] = self._carried[key] = Value.of_number(number)

    def add(self, key: str, formula: Term) -> None:
        """Enter a derived quantity by its formula and compute its value.

        Raises:
            NoValue: the formula divides by zero or takes the logarithm of a number not above zero.
        """
        self._canonical[key] = formula
        self.formulas[key] = formula = self._rewriter.rewrite(key, formula, self._canonical)
        try:
            if self.policy.carry == "shown":
                self._carry(key, formula)
            self._compute(key, formula)
        except Unknown:
            return

    def imply(self, key: str, formula: Term) -> None:
        """Give a quantity whose own formula cannot be computed the value that another one implies."""
        self._implied[key] = formula
        if self.policy.carry == "shown":
            self._carry(key, formula)
        self._compute(key, formula)

    def _compute(self, key: str, formula: Term) -> None:
        while True:
            try:
                with ctx.workprec(self._bits):
                    value = trimmed(evaluate(formula, self._values))
                check_size(value)
                self._values[key] = value
                return
            except Undecided:
                self._refine(key, leaving_out=key)
            except Unknown:
                raise
            except NoValue as error:
                raise NoValue(f"{key}: {error}") from None

    def _carry(self, key: str, formula: Term) -> None:
        """Compute the displayed value from displayed values, and carry it."""
        rounding = self.policy.of(key)
        try:
            number = _decided(key, lambda: show(_sized(evaluate(formula, self._carried)), rounding))
        except Unknown:
            raise
        except NoValue as error:
            raise NoValue(f"{key}: {error}") from None
        self._shown[key] = number
        with ctx.workprec(START_BITS):
            self._carried[key] = Value.of_number(number)

    def _refine(self, key: str, leaving_out: str = "") -> None:
        """Double the precision and compute every value again, but for one that is being computed.

        Raises:
            UndecidedDigits: the last precision has been tried.
        """
        if self._bits >= LAST_BITS:
            raise _undecided(key)
        self._bits *= 2
        self._values.clear()
        with ctx.workprec(self._bits):
            for given, number in self._given.items():
                self._values[given] = Value.of_number(number)
        for other, formula in self.formulas.items():
            if other == leaving_out:
                continue
            try:
                self._compute(other, self._implied.get(other, formula))
            except Unknown:
                continue

    # --- reading ----------------------------------------------------------------------------

    def term(self, key: str) -> Term:
        """Return the printed term of a quantity."""
        return self.vocabulary[key]

    def known(self, key: str) -> bool:
        """Return whether a quantity has a value."""
        return key in self._values

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
    def bits(self) -> int:
        """The precision that the values have at present."""
        return self._bits

    @property
    def values(self) -> Mapping[str, Value]:
        """The values at the present precision."""
        return self._values

    def given(self, key: str) -> Number | None:
        """Return a given quantity as it is written, None if it is derived."""
        return self._given.get(key)

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
                number = self._decide(key, lambda value: show(value, self.policy.of(key)))
            self._shown[key] = number
        return number

    def shown_again(self, key: str) -> Number:
        """Return a quantity as it is printed a second time under its own rounding (`loss~4`)."""
        base = key.partition("~")[0]
        rounding = self.policy.of(key)
        if self.policy.carry == "shown" and base not in self._given:
            carried = self._carried[base]
            return _decided(key, lambda: show(carried, rounding))
        return self._decide(base, lambda value: show(value, rounding))

    def significant(self, key: str, digits: int = 17) -> str:
        """Return a value to that many certified significant digits."""
        return self._decide(key, lambda value: significant_digits(value, digits))

    def exact(self, key: str) -> str | None:
        """Return the exact rational of a value as text, None where it is not a short rational."""
        return exact_text(self._values[key])

    def uses(self, key: str) -> tuple[str, ...]:
        """Return the keys of the quantities that a formula uses, in reading order."""
        return keys(self.formulas[key])

    def _decide(self, key: str, attempt: Callable[[Value], Decided]) -> Decided:
        while True:
            value = self._values[key]
            try:
                with ctx.workprec(self._bits):
                    return attempt(value)
            except Undecided:
                if self._bits >= LAST_BITS // 8 and self._prove_zero(key):
                    continue
                self._refine(key)

    def _prove_zero(self, key: str) -> bool:
        """Let SymPy prove that a value that no precision tells from zero is zero."""
        if key not in self.formulas or 0 not in self._values[key].ball:
            return False
        from .composition import composed
        from .symbolic import equal

        if not equal(composed(self, key), 0):
            return False
        self.formulas[key] = Number("0")
        self._compute(key, self.formulas[key])
        return True


def _sized(value: Value) -> Value:
    check_size(value)
    return value


def _decided(key: str, attempt: Callable[[], Number]) -> Number:
    """Try at rising precision; what the attempt reads is exact, so no other value need be refined."""
    bits = START_BITS
    while bits <= LAST_BITS:
        try:
            with ctx.workprec(bits):
                return attempt()
        except Undecided:
            bits *= 2
    raise _undecided(key)


def _undecided(key: str) -> UndecidedDigits:
    return UndecidedDigits(
        f"{key}: its digits cannot be decided: at {LAST_BITS} bits it still cannot be told from a number at "
        "which the rounding changes. Another rounding (--digits, --rounding places) or slightly other "
        "numbers decide it."
    )


def as_written(number: Number) -> Term:
    """Return a number as a term: a fraction is set as one."""
    over, bar, under = number.text.partition("/")
    return Fraction(Number(over), Number(under), inline=True) if bar else number


__all__ = ["LAST_BITS", "START_BITS", "Ledger", "as_written", "number_value"]
