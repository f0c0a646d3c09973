"""PyTorch and JAX programs on matrices: the library finds the gradients."""

from __future__ import annotations

from ..spec.problem import Problem
from .dialects import Dialect
from .layers import Matrices
from .text import Listing, program
from .vectorised import Vectorised, printed


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
    gradients = printed(w.names("d"))
    if not trains:
        tail = [*step, 'print("loss =", float(E))', *gradients]
    elif problem.epochs == 1:
        tail = [*step, 'print("loss =", float(E))', *gradients, "", *update]
    else:
        shown = ["if epoch == 1:", '    print("loss =", float(E))', *(f"    {line}" for line in gradients)]
        inner = [f"    {line}" for line in [*step, *shown, *update]]
        tail = [f"for epoch in range(1, {problem.epochs + 1}):", *inner, ""]
    if trains:
        tail += [*printed(w.names()), f"after = float(loss({outputs}))", 'print("loss afterwards =", after)']
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
