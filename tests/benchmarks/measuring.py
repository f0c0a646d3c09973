"""A measurement and its target, and how the two are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log


@dataclass(frozen=True)
class Measurement:
    """One line of the report; without a target it is printed for information."""

    name: str
    value: float
    unit: str
    target: float | None = None

    @property
    def met(self) -> bool:
        """Whether the value is within the target."""
        return self.target is None or self.value <= self.target

    def __str__(self) -> str:
        """Return the line: name, value, target, their ratio, the verdict."""
        line = f"{self.name:<56} {self.value:8.3g} {self.unit:<10}"
        if self.target is None:
            return line.rstrip()
        ratio = self.value / self.target
        return f"{line} at most {self.target:5g}  ratio {ratio:4.2f}  {'met' if self.met else 'missed'}"


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line through points on log-log paper."""
    xs, ys = [log(x) for x, _ in points], [log(y) for _, y in points]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    rise = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return rise / sum((x - x_mean) ** 2 for x in xs)
