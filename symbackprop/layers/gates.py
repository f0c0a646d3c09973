"""The parameters of gates: a matrix for each, joined matrices over state and input, or PyTorch's stacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field

from .assembly import Assembly, Numbers, Units
from .giving import check_shape
from .layer import Fault, NumberArray
from .recurrent import RecurrentLayer
from .sequence import Timed, lay_sum, matrix_of, vector_of


@dataclass(frozen=True, slots=True)
class Gate:
    """The parameters of one gate: from the input, from the state before, and no, one or two biases.

    state_first: whether products with the state stand before those with the input.
    """

    by_input: Units
    by_state: Units
    biases: tuple[Units, ...]
    state_first: bool = False

    def edges(self, index: int, x: Sequence[str], state: Sequence[str]) -> list[tuple[str, str]]:
        """Return the pairs of source and weight of one unit's net input."""
        from_input = list(zip(x, self.by_input[index], strict=True))
        from_state = list(zip(state, self.by_state[index], strict=True))
        return [*from_state, *from_input] if self.state_first else [*from_input, *from_state]

    def own_biases(self, index: int) -> list[str]:
        """Return the biases of one unit."""
        return [str(bias[index]) for bias in self.biases]


class GatedLayer(RecurrentLayer):
    """A recurrent layer of gates; a subclass names their letters in the order of its stacks."""

    weight_ih: NumberArray | None = Field(
        None, description="All gates' matrices for the input, one below the other."
    )
    weight_hh: NumberArray | None = Field(
        None, description="All gates' matrices for the state, one below the other."
    )
    bias_ih: NumberArray | None = Field(None, description="All gates' biases, one below the other.")
    bias_hh: NumberArray | None = Field(None, description="All gates' second biases, as PyTorch has them.")
    gate_order: str | None = Field(
        None, description="The order of the gates in stacked matrices; PyTorch's if not given."
    )
    joined: Literal["hx", "xh"] = Field("hx", description="What joined matrices multiply: [h, x] or [x, h].")

    def gates(
        self, features: int, letters: str, names: Timed, assembly: Assembly
    ) -> tuple[int, dict[str, Gate]]:
        """Add the parameters of all gates; return the layer's width and the gates by letter.

        Raises:
            Fault: matrices are missing, given in two ways or of the wrong shape.
        """
        if self.weight_ih is not None or self.weight_hh is not None:
            return self._stacked(features, letters, names, assembly)
        _, first = self._get(f"W_h{letters[0]}", f"W_{letters[0]}")
        width = self.units or (first.shape[1 if assembly.columns else 0] if first.ndim == 2 else 1)
        return width, {letter: self._gate(letter, width, features, names, assembly) for letter in letters}

    def _get(self, *fields: str) -> tuple[str, Numbers]:
        for field in fields:
            if getattr(self, field) is not None:
                return field, getattr(self, field)
        raise Fault(f"{fields[0]} is missing", expected=self._ways())

    def _ways(self) -> str:
        return "for each gate W_x. and W_h., or joined W_., or weight_ih and weight_hh for all together"

    def _gate(self, letter: str, width: int, features: int, names: Timed, assembly: Assembly) -> Gate:
        whole: Any = getattr(self, f"W_{letter}")
        if whole is not None:
            if getattr(self, f"W_x{letter}") is not None or getattr(self, f"W_h{letter}") is not None:
                raise Fault("a gate's matrix is given twice", expected=self._ways(), inside=(f"W_{letter}",))
            field = f"W_{letter}"
            both = matrix_of(names.family(field), whole, width, width + features, assembly, field)
            state = both[:, :width] if self.joined == "hx" else both[:, features:]
            x = both[:, width:] if self.joined == "hx" else both[:, :features]
        else:
            x, state = (
                matrix_of(names.family(field), self._get(field)[1], width, size, assembly, field)
                for field, size in ((f"W_x{letter}", features), (f"W_h{letter}", width))
            )
        biases = self._biases(letter, width, names, assembly)
        return Gate(x, state, biases, whole is not None and self.joined == "hx")

    def _biases(self, letter: str, width: int, names: Timed, assembly: Assembly) -> tuple[Units, ...]:
        given = {field: getattr(self, field) for field in (f"b_{letter}", f"b_x{letter}", f"b_h{letter}")}
        found = {field: values for field, values in given.items() if values is not None}
        if f"b_{letter}" in found and len(found) > 1:
            expected = f"either b_{letter}, or b_x{letter} and b_h{letter}"
            raise Fault("one bias and two biases", expected=expected, inside=(f"b_{letter}",))
        return tuple(
            vector_of(names.family(field), values, width, assembly, field) for field, values in found.items()
        )

    # --- stacks -----------------------------------------------------------------------------

    def _stacked(
        self, features: int, letters: str, names: Timed, assembly: Assembly
    ) -> tuple[int, dict[str, Gate]]:
        own = [f"{kind}{letter}" for letter in letters for kind in ("W_x", "W_h", "W_", "b_", "b_x", "b_h")]
        twice = [field for field in own if getattr(self, field) is not None]
        if twice:
            raise Fault("stacked and single matrices", expected=self._ways(), inside=(twice[0],))
        stacks = {field: self._get(field)[1] for field in ("weight_ih", "weight_hh")}
        order = letters if self.gate_order is None else self.gate_order
        if sorted(order) != sorted(letters):
            raise Fault(
                "not an order of the gates",
                expected=f"the letters {letters}, each once",
                inside=("gate_order",),
            )
        state = stacks["weight_hh"]
        width = self.units or (state.shape[0 if assembly.columns else 1] if state.ndim == 2 else 1)
        slices: dict[str, dict[str, Numbers]] = {}
        for field, columns in (("weight_ih", features), ("weight_hh", width)):
            slices[field] = _split(field, stacks[field], order, (width, columns), assembly)
        for field in ("bias_ih", "bias_hh"):
            if getattr(self, field) is not None:
                slices[field] = _split(field, getattr(self, field), order, (width,), assembly)
        return width, {
            letter: self._slice(letter, width, features, slices, names, assembly) for letter in letters
        }

    def _slice(
        self,
        letter: str,
        width: int,
        features: int,
        slices: dict[str, dict[str, Numbers]],
        names: Timed,
        assembly: Assembly,
    ) -> Gate:
        x = matrix_of(
            names.family(f"W_x{letter}"), slices["weight_ih"][letter], width, features, assembly, "weight_ih"
        )
        state = matrix_of(
            names.family(f"W_h{letter}"), slices["weight_hh"][letter], width, width, assembly, "weight_hh"
        )
        two = "bias_ih" in slices and "bias_hh" in slices
        families = (
            {"bias_ih": f"b_x{letter}", "bias_hh": f"b_h{letter}"}
            if two
            else dict.fromkeys(slices, f"b_{letter}")
        )
        biases = tuple(
            vector_of(names.family(families[field]), slices[field][letter], width, assembly, field)
            for field in ("bias_ih", "bias_hh") if field in slices
        )  # fmt: skip
        return Gate(x, state, biases)


def _split(
    field: str, values: Numbers, order: str, shape: tuple[int, ...], assembly: Assembly
) -> dict[str, Numbers]:
    """Return the part of each gate in a stack, one below the other or, `layout: columns`, side by side."""
    across = len(shape) == 2 and assembly.columns
    wanted = (shape[0] * len(order), *shape[1:])
    check_shape(values, wanted[::-1] if across else wanted, field, "the stacked parameters")
    parts = np.split(values, len(order), axis=1 if across else 0)
    return dict(zip(order, parts, strict=True))


def lay_gate(
    gate: Gate,
    letter: str,
    step: int,
    x: Sequence[str],
    state: Sequence[str],
    extra: Sequence[Sequence[tuple[str, str]]],
    net: str,
    names: Timed,
    assembly: Assembly,
) -> list[str]:
    """Add the net inputs of a gate's units and return their names; `extra` edges stand after the others."""
    width = len(gate.by_state)
    units = [names.unit(letter, step, index, width) for index in range(width)]
    for index, unit in enumerate(units):
        edges = [*gate.edges(index, x, state), *(extra[index] if extra else ())]
        lay_sum(unit, edges, gate.own_biases(index), names.printed(net, step, index, width, letter), assembly)
    return units


#: A field for a matrix or list that may be left out.
def optional(description: str) -> Any:
    """Return the field of an optional matrix or list."""
    return Field(None, description=description)
