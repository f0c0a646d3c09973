"""Networks of whole layers as short programs on matrices: one row per sample, one column per unit."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import SymbackpropError
from ..formulas.terms import Cases, Number, Product, Term
from ..keys import key
from ..rules import activation_rule, is_layer_activation, loss_rule
from ..rules.derivation import slot
from ..rules.loss import JointLossRule
from ..spec.problem import Problem
from .dialects import Dialect
from .layers import Matrices
from .source import number_source, python_source
from .text import Listing, array_lines, assigned, floats, program

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


def _printed(names: Iterable[str]) -> list[str]:
    return [f'print("{name} =", {name})' for name in names]


def numpy_listing(problem: Problem, layers: tuple[Matrices, ...], dialect: Dialect) -> Listing:
    """Return a program with the backward pass written out by hand."""
    w = Vectorised(problem, layers, dialect)
    passed = [name for n in range(1, w.last + 1) for name in (f"Z{n}", f"A{n}")]
    forward = ["def forward(X):", *w.forward(), f"    return {', '.join(passed)}"]
    loss = w.loss()
    step = [
        "# forward pass",
        f"{', '.join(passed)} = forward(X)",
        f"E = loss({w.output})",
        "",
        "# backward pass",
        *_backward(w),
    ]
    tail = _program_tail(w, step)
    after = ["after = loss(forward(X)[-1])", 'print("loss afterwards =", after)'] if w.trains else []
    what = "forward pass, backward pass and update with NumPy" if w.trains else "both passes with NumPy"
    body = [
        *w.data(),
        "",
        *w.parameters(),
        *["", ""],
        *forward,
        *["", ""],
        *loss,
        *["", ""],
        *tail,
        *after,
    ]
    return Listing(
        program(problem.title, what, dialect, body), w.quantities(problem.epochs if w.trains else 0)
    )


def _program_tail(w: Vectorised, step: list[str]) -> list[str]:
    """Return the loop over the epochs, or the one step where nothing is updated."""
    gradients = _printed(w.names("d"))
    if not w.trains:
        return [*step, "", 'print("loss =", E)', *gradients]
    if w.problem.epochs == 1:
        return [
            *step,
            "",
            'print("loss =", E)',
            *gradients,
            "",
            "# update",
            *w.updates(),
            *_printed(w.names()),
        ]
    inner = [f"    {line}" if line else "" for line in [*step, "", "# update", *w.updates()]]
    shown = ["    if epoch == 1:", '        print("loss =", E)', *(f"        {line}" for line in gradients)]
    split = inner.index("    # update")
    inner = [*inner[:split], *shown, "", *inner[split:]]
    return [f"for epoch in range(1, {w.problem.epochs + 1}):", *inner, "", *_printed(w.names())]


def _backward(w: Vectorised) -> list[str]:
    lines = _loss_slope(w)
    for number in range(w.last, 0, -1):
        layer = w.layers[number - 1]
        before = "X" if number == 1 else f"A{number - 1}"
        if number < w.last:
            lines.append(f"dA{number} = dZ{number + 1} @ W{number + 1}")
        lines += _net_slope(w, number, layer)
        lines.append(f"dW{number} = dZ{number}.T @ {before}")
        if layer.shares:
            lines.append(f"db{number} = np.array([dZ{number}.sum()])")
        elif layer.biases:
            lines.append(f"db{number} = dZ{number}.sum(axis=0)")
    return lines


def _loss_slope(w: Vectorised) -> list[str]:
    problem, share = w.problem, " / len(X)" if w.mean else ""
    rule = loss_rule(problem.loss)
    if isinstance(rule, JointLossRule):
        soft = w.dialect.softmax.format(z=w.output)
        scale = problem.loss.constant
        factor = "" if scale is None else f"{number_source(scale)} * "
        expression = f"T.sum(axis=1, keepdims=True) * {soft} - T"
        bracketed = f"({expression})" if share or factor else expression
        return assigned(f"dA{w.last}", f"{factor}{bracketed}{share}")
    slope = rule.derivative(T, O, len(problem.outputs))
    expression = w.source(slope, t="T", o=w.output)
    if share and (" + " in expression or " - " in expression or expression.startswith("-")):
        expression = f"({expression})"
    return assigned(f"dA{w.last}", expression + share)


def _net_slope(w: Vectorised, number: int, layer: Matrices) -> list[str]:
    net, act, arriving = f"Z{number}", f"A{number}", f"dA{number}"
    if is_layer_activation(layer.activation):
        total = f"({arriving} * {act}).sum(axis=1, keepdims=True)"
        if layer.activation.name == "softmax":
            return assigned(f"dZ{number}", f"{act} * ({arriving} - {total})")
        return assigned(f"dZ{number}", f"{arriving} - np.exp({act}) * {arriving}.sum(axis=1, keepdims=True)")
    slope = activation_rule(layer.activation).derivative(Z, A, layer.activation.settings)
    if slope == Number("1"):
        return [f"dZ{number} = {arriving}"]
    source = w.source(slope, z=net, a=act)
    if " + " in source or " - " in source or " / " in source:
        source = source if _is_product(slope) else f"({source})"
    return assigned(f"dZ{number}", f"{arriving} * {source}")


def _is_product(term: Term) -> bool:
    return isinstance(term, Product | Cases)


def autograd_listing(problem: Problem, layers: tuple[Matrices, ...], dialect: Dialect) -> Listing:
    """Return a program in which the library finds the gradients."""
    return _AUTOGRAD[dialect.name](Vectorised(problem, layers, dialect))


def _torch(w: Vectorised) -> Listing:
    forward = ["def forward(X):", *w.forward(), f"    return {w.output}"]
    loss = w.loss()
    names = ", ".join(w.names())
    parameters = ["# one row of weights per receiving unit"]
    for number, layer in enumerate(w.layers, start=1):
        parameters += w.matrix(number, layer, ", requires_grad=True)")
    step = [
        "E = loss(forward(X))",
        f"{', '.join(w.names('d'))}{',' * (len(w.names()) == 1)} = torch.autograd.grad(E, [{names}])",
    ]
    updates = [f"    {line}" for line in w.updates()]
    return _finish(w, forward, loss, parameters, step, ["with torch.no_grad():", *updates])


def _jax(w: Vectorised) -> Listing:
    names = ", ".join(w.names())
    forward = [
        "def forward(parameters, X):",
        f"    {names}{',' * (len(w.names()) == 1)} = parameters",
        *w.forward(),
        f"    return {w.output}",
    ]
    loss = w.loss()
    unpacked = f"{', '.join(w.names('d'))}{',' * (len(w.names()) == 1)}"
    comma = "," * (len(w.names()) == 1)
    step = [
        f"E, gradients = jax.value_and_grad(lambda p: loss(forward(p, X)))(({names}{comma}))",
        f"{unpacked} = gradients",
    ]
    return _finish(w, forward, loss, w.parameters(), step, w.updates(), f"forward(({names}{comma}), X)")


def _finish(
    w: Vectorised,
    forward: list[str],
    loss: list[str],
    parameters: list[str],
    step: list[str],
    update: list[str],
    outputs: str = "forward(X)",
) -> Listing:
    problem, trains = w.problem, w.trains
    gradients = _printed(w.names("d"))
    if not trains:
        tail = [*step, 'print("loss =", float(E))', *gradients]
    elif problem.epochs == 1:
        tail = [*step, 'print("loss =", float(E))', *gradients, "", *update]
    else:
        shown = ["if epoch == 1:", '    print("loss =", float(E))', *(f"    {line}" for line in gradients)]
        inner = [f"    {line}" for line in [*step, *shown, *update]]
        tail = [f"for epoch in range(1, {problem.epochs + 1}):", *inner, ""]
    if trains:
        tail += [*_printed(w.names()), f"after = float(loss({outputs}))", 'print("loss afterwards =", after)']
    what = f"gradients {'and update ' * trains}with {w.dialect.title}"
    body = [
        *w.data(),
        "",
        *parameters,
        *["", ""],
        *forward,
        *["", ""],
        *loss,
        *["", ""],
        *tail,
    ]
    return Listing(
        program(problem.title, what, w.dialect, body), w.quantities(problem.epochs if trains else 0)
    )


_AUTOGRAD = {"torch": _torch, "jax": _jax}
