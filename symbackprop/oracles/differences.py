"""Central differences in 140 digits: (E(p + h) - E(p - h)) / 2h with h = 1e-40."""

from __future__ import annotations

import random
from typing import Any

from ..formulas.terms import walk
from .answer import Answer
from .arithmetic import value
from .precise import MP, PRECISE
from .program import Program

STEP = MP.mpf(10) ** -40

#: How many nodes of formulas are evaluated in all; beyond, a seeded sample of the quantities is compared.
BUDGET = 1_500_000


def ask_differences(program: Program) -> Answer:
    """Return the derivatives by parameters, net inputs and activations, or by a seeded sample of them."""
    base = program.run(PRECISE, program.start(PRECISE))
    sizes = {name: sum(1 for _ in walk(formula)) for name, formula in program.steps.items()}
    order = {name: position for position, name in enumerate(program.steps)}
    names = list(program.variables)
    random.Random(0).shuffle(names)
    names.sort(key=lambda name: not name.startswith("grad."))  # parameters before what lies between
    found: dict[str, Any] = {program.loss: base[program.loss]}
    spent = 0
    for name in names:
        by = program.variables[name]
        after = _after(program, by, order)
        spent += 2 * sum(sizes[step] for step in after)
        if spent > BUDGET and len(found) > 1:
            break
        up, down = (_moved(program, base, by, after, sign * STEP) for sign in (1, -1))
        found[name] = (up - down) / (2 * STEP)
    return found


def _after(program: Program, by: str, order: dict[str, int]) -> list[str]:
    """Return the steps that depend on a quantity, in computing order."""
    reached: set[str] = set()
    pending = [by]
    while pending:
        for user in program.users.get(pending.pop(), ()):
            if user not in reached:
                reached.add(user)
                pending.append(user)
    return sorted(reached, key=order.__getitem__)


def _moved(program: Program, base: dict[str, Any], by: str, after: list[str], change: Any) -> Any:
    """Return the loss with one quantity a little off."""
    values = dict(base)
    values[by] = base[by] + change
    for name in after:
        values[name] = value(program.steps[name], values, PRECISE)
    return values[program.loss]
