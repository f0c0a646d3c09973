"""What is minimised and how: losses, learning rate, epochs, frozen parameters, seeded starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ..formulas.terms import Number
from ..network.architecture import Parameter
from .faults import Path, Written
from .model import ProblemForm, StartForm
from .patterns import fitting
from .problem import Weight
from .suggest import did_you_mean, listed
from .text.numerals import parse_number, parse_row

#: What a seeded start may draw a value for.
Drawable = TypeVar("Drawable", Weight, Parameter)


def asked(form: ProblemForm, key: str, written: Written) -> tuple[Any, Path]:
    """Return a training field, from the top of the file or from `network`, and its place.

    Raises:
        ProblemError: it stands in both places.
    """
    top, inner = getattr(form, key), getattr(form.network, key)
    if top is not None and inner is not None:
        raise written.error((key,), f"{key} is written under network too", expected="only one of the two")
    return (top, (key,)) if top is not None else (inner, ("network", key))


def build_epochs(
    form: ProblemForm,
    rate: Number | None,
    given: bool,
    batches: int,
    updates: int | None,
    written: Written,
) -> tuple[int, int | None]:
    """Return how many epochs of so many batches are run, and which updates are reported.

    Raises:
        ProblemError: there is no learning rate, or the run starts from given activations.
    """
    epochs, path = asked(form, "epochs", written)
    if epochs is not None and rate is None:
        raise written.error(
            path, "epochs need a learning rate", given=str(epochs), expected="a learning_rate under network"
        )
    count = updates or (epochs or 1) * batches
    if count > 1 and given:
        if epochs is None:
            path = asked(form, "batches" if updates is None else "updates", written)[1]
        raise written.error(
            path, "from given activations only one update can be made", given=str(count), expected="1"
        )
    every, place = asked(form, "report_every", written)
    listed_epochs = form.network.report_epochs
    if listed_epochs:
        here: Path = ("network", "report_epochs")
        if every is not None:
            raise written.error(here, "report_every is written too", expected="only one of the two")
        step = listed_epochs[1] if len(listed_epochs) > 1 else count
        if step < 1 or listed_epochs != [index * step for index in range(len(listed_epochs))]:
            raise written.error(
                here,
                "these epochs are not evenly spaced from 0",
                given=str(listed_epochs),
                expected="a list such as [0, 4000, 8000], or report_every: 4000",
            )
        every = step
    elif every is not None and every > count:
        raise written.error(
            place, "more than there are epochs", given=str(every), expected=f"at most {count}"
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
    trainable, place = asked(form, "trainable", written)
    if trainable is not None:
        chosen = _matching(trainable, parameters, place, written)
        clash = sorted(chosen & frozen)
        if clash:
            raise written.error(place, f"{clash[0]} is to be trained and frozen", expected="one of the two")
        frozen |= set(parameters) - chosen
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
        chosen = fitting(pattern, parameters)
        if not chosen:
            raise written.error(
                written.existing((*path, index)),
                "fits no parameter",
                given=pattern,
                expected=f"one of {listed(parameters)}, or a pattern such as b*",
                hint=did_you_mean(pattern, parameters),
            )
        found.update(chosen)
    return found


def fill_start(weights: Sequence[Drawable], start: StartForm | str | None) -> tuple[Drawable, ...]:
    """Return the weights with those that have no value drawn, in order, from the seeded start."""
    missing = sum(weight.value is None for weight in weights)
    if not isinstance(start, StartForm) or not missing:
        return tuple(weights)
    from numpy.random import RandomState

    texts = list(map(repr, RandomState(start.seed).standard_normal(missing).tolist()))
    drawn = iter(parse_row(texts) or map(parse_number, texts))
    return tuple(
        replace(weight, value=next(drawn), drawn=True) if weight.value is None else weight
        for weight in weights
    )
