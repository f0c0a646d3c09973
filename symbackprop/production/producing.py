"""Making many files so that nothing is lost: what is missing is made, what is there stays untouched."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import SymbackpropError
from ..writing import sweep
from .executors import SerialExecutor, make_all, start_method
from .folder import Folder, Standing
from .jobs import ChunkMaker, Failure, Finish, Finisher, Job, Made, Maker
from .locking import locked
from .manifest import MADE, PENDING, Entry
from .outcome import Production, ProductionStopped
from .progress import Progress

#: The most jobs of a chunk where no number is given: enough that handing it over costs nothing.
LARGEST_CHUNK = 8
#: So many chunks fall to each process where there are few jobs: all are then done at nearly the same time.
CHUNKS_EACH = 16

#: So many files, or bytes, are put in place together, if they do not wait longer than so many seconds.
BATCH_FILES, BATCH_BYTES, BATCH_SECONDS = 64, 16_000_000, 1.0


def produce(
    jobs: Sequence[Job],
    make: Maker | ChunkMaker,
    folder: str | os.PathLike[str],
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    chunk: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    prepare: Callable[[], None] | None = None,
    finish: Sequence[Finish] = (),
    overwrite: bool = False,
) -> Production:
    """Make the files of all jobs in a folder, those that are not there yet, and return what was done.

    Every file is put in place whole, and `manifest.json` says of each job what it was made from and what its
    files hold (SHA-256). A run that is killed at any moment leaves whole files and a whole manifest; the
    next one makes what is missing and touches nothing else. A job is made again where its identity has
    changed or a file of it was deleted. Files that were changed by hand stay as they are and are named, and
    so do files of jobs that are no longer wanted. A job that fails is named with its reason, and the others
    are made.

    The bytes are the same in any executor, with any number of processes and any size of chunk. Over many
    machines, with Dask:

        with Client(cluster) as client, client.get_executor() as executor:
            produce(jobs, make, "class", executor=executor)

    Arguments:
        jobs: what to make; the names are all different.
        make: makes the files of a job, or of several at a time.
        folder: where they go.
        executor: where jobs are made: threads, processes, Dask's; it stays open. If not given, processes of
            our own, which end with the run. `SerialExecutor()` makes all in this process.
        workers: how many processes of our own; one for each processor if not given.
        chunk: how many jobs are handed over at a time; few enough for an even load if not given.
        progress: told how far the run is.
        prepare: called before the first job is made, if one is to be made.
        finish: files made of all that is there, once the jobs are done; each of these is made again only
            where one of them has changed.
        overwrite: replace files that were changed by hand or not made here, instead of leaving them.

    Raises:
        SymbackpropError: two jobs have one name, another run is at work in the folder, or the manifest there
            is none.
        OutputError: the disk is full, or the folder cannot be written; what is made is kept.
        ProductionStopped: Ctrl-C; the jobs that were done are kept. A second Ctrl-C does not wait for that.
    """
    start = time.monotonic()
    path = Path(folder)
    _check_names([job.name for job in jobs] + [one.name for one in finish])
    with locked(path), _interrupt_noted() as interrupted:
        sweep(path)
        run = _Run(Folder(path, overwrite), interrupted, progress or (lambda _: None), start)
        run.plan(jobs, finish)
        count = workers or processors()
        if run.waiting:
            size = chunk or max(1, min(LARGEST_CHUNK, -(-len(run.waiting) // (CHUNKS_EACH * count))))
            if prepare is not None:
                prepare()
            run.make(make, executor, count, size)
        run.finish(jobs, finish, executor, count)
        run.folder.save()
        production = run.production(jobs)
        if interrupted():
            raise ProductionStopped(production)
        return production


@dataclass
class _Run:
    """One run: what is to be made, and what has come of it."""

    folder: Folder
    interrupted: Callable[[], bool]
    progress: Callable[[Progress], None]
    start: float
    waiting: list[Job] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    failed: dict[str, Failure] = field(default_factory=dict)
    renewed: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    together: list[str] = field(default_factory=list)

    def plan(self, jobs: Sequence[Job], finish: Sequence[Finish]) -> None:
        """Find out what there is to make, and write a manifest that names every job."""
        entries: dict[str, Entry] = {}
        for job in jobs:
            entries[job.name] = self._planned(job)
        for one in finish:
            entries[one.name] = self.folder.entries.get(one.name, Entry(one.identity))
        self.folder.want(entries)
        self.folder.save()

    def _planned(self, job: Job) -> Entry:
        """Return a job's entry after finding out whether it is to be made."""
        entry = self.folder.entries.get(job.name)
        if entry is None:
            self.waiting.append(job)
            return Entry(job.identity)
        standing = self.folder.standing(job.name)
        by_hand = [path for path, one in standing.items() if one is Standing.CHANGED]
        if by_hand and not self.folder.overwrite:
            self.changed += by_hand
            return entry
        if _stands(job, entry, standing):
            self.skipped.add(job.name)
            return entry
        self.waiting.append(job)
        if entry.state == MADE:
            (self.restored if entry.identity == job.identity else self.renewed).append(job.name)
        # until it is made again, what is there is known, but is not what is wanted
        return Entry(job.identity, PENDING, entry.files, former=entry.former)

    def make(self, make: Maker | ChunkMaker, executor: Executor | None, workers: int, size: int) -> None:
        """Make what is waiting and put it in place, batch by batch."""
        chunks = [self.waiting[at : at + size] for at in range(0, len(self.waiting), size)]
        began, done, failed = time.monotonic(), 0, 0
        batch = _Batch()
        with closing(make_all(chunks, make, executor, workers, self.interrupted)) as made:
            for chunk, outcomes in made:
                for job, outcome in zip(chunk, outcomes, strict=True):
                    batch.add(job, outcome)
                    failed += isinstance(outcome, Failure)
                done += len(chunk)
                if batch.full:
                    self._put(batch)
                    batch = _Batch()
                self.progress(Progress(done, len(self.waiting), failed, time.monotonic() - began))
        self._put(batch)

    def _put(self, batch: _Batch) -> None:
        identities = {job.name: job.identity for job, _ in batch.outcomes}
        made = [
            (job.name, job.identity, outcome)
            for job, outcome in batch.outcomes
            if not isinstance(outcome, Failure)
        ]
        failures = [outcome for _, outcome in batch.outcomes if isinstance(outcome, Failure)]
        failures += self.folder.put(made)
        for one in failures:
            self.failed[one.job] = one
            self.folder.fail(one, identities[one.job])
        self.made |= identities.keys() - self.failed.keys()

    def finish(
        self, jobs: Sequence[Job], finish: Sequence[Finish], executor: Executor | None, workers: int
    ) -> None:
        """Make the files that are made of all jobs, where one of those has changed."""
        there = [
            Made(job, {path: self.folder.path / path for path in sorted(entry.files)})
            for job in jobs
            if (entry := self.folder.entries[job.name]).state == MADE
        ]
        holdings = [(one.job, self.folder.holdings(one.job.name, self.changed)) for one in there]
        wanted: list[Job] = []
        for one in finish:
            job = Job(one.name, hashlib.sha256(repr((one.identity, holdings)).encode()).hexdigest())
            standing = self.folder.standing(one.name)
            by_hand = [path for path, how in standing.items() if how is Standing.CHANGED]
            if by_hand and not self.folder.overwrite:
                self.changed += by_hand
            elif not _stands(job, self.folder.entries[one.name], standing):
                wanted.append(job)
        finisher = Finisher({one.name: one.make for one in finish}, there)
        # a forked process has the finisher and the files; another lacks the one or perhaps the other
        place = None if executor is None and start_method() == "fork" else SerialExecutor()
        chunks, count = [[job] for job in wanted], min(workers, len(wanted))
        with closing(make_all(chunks, finisher, place, count, self.interrupted)) as made:
            for (job,), (outcome,) in made:
                batch = _Batch()
                batch.add(job, outcome)
                self._put(batch)
        for one in finish:
            if self.folder.entries[one.name].state == MADE:
                self.together += self.folder.entries[one.name].files

    def production(self, jobs: Sequence[Job]) -> Production:
        """Return what was done, in the order of the jobs."""
        names = [job.name for job in jobs]
        return Production(
            folder=self.folder.path,
            made=tuple(name for name in names if name in self.made),
            skipped=tuple(name for name in names if name in self.skipped),
            failed=tuple(self.failed[name] for name in self.folder.entries if name in self.failed),
            pending=tuple(
                job.name for job in self.waiting if job.name not in self.made and job.name not in self.failed
            ),
            renewed=tuple(name for name in self.renewed if name in self.made),
            restored=tuple(name for name in self.restored if name in self.made),
            changed=tuple(self.changed),
            left=tuple(self.folder.unwanted()),
            together=tuple(self.together),
            seconds=time.monotonic() - self.start,
        )


def _stands(job: Job, entry: Entry, standing: Mapping[str, Standing]) -> bool:
    """Return whether everything of a job is there as it was made, from what it would be made now."""
    same = entry.state == MADE and entry.identity == job.identity
    return same and all(how is Standing.WHOLE for how in standing.values())


class _Batch:
    """Outcomes that are put in place together."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[Job, Mapping[str, bytes] | Failure]] = []
        self.files = self.bytes = 0
        self.since = time.monotonic()

    def add(self, job: Job, outcome: Mapping[str, bytes] | Failure) -> None:
        self.outcomes.append((job, outcome))
        if not isinstance(outcome, Failure):
            self.files += len(outcome)
            self.bytes += sum(map(len, outcome.values()))

    @property
    def full(self) -> bool:
        late = time.monotonic() - self.since > BATCH_SECONDS
        return late or self.files >= BATCH_FILES or self.bytes >= BATCH_BYTES


@contextmanager
def _interrupt_noted() -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether Ctrl-C was pressed; the second time it interrupts at once."""
    noted = threading.Event()
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield noted.is_set
        return

    def note(*_: object) -> None:
        if noted.is_set():
            raise KeyboardInterrupt
        noted.set()

    signal.signal(signal.SIGINT, note)
    try:
        yield noted.is_set
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _check_names(names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SymbackpropError(f"two jobs are called {name!r}; expected a name of its own for each")
        if not name or not name.isprintable():
            raise SymbackpropError(f"{name!r} is no name for a job; expected printable text")
        seen.add(name)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
