"""Keras's losses as those of a problem file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction as Rational
from typing import Any

from ..errors import ProblemError
from .decimals import decimal_text
from .stack import LossForm, Targets, class_targets, listed, plain_targets, share
from .torch_losses import loss_form as file_loss


def _reduction(loss: Any) -> str:
    if loss.reduction in ("sum_over_batch_size", "mean"):
        return "mean"
    if loss.reduction == "sum":
        return "sum"
    raise ProblemError(
        "no such reduction here",
        field="loss",
        given=str(loss.reduction),
        expected="sum_over_batch_size, mean or sum",
    )


def _setting(loss: Any, name: str) -> Any:
    """Return a setting of a loss: an attribute, in its configuration, or bound to its function."""
    bound = getattr(loss, "_fn_kwargs", {})
    return getattr(loss, name, loss.get_config().get(name, bound.get(name)))


def _mean(kind: str, *settings: str) -> Callable[[Any, int], LossForm]:
    """Return a loss that is averaged over the outputs."""

    def form(loss: Any, outputs: int) -> LossForm:
        values = {name: decimal_text(float(_setting(loss, name))) for name in settings}
        return LossForm(kind, _reduction(loss), share(outputs), values)

    return form


def _named(kind: str) -> Callable[[Any, int], LossForm]:
    return lambda loss, outputs: LossForm(kind, _reduction(loss))


def _smoothed(loss: Any, read: Targets, rest: Callable[[int], Rational]) -> Targets:
    """Return how targets are read: t becomes t (1 - s) plus its share of s."""
    smoothing = Rational(decimal_text(float(_setting(loss, "label_smoothing") or 0)))

    def targets(given: Any, count: int, outputs: int) -> list[list[Any]]:
        rows = read(given, count, outputs)
        if not smoothing:
            return rows
        exact = [[Rational(t if isinstance(t, str) else decimal_text(t)) for t in row] for row in rows]
        return [[str(t * (1 - smoothing) + smoothing * rest(outputs)) for t in row] for row in exact]

    return targets


def _binary(loss: Any, outputs: int) -> LossForm:
    kind = "binary_cross_entropy" + "_with_logits" * bool(_setting(loss, "from_logits"))
    targets = _smoothed(loss, plain_targets, lambda count: Rational(1, 2))
    return LossForm(kind, _reduction(loss), share(outputs), targets=targets)


def _categorical(loss: Any, outputs: int) -> LossForm:
    kind = "cross_entropy" + "_with_logits" * bool(_setting(loss, "from_logits"))
    targets = _smoothed(loss, class_targets, lambda count: Rational(1, count))
    # Keras divides outputs that are no softmax by their sum; the package's loss does not
    last = {} if _setting(loss, "from_logits") else {"softmax": "softmax"}
    return LossForm(
        kind,
        _reduction(loss),
        targets=targets,
        last=last,
        needs="this loss takes probabilities",
        instead=", or a loss with from_logits=True",
    )


def _hinge(kind: str) -> Callable[[Any, int], LossForm]:
    def signs(given: Any, count: int, outputs: int) -> list[list[Any]]:
        rows = plain_targets(given, count, outputs)
        if all(t in (0, 1) for row in rows for t in row):  # as Keras does
            return [["1" if t else "-1" for t in row] for row in rows]
        return rows

    return lambda loss, outputs: LossForm(kind, _reduction(loss), share(outputs), targets=signs)


#: By the name of Keras's class.
LOSSES: Mapping[str, Callable[[Any, int], LossForm]] = {
    "MeanSquaredError": _named("mean_squared_error"),
    "MeanAbsoluteError": _named("mean_absolute_error"),
    "Huber": _mean("huber", "delta"),
    "LogCosh": _mean("log_cosh"),
    "BinaryCrossentropy": _binary,
    "CategoricalCrossentropy": _categorical,
    "SparseCategoricalCrossentropy": _categorical,
    "KLDivergence": _named("kl_divergence"),
    "Hinge": _hinge("hinge"),
    "SquaredHinge": _hinge("squared_hinge"),
}

#: What Keras calls them as text.
NAMES: Mapping[str, str] = {
    **dict.fromkeys(("mse", "MSE", "mean_squared_error"), "MeanSquaredError"),
    **dict.fromkeys(("mae", "MAE", "mean_absolute_error"), "MeanAbsoluteError"),
    **dict.fromkeys(("bce", "BCE", "binary_crossentropy"), "BinaryCrossentropy"),
    "huber": "Huber",
    "log_cosh": "LogCosh",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "kl_divergence": "KLDivergence",
    "hinge": "Hinge",
    "squared_hinge": "SquaredHinge",
}


def loss_form(loss: Any, outputs: int, keras: Any) -> LossForm:
    """Return a loss as a problem file has it.

    Args:
        loss: an instance of a class of keras.losses, Keras's name of one, or a problem file's own loss.
        outputs: how many outputs there are.
        keras: the module, for what a name stands for.

    Raises:
        ProblemError: it has no counterpart.
    """
    if isinstance(loss, str) and loss in NAMES:
        loss = getattr(keras.losses, NAMES[loss])()
    if isinstance(loss, str | Mapping):
        return file_loss(loss, outputs)
    name = type(loss).__name__
    if name not in LOSSES:
        raise ProblemError(
            "no such loss here",
            field="loss",
            given=name,
            expected=f"an instance of one of {listed(list(LOSSES))}, or a loss as in a problem file",
        )
    return LOSSES[name](loss, outputs)
