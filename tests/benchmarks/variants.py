"""Variants of a 2-2-2 network: what an accepted one costs, all in, once the symbolic work is done.

A draw, its conditions, the problem with its numbers, and the certified ledger with the answers' digits.
"""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.spec import load_problem
from symbackprop.spec.problem import Problem
from symbackprop.variants import Summary, Variation, summary, variation_of

from .ledgers import network
from .measuring import Measurement, timed

STUDENTS = 200

#: Milliseconds that an accepted variant of a 2-2-2 network may take.
TARGET = 3


def measure(rounds: int) -> Iterator[Measurement]:
    """Draw so many classes and yield what an accepted variant takes, and what the first one does."""
    for name, problem in (("2-2-2", network((2, 2, 2))), ("shared-bias", load_problem("shared-bias"))):
        variation_of(problem).draw(2026, "first")  # imports SymPy, which differentiates each rule once
        variation = variation_of(problem)
        variation.draw(2026, "first")

        def draw_class(variation: Variation = variation) -> Summary:
            return summary(variation.draw(2026, str(student)) for student in range(STUDENTS))

        def draw_first(problem: Problem = problem) -> None:
            variation_of(problem).draw(2026, "first")

        wall, processor = (seconds / STUDENTS * 1e3 for seconds in timed(draw_class, rounds))
        yield Measurement(f"accepted variant of {name}", wall, "ms", TARGET, processor)
        rejected = 100 * draw_class().rejection_rate
        yield Measurement("  draws that are rejected", rejected, "percent")
        wall, processor = (seconds * 1e3 for seconds in timed(draw_first, rounds))
        yield Measurement("  the symbolic work and the first variant", wall, "ms", None, processor)
