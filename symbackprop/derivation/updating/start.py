"""What is given before the first update: settings, rates, moments at the start."""

from __future__ import annotations

from ...formulas.terms import Number
from ...keys import key
from ...rules.optimizers import remembered
from ...spec.problem import Problem
from ..ledger import Ledger
from .passes import trained

ZERO = Number("0")


def give_start(problem: Problem, ledger: Ledger) -> None:
    """Enter the learning rate, the numbers of optimizer, schedule, clipping and penalty, and the moments."""
    if problem.descent.penalty is not None:
        for name in ("l1", "l2"):
            number = getattr(problem.descent.penalty, name)
            if number is not None:
                ledger.give(key("regularisation", name), number)
    if problem.learning_rate is None:
        return
    descent, schedule = problem.descent, problem.descent.schedule
    ledger.give("learning_rate" if schedule is None else "schedule.start", problem.learning_rate)
    for name, number in descent.rates.items():
        ledger.give(key("learning_rate" if schedule is None else "start_rate", name), number)
    if schedule is not None:
        for name, number in schedule.settings.items():
            ledger.give(key("schedule", name), number)
    for name, number in descent.optimizer.settings.items():
        ledger.give(key("optimizer", name), number)
    if descent.clip is not None:
        ledger.give("clip.bound", descent.clip.bound)
        if descent.clip.epsilon is not None:
            ledger.give("clip.epsilon", descent.clip.epsilon)
    for kind in remembered(descent.optimizer):
        for name in trained(problem):
            moment = key(kind, name)
            ledger.give(moment, descent.state.get(moment, ZERO))
