"""Names as LaTeX source: letters italic, words upright, Greek letters as such."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from ...formulas.names import Name, runs
from .escape import Latex, escape_latex

_WIDE_ACCENTS = {"hat": "widehat", "tilde": "widetilde", "bar": "overline", "dot": "dot"}


@lru_cache(maxsize=4096)
def latex_name(name: Name) -> Latex:
    """Return the LaTeX source of a name: letters italic, words upright, Greek letters as such."""
    source = r"\,".join(piece(word) for word in name.base.split())
    if name.bold:
        source = _bold(name.base, source)
    if name.accent:
        wide = len(name.base) > 1 and runs(name.base)[0][0] != "greek"
        accent = _WIDE_ACCENTS[name.accent] if wide else name.accent
        source = f"\\{accent}{{{source}}}"
    sup = ",".join(map(piece, name.sup))
    if name.primes:
        source += "^{" + glue([r"\prime" * name.primes, sup]) + "}" if sup else "'" * name.primes
    if name.sub:
        source += "_" + argument(",".join(map(piece, name.sub)))
    if sup and not name.primes:
        source += "^" + argument(sup)
    return Latex(source)


def _bold(base: str, source: str) -> str:
    """Return a base in bold: Latin letters upright, Greek ones as they stand."""
    if base.isascii() and base.isalnum() and all(kind != "greek" for kind, _ in runs(base)):
        return rf"\mathbf{{{base}}}"
    return rf"\boldsymbol{{{source}}}"


def piece(text: str) -> str:
    """Return a piece of a name, run by run."""
    return glue(_RUNS[kind](run) for kind, run in runs(text))


_RUNS: Mapping[str, Callable[[str], str]] = {
    "letter": lambda run: run if run.isascii() else _foreign(run),
    "digits": str,
    "greek": lambda run: f"\\{run}",
    "word": lambda run: rf"\mathrm{{{run}}}" if run.isascii() else _foreign(run),
    "sign": lambda run: "".join(_sign(c) for c in run),
}


def _sign(c: str) -> str:
    if c == " ":
        return r"\,"
    return c if c in "()[]+-*,." else _foreign(c)


def _foreign(text: str) -> str:
    return rf"\text{{{escape_latex(text)}}}"


def argument(source: str) -> str:
    """Return what follows `_` or `^`: one sign as it is, more in braces."""
    return source if len(source) == 1 else f"{{{source}}}"


_CONTROL_WORD = re.compile(r"\\[A-Za-z]+$")


def glue(parts: Iterable[str]) -> str:
    """Put pieces side by side, with a space where a command would swallow the next letter."""
    source = ""
    for part in parts:
        gap = " " if part[:1].isalpha() and _CONTROL_WORD.search(source) else ""
        source += gap + part
    return source
