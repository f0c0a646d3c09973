"""The built-in library of mistakes, as the marking asks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from .diagnosing import Library, Mistaken

if TYPE_CHECKING:
    from flint import fmpq

    from ..derivation.ledger import Ledger
    from ..mistakes import Sweep
    from ..network.graph import Graph
    from ..spec.problem import Problem


def built_in_library() -> Library:
    """Return the library of mistakes; what does not depend on the numbers is found once for a class."""
    from ..mistakes import MISTAKES

    return Library(_WrongValues(), MISTAKES)


class _WrongValues:
    """Asks for wrong values; a problem's sweep shares what it can with that of one with the same layers."""

    def __init__(self) -> None:
        self._sweeps: dict[tuple[object, ...], Sweep] = {}

    def __call__(
        self,
        ledger: Ledger,
        graph: Graph,
        problem: Problem,
        key: str,
        *,
        given: Mapping[str, fmpq] | None,
        within: tuple[float, float],
    ) -> Iterator[Mistaken]:
        """Yield the wrong values of a quantity between two numbers."""
        from ..mistakes import sweep_of, wrong_values

        layers = tuple(
            (layer.units, layer.activation.name if layer.activation else "") for layer in problem.layers
        )
        sweep = sweep_of(ledger, graph, problem, like=self._sweeps.get(layers))
        self._sweeps.setdefault(layers, sweep)
        return wrong_values(ledger, graph, problem, key, given=given, within=within)
