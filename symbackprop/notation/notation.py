"""Notation: what quantities are called and how a derivation is laid out in a course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..formulas.names import Name
from .naming import own_name, quantity_name

#: What an author may set under `notation:` beside `preset`, `names` and `letters`, with the allowed values.
OPTIONS: Mapping[str, tuple[str, ...] | type] = {
    "form": ("chain", "components", "delta", "delta_rule", "tables", "matrix"),
    "delta_sign": ("loss", "descent"),
    "units": ("named", "numbered", "layered"),
    "weights": ("named", "numbered", "indexed", "layered"),
    "indices": ("to_from", "from_to"),
    "layers": ("superscript_brackets", "superscript", "superscript_square", "subscript"),
    "count_inputs": bool,
    "by_number": bool,
    "bias_index": bool,
    "samples": ("superscript", "subscript", "brackets"),
    "sample_layout": ("columns", "rows"),
    "weight_matrix": ("to_from", "from_to"),
    "derivative_layout": ("denominator", "numerator"),
    "derivative": ("partial", "total"),
    "updated": ("sub", "sup", "prefix"),
    "second_pass": ("prime", "sup"),
    "bias_factor": bool,
    "weight_first": bool,
    "input_sign": ("", "dot", "times", "star"),
    "factor_sign": ("", "dot", "times", "star"),
    "number_sign": ("dot", "times", "star"),
    "factor_brackets": bool,
    "softmax": ("short", "jacobian"),
    "exp": ("power", "call"),
    "decimal": (".", ","),
}

#: The families of quantities whose letter an author may choose under `letters:`.
LETTERS = (
    "net",
    "hidden",
    "output",
    "input",
    "target",
    "weight",
    "bias",
    "loss",
    "error",
    "delta",
    "residual",
    "learning_rate",
)


@dataclass(frozen=True, slots=True)
class NotationChoice:
    """The author's notation: a preset and what differs from it.

    names: by quantity key: `x1`, `w5`, `net.h1`, `act.h1`, `target.o1`, `error.o1`, `delta.h1`,
    `residual.o1`, and `loss`, `learning_rate`, `activation` (the function's letter).
    letters: by family, as `LETTERS` lists them: what stands before the unit's or parameter's index.
    options: fields of `Notation` other than names, as `OPTIONS` lists them.
    """

    preset: str = "z-a"
    names: Mapping[str, Name] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    letters: Mapping[str, Name] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notation:
    """A course's notation, complete.

    form: how gradients are presented. "chain": each parameter by its whole chain rule;
    "components": factor by factor, hidden parameters by one chain per output error, then summed;
    "delta": error terms delta = dE/dz introduced and reused; "delta_rule": delta = -dE/dz with
    steps that are added; "tables": unit by unit in tables, the calculation in the cells;
    "matrix": layer by layer in vectors and matrices.
    delta_sign: "loss": an error term is dE/dz; "descent": minus that; "" as the form has it.
    source: the textbook or family of articles that writes so.
    net, activation_output, ...: the base letters; a unit's own name follows as subscript. Empty letters
    leave a parameter or input the letter of its own name.
    units: what follows the letter: the unit's name, its number through all layers (inputs first), or its
    place in its layer with the layer's number. weights: as they are named, numbered through, with the
    numbers of both units, or with the units' places and the layer. indices: of weights, in which order.
    layers: how a layer's number is written. count_inputs: the inputs are layer 1, not layer 0.
    bias_index: a bias is the weight from unit 0.
    sample_layout, weight_matrix, derivative_layout: in the matrix form, whether a sample is a column or a
    row, whether a weight matrix has a row for each receiving or each sending unit, and whether a gradient
    has the shape of what it is taken by or of its transpose.
    samples: how the sample of a batch is marked. derivative: "total" writes dE/dw with an upright d.
    updated: how the new value of a parameter is marked: w_5(new), w_5^new or new w_5.
    second_pass: how the pass after the update is marked: z' or z^(1).
    bias_factor: the bias is written 1 b. weight_first: w x instead of x w.
    input_sign, factor_sign: what stands between input and weight, and between factors of a chain.
    softmax: whether the error terms of softmax outputs under cross-entropy are written in short form, a - t,
    or as sums over the Jacobian.
    """

    title: str
    source: str = ""
    form: str = "chain"
    delta_sign: str = ""
    net: str = "z"
    hidden: str = "a"
    output: str = "hat y"
    input: str = ""
    target: str = "y"
    weight: str = ""
    bias: str = ""
    loss: str = "E"
    error: str = "E"
    delta: str = "delta"
    residual: str = "e"
    learning_rate: str = "eta"
    by_number: bool = False  # outputs and targets carry their number, not their unit's name
    units: str = "named"
    weights: str = "named"
    indices: str = "to_from"
    layers: str = "superscript_brackets"
    count_inputs: bool = False
    bias_index: bool = False
    samples: str = "superscript"
    sample_layout: str = ""  # as the samples were written, else columns
    weight_matrix: str = ""  # as the indices of a weight stand
    derivative_layout: str = "denominator"
    derivative: str = "partial"
    updated: str = "sup"
    second_pass: str = "prime"
    bias_factor: bool = False
    weight_first: bool = False
    input_sign: str = ""
    factor_sign: str = "dot"
    number_sign: str = "times"
    factor_brackets: bool = False
    softmax: str = "short"
    exp: str = "power"
    decimal: str = "."
    sample_mark: str = "({})"  # what marks the sample of a batch, as a superscript
    names: Mapping[str, Name] = field(default_factory=dict)

    @property
    def descends(self) -> bool:
        """Whether an error term has the sign of the way down, so that steps are added."""
        return self.delta_sign == "descent"

    @property
    def names_errors(self) -> bool:
        """Whether dE/dz has a letter of its own."""
        return self.form in ("delta", "tables", "matrix") and not self.descends


def is_derivative(kind: str) -> bool:
    """Return whether quantities of this kind are derivatives, printed as such."""
    return kind in ("dE_dact", "dE_dnet", "dE_dtarget", "dact_dnet", "grad")


__all__ = [
    "LETTERS",
    "OPTIONS",
    "Notation",
    "NotationChoice",
    "is_derivative",
    "own_name",
    "quantity_name",
]
