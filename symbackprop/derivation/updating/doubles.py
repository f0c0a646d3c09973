"""Updates in double precision, all parameters at once: the same rules, read over arrays."""

from __future__ import annotations

import numpy as np

from ...doubles.arrays import Array, array_value
from ...formulas.names import Name
from ...formulas.terms import Negation, Number, Symbol, Term
from ...keys import key
from ...network.descent import Clip, Penalty
from ...numbers.digits import double_value
from ...rules.optimizers import Places, UpdateRule, looked_ahead, remembered, update_rule
from ...spec.problem import Problem
from .clipping import cut, factor
from .rates import passed, scheduled_rate


class Updater:
    """The optimizer of a long run: its moments, and the step from one vector of parameters to the next."""

    def __init__(self, problem: Problem) -> None:
        """Start with the moments that the problem gives."""
        assert problem.learning_rate is not None
        self._problem, self._descent = problem, problem.descent
        names = [parameter.name for parameter in problem.parameters]
        self._trained = np.array([name not in problem.frozen for name in names], dtype=bool)
        rates = [self._descent.rates.get(name, problem.learning_rate) for name in names]
        self._start = np.array([double_value(rate) for rate in rates])
        self._values: dict[str, Array | float] = {
            name: double_value(number) for name, number in self._descent.optimizer.settings.items()
        }
        for kind in remembered(self._descent.optimizer):
            given = [self._descent.state.get(key(kind, name)) for name in names]
            self._values[f"{kind}.before"] = np.array([0.0 if n is None else double_value(n) for n in given])
        self._settings = {} if self._descent.schedule is None else self._descent.schedule.settings
        fresh = not self._descent.steps and not any("velocity." in moment for moment in self._descent.state)
        self._rules = (self._rule(first=fresh), self._rule(first=False))
        penalised = () if self._descent.penalty is None else self._descent.penalty.parameters
        self._penalised = np.array([name in penalised for name in names], dtype=float)

    def _rule(self, *, first: bool) -> UpdateRule:
        return update_rule(self._descent, self._places(first=first))

    def _places(self, *, first: bool) -> Places:
        return Places(_slot, _slot("count"), first, (lambda up: up) if self._descent.ascent else Negation)

    def entering(self, parameters: Array, passes: int) -> Array:
        """Return the parameters of a pass: these, or where look-ahead looks."""
        self._values["rate"] = self._rates(passes)
        if not self._descent.looks_ahead:
            return parameters
        self._values["old"] = parameters
        ahead = array_value(looked_ahead(self._descent, self._places(first=False)), self._values)
        return np.where(self._trained, ahead, parameters)

    def advance(self, parameters: Array, gradient: Array, passes: int) -> Array:
        """Return the parameters after an update."""
        values = self._values
        if self._descent.clip is not None:
            gradient = self._clipped(self._descent.clip, gradient)
        values |= {
            "old": parameters,
            "gradient": gradient,
            "rate": self._rates(passes),
            "count": float(self._descent.steps + passes + 1),
        }
        rule = self._rules[0 if passes == 0 else 1]
        for moment in rule.moments:
            values[moment.kind] = array_value(moment.formula, values)
        new = parameters
        for term in rule.step:
            new = new + array_value(term, values)
        for moment in rule.moments:
            if moment.state:
                values[f"{moment.kind}.before"] = values[moment.kind]
        return np.where(self._trained, new, parameters)

    def penalty(self, parameters: Array, count: int) -> float:
        """Return what the penalty adds to a loss over so many samples."""
        penalty = self._descent.penalty
        if penalty is None:
            return 0.0
        square, size = _strengths(penalty, count)
        chosen = parameters[self._penalised > 0]
        return float(square * np.sum(chosen**2) + size * np.sum(np.abs(chosen)))

    def penalty_slope(self, parameters: Array, count: int) -> Array | float:
        """Return what the penalty adds to each gradient; 0 at the kink of a magnitude."""
        penalty = self._descent.penalty
        if penalty is None:
            return 0.0
        square, size = _strengths(penalty, count)
        return self._penalised * (2 * square * parameters + size * np.sign(parameters))

    def _rates(self, passes: int) -> Array:
        schedule = self._descent.schedule
        if schedule is None:
            return self._start
        count = passed(schedule, passes, max(len(self._descent.batches), 1))
        formula = scheduled_rate(schedule, count, _slot("start"), lambda name: self._settings[name])
        rates = array_value(formula, {"start": self._start, "constant.pi": np.pi})
        return np.broadcast_to(rates, self._start.shape)

    def _clipped(self, clip: Clip, gradient: Array) -> Array:
        bound = clip.bound
        if clip.kind == "value":
            return np.asarray(array_value(cut(_slot("gradient"), bound), {"gradient": gradient}))
        length = float(np.sqrt(np.sum(gradient[self._trained] ** 2)))
        if not length:
            return gradient
        scale = factor(clip, _slot("norm"), bound, clip.epsilon or Number("0"))
        return np.asarray(array_value(scale, {"norm": length}) * gradient)


def _slot(name: str) -> Term:
    return Symbol(Name("x"), name)


def _strengths(penalty: Penalty, count: int) -> tuple[float, float]:
    """Return what stands before the squares and before the magnitudes."""
    share = 1.0 / count if penalty.by_samples else 1.0
    square = 0.0 if penalty.l2 is None else double_value(penalty.constant) * double_value(penalty.l2)
    return share * square, share * (0.0 if penalty.l1 is None else double_value(penalty.l1))
