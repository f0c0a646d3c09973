"""What is said of many variants: how many draws they took, and why others were rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .refusal import counted
from .variation import Variant


@dataclass(frozen=True)
class Summary:
    """Counts over variants.

    repeated: how many have the same numbers as an earlier one.
    """

    variants: int
    attempts: int
    rejected: Mapping[str, int]
    repeated: int = 0

    @property
    def rejection_rate(self) -> float:
        """The share of draws that were rejected."""
        return sum(self.rejected.values()) / self.attempts if self.attempts else 0.0

    def __str__(self) -> str:
        """Return the counts as a sentence or two."""
        text = f"{_count(self.variants, 'variant')} in {_count(self.attempts, 'draw')}"
        if self.rejected:
            text += f"; {sum(self.rejected.values())} rejected: {counted(self.rejected)}"
        if self.repeated:
            text += f". With the same numbers as an earlier one: {self.repeated}"
        return f"{text}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(variants: Iterable[Variant]) -> Summary:
    """Return the counts of some variants; they need not be kept, one after the other will do."""
    rejected: Counter[str] = Counter()
    numbers: Counter[tuple[tuple[str, str], ...]] = Counter()
    count = attempts = 0
    for variant in variants:
        count += 1
        attempts += variant.attempts
        rejected.update(variant.rejected)
        numbers[tuple(sorted((text, str(number)) for text, number in variant.numbers.items()))] += 1
    ordered = dict(sorted(rejected.items(), key=lambda item: (-item[1], item[0])))
    return Summary(count, attempts, ordered, count - len(numbers))
