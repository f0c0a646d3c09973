"""The wall: every oracle against the ledger, as a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..derivation.solving import certified_epochs
from ..spec.problem import Problem
from .answer import Oracle
from .comparing import DISAGREES, SKIPPED, Comparison, compare
from .complex_step import ask_numpy
from .differences import ask_differences
from .jax_autograd import ask_jax
from .matrix_sweep import ask_matrices
from .program import forward_program, passes_to_check
from .symbolic_loss import ask_sympy
from .torch_autograd import ask_torch
from .torch_layers import ask_torch_layers
from .updates import compare_updates

if TYPE_CHECKING:
    from ..solution import Solution

#: Every oracle. One that computes with many digits agrees to thirty of them.
ORACLES: tuple[Oracle, ...] = (
    Oracle("sympy", "SymPy: derivative of the whole composed loss", ask_sympy, 1e-30),
    Oracle("differences", "central differences, 140 digits", ask_differences, 1e-30),
    Oracle("numpy", "NumPy: complex step, float64", ask_numpy, 1e-12, rounded=True),
    Oracle("matrices", "NumPy: matrix formulas by hand, float64", ask_matrices, 1e-12, rounded=True),
    Oracle("torch", "PyTorch: autograd of the formulas, float64", ask_torch, 1e-12, rounded=True),
    Oracle("torch-layers", "PyTorch: its own layers and losses, float64", ask_torch_layers, 1e-12, True),
    Oracle("jax", "JAX: reverse mode of the formulas, float64", ask_jax, 1e-12, rounded=True),
)


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict of every oracle on a problem; `agrees` where none disagrees."""

    title: str
    comparisons: tuple[Comparison, ...]

    @property
    def agrees(self) -> bool:
        """Whether at least one oracle could be asked, and none disagrees."""
        verdicts = {comparison.verdict for comparison in self.comparisons}
        return DISAGREES not in verdicts and verdicts != {SKIPPED}

    def __getitem__(self, oracle: str) -> Comparison:
        """Return one oracle's comparison by its name.

        Raises:
            KeyError: there is no such oracle.
        """
        for comparison in self.comparisons:
            if comparison.oracle == oracle:
                return comparison
        raise KeyError(f"no oracle {oracle!r}; there are {', '.join(c.oracle for c in self.comparisons)}")

    def to_data(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return {
            "title": self.title,
            "agrees": self.agrees,
            "oracles": [asdict(comparison) for comparison in self.comparisons],
        }

    def to_text(self) -> str:
        """Return the report as a table."""
        head = ("oracle", "compared", "worst difference", "at", "tolerance", "verdict")
        rows = [_cells(comparison) for comparison in self.comparisons]
        widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (head, *rows)
        ]
        notes = [f"{c.title}: {c.note}" for c in self.comparisons if c.note]
        for comparison in self.comparisons:
            others = comparison.disagreements[1:]
            if others:
                shown = ", ".join(others[:5]) + (", ..." if len(others) > 5 else "")
                notes.append(f"{comparison.title}: {len(others)} more outside the tolerance: {shown}")
        verdict = _verdict(self)
        return "\n".join([self.title, "", *lines, *([""] if notes else []), *notes, "", verdict]) + "\n"

    def __str__(self) -> str:
        """Return the table."""
        return self.to_text()


def _cells(comparison: Comparison) -> tuple[str, ...]:
    if not comparison.compared:
        return (comparison.title, "-", "-", "-", "-", comparison.verdict)
    return (
        comparison.title,
        str(comparison.compared),
        f"{comparison.worst:.1e}" if comparison.worst else "0",
        comparison.quantity if comparison.worst else "",
        f"{comparison.tolerance:.0e}",
        comparison.verdict,
    )


def _verdict(report: Report) -> str:
    against = [c.oracle for c in report.comparisons if c.verdict == DISAGREES]
    asked = sum(c.verdict != SKIPPED for c in report.comparisons)
    if against:
        return f"DISAGREES: {', '.join(against)}"
    return f"All {asked} oracles agree." if asked else "No oracle could be asked."


def check(problem: Problem | Solution | str | Path, oracles: Sequence[Oracle] = ORACLES) -> Report:
    """Return every oracle's verdict on the derivatives and updates of a problem.

    Args:
        problem: a problem, its solution, a problem file or the name of a built-in example.
        oracles: those to ask, from `ORACLES`.

    Raises:
        SymbackpropError: the problem cannot be used, or a formula has no value.
    """
    from ..solution import Solution, solve

    solution = problem if isinstance(problem, Solution) else solve(problem)
    graph, ledger = solution.graph, solution.ledger
    passes = passes_to_check(solution.problem, certified_epochs(solution.problem))
    every = (forward_program(graph, ledger, number) for number in passes)
    programs = tuple(program for program in every if program is not None)
    comparisons = [compare(oracle, programs, ledger) for oracle in oracles]
    comparisons.append(compare_updates(graph, ledger))
    return Report(solution.problem.title, tuple(comparisons))
