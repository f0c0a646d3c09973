"""Bringing flows of data together: residual, add, multiply, concat; and scaling by a constant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from ..formulas.names import Name
from ..formulas.terms import Product, Sum, Term
from ..spec.fields import Num, UnitName
from ..spec.suggest import did_you_mean, listed
from .label import label
from .layer import ActivationField, Assembly, Fault, TypedLayer, Units
from .laying import lay_all
from .sizes import shape_text

if TYPE_CHECKING:
    from ..spec.general_forms import LayerField


class Combination(TypedLayer):
    """Several earlier layers of equal shape, value by value."""

    source: list[UnitName] = Field(alias="from", description="The layers it takes, by name: at least two.")

    def combined(self, values: Sequence[Term]) -> Term:
        """Return what stands for values at the same place."""
        raise NotImplementedError(type(self).__name__)

    @property
    def words(self) -> tuple[str, str, str]:
        """Its title, the letter its units have, and what is done, in words."""
        raise NotImplementedError(type(self).__name__)

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay a node for every place.

        Raises:
            Fault: a layer is not there, or the shapes differ.
        """
        arrays = earlier(self.source, assembly)
        for index, array in enumerate(arrays):
            if array.shape != arrays[0].shape:
                raise Fault(
                    f"the shapes differ: {self.source[0]} is {shape_text(arrays[0].shape)}, "
                    f"{self.source[index]} is {shape_text(array.shape)}",
                    expected="layers of the same shape",
                    inside=("from",),
                )
        title, letter, note = self.words
        own = label(self.name, title, letter, assembly)
        assembly.stage(f"{title} {self.name or own.mark}".strip(), note)
        return lay_together(arrays, self.combined, own.unit, lambda place: own.sent(letter, place), assembly)


class AddLayer(Combination):
    """s = a + b + ...: the derivative goes to every one of them unchanged."""

    type: Literal["add"] = Field("add", description="The sum of earlier layers, value by value.")

    @property
    def words(self) -> tuple[str, str, str]:
        """Addition, s."""
        return (
            "Addition",
            "s",
            "Value by value; on the way back the derivative goes to each of them unchanged.",
        )

    def combined(self, values: Sequence[Term]) -> Term:
        """Return the sum."""
        return Sum(tuple(values))


class MultiplyLayer(Combination):
    """m = a b ...: the derivative by each is the product of the others."""

    type: Literal["multiply"] = Field(
        "multiply", description="The product of earlier layers, value by value."
    )

    @property
    def words(self) -> tuple[str, str, str]:
        """Multiplication, m."""
        return (
            "Multiplication",
            "m",
            "Value by value; the derivative by one factor is the product of the others.",
        )

    def combined(self, values: Sequence[Term]) -> Term:
        """Return the product."""
        return Product(tuple(values))


class ConcatLayer(TypedLayer):
    """Earlier layers one after another along an axis: nothing is computed."""

    type: Literal["concat"] = Field("concat", description="Earlier layers one after another.")
    source: list[UnitName] = Field(alias="from", description="The layers it takes, by name: at least two.")
    axis: Literal["first", "last"] = Field(
        "last", description="Along which axis: last (features) or first (the channels of maps)."
    )

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Return the same units in one array.

        Raises:
            Fault: a layer is not there, or the shapes differ along another axis.
        """
        arrays = earlier(self.source, assembly)
        rest = [array.shape[1:] if self.axis == "first" else array.shape[:-1] for array in arrays]
        for index, shape in enumerate(rest):
            if shape != rest[0] or arrays[index].ndim != arrays[0].ndim:
                raise Fault(
                    f"{self.source[0]} is {shape_text(arrays[0].shape)}, "
                    f"{self.source[index]} is {shape_text(arrays[index].shape)}",
                    expected=f"shapes that differ along the {self.axis} axis only",
                    inside=("from",),
                )
        joined: Units = np.concatenate(arrays, axis=0 if self.axis == "first" else -1)
        assembly.set_space(joined, assembly.axes_in_space(arrays[0]))
        return joined


class ScaleLayer(TypedLayer):
    """y = c x for a given constant c."""

    type: Literal["scale"] = Field("scale", description="Everything times a constant.")
    factor: Num = Field(description="The constant.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay a node for every place."""
        own = label(self.name, "scale", "y", assembly)
        assembly.stage(f"Scaling {self.name or own.mark}".strip(), "Every value times a given constant.")
        return lay_together(
            [incoming],
            lambda values: Product((self.factor, *values)),
            own.unit,
            lambda place: own.sent("y", place),
            assembly,
        )


class ResidualLayer(TypedLayer):
    """r = F(x) + x: what came in is added to what the inner layers make of it.

    Source: He and others, Deep Residual Learning for Image Recognition, 2015, equations 1 and 2.
    """

    type: Literal["residual"] = Field("residual", description="Inner layers, and what came in added to them.")
    layers: list[LayerField] = Field(description="The inner layers, in the order of the forward pass.")
    shortcut: list[LayerField] = Field(
        [], description="Layers on the way past them, such as a projection; none if not given."
    )
    activation: ActivationField = Field("identity", description="Applied after the addition.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay the inner layers, the shortcut and their sum.

        Raises:
            Fault: what the inner layers send out has another shape than what came in.
        """
        own = label(self.name, "residual", "r", assembly)
        last, assembly.last = assembly.last, False
        inner = lay_all(self.layers, "layers", incoming, assembly)
        past = lay_all(self.shortcut, "shortcut", incoming, assembly)
        assembly.last = last
        if inner.shape != past.shape:
            raise Fault(
                f"{shape_text(past.shape)} is to be added to {shape_text(inner.shape)}",
                expected="inner layers that send out as much as comes in",
                hint="A projection may stand under shortcut: `shortcut: [{type: dense, weights: ...}]`.",
                inside=("layers",) if not self.shortcut else ("shortcut",),
            )
        assembly.stage(
            f"Residual connection {self.name or own.mark}".strip(),
            "What went past is added; on the way back the derivative reaches both ways.",
        )
        activation = assembly.activation_kind(self.activation)
        plain = activation.name == "identity"
        letter = "r" if plain else "s"
        added = own if plain else label(None, "residual sum", "s_res", assembly)
        total = lay_together(
            [inner, past],
            lambda values: Sum(tuple(values)),
            added.unit,
            lambda place: added.sent(letter, place),
            assembly,
        )
        if plain:
            return total
        outgoing = assembly.activate_sent(total, activation, own.stem)
        assembly.keep_space(total, outgoing)
        return outgoing


def earlier(names: Sequence[str], assembly: Assembly) -> list[Units]:
    """Return what earlier layers, or inputs, send out.

    Raises:
        Fault: there are fewer than two names, or one is unknown.
    """
    if len(names) < 2:
        raise Fault("too few layers", expected="at least two names", inside=("from",))
    for index, name in enumerate(names):
        if name not in assembly.outputs:
            raise Fault(
                "no earlier layer has this name",
                expected=f"one of {listed(assembly.outputs)}",
                hint=did_you_mean(name, assembly.outputs),
                inside=("from", index),
            )
    return [assembly.outputs[name] for name in names]


def lay_together(
    arrays: Sequence[Units],
    combined: Callable[[Sequence[Term]], Term],
    unit: Callable[[Sequence[int]], str],
    name: Callable[[Sequence[int]], Name],
    assembly: Assembly,
) -> Units:
    """Add a node for every place of arrays of equal shape, over the values at that place."""
    outgoing = np.empty(arrays[0].shape, dtype=object)
    for place in np.ndindex(outgoing.shape):
        sources = [str(array[place]) for array in arrays]

        def formula(sample: int | None, sources: Sequence[str] = sources) -> Term:
            return combined([assembly.sent(source, sample) for source in sources])

        outgoing[place] = assembly.node(unit(place), formula, name(place))
    assembly.keep_space(arrays[0], outgoing)
    return outgoing
