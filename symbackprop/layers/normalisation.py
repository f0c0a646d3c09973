"""Normalisation: values less their mean, over the root of their variance; then scaled and shifted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from ..formulas.terms import Call, Fraction, Group, Negation, Number, Power, Product, Sum, Term
from ..spec.fields import Num
from .giving import check_given, check_shape
from .label import Label
from .layer import Assembly, Fault, NumberArray, Numbers, TypedLayer, Units
from .naming import element
from .pooling import mean
from .sizes import Place

ONE, TWO = Number("1"), Number("2")
Sample = int | None


@dataclass(frozen=True, slots=True)
class Centre:
    """What the values of one group are moved and divided by: terms of a mean and a variance.

    mean: None where values are not moved. The keys are those of the two quantities; "" for given numbers,
    by which there is no derivative.
    """

    mean: Term | None
    variance: Term
    mean_key: str = ""
    variance_key: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """One value that is normalised: its unit, where it stands in the array, and how that is printed."""

    source: str
    index: Place
    place: Place
    channel: Place
    gamma: str | None
    beta: str | None


class Normalisation(TypedLayer):
    """xh = (x - mu) / sqrt(v + epsilon) and y = gamma xh + beta."""

    gamma: NumberArray | None = Field(None, description="The scale: one number, or one for each feature.")
    beta: NumberArray | None = Field(None, description="The shift: one number, or one for each feature.")
    epsilon: Num = Field(Number("1", -5), description="What is added to the variance; 1e-5 if not given.")

    def parameters(self, field: str, shape: Place, own: Label, assembly: Assembly) -> Units:
        """Return the names of the scales or the shifts in a shape, None where there are none.

        Raises:
            Fault: they have another shape, or one is null.
        """
        if self.epsilon.negative:
            raise Fault("below zero", expected="at least 0", inside=("epsilon",))
        values: Numbers | None = getattr(self, field)
        names = np.full(shape, None, dtype=object)
        if values is None:
            return names
        if values.shape:
            hint = "One number without brackets is shared by all."
            check_shape(values, shape, field, f"the numbers of {field}", hint)
        check_given(values, field, assembly)
        family = own.family(field)
        if not values.shape:
            names[...] = assembly.parameter(family, values.item(), own.printed(field))
            return names
        for place in np.ndindex(shape):
            name = element(family, [at + 1 for at in place])
            names[place] = assembly.parameter(name, values.item(*place), own.printed(field, place), family)
        return names

    def under_root(self, variance: Term) -> Term:
        """Return the variance plus epsilon."""
        return variance if not self.epsilon.text.strip("0.") else Sum((variance, self.epsilon))

    def lay_value(self, spot: Spot, centre: Mapping[Sample, Centre], own: Label, assembly: Assembly) -> str:
        """Add the normalised value and, if there is a scale or a shift, after it the value with both."""
        unit = own.unit(spot.index)
        plain = spot.gamma is None and spot.beta is None
        hat = unit if plain else Label(f"{own.stem}_hat", "").unit(spot.index)
        self._lay_normalised(hat, spot, centre, own, assembly)
        if plain:
            return unit

        def formula(sample: Sample) -> Term:
            value = assembly.sent(hat, sample)
            scaled = value if spot.gamma is None else Product((assembly.weight(spot.gamma), value))
            return scaled if spot.beta is None else Sum((scaled, assembly.weight(spot.beta)))

        return assembly.node(unit, formula, own.sent("y", spot.place, *spot.channel))

    def _lay_normalised(
        self, hat: str, spot: Spot, centre: Mapping[Sample, Centre], own: Label, assembly: Assembly
    ) -> None:
        def formula(sample: Sample) -> Term:
            found = centre[sample]
            value = assembly.sent(spot.source, sample)
            above = value if found.mean is None else Sum((value, _minus(found.mean)))
            return Fraction(above, Call("sqrt", (self.under_root(found.variance),)))

        def partials(sample: Sample) -> dict[str, Term]:
            found = centre[sample]
            under = self.under_root(found.variance)
            share = Fraction(ONE, Call("sqrt", (under,)))
            normalised = assembly.sent(hat, sample)
            return {
                assembly.sent_key(spot.source, sample): share,
                found.mean_key: Negation(share),
                found.variance_key: Negation(Fraction(normalised, Product((TWO, Group(under))))),
            }

        name = own.printed("x", spot.place, *spot.channel, accent="hat")
        assembly.node(hat, formula, name, partials=partials)


def mean_of(values: Sequence[Term]) -> Term:
    """Return the mean of some values."""
    return mean(list(values), len(values))


def variance_of(values: Sequence[Term], centre: Term) -> Term:
    """Return the mean of the squared differences from a mean: the biased variance, over N and not N - 1."""
    return mean([Power(Sum((value, Negation(centre))), TWO) for value in values], len(values))


def _minus(term: Term) -> Term:
    """Return minus a term; of a negative number its magnitude."""
    return term.magnitude if isinstance(term, Number) and term.negative else Negation(term)


def variance_slope(values: Sequence[Term], centre: Term) -> Term:
    """Return the derivative of a variance by its mean, -2/N times the sum of the differences: always 0."""
    differences = Sum(tuple(Group(Sum((value, Negation(centre)))) for value in values))
    share = Fraction(TWO, Number(str(len(values))))
    return Negation(Product((share, Group(differences, "square"))))


VARIANCE_NOTE = "the differences from a mean sum to zero, so a variance passes nothing on to its mean"
