"""The plan of a task: its items in their sections, what each leaves open, numbered through the sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from ...derivation.ledger import Ledger
from ...network.graph import Graph
from ...spec.worksheet import Degree, Task
from .asking import Asked, question
from .items import Item


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a task: its title and its items, those worked in one go together."""

    title: str
    groups: tuple[tuple[Item, ...], ...]

    @property
    def points(self) -> Fraction:
        """What its items are worth."""
        return sum((item.points for group in self.groups for item in group), Fraction())


@dataclass(frozen=True, slots=True)
class Plan:
    """What a task asks, section by section, and what has to be computed on the way."""

    sections: tuple[Section, ...]
    on_the_way: tuple[str, ...]
    seen: frozenset[str]

    @property
    def items(self) -> Iterator[Item]:
        """All items in order."""
        return (item for section in self.sections for group in section.groups for item in group)

    @property
    def points(self) -> Fraction:
        """What the task is worth."""
        return sum((section.points for section in self.sections), Fraction())


def plan(task: Task, graph: Graph, ledger: Ledger, number: Callable[[], int]) -> Plan:
    """Return the plan of a task; `number` gives the next number of the sheet.

    Raises:
        SymbackpropError: a word of `ask` names nothing that has a value.
    """
    asked = question(task.ask, graph.problem, graph, ledger)
    degrees = _degrees(task, asked.asked)
    seen: set[str] = set()
    items: dict[str, Item] = {}
    for one in asked.asked:
        degree = degrees[one.path, one.family]
        if degree == "worked" and not all(
            used in seen for used in ledger.uses(one.key) if used in ledger.formulas
        ):
            degree = "result"  # its numbers would give away what is asked
        if degree == "worked":
            seen.add(one.key)
            items[one.key] = Item(one.key, degree, None, Fraction())
        else:
            items[one.key] = Item(one.key, degree, number(), task.points.of(one.key))
    sections = tuple(
        Section(
            title,
            tuple(tuple(items[one.key] for one in path) for _, path in groupby(group, lambda a: a.path)),
        )
        for title, group in groupby(asked.asked, lambda a: a.section)
    )
    return Plan(sections, asked.on_the_way, frozenset(seen))


def _degrees(task: Task, asked: Sequence[Asked]) -> dict[tuple[str, str], Degree]:
    """Return what each path of a family leaves open: the first the least, the last the most."""
    paths = list(dict.fromkeys((one.path, one.family) for one in asked))
    if not task.fade:
        return dict.fromkeys(paths, task.degree)
    alone = Counter(family for _, family in paths)
    found: dict[tuple[str, str], Degree] = {}
    before: Counter[str] = Counter()
    for path, family in paths:
        first = 1 if alone[family] == 1 else 0  # where there is only one, it is asked
        found[path, family] = task.fade[min(before[family] + first, len(task.fade) - 1)]
        before[family] += 1
    return found
