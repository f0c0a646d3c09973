"""PyTorch's autograd in float64, over the forward formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .answer import Answer, NotComparable
from .arithmetic import Arithmetic
from .program import Program

#: Every node of a formula is an operation of its own on a tensor of one number.
LARGEST_PROGRAM = 150_000


#: Functions that PyTorch calls as formulas do.
SAME_NAMES = (
    *("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
    *("sqrt", "abs", "sign", "erf"),
)


def torch_or_reason() -> Any:
    """Return PyTorch.

    Raises:
        NotComparable: it is not installed.
    """
    try:
        import torch
    except ImportError:
        raise NotComparable("PyTorch is not installed (pip install torch)") from None
    return torch


def _real(number: Any) -> float:
    return float(number.item())


def torch_arithmetic(torch: Any) -> Arithmetic:
    """Return PyTorch's numbers: tensors of one float64."""
    functions = {
        **{name: getattr(torch, name) for name in SAME_NAMES},
        "ln": torch.log,
        "max": lambda *numbers: max(numbers, key=_real),
        "min": lambda *numbers: min(numbers, key=_real),
    }
    return Arithmetic(
        lambda rational: torch.tensor(float(rational), dtype=torch.float64), functions, real=_real
    )


def ask_torch(program: Program) -> Answer:
    """Return the derivatives by parameters, net inputs and activations.

    Raises:
        NotComparable: PyTorch is not installed, or the formulas are too many.
    """
    torch = torch_or_reason()
    if program.size > LARGEST_PROGRAM:
        raise NotComparable(
            f"too large: the formulas have {program.size} nodes, the limit is {LARGEST_PROGRAM}"
        )
    arithmetic = torch_arithmetic(torch)
    start = program.start(arithmetic)
    for by in set(program.variables.values()) & start.keys():
        start[by].requires_grad_()
    values = program.run(arithmetic, start)
    loss = values[program.loss]
    sought = {name: values[by] for name, by in program.variables.items() if values[by].requires_grad}
    return {program.loss: loss.item(), **slopes_of(torch, loss, sought)}


def slopes_of(torch: Any, loss: Any, sought: Mapping[str, Any]) -> dict[str, float]:
    """Return the derivatives of the loss; zero by what it does not depend on."""
    if not sought or not loss.requires_grad:  # every unit is dead: the loss is a plain number
        return dict.fromkeys(sought, 0.0)
    slopes = torch.autograd.grad(loss, list(sought.values()), allow_unused=True)
    return {name: 0.0 if slope is None else slope.item() for name, slope in zip(sought, slopes, strict=True)}
