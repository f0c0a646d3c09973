"""The form of a problem file: its fields, their kinds and what they mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from .fields import (
    ActivationName,
    Digits,
    EpochNumber,
    Epochs,
    Exponent,
    Flag,
    Form,
    LossName,
    Num,
    Readout,
    Remark,
    Seed,
    Text,
    TextLine,
    UnitName,
    Units,
    either,
    sample_form,
)

#: The description of fields that are carried along for a reader only.
REMARK = "A remark; not used."

Values = Annotated[
    Annotated[list[Num | None], Tag("<list>")] | Annotated[dict[str, Num | None], Tag("<mapping>")],
    either("a list of numbers, or a mapping from unit to number"),
]
Patterns = Annotated[
    Annotated[list[TextLine], Tag("<list>")] | Annotated[TextLine, Tag("<text>")],
    either("a list of parameter names"),
]


class ActivationForm(Form):
    """An activation with its settings."""

    name: ActivationName = Field(description="The activation's name, as PyTorch has it.")
    negative_slope: Num | None = Field(
        None, description="Of leaky_relu: the slope below zero; 0.01 if not given."
    )
    alpha: Num | None = Field(None, description="Of elu: the scale below zero; 1 if not given.")


class LossForm(Form):
    """A loss with its constant and the way samples are joined."""

    kind: LossName = Field(description="The loss of one sample over its outputs.")
    constant: Num | None = Field(
        None, description="A factor before the loss: 1/2 makes squared_error half of it."
    )
    reduction: Literal["mean", "sum", "sum_over_outputs"] | None = Field(
        None, description="How the losses of a batch's samples are joined: mean (default) or sum."
    )
    descended: Text | None = Field(
        None,
        description="In words: the loss that is descended, `1/2 * sum over the 4 samples of (y - o)**2`.",
    )
    reported: Text | None = Field(
        None, description="In words: the loss that is only reported, `mean over the 4 samples of (y - o)**2`."
    )
    expression: Remark = Field(None, description=REMARK)
    equivalent: Remark = Field(None, description=REMARK)
    ratio: Remark = Field(None, description=REMARK)
    stated_in_article: Remark = Field(None, description=REMARK)
    note: Remark = Field(None, description=REMARK)


ActivationField = Annotated[
    Annotated[ActivationName, Tag("<text>")] | Annotated[ActivationForm, Tag("<mapping>")],
    either("an activation's name, or a mapping such as {name: leaky_relu, negative_slope: 0.1}"),
]
LossField = Annotated[
    Annotated[LossName, Tag("<text>")] | Annotated[LossForm, Tag("<mapping>")],
    either("a loss's name, or a mapping such as {kind: squared_error, reduction: sum}"),
]


class LayerForm(Form):
    """A layer of units, with its matrices where the network is written compactly."""

    name: UnitName | None = Field(None, description="The layer's name: input, hidden, output, ...")
    units: Annotated[
        Annotated[Units, Tag("<text>")] | Annotated[list[UnitName], Tag("<list>")],
        either("how many units, or a list of their names"),
    ] = Field(description="How many units the layer has, or their names.")
    activation: ActivationField | None = Field(
        None, description="The activation; a first layer that has none is the layer of inputs."
    )
    weights: list[list[Num | None]] | None = Field(
        None,
        description="A matrix with one row per receiving unit and one column per unit of the layer before "
        "(with `layout: columns`: one row per unit of the layer before). null: a value that is not given.",
    )
    biases: (
        Annotated[
            Annotated[Num, Tag("<text>")] | Annotated[list[Num | None], Tag("<list>")],
            either("a number (one bias shared by the layer) or a list with a bias for each unit"),
        ]
        | None
    ) = Field(None, description="A bias for each unit, or one number: one bias that the layer shares.")
    note: Remark = Field(None, description=REMARK)


class WeightForm(Form):
    """A named connection between two units."""

    name: UnitName = Field(description="The weight's name.")
    source: UnitName = Field(alias="from", description="The unit it comes from.")
    target: UnitName = Field(alias="to", description="The unit it goes to.")
    value: Num | None = Field(None, description="Its value before the first update; null: not given.")
    status: Remark = Field(None, description=REMARK)
    init: Remark = Field(None, description=REMARK)
    note: Remark = Field(None, description=REMARK)


class BiasForm(Form):
    """A named bias of one or several units."""

    name: UnitName = Field(description="The bias's name.")
    to: Annotated[
        Annotated[UnitName, Tag("<text>")] | Annotated[list[UnitName], Tag("<list>")],
        either("a unit, or a list of units that share the bias"),
    ] = Field(description="The unit it belongs to; several units share one bias.")
    value: Num | None = Field(None, description="Its value before the first update; null: not given.")
    shared: Flag | None = Field(None, description="Whether several units share it; has to agree with `to`.")
    status: Remark = Field(None, description=REMARK)
    init: Remark = Field(None, description=REMARK)
    note: Remark = Field(None, description=REMARK)


class SampleForm(Form):
    """One sample of a batch."""

    inputs: Values = Field(description="A number for each input.")
    targets: Values = Field(description="A number for each output.")


class StartForm(Form):
    """Where weights that are not given come from."""

    seed: Seed = Field(description="The seed of numpy.random.RandomState.")
    distribution: Literal["standard_normal"] = Field(
        "standard_normal", description="The distribution the weights are drawn from."
    )
    note: Remark = Field(None, description=REMARK)


class UpdateForm(Form):
    """Which parameters an update changes."""

    parameters: list[TextLine] | None = Field(None, description="The parameters that are updated.")
    not_updated: list[TextLine] | None = Field(None, description="The parameters that are not updated.")
    simultaneous: Flag = Field(True, description="Always true: all parameters change at once.")
    rule: Remark = Field(None, description=REMARK)
    order: Remark = Field(None, description=REMARK)
    note: Remark = Field(None, description=REMARK)


class TrainingForm(Form):
    """What is asked of the network; these fields may stand at the top or under `network`."""

    epochs: Epochs | None = Field(
        None, description="How many updates are made; 1 if there is a learning rate."
    )
    report_every: Epochs | None = Field(None, description="Which epochs the table of a long run shows.")
    reported_loss: LossField | None = Field(None, description="A second loss that is only reported.")
    frozen: Patterns | None = Field(
        None, description="Parameters that are not updated; patterns such as b* are understood."
    )
    given: dict[str, Num] | None = Field(
        None, description="Activations that are given instead of computed, by unit."
    )


class NetworkForm(TrainingForm):
    """The network and its data."""

    layers: list[LayerForm] = Field(description="The layers in the order of the forward pass.")
    layout: Literal["rows", "columns"] = Field(
        "rows",
        description="rows: a matrix row per receiving unit (PyTorch); columns: per sending unit (Keras).",
    )
    inputs: Values | None = Field(
        None, description="A number for each input; their names if it is a mapping."
    )
    targets: Values | None = Field(None, description="A number for each output.")
    samples: (
        list[
            Annotated[
                Annotated[SampleForm, Tag("<parts>")] | Annotated[dict[str, Num | None], Tag("<flat>")],
                Discriminator(
                    sample_form,
                    custom_error_type="form",
                    custom_error_message="{inputs: ..., targets: ...}, or a number for each input and output",
                ),
            ]
        ]
        | None
    ) = Field(None, description="The samples of a batch, instead of inputs and targets.")
    weights: list[WeightForm] | None = Field(None, description="Named connections.")
    biases: list[BiasForm] | None = Field(None, description="Named biases.")
    loss: LossField = Field("half_squared_error", description="What is minimised.")
    learning_rate: Num | None = Field(None, description="The learning rate; null: gradients only, no update.")
    initialisation: (
        Annotated[
            Annotated[StartForm, Tag("<mapping>")] | Annotated[Text, Tag("<text>")],
            either("{seed: 0}, or a remark"),
        ]
        | None
    ) = Field(None, description="A seeded start for weights whose value is null, or a remark.")
    update: UpdateForm | None = Field(None, description="Which parameters are updated; `frozen` is shorter.")
    given_activations: dict[str, Num] | None = Field(None, description="Another name of `given`.")
    report_epochs: list[EpochNumber] | None = Field(
        None, description="Epochs to report, evenly spaced from 0; `report_every` is shorter."
    )
    note: Remark = Field(None, description=REMARK)


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

    @property
    def options(self) -> dict[str, Any]:
        """The notation options that were written."""
        return dict(self.model_extra or {})


class ProblemForm(TrainingForm):
    """A problem: a network, its data and what is asked."""

    title: TextLine | None = Field(None, description="The title of the sheet.")
    summary: TextLine | None = Field(None, description="One line about the problem.")
    introduction: Text | None = Field(None, description="A paragraph that stands before the work.")
    network: NetworkForm = Field(description="The network and its data.")
    rounding: RoundingForm | None = Field(None, description="How numbers are rounded for display.")
    notation: NotationForm | None = Field(None, description="Names and layout of the derivation.")
