"""Words for things: units, layers, parameters, counts, and the rounding policy in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..formulas.terms import Number
from ..network.operations import Activation
from ..numbers.rounding import Rounding, RoundingPolicy
from ..rules import activation_rule, is_layer_activation, layer_rule, loss_rule
from ..spec.problem import Bias, Loss, Problem

_NUMERALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(number: int, noun: str) -> str:
    """Return "one output", "three outputs", "12 outputs"."""
    numeral = _NUMERALS[number] if number < len(_NUMERALS) else str(number)
    return f"{numeral} {noun}{'' if number == 1 else 's'}"


def counted(number: int, noun: str) -> str:
    """Return "1 paper", "12 papers"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_text(number: Number) -> str:
    """Return a printed number inside running words, such as the description of a picture."""
    text = number.text.replace("-", "\N{MINUS SIGN}")
    if number.exponent is None:
        return text
    return f"{text} \N{MULTIPLICATION SIGN} 10{str(number.exponent).translate(_RAISED)}"


def layer_title(problem: Problem, index: int) -> str:
    """Return "output layer", "hidden layer" or "hidden layer 2" for a layer after the inputs."""
    if index == len(problem.layers) - 1:
        return "output layer"
    return "hidden layer" if len(problem.layers) == 3 else f"hidden layer {index}"


def unit_title(problem: Problem, unit: str) -> str:
    """Return "Hidden unit 1", "Output unit", "Hidden unit 2 of layer 1"."""
    for index, layer in enumerate(problem.layers):
        if unit not in layer.units:
            continue
        kind = "Output" if index == len(problem.layers) - 1 else "Hidden"
        number = f" {layer.units.index(unit) + 1}" if len(layer.units) > 1 else ""
        within = f" of layer {index}" if kind == "Hidden" and len(problem.layers) > 3 else ""
        return f"{kind} unit{number}{within}"
    raise KeyError(unit)


def shape(problem: Problem) -> str:
    """Return "2-2-1 units" with en dashes."""
    return "\N{EN DASH}".join(str(len(layer.units)) for layer in problem.layers) + " units"


def biases(problem: Problem) -> str:
    """Return how the network's biases stand."""
    one, many = ("threshold", "thresholds") if problem.thresholds else ("bias", "biases")
    if not problem.biases:
        return f"no {many}"
    if any(len(bias.targets) > 1 for bias in problem.biases):
        return f"{many} shared by a layer"
    covered = {unit for bias in problem.biases for unit in bias.targets}
    everywhere = all(unit in covered for layer in problem.layers[1:] for unit in layer.units)
    return f"one {one} per unit" if everywhere else f"some {many}"


def activations(problem: Problem) -> str:
    """Return the activation functions, in order of the layers, each once."""
    titles = [activation_title(layer.activation) for layer in problem.layers[1:] if layer.activation]
    return ", ".join(dict.fromkeys(titles))


def activation_title(activation: Activation) -> str:
    """Return what an activation function is called: "sigmoid", "softmax", the author's "f"."""
    if is_layer_activation(activation):
        return layer_rule(activation).title
    return activation_rule(activation).title


def function_title(title: str) -> str:
    """Return "the sigmoid function", or the author's own letter "f" as it is."""
    return title if len(title) == 1 else f"the {title} function"


def loss(problem: Problem) -> str:
    """Return the loss in words: "half squared error", "1/3 times the Huber loss"."""
    return loss_title(problem.loss)


def loss_title(loss: Loss) -> str:
    """Return what a loss is called: "half squared error", "1/3 times the Huber loss"."""
    rule = loss_rule(loss)
    title = rule.title
    if loss.settings:
        title += " with " + " and ".join(f"{name} {value}" for name, value in loss.settings.items())
    return title if loss.constant is None else f"{loss.constant} times the {title}"


def parameter_kind(parameter: object, problem: Problem) -> str:
    """Return "Weight", "Bias" or "Threshold"."""
    if not isinstance(parameter, Bias):
        return "Weight"
    return "Threshold" if problem.thresholds else "Bias"


def join(words: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


# --- the rounding policy ----------------------------------------------------------------------

_MODES = {
    "half_even": "rounded to nearest, halves to the even digit",
    "half_up": "rounded to nearest, halves away from zero",
    "truncate": "cut off, not rounded",
}
_ROLES = {
    "act": "activations",
    "net": "net inputs",
    "delta": "error terms",
    "residual": "residuals",
    "grad": "gradients",
    "loss": "the loss",
    "new": "new values",
    "step": "steps",
}


def rounding_statement(policy: RoundingPolicy) -> str:
    """Return the policy in a few sentences, as it is printed on the sheet."""
    rounding = policy.default
    text = f"Results are shown to {_digits(rounding)}, {_MODES[rounding.mode]}"
    if rounding.readout:
        text += f", after a calculator's read-out of {rounding.readout} significant digits"
    roles = _roles(policy.roles, rounding)
    if roles:
        text += f" ({roles})"
    text += ". "
    if policy.carry == "shown":
        return text + "Each value is used in the next step as it is printed here, as one works by hand."
    return text + (
        "Every result is computed from unrounded values, so the last digit may differ when you retype what "
        "is printed."
    )


def _digits(rounding: Rounding) -> str:
    unit = "decimal" if rounding.kind == "places" else "significant digit"
    return f"{rounding.digits} {unit}{'' if rounding.digits == 1 else 's'}"


def _roles(roles: Mapping[str, Mapping[str, Any]], default: Rounding) -> str:
    parts: dict[int, list[str]] = {}
    for pattern, change in roles.items():
        kind, _, subject = pattern.partition(".")
        if "digits" in change and kind in _ROLES and subject in ("*", ""):
            parts.setdefault(change["digits"], []).append(_ROLES[kind])
    unit = "decimals" if default.kind == "places" else "digits"
    return "; ".join(f"{join(names)} to {digits} {unit}" for digits, names in parts.items())
