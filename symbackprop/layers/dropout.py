"""Dropout with a given mask: values are kept or set to zero, and those kept are scaled up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction as Rational
from typing import Literal

import numpy as np
from pydantic import Field

from ..formulas.names import Name
from ..formulas.terms import Fraction, Negation, Number, Product, Sum, Term
from ..keys import key
from ..spec.fields import Num
from .label import Label, label
from .layer import Assembly, Fault, NumberArray, Numbers, TypedLayer, Units
from .sizes import shape_text

ONE = Number("1")


class DropoutLayer(TypedLayer):
    """xt = m x / (1 - p): m is 1 for a value that is kept and 0 for one that is dropped, p the rate.

    Source: Srivastava and others, Dropout, 2014; the scaling while training (inverted) is PyTorch's.
    """

    type: Literal["dropout"] = Field("dropout", description="Dropout with a given mask.")
    mask: NumberArray | None = Field(
        None, description="For each value 1 if it is kept and 0 if it is dropped, the same in every sample."
    )
    masks: list[NumberArray] | None = Field(None, description="A mask for each sample, instead of mask.")
    rate: Num | None = Field(None, description="The dropout rate p; kept values are divided by 1 - p.")
    scale: Literal["inverted", "none"] = Field(
        "inverted", description="inverted: kept values are divided by 1 - rate; none: they stay as they are."
    )

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay a product of mask and value for everything that comes in.

        Raises:
            Fault: masks or rate are missing, do not fit, or are out of range.
        """
        masks = self._masks(incoming, assembly)
        self._check_rate()
        own = label(self.name, "dropout", "d", assembly)
        assembly.stage(f"Dropout {self.name or own.mark}".strip(), self._note())
        outgoing = np.empty(incoming.shape, dtype=object)
        for place in np.ndindex(incoming.shape):
            factor = self._factor(place, masks, own, assembly)
            source, unit = str(incoming[place]), own.unit(place)
            formula = self._formula(factor, source, assembly)
            outgoing[place] = assembly.node(unit, formula, _dropped(source, assembly))
        assembly.keep_space(incoming, outgoing)
        return outgoing

    def _formula(self, factor: str, source: str, assembly: Assembly) -> Callable[[int | None], Term]:
        def formula(sample: int | None) -> Term:
            kept = Product((assembly.sent(factor, sample), assembly.sent(source, sample)))
            return kept if self._divisor is None else Fraction(kept, self._divisor)

        return formula

    def _masks(self, incoming: Units, assembly: Assembly) -> Sequence[Numbers]:
        """Return the mask of every sample."""
        if (self.mask is None) == (self.masks is None):
            raise Fault("dropout needs a mask", expected="either mask or masks",
                        hint="As in `mask: [1, 0, 1]`: 1 for a value that is kept.")  # fmt: skip
        masks: list[Numbers] = self.masks or [self.mask] * len(assembly.samples)
        if len(masks) != len(assembly.samples):
            raise Fault("not a mask for each sample", expected=f"{len(assembly.samples)}", inside=("masks",))
        for index, mask in enumerate(masks):
            inside = ("mask",) if self.masks is None else ("masks", index)
            if mask.shape != incoming.shape:
                expected = f"{shape_text(incoming.shape)}, as what comes in"
                raise Fault("the mask has the wrong shape", expected=expected, inside=inside)
            for place in np.ndindex(mask.shape):
                if mask[place] is None or Rational(str(mask[place])) not in (0, 1):
                    raise Fault("a mask is of ones and zeros", expected="0 or 1", inside=(*inside, *place))
        return masks

    def _check_rate(self) -> None:
        if self.scale == "inverted" and self.rate is None:
            raise Fault("missing: the rate", expected="a rate from 0 to below 1",
                        hint="`scale: none` leaves kept values as they are.")  # fmt: skip
        if self.rate is not None and not 0 <= Rational(str(self.rate)) < 1:
            raise Fault("not a rate", expected="a number from 0 to below 1", inside=("rate",))

    def _note(self) -> str:
        kept = "stay as they are" if self._divisor is None else "are divided by one minus the rate"
        return (
            f"The mask m is given: 1 keeps a value, 0 drops it. Kept values {kept}; no gradient passes a 0."
        )

    @property
    def _divisor(self) -> Term | None:
        if self.scale == "none" or self.rate is None:
            return None
        return Sum((ONE, Negation(self.rate)))

    def _factor(self, place: Sequence[int], masks: Sequence[Numbers], own: Label, assembly: Assembly) -> str:
        """Return the name of one value of the mask, a given number of each sample."""
        name = Label(f"{own.stem}_mask", "").unit(place)
        assembly.wired[name] = None
        return assembly.constant(name, [mask[tuple(place)] for mask in masks], own.printed("m", place))


def _dropped(source: str, assembly: Assembly) -> Name:
    """Return the name of a value with a tilde, as it goes out."""
    name = assembly.names[source if source in assembly.inputs else key("act", source)]
    return name.primed() if name.accent else replace(name, accent="tilde")
