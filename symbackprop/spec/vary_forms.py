"""The form of `vary:` in a problem file: what each number may be, and which draws are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import ConfigDict, Field, PlainValidator, Tag, WithJsonSchema

from .choices import Choice, Kept, Suggested
from .choosing import DISTRIBUTIONS, parse_choice
from .fields import Attempts, Flag, Form, Num, Readout, Units, either
from .function_forms import ActivationField
from .text.numerals import NUMBER_PATTERN

_NUMBER = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER_PATTERN}]}
_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"type": "number"},
        {"type": "string", "minLength": 1},
        {"type": "array", "items": _NUMBER, "minItems": 1},
        {
            "type": "object",
            "properties": {
                "distribution": {"enum": list(DISTRIBUTIONS), "description": "The distribution."},
                "mean": {**_NUMBER, "description": "The mean of a normal distribution."},
                "sd": {**_NUMBER, "description": "Its standard deviation."},
                "from": {**_NUMBER, "description": "The smallest number."},
                "to": {**_NUMBER, "description": "The largest number."},
                "by": {**_NUMBER, "description": "The step of the grid."},
            },
            "additionalProperties": False,
        },
    ]
}

ChoiceField = Annotated[Choice, PlainValidator(parse_choice), WithJsonSchema(_SCHEMA)]


class LayerVaryForm(Form):
    """What varies of a layer's structure."""

    units: (
        Annotated[
            Annotated[Units, Tag("<text>")] | Annotated[list[Units], Tag("<list>")],
            either("a number of units, or a list of such numbers"),
        ]
        | None
    ) = Field(None, description="How many units the layer may have.")
    activation: (
        Annotated[
            Annotated[ActivationField, Tag("<text>")]
            | Annotated[list[ActivationField], Tag("<list>")]
            | Annotated[ActivationField, Tag("<mapping>")],
            either("an activation, or a list of activations"),
        ]
        | None
    ) = Field(None, description="The activations that it may have.")


class QualityForm(Form):
    """Which draws are wanted; null where a number stands, false elsewhere, leaves a condition out."""

    saturation: Num | None = Field(
        None,
        description="No unit is saturated: the slope of its activation is at least this part of the "
        "steepest; 0.1.",
    )
    digits: Readout | None = Field(
        None, description="No answer vanishes: each has so many significant digits as it is printed; 2."
    )
    kink: Num | None = Field(
        None, description="No value is as near as this to a kink of an activation or a loss; 0.01."
    )
    living_and_dead: Units | None = Field(
        None, description="ReLU layers of at least so many units have both living and dead ones; 3."
    )
    distinct: Flag | None = Field(None, description="No two weights, biases or inputs are equal; true.")
    diagnosable: Flag | None = Field(
        None,
        description="No two mistakes print the same answer, so that a wrong one can be explained; false.",
    )
    distinct_answers: Flag | None = Field(None, description="No two answers are printed alike; true.")
    nonzero: Flag | None = Field(None, description="A range that crosses zero leaves it out; true.")
    learning_rate: Flag | None = Field(
        None, description="A rate of 0.5 is left out where it makes two mistakes look alike; true."
    )
    effort: Num | None = Field(
        None,
        description="How far the share of negative numbers may lie from what is expected; clipping and "
        "losses by cases take the same case as with the problem's own numbers; 0.25.",
    )
    attempts: Attempts = Field(500, description="How many draws are tried for a variant.")


class VaryForm(Form):
    """What varies from student to student; a quantity by its name or a pattern may stand here too."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, ChoiceField]

    inputs: ChoiceField = Field(Suggested(), description="What the inputs may be.")
    targets: ChoiceField = Field(Suggested(), description="What the targets may be.")
    weights: ChoiceField = Field(Suggested(), description="What the weights may be.")
    biases: ChoiceField = Field(Suggested(), description="What the biases may be.")
    learning_rate: ChoiceField = Field(Kept(), description="What the learning rate may be; it stays.")
    given: ChoiceField = Field(Suggested(), description="What given activations and error terms may be.")
    layers: dict[str, LayerVaryForm] = Field(
        {}, description="Layer sizes and activations, by the layer's number or name, of a compact network."
    )
    quality: QualityForm | None = Field(None, description="Which draws are wanted.")

    @property
    def named(self) -> Mapping[str, Choice]:
        """What is said of single quantities and patterns, in the order of the file."""
        return dict(self.model_extra or {})
