"""What is minimised and how: losses, learning rate, epochs, frozen parameters, seeded starts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from ..terms import Number
from .data import number_value
from .faults import Path, Written
from .model import LossForm, NetworkForm, ProblemForm, StartForm
from .numerals import parse_number
from .problem import Layer, Loss, Sample, Weight
from .suggest import did_you_mean, listed

_IN_WORDS = re.compile(
    r"(?P<half>1/2 ?\* ?)?(?P<join>sum|mean) over (?:the )?(?:[0-9]+ )?samples of \([^()]*\) ?(?:\*\*|\^) ?2"
)
_WORDS_FORM = "words such as `1/2 * sum over the 4 samples of (y - o)**2`"


def asked(form: ProblemForm, key: str, written: Written) -> tuple[Any, Path]:
    """Return a training field, from the top of the file or from `network`, and its place.

    Raises:
        ProblemError: it stands in both places.
    """
    top, inner = getattr(form, key), getattr(form.network, key)
    if top is not None and inner is not None:
        raise written.error((key,), f"{key} is written under network too", expected="only one of the two")
    return (top, (key,)) if top is not None else (inner, ("network", key))


def build_losses(form: ProblemForm, outputs: int, written: Written) -> tuple[Loss, Loss | None]:
    """Return the loss that is descended and the one that is only reported, if there is one.

    Raises:
        ProblemError: constant and kind do not make a known loss, or the reported loss is given twice.
    """
    field = form.network.loss
    path: Path = ("network", "loss")
    loss = _loss(field, outputs, path, written)
    reported, place = asked(form, "reported_loss", written)
    if reported is not None:
        return loss, _loss(reported, outputs, place, written)
    if isinstance(field, LossForm) and field.reported is not None:
        half, join = _in_words(field.reported, (*path, "reported"), written)
        kind = "half_squared_error" if half else "mean_squared_error" if join == "mean" else "squared_error"
        return loss, Loss(kind, join)
    return loss, None


def _loss(field: LossForm | str, outputs: int, path: Path, written: Written) -> Loss:
    if isinstance(field, str):
        return Loss(field)
    if field.descended is not None:
        half, join = _in_words(field.descended, (*path, "descended"), written)
        return Loss("half_squared_error" if half else "squared_error", join)
    kind = field.kind
    if field.constant is not None:
        kind = _with_constant(kind, field.constant, outputs, (*path, "constant"), written)
    return Loss(kind, "sum" if field.reduction == "sum" else "mean")


def _with_constant(kind: str, constant: Number, outputs: int, path: Path, written: Written) -> str:
    value = number_value(constant)
    if kind == "squared_error":
        named = {
            number_value(Number("1")): "squared_error",
            number_value(Number("1/2")): "half_squared_error",
            number_value(Number(f"1/{outputs}")): "mean_squared_error",
        }
        named[number_value(Number("1/2"))] = "half_squared_error"
        if value in named:
            return named[value]
        allowed = ["1", "1/2"] + ([f"1/{outputs}"] if outputs > 2 else [])
    else:
        allowed = {"half_squared_error": ["1/2"], "mean_squared_error": [f"1/{outputs}"]}.get(kind, ["1"])
        if value == number_value(Number(allowed[0])):
            return kind
    raise written.error(
        path, f"no loss with this constant before {kind}", given=str(constant), expected=" or ".join(allowed)
    )


def _in_words(text: str, path: Path, written: Written) -> tuple[bool, str]:
    match = _IN_WORDS.match(text)
    if match is None:
        raise written.error(path, "not understood", given=text, expected=_WORDS_FORM)
    return bool(match["half"]), match["join"]


def check_loss(loss: Loss, output: Layer, samples: Sequence[Sample], path: Path, written: Written) -> None:
    """Refuse a cross entropy whose outputs or targets are not probabilities.

    Raises:
        ProblemError: an output can leave the interval from 0 to 1, or a target does.
    """
    if loss.kind != "binary_cross_entropy":
        return
    if output.activation is not None and output.activation.name != "sigmoid":
        raise written.error(
            path,
            "binary_cross_entropy needs outputs between 0 and 1",
            given=f"activation {output.activation.name}",
            expected="activation sigmoid in the last layer",
        )
    for sample in samples:
        for unit, target in sample.targets.items():
            if not 0 <= number_value(target) <= 1:
                raise written.error(
                    path,
                    f"binary_cross_entropy needs targets between 0 and 1; that of {unit} is outside",
                    given=str(target),
                    expected="a number from 0 to 1",
                )


def build_rate(network: NetworkForm, written: Written) -> Number | None:
    """Return the learning rate, or None for gradients alone.

    Raises:
        ProblemError: it is zero or negative.
    """
    rate = network.learning_rate
    if rate is not None and number_value(rate) <= 0:
        raise written.error(
            ("network", "learning_rate"),
            "the learning rate is not positive",
            given=str(rate),
            expected="a number above 0, or null for gradients without an update",
        )
    return rate


def build_epochs(
    form: ProblemForm, rate: Number | None, given: bool, written: Written
) -> tuple[int, int | None]:
    """Return how many epochs are run, and which of them are reported.

    Raises:
        ProblemError: there is no learning rate, or the run starts from given activations.
    """
    epochs, path = asked(form, "epochs", written)
    if epochs is not None and rate is None:
        raise written.error(
            path, "epochs need a learning rate", given=str(epochs), expected="a learning_rate under network"
        )
    if epochs is not None and epochs > 1 and given:
        raise written.error(
            path, "from given activations only one update can be made", given=str(epochs), expected="1"
        )
    every, place = asked(form, "report_every", written)
    listed_epochs = form.network.report_epochs
    if listed_epochs:
        here: Path = ("network", "report_epochs")
        if every is not None:
            raise written.error(here, "report_every is written too", expected="only one of the two")
        step = listed_epochs[1] if len(listed_epochs) > 1 else (epochs or 1)
        if step < 1 or listed_epochs != [index * step for index in range(len(listed_epochs))]:
            raise written.error(
                here,
                "these epochs are not evenly spaced from 0",
                given=str(listed_epochs),
                expected="a list such as [0, 4000, 8000], or report_every: 4000",
            )
        every = step
    elif every is not None and every > (epochs or 1):
        raise written.error(
            place, "more than there are epochs", given=str(every), expected=f"at most {epochs or 1}"
        )
    return epochs or 1, every


def build_frozen(form: ProblemForm, parameters: Sequence[str], written: Written) -> frozenset[str]:
    """Return the parameters that are not updated, patterns resolved.

    Raises:
        ProblemError: a name or pattern fits no parameter.
    """
    patterns, path = asked(form, "frozen", written)
    frozen: set[str] = set()
    if patterns is not None:
        frozen |= _matching(patterns, parameters, path, written)
    update = form.network.update
    here: Path = ("network", "update")
    if update is not None:
        if not update.simultaneous:
            raise written.error(
                (*here, "simultaneous"), "parameters are updated all at once", given="false", expected="true"
            )
        if update.not_updated is not None:
            frozen |= _matching(update.not_updated, parameters, (*here, "not_updated"), written)
        if update.parameters is not None:
            updated = _matching(update.parameters, parameters, (*here, "parameters"), written)
            clash = sorted(updated & frozen)
            if clash:
                raise written.error(
                    (*here, "parameters"),
                    f"{clash[0]} is to be updated and frozen",
                    expected="one of the two",
                )
            frozen |= set(parameters) - updated
    return frozenset(frozen)


def _matching(patterns: str | list[str], parameters: Sequence[str], path: Path, written: Written) -> set[str]:
    found: set[str] = set()
    listed_patterns = [patterns] if isinstance(patterns, str) else patterns
    for index, pattern in enumerate(listed_patterns):
        fitting = {name for name in parameters if fnmatchcase(name, pattern)}
        if not fitting:
            raise written.error(
                written.existing((*path, index)),
                "fits no parameter",
                given=pattern,
                expected=f"one of {listed(parameters)}, or a pattern such as b*",
                hint=did_you_mean(pattern, parameters),
            )
        found |= fitting
    return found


def fill_start(weights: Sequence[Weight], start: StartForm | str | None) -> tuple[Weight, ...]:
    """Return the weights with those that have no value drawn, in order, from the seeded start."""
    missing = sum(weight.value is None for weight in weights)
    if not isinstance(start, StartForm) or not missing:
        return tuple(weights)
    from numpy.random import RandomState

    drawn = iter(RandomState(start.seed).standard_normal(missing).tolist())
    return tuple(
        replace(weight, value=parse_number(repr(next(drawn))), drawn=True) if weight.value is None else weight
        for weight in weights
    )
