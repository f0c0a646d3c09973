"""What a rule of a loss consists of: of one output's error, or of all outputs together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction as Rational

from ..formulas.terms import Negation, Number, Product, Sum, Term
from .activation import ONE, Settings, number_term, rational
from .derivation import differentiate, fill, slot

T, O = slot("t"), slot("o")  # noqa: E741 - o is the field's name for an output
Terms = Sequence[Term]


@dataclass(frozen=True, slots=True)
class LossRule:
    """One output's error E_k(t, o); a sample's loss is their sum over its K outputs.

    error: the formula over the slots t and o, given K and the settings. course: its derivative by o as
    courses write it; None where SymPy's own form is shown. settings: the defaults; `bound` those of a
    problem. constant: what the author sets before the loss. targets: what targets may be.
    """

    name: str
    title: str
    error: Callable[[int, Settings], Term]
    course: Callable[[int, Settings], Term] | None = None
    because: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    bound: Settings = field(default_factory=dict)
    constant: Number | None = None
    kink_convention: str = ""
    targets: str = ""
    joint: bool = field(default=False, init=False)

    def formula(self, target: Term, output: Term, outputs: int) -> Term:
        """Return one output's error over the network's own terms."""
        return fill(self._error(outputs), {"t": target, "o": output})

    def derivative(self, target: Term, output: Term, outputs: int) -> Term:
        """Return dE_k/do in the form that is shown."""
        if self.course is None:
            template = self.raw_derivative(outputs)
        else:
            template = scaled(self.course(outputs, self._settings), self.constant)
        return fill(template, {"t": target, "o": output})

    def derivative_by_target(self, target: Term, output: Term, outputs: int) -> Term:
        """Return dE_k/dt, as SymPy finds it."""
        return fill(positive_first(differentiate(self._error(outputs), "t")), {"t": target, "o": output})

    def raw_derivative(self, outputs: int) -> Term:
        """Return SymPy's derivative of the error by the output, over the slots t and o."""
        return differentiate(self._error(outputs), "o")

    def _error(self, outputs: int) -> Term:
        return scaled(self.error(outputs, self._settings), self.constant)

    @property
    def _settings(self) -> Settings:
        return {name: Number(text) for name, text in self.settings.items()} | dict(self.bound)


@dataclass(frozen=True, slots=True)
class JointLossRule:
    """A loss over all outputs of a sample that is not a sum of one output's errors.

    loss: the formula from all targets, all outputs, the settings and what is known of the targets. course:
    its derivative by the output with an index; a test proves it equal to SymPy's.
    """

    name: str
    title: str
    loss: Callable[[Targets, Terms, Settings], Term]
    course: Callable[[int, Targets, Terms, Settings], Term]
    because: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    bound: Settings = field(default_factory=dict)
    constant: Number | None = None
    kink_convention: str = ""
    targets: str = ""
    joint: bool = field(default=True, init=False)

    def formula(self, targets: Targets, outputs: Terms) -> Term:
        """Return a sample's loss over the network's own terms."""
        return scaled(self.loss(targets, outputs, self._settings), self.constant)

    def derivative(self, index: int, targets: Targets, outputs: Terms) -> Term:
        """Return the derivative of the loss by one output."""
        return scaled(self.course(index, targets, outputs, self._settings), self.constant)

    def derivative_by_target(self, index: int, targets: Targets, outputs: Terms) -> Term:
        """Return SymPy's derivative of the loss by one target."""
        numbers = range(len(outputs))
        own = [slot(f"t{number}") for number in numbers]
        formula = self.formula(replace(targets, terms=tuple(own)), [slot(f"o{number}") for number in numbers])
        arguments = {f"t{number}": targets.terms[number] for number in numbers}
        arguments |= {f"o{number}": outputs[number] for number in numbers}
        return fill(differentiate(formula, f"t{index}"), arguments)

    @property
    def _settings(self) -> Settings:
        return {name: Number(text) for name, text in self.settings.items()} | dict(self.bound)


@dataclass(frozen=True, slots=True)
class Targets:
    """A sample's targets: their terms, and their values, on which the form of some losses depends.

    There are no values where a target is not given.
    """

    terms: tuple[Term, ...]
    values: tuple[Rational, ...]

    @property
    def total(self) -> Rational:
        """The sum of the targets: 1 where they are a distribution."""
        return sum(self.values, Rational(0))

    @property
    def right(self) -> int:
        """The index of the class that a one-hot target means."""
        return self.values.index(Rational(1))


def positive_first(term: Term) -> Term:
    """Return a sum that begins with a minus, as SymPy orders -o + t, with a term that is added in front."""
    if isinstance(term, Sum) and isinstance(term.terms[0], Negation):
        added = [item for item in term.terms if not isinstance(item, Negation)]
        if added:
            return Sum((*added, *(item for item in term.terms if isinstance(item, Negation))))
    return term.rebuilt(positive_first)


def bound_to(
    rule: LossRule | JointLossRule, settings: Settings, constant: Number | None
) -> LossRule | JointLossRule:
    """Return a rule with a problem's settings and the constant before it."""
    return replace(rule, bound=settings, constant=constant)


def scaled(term: Term, constant: Number | None) -> Term:
    """Return a constant times a term, joined with a number that the term begins with."""
    if constant is None:
        return term
    factor = rational(constant)
    assert factor is not None
    return _times(factor, term)


def _times(factor: Rational, term: Term) -> Term:
    if factor == 1:
        return term
    if isinstance(term, Negation):
        return Negation(_times(factor, term.term))
    if isinstance(term, Product):
        first = rational(term.factors[0])
        if first is not None:
            rest = term.factors[1:]
            joined = factor * first
            if joined == 1:
                return rest[0] if len(rest) == 1 else Product(rest, term.sign)
            return Product((number_term(joined), *rest), term.sign)
        return Product((number_term(factor), *term.factors), term.sign)
    own = rational(term)
    return Product((number_term(factor), term)) if own is None else number_term(factor * own)


__all__ = ["ONE", "JointLossRule", "LossRule", "O", "T", "Targets", "bound_to", "scaled"]
