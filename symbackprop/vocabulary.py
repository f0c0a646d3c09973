"""The term that stands for each quantity key, in a problem's notation."""

from __future__ import annotations

from .keys import At, Key, key, parse_key
from .notation import Notation, is_derivative, quantity_name
from .spec.problem import Problem
from .terms import Partial, Symbol, Term


class Vocabulary:
    """Looks up the printed term of a quantity key; every key has exactly one."""

    def __init__(self, problem: Problem, notation: Notation) -> None:
        """Take the notation; terms are made when first asked for."""
        self.notation = notation
        self._outputs = {unit: number for number, unit in enumerate(problem.outputs, start=1)}
        self._inputs = frozenset(problem.inputs)
        self._frozen = problem.frozen
        self._terms: dict[str, Term] = {}

    def __getitem__(self, text: str) -> Term:
        """Return the term of a key.

        Raises:
            ValueError: the text is not a quantity key.
        """
        term = self._terms.get(text)
        if term is None:
            term = self._terms[text] = self._term(text)
        return term

    def activation(self, unit: str, sample: int | None = None, passes: int = 0) -> str:
        """Return the key of what a unit sends out: an input's own name, else act.U."""
        if unit in self._inputs:
            return key(unit, "", sample=sample)
        return key("act", unit, sample=sample, passes=passes)

    def parameter(self, name: str, passes: int = 0) -> str:
        """Return the key of a parameter's value after so many updates; a frozen one never changes."""
        if not passes or name in self._frozen:
            return name
        return f"new.{name}" if passes == 1 else f"new.{name}@{passes}"

    def _term(self, text: str) -> Term:
        parts = parse_key(text)
        if is_derivative(parts.kind):
            return self._derivative(text, parts)
        return Symbol(quantity_name(parts, self.notation, self._outputs), text)

    def _derivative(self, text: str, parts: Key) -> Term:
        at = At(sample=parts.sample, passes=parts.passes)
        if parts.kind == "dact_dnet":
            return Partial(
                self[key("act", parts.subject, **at)],
                self[key("net", parts.through or parts.subject, **at)],
                text,
            )
        if parts.kind == "dE_dnet" and self.notation.form == "delta" and not parts.through:
            name = quantity_name(parts._replace(kind="delta"), self.notation, self._outputs)
            return Symbol(name, text)
        whole = (
            self[key("error", parts.through, **at)]
            if parts.through
            else self[key("loss", "", passes=parts.passes)]
        )
        return Partial(whole, self.denominator(text), text)

    def denominator(self, text: str) -> Term:
        """Return what a derivative of the loss is taken by."""
        parts = parse_key(text)
        at = At(sample=parts.sample, passes=parts.passes)
        if parts.kind == "grad":
            return self[self.parameter(parts.subject, parts.passes)]
        if parts.kind == "dE_dact":
            return self[self.activation(parts.subject, **at)]
        return self[key("net", parts.subject, **at)]
