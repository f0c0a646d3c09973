"""The optimizer a problem file chooses, complete with every number and convention it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from ..formulas.terms import Number
from ..network.descent import Optimizer
from ..rules.optimizers import remembered
from .data import number_value
from .faults import Path, Written
from .suggest import did_you_mean, listed
from .update_forms import OptimizerForm

_MOMENTUM = {"momentum": Number("0.9")}
_ADAM = {"beta1": Number("0.9"), "beta2": Number("0.999"), "epsilon": Number("1", -8)}


class _Fields(NamedTuple):
    """What an optimizer takes: numbers and choices with their defaults, and numbers that may be left out."""

    settings: Mapping[str, Number]
    choices: Mapping[str, str | bool]
    optional: tuple[str, ...] = ("weight_decay",)


_VELOCITY: Mapping[str, str | bool] = {"rate": "outside", "first": "dampened"}
_OUTSIDE: Mapping[str, str | bool] = {"epsilon_place": "outside"}
_FIELDS: Mapping[str, _Fields] = {
    "sgd": _Fields({}, {}),
    "momentum": _Fields(_MOMENTUM, _VELOCITY, ("dampening", "weight_decay")),
    "nesterov": _Fields(_MOMENTUM, {**_VELOCITY, "form": "pytorch"}, ("dampening", "weight_decay")),
    "adagrad": _Fields({"epsilon": Number("1", -10)}, _OUTSIDE),
    "rmsprop": _Fields(
        {"rho": Number("0.9"), "epsilon": Number("1", -8)},
        {**_OUTSIDE, "centered": False, "rate": "outside"},
        ("momentum", "weight_decay"),
    ),
    "adam": _Fields(_ADAM, {**_OUTSIDE, "bias_correction": True}),
    "adamw": _Fields({**_ADAM, "weight_decay": Number("0.01")}, {**_OUTSIDE, "bias_correction": True}, ()),
    "adadelta": _Fields({"rho": Number("0.9"), "epsilon": Number("1", -6)}, {}),
}

#: Shares of what is kept lie from 0 up to, but not at, 1.
_SHARES = frozenset({"momentum", "dampening", "beta1", "beta2", "rho"})


def build_optimizer(field: OptimizerForm | str | None, path: Path, written: Written) -> Optimizer:
    """Return the optimizer, complete.

    Raises:
        ProblemError: a setting that this optimizer has not, or one out of range.
    """
    if field is None or isinstance(field, str):
        fields = _FIELDS[field or "sgd"]
        return Optimizer(field or "sgd", dict(fields.settings), dict(fields.choices))
    given = {
        name: value
        for name in field.model_fields_set
        if name != "name" and (value := getattr(field, name)) is not None
    }
    name = field.name
    if name == "sgd" and "momentum" in given:
        name = "momentum"
    fields = _FIELDS[name]
    if "alpha" in given and "rho" in fields.settings:
        if "rho" in given:
            raise written.error((*path, "alpha"), "rho is written too", expected="only one of the two")
        given["rho"] = given.pop("alpha")
    known = [*fields.settings, *fields.optional, *fields.choices]
    for setting in given:
        if setting not in known:
            raise written.error(
                written.existing((*path, setting)),
                f"{name} has no {setting}",
                given=str(given[setting]),
                expected=f"one of {listed(known)}" if known else "no settings",
                hint=did_you_mean(setting, known),
            )
    settings = dict(fields.settings)
    for setting in (*fields.settings, *fields.optional):
        if setting in given:
            settings[setting] = _in_range(name, setting, given[setting], path, written)
    choices = {key: given.get(key, default) for key, default in fields.choices.items()}
    if choices.get("form") == "lookahead" and "rate" not in given:
        choices["rate"] = "inside"
    return Optimizer(name, {key: number for key, number in settings.items() if _counts(key, number)}, choices)


def _counts(setting: str, number: Number) -> bool:
    """Return whether a setting stands in the formulas: a zero beside a root or before a decay does not."""
    return bool(number_value(number)) or setting not in ("epsilon", "dampening", "weight_decay")


def _in_range(name: str, setting: str, number: Number, path: Path, written: Written) -> Number:
    value = number_value(number)
    place = written.existing((*path, setting))
    if setting in _SHARES and not 0 <= value < 1:
        raise written.error(place, "out of range", given=str(number), expected="a number from 0 to below 1")
    if value < 0 or (name == "adadelta" and setting == "epsilon" and not value):
        least = "above 0" if name == "adadelta" else "from 0 on"
        raise written.error(place, "out of range", given=str(number), expected=f"a number {least}")
    return number


def build_state(
    state: Mapping[str, Number] | None,
    optimizer: Optimizer,
    trained: Collection[str],
    path: Path,
    written: Written,
) -> tuple[dict[str, Number], int]:
    """Return the moments at the start by key, and how many updates were made before.

    Raises:
        ProblemError: a moment that the optimizer has not, a parameter that is not trained, a negative square.
    """
    moments: dict[str, Number] = {}
    steps = 0
    kinds = remembered(optimizer)
    for name, number in (state or {}).items():
        place = (*path, name)
        if name == "step":
            if not number.text.isdigit() or number.exponent is not None:
                raise written.error(
                    place,
                    "not a whole number",
                    given=str(number),
                    expected="how many updates were made before",
                )
            steps = int(number.text)
            continue
        kind, _, parameter = name.partition(".")
        if kind not in kinds:
            expected = f"step or one of {listed(f'{kind}.*' for kind in kinds)}" if kinds else "step"
            raise written.error(
                place, f"{optimizer.name} remembers nothing of this name", given=name, expected=expected,
                hint=did_you_mean(kind, kinds),
            )  # fmt: skip
        if parameter not in trained:
            raise written.error(
                place,
                "no parameter of this name is updated",
                given=parameter,
                expected=f"one of {listed(trained)}",
                hint=did_you_mean(parameter, trained),
            )
        if kind in ("v", "u", "accumulator") and number_value(number) < 0:
            raise written.error(
                place, "a mean of squares is not negative", given=str(number), expected="a number from 0 on"
            )
        moments[name] = number
    return moments, steps
