"""Predicted widths against those that both engines print."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import typst

from symbackprop.brackets import arrange
from symbackprop.document.blocks import Document, MathStyle
from symbackprop.names import Name
from symbackprop.render.latex.document import render_latex
from symbackprop.render.latex.math import latex_math
from symbackprop.render.typst.document import render_typst
from symbackprop.render.typst.math import typst_math
from symbackprop.terms import (
    Call,
    Comparison,
    Fraction,
    Group,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Sum,
    Summation,
    Symbol,
    Term,
    Underbrace,
    Words,
)

STYLE = MathStyle()
NAMES = [
    "x_1",
    "x_2",
    "w_5",
    "w_11",
    "w_1,1",
    "w^2_1,1",
    "w^(2)_11",
    "b_1",
    "b",
    "z_1",
    "a_1",
    "a^1_3",
    "h_2",
    "y_1",
    "E",
    "E_total",
    "E_o1",
    "eta",
    "delta_o1",
    "delta_k",
    "sigma",
    "alpha",
    "net_h1",
    "out_o2",
    "output_h1",
    "w^new_5",
    "z'_1",
    "t_1",
    "o_2",
    "L",
    "W",
    "p",
    "theta_3",
    "Sigma",
]


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

        kind = self.random.randrange(14)
        match kind:
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
            case 8:
                return Power(small(), Number("2"))
            case 9:
                label = (
                    Partial(self.symbol(), self.symbol())
                    if self.random.random() < 0.7
                    else Words("through both")
                )
                return Underbrace(inner(), label)
            case 10:
                return Negation(inner())
            case 11:
                return Fraction(inner(), small(), inline=self.random.random() < 0.3)
            case 12:
                return Summation(small(), Comparison(symbol("k"), "equal", Number("1")), symbol("n"))
            case _:
                return Product((Group(self.term(depth - 1)), self.leaf()))


def typst_widths(terms: Sequence[Term], style: MathStyle) -> list[float]:
    """Measure terms in displayed lines with Typst."""
    head = render_typst(Document("", "t", (), ())).split("#show: sheet")[0]
    measured = "\n".join(
        f"#metadata(measure(math.equation(math.display($ {typst_math(term, style)} $.body))).width.pt() / 10) <w>"
        for term in terms
    )
    source = f'{head}\n#set text(font: "New Computer Modern", size: 10pt)\n#context [{measured}]'
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
    return [arrange(made.term(depth), style.number_sign) for depth, _ in product((1, 2, 3), range(count))]
