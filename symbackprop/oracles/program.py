"""One forward pass as a straight program: steps in computing order, over exact numbers.

It is read from the ledger's forward formulas, from the loss back to what is given, so that it is the
same for every kind of network. Derivatives are no part of it: they are what the oracles find for
themselves.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction as Rational
from functools import cached_property
from typing import Any

from ..derivation.ledger import Ledger
from ..formulas.terms import Number, Sum, Symbol, Term, keys, replace_keys, walk
from ..keys import key, parse_key
from ..network.graph import Graph
from ..network.operations import Activation, Node, UnitActivation
from ..rules import ACTIVATIONS, activation_rule
from ..spec.problem import Problem
from .arithmetic import Arithmetic, folded, value
from .kinks import kinked
from .precise import CONSTANTS, PRECISE, significant

ONE = Number("1")

#: Digits to which the ledger's numbers are taken over, and to which the exact oracles agree with them.
DIGITS = 60


@dataclass(frozen=True)
class Program:
    """A forward pass.

    steps: key and formula, each after all that it uses; the last is the loss. given: exact numbers by
    key. variables: for each derivative that is compared (`grad.w1@1`) the key it is a derivative by
    (`new.w1`). parameters: by name the key of the value in this pass. kinks: the steps that sit on a kink or
    whose derivative is only agreed on (the perceptron's step). noise: by step, a factor near one; empty but
    where an oracle's rounding errors are measured.
    """

    problem: Problem
    passes: int
    steps: Mapping[str, Term]
    given: Mapping[str, Rational]
    variables: Mapping[str, str]
    parameters: Mapping[str, str]
    kinks: tuple[str, ...] = ()
    noise: Mapping[str, float] = field(default_factory=dict)

    @property
    def loss(self) -> str:
        """The key of the loss."""
        return list(self.steps)[-1]

    @cached_property
    def size(self) -> int:
        """How many nodes all formulas have: what one forward pass costs."""
        return sum(1 for formula in self.steps.values() for _ in walk(formula))

    def run(self, arithmetic: Arithmetic, start: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every quantity, from numbers for the given ones."""
        values = dict(start)
        for name, formula in self.steps.items():
            values[name] = value(formula, values, arithmetic)
            if name in self.noise:
                values[name] = values[name] * self.noise[name]
        return values

    def start(self, arithmetic: Arithmetic) -> dict[str, Any]:
        """Return the given numbers in an arithmetic."""
        return {name: arithmetic.number(rational) for name, rational in self.given.items()}

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """By quantity, the steps that use it."""
        found: dict[str, list[str]] = {}
        for name, formula in self.steps.items():
            for used in keys(formula):
                found.setdefault(used, []).append(name)
        return found

    @cached_property
    def undefined(self) -> frozenset[str]:
        """The quantities by which the loss has no derivative, because a kink lies on the way."""
        found: dict[str, None] = {}  # a kink itself only where it leads to another one
        pending = list(self.kinks)
        while pending:
            for used in keys(self.steps[pending.pop()]):
                if used not in found:
                    found[used] = None
                    if used in self.steps:
                        pending.append(used)
        return frozenset(found)

    def noisy(self, seed: int) -> Program:
        """Return the program with every number and step off by a unit in a double's last place."""
        dice = random.Random(seed)

        def change() -> float:
            return dice.choice((-1, 1)) * 2.0**-52

        return replace(
            self,
            given={
                name: number * (1 + Rational(change())) if number.denominator > 1 else number
                for name, number in self.given.items()
            },
            noise={name: 1 + change() for name in self.steps},
        )


def forward_program(graph: Graph, ledger: Ledger, passes: int = 0) -> Program | None:
    """Return the forward pass after so many updates, None where the loss is not known."""
    loss = key("loss", "", passes=passes)
    if loss not in ledger.formulas or not ledger.known(loss):
        return None
    words = ledger.vocabulary
    parameters = {item.name: words.parameter(item.name, passes) for item in graph.problem.parameters}
    anchored = dict(_anchored(graph, ledger, passes))
    formulas = {**ledger.formulas, **{name: formula for name, (formula, _) in anchored.items()}}
    for current in parameters.values():
        formulas.pop(current, None)
    order = _computing_order(loss, formulas)
    given = {
        name: _given_value(ledger, name)
        for name in order
        if name not in formulas and not name.startswith("anchor.")
    }
    variables = dict(_variables(ledger, order, parameters, passes))
    sought = set(variables.values())
    constants = {name: number for name, number in given.items() if name not in sought}
    steps = {name: folded(formulas[name], constants) for name in order if name in formulas}
    program = Program(graph.problem, passes, steps, given, variables, parameters)
    agreed = tuple(
        name
        for operation in graph.operations
        if isinstance(operation, UnitActivation) and _is_convention(operation.activation)
        if (name := key("act", operation.unit, sample=operation.sample, passes=passes)) in steps
    )
    return _anchor(replace(program, kinks=agreed), anchored)


def _is_convention(activation: Activation) -> bool:
    rule = ACTIVATIONS.get(activation.name) if activation.expression is None else None
    return rule is not None and rule.convention


def _given_value(ledger: Ledger, name: str) -> Rational:
    """Return a number that the forward pass starts from; what is not known counts as zero."""
    if name in CONSTANTS:
        return significant(CONSTANTS[name](), DIGITS + 20)
    if not ledger.known(name):
        return Rational(0)  # it stands before a given activation, whose anchor makes up for it
    exact = ledger.exact(name)
    return Rational(exact if exact is not None else ledger.significant(name, DIGITS + 20))


def _computing_order(last: str, formulas: Mapping[str, Term]) -> list[str]:
    """Return what a quantity depends on, itself last, each after all that it uses."""
    order: dict[str, None] = {}
    pending = [(last, False)]
    while pending:
        name, done = pending.pop()
        if done:
            order.setdefault(name)
        elif name not in order:
            pending.append((name, True))
            if name in formulas:
                pending.extend((used, False) for used in reversed(keys(formulas[name])))
    return list(order)


def _variables(
    ledger: Ledger, order: list[str], parameters: Mapping[str, str], passes: int
) -> Iterator[tuple[str, str]]:
    """Yield each derivative that is compared and the key it is a derivative by."""
    reached, stated = set(order), _stated(ledger)
    for name in ledger.formulas:
        kind, _, _ = name.partition(".")
        if kind not in ("grad", "dE_dact", "dE_dnet") or name in stated or not ledger.known(name):
            continue
        parts = parse_key(name)
        if parts.passes != passes or parts.through or parts.again:
            continue
        if kind == "grad":
            by = parameters.get(parts.subject, parts.subject) if parts.sample is None else ""
        else:
            by = key(kind[4:], parts.subject, sample=parts.sample, passes=passes)
            if by not in reached:
                by = key(parts.subject, "", sample=parts.sample)
        if by in reached:
            yield name, by


def _stated(ledger: Ledger) -> set[str]:
    """Return the derivatives that the problem gives, and those that are computed from them.

    They follow from what the author says and not from the forward pass.
    """
    found: set[str] = set()
    for name in ledger.all_keys():
        if name.partition(".")[0] not in ("grad", "dE_dact", "dE_dnet", "dact_dnet", "delta"):
            continue
        formula = ledger.formulas.get(name)
        if ledger.given(name) is not None or (formula is not None and found.intersection(keys(formula))):
            found.add(name)
    return found


# --- activations that are given ----------------------------------------------------------------


def _anchored(graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, tuple[Term, Term]]]:
    """Yield formulas for units whose activation is given, so that derivatives pass through them.

    The net input is its weighted sum plus a constant, the anchor, which makes the activation what the
    problem says. Yields key, formula, and the net input that the given activation implies.
    """
    if passes:
        return
    for operation in graph.operations:
        if isinstance(operation, Node) and operation.key in graph.problem.stated:
            anchor = Symbol(ledger.term(operation.key).name, f"anchor.{operation.key}")  # type: ignore[attr-defined]
            # what is unknown has no derivative to compare, and the anchor makes up for its value
            formula = replace_keys(operation.formula, lambda used, term: term if ledger.known(used) else ONE)
            yield operation.key, (Sum((formula, anchor)), graph.problem.stated[operation.key])
            continue
        if not isinstance(operation, UnitActivation) or not operation.given:
            continue
        rule = activation_rule(operation.activation)
        net, act = key("net", operation.unit, sample=operation.sample), operation.key
        if rule.inverse is None or net not in ledger.formulas:
            continue
        anchor = Symbol(ledger.term(net).name, f"anchor.{net}")  # type: ignore[attr-defined]
        number = ledger.given(act)
        assert number is not None
        yield net, (Sum((ledger.formulas[net], anchor)), rule.inverse_formula(number))
        yield act, (rule.formula(ledger.term(net), operation.activation.settings), number)


def _anchor(program: Program, anchored: Mapping[str, tuple[Term, Term]]) -> Program:
    """Return the program with the anchors' numbers, and with the steps that sit on a kink."""
    given = dict(program.given)
    values = program.start(PRECISE)
    kinks = list(program.kinks)
    for name, formula in program.steps.items():
        if f"anchor.{name}" in keys(formula):
            values[f"anchor.{name}"] = PRECISE.number(Rational(0))
            offset = value(anchored[name][1], {}, PRECISE) - value(formula, values, PRECISE)
            given[f"anchor.{name}"] = significant(offset, DIGITS + 20)
            values[f"anchor.{name}"] = PRECISE.number(given[f"anchor.{name}"])
        values[name] = value(formula, values, PRECISE)
        if kinked(formula, values):
            kinks.append(name)
    return replace(program, given=given, kinks=tuple(kinks))


def passes_to_check(problem: Problem, certified: int) -> tuple[int, ...]:
    """Return the passes that are compared: the first two and the last that has a backward pass."""
    return tuple(sorted({0, *([1, certified - 1] if certified > 1 else [])}))
