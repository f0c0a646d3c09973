"""Whole commands as processes: what one takes by the clock and of all processors, with all that it starts."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import symbackprop

from .measuring import Times

#: The command line, as a process of its own.
SYMBACKPROP = (sys.executable, "-m", "symbackprop")


def timed_command(command: Sequence[str], folder: Path) -> Times:
    """Return the seconds that a process takes with all that it starts.

    Raises:
        RuntimeError: it fails.
    """
    start, before = perf_counter(), _children()
    done = subprocess.run(command, cwd=folder, env=_environment(folder), capture_output=True, check=False)
    times = Times(perf_counter() - start, _children() - before)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    return times


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which the package is found, compiled as it is once it is installed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = os.fspath(folder / "bytecode")
    environment["PYTHONPATH"] = os.fspath(Path(symbackprop.__file__).parent.parent)
    return environment


def _children() -> float:
    """Return the processor time of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
