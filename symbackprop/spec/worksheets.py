"""Sheet files to worksheets; a single problem is a sheet by itself."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from ..errors import ProblemError
from ..formulas.terms import Number
from .catalogue import example_names
from .data import number_value
from .faults import Path as Place
from .faults import Written, field_path
from .instructions import instructions
from .lines import FieldLines
from .load import load_problem
from .problem import Problem, Source
from .suggest import did_you_mean, listed
from .text.reader import parse_text, read_text
from .translate import check_form, is_sheet
from .worksheet import FADING, HEAD, SETS, Degree, Origin, Points, Task, Worksheet
from .worksheet_forms import MOST_LABELS, MOST_TASKS, AskingForm, SheetForm

#: How often parameters were updated before a quantity is taken: the k of its key, as in `loss@3`.
_PASSES = re.compile(r"@(\d+)")

#: The most points an item is worth.
MOST_POINTS = 1000


def load_worksheet(
    path_or_example_name: str | os.PathLike[str], kept: Mapping[str, str] | None = None
) -> Worksheet:
    """Return the worksheet of a sheet file, or of a problem file or a built-in example by itself.

    `kept` says which files beside the sheet stand for problems that it calls otherwise; see `SheetFiles`.

    Raises:
        ProblemError: there is no such file or example, or it cannot be used; the text says where and why.
    """
    argument = os.fspath(path_or_example_name)
    path = Path(argument)
    if argument in example_names() and not path.is_file():
        return of_problem(load_problem(argument))
    if path.is_file():
        written = parse_text(read_text(argument), argument)
        if is_sheet(written.data):
            return build_worksheet(written, path.stem, path.parent, kept or {})
    return of_problem(load_problem(argument))


def of_problem(problem: Problem) -> Worksheet:
    """Return a problem as a sheet by itself."""
    return Worksheet((Task(as_asked(problem, Task(problem).ask)),), title=problem.title, name=problem.name)


def as_asked(problem: Problem, ask: Sequence[str]) -> Problem:
    """Return a problem with as many updates as a sheet asks about: one, but for keys such as `new.w1@3`."""
    last = max((int(number) for word in ask for number in _PASSES.findall(word)), default=1)
    if problem.learning_rate is None or problem.updates <= last:
        return problem
    return replace(problem, descent=replace(problem.descent, updates=last))


def build_worksheet(written: Written, name: str, folder: Path, kept: Mapping[str, str]) -> Worksheet:
    """Return the worksheet that is written; its problem files stand in `folder`, some under `kept` names.

    Raises:
        ProblemError: it cannot be used.
    """
    from .build import file_stem

    form = check_form(written)
    assert isinstance(form, SheetForm)
    if not 1 <= len(form.problems) <= MOST_TASKS:
        raise written.error(
            ("problems",),
            "a sheet has problems",
            given=str(len(form.problems)),
            expected=f"1 to {MOST_TASKS}",
        )
    if form.head is not None and len(form.head) > MOST_LABELS:
        raise written.error(
            ("head",),
            "too many lines to fill in",
            given=str(len(form.head)),
            expected=f"at most {MOST_LABELS}",
        )
    tasks = []
    for index, task in enumerate(form.problems):
        place: Place = ("problems", index)
        called = task.problem if isinstance(task.problem, str) else ""
        value = kept.get(called, called) or task.problem
        problem = _problem(value, (*place, "problem"), written, folder)
        whole = asking(Task(problem, called=called), form, (), written)
        asked = asking(whole, task, place, written)
        tasks.append(replace(asked, title=task.title or "", problem=as_asked(problem, asked.ask)))
    return Worksheet(
        tuple(tasks),
        title=form.title or (tasks[0].problem.title if len(tasks) == 1 else "Backpropagation"),
        course=form.course or "",
        term=form.term or "",
        date=form.date or "",
        instructions=instructions(form.instructions or "", ("instructions",), written),
        time=form.time or "",
        aids=form.aids or "",
        head=HEAD if form.head is None else tuple(form.head),
        formula_sheet=form.formula_sheet,
        hints=form.hints,
        large_print=form.large_print,
        name=file_stem(name),
    )


def asking(task: Task, form: AskingForm, place: Place, written: Written) -> Task:
    """Return a task changed by what a form says of what is asked.

    Raises:
        ProblemError: a word that has no meaning there.
    """
    if form.ask is not None:
        words = [form.ask] if isinstance(form.ask, str) else form.ask
        task = replace(
            task, ask=_asked(words, (*place, "ask"), written), asked_in=_origin((*place, "ask"), written)
        )
    if form.degree is not None and form.fade is not None:
        raise written.error(
            (*place, "fade"),
            "both as and fade",
            given=form.degree,
            expected="as where all items leave the same open, or fade where they leave more and more open",
        )
    if form.degree is not None:
        task = replace(task, degree=form.degree, fade=())
    if form.fade is not None:
        task = replace(task, fade=fading(form.fade, (*place, "fade"), written))
    if form.points is not None:
        task = replace(task, points=_points(form.points, (*place, "points"), written))
    if form.room is not None:
        task = replace(task, ruling=form.room)
    if form.diagram is not None:
        task = replace(task, picture=form.diagram)
    return task


def _asked(words: Sequence[str], place: Place, written: Written) -> tuple[str, ...]:
    found = words_of_ask(words)
    if not found:
        raise written.error(
            place,
            "nothing is asked",
            given="nothing",
            expected=f"one of {listed(list(SETS))}, or keys such as grad.w5",
        )
    return found


def _origin(place: Place, written: Written) -> Origin:
    return Origin(field_path(place), written.file, written.line(place))


def words_of_ask(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a list, each of which may hold several, separated by commas."""
    return tuple(part.strip() for word in words for part in word.split(",") if part.strip())


def fading(words: str | Sequence[Degree], place: Place, written: Written) -> tuple[Degree, ...]:
    """Return the degrees of a fading, by its name or as they are listed.

    Raises:
        ProblemError: an unknown name, or an empty list.
    """
    if not isinstance(words, str):
        if not words:
            raise written.error(
                place, "no degree", given="an empty list", expected=f"one of {listed(list(FADING))}"
            )
        return tuple(words)
    if words not in FADING:
        hint = did_you_mean(words, list(FADING))
        raise written.error(
            place, "unknown fading", given=words, expected=f"one of {listed(list(FADING))}", hint=hint
        )
    return FADING[words]


def _points(points: Number | Mapping[str, Number], place: Place, written: Written) -> Points:
    if isinstance(points, Number):
        return Points(_worth(points, place, written))
    if not points:
        raise written.error(
            place,
            "no points",
            given="an empty mapping",
            expected="such as {grad.*: 2, other: 1}, or one number",
        )
    found = {pattern: _worth(number, (*place, pattern), written) for pattern, number in points.items()}
    other = found.pop("other", Fraction(1))
    return Points(other, found, _origin(place, written))


def _worth(number: Number, place: Place, written: Written) -> Fraction:
    value = number_value(number)
    if not 0 <= value <= MOST_POINTS:
        raise written.error(
            place, "not points", given=str(number), expected=f"a number from 0 to {MOST_POINTS}"
        )
    return value


def _problem(value: object, place: Place, written: Written, folder: Path) -> Problem:
    if isinstance(value, str):
        beside = folder / value
        try:
            return load_problem(beside if beside.is_file() else value)
        except ProblemError as error:
            if error.file:
                raise
            raise written.error(
                place,
                "neither a file nor a built-in example",
                given=value,
                expected="a problem file beside the sheet, the name of an example, or the problem itself",
                hint=error.hint,
            ) from None
    if isinstance(value, dict):
        from .build import build_problem

        depth = len(place)
        lines = {path[depth:]: line for path, line in written.lines.items() if path[:depth] == place}
        inside = Written(value, written.file, lines, place)
        problem = build_problem(inside)
        return replace(problem, source=Source(written.file, FieldLines(inside.lines)))
    raise written.error(place, "no problem", given="null" if value is None else str(type(value).__name__),
                        expected="a problem file, the name of an example, or the problem itself")  # fmt: skip
