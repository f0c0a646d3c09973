"""How far a run is, for a person to see: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TextIO

#: Seconds between two lines where there is no terminal.
LINE_EVERY = 10.0


@dataclass(frozen=True)
class Progress:
    """How far a run is: jobs done, made or failed, of all that are to be made, after so many seconds."""

    done: int
    total: int
    failed: int
    seconds: float

    @property
    def left(self) -> float | None:
        """Seconds until all are done, if the rest take as long as those that are; None before the first."""
        return self.seconds / self.done * (self.total - self.done) if self.done else None


@contextmanager
def shown_progress(
    label: str, stream: TextIO | None = None, quiet: bool = False
) -> Iterator[Callable[[Progress], None]]:
    """Yield a function that shows how far a run is, and how long the rest takes.

    Arguments:
        label: what is made.
        stream: where it is shown; standard error if not given.
        quiet: show nothing.
    """
    stream = stream or sys.stderr
    if quiet:
        yield lambda progress: None
    elif stream.isatty():
        with _bar(label, stream) as show:
            yield show
    else:
        yield _Lines(label, stream)


@contextmanager
def _bar(label: str, stream: TextIO) -> Iterator[Callable[[Progress], None]]:
    import typer

    with ExitStack() as opened:
        bars: list[Any] = []

        def show(progress: Progress) -> None:
            if not bars:  # the length is known now
                bar = typer.progressbar(
                    length=progress.total,
                    label=label,
                    file=stream,
                    show_pos=True,
                    show_eta=False,
                    item_show_func=_time_left,
                )
                bars.append(opened.enter_context(bar))
            bars[0].current_item = progress
            bars[0].update(progress.done - bars[0].pos)

        yield show


class _Lines:
    """Writes a line now and then, and one at the end."""

    def __init__(self, label: str, stream: TextIO) -> None:
        self.label, self.stream, self.due = label, stream, LINE_EVERY

    def __call__(self, progress: Progress) -> None:
        if progress.seconds < self.due and progress.done < progress.total:
            return
        self.due = progress.seconds + LINE_EVERY
        print(
            f"{self.label}: {progress.done} of {progress.total}  {_time_left(progress)}".rstrip(),
            file=self.stream,
            flush=True,
        )


def _time_left(progress: Progress | None) -> str:
    """Return the time that is left and what went wrong, as in `1:05 left, 2 failed`."""
    if progress is None or progress.left is None:
        return ""
    minutes, seconds = divmod(round(progress.left), 60)
    parts = [f"{minutes}:{seconds:02} left"] if progress.done < progress.total else []
    parts += [f"{progress.failed} failed"] if progress.failed else []
    return ", ".join(parts)
