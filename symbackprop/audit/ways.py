"""The right ways to a figure: its formula, over the numbers that may have been read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..formulas.terms import Negation, Product, Sum, Term, keys
from ..mistakes.reading import Reading
from ..mistakes.sweep import Sweep
from ..numbers.digits import Real, Undecided
from ..numbers.evaluate import NoValue
from ..numbers.rounding import Mode
from .convention import Digits, family
from .page import NOWHERE, Page, Print

#: So many numbers may be read in every combination of printed and unrounded.
MOST_COMBINED = 4

#: Kinds of the forward pass, from which somebody computes derivatives afresh.
_FORWARD = frozenset({"", "net", "act", "target", "new", "loss", "error"})


@dataclass(frozen=True, slots=True)
class Way:
    """A right way to a figure: the value it gives, the figures that were read (by place), and how.

    how: "printed" all as displayed, "exact" nothing displayed, or what else is special about it. reading,
    formula: what was read, and the formula where it is another right one than the sweep's.
    """

    real: Real
    reads: tuple[int, ...]
    how: str
    reading: Reading | None = None
    formula: Term | None = None


def stated_again(sweep: Sweep, name: str) -> list[Term]:
    """Return further right formulas of a quantity, over others that may have been printed."""
    parts = sweep.parts(name)
    found: list[Term] = []
    if parts.kind == "new" and sweep.problem.descent.plain:
        old = sweep.at_pass(parts.subject, max(parts.passes, 1) - 1)
        step = str(parts._replace(kind="step", passes=max(parts.passes, 1) - 1))
        if sweep.known(step):
            found.append(Sum((sweep.term(old), sweep.term(step))))
    if parts.kind == "step":
        new = sweep.at_pass(parts.subject, parts.passes + 1)
        old = sweep.at_pass(parts.subject, parts.passes)
        if sweep.known(new) and new != old:
            found.append(Sum((sweep.term(new), Negation(sweep.term(old)))))
    if parts.kind == "grad" and parts.sample is None:
        outputs = [str(parts._replace(through=output)) for output in sweep.problem.outputs]
        known = [part for part in outputs if sweep.known(part)]
        if not parts.through and len(known) > 1:
            found.append(Sum(tuple(sweep.term(part) for part in known)))
    if parts.kind == "dE_dact" and not parts.through:
        known = [
            through
            for output in sweep.problem.outputs
            if sweep.known(through := str(parts._replace(through=output)))
        ]
        if len(known) > 1:
            found.append(Sum(tuple(sweep.term(part) for part in known)))
    if parts.kind == "dE_dnet" and parts.subject in sweep.graph.joint:
        layer = sweep.graph.joint[parts.subject].units
        products: list[Term] = []
        for other in layer:
            slope = str(
                parts._replace(
                    kind="dact_dnet", subject=other, through="" if other == parts.subject else parts.subject
                )
            )
            outer = str(parts._replace(kind="dE_dact", subject=other))
            if not (sweep.known(slope) and sweep.known(outer)):
                return found
            products.append(Product((sweep.term(outer), sweep.term(slope)), "dot"))
        found.append(Sum(tuple(products)))
    return [formula for formula in found if formula != sweep.formulas.get(name)]


class Ways:
    """The right ways to one figure, given what the page has printed before it."""

    def __init__(self, page: Page, name: str, digits: Digits | None = None) -> None:
        """Take the page, the quantity, and how many digits figures usually have."""
        self.page, self.sweep, self.name, self.digits = page, page.sweep, name, digits
        self.latest = page.all_latest()
        self.latest.pop(name, None)
        self._printed: Way | None = None

    def exact(self) -> Way:
        """Return the way of full precision from the start."""
        return Way(self.sweep.real(self.name), (), "exact")

    def reading(self, fixed: Mapping[str, Print], *, unrounded: bool = False) -> Reading:
        """Return a reading of some prints, as printed or as they were before rounding."""
        return Reading(
            self.sweep,
            self.name,
            {key: made.unrounded if unrounded else made.real for key, made in fixed.items()},
            {} if unrounded else {key: made.number for key, made in fixed.items() if made.number is not None},
        )

    def printed(self) -> Way | None:
        """Return the way over all numbers as they are displayed."""
        if self._printed is None:
            self._printed = self._of(
                self.reading(self.latest), self.latest, "printed", self.nearest_formula()
            )
        return self._printed

    def nearest_formula(self) -> Term | None:
        """Return another right formula than the sweep's if it reads a figure printed later: a step."""

        def last(formula: Term) -> int:
            read = (self.latest.get(name) for name in keys(formula))
            return max((made.place for made in read if made is not None and made.direct), default=-1)

        best, found = last(self.sweep.formulas[self.name]) if self.name in self.sweep.formulas else -1, None
        for formula in stated_again(self.sweep, self.name):
            if last(formula) > best:
                best, found = last(formula), formula
        return found

    def way(self, fixed: Mapping[str, Print], how: str, *, unrounded: bool = False) -> Way | None:
        """Return the way of one reading."""
        return self._of(self.reading(fixed, unrounded=unrounded), fixed, how, None)

    def unrounded(self) -> Way | None:
        """Return the way over all numbers as their author had them before rounding."""
        return self.way(self.latest, "unrounded", unrounded=True)

    def _of(self, reading: Reading, fixed: Mapping[str, Print], how: str, formula: Term | None) -> Way | None:
        changes = {} if formula is None else {self.name: formula}
        try:
            real = reading.decided(changes, lambda found: found)
        except (NoValue, KeyError):
            return None
        return Way(real, self.read_by(reading, fixed, formula), how, reading, formula)

    def read_by(
        self, reading: Reading, fixed: Mapping[str, Print], formula: Term | None = None
    ) -> tuple[int, ...]:
        """Return the places of the figures that a reading reads, in reading order."""
        found: dict[int, None] = {}
        inside = set(reading.steps)
        pending = list(reversed(self.sweep.uses(self.name) if formula is None else keys(formula)))
        seen: set[str] = set()
        while pending:
            used = pending.pop()
            if used in seen:
                continue
            seen.add(used)
            if used in reading.fixed:
                if used in fixed and fixed[used].place != NOWHERE:
                    found[fixed[used].place] = None
            elif used in inside or formula is not None:
                pending.extend(reversed(self.sweep.uses(used)))
        return tuple(found)

    def others(self, mode: Mode) -> Iterator[Way]:
        """Yield further right ways: another formula, an earlier print, numbers unrounded, rounded between."""
        same = self.page.latest(self.name)
        if same is not None and same.direct:
            yield Way(same.real, (same.place,), "printed again")
        yield from (way for way in self._whole(mode) if way is not None)
        yield from self._partly()

    def _whole(self, mode: Mode) -> Iterator[Way | None]:
        latest = self.latest
        for formula in (None, *self._displayed(), *stated_again(self.sweep, self.name)):
            yield self._of(self.reading(latest), latest, "printed", formula)
        yield from self._mended()
        yield from self._rounded_between(mode)
        fresh = {name: made for name, made in latest.items() if self.sweep.parts(name).kind in _FORWARD}
        if len(fresh) < len(latest):
            yield self.way(fresh, "from the forward pass")
        for name, made in latest.items():
            for earlier in self.page.prints[name]:
                if earlier is not made and earlier.direct:
                    yield self.way({**latest, name: earlier}, "an earlier print")

    def _displayed(self) -> Iterator[Term]:
        """Yield the formula that a sheet displays where that is another one: the whole chain at once."""
        formula = self.sweep.ledger.formulas.get(self.name)
        if formula is not None and keys(formula) != self.sweep.uses(self.name):
            yield formula

    def _mended(self) -> Iterator[Way | None]:
        """Yield the ways on which wrong figures are not read, but what should be printed in their place."""
        wrong = [name for name, made in self.latest.items() if made.mended is not None and made.direct]
        whole = self.printed()
        if whole is None:
            return
        read = [name for name in wrong if self.latest[name].place in whole.reads]
        chosen: list[tuple[str, ...]] = [tuple(read)] if read else []
        if 1 < len(read) <= MOST_COMBINED:
            chosen += [c for size in range(len(read) - 1, 0, -1) for c in combinations(read, size)]
        for mended in chosen:
            places = {self.latest[name].place for name in mended}
            fixed = {
                name: made.as_mended if made.place in places and made.mended is not None else made
                for name, made in self.latest.items()
            }
            yield self.way(fixed, "mended")

    def _partly(self) -> Iterator[Way]:
        whole = self.printed()
        if whole is None or not len(whole.reads) > 1:
            return
        read = [name for name, made in self.latest.items() if made.place in whole.reads]
        read = [name for name in read if self.latest[name].direct]
        chosen: Sequence[tuple[str, ...]]
        if len(read) <= MOST_COMBINED:
            chosen = [c for size in range(len(read) - 1, 0, -1) for c in combinations(read, size)]
        else:
            chosen = [tuple(name for name in read if name != left) for left in read]
        for kept in chosen:
            fixed = {
                name: made if name in kept or name not in read else made.as_unrounded
                for name, made in self.latest.items()
            }
            way = self.way(fixed, "partly unrounded")
            if way is not None:
                yield way

    def _rounded_between(self, mode: Mode) -> Iterator[Way | None]:
        """Yield the ways on which what is not printed is rounded too: all of it, or what a sheet shows."""
        reading = self.reading(self.latest)
        if len(reading.steps) < 2 or self.digits is None:
            return
        displayed = self.sweep.shown_by_name
        for rounding in self.digits.roundings(mode):
            for only, formulas in ((None, None), (displayed, None), (displayed, self.sweep.ledger.formulas)):
                try:
                    real = reading.rounded_between(
                        lambda name, rounding=rounding: rounding(family(self.sweep.parts(name))),  # type: ignore[misc]
                        only,
                        formulas,
                    )
                except (NoValue, KeyError, Undecided):
                    continue
                yield Way(real, self.read_by(reading, self.latest), "rounded between", reading)
