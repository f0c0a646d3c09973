"""Structured names: what a quantity is called, free of any output format."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .compiled import compiled

#: Greek letters by name: a base or a run of such a name is printed as the letter.
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ",
    "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
ACCENTS = ("hat", "bar", "tilde", "dot")


@compiled
@dataclass(frozen=True, slots=True)
class Name:
    """The name of a quantity: base, subscripts, superscripts, accent, primes, bold or not.

    A one-letter base is a variable (italic), a Greek letter's name is that letter, any longer
    base is a word (upright). Several subscripts stand side by side, separated by commas.

    `sub` and `sup` hold text pieces; each is printed by the same rule as a base, run by run: in
    "h1" the letter h and the digit 1, in "(new)" an upright word between brackets.
    """

    base: str
    sub: tuple[str, ...] = ()
    sup: tuple[str, ...] = ()
    accent: str = ""
    primes: int = 0
    bold: bool = False  # the base alone, as vectors and matrices are printed

    def __str__(self) -> str:
        """Return the short plain form, as `Name.parse` reads it (accents and primes marked)."""
        text = f"{self.accent} {self.base}" if self.accent else self.base
        text = f"bold {text}" if self.bold else text
        text += "'" * self.primes
        if self.sub:
            text += "_" + ",".join(self.sub)
        if self.sup:
            text += "^" + ",".join(self.sup)
        return text

    def with_sub(self, *pieces: str) -> Name:
        """Return this name with further subscripts."""
        return Name(self.base, self.sub + pieces, self.sup, self.accent, self.primes, self.bold)

    def with_sup(self, *pieces: str) -> Name:
        """Return this name with further superscripts."""
        return Name(self.base, self.sub, self.sup + pieces, self.accent, self.primes, self.bold)

    def primed(self, primes: int = 1) -> Name:
        """Return this name with further primes."""
        return Name(self.base, self.sub, self.sup, self.accent, self.primes + primes, self.bold)

    @classmethod
    def parse(cls, text: str) -> Name:
        """Read a short name: `w_5`, `w_1,1`, `hat y_1`, `z'_1`, `a^2_1`, `output_h1`, `bold W`.

        Raises:
            ValueError: the text is not of that form; the message says what was expected.
        """
        match = _SHORT.fullmatch(text.strip())
        if match is None:
            raise ValueError(
                f"{text!r} is not a name; expected a base with an optional subscript and "
                "superscript, as in w_5, w_1,1, hat y_1 or a^2_1"
            )
        first = match["sub1"] or match["sub2"]
        sup = match["sup1"] or match["sup2"]
        return cls(
            base=match["base"],
            sub=tuple(first.split(",")) if first else (),
            sup=tuple(sup.split(",")) if sup else (),
            accent=match["accent"] or "",
            primes=len(match["primes"]),
            bold=match["bold"] is not None,
        )


_PIECE = r"[A-Za-z0-9()+\-*](?:[A-Za-z0-9()+\-* ,]*[A-Za-z0-9()+\-*])?"
_SHORT = re.compile(
    r"(?:(?P<bold>bold)\s+)?"
    rf"(?:(?P<accent>{'|'.join(ACCENTS)})\s+)?(?P<base>[A-Za-z](?:[A-Za-z0-9 ]*[A-Za-z0-9])?)(?P<primes>'*)"
    rf"(?:_(?P<sub1>{_PIECE})(?:\^(?P<sup1>{_PIECE}))?|\^(?P<sup2>{_PIECE})(?:_(?P<sub2>{_PIECE}))?)?"
)
_RUN = re.compile(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9]+")


def runs(piece: str) -> list[tuple[str, str]]:
    """Split a piece of a name into runs `(kind, text)`, kind being letter, greek, word, digits or sign.

    >>> runs("h12")
    [('letter', 'h'), ('digits', '12')]
    """
    found = []
    for text in _RUN.findall(piece):
        if text[0].isdigit():
            kind = "digits"
        elif not text[0].isalpha():
            kind = "sign"
        elif text in GREEK:
            kind = "greek"
        else:
            kind = "letter" if len(text) == 1 else "word"
        found.append((kind, text))
    return found
