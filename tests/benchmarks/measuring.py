"""A measurement and its target, and how the two are printed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple


class Times(NamedTuple):
    """Seconds by the clock, and seconds of a processor: fewer where other programs want it too."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Measurement:
    """One line of the report; without a target it is printed for information.

    The clock decides; `processor` is the same by processor time, where that has a meaning.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    processor: float | None = None

    @property
    def met(self) -> bool:
        """Whether the value is within the target."""
        return self.target is None or self.value <= self.target

    def __str__(self) -> str:
        """Return the line: name, value, target, their ratio, the verdict."""
        line = f"{self.name:<56} {self.value:8.3g} {self.unit:<10}"
        own = "" if self.processor is None else f"(processor {self.processor:.3g})"
        if self.target is None:
            return f"{line} {own}".rstrip()
        ratio = self.value / self.target
        verdict = "met" if self.met else "missed"
        if not self.met and self.processor is not None and self.processor <= self.target:
            verdict = "missed by the clock of a busy machine, met by processor time"
        return f"{line} at most {self.target:5g}  ratio {ratio:4.2f}  {verdict} {own}".rstrip()


def timed(run: Callable[[], object], rounds: int = 1) -> Times:
    """Return the median times of so many runs."""
    found = [once(run) for _ in range(rounds)]
    return Times(median(times.wall for times in found), median(times.processor for times in found))


def once(run: Callable[[], object]) -> Times:
    """Return the times of one run, which does not pay for what another one left to collect."""
    gc.collect()
    wall, processor = perf_counter(), process_time()
    run()
    return Times(perf_counter() - wall, process_time() - processor)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line through points on log-log paper."""
    xs, ys = [log(x) for x, _ in points], [log(y) for _, y in points]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    rise = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return rise / sum((x - x_mean) ** 2 for x in xs)
