"""How parameters are updated: batches, rates, clipping, penalties, and how long."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..descent import Clip, Descent, Penalty, Schedule
from ..terms import Number
from .data import number_value
from .faults import Path, Written
from .fields import MOST_EPOCHS
from .model import ProblemForm
from .optimizers import build_optimizer, build_state
from .suggest import did_you_mean, listed
from .training import asked, build_epochs, build_frozen
from .update_forms import RateForm

Batches = tuple[tuple[int, ...], ...]

#: The fields of each schedule beside `start`: those it needs, those it may have.
_SCHEDULES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "step": (("gamma", "every"), ()),
    "exponential": (("gamma",), ()),
    "inverse_time": (("decay",), ()),
    "linear": ((), ("end", "over")),
    "cosine": ((), ("end", "over")),
    "list": (("rates",), ()),
}


@dataclass(frozen=True, slots=True)
class Run:
    """What is asked of the training: the rate (None: gradients only), what is trained, how and how long."""

    learning_rate: Number | None
    frozen: frozenset[str]
    epochs: int
    report_every: int | None
    descent: Descent


def build_run(
    form: ProblemForm,
    parameters: Sequence[str],
    biases: Collection[str],
    samples: int,
    given: bool,
    written: Written,
) -> Run:
    """Return all that a problem says about its updates.

    Args:
        form: the form of the problem.
        parameters: the names of all parameters.
        biases: those that a penalty leaves out unless it names them.
        samples: how many there are.
        given: whether the run starts from given quantities, so that only one update can be made.
        written: the plain data and its lines.

    Raises:
        ProblemError: a field that cannot be used; the text says where and why.
    """
    field, path = asked(form, "learning_rate", written)
    rate = _first_rate(field, path, written)
    frozen = build_frozen(form, parameters, written)
    trained = [name for name in parameters if name not in frozen]
    batches = _batches(form, samples, rate, written)
    updates, place = asked(form, "updates", written)
    if updates is not None:
        _needs_rate(rate, updates, place, "updates", written)
        if asked(form, "epochs", written)[0] is not None:
            raise written.error(place, "epochs are written too", expected="only one of the two")
    epochs, every = build_epochs(form, rate, given, len(batches) or 1, updates, written)
    count = updates or epochs * (len(batches) or 1)
    if count > MOST_EPOCHS:
        raise written.error(
            asked(form, "epochs", written)[1],
            "too many updates",
            given=str(count),
            expected=f"at most {MOST_EPOCHS}",
        )
    optimizer, at = asked(form, "optimizer", written)
    if optimizer is not None:
        _needs_rate(rate, at, at, "an optimizer", written)
    built = build_optimizer(optimizer, at, written)
    moments, there = asked(form, "state", written)
    state, steps = build_state(moments, built, trained, there, written)
    rates = _own_rates(form, trained, rate, field, written)
    schedule = _schedule(field, path, count, len(batches) or 1, written)
    penalty = _penalty(form, parameters, biases, written)
    ascent, here = asked(form, "ascent", written)
    if ascent and penalty is not None:
        raise written.error(
            here, "a penalty cannot be climbed", given="true", expected="ascent without regularisation"
        )
    clip = _clip(form, rate, written)
    descent = Descent(
        batches, updates, built, schedule, rates, clip, penalty, bool(ascent), state, steps
    )
    return Run(rate, frozen, epochs, every, descent)


def _needs_rate(rate: Number | None, given: object, path: Path, what: str, written: Written) -> None:
    if rate is None:
        raise written.error(path, f"{what} need{'s' if what.startswith('an ') else ''} a learning rate",
                            given=None if given is path else str(given),
                            expected="a learning_rate under network")  # fmt: skip


# --- the learning rate ------------------------------------------------------------------------


def _first_rate(field: RateForm | Number | None, path: Path, written: Written) -> Number | None:
    """Return the rate of the first update, None for gradients alone."""
    if isinstance(field, RateForm):
        if field.schedule == "list" and field.rates:
            if field.start is not None:
                raise written.error((*path, "start"), "a list has its first rate as its start", expected="no start")
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


def _schedule(
    field: RateForm | Number | None, path: Path, updates: int, batches: int, written: Written
) -> Schedule | None:
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
                (*path, name), f"the schedule {field.schedule} has no {name}", expected=f"only {listed(allowed)}"
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


def _own_rates(
    form: ProblemForm, trained: Sequence[str], rate: Number | None, field: object, written: Written
) -> dict[str, Number]:
    patterns, path = asked(form, "learning_rates", written)
    if not patterns:
        return {}
    _needs_rate(rate, path, path, "learning_rates", written)
    if isinstance(field, RateForm) and field.schedule == "list":
        raise written.error(
            path, "a list of rates is the same for all parameters", expected="another schedule, or no learning_rates"
        )
    found: dict[str, Number] = {}
    for pattern, number in sorted(patterns.items(), key=lambda item: item[0] in trained):
        _positive(number, (*path, pattern), written)
        for name in _matching(pattern, trained, (*path, pattern), written):
            found[name] = number
    return {name: found[name] for name in trained if name in found}


def _matching(pattern: str, names: Sequence[str], path: Path, written: Written) -> list[str]:
    fitting = [name for name in names if fnmatchcase(name, pattern)]
    if not fitting:
        raise written.error(
            path,
            "fits no parameter that is updated",
            given=pattern,
            expected=f"one of {listed(names)}, or a pattern such as b*",
            hint=did_you_mean(pattern, names),
        )
    return fitting


# --- batches ------------------------------------------------------------------------------------


def _batches(form: ProblemForm, samples: int, rate: Number | None, written: Written) -> Batches:
    listed_batches, path = asked(form, "batches", written)
    size, place = asked(form, "batch_size", written)
    if listed_batches is not None and size is not None:
        raise written.error(place, "batches are written too", expected="only one of the two")
    if size is None and listed_batches in (None, "full"):
        return ()
    here = path if size is None else place
    given = listed_batches if isinstance(listed_batches, str) else size
    _needs_rate(rate, here if given is None else given, here, "batches", written)
    if size is not None and size > samples:
        raise written.error(
            place, "more than there are samples", given=str(size), expected=f"at most {samples}"
        )
    if listed_batches == "online" or size is not None:
        width = size or 1
        numbers = range(1, samples + 1)
        found = tuple(tuple(numbers[start : start + width]) for start in range(0, samples, width))
        return () if found == (tuple(numbers),) else found
    if not listed_batches:
        raise written.error(path, "no batch", given="an empty list", expected="at least one batch of samples")
    for index, batch in enumerate(listed_batches):
        if not batch:
            raise written.error((*path, index), "no sample", given="an empty list", expected="at least one sample")
        for position, sample in enumerate(batch):
            if sample > samples:
                raise written.error(
                    (*path, index, position),
                    "no sample of this number",
                    given=str(sample),
                    expected=f"a whole number from 1 to {samples}",
                )
    if samples == 1:  # a single sample has no number in its quantities' keys
        if any(len(batch) > 1 for batch in listed_batches):
            raise written.error(path, "the only sample is drawn twice", expected="several samples, or batches: full")
        return ()
    return tuple(tuple(batch) for batch in listed_batches)


# --- clipping and penalties --------------------------------------------------------------------


def _clip(form: ProblemForm, rate: Number | None, written: Written) -> Clip | None:
    field, path = asked(form, "clip", written)
    if field is None:
        return None
    _needs_rate(rate, path, path, "clip", written)
    if (field.value is None) == (field.norm is None):
        raise written.error(path, "value or norm", expected="one of the two: {norm: 1.0} or {value: 0.5}")
    kind = "value" if field.norm is None else "norm"
    bound = field.value if field.norm is None else field.norm
    if number_value(bound) <= 0:
        raise written.error((*path, kind), "out of range", given=str(bound), expected="a number above 0")
    if field.epsilon is not None and (kind == "value" or number_value(field.epsilon) < 0):
        raise written.error(
            (*path, "epsilon"), "out of range", given=str(field.epsilon), expected="a number from 0 on, beside norm"
        )
    epsilon = field.epsilon if field.epsilon is not None and number_value(field.epsilon) else None
    return Clip(kind, bound, epsilon)


def _penalty(
    form: ProblemForm, parameters: Sequence[str], biases: Collection[str], written: Written
) -> Penalty | None:
    field, path = asked(form, "regularisation", written)
    other, place = asked(form, "regularization", written)
    if other is not None:
        if field is not None:
            raise written.error(place, "regularisation is written too", expected="only one of the two")
        field, path = other, place
    if field is None:
        return None
    if field.l1 is None and field.l2 is None:
        raise written.error(path, "neither l1 nor l2", expected="a mapping such as {l2: 0.01}")
    for name in ("l1", "l2", "constant"):
        number = getattr(field, name)
        if number is not None and number_value(number) <= 0:
            raise written.error((*path, name), "out of range", given=str(number), expected="a number above 0")
    if field.constant is not None and field.l2 is None:
        raise written.error((*path, "constant"), "the constant stands before l2", expected="l2 beside it")
    if field.parameters is None:
        names = [name for name in parameters if name not in biases]
    else:
        patterns = [field.parameters] if isinstance(field.parameters, str) else field.parameters
        wanted = {
            name
            for index, pattern in enumerate(patterns)
            for name in _matching(pattern, parameters, written.existing((*path, "parameters", index)), written)
        }
        names = [name for name in parameters if name in wanted]
    return Penalty(
        tuple(names), field.l1, field.l2, field.constant or Number("1/2"), field.divided_by == "samples"
    )
