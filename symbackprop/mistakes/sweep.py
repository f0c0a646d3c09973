"""The sweep as a person goes through it: each formula, its value, what it uses, what is like it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, Any

from ..derivation.ledger import Ledger
from ..doubles.programs import Programs
from ..formulas.terms import Term, keys
from ..keys import UNIT_KINDS, Key, key, parse_key
from ..network.graph import Graph
from ..numbers.digits import Real, as_double
from ..spec.problem import Problem
from .mistake import Change, Step
from .neighbours import families_of, layers_of, mirrored_weights, nearest, steps_before

if TYPE_CHECKING:
    from .throughout import Run


@dataclass
class Plan:
    """How a quantity is computed from what is read as it stands, apart from the numbers.

    steps: the quantities on the way, in order. after: by quantity what follows from it. priced: the changes
    in the steps with their costs, by the mistakes that are looked for.
    """

    steps: list[str]
    after: dict[str, list[str]] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    priced: dict[frozenset[str] | None, Any] = field(default_factory=dict)


class Sweep:
    """The formulas of a ledger, each over the quantities one step before it.

    A mistake changes one of them (or one everywhere); the others, and with them whatever form and notation
    the sheet has, are those that make the right answer.
    """

    def __init__(self, ledger: Ledger, graph: Graph, problem: Problem) -> None:
        """Take a ledger that is complete, its graph and its problem."""
        self.ledger, self.graph, self.problem = ledger, graph, problem
        self.formulas: dict[str, Term] = {
            name: formula for name, formula in ledger.canonical.items() if ledger.given(name) is None
        }
        self.order = {name: place for place, name in enumerate(self.formulas)}
        self.parameters = tuple(parameter.name for parameter in problem.parameters)
        self.biases = problem.bias_names
        self.inputs = frozenset(problem.inputs)
        self.changes: dict[str, tuple[Change, ...]] = {}  # by step, found once
        self.programs = Programs()
        self.plans: dict[tuple[str, frozenset[str]], Plan] = {}
        self.unlooped: dict[tuple[tuple[str, int], ...], tuple[Any, dict[str, Term], dict[str, str]]] = {}
        self.sameness: dict[tuple[str, int, int], bool] = {}
        self.runs: list[Run] = []  # whole runs with one mistake in them, found once
        self.by_mistake: dict[str, dict[str, list[Term]]] = {}
        self._uses: dict[str, tuple[str, ...]] = {}
        self._neighbours: dict[str, tuple[str, ...]] = {}
        self._parts: dict[str, Key] = {}
        self._following: dict[tuple[str, ...], frozenset[str]] = {}
        self._shown_by_name: frozenset[str] | None = None

    def share(self, other: Sweep) -> bool:
        """Take what does not depend on the numbers from the sweep of a problem of the same structure.

        Returns whether the formulas are the same.
        """
        if self.formulas != other.formulas:
            return False
        self.formulas, self.order = other.formulas, other.order
        self.changes, self.by_mistake = other.changes, other.by_mistake
        self._uses, self._neighbours, self._parts = other._uses, other._neighbours, other._parts
        self._following, self.programs, self.unlooped = other._following, other.programs, other.unlooped
        self.plans = other.plans
        if all(map(is_, self.ledger.formulas.values(), other.ledger.formulas.values())):
            self._shown_by_name = other.shown_by_name
        return True

    @cached_property
    def values(self) -> dict[str, float]:
        """The right values in double precision."""
        return {name: as_double(real) for name, real in self.ledger.reals.items()}

    @cached_property
    def start(self) -> dict[str, Real]:
        """What nothing computes: what the problem gives, and what a given activation implies."""
        reals, ledger = self.ledger.reals, self.ledger
        return {
            name: real for name, real in reals.items() if name not in self.formulas or name in ledger.implied
        }

    @cached_property
    def start_in_doubles(self) -> dict[str, float]:
        """The same in double precision."""
        return {name: self.values[name] for name in self.start}

    def real(self, name: str) -> Real:
        """Return a right value: a rational, or a ball at the ledger's precision."""
        return self.ledger.reals[name]

    def known(self, name: str) -> bool:
        """Return whether a quantity has a value."""
        return name in self.ledger.reals

    def term(self, name: str) -> Term:
        """Return the printed term of a quantity."""
        return self.ledger.term(name)

    def step(self, name: str) -> Step:
        """Return one step: a quantity with its formula."""
        return Step(self, name, self.parts(name), self.formulas[name])

    def parts(self, name: str) -> Key:
        """Return a key taken apart."""
        found = self._parts.get(name)
        if found is None:
            found = self._parts[name] = parse_key(name)
        return found

    def uses(self, name: str) -> tuple[str, ...]:
        """Return the quantities that a formula uses; none for what is given."""
        found = self._uses.get(name)
        if found is None:
            formula = self.formulas.get(name)
            found = self._uses[name] = () if formula is None else keys(formula)
        return found

    def before(self, name: str, fixed: Iterable[str] = (), most: int = 0) -> list[str]:
        """Return a quantity and the derived ones that its value is made of, in the order of the sweep.

        fixed: quantities that are read as they stand, so that nothing before them counts. most: not more than
        this many, the nearest.
        """
        if name not in self.formulas:
            return []
        held = frozenset(fixed)
        found = {name: None}
        layer = [name]
        while layer and (not most or len(found) < most):
            layer = [
                used
                for quantity in layer
                for used in self.uses(quantity)
                if used in self.formulas and used not in held and used not in found
            ]
            found.update(dict.fromkeys(layer))
        kept = list(found)[:most] if most else list(found)
        return sorted(kept, key=self.order.__getitem__)

    def plan(self, name: str, fixed: Iterable[str], most: int) -> Plan:
        """Return how a quantity is computed where some are read as they stand, found once."""
        place = (name, frozenset(fixed))
        found = self.plans.get(place)
        if found is None:
            found = self.plans[place] = Plan(self.before(name, place[1], most))
        return found

    def following(self, names: Iterable[str]) -> frozenset[str]:
        """Return these quantities and all that are computed from them."""
        wanted = tuple(names)
        found = self._following.get(wanted)
        if found is None:
            found = self._following[wanted] = frozenset(self._find_following(wanted))
        return found

    def _find_following(self, names: tuple[str, ...]) -> set[str]:
        reached = set(names)
        for name in self.formulas:
            if name not in reached and not reached.isdisjoint(self.uses(name)):
                reached.add(name)
        return reached

    @property
    def shown_by_name(self) -> frozenset[str]:
        """The quantities that the form shows as results of their own, and reads again as they are shown."""
        if self._shown_by_name is None:
            shown = self.ledger.formulas.values()
            self._shown_by_name = frozenset(name for formula in shown for name in keys(formula))
        return self._shown_by_name

    # --- what stands beside a quantity -----------------------------------------------------------

    def parameter_of(self, name: str) -> str:
        """Return the parameter whose value, at some time, a key is: w5, new.w5, new.w5@2; "" for others."""
        if name in self._parameter_set:
            return name
        parts = self.parts(name)
        return (
            parts.subject if parts.kind in ("new", "ahead") and parts.subject in self._parameter_set else ""
        )

    @cached_property
    def _parameter_set(self) -> frozenset[str]:
        return frozenset(self.parameters)

    def at_pass(self, parameter: str, passes: int) -> str:
        """Return the key of a parameter's value after so many updates."""
        return self.ledger.vocabulary.parameter(parameter, passes)

    def pass_of(self, name: str) -> int:
        """Return after how many updates a parameter has the value that this key stands for."""
        parts = self.parts(name)
        return max(parts.passes, 1) if parts.kind == "new" else parts.passes

    def updated(self, name: str) -> str:
        """Return the key of a parameter's next value, "" where there is none."""
        parameter = self.parameter_of(name)
        later = self.at_pass(parameter, self.pass_of(name) + 1) if parameter else ""
        return later if later != name and later in self.formulas else ""

    def earlier(self, name: str) -> str:
        """Return the key of the value that a quantity had one update or time step before, "" for none."""
        parameter = self.parameter_of(name)
        if parameter:
            count = self.pass_of(name)
            return self.at_pass(parameter, count - 1) if count else ""
        parts = self.parts(name)
        if parts.passes:
            older = str(parts._replace(passes=parts.passes - 1))
        elif parts.subject in self._step_before:
            older = str(parts._replace(subject=self._step_before[parts.subject]))
        else:
            return ""
        return older if self.known(older) else ""

    @cached_property
    def _step_before(self) -> Mapping[str, str]:
        return steps_before(self.problem)

    def neighbours(self, name: str) -> tuple[str, ...]:
        """Return quantities that may be taken for this one: of its kind, in its layer, sample and pass."""
        found = self._neighbours.get(name)
        if found is None:
            found = self._neighbours[name] = tuple(
                other for other in self._find_neighbours(name) if other != name and self.known(other)
            )
        return found

    def _find_neighbours(self, name: str) -> list[str]:
        parameter = self.parameter_of(name)
        if parameter:
            later = self.pass_of(name)
            near = nearest(self._family.get(parameter, ()), parameter)
            return [self.at_pass(other, later) if later else other for other in near]
        parts = self.parts(name)
        if not parts.kind and parts.subject in self.inputs:
            near = nearest(self.problem.inputs, parts.subject)
            return [key(other, "", sample=parts.sample) for other in near]
        if parts.kind in UNIT_KINDS:
            near = nearest(self._layer.get(parts.subject, ()), parts.subject)
            return [str(parts._replace(subject=other)) for other in near]
        if parts.kind in ("grad", "step", "m", "v", "m_hat", "v_hat", "velocity"):
            near = nearest(self._family.get(parts.subject, ()), parts.subject)
            return [str(parts._replace(subject=other)) for other in near]
        if parts.kind == "optimizer":
            return [other for other in self.ledger.all_keys() if other.startswith("optimizer.")]
        return []

    @cached_property
    def _layer(self) -> Mapping[str, tuple[str, ...]]:
        return layers_of(self.problem)

    @cached_property
    def _family(self) -> Mapping[str, tuple[str, ...]]:
        return families_of(self.problem)

    @cached_property
    def mirrored(self) -> Mapping[str, str]:
        """By weight: the one at the mirrored place of its matrix, where the matrix is square."""
        return mirrored_weights(self.problem)
