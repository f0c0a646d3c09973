"""The forms of networks of any shape: layers of any type, and free computation graphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from ..layers import LAYER_TYPES, NumberArray, TypedLayer
from ..layers.combining import ResidualLayer
from ..layers.layer import NESTED
from .classes import parse_targets
from .faults import Fault
from .fields import Form, Text, TextLine, UnitName, either
from .functions import ACTIVATIONS
from .model import NetworkForm, ProblemForm
from .suggest import did_you_mean, listed

Arrays = Annotated[
    Annotated[NumberArray, Tag("<list>")]
    | Annotated[NumberArray, Tag("<text>")]
    | Annotated[dict[str, NumberArray], Tag("<mapping>")],
    either("a number, nested lists of numbers, or a mapping from name to either"),
]

_TargetArray = Annotated[Any, PlainValidator(parse_targets), WithJsonSchema(NESTED)]
TargetArrays = Annotated[
    Annotated[_TargetArray, Tag("<list>")]
    | Annotated[_TargetArray, Tag("<text>")]
    | Annotated[dict[str, NumberArray], Tag("<mapping>")],
    either("a number, nested lists of numbers, {class: ...}, or a mapping from output to number"),
]


#: What other programs call types of layers.
_OTHER_TYPES: Mapping[str, str] = {
    "linear": "dense", "fully_connected": "dense", "fc": "dense", "pool": "max_pool", "pooling": "max_pool",
    "conv": "conv2d", "simple_rnn": "rnn", "simplernn": "rnn", "elman": "rnn",
    "multi_head_attention": "attention",
    "self_attention": "attention", "sum": "add", "product": "multiply", "concatenate": "concat",
    "norm": "layer_norm",
}  # fmt: skip


def _meant(word: str) -> str:
    """Return what a word that is no type of layer probably stands for."""
    name = word.lower()
    if name in ACTIVATIONS:
        return f"Write {{type: activation, activation: {name}}}, or `activation: {name}` in a layer."
    other = _OTHER_TYPES.get(name, "")
    return f"Did you mean {other}?" if other else did_you_mean(word, LAYER_TYPES)


def _as_layer(value: object) -> TypedLayer:
    """Return the layer that a mapping describes, by its type."""
    if isinstance(value, TypedLayer):
        return value
    kind = value.get("type", "dense") if isinstance(value, dict) else ""
    if not isinstance(kind, str) or kind not in LAYER_TYPES:
        word = kind if isinstance(kind, str) else ""
        raise Fault(
            "unknown type of layer" if isinstance(value, dict) else "not a layer",
            expected=f"a mapping whose type is one of {listed(LAYER_TYPES, 40)}",
            hint=_meant(word),
            inside=("type",) if isinstance(value, dict) else (),
        )
    return LAYER_TYPES[kind].model_validate(value, by_alias=True, by_name=False)


LayerField = Annotated[TypedLayer, PlainValidator(_as_layer), WithJsonSchema({"type": "object"})]

ResidualLayer.model_rebuild(_types_namespace={"LayerField": LayerField})  # layers inside a layer


class GeneralSampleForm(Form):
    """One sample of a batch."""

    inputs: Arrays = Field(description="The sample's inputs, in the shape of the data.")
    targets: TargetArrays | None = Field(
        None, description="A number for each output, or {class: 2}; of sequences {class: [2, 1, ...]}."
    )


class GeneralNetworkForm(NetworkForm):
    """A network of layers of any type, and its data."""

    layers: list[LayerField] = Field(  # type: ignore[assignment]
        description="The layers in the order of the forward pass."
    )
    inputs: Arrays | None = Field(
        None, description="The inputs: nested lists in the shape of the data, or a mapping from name to them."
    )
    targets: TargetArrays | None = Field(
        None, description="A number for each output, or {class: 2}; of sequences {class: [2, 1, ...]}."
    )
    samples: list[GeneralSampleForm] | None = Field(  # type: ignore[assignment]
        None, description="A batch, instead of inputs and targets."
    )


class GeneralProblemForm(ProblemForm):
    """A problem about a network of layers of any type."""

    network: GeneralNetworkForm = Field(description="The network and its data.")


class NodeForm(Form):
    """A node of a computation graph."""

    expression: Text = Field(description="What the node is, over inputs, parameters and earlier nodes.")
    note: TextLine | None = Field(None, description="One sentence that stands beside it on the sheet.")


NodeField = Annotated[
    Annotated[Text, Tag("<text>")] | Annotated[NodeForm, Tag("<mapping>")],
    either("an expression such as (a + b)*(b + 1), or a mapping {expression, note}"),
]


#: Fields of a network that a graph has no use for.
NOT_IN_GRAPHS = (
    "layers",
    "layout",
    "sample_layout",
    "thresholds",
    "weights",
    "biases",
    "targets",
    "given_activations",
    "initialisation",
)


class GraphForm(NetworkForm):
    """A free computation graph: named leaves, and nodes by expressions."""

    layers: list[Any] = Field([], exclude=True, description="Not used in a graph.")
    inputs: dict[UnitName, NumberArray] = Field(
        {}, description="Leaves by name: numbers, vectors or matrices; the derivative by each is shown."
    )
    constants: dict[UnitName, NumberArray] = Field(
        {}, description="Leaves by which nothing is differentiated, such as targets."
    )
    parameters: dict[UnitName, NumberArray] = Field(
        {}, description="Leaves that an update changes: numbers, vectors or matrices."
    )
    nodes: dict[UnitName, NodeField] = Field(description="Nodes by name, each an expression.")
    loss: UnitName | None = Field(  # type: ignore[assignment]
        None, description="The node that is differentiated; the last one if not given."
    )
    reduction: str = Field("mean", description="How the losses of several samples are joined: mean or sum.")
    targets: None = Field(None, description="Not used in a graph: targets are constants.")
    samples: list[dict[UnitName, NumberArray]] | None = Field(  # type: ignore[assignment]
        None, description="A batch: for each sample the leaves that differ from sample to sample."
    )


class GraphProblemForm(ProblemForm):
    """A problem about a free computation graph."""

    network: GraphForm = Field(alias="graph", description="The graph and its data.")
