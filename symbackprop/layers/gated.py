"""LSTM and GRU layers, unrolled in time, every gate a unit of its own at every time step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field

from ..formulas.terms import Call, Negation, Number, Power, Product, Sum, Term
from ..network.operations import Activation
from ..spec import fields
from .assembly import Assembly, Sample, Units
from .gates import Gate, GatedLayer, lay_gate, optional
from .layer import Fault, NumberArray
from .sequence import StateField, Timed, lay_sum, time_steps, timed, vector_of

ONE, TWO = Number("1"), Number("2")
SIGMOID, TANH = Activation("sigmoid"), Activation("tanh")

LSTM_NOTE = (
    "Input gate i, forget gate f, candidate g and output gate o look at the input and the state before; the "
    "cell keeps f of what it held and takes in i of the candidate; the state is o of the cell's tanh."
)


class LstmLayer(GatedLayer):
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t), with i, f, o = sigmoid and g = tanh of W_x x + W_h h + b.

    Shapes: W_x. H x I, W_h. H x H, joined W_. H x (H + I), stacks 4H x I and 4H x H in the order i, f, g, o.
    Source: Hochreiter and Schmidhuber 1997; peepholes w_ci, w_cf (of c_{t-1}) and w_co (of c_t): Gers and
    Schmidhuber 2000. PyTorch's nn.LSTM has the same gates and two biases each.
    """

    type: Literal["lstm"] = Field("lstm", description="A long short-term memory layer.")
    initial_cell: StateField = Field(
        None, description="The cell before the first step; as `initial`, default 0."
    )
    W_xi: NumberArray | None = optional("Input gate: by the input.")
    W_hi: NumberArray | None = optional("Input gate: by the state before.")
    W_i: NumberArray | None = optional("Input gate: joined, by [h, x].")
    b_i: NumberArray | None = optional("Input gate: bias.")
    b_xi: NumberArray | None = optional("Input gate: the first of two biases.")
    b_hi: NumberArray | None = optional("Input gate: the second of two biases.")
    W_xf: NumberArray | None = optional("Forget gate: by the input.")
    W_hf: NumberArray | None = optional("Forget gate: by the state before.")
    W_f: NumberArray | None = optional("Forget gate: joined, by [h, x].")
    b_f: NumberArray | None = optional("Forget gate: bias.")
    b_xf: NumberArray | None = optional("Forget gate: the first of two biases.")
    b_hf: NumberArray | None = optional("Forget gate: the second of two biases.")
    W_xg: NumberArray | None = optional("Candidate: by the input.")
    W_hg: NumberArray | None = optional("Candidate: by the state before.")
    W_g: NumberArray | None = optional("Candidate: joined, by [h, x].")
    b_g: NumberArray | None = optional("Candidate: bias.")
    b_xg: NumberArray | None = optional("Candidate: the first of two biases.")
    b_hg: NumberArray | None = optional("Candidate: the second of two biases.")
    W_xo: NumberArray | None = optional("Output gate: by the input.")
    W_ho: NumberArray | None = optional("Output gate: by the state before.")
    W_o: NumberArray | None = optional("Output gate: joined, by [h, x].")
    b_o: NumberArray | None = optional("Output gate: bias.")
    b_xo: NumberArray | None = optional("Output gate: the first of two biases.")
    b_ho: NumberArray | None = optional("Output gate: the second of two biases.")
    w_ci: NumberArray | None = optional(
        "Peephole of the input gate: a weight of the cell before for each unit."
    )
    w_cf: NumberArray | None = optional(
        "Peephole of the forget gate: a weight of the cell before for each unit."
    )
    w_co: NumberArray | None = optional(
        "Peephole of the output gate: a weight of the new cell for each unit."
    )

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay the four gates, the cell and the state, time step by time step."""
        steps = time_steps(incoming, assembly)
        names = timed(self.name, "lstm", assembly)
        width, gates = self.gates(len(steps[0]), "ifgo", names, assembly)
        peepholes = {
            letter: vector_of(names.family(f"w_c{letter}"), values, width, assembly, f"w_c{letter}")
            for letter in "ifo"
            if (values := getattr(self, f"w_c{letter}")) is not None
        }
        state = self.start("h", width, names, assembly)
        cell = self.start("c", width, names, assembly, "initial_cell")
        states = []
        for step, x in enumerate(steps, start=1):
            assembly.stage(names.title(f"Time step {step}"), LSTM_NOTE, f"t{step}")
            found: dict[str, list[str]] = {}
            for letter in "ifgo":
                if letter == "o" and "o" in peepholes:  # it looks at the new cell, which comes first
                    cell = _lay_cell(found, cell, step, names, assembly)
                extra = [
                    [(cell[index], str(weight))] for index, weight in enumerate(peepholes.get(letter, ()))
                ]
                found[letter] = lay_gate(gates[letter], letter, step, x, state, extra, "z", names, assembly)
                names.array(letter, step, found[letter], assembly)
                for index, unit in enumerate(found[letter]):
                    kind = TANH if letter == "g" else SIGMOID
                    assembly.activation(unit, kind, names.printed(letter, step, index, width))
            if "o" not in peepholes:
                cell = _lay_cell(found, cell, step, names, assembly)
            state = _lay_state(found["o"], cell, step, names, assembly)
            states.append(state)
        if self.name:
            assembly.outputs[f"{self.name}_cell"] = np.array(cell, dtype=object)
        return self.sent(states)


def _lay_cell(
    gates: Mapping[str, Sequence[str]], before: Sequence[str], step: int, names: Timed, assembly: Assembly
) -> list[str]:
    """Add c_t = f c_{t-1} + i g for every unit."""
    width = len(before)
    cell = [names.unit("c", step, index, width) for index in range(width)]
    for index, unit in enumerate(cell):
        f, i, g, c = gates["f"][index], gates["i"][index], gates["g"][index], before[index]

        def formula(sample: Sample, f: str = f, i: str = i, g: str = g, c: str = c) -> Term:
            kept = Product((assembly.sent(f, sample), assembly.sent(c, sample)))
            return Sum((kept, Product((assembly.sent(i, sample), assembly.sent(g, sample)))))

        assembly.node(unit, formula, names.printed("c", step, index, width), because=CELL_NOTE)
    names.array("c", step, cell, assembly)
    return cell


def _lay_state(
    gate: Sequence[str], cell: Sequence[str], step: int, names: Timed, assembly: Assembly
) -> list[str]:
    """Add h_t = o tanh(c_t) for every unit."""
    width = len(cell)
    state = [names.unit("h", step, index, width) for index in range(width)]
    for index, unit in enumerate(state):

        def formula(sample: Sample, o: str = gate[index], c: str = cell[index]) -> Term:
            return Product((assembly.sent(o, sample), Call("tanh", (assembly.sent(c, sample),))))

        def partials(sample: Sample, o: str = gate[index], c: str = cell[index]) -> Mapping[str, Term]:
            tanh = Call("tanh", (assembly.sent(c, sample),))
            slope = Sum((ONE, Negation(Power(tanh, TWO))))
            return {
                assembly.sent_key(o, sample): tanh,
                assembly.sent_key(c, sample): Product((assembly.sent(o, sample), slope)),
            }

        name = names.printed("h", step, index, width)
        assembly.node(unit, formula, name, partials=partials, because=STATE_NOTE)
    names.array("h", step, state, assembly)
    return state


CELL_NOTE = "the cell: what is kept of it, and what is added"
STATE_NOTE = "the state: the output gate times the tanh of the cell"


class GruLayer(GatedLayer):
    """h_t = (1 - z) n + z h_{t-1}, with r, z = sigmoid(W_x x + W_h h + b) and n the candidate.

    reset_after (PyTorch, Keras): n = tanh(W_xn x + b_xn + r (W_hn h + b_hn)); else, as first published,
    n = tanh(W_xn x + W_hn (r h) + b_n). update `keeps` is the form above; `renews` is (1 - z) h_{t-1} + z n.
    Shapes as for the LSTM, stacks 3H x I and 3H x H in the order r, z, n. Source: Cho et al. 2014,
    "Learning phrase representations using RNN encoder-decoder"; PyTorch's nn.GRU.
    """

    type: Literal["gru"] = Field("gru", description="A gated recurrent unit layer.")
    reset_after: fields.Flag = Field(
        True, description="Whether the reset gate stands after the matrix (PyTorch, Keras) or before it."
    )
    update: Literal["keeps", "renews"] = Field(
        "keeps",
        description="What the update gate z multiplies: the old state (keeps) or the candidate (renews).",
    )
    W_xr: NumberArray | None = optional("Reset gate: by the input.")
    W_hr: NumberArray | None = optional("Reset gate: by the state before.")
    W_r: NumberArray | None = optional("Reset gate: joined, by [h, x].")
    b_r: NumberArray | None = optional("Reset gate: bias.")
    b_xr: NumberArray | None = optional("Reset gate: the first of two biases.")
    b_hr: NumberArray | None = optional("Reset gate: the second of two biases.")
    W_xz: NumberArray | None = optional("Update gate: by the input.")
    W_hz: NumberArray | None = optional("Update gate: by the state before.")
    W_z: NumberArray | None = optional("Update gate: joined, by [h, x].")
    b_z: NumberArray | None = optional("Update gate: bias.")
    b_xz: NumberArray | None = optional("Update gate: the first of two biases.")
    b_hz: NumberArray | None = optional("Update gate: the second of two biases.")
    W_xn: NumberArray | None = optional("Candidate: by the input.")
    W_hn: NumberArray | None = optional("Candidate: by the state before.")
    W_n: NumberArray | None = optional("Candidate: joined, by [h, x].")
    b_n: NumberArray | None = optional("Candidate: bias, outside the reset gate.")
    b_xn: NumberArray | None = optional("Candidate: the bias outside the reset gate.")
    b_hn: NumberArray | None = optional("Candidate: the bias that goes with the state.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay both gates, the candidate and the state, time step by time step."""
        steps = time_steps(incoming, assembly)
        names = timed(self.name, "gru", assembly)
        width, gates = self.gates(len(steps[0]), "rzn", names, assembly)
        states = [self.start("h", width, names, assembly)]
        for step, x in enumerate(steps, start=1):
            assembly.stage(names.title(f"Time step {step}"), self._note(), f"t{step}")
            before = states[-1]
            found: dict[str, list[str]] = {}
            for letter in "rz":
                found[letter] = lay_gate(gates[letter], letter, step, x, before, (), "s", names, assembly)
                for index, unit in enumerate(found[letter]):
                    assembly.activation(unit, SIGMOID, names.printed(letter, step, index, width))
            lay_candidate = _lay_after if self.reset_after else _lay_before
            for letter in "rz":
                names.array(letter, step, found[letter], assembly)
            found["n"] = lay_candidate(gates["n"], found["r"], x, before, step, names, assembly)
            for index, unit in enumerate(found["n"]):
                assembly.activation(unit, TANH, names.printed("n", step, index, width))
            states.append(self._lay_state(found, before, step, names, assembly))
        return self.sent(states[1:])

    def _note(self) -> str:
        reset = (
            "the reset gate r multiplies q, what the matrix makes of the state before, as in PyTorch"
            if self.reset_after
            else "the reset gate r multiplies the state before the matrix: q = r h, as first published"
        )
        update = (
            "z keeps the old state: h = (1 - z) n + z h"
            if self.update == "keeps"
            else "z renews the state: h = (1 - z) h + z n"
        )
        return f"Net inputs of the gates are called s; {reset}; {update}, h at the end being the one before."

    def _lay_state(
        self,
        gates: Mapping[str, Sequence[str]],
        before: Sequence[str],
        step: int,
        names: Timed,
        assembly: Assembly,
    ) -> list[str]:
        """Add h_t for every unit: the update gate weighs the candidate against the state before."""
        width = len(before)
        state = [names.unit("h", step, index, width) for index in range(width)]
        for index, unit in enumerate(state):
            z = gates["z"][index]
            rest, taken = gates["n"][index], before[index]
            if self.update == "renews":
                rest, taken = taken, rest

            def formula(sample: Sample, z: str = z, rest: str = rest, taken: str = taken) -> Term:
                gate = assembly.sent(z, sample)
                left = Product((Sum((ONE, Negation(gate))), assembly.sent(rest, sample)))
                return Sum((left, Product((gate, assembly.sent(taken, sample)))))

            def partials(
                sample: Sample, z: str = z, rest: str = rest, taken: str = taken
            ) -> Mapping[str, Term]:
                gate = assembly.sent(z, sample)
                by_gate = Sum((assembly.sent(taken, sample), Negation(assembly.sent(rest, sample))))
                return {
                    assembly.sent_key(z, sample): by_gate,
                    assembly.sent_key(rest, sample): Sum((ONE, Negation(gate))),
                    assembly.sent_key(taken, sample): gate,
                }

            name = names.printed("h", step, index, width)
            assembly.node(unit, formula, name, partials=partials, because=UPDATE_NOTE)
        names.array("h", step, state, assembly)
        return state


UPDATE_NOTE = "the update gate weighs the candidate against the state before"


def _lay_after(
    gate: Gate,
    reset: Sequence[str],
    x: Sequence[str],
    before: Sequence[str],
    step: int,
    names: Timed,
    assembly: Assembly,
) -> list[str]:
    """Add q = W_hn h + b_hn and the candidate's net input W_xn x + b_xn + r q."""
    width = len(before)
    units = [names.unit("n", step, index, width) for index in range(width)]
    for index, unit in enumerate(units):
        inner = names.unit("q", step, index, width)
        own = gate.own_biases(index)
        from_state = list(zip(before, gate.by_state[index], strict=True))
        lay_sum(inner, from_state, own[1:], names.printed("q", step, index, width), assembly)

        def formula(
            sample: Sample, index: int = index, inner: str = inner, outside: Sequence[str] = tuple(own[:1])
        ) -> Term:
            pairs: list[Any] = list(zip(x, gate.by_input[index], strict=True))
            products = [Product((assembly.sent(source, sample), assembly.weight(w))) for source, w in pairs]
            biases = [assembly.weight(bias) for bias in outside]
            held = Product((assembly.sent(reset[index], sample), assembly.quantity(f"net.{inner}", sample)))
            return Sum((*products, *biases, held))

        name = names.printed("s", step, index, width, "n")
        assembly.node(
            unit, formula, name, kind="net", because="the reset gate holds back what comes from the state"
        )
    return units


def _lay_before(
    gate: Gate,
    reset: Sequence[str],
    x: Sequence[str],
    before: Sequence[str],
    step: int,
    names: Timed,
    assembly: Assembly,
) -> list[str]:
    """Add q = r h and the candidate's net input W_xn x + W_hn q + b_n."""
    width = len(before)
    held = [names.unit("q", step, index, width) for index in range(width)]
    for index, unit in enumerate(held):

        def formula(sample: Sample, index: int = index) -> Term:
            return Product((assembly.sent(reset[index], sample), assembly.sent(before[index], sample)))

        name = names.printed("q", step, index, width)
        assembly.node(unit, formula, name, because="what the reset gate lets through of the state before")
    return lay_gate(gate, "n", step, x, held, (), "s", names, assembly)


__all__ = ["Fault", "GruLayer", "LstmLayer"]
