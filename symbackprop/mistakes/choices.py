"""Multiple-choice items: the right answer among wrong ones that mean something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from flint import ctx

from ..derivation.ledger import Ledger
from ..errors import SymbackpropError
from ..formulas.terms import Number
from ..network.graph import Graph
from ..spec.problem import Problem
from .hypothesis import Ground
from .mistaken import Mistaken
from .reading import Reading
from .sweep import Sweep
from .wrong_values import check_key, has_value, made_from, sweep_of, wanted_names

#: A distractor is no more than so many times as large or as small as the right answer: others give
#: themselves away.
FAR = 50.0

#: Mistakes that make no good distractor: nobody learns from a number that is merely miswritten.
_POOR = frozenset(
    {"digits_swapped", "rounded_too_early", "truncated", "another_activation", "times_for_over"}
)


@dataclass(frozen=True)
class Choice:
    """One choice: the number as it is printed, and what a student is told who takes it.

    mistake: the name of the mistake that leads to it; "" for the right answer.
    """

    number: Number
    mistake: str
    feedback: str
    shows: str

    @property
    def shown(self) -> str:
        """The number as text."""
        return str(self.number)

    @property
    def right(self) -> bool:
        """Whether this is the right answer."""
        return not self.mistake


@dataclass(frozen=True)
class Choices:
    """The choices of one item, in the order in which they are printed."""

    key: str
    choices: tuple[Choice, ...]

    @property
    def right(self) -> int:
        """The place of the right answer, from 0."""
        return next(place for place, choice in enumerate(self.choices) if choice.right)

    def to_data(self) -> dict[str, Any]:
        """Return the item as plain data."""
        return {
            "quantity": self.key,
            "choices": [
                {
                    "shown": choice.shown,
                    "right": choice.right,
                    "mistake": choice.mistake or None,
                    "feedback": choice.feedback,
                    "shows": choice.shows,
                }
                for choice in self.choices
            ],
        }


def distractors(
    ledger: Ledger,
    graph: Graph,
    problem: Problem,
    key: str,
    count: int = 3,
    seed: int | str = 0,
    *,
    mistakes: Iterable[str] | None = None,
    like: Sweep | None = None,
) -> Choices:
    """Return the right answer with so many wrong ones, each by another mistake, all different as printed.

    The mistakes are drawn by how often they are met, and the order of the choices with them: from the seed,
    the key and nothing else.

    Raises:
        SymbackpropError: there are not so many different wrong answers, or there is no such quantity.
    """
    sweep = sweep_of(ledger, graph, problem, like=like)
    draw = Random(f"{seed}:{key}")
    chosen: list[Mistaken] = []
    with ctx.workprec(ledger.bits):
        found = _candidates(sweep, key, mistakes)
        right = ledger.shown(key)
        taken = {_plain(right)}
        for made in filter(has_value, _drawn(found, draw)):
            if _plain(made.number) not in taken and made.mistake not in {other.mistake for other in chosen}:
                taken.add(_plain(made.number))
                chosen.append(made)
            if len(chosen) == count:
                break
        if len(chosen) < count:
            raise SymbackpropError(
                f"{key}: there are only {len(chosen)} wrong answers that differ from {right} and from "
                f"one another at the "
                f"printed digits; {count} were asked for. More digits (--digits), or fewer choices."
            )
        made_choices = [
            Choice(right, "", "Right.", _right_line(sweep, key)),
            *(Choice(made.number, made.mistake, made.student, made.shows) for made in chosen),
        ]
    draw.shuffle(made_choices)
    return Choices(key, tuple(made_choices))


def _candidates(sweep: Sweep, key: str, mistakes: Iterable[str] | None) -> list[Mistaken]:
    """Return wrong answers of a likely size, for each mistake the likeliest ones; the poor ones last."""
    check_key(sweep, key)
    size = abs(sweep.values[key])
    found = []
    for made in made_from(Ground(Reading(sweep, key), mistakes=wanted_names(mistakes))):
        value = abs(made.double)
        if not size or (value and 1 / FAR <= value / size <= FAR):
            found.append(made)
    good = [made for made in found if made.mistake not in _POOR]
    return good if len({made.mistake for made in good}) > 3 else found


def _drawn(found: list[Mistaken], draw: Random) -> Iterator[Mistaken]:
    """Yield wrong answers in an order drawn by lot, those more likely that are met more often."""
    rest = list(found)
    while rest:
        weights = [made.likelihood for made in rest]
        (made,) = draw.choices(rest, weights)
        rest = [other for other in rest if other is not made]
        yield made


def _plain(number: Number) -> str:
    """Return a printed number without the zeros at its end, so that 0.50 is 0.5."""
    text = number.text
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}e{number.exponent}" if number.exponent else text


def _right_line(sweep: Sweep, key: str) -> str:
    from ..derivation.ledger import as_written
    from ..render.plain import plain_math

    ledger = sweep.ledger
    line = plain_math(ledger.substituted(ledger.simplified(key)))
    result = plain_math(as_written(ledger.shown(key)))
    return line if line == result else f"{line} = {result}"
