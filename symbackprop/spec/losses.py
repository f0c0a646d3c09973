"""What is minimised: the loss, its constant and settings, the author's own, and what targets it can take."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from ..formulas.terms import Number
from ..rules import loss_rule
from ..rules.losses import DISTRIBUTION, PROBABILITY, SIGN
from .authored import own_loss
from .data import number_value
from .faults import Path, Written
from .function_forms import LossForm, OwnLossForm
from .model import ProblemForm
from .problem import Loss, Sample
from .text.numerals import counted
from .training import asked

_IN_WORDS = re.compile(
    r"(?P<half>1/2 ?\* ?)?(?P<join>sum|mean) over (?:the )?(?:[0-9]+ )?samples of \([^()]*\) ?(?:\*\*|\^) ?2"
)
_WORDS_FORM = "words such as `1/2 * sum over the 4 samples of (y - o)**2`"

#: The settings of losses in problem files.
SETTINGS = ("delta", "margin")

#: Losses whose constant is a part of their name.
_OWN_CONSTANT = {"half_squared_error": "1/2", "mean_squared_error": "1/K", "mean_absolute_error": "1/K"}


def build_losses(
    form: ProblemForm, outputs: int, written: Written, samples: int = 1
) -> tuple[Loss, Loss | None]:
    """Return the loss that is descended and the one that is only reported, if there is one.

    Raises:
        ProblemError: constant and kind do not make a known loss, or the reported loss is given twice.
    """
    field = form.network.loss
    path: Path = ("network", "loss")
    loss = build_loss(field, outputs, samples, path, written)
    reported, place = asked(form, "reported_loss", written)
    if reported is not None:
        return loss, build_loss(reported, outputs, samples, place, written)
    if isinstance(field, LossForm) and field.reported is not None:
        half, join = _in_words(field.reported, (*path, "reported"), written)
        kind = "half_squared_error" if half else "mean_squared_error" if join == "mean" else "squared_error"
        return loss, Loss(kind, join)
    return loss, None


def build_loss(
    field: LossForm | OwnLossForm | str, outputs: int, samples: int, path: Path, written: Written
) -> Loss:
    """Return the loss that a field describes.

    Raises:
        ProblemError: it has no such setting, its constant is a part of its name, or an expression is wrong.
    """
    if isinstance(field, str):
        return Loss(field)
    reduction = "sum" if field.reduction == "sum" else "mean"
    constant = field.constant
    if isinstance(constant, str):
        constant = counted(constant, outputs, samples)
    if isinstance(field, OwnLossForm):
        formula, derivative = own_loss(field, path, written)
        return Loss(
            "custom",
            reduction,
            constant=_unless_one(constant),
            expression=formula,
            derivative=derivative,
            name=field.name or "",
        )
    if field.descended is not None:
        half, join = _in_words(field.descended, (*path, "descended"), written)
        return Loss("half_squared_error" if half else "squared_error", join)
    settings = _settings(field, path, written)
    kind = field.kind
    if constant is not None:
        kind, constant = _with_constant(kind, constant, outputs, (*path, "constant"), written)
    return Loss(kind, reduction, settings, _unless_one(constant))


def _unless_one(constant: Number | None) -> Number | None:
    return None if constant is None or number_value(constant) == 1 else constant


def _settings(field: LossForm, path: Path, written: Written) -> dict[str, Number]:
    known = loss_rule(field.kind).settings
    settings: dict[str, Number] = {}
    for name in SETTINGS:
        value = getattr(field, name)
        if value is None:
            continue
        if name not in known:
            raise written.error(
                (*path, name),
                f"{field.kind} has no such setting",
                expected=f"one of {', '.join(known)}" if known else "no settings but constant and reduction",
            )
        if number_value(value) <= 0:
            raise written.error(
                (*path, name), "not above zero", given=str(value), expected="a number above 0"
            )
        settings[name] = value
    return settings


def _with_constant(
    kind: str, constant: Number, outputs: int, path: Path, written: Written
) -> tuple[str, Number | None]:
    """Return the loss of that name with the constant in it, or the loss and the constant before it."""
    value = number_value(constant)
    if kind == "squared_error":
        named = {Fraction(1, outputs): "mean_squared_error", Fraction(1, 2): "half_squared_error"}
        named[Fraction(1)] = "squared_error"
        return (named[value], None) if value in named else (kind, constant)
    own = _OWN_CONSTANT.get(kind)
    if own is None:
        return kind, constant
    text = own.replace("K", str(outputs))
    if value == Fraction(text):
        return kind, None
    plain = "absolute_error" if "absolute" in kind else "squared_error"
    raise written.error(
        path,
        f"no loss with this constant before {kind}",
        given=str(constant),
        expected=text,
        hint=f"{kind} has its own constant; {plain} takes any.",
    )


def _in_words(text: str, path: Path, written: Written) -> tuple[bool, str]:
    match = _IN_WORDS.match(text)
    if match is None:
        raise written.error(path, "not understood", given=text, expected=_WORDS_FORM)
    return bool(match["half"]), match["join"]


# --- targets -----------------------------------------------------------------------------------


def check_loss(loss: Loss, samples: Sequence[Sample], path: Path, written: Written) -> None:
    """Refuse targets for which a loss is not defined.

    Raises:
        ProblemError: a target is no probability, no sign, or there is no one right class.
    """
    rule = loss_rule(loss)
    for sample in samples:
        for unit, target in sample.targets.items():
            if not allowed_target(loss, target):
                raise written.error(
                    path,
                    f"{loss.kind} needs targets {_WHERE[rule.targets]}; that of {unit} is outside",
                    given=str(target),
                    expected=rule.targets,
                )
        if loss.kind == "multi_class_hinge":
            values = sorted(number_value(target) for target in sample.targets.values())
            if values != [0] * (len(values) - 1) + [1]:
                raise written.error(
                    path,
                    f"{loss.kind} needs targets that name one class",
                    given=f"targets {', '.join(str(target) for target in sample.targets.values())}",
                    expected=rule.targets,
                )


def allowed_target(loss: Loss, target: Number) -> bool:
    """Return whether a loss is defined for a target by itself."""
    allowed = _ALLOWED.get(loss_rule(loss).targets)
    return allowed is None or allowed(number_value(target))


_ALLOWED: Mapping[str, Callable[[Fraction], bool]] = {
    PROBABILITY: lambda value: 0 <= value <= 1,
    DISTRIBUTION: lambda value: value >= 0,
    SIGN: lambda value: abs(value) == 1,
}

_WHERE: Mapping[str, str] = {
    PROBABILITY: "between 0 and 1",
    DISTRIBUTION: "that are not negative",
    SIGN: "of 1 or -1",
}
