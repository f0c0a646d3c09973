"""The worksheet as a document: head, problems, items with gaps, and the answers that belong into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import count

from ...derivation.carrying import carried_values
from ...derivation.ledger import Ledger, as_written
from ...formulas.terms import Number
from ...network.graph import Graph, batch_graph
from ...spec.problem import Problem
from ...spec.worksheet import Task, Worksheet
from ..blocks import (
    TEXT_SIZE,
    Block,
    Document,
    Heading,
    Line,
    NewPage,
    Paragraph,
    Stamp,
)
from ..sheet import Sheet, line
from ..whole_givens import WholeGivens
from .answers import Answer, answer_table
from .filling import filled, slot_name
from .formulas import formulas
from .gaps import Gaps
from .head import head
from .hints import hints
from .items import Choice, Choose, Lines, points_text
from .opening import open_task
from .parts import SHOWING_NUMBERS, Part, lasting_part, slots_of
from .planning import check_points, plan

#: The width of a page's text, in mm, and the size of type for readers who need it large, in points.
TEXT_WIDTH, LARGE = 170.0, 16.0

POINT = 25.4 / 72


@dataclass(frozen=True)
class Solved:
    """A problem with its graph and its values; `choose` gives the choices of its quantities, where asked."""

    problem: Problem
    graph: Graph
    ledger: Ledger
    choose: Choose | None = None

    @cached_property
    def otherwise(self) -> Mapping[str, Number]:
        """What comes out under the other way to carry: rounded values for exact ones, and the reverse."""
        ledger = self.ledger
        if ledger.policy.carry == "exact":
            return carried_values(ledger)
        return {key: ledger.rounded(key, ledger.policy.of(key)) for key in ledger if ledger.known(key)}


class Composer:
    """Composes one worksheet for any numbers: what does not depend on them is composed once.

    Args:
        worksheet: what is asked.
        solved: its problems in order, with some values.
        paper: a4 or letter.

    Raises:
        SymbackpropError: something is asked that is not there.
    """

    def __init__(self, worksheet: Worksheet, solved: Sequence[Solved], paper: str = "a4") -> None:
        """Plan the sheet and compose what is the same whatever the numbers."""
        self.worksheet, self.paper = worksheet, paper
        self.size = LARGE if worksheet.large_print else TEXT_SIZE
        self.room = TEXT_WIDTH / (self.size * POINT) - 0.2
        self.several = len(worksheet.tasks) > 1
        numbers = count(1)
        sheets = [_sheet(one) for one in solved]
        pairs = list(zip(worksheet.tasks, sheets, strict=True))
        self.plans = tuple(
            plan(task, sheet.graph, sheet.ledger, lambda: next(numbers)) for task, sheet in pairs
        )
        check_points(worksheet.tasks, self.plans)
        self.style = sheets[0].style
        self.title = worksheet.title or sheets[0].problem.title
        self._headings = tuple(
            Heading(1, line(task.title or sheet.problem.title), str(index), aside=_worth(one.points))
            for index, ((task, sheet), one) in enumerate(zip(pairs, self.plans, strict=True), start=1)
        )
        self._parts = tuple(
            self._parts_of(index, self._lines(index, sheet, None)) for index, sheet in enumerate(sheets)
        )
        self._pages = tuple(self._further_pages(sheets))
        self._opened: dict[int, tuple[Solved, list[Block]]] = {}
        #: The quantities whose numbers stand in boxes of the key, problem by problem.
        self.slots = tuple(tuple(slots_of(parts)) for parts in self._parts)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What belongs into the numbered gaps, in order."""
        return tuple(
            Answer(item.number, index, item.key, item.points, item.degree == "choice")
            for index, one in enumerate(self.plans, start=1)
            for item in one.items
            if item.number is not None
        )

    @property
    def points(self) -> Fraction:
        """What the whole sheet is worth."""
        return sum((one.points for one in self.plans), Fraction())

    def sheet(
        self, solved: Sequence[Solved], *, stamp: Stamp | None = None, known: Sequence[str] = ()
    ) -> Document:
        """Return the sheet with these values.

        Args:
            solved: the problems with their values, of the same structure as those it was made of.
            stamp: what every page of one student's paper says.
            known: what is known of the lines of the head, in their order, as the student's name.
        """
        blocks = self._blocks(solved, known, key=False) + list(self._pages)
        return self._document("Worksheet", blocks, stamp)

    def key(
        self, solved: Sequence[Solved], *, stamp: Stamp | None = None, known: Sequence[str] = ()
    ) -> Document:
        """Return the full key: the sheet with every gap filled, then the answers at a glance."""
        blocks = self._blocks(solved, known, key=True)
        numbers = {
            slot_name(index, key): as_written(one.ledger.shown(key))
            for index, one in enumerate(solved)
            for key in self.slots[index]
        }
        blocks += answer_table(self.answers, [(one.ledger, one.otherwise) for one in solved], self.room)
        return replace(self._document("Answer key", blocks, stamp), numbers=numbers)

    def brief_key(
        self, solved: Sequence[Solved], *, stamp: Stamp | None = None, known: Sequence[str] = ()
    ) -> Document:
        """Return the brief key: the answers alone."""
        blocks = answer_table(
            self.answers, [(one.ledger, one.otherwise) for one in solved], self.room, alone=True
        )
        return self._document("Answers", blocks, stamp)

    def formulas(
        self, solved: Sequence[Solved], *, stamp: Stamp | None = None, known: Sequence[str] = ()
    ) -> Document:
        """Return the formula sheet by itself."""
        return self._document("Formulas", formulas([_sheet(one) for one in solved]), stamp)

    def hints(
        self, solved: Sequence[Solved], *, stamp: Stamp | None = None, known: Sequence[str] = ()
    ) -> Document:
        """Return the hints by themselves."""
        return self._document("Hints", hints([_sheet(one) for one in solved], self.plans), stamp)

    def _further_pages(self, sheets: Sequence[Sheet]) -> Iterator[Block]:
        """Yield the pages after the items: formulas and hints, where they are wanted."""
        if self.worksheet.formula_sheet:
            yield from (NewPage(), Heading(1, line("Formulas")), *formulas(sheets))
        if self.worksheet.hints:
            yield from (NewPage(), Heading(1, line("Hints")), *hints(sheets, self.plans))

    def _document(self, kind: str, blocks: Sequence[Block], stamp: Stamp | None) -> Document:
        sheet = self.worksheet
        about = " \N{MIDDLE DOT} ".join(filter(None, (sheet.course, sheet.term, sheet.date)))
        return Document(
            kind=f"{kind} \N{MIDDLE DOT} Backpropagation",
            title=self.title,
            subtitle=line(about),
            blocks=tuple(blocks),
            style=self.style,
            paper=self.paper,  # type: ignore[arg-type]
            running_head=self.title if kind == "Worksheet" else f"{self.title} \N{EM DASH} {kind.lower()}",
            keywords=("backpropagation", kind.lower()),
            stamp=stamp,
            size=self.size,
        )

    # --- papers of a class as forms ---------------------------------------------------------------

    @cached_property
    def rooms(self) -> Mapping[str, float]:
        """The width of the narrowest box of each slot, in em."""
        found: dict[str, float] = {}
        for task, parts in enumerate(self._parts):
            for key, room in (item for part in parts for rooms in part.room for item in rooms.items()):
                name = slot_name(task, key)
                found[name] = min(room, found.get(name, room))
        return found

    def shows_numbers(self, *, key: bool) -> bool:
        """Whether the sheet, or its key, shows numbers of items otherwise than alone in a box."""
        return any(part.shows_numbers(key=key) for parts in self._parts for part in parts)

    def key_form(self, solved: Sequence[Solved], *, stamp: Stamp, known: Sequence[str]) -> Document:
        """Return the full key with a slot in every gap and without the answers at a glance."""
        blocks = self._blocks(solved, known, key=True, slots=True)
        return self._document("Answer key", blocks, stamp)

    # --- the problems ---------------------------------------------------------------------------

    def _blocks(
        self, solved: Sequence[Solved], known: Sequence[str], *, key: bool, slots: bool = False
    ) -> list[Block]:
        """Return the blocks of the sheet, or of its key; slots: in every box, also for numbers too wide."""
        blocks = head(self.worksheet, self.plans, known, self.room)
        for index, (task, one) in enumerate(zip(self.worksheet.tasks, solved, strict=True)):
            sheet = _sheet(one)
            if self.several:
                blocks.append(self._headings[index])
            blocks += self._opening(index, one, sheet, task)
            lines = self._lines(index, sheet, one.choose)
            for part in self._parts[index]:
                if part.group is not None:
                    made = lines.blocks(part.group.items, part.group.title)
                    blocks += (filled(block, lines) for block in made) if key else made
                elif key:
                    for block, slotted, room in zip(part.blocks, part.slotted, part.room, strict=True):
                        fits = slots or all(lines.gaps.fits(key, room[key]) for key in room)
                        blocks.append(slotted if slotted is not None and fits else filled(block, lines))
                else:
                    blocks += part.blocks
        return blocks

    def _opening(self, index: int, one: Solved, sheet: Sheet, task: Task) -> list[Block]:
        """Return the opening of a problem: the same on sheet and key, so composed once for both."""
        if index not in self._opened or self._opened[index][0] is not one:
            whole = WholeGivens(self.plans[index].needed, self.room)
            self._opened[index] = (one, open_task(sheet, task, whole, large=self.worksheet.large_print))
        return self._opened[index][1]

    def _lines(self, index: int, sheet: Sheet, choose: Choose | None) -> Lines:
        derived, seen = sheet.ledger.formulas.keys(), self.plans[index].seen
        gaps = Gaps(sheet.ledger, sheet.style, lambda key: key not in derived or key in seen)
        return Lines(sheet, gaps, self.room, self.worksheet.tasks[index].ruling, choose or _no_choices)

    def _parts_of(self, task: int, lines: Lines) -> tuple[Part, ...]:
        one = self.plans[task]
        numbers = count(1)
        parts: list[Part] = []
        if one.on_the_way:
            said = Paragraph(
                line("Room for what has to be computed first, and is not asked for itself."), small=True
            )
            heading = self._heading("On the way", (), numbers)
            parts.append(lasting_part(heading, said, *lines.rooms_to_work(one.on_the_way), task=task))
        for section in one.sections:
            heading = self._heading(section.title, _worth(section.points), numbers)
            parts.append(lasting_part(heading, task=task))
            for group in section.groups:
                if any(item.degree in SHOWING_NUMBERS for item in group.items):
                    parts.append(Part(group=group))
                else:
                    parts.append(lasting_part(*lines.blocks(group.items, group.title), task=task))
        return tuple(parts)

    def _heading(self, title: str, aside: Line, numbers: count[int]) -> Heading:
        if self.several:
            return Heading(2, line(title), aside=aside)
        return Heading(1, line(title), str(next(numbers)), aside=aside)


def _no_choices(key: str) -> Sequence[Choice]:
    raise ValueError(f"nothing gives choices for {key}")


def _sheet(solved: Solved) -> Sheet:
    graph = solved.graph
    if solved.problem.learning_rate is not None:
        graph = batch_graph(graph, solved.problem.descent.batch(0))
    return Sheet(solved.problem, graph, solved.ledger)


def _worth(points: Fraction) -> Line:
    return line(f"{points_text(points)} point{'' if points == 1 else 's'}") if points else ()
