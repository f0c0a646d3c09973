"""Many documents by TeX in one run, cut apart: each looks as if it had been set alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..document.blocks import Document
from ..errors import RenderError
from ..production.splitting import split_pdf
from ..render.latex.run import LatexRun, latex_runs
from .tex import compile_files, compile_tex

#: Which engine sets many documents in one run, by the engine that was asked for. Any other sets them singly.
RUNNING = {"pdflatex": "pdflatex", "latexmk": "pdflatex"}

#: Seconds until a run is stopped: so many, and so many more for each document.
PATIENCE, EACH = 60.0, 3.0

_ATTEMPT = re.compile(r"^paper (\d+) has (-?\d+) pages and says (\d+)$", re.MULTILINE)


def compile_together(
    documents: Sequence[Document], sources: Sequence[str], engine: str, templates: Path | None = None
) -> list[bytes]:
    """Return the PDF of each document; its bytes are the same whatever documents are set with it.

    Arguments:
        documents: the documents.
        sources: the LaTeX source of each.
        engine: a TeX engine.
        templates: a user's folder of templates.

    Raises:
        RenderError: the engine is missing or fails, or a template makes a document that cannot be cut out.
    """
    if engine not in RUNNING:
        return [compile_tex(source, engine) for source in sources]
    made: dict[int, bytes] = {}
    kinds = [f"{document.kind} {len(document.blocks)}" for document in documents]
    for run in latex_runs(sources, kinds, templates):
        parts = _made(run, [documents[number] for number in run.numbers], RUNNING[engine])
        made.update(zip(run.numbers, parts, strict=True))
    return [made[number] for number in range(len(sources))]


def _made(run: LatexRun, documents: Sequence[Document], engine: str) -> list[bytes]:
    timeout = PATIENCE + EACH * len(documents)
    pdf, log = compile_files(run.files, engine, timeout=timeout, once=True)
    attempts = [(int(paper) - 1, int(pages), int(said)) for paper, pages, said in _ATTEMPT.findall(log)]
    # of a paper that was set again, the last attempt counts
    last = {paper: place for place, (paper, _, _) in enumerate(attempts)}
    if len(last) != len(documents) or any(attempts[at][1] != attempts[at][2] for at in last.values()):
        raise RenderError("a run of many papers did not say how many pages each of them has")
    wanted = [documents[paper] if last[paper] == at else None for at, (paper, _, _) in enumerate(attempts)]
    parts = split_pdf(
        pdf,
        [pages for _, pages, _ in attempts],
        [one.title if one else None for one in wanted],
        [", ".join(one.keywords) if one else "" for one in wanted],
    )
    return [parts[last[paper]] for paper in range(len(documents))]
