"""Dense layers in a network of any shape, and layers without parameters that only rearrange or activate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, PlainValidator, WithJsonSchema

from ..formulas.names import Name
from ..keys import key
from ..spec import fields
from .giving import TiedField, check_given, check_shape, nothing, shared_or_each, tie_note, tied_weights
from .layer import ActivationField, Assembly, Fault, NumberArray, TypedLayer, Units
from .naming import element, element_name, net_name
from .sizes import parse_shape, shape_text


class DenseLayer(TypedLayer):
    """z = W x + b and a = f(z): every unit takes everything that comes in."""

    type: Literal["dense"] = Field("dense", description="A dense layer.")
    units: fields.Units | None = Field(
        None, description="How many units; as many as the weights have rows if not given."
    )
    activation: ActivationField = Field("identity", description="The activation; identity if not given.")
    weights: NumberArray | None = Field(
        None,
        description="A matrix with one row per unit and one column per incoming value (with `layout: "
        "columns` one row per incoming value); drawn from a seeded start if not given.",
    )
    tied: TiedField | None = Field(None, description="The layer whose weights it takes, instead of weights.")
    biases: NumberArray | None = Field(None, description="A bias for each unit, or one number they share.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay the layer over everything that comes in, taken as one vector.

        Raises:
            Fault: weights or biases are missing or do not fit.
        """
        sources = incoming.ravel()
        tying = "" if self.tied is None else tie_note(self.tied)
        label, weights, biases = self.parameters(len(sources), assembly)
        assembly.stage(f"Dense layer {label}", tying)
        units = self._units(len(weights), label, assembly)
        names = _net_names(units, assembly)
        for row, unit in enumerate(units):
            edges = [(str(source), str(weight)) for source, weight in zip(sources, weights[row], strict=True)]
            assembly.net(unit, edges, biases[row], names[row])
        assembly.activate(units, assembly.activation_kind(self.activation))
        if units[0] == "y1":  # predictions, which targets y are held against
            for number, unit in enumerate(units, start=1):
                assembly.names[key("act", unit)] = Name("y", (str(number),), accent="hat")
        return np.array(units, dtype=object)

    def parameters(
        self, columns: int, assembly: Assembly, families: tuple[str, str] | None = None
    ) -> tuple[str, Units, list[str | None]]:
        """Add the parameters; return the layer's name or number, its weights and the bias of each unit.

        families: what the matrix and the biases are called, where not by the layer's name or number.

        Raises:
            Fault: weights or biases are missing or do not fit.
        """
        number = assembly.number_of("dense")
        mark = f"_{self.name}" if self.name else f"{number}"
        matrix, bias = families or (f"w{mark}", f"b{mark}")
        weights = self._weights(columns, matrix, assembly, as_written=families is not None)
        biases = self._biases(len(weights), bias, assembly)
        return self.name or str(number), weights, biases

    def _units(self, count: int, label: str, assembly: Assembly) -> list[str]:
        """Return the units' names: o1.. in the last layer, h<layer>_1.. in others, or by the layer's name.

        A recurrent layer has output gates o1.. and states h1_1..; beside them it is y1.. and d<layer>_1..
        """
        if self.name:
            return [element(self.name, (n,)) for n in range(1, count + 1)]
        first, other = ("o", "y") if assembly.last else (f"h{label}_", f"d{label}_")
        stem = other if any(assembly.taken(f"{first}{n}") for n in range(1, count + 1)) else first
        return [f"{stem}{n}" for n in range(1, count + 1)]

    def _weights(self, columns: int, family: str, assembly: Assembly, *, as_written: bool = False) -> Units:
        """Return the names of the weights, one row per unit.

        as_written: they are named by row and column as the file has them, as in a recurrent layer.
        """
        if self.tied is not None:
            weights = self._tied(columns, assembly)
        elif as_written and assembly.columns and self.weights is not None and self.weights.ndim == 2:
            self._values(columns, assembly)
            weights = assembly.parameter_array(family, self.weights).T
        else:
            weights = assembly.parameter_array(family, self._values(columns, assembly))
        if self.name:
            assembly.kernels[self.name] = weights
        return weights

    def _tied(self, columns: int, assembly: Assembly) -> Units:
        assert self.tied is not None
        if self.weights is not None:
            raise Fault(
                "a tied layer has no weights of its own", expected="weights or tied", inside=("weights",)
            )
        weights = tied_weights(self.tied, assembly)
        rows = self.units or (weights.shape[0] if weights.ndim == 2 else 1)
        if weights.shape != (rows, columns):
            turned = (
                "Transposed it fits: write `transposed: true`." if weights.shape == (columns, rows) else ""
            )
            raise Fault(
                f"the weights it is tied to are {shape_text(weights.shape)}",
                expected=f"{rows} x {columns}",
                hint=turned,
                inside=("tied",),
            )
        return weights

    def _values(self, columns: int, assembly: Assembly) -> Units:
        """Return the given weights, one row per unit."""
        if self.weights is None:
            if self.units is None:
                raise Fault("neither units nor weights", expected="weights, or how many units there are")
            return nothing((self.units, columns), "weights", assembly)
        turned = assembly.columns and self.weights.ndim == 2
        values: Units = self.weights.T if turned else self.weights
        rows = self.units or (values.shape[0] if values.ndim else 1)
        if values.shape != (rows, columns):
            self._refuse(values, rows, columns, assembly)
        check_given(self.weights, "weights", assembly)
        return values

    def _refuse(self, values: Units, rows: int, columns: int, assembly: Assembly) -> None:
        if values.ndim == 2 and values.shape[1] == columns:
            raise Fault("units and rows of weights differ", expected=f"{values.shape[0]}", inside=("units",))
        turned = "A row per incoming value is `layout: columns` under network."
        fits = values.ndim == 2 and values.shape[0] == columns and not assembly.columns
        shape = (columns, rows) if assembly.columns else (rows, columns)
        assert self.weights is not None
        check_shape(self.weights, shape, "weights", "the weights", turned if fits else "")

    def _biases(self, count: int, family: str, assembly: Assembly) -> list[str | None]:
        values = shared_or_each(self.biases, count, "biases", "the biases", assembly)
        if values is None:
            return [None] * count
        if not values.shape:
            return [assembly.parameter(family, values.item())] * count
        return list(assembly.parameter_array(family, values))


def _net_names(units: Sequence[str], assembly: Assembly) -> list[Name]:
    """Return how net inputs are printed; with the units' letter where a convolution's have the same names."""
    names = [net_name(unit) for unit in units]
    if set(names) & set(assembly.names.values()):
        return [
            replace(name, sub=(element_name(unit).base + "".join(name.sub),))
            for name, unit in zip(names, units, strict=True)
        ]
    return names


class ActivationLayer(TypedLayer):
    """a = f(z) of everything that comes in, element by element or, for softmax, along the last axis."""

    type: Literal["activation"] = Field("activation", description="An activation.")
    activation: ActivationField = Field(description="The activation.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay one node per element."""
        activation = assembly.activation_kind(self.activation)
        number = assembly.number_of("activation")
        assembly.stage(f"Activation {self.name or number}: {activation.name.replace('_', ' ')}")
        outgoing = assembly.activate_sent(incoming, activation, self.name or f"a{number}")
        assembly.keep_space(incoming, outgoing)
        return outgoing


class FlattenLayer(TypedLayer):
    """Everything that comes in as one vector, in row-major order: nothing is computed."""

    type: Literal["flatten"] = Field("flatten", description="Everything as one vector.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Return the same units as a vector."""
        return incoming.ravel()


class ReshapeLayer(TypedLayer):
    """Everything that comes in, in row-major order, in another shape: nothing is computed."""

    type: Literal["reshape"] = Field("reshape", description="The same values in another shape.")
    shape: Annotated[tuple[int, ...], PlainValidator(parse_shape), WithJsonSchema({"type": "array"})] = Field(
        description="The new shape, as in [2, 4, 4]."
    )

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Return the same units in the new shape.

        Raises:
            Fault: the shape has another number of places.
        """
        if prod(self.shape) != incoming.size:
            raise Fault(
                f"the shape has {prod(self.shape)} places",
                expected=f"{incoming.size}, for data of {shape_text(incoming.shape)}",
                inside=("shape",),
            )
        return incoming.reshape(self.shape)


__all__ = ["ActivationLayer", "DenseLayer", "FlattenLayer", "ReshapeLayer"]
