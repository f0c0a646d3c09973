"""What an answer may have been worked out from: the ledger's own formulas, back to the nearest answers.

A quantity may be reached by several routes: the formula over the quantities one step before it, the formula
that the sheet displays, and, where a course has two names for one thing (delta and -dE/dz, a step and minus
rate times gradient), that relation. A relation counts only if it holds for the right values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter

from flint import fmpq

from ..formulas.terms import Negation, Product, Sum, Term, keys
from ..keys import parse_key
from ..numbers.digits import Real, Undecided
from ..numbers.evaluate import NoValue, RealTable, evaluate_real
from .paper import Solved


class Dependence:
    """How the quantities that one problem asks for depend on one another."""

    def __init__(self, solved: Solved, places: Mapping[str, int]) -> None:
        """Take the problem and the asked quantities, each with its place on the sheet."""
        self.solved, self.places = solved, places
        self._relations: dict[str, dict[str, Term]] = {}
        self._names: dict[int, tuple[str, ...]] = {}

    def right(self, key: str) -> Real:
        """Return a quantity's right value."""
        return self.solved.ledger.reals[key]

    def names(self, formula: Term) -> tuple[str, ...]:
        """Return the quantities that a formula of the ledger is over; taken apart once."""
        found = self._names.get(id(formula))
        if found is None:
            found = self._names[id(formula)] = keys(formula)
        return found

    def used(self, key: str) -> tuple[str, ...]:
        """Return the quantities one step before a derived one, none before a given one."""
        ledger = self.solved.ledger
        return self.names(ledger.canonical[key]) if key in ledger.formulas else ()

    def routes(self, key: str) -> list[Term]:
        """Return the formulas of a quantity: one step back and, where it differs, as it is displayed."""
        ledger = self.solved.ledger
        if key not in ledger.formulas:
            return []
        stated, displayed = ledger.canonical[key], ledger.formulas[key]
        return (
            [stated]
            if stated is displayed or self.used(key) == self.names(displayed)
            else [stated, displayed]
        )

    def relations(self, key: str) -> Mapping[str, Term]:
        """Return the asked quantities that give this one at once, each with the formula over it."""
        found = self._relations.get(key)
        if found is None:
            possible = _possible_relations(key, self.solved, self.places)
            found = {other: formula for other, formula in possible if self._holds(key, formula)}
            self._relations[key] = found
        return found

    def _holds(self, key: str, formula: Term) -> bool:
        """Return whether a relation holds for the right values."""
        known = self.solved.ledger.known
        if not all(known(used) for used in (key, *keys(formula))):
            return False
        values = RealTable({used: self.right(used) for used in keys(formula)})
        try:
            difference = evaluate_real(formula, values) - self.right(key)
        except (NoValue, Undecided):
            return False
        return difference == 0 if isinstance(difference, fmpq) else 0 in difference

    def usable(self, key: str, answer: str) -> bool:
        """Return whether a quantity may have been worked out from the answer to another question.

        Of two names for one thing the later question on the sheet follows from the earlier, never the
        reverse: two wrong answers do not vouch for each other.
        """
        after = self.places.get(key, len(self.places))
        return key != answer and (mirror(key) != answer or self.places[answer] < after)

    @cached_property
    def order(self) -> list[str]:
        """The asked quantities, each after those that it may have been worked out from."""
        graph: dict[str, dict[str, None]] = {}
        pending = list(self.places) if len(self.places) > 1 else []
        while pending:
            key = pending.pop()
            if key in graph:
                continue
            graph[key] = dict.fromkeys(self._before(key))
            pending += graph[key]
        try:
            found = [key for key in TopologicalSorter(graph).static_order() if key in self.places]
            return found or list(self.places)
        except CycleError:  # two names for one thing asked in an order that no derivation has
            return list(self.places)

    def _before(self, key: str) -> Iterator[str]:
        """Yield what must be marked before a quantity."""
        for name in self.used(key):
            if name in self.places and not self.usable(key, name):
                yield from self.used(name)
            else:
                yield name
            if name not in self.places:
                yield from (other for other in self.relations(name) if other != key)
        yield from (other for other in self.relations(key) if self.usable(key, other))

    def sources(self, key: str, answers: Collection[str]) -> tuple[str, ...]:
        """Return the nearest answers that a quantity may have been worked out from, by any of its routes."""
        usable = [answer for answer in answers if self.usable(key, answer)]
        found = {other for other in self.relations(key) if other in usable}
        for formula in self.routes(key):
            found.update(self.names(formula))
            for _, inner in self.between(formula, usable, related=True):
                found.update(self.names(inner))
        return tuple(answer for answer in usable if answer in found)

    def between(self, formula: Term, answers: Collection[str], *, related: bool) -> list[tuple[str, Term]]:
        """Return the quantities between a formula and the answers, each with the formula it is computed by.

        They come in an order in which each can be computed. related: a quantity with another name that is
        among the answers is computed from that.
        """
        chosen: dict[str, Term] = {}
        graph: dict[str, tuple[str, ...]] = {}
        pending = list(self.names(formula))
        while pending:
            key = pending.pop()
            if key in graph:
                continue
            graph[key] = ()
            if key in answers or key not in self.solved.ledger.formulas:
                continue
            relation = next((f for other, f in self.relations(key).items() if other in answers), None)
            if related and relation is not None:
                chosen[key] = relation
            else:
                chosen[key] = self.solved.ledger.canonical[key]
            graph[key] = self.names(chosen[key])
            pending += graph[key]
        return [(key, chosen[key]) for key in TopologicalSorter(graph).static_order() if key in chosen]


def base(key: str) -> str:
    """Return the quantity that a key is about, without the mark of being shown a second time."""
    return key.partition("~")[0]


@lru_cache(maxsize=4096)
def mirror(key: str) -> str | None:
    """Return the other name of an error term, its sign changed: delta.U for dE_dnet.U and the reverse."""
    parts = parse_key(key)
    if parts.through or parts.kind not in ("delta", "dE_dnet"):
        return None
    return str(parts._replace(kind="dE_dnet" if parts.kind == "delta" else "delta"))


def _possible_relations(key: str, solved: Solved, asked: Collection[str]) -> Iterator[tuple[str, Term]]:
    """Yield the asked quantities that may give a quantity at once, each with the formula over it."""
    parts, term = parse_key(key), solved.ledger.term
    other = mirror(key)
    if parts.kind == "dE_dact":
        other = str(parts._replace(kind="residual"))
    if other is not None:
        if other in asked:
            yield other, Negation(term(other))
    elif parts.kind in ("step", "new"):
        passes = parts.passes if parts.kind == "step" else max(parts.passes, 1) - 1
        step = str(parts._replace(kind="step", passes=passes))
        gradient = str(parts._replace(kind="grad", passes=passes))
        old = term(solved.ledger.vocabulary.parameter(parts.subject, passes))
        moved = Negation(Product((term("learning_rate"), term(gradient))))
        if parts.kind == "new" and step in asked:
            yield step, Sum((old, term(step)))
        if gradient in asked:
            yield gradient, moved if parts.kind == "step" else Sum((old, moved))
