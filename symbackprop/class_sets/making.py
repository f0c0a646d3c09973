"""One student's papers: numbers drawn, problems solved, sheet and key written. This part runs anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import __version__
from ..checkcode import check_code, qr_matrix
from ..document.blocks import Document, Stamp
from ..document.worksheet.composing import Composer, Solved
from ..document.worksheet.items import Choose
from ..production import Job
from ..roster import Student
from ..spec.problem import Problem
from ..spec.worksheet import Worksheet
from ..variants import Variant, Variation, variation_of
from ..worksheets import KEYS, PAPERS, choices_of
from .records import Record, record_of, record_text

#: Where the papers of each kind go, and what is added to the name of their files.
FOLDERS: Mapping[str, str] = {"sheet": "sheets", "key": "keys", "brief": "keys"}
RECORDS = "records"


@dataclass(frozen=True)
class ClassPlan:
    """What a class is given.

    seed: decides the numbers, together with the sheet and the student's id. keys: full, brief, both or none.
    engine: typst, or a TeX engine. names: the file name of each student, by id.
    """

    worksheet: Worksheet
    students: tuple[Student, ...]
    names: Mapping[str, str]
    seed: str
    paper: str = "a4"
    keys: str = "full"
    formats: tuple[str, ...] = ("pdf",)
    engine: str = "typst"
    templates: Path | None = None

    @property
    def papers(self) -> tuple[str, ...]:
        """The papers that each student's files are."""
        return ("sheet", *KEYS[self.keys])


@dataclass(frozen=True)
class PaperMaker:
    """Makes the files of one student after the other: the maker of `production.produce`.

    What is symbolic, and what is the same on all papers, is done once in each process and kept.
    """

    plan: ClassPlan
    _kept: dict[str, Composer] = field(default_factory=dict, compare=False, repr=False)

    def __reduce__(self) -> tuple[type[PaperMaker], tuple[ClassPlan]]:
        """Send the plan; the rest is made again where it is needed."""
        return type(self), (self.plan,)

    @cached_property
    def variations(self) -> tuple[Variation, ...]:
        """The variation of each problem, with the answers that the sheet asks for."""
        return tuple(
            variation_of(task.problem, asked=[a.key for a in self.prototype.answers if a.task == index])
            for index, task in enumerate(self.plan.worksheet.tasks, start=1)
        )

    @cached_property
    def prototype(self) -> Composer:
        """The composer of the sheet with the numbers that its author wrote."""
        mark = signature(task.problem for task in self.plan.worksheet.tasks)
        return self._kept.setdefault(mark, Composer(self.plan.worksheet, self._as_written, self.plan.paper))

    @cached_property
    def _as_written(self) -> tuple[Solved, ...]:
        from ..worksheets import solved_problem

        return tuple(solved_problem(task.problem) for task in self.plan.worksheet.tasks)

    @cached_property
    def sources(self) -> dict[str, dict[int, Any]]:
        """What was written of lasting lines in this process, by format."""
        return {}

    def jobs(self) -> list[Job]:
        """Return the jobs of the class, one for each student."""
        shared = hashlib.sha256(
            json.dumps(
                [
                    __version__,
                    self.plan.seed,
                    [one.identity for one in self.variations],
                    self._look,
                    self.plan.paper,
                    self.plan.keys,
                    self.plan.formats,
                    self.plan.engine,
                    _contents(self.plan.templates),
                ]
            ).encode()
        ).hexdigest()
        return [
            Job(self.plan.names[student.id], digest(shared, student.id, student.name))
            for student in self.plan.students
        ]

    @cached_property
    def _look(self) -> str:
        """A digest of the sheet as it looks with its author's numbers: of everything but what is drawn."""
        solved = self._as_written
        documents = (self.prototype.sheet(solved), self.prototype.key(solved))
        if self.plan.engine == "typst":
            from ..render.typst import render_typst

            return digest(*(render_typst(one, templates=self.plan.templates) for one in documents))
        from ..render.latex import render_latex

        # the templates are read and what lasts is written before processes are started
        lasting = self.sources.setdefault("latex", {})
        return digest(*(render_latex(one, templates=self.plan.templates, kept=lasting) for one in documents))

    @cached_property
    def _students(self) -> Mapping[str, Student]:
        return {self.plan.names[student.id]: student for student in self.plan.students}

    # --- making -----------------------------------------------------------------------------------

    def __call__(self, job: Job) -> dict[str, bytes]:
        """Return the files of one student."""
        return self.many([job])[0]

    def many(self, jobs: Sequence[Job]) -> list[dict[str, bytes]]:
        """Return the files of each student; with TeX, their papers are set in one run and cut apart."""
        from .setting import set_papers

        drawn = [self._papers(job.name) for job in jobs]
        made: list[dict[str, bytes]] = [{} for _ in jobs]
        documents = [(paper, one) for paper in self.plan.papers for one in drawn]
        papers = set_papers(
            [one.documents[paper] for paper, one in documents],
            formats=self.plan.formats,
            engine=self.plan.engine,
            templates=self.plan.templates,
            kept=self.sources,
        )
        nameless: set[int] = set()
        for number, ((paper, one), contents) in enumerate(zip(documents, papers.files, strict=True)):
            index = number % len(drawn)
            nameless |= {index} if number in papers.nameless else set()
            for format, content in contents.items():
                made[index][f"{FOLDERS[paper]}/{one.name}{PAPERS[paper]}.{format}"] = content
        for index, one in enumerate(drawn):
            record = replace(one.record, nameless=index in nameless)
            made[index][f"{RECORDS}/{one.name}.json"] = record_text(record).encode()
        return made

    def _papers(self, name: str) -> _Papers:
        student = self._students[name]
        variants = tuple(
            variation.draw(self.plan.seed, student.id if index == 0 else f"{student.id}#{index + 1}")
            for index, variation in enumerate(self.variations)
        )
        solved = tuple(
            Solved(one.problem, one.graph, one.ledger, self._choices(one, index, student.id))
            for index, one in enumerate(variants)
        )
        composer = self._composer(solved)
        code = code_of(self.plan.seed, student.id, variants)
        stamp = Stamp(_label(student), code, qr_matrix(code))
        known = (student.name, student.id)
        makers = {"sheet": composer.sheet, "key": composer.key, "brief": composer.brief_key}
        documents = {paper: makers[paper](solved, stamp=stamp, known=known) for paper in self.plan.papers}
        record = record_of(student, code, variants, composer.answers, solved)
        return _Papers(name, documents, record)

    def _choices(self, one: Variant, index: int, student: str) -> Choose:
        """Return what gives a student's results to choose from."""
        seed = digest(self.plan.seed, self.variations[index].identity, student)
        return choices_of(one.problem, one.graph, one.ledger, seed)

    def _composer(self, solved: Sequence[Solved]) -> Composer:
        _ = self.prototype
        mark = signature(one.problem for one in solved)
        if mark not in self._kept:
            self._kept[mark] = Composer(self.plan.worksheet, solved, self.plan.paper)
        return self._kept[mark]


@dataclass(frozen=True)
class _Papers:
    """The papers of one student, as documents, and the record of them."""

    name: str
    documents: Mapping[str, Document]
    record: Record


def code_of(seed: str, student: str, variants: Sequence[Variant]) -> str:
    """Return the check code of a student's paper: of the seed, the student and all numbers drawn."""
    numbers = [f"{name}={number}" for one in variants for name, number in sorted(one.numbers.items())]
    return check_code(seed, student, *numbers)


def signature(problems: Iterable[Problem]) -> str:
    """Return what tells the structures of a sheet's problems apart: layers and parameters, not numbers."""
    return repr(
        [
            (
                [(layer.name, layer.units, layer.activation) for layer in problem.layers],
                [(parameter.name, parameter.value is None) for parameter in problem.parameters],
                len(problem.samples),
            )
            for problem in problems
        ]
    )


def digest(*parts: str) -> str:
    """Return a digest of texts, which says where one ends and the next begins."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _label(student: Student) -> str:
    return " \N{MIDDLE DOT} ".join(filter(None, (student.name, student.id)))


def _contents(templates: Path | None) -> list[str]:
    """Return what decides the look of papers from a folder of templates."""
    if templates is None:
        return []
    files = sorted(path for path in templates.rglob("*.j2"))
    return [
        f"{path.relative_to(templates)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files
    ]
