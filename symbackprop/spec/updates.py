"""How parameters are updated: batches, rates, clipping, penalties, and how long."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..formulas.terms import Number
from ..network.descent import Clip, Descent, Penalty
from .data import number_value
from .faults import Written
from .fields import MOST_EPOCHS
from .model import ProblemForm
from .optimizers import build_optimizer, build_state
from .rates import build_schedule, first_rate, matching, needs_rate, own_rates
from .training import asked, build_epochs, build_frozen

Batches = tuple[tuple[int, ...], ...]


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
    rate = first_rate(field, path, written)
    frozen = build_frozen(form, parameters, written)
    trained = [name for name in parameters if name not in frozen]
    batches = _batches(form, samples, rate, written)
    updates, place = asked(form, "updates", written)
    if updates is not None:
        needs_rate(rate, updates, place, "updates", written)
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
        needs_rate(rate, None, at, "an optimizer", written)
    built = build_optimizer(optimizer, at, written)
    moments, there = asked(form, "state", written)
    state, steps = build_state(moments, built, trained, there, written)
    rates = own_rates(form, trained, rate, field, written)
    schedule = build_schedule(field, path, count, len(batches) or 1, written)
    penalty = _penalty(form, parameters, biases, written)
    ascent, here = asked(form, "ascent", written)
    if ascent and penalty is not None:
        raise written.error(
            here, "a penalty cannot be climbed", given="true", expected="ascent without regularisation"
        )
    clip = _clip(form, rate, written)
    descent = Descent(batches, updates, built, schedule, rates, clip, penalty, bool(ascent), state, steps)
    return Run(rate, frozen, epochs, every, descent)


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
    needs_rate(rate, given, here, "batches", written)
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
            raise written.error(
                (*path, index), "no sample", given="an empty list", expected="at least one sample"
            )
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
            raise written.error(
                path, "the only sample is drawn twice", expected="several samples, or batches: full"
            )
        return ()
    return tuple(tuple(batch) for batch in listed_batches)


# --- clipping and penalties --------------------------------------------------------------------


def _clip(form: ProblemForm, rate: Number | None, written: Written) -> Clip | None:
    field, path = asked(form, "clip", written)
    if field is None:
        return None
    needs_rate(rate, None, path, "clipped gradients", written)
    if (field.value is None) == (field.norm is None):
        raise written.error(path, "value or norm", expected="one of the two: {norm: 1.0} or {value: 0.5}")
    kind = "value" if field.norm is None else "norm"
    bound = field.value if field.norm is None else field.norm
    if number_value(bound) <= 0:
        raise written.error((*path, kind), "out of range", given=str(bound), expected="a number above 0")
    if field.epsilon is not None and (kind == "value" or number_value(field.epsilon) < 0):
        raise written.error(
            (*path, "epsilon"),
            "out of range",
            given=str(field.epsilon),
            expected="a number from 0 on, beside norm",
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
            for name in matching(pattern, parameters, written.existing((*path, "parameters", index)), written)
        }
        names = [name for name in parameters if name in wanted]
    return Penalty(
        tuple(names), field.l1, field.l2, field.constant or Number("1/2"), field.divided_by == "samples"
    )
