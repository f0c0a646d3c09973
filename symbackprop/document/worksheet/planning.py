"""The plan of a task: its items in their sections, what each leaves open, numbered through the sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from itertools import groupby

from ...derivation.ledger import Ledger
from ...network.graph import Graph
from ...spec.suggest import did_you_mean, listed
from ...spec.worksheet import Degree, Origin, Task
from ..whole_givens import is_zero
from .asking import needed_for, question
from .items import Item
from .places import Asked

#: The most given numbers that a worksheet lists for one task.
MOST_GIVEN = 1000


@dataclass(frozen=True, slots=True)
class Group:
    """Items worked in one go, with what stands above them, "" where nothing does."""

    items: tuple[Item, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a task: its title and its items in groups."""

    title: str
    groups: tuple[Group, ...]

    @property
    def points(self) -> Fraction:
        """What its items are worth."""
        return sum((item.points for group in self.groups for item in group.items), Fraction())


@dataclass(frozen=True, slots=True)
class Plan:
    """What a task asks, section by section, and what has to be computed on the way.

    needed: the given quantities that what is asked depends on.
    """

    sections: tuple[Section, ...]
    on_the_way: tuple[str, ...]
    seen: frozenset[str]
    needed: frozenset[str]

    @property
    def items(self) -> Iterator[Item]:
        """All items in order."""
        return (item for section in self.sections for group in section.groups for item in group.items)

    @property
    def points(self) -> Fraction:
        """What the task is worth."""
        return sum((section.points for section in self.sections), Fraction())


def plan(task: Task, graph: Graph, ledger: Ledger, number: Callable[[], int]) -> Plan:
    """Return the plan of a task; `number` gives the next number of the sheet.

    Raises:
        ProblemError: a word of `ask` names nothing that has a value, or it takes too many numbers to answer.
    """
    asked = question(task, graph, ledger)
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
        Section(title, tuple(_groups(list(group), items)))
        for title, group in groupby(asked.asked, lambda one: one.section)
    )
    needed = needed_for(items, ledger)
    _check_needed(task, needed, ledger)
    return Plan(sections, asked.on_the_way, frozenset(seen), needed)


def _check_needed(task: Task, needed: frozenset[str], ledger: Ledger) -> None:
    """Refuse a task for which too many numbers would have to be printed; those that are zero are in words.

    Raises:
        ProblemError: there are too many of them.
    """
    count = sum(1 for quantity in needed if not is_zero(ledger.given(quantity)))
    if count > MOST_GIVEN:
        raise task.asked_in.error(
            f"what is asked depends on {count:,} given numbers, too many to print and to work with by hand",
            given=", ".join(task.ask),
            expected=f"what at most {MOST_GIVEN:,} numbers lead to",
            hint="Take smaller layers, or give the activations of a layer under `given:` and ask only for "
            "what follows from them.",
        )


def _groups(asked: Sequence[Asked], items: Mapping[str, Item]) -> Iterator[Group]:
    """Yield the items of a section in groups; what stands above several in a row stands above the first."""
    above = ""
    for (title, _), path in groupby(asked, lambda one: (one.title, one.path)):
        yield Group(tuple(items[one.key] for one in path), "" if title == above else title)
        above = title


def check_points(tasks: Sequence[Task], plans: Sequence[Plan]) -> None:
    """Refuse points for items that are nowhere on the sheet.

    Raises:
        ProblemError: a pattern of points fits nothing that is asked; the text says where it is written.
    """
    fitting: dict[tuple[Origin, str], bool] = {}
    for task, one in zip(tasks, plans, strict=True):
        for pattern in task.points.patterns:
            place = (task.points.origin, pattern)
            fits = any(fnmatchcase(item.key, pattern) for item in one.items)
            fitting[place] = fitting.get(place, False) or fits
    for (origin, pattern), fits in fitting.items():
        if not fits:
            asked = list(dict.fromkeys(item.key for one in plans for item in one.items))
            raise origin.error(
                "points for nothing that is asked",
                given=pattern,
                expected=f"patterns of the keys that are asked, such as {listed(asked[:5])}, or other",
                hint=did_you_mean(pattern, asked),
            )


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
