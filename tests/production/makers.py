"""Makers of small files, and what folders should hold when they are done; other processes import this."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from symbackprop.errors import SymbackpropError
from symbackprop.production import Finish, Job, Made, SerialExecutor, produce


def content(job: Job, what: str) -> bytes:
    """Return some kilobytes that depend on the job alone."""
    seed = hashlib.sha256(f"{job.name} {job.identity} {what}".encode()).digest()
    return seed * (64 + seed[0])


def make(job: Job) -> Mapping[str, bytes]:
    """Make a sheet and a key."""
    return {f"sheets/{job.name}.pdf": content(job, "sheet"), f"keys/{job.name}.pdf": content(job, "key")}


def typeset(job: Job) -> Mapping[str, bytes]:
    """Make a PDF with the embedded engine."""
    from symbackprop.engines.typst import compile_typst

    return {f"{job.name}.pdf": compile_typst(f'#set document(title: "{job.name}")\n= {job.name}')}


def typeset_twice() -> None:
    """Make PDFs in processes of our own before and after this process has compiled, and in this one."""
    from symbackprop.production.executors import start_method

    folder = Path(sys.argv[1])
    for number, executor in enumerate((None, SerialExecutor(), None)):
        print(start_method() if executor is None else "serial")
        assert produce(jobs(5), typeset, folder / str(number), executor=executor).complete


@dataclass(frozen=True)
class Slow:
    """Makes the same, after a while."""

    seconds: float

    def __call__(self, job: Job) -> Mapping[str, bytes]:
        time.sleep(self.seconds)
        return make(job)


@dataclass(frozen=True)
class Troubled:
    """Makes the same, but not for some jobs."""

    refused: tuple[str, ...] = ()
    faulty: tuple[str, ...] = ()
    deadly: tuple[str, ...] = ()

    def __call__(self, job: Job) -> Mapping[str, bytes]:
        if job.name in self.refused:
            raise SymbackpropError(f"no draw of {job.name} meets the conditions")
        if job.name in self.faulty:
            raise ZeroDivisionError("division by zero")
        if job.name in self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return make(job)


@dataclass(frozen=True)
class Together:
    """Makes several jobs at once, unless one of them is spoilt; counts in a file how it was called."""

    log: str
    spoilt: str = ""

    def __call__(self, job: Job) -> Mapping[str, bytes]:
        self._note("one")
        if job.name == self.spoilt:
            raise SymbackpropError("spoilt")
        return make(job)

    def many(self, jobs: Sequence[Job]) -> Sequence[Mapping[str, bytes]]:
        self._note(f"many {len(jobs)}")
        if any(job.name == self.spoilt for job in jobs):
            raise SymbackpropError("one of them is spoilt")
        return [make(job) for job in jobs]

    def _note(self, line: str) -> None:
        with open(self.log, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def jobs(count: int, identity: str = "a") -> list[Job]:
    return [Job(f"student-{number:03}", identity) for number in range(count)]


def joined(made: Sequence[Made]) -> Mapping[str, bytes]:
    """Make one file of all sheets."""
    sheets = [one.files[f"sheets/{one.job.name}.pdf"].read_bytes() for one in made]
    return {"print.pdf": b"".join(sheets)}


PRINT = Finish("print", "1", joined)


def tree(folder: Path) -> dict[str, bytes]:
    """Return what every file below a folder holds, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def times(folder: Path) -> dict[str, int]:
    """Return when every file below a folder was changed."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run() -> None:
    """Make so many jobs in a folder, slowly, as a command does: FOLDER COUNT SECONDS."""
    folder, count, seconds = sys.argv[1:]
    print("ready", flush=True)
    try:
        produce(jobs(int(count)), Slow(float(seconds)), folder, chunk=2, finish=[PRINT])
    except KeyboardInterrupt as stopped:
        print(stopped, file=sys.stderr)
        sys.exit(130)
