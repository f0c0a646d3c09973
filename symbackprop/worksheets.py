"""The face of worksheets: a sheet with gaps, its full key and its brief key, in any format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .derivation.solving import derive
from .document.blocks import Document
from .document.worksheet.answers import Answer
from .document.worksheet.composing import Composer, Solved
from .errors import SymbackpropError
from .spec.problem import Problem
from .spec.worksheet import Worksheet
from .writing import write_files

#: By which name each paper of a sheet is asked for, what is added to the name of its files.
PAPERS: Mapping[str, str] = {"sheet": "", "key": "-key", "brief": "-answers"}

#: By how the keys of a sheet are asked for, which papers they are.
KEYS: Mapping[str, tuple[str, ...]] = {
    "full": ("key",),
    "brief": ("brief",),
    "both": ("key", "brief"),
    "none": (),
}

#: The formats of worksheets.
FORMATS = ("tex", "pdf", "typ", "txt")


@dataclass(frozen=True)
class Sheet:
    """A worksheet with its numbers: `document("sheet")`, `document("key")`, `document("brief")`."""

    worksheet: Worksheet
    solved: tuple[Solved, ...]
    composer: Composer

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What belongs into the numbered gaps, in order."""
        return self.composer.answers

    def document(self, paper: str = "sheet") -> Document:
        """Return the sheet, its full key or its brief key.

        Raises:
            SymbackpropError: no such paper.
        """
        makers = {"sheet": self.composer.sheet, "key": self.composer.key, "brief": self.composer.brief_key}
        if paper not in makers:
            raise SymbackpropError(f"no paper {paper!r}; expected one of {', '.join(PAPERS)}")
        return makers[paper](self.solved)

    def write(
        self,
        path: str | Path,
        formats: Sequence[str] = ("tex", "pdf"),
        *,
        papers: Sequence[str] = ("sheet", "key"),
        engine: str | None = None,
        fragment: bool = False,
        templates: Path | None = None,
    ) -> list[Path]:
        """Write papers of the sheet, each in each format; all of them or none.

        Raises:
            SymbackpropError: an unknown format or paper, an engine that fails, a folder that cannot be used.
        """
        base = Path(path)
        return write_files(
            {
                base.with_name(f"{base.name}{PAPERS[paper]}.{name}"): content(
                    self.document(paper), name, engine=engine, fragment=fragment, templates=templates
                )
                for paper in papers
                for name in formats
            }
        )


def content(
    document: Document,
    format: str,
    *,
    engine: str | None = None,
    fragment: bool = False,
    templates: Path | None = None,
) -> bytes:
    """Return a document in one of the formats of worksheets.

    Raises:
        SymbackpropError: an unknown format, or an engine that fails.
    """
    if format == "pdf":
        from .engines import make_pdf

        return make_pdf(document, engine, templates)
    if format == "tex":
        from .render.latex import render_latex

        return render_latex(document, fragment=fragment, templates=templates).encode()
    if format == "typ":
        from .render.typst import render_typst

        return render_typst(document, templates=templates).encode()
    if format == "txt":
        from .render.plain import render_plain

        return render_plain(document).encode()
    raise SymbackpropError(f"no format {format!r} of worksheets; expected some of {', '.join(FORMATS)}")


def make_sheet(worksheet: Worksheet | Problem | str | Path, *, paper: str = "a4") -> Sheet:
    """Return the sheet of a sheet file, of a problem, or of a built-in example.

    Raises:
        SymbackpropError: it cannot be used, or something is asked that is not there.
    """
    from .spec.worksheets import load_worksheet, of_problem

    if isinstance(worksheet, Problem):
        worksheet = of_problem(worksheet)
    elif not isinstance(worksheet, Worksheet):
        worksheet = load_worksheet(worksheet)
    solved = tuple(solved_problem(task.problem) for task in worksheet.tasks)
    return Sheet(worksheet, solved, Composer(worksheet, solved, paper))


def solved_problem(problem: Problem) -> Solved:
    """Return a problem with its values."""
    graph, ledger = derive(problem)
    return Solved(problem, graph, ledger)
