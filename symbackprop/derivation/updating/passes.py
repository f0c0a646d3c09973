"""One update in the ledger: the rate, the clipped gradients, each parameter's moments and new value."""

from __future__ import annotations

from collections.abc import Sequence

from ...formulas.terms import Negation, Number, Product, Sum, Term
from ...keys import key
from ...network.descent import Clip
from ...network.graph import Graph
from ...notation.update_names import COUNTED
from ...rules.optimizers import Places, looked_ahead, update_rule
from ...spec.problem import Problem
from ..ledger import Ledger
from .clipping import cut, factor, norm, shortened, squared_norm
from .rates import passed, scheduled_rate


def prepare(graph: Graph, ledger: Ledger, passes: int = 0) -> None:
    """Add what a pass needs before it begins: the learning rate, and where look-ahead looks."""
    problem = graph.problem
    if problem.learning_rate is None or problem.descent.plain:
        return
    _add_rates(problem, ledger, passes)
    if problem.descent.looks_ahead:
        for name in trained(problem):
            places = places_of(problem, ledger, name, passes, "")
            ledger.add(key("ahead", name, passes=passes), looked_ahead(problem.descent, places))


def update(graph: Graph, ledger: Ledger, passes: int = 0) -> None:
    """Add the new value of every parameter that is trained, from the gradients of this pass."""
    problem = graph.problem
    if problem.learning_rate is None:
        return
    if problem.descent.plain:
        _add_plain(problem, ledger, passes)
        return
    known = [name for name in trained(problem) if key("grad", name, passes=passes) in ledger]
    kind = "grad"
    if problem.descent.clip is not None:
        _add_clipped(problem.descent.clip, known, ledger, passes)
        kind = "clipped"
    for name in known:
        rule = update_rule(problem.descent, places_of(problem, ledger, name, passes, kind))
        for moment in rule.moments:
            ledger.add(moment_key(moment.kind, name, passes), moment.formula)
        old = ledger.term(ledger.vocabulary.parameter(name, passes))
        new = ledger.vocabulary.parameter(name, passes + 1)
        ledger.add(new, Sum((old, *rule.step)))
        difference = Sum((ledger.term(new), Negation(old)))
        ledger.add(key("step", name, passes=passes), difference)


def trained(problem: Problem) -> list[str]:
    """Return the parameters that are updated."""
    return [parameter.name for parameter in problem.parameters if parameter.name not in problem.frozen]


def moment_key(kind: str, name: str, passes: int) -> str:
    """Return the key of what the update after so many makes: `m.w5@1` in the first."""
    return key(kind, name, passes=passes + 1 if kind in COUNTED else passes)


def rate_key(problem: Problem, name: str, passes: int) -> str:
    """Return the key of a parameter's learning rate in the update after so many."""
    own = name if name in problem.descent.rates else ""
    changing = problem.descent.schedule is not None
    return key("learning_rate", own, passes=passes if changing else 0)


def places_of(problem: Problem, ledger: Ledger, name: str, passes: int, gradient: str) -> Places:
    """Return the quantities of one parameter that stand in its update rule's places."""
    descent, words = problem.descent, ledger.vocabulary

    def term(place: str) -> Term:
        if place == "old":
            return words[words.parameter(name, passes)]
        if place == "gradient":
            return words[key(gradient, name, passes=passes)]
        if place == "rate":
            return words[rate_key(problem, name, passes)]
        if place in descent.optimizer.settings:
            return words[key("optimizer", place)]
        kind, _, before = place.partition(".")
        return words[key(kind, name, passes=passes) if before else moment_key(kind, name, passes)]

    first = not passes and not descent.steps and key("velocity", name) not in descent.state
    count = Number(str(descent.steps + passes + 1))
    return Places(term, count, first, (lambda up: up) if descent.ascent else Negation)


def _add_plain(problem: Problem, ledger: Ledger, passes: int) -> None:
    """Add old value minus rate times gradient, or plus the step where the form adds steps."""
    words, rate = ledger.vocabulary, ledger.term("learning_rate")
    gradients = words.gradients(passes)
    for name in trained(problem):
        old = words[words.parameter(name, passes)]
        if ledger.adds_steps:
            formula: Term = Sum((old, words[key("step", name, passes=passes)]))
        else:
            formula = Sum((old, Negation(Product((rate, gradients[name])))))
        ledger.add(words.parameter(name, passes + 1), formula)


def _add_rates(problem: Problem, ledger: Ledger, passes: int) -> None:
    schedule = problem.descent.schedule
    if schedule is None:
        return
    words = ledger.vocabulary
    count = passed(schedule, passes, max(len(problem.descent.batches), 1))

    def setting(name: str) -> Term:
        return words[key("schedule", name)]

    for own in ("", *problem.descent.rates):
        start = words[key("start_rate", own) if own else key("schedule", "start")]
        ledger.add(key("learning_rate", own, passes=passes), scheduled_rate(schedule, count, start, setting))


def _add_clipped(clip: Clip, names: Sequence[str], ledger: Ledger, passes: int) -> None:
    words = ledger.vocabulary
    gradients, bound = words.gradients(passes), words["clip.bound"]
    scale: Term | None = None
    if clip.kind == "norm" and names:
        square, length, share = (
            key(kind, "", passes=passes) for kind in ("squared_norm", "gradient_norm", "clip_factor")
        )
        ledger.add(square, squared_norm([gradients[name] for name in names]))
        ledger.add(length, norm(words[square]))
        ledger.add(share, factor(clip, words[length], bound, words["clip.epsilon"]))
        scale = words[share]
    for name in names:
        gradient = gradients[name]
        formula = cut(gradient, bound) if scale is None else shortened(scale, gradient)
        ledger.add(key("clipped", name, passes=passes), formula)
