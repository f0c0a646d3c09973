"""The form of a problem's training fields: optimizer, batches, learning rates, clipping, penalties."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from .fields import Amount, Epochs, Flag, Form, Num, SampleNumber, TextLine, either

OptimizerName = Literal["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "adadelta"]


class OptimizerForm(Form):
    """An update rule with its settings; each has fields of its own, the others are refused."""

    name: OptimizerName = Field(description="The update rule.")
    momentum: Num | None = Field(None, description="How much of the velocity is kept; 0.9 if not given.")
    dampening: Num | None = Field(None, description="The gradient enters the velocity times 1 minus this.")
    rate: Literal["inside", "outside"] | None = Field(
        None, description="Where the learning rate stands: v = mu v + g, w - eta v (outside, default), or "
        "v = mu v - eta g, w + v (inside)."
    )  # fmt: skip
    form: Literal["pytorch", "lookahead"] | None = Field(
        None, description="Of nesterov: PyTorch's form (default), or the gradient where the velocity leads."
    )  # fmt: skip
    first: Literal["dampened", "gradient"] | None = Field(
        None, description="The first velocity: by the formula from zero (default), or the gradient (PyTorch)."
    )
    beta1: Num | None = Field(None, description="Of adam and adamw: decay of the first moment; 0.9.")
    beta2: Num | None = Field(None, description="Of adam and adamw: decay of the second moment; 0.999.")
    bias_correction: Flag | None = Field(None, description="Of adam and adamw: moments are corrected; true.")
    rho: Num | None = Field(None, description="Of rmsprop (0.9) and adadelta (0.9): decay of the squares.")
    alpha: Num | None = Field(None, description="Of rmsprop: another name of rho, PyTorch's.")
    centered: Flag | None = Field(None, description="Of rmsprop: divide by the standard deviation; false.")
    epsilon: Num | None = Field(
        None, description="Keeps the divisor from zero; 1e-8 (adagrad 1e-10, adadelta 1e-6)."
    )
    epsilon_place: Literal["outside", "inside"] | None = Field(
        None, description="Where epsilon stands: beside the root (outside, default) or under it (inside)."
    )
    weight_decay: Num | None = Field(
        None, description="Times the parameter, added to the gradient; of adamw taken off by itself (0.01)."
    )


class RateForm(Form):
    """A learning rate that changes."""

    start: Num | None = Field(None, description="The rate of the first update.")
    schedule: Literal["step", "exponential", "inverse_time", "linear", "cosine", "list"] = Field(
        description="How the rate changes."
    )
    gamma: Num | None = Field(None, description="Of step and exponential: the factor.")
    every: Epochs | None = Field(None, description="Of step: after how many updates or epochs.")
    decay: Num | None = Field(None, description="Of inverse_time: start / (1 + decay t).")
    end: Num | None = Field(None, description="Of linear and cosine: the last rate; 0.")
    over: Epochs | None = Field(None, description="Of linear and cosine: until when; the end of the run.")
    rates: list[Num] | None = Field(None, description="Of list: the rates in order; the last one stays.")
    per: Literal["update", "epoch"] = Field("update", description="What the schedule counts.")


class ClipForm(Form):
    """Gradient clipping: by value or by norm."""

    value: Num | None = Field(None, description="Each gradient is cut at plus and minus this.")
    norm: Num | None = Field(None, description="All gradients together are shortened to this length.")
    epsilon: Num | None = Field(None, description="Added to the norm before dividing; PyTorch's is 1e-6.")


class PenaltyForm(Form):
    """A penalty on parameters that is added to the loss."""

    l1: Num | None = Field(None, description="Times the sum of magnitudes.")
    l2: Num | None = Field(None, description="Times the sum of squares.")
    parameters: Annotated[
        Annotated[list[TextLine], Tag("<list>")] | Annotated[TextLine, Tag("<text>")],
        either("a list of parameter names or patterns"),
    ] | None = Field(None, description="What is penalised; all but the biases if not given.")  # fmt: skip
    constant: Num | None = Field(None, description="A factor before l2: 1/2 (default) or 1.")
    divided_by: Literal["nothing", "samples"] = Field(
        "nothing", description="samples: the penalty is divided by the number of samples of the batch."
    )


OptimizerField = Annotated[
    Annotated[OptimizerName, Tag("<text>")] | Annotated[OptimizerForm, Tag("<mapping>")],
    either("an optimizer's name, or a mapping such as {name: adam, beta1: 0.9}"),
]
RateField = Annotated[
    Annotated[Amount, Tag("<text>")] | Annotated[RateForm, Tag("<mapping>")],
    either("a number, or a mapping such as {start: 0.1, schedule: step, gamma: 1/2, every: 2}"),
]
BatchesField = Annotated[
    Annotated[list[list[SampleNumber]], Tag("<list>")] | Annotated[Literal["full", "online"], Tag("<text>")],
    either("full, online, or a list of lists of sample numbers such as [[1, 2], [3]]"),
]


class UpdateFields(Form):
    """How parameters are updated; these fields may stand at the top or under `network`."""

    learning_rate: RateField | None = Field(
        None, description="The learning rate, a number or a schedule; null: gradients only, no update."
    )
    learning_rates: dict[str, Num] | None = Field(
        None, description="Own learning rates by parameter or pattern, as in `b*: 0.01`."
    )
    optimizer: OptimizerField | None = Field(None, description="The update rule; plain sgd if not given.")
    state: dict[str, Num] | None = Field(
        None, description="Moments at the start, as in `velocity.w1: 0.1`; `step`: updates made before."
    )
    batches: BatchesField | None = Field(
        None, description="Mini-batches in their order, one update each; full (default) or online."
    )
    batch_size: Epochs | None = Field(None, description="Mini-batches of so many samples, in order.")
    updates: Epochs | None = Field(None, description="How many updates are made, instead of epochs.")
    clip: ClipForm | None = Field(None, description="Gradient clipping.")
    ascent: Flag | None = Field(None, description="Whether steps go up the gradient.")
    regularisation: PenaltyForm | None = Field(None, description="A penalty on parameters.")
    regularization: PenaltyForm | None = Field(None, description="Another spelling of `regularisation`.")
