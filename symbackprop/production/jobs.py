"""What is to be made, who makes it, and one chunk of it made: the part that runs in other processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from ..errors import SymbackpropError

#: No reason for a failure is longer.
LONGEST_REASON = 1000


@dataclass(frozen=True)
class Job:
    """Something to make: its name, and a digest of everything that decides what its files hold."""

    name: str
    identity: str


#: Makes the files of a job: relative path to content, the same bytes for the same job, and the same paths
#: for no two jobs. For other processes it must be picklable: a function of a module, or a dataclass with
#: `__call__`.
Maker = Callable[[Job], Mapping[str, bytes]]


class ChunkMaker(Protocol):
    """A maker that makes several jobs faster together than one by one, such as in one run of LaTeX.

    A job's files must not depend on the jobs beside it. If `many` fails, the jobs are made one by one.
    """

    def __call__(self, job: Job) -> Mapping[str, bytes]:
        """Return the files of one job."""

    def many(self, jobs: Sequence[Job]) -> Sequence[Mapping[str, bytes]]:
        """Return the files of each job, in order."""


@dataclass(frozen=True)
class Failure:
    """A job that was not made, and why; `fault` where the program is to blame and not what it was given."""

    job: str
    reason: str
    fault: bool = False


@dataclass(frozen=True)
class Made:
    """A job whose files are there: where each of them is, by its relative path."""

    job: Job
    files: Mapping[str, Path]


@dataclass(frozen=True)
class Finish:
    """Files that are made of all that was made, such as one PDF to print.

    name: how messages call it.
    identity: a digest of everything that decides the files, besides what the jobs made.
    make: takes all that is there, in the order of the jobs, and returns the files.
    """

    name: str
    identity: str
    make: Callable[[Sequence[Made]], Mapping[str, bytes]]


@dataclass(frozen=True)
class Finisher:
    """Makes what is made of all jobs, each by its name."""

    by_name: Mapping[str, Callable[[Sequence[Made]], Mapping[str, bytes]]]
    there: Sequence[Made]

    def __call__(self, job: Job) -> Mapping[str, bytes]:
        """Return the files of one of them."""
        return self.by_name[job.name](self.there)


def make_chunk(make: Maker | ChunkMaker, jobs: Sequence[Job]) -> list[Mapping[str, bytes] | Failure]:
    """Return what was made of each job, or why it was not."""
    many = getattr(make, "many", None)
    if many is not None and len(jobs) > 1:
        try:
            made = list(many(jobs))
            if len(made) == len(jobs):
                return [checked_files(job.name, files) for job, files in zip(jobs, made, strict=True)]
        except Exception:  # one job can spoil all: made singly, the others are not lost
            pass
    return [_made(make, job) for job in jobs]


def failure(name: str, error: BaseException) -> Failure:
    """Return the failure that an error means."""
    if isinstance(error, SymbackpropError):
        return Failure(name, str(error)[:LONGEST_REASON])
    return Failure(name, f"{type(error).__name__}: {error}"[:LONGEST_REASON], fault=True)


def checked_files(name: str, files: object) -> Mapping[str, bytes] | Failure:
    """Return the files of a job if they can stand in a folder, else the failure that says why not."""
    if not isinstance(files, Mapping):
        return Failure(name, f"made {type(files).__name__}; expected paths and their bytes", fault=True)
    for path, content in files.items():
        if not isinstance(path, str) or not isinstance(content, bytes):
            return Failure(name, f"made {path!r}: {type(content).__name__}; expected bytes", fault=True)
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or _UNSAFE.intersection(path):
            return Failure(name, f"{path!r} is no path inside the folder", fault=True)
        if sum(path.casefold() == other.casefold() for other in files) > 1:
            return Failure(name, f"{path!r} stands twice, but for capitals", fault=True)
        if parts[0].startswith("."):
            return Failure(
                name, f"{path!r} is a hidden file; expected a name without a dot first", fault=True
            )
    return dict(files)


def _made(make: Maker, job: Job) -> Mapping[str, bytes] | Failure:
    try:
        return checked_files(job.name, make(job))
    except Exception as error:
        return failure(job.name, error)


_UNSAFE = frozenset('\\:*?"<>|') | frozenset(map(chr, range(32)))
