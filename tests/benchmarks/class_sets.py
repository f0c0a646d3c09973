"""Class sets against one pass of pdflatex over a small document, measured in the same run.

R/exams, which instructors use for this, sets 50 copies of a 2-2-2 backpropagation exercise with its solution in the
time of about 190 such passes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from .measuring import Measurement

SMALL = r"""\documentclass[10pt]{article}
\usepackage{amsmath,amssymb,graphicx,hyperref,xcolor}
\begin{document}
\begin{enumerate}
\item A 2-2-2 network has the weights $w_1 = 0.15$, $w_2 = 0.20$, $w_3 = 0.25$, $w_4 = 0.30$. Compute
\[ z_1 = x_1 w_1 + x_2 w_3 + b_1, \qquad a_1 = \frac{1}{1 + e^{-z_1}}. \]
\end{enumerate}
\end{document}
"""

SHEET = "two-output-sigmoid"


def measure(rounds: int) -> Iterator[Measurement]:
    """Yield the ratios of class sets to one pass, by the least of interleaved rounds, and memory."""
    passes: list[float] = []
    fifty: list[float] = []
    for _ in range(min(rounds, 3)):
        passes += [_one_pass()] * (shutil.which("pdflatex") is not None)
        fifty.append(_class_set(50)[0])
    if passes:
        yield Measurement("one pass of pdflatex over a small document", min(passes), "s")
    yield Measurement("50 sheets, 50 keys, the file to print, the book of keys", min(fifty), "s")
    if passes:
        yield Measurement("the same in passes of pdflatex", min(fifty) / min(passes), "passes", 10)
    seconds, memory = _class_set(500)
    yield Measurement("500 students, each against one of 50", seconds / 500 / (min(fifty) / 50), "times", 1.1)
    yield Measurement("memory of all processes for 500 students, shared once", memory, "MB", 500)


def _one_pass() -> float:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "small.tex").write_text(SMALL, encoding="utf-8")
        return _seconds(["pdflatex", "-interaction=batchmode", "small.tex"], folder)[0]


def _class_set(count: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "symbackprop", "class", SHEET, "--count", str(count)]
        return _seconds([*command, "--seed", "1", "-o", folder], folder)


def _seconds(command: list[str], folder: str) -> tuple[float, float]:
    """Return how long a program runs, and the most memory that it and its children take, in MB."""
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most = [0.0]
    watch = threading.Thread(target=_watch, args=(process, most), daemon=True)
    watch.start()
    if process.wait():
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}")
    seconds = time.perf_counter() - start
    watch.join()
    return seconds, most[0]


def _watch(process: subprocess.Popen[bytes], most: list[float]) -> None:
    while process.poll() is None:
        most[0] = max(most[0], sum(map(_proportional, _family(process.pid))))
        time.sleep(0.25)


def _family(pid: int) -> Iterator[int]:
    """Yield a process and all that it has started (Linux)."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _proportional(pid: int) -> float:
    """Return a process's memory in MB, what is shared counted in parts."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
