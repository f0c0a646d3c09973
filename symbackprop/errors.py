"""Errors a user can act on: where, what was given, what was expected, and the fix."""

from __future__ import annotations


class SymbackpropError(Exception):
    """Any error whose text is meant for the user; the command line prints it and exits with 2."""


class ProblemError(SymbackpropError):
    """A problem that cannot be used.

    The text reads `FILE:LINE: FIELD: what is wrong; given ...; expected ...` with the parts that are known.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        given: object = None,
        expected: str = "",
        hint: str = "",
        file: str = "",
        line: int | None = None,
    ) -> None:
        """Build the text from its parts."""
        self.message, self.field, self.given = message, field, given
        self.expected, self.hint, self.file, self.line = expected, hint, file, line
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        text = place + (f"{field}: " if field else "") + message
        if given is not None:
            text += f"; given {_short(given)}"
        if expected:
            text += f"; expected {expected}"
        if hint:
            text += f". {hint}"
        super().__init__(text)


class UndecidedDigits(SymbackpropError):
    """A digit that cannot be decided at any precision tried."""


class RenderError(SymbackpropError):
    """A template or an engine that failed."""


def _short(value: object, limit: int = 60) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return f"{text[:limit]}..." if len(text) > limit else (text or "nothing")
