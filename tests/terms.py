"""The kinds of terms that every reader of formulas must know."""

from __future__ import annotations

from symbackprop.formulas.terms import Term


def kinds_of_term() -> set[str]:
    """Return the names of the package's own kinds: a test may define further ones."""
    own = "symbackprop."
    return {kind.__name__ for kind in Term.__subclasses__() if kind.__module__.startswith(own)}
