"""One student's papers: numbers drawn, problems solved, sheet and key written. This part runs anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import __version__
from ..checkcode import check_code, qr_matrix
from ..document.blocks import Document, Stamp
from ..document.worksheet.composing import Composer, Solved
from ..document.worksheet.items import Choose
from ..document.worksheet.wording import typographic
from ..production import Job, start_method
from ..roster import Student
from ..spec.problem import Problem
from ..spec.worksheet import Worksheet
from ..variants import Variant, Variation, variation_of
from ..worksheets import KEYS, PAPERS, choices_of
from .forms import FORMS, PaperForms, read_ahead
from .records import Record, Whose, record_of, record_text

#: Where the papers of each kind go, and what is added to the name of their files.
FOLDERS: Mapping[str, str] = {"sheet": "sheets", "key": "keys", "brief": "keys"}
RECORDS = "records"

#: For no more students than these no process is started to prepare their papers.
FEW = 4


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
        """Return the files of each student.

        Papers of the embedded engine are filled in where they can be; TeX sets many in one run.
        """
        drawn = [self._draw(job.name) for job in jobs]
        made: list[dict[str, bytes]] = [{} for _ in jobs]
        nameless = [False for _ in jobs]
        wanted: dict[tuple[str, ...], list[tuple[int, str]]] = {}
        for index, one in enumerate(drawn):
            filled, named = self._filled(one)
            nameless[index] = not named
            for paper in self.plan.papers:
                if paper in filled:
                    made[index][one.path(paper, "pdf")] = filled[paper]
                formats = tuple(each for each in self.plan.formats if each != "pdf" or paper not in filled)
                if formats:
                    wanted.setdefault(formats, []).append((index, paper))
        for formats, places in wanted.items():
            from .setting import set_papers  # it imports what writes LaTeX

            papers = set_papers(
                [drawn[index].document(paper) for index, paper in places],
                formats=formats,
                engine=self.plan.engine,
                templates=self.plan.templates,
                kept=self.sources,
            )
            for number, ((index, paper), contents) in enumerate(zip(places, papers.files, strict=True)):
                nameless[index] |= number in papers.nameless
                made[index].update((drawn[index].path(paper, each), text) for each, text in contents.items())
        for files, one, unnamed in zip(made, drawn, nameless, strict=True):
            record = replace(one.record, nameless=unnamed)
            files[f"{RECORDS}/{one.name}.json"] = record_text(record).encode()
        return made

    @contextmanager
    def preparing(self) -> Iterator[Callable[[], None]]:
        """Begin elsewhere with what all papers have in common; yield a function that waits for it."""
        if not self._fills or len(self.plan.students) <= FEW or start_method() != "fork":
            yield lambda: None
            return
        read_ahead(self.plan.engine, self.plan.templates)
        known = len(self._known(self.plan.students[0]))
        with self._forms.made_beside(self.plan.papers, known) as wait:
            yield wait

    @property
    def _fills(self) -> bool:
        """Whether there are papers that may be filled in."""
        return self.plan.engine in FORMS and "pdf" in self.plan.formats

    @property
    def fills(self) -> bool:
        """Whether papers are filled in, and not typeset one by one or many in one run."""
        return self._fills and self._forms.fills(self.plan.papers)

    def _known(self, student: Student) -> tuple[str, ...]:
        """Return what is known of the lines of the head."""
        return (student.name, student.id)[: len(self.plan.worksheet.head)]

    def _filled(self, one: _Drawn) -> tuple[dict[str, bytes], bool]:
        """Return the PDFs of a student's papers that are filled in, and whether the name is on them."""
        if not self._fills or one.composer is not self.prototype:
            return {}, True
        return self._forms.filled(self.plan.papers, one.whose, one.solved, one.record)

    @cached_property
    def _forms(self) -> PaperForms:
        return PaperForms(
            self.prototype, self._as_written, self.variations, self.plan.engine, self.plan.templates
        )

    def _draw(self, name: str) -> _Drawn:
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
        known = tuple(map(typographic, self._known(student)))
        whose = Whose(Stamp(_label(student), code, qr_matrix(code), number=typographic(student.id)), known)
        return _Drawn(
            name, whose, solved, composer, record_of(student, code, variants, composer.answers, solved)
        )

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
class _Drawn:
    """One student's problems with their numbers, and what the papers are made of."""

    name: str
    whose: Whose
    solved: tuple[Solved, ...]
    composer: Composer
    record: Record

    def path(self, paper: str, format: str) -> str:
        """Return where a paper goes in the folder of the class."""
        return f"{FOLDERS[paper]}/{self.name}{PAPERS[paper]}.{format}"

    def document(self, paper: str) -> Document:
        """Return a paper as a document."""
        makers = {"sheet": Composer.sheet, "key": Composer.key, "brief": Composer.brief_key}
        return makers[paper](self.composer, self.solved, stamp=self.whose.stamp, known=self.whose.known)


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
    return typographic(" \N{MIDDLE DOT} ".join(filter(None, (student.name, student.id))))


def _contents(templates: Path | None) -> list[str]:
    """Return what decides the look of papers from a folder of templates."""
    if templates is None:
        return []
    files = sorted(path for path in templates.rglob("*.j2"))
    return [
        f"{path.relative_to(templates)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files
    ]
