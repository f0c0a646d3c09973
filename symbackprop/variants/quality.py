"""Which draws are wanted of a variant: every condition with its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .variation import Variant

#: The conditions that are there or not.
FLAGS = frozenset({"distinct", "distinct_answers", "nonzero", "learning_rate", "diagnosable"})

#: A further condition: why a solved variant is not wanted, in a few words, or None.
Condition = Callable[["Variant"], str | None]


@dataclass(frozen=True, slots=True)
class Quality:
    """The conditions that a variant fulfils; None or False leaves one out.

    What the problem's own numbers do not fulfil is asked of a variant only as far as they do: where one
    unit in six is saturated there, one in six may be.

    saturation: the slope of each bounded activation is at least this part of its steepest. digits: each
    asked answer has so many significant digits as it is printed. kink: how far values stay away from the
    kinks of activations, losses and clipping. living_and_dead: ReLU layers of at least so many units have
    units that send something out and units that send out zero. distinct: no two weights, biases, inputs or
    targets of a sample are equal, if not in the problem itself. distinct_answers: no two asked answers are
    printed alike. nonzero: a range that crosses zero leaves it out, for weights and inputs. learning_rate:
    a rate that varies is not 0.5 under squared errors, where a forgotten rate and a kept factor 2 give the
    same. effort: how far the share of negative numbers may lie from what is expected; clipping and losses
    by cases take the same case as with the problem's own numbers. attempts: how many draws are tried.
    diagnosable: no two mistakes print the same answer by accident of the numbers, and none prints the right
    one, so that a wrong answer tells what was done. conditions: further ones, asked last, of the solved
    variant.
    """

    saturation: Fraction | None = Fraction(1, 10)
    digits: int | None = 2
    kink: Fraction | None = Fraction(1, 100)
    living_and_dead: int | None = 3
    distinct: bool = True
    distinct_answers: bool = True
    nonzero: bool = True
    learning_rate: bool = True
    effort: Fraction | None = Fraction(1, 4)
    attempts: int = 500
    diagnosable: bool = False
    conditions: tuple[Condition, ...] = ()

    def changed(self, settings: Mapping[str, object]) -> Quality:
        """Return the quality with what a problem file sets."""
        changes: dict[str, Any] = dict(settings)
        for name in FLAGS & changes.keys():
            changes[name] = bool(changes[name])
        return replace(self, **changes)
