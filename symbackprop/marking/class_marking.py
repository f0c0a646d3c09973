"""What comes of marking a class, whatever is wrong with single papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .answers import AnswerFile, Expected
from .paper import Paper
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
