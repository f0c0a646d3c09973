"""Class sets as whole processes, held against one pass of pdflatex over a small document.

Every round runs each command once, one after the other; the fastest of the rounds counts, as anything else
that the machine does makes a run slower and never faster. The small document is what R/exams sets for each
copy of an exercise: amsmath, graphicx, hyperref and a few lines.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .commands import SYMBACKPROP, timed_command
from .measuring import Measurement, Times

SMALL = r"""\documentclass{article}
\usepackage{amsmath}
\usepackage{graphicx}
\usepackage{hyperref}
\begin{document}
Compute the output of the first hidden unit of the network.
\[ z_1 = w_1 x_1 + w_2 x_2 + b_1 = 0.15 \times 0.05 + 0.25 \times 0.10 + 0.40 = 0.4325 \]
\[ a_1 = \frac{1}{1 + e^{-z_1}} = 0.606470487 \]
\end{document}
"""
PASS = ("pdflatex", "-interaction=batchmode", "small.tex")
#: A small pass takes so little that it is measured so many times in each round.
PASSES = 5

FEW, MANY = 50, 500
#: At most so many passes: the set by the embedded engine, and by LaTeX.
EMBEDDED_PASSES, LATEX_PASSES = 10, 20
#: A student of a large class may cost so much of what one of a small class costs, start and all.
LINEAR = 1.0
MOST_MEMORY = 500.0  # MB, of all processes together


def measure(rounds: int) -> Iterator[Measurement]:
    """Make the sets so many times and yield what came out."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small.tex").write_text(SMALL, encoding="ascii")
        latex = shutil.which("pdflatex") is not None
        best: dict[str, Times] = {}
        for _ in range(max(1, rounds)):
            for _ in range(PASSES if latex else 0):
                _keep(best, "pass", _timed(PASS, folder))
            _keep(best, "typst", _timed(_command(FEW, "typst"), folder))
            if latex:
                _keep(best, "pdflatex", _timed(_command(FEW, "pdflatex"), folder))
        many, peak = _watched(_command(MANY, "typst"), folder)
    yield Measurement(f"{FEW} sheets and keys, embedded engine", *_both(best["typst"]))
    if latex:
        small = best["pass"]
        yield Measurement("one pass of pdflatex over a small document", *_both(small))
        yield _ratio("  the set, in such passes", best["typst"], small, EMBEDDED_PASSES)
        yield Measurement(f"{FEW} sheets and keys, pdflatex", *_both(best["pdflatex"]))
        yield _ratio("  the set, in such passes", best["pdflatex"], small, LATEX_PASSES)
    yield Measurement(f"{MANY} sheets and keys, embedded engine", *_both(many))
    each = Times(*(large / MANY / (few / FEW) for large, few in zip(many, best["typst"], strict=True)))
    yield Measurement("  a student, beside one of the small set", each.wall, "times", LINEAR, each.processor)
    yield Measurement("  memory of all processes at most", peak, "MB", MOST_MEMORY)


def _both(times: Times) -> tuple[float, str, None, float]:
    return times.wall, "s", None, times.processor


def _ratio(name: str, times: Times, small: Times, target: float) -> Measurement:
    # by processor time the target would hold on as many processors as the set was made on
    shares = times.processor / small.processor / (os.cpu_count() or 1)
    return Measurement(name, times.wall / small.wall, "passes", target, shares)


def _command(count: int, engine: str) -> Sequence[str]:
    arguments = ("class", "two-output-sigmoid", "--count", str(count), "--seed", "1", "--engine", engine)
    return (*SYMBACKPROP, *arguments, "-o", "set")


def _keep(best: dict[str, Times], name: str, times: Times) -> None:
    """Keep the least of each of two times."""
    before = best.get(name, times)
    best[name] = Times(min(before.wall, times.wall), min(before.processor, times.processor))


def _timed(command: Sequence[str], folder: Path) -> Times:
    """Return the seconds that a command takes, the set made anew."""
    shutil.rmtree(folder / "set", ignore_errors=True)
    return timed_command(command, folder)


def _watched(command: Sequence[str], folder: Path) -> tuple[Times, float]:
    """Return the seconds that a process takes, and the most memory that it and its children had, in MB."""
    peak = 0.0
    over = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.1):
            peak = max(peak, sum(_memory(process) for process in _descendants(os.getpid())))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        times = _timed(command, folder)
    finally:
        over.set()
        watcher.join()
    return times, peak


def _descendants(parent: int) -> list[int]:
    """Return the processes that a process has started, and those that these have."""
    found: list[int] = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text(encoding="ascii").split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _memory(process: int) -> float:
    """Return the MB of a process; what several share counts for each in part."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1000
