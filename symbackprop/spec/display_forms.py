"""The forms of rounding, names and notation in a problem file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, Tag

from .fields import (
    Digits,
    Exponent,
    Form,
    Readout,
    TextLine,
    either,
)

Patterns = Annotated[
    Annotated[list[TextLine], Tag("<list>")] | Annotated[TextLine, Tag("<text>")],
    either("a list of parameter names"),
]


class RoundingChange(Form):
    """How numbers are rounded for display; a field that is not written stays as it is."""

    digits: Digits = Field(6, description="Decimal places, or significant digits.")
    kind: Literal["places", "significant"] = Field("significant", description="What `digits` counts.")
    mode: Literal["half_even", "half_up", "truncate"] = Field(
        "half_even", description="To nearest with ties to even or away from zero, or towards zero."
    )
    readout: Readout | None = Field(
        None, description="Significant digits of a calculator's read-out, rounded before all else."
    )
    zeros: Literal["keep", "drop", "exact"] = Field(
        "exact", description="Trailing zeros: kept, dropped, or dropped only where the number shown is exact."
    )
    exponent: Exponent | None = Field(None, description="Print as a mantissa times ten to this power.")
    scientific_below: Exponent | None = Field(
        -3, description="Below ten to this power numbers are printed in scientific form; null: never."
    )


class RoundingForm(RoundingChange):
    """The rounding of a whole sheet."""

    carry: Literal["exact", "shown"] = Field(
        "exact", description="What the next step uses: the full value, or the value as it is displayed."
    )
    roles: dict[str, RoundingChange] = Field(
        {}, description="Other roundings by quantity, as in `act.*: {digits: 2}`."
    )
    again: dict[str, RoundingChange] = Field(
        {}, description="Quantities displayed a second time, as in `loss~4: {digits: 4}`."
    )


class NameForm(Form):
    """The parts of a printed name."""

    base: TextLine = Field(description="The letter or word itself.")
    sub: Patterns = Field([], description="Subscripts.")
    sup: Patterns = Field([], description="Superscripts.")
    accent: Literal["", "hat", "bar", "tilde", "dot"] = Field("", description="An accent over the base.")
    primes: Annotated[Digits, Field(description="How many primes follow.")] = 0


NameField = Annotated[
    Annotated[TextLine, Tag("<text>")] | Annotated[NameForm, Tag("<mapping>")],
    either("a short name such as w_5 or hat y_1, or a mapping {base, sub, sup, accent, primes}"),
]


class NotationForm(Form):
    """What quantities are called and how a derivation is laid out."""

    model_config = ConfigDict(extra="allow", frozen=True)

    preset: TextLine | None = Field(None, description="The notation to start from.")
    names: dict[str, NameField] = Field(
        {}, description="Printed names by quantity, as in `net.h1: z_1` or `loss: E_total`."
    )
    letters: dict[str, NameField] = Field(
        {}, description="Letters by family of quantities, as in `net: a`, `output: hat y` or `loss: L`."
    )

    @property
    def options(self) -> dict[str, Any]:
        """The notation options that were written."""
        return dict(self.model_extra or {})
