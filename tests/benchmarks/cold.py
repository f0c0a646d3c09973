"""Cold starts: whole processes, from the shell's point of view.

Every round runs each command once, one after the other, so that a machine that is slow for a while is slow
for all of them; ratios and differences are taken within a round. Modules are compiled beforehand, as they
are once a package is installed: a first round, not counted, writes their bytecode to a folder of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import symbackprop

from .measuring import Measurement

#: What the cold solve is held against: what it cannot do without, or nearly so.
BASE = ("-c", "import sympy, jinja2, numpy")
SOLVE = ("-m", "symbackprop", "solve", "two-output-sigmoid", "--engine", "typst")
REJECTED = "title: Rejected\nnetwork:\n  inputs: [1]\n  layers: 3\n"


def measure(rounds: int) -> Iterator[Measurement]:
    """Run all commands so many times and yield what came out."""
    with TemporaryDirectory() as folder:
        problem = Path(folder, "rejected.yaml")
        problem.write_text(REJECTED, encoding="utf-8")
        commands: dict[str, tuple[Sequence[str], int]] = {
            "base": (BASE, 0),
            "tex": ((*SOLVE, "-o", folder, "--format", "tex"), 0),
            "pdf": ((*SOLVE, "-o", folder, "--format", "tex,pdf"), 0),
            "help": (("-m", "symbackprop", "--help"), 0),
            "rejected": (("-m", "symbackprop", "solve", str(problem)), 2),
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, (arguments, code) in commands.items():
                seconds = _run(arguments, code, folder)
                if number:
                    times[name].append(seconds)
    yield Measurement("python -c 'import sympy, jinja2, numpy'", median(times["base"]), "s")
    yield Measurement("solve two-output-sigmoid --format tex", median(times["tex"]), "s")
    yield Measurement("  beside that import", median(_ratios(times["tex"], times["base"])), "times", 2)
    extra = [pdf - tex for pdf, tex in zip(times["pdf"], times["tex"], strict=True)]
    yield Measurement("  what the PDF by the embedded engine adds", median(extra), "s", 0.5)
    yield Measurement("--help", median(times["help"]), "s", 0.3)
    yield Measurement("a rejected file", median(times["rejected"]), "s", 0.3)


def _ratios(over: list[float], under: list[float]) -> list[float]:
    return [a / b for a, b in zip(over, under, strict=True)]


def _run(arguments: Sequence[str], code: int, folder: str) -> float:
    """Return the seconds that a Python process takes.

    Raises:
        RuntimeError: it ends with another exit code than expected.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = os.path.join(folder, "bytecode")
    environment["PYTHONPATH"] = os.fspath(Path(symbackprop.__file__).parent.parent)
    start = perf_counter()
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    seconds = perf_counter() - start
    if done.returncode != code:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr.decode()}")
    return seconds
