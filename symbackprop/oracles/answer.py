"""What an oracle is asked and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .program import Program


class NotComparable(Exception):
    """An oracle cannot be asked here; the text says why, in words for the user."""


#: By quantity key (`grad.w1`, `dE_dnet.h1#2`, `loss`) the value that the oracle found.
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Oracle:
    """Another way to the same numbers.

    ask: from a forward pass, and nothing of the package's backward pass, to the derivatives. tolerance:
    the relative difference that is still agreement. rounded: it computes in double precision, so that
    where a formula loses digits the oracle's own spread under rounding is allowed for.
    """

    name: str
    title: str
    ask: Callable[[Program], Answer]
    tolerance: float
    rounded: bool = False
