"""All quantities of a solution as data: what `--format json` writes."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

from .derivation.ledger import Ledger
from .spec.problem import Problem

if TYPE_CHECKING:
    from .doubles.training import Training


def quantity_table(problem: Problem, ledger: Ledger) -> dict[str, dict[str, str | None]]:
    """Return every known quantity: value (17 certified digits or more), exact rational, shown."""
    table: dict[str, dict[str, str | None]] = {}
    for key in ledger.all_keys():
        if not ledger.known(key):
            continue
        table[key] = {
            "value": ledger.significant(key),
            "exact": ledger.exact(key),
            "shown": str(ledger.shown(key)),
        }
        for again in problem.rounding.again:
            if again.partition("~")[0] == key:
                table[again] = {**table[key], "shown": str(ledger.shown_again(again))}
    # Where there are several updates, the first one's result is also counted as the others are.
    counted = [key for key in table if key.startswith("new.") and key.endswith("@2")]
    table.update({f"{key[:-1]}1": table[key[:-2]] for key in counted if key[:-2] in table})
    return table


def as_data(problem: Problem, ledger: Ledger, training: Training | None) -> dict[str, Any]:
    """Return a solution as plain data for JSON, in a fixed order.

    Quantities that a problem leaves open are left out. `training` holds the run in double
    precision where it is too long to certify; its numbers are not certified.
    """
    policy = problem.rounding
    data: dict[str, Any] = {
        "title": problem.title,
        "rounding": {
            **asdict(policy.default),
            "carry": policy.carry,
            "roles": {pattern: dict(change) for pattern, change in policy.roles.items()},
            "again": {again: dict(change) for again, change in policy.again.items()},
        },
        "quantities": quantity_table(problem, ledger),
    }
    if training is not None:
        data["training"] = {
            "precision": "float64",
            "certified": False,
            "loss": [_finite(value) for value in training.losses],
            "reported_loss": [_finite(value) for value in training.reported],
            "epoch_loss": {
                str(passes): _finite(value) for passes, value in sorted(training.epoch_losses.items())
            },
            "parameters": {
                str(passes): {
                    parameter.name: _finite(value)
                    for parameter, value in zip(problem.parameters, values, strict=True)
                }
                for passes, values in sorted(training.parameters.items())
            },
            "outputs": [[_finite(value) for value in row] for row in training.outputs],
        }
    return data


def _finite(value: float) -> float | None:
    """Return a double, or None where a run has diverged: JSON has no other word for it."""
    return float(value) if isfinite(value) else None
