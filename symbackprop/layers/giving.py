"""The numbers that a layer's fields give: their shape, what is missing, what is another layer's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field, Tag

from ..spec.fields import Flag, Form, UnitName, either
from ..spec.suggest import did_you_mean, listed
from .assembly import Assembly, Numbers, Units
from .layer import Fault
from .sizes import shape_text


class TieForm(Form):
    """Whose weights a layer takes."""

    layer: UnitName = Field(description="The layer whose weights it takes.")
    transposed: Flag = Field(False, description="Whether the matrix is taken transposed.")


#: The layer whose weights are taken: its name, or a mapping that says they are transposed.
TiedField = Annotated[
    Annotated[UnitName, Tag("<text>")] | Annotated[TieForm, Tag("<mapping>")],
    either("a layer's name, or a mapping such as {layer: encoder, transposed: true}"),
]


def tied_weights(tie: TieForm | str, assembly: Assembly) -> Units:
    """Return the weights of the layer that a tie names.

    Raises:
        Fault: no earlier layer with weights has this name.
    """
    form = TieForm(layer=tie, transposed=False) if isinstance(tie, str) else tie
    if form.layer not in assembly.kernels:
        raise Fault(
            "no earlier layer with weights has this name",
            expected=f"one of {listed(assembly.kernels)}" if assembly.kernels else "a named layer before it",
            hint=did_you_mean(form.layer, assembly.kernels),
            inside=("tied",) if isinstance(tie, str) else ("tied", "layer"),
        )
    weights = assembly.kernels[form.layer]
    return weights.T if form.transposed else weights


def tie_note(tie: TieForm | str) -> str:
    """Return what a sheet says about a layer that has another's weights."""
    form = TieForm(layer=tie, transposed=False) if isinstance(tie, str) else tie
    turned = ", transposed" if form.transposed else ""
    return (
        f"Its weights are those of layer {form.layer}{turned}: one parameter, used in both places, "
        "so that its gradient is a sum over both."
    )


def check_shape(values: Numbers, shape: Sequence[int], field: str, what: str, hint: str = "") -> None:
    """Refuse numbers in another shape.

    Raises:
        Fault: `values` has another shape than `shape`.
    """
    if values.shape != tuple(shape):
        raise Fault(f"{what} have the wrong shape", expected=shape_text(shape), hint=hint, inside=(field,))


def check_given(values: Numbers, field: str, assembly: Assembly) -> None:
    """Refuse null where no seeded start draws what is missing and nothing is given in its place.

    Raises:
        Fault: a number is null; `inside` names it.
    """
    for place in np.ndindex(values.shape):
        if values[place] is None and not (assembly.draws or assembly.partly):
            raise Fault(
                "a number is missing",
                expected="a number",
                hint="To have it drawn, write `initialisation: {seed: 0}` under network.",
                inside=(field, *place),
            )


def nothing(shape: Sequence[int], field: str, assembly: Assembly, hint: str = "") -> Numbers:
    """Return an array of numbers that are to be drawn from the seeded start.

    Raises:
        Fault: there is no seeded start, so they have to be given.
    """
    if not (assembly.draws or assembly.partly):
        raise Fault(
            f"missing: the {field}",
            expected=shape_text(shape),
            hint=hint or "To have them drawn, write `initialisation: {seed: 0}` under network.",
        )
    return np.full(tuple(shape), None, dtype=object)


def shared_or_each(
    values: Numbers | None, count: int, field: str, what: str, assembly: Assembly
) -> Numbers | None:
    """Return numbers for each of `count` units as they are written; one number is shared by all.

    Raises:
        Fault: their number is another, or one is null.
    """
    if values is None:
        return None
    if values.shape:
        check_shape(values, (count,), field, what, "One number without brackets is shared by all.")
    check_given(values, field, assembly)
    return values
