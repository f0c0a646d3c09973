"""The form of a problem file: its fields, their kinds and what they mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from .fields import (
    ActivationName,
    Amount,
    AmountList,
    Constant,
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
    Share,
    Text,
    TextLine,
    UnitName,
    Units,
    activation_form,
    data_form,
    either,
    loss_form,
    sample_form,
)
from .update_forms import UpdateFields

#: The description of fields that are carried along for a reader only.
REMARK = "A remark; not used."

Values = Annotated[
    Annotated[AmountList, Tag("<list>")] | Annotated[dict[str, Amount | None], Tag("<mapping>")],
    either("a list of numbers, or a mapping from unit to number"),
]
Data = Annotated[
    Annotated[list[AmountList], Tag("<matrix>")]
    | Annotated[AmountList, Tag("<list>")]
    | Annotated[dict[str, Amount | None], Tag("<mapping>")],
    Discriminator(
        data_form,
        custom_error_type="form",
        custom_error_message="a list of numbers, a mapping from unit to number, or for a batch a matrix",
    ),
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
    alpha: Num | None = Field(
        None, description="Of elu and celu: the scale below zero, 1 if not given; of selu too."
    )
    scale: Num | None = Field(None, description="Of selu: the scale of the whole function.")
    slope: Num | None = Field(
        None,
        description="Of hard_sigmoid: the slope of its line, 1/6 if not given (Keras had 0.2). Of step: "
        "what is taken as its derivative, 1 (the perceptron rule, if not given) or 0.",
    )
    offset: Num | None = Field(None, description="Of hard_sigmoid: its value at 0; 1/2 if not given.")
    min_val: Num | None = Field(None, description="Of hardtanh: the least value; -1 if not given.")
    max_val: Num | None = Field(None, description="Of hardtanh: the largest value; 1 if not given.")
    at_zero: Num | None = Field(None, description="Of step: its value at 0; 1 if not given.")
    low: Num | None = Field(None, description="Of step: its value below 0; 0 if not given, -1 for a sign.")
    kink: Share | None = Field(
        None,
        description="The derivative at a kink: left, right, or the share of the right one from 0 to 1.",
    )
    approximate: Literal["none", "tanh"] | None = Field(
        None, description="Of gelu: none (exact, with erf) or the tanh form."
    )


class OwnActivationForm(Form):
    """An activation that the author defines by an expression over z."""

    name: TextLine = Field(description="What the function is called and printed as: f, swish, ...")
    expression: Text = Field(description="The function over z: `z/(1 + abs(z))`.")
    derivative: Text | None = Field(
        None,
        description="Its derivative as the course writes it, over z and the activation a: `a*(1 - a)`. It is "
        "proved equal to SymPy's, or refused.",
    )


class LossForm(Form):
    """A loss with its constant and the way samples are joined."""

    kind: LossName = Field(description="The loss of one sample over its outputs.")
    constant: Constant | None = Field(
        None,
        description="A factor before the loss: 1/2 makes squared_error half of it; 1/K and 1/N are one over "
        "the number of outputs and of samples.",
    )
    delta: Num | None = Field(None, description="Of huber: where the square ends; 1 if not given.")
    margin: Num | None = Field(None, description="Of the hinge losses: the margin; 1 if not given.")
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
    expression: Remark = Field(
        None, description="Of a custom loss: one output's error over t and o; otherwise a remark."
    )
    equivalent: Remark = Field(None, description=REMARK)
    ratio: Remark = Field(None, description=REMARK)
    stated_in_article: Remark = Field(None, description=REMARK)
    note: Remark = Field(None, description=REMARK)


class OwnLossForm(Form):
    """A loss that the author defines by the error of one output over t and o."""

    kind: Literal["custom"] = Field(description="That the expression defines the loss.")
    expression: Text = Field(description="One output's error over target t and output o: `(t-o)^4/4`.")
    derivative: Text | None = Field(
        None,
        description="Its derivative by o as the course writes it. It is proved equal to SymPy's, or refused.",
    )
    name: TextLine | None = Field(None, description="What the loss is called in words.")
    constant: Constant | None = Field(None, description="A factor before the loss.")
    reduction: Literal["mean", "sum", "sum_over_outputs"] | None = Field(
        None, description="How the losses of a batch's samples are joined: mean (default) or sum."
    )
    note: Remark = Field(None, description=REMARK)


ActivationField = Annotated[
    Annotated[ActivationName, Tag("<text>")]
    | Annotated[ActivationForm, Tag("<mapping>")]
    | Annotated[OwnActivationForm, Tag("<own>")],
    Discriminator(
        activation_form,
        custom_error_type="form",
        custom_error_message="an activation's name, or a mapping such as "
        "{name: leaky_relu, negative_slope: 0.1}",
    ),
]
LossField = Annotated[
    Annotated[LossName, Tag("<text>")]
    | Annotated[LossForm, Tag("<mapping>")]
    | Annotated[OwnLossForm, Tag("<own>")],
    Discriminator(
        loss_form,
        custom_error_type="form",
        custom_error_message="a loss's name, or a mapping such as {kind: squared_error, reduction: sum}",
    ),
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
    weights: list[AmountList] | None = Field(
        None,
        description="A matrix with one row per receiving unit and one column per unit of the layer before "
        "(with `layout: columns`: one row per unit of the layer before). null: a value that is not given.",
    )
    biases: (
        Annotated[
            Annotated[Amount, Tag("<text>")] | Annotated[AmountList, Tag("<list>")],
            either("a number (one bias shared by the layer) or a list with a bias for each unit"),
        ]
        | None
    ) = Field(None, description="A bias for each unit, or one number: one bias that the layer shares.")
    note: Remark = Field(None, description=REMARK)


class WeightForm(Form):
    """A named connection between two units."""

    name: UnitName | None = Field(None, description="The weight's name.")
    tied_to: UnitName | None = Field(
        None, description="The weight that this connection shares, instead of a name and a value of its own."
    )
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


class TrainingForm(UpdateFields):
    """What is asked of the network; these fields may stand at the top or under `network`."""

    epochs: Epochs | None = Field(
        None, description="How often the batches are gone through; 1 if there is a learning rate."
    )
    report_every: Epochs | None = Field(None, description="Which epochs the table of a long run shows.")
    reported_loss: LossField | None = Field(None, description="A second loss that is only reported.")
    frozen: Patterns | None = Field(
        None, description="Parameters that are not updated; patterns such as b* are understood."
    )
    trainable: Patterns | None = Field(
        None, description="The parameters that are updated, all others being frozen; patterns such as w*."
    )
    given: dict[str, Num] | None = Field(
        None,
        description="Quantities that are given instead of computed: activations by unit, others by their "
        "key, as in `dE_dnet.o1: 0.13`.",
    )
    wrt: Patterns | None = Field(
        None,
        description="Inputs and targets by which the loss is differentiated too, as in `[x1, target.o1]`.",
    )


class NetworkForm(TrainingForm):
    """The network and its data."""

    layers: list[LayerForm] = Field(description="The layers in the order of the forward pass.")
    layout: Literal["rows", "columns"] = Field(
        "rows",
        description="rows: a matrix row per receiving unit (PyTorch); columns: per sending unit (Keras).",
    )
    inputs: Data | None = Field(
        None,
        description="A number for each input; their names if it is a mapping; a matrix is a batch.",
    )
    targets: Data | None = Field(None, description="A number for each output; a matrix for a batch.")
    sample_layout: Literal["rows", "columns"] = Field(
        "rows", description="What a sample is where inputs and targets are matrices: a row, or a column."
    )
    thresholds: Flag = Field(
        False, description="Biases are thresholds: subtracted from the weighted sum, not added."
    )
    samples: (
        list[
            Annotated[
                Annotated[SampleForm, Tag("<parts>")] | Annotated[dict[str, Amount | None], Tag("<flat>")],
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
    letters: dict[str, NameField] = Field(
        {}, description="Letters by family of quantities, as in `net: a`, `output: hat y` or `loss: L`."
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
    listing: Literal["numpy", "torch", "keras", "jax"] | None = Field(
        None, description="The library of a program, with the same numbers, that the sheet ends with."
    )
    show: Patterns | None = Field(
        None,
        description="How much is derived: parameters by name or pattern (w2_*), layer:2, outputs, "
        "representative or all.",
    )
