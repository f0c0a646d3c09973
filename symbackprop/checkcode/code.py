"""A short code of anything, made so that a slip in typing it is noticed."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from ..errors import SymbackpropError

#: What a code is written in. Without 0 O, 1 I L, which look alike; without the vowels A and U, so that few
#: words arise. 29 is a prime number, which the check character needs.
ALPHABET = "23456789BCDEFGHJKMNPQRSTVWXYZ"

#: Characters of a code, the last one being the check character, and of each group.
LENGTH, GROUP = 8, 4

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_BASE = len(ALPHABET)


class CodeError(SymbackpropError):
    """Text that is no check code: a slip in typing, while a true code of another sheet is none."""


def check_code(*parts: str) -> str:
    """Return the code of the parts, such as "K7QF-2MXG".

    Seven characters are the SHA-256 of the parts, taken modulo 29^7; two of 500 sheets have the same code
    with a probability of 1 in 140 000. The eighth, c_8, makes sum_i i c_i = 0 (mod 29), where c_i is the
    place of character i in the alphabet. A wrong character changes that sum by i (c' - c), a swap of
    characters i and j by (i - j)(c_j - c_i), and neither is 0 modulo the prime 29: every such slip shows.

    Arguments:
        parts: texts, in order; ("ab", "c") and ("a", "bc") have different codes.
    """
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(content) + content)
    number = int.from_bytes(digest.digest()) % _BASE ** (LENGTH - 1)
    values = []
    for _ in range(LENGTH - 1):
        number, value = divmod(number, _BASE)
        values.append(value)
    values.append(-_weighted(values) * pow(LENGTH, -1, _BASE) % _BASE)
    return _grouped("".join(ALPHABET[value] for value in values))


def is_code(text: str) -> bool:
    """Return whether text is a code, in capitals or not, with spaces and hyphens anywhere."""
    try:
        normal_code(text)
    except CodeError:
        return False
    return True


def normal_code(text: str) -> str:
    """Return a code as `check_code` writes it, whatever its case, spaces and hyphens.

    Raises:
        CodeError: the text is no code, so it was mistyped. A code of another sheet is not refused: what it
            belongs to is for the caller to know.
    """
    code = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    shown = text if len(text) <= 30 else f"{text[:30]}..."
    wrong = next((character for character in code if character not in _VALUES), None)
    if wrong is not None:
        hint = f"; {_ALIKE[wrong]}" if wrong in _ALIKE else ""
        raise CodeError(f"{shown!r} is no check code: {wrong!r} is in none{hint}")
    if len(code) != LENGTH:
        raise CodeError(
            f"{shown!r} is no check code: it has {len(code)} characters; expected {LENGTH}, such as K7QF-2MXG"
        )
    if _weighted([_VALUES[character] for character in code]) % _BASE:
        raise CodeError(
            f"{shown!r} is no check code: a character is wrong, or two are swapped; compare it with the paper"
        )
    return _grouped(code)


def _weighted(values: list[int]) -> int:
    return sum(place * value for place, value in enumerate(values, start=1))


def _grouped(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


_SEPARATORS = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212_.]+")
_ALIKE = {
    "0": "codes have neither 0 nor O; is it Q, D or G?",
    "O": "codes have neither 0 nor O; is it Q, D or G?",
    "1": "codes have neither 1, I nor L; is it 7, T or J?",
    "I": "codes have neither 1, I nor L; is it 7, T or J?",
    "L": "codes have neither 1, I nor L; is it 7, T or J?",
    "A": "is it 4?",
    "U": "is it V?",
}
