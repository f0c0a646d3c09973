"""The papers of a class as forms: documents with marks in the place of all that differs.

A mark is a number that stands nowhere else on the paper. Of numbers that are given there is one for each
label of the picture and each cell of a table, and it is as wide as the widest number that may come there; in
a box for an answer any mark does. A paper that shows numbers in any other way is no form.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from ...formulas.terms import Number, Term
from ...marking.accepting import accepted_interval
from ...variants.substitution import with_numbers
from ..blocks import Document, Line, MathStyle, Stamp
from ..layout.width import width
from ..marks import Marks, NoForm, Place, Shape, Side
from ..sheet import line
from .answers import Answer, Printed, uniform_answer_table
from .composing import Composer, Solved
from .filling import slot_name
from .gaps import PADDING, widest
from .items import points_text
from .mark_places import MarkPlaces

#: What is painted on a paper: whose it is, its code, the code as a symbol, and what is known of the head.
OWNER, CODE, SYMBOL, KNOWN = "owner", "code", "symbol", "known"

#: A spot for nothing: characters that values may need, so that the fonts of the form have them.
POOL = ""

#: The mark of a code is as long as the code, so that it takes the same room in type of fixed width.
CODE_LENGTH = 9

#: The width of a digit, in em.
DIGIT = 0.5


@dataclass(frozen=True)
class PaperForm:
    """A document with marks.

    places: what each mark stands for. said: by mark the name of the value, of marks that are said and not
    printed. spots: by mark what is painted there.
    """

    document: Document
    places: Mapping[str, Place]
    said: Mapping[str, str]
    spots: Mapping[str, str]


AnswerPart = Literal["shown", "low", "to", "high", "other"]


def answer_name(number: int, part: AnswerPart) -> str:
    """Return the name of a value in the table of answers: of which answer, and which part of its row."""
    return f"answer {number} {part}"


@dataclass
class Former:
    """Makes forms of the papers of a class whose problems have one structure; always the same ones.

    composer: of the sheet. solved: its problems with some numbers. shapes: of each problem the shapes of the
    numbers that differ from student to student, by key.
    """

    composer: Composer
    solved: Sequence[Solved]
    shapes: Sequence[Mapping[str, Shape]]

    def __post_init__(self) -> None:
        """Give each number that differs a mark.

        Raises:
            NoForm: the sheet shows numbers of items.
        """
        if self.composer.shows_numbers(key=False):
            raise NoForm("items show numbers")
        plain = Stamp("", "")
        papers = [self.composer.sheet(self.solved, stamp=plain)]
        if not self.composer.shows_numbers(key=True):
            papers.append(self.composer.key_form(self.solved, stamp=plain, known=()))
        self._marks = Marks(repr(papers))
        self._given: tuple[dict[str, Number], ...] = tuple(
            {key: self._marks.new(shape) for key, shape in shapes.items()} for shapes in self.shapes
        )
        self._names = {
            number.magnitude.text: slot_name(task, key)
            for task, numbers in enumerate(self._given)
            for key, number in numbers.items()
        }
        self._shapes = {
            slot_name(task, key): shape
            for task, shapes in enumerate(self.shapes)
            for key, shape in shapes.items()
        }
        self._problems = [one.problem for one in self.marked(self.solved)]

    def marked(self, solved: Sequence[Solved]) -> tuple[Solved, ...]:
        """Return problems with the marks in the place of the numbers that differ."""
        return tuple(
            Solved(with_numbers(one.problem, numbers), one.graph, one.ledger.restated(numbers))
            for one, numbers in zip(solved, self._given, strict=True)
        )

    def values(self, solved: Sequence[Solved]) -> Iterator[tuple[str, Number]]:
        """Yield the values of the places on a student's sheet and in the boxes of the key.

        Raises:
            NoForm: one of them has no room, or the problems differ in more than the numbers with marks.
        """
        for task, (one, numbers) in enumerate(zip(solved, self._given, strict=True)):
            if with_numbers(one.problem, numbers) != self._problems[task]:
                raise NoForm("the problem differs in more than its numbers")
            for key, shape in self.shapes[task].items():
                number = one.ledger.given(key)
                if number is None or not shape.holds(Shape.of(number)):
                    raise NoForm(f"{key} has no room")
                yield slot_name(task, key), number
            for key in self.composer.slots[task]:
                yield slot_name(task, key), one.ledger.shown(key)

    def sheet(self, known: int) -> PaperForm:
        """Return the blank sheet as a form.

        known: of how many lines of the head something is known.

        Raises:
            NoForm: it shows numbers in other ways than in labels and tables.
        """
        marks = self._marks.copy()
        spots = _spots(marks, known)
        document = self.composer.sheet(self.marked(self.solved), stamp=_stamp(spots), known=_known(spots))
        return self._form(document, marks, spots, {})

    def key(self, known: int) -> PaperForm:
        """Return the full key as a form; the values of its table of answers are named by `answer_name`.

        known: of how many lines of the head something is known.

        Raises:
            NoForm: more than single numbers belongs into gaps, or the answers do not fit into one table.
        """
        if self.composer.shows_numbers(key=True):
            raise NoForm("the key shows more than single numbers")
        marks = self._marks.copy()
        spots = _spots(marks, known)
        document = self.composer.key_form(self.marked(self.solved), stamp=_stamp(spots), known=_known(spots))
        places: dict[str, Place] = {}
        numbers: dict[str, Term] = {}
        for task, keys in enumerate(self.composer.slots):
            for name in (slot_name(task, key) for key in keys):
                numbers[name] = mark = marks.new(Shape(7, 0, True))
                places[mark.magnitude.text] = Place(
                    name, "center", self.composer.rooms[name] - PADDING, once=False
                )
        table = uniform_answer_table(
            self.composer.answers,
            [self._answer(answer, marks, places) for answer in self.composer.answers],
            [one.ledger.policy for one in self.solved],
            self.composer.room,
        )
        if table is None:
            raise NoForm("the answers are too wide for one table")
        document = replace(document, blocks=(*document.blocks, *table), numbers=numbers)
        return self._form(document, marks, spots, places)

    @cached_property
    def _answer_shape(self) -> Shape:
        """The room for a number in the table of answers: what those of the form need, and a sign."""
        whole, decimals = 1, 0
        for answer in self.composer.answers:
            one = self.solved[answer.task - 1]
            interval = accepted_interval(one.ledger, answer.key)
            shown = one.ledger.shown(answer.key)
            for number in (shown, interval.low, interval.high, one.otherwise.get(answer.key, shown)):
                if type(number) is Number and number.exponent is None and "/" not in number.text:
                    shape = Shape.of(number)
                    whole, decimals = max(whole, shape.whole), max(decimals, shape.decimals)
        return Shape(whole, decimals, True)

    def _answer(self, answer: Answer, marks: Marks, places: dict[str, Place]) -> Printed:
        """Return an answer with marks for its numbers, which are added to the places."""
        ledger = self.solved[answer.task - 1].ledger

        def mark(part: AnswerPart, side: Side, shape: Shape) -> Line:
            number = marks.new(shape)
            room = width(number, MathStyle())
            places[number.magnitude.text] = Place(answer_name(answer.number, part), side, room)
            return line(number)

        shape = self._answer_shape
        needed = widest(ledger.policy, answer.key, MathStyle()) - width(
            Number("-8." + "8" * shape.decimals), MathStyle()
        )
        shape = replace(shape, whole=max(shape.whole, 1 + math.ceil(needed / DIGIT)))
        low, to, high = (
            mark("low", "right", shape),
            mark("to", "center", Shape()),
            mark("high", "left", shape),
        )
        return Printed(
            line(Number(str(answer.number))),
            line(ledger.term(answer.key)),
            mark("shown", "point", shape),
            (*low, *line(" "), *to, *line(" "), *high),
            low,
            high,
            mark("other", "point", shape),
            line(points_text(answer.points)),
        )

    def _form(
        self, document: Document, marks: Marks, spots: Mapping[str, str], places: Mapping[str, Place]
    ) -> PaperForm:
        placing = MarkPlaces(self._names, self._shapes, marks)
        blocks = tuple(placing.block(block) for block in document.blocks)
        return PaperForm(replace(document, blocks=blocks), {**placing.places, **places}, self._names, spots)


def _spots(marks: Marks, known: int) -> dict[str, str]:
    names = (OWNER, CODE, SYMBOL, POOL, *(f"{KNOWN}{number}" for number in range(1, known + 1)))
    return {marks.new(Shape(CODE_LENGTH)).text: name for name in names}


def _stamp(spots: Mapping[str, str]) -> Stamp:
    marks = {name: mark for mark, name in spots.items()}
    return Stamp(marks[OWNER], marks[CODE], marks=(marks[SYMBOL], marks[POOL]))


def _known(spots: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(mark for mark, name in spots.items() if name.startswith(KNOWN))
