"""Keras's optimizers as the fields of a problem file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import ProblemError
from .decimals import decimal_text
from .stack import listed

Fields = dict[str, Any]
Config = Mapping[str, Any]

#: Under this name a moment at the start that every parameter has; it is put under `state` by their names.
EVERY = "every"


def descent_fields(learning_rate: Any) -> Fields | None:
    """Return the fields of `network` for a learning rate or an optimizer, None for neither.

    Raises:
        ProblemError: the optimizer has no counterpart, or has made updates.
    """
    if learning_rate is None:
        return None
    if not hasattr(learning_rate, "apply_gradients") and not hasattr(learning_rate, "apply"):
        text = learning_rate if isinstance(learning_rate, str) else decimal_text(learning_rate)
        return {"learning_rate": text}
    name, config = type(learning_rate).__name__, learning_rate.get_config()
    if name not in OPTIMIZERS:
        raise _error("no such optimizer here", name, f"one of {listed(list(OPTIMIZERS))}")
    if isinstance(config["learning_rate"], Mapping):
        raise _error("a schedule", config["learning_rate"].get("class_name", "a schedule"), "a number")
    if int(np.asarray(learning_rate.iterations)):
        raise _error("an optimizer that has made updates", name, "a new one")
    for setting in ("global_clipnorm", "clipnorm", "use_ema", "amsgrad", "loss_scale_factor"):
        if config.get(setting):
            hint = "A clip of all gradients together is `clip={'norm': ...}`." if "clip" in setting else ""
            raise _error(f"{name} with {setting}", f"{setting}={config[setting]}", f"no {setting}", hint)
    if config.get("weight_decay") and name != "AdamW":
        raise _error(f"{name} with weight_decay", str(config["weight_decay"]), "none", _DECOUPLED)
    found = {"learning_rate": _number(config["learning_rate"]), **OPTIMIZERS[name](config)}
    if config.get("clipvalue"):
        found["clip"] = {"value": _number(config["clipvalue"])}
    return found


_DECOUPLED = "Keras takes it off beside the gradient; a problem file has that for adamw."


def _error(message: str, given: str, expected: str, hint: str = "") -> ProblemError:
    return ProblemError(message, field="learning_rate", given=given, expected=expected, hint=hint)


def _number(value: Any) -> str:
    """Return a setting as written: Keras has learning rates in single precision."""
    return decimal_text(np.float32(value))


def _sgd(config: Config) -> Fields:
    if not config["momentum"]:
        return {}
    name = "nesterov" if config["nesterov"] else "momentum"
    return {"optimizer": {"name": name, "momentum": _number(config["momentum"]), "rate": "inside"}}


def _adagrad(config: Config) -> Fields:
    optimizer = {"name": "adagrad", "epsilon": _number(config["epsilon"]), "epsilon_place": "inside"}
    start = config["initial_accumulator_value"]
    return {"optimizer": optimizer, **({EVERY: {"accumulator": _number(start)}} if start else {})}


def _rmsprop(config: Config) -> Fields:
    optimizer: Fields = {
        "name": "rmsprop",
        "rho": _number(config["rho"]),
        "epsilon": _number(config["epsilon"]),
        "epsilon_place": "inside",
    }
    if config["centered"]:
        optimizer["centered"] = True
    if config["momentum"]:
        optimizer |= {"momentum": _number(config["momentum"]), "rate": "inside"}
    return {"optimizer": optimizer}


def _adam(name: str) -> Callable[[Config], Fields]:
    def fields(config: Config) -> Fields:
        if float(config["epsilon"]):
            raise _error(
                f"epsilon of Keras's {name}",
                f"epsilon={config['epsilon']}",
                "epsilon=0",
                "Keras adds it to the root before the moments are corrected, a problem file after: give "
                f"learning_rate=0.001 and optimizer={{'name': '{name}'}} for the usual form.",
            )
        optimizer = {
            "name": name,
            "beta1": _number(config["beta_1"]),
            "beta2": _number(config["beta_2"]),
            "epsilon": "0",
        }
        if name == "adamw":
            optimizer["weight_decay"] = _number(config["weight_decay"] or 0)
        return {"optimizer": optimizer}

    return fields


def _adadelta(config: Config) -> Fields:
    return {
        "optimizer": {
            "name": "adadelta",
            "rho": _number(config["rho"]),
            "epsilon": _number(config["epsilon"]),
        }
    }


#: By the name of Keras's class.
OPTIMIZERS: Mapping[str, Callable[[Config], Fields]] = {
    "SGD": _sgd,
    "Adagrad": _adagrad,
    "RMSprop": _rmsprop,
    "Adam": _adam("adam"),
    "AdamW": _adam("adamw"),
    "Adadelta": _adadelta,
}
