"""The display algebra: formulas kept exactly as their author ordered them.

A term is the one statement of a formula. What a page shows, what SymPy differentiates and what is
evaluated are conversions of it (`render`, `symbolic`, `evaluate`); none of them restates it. The
algebra never reorders, never simplifies and never evaluates by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .compiled import compiled
from .names import Name

#: Height, in em, of a line that is written by hand.
HAND = 1.9


@dataclass(frozen=True, slots=True)
class Term:
    """A node of a formula."""

    def parts(self) -> tuple[Term, ...]:
        """Return the direct sub-terms, left to right."""
        return ()

    def rebuilt(self, change: Callable[[Term], Term]) -> Term:
        """Return the term with `change` applied to each direct sub-term; itself where nothing changed."""
        return self


@compiled
@dataclass(frozen=True, slots=True)
class Symbol(Term):
    """A named quantity; `key` is the quantity key whose value it stands for."""

    name: Name
    key: str = ""


@compiled
@dataclass(frozen=True, slots=True)
class Number(Term):
    """A printed number: a decimal or fraction `text`, times ten to the `exponent` if that is set.

    The text keeps the digits as they were written or rounded ("0.40" stays "0.40") and carries the
    sign. With an exponent it is a mantissa: `Number("-4.83", -4)` is -4.83 times ten to the -4.
    """

    text: str
    exponent: int | None = None

    @property
    def negative(self) -> bool:
        """Whether the number is printed with a minus sign."""
        return self.text.startswith("-")

    @property
    def magnitude(self) -> Number:
        """The number without its sign."""
        return Number(self.text[1:], self.exponent) if self.negative else self

    def __str__(self) -> str:
        """Return the plain form: "0.40", "-4.83e-4"."""
        return self.text if self.exponent is None else f"{self.text}e{self.exponent}"

    @classmethod
    def parse(cls, text: str) -> Number:
        """Read the plain form back."""
        mantissa, mark, exponent = text.partition("e")
        return cls(mantissa, int(exponent) if mark else None)


@compiled
@dataclass(frozen=True, slots=True)
class Sum(Term):
    """Terms added in this order; a `Negation` after the first is subtracted."""

    terms: tuple[Term, ...]


@compiled
@dataclass(frozen=True, slots=True)
class Product(Term):
    """Factors multiplied in this order.

    `sign` is what stands between them: "" (side by side), "dot", "times", "star" or, entry by entry,
    "hadamard". After `brackets.arrange` it may also be a tuple, one sign for each gap.
    """

    factors: tuple[Term, ...]
    sign: str | tuple[str, ...] = ""


@compiled
@dataclass(frozen=True, slots=True)
class Negation(Term):
    """Minus a term."""

    term: Term


@compiled
@dataclass(frozen=True, slots=True)
class Fraction(Term):
    """A fraction with a bar; `inline` asks for a slash."""

    numerator: Term
    denominator: Term
    inline: bool = False


@compiled
@dataclass(frozen=True, slots=True)
class Power(Term):
    """A base to an exponent."""

    base: Term
    exponent: Term


@compiled
@dataclass(frozen=True, slots=True)
class Call(Term):
    """A function of arguments.

    A `function` of `functions.FUNCTIONS` (exp, ln, tanh, ...) has a value. Any other is only a name
    for display, such as sigma or the author's g, printed as `name` says.
    """

    function: str
    arguments: tuple[Term, ...]
    name: Name | None = None


@compiled
@dataclass(frozen=True, slots=True)
class Partial(Term):
    """A partial derivative of `of` by `by`.

    With `key` it stands for that quantity's value. When `of` is not a symbol the derivative is
    printed as an operator before the bracketed expression.
    """

    of: Term
    by: Term
    key: str = ""
    total: bool = False  # an upright d: the derivative of a function of one variable


@compiled
@dataclass(frozen=True, slots=True)
class Group(Term):
    """Explicit brackets, "round" or "square"."""

    term: Term
    bracket: str = "round"


@compiled
@dataclass(frozen=True, slots=True)
class Underbrace(Term):
    """A term with a brace under it and a label below the brace."""

    term: Term
    label: Term


@compiled
@dataclass(frozen=True, slots=True)
class Words(Term):
    """Upright text inside a formula."""

    text: str


@compiled
@dataclass(frozen=True, slots=True)
class Summation(Term):
    """A sum sign over an index: lower and upper bounds may be absent."""

    term: Term
    lower: Term | None = None
    upper: Term | None = None


@compiled
@dataclass(frozen=True, slots=True)
class Comparison(Term):
    """A relation between two terms: "greater", "greater_equal", "less", "less_equal" or "equal"."""

    left: Term
    relation: str
    right: Term


@compiled
@dataclass(frozen=True, slots=True)
class Cases(Term):
    """A value by cases, one line each: `values[i]` if `conditions[i]` holds.

    The first condition that holds decides. The last condition may be `Words("otherwise")`.
    """

    values: tuple[Term, ...]
    conditions: tuple[Term, ...]


@compiled
@dataclass(frozen=True, slots=True)
class Result(Term):
    """A final result, set in a light box.

    With a `width` it fills a gap of that width and height, and needs no brackets of its own. Where it is
    wider than the gap it is set smaller: by `scale`.
    """

    term: Term
    width: float = 0.0
    height: float = HAND
    scale: float = 1.0


@compiled
@dataclass(frozen=True, slots=True)
class Blank(Term):
    """A gap to be filled in by hand; `answer` is what belongs there.

    No renderer prints the answer: `document.worksheet.filling` puts a `Result` in the gap's place on keys.
    """

    answer: Term
    width: float = 3.0  # in em
    height: float = HAND


@compiled
@dataclass(frozen=True, slots=True)
class Slot(Term):
    """The place of a number that a document brings along by this name (`Document.numbers`).

    Lines with slots are written once for all the papers of a class, and the numbers put in paper by paper. A
    slot stands alone in a box, where no bracket and no sign depends on what is put in.
    """

    name: str

    @property
    def mark(self) -> str:
        """What stands in a source text until the number is put in."""
        return f"\N{LEFT WHITE SQUARE BRACKET}{self.name}\N{RIGHT WHITE SQUARE BRACKET}"


@compiled
@dataclass(frozen=True, slots=True)
class Elided(Term):
    """Terms left out of a long sum, printed as three dots at the height of the operators.

    What is left out stays in `hidden`, so that the formula keeps its meaning and its value. In a
    matrix the dots run the way the entries do that they stand for: "across", "down" or "diagonal".
    """

    hidden: Term
    dots: str = "across"


@compiled
@dataclass(frozen=True, slots=True)
class Continuation(Term):
    """The part of a formula that continues the line above: an operator and what follows it.

    operator: "plus" or "minus", or a multiplication sign: "times", "dot", "star", "hadamard". It is printed
    with the spacing of an operator between two terms.
    """

    operator: str
    term: Term


@compiled
@dataclass(frozen=True, slots=True)
class Torn(Term):
    """The part, on one line, of a bracketed term that runs over several lines.

    opens: brackets printed before the term and closed on a later line, from the outermost in;
    closes: brackets printed after it that an earlier line opened, from the innermost out. Each is
    "round" or "square". A line in the middle has neither and is printed as the bare term.
    """

    term: Term
    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()


@compiled
@dataclass(frozen=True, slots=True)
class Matrix(Term):
    """Entries in rows and columns between square brackets; one column makes a column vector.

    All rows are equally long; `matrix` checks that.
    """

    rows: tuple[tuple[Term, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and how many columns are printed."""
        return len(self.rows), len(self.rows[0])

    @property
    def transposed(self) -> Matrix:
        """The matrix with rows and columns exchanged."""
        return Matrix(tuple(tuple(map(_turned, column)) for column in zip(*self.rows, strict=True)))


def _turned(entry: Term) -> Term:
    if not isinstance(entry, Elided):
        return entry
    hidden = entry.hidden.transposed if isinstance(entry.hidden, Matrix) else entry.hidden
    return Elided(hidden, {"across": "down", "down": "across"}.get(entry.dots, entry.dots))


def matrix(rows: Iterable[Iterable[Term]]) -> Matrix:
    """Return the matrix with these entries, row by row.

    Raises:
        ValueError: there is no entry, or the rows are not equally long.
    """
    made = tuple(tuple(row) for row in rows)
    lengths = {len(row) for row in made}
    if len(lengths) != 1 or 0 in lengths:
        found = ", ".join(str(len(row)) for row in made) or "no row"
        raise ValueError(f"a matrix has equally long rows, each of one entry at least; given: {found}")
    return Matrix(made)


@compiled
@dataclass(frozen=True, slots=True)
class Transposed(Term):
    """A matrix transposed: the term with an upright T as its superscript."""

    term: Term


@compiled
@dataclass(frozen=True, slots=True)
class Shape(Term):
    """The shape of a matrix, rows before columns, printed 2 x 3: a label for a brace."""

    rows: int
    columns: int


@compiled
@dataclass(frozen=True, slots=True)
class Padded(Term):
    """A term with empty room on both sides, in em, which lines numbers up in a column of a matrix."""

    term: Term
    before: float = 0.0
    after: float = 0.0


def children(term: Term) -> Iterator[Term]:
    """Yield the direct sub-terms of a term, left to right."""
    return iter(term.parts())


def walk(term: Term) -> Iterator[Term]:
    """Yield a term and everything inside it, outside first, left to right."""
    pending = [term]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.parts()))


def rebuild(term: Term, change: Callable[[Term], Term]) -> Term:
    """Return the term with `change` applied to each direct sub-term."""
    return term.rebuilt(change)


def replace_keys(term: Term, change: Callable[[str, Term], Term]) -> Term:
    """Replace every keyed symbol and partial derivative by `change(key, term)`."""

    def visit(node: Term) -> Term:
        if isinstance(node, Symbol | Partial) and node.key:
            return change(node.key, node)
        return node.rebuilt(visit)

    return visit(term)


def keys(term: Term) -> tuple[str, ...]:
    """Return the quantity keys a term refers to, in reading order, each once."""
    seen: dict[str, None] = {}
    pending = [term]
    while pending:
        node = pending.pop()
        if isinstance(node, Symbol | Partial) and node.key:
            seen.setdefault(node.key)
        else:
            # a label under a brace is a name for what stands above it, not one more quantity
            pending.extend((node.term,) if isinstance(node, Underbrace) else reversed(node.parts()))
    return tuple(seen)
