"""Any quantity of the page in the place of another."""

from __future__ import annotations

import numpy as np

from ..formulas.terms import keys
from .catalogue import ANOTHER_VALUE
from .editing import swapped
from .hypothesis import PER_STEP, Family, Ground, Hypothesis, depths_of, outcome_with
from .reading import Reading


def other_values(ground: Ground) -> list[Family]:
    """Return the hypotheses that some quantity was read where another belongs, whatever its kind.

    Those of the last three steps before the number: of the others a program could make any number.
    """
    if not ground.wants(ANOTHER_VALUE.name):
        return []
    reading, sweep = ground.reading, ground.reading.sweep
    depths = depths_of(reading)
    near = [name for name in reading.steps if depths[name] <= 3]
    candidates = _readable(reading)
    read = np.array([float(np.asarray(reading.doubles[other])) for other in candidates])
    families = []
    places = [(name, used) for name in near for used in dict.fromkeys(keys(sweep.formulas[name]))]
    if not candidates or not places:
        return []
    for name, used in places:
        cost = ground.cost + ground.habits.cost(ANOTHER_VALUE.name, len(candidates) * len(places))
        costs = np.full(read.shape, cost + PER_STEP * depths[name])
        families.append(
            Family(
                outcome_with(reading, name, used, read),
                costs,
                lambda place, name=name, used=used: Hypothesis(  # type: ignore[misc]
                    (ANOTHER_VALUE.name,),
                    {name: swapped(sweep.formulas[name], used, sweep.term(candidates[place]))},
                    reading,
                    about=(used, candidates[place]),
                ),
            )
        )
    return families


#: Kinds of quantities that somebody has on the page and may read for any other.
_ON_THE_PAGE = frozenset(
    {
        "",
        "net",
        "act",
        "target",
        "error",
        "loss",
        "dE_dact",
        "dE_dnet",
        "delta",
        "residual",
        "dact_dnet",
        "grad",
        "new",
    }
)

#: How many quantities are tried in the place of another.
MOST_READABLE = 300


def _readable(reading: Reading) -> list[str]:
    """Return what may be read in the place of another: what the page may hold by then."""
    sweep = reading.sweep
    passes = sweep.parts(reading.key).passes
    found = [
        name
        for name in sweep.ledger.all_keys()
        if sweep.known(name)
        and name != reading.key
        and sweep.parts(name).kind in _ON_THE_PAGE
        and sweep.parts(name).passes <= passes
        and sweep.order.get(name, -1) < sweep.order[reading.key]
    ]
    return found if len(found) <= MOST_READABLE else []
