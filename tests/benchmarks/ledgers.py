"""The ledger of dense sigmoid networks with all its display lines, from a loaded problem.

For every step the four lines of a derivation: the formula, the chain rule, the formula with the printed
numbers in it, and the printed result, each of its digits certified.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random
from statistics import median

from symbackprop.derivation.solving import derive
from symbackprop.solution import Solution
from symbackprop.spec import Dense, dense_problem
from symbackprop.spec.problem import Problem

from .measuring import Measurement, Times, once, slope

SIZES = ((2, 2, 2), (4, 4, 2), (8, 8, 4), (16, 16, 8), (32, 32, 10), (64, 64, 10))

#: A small network is solved again and again until this many parameters have been derived, and the time is
#: divided by the number of times: one solution alone is too short to measure.
ENOUGH_PARAMETERS = 1000


def measure(rounds: int) -> Iterator[Measurement]:
    """Derive all networks so many times, one after the other, and yield what came out."""
    problems = {size: network(size) for size in SIZES}
    times: dict[tuple[int, ...], list[Times]] = {size: [] for size in SIZES}
    solve_with_lines(problems[SIZES[0]])  # imports SymPy, which differentiates each rule once
    for _ in range(rounds):
        for size, problem in problems.items():
            times[size].append(_seconds(problem))
    found = {size: Times(*map(median, zip(*own, strict=True))) for size, own in times.items()}
    for size, problem in problems.items():
        name = f"ledger and lines of {'-'.join(map(str, size))}, {len(problem.parameters)} parameters"
        target = 50 if size == SIZES[-1] else None
        wall, processor = (seconds / len(problem.parameters) * 1e6 for seconds in found[size])
        yield Measurement(name, wall, "us/param", target, processor)
    walls, processors = (
        [(edges(problem), found[size][clock]) for size, problem in problems.items()] for clock in (0, 1)
    )
    name = "  log-log slope of the time over the edges"
    yield Measurement(name, slope(walls), "", 1.05, slope(processors))
    name = "  the same between the two largest alone"
    yield Measurement(name, slope(walls[-2:]), "", None, slope(processors[-2:]))


def network(sizes: tuple[int, ...], seed: int = 0) -> Problem:
    """Return a dense sigmoid network with random weights of two decimals."""
    random = Random(seed)

    def numbers(count: int) -> list[float]:
        return [round(random.uniform(-1, 1), 2) for _ in range(count)]

    layers = [
        Dense(to, "sigmoid", weights=[numbers(source) for _ in range(to)], biases=numbers(to))
        for source, to in pairwise(sizes)
    ]
    return dense_problem(
        title="Benchmark",
        inputs=numbers(sizes[0]),
        targets=numbers(sizes[-1]),
        layers=layers,
        learning_rate="0.1",
    )


def edges(problem: Problem) -> int:
    """Return how many connections a network has, those of the biases included."""
    return len(problem.weights) + sum(len(bias.targets) for bias in problem.biases)


def solve_with_lines(problem: Problem) -> int:
    """Derive a problem and all display lines of its steps; return how many lines that makes."""
    solution = Solution(problem, *derive(problem))
    lines = 0
    for key in tuple(solution.ledger):
        step = solution[key]
        lines += len((step.formula, step.chain, step.substituted, step.shown))
    return lines


def _seconds(problem: Problem) -> Times:
    count = -(-ENOUGH_PARAMETERS // len(problem.parameters))

    def run() -> None:
        for _ in range(count):
            solve_with_lines(problem)

    times = once(run)
    return Times(times.wall / count, times.processor / count)
