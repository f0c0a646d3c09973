"""Where chunks of jobs are made: any executor of `concurrent.futures`, or a pool of processes of our own."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Any

from ..errors import SymbackpropError
from .jobs import ChunkMaker, Failure, Job, Maker, failure, make_chunk

Chunk = Sequence[Job]
Outcomes = list[Mapping[str, bytes] | Failure]

#: So many chunks wait in an executor whose size is not known, as one over many machines.
MOST_WAITING = 64

#: After so many processes that died with the first job they were given, and none that lived, it is given up.
MOST_CRASHES = 5

#: How often a wait looks up whether it shall stop, in seconds.
_ALERT = 0.2


class SerialExecutor(Executor):
    """Runs everything at once in the process that asks for it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a function and return a future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def start_method() -> str:
    """Return how processes are started here.

    A fork is there in milliseconds with all that is imported; a new interpreter takes more than half a second
    to import SymPy. But only the thread that forks lives on in the child: threads of Python, and those
    of the Typst engine once it has compiled, would leave their locks held. Then, and where there is no safe
    fork, interpreters are started anew ("spawn").
    """
    from ..engines.typst import has_compiled

    alone = threading.active_count() == 1
    return "fork" if sys.platform == "linux" and alone and not has_compiled() else "spawn"


def make_all(
    chunks: Iterable[Chunk],
    make: Maker | ChunkMaker,
    executor: Executor | None,
    workers: int,
    stopped: Callable[[], bool],
) -> Generator[tuple[Chunk, Outcomes], None, None]:
    """Yield every chunk with what was made of its jobs, in the order in which they are done.

    Arguments:
        chunks: the jobs, in chunks.
        make: the maker.
        executor: where to make them; a pool of processes of our own if not given.
        workers: the processes of that pool.
        stopped: asked often; once it is true, what is done is yielded and nothing more is begun.
    """
    if executor is None:
        yield from _by_own_processes(chunks, make, workers, stopped)
        return
    if isinstance(executor, SerialExecutor):
        most = 1
    else:
        size = getattr(executor, "_max_workers", None)
        most = 2 * size if isinstance(size, int) else MOST_WAITING
    source = iter(chunks)
    broken: BaseException | None = None
    for chunk, future in _by(executor, source, most, stopped, make_chunk, make):
        error = _error(future)
        broken = error if isinstance(error, BrokenExecutor) else broken
        yield chunk, _outcomes(chunk, future)
    if broken:
        for chunk in source:
            yield chunk, [failure(job.name, broken) for job in chunk]


def _by_own_processes(
    chunks: Iterable[Chunk], make: Maker | ChunkMaker, workers: int, stopped: Callable[[], bool]
) -> Iterator[tuple[Chunk, Outcomes]]:
    """Make chunks in processes of our own; when a job kills its process, that job alone is lost."""
    waiting = deque(chunks)
    suspects: deque[Chunk] = deque()
    crashes, works = 0, False
    while (waiting or suspects) and not stopped():
        # after a crash, those that were being made come one at a time, so that the guilty one is known
        alone = bool(suspects)
        queue, most = (suspects, 1) if alone else (waiting, 2 * workers)
        with _own_pool(make, 1 if alone else workers, stopped) as pool:
            for chunk, future in _by(pool, _taken(queue), most, stopped, _make_own):
                if not isinstance(_error(future), BrokenExecutor):
                    works = True
                    yield chunk, _outcomes(chunk, future)
                elif alone:
                    crashes += 1
                    yield chunk, [_crashed(chunk[0].name)]
                else:
                    suspects.extend([job] for job in chunk)
        if crashes >= MOST_CRASHES and not works:
            raise SymbackpropError(
                f"{crashes} processes in a row ended at once; a script that makes files in several processes "
                "begins its work below `if __name__ == '__main__':`"
            )


def _by(
    executor: Executor,
    chunks: Iterator[Chunk],
    most: int,
    stopped: Callable[[], bool],
    work: Callable[..., Outcomes],
    *arguments: object,
) -> Iterator[tuple[Chunk, Future[Outcomes]]]:
    """Yield chunks with their futures as they are done, at most so many at a time in the executor.

    A broken executor is given no more.
    """
    futures: dict[Future[Outcomes], Chunk] = {}
    broken = False
    try:
        while True:
            while len(futures) < most and not broken and not stopped():
                chunk = next(chunks, None)
                if chunk is None:
                    break
                future = _submitted(executor, work, *arguments, chunk)
                futures[future] = chunk
                broken = isinstance(_error(future), BrokenExecutor) if future.done() else False
            if not futures:
                return
            done, _ = wait(futures, timeout=0 if stopped() else _ALERT, return_when=FIRST_COMPLETED)
            for future in [future for future in futures if future in done]:
                broken = broken or isinstance(_error(future), BrokenExecutor)
                yield futures.pop(future), future
            if stopped() and not done:
                return
    finally:
        for future in futures:
            future.cancel()


def _submitted(executor: Executor, work: Callable[..., Outcomes], *arguments: object) -> Future[Outcomes]:
    """Hand work to an executor; processes that it starts for that never hear Ctrl-C, not even at first."""
    masked = isinstance(executor, ProcessPoolExecutor) and hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masked else set()
    try:
        return executor.submit(work, *arguments)
    except BrokenExecutor as error:
        refused: Future[Outcomes] = Future()
        refused.set_exception(error)
        return refused
    finally:
        if masked:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _taken(queue: deque[Chunk]) -> Iterator[Chunk]:
    while queue:
        yield queue.popleft()


def _outcomes(chunk: Chunk, future: Future[Outcomes]) -> Outcomes:
    error = _error(future)
    return future.result() if error is None else [failure(job.name, error) for job in chunk]


def _error(future: Future[Outcomes]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:
        return error


def _crashed(name: str) -> Failure:
    return Failure(name, "its process died while it was made (out of memory, or a crash)", fault=True)


@contextmanager
def _own_pool(
    make: Maker | ChunkMaker, workers: int, stopped: Callable[[], bool]
) -> Iterator[ProcessPoolExecutor]:
    """Run a pool of processes that end with the block, and with this process."""
    method = start_method()
    pool = ProcessPoolExecutor(
        workers, get_context(method), initializer=_begin, initargs=(make, method == "fork")
    )
    processes: dict[int, BaseProcess] = getattr(pool, "_processes", None) or {}
    at_rest = False
    try:
        yield pool
        at_rest = not stopped()
    finally:
        if not at_rest:
            for process in list(processes.values()):
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


_make: Maker | ChunkMaker
_busy = False


class _Terminated(BaseException):
    """A process of the pool is to end while it makes a chunk: what the chunk has started ends first."""


def _begin(make: Maker | ChunkMaker, forked: bool) -> None:
    """Prepare a process of the pool: the maker, and when to end."""
    global _make
    _make = make
    if forked:
        gc.freeze()  # what is inherited is not looked through, and so not copied
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that has started this one
    signal.signal(signal.SIGTERM, _terminate)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _make_own(chunk: Chunk) -> Outcomes:
    """Make a chunk in a process of the pool."""
    global _busy
    try:
        _busy = True
        return make_chunk(_make, chunk)
    except _Terminated:
        os._exit(1)
    finally:
        _busy = False


def _terminate(*_: object) -> None:
    if _busy:
        raise _Terminated
    os._exit(1)


def _end_with_parent() -> None:
    """Wait until the process that has started this one is gone, killed perhaps, and end."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
            threading.Event().wait(5)
        os._exit(1)
