"""The learning rate a problem file chooses: a number, a schedule, own rates of some parameters."""

from __future__ import annotations

from collections.abc import Sequence

from ..formulas.terms import Number
from ..network.descent import Schedule
from .data import number_value
from .faults import Path, Written
from .model import ProblemForm
from .patterns import fitting
from .suggest import did_you_mean, listed
from .training import asked
from .update_forms import RateForm

#: The fields of each schedule beside `start`: those it needs, those it may have.
_SCHEDULES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "step": (("gamma", "every"), ()),
    "exponential": (("gamma",), ()),
    "inverse_time": (("decay",), ()),
    "linear": ((), ("end", "over")),
    "cosine": ((), ("end", "over")),
    "list": (("rates",), ()),
}


def first_rate(field: RateForm | Number | None, path: Path, written: Written) -> Number | None:
    """Return the rate of the first update, None for gradients alone.

    Raises:
        ProblemError: it is missing, or not positive.
    """
    if isinstance(field, RateForm):
        if field.schedule == "list" and field.rates:
            if field.start is not None:
                raise written.error(
                    (*path, "start"), "a list has its first rate as its start", expected="no start"
                )
            for index, rate in enumerate(field.rates):
                _positive(rate, (*path, "rates", index), written)
            return field.rates[0]
        if field.start is None:
            needed = "rates" if field.schedule == "list" else "start"
            raise written.error(
                (*path, needed), "missing",
                expected="a list of rates" if needed == "rates" else "the rate of the first update",
            )  # fmt: skip
        return _positive(field.start, (*path, "start"), written)
    return None if field is None else _positive(field, path, written)


def _positive(rate: Number, path: Path, written: Written) -> Number:
    if number_value(rate) <= 0:
        raise written.error(
            path,
            "the learning rate is not positive",
            given=str(rate),
            expected="a number above 0, or null for gradients without an update",
        )
    return rate


def build_schedule(
    field: RateForm | Number | None, path: Path, updates: int, batches: int, written: Written
) -> Schedule | None:
    """Return how the rate changes in a run of so many updates, None where it does not.

    Raises:
        ProblemError: a number of the schedule is missing, out of range or of another schedule.
    """
    if not isinstance(field, RateForm):
        return None
    needed, optional = _SCHEDULES[field.schedule]
    for name in ("gamma", "every", "decay", "end", "over", "rates"):
        value = getattr(field, name)
        if value is None and name in needed:
            raise written.error(
                (*path, name), "missing", expected=f"{name}, which the schedule {field.schedule} needs"
            )
        if value is not None and name not in (*needed, *optional):
            allowed = ["start", *needed, *optional]
            raise written.error(
                (*path, name),
                f"the schedule {field.schedule} has no {name}",
                expected=f"only {listed(allowed)}",
            )
    settings: dict[str, Number] = {}
    for name in ("gamma", "decay", "end"):
        number = getattr(field, name)
        if number is None:
            continue
        if number_value(number) < 0 or (name == "gamma" and not number_value(number)):
            raise written.error(
                (*path, name),
                "out of range",
                given=str(number),
                expected="a number above 0" if name == "gamma" else "a number from 0 on",
            )
        settings[name] = number
    if field.every is not None:
        settings["every"] = Number(str(field.every))
    if field.schedule in ("linear", "cosine"):
        settings.setdefault("end", Number("0"))
        whole = updates if field.per == "update" else -(-updates // batches)
        settings["over"] = Number(str(field.over or whole))
    return Schedule(field.schedule, settings, field.per, tuple(field.rates or ()))


def own_rates(
    form: ProblemForm, trained: Sequence[str], rate: Number | None, field: object, written: Written
) -> dict[str, Number]:
    """Return the parameters that have a learning rate of their own, in the author's order.

    Raises:
        ProblemError: a pattern fits no parameter that is updated, or a rate is not positive.
    """
    patterns, path = asked(form, "learning_rates", written)
    if not patterns:
        return {}
    needs_rate(rate, None, path, "own learning rates", written)
    if isinstance(field, RateForm) and field.schedule == "list":
        raise written.error(
            path,
            "a list of rates is the same for all parameters",
            expected="another schedule, or no learning_rates",
        )
    found: dict[str, Number] = {}
    for pattern, number in sorted(patterns.items(), key=lambda item: item[0] in trained):
        _positive(number, (*path, pattern), written)
        for name in matching(pattern, trained, (*path, pattern), written):
            found[name] = number
    return {name: found[name] for name in trained if name in found}


def needs_rate(rate: Number | None, given: object, path: Path, what: str, written: Written) -> None:
    """Refuse what has no meaning without a learning rate; `given` None: too long for the message.

    Raises:
        ProblemError: there is no learning rate.
    """
    if rate is None:
        raise written.error(
            path,
            f"{what} {'needs' if what.startswith('an ') else 'need'} a learning rate",
            given=None if given is None else str(given),
            expected="a learning_rate under network",
        )


def matching(pattern: str, names: Sequence[str], path: Path, written: Written) -> list[str]:
    """Return the names that a pattern fits.

    Raises:
        ProblemError: it fits none.
    """
    found = fitting(pattern, names)
    if not found:
        raise written.error(
            path,
            "fits no parameter that is updated",
            given=pattern,
            expected=f"one of {listed(names)}, or a pattern such as b*",
            hint=did_you_mean(pattern, names),
        )
    return found
