"""How an activation is read: a name, its settings, or the author's own expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from ..formulas.terms import Number
from ..network.operations import Activation
from ..rules.activation import KINK, rational
from ..rules.layer_activations import is_layer_activation
from .authored import own_activation
from .faults import Path, Written
from .function_forms import ActivationForm, OwnActivationForm
from .functions import ACTIVATIONS
from .problem import Layer, Weight


def read_activation(
    form: ActivationForm | OwnActivationForm | str, path: Path, written: Written
) -> Activation:
    """Return the activation that a field names, with its settings.

    Raises:
        ProblemError: it has no such setting, or the author's own function cannot be used.
    """
    if isinstance(form, OwnActivationForm):
        return own_activation(form, path, written)
    name = form if isinstance(form, str) else form.name
    if not isinstance(form, str) and form.approximate is not None:
        if name not in ("gelu", "gelu_tanh"):
            raise written.error(
                (*path, "approximate"), f"{name} has no such setting", expected="a setting of gelu"
            )
        return Activation("gelu" if form.approximate == "none" else "gelu_tanh")
    given = [] if isinstance(form, str) else sorted(form.model_fields_set - {"name"})
    kind = ACTIVATIONS[name]
    settings = {key: Number(value) for key, value in kind.settings.items()}
    allowed = [*settings, *([KINK] if kind.kinked else [])]
    for key in given:
        if key not in allowed:
            raise written.error(
                (*path, key),
                f"{name} has no such setting",
                expected=f"one of {', '.join(allowed)}" if allowed else "no settings",
            )
        value = getattr(form, key)
        if value is not None:
            settings[key] = value
    _check_settings(name, settings, path, written)
    return Activation(name, settings)


def _check_settings(name: str, settings: Mapping[str, Number], path: Path, written: Written) -> None:
    """Refuse settings with which the formula would be none, or another function's."""
    if name == "hardtanh" and _value(settings["min_val"]) >= _value(settings["max_val"]):
        raise written.error(
            (*path, "max_val"),
            "not above min_val",
            given=str(settings["max_val"]),
            expected=f"a number above {settings['min_val']}",
        )
    positive = {"celu": "alpha", "hard_sigmoid": "slope"}.get(name)
    if positive is not None and _value(settings[positive]) <= 0:
        raise written.error(
            (*path, positive), "not above zero", given=str(settings[positive]), expected="a number above 0"
        )
    if name == "step" and str(settings["slope"]) not in ("0", "1"):
        raise written.error(
            (*path, "slope"),
            "what is taken as the derivative of a step is 1 (the perceptron rule) or 0",
            given=str(settings["slope"]),
            expected="1 or 0",
        )


def _value(number: Number) -> Fraction:
    value = rational(number)
    assert value is not None
    return value


def check_together(layers: Sequence[Layer], weights: Sequence[tuple[Weight, Path]], written: Written) -> None:
    """Refuse a connection inside a layer whose units are activated together.

    Raises:
        ProblemError: a unit of a softmax layer feeds another one of it.
    """
    for layer in layers:
        if not is_layer_activation(layer.activation):
            continue
        for weight, path in weights:
            if weight.source in layer.units and weight.target in layer.units:
                assert layer.activation is not None
                raise written.error(
                    path,
                    f"the units of a {layer.activation.name} layer are activated together, so none feeds "
                    "another",
                    given=f"{weight.name} from {weight.source} to {weight.target}",
                    expected=f"a weight that comes from outside layer {layer.name}",
                )
