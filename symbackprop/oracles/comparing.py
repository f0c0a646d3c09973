"""Comparing an oracle's numbers with the ledger's, and what to say about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..derivation.ledger import Ledger
from .answer import Answer, NotComparable, Oracle
from .precise import MP
from .program import DIGITS, Program

#: How many noisy runs measure an oracle's rounding errors, and how far beyond their spread it may lie.
NOISY_RUNS, SPREADS = 3, 16

AGREES, DISAGREES, SKIPPED = "agrees", "disagrees", "skipped"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an oracle said.

    compared: how many quantities. worst: the largest relative difference, at `quantity`. verdict:
    "agrees", "disagrees" or "skipped". note: why it was skipped, or what was left out of the comparison.
    disagreements: the quantities outside the tolerance, the worst first.
    """

    oracle: str
    title: str
    compared: int = 0
    worst: float = 0.0
    quantity: str = ""
    tolerance: float = 0.0
    verdict: str = SKIPPED
    note: str = ""
    disagreements: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """The differences met so far, over all passes."""

    differences: dict[str, float]
    allowed: dict[str, float]
    kinks: int = 0
    nowhere: int = 0


def compare(oracle: Oracle, programs: tuple[Program, ...], ledger: Ledger) -> Comparison:
    """Return how an oracle's numbers compare with the ledger's, over several passes."""
    tally = Tally({}, {})
    reasons: list[str] = [] if programs else ["the loss is not known, so there is nothing to differentiate"]
    for program in programs:
        try:
            _compare_pass(oracle, program, ledger, tally)
        except NotComparable as reason:
            reasons.append(str(reason))
        except (ArithmeticError, ValueError) as error:
            reasons.append(f"its numbers end here: {error}")
    return _conclusion(oracle, tally, reasons)


def _compare_pass(oracle: Oracle, program: Program, ledger: Ledger, tally: Tally) -> None:
    answer = oracle.ask(program)
    noisy = [oracle.ask(program.noisy(seed)) for seed in range(NOISY_RUNS)] if oracle.rounded else []
    ours = {name: MP.mpf(ledger.significant(name, DIGITS)) for name in answer}
    floor = _floor(ours)
    for name, theirs in answer.items():
        if program.variables.get(name) in program.undefined:
            tally.kinks += 1
            continue
        found = MP.mpf(theirs)
        if not MP.isfinite(found):
            tally.nowhere += 1
            continue
        size = max(abs(ours[name]), floor)
        difference = abs(found - ours[name])
        spread = _spread(name, answer, noisy)
        tally.differences[name] = float(difference / size) if size else float(difference)
        tally.allowed[name] = max(oracle.tolerance, float(SPREADS * spread / size) if size else 0.0)


def _floor(ours: dict[str, Any]) -> Any:
    """Return the size below which a difference counts as a part of the largest quantity's, not its own.

    Where the parts of a sum cancel, double precision keeps digits of the parts and not of the sum.
    """
    return max((abs(number) for number in ours.values()), default=MP.zero) / 1000


def _spread(name: str, answer: Answer, noisy: list[Answer]) -> Any:
    values = [MP.mpf(run[name]) for run in (answer, *noisy)]
    finite = [number for number in values if MP.isfinite(number)]
    return max(finite) - min(finite)


def _conclusion(oracle: Oracle, tally: Tally, reasons: list[str]) -> Comparison:
    notes = list(dict.fromkeys(reasons))
    if tally.kinks:
        notes.append(f"{tally.kinks} left out: a kink or a step, where only a convention holds")
    if tally.nowhere:
        notes.append(f"{tally.nowhere} left out: overflow in double precision")
    widened = sum(1 for name, limit in tally.allowed.items() if limit > oracle.tolerance)
    wide = [
        name
        for name, limit in tally.allowed.items()
        if limit > oracle.tolerance and tally.differences[name] > oracle.tolerance
    ]
    if widened and wide:
        notes.append(f"{len(wide)} within what double precision loses here")
    if not tally.differences:
        return Comparison(oracle.name, oracle.title, tolerance=oracle.tolerance, note="; ".join(notes))
    outside = [name for name, size in tally.differences.items() if size > tally.allowed[name]]
    outside.sort(key=lambda name: -tally.differences[name])
    worst = outside[0] if outside else max(tally.differences, key=tally.differences.__getitem__)
    return Comparison(
        oracle.name,
        oracle.title,
        len(tally.differences),
        tally.differences[worst],
        worst,
        oracle.tolerance,
        DISAGREES if outside else AGREES,
        "; ".join(notes),
        tuple(outside),
    )
