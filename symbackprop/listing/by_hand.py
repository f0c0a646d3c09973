"""NumPy programs on matrices, the backward pass written out as one does by hand."""

from __future__ import annotations

from ..formulas.terms import Cases, Number, Product, Term
from ..rules import activation_rule, is_layer_activation, loss_rule
from ..rules.loss import JointLossRule
from ..spec.problem import Problem
from .dialects import Dialect
from .layers import Matrices
from .source import number_source
from .text import Listing, assigned, program
from .vectorised import A, O, T, Vectorised, Z, printed


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
    gradients = printed(w.names("d"))
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
            *printed(w.names()),
        ]
    inner = [f"    {line}" if line else "" for line in [*step, "", "# update", *w.updates()]]
    shown = ["    if epoch == 1:", '        print("loss =", E)', *(f"        {line}" for line in gradients)]
    split = inner.index("    # update")
    inner = [*inner[:split], *shown, "", *inner[split:]]
    return [f"for epoch in range(1, {w.problem.epochs + 1}):", *inner, "", *printed(w.names())]


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
