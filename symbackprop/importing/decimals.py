"""Floating-point numbers as the decimals that they are, or that they are written as."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np

from ..errors import ProblemError


def decimal_text(number: Any, exact: bool = False) -> str:
    """Return a float as text: the shortest decimal that reads back as the same float.

    Args:
        number: a Python or NumPy number; its own precision decides what is shortest, so that a
            float32 of 0.1 is "0.1".
        exact: every digit instead; a binary fraction has a finite decimal, of up to a thousand digits.

    Raises:
        ProblemError: the number is infinite or no number.
    """
    value: Any = np.asarray(number)[()]
    if isinstance(value, np.bool_ | np.integer):
        return str(int(value))
    if not isfinite(float(value)):
        raise ProblemError("not a finite number", given=str(value), expected="finite numbers")
    if exact:
        return _plain(Decimal(float(value)))
    return _plain(Decimal(np.format_float_scientific(value, unique=True, trim="-")))


def _plain(decimal: Decimal) -> str:
    """Return a decimal without an exponent where that is not long."""
    text = format(decimal, "f")
    return text if len(text) <= 24 or "." not in f"{decimal}".partition("E")[0] else f"{decimal}".lower()


def decimal_rows(array: Any, exact: bool = False) -> Any:
    """Return an array as nested lists of such texts."""
    array = np.asarray(array)
    if array.ndim == 0:
        return decimal_text(array, exact)
    return [decimal_rows(row, exact) for row in array]
