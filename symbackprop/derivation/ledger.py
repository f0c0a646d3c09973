"""The ledger: every quantity with its formula, its value and how it is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from flint import ctx, fmpq

from ..errors import UndecidedDigits
from ..formulas.terms import (
    Cases,
    Comparison,
    Fraction,
    Number,
    Term,
    keys,
)
from ..notation.vocabulary import Vocabulary
from ..numbers.constants import Constant
from ..numbers.digits import Real, Undecided, Value, exact_text, number_value, show, significant_digits
from ..numbers.evaluate import NoValue, Reals, RealTable, Unknown, check_size, evaluate_real, trimmed
from ..numbers.rounding import Rounding, RoundingPolicy
from ..proofs.deciding import holding, reasons
from .forms import Rewriter, chain_of, simplified_of
from .substitution import numbering

#: Working precision in bits: where a computation starts, and where it gives up deciding a digit.
START_BITS, LAST_BITS = 128, 32768

#: Where a digit is not decided at this precision, SymPy is asked whether the value is a simple rational.
PROOF_BITS = 1024


Decided = TypeVar("Decided")
Setting = TypeVar("Setting")


class Ledger:
    """Formulas by quantity key, in the order in which they were derived, and their values.

    Values are balls at the ledger's precision. Where a digit is not decided the precision is
    doubled and every value computed again from its formula, until it is.
    """

    def __init__(self, vocabulary: Vocabulary, policy: RoundingPolicy, rewriter: Rewriter) -> None:
        """Start an empty ledger."""
        self.vocabulary = vocabulary
        self.policy = policy
        self.completed = False  # with what the form itself does not show
        self.adds_steps = vocabulary.notation.descends
        self.formulas: dict[str, Term] = {}
        self._canonical: dict[str, Term] = {}
        self._rewriter = rewriter
        self._given: dict[str, Number] = {}
        self._drawn: set[str] = set()
        self._implied: dict[str, Term] = {}
        self._inverted: dict[str, Term] = {}  # what `imply` has been told, without what was proved since
        self._reals = RealTable()
        self._carried = RealTable()
        self._shown: dict[str, Number] = {}
        self._printed: dict[str, Term] = {}
        self._simplified: dict[str, Term] = {}
        self._bits = START_BITS

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
        other._try_again(waiting)
        return other

    def _value(self, key: str, formula: Term) -> None:
        """Compute a value and, where displayed values are carried on, the displayed one before it.

        Raises:
            Unknown: the formula uses what has no value here.
        """
        if self.policy.carry == "shown":
            self._carry(key, formula)
        self._compute(key, formula)

    def _try_again(self, waiting: list[tuple[str, Term]], *, carrying: bool = True) -> None:
        """Compute what had to wait for values that stand later in the order, as long as any can be.

        A formula that was stated anew, over quantities added since, keeps its old place.
        """
        before = -1
        while waiting and len(waiting) != before:
            before, left = len(waiting), waiting
            waiting = []
            for key, formula in left:
                try:
                    if carrying:
                        self._value(key, formula)
                    else:
                        self._compute(key, formula)
                except Unknown:
                    waiting.append((key, formula))

    def _compute(self, key: str, formula: Term) -> None:
        while True:
            before = ctx.prec  # as `ctx.workprec` does, at a fraction of its cost
            if before != self._bits:
                ctx.prec = self._bits
            try:
                real = evaluate_real(formula, self._reals)
                if type(real) is fmpq:
                    real = trimmed(real)
                check_size(real)
                self._reals[key] = real
                return
            except Undecided:
                if self._bits >= PROOF_BITS and (self._identify(key) or self._prove_parts(key, formula)):
                    continue
                self._refine(key, leaving_out=key)
            except Unknown:
                raise
            except NoValue as error:
                raise NoValue(f"{key}: {error}") from None
            finally:
                if ctx.prec != before:
                    ctx.prec = before

    def _carry(self, key: str, formula: Term) -> None:
        """Compute the displayed value from displayed values, and carry it."""
        rounding = self.policy.of(key)
        try:
            number = _decided(key, lambda: show(_sized(evaluate_real(formula, self._carried)), rounding))
        except Unknown:
            raise
        except NoValue as error:
            raise NoValue(f"{key}: {error}") from None
        self._shown[key] = number
        self._carried[key] = number_value(number)

    def _refine(self, key: str, leaving_out: str = "") -> None:
        """Double the precision and compute every value again, but for one that is being computed.

        Raises:
            UndecidedDigits: the last precision has been tried.
        """
        if self._bits >= LAST_BITS:
            raise _undecided(key)
        self._bits *= 2
        self._compute_all(leaving_out)

    def _identify(self, leaving_out: str) -> bool:
        """Let quantities that are the same formula of the same numbers share one value; return if any do."""
        from ..proofs.sameness import same_as_earlier

        known = {other: self._implied.get(other, formula) for other, formula in self.formulas.items()}
        known.pop(leaving_out, None)
        found = {
            other: self.term(first)
            for other, first in same_as_earlier(known, self._reals).items()
            if other not in self._implied
        }
        self._implied.update(found)
        if found:
            self._compute_all(leaving_out)
        return bool(found)

    def _compute_all(self, leaving_out: str = "") -> None:
        """Compute every value from its formula, or from what is known to be the same."""
        self._reals = RealTable((given, given_value(number)) for given, number in self._given.items())
        waiting: list[tuple[str, Term]] = []
        for other, formula in self.formulas.items():
            if other == leaving_out:
                continue
            formula = self._implied.get(other, formula)
            try:
                self._compute(other, formula)
            except Unknown:
                waiting.append((other, formula))
        self._try_again(waiting, carrying=False)

    # --- reading ----------------------------------------------------------------------------

    def term(self, key: str) -> Term:
        """Return the printed term of a quantity."""
        return self.vocabulary[key]

    def known(self, key: str) -> bool:
        """Return whether a quantity has a value."""
        return key in self._reals

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
        return _Values(self._reals, self._bits)

    @property
    def canonical(self) -> Mapping[str, Term]:
        """The formulas as the sweep states them, each over the quantities one step before it."""
        return self._canonical

    @property
    def implied(self) -> Mapping[str, Term]:
        """What stands for the formulas of quantities that follow from others than their own formula uses."""
        return self._implied

    @property
    def reals(self) -> Reals:
        """The values at the present precision, each as one object: a rational, or a ball."""
        return self._reals

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
                number = self._decide(key, show, self.policy.of(key))
            self._shown[key] = number
        return number

    def shown_again(self, key: str) -> Number:
        """Return a quantity as it is printed a second time under its own rounding (`loss~4`)."""
        base = key.partition("~")[0]
        rounding = self.policy.of(key)
        if self.policy.carry == "shown" and base not in self._given:
            carried = self._carried[base]
            return _decided(key, lambda: show(carried, rounding))
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

    def uses(self, key: str) -> tuple[str, ...]:
        """Return the keys of the quantities that a formula uses, in reading order."""
        return keys(self.formulas[key]) if key in self.formulas else ()

    def _decide(self, key: str, attempt: Callable[[Real, Setting], Decided], setting: Setting) -> Decided:
        while True:
            before = ctx.prec
            if before != self._bits:
                ctx.prec = self._bits
            try:
                return attempt(self._reals[key], setting)
            except Undecided:
                if self._bits >= PROOF_BITS and self._prove(key):
                    continue
                self._refine(key)
            finally:
                if ctx.prec != before:
                    ctx.prec = before

    def _prove_parts(self, key: str, formula: Term) -> bool:
        """Prove one of the values that a formula chooses by, or takes a logarithm of, to be rational."""
        return any(self._prove(used, leaving_out=key) for used in keys(formula) if used in self._reals)

    def _prove(self, key: str, tried: set[str] | None = None, leaving_out: str = "") -> bool:
        """Let SymPy prove that a value that no precision tells from a simple rational is that rational.

        Or one of the values that it is made of, further back, where the proof is shorter.
        """
        tried = set() if tried is None else tried
        tried.add(key)
        real = self._reals.get(key)
        if key not in self.formulas or real is None or isinstance(real, fmpq):
            return False
        from ..proofs.composition import is_exactly, simplest_inside

        simple = simplest_inside(real)
        if simple is None:
            return False
        if not is_exactly(self, key, simple):
            return any(self._prove(used, tried, leaving_out) for used in self.uses(key) if used not in tried)
        self._implied[key] = Number(str(simple))
        self._compute_after(key, leaving_out)
        return True

    def _compute_after(self, key: str, leaving_out: str) -> None:
        """Compute a value that was proved, and again what depends on it: that may become exact too."""
        changed: set[str] = set()
        for other, formula in self.formulas.items():
            formula = self._implied.get(other, formula)
            if other == leaving_out or (other != key and changed.isdisjoint(keys(formula))):
                continue
            changed.add(other)
            try:
                self._compute(other, formula)
            except Unknown:
                continue


def _sized(real: Real) -> Real:
    check_size(real)
    return real


class _Values(Mapping[str, Value]):
    """The values of a ledger, made from its numbers when asked for."""

    def __init__(self, reals: Mapping[str, Real], bits: int) -> None:
        """Take the numbers and the precision for the balls about rationals."""
        self._reals = reals
        self._bits = bits

    def __getitem__(self, key: str) -> Value:
        with ctx.workprec(self._bits):
            return Value.of_real(self._reals[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._reals)

    def __len__(self) -> int:
        return len(self._reals)


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


def given_value(number: Number) -> Real:
    """Return a given number's value, at the context's precision where it is an expression."""
    return (
        evaluate_real(number.expression, RealTable())
        if isinstance(number, Constant)
        else number_value(number)
    )


def as_written(number: Number) -> Term:
    """Return a number as a term: a fraction is set as one, an expression as it is written."""
    if isinstance(number, Constant):
        return number.expression
    if "/" not in number.text:
        return number
    over, _, under = number.text.partition("/")
    return Fraction(Number(over), Number(under), inline=True)


__all__ = ["LAST_BITS", "START_BITS", "Ledger", "as_written", "number_value"]
