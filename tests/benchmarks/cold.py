"""Cold starts: whole processes, from the shell's point of view.

Every round runs each command once, one after the other, so that a machine that is slow for a while is slow
for all of them; ratios and differences are taken within a round. Modules are compiled beforehand, as they
are once a package is installed: a first round, not counted, writes their bytecode to a folder of its own.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import symbackprop

from .measuring import Measurement, Times

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
        times: dict[str, list[Times]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, (arguments, code) in commands.items():
                seconds = _run(arguments, code, folder)
                if number:
                    times[name].append(seconds)
    yield _measured("python -c 'import sympy, jinja2, numpy'", times["base"])
    yield _measured("solve two-output-sigmoid --format tex", times["tex"])
    ratios = [
        Times(*(a / b for a, b in zip(tex, base, strict=True)))
        for tex, base in zip(times["tex"], times["base"], strict=True)
    ]
    yield _measured("  beside that import", ratios, 2, "times")
    extra = [
        Times(*(a - b for a, b in zip(pdf, tex, strict=True)))
        for pdf, tex in zip(times["pdf"], times["tex"], strict=True)
    ]
    yield _measured("  what the PDF by the embedded engine adds", extra, 0.5)
    yield _measured("--help", times["help"], 0.3)
    yield _measured("a rejected file", times["rejected"], 0.3)


def _measured(name: str, times: Sequence[Times], target: float | None = None, unit: str = "s") -> Measurement:
    wall, processor = median(own.wall for own in times), median(own.processor for own in times)
    return Measurement(name, wall, unit, target, processor)


def _run(arguments: Sequence[str], code: int, folder: str) -> Times:
    """Return the seconds that a Python process takes.

    Raises:
        RuntimeError: it ends with another exit code than expected.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = os.path.join(folder, "bytecode")
    environment["PYTHONPATH"] = os.fspath(Path(symbackprop.__file__).parent.parent)
    start, before = perf_counter(), _children()
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    times = Times(perf_counter() - start, _children() - before)
    if done.returncode != code:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr.decode()}")
    return times


def _children() -> float:
    """Return the processor time of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
