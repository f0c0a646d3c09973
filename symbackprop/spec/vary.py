"""What varies from student to student: each choice of `vary:` at the numbers that it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..errors import ProblemError
from ..formulas.terms import Number, keys
from ..rules import loss_rule
from .choices import Choice, Derived, Kept, Listed, Normal, Range, Suggested, Vary
from .choosing import Formula
from .data import check_range, number_value
from .faults import Path, Written
from .figures import ROLES, Figure, figures
from .losses import allowed_target
from .patterns import fitting
from .problem import Layer, Problem
from .suggest import did_you_mean, listed
from .vary_expressions import derived
from .vary_forms import VaryForm
from .vary_layers import structures_of

HERE: Path = ("vary",)

Build = Callable[[Written, str], Problem]


class Placed(NamedTuple):
    """A choice for a number, and where it is written."""

    figure: Figure
    choice: Choice
    path: Path


def with_vary(problem: Problem, form: VaryForm, written: Written, build: Build) -> Problem:
    """Return the problem with what the author says of its variants.

    build: builds the problem of a file, for the choices of its layers.

    Raises:
        ProblemError: a name fits no number, a number may not be what it would be, an expression cannot be
        used.
    """
    placed = _placed(form, problem, written)
    for item in placed.values():
        _check(item, problem, written)
    _check_order(placed, written)
    choices = {text: item.choice for text, item in placed.items()}
    structures = structures_of(problem, form.layers, written, build)
    return replace(problem, vary=Vary(choices, _quality(form, written), structures))


def _placed(form: VaryForm, problem: Problem, written: Written) -> dict[str, Placed]:
    """Return, by key, what is said of each number: of its part, then by patterns, then by its own name."""
    found = figures(problem)
    placed: dict[str, Placed] = {}
    for role in ROLES:
        if role in form.model_fields_set:
            choice, path = getattr(form, role), (*HERE, role)
            mine = [figure for figure in found if figure.role == role and not figure.wired]
            if not mine and not isinstance(choice, Kept | Suggested):
                parts = dict.fromkeys(figure.role for figure in found if not figure.wired)
                raise written.error(path, "the problem has none", expected=f"one of {listed(parts)}")
            placed |= {figure.key: Placed(figure, choice, path) for figure in mine}
    names = _names(found)
    words = sorted(form.named, key=lambda word: word in names)  # a name says more than a pattern
    for word in words:
        choice, path = form.named[word], (*HERE, word)
        chosen = {figure.key: figure for name in fitting(word, names) for figure in names[name]}
        if not chosen:
            raise _unknown(word, problem, found, path, written)
        for figure in chosen.values():
            if not figure.wired:
                placed[figure.key] = Placed(figure, choice, path)
            elif word in names and not isinstance(choice, Kept):
                raise written.error(
                    path,
                    f"{figure.name} decides which formulas there are, so that it stays",
                    expected="fixed, or no such line",
                )
    return {
        text: item._replace(choice=derived(item.choice, item.figure, found, item.path, written))
        if isinstance(item.choice, Formula)
        else item
        for text, item in placed.items()
    }


def _names(found: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Return the numbers by every name they have: x1 (in all samples), x1#2 (in one), act.h1 or h1."""
    names: dict[str, list[Figure]] = {}
    for figure in found:
        if figure.role != "learning_rate":
            for name in dict.fromkeys((figure.name, figure.key, figure.name.removeprefix("act."))):
                names.setdefault(name, []).append(figure)
    return names


def _unknown(
    word: str, problem: Problem, found: Sequence[Figure], path: Path, written: Written
) -> ProblemError:
    names = dict.fromkeys((*ROLES, "layers", "quality", *(figure.name for figure in found)))
    if word in (*problem.inputs, *(parameter.name for parameter in problem.parameters)):
        return written.error(
            path,
            f"{word} has no number",
            given="null where it stands",
            expected="a number there, or no such line",
        )
    return written.error(
        path,
        "no number of this problem",
        given=word,
        expected=f"one of {listed(names, 30)}, or a pattern such as w*",
        hint=did_you_mean(word, names),
    )


def _check_order(placed: Mapping[str, Placed], written: Written) -> None:
    """Refuse expressions that lead round in a circle."""
    needs = {
        text: keys(item.choice.term) for text, item in placed.items() if isinstance(item.choice, Derived)
    }
    while needs:
        ready = [text for text, used in needs.items() if not any(other in needs for other in used)]
        if not ready:
            raise written.error(
                placed[next(iter(needs))].path,
                "these expressions lead round in a circle",
                given=", ".join(list(needs)[:3]),
                expected="one of them without an expression",
            )
        for text in ready:
            del needs[text]


# --- what numbers may be -------------------------------------------------------------------------


def _check(item: Placed, problem: Problem, written: Written) -> None:
    """Refuse numbers that the number's own part in the problem forbids."""
    figure, choice, path = item
    for number in _probes(choice):
        if figure.role == "targets":
            _check_target(number, problem, path, written)
        elif figure.role == "learning_rate" and number_value(number) <= 0:
            raise written.error(
                path, "the learning rate is not positive", given=str(number), expected="numbers above 0"
            )
        elif figure.key.startswith("act."):
            layer = _layer_of(figure.key.removeprefix("act."), problem)
            if layer is not None:
                check_range(number, layer, path, written)
    schedule = problem.descent.schedule
    listed_rates = schedule is not None and schedule.kind == "list"
    if figure.role == "learning_rate" and listed_rates and not isinstance(choice, Kept):
        raise written.error(path, "the learning rates are a list, which stays", expected="fixed")


def _check_target(number: Number, problem: Problem, path: Path, written: Written) -> None:
    for loss in (problem.loss, problem.reported_loss):
        if loss is None or loss.kind == "node":
            continue
        if loss.kind == "multi_class_hinge":
            raise written.error(
                path,
                "multi_class_hinge needs targets that name one class",
                expected="auto, which draws the class, or fixed",
            )
        if not allowed_target(loss, number):
            wanted = loss_rule(loss).targets
            raise written.error(
                path, f"no target of {loss.kind}", given=str(number), expected=f"each {wanted}"
            )


def _layer_of(unit: str, problem: Problem) -> Layer | None:
    return next((layer for layer in problem.layers[1:] if unit in layer.units), None)


def _probes(choice: Choice) -> Iterator[Number]:
    """Yield the numbers by which it is seen whether all are allowed."""
    match choice:
        case Listed(numbers=numbers):
            yield from numbers
        case Range(low=low, high=high, step=step):
            second = number_value(low) + number_value(step)
            yield from (low, high, Number(str(second)))
        case Normal(low=low, high=high):
            yield from (end for end in (low, high) if end is not None)


def _quality(form: VaryForm, written: Written) -> dict[str, object]:
    """Return the conditions that are set, numbers as exact fractions."""
    quality: dict[str, object] = {}
    for name in sorted(form.quality.model_fields_set) if form.quality else ():
        value = getattr(form.quality, name)
        if isinstance(value, Number):
            number = number_value(value)
            if number < 0 or (name == "saturation" and number >= 1):
                most = "from 0 to below 1" if name == "saturation" else "not below 0"
                raise written.error(
                    (*HERE, "quality", name), "out of range", given=str(value), expected=f"a number {most}"
                )
            value = number
        quality[name] = value
    return quality
