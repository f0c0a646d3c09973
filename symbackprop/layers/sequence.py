"""Sequences: time steps, the names of their units, states at the start, and matrices as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
from pydantic import PlainValidator, WithJsonSchema

from ..formulas.names import Name
from ..formulas.terms import Number, Product, Sum, Term
from ..spec.fields import NAME_FORM
from ..spec.suggest import did_you_mean, listed
from .assembly import Assembly, Numbers, Sample, Units
from .giving import check_given
from .layer import Fault, parse_numbers
from .naming import printed


@dataclass(frozen=True, slots=True)
class Timed:
    """The names of what a layer computes at every time step.

    mark: what tells the layer from others: its own name, or nothing for the first one.
    """

    mark: str = ""

    def unit(self, letter: str, step: int, index: int, width: int) -> str:
        """Return a unit's name: h2_1, or h2 where the layer is one unit wide."""
        stem = f"{self.mark}_{letter}{step}" if self.mark else f"{letter}{step}"
        return f"{stem}_{index + 1}" if width > 1 else stem

    def printed(self, letter: str, step: int, index: int, width: int, gate: str = "") -> Name:
        """Return how it is printed: h^(2)_1, or h_2 where the layer is one unit wide; a gate's mark below."""
        gates = (gate,) if gate else ()
        mark = self.mark.replace("_", " ")
        if width == 1:
            return Name(letter, (*gates, str(step)), (mark,) if mark else ())
        return Name(letter, (*gates, str(index + 1)), (f"{mark},({step})" if mark else f"({step})",))

    def array(self, letter: str, step: int, units: Sequence[str], assembly: Assembly) -> None:
        """Note that the units of a time step make up a vector."""
        if len(units) > 1 and not self.mark:
            assembly.array(f"{letter}{step}", np.array(units, dtype=object))

    def family(self, name: str) -> str:
        """Return the name of a matrix: W_xh, or W_enc_xh of the layer enc."""
        letter, _, rest = name.partition("_")
        return f"{letter}_{self.mark}_{rest}" if self.mark else name

    def title(self, text: str) -> str:
        """Return the title of a stage."""
        return f"{text} of {self.mark.replace('_', ' ')}" if self.mark else text


def timed(name: str | None, kind: str, assembly: Assembly) -> Timed:
    """Return the names of the layer that is being laid."""
    number = assembly.number_of("recurrent")
    return Timed(name or ("" if number == 1 else f"{kind}{number}"))


def time_steps(incoming: Units, assembly: Assembly) -> list[list[str]]:
    """Return what comes in at each time step; a plain list is a sequence of single numbers.

    Raises:
        Fault: the data has more than two axes.
    """
    if incoming.ndim > 2:
        shape = " x ".join(map(str, incoming.shape))
        raise Fault(f"{shape} values come in", expected="a sequence: time steps x features")
    rows = incoming.reshape(len(incoming), -1)
    if incoming.ndim == 2:
        _print_by_time(rows, assembly)
    return [[str(unit) for unit in row] for row in rows]


def _print_by_time(rows: Units, assembly: Assembly) -> None:
    """Print inputs x_2_1 as x^(2)_1: feature 1 at time step 2."""
    for step, feature in np.ndindex(rows.shape):
        unit = str(rows[step, feature])
        if unit not in assembly.inputs:
            return
        name = assembly.names[unit]
        below = (str(feature + 1),) if rows.shape[1] > 1 else (str(step + 1),)
        above = (f"({step + 1})",) if rows.shape[1] > 1 else ()
        assembly.names[unit] = Name(name.base, below, (*_marks(name), *above))


def _marks(name: Name) -> tuple[str, ...]:
    return tuple(piece for piece in name.sup if not piece.startswith("("))


# --- matrices and vectors -----------------------------------------------------------------------


def matrix_of(family: str, values: Numbers, rows: int, columns: int, assembly: Assembly, field: str) -> Units:
    """Add a matrix of parameters and return their names as rows x columns, [to][from].

    Elements are named by row and column as they are written: [to][from], with `layout: columns` [from][to]. A
    matrix of one row or column may be written as a list, one of a single element as a number.

    Raises:
        Fault: it has another shape.
    """
    written = (columns, rows) if assembly.columns else (rows, columns)
    flat = values.ndim < 2 and 1 in written and values.size == rows * columns
    if values.shape != written and not flat:
        raise Fault(
            "the matrix has the wrong shape", expected=f"{written[0]} x {written[1]}", inside=(field,)
        )
    check_given(values, field, assembly)
    names = assembly.parameter_array(family, values)
    if flat:
        return names.reshape(rows, columns)
    return names.T if assembly.columns else names


def vector_of(family: str, values: Numbers, length: int, assembly: Assembly, field: str) -> Units:
    """Add a vector of parameters and return their names; one number is one parameter that all units share.

    Raises:
        Fault: it has another length.
    """
    if values.shape not in ((length,), ()):
        numbers = "one number" if length == 1 else f"{length} numbers, or one that all units share"
        raise Fault("the list has the wrong length", expected=numbers, inside=(field,))
    check_given(values, field, assembly)
    names = assembly.parameter_array(family, values)
    return names if values.shape else np.array([names[()]] * length, dtype=object)


# --- sums ---------------------------------------------------------------------------------------


def lay_sum(
    unit: str, edges: Sequence[tuple[str, str]], biases: Sequence[str], name: Name, assembly: Assembly
) -> None:
    """Add net.U, the sum of products and of no, one or two biases."""
    if len(biases) < 2:
        assembly.net(unit, edges, biases[0] if biases else None, name)
        return
    assembly.node(
        unit,
        lambda sample: Sum(
            (
                *(Product((assembly.sent(source, sample), assembly.weight(w))) for source, w in edges),
                *(assembly.weight(bias) for bias in biases),
            )
        ),
        name,
        kind="net",
    )


# --- states at the start ------------------------------------------------------------------------


def parse_state(value: object) -> Numbers | str | None:
    """Return the numbers of a state, or the name of what it is taken from.

    Raises:
        Fault: it is neither.
    """
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isidentifier():
        return value
    try:
        return parse_numbers(value)
    except Fault as fault:
        if isinstance(value, str):
            raise Fault("neither a number nor a name", expected=f"numbers, or {NAME_FORM}") from None
        raise fault


#: Numbers, or the name of an input or an earlier layer.
StateField = Annotated[
    Any, PlainValidator(parse_state), WithJsonSchema({"type": ["array", "number", "string", "null"]})
]


def initial_state(
    letter: str,
    given: Numbers | str | None,
    width: int,
    trained: bool,
    names: Timed,
    field: str,
    assembly: Assembly,
) -> list[str]:
    """Return the units of a state before the first step: given numbers, parameters, or what was computed.

    Raises:
        Fault: it has another length, or no input or earlier layer has the name.
    """
    if isinstance(given, str):
        if given not in assembly.outputs:
            raise Fault(
                "no input and no earlier layer has this name", expected=f"one of {listed(assembly.outputs)}",
                hint=did_you_mean(given, assembly.outputs), inside=(field,),
            )  # fmt: skip
        source = [str(unit) for unit in assembly.outputs[given].ravel()]
        if len(source) != width:
            raise Fault(f"{given} has {len(source)} values", expected=f"{width}", inside=(field,))
        return source
    if given is None:
        given = np.array([Number("0")] * width, dtype=object)
    if not given.shape:  # one number for all units
        given = np.array([given[()]] * width, dtype=object)
    if given.size != width or given.ndim > 1:
        expected = "one number" if width == 1 else f"{width} numbers"
        raise Fault("the state has the wrong length", expected=expected, inside=(field,))
    units = [names.unit(letter, 0, index, width) for index in range(width)]
    values = given.reshape(width)
    if not trained:
        if any(value is None for value in values):
            raise Fault("a number is missing", expected="a number", inside=(field,))
        for index, unit in enumerate(units):
            assembly.constant(unit, values[index], names.printed(letter, 0, index, width))
        return units
    family = names.family(f"{letter}_init")
    parameters = vector_of(family, values if width > 1 else values[:1].reshape(()), width, assembly, field)
    assembly.stage(
        names.title("State before the first step"),
        "The state at the start is a parameter, the same for every sample.",
    )
    for index, unit in enumerate(units):
        parameter = str(parameters[index])
        assembly.names[parameter] = printed(family, (index + 1,) if width > 1 else ())
        assembly.node(unit, partial(_weight, assembly, parameter), names.printed(letter, 0, index, width))
    return units


def _weight(assembly: Assembly, parameter: str, sample: Sample) -> Term:
    return assembly.weight(parameter)
