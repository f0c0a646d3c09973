"""The audit: somebody's printed figures held against the right ones."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

from flint import ctx

from ..collector import collector_paused
from ..derivation.solving import complete, derive
from ..mistakes.sweep import Sweep
from ..spec.problem import Problem
from .audit_file import AuditRequest, load_audit, unknown_quantity
from .convention import Inferred
from .finding import Finding, Verdict
from .inference import infer
from .judging import Judging


@dataclass(frozen=True)
class Audit:
    """Every figure with what is found about it, and the rounding convention of all."""

    request: AuditRequest
    problem: Problem
    sweep: Sweep
    convention: Inferred
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The wrong figures."""
        return tuple(finding for finding in self.findings if finding.wrong)

    def counts(self) -> dict[Verdict, int]:
        """Return how many figures have each verdict."""
        made = Counter(finding.verdict for finding in self.findings)
        kinds: tuple[Verdict, ...] = ("right", "convention", "inherited", "own", "unexplained")
        return {kind: made.get(kind, 0) for kind in kinds}


def audit(file: str | os.PathLike[str] | AuditRequest) -> Audit:
    """Return the audit of an audit file, or of what is asked for in Python.

    Raises:
        ProblemError: the file cannot be used, or a figure is about a quantity that the problem does not have.
    """
    request = file if isinstance(file, AuditRequest) else load_audit(file)
    graph, ledger = derive(request.problem)
    complete(graph, ledger)
    sweep = Sweep(ledger, graph, request.problem)
    for place, figure in enumerate(request.figures):
        if not sweep.known(figure.key):
            known = [name for name in ledger.all_keys() if sweep.known(name)]
            raise unknown_quantity(request, figure, known, place)
    with collector_paused(), ctx.workprec(ledger.bits):
        inferred = infer(sweep, request.figures)
        findings = Judging(sweep, request.figures, inferred).findings()
    return Audit(request, request.problem, sweep, inferred, tuple(findings))
