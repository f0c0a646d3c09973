"""How numbers are rounded for display: the policy a sheet states. The rounding itself: `digits.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

Kind = Literal["places", "significant"]
Mode = Literal["half_even", "half_up", "truncate"]
Carry = Literal["exact", "shown"]
Zeros = Literal["keep", "drop", "exact"]


@dataclass(frozen=True, slots=True)
class Rounding:
    """How one number is rounded for display.

    digits: decimal places (kind "places") or significant digits ("significant").
    mode: to nearest with ties to even or away from zero, or truncation towards zero.
    readout: significant digits of a calculator's read-out taken (to nearest) before the rounding.
    zeros: trailing zeros kept, dropped, or dropped only where the number shown is the exact value.
    exponent: print as a mantissa times ten to this power; `digits` then counts the mantissa's.
    scientific_below: magnitudes below ten to this power are printed in scientific form with a
    one-digit integer part (None: never); for kind "places" `digits` counts the mantissa's places.
    """

    digits: int = 6
    kind: Kind = "significant"
    mode: Mode = "half_even"
    readout: int | None = None
    zeros: Zeros = "exact"
    exponent: int | None = None
    scientific_below: int | None = -3

    @property
    def bare(self) -> Rounding:
        """The same without a calculator's read-out before it."""
        return self if self.readout is None else replace(self, readout=None)


@dataclass(frozen=True, slots=True)
class RoundingPolicy:
    """The rounding of a whole sheet.

    carry "exact": full precision is carried from step to step and rounded for display only;
    "shown": each displayed value is the one that is used next, as by hand with a calculator.
    roles: changes for the quantities whose key matches a pattern (`act.*`, `grad.w1`); the last
    matching pattern that sets a field wins. again: quantities displayed a second time in another
    rounding, by their own key (`loss~4`).
    """

    default: Rounding = Rounding()
    carry: Carry = "exact"
    roles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    again: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _found: dict[str, Rounding] = field(default_factory=dict, init=False, compare=False, repr=False)

    def of(self, key: str) -> Rounding:
        """Return the rounding of the quantity with this key; which roles it plays is looked up once."""
        if not self.roles and not self.again:
            return self.default
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._of(key)
        return found

    def _of(self, key: str) -> Rounding:
        base = key.partition("~")[0]
        changes: dict[str, Any] = {}
        for pattern, change in self.roles.items():
            if fnmatchcase(base, pattern):
                changes.update(change)
        if key in self.again:
            changes.update(self.again[key])
        return replace(self.default, **changes) if changes else self.default
