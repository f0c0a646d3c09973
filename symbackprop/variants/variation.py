"""Variations: from a problem to a different one for each student, solved and certified."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..derivation.ledger import Ledger
from ..errors import UndecidedDigits
from ..formulas.terms import Number
from ..network.graph import Graph
from ..numbers.evaluate import NoValue
from ..spec.problem import Problem
from .identity import identity_of
from .quality import Quality
from .refusal import VariationError, counted
from .stream import Stream
from .structure import Structure
from .substitution import with_numbers

NO_VALUE, UNDECIDED = "a formula without a value", "a digit that cannot be decided"
ALIKE = "two mistakes with the same number"

_ADVICE = {
    NO_VALUE: "ranges that keep divisors away from zero and logarithms above it",
    UNDECIDED: "another rounding",
    ALIKE: "more digits, a finer grid, or quality: {diagnosable: false}",
}


@dataclass(frozen=True, eq=False)
class Variant:
    """A student's problem, solved: every printed digit certified.

    numbers: those that were drawn, by key. attempts: how many draws were made. rejected: how many of them
    were not wanted, by reason.
    """

    problem: Problem
    graph: Graph
    ledger: Ledger
    attempts: int = 1
    rejected: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, Number] = field(default_factory=dict)


class Variation:
    """Everything symbolic of a problem and its variants, done once.

    A variation goes to another process as its problem, and is made again there.
    """

    def __init__(
        self, problem: Problem, asked: Sequence[str] | None = None, quality: Quality | None = None
    ) -> None:
        """Derive the formulas and choose what varies.

        Raises:
            VariationError: nothing varies, or an answer is asked for that the problem does not have.
        """
        self._made_of = (problem, None if asked is None else tuple(asked), quality)
        self.problem = problem
        vary = problem.vary
        self.quality = (quality or Quality()).changed({} if vary is None else vary.quality)
        main = Structure(problem, asked, self.quality)
        others = () if vary is None else vary.structures
        self.structures = tuple(
            Structure(_with_options(other, problem), asked, self.quality, main) for other in others
        ) or (main,)
        self._main = main
        self.asked = main.screen.asked
        if len(self.structures) == 1 and self.ways == 1:
            raise VariationError(_nothing(problem))

    def __reduce__(self) -> tuple[type[Variation], tuple[Problem, tuple[str, ...] | None, Quality | None]]:
        """Send the problem; formulas are derived again where they are needed."""
        return type(self), self._made_of

    @cached_property
    def identity(self) -> str:
        """A digest of what decides the numbers: network, data, what varies, quality, rounding, answers."""
        return identity_of(self.problem, self.asked, self.quality)

    @property
    def ways(self) -> int:
        """How many different draws there are before any is rejected."""
        return sum(structure.plan.ways for structure in self.structures)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is asked of variants only in part, because the problem's own numbers do not do more."""
        found: dict[str, None] = {}
        for structure in self.structures:
            for forced in structure.plan.forced:
                found.setdefault(f"equal numbers cannot be avoided: {forced}")
            for check in (*structure.checks.numbers, *structure.checks.values):
                if check.relaxed:
                    found.setdefault(check.relaxed)
        return tuple(found)

    def samples(self, count: int) -> Iterator[Mapping[str, Number]]:
        """Yield numbers as they are drawn, whether they are wanted or not; always the same ones.

        Raises:
            VariationError: the structure varies too.
        """
        if len(self.structures) > 1:
            raise VariationError(f"{self.problem.title}: its structure varies")
        for number in range(count):
            hand = self._main.draw(Stream("samples", self.identity, str(number)))
            yield {text: number for text, (number, _) in hand.items()}

    def draw(self, seed: int | str, student: str) -> Variant:
        """Return a student's variant; it depends on the seed, the identity and the student alone.

        A seed may be written as a number or as its digits; a student's name in either form of Unicode.

        Raises:
            VariationError: no draw was wanted; the text says which conditions failed how often.
        """
        stream = Stream(str(seed), self.identity, unicodedata.normalize("NFC", student))
        rejected: Counter[str] = Counter()
        for attempt in range(1, self.quality.attempts + 1):
            found = self._attempt(stream)
            if isinstance(found, Variant):
                found = replace(found, attempts=attempt, rejected=dict(rejected))
                reason = self._further(found)
                if reason is None:
                    return found
                found = reason
            rejected[found] += 1
        raise self._failure(seed, student, rejected)

    def drawn_before(self, numbers: Mapping[str, Number]) -> Variant | None:
        """Return the variant whose numbers were drawn earlier, with every quantity: for marking.

        None where they do not tell which variant it was: the structure varies too, or others were drawn.
        """
        if len(self.structures) > 1 or set(self._main.plan.keys) != numbers.keys():
            return None
        problem = with_numbers(self._main.problem, numbers)
        graph, ledger = self._main.solved(problem, numbers, whole=True)
        return Variant(problem, graph, ledger, numbers=numbers)

    def _attempt(self, stream: Stream) -> Variant | str:
        """Return what one draw gives: a variant, or why it is not wanted."""
        structure = self.structures[0]
        if len(self.structures) > 1:
            structure = stream.choice(self.structures)
        checks = structure.checks
        try:
            hand = structure.draw(stream)
            values = {text: value for text, (_, value) in hand.items()}
            reason = checks.reason(values)
            if reason is not None:
                return reason
            reals = structure.screen.run(values)
            for check in checks.values:
                if check.rejects(reals):
                    return check.reason
            numbers = {text: number for text, (number, _) in hand.items()}
            problem = with_numbers(structure.problem, numbers)
            graph, ledger = structure.solved(problem, numbers)
            displayed = structure.displayed(ledger)
            for check in structure.printed:
                if check.rejects(displayed):
                    return check.reason
        except UndecidedDigits:
            return UNDECIDED
        except NoValue:
            return NO_VALUE
        return Variant(problem, graph, ledger, numbers=numbers)

    def _further(self, variant: Variant) -> str | None:
        """Return the first reason that the solved variant gives, and the caller's own conditions."""
        if self.quality.diagnosable and not self._tells_mistakes_apart(variant):
            return ALIKE
        for condition in self.quality.conditions:
            reason = condition(variant)
            if reason is not None:
                return reason
        return None

    def _tells_mistakes_apart(self, variant: Variant) -> bool:
        """Return whether every mistake that reaches an asked answer shows there, and looks like no other."""
        from ..mistakes import distinguishable, sweep_of

        sweep = sweep_of(variant.ledger, variant.graph, variant.problem)
        return all(distinguishable(sweep, key).tells for key in self.asked)

    def _failure(self, seed: int | str, student: str, rejected: Counter[str]) -> VariationError:
        most = max(rejected, key=lambda reason: (rejected[reason], reason))
        advice = dict(_ADVICE)
        for structure in self.structures:
            for check in (*structure.checks.numbers, *structure.checks.values):
                advice[check.reason] = check.advice
        text = (
            f"{self.problem.title}: no variant in {self.quality.attempts} draws (seed {seed}, student "
            f"{student}); rejected for {counted(rejected)}"
        )
        hint = advice.get(most, "")
        helps = f" What may help against {most}: {hint} under `vary:`." if hint else ""
        return VariationError(f"{text}.{helps}", rejected)


def variation_of(
    problem: Problem, *, asked: Sequence[str] | None = None, quality: Quality | None = None
) -> Variation:
    """Return the variation of a problem: what is symbolic of all its variants, done once.

    Args:
        problem: with or without `vary:`; without, every input, target, weight and bias varies in the range
            and on the grid that the problem's own numbers suggest.
        asked: keys of the answers; None: net inputs, activations, loss, gradients and new parameters of the
            first pass, as far as the sheet shows them.
        quality: which draws are wanted; what the problem file says comes before it.

    Raises:
        VariationError: nothing varies, or an answer is asked for that the problem does not have.
    """
    return Variation(problem, asked, quality)


def _with_options(other: Problem, problem: Problem) -> Problem:
    """Return one choice of a structure with what has been changed in the problem since it was read."""
    frozen, own = other.frozen - other.bias_names, problem.bias_names
    if own and own <= problem.frozen:
        frozen |= other.bias_names
    elif own & problem.frozen:
        frozen = other.frozen
    return replace(
        other,
        rounding=problem.rounding,
        notation=problem.notation,
        frozen=frozen,
        epochs=problem.epochs,
        descent=replace(other.descent, updates=problem.descent.updates),
        listing=problem.listing,
        name=problem.name,
    )


def _nothing(problem: Problem) -> str:
    return (
        f"{problem.title}: nothing varies: every number stays, because `vary:` says so or because it is a "
        "convention (biases that start at 0), a truth table, an expression or null. A range such as "
        "`vary: {weights: -1 to 1 by 0.05}` makes variants"
    )
