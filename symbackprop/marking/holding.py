"""An answer held against what is right: as printed, by carrying the other way, within the tolerance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ..formulas.terms import Number
from ..numbers.certified import round_fraction
from ..numbers.digits import number_value, show
from ..numbers.rounding import Rounding
from .accepting import (
    Interval,
    as_fraction,
    as_rational,
    printed,
    rounding_interval,
    tolerance_interval,
)
from .paper import Question, Scheme, Solved
from .reading import Written
from .result import Compared, Status

#: An answer of fewer digits than asked for has at least so many from the first that is not zero on.
LEAST_FIGURES = 2

ALL, NOTHING = Fraction(1), Fraction(0)


@dataclass(frozen=True, slots=True)
class Held:
    """How an answer compares with what is right: the status, its share of the points, the comparisons."""

    status: Status
    share: Fraction
    compared: tuple[Compared, ...]


def hold(question: Question, solved: Solved, written: Written, scheme: Scheme) -> Held:
    """Hold an answer against everything that is right whatever else its writer answered, until it fits."""
    rounding = solved.ledger.policy.of(question.key)
    answer, value = printed(solved.ledger, question.key, rounding=rounding), read_out(written, rounding)
    compared: list[Compared] = []
    for status, against, number, interval in _right(question, solved, scheme, answer, rounding):
        fits = value in interval
        compared.append(Compared(against, number, interval, fits))
        if fits:
            return Held(status, ALL, tuple(compared))
    return Held("wrong", NOTHING, tuple(compared))


def hold_short(question: Question, solved: Solved, written: Written, scheme: Scheme) -> Held:
    """Hold an answer of fewer digits than asked for against what the right one is to as many."""
    rounding = solved.ledger.policy.of(question.key)
    coarse = coarser(written, printed(solved.ledger, question.key, rounding=rounding), rounding)
    if coarse is None:
        return Held("wrong", NOTHING, ())
    short = printed(solved.ledger, question.key, rounding=coarse)
    interval = Interval(short, short)
    fits = written.value in interval
    words = "the right answer to as many digits as are written"
    compared = (Compared(words, short, interval, fits),)
    return Held("fewer_digits", scheme.fewer_digits, compared) if fits else Held("wrong", NOTHING, compared)


def _right(
    question: Question, solved: Solved, scheme: Scheme, answer: Number, rounding: Rounding
) -> Iterator[tuple[Status, str, Number, Interval]]:
    """Yield what earns marks by itself, each worked out only if none before did fit."""
    yield "right", "the right answer", answer, rounding_interval(answer, rounding)
    other, words = _otherwise(question.key, solved, rounding)
    if other is not None and other != answer:
        yield "carried", words, other, rounding_interval(other, rounding)
    tolerance = question.tolerance or scheme.tolerance
    if tolerance is not None:
        words = "the right answer within the tolerance"
        yield "tolerance", words, answer, tolerance_interval(answer, tolerance)


def _otherwise(key: str, solved: Solved, rounding: Rounding) -> tuple[Number | None, str]:
    """Return what the other way to carry gives: rounded values, or unrounded where the sheet rounds."""
    base = key.partition("~")[0]
    if solved.ledger.policy.carry == "shown":
        return solved.ledger.rounded(base, rounding), "the value with nothing rounded on the way"
    carried = solved.carried.get(base)
    if carried is None:
        return None, ""
    return show(number_value(carried), rounding), "the value with every result rounded on the way"


def read_out(written: Written, rounding: Rounding) -> Fraction:
    """Return the value of an answer, one of more digits than a calculator shows rounded as it shows it."""
    if rounding.readout is None or written.figures <= rounding.readout:
        return written.value
    return as_fraction(show(as_rational(written.value), Rounding(rounding.readout, mode="half_up")))


def coarser(written: Written, answer: Number, rounding: Rounding) -> Rounding | None:
    """Return the rounding to the digits of an answer where they are fewer than asked for, else None."""
    if written.unit is None or written.figures < LEAST_FIGURES:
        return None
    value = number_value(answer)
    asked = round_fraction(int(value.p), int(value.q), rounding.bare).unit
    if written.unit <= asked:
        return None
    exponent = written.unit if written.unit > 0 else None
    places = max(0, -written.unit)
    return Rounding(places, "places", rounding.mode, zeros="keep", exponent=exponent, scientific_below=None)
