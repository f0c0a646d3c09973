"""The class set as a folder: every student's files, then what is made of all of them."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from ..adjusting import SheetOptions
from ..document.wording import counted
from ..production import Finish, Made, Production, Progress, processors, produce
from ..spec.sheet_files import SheetFiles
from ..worksheets import PAPERS
from .making import FOLDERS, RECORDS, ClassPlan, PaperMaker, digest
from .records import Record, read_record

#: The files that are made of all students' papers.
PRINT, BOOK, ANSWERS, TEMPLATE, REPORT, CLASS = (
    "print.pdf",
    "keys.pdf",
    "answers.csv",
    "marks-template.csv",
    "report.txt",
    "class.json",
)


@dataclass(frozen=True)
class ClassSet:
    """A class set that was made: the plan, and what the run did."""

    plan: ClassPlan
    production: Production

    @property
    def nameless(self) -> tuple[str, ...]:
        """The ids of the students on whose papers the number stands for the name, which no font shows."""
        records = self.production.folder / RECORDS
        paths = {
            student.id: records / f"{self.plan.names[student.id]}.json" for student in self.plan.students
        }
        return tuple(
            student
            for student, path in paths.items()
            if path.is_file() and read_record(path.read_bytes(), str(path)).nameless
        )

    def summary(self) -> str:
        """Return what the run did, as lines of text, and on how many papers there is no name."""
        lines = [self.production.summary()]
        count = len(self.nameless)
        if count:
            papers = counted(count, "paper")
            lines.append(f"without the name, which no font shows: {papers}; {REPORT} says whose")
        return "\n".join(lines)


def produce_class(
    plan: ClassPlan,
    folder: str | Path,
    *,
    sources: SheetFiles | None = None,
    options: SheetOptions | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    overwrite: bool = False,
) -> ClassSet:
    """Make a class set in a folder: what is missing is made, what is there stays untouched.

    Args:
        plan: the sheet, the students, the seed.
        folder: where it goes: sheets/, keys/, records/, and the files made of all of them.
        sources: the files of the sheet and its problems, kept with the set so that it can be marked later.
        options: what was changed in the sheet on the command line, kept for the same reason.
        executor: where papers are made: threads, processes, Dask's; processes of our own if not given.
        workers: how many processes of our own.
        progress: told how far the run is.
        overwrite: replace files that were changed by hand.

    Raises:
        SymbackpropError: nothing varies, or the folder cannot be used.
        ProductionStopped: Ctrl-C; what was made is kept.
    """
    maker = PaperMaker(plan)
    with maker.preparing() if executor is None else nullcontext() as ready:
        jobs = maker.jobs()
        shared = digest(*(job.identity for job in jobs))
        finish = _finish(plan, shared, sources or SheetFiles(), options or SheetOptions())
        done = produce(
            jobs,
            maker,
            folder,
            executor=executor,
            workers=workers,
            chunk=None if maker.fills else _chunk(plan, len(jobs), executor, workers),
            progress=progress,
            prepare=ready,
            finish=finish,
            overwrite=overwrite,
        )
    return ClassSet(plan, done)


#: How many students' papers one run of TeX sets at most: if it fails or is killed, so many are lost.
MOST_TOGETHER = 50


def _chunk(plan: ClassPlan, count: int, executor: Executor | None, workers: int | None) -> int | None:
    """Return how many students' papers are made at a time: with TeX, what falls to each process."""
    if "pdf" not in plan.formats or plan.engine == "typst":
        return None
    from ..engines.together import RUNNING

    if plan.engine not in RUNNING:
        return None
    at_work = workers or getattr(executor, "_max_workers", None) or processors()
    return max(1, min(MOST_TOGETHER, -(-count // at_work)))


def _finish(plan: ClassPlan, shared: str, sources: SheetFiles, options: SheetOptions) -> list[Finish]:
    title = plan.worksheet.title or plan.worksheet.tasks[0].problem.title
    steps = [
        Finish("answers", shared, _tables),
        Finish("the report", shared, lambda made: {REPORT: _report(plan, made).encode()}),
        Finish(
            "the description of the class",
            digest(shared, repr(options), *sources.texts, repr(sources.kept)),
            lambda made: _description(plan, sources, options),
        ),
    ]
    if "pdf" in plan.formats:
        steps.append(Finish("the file to print", shared, lambda made: {PRINT: _joined(made, "sheet", title)}))
        book = "key" if "key" in plan.papers else "brief" if "brief" in plan.papers else ""
        if book:
            steps.append(
                Finish("the book of keys", shared, lambda made: {BOOK: _joined(made, book, f"{title}: keys")})
            )
    return steps


def _joined(made: Sequence[Made], paper: str, title: str) -> bytes:
    """Return the papers of one kind of all students as one PDF, each beginning on a sheet of its own."""
    from ..production.joining import join_pdfs

    ending = f"{PAPERS[paper]}.pdf"
    parts = [(one.job.name, one.files[f"{FOLDERS[paper]}/{one.job.name}{ending}"]) for one in made]
    return join_pdfs(parts, even=True, title=title)


def records_of(made: Sequence[Made]) -> list[Record]:
    """Return the records of the papers that were made."""
    paths = [one.files[f"{RECORDS}/{one.job.name}.json"] for one in made]
    return [read_record(path.read_bytes(), str(path)) for path in paths]


def column(task: int, key: str, several: bool) -> str:
    """Return the name of a column: the quantity key, and of which problem where there are several."""
    return f"{task}:{key}" if several else key


def _tables(made: Sequence[Made]) -> dict[str, bytes]:
    records = records_of(made)
    several = any(len(record.numbers) > 1 for record in records)
    columns: dict[str, None] = {}
    for record in records:
        columns.update((column(answer.task, answer.key, several), None) for answer in record.answers)
    rows, blank = [], []
    for record in records:
        shown = {column(answer.task, answer.key, several): answer.shown for answer in record.answers}
        rows.append([record.id, record.name, record.code, *(shown.get(name, "") for name in columns)])
        blank.append([record.id, record.name, record.code, *("" for _ in columns)])
    head = ["id", "name", "code", *columns]
    return {ANSWERS: _csv([head, *rows]), TEMPLATE: _csv([head, *blank])}


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark, which Excel needs to see that it is UTF-8."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[_inert(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    first, second = cell[:1], cell[1:2]
    if first and (first in "=@\t\r" or (first in "+-" and not second.isdigit())):
        return f"'{cell}"
    return cell


def _report(plan: ClassPlan, made: Sequence[Made]) -> str:
    records = records_of(made)
    rejected: Counter[str] = Counter()
    for record in records:
        rejected.update(record.rejected)
    draws = sum(record.attempts for record in records)
    title = plan.worksheet.title or plan.worksheet.tasks[0].problem.title
    lines = [f"{title}: {counted(len(records), 'paper')}, seed {plan.seed}", ""]
    lines.append(f"{counted(draws, 'draw')}, of which {sum(rejected.values())} rejected:")
    lines += [
        f"  {count:6}  {reason}" for reason, count in sorted(rejected.items(), key=lambda i: (-i[1], i[0]))
    ]
    numbers = Counter(json.dumps(record.numbers, sort_keys=True) for record in records)
    repeated = len(records) - len(numbers)
    lines += [
        "",
        f"Papers with the same numbers as another one: {repeated}." if repeated else "All papers differ.",
    ]
    nameless = [record for record in records if record.nameless]
    if nameless:
        lines += ["", "The number stands for the name, which no font shows, on the papers of:"]
        lines += [f"  {record.id}  {record.name}" for record in nameless]
    return "\n".join(lines) + "\n"


def _description(plan: ClassPlan, sources: SheetFiles, options: SheetOptions) -> dict[str, bytes]:
    worksheet = plan.worksheet
    data = {
        "symbackprop class": 1,
        "title": worksheet.title or worksheet.tasks[0].problem.title,
        "sheet": sources.sheet,
        **({"problems": dict(sources.kept)} if sources.kept else {}),
        "options": {name: value for name, value in asdict(options).items() if value},
        "seed": plan.seed,
        "paper": plan.paper,
        "keys": plan.keys,
        "formats": list(plan.formats),
        "engine": plan.engine,
        "students": [
            {"id": student.id, "name": student.name, "file": plan.names[student.id]}
            for student in plan.students
        ],
    }
    files = {f"source/{name}": content for name, content in sources.texts.items()}
    return {CLASS: (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode(), **files}
