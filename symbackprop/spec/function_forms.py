"""The forms of activations and losses in a problem file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from .fields import (
    ActivationName,
    Constant,
    Form,
    LossName,
    Num,
    Remark,
    Share,
    Text,
    TextLine,
    activation_form,
    loss_form,
)

#: The description of fields that are carried along for a reader only.
REMARK = "A remark; not used."


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
