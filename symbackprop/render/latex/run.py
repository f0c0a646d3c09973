"""Many documents as one LaTeX run, that is cut apart afterwards: the preamble is read once for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import RenderError
from ..environment import environment, fill
from .escape import Latex

_BEGIN, _END = "\\begin{document}\n", "\\end{document}"


@dataclass(frozen=True, slots=True)
class LatexRun:
    """Documents of one preamble: their numbers among all, and the files of the run, `sheet.tex` first."""

    numbers: tuple[int, ...]
    files: Mapping[str, str]


def latex_runs(sources: Sequence[str], kinds: Sequence[str], templates: Path | None = None) -> list[LatexRun]:
    """Return the runs that documents are set in: one for all that have the same preamble.

    Arguments:
        sources: whole documents, as `render_latex` returns them.
        kinds: of each document; those of one kind mostly have the same number of pages.
        templates: a user's folder of templates.

    Raises:
        RenderError: a source is no whole document.
    """
    groups: dict[str, list[tuple[int, str]]] = {}
    for number, source in enumerate(sources):
        preamble, begun, rest = source.partition(_BEGIN)
        body, ended, _ = rest.rpartition(_END)
        if not begun or not ended:
            raise RenderError("a template leaves out \\begin{document} or \\end{document}")
        groups.setdefault(preamble, []).append((number, body))
    jinja = environment("latex", templates, source_type=Latex)
    runs = []
    for preamble, papers in groups.items():
        names = {kind: Latex(index) for index, kind in enumerate(dict.fromkeys(kinds), start=1)}
        main = fill(
            jinja,
            "run.tex.j2",
            preamble=Latex(preamble.rstrip("\n")),
            papers=[names[kinds[number]] for number, _ in papers],
        )
        bodies = {f"paper{index}.tex": body for index, (_, body) in enumerate(papers, start=1)}
        runs.append(LatexRun(tuple(number for number, _ in papers), {"sheet.tex": str(main), **bodies}))
    return runs
