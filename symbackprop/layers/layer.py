"""What a layer of any type is: a form with fields, and how it lays its operations."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field, PlainValidator, WithJsonSchema

from ..spec.faults import Fault
from ..spec.fields import Form, UnitName
from ..spec.function_forms import ActivationField
from ..spec.text.amounts import parse_amount
from .assembly import Assembly, Numbers, Units


def parse_numbers(value: object) -> Numbers:
    """Return nested lists of numbers as an array; null stays None.

    Raises:
        Fault: the lists are ragged or hold something that is not a number.
    """
    if not isinstance(value, list | np.ndarray):
        scalar = np.empty((), dtype=object)
        scalar[()] = None if value is None else parse_amount(value)
        return scalar
    rows: list[Any] = []
    for index, item in enumerate(value):
        try:
            rows.append(parse_numbers(item))
        except Fault as fault:
            inside = (index, *fault.inside)
            raise Fault(fault.message, expected=fault.expected, hint=fault.hint, inside=inside) from None
        if rows[-1].shape != rows[0].shape:
            shape = " x ".join(map(str, rows[0].shape)) or "a number"
            raise Fault("lists of different lengths", expected=f"{shape}, as the first has", inside=(index,))
    if not rows:
        raise Fault("an empty list", expected="at least one number")
    result = np.empty((len(rows), *rows[0].shape), dtype=object)
    for index, row in enumerate(rows):
        result[index] = row if row.shape else row[()]
    return result


#: The schema of nested lists of numbers.
NESTED: dict[str, Any] = {"anyOf": [{"type": ["number", "string", "null"]}, {"type": "array"}]}

#: A number or nested lists of numbers, as a NumPy array of `Number`s (None where null is written).
NumberArray = Annotated[Any, PlainValidator(parse_numbers), WithJsonSchema(NESTED)]


class TypedLayer(Form):
    """A layer; what it does stands in `lay`.

    A subclass declares its fields (each with a description), `type` as a Literal, and how it is laid.
    """

    type: str
    name: UnitName | None = Field(None, description="The layer's name, for `from` of later layers.")
    source: Any = Field(
        None, alias="from", description="The layer it takes, by name; the one before if not given."
    )

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Add the layer's operations to the assembly and return the names of what it sends out.

        Raises:
            Fault: the fields do not fit what comes in; `inside` names the field.
        """
        raise NotImplementedError(type(self).__name__)


__all__ = [
    "ActivationField",
    "Assembly",
    "Fault",
    "NumberArray",
    "Numbers",
    "TypedLayer",
    "Units",
    "parse_numbers",
]
