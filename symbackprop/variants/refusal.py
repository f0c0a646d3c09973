"""Why there is no variant: the error, and the counts of rejected draws in words."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import SymbackpropError


class VariationError(SymbackpropError):
    """A problem of which there is no variant.

    rejected: how many draws were rejected, by reason.
    """

    def __init__(self, message: str, rejected: Mapping[str, int] | None = None) -> None:
        """Keep the counts beside the text."""
        super().__init__(message)
        self.rejected: Mapping[str, int] = dict(rejected or {})

    def __reduce__(self) -> tuple[type[VariationError], tuple[str, Mapping[str, int]]]:
        """Keep the counts on the way from another process."""
        return type(self), (str(self), self.rejected)


def counted(rejected: Mapping[str, int]) -> str:
    """Return counts in words, the most frequent reason first: "a saturated unit 12, equal answers 3"."""
    ordered = sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {count}" for reason, count in ordered)
