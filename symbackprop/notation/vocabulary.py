"""The term that stands for each quantity key, in a problem's notation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain

from ..formulas.names import Name
from ..formulas.terms import Negation, Partial, Symbol, Term, replace_keys
from ..keys import At, Key, key, parse_key
from ..spec.problem import Problem
from .naming import has_double_indices, marked, places_of, printed_name, quantity_name, updated
from .notation import Notation, is_derivative


class Terms(dict[str, Term]):
    """Terms by a short name, made when first asked for; from then on as quick as a dictionary."""

    def __init__(self, make: Callable[[str], Term]) -> None:
        """Take what makes the term of a name."""
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> Term:
        term = self[name] = self._make(name)
        return term


class Vocabulary:
    """Looks up the printed term of a quantity key; every key has exactly one."""

    def __init__(self, problem: Problem, notation: Notation, updates: int = 0) -> None:
        """Take the notation and how many updates are derived.

        `terms` holds the term of each key, made when first asked for.
        """
        self.places = places_of(problem)
        self.notation = notation
        if len(problem.samples) > 1 and self._needs_brackets(problem):
            self.notation = replace(notation, sample_mark="[{}]")
        self.inputs = frozenset(problem.inputs)
        stages = problem.architecture.stages if problem.architecture else ()
        self._steps = frozenset(stage.part for stage in stages if stage.part)
        self._frozen = problem.frozen
        self._ahead_until = updates if problem.descent.looks_ahead else 0
        self._own_parameters = frozenset(parameter.name for parameter in problem.parameters)
        self.terms = Terms(self._term)
        self._sent: dict[tuple[int | None, int], Terms] = {}
        self._parameters: dict[int, Terms] = {}
        self._gradients: dict[int, Terms] = {}

    def _needs_brackets(self, problem: Problem) -> bool:
        """Return whether names carry their layer as (1), so that samples need another mark."""
        if self.notation.samples == "brackets":
            return True
        named = chain(
            (Key("act", unit) for unit in problem.units),
            (Key("", parameter.name) for parameter in problem.parameters),
        )
        names = (quantity_name(named_key, self.notation, self.places) for named_key in named)
        return any(piece.startswith("(") for name in names for piece in name.sup)  # mostly the first says so

    def has_double_indices(self, weight: str) -> bool:
        """Return whether a weight is printed with an index for each end."""
        return has_double_indices(weight, self.notation, self.places)

    def __getitem__(self, text: str) -> Term:
        """Return the term of a key.

        Raises:
            ValueError: the text is not a quantity key.
        """
        return self.terms[text]

    def sent(self, sample: int | None = None, passes: int = 0) -> Terms:
        """Return, by unit, the term of what it sends out."""
        found = self._sent.get((sample, passes))
        if found is None:
            found = Terms(lambda unit: self.terms[self.activation(unit, sample, passes)])
            self._sent[sample, passes] = found
        return found

    def parameters(self, passes: int = 0) -> Terms:
        """Return, by name, the term of a parameter's value after so many updates."""
        found = self._parameters.get(passes)
        if found is None:
            found = self._parameters[passes] = Terms(lambda name: self._parameter(name, passes))
        return found

    def gradients(self, passes: int = 0) -> Terms:
        """Return, by parameter, the term of the whole gradient after so many updates."""
        found = self._gradients.get(passes)
        if found is None:
            found = self._gradients[passes] = Terms(lambda name: self._gradient(name, passes))
        return found

    def activation(self, unit: str, sample: int | None = None, passes: int = 0) -> str:
        """Return the key of what a unit sends out: an input's own name, else act.U."""
        if unit in self.inputs:
            return key(unit, "", sample=sample)
        return key("act", unit, sample=sample, passes=passes)

    def parameter(self, name: str, passes: int = 0) -> str:
        """Return the key of a parameter's value after so many updates; a frozen one never changes."""
        if not passes or name in self._frozen:
            return name
        return f"new.{name}" if passes == 1 else f"new.{name}@{passes}"

    def entering(self, name: str, passes: int = 0) -> str:
        """Return the key of what stands for a parameter in a pass: its value, or where look-ahead looks."""
        if passes < self._ahead_until and name not in self._frozen:
            return key("ahead", name, passes=passes)
        return self.parameter(name, passes)

    def shifted(self, text: str, passes: int) -> str:
        """Return the key that a quantity of the first pass has after so many updates."""
        if (
            (not passes and not self._ahead_until)
            or text.startswith(("constant.", "target."))
            or text == "learning_rate"
        ):
            return text
        if text in self._own_parameters:
            return self.entering(text, passes)
        parts = parse_key(text)
        return text if parts.subject in self.inputs and not parts.kind else str(parts._replace(passes=passes))

    def at(self, formula: Term, passes: int) -> Term:
        """Return a formula over keys of the first pass as it stands after so many updates."""

        def shifted(text: str, term: Term) -> Term:
            return term if text.startswith("constant.") else self.terms[self.shifted(text, passes)]

        return replace_keys(formula, shifted)

    # Two of the most numerous kinds: their keys are taken apart before they are put together.

    def _parameter(self, name: str, passes: int) -> Term:
        text = self.entering(name, passes)
        if text not in self.terms and not self._ahead_until:
            self.terms[text] = Symbol(self._parameter_name(name, 0 if text == name else passes), text)
        return self.terms[text]

    def _parameter_name(self, name: str, passes: int) -> Name:
        """Return what `quantity_name` would; at once where no name is the author's own."""
        if passes > 1 or self.notation.names:
            parts = Key("new", name, passes=passes if passes > 1 else 0) if passes else Key("", name)
            return quantity_name(parts, self.notation, self.places)
        old = self.terms.get(name)
        own = old.name if type(old) is Symbol else printed_name(name, self.notation, self.places)
        return updated(own, self.notation) if passes else own

    def _gradient(self, name: str, passes: int) -> Term:
        text = key("grad", name, passes=passes)
        if text not in self.terms:
            self.terms[text] = self._derivative(text, Key("grad", name, passes=passes))
        return self.terms[text]

    def _term(self, text: str) -> Term:
        parts = parse_key(text)
        if is_derivative(parts.kind):
            return self._derivative(text, parts)
        if parts.kind == "delta" and self.notation.names_errors:
            # this form's letter delta is dE/dz itself: the delta rule's is minus that
            return Negation(self._loss_by(parts._replace(kind="dE_dnet")))
        return Symbol(quantity_name(parts, self.notation, self.places), text)

    def _derivative(self, text: str, parts: Key) -> Term:
        if parts.kind == "dact_dnet":
            at = At(sample=parts.sample, passes=parts.passes)
            return Partial(
                self[key("act", parts.subject, **at)],
                self[key("net", parts.through or parts.subject, **at)],
                text,
            )
        if parts.kind == "dE_dnet" and self.notation.names_errors and not parts.through:
            name = quantity_name(parts._replace(kind="delta"), self.notation, self.places)
            return Symbol(name, text)
        return self._loss_by(parts, text)

    def _loss_by(self, parts: Key, text: str = "") -> Partial:
        """Return the derivative of the loss, or of one output's error, as a fraction."""
        whole = (
            self[key("error", parts.through, sample=parts.sample, passes=parts.passes)]
            if parts.through and parts.through not in self._steps
            else self[key("loss", "", passes=parts.passes)]
        )
        return Partial(whole, self._denominator(parts), text)

    def denominator(self, text: str) -> Term:
        """Return what a derivative of the loss is taken by."""
        return self._denominator(parse_key(text))

    def _denominator(self, parts: Key) -> Term:
        if parts.kind == "grad":
            term = self.parameters(parts.passes)[parts.subject]
            if parts.through in self._steps and isinstance(term, Symbol):
                # the share of one time step: by the parameter as it stands in that step's formulas
                term = Symbol(term.name.with_sup(f"({parts.through.lstrip('t')})"), term.key)
            if parts.sample is None or not isinstance(term, Symbol):
                return term
            # the share of one sample: by the parameter as it stands in that sample's formulas
            return Symbol(marked(term.name, self.notation, parts.sample), term.key)
        at = At(sample=parts.sample, passes=parts.passes)
        if parts.kind == "dE_dtarget":
            return self[key("target", parts.subject, sample=parts.sample)]
        if parts.kind == "dE_dact":
            return self[self.activation(parts.subject, **at)]
        return self[key("net", parts.subject, **at)]
