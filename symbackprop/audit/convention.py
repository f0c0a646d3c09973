"""The rounding convention of a set of figures, inferred from the figures themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..numbers.rounding import Carry, Mode
from .audit_file import Figure


@dataclass(frozen=True, slots=True)
class Convention:
    """How an author rounds: to nearest or cut off, from a calculator's read-out or not, and what is carried on."""

    mode: Mode = "half_even"
    carry: Carry = "exact"
    readout: int | None = None

    @property
    def words(self) -> str:
        """The convention in words."""
        how = "cut off" if self.mode == "truncate" else "rounded to nearest"
        read = "" if self.readout is None else f" after a read-out of {self.readout} digits"
        carried = "displayed values carried" if self.carry == "shown" else "full precision carried"
        return f"{how}{read}, {carried}"


_CARRIES: tuple[Carry, Carry] = ("exact", "shown")

#: What is tried, the simplest first; of equally good ones the first counts.
CONVENTIONS: tuple[Convention, ...] = (
    Convention("half_even", "exact"),
    Convention("truncate", "exact"),
    Convention("half_even", "shown"),
    Convention("truncate", "shown"),
)

#: The same off a calculator's read-out, for figures with nearly as many digits.
READOUTS: tuple[Convention, ...] = tuple(
    Convention("truncate", carry, readout) for readout in (10, 8, 12) for carry in _CARRIES
)


@dataclass(frozen=True)
class Inferred:
    """The convention of a page, how many of its figures it gives, and how many the others give.

    mixed: figures are also computed from displayed values where full precision is carried otherwise. modes: kinds of
    quantities that are rounded otherwise than the rest. places: by kind, the decimals that most figures have.
    """

    convention: Convention
    scores: tuple[tuple[Convention, int], ...]
    figures: int
    mixed: bool = False
    modes: dict[str, Mode] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    @property
    def score(self) -> int:
        """How many figures the convention gives."""
        return dict(self.scores)[self.convention]

    def mode_of(self, kind: str) -> Mode:
        """Return how quantities of a kind are rounded."""
        return self.modes.get(kind, self.convention.mode)

    @property
    def digits(self) -> str:
        """How many digits the figures have, in words."""
        common = Counter(self.places.values()).most_common()
        if not common:
            return ""
        usual = common[0][0]
        others = [f"{kind} {places}" for kind, places in self.places.items() if places != usual]
        return f"{usual} decimals" + (f" ({', '.join(others)})" if others else "")


def usual_places(figures: Sequence[Figure], kinds: Sequence[str]) -> dict[str, int]:
    """Return the number of decimals that the figures of each kind usually have: the most frequent, of equal ones more."""
    by_kind: dict[str, Counter[int]] = {}
    for figure, kind in zip(figures, kinds, strict=True):
        if not figure.printed.fraction:
            by_kind.setdefault(kind, Counter())[max(-figure.printed.written.unit, 0)] += 1
    return {
        kind: max(counts, key=lambda places: (counts[places], places)) for kind, counts in by_kind.items()
    }
