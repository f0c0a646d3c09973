"""The command that marks a class's answers. Heavy imports wait until it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import SymbackpropError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from .class_sets.loading import LoadedClass
    from .marking.answers import AnswerFile
    from .marking.paper import Scheme
    from .marking.results.class_results import ClassResults


def grade(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="The class set: the folder that `symbackprop class` has written."
        ),
    ],
    answers: Annotated[
        Path,
        typer.Argument(metavar="ANSWERS", help="The students' answers: the filled-in template, or any CSV."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FOLDER", help="Where the results go; FOLDER/marks."),
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", help="Feedback sheets as any of pdf, txt, tex, with commas.")
    ] = "pdf,txt",
    engine: Annotated[
        str, typer.Option(help="typst (built in), latexmk, pdflatex, lualatex, tectonic.")
    ] = "typst",
    paper: Annotated[str, typer.Option(help="a4 or letter.")] = "a4",
    tolerance: Annotated[
        str | None, typer.Option(help="What is accepted beyond the rounding: 0.001, or 1% of the answer.")
    ] = None,
    follow_through: Annotated[
        str,
        typer.Option(
            help="The share of the points for an answer that follows from own earlier ones: 1, 1/2, 0."
        ),
    ] = "1",
    fewer_digits: Annotated[
        str, typer.Option(help="The share for a right answer to fewer digits than asked for: 0, 1/2, 1.")
    ] = "0",
    without_answers: Annotated[
        bool, typer.Option("--without-answers", help="Feedback that does not give the right answers away.")
    ] = False,
    explain: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="ID ITEM", help="Show what one answer was compared with, and write nothing."),
    ] = None,
    machine: Annotated[
        bool, typer.Option("--json", help="The results as JSON, for machines, and write nothing.")
    ] = False,
) -> None:
    """Mark the answers of a class: marks, feedback sheets, and a page of results."""
    from .adjusting import one_of, parse_list
    from .class_sets.loading import load_class
    from .derivation.beside import derivatives_beside
    from .engines import CHOICES

    one_of("--paper", paper, ("a4", "letter"))
    one_of("--engine", engine, tuple(choice for choice in CHOICES if choice != "auto"))
    wanted = parse_list("--format", formats, ("pdf", "txt", "tex"))
    scheme = scheme_of(tolerance, follow_through, fewer_digits)
    class_set = load_class(folder)
    with derivatives_beside(lambda: (task.problem for task in class_set.worksheet.tasks)) as derived:
        from .class_sets.grading import FeedbackSheets, grade_class
        from .marking.answers import read_answers

        read = class_set.chosen(read_answers(answers, class_set.papers.values()))
        derived()
    if explain is not None:
        typer.echo(_explained(class_set, read, scheme, *explain), nl=False)
        return
    sheets = FeedbackSheets(() if machine else wanted, engine, paper, not without_answers)
    results, feedback = grade_class(class_set, read, scheme, sheets)
    if machine:
        import json

        from .marking.results.data import to_data

        typer.echo(json.dumps(to_data(results), indent=1, ensure_ascii=False))
    else:
        for path in _write(results, feedback, output or folder / "marks", engine, paper):
            typer.echo(path)
    for fault in results.faults:
        typer.echo(fault, err=True)
    if results.faults:
        raise typer.Exit(1)


def scheme_of(tolerance: str | None, follow_through: str, fewer_digits: str) -> Scheme:
    """Return how answers are marked, as the options say.

    Raises:
        SymbackpropError: an option that has no meaning; the text names it and what was expected.
    """
    from .marking.accepting import Tolerance
    from .marking.paper import Scheme
    from .spec.faults import Fault
    from .spec.text.numerals import parse_number

    allowed: Tolerance | None = None
    if tolerance is not None:
        share = tolerance.rstrip().endswith("%")
        try:
            number = parse_number(tolerance.replace("%", "").strip() + ("e-2" if share else ""))
        except Fault:
            number = None
        if number is None or number.negative:
            raise SymbackpropError(
                f"--tolerance: given {tolerance!r}; expected a number such as 0.001, or 1%"
            )
        allowed = Tolerance(relative=number) if share else Tolerance(absolute=number)
    return Scheme(
        tolerance=allowed,
        follow_through=_share("--follow-through", follow_through),
        fewer_digits=_share("--fewer-digits", fewer_digits),
    )


def _share(option: str, text: str) -> Fraction:
    from fractions import Fraction

    try:
        share = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share <= 1:
        raise SymbackpropError(
            f"{option}: given {text!r}; expected a share of the points from 0 to 1, such as 1/2"
        )
    return share


def _explained(class_set: LoadedClass, read: AnswerFile, scheme: Scheme, student: str, item: str) -> str:
    from .marking.catalogue import built_in_library
    from .marking.explaining import explain
    from .marking.marking import mark
    from .spec.suggest import did_you_mean

    if student not in class_set.papers:
        raise SymbackpropError(
            f"--explain: no student {student!r} in the class. "
            f"{did_you_mean(student, list(class_set.papers))}".rstrip()
        )
    submission = read.submissions.get(student)
    if submission is None:
        faults = map(str, read.faults)
        raise SymbackpropError("\n".join([f"--explain: {student} has no answers to be marked", *faults]))
    return explain(mark(class_set.paper(student), submission.answers, scheme, built_in_library()), item)


def _write(
    results: ClassResults, feedback: Mapping[str, bytes], output: Path, engine: str, paper: str
) -> list[Path]:
    """Write the results, and the feedback sheets; the class's own files are named."""
    from .marking.results.class_page import class_page
    from .marking.results.class_results import answers_csv, points_csv
    from .worksheets import content
    from .writing import write_files

    own = {
        output / "marks.csv": points_csv(results).encode("utf-8-sig"),
        output / "answers.csv": answers_csv(results).encode("utf-8-sig"),
        output / "results.pdf": content(class_page(results, paper=paper), "pdf", engine=engine),
    }
    write_files({output / "feedback" / name: sheet for name, sheet in feedback.items()} | own)
    return [*own, output / "feedback"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(grade)
