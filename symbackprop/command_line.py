"""The command line. Heavy imports wait until a command needs them, so that --help is quick."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from .audit_command import audit
from .collector import collector_paused
from .errors import SymbackpropError
from .grade_command import register as register_grade
from .sheet_commands import register

app = typer.Typer(
    name="symbackprop",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=(
        "The complete backpropagation derivation of a network, with its numbers, right to the last "
        "printed digit: worked solutions as LaTeX and PDF."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)

ProblemArgument = Annotated[
    str,
    typer.Argument(
        metavar="PROBLEM", help="A problem file (YAML or JSON) or the name of a built-in example."
    ),
]


@app.command()
def solve(
    problem: ProblemArgument,
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="FOLDER", help="Where the files go; - prints a single format."
        ),
    ] = "outputs",
    formats: Annotated[
        str,
        typer.Option(
            "--format", help="Any of tex, pdf, typ, json, txt, numpy, torch, keras, jax, with commas."
        ),
    ] = "tex,pdf",
    engine: Annotated[
        str,
        typer.Option(
            help="typst (built in), latexmk, pdflatex, lualatex, tectonic; auto: TeX if found, else typst."
        ),
    ] = "auto",
    paper: Annotated[str, typer.Option(help="a4 or letter.")] = "a4",
    fragment: Annotated[
        bool, typer.Option("--fragment", help="Write the .tex as a body to \\input into your own document.")
    ] = False,
    digits: Annotated[int | None, typer.Option(help="Show every result to so many digits.")] = None,
    rounding: Annotated[
        str | None,
        typer.Option(help="Change the rounding: places,truncate,carry=shown,digits=5,readout=10 ..."),
    ] = None,
    notation: Annotated[
        str | None,
        typer.Option(help="A preset, such as net-out or nielsen; `symbackprop guide notation` lists all."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="How often the data is gone through.")] = None,
    update_biases: Annotated[
        bool | None,
        typer.Option("--update-biases/--freeze-biases", help="Train the biases, or leave them as they are."),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own templates, searched before the built-in ones."),
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(help="How much is derived: w5,b3 or w2_*, layer:2, outputs, representative or all."),
    ] = None,
    listing: Annotated[
        str | None,
        typer.Option(help="End the sheet with a program of the same numbers: numpy, torch, keras or jax."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write it also if it has very many pages.")] = False,
    open_file: Annotated[bool, typer.Option("--open", help="Open the PDF when it is written.")] = False,
) -> None:
    """Write the worked solution of a problem."""
    from .adjusting import adjusted, parse_formats
    from .spec import load_problem

    wanted = parse_formats(formats, output)
    loaded = adjusted(
        load_problem(problem),
        digits=digits,
        rounding=rounding,
        notation=notation,
        epochs=epochs,
        update_biases=update_biases,
        show=show,
        listing=listing,
        paper=paper,
        engine=engine,
    )
    from .page_limit import solve_within

    person = sys.stdin.isatty() and sys.stderr.isatty()
    solution = solve_within(
        loaded,
        wanted,
        paper=paper,
        confirmed=yes,
        confirm=(lambda question: typer.confirm(question, err=True)) if person else None,
    )
    if output == "-":
        sys.stdout.buffer.write(
            solution.content(wanted[0], engine=engine, paper=paper, fragment=fragment, templates=templates)
        )
        return
    written = solution.write(
        Path(output) / (loaded.name or "solution"),
        wanted,
        engine=engine,
        paper=paper,
        fragment=fragment,
        templates=templates,
    )
    for path in written:
        typer.echo(path)
    if open_file:
        shown = [path for path in written if path.suffix == ".pdf"] or written
        typer.launch(str(shown[0]))


@app.command()
def check(
    problem: ProblemArgument,
    machine: Annotated[bool, typer.Option("--json", help="As JSON, for machines.")] = False,
) -> None:
    """Hold every derivative against SymPy, central differences, NumPy, PyTorch and JAX."""
    from .oracles import check as check_problem

    report = check_problem(problem)
    if machine:
        import json

        typer.echo(json.dumps(report.to_data(), indent=1))
    else:
        typer.echo(report.to_text(), nl=False)
    if not report.agrees:
        raise typer.Exit(1)


app.command()(audit)


@app.command()
def examples(
    machine: Annotated[bool, typer.Option("--json", help="As JSON, for machines.")] = False,
    show: Annotated[str | None, typer.Option(metavar="NAME", help="Print an example's problem file.")] = None,
) -> None:
    """List the built-in examples, a line each."""
    from .spec.catalogue import example_path, example_summaries

    summaries = example_summaries()
    if show is not None:
        if show not in summaries:
            raise SymbackpropError(f"no built-in example {show!r}; expected one of {', '.join(summaries)}")
        typer.echo(example_path(show).read_text(encoding="utf-8"), nl=False)
    elif machine:
        import json

        typer.echo(
            json.dumps([{"name": name, "summary": text} for name, text in summaries.items()], indent=1)
        )
    else:
        width = max(map(len, summaries))
        for name, text in summaries.items():
            typer.echo(f"{name:{width}}  {text}")


@app.command()
def schema(
    sheet: Annotated[bool, typer.Option("--sheet", help="That of sheet files, for worksheets.")] = False,
) -> None:
    """Print the JSON Schema of problem files."""
    import json

    from .spec import json_schema, sheet_schema

    found = sheet_schema() if sheet else json_schema()
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


@app.command()
def guide(
    topic: Annotated[str, typer.Argument(metavar="[TOPIC]", help="The page to print.")] = "",
) -> None:
    """List the pages of the guide, or print one."""
    from .guide import guide_page, guide_topics

    topics = guide_topics()
    if not topic:
        width = max(map(len, topics))
        for name, title in topics.items():
            typer.echo(f"{name:{width}}  {title}")
    elif topic in topics:
        typer.echo(guide_page(topic), nl=False)
    else:
        raise SymbackpropError(f"no page {topic!r} in the guide; expected one of {', '.join(topics)}")


@app.command()
def new(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path("problem.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write a commented problem file to start from."""
    from .spec.catalogue import starter_text
    from .writing import write_files

    if path.exists() and not force:
        raise SymbackpropError(f"{path} is already there; choose another name, or --force to replace it")
    write_files({path: starter_text().encode()})
    typer.echo(f"{path}")


register(app)
register_grade(app)


def _version(value: bool) -> None:
    if value:
        from . import __version__

        typer.echo(f"symbackprop {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""


def main() -> NoReturn:
    """Run the command line: exit 0 when done, 1 when the answer is no, 2 for unusable input."""
    # no plugin reads our problem files; looking for one would read every package that is installed
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        with collector_paused():  # a command is over before there is much to collect
            app()
    except SymbackpropError as error:
        print(f"symbackprop: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("symbackprop: stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
    finally:
        gc.freeze()  # ending, Python would look through all that there is: a quarter of a second with SymPy
    sys.exit(0)
