"""The rounding convention of a set of figures, inferred from the figures themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..keys import Key
from ..numbers.rounding import Carry, Mode, Rounding
from .audit_file import Figure


def family(parts: Key) -> str:
    """Return the kind of quantity that is rounded alike: net, act, grad, loss."""
    return parts.kind or parts.subject


@dataclass(frozen=True, slots=True)
class Convention:
    """How an author rounds: to nearest or cut off, off a read-out or not, and what is carried on."""

    mode: Mode = "half_even"
    carry: Carry = "exact"
    readout: int | None = None

    @property
    def words(self) -> str:
        """The convention in words."""
        how = {"truncate": "cut off", "half_up": "rounded half up"}.get(self.mode, "rounded to nearest")
        read = "" if self.readout is None else f" after a read-out of {self.readout} digits"
        carried = "displayed values carried" if self.carry == "shown" else "full precision carried"
        return f"{how}{read}, {carried}"


_CARRIES: tuple[Carry, Carry] = ("exact", "shown")

#: What is tried, the simplest first; of equally good ones the first counts.
CONVENTIONS: tuple[Convention, ...] = (
    Convention("half_even", "exact"),
    Convention("half_up", "exact"),
    Convention("truncate", "exact"),
    Convention("half_even", "shown"),
    Convention("half_up", "shown"),
    Convention("truncate", "shown"),
)

#: The same off a calculator's read-out, for figures with nearly as many digits.
READOUTS: tuple[Convention, ...] = tuple(
    Convention("truncate", carry, readout) for readout in (10, 8, 12) for carry in _CARRIES
)


@dataclass(frozen=True, slots=True)
class Digits:
    """How many digits figures usually have: decimals by kind and on the whole, significant digits."""

    places: Mapping[str, int]
    usual_places: int
    usual_significant: int

    def roundings(self, mode: Mode) -> tuple[Callable[[str], Rounding], ...]:
        """Return how what is not printed may be rounded, by its kind: to decimals, to significant digits."""
        significant = Rounding(self.usual_significant, "significant", mode, scientific_below=None)

        def to_places(kind: str) -> Rounding:
            return Rounding(self.places.get(kind, self.usual_places), "places", mode, scientific_below=None)

        return to_places, lambda kind: significant


@dataclass(frozen=True)
class Inferred:
    """The convention of a page, how many of its figures it gives, and how many the others give.

    mixed: figures are also computed from displayed values where full precision is carried otherwise. modes:
    kinds of quantities that are rounded otherwise than the rest. digits: of all figures. rounded: of those
    that are no exact numbers.
    """

    convention: Convention
    scores: tuple[tuple[Convention, int], ...]
    figures: int
    mixed: bool = False
    modes: dict[str, Mode] = field(default_factory=dict)
    digits: Digits = field(default_factory=lambda: Digits({}, 0, 1))
    rounded: Digits = field(default_factory=lambda: Digits({}, 0, 1))

    @property
    def score(self) -> int:
        """How many figures the convention gives."""
        return dict(self.scores)[self.convention]

    def mode_of(self, kind: str) -> Mode:
        """Return how quantities of a kind are rounded."""
        return self.modes.get(kind, self.convention.mode)

    @property
    def digits_in_words(self) -> str:
        """How many decimals the figures have, in words."""
        usual = self.digits.usual_places
        others = [f"{kind} {places}" for kind, places in self.digits.places.items() if places != usual]
        return f"{usual} decimals" + (f" ({', '.join(others)})" if others else "")


def usual_digits(figures: Sequence[Figure], kinds: Sequence[str]) -> Digits:
    """Return how many digits figures usually have: the most frequent number, of several the larger."""
    by_kind: dict[str, Counter[int]] = {}
    significant: Counter[int] = Counter()
    for figure, kind in zip(figures, kinds, strict=True):
        if not figure.printed.fraction:
            written = figure.printed.written
            by_kind.setdefault(kind, Counter())[max(-written.unit, 0)] += 1
            significant[len(str(abs(written.n)))] += 1
    places = {kind: _most_frequent(counts) for kind, counts in by_kind.items()}
    everywhere: Counter[int] = sum(by_kind.values(), Counter())
    return Digits(places, _most_frequent(everywhere), max(_most_frequent(significant), 1))


def _most_frequent(counts: Counter[int]) -> int:
    return max(counts, key=lambda digits: (counts[digits], digits), default=0)
