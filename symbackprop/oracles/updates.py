"""The new value of every parameter, from the ledger's gradients, by each optimizer's formulas written afresh.

Nothing of `updating` is used: rates, clipping, moments and steps are computed here once more, as the papers
and PyTorch's documentation have them, in numbers of 140 digits. Only the gradients are taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction as Rational
from typing import Any

from ..derivation.ledger import Ledger
from ..derivation.solving import certified_epochs
from ..keys import key
from ..network.descent import Descent, Schedule
from ..network.graph import Graph
from ..spec.problem import Problem
from .arithmetic import exact_number
from .comparing import AGREES, DISAGREES, Comparison
from .precise import MP
from .program import DIGITS

NAME, TITLE, TOLERANCE = "updates", "updates: each optimizer's formulas again, 140 digits", 1e-30

#: An optimizer's settings by name, as numbers.
Settings = Mapping[str, Any]


def compare_updates(graph: Graph, ledger: Ledger) -> Comparison:
    """Return how the ledger's new values and moments compare with those computed here."""
    problem = graph.problem
    if problem.learning_rate is None:
        return Comparison(NAME, TITLE, note="no learning rate, so nothing is updated")
    differences: dict[str, Any] = {}
    for name, old, expected in _expected(problem, ledger):
        if not ledger.known(name):
            continue
        found, size = _value(ledger, name), max(abs(expected), abs(old))
        differences[name] = abs(found - expected) / size if size else abs(found)
    if not differences:
        return Comparison(NAME, TITLE, note="no parameter is updated")
    outside = sorted((n for n, d in differences.items() if d > TOLERANCE), key=lambda n: -differences[n])
    worst = max(differences, key=differences.__getitem__)
    return Comparison(
        NAME,
        TITLE,
        len(differences),
        float(differences[worst]),
        worst,
        TOLERANCE,
        DISAGREES if outside else AGREES,
        disagreements=tuple(outside),
    )


def _value(ledger: Ledger, name: str) -> Any:
    exact = ledger.exact(name)
    return _number(Rational(exact if exact is not None else ledger.significant(name, DIGITS)))


def _number(rational: Rational) -> Any:
    return MP.mpf(rational.numerator) / rational.denominator


@dataclass(slots=True)
class Run:
    """One parameter on its way: its value, and the moments that are remembered, by kind."""

    value: Any
    moments: dict[str, Any]
    fresh: bool  # no update has been made before, so that a first velocity may be the gradient itself


def _expected(problem: Problem, ledger: Ledger) -> Iterator[tuple[str, Any, Any]]:
    """Yield each quantity of the updates: its key, the parameter before, and the value it should have."""
    descent, words = problem.descent, ledger.vocabulary
    settings = {name: _number(exact_number(n)) for name, n in descent.optimizer.settings.items()}
    names = [p.name for p in problem.parameters if p.name not in problem.frozen]
    runs: dict[str, Run] = {}
    for passes in range(certified_epochs(problem)):
        gradients = {
            name: _value(ledger, by)
            for name in names
            if ledger.known(by := key("grad", name, passes=passes))
            and ledger.known(words.parameter(name, passes))
        }
        for name, gradient in _clipped(descent, gradients).items():
            run = runs.get(name) or _start(problem, name, _value(ledger, words.parameter(name, passes)))
            runs[name] = run
            rate = _rate(problem, name, passes)
            old = run.value
            made = _stepped(descent, settings, run, gradient, rate, descent.steps + passes + 1)
            yield words.parameter(name, passes + 1), old, run.value
            for kind, value in made.items():
                yield key(kind, name, passes=passes + 1), 0, value


def _start(problem: Problem, name: str, value: Any) -> Run:
    given = problem.descent.state
    moments: dict[str, Any] = {}
    for by, number in given.items():
        kind, _, of = by.partition(".")
        if of == name:
            moments[kind] = _number(exact_number(number))
    return Run(value, moments, not problem.descent.steps and "velocity" not in moments)


# --- rates and clipping ------------------------------------------------------------------------


def _rate(problem: Problem, name: str, passes: int) -> Any:
    """Return a parameter's learning rate in the update after so many."""
    assert problem.learning_rate is not None
    descent = problem.descent
    start = _number(exact_number(descent.rates.get(name, problem.learning_rate)))
    if descent.schedule is None:
        return start
    per_epoch = max(len(descent.batches), 1)
    count = passes if descent.schedule.per == "update" else passes // per_epoch
    return _scheduled(descent.schedule, start, count)


def _scheduled(schedule: Schedule, start: Any, t: int) -> Any:
    s = {name: _number(exact_number(number)) for name, number in schedule.settings.items()}
    match schedule.kind:
        case "step":
            return start * s["gamma"] ** (t // int(s["every"]))
        case "exponential":
            return start * s["gamma"] ** t
        case "inverse_time":
            return start / (1 + s["decay"] * t)
        case "linear":
            return s["end"] + (start - s["end"]) * max(1 - t / s["over"], 0)
        case "cosine":
            wave = MP.cos(MP.pi * min(t / s["over"], MP.one))
            return s["end"] + (start - s["end"]) * (1 + wave) / 2
        case "list":
            return _number(exact_number(schedule.rates[min(t, len(schedule.rates) - 1)]))
    raise NotImplementedError(schedule.kind)


def _clipped(descent: Descent, gradients: Mapping[str, Any]) -> Mapping[str, Any]:
    clip = descent.clip
    if clip is None:
        return gradients
    bound = _number(exact_number(clip.bound))
    if clip.kind == "value":
        return {name: max(min(g, bound), -bound) for name, g in gradients.items()}
    length = MP.sqrt(sum((g * g for g in gradients.values()), MP.zero))
    length += 0 if clip.epsilon is None else _number(exact_number(clip.epsilon))
    factor = bound / length if length > bound else MP.one
    return {name: factor * g for name, g in gradients.items()}


# --- the optimizers ------------------------------------------------------------------------------


def _stepped(
    descent: Descent, settings: Settings, run: Run, gradient: Any, rate: Any, count: int
) -> dict[str, Any]:
    """Make one update; return the moments that it has made, by kind.

    Ascent is descent of minus the loss: with the gradient's sign turned everything else stays, but the
    moments are written for the gradient itself, so theirs is turned back.
    """
    name, choices = descent.optimizer.name, descent.optimizer.choices
    sign = -1 if descent.ascent else 1
    for kind in _ODD:
        if kind in run.moments:
            run.moments[kind] *= _turn(kind, sign, choices)
    g = sign * gradient
    if name != "adamw" and "weight_decay" in settings:
        g += settings["weight_decay"] * run.value
    run.value = _RULES[name](run, g, rate, settings, choices, count)
    run.fresh = False
    for kind in _ODD:
        if kind in run.moments:
            run.moments[kind] *= _turn(kind, sign, choices)
    return dict(run.moments)


#: Moments that change their sign with the gradient.
_ODD = ("velocity", "m", "m_hat", "buffer", "change")


def _turn(kind: str, sign: int, choices: Mapping[str, Any]) -> int:
    """Return the sign of a moment; with the rate inside it is a step, which is the same up and down."""
    steps = kind in ("velocity",) and choices.get("rate") == "inside"
    return 1 if steps else sign


def _root(square: Any, s: Settings, choices: Mapping[str, Any]) -> Any:
    epsilon = s.get("epsilon", MP.zero)
    if choices.get("epsilon_place") == "inside":
        return MP.sqrt(square + epsilon)
    return MP.sqrt(square) + epsilon


def _moved(run: Run, kind: str, kept: Any, new: Any) -> Any:
    """Remember kept times what was, plus what is new."""
    run.moments[kind] = kept * run.moments.get(kind, MP.zero) + new
    return run.moments[kind]


def _sgd(run: Run, g: Any, rate: Any, s: Settings, choices: Mapping[str, Any], count: int) -> Any:
    return run.value - rate * g


def _velocity(run: Run, g: Any, rate: Any, s: Settings, choices: Mapping[str, Any]) -> Any:
    share = 1 - s.get("dampening", MP.zero)
    kept = s["momentum"]
    if run.fresh and choices["first"] == "gradient":
        share, kept = MP.one, MP.zero
    return _moved(run, "velocity", kept, -rate * share * g if choices["rate"] == "inside" else share * g)


def _momentum(run: Run, g: Any, rate: Any, s: Settings, choices: Mapping[str, Any], count: int) -> Any:
    v = _velocity(run, g, rate, s, choices)
    return run.value + v if choices["rate"] == "inside" else run.value - rate * v


def _nesterov(run: Run, g: Any, rate: Any, s: Settings, choices: Mapping[str, Any], count: int) -> Any:
    if choices["form"] == "lookahead":  # the gradient is already that of the place ahead
        return _momentum(run, g, rate, s, choices, count)
    v = _velocity(run, g, rate, s, choices)
    if choices["rate"] == "inside":
        return run.value + s["momentum"] * v - rate * g
    return run.value - rate * (g + s["momentum"] * v)


def _adagrad(run: Run, g: Any, rate: Any, s: Settings, choices: Mapping[str, Any], count: int) -> Any:
    return run.value - rate * g / _root(_moved(run, "accumulator", 1, g * g), s, choices)


def _rmsprop(run: Run, g: Any, rate: Any, s: Settings, choices: Mapping[str, Any], count: int) -> Any:
    square = _moved(run, "v", s["rho"], (1 - s["rho"]) * g * g)
    if choices["centered"]:
        square = square - _moved(run, "m", s["rho"], (1 - s["rho"]) * g) ** 2
    share = g / _root(square, s, choices)
    if "momentum" not in s:
        return run.value - rate * share
    if choices["rate"] == "inside":
        return run.value - _moved(run, "buffer", s["momentum"], rate * share)
    return run.value - rate * _moved(run, "buffer", s["momentum"], share)


def _adam(run: Run, g: Any, rate: Any, s: Settings, choices: Mapping[str, Any], count: int) -> Any:
    m = _moved(run, "m", s["beta1"], (1 - s["beta1"]) * g)
    v = _moved(run, "v", s["beta2"], (1 - s["beta2"]) * g * g)
    if choices["bias_correction"]:
        m, v = m / (1 - s["beta1"] ** count), v / (1 - s["beta2"] ** count)
        run.moments |= {"m_hat": m, "v_hat": v}
    return run.value - rate * m / _root(v, s, choices)


def _adamw(run: Run, g: Any, rate: Any, s: Settings, choices: Mapping[str, Any], count: int) -> Any:
    shrunk = run.value * rate * s.get("weight_decay", MP.zero)
    return _adam(run, g, rate, s, choices, count) - shrunk


def _adadelta(run: Run, g: Any, rate: Any, s: Settings, choices: Mapping[str, Any], count: int) -> Any:
    v = _moved(run, "v", s["rho"], (1 - s["rho"]) * g * g)
    before = run.moments.get("u", MP.zero)
    change = MP.sqrt(before + s["epsilon"]) / MP.sqrt(v + s["epsilon"]) * g
    run.moments["change"] = change
    _moved(run, "u", s["rho"], (1 - s["rho"]) * change * change)
    return run.value - rate * change


_RULES: Mapping[str, Callable[..., Any]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
    "adadelta": _adadelta,
}
