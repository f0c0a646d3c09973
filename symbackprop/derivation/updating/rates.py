"""Learning-rate schedules: the rate of each update, stated over the start and the schedule's numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...formulas.names import Name
from ...formulas.terms import Call, Fraction, Negation, Number, Power, Product, Sum, Symbol, Term
from ...network.descent import Schedule

ONE, HALF = Number("1"), Number("1/2")
PI = Symbol(Name("pi"), "constant.pi")

#: What stands for a number of the schedule: its term by name.
Setting = Callable[[str], Term]


def scheduled_rate(schedule: Schedule, count: int, start: Term, setting: Setting) -> Term:
    """Return the rate after so many updates (or epochs, as the schedule counts)."""
    return _RATES[schedule.kind](schedule, count, start, setting)


def general_rate(schedule: Schedule, start: Term, setting: Setting) -> Term | None:
    """Return the rate at any t, None for a plain list."""
    general = _GENERAL[schedule.kind]
    return None if general is None else general(Symbol(Name("t")), start, setting)


def passed(schedule: Schedule, updates: int, batches: int) -> int:
    """Return what the schedule counts after so many updates, of so many in each epoch."""
    return updates if schedule.per == "update" else updates // batches


def _step(schedule: Schedule, count: int, start: Term, setting: Setting) -> Term:
    every = int(schedule.settings["every"].text)
    return Product((start, Power(setting("gamma"), Number(str(count // every)))))


def _exponential(schedule: Schedule, count: int, start: Term, setting: Setting) -> Term:
    return _exponential_at(Number(str(count)), start, setting)


def _exponential_at(t: Term, start: Term, setting: Setting) -> Term:
    return Product((start, Power(setting("gamma"), t)))


def _step_at(t: Term, start: Term, setting: Setting) -> Term:
    stairs = Call("floor", (Fraction(t, setting("every"), inline=True),))
    return Product((start, Power(setting("gamma"), stairs)))


def _inverse_time_at(t: Term, start: Term, setting: Setting) -> Term:
    return Fraction(start, Sum((ONE, Product((setting("decay"), t)))))


def _linear_at(t: Term, start: Term, setting: Setting) -> Term:
    end = setting("end")
    return Sum((start, Product((Sum((end, Negation(start))), Fraction(t, setting("over"))))))


def _cosine_at(t: Term, start: Term, setting: Setting) -> Term:
    """Return the half wave from start to end. Loshchilov, Hutter, SGDR, 2017."""
    end = setting("end")
    wave = Sum((ONE, Call("cos", (Fraction(Product((PI, t)), setting("over")),))))
    half = Fraction(ONE, Number("2"))
    return Sum((end, Product((half, Sum((start, Negation(end))), wave))))


def _bounded(
    formula: Callable[[Term, Term, Setting], Term],
) -> Callable[[Schedule, int, Term, Setting], Term]:
    """Return a rate that stays at its end once that is reached."""

    def rate(schedule: Schedule, count: int, start: Term, setting: Setting) -> Term:
        last = int(schedule.settings["over"].text)
        return setting("end") if count >= last else formula(Number(str(count)), start, setting)

    return rate


def _inverse_time(schedule: Schedule, count: int, start: Term, setting: Setting) -> Term:
    return _inverse_time_at(Number(str(count)), start, setting)


def _list(schedule: Schedule, count: int, start: Term, setting: Setting) -> Term:
    return schedule.rates[min(count, len(schedule.rates) - 1)]


_RATES: Mapping[str, Callable[[Schedule, int, Term, Setting], Term]] = {
    "step": _step,
    "exponential": _exponential,
    "inverse_time": _inverse_time,
    "linear": _bounded(_linear_at),
    "cosine": _bounded(_cosine_at),
    "list": _list,
}
_GENERAL: Mapping[str, Callable[[Term, Term, Setting], Term] | None] = {
    "step": _step_at,
    "exponential": _exponential_at,
    "inverse_time": _inverse_time_at,
    "linear": _linear_at,
    "cosine": _cosine_at,
    "list": None,
}
