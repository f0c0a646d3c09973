"""A network of any shape: parameters and the operations of one forward pass, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..formulas.names import Name
from ..formulas.terms import Number
from ..keys import parse_key
from .operations import Operation

#: Names row by row; a vector is a column.
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a network of any shape; `value` None means not given.

    family: what its course calls the whole matrix or kernel it belongs to (`W_xh`), for tables.
    """

    name: str
    value: Number | None
    family: str = ""
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the forward pass that a course treats as one step: a layer, a time step, a head.

    operations: in computing order, for all samples. note: one sentence for the sheet. part: where a parameter
    is used in several stages, what its gradient's share from this one is called (`t2`: grad.P|t2).
    """

    title: str
    operations: tuple[Operation, ...]
    note: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Architecture:
    """The stages of a network in computing order, its parameters, and how their quantities are printed.

    names: printed names by quantity key without sample and pass (`act.c_1`, `net.h1`, `W_1_2`).
    arrays: by the name of a vector or matrix its parameters' or units' names, row by row.
    wired: inputs whose numbers decide which formulas there are, such as the rows that are looked up in a
    table.
    """

    stages: tuple[Stage, ...]
    parameters: tuple[Parameter, ...] = ()
    names: Mapping[str, Name] = field(default_factory=dict)
    arrays: Mapping[str, Rows] = field(default_factory=dict)
    wired: tuple[str, ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """The units that are computed, each once, in computing order."""
        keys = (parse_key(operation.key) for stage in self.stages for operation in stage.operations)
        return tuple(dict.fromkeys(key.subject for key in keys))
