"""Whether a value prints as a figure is printed, and how it would print at the figure's digits."""

from __future__ import annotations

from dataclasses import replace

from ..formulas.terms import Number
from ..mistakes.explanation import printed_alike
from ..numbers.digits import Real, Undecided, show
from ..numbers.rounding import Mode, Rounding
from .audit_file import Figure
from .convention import Convention


def prints(real: Real, figure: Figure, convention: Convention, mode: Mode | None = None) -> bool:
    """Return whether a value prints as a figure under a convention, or another mode of it."""
    if figure.printed.fraction:
        return bool(real == figure.printed.real)
    try:
        return printed_alike(
            real, figure.printed.written, mode or convention.mode, _readout(figure, convention)
        )
    except Undecided:
        return False


def _readout(figure: Figure, convention: Convention) -> int | None:
    """Return the digits of the read-out; a figure that has more of them is not from the calculator."""
    digits = len(str(abs(figure.printed.written.n)))
    return None if convention.readout is None or digits > convention.readout else convention.readout


def is_nearest(real: Real, figure: Figure) -> bool:
    """Return whether a figure is a value rounded to nearest, a tie to either side."""
    if figure.printed.fraction:
        return bool(real == figure.printed.real)
    return any(prints(real, figure, Convention(mode)) for mode in _NEAREST)


_NEAREST: tuple[Mode, Mode] = ("half_even", "half_up")


def as_convention_prints(real: Real, figure: Figure, convention: Convention) -> Number:
    """Return a value as the convention prints it at a figure's digits and in its form."""
    unit, exponent = figure.printed.written.unit, figure.printed.number.exponent
    if figure.printed.fraction:
        return show(real, Rounding(10, "significant"))
    if exponent is None and unit > 0:
        exponent = unit
    digits = max(-unit if exponent is None else exponent - unit, 0)
    readout = _readout(figure, convention)
    rounding = Rounding(digits, "places", convention.mode, readout, "keep", exponent, None)
    try:
        return show(real, rounding)
    except Undecided:
        return show(real, replace(rounding, mode="half_even", readout=None))


def as_it_should_be(real: Real, figure: Figure) -> Number:
    """Return a value rounded to nearest at a figure's digits and in its form."""
    return as_convention_prints(real, figure, Convention())
