"""Words for updates: what the rule is called, which conventions it follows, how samples are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..network.descent import Descent, Optimizer
from ..spec.problem import Problem
from . import wording

_TITLES: Mapping[str, str] = {
    "sgd": "gradient descent",
    "momentum": "gradient descent with momentum",
    "nesterov": "Nesterov momentum",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
    "adadelta": "AdaDelta",
}


def rule_title(problem: Problem) -> str:
    """Return what the update rule is called."""
    optimizer, title = problem.descent.optimizer, _TITLES[problem.descent.optimizer.name]
    if optimizer.name == "rmsprop":
        title = ("centered " if optimizer.choices["centered"] else "") + title
        title += " with momentum" if "momentum" in optimizer.settings else ""
    if not problem.descent.ascent:
        return title
    return title.replace("descent", "ascent") if "descent" in title else f"{title}, up the gradient"


def steps(problem: Problem) -> str:
    """Return "one step of gradient descent" or "4 steps of Adam"."""
    number = problem.updates
    many = "one step" if number == 1 else f"{number:,} steps".replace(",", "\N{THIN SPACE}")
    return f"{many} of {rule_title(problem)}"


def direction(problem: Problem) -> str:
    """Return the reason for the line that gives a parameter its new value."""
    return "one step up the gradient" if problem.descent.ascent else "one step against the gradient"


def samples(problem: Problem) -> str:
    """Return "4 samples in a batch" or how they are divided."""
    count, batches = wording.count(len(problem.samples), "sample"), problem.descent.batches
    if not batches:
        return f"{count} in a batch"
    if all(len(batch) == 1 for batch in batches):
        return f"{count}, one at a time"
    return f"{count} in {wording.count(len(batches), 'mini-batch').replace('batchs', 'batches')}"


def batch_title(batch: Sequence[int]) -> str:
    """Return the samples of a batch: "1, 2"."""
    return ", ".join(map(str, batch))


def batches_statement(problem: Problem) -> str:
    """Return how samples are taken for each update, "" where all are."""
    batches = problem.descent.batches
    if not batches:
        return ""
    listed = "; ".join(batch_title(batch) for batch in batches[:8]) + ("; ..." if len(batches) > 8 else "")
    joined = "mean" if problem.loss.reduction == "mean" else "sum"
    whole = (
        ""
        if all(len(batch) == 1 for batch in batches)
        else f" The loss of an update is the {joined} over its own batch."
    )
    order = f"The samples are taken in this order, one update each: {listed}."
    return f"{order}{whole} What follows is the first update."


def conventions(descent: Descent) -> list[str]:
    """Return the conventions of an update rule that other courses have otherwise."""
    found = [text for say in (_velocity, _epsilon, _decay) for text in say(descent.optimizer)]
    if descent.optimizer.choices.get("bias_correction") is False:
        found.append("The moments are not corrected for their start at zero.")
    if descent.clip is not None:
        found.append(
            "Gradients are clipped one by one, before the optimizer sees them."
            if descent.clip.kind == "value"
            else "All gradients are shortened by the same factor where their norm is above the bound."
        )
    if descent.ascent:
        found.append("Steps go up the gradient: the sign before the learning rate is plus.")
    return found


def _velocity(optimizer: Optimizer) -> list[str]:
    choices, found = optimizer.choices, []
    if "rate" in choices and (optimizer.name != "rmsprop" or "momentum" in optimizer.settings):
        found.append(f"The learning rate stands {choices['rate']} the velocity.")
    if choices.get("first") == "gradient" and "dampening" in optimizer.settings:
        found.append("The first velocity is the gradient itself, undampened (as in PyTorch).")
    if choices.get("form") == "lookahead":
        found.append("The gradient is taken where the velocity alone would lead.")
    return found


def _epsilon(optimizer: Optimizer) -> list[str]:
    if "epsilon" not in optimizer.settings or "epsilon_place" not in optimizer.choices:
        return []
    inside = optimizer.choices["epsilon_place"] == "inside"
    return ["Epsilon stands under the root." if inside else "Epsilon stands outside the root."]


def _decay(optimizer: Optimizer) -> list[str]:
    if "weight_decay" not in optimizer.settings:
        return []
    if optimizer.name == "adamw":
        return ["Weight decay is decoupled: it shrinks the parameter and does not enter the moments."]
    return ["Weight decay enters the gradient, of biases too."]
