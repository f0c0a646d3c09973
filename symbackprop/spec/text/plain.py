"""Python values to the plain data that a problem file would hold."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ...formulas.names import Name
from ...formulas.terms import Number
from ..custom import CustomLoss, Function
from ..faults import Path, Written
from .yaml_text import DEEPEST


def plain_data(value: object, path: Path = ()) -> Any:
    """Return nested dicts, lists, texts, booleans and None that say the same.

    Numbers become the text of the decimal they are written as: a float its shortest one, so that 0.1
    is one tenth; `Decimal`, `Fraction`, `int` and NumPy's numbers and arrays are understood too.

    Raises:
        ProblemError: a value is of a kind that no problem file can hold, or nested too deeply.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return float.__repr__(value)
    if isinstance(value, int):
        return _whole_text(int(value), path)
    if isinstance(value, Decimal | Fraction | Number):
        return str(value)
    if isinstance(value, Function | CustomLoss):
        return plain_data(value.fields(), path)
    if isinstance(value, Name):
        return {
            "base": value.base,
            "sub": list(value.sub),
            "sup": list(value.sup),
            "accent": value.accent,
            "primes": str(value.primes),
        }
    if len(path) > DEEPEST:
        raise Written(None).error(path[:3], "nested too deeply", expected=f"at most {DEEPEST} levels")
    if isinstance(value, Mapping):
        return {_key(key, path): plain_data(item, (*path, str(key))) for key, item in value.items()}
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind and kind in "iufb" and getattr(value, "ndim", None) == 0:
        scalar: Any = value[()]  # type: ignore[index]
        return bool(scalar) if kind == "b" else str(scalar)
    if isinstance(value, list | tuple) or (kind and getattr(value, "ndim", 0)):
        items: Any = value
        if kind == "f" and items.dtype.itemsize == 8:  # NumPy prints doubles as Python does
            items = items.tolist()
        kinds = set(map(type, items))
        if kinds == {float}:
            return list(map(float.__repr__, items))
        if kinds == {str}:
            return list(items)
        return [plain_data(item, (*path, index)) for index, item in enumerate(items)]
    if type(value).__module__.startswith("sympy."):  # an expression, in the grammar of problem files
        from .sympy_text import sympy_text

        return sympy_text(value)
    if hasattr(value, "lay"):  # a layer of the caller's own
        return value
    raise Written(None).error(
        path, "a Python object that no problem can hold", given=type(value).__name__, expected=_KINDS
    )


def _whole_text(value: int, path: Path) -> str:
    if value.bit_length() > 2000:
        raise Written(None).error(path, "too large a number", expected="at most 100 digits")
    return str(value)


def _key(key: object, path: Path) -> str:
    if not isinstance(key, str):
        raise Written(None).error(path, "a field name is not a text", given=repr(key), expected="text")
    return str(key)


_KINDS = "numbers, texts, lists, mappings, arrays, true, false or None"
