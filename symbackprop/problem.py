"""Building a problem in Python, layer by layer."""

from __future__ import annotations

from typing import Any

from .spec import dense_problem, load_problem
from .spec.problem import Problem as ProblemData


class _ProblemType(type):
    """Makes every problem, however it was built, an instance of the public `Problem`."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, ProblemData)


class Problem(metaclass=_ProblemType):
    """A network, its numbers and what is asked.

    `Problem(title=..., inputs=..., targets=..., layers=[Dense(...), ...], loss=..., learning_rate=...)`
    builds one from dense layers through the same checks as a problem file; `Problem.load` reads a
    file or a built-in example. What comes back is the frozen dataclass `symbackprop.spec.Problem`.
    """

    def __new__(cls, **fields: Any) -> ProblemData:  # type: ignore[misc]
        """Build a problem; the fields are those of `symbackprop.spec.dense_problem`."""
        return dense_problem(**fields)

    @staticmethod
    def load(path: Any) -> ProblemData:
        """Read a problem file or a built-in example."""
        return load_problem(path)
