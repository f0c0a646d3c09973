"""The numbers of a class: how points are distributed, how hard each item was, which mistakes were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ...formulas.terms import Term
from ..result import Marking, Status

#: Into how many equal parts the points are divided.
PARTS = 10


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """How an item was answered.

    name: the quantity's term where it is the same on all sheets. share: of its points that were earned.
    statuses: how often each was given.
    """

    item: str
    name: Term | None
    share: Fraction
    statuses: Counter[Status]

    @property
    def answered(self) -> int:
        """How many did answer."""
        return sum(self.statuses.values()) - self.statuses["blank"]


@dataclass(slots=True)
class MistakeStatistics:
    """How often a mistake was made, by how many students, in which items."""

    mistake: str
    title: str
    instructor: str
    times: int = 0
    students: dict[str, None] = field(default_factory=dict)
    items: Counter[str] = field(default_factory=Counter)


def distribution(markings: Sequence[Marking]) -> list[int]:
    """Return how many papers earned up to a tenth of their points, up to two tenths, and so on."""
    counts = [0] * PARTS
    for marking in markings:
        share = marking.total / marking.points if marking.points else Fraction(1)
        counts[min(int(share * PARTS), PARTS - 1)] += 1
    return counts


def item_statistics(markings: Sequence[Marking]) -> list[ItemStatistics]:
    """Return how each item was answered, in the order of the sheet."""
    points: dict[str, Counter[tuple[Fraction, Fraction]]] = {}  # earned, of so many; few different ones
    names: dict[str, dict[Term, None]] = {}
    statuses: dict[str, Counter[Status]] = {}
    for marking in markings:
        for one in marking.items:
            item = one.question.item
            points.setdefault(item, Counter())[one.points, one.question.points] += 1
            names.setdefault(item, {}).setdefault(one.name)
            statuses.setdefault(item, Counter())[one.status] += 1
    return [
        ItemStatistics(
            item,
            next(iter(names[item])) if len(names[item]) == 1 else None,
            _share(points[item]),
            statuses[item],
        )
        for item in points
    ]


def _share(points: Counter[tuple[Fraction, Fraction]]) -> Fraction:
    """Return how much was earned of what all were worth together."""
    earned = sum((times * each for (each, _), times in points.items()), Fraction(0))
    worth = sum((times * of for (_, of), times in points.items()), Fraction(0))
    return earned / worth if worth else Fraction(1)


def mistake_statistics(markings: Sequence[Marking]) -> list[MistakeStatistics]:
    """Return the mistakes that explain wrong answers, the most frequent first; of several the likeliest."""
    found: dict[str, MistakeStatistics] = {}
    for marking in markings:
        for one in marking.items:
            for slip in one.slips[:1]:
                if slip.mistake not in found:
                    found[slip.mistake] = MistakeStatistics(slip.mistake, slip.title, slip.instructor)
                made = found[slip.mistake]
                made.times += 1
                made.students.setdefault(marking.student)
                made.items[one.question.item] += 1
    return sorted(found.values(), key=lambda made: (-made.times, made.title))
