"""PyTorch's optimizers as the fields of a problem file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ProblemError
from .decimals import decimal_text
from .stack import listed

Fields = dict[str, Any]
Group = Mapping[str, Any]


def descent_fields(learning_rate: Any) -> Fields | None:
    """Return the fields of `network` for a learning rate or an optimizer, None for neither.

    Raises:
        ProblemError: the optimizer has no counterpart, has stepped already or has several groups.
    """
    if learning_rate is None:
        return None
    if not hasattr(learning_rate, "param_groups"):
        text = learning_rate if isinstance(learning_rate, str) else decimal_text(learning_rate)
        return {"learning_rate": text}
    name = type(learning_rate).__name__
    groups = learning_rate.param_groups
    if name not in OPTIMIZERS:
        raise _error("no such optimizer here", name, f"one of {listed(list(OPTIMIZERS))}")
    if len(groups) != 1:
        raise _error("several groups of parameters", str(len(groups)), "one")
    if any(float(state.get("step", 0)) for state in learning_rate.state.values()) or any(
        state.get("momentum_buffer") is not None for state in learning_rate.state.values()
    ):
        raise _error("an optimizer that has made updates", name, "a new one")
    group = groups[0]
    for setting in ("amsgrad",):
        if group.get(setting):
            raise _error(f"{name} with {setting}", f"{setting}={group[setting]}", f"{setting}=False")
    found = {"learning_rate": _number(group["lr"]), **OPTIMIZERS[name](group)}
    return found | ({"ascent": True} if group.get("maximize") else {})


def _error(message: str, given: str, expected: str) -> ProblemError:
    return ProblemError(message, field="learning_rate", given=given, expected=expected)


def _number(value: Any) -> str:
    return decimal_text(float(value))


def _decay(group: Group) -> Fields:
    return {"weight_decay": _number(group["weight_decay"])} if group["weight_decay"] else {}


def _sgd(group: Group) -> Fields:
    if not group["momentum"]:
        return {"optimizer": {"name": "sgd", **_decay(group)}} if group["weight_decay"] else {}
    optimizer: Fields = {
        "name": "nesterov" if group["nesterov"] else "momentum",
        "momentum": _number(group["momentum"]),
    }
    if group["dampening"]:  # it does not hold in the first update: the velocity starts as the gradient
        optimizer |= {"dampening": _number(group["dampening"]), "first": "gradient"}
    return {"optimizer": optimizer | _decay(group)}


def _adagrad(group: Group) -> Fields:
    if group["initial_accumulator_value"]:
        given = f"initial_accumulator_value={group['initial_accumulator_value']}"
        raise _error("squares at the start", given, "0; give them under `state` as accumulator.P")
    found: Fields = {"optimizer": {"name": "adagrad", "epsilon": _number(group["eps"]), **_decay(group)}}
    if group["lr_decay"]:
        rate = {
            "start": _number(group["lr"]),
            "schedule": "inverse_time",
            "decay": _number(group["lr_decay"]),
        }
        found["learning_rate"] = rate
    return found


def _rmsprop(group: Group) -> Fields:
    optimizer: Fields = {
        "name": "rmsprop",
        "rho": _number(group["alpha"]),
        "epsilon": _number(group["eps"]),
        **_decay(group),
    }
    if group["centered"]:
        optimizer["centered"] = True
    if group["momentum"]:
        optimizer["momentum"] = _number(group["momentum"])
    return {"optimizer": optimizer}


def _adam(name: str) -> Callable[[Group], Fields]:
    def fields(group: Group) -> Fields:
        beta1, beta2 = group["betas"]
        optimizer = {
            "name": name,
            "beta1": _number(beta1),
            "beta2": _number(beta2),
            "epsilon": _number(group["eps"]),
        }
        decay = {"weight_decay": _number(group["weight_decay"])} if name == "adamw" else _decay(group)
        return {"optimizer": optimizer | decay}

    return fields


def _adadelta(group: Group) -> Fields:
    optimizer = {"name": "adadelta", "rho": _number(group["rho"]), "epsilon": _number(group["eps"])}
    return {"optimizer": optimizer | _decay(group)}


#: By the name of PyTorch's class.
OPTIMIZERS: Mapping[str, Callable[[Group], Fields]] = {
    "SGD": _sgd,
    "Adagrad": _adagrad,
    "RMSprop": _rmsprop,
    "Adam": _adam("adam"),
    "AdamW": _adam("adamw"),
    "Adadelta": _adadelta,
}
