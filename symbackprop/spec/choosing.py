"""What a number may be, as authors write it: ranges, lists, distributions, expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..formulas.expressions import Expression, ExpressionError, parse_expression, references
from ..formulas.terms import Number
from ..rules.activation import rational
from .choices import Choice, Kept, Listed, Normal, Range, Suggested
from .faults import Fault
from .suggest import did_you_mean, listed
from .text.numerals import parse_number

CHOICE_FORMS = (
    "a range such as -1 to 1 by 0.05, a list of numbers, {distribution: normal, mean: 0, sd: 0.5, by: 0.05}, "
    "an expression such as w5 + 0.1, auto, or fixed"
)
RANGE_FORM = "a range such as -1 to 1 by 0.05"

#: The most values that a range may have, and the most of a normal distribution, each of which is weighed.
MOST_VALUES, MOST_WEIGHED = 1_000_000, 10_000

#: A normal distribution is cut off so many standard deviations from its mean.
DEVIATIONS = 5

_RANGE = re.compile(r"(?P<low>\S.*?)\s+to\s+(?P<high>\S.*?)(?:\s+by\s+(?P<step>\S.*))?")
DISTRIBUTIONS = {"uniform": ("from", "to", "by"), "normal": ("mean", "sd", "by", "from", "to")}
_DOTS = re.compile(r"\S+ *(?:\.\.+|\N{HORIZONTAL ELLIPSIS}|\N{EN DASH}|:) *\S+")


@dataclass(frozen=True, slots=True)
class Formula(Choice):
    """An expression as it is written, before it is known what its names stand for."""

    text: str
    tree: Expression


def parse_choice(value: object) -> Choice:
    """Return what a number may be.

    Raises:
        Fault: the value is none of the forms, or its numbers do not fit together.
    """
    if value is None:
        return Kept()
    if isinstance(value, list):
        return _listed(value)
    if isinstance(value, Mapping):
        return _distribution(value)
    if not isinstance(value, str):
        raise Fault("no choice of numbers", expected=CHOICE_FORMS)
    text = value.strip()
    if text in ("auto", "fixed"):
        return Suggested() if text == "auto" else Kept()
    match = _RANGE.fullmatch(text)
    if match is not None:
        return _range(*(_in_range(match[name], text) for name in ("low", "high", "step")))
    try:
        return Listed((parse_number(text),))
    except Fault:
        return _formula(text)


def _listed(values: list[Any]) -> Listed:
    if not values:
        raise Fault("an empty list", expected="at least one number")
    numbers: list[Number] = []
    for index, value in enumerate(values):
        try:
            numbers.append(parse_number(value))
        except Fault as fault:
            raise Fault(fault.message, expected=fault.expected, hint=fault.hint, inside=(index,)) from None
    return Listed(tuple(numbers))


def _in_range(text: str | None, whole: str) -> Number | None:
    if text is None:
        return None
    try:
        return parse_number(text)
    except Fault as fault:
        raise Fault(f"{text} is not a number", expected=RANGE_FORM, hint=fault.hint) from None


def _range(low: Number | None, high: Number | None, step: Number | None) -> Range:
    assert low is not None and high is not None
    found = Range(low, high, step or _last_place(low, high))
    first, last, by = (exact(number) for number in (found.low, found.high, found.step))
    _check_step(by)
    if not first < last:
        raise Fault(f"{low} is not below {high}", expected="a range from the smaller to the larger number")
    count, rest = divmod(last - first, by)
    if rest:
        near = first + count * by
        raise Fault(
            f"{high} is not on the grid: from {low} by {found.step}",
            expected=f"an upper end such as {_plain(near)} or {_plain(near + by)}",
        )
    if count >= MOST_VALUES:
        raise Fault(f"{count + 1} numbers", expected=f"at most {MOST_VALUES}: a larger step")
    return found


def _distribution(fields: Mapping[str, Any]) -> Choice:
    kind = fields.get("distribution", "uniform")
    word = kind if isinstance(kind, str) else ""
    if word not in DISTRIBUTIONS:
        raise Fault(
            "unknown distribution",
            expected=f"one of {listed(DISTRIBUTIONS)}",
            hint=did_you_mean(word, DISTRIBUTIONS),
            inside=("distribution",),
        )
    known = ("distribution", *DISTRIBUTIONS[kind])
    for name in fields:
        if name not in known:
            raise Fault(
                "unknown field",
                expected=f"one of {listed(known)}",
                hint=did_you_mean(name, known),
                inside=(name,),
            )
    numbers = {name: _field(fields, name) for name in DISTRIBUTIONS[kind]}
    needed = ("from", "to") if kind == "uniform" else ("mean", "sd", "by")
    for name in needed:
        if numbers[name] is None:
            raise Fault(f"missing: {name}", expected=f"{', '.join(needed)} of a {kind} distribution")
    if kind == "uniform":
        return _range(numbers["from"], numbers["to"], numbers["by"])
    mean, deviation, step = (numbers[name] for name in needed)
    assert mean is not None and deviation is not None and step is not None
    return _normal(Normal(mean, deviation, step, numbers["from"], numbers["to"]))


def _field(fields: Mapping[str, Any], name: str) -> Number | None:
    if fields.get(name) is None:
        return None
    try:
        return parse_number(fields[name])
    except Fault as fault:
        raise Fault(fault.message, expected=fault.expected, hint=fault.hint, inside=(name,)) from None


def _normal(normal: Normal) -> Normal:
    mean, deviation, step = (exact(n) for n in (normal.mean, normal.deviation, normal.step))
    if deviation <= 0:
        raise Fault("not above zero", expected="a standard deviation above 0", inside=("sd",))
    _check_step(step, "by")
    if 2 * DEVIATIONS * deviation / step > MOST_WEIGHED:
        raise Fault("too fine a grid", expected=f"at least {_plain(deviation / 1000)}", inside=("by",))
    low = mean - DEVIATIONS * deviation if normal.low is None else exact(normal.low)
    high = mean + DEVIATIONS * deviation if normal.high is None else exact(normal.high)
    low, high = max(low, mean - DEVIATIONS * deviation), min(high, mean + DEVIATIONS * deviation)
    if -(-low // step) > high // step:
        raise Fault(
            f"no multiple of {normal.step} in the range, or within {DEVIATIONS} sd of the mean",
            expected="a finer grid or a wider range",
        )
    return normal


def _check_step(step: Fraction, *inside: str) -> None:
    if step <= 0:
        raise Fault("the step is not above zero", expected="a step such as 0.05", inside=inside)


def _formula(text: str) -> Formula:
    hint = "A range is written -1 to 1 by 0.05." if _DOTS.fullmatch(text) else ""
    try:
        tree = parse_expression(text)
    except ExpressionError as error:
        message = "no choice of numbers" if hint else f"{error.message} (column {error.column})"
        raise Fault(message, expected=CHOICE_FORMS, hint=hint) from None
    if not references(tree):
        raise Fault("an expression without a name", expected=CHOICE_FORMS, hint=hint)
    if text in _WORDS:
        raise Fault("no choice of numbers", expected=CHOICE_FORMS, hint=f"Did you mean {_WORDS[text]}?")
    return Formula(text, tree)


_WORDS = {"keep": "fixed", "fix": "fixed", "none": "fixed", "Fixed": "fixed", "Auto": "auto", "vary": "auto"}


def exact(number: Number) -> Fraction:
    """Return the exact value of a number."""
    value = rational(number)
    assert value is not None
    return value


def _last_place(*numbers: Number) -> Number:
    """Return one unit of the last place that any of the numbers is written to."""
    if any("/" in number.text for number in numbers):
        raise Fault("a range of fractions needs its step", expected=RANGE_FORM)
    least = min((n.exponent or 0) - len(n.text.partition(".")[2]) for n in numbers)
    return Number(f"0.{'0' * (-least - 1)}1") if least < 0 else Number(f"1{'0' * least}")


def _plain(value: Fraction) -> str:
    """Return a fraction as a short decimal where it is one."""
    for places in range(12):
        if (value * 10**places).denominator == 1:
            return f"{float(value):.{places}f}"
    return str(value)
