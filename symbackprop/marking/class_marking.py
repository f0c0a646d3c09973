"""Marking a class: each student's paper solved, marked and let go, whatever is wrong with another's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from ..errors import SymbackpropError
from .answers import AnswerFile, Expected
from .diagnosing import Library
from .marking import mark
from .paper import Paper, Scheme
from .result import Marking
from .results.class_results import ClassResults


class ClassSet(Protocol):
    """What is kept of a class set: the sheet's title, whose papers there are, each paper's numbers."""

    @property
    def title(self) -> str:
        """The title of the sheet."""

    @property
    def papers(self) -> Mapping[str, Expected]:
        """What is known of each student's paper without solving it, by student id, in the class's order."""

    def paper(self, student: str) -> Paper:
        """Return a student's paper, solved.

        Raises:
            SymbackpropError: it cannot be made again.
        """


def mark_class(
    class_set: ClassSet,
    answers: AnswerFile,
    scheme: Scheme = Scheme(),
    library: Library | None = None,
    *,
    students: Iterable[str] | None = None,
    marked: Callable[[Marking], None] | None = None,
) -> ClassResults:
    """Return the results of a class.

    Args:
        class_set: the class.
        answers: what came back.
        scheme: how answers are marked.
        library: the mistakes that wrong answers are held against.
        students: the ids of those to mark; None for all that answered.
        marked: called with each marking as soon as it is there.
    """
    wanted = None if students is None else frozenset(students)
    found: dict[str, Marking | str] = {}
    for student, submission in answers.submissions.items():
        if wanted is not None and student not in wanted:
            continue
        try:
            marking = mark(class_set.paper(student), submission.answers, scheme, library)
        except SymbackpropError as error:
            found[student] = str(error)
            continue
        found[student] = marking
        if marked is not None:
            marked(marking)
    return class_results(class_set, answers, found)


def class_results(
    class_set: ClassSet, answers: AnswerFile, found: Mapping[str, Marking | str]
) -> ClassResults:
    """Return the results of a class from each student's marking, or why there is none."""
    faults = [str(fault) for fault in answers.faults]
    withheld = [class_set.papers[student].called for student in answers.withheld]
    for student, one in found.items():
        if isinstance(one, str):
            called = class_set.papers[student].called
            faults.append(f"{called}: the paper cannot be marked: {one}")
            withheld.append(called)
    markings = tuple(one for one in found.values() if isinstance(one, Marking))
    absent = tuple(class_set.papers[student].called for student in answers.absent)
    return ClassResults(class_set.title, markings, tuple(faults), tuple(withheld), absent)
