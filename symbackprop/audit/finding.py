"""What an audit finds about one figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..formulas.terms import Number, Term
from ..mistakes.arithmetic import arithmetic
from ..mistakes.explanation import Explanation
from ..mistakes.hypothesis import Hypothesis
from .audit_file import Figure
from .ways import Way

Verdict = Literal["right", "convention", "inherited", "own", "unexplained"]


@dataclass(frozen=True)
class Finding:
    """What is found about one figure.

    right: the right number, rounded to nearest at the digits that are printed. corrected: what the page
    would show, under its own convention, had nobody made a mistake. came_from: the places of the wrong
    figures that it inherits from. explanations: what explains a wrong figure, most likely first. way: the
    right way over wrong numbers on which an inherited figure was found. mended: the right way over the
    numbers that should stand on the page.
    """

    figure: Figure
    verdict: Verdict
    right: Number
    corrected: Number
    came_from: tuple[int, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    way: Way | None = None
    mended: Way | None = None

    @property
    def wrong(self) -> bool:
        """Whether the figure is wrong, by itself or by inheritance."""
        return self.verdict not in ("right", "convention")

    @property
    def explanation(self) -> Explanation | None:
        """What explains the figure, where that is certain enough to be said."""
        return next((found for found in self.explanations if found.confident), None)

    @property
    def inheriting(self) -> Term | None:
        """The right arithmetic over the wrong numbers that an inherited figure was made of."""
        return None if self.way is None else _arithmetic(self.way)

    @property
    def correcting(self) -> Term | None:
        """The right arithmetic over the right numbers, as they should stand on the page."""
        return None if self.mended is None else _arithmetic(self.mended)


def _arithmetic(way: Way) -> Term | None:
    if way.reading is None:
        return None
    changes = {} if way.formula is None else {way.reading.key: way.formula}
    return arithmetic(Hypothesis((), changes, way.reading))
