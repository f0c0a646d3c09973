"""The draws that a variant is made of: single numbers, classes that change places, shares of a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from flint import fmpq

from ..formulas.terms import Number, Term
from ..numbers.digits import number_value
from ..numbers.evaluate import NoValue, RealTable, evaluate_real
from ..spec.given import negated
from .pools import Drawn, Pool, Style, last_place
from .stream import Stream


@dataclass
class Hand:
    """What has been drawn so far: numbers by key, and in each group who has which value."""

    numbers: dict[str, Drawn] = field(default_factory=dict)
    taken: dict[str, dict[fmpq, list[str]]] = field(default_factory=dict)

    def put(self, key: str, drawn: Drawn) -> None:
        """Enter a number."""
        self.numbers[key] = drawn


@dataclass(frozen=True)
class Draw:
    """A part of a variant's numbers, drawn together."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the numbers that are drawn."""
        raise NotImplementedError

    @property
    def ways(self) -> int:
        """How many different outcomes there are."""
        raise NotImplementedError

    @property
    def negative(self) -> float:
        """How many negative numbers are expected."""
        raise NotImplementedError

    def make(self, stream: Stream, hand: Hand) -> None:
        """Draw, and enter the numbers."""
        raise NotImplementedError


@dataclass(frozen=True)
class Single(Draw):
    """One number, which may stand at several places: an input that is the same in all samples.

    group: numbers of a group differ from one another, but for those that are `alike` in the problem itself.
    turned: a key that has the same number with the other sign.
    """

    places: tuple[str, ...]
    pool: Pool
    group: str = ""
    alike: frozenset[str] = frozenset()
    turned: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all places."""
        return (*self.places, self.turned) if self.turned else self.places

    @property
    def ways(self) -> int:
        """How many different numbers there are."""
        return self.pool.size

    @property
    def negative(self) -> float:
        """How probable a negative number is."""
        return self.pool.negative * len(self.places)

    def make(self, stream: Stream, hand: Hand) -> None:
        """Draw a number that no other of the group has."""
        first = self.places[0]
        if self.group:
            held = hand.taken.setdefault(self.group, {})
            taken = held.keys() if not self.alike else self._taken(held)
            drawn = self.pool.draw(stream, taken)
            held.setdefault(drawn[1], []).append(first)
        else:
            drawn = self.pool.draw(stream)
        for place in self.places:
            hand.put(place, drawn)
        if self.turned:
            number = negated(drawn[0])
            hand.put(self.turned, (number, number_value(number)))

    def _taken(self, held: Mapping[fmpq, list[str]]) -> set[fmpq]:
        return {value for value, keys in held.items() if not self.alike.issuperset(keys)}


@dataclass(frozen=True)
class Places(Draw):
    """Classes that change places: the same permutation for all rows, which are of one width.

    One-hot targets get another class, binary inputs another order, alike in all samples: samples that differ
    still do.
    """

    rows: tuple[tuple[str, ...], ...]
    numbers: Mapping[str, Number]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all rows."""
        return tuple(key for row in self.rows for key in row)

    @property
    def ways(self) -> int:
        """How many different orders there are, columns that are alike in all rows counted once."""
        columns = list(zip(*([str(self.numbers[key]) for key in row] for row in self.rows), strict=True))
        ways, seen = 1, dict[tuple[str, ...], int]()
        for count, column in enumerate(columns, start=1):
            seen[column] = seen.get(column, 0) + 1
            ways = ways * count // seen[column]
        return ways

    @property
    def negative(self) -> float:
        """How many negative numbers there are, in whatever order."""
        return sum(number.negative for number in self.numbers.values())

    def make(self, stream: Stream, hand: Hand) -> None:
        """Draw the order."""
        order = stream.permutation(len(self.rows[0]))
        for row in self.rows:
            for key, place in zip(row, order, strict=True):
                number = self.numbers[row[place]]
                hand.put(key, (number, number_value(number)))


@dataclass(frozen=True)
class Classes(Draw):
    """Two classes that are exchanged or not, everywhere at once: 0 and 1, or -1 and 1."""

    numbers: Mapping[str, tuple[Number, Number]]  # by key the number as it is, and the other one

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the targets."""
        return tuple(self.numbers)

    @property
    def ways(self) -> int:
        """Two."""
        return 2

    @property
    def negative(self) -> float:
        """How many are negative on average."""
        return sum(one.negative + other.negative for one, other in self.numbers.values()) / 2

    def make(self, stream: Stream, hand: Hand) -> None:
        """Draw whether they are exchanged."""
        side = stream.below(2)
        for key, pair in self.numbers.items():
            hand.put(key, (pair[side], number_value(pair[side])))


@dataclass(frozen=True)
class Shares(Draw):
    """Numbers above zero (with `zero`: not below it) on a grid whose sum is 1; all ways equally likely."""

    places: tuple[str, ...]
    parts: int  # so many steps make 1
    style: Style
    zero: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the shares."""
        return self.places

    @property
    def ways(self) -> int:
        """How many ways there are to cut the steps into shares."""
        slots, cuts = self._slots, len(self.places) - 1
        ways = 1
        for index in range(cuts):
            ways = ways * (slots - index) // (index + 1)
        return ways

    @property
    def negative(self) -> float:
        """None."""
        return 0.0

    @property
    def _slots(self) -> int:
        """Between which of the steps, and of as many more as there are shares, cuts may fall."""
        return self.parts + len(self.places) - 1 if self.zero else self.parts - 1

    def make(self, stream: Stream, hand: Hand) -> None:
        """Draw where the whole is cut."""
        cuts = sorted(stream.permutation(self._slots)[: len(self.places) - 1])
        before = -1
        for place, cut in zip(self.places, [*cuts, self._slots], strict=True):
            steps = cut - before - (1 if self.zero else 0)
            before = cut
            number = self.style.write(Fraction(steps, self.parts))
            hand.put(place, (number, number_value(number)))


@dataclass(frozen=True)
class Computed(Draw):
    """A number that an expression of other numbers gives; these are drawn before it.

    given: the numbers that stay, by key. places: as many decimals as the expression's own numbers have are
    kept where they are zeros.
    """

    place: str
    term: Term
    given: Mapping[str, Drawn]
    uses: tuple[str, ...]
    places: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The key of the number."""
        return (self.place,)

    @property
    def ways(self) -> int:
        """One, given the others."""
        return 1

    @property
    def negative(self) -> float:
        """Unknown, and counted as none."""
        return 0.0

    def make(self, stream: Stream, hand: Hand) -> None:
        """Compute the number.

        Raises:
            NoValue: it divides by zero, or is too long a number.
        """
        used = {key: hand.numbers[key] if key in hand.numbers else self.given[key] for key in self.uses}
        value = evaluate_real(self.term, RealTable({key: drawn[1] for key, drawn in used.items()}))
        if not isinstance(value, fmpq):
            raise NoValue(f"{self.place} is no exact number")
        least = max([self.places, *(last_place(drawn[0]) for drawn in used.values())])
        hand.put(self.place, (written(Fraction(int(value.p), int(value.q)), least), value))


def written(value: Fraction, least: int = 0) -> Number:
    """Return a value as a decimal of at least so many places, or as a fraction where it is none."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest > 1:
        return Style(0, fraction=True).write(value)
    places = max(twos, fives, least)
    return Style(places, places).write(value)
