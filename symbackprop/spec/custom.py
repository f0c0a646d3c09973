"""Activations and losses of one's own in Python: an expression as text, or SymPy's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from sympy import Expr

#: An expression in the grammar of problem files, or a SymPy expression over symbols of the same names.
Formula = Union[str, "Expr"]


@dataclass(frozen=True, slots=True)
class Function:
    """An activation a = f(z) of one's own, used where an activation's name stands.

    name: what it is called and printed as. expression: over z. derivative: as the course writes it, over z
    and a; it is proved equal to SymPy's, and SymPy's is used where there is none.

    Raises:
        ProblemError: when a problem is built with an expression that cannot be read, derived or proved.
    """

    name: str
    expression: Formula
    derivative: Formula | None = None

    def fields(self) -> Mapping[str, Any]:
        """Return what a problem file would hold."""
        return _fields(name=self.name, expression=self.expression, derivative=self.derivative)


@dataclass(frozen=True, slots=True)
class CustomLoss:
    """A loss of one's own, the sum over the outputs of an error E(t, o), used where a loss's name stands.

    expression: one output's error, over t and o. derivative: by o, as the course writes it. name: what the
    loss is called in words. constant: a factor before it. reduction: mean or sum over a batch.

    Raises:
        ProblemError: when a problem is built with an expression that cannot be read, derived or proved.
    """

    expression: Formula
    derivative: Formula | None = None
    name: str | None = None
    constant: Any = None
    reduction: str | None = None

    def fields(self) -> Mapping[str, Any]:
        """Return what a problem file would hold."""
        return {"kind": "custom"} | _fields(
            expression=self.expression,
            derivative=self.derivative,
            name=self.name,
            constant=self.constant,
            reduction=self.reduction,
        )


def _fields(**values: Any) -> dict[str, Any]:
    return {
        key: expression_text(value) if key in ("expression", "derivative") else value
        for key, value in values.items()
        if value is not None
    }


def expression_text(expression: Formula) -> str:
    """Return an expression in the grammar of problem files."""
    if isinstance(expression, str):
        return expression
    import sympy
    from sympy.printing.str import StrPrinter

    class GrammarPrinter(StrPrinter):
        """SymPy's own printer, with the names that problem files use."""

        def _print_log(self, node: Any) -> str:
            return f"ln({self._print(node.args[0])})"

        def _print_Abs(self, node: Any) -> str:  # noqa: N802 - SymPy's name
            return f"abs({self._print(node.args[0])})"

        def _print_Exp1(self, node: Any) -> str:  # noqa: N802 - SymPy's name
            return "e"

        def _print_Max(self, node: Any) -> str:  # noqa: N802 - SymPy's name
            return self._pairs("max", node.args)

        def _print_Min(self, node: Any) -> str:  # noqa: N802 - SymPy's name
            return self._pairs("min", node.args)

        def _pairs(self, name: str, parts: Any) -> str:
            first, *rest = parts
            return f"{name}({self._print(first)}, {self._pairs(name, rest)})" if rest else self._print(first)

        def _print_Piecewise(self, node: Any) -> str:  # noqa: N802 - SymPy's name
            (value, condition), *rest = node.args
            if not rest or condition == sympy.true:
                return str(self._print(value))
            otherwise = self._print(sympy.Piecewise(*rest))
            return f"where({self._print(condition)}, {self._print(value)}, {otherwise})"

    printer: Any = GrammarPrinter
    return str(printer().doprint(expression))
