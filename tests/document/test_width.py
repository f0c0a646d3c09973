"""Predicted widths against those that both engines print."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import pytest
import typst
from terms import kinds_of_term

from symbackprop.document.blocks import Document, MathStyle
from symbackprop.document.layout.glyphs import text_width
from symbackprop.document.layout.width import left_width, operator_width, relation_width, width
from symbackprop.formulas.brackets import arrange
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import (
    Blank,
    Call,
    Cases,
    Comparison,
    Continuation,
    Elided,
    Fraction,
    Group,
    Matrix,
    Negation,
    Number,
    Padded,
    Partial,
    Power,
    Product,
    Result,
    Shape,
    Slot,
    Sum,
    Summation,
    Symbol,
    Term,
    Torn,
    Transposed,
    Underbrace,
    Words,
    walk,
)
from symbackprop.render.latex.document import render_latex
from symbackprop.render.latex.math import latex_math
from symbackprop.render.typst.document import render_typst
from symbackprop.render.typst.math import typst_math

STYLE = MathStyle()
NAMES = [
    "x_1", "x_2", "w_5", "w_11", "w_1,1", "w^2_1,1", "w^(2)_11", "b_1",
    "b", "z_1", "a_1", "a^1_3", "h_2", "y_1", "E", "E_total",
    "E_o1", "eta", "delta_o1", "delta_k", "sigma", "alpha", "net_h1", "out_o2",
    "output_h1", "w^new_5", "z'_1", "t_1", "o_2", "L", "W", "p",
    "theta_3", "Sigma",
]  # fmt: skip


def symbol(name: str) -> Symbol:
    return Symbol(Name.parse(name))


X, W, E = symbol("x_1"), symbol("w_5"), symbol("E")


class Formulas:
    """Makes formulas as derivations have them, at random."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def symbol(self) -> Term:
        if self.random.random() < 0.1:
            return symbol(f"hat {self.random.choice(['y_1', 'y', 'a_2'])}")
        return symbol(self.random.choice(NAMES))

    def number(self) -> Term:
        digits = self.random.randint(1, 9)
        value = f"{self.random.uniform(-1.2, 1.2):.{digits}f}"
        if self.random.random() < 0.15:
            return Number(f"{self.random.uniform(1, 9):.3f}", self.random.randint(-12, -2))
        return Number(value)

    def leaf(self) -> Term:
        return self.number() if self.random.random() < 0.45 else self.symbol()

    def few(self, make: Callable[[], Term], low: int = 2, high: int = 4) -> tuple[Term, ...]:
        return tuple(make() for _ in range(self.random.randint(low, high)))

    def term(self, depth: int) -> Term:
        if depth == 0:
            return self.leaf()

        def inner() -> Term:
            return self.term(depth - 1)

        def small() -> Term:
            return self.term(max(0, depth - 2))

        match self.random.randrange(14):
            case 0 | 1:
                return Sum(tuple(Negation(t) if self.random.random() < 0.3 else t for t in self.few(inner)))
            case 2 | 3 | 4:
                return Product(self.few(inner), self.random.choice(["", "dot", "times", "star"]))
            case 5:
                return Fraction(small(), inner())
            case 6:
                return Partial(self.symbol(), self.symbol(), total=self.random.random() < 0.2)
            case 7:
                return Call(
                    self.random.choice(["exp", "exp", "ln", "tanh", "sigma", "max", "relu"]), (small(),)
                )
            case 8 | 9:
                return Power(small(), Number("2"))
            case 10:
                return Negation(inner())
            case 11:
                return Fraction(inner(), small(), inline=self.random.random() < 0.3)
            case 12:
                return Summation(small(), Comparison(symbol("k"), "equal", Number("1")), symbol("n"))
            case _:
                return Product((Group(self.term(depth - 1)), self.leaf()))

    def matrix(self, rows: int, columns: int) -> Term:
        make = self.random.choice([self.number, self.symbol, lambda: Partial(E, self.symbol())])
        return Matrix(tuple(self.few(make, columns, columns) for _ in range(rows)))

    def matrices(self) -> Term:
        rows, inner = self.random.randint(1, 6), self.random.randint(1, 4)
        product = Product((self.matrix(rows, inner), self.matrix(inner, 1)))
        letters = [symbol(f"bold {name}") for name in ("W^(2)", "x", "delta^(1)", "net^(1)", "hat y", "b")]
        named = Product((Transposed(self.random.choice(letters)), self.random.choice(letters)))
        return Product((Sum((product, self.matrix(rows, 1))), Sum((named, self.matrix(rows, 1)))), "hadamard")

    def factor(self) -> Term:
        label = Partial(self.symbol(), self.symbol()) if self.random.random() < 0.7 else Words("through both")
        return Underbrace(self.term(1), label)

    def named_factors(self) -> Term:
        factors = Product(self.few(self.factor), "dot")
        return Sum((factors, self.factor())) if self.random.random() < 0.3 else factors


def typst_widths(terms: Sequence[Term], style: MathStyle) -> list[float]:
    """Measure terms in displayed lines with Typst."""
    head = render_typst(Document("", "t", (), ())).split("#show: sheet")[0]
    measured = "\n".join(f"#print-width($ {typst_math(term, style)} $)" for term in terms)
    define = (
        "#let print-width(it) = "
        "[#metadata(measure(math.equation(math.display(it.body))).width.pt() / 10) <w>]"
    )
    font = '#set text(font: "New Computer Modern", size: 10pt)'
    source = f"{head}\n{define}\n{font}\n#context [{measured}]"
    found = typst.query(source.encode(), "<w>", field="value", ignore_system_fonts=True)
    return [float(value) for value in json.loads(found)]


def latex_widths(terms: Sequence[Term], style: MathStyle, folder: Path) -> list[float]:
    """Measure terms in displayed lines with pdflatex."""
    head = render_latex(Document("", "t", (), ())).split(r"\begin{document}")[0]
    measured = "\n".join(
        rf"\setbox0\hbox{{$\displaystyle {latex_math(term, style)}$}}\typeout{{W=\the\wd0}}" for term in terms
    )
    source = (
        f"{head}\\begin{{document}}\n\\typeout{{W=\\the\\dimexpr1em\\relax}}\n{measured}\n\\end{{document}}\n"
    )
    (folder / "widths.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", "widths.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    log = done.stdout.decode("latin-1")
    assert "\n!" not in log, log[log.index("\n!") :][:500]
    em, *widths = (float(line[2:-2]) for line in log.splitlines() if line.startswith("W="))
    return [one / em for one in widths]


def formulas(style: MathStyle, count: int, seed: int = 1) -> list[Term]:
    made = Formulas(seed)
    terms = [made.term(depth) for depth, _ in product((1, 2, 3), range(count))]
    terms += [made.named_factors() for _ in range(count // 2)]
    terms += [made.matrices() for _ in range(count // 3)]
    return [arrange(term, style.number_sign) for term in terms]


SHORTEST, SLACK = 0.97, 0.1  # how far a prediction may fall short of the print: this part, and this many em


def check(style: MathStyle, measured: Sequence[Sequence[float]], terms: Sequence[Term]) -> None:
    """Compare predictions with the widest of the measurements."""
    ratios = [
        ((width(term, style) + SLACK) / max(widths), term)
        for term, *widths in zip(terms, *measured, strict=True)
        if max(widths) > 0
    ]
    ratios.sort(key=lambda pair: pair[0])
    lowest, typical, highest = (ratios[index] for index in (0, len(ratios) // 2, -1))
    assert lowest[0] > SHORTEST, lowest
    assert 0.99 < typical[0] < 1.06, typical
    assert ratios[int(0.98 * len(ratios))][0] < 1.15, highest


STYLES = [STYLE, MathStyle(exp="call", number_sign="dot", decimal=",")]


@pytest.mark.parametrize("style", STYLES, ids=["default", "other"])
def test_predictions_are_not_narrower_than_typst_prints(style: MathStyle) -> None:
    terms = formulas(style, 150)
    check(style, [typst_widths(terms, style)], terms)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("style", STYLES, ids=["default", "other"])
def test_predictions_are_close_to_the_wider_of_both_engines(style: MathStyle, tmp_path: Path) -> None:
    terms = formulas(style, 150)
    check(style, [typst_widths(terms, style), latex_widths(terms, style, tmp_path)], terms)


PARTS = [
    Cases((X, Number("0")), (Comparison(X, "greater", Number("0")), Words("otherwise"))),
    Sum((X, Elided(W), W)),
    Continuation("plus", X),
    Continuation("times", Number("0.5")),
    Torn(Sum((X, W)), opens=("round", "square")),
    Torn(Fraction(X, W), closes=("round",)),
    Blank(Number("1"), 4.0),
    Result(Number("0.606470487")),
    Result(Slot("7"), 6.0),
    Power(X, Number("2")),
    Partial(Sum((X, W)), X),
    Underbrace(Transposed(symbol("bold W^(2)")), Shape(12, 3)),
    Matrix(((Padded(Number("-0.5"), 0.0, 0.5), W), (Padded(Number("0.25"), 0.778), X))),
]


@pytest.mark.parametrize("term", PARTS, ids=lambda term: type(term).__name__)
def test_parts_of_lines_are_predicted(term: Term) -> None:
    arranged = arrange(term)
    (printed,) = typst_widths([arranged], STYLE)
    assert 0.98 * printed < width(arranged, STYLE) < 1.25 * printed


def test_every_kind_of_term_has_a_width() -> None:
    covered = {type(part).__name__ for term in [*formulas(STYLE, 100), *PARTS] for part in walk(term)}
    assert covered == kinds_of_term()


def test_sums_are_as_wide_as_their_parts_with_operators() -> None:
    parts = width(X, STYLE) + operator_width("plus") + width(W, STYLE)
    assert width(Sum((X, W)), STYLE) == pytest.approx(parts)
    assert width(Sum((X, Negation(W))), STYLE) == pytest.approx(parts)


def test_relations_take_the_space_beside_them() -> None:
    assert relation_width("") == 0.0
    assert relation_width("=") == pytest.approx(0.778 + 2 * 0.278, abs=0.01)


def test_the_left_column_is_as_wide_as_the_widest_left_side() -> None:
    wide = Partial(E, W)
    assert left_width([E, None, wide], STYLE) == width(wide, STYLE)
    assert left_width([None], STYLE) == 0.0


def test_text_is_measured_letter_by_letter() -> None:
    assert text_width("ii") < text_width("mm")
