"""How often a right figure is accused, on pages printed as people print them.

    python -m tests.audit.precision          200 pages
    python -m tests.audit.precision 50 seed

Every figure of such a page is right: full precision or displayed values are carried, everything is rounded
or cut off, to the same decimals or to others for each kind of quantity, to significant digits, off a
calculator's read-out, trailing zeros kept or dropped, and only some of what was computed is printed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

from symbackprop import load_problem
from symbackprop.audit import Figure
from symbackprop.audit.audit_file import for_audit
from symbackprop.audit.finding import Finding
from symbackprop.audit.inference import infer
from symbackprop.audit.judging import Judging
from symbackprop.audit.printed import read_printed
from symbackprop.derivation.ledger import Ledger
from symbackprop.derivation.solving import complete, derive
from symbackprop.errors import SymbackpropError
from symbackprop.mistakes import Sweep
from symbackprop.numbers.rounding import Rounding, RoundingPolicy
from symbackprop.spec.problem import Problem

from . import chance

NETWORKS = (
    *chance.NETWORKS,
    "xor",
    "delta-rule",
    "batch-norm",
    "gru",
    "lstm",
    "attention",
    "convolution",
    "residual",
    "own-activation",
    "matrix-form",
)
MODES = ("half_even", "half_even", "half_up", "truncate")


@dataclass(frozen=True)
class Printing:
    """How a page is printed: the policy of its author, and the share of the quantities that it shows."""

    policy: RoundingPolicy
    share: float

    def __str__(self) -> str:
        """Return it in short."""
        default, roles = self.policy.default, {k: v["digits"] for k, v in self.policy.roles.items()}
        return (
            f"{default.digits} {default.kind}, {default.mode}, carry {self.policy.carry}, zeros "
            f"{default.zeros}, readout {default.readout}, {roles or 'all alike'}, {self.share:.0%} printed"
        )


def printing(draw: Random) -> Printing:
    """Return a way to print that somebody may have chosen."""
    kind = draw.choice(("places", "places", "significant"))
    digits = draw.choice((3, 4, 4, 5, 6, 8, 9) if kind == "places" else (3, 4, 5, 6))
    mode = draw.choice(MODES)
    roles: dict[str, Mapping[str, Any]] = {}
    if kind == "places" and draw.random() < 0.4:
        roles = {f"{name}*": {"digits": max(2, digits + draw.choice((-1, 0, 1, 2)))} for name in ROLES}
    default = Rounding(
        digits,
        kind,
        mode,
        draw.choice((None, None, None, 10)) if digits >= 8 and mode == "truncate" else None,
        draw.choice(("keep", "drop")),
        None,
        draw.choice((None, -3)),
    )
    carry = draw.choice(("exact", "shown", "shown"))
    return Printing(RoundingPolicy(default, carry, roles), draw.choice((0.3, 0.6, 1.0)))


ROLES = ("act", "net", "grad", "new", "dE_", "error")


@dataclass(frozen=True)
class PrintedPage:
    """The figures of a page and how they were printed."""

    network: str
    printing: Printing
    sweep: Sweep
    figures: tuple[Figure, ...]

    def findings(self) -> list[Finding]:
        """Return what the audit finds; the explanations of what it accuses are left out."""
        return Judging(self.sweep, self.figures, infer(self.sweep, self.figures))._pass(None)


@cache
def _sweep(name: str) -> Sweep:
    problem = for_audit(load_problem(name), ["new.w"])
    return Sweep(*_solved(problem), problem)


def _solved(problem: Problem) -> tuple[Ledger, Any]:
    graph, ledger = derive(problem)
    complete(graph, ledger)
    return ledger, graph


def pages(count: int, seed: int | str) -> Iterator[PrintedPage]:
    """Yield so many pages without a mistake."""
    draw = Random(f"pages:{seed}")
    while count:
        name = NETWORKS[count % len(NETWORKS)]
        sweep, how = _sweep(name), printing(draw)
        try:
            ledger, _ = _solved(replace(sweep.problem, rounding=how.policy))
            figures = tuple(_figures(sweep, ledger, how, draw))
        except SymbackpropError:  # a value that vanishes when it is rounded, and is divided by
            continue
        if figures and all(map(_about_right(sweep), figures)):
            count -= 1
            yield PrintedPage(name, how, sweep, figures)


def _about_right(sweep: Sweep) -> Callable[[Figure], bool]:
    """Return whether a figure is still about right: nobody prints a page of which nothing is left."""

    def allows(figure: Figure) -> bool:
        exact, printed = sweep.values[figure.key], float(figure.printed.value)
        return abs(printed - exact) <= abs(exact) / 2 + 10.0**figure.printed.written.unit

    return allows


def _figures(sweep: Sweep, ledger: Ledger, how: Printing, draw: Random) -> Iterator[Figure]:
    for key in sweep.formulas:
        if sweep.parts(key).kind in chance.KINDS and sweep.known(key) and draw.random() < how.share:
            text = str(ledger.shown(key))
            yield Figure(key, key, read_printed(text), text)


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    figures = accused = 0
    for page in pages(number, sys.argv[2] if len(sys.argv) > 2 else 2026):
        findings = page.findings()
        wrong = [finding for finding in findings if finding.wrong]
        figures, accused = figures + len(findings), accused + len(wrong)
        if wrong:
            print(f"{page.network}: {page.printing}")
        for one in wrong:
            exact = page.sweep.values[one.figure.key]
            print(f"    {one.figure.key} {one.figure.printed.text} ({exact:.12g}): {one.verdict}", flush=True)
    print(f"{accused} of {figures} right figures accused")
