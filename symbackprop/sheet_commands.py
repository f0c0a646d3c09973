"""The commands for sheets on paper: worksheets, keys, class sets. Heavy imports wait for their command."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .errors import SymbackpropError

SheetArgument = Annotated[
    str,
    typer.Argument(metavar="SHEET", help="A sheet file, a problem file, or the name of a built-in example."),
]
Output = Annotated[str, typer.Option("-o", "--output", metavar="FOLDER", help="Where the files go.")]
Formats = Annotated[str, typer.Option("--format", help="Any of tex, pdf, typ, txt, with commas.")]
Engine = Annotated[
    str,
    typer.Option(
        help="typst (built in), latexmk, pdflatex, lualatex, tectonic; auto: TeX if found, else typst."
    ),
]
Paper = Annotated[str, typer.Option(help="a4 or letter.")]
Ask = Annotated[
    str | None,
    typer.Option(
        help="What is asked: everything, forward, error, output, gradients, updates, second_pass, "
        "or keys such as grad.w5."
    ),
]
As = Annotated[
    str | None,
    typer.Option(
        "--as",
        help="What each item leaves open: worked, choice, result, substitution, formula, derivation.",
    ),
]
Fade = Annotated[str | None, typer.Option(help="Leave more and more open: light, medium, strong.")]
RoomOption = Annotated[str | None, typer.Option("--room", help="Room to work in: lined, grid or empty.")]
Diagram = Annotated[str | None, typer.Option(help="The picture of the network: filled, blank or none.")]
Large = Annotated[bool, typer.Option("--large-print", help="In type of 16 points.")]
FormulaSheet = Annotated[bool, typer.Option("--formula-sheet", help="Add a page of formulas.")]
Hints = Annotated[bool, typer.Option("--hints", help="Add a page of hints.")]
Templates = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Your own templates, searched before the built-in ones.")
]


def worksheet(
    sheet: SheetArgument,
    output: Output = "outputs",
    formats: Formats = "tex,pdf",
    engine: Engine = "auto",
    paper: Paper = "a4",
    key: Annotated[str, typer.Option(help="Which keys: full, brief, both or none.")] = "full",
    ask: Ask = None,
    degree: As = None,
    fade: Fade = None,
    room: RoomOption = None,
    diagram: Diagram = None,
    formula_sheet: FormulaSheet = False,
    hints: Hints = False,
    large_print: Large = False,
    apart: Annotated[
        bool, typer.Option("--apart", help="Formulas and hints as papers of their own, not on the sheet.")
    ] = False,
    fragment: Annotated[
        bool, typer.Option("--fragment", help="Write the .tex as bodies to \\input into your own document.")
    ] = False,
    templates: Templates = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write it also if it has very many pages.")] = False,
) -> None:
    """Write a blank worksheet and its answer key."""
    from .adjusting import SheetOptions, adjusted_sheet, one_of, parse_list
    from .engines import CHOICES
    from .page_limit import sheet_within
    from .spec.worksheets import load_worksheet
    from .worksheets import FORMATS, KEYS

    one_of("--paper", paper, ("a4", "letter"))
    one_of("--engine", engine, CHOICES)
    one_of("--key", key, tuple(KEYS))
    wanted = parse_list("--format", formats, FORMATS)
    options = SheetOptions(ask, degree, fade, room, diagram, formula_sheet, hints, large_print)
    asked = adjusted_sheet(load_worksheet(sheet), options)
    extra = [name for name, wanted in (("formulas", asked.formula_sheet), ("hints", asked.hints)) if wanted]
    if apart:
        asked = replace(asked, formula_sheet=False, hints=False)
    person = sys.stdin.isatty() and sys.stderr.isatty()
    made = sheet_within(
        asked,
        wanted,
        paper=paper,
        confirmed=yes,
        confirm=(lambda question: typer.confirm(question, err=True)) if person else None,
    )
    written = made.write(
        Path(output) / f"{asked.name or 'sheet'}-worksheet",
        wanted,
        papers=("sheet", *(extra if apart else ()), *KEYS[key]),
        engine=engine,
        fragment=fragment,
        templates=templates,
    )
    for path in written:
        typer.echo(path)


def class_set(
    sheet: SheetArgument,
    roster: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="The class list, as Moodle, Canvas or Excel write it: a sheet for each line."
        ),
    ] = None,
    count: Annotated[int | None, typer.Option(help="Without a roster: how many sheets.")] = None,
    seed: Annotated[
        str | None,
        typer.Option(
            help="Decides the numbers, with each student's id. Write it down, and keep it to yourself."
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FOLDER", help="Where the set goes; outputs/SHEET-class."),
    ] = None,
    formats: Annotated[str, typer.Option("--format", help="Any of pdf, tex, typ, with commas.")] = "pdf",
    engine: Annotated[
        str, typer.Option(help="typst (built in), latexmk, pdflatex, lualatex, tectonic.")
    ] = "typst",
    paper: Paper = "a4",
    key: Annotated[str, typer.Option(help="Which keys: full, brief, both or none.")] = "full",
    ask: Ask = None,
    degree: As = None,
    fade: Fade = None,
    room: RoomOption = None,
    diagram: Diagram = None,
    formula_sheet: FormulaSheet = False,
    hints: Hints = False,
    large_print: Large = False,
    workers: Annotated[int | None, typer.Option(help="How many processes; one for each processor.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that were changed by hand.")
    ] = False,
    templates: Templates = None,
) -> None:
    """Write a different sheet for each student of a class, the keys, and what the marking goes by."""
    from .derivation.beside import derivatives_beside
    from .spec.sheet_files import load_sheet

    with derivatives_beside(lambda: (task.problem for task in load_sheet(sheet)[0].tasks)) as derived:
        loaded, sources = load_sheet(sheet)
        from .adjusting import SheetOptions, adjusted_sheet, one_of, parse_list
        from .class_sets import ClassPlan, produce_class
        from .class_sets.forms import read_ahead
        from .engines import CHOICES
        from .production import ProductionStopped, shown_progress
        from .roster import file_names, numbered_roster, read_roster
        from .worksheets import KEYS

        read_ahead(engine, templates)
        derived()
    one_of("--paper", paper, ("a4", "letter"))
    one_of("--engine", engine, tuple(choice for choice in CHOICES if choice != "auto"))
    one_of("--key", key, tuple(KEYS))
    wanted = parse_list("--format", formats, ("pdf", "tex", "typ"))
    if (roster is None) == (count is None):
        given = "neither is given" if roster is None else "both are given"
        raise SymbackpropError(
            f"--roster FILE names the students, --count N numbers them: {given}; expected one"
        )
    if seed is None or not seed.strip():
        raise SymbackpropError(
            "--seed: nothing given; expected a word or number of your own, such as --seed 2026. "
            "The same seed makes the same sheets again"
        )
    if workers is not None and workers < 1:
        raise SymbackpropError(f"--workers: given {workers}; expected a whole number above zero")
    students = (numbered_roster(count or 0) if roster is None else read_roster(roster)).students
    options = SheetOptions(ask, degree, fade, room, diagram, formula_sheet, hints, large_print)
    asked = adjusted_sheet(loaded, options)
    plan = ClassPlan(
        asked,
        students,
        dict(file_names(students)),
        seed.strip(),
        paper=paper,
        keys=key,
        formats=wanted,
        engine=engine,
        templates=templates,
    )
    folder = Path(output) if output else Path("outputs") / f"{asked.name or 'sheet'}-class"
    try:
        with shown_progress("sheets") as progress:
            made = produce_class(
                plan,
                folder,
                sources=sources,
                options=options,
                workers=workers,
                progress=progress,
                overwrite=overwrite,
            )
    except ProductionStopped as stopped:
        typer.echo(stopped.production.summary(), err=True)
        raise typer.Exit(130) from None
    typer.echo(made.summary())
    if not made.production.complete:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(worksheet)
    app.command("class")(class_set)
