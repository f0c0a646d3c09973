"""JAX's reverse mode in float64, over the forward formulas."""

from __future__ import annotations

from typing import Any

from .answer import Answer, NotComparable
from .arithmetic import Arithmetic, value
from .program import Program

#: JAX traces each node of a formula as an operation of its own, a tenth of a millisecond each.
LARGEST_PROGRAM = 20_000


def jax_arithmetic(jnp: Any, special: Any) -> Arithmetic:
    """Return JAX's numbers."""
    names = ("exp", "log", "tanh", "sinh", "cosh", "sin", "cos", "tan", "sqrt", "abs", "sign")
    functions = {
        **{name: getattr(jnp, name) for name in names},
        "ln": jnp.log,
        "asin": jnp.arcsin,
        "acos": jnp.arccos,
        "atan": jnp.arctan,
        "erf": special.erf,
        "max": max,
        "min": min,
    }
    return Arithmetic(lambda rational: jnp.float64(float(rational)), functions)


def ask_jax(program: Program) -> Answer:
    """Return the derivatives by parameters, net inputs and activations.

    Raises:
        NotComparable: JAX is not installed, or the formulas are too many.
    """
    try:
        import jax
        import jax.numpy as jnp
        import jax.scipy.special as special
    except ImportError:
        raise NotComparable("JAX is not installed (pip install jax)") from None
    if program.size > LARGEST_PROGRAM:
        raise NotComparable(
            f"too large: the formulas have {program.size} nodes, the limit is {LARGEST_PROGRAM}"
        )
    with jax.enable_x64(True):
        arithmetic = jax_arithmetic(jnp, special)
        start = program.start(arithmetic)
        sought = {by: jnp.float64(0.0) for by in program.variables.values()}

        def loss(changes: dict[str, Any]) -> Any:
            values = {by: number + changes[by] if by in changes else number for by, number in start.items()}
            for name, formula in program.steps.items():
                number = value(formula, values, arithmetic) * program.noise.get(name, 1.0)
                values[name] = number + changes[name] if name in changes else number
            return values[program.loss]

        found, slopes = jax.value_and_grad(loss)(sought)
        answers = {name: float(slopes[by]) for name, by in program.variables.items()}
        return {program.loss: float(found), **answers}
