"""A structure: the symbolic work of a problem, done once and used for every variant of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from ..collector import collector_paused
from ..derivation.ledger import Ledger
from ..derivation.solving import complete, derive
from ..formulas.terms import Number
from ..keys import key
from ..network.graph import Graph
from ..network.operations import LayerActivation
from ..numbers.digits import Real, number_value
from ..numbers.evaluate import RealTable
from ..numbers.rounding import Rounding
from ..rules import is_layer_activation, loss_rule
from ..spec.choices import Suggested
from ..spec.choosing import exact
from ..spec.problem import Problem
from .answers import Answers, as_printed
from .checks import Checks, answers_of, checks_of
from .condition import Check
from .families import target_rows
from .plan import plan_of
from .pools import Drawn, Style, last_place
from .quality import Quality
from .screen import Screen
from .stream import Stream
from .units import LivingAndDead

#: What of the targets decides which formulas a loss has.
Shape = tuple[object, ...]

#: So many sets of formulas are kept; beyond them the oldest is derived again when it is needed.
MOST_KEPT = 64


class Structure:
    """A problem's plan, its conditions, and its formulas with which every variant is solved.

    main: the structure of the problem itself, against whose numbers conditions are measured; None: this is
    it.
    """

    def __init__(
        self, problem: Problem, asked: Iterable[str] | None, quality: Quality, main: Structure | None = None
    ) -> None:
        """Take the problem; its formulas are derived when they are first needed."""
        self.problem = problem
        self.quality = quality
        self.screen = Screen(problem, asked, strict=main is None)
        said = {} if problem.vary is None else problem.vary.choices
        given = [key("act", unit) for unit in self.screen.computable]
        self.following = tuple(text for text in given if isinstance(said.get(text, Suggested()), Suggested))
        self.plan = plan_of(problem, quality, frozenset(self.following))
        self._main = self if main is None else main
        self._derived: dict[Shape, tuple[Graph, Ledger]] = {}

    def draw(self, stream: Stream) -> dict[str, Drawn]:
        """Return the numbers of one draw, by key.

        Raises:
            NoValue: an expression has no value for them.
        """
        hand = self.plan.draw(stream).numbers
        if self.following:
            reals = self._forward.run({text: value for text, (_, value) in hand.items()})
            for text in self.following:
                number = self._as_given(text, reals[text])
                hand[text] = (number, number_value(number))
        return hand

    @cached_property
    def _forward(self) -> Screen:
        """The forward pass in which nothing is given: where given activations come from."""
        return Screen(replace(self.problem, given={}, epochs=1), ())

    def _as_given(self, text: str, real: Real) -> Number:
        """Return an activation rounded to the places with which the problem gives it."""
        places = last_place(self.plan.figures[text].number)
        rounding = Rounding(places, "places", zeros="keep", scientific_below=None)
        rounded = as_printed(real, rounding)
        return Style(places, places).write(Fraction(rounded.n, 10**places))

    @cached_property
    def checks(self) -> Checks:
        """The conditions on a draw."""
        return checks_of(self.screen, self.plan, self.quality, self._main.screen)

    @cached_property
    def printed(self) -> tuple[Check, ...]:
        """The conditions on answers that are made of displayed values, () where full precision is carried."""
        if self.problem.rounding.carry == "exact":
            return ()
        main = self._main
        numbers = {
            text: main.plan.figures[text].number for text in main.plan.keys if text in main.plan.figures
        }
        own = main.displayed(main.solved(main.problem, numbers)[1])
        policy = self.problem.rounding
        answers, others = Answers(self.screen.asked, policy), Answers(main.screen.asked, policy)
        dead = any(isinstance(check, LivingAndDead) for check in self.checks.values)
        return tuple(answers_of(answers, self.quality, others, own, dead=dead))

    def displayed(self, ledger: Ledger) -> RealTable:
        """Return the answers of a ledger as they are displayed, by key."""
        asked = (text for text in self.screen.asked if text in ledger and ledger.known(text))
        return RealTable((text, number_value(ledger.shown(text))) for text in asked)

    def solved(
        self, problem: Problem, numbers: Mapping[str, Number], *, whole: bool = False
    ) -> tuple[Graph, Ledger]:
        """Return the graph and the ledger of a problem of this structure: its formulas, every value anew.

        numbers: those that vary, by key, as the problem has them. whole: with the quantities that the form
        does not show, as marking needs them.

        Raises:
            NoValue: a formula has no value for them.
            UndecidedDigits: a digit cannot be decided.
        """
        shape = (whole, *_shape(problem))
        found = self._derived.get(shape)
        if found is None:
            found = self._derived[shape] = self._derive(problem, whole=whole)
            if len(self._derived) > MOST_KEPT:
                del self._derived[next(iter(self._derived))]
        graph, ledger = found
        with collector_paused():
            ledger = ledger.revalued(numbers)
        if graph.restricted:
            problem = replace(problem, epochs=graph.problem.epochs, frozen=graph.problem.frozen)
        return replace(graph, problem=problem), ledger

    def _derive(self, problem: Problem, *, whole: bool) -> tuple[Graph, Ledger]:
        graph, ledger = derive(problem)
        if whole:
            complete(graph, ledger)
            return graph, ledger
        if any(text not in ledger for text in self.screen.asked) and not graph.restricted:
            complete(graph, ledger)
        for text in ledger:
            ledger.simplified(text)  # once for all variants, whose sheets show it
        return graph, ledger


def _shape(problem: Problem) -> Shape:
    """Return what decides which formulas a loss has: whether targets sum to 1, which class is right."""
    losses = [
        loss for loss in (problem.loss, problem.reported_loss) if loss is not None and loss.kind != "node"
    ]
    rows = target_rows(problem) if _has_layer_activation(problem) else []
    if not rows and not any(loss_rule(loss).joint for loss in losses):
        return ()
    facts: list[object] = []
    for data in problem.samples:
        targets = {unit: exact(number) for unit, number in data.targets.items()}
        for row in (problem.outputs, *rows):
            facts.append(sum(targets.get(unit, Fraction(0)) for unit in row) == 1)
        if any(loss.kind == "multi_class_hinge" for loss in losses):
            facts.append(tuple(targets))
            facts.append(tuple(targets.values()))
    return tuple(facts)


def _has_layer_activation(problem: Problem) -> bool:
    if problem.architecture is None:
        return any(is_layer_activation(layer.activation) for layer in problem.layers)
    stages = problem.architecture.stages
    return any(isinstance(each, LayerActivation) for stage in stages for each in stage.operations)
