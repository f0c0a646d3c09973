"""PyTorch's losses as those of a problem file: by class, what they are called and how they are joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction as Rational
from typing import Any

from ..errors import ProblemError
from .decimals import decimal_text
from .stack import LossForm, class_targets, listed, plain_targets, share


def _elementwise(kind: str, mean_kind: str = "") -> Callable[[Any, int], LossForm]:
    """Return a loss that is summed, or averaged over samples and outputs alike."""

    def form(loss: Any, outputs: int) -> LossForm:
        if loss.reduction == "sum":
            return LossForm(kind, "sum")
        return LossForm(mean_kind) if mean_kind else LossForm(kind, "mean", share(outputs))

    return form


def _huber(loss: Any, outputs: int) -> LossForm:
    constant = share(outputs) if loss.reduction == "mean" else ""
    return LossForm("huber", loss.reduction, constant, {"delta": decimal_text(float(loss.delta))})


def _smooth_l1(loss: Any, outputs: int) -> LossForm:
    """Return smooth L1: the Huber loss over its beta."""
    beta = Rational(decimal_text(float(loss.beta)))
    if not beta:
        return _elementwise("absolute_error", "mean_absolute_error")(loss, outputs)
    constant = 1 / beta / (outputs if loss.reduction == "mean" else 1)
    return LossForm(
        "huber",
        loss.reduction,
        "" if constant == 1 else str(constant),
        {"delta": decimal_text(float(loss.beta))},
    )


def _cross_entropy(loss: Any, outputs: int) -> LossForm:
    smoothing = Rational(decimal_text(float(loss.label_smoothing)))

    def smoothed(targets: Any, count: int, outputs: int) -> list[list[Any]]:
        rows = class_targets(targets, count, outputs)
        if not smoothing:
            return rows
        return [[str(_rational(t) * (1 - smoothing) + smoothing / outputs) for t in row] for row in rows]

    return LossForm("cross_entropy_with_logits", loss.reduction, targets=smoothed)


def _rational(target: Any) -> Rational:
    return Rational(target if isinstance(target, str) else decimal_text(target))


def _negative_log_likelihood(loss: Any, outputs: int) -> LossForm:
    return LossForm("negative_log_likelihood", loss.reduction, targets=class_targets)


def _kl_divergence(loss: Any, outputs: int) -> LossForm:
    if loss.log_target:
        raise ProblemError("targets as logarithms", field="loss", expected="KLDivLoss with log_target=False")
    constant = share(outputs) if loss.reduction == "mean" else ""
    reduction = "sum" if loss.reduction == "sum" else "mean"
    return LossForm("kl_divergence", reduction, constant, last={"log_softmax": "softmax"})


def _multi_margin(loss: Any, outputs: int) -> LossForm:
    if loss.p != 1:
        raise ProblemError("a squared margin", field="loss", given=f"p={loss.p}", expected="p=1")
    margin = {"margin": decimal_text(float(loss.margin))}
    return LossForm("multi_class_hinge", loss.reduction, share(outputs), margin, class_targets)


#: By the name of PyTorch's class.
LOSSES: Mapping[str, Callable[[Any, int], LossForm]] = {
    "MSELoss": _elementwise("squared_error", "mean_squared_error"),
    "L1Loss": _elementwise("absolute_error", "mean_absolute_error"),
    "HuberLoss": _huber,
    "SmoothL1Loss": _smooth_l1,
    "BCELoss": _elementwise("binary_cross_entropy"),
    "BCEWithLogitsLoss": _elementwise("binary_cross_entropy_with_logits"),
    "CrossEntropyLoss": _cross_entropy,
    "NLLLoss": _negative_log_likelihood,
    "KLDivLoss": _kl_divergence,
    "MultiMarginLoss": _multi_margin,
}


def loss_form(loss: Any, outputs: int) -> LossForm:
    """Return a loss as a problem file has it.

    Args:
        loss: an instance of a loss of torch.nn, or a problem file's own loss: a name or a mapping.
        outputs: how many outputs there are.

    Raises:
        ProblemError: it has no counterpart.
    """
    if isinstance(loss, str):
        return LossForm(loss, targets=_targets_of(loss))
    if isinstance(loss, Mapping):
        settings = {name: str(value) for name, value in loss.items()}
        kind, reduction = settings.pop("kind", "half_squared_error"), settings.pop("reduction", "mean")
        return LossForm(kind, reduction, settings=settings, targets=_targets_of(kind))
    name = type(loss).__name__
    if name not in LOSSES:
        raise ProblemError(
            "no such loss here",
            field="loss",
            given=name,
            expected=f"an instance of one of {listed(list(LOSSES))}, or a loss as in a problem file",
        )
    if loss.reduction == "none":
        raise ProblemError("a loss that is no single number", field="loss", given="reduction='none'")
    for setting in ("weight", "pos_weight"):
        if getattr(loss, setting, None) is not None:
            raise ProblemError(f"{name} with {setting}", field="loss", expected=f"{setting}=None")
    return LOSSES[name](loss, outputs)


def _targets_of(kind: str) -> Any:
    return class_targets if "entropy" in kind and "binary" not in kind else plain_targets
