"""The command that audits printed figures. Heavy imports wait until it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import SymbackpropError

if TYPE_CHECKING:
    from .audit import Audit

#: What the report of an audit is written as, with what ends the file's name.
FORMATS = {"text": "txt", "json": "json", "tex": "tex", "pdf": "pdf", "typ": "typ"}


def audit(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="An audit file: a problem and the figures printed for it.")
    ],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FOLDER", help="Where files go; - prints a single format."),
    ] = "outputs",
    formats: Annotated[
        str | None,
        typer.Option(
            "--format", help="Any of text, json, tex, pdf, typ, with commas; by default text is printed."
        ),
    ] = None,
    machine: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
    engine: Annotated[
        str,
        typer.Option(
            help="typst (built in), latexmk, pdflatex, lualatex, tectonic; auto: TeX if found, else typst."
        ),
    ] = "auto",
    paper: Annotated[str, typer.Option(help="a4 or letter.")] = "a4",
    templates: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own templates, searched before the built-in ones."),
    ] = None,
) -> None:
    """Hold printed figures against the right ones and explain the wrong ones."""
    import sys

    from .audit import audit as audit_file
    from .writing import write_files

    wanted = _wanted(formats, output)
    _one_of("--paper", paper, ("a4", "letter"))
    found = audit_file(file)
    if formats is None or output == "-":
        name = "json" if machine else (wanted[0] if wanted else "text")
        sys.stdout.buffer.write(content(found, name, engine, paper, templates))
    else:
        stem = f"audit-{Path(file).stem}"
        files = {
            Path(output) / f"{stem}.{FORMATS[name]}": content(found, name, engine, paper, templates)
            for name in wanted
        }
        for path in write_files(files):
            typer.echo(path)
    sys.stdout.flush()
    if found.faults:
        raise typer.Exit(1)


def content(
    found: Audit, name: str, engine: str = "auto", paper: str = "a4", templates: Path | None = None
) -> bytes:
    """Return an audit in one format.

    Raises:
        SymbackpropError: an engine or a template fails.
    """
    import json

    from .audit import to_data, to_text

    if name == "text":
        return to_text(found).encode()
    if name == "json":
        return (json.dumps(to_data(found), indent=1, ensure_ascii=False) + "\n").encode()
    from .audit.document import audit_document

    document = audit_document(found, paper)
    if name == "pdf":
        from .engines import make_pdf

        return make_pdf(document, engine, templates)
    if name == "typ":
        from .render.typst import render_typst

        return render_typst(document, templates=templates).encode()
    from .render.latex import render_latex

    return render_latex(document, templates=templates).encode()


def _wanted(formats: str | None, output: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip() for part in (formats or "").split(",") if part.strip()))
    for name in wanted:
        if name not in FORMATS:
            raise SymbackpropError(f"--format: no format {name!r}; expected some of {', '.join(FORMATS)}")
    if formats is not None and not wanted:
        raise SymbackpropError(f"--format: nothing given; expected some of {', '.join(FORMATS)}")
    if output == "-" and len(wanted) > 1:
        raise SymbackpropError("-o -: standard output takes one format; given " + ", ".join(wanted))
    return wanted


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SymbackpropError(f"{option}: given {value!r}; expected one of {', '.join(allowed)}")
