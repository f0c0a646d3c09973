"""A class marked on all processors: each paper is solved, marked and answered with a feedback sheet."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ..errors import SymbackpropError
from ..marking.answers import AnswerFile
from ..marking.catalogue import built_in_library
from ..marking.class_marking import class_results
from ..marking.diagnosing import Library
from ..marking.marking import mark
from ..marking.paper import Scheme
from ..marking.result import Marking
from ..marking.results.class_results import ClassResults
from ..marking.results.feedback import feedback
from ..production import Failure, Job, SerialExecutor, processors
from ..production.executors import make_all
from ..worksheets import content
from .loading import LoadedClass

#: Fewer papers than this for each process are marked sooner in this one.
LEAST_TOGETHER = 8
#: So many papers are handed over at a time.
CHUNK = 8

#: What a paper's files are called before they are told apart: its marking, why it has no feedback sheet.
_MARKING, _REFUSED = "marking", "refused"


@dataclass(frozen=True)
class FeedbackSheets:
    """What is written to each student.

    formats: of pdf, txt, tex; none for no sheets. answers: whether the right answers are told.
    """

    formats: tuple[str, ...] = ("pdf", "txt")
    engine: str = "typst"
    paper: str = "a4"
    answers: bool = True


def grade_class(
    class_set: LoadedClass,
    answers: AnswerFile,
    scheme: Scheme = Scheme(),
    sheets: FeedbackSheets = FeedbackSheets(),
    *,
    workers: int | None = None,
) -> tuple[ClassResults, dict[str, bytes]]:
    """Return the results of a class, and the feedback sheets by file name.

    A paper that cannot be marked, or a sheet that cannot be set, is named among the faults; the others are
    there.

    Args:
        class_set: the class.
        answers: what came back.
        scheme: how answers are marked.
        sheets: what is written to each student.
        workers: how many processes; one for each processor.
    """
    students = list(answers.submissions)
    grader = PaperGrader(class_set, answers, scheme, sheets)
    count = min(workers or processors(), len(students) // LEAST_TOGETHER)
    if count > 1:
        grader.prepare(students[0])
    jobs = [Job(student, "") for student in students]
    chunks = [jobs[at : at + CHUNK] for at in range(0, len(jobs), CHUNK)]
    place = None if count > 1 else SerialExecutor()
    found: dict[str, Marking | str] = {}
    files: dict[str, dict[str, bytes]] = {}
    refused: dict[str, str] = {}
    for chunk, outcomes in make_all(chunks, grader, place, count, lambda: False):
        for job, outcome in zip(chunk, outcomes, strict=True):
            if isinstance(outcome, Failure):
                found[job.name] = outcome.reason
                continue
            own = dict(outcome)
            found[job.name] = pickle.loads(own.pop(_MARKING))
            if _REFUSED in own:
                refused[job.name] = own.pop(_REFUSED).decode()
            files[job.name] = own
    results = class_results(class_set, answers, {student: found[student] for student in students})
    faults = [
        f"{class_set.papers[student].called}: no feedback sheet: {refused[student]}"
        for student in students
        if student in refused
    ]
    results = replace(results, faults=(*results.faults, *faults))
    return results, {name: sheet for student in students for name, sheet in files.get(student, {}).items()}


@dataclass(frozen=True)
class PaperGrader:
    """Marks one student's paper after the other, and sets the feedback sheets: a maker for `make_all`."""

    class_set: LoadedClass
    answers: AnswerFile
    scheme: Scheme
    sheets: FeedbackSheets

    @cached_property
    def mistakes(self) -> Library:
        """The mistakes that wrong answers are held against; what does not depend on numbers is found once."""
        return built_in_library()

    def __reduce__(self) -> tuple[type[PaperGrader], tuple[object, ...]]:
        """Send what it was made of; what was found on the way is found again where it is needed."""
        return type(self), (self.class_set, self.answers, self.scheme, self.sheets)

    def prepare(self, student: str) -> None:
        """Do what is symbolic before processes are forked, which then have it."""
        try:
            self._marked(student)
        except SymbackpropError:  # whose paper it is will be said in its turn
            return

    def __call__(self, job: Job) -> Mapping[str, bytes]:
        """Return a student's marking and feedback sheets."""
        marking = self._marked(job.name)
        made = {_MARKING: pickle.dumps(marking)}
        sheets = self.sheets
        document = feedback(marking, self.class_set.title, answers=sheets.answers, paper=sheets.paper)
        name = self.class_set.plan.names[job.name]
        for format in sheets.formats:
            try:
                made[f"{name}.{format}"] = content(document, format, engine=sheets.engine)
            except SymbackpropError as error:
                made[_REFUSED] = str(error).encode()
        return made

    def _marked(self, student: str) -> Marking:
        answers = self.answers.submissions[student].answers
        return mark(self.class_set.paper(student), answers, self.scheme, self.mistakes)
