"""Connections that share a weight: one parameter, whose gradient is the sum over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .faults import Path, Written
from .model import WeightForm
from .problem import Weight
from .suggest import did_you_mean, listed

if TYPE_CHECKING:
    from .structure import Structure


def weight_name(form: WeightForm, path: Path, written: Written) -> str:
    """Return the name of a connection's weight, its own or the one it is tied to.

    Raises:
        ProblemError: it has neither, or both, or a tied connection has a value.
    """
    name = form.name or form.tied_to
    if name is None:
        raise written.error((*path, "name"), "missing", expected="the weight's name, or `tied_to`")
    for field in ("name", "value") if form.tied_to else ():
        if getattr(form, field) is not None:
            raise written.error(
                (*path, field),
                f"a connection that is tied has no {field} of its own",
                given=str(getattr(form, field)),
                expected="tied_to alone",
            )
    return name


def check_ties(structure: Structure, written: Written) -> None:
    """Check that every tied connection names a weight.

    Raises:
        ProblemError: there is no such weight.
    """
    known = [weight.name for weight, _ in structure.weights] if structure.ties else []
    for _, tie, path in structure.ties:
        if tie.name not in known:
            raise written.error(
                (*path, "tied_to"),
                "no weight has this name",
                given=tie.name,
                expected=f"one of {listed(known)}",
                hint=did_you_mean(tie.name, known),
            )


def tied(structure: Structure, weights: Sequence[Weight]) -> tuple[tuple[int, Weight], ...]:
    """Return the tied connections, by their place among all, with the values of their weights."""
    own = {weight.name: weight for weight in weights} if structure.ties else {}
    return tuple(
        (place, replace(tie, value=own[tie.name].value, drawn=own[tie.name].drawn))
        for place, tie, _ in structure.ties
    )
