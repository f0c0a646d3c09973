"""A dense layer applied at every time step, or to every token, with the same weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from pydantic import Field

from ..keys import key
from .assembly import Assembly, Units
from .dense import DenseLayer
from .layer import Fault, TypedLayer
from .sequence import Timed
from .sizes import shape_text


class TimeDistributedLayer(TypedLayer):
    """y_t = f(W x_t + b) for every row x_t of what comes in: time steps (or tokens) x features."""

    type: Literal["time_distributed"] = Field("time_distributed", description="A dense layer at every step.")
    layer: DenseLayer = Field(description="The dense layer; its weights are shared by all steps.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay the dense layer once for each row, over the same parameters.

        Raises:
            Fault: what comes in is not steps x features, or the layer's matrices do not fit.
        """
        if incoming.ndim != 2:
            hint = "Give the recurrent layer `returns: all`." if incoming.ndim == 1 else ""
            expected = "time steps x features"
            raise Fault(f"{shape_text(incoming.shape)} values come in", expected=expected, hint=hint)
        letter, families = self._naming(incoming, assembly)
        own = letter.rstrip("_")
        base, mark = ("u", own[1:]) if families and own[0] == "u" else (own.replace("_", " "), "")
        shown = Timed("" if mark == "1" else mark)
        label, weights, biases = self._parameters(incoming.shape[1], families, assembly)
        activation = assembly.activation_kind(self.layer.activation)
        what = f"Layer {self.name}" if self.name else "Output" if assembly.last else f"Dense layer {label}"
        names, width, rows = Timed(), len(weights), []
        for step, sources in enumerate(incoming, start=1):
            assembly.stage(f"{what} at step {step}", NOTE, f"t{step}")
            units = [names.unit(letter, step, index, width) for index in range(width)]
            for index, unit in enumerate(units):
                edges = [
                    (str(source), str(weight)) for source, weight in zip(sources, weights[index], strict=True)
                ]
                assembly.net(unit, edges, biases[index], shown.printed("z", step, index, width, base))
            assembly.activate(units, activation)
            for index, unit in enumerate(units):
                name = shown.printed(base, step, index, width)
                assembly.names[key("act", unit)] = replace(name, accent="hat") if letter == "y" else name
            names.array(letter, step, units, assembly)
            rows.append(units)
        return np.array(rows, dtype=object)

    def _naming(self, incoming: Units, assembly: Assembly) -> tuple[str, tuple[str, str] | None]:
        """Return what units' names begin with, and the parameters' names: y, W_hy and b_y in the last layer.

        Elsewhere it is u1, W_u1 and b_u1, or what the layer's own name makes it.
        """
        own = self.name or self.layer.name
        if own == "t":  # its outputs t1, t2 would be taken for the shares grad.P|t1 of time steps
            raise Fault(
                "time steps are called t",
                expected="another name",
                inside=("name",) if self.name else ("layer", "name"),
            )
        if own:
            return (f"{own}_" if own[-1].isdigit() else own), None
        if assembly.last and not assembly.taken("W_hy") and not assembly.taken("W_hy_1_1"):
            source = assembly.names.get(key("act", str(incoming.flat[0])))
            from_state = source is not None and source.base == "h"
            return "y", ("W_hy" if from_state else "W_y", "b_y")
        number = assembly.number_of("time_distributed")
        return f"u{number}_", (f"W_u{number}", f"b_u{number}")

    def _parameters(
        self, columns: int, families: tuple[str, str] | None, assembly: Assembly
    ) -> tuple[str, Units, list[str | None]]:
        layer = self.layer.model_copy(update={"name": self.name or self.layer.name})
        try:
            return layer.parameters(columns, assembly, families)
        except Fault as fault:
            fault.inside = ("layer", *fault.inside)
            raise


NOTE = "The same weights and biases at every step."
