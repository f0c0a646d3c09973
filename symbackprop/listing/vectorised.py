"""Networks of whole layers as short programs on matrices: one row per sample, one column per unit."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import SymbackpropError
from ..formulas.terms import Term
from ..keys import key
from ..rules import activation_rule, is_layer_activation, loss_rule
from ..rules.derivation import slot
from ..rules.loss import JointLossRule
from ..spec.problem import Problem
from .dialects import Dialect
from .layers import Matrices
from .source import number_source, python_source
from .text import array_lines, assigned, floats

Z, A, T, O = slot("z"), slot("a"), slot("t"), slot("o")  # noqa: E741 - an output's letter


class Vectorised:
    """Writes the parts that the programs of every library share."""

    def __init__(self, problem: Problem, layers: tuple[Matrices, ...], dialect: Dialect) -> None:
        """Take the network and the library."""
        self.problem, self.layers, self.dialect = problem, layers, dialect
        self.last = len(layers)
        self.output = f"A{self.last}"
        self.trains = problem.learning_rate is not None

    # --- numbers -------------------------------------------------------------------------------

    def data(self) -> list[str]:
        """Return the lines that hold inputs, targets and learning rate."""
        array, problem = self.dialect.array, self.problem
        inputs = [[number_source(s.inputs[u]) for u in problem.inputs] for s in problem.samples]
        targets = [[number_source(s.targets[u]) for u in problem.outputs] for s in problem.samples]
        lines = [*array_lines("X", array, floats(inputs)), *array_lines("T", array, floats(targets))]
        if len(inputs) > 1:
            lines.insert(0, "# one row per sample")
        if problem.learning_rate is not None:
            lines.append(f"learning_rate = {number_source(problem.learning_rate)}")
        return lines

    def parameters(self) -> list[str]:
        """Return the lines that hold weights and biases."""
        lines = ["# one row of weights per receiving unit"]
        for number, layer in enumerate(self.layers, start=1):
            lines += self.matrix(number, layer)
        return lines

    def matrix(self, number: int, layer: Matrices, closing: str = ")") -> list[str]:
        """Return the lines of one layer's weights and biases."""
        rows = [[number_source(value) for _, value in row] for row in layer.weights]
        lines = array_lines(f"W{number}", self.dialect.array, floats(rows), closing)
        biases = [number_source(value) for _, value in layer.biases]
        if biases:
            lines += array_lines(f"b{number}", self.dialect.array, floats([biases])[0], closing)
            if layer.shares:
                lines[-1] += "  # one bias for the whole layer"
        return lines

    # --- formulas ------------------------------------------------------------------------------

    def source(self, term: Term, **names: str) -> str:
        """Return a formula as code, its slots named."""
        return python_source(term, lambda name: names[name], self.dialect)

    def activation(self, layer: Matrices, net: str) -> str:
        """Return the activations of a layer from its net inputs."""
        if is_layer_activation(layer.activation):
            return getattr(self.dialect, layer.activation.name).format(z=net)  # type: ignore[no-any-return]
        term = activation_rule(layer.activation).formula(Z, layer.activation.settings)
        return self.source(term, z=net)

    def forward(self, indent: str = "    ") -> list[str]:
        """Return the lines from inputs to outputs."""
        lines = []
        for number, layer in enumerate(self.layers, start=1):
            before = "X" if number == 1 else f"A{number - 1}"
            bias = f" + b{number}" if layer.biases else ""
            lines.append(f"{indent}Z{number} = {before} @ W{number}.T{bias}")
            lines += assigned(f"A{number}", self.activation(layer, f"Z{number}"), indent)
        return lines

    @property
    def mean(self) -> bool:
        """Whether the samples' losses are averaged, and there is more than one."""
        return self.problem.loss.reduction == "mean" and len(self.problem.samples) > 1

    def loss(self) -> list[str]:
        """Return the lines of a function that has the loss of the outputs O."""
        rule, lines = loss_rule(self.problem.loss), ["def loss(O):"]
        share = " / len(T)" if self.mean else ""
        if isinstance(rule, JointLossRule):
            error = self._joint_loss()
        else:
            error = self._sum(self.source(rule.formula(T, O, len(self.problem.outputs)), t="T", o="O"))
        body = assigned("", f"{error}{share}", "    ")
        body[0] = body[0].replace("     = ", "    return ", 1)
        return [*lines, *body]

    def _sum(self, expression: str) -> str:
        return f"{self.dialect.functions['exp'].partition('.')[0]}.sum({expression})"

    def _joint_loss(self) -> str:
        if self.problem.loss.kind != "cross_entropy_with_logits":
            raise SymbackpropError(f"no vectorised listing for the loss {self.problem.loss.kind}")
        log = f"{self.dialect.log_softmax.format(z='O')}"
        scale = self.problem.loss.constant
        factor = "" if scale is None else f"{number_source(scale)} * "
        wrapped = f"({log})" if " - " in log else log
        return f"-{factor}{self._sum(f'T * {wrapped}')}"

    # --- what is where -------------------------------------------------------------------------

    def quantities(self, last: int) -> dict[str, str]:
        """Return where the program keeps each number after `last` updates."""
        found: dict[str, str] = {}
        before = max(last - 1, 0)
        for number, layer in enumerate(self.layers, start=1):
            places: list[tuple[str, str, str]] = [
                (name, f"W{number}", f"[{row}, {column}]")
                for row, names in enumerate(layer.weights)
                for column, (name, _) in enumerate(names)
            ]
            places += [(name, f"b{number}", f"[{index}]") for index, (name, _) in enumerate(layer.biases)]
            for name, array, index in places:
                found[key("grad", name, passes=before)] = f"d{array}{index}"
                if last and name not in self.problem.frozen:
                    found[key("new", name, passes=last if last > 1 else 0)] = f"{array}{index}"
        found[key("loss", "", passes=before)] = "E"
        if last:
            found[key("loss", "", passes=last)] = "after"
        return found

    def names(self, prefix: str = "") -> list[str]:
        """Return the variables of all parameters, layer by layer."""
        found = []
        for number, layer in enumerate(self.layers, start=1):
            found.append(f"{prefix}W{number}")
            found += [f"{prefix}b{number}"] * bool(layer.biases)
        return found

    def masks(self) -> dict[str, str]:
        """Return, for each array that has frozen parameters, what its gradient is multiplied by."""
        frozen, found = self.problem.frozen, {}
        for number, layer in enumerate(self.layers, start=1):
            rows = [[str(int(name not in frozen)) for name, _ in row] for row in layer.weights]
            if any("0" in row for row in rows):
                nested = ", ".join(f"[{', '.join(row)}]" for row in rows)
                whole = all(cell == "0" for row in rows for cell in row)
                found[f"W{number}"] = "0" if whole else f"{self.dialect.array}([{nested}])"
            row = [str(int(name not in frozen)) for name, _ in layer.biases]
            if "0" in row:
                found[f"b{number}"] = "0" if "1" not in row else f"{self.dialect.array}([{', '.join(row)}])"
        return found

    def updates(self) -> list[str]:
        """Return the lines of the update, inside the loop over the epochs."""
        masks = self.masks()
        lines = []
        for name in self.names():
            if masks.get(name) == "0":
                continue
            mask = f" * {masks[name]}" if name in masks else ""
            lines.append(f"{name} -= learning_rate * d{name}{mask}")
        return lines


def printed(names: Iterable[str]) -> list[str]:
    """Return the lines that print some variables."""
    return [f'print("{name} =", {name})' for name in names]
