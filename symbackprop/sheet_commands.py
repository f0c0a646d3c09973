"""The commands for sheets on paper: worksheets and their keys. Heavy imports wait until a command needs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import SymbackpropError

if TYPE_CHECKING:
    from .spec.worksheet import Task, Worksheet

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
        help="What is asked: everything, forward, error, output, gradients, updates, or keys such as grad.w5."
    ),
]
As = Annotated[
    str | None,
    typer.Option("--as", help="What each item leaves open: result, substitution, formula, derivation."),
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
    fragment: Annotated[
        bool, typer.Option("--fragment", help="Write the .tex as bodies to \\input into your own document.")
    ] = False,
    templates: Templates = None,
) -> None:
    """Write a blank worksheet and its answer key."""
    from .adjusting import one_of, parse_list
    from .engines import CHOICES
    from .spec.worksheets import load_worksheet
    from .worksheets import FORMATS, KEYS, make_sheet

    one_of("--paper", paper, ("a4", "letter"))
    one_of("--engine", engine, CHOICES)
    one_of("--key", key, tuple(KEYS))
    wanted = parse_list("--format", formats, FORMATS)
    asked = adjusted(
        load_worksheet(sheet),
        ask=ask,
        degree=degree,
        fade=fade,
        room=room,
        diagram=diagram,
        formula_sheet=formula_sheet,
        hints=hints,
        large_print=large_print,
    )
    written = make_sheet(asked, paper=paper).write(
        Path(output) / f"{asked.name or 'sheet'}-worksheet",
        wanted,
        papers=("sheet", *KEYS[key]),
        engine=engine,
        fragment=fragment,
        templates=templates,
    )
    for path in written:
        typer.echo(path)


def adjusted(
    worksheet: Worksheet,
    *,
    ask: str | None = None,
    degree: str | None = None,
    fade: str | None = None,
    room: str | None = None,
    diagram: str | None = None,
    formula_sheet: bool = False,
    hints: bool = False,
    large_print: bool = False,
) -> Worksheet:
    """Return the worksheet with the options of the command line applied to each of its problems.

    Raises:
        SymbackpropError: an option that has no meaning; the text names it and what was expected.
    """
    from .adjusting import one_of
    from .spec.worksheet import DEGREES, FADING, PICTURES, RULINGS, Origin
    from .spec.worksheets import words_of_ask

    changes: dict[str, object] = {}
    if ask is not None:
        words = words_of_ask([ask])
        if not words:
            raise SymbackpropError(
                "--ask: nothing given; expected a set such as everything, or keys such as grad.w5"
            )
        changes |= {"ask": words, "asked_in": Origin("--ask")}
    if degree is not None:
        one_of("--as", degree, DEGREES)
        changes |= {"degree": degree, "fade": ()}
    if fade is not None:
        one_of("--fade", fade, tuple(FADING))
        changes["fade"] = FADING[fade]
    if room is not None:
        one_of("--room", room, RULINGS)
        changes["ruling"] = room
    if diagram is not None:
        one_of("--diagram", diagram, PICTURES)
        changes["picture"] = diagram
    tasks: tuple[Task, ...] = tuple(replace(task, **changes) for task in worksheet.tasks)  # type: ignore[arg-type]
    return replace(
        worksheet,
        tasks=tasks,
        formula_sheet=formula_sheet or worksheet.formula_sheet,
        hints=hints or worksheet.hints,
        large_print=large_print or worksheet.large_print,
    )


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(worksheet)
