"""Values under mistakes: some formulas changed, some numbers read as they stand, the rest computed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from flint import ctx

from ..derivation.ledger import LAST_BITS, given_value
from ..doubles.arrays import CONSTANTS as DOUBLE_CONSTANTS
from ..formulas.names import Name
from ..formulas.terms import Number, Symbol, Term, keys
from ..numbers.constants import Constant
from ..numbers.digits import Real, Undecided, as_double, number_value, show
from ..numbers.evaluate import NoValue
from ..numbers.rounding import Rounding
from .editing import swapped
from .sweep import Sweep
from .values import BallValues, Values, certified

#: How many quantities before the one that is asked for a mistake is looked for in, at most.
MOST_STEPS = 60


class Reading:
    """What somebody reads who computes one quantity: some numbers as they have them, the others right.

    fixed: values by key that are read as they stand, a student's own or those that an article prints. What
    lies before them does not count then.
    """

    def __init__(
        self,
        sweep: Sweep,
        key: str,
        fixed: Mapping[str, Real] | None = None,
        printed: Mapping[str, Number] | None = None,
    ) -> None:
        """Take the sweep, the quantity that is computed, and what is read as it stands.

        printed: how what is read is printed, for the arithmetic that is shown.
        """
        self.sweep, self.key = sweep, key
        self.printed = printed or {}
        self.fixed = {name: value for name, value in (fixed or {}).items() if name != key}
        self.plan = sweep.plan(key, self.fixed, MOST_STEPS)
        self.steps = self.plan.steps
        self._without: dict[str, Reading] = {}

    @cached_property
    def doubles(self) -> Values:
        """The values in double precision: what is read as it stands, the rest computed when asked for."""
        values = Values(self.sweep.formulas, self._in_doubles)
        if self.fixed:
            values.update(self.sweep.start_in_doubles)
            values.update((name, as_double(real)) for name, real in self.fixed.items())
        else:
            values.update(self.sweep.values)
        values.update(DOUBLE_CONSTANTS)
        return values

    def _in_doubles(self, name: str, term: Term, values: Mapping[str, Any]) -> Any:
        return self.sweep.programs.value(term, values)

    def without(self, name: str) -> Reading:
        """Return the reading that computes a quantity which this one reads as it stands."""
        found = self._without.get(name)
        if found is None:
            fixed = {other: real for other, real in self.fixed.items() if other != name}
            found = self._without[name] = Reading(self.sweep, self.key, fixed, self.printed)
        return found

    def reads(self, changes: Mapping[str, Term]) -> tuple[str, ...]:
        """Return what is read as it stands, in the order of the steps, the nearest first."""
        used: dict[str, None] = {}
        for step in reversed(self.steps):
            formula = changes.get(step)
            names = self.sweep.uses(step) if formula is None else keys(formula)
            used.update(dict.fromkeys(name for name in names if name in self.fixed))
        return tuple(used)

    def after(self, name: str) -> list[str]:
        """Return the quantities between one and the one that is asked for, in order, this one included."""
        found = self.plan.after.get(name)
        if found is None:
            reached = {name}
            found = []
            for step in self.steps:
                if step != name and not reached.isdisjoint(self.sweep.uses(step)):
                    reached.add(step)
                    found.append(step)
            self.plan.after[name] = found
        return found

    def outcome(self, name: str, value: Any) -> Any:
        """Return what comes out in double precision if a quantity has another value, or each of an array.

        Anything that has no value comes out as a number that is none.
        """
        return self.outcomes({name: value}, self.after(name))

    def outcomes(self, values: Mapping[str, Any], after: Iterable[str]) -> Any:
        """Return what comes out if several quantities have other values and these follow from them."""
        doubles = self.doubles
        after = [name for name in after if name not in values]
        before = {name: doubles[name] for name in (*values, *after)}
        doubles.update(values)
        try:
            for name in after:
                doubles[name] = doubles.compute(name, doubles.formulas[name])
            return doubles[self.key]
        except ZeroDivisionError:
            return float("nan")
        finally:
            doubles.update(before)

    def mistaken(self, name: str, term: Term) -> Any:
        """Return the value that a mistaken formula gives a quantity, in double precision."""
        try:
            return self.doubles.compute(name, term)
        except (ZeroDivisionError, KeyError):
            return float("nan")

    def rerun(self, changes: Mapping[str, Term]) -> Values:
        """Return all values in double precision, computed when asked for, with several formulas changed."""
        changes, looped = self._unlooped(changes)
        values = Values({**self.sweep.formulas, **changes}, self._in_doubles)
        values.update(self.sweep.start_in_doubles)
        values.update((name, as_double(real)) for name, real in self.fixed.items())
        for name in changes:
            values.pop(name, None)
        values.update((alias, self.doubles[name]) for alias, name in looped.items())
        values.update(DOUBLE_CONSTANTS)
        return values

    def second_outcomes(self, first: str, values: Any, second: str, terms: Sequence[Term]) -> Any:
        """Return what comes out if one quantity has other values and a later one a mistaken formula.

        values: as a column. The result has a row for each of them and a column for each formula.
        """
        doubles, order = self.doubles, self.sweep.order
        affected = sorted({*self.after(first), *self.after(second)} - {second}, key=order.__getitem__)
        held = {name: doubles[name] for name in (first, second, *affected)}
        doubles[first] = values
        try:
            for name in affected:
                if order[name] < order[second]:
                    doubles[name] = doubles.compute(name, doubles.formulas[name])
            made = [np.broadcast_to(self.mistaken(second, term), values.shape) for term in terms]
            doubles[second] = np.concatenate(made, axis=1)
            for name in affected:
                if order[name] > order[second]:
                    doubles[name] = doubles.compute(name, doubles.formulas[name])
            return np.broadcast_to(doubles[self.key], doubles[second].shape)
        except ZeroDivisionError:
            return np.full((len(values), len(terms)), np.nan)
        finally:
            doubles.update(held)

    # --- certified ------------------------------------------------------------------------------

    def real(self, changes: Mapping[str, Term]) -> Real:
        """Return the value of the quantity with some formulas changed, at the context's precision.

        Raises:
            NoValue: there is none, or something that it is made of is not known.
            Undecided: this precision does not tell on which side of a case something lies.
        """
        found: Real = self.values(changes)[self.key]
        return found

    def values(self, changes: Mapping[str, Term]) -> Values:
        """Return all values with some formulas changed, computed when asked for."""
        ledger = self.sweep.ledger
        changes, looped = self._unlooped(changes)
        right = self.values({}) if looped else {}
        carried = ledger.policy.carry == "shown"
        shown_by_name = self.sweep.shown_by_name if carried else frozenset()

        def rounded(name: str, term: Term, values: Mapping[str, Any]) -> Real:
            real = certified(name, term, values)
            if name in shown_by_name and name != self.key:
                return number_value(show(real, ledger.policy.of(name)))
            return real

        formulas = {**self.sweep.formulas, **changes} if changes else self.sweep.formulas
        values = BallValues(formulas, rounded if carried else certified)
        if self.fixed or carried or ctx.prec != ledger.bits:
            values.update(self._start())
            moved: Iterable[str] = changes
        else:  # nothing but what follows from the changes differs from the right values
            values.update(ledger.reals)
            moved = self.sweep.following(changes)
        for name in moved:
            values.pop(name, None)
        values.update((alias, right[name]) for alias, name in looped.items())
        return values

    def _unlooped(self, changes: Mapping[str, Term]) -> tuple[Mapping[str, Term], Mapping[str, str]]:
        """Return the changes so that what follows from a changed quantity is read with its right value.

        Whoever uses a weight in the backward pass that the same pass will change has it from somewhere. The
        second part of the result says which quantity's right value each new key stands for.
        """
        if not changes:
            return changes, {}
        place = tuple((name, id(term)) for name, term in changes.items())
        found = self.sweep.unlooped.get(place)
        if found is None:
            # the terms are kept, so that their places stay their own
            found = self.sweep.unlooped[place] = (tuple(changes.values()), *self._unloop(changes))
        return found[1], found[2]

    def _unloop(self, changes: Mapping[str, Term]) -> tuple[dict[str, Term], dict[str, str]]:
        sweep = self.sweep
        looped: dict[str, str] = {}
        made: dict[str, Term] = {}
        for name, term in changes.items():
            for used in keys(term):
                new = used in sweep.formulas and used not in sweep.uses(name)
                if new and self._depends(used, name, made):
                    alias = f"right.{used}"
                    looped[alias] = used
                    term = swapped(term, used, Symbol(Name("right"), alias))
            made[name] = term
        return made, looped

    def _depends(self, name: str, on: str, made: Mapping[str, Term]) -> bool:
        """Return whether a quantity is computed from another, with some formulas changed already."""
        pending, seen = [name], {name}
        while pending:
            current = pending.pop()
            if current == on:
                return True
            used = keys(made[current]) if current in made else self.sweep.uses(current)
            new = [other for other in used if other not in seen]
            seen.update(new)
            pending.extend(new)
        return False

    def _start(self) -> dict[str, Real]:
        """Return what is not computed, expressions at the context's precision."""
        sweep, ledger = self.sweep, self.sweep.ledger
        start = {**sweep.start, **self.fixed}
        if ctx.prec != ledger.bits:
            for name in sweep.start:
                number = ledger.given(name)
                if isinstance(number, Constant) and name not in self.fixed:
                    start[name] = given_value(number)
        return start

    def decided(self, changes: Mapping[str, Term], attempt: Callable[[Real], Any]) -> Any:
        """Return what an attempt makes of the certified value, at a precision that decides it.

        Raises:
            NoValue: there is no value, or no precision decides it.
        """
        bits = self.sweep.ledger.bits
        while bits <= LAST_BITS // 8:
            try:
                with ctx.workprec(bits):
                    return attempt(self.real(changes))
            except Undecided:
                bits *= 2
        raise NoValue(f"{self.key}: its digits cannot be decided")

    def rounded_between(
        self,
        rounding: Callable[[str], Rounding],
        only: Collection[str] | None = None,
        formulas: Mapping[str, Term] | None = None,
    ) -> Real:
        """Return the value if what is computed on the way is rounded: all of it, or some only.

        formulas: by which it is computed, if not the sweep's: those that a sheet displays.

        Raises:
            NoValue: there is none.
            Undecided: a digit is not decided.
        """

        def rounded(name: str, term: Term, values: Mapping[str, Any]) -> Real:
            real = certified(name, term, values)
            if name == self.key or (only is not None and name not in only):
                return real
            return number_value(show(real, rounding(name)))

        values = BallValues(formulas or self.sweep.formulas, rounded)
        values.update(self._start())
        found: Real = values[self.key]
        return found
