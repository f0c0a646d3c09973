"""What a run did: the summary at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..spec.suggest import listed
from .jobs import Failure

#: So many failures, and files, are named one by one.
MOST_NAMED = 20


@dataclass(frozen=True)
class Production:
    """What a run made and what it found.

    made: jobs made now. skipped: jobs whose files stood there already. failed: those that could not be made.
    pending: those that a stopped run had not come to.
    renewed: of the made ones, those that were made before from something else; restored: those of which a
    file had been deleted.
    changed: files that were changed by hand; their jobs were left as they are.
    left: files made for jobs that are no longer wanted, or that a job no longer has; they stay.
    together: files made of all jobs, by their relative paths.
    """

    folder: Path
    made: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    pending: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether everything that is wanted is there as it was made."""
        return not (self.failed or self.pending or self.changed)

    def summary(self) -> str:
        """Return the summary as lines of text: how many, where, and by name what needs a person."""
        counts = [f"{len(self.made)} made"]
        counts += [f"{len(self.skipped)} there already"] if self.skipped else []
        counts += [f"{len(self.failed)} failed"] if self.failed else []
        counts += [f"{len(self.pending)} to go"] if self.pending else []
        lines = [f"{', '.join(counts)}; in {self.folder} after {self.seconds:.1f} s"]
        if self.pending:
            lines.append("stopped; what is made is kept, and the next run makes the rest")
        lines += _some(f"failed: {one.job}: {one.reason}" for one in self.failed)
        lines += _some(f"changed by hand, left as it is: {path}" for path in self.changed)
        if self.restored:
            lines.append(f"deleted, made again: {listed(self.restored)}")
        if self.renewed:
            lines.append(f"made anew, since what they are made from has changed: {listed(self.renewed)}")
        if self.left:
            lines.append(f"no longer wanted, left where they are: {listed(self.left)}")
        return "\n".join(lines)


class ProductionStopped(KeyboardInterrupt):
    """A run that was stopped by Ctrl-C; `production` is what it had done."""

    def __init__(self, production: Production) -> None:
        """Keep what was done."""
        super().__init__(production.summary())
        self.production = production


def _some(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = [f"... and {len(every) - MOST_NAMED} more"] if len(every) > MOST_NAMED else []
    return every[:MOST_NAMED] + more
