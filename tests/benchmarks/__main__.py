"""Run all benchmarks and print the report."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterable
from importlib.metadata import version

from . import class_sets, cold, ledgers, marking, scale, variants
from .measuring import Measurement


def main() -> None:
    """Measure and print; a missed target is printed as such and is no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (medians count)")
    rounds = parser.parse_args().rounds
    packages = ", ".join(f"{name} {version(name)}" for name in ("sympy", "numpy", "python-flint"))
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}; {packages}"
    )
    print(f"medians of {rounds} rounds")
    parts = (cold, ledgers, scale, variants, class_sets, marking)
    missed = sum(_report(part.measure(rounds)) for part in parts)
    print(f"{missed} missed" if missed else "all met")


def _report(measurements: Iterable[Measurement]) -> int:
    """Print measurements and return how many miss their targets."""
    missed = 0
    for measurement in measurements:
        print(measurement, flush=True)
        missed += not measurement.met
    return missed


main()
