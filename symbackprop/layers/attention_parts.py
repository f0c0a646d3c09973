"""What attention is made of: named quantities of a head, projections, products and rows of softmax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..formulas.names import Name
from ..formulas.terms import Number, Product, Sum, Term
from ..network.operations import Activation
from ..rules import layer_rule
from .assembly import Assembly, Numbers, Sample, Units
from .giving import check_given, check_shape
from .label import below
from .naming import element

ALONE = "softmax over a single score is 1"


class Parts:
    """Adds the quantities of one layer, or of one head of it, under their names."""

    def __init__(self, assembly: Assembly, mark: str, head: int = 0) -> None:
        """Take the layer's mark in names, and the head's number; 0 where there is only one."""
        self.assembly, self.mark, self.head = assembly, mark, head

    def of_head(self, head: int) -> Parts:
        """Return the same of one head; 0 where there is only one."""
        return Parts(self.assembly, self.mark, head)

    def family(self, name: str) -> str:
        """Return the name of a matrix: W_Q, or W_dec_Q of the layer dec."""
        letter, _, rest = name.partition("_")
        return "_".join(piece for piece in (letter, self.mark, rest) if piece)

    def title(self, text: str) -> str:
        """Return the title of a stage."""
        text = f"{text} of head {self.head}" if self.head else text
        return f"{text} ({self.mark.replace('_', ' ')})" if self.mark else text

    def array(self, letter: str, units: Units) -> None:
        """Note that units make up a matrix: Q, or Q1 of head 1."""
        if not self.mark:
            self.assembly.array(f"{letter}{self.head}" if self.head else letter, units)

    def grid(self, letter: str, shape: tuple[int, int]) -> None:
        """Note that all quantities of a letter make up a matrix: S of s_1_1, s_1_2, ..."""
        rows = [[self.unit(letter, (row, column)) for column in range(shape[1])] for row in range(shape[0])]
        self.array(letter.upper(), np.array(rows, dtype=object))

    def unit(self, letter: str, place: tuple[int, int]) -> str:
        """Return the name of a quantity: s_2_1, or s2_2_1 of head 2."""
        stem = f"{letter}{self.head}" if self.head else letter
        return element(f"{self.mark}_{stem}" if self.mark else stem, (place[0] + 1, place[1] + 1))

    def node(self, letter: str, place: tuple[int, int], formula: Any, **more: Any) -> str:
        """Add a quantity."""
        above = [self.mark.replace("_", " ")] if self.mark else []
        above += [f"({self.head})"] if self.head else []
        name = Name(letter, below(place), (",".join(above),) if above else ())
        return self.assembly.node(self.unit(letter, place), formula, name, **more)


def projection_matrix(field: str, values: Numbers, width: int, parts: Parts) -> Units:
    """Add a projection's matrix and return its names with a row per entry of the result."""
    columns = parts.assembly.columns
    rows = values.shape[1 if columns else 0] if values.ndim == 2 else 1
    check_shape(values, (width, rows) if columns else (rows, width), field, "the weights")
    check_given(values, field, parts.assembly)
    names = parts.assembly.parameter_array(parts.family(field), values)
    return names.T if columns else names


def project(
    letter: str, source: Units, weights: Units, biases: Units | None, heads: int, parts: Parts
) -> Units:
    """Add every entry of a projection, the columns of each head under that head's names."""
    result = np.empty((len(source), len(weights)), dtype=object)
    width = len(weights) // heads if len(weights) % heads == 0 else len(weights)
    for token, column in np.ndindex(result.shape):
        head, entry = divmod(column, width)
        bias = None if biases is None else str(biases[column])
        pairs = [
            (str(sent), str(weight)) for sent, weight in zip(source[token], weights[column], strict=True)
        ]
        own = parts.of_head(head + 1 if heads > 1 else 0)
        result[token, column] = own.node(letter, (token, entry), dot(pairs, parts.assembly, bias))
    for head, columns in enumerate(np.split(result, len(weights) // width, axis=1), start=1):
        parts.of_head(head if heads > 1 else 0).array(letter.upper(), columns)
    return result


def dot(pairs: Sequence[tuple[str, str]], assembly: Assembly, bias: str | None = None) -> Any:
    """Return the formula of a sum of products, of what units send out or of parameters."""

    def formula(sample: Sample) -> Term:
        products = [
            Product((assembly.value(left, sample), assembly.value(right, sample))) for left, right in pairs
        ]
        terms: list[Term] = [*products] if bias is None else [*products, assembly.weight(bias)]
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    return formula


def lay_softmax(scores: Mapping[int, str], query: int, parts: Parts) -> dict[int, str]:
    """Add a token's attention to each key that it sees; to the only one it is 1 whatever the score."""
    assembly = parts.assembly
    keys, units = list(scores), list(scores.values())
    if len(keys) == 1:
        return {keys[0]: parts.node("a", (query, keys[0]), lambda sample: Number("1"), because=ALONE)}
    rule = layer_rule(Activation("softmax"))
    found = {key: parts.unit("a", (query, key)) for key in keys}
    slope = f"by its own score, {rule.because[0]}; by another's, {rule.because[1]}"
    for number, seen in enumerate(keys):

        def formula(sample: Sample, number: int = number) -> Term:
            return rule.formula(number, [assembly.sent(unit, sample) for unit in units])

        def partials(sample: Sample, number: int = number) -> Mapping[str, Term]:
            shares = [assembly.sent(found[key], sample) for key in keys]
            arguments = enumerate(assembly.sent_key(unit, sample) for unit in units)
            return {argument: rule.derivative(number, by, shares) for by, argument in arguments}

        parts.node("a", (query, seen), formula, partials=partials, slope=slope)
    return found
