"""PyTorch's optimizers as the fields of a problem file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ProblemError
from .decimals import decimal_text


def descent_fields(learning_rate: Any) -> Mapping[str, Any] | None:
    """Return the fields of `network` for a learning rate or an optimizer, None for neither.

    Raises:
        ProblemError: the optimizer has no counterpart.
    """
    if learning_rate is None:
        return None
    if not hasattr(learning_rate, "param_groups"):
        text = learning_rate if isinstance(learning_rate, str) else decimal_text(learning_rate)
        return {"learning_rate": text}
    name = type(learning_rate).__name__
    groups = learning_rate.param_groups
    if len(groups) != 1:
        raise ProblemError(
            "several groups of parameters", field="learning_rate", given=f"{len(groups)}", expected="one"
        )
    group = groups[0]
    asked = {key: group[key] for key in _OFF if group.get(key)}
    if name != "SGD" or asked:
        given = f"{name} with {', '.join(asked)}" if asked else name
        raise ProblemError(
            "no such optimizer here", field="learning_rate", given=given, expected="a plain torch.optim.SGD"
        )
    return {"learning_rate": decimal_text(float(group["lr"]))}


#: What a plain gradient descent has switched off.
_OFF = ("momentum", "dampening", "weight_decay", "nesterov", "maximize")
