"""Numbers as people write them: 0.0883, 0,0883, 8,83·10^-2, 8.83×10⁻², 1/3, w5 = 0.3588, n/a.

What is read is exact. What may mean two things is returned as both, and what is no number says why: nothing
is guessed, and no text raises an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .characters import DECIMAL_SEPARATOR, plain_characters

Mark = Literal[".", ","]

#: Bounds that keep an answer's exact value small: in characters, digits, and powers of ten.
LONGEST, MOST_DIGITS, LARGEST_EXPONENT = 200, 60, 400


@dataclass(frozen=True)
class Written:
    """A number that was read.

    unit: the power of ten of its last digit (-4 for 0.0883 and 8.83e-2), None for a fraction, which has no
    last digit. figures: how many digits it has from the first that is not zero on.
    """

    text: str
    value: Fraction
    unit: int | None
    figures: int


@dataclass(frozen=True, slots=True)
class Blank:
    """No answer: nothing, a dash, a question mark, n/a."""

    text: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A text that is no number, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A text that is one of several numbers, and why it is not clear which."""

    text: str
    readings: tuple[Written, ...]
    reason: str


Reading = Written | Blank | Unreadable | Ambiguous

_BLANK = re.compile(r"(?:[-?_. ]*|n\.?/?a\.?|#n/a|#nv|none|null|nan|nil|k\. ?a\.)", re.IGNORECASE)
_ERROR = re.compile(r"#[A-Z0-9/?!_]+[!?]", re.IGNORECASE)
_MONTH = "(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]{0,6}"
_DATE = re.compile(
    r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?: .*)?"
    rf"|\d{{1,2}}[-. ]+{_MONTH}\.?(?:[- ]+\d{{2,4}})?|{_MONTH}\.?[- ]\d{{1,4}}",
    re.IGNORECASE,
)
_NAMED = re.compile(r".*(?:=|[^\W\d_][^:]*:)(?P<rest>.*)", re.DOTALL)
_FRACTION = re.compile(
    r"(?P<sign>[+-] ?)?(?:(?P<whole>[0-9]{1,20}) )?(?P<top>[0-9]{1,60}) ?/ ?(?P<bottom>[0-9]{1,60})"
)
_WHOLE = r"[+-]? ?[0-9]+"
_BODY = rf"(?P<sign>[+-] ?)?(?P<body>[0-9.,' {DECIMAL_SEPARATOR}]+?)"
#: Ten to a power; pasted text may have lost what raised it, 10-2, which no one writes for a difference.
_TEN = (
    rf"10 ?(?:(?:\^|\*\*) ?(?:(?P<power>{_WHOLE})|\( ?(?P<round>{_WHOLE}) ?\)|\{{ ?(?P<curly>{_WHOLE}) ?\}})"
    r"|(?P<lost>[+-][0-9]+))"
)
_SCIENTIFIC = re.compile(rf"{_BODY} ?(?:\*|x|\\times|\\cdot) ?{_TEN}", re.IGNORECASE)
_POWER = re.compile(rf"(?P<sign>[+-] ?)?(?P<body>){_TEN.partition('|(?P<lost>')[0]})")
_DECIMAL = re.compile(rf"{_BODY}(?: ?(?:e ?(?P<exponent>{_WHOLE})|(?P<percent>%)))?", re.IGNORECASE)
_CALCULATION = re.compile(r"[0-9.,)] ?[-+*/^x] ?[-(0-9.,]")


def read_number(text: str, *, decimal_hint: Mark | None = None) -> Reading:
    """Return the number that a text is, or why it is none.

    decimal_hint: the decimal mark that its writer is known to use. Where the other one stands as one between
    thousands would (1,234 by somebody who writes points), both readings are returned; without a hint the same
    holds for either.
    """
    if len(text) > LONGEST:
        return Unreadable(f"{text[:40]}...", f"longer than {LONGEST} characters")
    plain = plain_characters(text).strip("$\"' ")
    if _BLANK.fullmatch(plain):
        return Blank(text)
    for whole, remark in ((_ERROR, "an error of a spreadsheet"), (_DATE, _A_DATE)):
        if whole.fullmatch(plain) and not _readings(plain, None):
            return Unreadable(text, remark)
    named = _NAMED.fullmatch(plain)
    plain = _bare(plain if named is None else named["rest"])
    if plain.startswith("(") and plain.endswith(")"):
        return _in_brackets(text, plain[1:-1].strip(), decimal_hint)
    return _chosen(text, plain, decimal_hint)


_A_DATE = "a date; a spreadsheet makes one of a fraction such as 1/3"


def _bare(plain: str) -> str:
    """Return a number without the full stop or the dots that end its sentence."""
    plain = plain.strip("$ ")
    while plain.endswith((".", ";", ",")):
        plain = plain[:-1].rstrip()
    return plain


def _in_brackets(text: str, inside: str, hint: Mark | None) -> Reading:
    """Read a number in brackets: with a sign it is that number, without one accounts mean minus by it."""
    inner = _chosen(text, inside, hint)
    if not isinstance(inner, Written) or inside[:1] in "+-" or not inner.value:
        return inner
    minus = Written(text, -inner.value, inner.unit, inner.figures)
    return Ambiguous(text, (inner, minus), "brackets may mean minus, as in accounts")


def _chosen(text: str, plain: str, hint: Mark | None) -> Reading:
    """Return the one reading, or say that there are none or several."""
    try:
        found = _readings(plain, hint)
    except _TooLarge as limit:
        return Unreadable(text, str(limit))
    if not found:
        return Unreadable(text, _reason(plain))
    readings = tuple(Written(text, value, unit, figures) for value, unit, figures in found)
    if len(readings) == 1:
        return readings[0]
    mark = next(c for c in plain if c in ".,")
    return Ambiguous(text, readings, f"{'a comma' if mark == ',' else 'a point'} before three digits")


def _reason(plain: str) -> str:
    """Say why a text is no number."""
    if not plain:
        return "nothing after the equals sign"
    if not any(character in "0123456789" for character in plain):
        return "no number"
    return "a calculation, not its result" if _CALCULATION.search(plain) else "not a number"


class _TooLarge(Exception):
    """A number with more digits, or a larger exponent, than any answer has."""


#: A reading before its text is joined to it: value, unit, figures.
_Read = tuple[Fraction, int | None, int]


def _readings(plain: str, hint: Mark | None) -> list[_Read]:
    """Return every number that a plain text may be.

    Raises:
        _TooLarge: it has too many digits, or too large an exponent.
    """
    fraction = _FRACTION.fullmatch(plain)
    if fraction is not None:
        return _fraction(fraction)
    scientific = _SCIENTIFIC.fullmatch(plain) or _POWER.fullmatch(plain)
    if scientific is not None:
        power = next(filter(None, scientific.groups()[2:]))
        return _scaled(scientific["sign"], scientific["body"] or "1", _whole(power))
    match = _DECIMAL.fullmatch(plain)
    if match is None:
        return []
    if match["exponent"] is not None:
        return _scaled(match["sign"], match["body"], _whole(match["exponent"]))
    if match["percent"]:
        return _scaled(match["sign"], match["body"], -2)
    found = _scaled(match["sign"], match["body"], None)
    return found[:1] if hint is not None and hint in match["body"] else found


def _fraction(match: re.Match[str]) -> list[_Read]:
    bottom = int(match["bottom"])
    if not bottom:
        return []
    size = int(match["whole"] or 0) + Fraction(int(match["top"]), bottom)
    return [(-size if (match["sign"] or "").startswith("-") else size, None, 0)]


def _whole(text: str) -> int:
    """Return the exponent that is written.

    Raises:
        _TooLarge: it is beyond the bound.
    """
    digits = text.replace(" ", "")
    if len(digits.lstrip("+-0")) > 3 or abs(int(digits)) > LARGEST_EXPONENT:
        raise _TooLarge(f"an exponent beyond {LARGEST_EXPONENT}")
    return int(digits)


def _scaled(sign: str | None, body: str, exponent: int | None) -> list[_Read]:
    """Return the readings of digits and separators, times ten to the exponent if there is one.

    Where several are left, the first has a decimal mark and the other has the same mark between thousands. A
    mantissa is never in thousands.
    """
    found: list[_Read] = []
    for before, after in dict.fromkeys(_divided(body)):
        digits = before + after
        if len(digits) > MOST_DIGITS:
            raise _TooLarge(f"more than {MOST_DIGITS} digits")
        unit = (exponent or 0) - len(after)
        size = int(digits) * Fraction(10) ** unit
        found.append((-size if sign and sign.startswith("-") else size, unit, len(digits.lstrip("0"))))
    return found if exponent is None else found[:1]


#: Digits before the decimal mark, bare or in threes with one kind of separator; those after it.
_GROUPED = {mark: re.compile(rf"[0-9]*|[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+") for mark in "' .,"}
_AFTER = re.compile(r"[0-9]*|[0-9]{3}(?: [0-9]{3})*(?: [0-9]{1,3})?")
_NO_SEPARATORS = str.maketrans("", "", "' .,")


def _divided(body: str) -> Iterator[tuple[str, str]]:
    """Yield the digits before and after each mark that may be the decimal one, and last those without one."""
    for mark in (DECIMAL_SEPARATOR, ".", ",", ""):
        before, found, after = body.partition(mark) if mark else (body, "", "")
        used = {separator for separator in "' .," if separator in before}
        if found != mark or len(used) > 1 or not _AFTER.fullmatch(after):
            continue
        if any(map(str.isdigit, body)) and _GROUPED[next(iter(used), " ")].fullmatch(before):
            yield before.translate(_NO_SEPARATORS), after.replace(" ", "")


def spelled(written: Written) -> str:
    """Return a number as it was read: a decimal to its last digit, or a fraction."""
    if written.unit is None or written.unit > 0:
        return str(written.value)
    places = -written.unit
    digits = str(int(abs(written.value) * 10**places)).zfill(places + 1)
    sign = "-" if written.value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def read_answers(texts: Mapping[str, str], decimal_hint: Mark | None = None) -> dict[str, Reading]:
    """Return one writer's numbers; the clear ones tell the decimal mark by which the others are read.

    decimal_hint: the mark to read by where they do not tell.
    """
    found = {item: read_number(text) for item, text in texts.items()}
    hint = decimal_mark(found.values()) or decimal_hint
    unclear = [item for item, reading in found.items() if isinstance(reading, Ambiguous)]
    return found | {item: read_number(texts[item], decimal_hint=hint) for item in unclear}


def decimal_mark(readings: Iterable[Reading]) -> Mark | None:
    """Return the decimal mark that a writer's numbers surely have, None where none or both appear."""
    seen: set[str] = set()
    for reading in readings:
        if isinstance(reading, Written) and reading.unit is not None:
            marks = _MARK.findall(plain_characters(reading.text))
            if len(marks) == 1 or len(set(marks)) == 2:  # not the second of two that part thousands
                seen.add(marks[-1])
    return None if len(seen) != 1 else "," if "," in seen else "."


_MARK = re.compile(r"[.,](?=[0-9])")
