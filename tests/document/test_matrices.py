"""Matrices on the page: built from keys, elided, lined up, printed in every format."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.document.blocks import MathStyle
from symbackprop.document.layout.breaking import lay_out
from symbackprop.document.layout.matrices import MOST_ROWS, elided, fitted, lined_up, matrix_of
from symbackprop.document.layout.width import relation_width, width
from symbackprop.document.matrix.matrix_algebra import Item, Readings, lifted, product
from symbackprop.formulas.brackets import arrange
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import (
    Elided,
    Matrix,
    Negation,
    Number,
    Padded,
    Product,
    Shape,
    Sum,
    Symbol,
    Term,
    Transposed,
    Underbrace,
    keys,
    matrix,
    rebuild,
    walk,
)
from symbackprop.numbers.evaluate import NoValue, evaluate
from symbackprop.render.latex.math import latex_math
from symbackprop.render.plain.math import plain_math
from symbackprop.render.speech import speak
from symbackprop.render.typst.math import typst_math

STYLE = MathStyle()


def symbol(name: str, key: str = "") -> Symbol:
    return Symbol(Name.parse(name), key)


def grid(rows: int, columns: int, text: str = "0.{}") -> Matrix:
    return matrix(
        [Number(text.format(10 * row + column + 11)) for column in range(columns)] for row in range(rows)
    )


def test_a_matrix_is_made_of_keys_and_of_terms() -> None:
    made = matrix_of([["w1", Number("0")], ["w2", "w3"]], lambda key: symbol("w", key))
    assert made.shape == (2, 2)
    assert keys(made) == ("w1", "w2", "w3")
    assert made.transposed.rows[0] == (made.rows[0][0], made.rows[1][0])


@pytest.mark.parametrize("rows", [[], [[]], [["a"], ["a", "b"]]])
def test_ragged_and_empty_matrices_are_refused(rows: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="equally long rows"):
        matrix_of(rows, lambda key: symbol("x", key))


def test_a_matrix_is_no_number() -> None:
    for term in (grid(2, 2), Transposed(symbol("bold W"))):
        with pytest.raises(NoValue, match="a matrix is not a number"):
            evaluate(term, {})


# --- brackets -------------------------------------------------------------------------------------

W, D, F = symbol("bold W^(2)"), symbol("bold delta^(2)"), symbol("bold f")
PAIRS = [
    (Product((Product((Transposed(W), D)), F), "hadamard"), "((𝐖⁽²⁾)ᵀ𝛅⁽²⁾) ⊙ 𝐟"),
    (Product((Product((F, D), "hadamard"), Transposed(F))), "(𝐟 ⊙ 𝛅⁽²⁾)𝐟ᵀ"),
    (Product((F, F, F), "hadamard"), "𝐟 ⊙ 𝐟 ⊙ 𝐟"),
    (Transposed(Sum((F, D))), "(𝐟 + 𝛅⁽²⁾)ᵀ"),
    (Transposed(Product((F, D))), "(𝐟 𝛅⁽²⁾)ᵀ"),
    (Product((Sum((F, Negation(D))), F)), "(𝐟 − 𝛅⁽²⁾)𝐟"),
    (Underbrace(W, Shape(2, 13)), "𝐖⁽²⁾₂ₓ₁₃"),
    (Product((Number("-0.5"), grid(1, 2))), "−0.5[0.11, 0.12]"),
    (matrix([[Number("-1")], [Elided(Number("2"), "down")]]), "[−1; ⋮]"),
]


@pytest.mark.parametrize(("term", "text"), PAIRS, ids=[text for _, text in PAIRS])
def test_brackets_by_precedence(term: Term, text: str) -> None:
    assert plain_math(term) == text
    assert arrange(arrange(term)) == arrange(term)


def test_what_is_read_aloud() -> None:
    assert speak(grid(2, 1)) == "column vector 0.11; 0.21; end of vector"
    assert speak(grid(1, 2)) == "row vector 0.11; 0.12; end of vector"
    assert speak(grid(2, 2)).startswith("matrix of 2 rows and 2 columns, row 1: 0.11, 0.12; row 2:")
    assert speak(Product((F, F), "hadamard")) == "bold f times entry by entry bold f"
    assert speak(Underbrace(F, Shape(2, 3))) == "bold f, labelled 2 by 3"
    assert speak(Transposed(F)) == "bold f transposed"


# --- too large ------------------------------------------------------------------------------------


@given(st.integers(1, 30), st.integers(1, 30), st.floats(8, 40))
def test_an_elided_matrix_fits_and_keeps_its_entries(rows: int, columns: int, room: float) -> None:
    whole = grid(rows, columns, "{}.25")
    shown = elided(whole, room, STYLE)
    assert shown.shape[0] <= MOST_ROWS
    assert width(shown, STYLE) <= room or shown.shape[1] <= 3
    numbers = sorted(str(node) for node in walk(shown) if isinstance(node, Number))
    assert numbers == sorted(str(node) for node in walk(whole) if isinstance(node, Number))
    assert shown.rows[0][0] == whole.rows[0][0]
    assert shown.rows[-1][-1] == whole.rows[-1][-1]
    assert elided(shown, room, STYLE) == shown
    assert shown.transposed.transposed == shown


def test_dots_run_the_way_of_what_they_stand_for() -> None:
    shown = elided(grid(20, 20), 12.0, STYLE)
    assert [getattr(entry, "dots", "") for entry in shown.rows[0]][-2:] == ["across", ""]
    assert [getattr(entry, "dots", "") for entry in shown.rows[-2]][-3:] == ["down", "diagonal", "down"]
    assert plain_math(shown).endswith("⋮, ⋱, ⋮; 0.201, ⋯, 0.220]")


def test_a_wide_equation_breaks_at_its_operators_with_a_dot_between_matrices() -> None:
    chain = [("=", Product((grid(3, 4), grid(4, 3))))]
    rows = lay_out(symbol("z"), chain, available=20.0, left_width=1.0, style=STYLE)
    operators = [getattr(row.chain[0][1], "operator", "=") for row in rows]
    assert operators == ["=", "dot"]
    for row in rows:
        taken = sum(relation_width(relation) + width(term, STYLE) for relation, term in row.chain)
        assert taken + row.indent + (relation_width("=") if row.indent else 0) <= 19.0


# --- in line --------------------------------------------------------------------------------------

numbers = st.builds(
    lambda digits, places, exponent: Number(f"{digits / 10**places:.{places}f}", exponent),
    st.integers(-(10**6), 10**6),
    st.integers(0, 6),
    st.sampled_from([None, None, None, -4, -12]),
)


@given(st.lists(numbers, min_size=1, max_size=6))
def test_decimal_points_stand_below_each_other(column: list[Number]) -> None:
    made = lined_up(matrix_of([[number] for number in column], symbol), STYLE)
    fronts, widths = set(), set()
    for (entry,) in made.rows:
        number = entry.term if isinstance(entry, Padded) else entry
        before = entry.before if isinstance(entry, Padded) else 0.0
        assert isinstance(number, Number)
        fronts.add(round(before + width(Number(number.text.partition(".")[0]), STYLE), 2))
        widths.add(round(width(entry, STYLE), 2))
    assert max(fronts) - min(fronts) < 0.02
    assert max(widths) - min(widths) < 0.02
    assert lined_up(made, STYLE) == made


def test_columns_that_are_not_all_numbers_are_left_as_they_are() -> None:
    mixed = matrix([[Number("1.5")], [symbol("x")]])
    assert lined_up(mixed, STYLE) == mixed


# --- statements in several layouts ----------------------------------------------------------------


def item(name: str, rows: int, columns: int, *, turned: bool = False) -> Item:
    made = matrix([symbol(f"{name}_{row}{column}") for column in range(columns)] for row in range(rows))
    return Item(symbol(f"bold {name}"), made.transposed if turned else made, turned)


def test_a_product_is_turned_with_its_factors() -> None:
    w, x = item("W", 2, 3), item("x", 3, 1)
    assert plain_math(product([w, x], False)) == "𝐖 𝐱"
    assert plain_math(product([w, x], True)) == "𝐱ᵀ𝐖ᵀ"
    turned = [item("W", 2, 3, turned=True), item("x", 3, 1, turned=True)]
    assert plain_math(product(turned, True)) == "𝐱 𝐖"
    assert plain_math(product(turned, False)) == "𝐖ᵀ𝐱ᵀ"


def test_readings_of_one_formula() -> None:
    readings = Readings()
    w, x = readings.name(item("W", 2, 3)), readings.name(item("x", 2, 1))
    formula = product([Item(w.term, w.entries, True), x], False)
    assert plain_math(readings.shaped(formula)) == "𝐖ᵀ₃ₓ₂𝐱₂ₓ₁"
    assert plain_math(readings.written_out(formula)) == "[W₀₀, W₁₀; W₀₁, W₁₁; W₀₂, W₁₂][x₀₀; x₁₀]"


def test_formulas_of_entries_that_are_one_formula_of_vectors() -> None:
    o, t = item("o", 2, 1), item("t", 2, 1)

    def entry(row: int, factor: Term | None = None) -> Term:
        difference = Sum((o.entries.rows[row][0], Negation(t.entries.rows[row][0])))
        return difference if factor is None else Product((factor, difference))

    same = matrix([[entry(0)], [entry(1)]])
    assert plain_math(lifted(same, [o, t], False)) == "𝐨 − 𝐭"  # type: ignore[arg-type]
    doubled = matrix([[entry(row, Number("2"))] for row in (0, 1)])
    assert plain_math(lifted(doubled, [o, t], False)) == "2(𝐨 − 𝐭)"  # type: ignore[arg-type]
    for other in (
        matrix([[entry(0)], [entry(0)]]),  # not its own row's entries
        matrix([[entry(0)], [entry(1, Number("2"))]]),  # not alike
        matrix([[entry(row, o.entries.rows[row][0])] for row in (0, 1)]),  # not linear
    ):
        assert lifted(other, [o, t], False) is None


# --- in every format ------------------------------------------------------------------------------

leaves = st.one_of(
    numbers, st.sampled_from([symbol("x_1"), symbol("w^(2)_11"), symbol("bold W^(1)"), symbol("bold hat y")])
)


@st.composite
def matrices(draw: st.DrawFn, inner: st.SearchStrategy[Term]) -> Term:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    return matrix([draw(inner) for _ in range(columns)] for _ in range(rows))


formulas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        matrices(leaves),
        inner.map(Transposed),
        st.builds(
            Product,
            st.lists(inner, min_size=2, max_size=3).map(tuple),
            st.sampled_from(["", "hadamard", "dot"]),
        ),
        st.lists(st.one_of(inner, inner.map(Negation)), min_size=2, max_size=3).map(tuple).map(Sum),
        st.builds(Underbrace, inner, st.builds(Shape, st.integers(1, 99), st.integers(1, 99))),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(formulas)
def test_random_formulas_of_matrices_are_printed_in_every_format(term: Term) -> None:
    arranged = arrange(term)
    assert arrange(arranged) == arranged
    shown = fitted(arranged, 30.0, STYLE)
    assert rebuild(shown, lambda child: child) is shown
    assert width(shown, STYLE) > 0
    for text in (latex_math(shown), typst_math(shown), plain_math(shown), speak(shown)):
        assert text
        assert "+ -" not in text
    source = latex_math(shown)
    assert source.count(r"\begin{entries}") == source.count(r"\end{entries}")
    assert source.count("{") == source.count("}")


NAMES = [
    (
        "bold W^(2)",
        r"\mathbf{W}^{(2)}",
        "bold(upright(W))^(\\( 2 \\))",
        "𝐖⁽²⁾",
        "bold W superscript 2 in brackets",
    ),
    ("bold delta_1", r"\boldsymbol{\delta}_1", "bold(delta)_1", "𝛅₁", "bold delta 1"),
    ("bold hat y", r"\hat{\mathbf{y}}", "hat(bold(upright(y)))", "𝐲\u0302", "bold y hat"),
    ("bold net'", r"\mathbf{net}'", 'bold(upright("net"))\'', "𝐧𝐞𝐭′", "bold net prime"),
]


@pytest.mark.parametrize(("name", "tex", "typst", "plain", "spoken"), NAMES, ids=[row[0] for row in NAMES])
def test_bold_names(name: str, tex: str, typst: str, plain: str, spoken: str) -> None:
    parsed = Name.parse(name)
    assert str(parsed) == name
    assert parsed.with_sup("new").bold and parsed.with_sub("3").bold and parsed.primed().bold
    term = Symbol(parsed)
    assert latex_math(term) == tex
    assert typst_math(term) == typst
    assert plain_math(term) == plain
    assert speak(term) == spoken


def test_a_matrix_in_the_markup_of_both_engines() -> None:
    term = matrix([[Number("-0.5"), symbol("w^(1)_12")], [Elided(Number("1"), "down"), Number("2")]])
    assert latex_math(term) == r"\begin{entries}[1.45]{2} -0.5 & w_{12}^{(1)} \\ \vdots & 2 \end{entries}"
    assert typst_math(term) == "entries(-0.5, w_12^(\\( 1 \\)); dots.v, 2;)"
    assert latex_math(Transposed(symbol("bold x"))) == r"\mathbf{x}^{\mathsf{T}}"
    assert typst_math(Transposed(symbol("bold x"))) == "bold(upright(x))^upright(sans(T))"
    padded = Padded(Number("1"), 0.5, 0.25)
    assert latex_math(padded) == r"\hspace{0.5em}1\hspace{0.25em}"
    assert typst_math(padded) == "padded(#0.5, 1, #0.25)"
