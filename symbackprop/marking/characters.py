"""The characters of a typed number: every script's digits, minus signs and spaces as plain ones."""

from __future__ import annotations

import re
import unicodedata

#: Arabic decimal separator, which stays as it is: it can be nothing else.
DECIMAL_SEPARATOR = "\u066b"

_MINUS = "\u2212\u2010\u2011\u2012\u2013\u2014\u2015\ufe58\ufe63\uff0d\u207b\u208b"
_TIMES = "\u00d7\u00b7\u22c5\u2219\u2022\u2715\u2716\u2217\u2062"
_ABOUT = "\u2248\u2245\u2243\u2250\u223c\uff5e~\uff1d"
_QUOTES = "\u2019\u2018\u02bc\u00b4`\u2032\uff07"

_PLAIN = str.maketrans(
    {
        **dict.fromkeys(_MINUS, "-"),
        **dict.fromkeys(_TIMES, "*"),
        **dict.fromkeys(_ABOUT, "="),
        **dict.fromkeys(_QUOTES, "'"),
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2044": "/",  # fraction slash, which NFKC makes of 1/3 in one character
        "\u2215": "/",
        "\u066a": "%",
        "\u060c": ",",
        "\u066c": "'",  # Arabic thousands separator: never anything else
        "\u1d07": "e",  # the exponent mark of some calculators
        "\u23e8": "e",
    }
)
_RAISED = {
    **dict(zip("\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "0123456789", strict=True)),
    "\u207a": "+",
    "\u207b": "-",
}
_RAISED_RUN = re.compile(f"[{''.join(_RAISED)}]+")
#: The fractions that are one character, apart from a digit right before them: 1 1/2, not 11/2.
_AFTER_DIGIT = re.compile(r"(?<=[0-9])(?=[\u00bc-\u00be\u2150-\u215f\u2189])")


def plain_characters(text: str) -> str:
    """Return a text with plain digits, signs, spaces and letters in the place of their many forms.

    Raised digits become a power (`10^-2`), and what no reader sees is left out.
    """
    text = _RAISED_RUN.sub(lambda run: "^" + "".join(_RAISED[c] for c in run[0]), text)
    text = unicodedata.normalize("NFKC", _AFTER_DIGIT.sub(" ", text).translate(_PLAIN)).translate(_PLAIN)
    return " ".join("".join(map(_plain, text)).split())


def _plain(character: str) -> str:
    """Return one character as a plain digit, as a space, or as it is; nothing for one that is not seen."""
    if character.isascii():
        return character
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind == "Zs":
        return " "
    return "" if kind == "Cf" else character
