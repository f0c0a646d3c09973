"""Lines broken to a width: nothing lost, nothing too wide, and where a reader would break them."""

from __future__ import annotations

from functools import singledispatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.document.blocks import MathStyle, Row, Text
from symbackprop.document.layout.breaking import INDENT, NUMBER_SPACE, elide, lay_out
from symbackprop.document.layout.width import relation_width, width
from symbackprop.formulas.brackets import arrange
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import (
    Continuation,
    Elided,
    Fraction,
    Group,
    Negation,
    Number,
    Product,
    Result,
    Sum,
    Symbol,
    Term,
    Torn,
)

STYLE = MathStyle()


def symbol(name: str) -> Symbol:
    return Symbol(Name.parse(name))


Z, X, W, B = symbol("z_1"), symbol("x_1"), symbol("w_1"), symbol("b_1")


def dot_product(count: int) -> Sum:
    """Return 0.01 x 0.51 + 0.02 x (-0.52) + ..."""
    return Sum(
        tuple(
            Product(
                (Number(f"0.{index:02d}"), Number(f"{'-' if index % 2 == 0 else ''}0.{index + 50}")), "times"
            )
            for index in range(1, count + 1)
        )
    )


# --- formulas as they are read: a sequence of signs, brackets and the rest ------------------------


@singledispatch
def tokens(term: Term) -> list[str]:
    return [repr(term)]


@tokens.register
def _(term: Sum) -> list[str]:
    found = tokens(term.terms[0])
    for item in term.terms[1:]:
        found += ["-", *tokens(item.term)] if isinstance(item, Negation) else ["+", *tokens(item)]
    return found


@tokens.register
def _(term: Product) -> list[str]:
    return [token for factor in term.factors for token in tokens(factor)]


@tokens.register
def _(term: Negation) -> list[str]:
    return ["-", *tokens(term.term)]


@tokens.register
def _(term: Group) -> list[str]:
    return ["(", *tokens(term.term), ")"]


@tokens.register
def _(term: Torn) -> list[str]:
    return ["("] * len(term.opens) + tokens(term.term) + [")"] * len(term.closes)


@tokens.register
def _(term: Continuation) -> list[str]:
    return {"plus": ["+"], "minus": ["-"]}.get(term.operator, []) + tokens(term.term)


def row_width(row: Row) -> float:
    indent = relation_width("=") + row.indent if not row.chain[0][0] else 0.0
    return indent + sum(relation_width(relation) + width(term, STYLE) for relation, term in row.chain)


def shape(rows: tuple[Row, ...]) -> list[list[str]]:
    """Return the relations of each row."""
    return [[relation for relation, _ in row.chain] for row in rows]


atoms = st.one_of(
    st.sampled_from([X, W, B, symbol("w^2_11"), symbol("output_h1")]),
    st.integers(-99999, 99999).map(lambda value: Number(f"{value / 100000:g}")),
    st.just(Fraction(Number("1"), Sum((Number("1"), X)))),
)


def compounds(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    several = st.lists(inner, min_size=1, max_size=7).map(tuple)
    signed = st.lists(st.one_of(inner, inner.map(Negation)), min_size=1, max_size=9).map(tuple)
    sign = st.sampled_from(["", "dot", "times"])
    return st.one_of(
        signed.map(Sum), st.builds(Product, several, sign), inner.map(Negation), inner.map(Group)
    )


formulas = st.recursive(atoms, compounds, max_leaves=40)
chains = st.lists(st.tuples(st.sampled_from(["=", "approx"]), formulas), min_size=1, max_size=4)


@given(chains, st.floats(6, 50), st.booleans(), st.sampled_from([None, 7]))
def test_nothing_is_lost_and_nothing_is_too_wide(
    chain: list[tuple[str, Term]], available: float, together: bool, number: int | None
) -> None:
    rows = lay_out(
        Z,
        chain,
        available=available,
        left_width=2,
        style=STYLE,
        together=together,
        number=number,
        note=(Text("so"),),
    )
    meant = [token for relation, term in chain for token in (relation, *tokens(arrange(term)))]
    read = [
        token for row in rows for relation, term in row.chain for token in (relation, *tokens(term)) if token
    ]
    assert read == meant
    for index, row in enumerate(rows):
        room = available - 2 - (NUMBER_SPACE if number and index == len(rows) - 1 else 0)
        parts = [token for _, term in row.chain for token in tokens(term) if len(token) > 1]
        assert row_width(row) <= room + 1e-6 or len(parts) == 1
    assert [row.left for row in rows] == [Z] + [None] * (len(rows) - 1)
    assert [row.number for row in rows] == [None] * (len(rows) - 1) + [number]
    assert [bool(row.note) for row in rows] == [True] + [False] * (len(rows) - 1)


@given(chains, st.floats(6, 50))
def test_laying_out_again_gives_the_same_and_the_layout_stays_arranged(
    chain: list[tuple[str, Term]], available: float
) -> None:
    first = lay_out(None, chain, available=available, left_width=0, style=STYLE)
    assert lay_out(None, chain, available=available, left_width=0, style=STYLE) == first
    for row in first:
        for _, term in row.chain:
            assert arrange(term) == term


def lay(chain: list[tuple[str, Term]], available: float = 33.0, **options: object) -> tuple[Row, ...]:
    return lay_out(Z, chain, available=available, left_width=1, style=STYLE, **options)  # type: ignore[arg-type]


NET_INPUT = Sum((Product((X, W)), Product((symbol("x_2"), symbol("w_3"))), B))
RESULT = ("=", Result(Number("0.4325")))


def test_a_short_chain_shares_a_row() -> None:
    assert shape(lay([("=", NET_INPUT), ("=", dot_product(2)), RESULT])) == [["=", "=", "="]]


def test_a_result_stays_with_the_numbers_that_it_comes_from() -> None:
    assert shape(lay([("=", NET_INPUT), ("=", dot_product(4)), RESULT])) == [["="], ["=", "="]]


def test_each_relation_on_its_own_row_on_request() -> None:
    rows = lay([("=", NET_INPUT), ("=", dot_product(2)), RESULT], together=False)
    assert shape(rows) == [["="], ["="], ["="]]


def test_a_number_takes_its_room_on_the_last_row() -> None:
    chain = [("=", NET_INPUT), ("=", dot_product(2)), RESULT]
    whole = 1 + sum(relation_width(relation) + width(arrange(term), STYLE) for relation, term in chain)
    assert len(lay(chain, whole + NUMBER_SPACE + 0.5, number=3)) == 1
    assert len(lay(chain, whole + NUMBER_SPACE - 0.5)) == 1
    assert len(lay(chain, whole + NUMBER_SPACE - 0.5, number=3)) == 2


def test_a_long_sum_breaks_before_operators_into_even_lines() -> None:
    rows = lay([("=", dot_product(64)), RESULT])
    lines = rows[:-1]
    assert shape(rows) == [["="]] + [[""]] * (len(lines) - 1) + [["="]]
    continued = [row.chain[0][1] for row in lines[1:]]
    assert all(isinstance(term, Continuation) and term.operator == "plus" for term in continued)
    assert {row.indent for row in lines[1:]} == {INDENT}
    widths = [row_width(row) for row in lines]
    assert min(widths) > 0.7 * max(widths)


def test_a_subtraction_continues_with_its_minus_sign() -> None:
    long = Sum((*dot_product(4).terms, Negation(Product((X, W, B))), Negation(dot_product(3))))
    operators = [row.chain[0][1].operator for row in lay([("=", long)])[1:]]  # type: ignore[attr-defined]
    assert operators == ["minus"]


def test_a_sum_breaks_between_its_terms_rather_than_inside_them() -> None:
    for available in range(12, 40):
        for row in lay([("=", dot_product(9))], float(available))[1:]:
            assert isinstance(row.chain[0][1], Continuation)
            assert row.chain[0][1].operator == "plus"


def test_factors_side_by_side_are_parted_by_a_sign() -> None:
    factor = Sum((Number("0.687987956"), Negation(Number("0.01"))))
    rows = lay([("=", Product((factor,) * 5))])
    (_, second) = rows
    assert isinstance(second.chain[0][1], Continuation)
    assert second.chain[0][1].operator == "times"


def test_a_bracket_breaks_only_when_it_must() -> None:
    inside = Product((dot_product(4), Number("0.2386"), X))
    whole = relation_width("=") + width(arrange(dot_product(4)), STYLE) + 2.0
    rows = lay([("=", inside)], whole)
    assert len(rows) == 2
    assert not any(isinstance(term, Torn) for row in rows for _, term in row.chain)
    opening, *_, closing = lay([("=", Product((dot_product(9), B, X)))], 30.0)
    first, last = opening.chain[0][1], closing.chain[0][1]
    assert isinstance(first, Torn)
    assert first.opens == ("round",)
    assert isinstance(last, Continuation)
    assert isinstance(last.term, Product)
    assert last.term.factors[0].closes == ("round",)  # type: ignore[attr-defined]
    assert last.term.factors[1:] == (B, X)


def test_no_line_ends_with_an_orphan() -> None:
    for count in range(5, 20):
        rows = lay([("=", dot_product(count))], 30.0)
        assert row_width(rows[-1]) > 0.5 * row_width(rows[0])


@pytest.mark.parametrize("keep", [3, 4, 8])
def test_eliding_keeps_the_ends_and_what_it_hides(keep: int) -> None:
    long = dot_product(64)
    short = elide(Product((Number("2"), long)), keep)
    assert isinstance(short, Product)
    inner = short.factors[1]
    assert isinstance(inner, Sum)
    *first, dots, last = inner.terms
    assert isinstance(dots, Elided)
    assert isinstance(dots.hidden, Sum)
    assert (*first, *dots.hidden.terms, last) == long.terms
    assert len(first) + 1 == keep
    assert elide(short, keep) == short


def test_eliding_leaves_short_sums_alone() -> None:
    assert elide(dot_product(5), 4) == dot_product(5)
    assert elide(dot_product(6), 4) != dot_product(6)


def test_a_short_factor_does_not_stand_alone() -> None:
    """0.1 x (a long sum) breaks inside the brackets, not after 0.1."""
    long = Sum(tuple(Number(f"0.{index}2345678") for index in range(1, 5)))
    for factor in ("0.1", "0.5"):
        first, *_ = lay_out(
            Z, [("=", Product((Number(factor), long), "dot"))], available=22, left_width=1, style=STYLE
        )
        ((_, begun),) = first.chain
        assert begun != Number(factor)
