"""A document that holds every block and every term, for the tests of the Typst side."""

from __future__ import annotations

import math

from symbackprop.document.blocks import (
    Bar,
    BarChart,
    Beside,
    BiasMark,
    Bullets,
    Code,
    Connection,
    Derivation,
    Diagram,
    Document,
    Field,
    Fields,
    Filled,
    Heading,
    Label,
    Line,
    Math,
    NewPage,
    Options,
    Paragraph,
    Plot,
    Reference,
    Row,
    Series,
    Steps,
    Table,
    Text,
    Together,
    Unit,
    WorkSpace,
)
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
)

N = Number


def s(text: str) -> Symbol:
    """Return the symbol of a short name."""
    return Symbol(Name.parse(text))


def p(of: str, by: str) -> Partial:
    """Return a partial derivative of two symbols."""
    return Partial(s(of), s(by))


def t(text: str) -> Line:
    """Return a line of plain text."""
    return (Text(text),)


def add(*terms: Term) -> Sum:
    """Return a sum."""
    return Sum(terms)


def mul(*factors: Term, sign: str = "") -> Product:
    """Return a product."""
    return Product(factors, sign)


def eq(*terms: Term) -> tuple[tuple[str, Term], ...]:
    """Return a chain of equal terms."""
    return tuple(("=", term) for term in terms)


#: One formula for every kind of term.
TERMS: dict[str, Term] = {
    "Symbol": Symbol(Name("z", ("h1", "2"), ("(new)",), "hat", 2)),
    "Number": N("-4.83", -4),
    "Sum": add(s("x_1"), Negation(s("b")), N("-0.5")),
    "Product": mul(N("0.05"), N("-0.15"), s("net_h1"), s("out"), s("w_1"), sign="dot"),
    "Negation": Negation(add(s("a"), s("b"))),
    "Fraction": Fraction(N("1"), add(N("1"), Call("exp", (Negation(s("z")),)))),
    "Power": Power(add(s("t"), Negation(s("o"))), N("2")),
    "Call": mul(Call("ln", (s("o"),)), Call("sigma", (s("z"),)), Call("max", (N("0"), s("z")))),
    "Partial": Partial(mul(Fraction(N("1"), N("2")), Power(s("e"), N("2"))), s("w_5"), total=True),
    "Group": Group(Fraction(s("a"), s("b")), "square"),
    "Underbrace": mul(
        Group(Underbrace(p("E", "z_3"), p("E", "hat y_1"))), Underbrace(s("a"), Words("input")), sign="dot"
    ),
    "Words": mul(Words("if "), s("z")),
    "Summation": Summation(mul(s("x_k"), s("w_k")), Comparison(s("k"), "equal", N("1")), s("K")),
    "Comparison": Comparison(s("z"), "greater_equal", N("0")),
    "Cases": Cases((s("z"), N("0")), (Comparison(s("z"), "greater", N("0")), Words("otherwise"))),
    "Result": Result(N("0.4325")),
    "Blank": add(s("z"), Blank(N("0.987654321"), 5.0)),
    "Slot": Result(Slot("7"), 4.0),
    "Elided": add(s("a"), Elided(add(s("b"), s("c"))), s("d")),
    "Continuation": Continuation("times", add(s("x"), s("y"))),
    "Matrix": mul(
        Matrix(((N("0.15"), N("-0.2")), (Elided(s("w"), "down"), N("1.25", -4)))),
        Matrix(((p("E", "x_1"),), (s("x_2"),))),
    ),
    "Transposed": mul(
        mul(Transposed(s("bold W^(2)")), s("bold delta^(2)")), s("bold hat y'"), sign="hadamard"
    ),
    "Shape": Underbrace(s("bold W^(2)"), Shape(12, 3)),
    "Padded": Matrix(((Padded(N("-0.5"), 0.0, 0.5),), (Padded(N("0.25"), 0.778),))),
    "Torn": Torn(p("E", "z"), opens=("round", "square"), closes=("round",)),
}


def derivation() -> Derivation:
    """Return a derivation of fourteen lines with notes, braces and tall fractions."""
    o1, y1, a1 = N("0.687987956"), N("0.01"), N("0.606470487")
    return Derivation(
        (
            Row(
                p("E", "w_5"),
                eq(mul(p("E", "hat y_1"), p("hat y_1", "z_3"), p("z_3", "w_5"), sign="dot")),
                note=(
                    Math(s("w_5")),
                    Text(" reaches the loss through "),
                    Math(s("z_3")),
                    Text(" alone: one path"),
                ),
            ),
            Row(
                None,
                eq(
                    mul(
                        Underbrace(add(s("hat y_1"), Negation(s("y_1"))), p("E", "hat y_1")),
                        Underbrace(
                            mul(s("hat y_1"), add(N("1"), Negation(s("hat y_1")))), p("hat y_1", "z_3")
                        ),
                        Underbrace(s("a_1"), p("z_3", "w_5")),
                        sign="dot",
                    )
                ),
                note=(
                    Math(Call("sigma", (s("z"),))),
                    Text(" has the derivative "),
                    Math(mul(s("a"), add(N("1"), Negation(s("a"))))),
                ),
            ),
            Row(None, eq(mul(add(o1, Negation(y1)), o1, add(N("1"), Negation(o1)), a1))),
            Row(None, eq(Result(N("0.088264049"))), number=3),
            Row(
                s("w_5^new"),
                (
                    *eq(add(s("w_5"), Negation(mul(s("eta"), p("E", "w_5"))))),
                    *eq(
                        add(N("0.40"), Negation(mul(N("0.01"), N("0.088264049"), sign="times"))),
                        Result(N("0.399117360")),
                    ),
                ),
                number=4,
                note=(Text("one step against the gradient, by "), Reference(3)),
            ),
            Row(
                p("E", "w_1"),
                eq(
                    mul(
                        Group(
                            add(
                                Underbrace(
                                    mul(p("E", "z_3"), s("w_5")), mul(Words("through "), s("hat y_1"))
                                ),
                                Underbrace(
                                    mul(p("E", "z_4"), s("w_6")), mul(Words("through "), s("hat y_2"))
                                ),
                            )
                        ),
                        mul(s("a_1"), add(N("1"), Negation(s("a_1")))),
                        s("x_1"),
                        sign="dot",
                    )
                ),
                note=(
                    Math(s("a_1")),
                    Text(" feeds "),
                    Text("both", strong=True),
                    Text(
                        " outputs, so both paths count; this is the sum that is so often forgotten, "
                        "and its two parts may well be of opposite sign"
                    ),
                ),
            ),
            Row(
                None,
                eq(
                    Torn(
                        arrange(
                            add(
                                mul(N("0.145537253"), N("0.40"), sign="times"),
                                mul(N("-0.039353434"), N("0.45"), sign="times"),
                            )
                        ),
                        opens=("round",),
                        closes=("round",),
                    )
                ),
            ),
            Row(
                None,
                (
                    (
                        "",
                        Continuation(
                            "times",
                            arrange(
                                mul(
                                    N("0.606470487"),
                                    add(N("1"), Negation(N("0.606470487"))),
                                    N("0.05"),
                                    sign="times",
                                )
                            ),
                        ),
                    ),
                ),
                indent=1.0,
            ),
            Row(None, eq(Result(N("4.833645", -4))), number=5, note=t("small: the two paths nearly cancel")),
            Row(s("w_1"), (("from", add(s("w_1"), Negation(mul(s("eta"), p("E", "w_1"))))),), number=6),
            Row(
                s("E"),
                eq(
                    Summation(
                        mul(Fraction(N("1"), N("2")), Power(add(s("y_k"), Negation(s("hat y_k"))), N("2"))),
                        Comparison(s("k"), "equal", N("1")),
                        N("2"),
                    )
                ),
                note=t("half squared error"),
            ),
            Row(None, (("approx", N("0.318")),)),
            Row(
                s("f"),
                eq(TERMS["Cases"]),
                number=7,
                note=(Text("see "), Reference(3), Text(" and "), Reference(99)),
            ),
            Row(s("delta_h1"), eq(Blank(N("0.1234"), 8.0)), number=8),
        ),
        (Text("Weight "), Math(s("w_5"))),
    )


def network() -> Diagram:
    """Return the diagram of a 2-2-2 network with labelled weights and biases."""
    rows, columns = {"1": 1.0, "2": 3.4}, {"x": 0.42, "h": 4.2, "o": 8.0}
    names = {"x": ("x", "input"), "h": ("h", "hidden"), "o": ("hat y", "output")}
    units = tuple(
        Unit(f"{kind}{row}", x, y, s(f"{names[kind][0]}_{row}"), names[kind][1])  # type: ignore[arg-type]
        for kind, x in columns.items()
        for row, y in rows.items()
    )
    ends = [(left, right, i, j) for left, right in (("x", "h"), ("h", "o")) for i in rows for j in rows]
    connections = tuple(
        Connection(
            f"{left}{i}", f"{right}{j}", Label(s(f"w_{k}"), N(f"0.{10 + 5 * k}")), 0.42 if i == j else 0.28
        )
        for k, (left, right, i, j) in enumerate(ends, 1)
    )
    values = {"h1": "0.40", "h2": "0.35", "o1": "0.25", "o2": "0.60"}
    biases = tuple(
        BiasMark(key, Label(s(f"b_{k}"), N(value)), below=key.endswith("2"))
        for k, (key, value) in enumerate(values.items(), 1)
    )
    return Diagram(
        units,
        connections,
        biases,
        8.42,
        4.4,
        "Two inputs, two hidden units, two outputs.",
        ((0.42, "input"), (4.2, "hidden"), (8.0, "output")),
    )


def curve() -> Plot:
    """Return a plot of four series."""
    series = tuple(
        Series(name, tuple((float(x), 0.6 * math.exp(-x / speed) + 0.01 * speed / 10) for x in range(0, 101)))
        for name, speed in (("all", 10), ("no bias", 20), ("slow", 45), ("slower", 80))
    )
    return Plot(
        series,
        "epoch",
        (Text("loss "), Math(s("E"))),
        tuple((x, str(x)) for x in (0, 20, 40, 60, 80, 100)),
        tuple((y / 10, f"0.{y}") for y in (0, 2, 4, 6)),
        "The loss falls from 0.6 towards 0.02.",
        t("Loss over a hundred epochs"),
    )


def chart() -> BarChart:
    """Return a chart of three bars, one of them of no length."""
    bars = (
        Bar((Text("1 "), Math(s("w_5"))), 0.5, "50 %"),
        Bar(t("a # b"), 1.0, "9"),
        Bar(t("none"), 0.0, "0"),
    )
    return BarChart(bars, "Two bars.", t("Mistakes by frequency"))


def givens() -> Beside:
    """Return the diagram beside what is given."""
    table = Table(
        (t("Input"), t("value"), t("Target"), t("value")),
        (
            ((Math(s("x_1")),), (Math(N("0.05")),), (Math(s("y_1")),), (Math(N("0.01")),)),
            ((Math(s("x_2")),), (Math(N("0.10")),), (Math(s("y_2")),), (Math(N("0.99")),)),
        ),
        ("left", "right", "left", "right"),
    )
    policy = Paragraph(
        t(
            "Numbers are shown to 9 decimals, rounded half to even; "
            "every result is computed from unrounded values, "
            "so the last digit may differ when you retype what is printed."
        ),
        small=True,
    )
    return Beside((network(),), (table, policy))


def long_table(rows: int = 30) -> Table:
    """Return a table that runs over a page."""
    return Table(
        (t("Parameter"), t("old value"), t("gradient"), t("new value")),
        tuple(
            (
                (Math(s(f"w_{row}")),),
                (Math(N(f"0.{row:02}")),),
                (Math(N(f"-{row}.25", -4)),),
                (Math(N(f"0.{row:02}12345")),),
            )
            for row in range(1, rows + 1)
        ),
        ("left", "right", "right", "right"),
        caption=t("Parameters before and after one step"),
        breakable=True,
    )


def worksheet_lines() -> Steps:
    return Steps(
        (
            Row(s("z_1"), eq(add(mul(s("x_1"), s("w_1")), s("b_1")))),
            Row(
                None,
                eq(mul(Blank(N("0.05"), 3.6), Blank(N("0.15"), 3.6)), Blank(N("0.98765"), 6.0)),
                points="1",
            ),
            Row(None, eq(Result(Slot("7"), 6.0)), number=41, points="1/2"),
        ),
        2.5,
        t("Hidden unit 1"),
    )


def document(**changes: object) -> Document:
    """Return the document of all blocks."""
    forward = Derivation(
        (
            Row(
                s("z_1"),
                eq(add(mul(s("x_1"), s("w_1")), mul(s("x_2"), s("w_3")), s("b_1"))),
                note=t("net input: each input times its weight, plus the bias"),
            ),
            Row(
                None,
                eq(
                    add(
                        mul(Group(N("0.05")), Group(N("0.15"))),
                        mul(Group(N("0.10")), Group(N("0.25"))),
                        N("0.40"),
                    ),
                    Result(N("0.4325")),
                ),
                number=1,
            ),
            Row(
                s("a_1"),
                eq(Call("sigma", (s("z_1"),)), TERMS["Fraction"], Result(N("0.606470487"))),
                number=2,
                note=(Text("activation, by "), Reference(1)),
            ),
        ),
        t("Hidden unit 1"),
    )
    plain = Derivation(
        (
            Row(
                s("E"),
                eq(
                    add(
                        Fraction(Power(add(s("y_1"), Negation(s("hat y_1"))), N("2")), N("2")),
                        Fraction(Power(add(s("y_2"), Negation(s("hat y_2"))), N("2")), N("2")),
                    )
                ),
            ),
            Row(
                None,
                eq(
                    add(
                        Fraction(Power(add(N("0.01"), Negation(N("0.687987956"))), N("2")), N("2")),
                        Fraction(Power(add(N("0.99"), Negation(N("0.812345678"))), N("2")), N("2")),
                    ),
                    Result(N("0.245634821")),
                ),
                number=9,
            ),
        )
    )
    terms = Derivation(
        tuple(Row(Words(name) if name != "Symbol" else s("x"), eq(term)) for name, term in TERMS.items()),
        t("Every kind of term"),
    )
    fields: dict[str, object] = {
        "kind": "Worked solution",
        "title": "Two-output sigmoid network",
        "subtitle": (
            *t("2–2–2 units, one bias per unit · sigmoid · half squared error · "),
            Math(Comparison(s("eta"), "equal", N("0.01"))),
        ),
        "blocks": (
            givens(),
            Heading(1, t("Forward pass"), "1"),
            forward,
            plain,
            Heading(1, t("Backward pass"), "2"),
            derivation(),
            Heading(1, t("Summary"), "3"),
            Paragraph(
                (
                    *t("Every parameter moves by "),
                    Math(mul(Negation(s("eta")), p("E", "w"))),
                    *t("; see "),
                    Reference(4),
                    *t(". The derivative "),
                    Math(p("E", "w_5")),
                    *t(
                        " is the steepest; nothing else on this page is so steep, "
                        "however long the line may run on."
                    ),
                )
            ),
            long_table(),
            Heading(2, (Text("The list of "), Math(s("w")))),
            Bullets((t("first of all"), (Text("then "), Math(p("E", "w_1"))), t("last")), 2),
            Code(("def f(x):", '    return {"a_1": x % 2, "b": "\\\\end"}  # ~^$&#', "", "print(f(1))")),
            Together((Heading(2, t("Curve")), curve(), chart())),
            Fields((Field("Name", 0.6, "Łukasz"), Field("Number", 0.4))),
            Heading(1, t("To be filled in"), "9", aside=t("3 points")),
            worksheet_lines(),
            Options("net.h1", (N("0.5"), N("-0.5"), N("1.5")), 1, 3.0, 42, "1"),
            WorkSpace("lined", 1.8, ("net.h1",)),
            WorkSpace("grid", 2.7, ("net.h1",)),
            WorkSpace("empty", 1.8, ()),
            Options("net.h1", (N("0.5"), N("-0.5"), N("1.5")), 1, 3.0, ticked=True),
            NewPage(),
            Filled((worksheet_lines(),), 3.6),
            Table(
                (t("Epoch"), t("Loss")),
                ((t("0"), t("0.60")), (t("1"), t("0.55"))),
                ("center", "right"),
                small=True,
            ),
            terms,
        ),
        "running_head": "Two-output sigmoid network",
        "keywords": ("backpropagation", "chain rule"),
        "numbers": {"7": N("-0.25")},
    }
    return Document(**(fields | changes))  # type: ignore[arg-type]
