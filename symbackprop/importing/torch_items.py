"""What flows through a PyTorch model: tensors of its own run beside what they are here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import ProblemError
from .flow import Flow, Value, plain_order


@dataclass(frozen=True, slots=True)
class States:
    """The states that a recurrent module sends out: of all steps, and the last one, hidden or of the cell.

    what: "all", "last" or "cell".
    """

    layers: tuple[int, ...]
    what: str
    shape: tuple[int, ...]
    path: str

    def at(self, flow: Flow, what: str, layer: int = -1) -> Value:
        """Return these states as a value; the layer sends out all of them or the last.

        Raises:
            ProblemError: all states and the last one are both used.
        """
        position = self.layers[layer]
        steps, units = self.shape
        fields = flow.layers[position]
        if what == "cell":
            raise ProblemError(
                "the last cell is used", field=self.path, expected="the states of all steps or the last one"
            )
        wanted = "all" if what == "all" else "last"
        if fields.setdefault("returns", wanted) != wanted:
            raise ProblemError(
                "both the states of all steps and the last one are used",
                field=self.path,
                expected="one of them",
                hint="A problem file's recurrent layer sends out either.",
            )
        shape = (steps, units) if wanted == "all" else (units,)
        return Value(position, shape, plain_order(shape))


@dataclass(frozen=True, slots=True)
class Item:
    """A tensor of the model's own run, and what it is here.

    batch: the axis along which samples lie, None where there is one sample without an axis.
    """

    tensor: Any
    value: Value | States
    batch: int | None

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's shape without the samples' axis."""
        sizes = list(self.tensor.shape)
        if self.batch is not None:
            del sizes[self.batch]
        return tuple(sizes)
