"""The face of the package: solve a problem, look at its steps, write it in any format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .collector import collector_paused
from .derivation.ledger import Ledger
from .derivation.solving import CERTIFIED_EPOCHS, complete, derive
from .document.blocks import Document
from .document.epochs import reported_passes
from .document.worked_solution import worked_solution
from .errors import SymbackpropError
from .formats import CODE_FORMATS, FORMATS
from .keys import plain
from .network.graph import Graph
from .quantities import as_data
from .showing import words_of
from .spec.problem import Problem
from .step import Step
from .writing import write_files

if TYPE_CHECKING:
    from .doubles.training import Training


@dataclass(frozen=True)
class Solution:
    """A solved problem.

    `solution["grad.w5"]` is a step; `document()` the sheet that every format is written from.
    """

    problem: Problem
    graph: Graph
    ledger: Ledger

    def __getitem__(self, key: str) -> Step:
        """Return one step by its quantity key.

        Raises:
            KeyError: no such quantity; the message names near ones.
        """
        key = plain(key)
        if self.graph.restricted and key not in self.ledger:
            return self.whole[key]
        if key not in self.ledger:
            complete(self.graph, self.ledger)
        if key not in self.ledger:
            from difflib import get_close_matches

            near = get_close_matches(key, self.ledger.all_keys(), 3)
            raise KeyError(f"no quantity {key!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
        return Step(key, self.ledger)

    def __iter__(self) -> Iterator[Step]:
        """Iterate over the derived steps, in order."""
        return (Step(key, self.ledger) for key in tuple(self.ledger))

    def keys(self) -> tuple[str, ...]:
        """Return the keys of all quantities, given ones first."""
        whole = self.whole
        complete(whole.graph, whole.ledger)
        return tuple(whole.ledger.all_keys())

    @cached_property
    def whole(self) -> Solution:
        """The solution with all quantities, also where the sheet is about some parameters only."""
        return solve(replace(self.problem, show=())) if self.graph.restricted else self

    @cached_property
    def training(self) -> Training | None:
        """The run in double precision, where there are too many epochs to certify each."""
        if self.problem.learning_rate is None or self.problem.updates <= CERTIFIED_EPOCHS:
            return None
        from .doubles.training import train

        kept = frozenset(reported_passes(self.problem.updates, self.problem.report_every))
        return train(self.problem, kept)

    def document(self, paper: str = "a4") -> Document:
        """Return the worked solution as a document, the same for every format."""
        if paper not in self._documents:
            with collector_paused():
                made = worked_solution(self.problem, self.graph, self.ledger, self.training, paper)
            self._documents[paper] = made
        return self._documents[paper]

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return {}

    @property
    def pages(self) -> int:
        """About how many A4 pages the worked solution has, predicted without typesetting it."""
        return self.pages_on("a4")

    def pages_on(self, paper: str) -> int:
        """Return about how many pages of a size the worked solution has."""
        from .document.layout.pages import estimated_pages

        return estimated_pages(self.document(paper))

    def to_data(self) -> dict[str, Any]:
        """Return all quantities as plain data."""
        whole = self.whole
        complete(whole.graph, whole.ledger)
        return as_data(whole.problem, whole.ledger, whole.training)

    def to_json(self) -> str:
        """Return all quantities as JSON."""
        return json.dumps(self.to_data(), indent=1, ensure_ascii=False) + "\n"

    def to_latex(self, *, paper: str = "a4", fragment: bool = False, templates: Path | None = None) -> str:
        """Return the worked solution as LaTeX source, by itself or as a fragment to be input."""
        from .render.latex import render_latex

        return render_latex(self.document(paper), fragment=fragment, templates=templates)

    def to_typst(self, *, paper: str = "a4", templates: Path | None = None) -> str:
        """Return the worked solution as Typst source."""
        from .render.typst import render_typst

        return render_typst(self.document(paper), templates=templates)

    def to_text(self) -> str:
        """Return the worked solution as plain text."""
        from .render.plain import render_plain

        return render_plain(self.document())

    def to_pdf(self, *, engine: str | None = None, paper: str = "a4", templates: Path | None = None) -> bytes:
        """Return the worked solution as a PDF; engine None takes TeX where found, else Typst."""
        from .engines import make_pdf

        return make_pdf(self.document(paper), engine, templates)

    def to_code(self, library: str) -> str:
        """Return a short program that reproduces the numbers: with numpy, torch, jax or keras.

        Raises:
            SymbackpropError: no such library, or the problem cannot be written with it.
        """
        from .listing import listing

        return listing(self, library).text

    def write(
        self,
        path: str | Path,
        formats: Sequence[str] = ("tex", "pdf"),
        *,
        engine: str | None = None,
        paper: str = "a4",
        fragment: bool = False,
        templates: Path | None = None,
    ) -> list[Path]:
        """Write the solution as `path` with one suffix per format; all of them or none.

        Raises:
            SymbackpropError: an unknown format, an engine that fails, a folder that cannot be written.
        """
        base = Path(path)
        return write_files(
            {
                base.with_name(f"{base.name}.{FORMATS.get(name, name)}"): self.content(
                    name, engine=engine, paper=paper, fragment=fragment, templates=templates
                )
                for name in formats
            }
        )

    def content(
        self,
        format: str,
        *,
        engine: str | None = None,
        paper: str = "a4",
        fragment: bool = False,
        templates: Path | None = None,
    ) -> bytes:
        """Return the solution in one format.

        Raises:
            SymbackpropError: an unknown format, or an engine that fails.
        """
        makers: dict[str, Callable[[], str | bytes]] = {
            "tex": lambda: self.to_latex(paper=paper, fragment=fragment, templates=templates),
            "typ": lambda: self.to_typst(paper=paper, templates=templates),
            "pdf": lambda: self.to_pdf(engine=engine, paper=paper, templates=templates),
            "json": self.to_json,
            "txt": self.to_text,
        }
        if format in CODE_FORMATS:
            return self.to_code(format).encode()
        if format not in makers:
            raise SymbackpropError(f"no format {format!r}; expected some of {', '.join(FORMATS)}")
        made = makers[format]()
        return made.encode() if isinstance(made, str) else made

    def _repr_html_(self) -> str:
        """Show the pages of the worked solution in a notebook."""
        from .engines.typst import page_svgs

        frame = '<div style="max-width: 48em; border: 1px solid #ccc; margin: 0.5em 0">'
        return "".join(f"{frame}{page}</div>" for page in page_svgs(self.to_typst()))

    def __repr__(self) -> str:
        """Return title and number of steps."""
        return f"<Solution {self.problem.title!r}: {len(self.ledger.formulas)} steps>"


def solve(problem: Problem | str | Path, *, show: str | Sequence[str] | None = None) -> Solution:
    """Return the solution of a problem, a problem file or a built-in example.

    show: how much is derived, instead of what the problem says: parameters by name or pattern (`w2_*`),
    `layer:2`, `outputs`, `representative` or `all`, as a list or separated by commas.

    Raises:
        SymbackpropError: the problem cannot be used, or a formula has no value.
    """
    if not isinstance(problem, Problem):
        from .spec import load_problem

        problem = load_problem(problem)
    if show is not None:
        problem = replace(problem, show=words_of(show))
    graph, ledger = derive(problem)
    return Solution(problem, graph, ledger)
