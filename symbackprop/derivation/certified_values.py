"""Certified values: each quantity computed from its formula in balls, as precisely as its digits need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from flint import ctx, fmpq

from ..errors import UndecidedDigits
from ..formulas.terms import Number, Term, keys
from ..notation.vocabulary import Vocabulary
from ..numbers.constants import Constant
from ..numbers.digits import Real, Undecided, Value, number_value
from ..numbers.evaluate import NoValue, Reals, RealTable, Unknown, check_size, evaluate_real, trimmed

#: Working precision in bits: where a computation starts, and where it gives up deciding a digit.
START_BITS, LAST_BITS = 128, 32768

#: Where a digit is not decided at this precision, SymPy is asked whether the value is a simple rational.
PROOF_BITS = 1024

Decided = TypeVar("Decided")
Setting = TypeVar("Setting")


class CertifiedValues:
    """Formulas by quantity key, in the order in which they were derived, and their values.

    Values are balls at one precision for all. Where a digit is not decided the precision is doubled and every
    value computed again from its formula, until it is.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Start without a quantity."""
        self.vocabulary = vocabulary
        self.formulas: dict[str, Term] = {}
        self._given: dict[str, Number] = {}
        self._implied: dict[str, Term] = {}
        self._reals = RealTable()
        self._bits = START_BITS

    # --- reading ----------------------------------------------------------------------------

    def term(self, key: str) -> Term:
        """Return the printed term of a quantity."""
        return self.vocabulary[key]

    def given(self, key: str) -> Number | None:
        """Return a given quantity as it is written, None if it is derived."""
        return self._given.get(key)

    def known(self, key: str) -> bool:
        """Return whether a quantity has a value."""
        return key in self._reals

    def uses(self, key: str) -> tuple[str, ...]:
        """Return the keys of the quantities that a formula uses, in reading order."""
        return keys(self.formulas[key]) if key in self.formulas else ()

    @property
    def bits(self) -> int:
        """The precision that the values have at present."""
        return self._bits

    @property
    def values(self) -> Mapping[str, Value]:
        """The values at the present precision."""
        return _Values(self._reals, self._bits)

    @property
    def reals(self) -> Reals:
        """The values at the present precision, each as one object: a rational, or a ball."""
        return self._reals

    @property
    def implied(self) -> Mapping[str, Term]:
        """What stands for the formulas of quantities that follow from others than their own formula uses."""
        return self._implied

    # --- computing --------------------------------------------------------------------------

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

    def _try_again(self, waiting: list[tuple[str, Term]], compute: Callable[[str, Term], None]) -> None:
        """Compute what had to wait for values that stand later in the order, as long as any can be.

        A formula that was stated anew, over quantities added since, keeps its old place.
        """
        before = -1
        while waiting and len(waiting) != before:
            before, left = len(waiting), waiting
            waiting = []
            for key, formula in left:
                try:
                    compute(key, formula)
                except Unknown:
                    waiting.append((key, formula))

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
        self._try_again(waiting, self._compute)

    def _refine(self, key: str, leaving_out: str = "") -> None:
        """Double the precision and compute every value again, but for one that is being computed.

        Raises:
            UndecidedDigits: the last precision has been tried.
        """
        if self._bits >= LAST_BITS:
            raise undecided(key)
        self._bits *= 2
        self._compute_all(leaving_out)

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

    # --- proving ----------------------------------------------------------------------------

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


def decided(key: str, attempt: Callable[[], Number]) -> Number:
    """Try at rising precision; what the attempt reads is exact, so no other value need be refined."""
    bits = START_BITS
    while bits <= LAST_BITS:
        try:
            with ctx.workprec(bits):
                return attempt()
        except Undecided:
            bits *= 2
    raise undecided(key)


def undecided(key: str) -> UndecidedDigits:
    """Return the error that no precision decides the digits of a quantity."""
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
