"""What a page has printed so far: the values that its author had before his eyes for the next figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..derivation.forms import simplified
from ..formulas.terms import Negation, Number, Sum, Term
from ..mistakes.editing import key_of
from ..mistakes.sweep import Sweep
from ..numbers.digits import Real
from .audit_file import Figure


@dataclass(frozen=True, slots=True)
class Print:
    """A number on the page that stands for a quantity: its own figure, or one that differs by the sign.

    real: as it is printed. unrounded: what its author had before rounding, as far as that is known. mended:
    where the figure is wrong, the right number as it would be printed. direct: the figure is about this very
    quantity.
    """

    place: int
    real: Real
    unrounded: Real
    number: Number | None
    direct: bool = True
    mended: Real | None = None

    @property
    def as_mended(self) -> Print:
        """The print as it should be, which is then no figure of the page."""
        assert self.mended is not None
        return Print(NOWHERE, self.mended, self.mended, None, self.direct)

    @property
    def as_unrounded(self) -> Print:
        """The print as its author had it before rounding."""
        return Print(self.place, self.unrounded, self.unrounded, None, self.direct)


#: The place of what is not printed on the page.
NOWHERE = -1


@dataclass
class Page:
    """The prints of every quantity, the earliest first."""

    sweep: Sweep
    prints: dict[str, list[Print]] = field(default_factory=lambda: defaultdict(list))

    def add(self, place: int, figure: Figure, unrounded: Real, mended: Real | None = None) -> None:
        """Add a figure, for its quantity and for those that are the same number by definition."""
        real = figure.printed.real
        for name, sign in same_as(self.sweep, figure.key):
            number = figure.printed.number if sign > 0 else _turned(figure.printed.number)
            self.prints[name].append(
                Print(
                    place,
                    real * sign,
                    unrounded * sign,
                    number,
                    name == figure.key,
                    None if mended is None else mended * sign,
                )
            )

    def latest(self, name: str) -> Print | None:
        """Return the print of a quantity that was made last; one of its own before one of the same number."""
        found = self.prints.get(name)
        if not found:
            return None
        own = [made for made in found if made.direct]
        return (own or found)[-1]

    def all_latest(self) -> dict[str, Print]:
        """Return the latest print of every quantity."""
        return {name: found for name in self.prints if (found := self.latest(name)) is not None}


def _turned(number: Number) -> Number:
    return number.magnitude if number.negative else Number(f"-{number.text}", number.exponent)


_DEFINED: Mapping[str, str] = {"delta": "dE_dnet", "dE_dnet": "delta"}


def same_as(sweep: Sweep, name: str) -> list[tuple[str, int]]:
    """Return the quantities that are a number's own by definition, each with its sign: dE/db is dE/dz."""
    found = {name: 1}
    pending = [name]
    while pending:
        current = pending.pop()
        for other, sign in _next_to(sweep, current):
            if other not in found:
                found[other] = found[current] * sign
                pending.append(other)
    return list(found.items())


def _next_to(sweep: Sweep, name: str) -> Iterable[tuple[str, int]]:
    parts = sweep.parts(name)
    if parts.kind in _DEFINED and not parts.through:
        other = str(parts._replace(kind=_DEFINED[parts.kind]))
        if other in sweep.formulas:
            yield other, -1
    formula = sweep.formulas.get(name)
    if formula is None or parts.kind in ("act", "net", "new"):
        return
    term = simplified(formula)
    sign = 1
    if isinstance(term, Negation):
        term, sign = term.term, -1
    used = key_of(term)
    if used and used in sweep.formulas:
        yield used, sign
    if parts.kind == "residual":
        slope = str(parts._replace(kind="dE_dact"))
        if _opposite(sweep.formulas.get(slope), formula):
            yield slope, -1
    if parts.kind == "dE_dact":
        residual = str(parts._replace(kind="residual"))
        if _opposite(formula, sweep.formulas.get(residual)):
            yield residual, -1


def _opposite(first: Term | None, second: Term | None) -> bool:
    """Return whether one is a - b and the other b - a."""
    match (first, second):
        case (Sum(terms=(a, Negation(term=b))), Sum(terms=(c, Negation(term=d)))):
            return a == d and b == c
    return False
