"""Positional encodings: what tells a token, or a time step, its place in the sequence."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ..formulas.names import Name
from ..formulas.terms import Call, Fraction, Number, Power, Sum, Term
from ..spec.fields import Num
from .assembly import Assembly, Numbers, Sample, Units
from .giving import check_given, check_shape
from .label import below
from .layer import Fault, NumberArray, TypedLayer
from .naming import element
from .sizes import shape_text


class PositionalEncodingLayer(TypedLayer):
    """p_{t,j} = x_{t,j} + PE(t, j) for tokens x features, positions t counted from 0.

    PE(t, 2i) = sin(t / base^(2i/d)) and PE(t, 2i+1) = cos(t / base^(2i/d)), or a matrix of parameters.
    Source: Vaswani et al. 2017, "Attention is all you need", section 3.5.
    """

    type: Literal["positional_encoding"] = Field(
        "positional_encoding", description="A place added to each token."
    )
    base: Num = Field(Number("10000"), description="The base of the wave lengths; 10000 if not given.")
    weights: NumberArray | None = Field(
        None, description="A trained encoding instead of sines and cosines: tokens x features."
    )

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay one sum per element.

        Raises:
            Fault: what comes in is not tokens x features, or the parameters have another shape.
        """
        if incoming.ndim != 2:
            raise Fault(f"{shape_text(incoming.shape)} values come in", expected="tokens x features")
        number = assembly.number_of("positional_encoding")
        stem = self.name or ("p" if number == 1 else f"p{number}_")
        trained = self._parameters(incoming, assembly)
        what = "The position of each token is added to it"
        note = f"{what}, as a trained number." if trained is not None else f"{what}, as sines and cosines."
        assembly.stage(f"Positional encoding {self.name or number}", note)
        result = np.empty(incoming.shape, dtype=object)
        for token, feature in np.ndindex(incoming.shape):
            source = str(incoming[token, feature])
            added = (
                self._wave(token, feature, incoming.shape[1])
                if trained is None
                else assembly.weight(str(trained[token, feature]))
            )

            def formula(sample: Sample, source: str = source, added: Term = added) -> Term:
                return Sum((assembly.sent(source, sample), added))

            unit = element(stem.rstrip("_"), (token + 1, feature + 1))
            above = (stem.replace("_", " ").strip(),) if stem != "p" else ()
            result[token, feature] = assembly.node(unit, formula, Name("p", below((token, feature)), above))
        return result

    def _parameters(self, incoming: Units, assembly: Assembly) -> Units | None:
        values: Numbers | None = self.weights
        if values is None:
            return None
        check_shape(values, incoming.shape, "weights", "the encodings")
        check_given(values, "weights", assembly)
        return assembly.parameter_array(f"P_{self.name}" if self.name else "P", values)

    def _wave(self, token: int, feature: int, width: int) -> Term:
        """Return the sine or cosine that is added; sin(0) and cos(0) too, so that the pattern shows."""
        even = feature - feature % 2
        position: Term = Number(str(token))
        if even:
            power = Power(self.base, Fraction(Number(str(even)), Number(str(width)), inline=True))
            position = Fraction(position, power)
        return Call("cos" if feature % 2 else "sin", (position,))


__all__ = ["PositionalEncodingLayer"]
