"""The form of a problem file: its fields, their kinds and what they mean."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from .display_forms import NotationForm, Patterns, RoundingForm
from .fields import (
    Amount,
    AmountList,
    EpochNumber,
    Epochs,
    Flag,
    Form,
    Num,
    Remark,
    Seed,
    Text,
    TextLine,
    UnitName,
    Units,
    data_form,
    either,
    sample_form,
)
from .function_forms import REMARK, ActivationField, LossField
from .update_forms import UpdateFields
from .vary_forms import VaryForm

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
    vary: VaryForm | None = Field(
        None,
        description="What varies from student to student; without it every input, target, weight and bias.",
    )
