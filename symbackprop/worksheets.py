"""The face of worksheets: a sheet with gaps, its full key and its brief key, in any format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .derivation.ledger import Ledger
from .derivation.solving import derive
from .document.blocks import Document
from .document.worksheet.answers import Answer
from .document.worksheet.composing import Composer, Solved
from .document.worksheet.items import Choice, Choose
from .errors import SymbackpropError
from .marking.accepting import accepted_interval
from .network.graph import Graph
from .spec.problem import Problem
from .spec.worksheet import Worksheet
from .writing import write_files

#: By which name each paper of a sheet is asked for, what is added to the name of its files.
PAPERS: Mapping[str, str] = {
    "sheet": "",
    "key": "-key",
    "brief": "-answers",
    "formulas": "-formulas",
    "hints": "-hints",
}

#: By how the keys of a sheet are asked for, which papers they are.
KEYS: Mapping[str, tuple[str, ...]] = {
    "full": ("key",),
    "brief": ("brief",),
    "both": ("key", "brief"),
    "none": (),
}

#: The formats of worksheets.
FORMATS = ("tex", "pdf", "typ", "txt", "json")

#: How many results there are to choose from.
CHOICES = 4


@dataclass(frozen=True)
class Sheet:
    """A worksheet with its numbers; `document` makes each of its papers."""

    worksheet: Worksheet
    solved: tuple[Solved, ...]
    composer: Composer

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What belongs into the numbered gaps, in order."""
        return self.composer.answers

    def to_data(self) -> dict[str, Any]:
        """Return what is asked and its answers as plain data: a machine's answer key."""
        items = []
        for answer in self.answers:
            solved = self.solved[answer.task - 1]
            interval = accepted_interval(solved.ledger, answer.key)
            item: dict[str, Any] = {
                "number": answer.number,
                "problem": answer.task,
                "quantity": answer.key,
                "points": str(answer.points),
                "value": solved.ledger.significant(answer.key),
                "shown": str(solved.ledger.shown(answer.key)),
                "accepted": [str(interval.low), str(interval.high)],
            }
            if answer.choice and solved.choose is not None:
                item["choices"] = [
                    {
                        "letter": "ABCDEFGH"[place],
                        "shown": str(choice.number),
                        "right": not choice.mistake,
                        "mistake": choice.mistake or None,
                        "feedback": choice.feedback,
                    }
                    for place, choice in enumerate(solved.choose(answer.key))
                ]
            items.append(item)
        return {"title": self.composer.title, "points": str(self.composer.points), "items": items}

    def to_json(self) -> str:
        """Return what is asked and its answers as JSON."""
        return json.dumps(self.to_data(), indent=1, ensure_ascii=False) + "\n"

    def document(self, paper: str = "sheet") -> Document:
        """Return one of the papers: sheet, key, brief (the answers alone), formulas or hints.

        Raises:
            SymbackpropError: no such paper.
        """
        composer = self.composer
        makers = {
            "sheet": composer.sheet,
            "key": composer.key,
            "brief": composer.brief_key,
            "formulas": composer.formulas,
            "hints": composer.hints,
        }
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
        data = {base.with_name(f"{base.name}.json"): self.to_json().encode()} if "json" in formats else {}
        formats = [name for name in formats if name != "json"]
        return write_files(
            data
            | {
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
    """Return a problem with its values, and results to choose from where a sheet asks for a choice."""
    graph, ledger = derive(problem)
    return Solved(problem, graph, ledger, choices_of(problem, graph, ledger, seed="0"))


def choices_of(problem: Problem, graph: Graph, ledger: Ledger, seed: str) -> Choose:
    """Return what gives the results to choose from: the right one and three that mistakes lead to, or none.

    Args:
        problem: the problem.
        graph: its graph.
        ledger: its values.
        seed: decides which mistakes, and the order.
    """

    @cache
    def choose(key: str) -> Sequence[Choice]:
        from .mistakes import distractors

        try:
            return distractors(ledger, graph, problem, key, CHOICES - 1, seed).choices
        except SymbackpropError:  # a derivative of zero, for one, has too few wrong answers
            return ()

    return choose
