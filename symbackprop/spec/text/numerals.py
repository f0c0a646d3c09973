"""Numbers and counts as authors write them, read without ever passing through a float."""

from __future__ import annotations

import re
from fractions import Fraction

from ...formulas.terms import Number
from ..faults import Fault

#: Bounds that keep a number printable and its exact value computable.
MOST_DIGITS = 100
LARGEST_EXPONENT = 300

NUMBER_FORMS = "a number such as 0.40, -2, 1e-3 or 1/3"

_DECIMAL = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>0|[1-9][0-9]*)?(?:\.(?P<places>[0-9]*))?(?:[eE](?P<exponent>[+-]?[0-9]+))?"
)
_FRACTION = re.compile(r"(?P<sign>[+-]?)(?P<top>0|[1-9][0-9]*) ?/ ?(?P<bottom>[0-9]+)")
_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")

#: The same forms for the published schema.
NUMBER_PATTERN = (
    r"^[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(0|[1-9][0-9]*) ?/ ?[1-9][0-9]*$"
)


def parse_number(value: object) -> Number:
    """Return the number that is written, digit for digit.

    Decimals, scientific forms and fractions of whole numbers are numbers; "0.40" keeps its zero.

    Raises:
        Fault: the value is not a number, or is beyond the bounds.
    """
    if isinstance(value, Number):
        value = str(value)
    if not isinstance(value, str):
        raise Fault("not a number", expected=NUMBER_FORMS)
    text = value.strip()
    if len(text) > 3 * MOST_DIGITS:
        raise Fault("too long for a number", expected=f"at most {MOST_DIGITS} digits")
    match = _FRACTION.fullmatch(text)
    if match:
        return _fraction(match)
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match["whole"] or match["places"]):
        raise Fault("not a number", expected=NUMBER_FORMS, hint=_number_hint(text))
    return _decimal(match)


#: Decimals with commas between them, each already in the form that `parse_number` gives it.
_ROW = re.compile(
    r"{0}(?:,{0})*+".format(
        r"(?!-[0.]++(?:[,e]|$))-?(?:0|[1-9][0-9]{0,29}+)(?:\.[0-9]{1,39}+)?+(?:e-[0-9]{1,2}+)?+"
    )
)


def parse_row(values: object) -> list[Number] | None:
    """Return the numbers of a list at once where all are written as plain decimals, None where any is not.

    What `parse_number` says of each, for the matrices of large networks.
    """
    if type(values) is not list or not values:
        return None
    try:
        text = ",".join(values)
    except TypeError:  # not texts alone
        return None
    if _ROW.fullmatch(text) is None or text.count(",") != len(values) - 1:
        return None
    if "e" in text:
        return [parse_number(value) if "e" in value else Number(value) for value in values]
    return [Number(value) for value in values]


def parse_whole(value: object, *, lowest: int, highest: int) -> int:
    """Return the whole number that is written, between `lowest` and `highest`.

    Raises:
        Fault: the value is not a whole number in that range.
    """
    expected = f"a whole number from {lowest} to {highest}"
    if not isinstance(value, str) or not _WHOLE.fullmatch(value.strip()):
        raise Fault("not a whole number", expected=expected)
    text = value.strip()
    if len(text) > 20 or not lowest <= int(text) <= highest:
        raise Fault("out of range", expected=expected)
    return int(text)


#: A constant before a loss that depends on how many outputs (K) and samples (N) there are.
_COUNTED = re.compile(
    r"(?P<top>[1-9][0-9]{0,3}) ?/ ?\(?(?P<bottom>[1-9][0-9]{0,3})? ?\*? ?"
    r"(?P<counts>K ?\*? ?N|N ?\*? ?K|K|N)\)?"
)


def parse_constant(value: object) -> Number | str:
    """Return the constant before a loss: a number, or a text such as 1/K or 1/(2N) in its plain form.

    Raises:
        Fault: it is neither, or not above zero.
    """
    match = _COUNTED.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is not None:
        return f"{match['top']}/{match['bottom'] or '1'}{match['counts'].replace(' ', '').replace('*', '')}"
    if isinstance(value, str) and re.search(r"/ ?\(?T\b", value):
        raise Fault(
            "T is not known here", expected="a positive number, 1/K or 1/N",
            hint="Write the number of time steps itself: 1/4.",
        )  # fmt: skip
    number = parse_number(value)
    if number.negative or not number.text.split("/")[0].strip("0."):
        raise Fault("the constant is not above zero", expected="a positive number, 1/K or 1/N")
    return number


def counted(constant: str, outputs: int, samples: int) -> Number:
    """Return the number that such a text stands for: K the outputs, N the samples."""
    top, _, rest = constant.partition("/")
    bottom = int(rest.rstrip("KN"))
    return Number(f"{top}/{bottom * (outputs if 'K' in rest else 1) * (samples if 'N' in rest else 1)}")


def parse_side(value: object) -> Number:
    """Return the share of the right derivative at a kink: left 0, right 1, or a number between.

    Raises:
        Fault: it is none of these.
    """
    if value in ("left", "right"):
        return Number("1" if value == "right" else "0")
    number = parse_number(value)
    if not 0 <= Fraction(number.text) * Fraction(10) ** (number.exponent or 0) <= 1:
        raise Fault("outside the interval from 0 to 1", expected="left, right, or a number from 0 to 1")
    return Number(str(Fraction(number.text))) if Fraction(number.text) in (0, 1) else number


def _fraction(match: re.Match[str]) -> Number:
    top, bottom = match["top"], match["bottom"]
    if len(top) > MOST_DIGITS or len(bottom) > MOST_DIGITS:
        raise Fault("too long for a number", expected=f"at most {MOST_DIGITS} digits")
    if not bottom.strip("0"):
        raise Fault("division by zero", expected=NUMBER_FORMS)
    sign = "-" if match["sign"] == "-" and top != "0" else ""
    return Number(f"{sign}{top}/{bottom.lstrip('0')}")


def _decimal(match: re.Match[str]) -> Number:
    whole, places = match["whole"] or "0", match["places"] or ""
    if len(whole) + len(places) > MOST_DIGITS:
        raise Fault("too long for a number", expected=f"at most {MOST_DIGITS} digits")
    nonzero = bool((whole + places).strip("0"))
    text = ("-" if match["sign"] == "-" and nonzero else "") + whole + (f".{places}" if places else "")
    if match["exponent"] is None:
        return Number(text)
    exponent = match["exponent"]
    if len(exponent.lstrip("+-0")) > 4 or abs(int(exponent)) > LARGEST_EXPONENT:
        raise Fault(
            "exponent out of range", expected=f"an exponent from -{LARGEST_EXPONENT} to {LARGEST_EXPONENT}"
        )
    return Number(text, int(exponent)) if nonzero else Number(text)


def _number_hint(text: str) -> str:
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        return f"Write a decimal point: {text.replace(',', '.')}"
    if text[:1] in "\u2212\u2013" and text[1:2].isdigit():
        return "Write the minus sign as a plain hyphen: -"
    if re.fullmatch(r"[+-]?0[0-9]+(?:\.[0-9]*)?", text):
        return f"Write no leading zero: {text.replace(text.lstrip('+-'), text.lstrip('+-0')) or '0'}"
    if re.fullmatch(r"[0-9_]+(?:\.[0-9_]*)?", text) and "_" in text:
        return f"Write no underscores: {text.replace('_', '')}"
    return ""
