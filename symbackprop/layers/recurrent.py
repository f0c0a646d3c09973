"""The Elman network, unrolled in time: backpropagation through time is the backward pass of this graph."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from ..spec import fields
from .layer import ActivationField, Assembly, Fault, NumberArray, TypedLayer, Units
from .sequence import StateField, Timed, initial_state, lay_sum, matrix_of, time_steps, timed, vector_of


class RecurrentLayer(TypedLayer):
    """What layers that are unrolled in time have in common; they take time steps x features."""

    units: fields.Units | None = Field(None, description="How many units the state has; as the matrices say.")
    initial: StateField = Field(
        None,
        description="The state before the first step: numbers (default 0), or an input's or layer's name.",
    )
    train_initial: fields.Flag = Field(
        False, description="Whether the state before the first step is trained."
    )
    returns: Literal["last", "all"] = Field("last", description="The last state, or the states of all steps.")

    def sent(self, states: list[list[str]]) -> Units:
        """Return what the layer sends out: the last state, or time steps x units."""
        found = np.array(states, dtype=object)
        return found if self.returns == "all" else found[-1]

    def start(
        self, letter: str, width: int, names: Timed, assembly: Assembly, field: str = "initial"
    ) -> list[str]:
        """Return the units of a state before the first step.

        Raises:
            Fault: the field does not fit the layer's width.
        """
        given: Any = getattr(self, field)
        if self.train_initial and isinstance(given, str):
            raise Fault("a computed state cannot be trained", expected="numbers", inside=(field,))
        return initial_state(letter, given, width, self.train_initial, names, field, assembly)


class RnnLayer(RecurrentLayer):
    """h_t = f(W_xh x_t + W_hh h_{t-1} + b): a simple recurrent (Elman) layer.

    Shapes: x T x I, W_xh H x I, W_hh H x H, b H; under `layout: columns` the matrices are transposed. Source:
    Elman 1990, "Finding structure in time"; PyTorch's nn.RNN has two biases, b_ih and b_hh.
    """

    type: Literal["rnn"] = Field("rnn", description="A simple recurrent (Elman) layer.")
    activation: ActivationField = Field("tanh", description="The activation of the state; tanh if not given.")
    W_xh: NumberArray = Field(description="The matrix by which the input enters the state.")
    W_hh: NumberArray = Field(description="The matrix by which the state before enters the state.")
    b_h: NumberArray | None = Field(None, description="The bias of each unit.")
    b_ih: NumberArray | None = Field(None, description="The first of two biases, as PyTorch has them.")
    b_hh: NumberArray | None = Field(None, description="The second of two biases, as PyTorch has them.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay net input and state of every unit, time step by time step."""
        steps = time_steps(incoming, assembly)
        names = timed(self.name, "rnn", assembly)
        width = self.units or (len(self.W_hh) if self.W_hh.shape else 1)
        features = len(steps[0])
        by_input = matrix_of(names.family("W_xh"), self.W_xh, width, features, assembly, "W_xh")
        by_state = matrix_of(names.family("W_hh"), self.W_hh, width, width, assembly, "W_hh")
        biases = self._biases(width, names, assembly)
        activation = assembly.activation_kind(self.activation)
        states = [self.start("h", width, names, assembly)]
        for step, x in enumerate(steps, start=1):
            assembly.stage(names.title(f"Time step {step}"), RNN_NOTE, f"t{step}")
            units = [names.unit("h", step, index, width) for index in range(width)]
            for index, unit in enumerate(units):
                edges = [
                    *zip(x, by_input[index], strict=True),
                    *zip(states[-1], by_state[index], strict=True),
                ]
                name = names.printed("z", step, index, width)
                lay_sum(unit, edges, [str(bias[index]) for bias in biases], name, assembly)
            for index, unit in enumerate(units):
                assembly.activation(unit, activation, names.printed("h", step, index, width))
            names.array("h", step, units, assembly)
            states.append(units)
        return self.sent(states[1:])

    def _biases(self, width: int, names: Timed, assembly: Assembly) -> list[Units]:
        if self.b_h is not None and (self.b_ih is not None or self.b_hh is not None):
            raise Fault("one bias and two biases", expected="either b_h, or b_ih and b_hh", inside=("b_h",))
        given = [(field, getattr(self, field)) for field in ("b_h", "b_ih", "b_hh")]
        return [
            vector_of(names.family(field), values, width, assembly, field)
            for field, values in given
            if values is not None
        ]


RNN_NOTE = "Every time step takes its input and the state before it, with the same matrices and biases."
