"""SymPy expressions in the grammar of problem files."""

from __future__ import annotations

from functools import cache, reduce
from typing import Any

from ..faults import Fault


def sympy_text(expression: object) -> str:
    """Return the text of a SymPy expression as `expressions.parse_expression` reads it.

    Raises:
        Fault: it holds something that the grammar has no words for.
    """
    text: str = _printer().doprint(expression)
    return text


@cache
def _printer() -> Any:
    from sympy.printing.str import StrPrinter

    class ExpressionPrinter(StrPrinter):
        """Writes what differs from SymPy's own text: choices, cases, functions by other names."""

        def _print_Abs(self, found: Any) -> str:  # noqa: N802 - SymPy's name
            return f"abs({self._print(found.args[0])})"

        def _nested(self, name: str, found: Any) -> str:
            return reduce(lambda left, right: f"{name}({left}, {right})", map(self._print, found.args))

        def _print_Max(self, found: Any) -> str:  # noqa: N802 - SymPy's name
            return self._nested("max", found)

        def _print_Min(self, found: Any) -> str:  # noqa: N802 - SymPy's name
            return self._nested("min", found)

        def _print_Exp1(self, found: Any) -> str:  # noqa: N802 - SymPy's name
            return "exp(1)"

        def _print_Piecewise(self, found: Any) -> str:  # noqa: N802 - SymPy's name
            *pieces, (last, condition) = found.args
            if condition != True:  # noqa: E712 - SymPy's own true
                raise Fault(
                    "cases without a last one that always holds", expected="Piecewise(..., (value, True))"
                )
            text = self._print(last)
            for value, holds in reversed(pieces):
                text = f"where({self._print(holds)}, {self._print(value)}, {text})"
            return text

    printer: Any = ExpressionPrinter
    return printer()
