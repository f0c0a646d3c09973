"""A sheet with every block and every kind of line, for the tests of the LaTeX side."""

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


def sym(name: str) -> Symbol:
    """Return the symbol of a short name."""
    return Symbol(Name.parse(name))


def num(text: str) -> Number:
    """Return a printed number."""
    return Number.parse(text)


def times(*factors: Term, sign: str = "") -> Product:
    """Return a product."""
    return Product(factors, sign)


def plus(*terms: Term) -> Sum:
    """Return a sum."""
    return Sum(terms)


def minus(left: Term, right: Term) -> Sum:
    """Return a difference."""
    return Sum((left, Negation(right)))


def d(of: str, by: str) -> Partial:
    """Return a partial derivative."""
    return Partial(sym(of), sym(by))


def words(text: str) -> Line:
    """Return a line of plain text."""
    return (Text(text),)


def equals(*terms: Term) -> tuple[tuple[str, Term], ...]:
    """Return a chain of equal terms."""
    return tuple(("=", term) for term in terms)


ONE = num("1")
SIGMOID = Fraction(ONE, plus(ONE, Call("exp", (Negation(sym("z_1")),))))

#: A term of every kind.
TERMS: dict[str, Term] = {
    "Symbol": sym("hat y'_1^(new)"),
    "Number": num("-4.83e-4"),
    "Sum": plus(sym("a"), Negation(sym("b")), num("-0.5")),
    "Product": times(num("0.05"), num("-0.15"), sym("net_h1"), sign="dot"),
    "Negation": Negation(sym("x")),
    "Fraction": SIGMOID,
    "Power": Power(minus(sym("t"), sym("o")), num("2")),
    "Call": Call("ln", (minus(ONE, sym("o")),)),
    "Partial": Partial(times(SIGMOID, sym("z")), sym("z"), total=True),
    "Group": Group(d("E", "z"), "square"),
    "Underbrace": Underbrace(sym("a_1"), d("z_3", "w_5")),
    "Words": Words("input"),
    "Summation": Summation(times(sym("w_i"), sym("x_i")), Comparison(sym("i"), "equal", ONE), sym("n")),
    "Comparison": Comparison(sym("z"), "greater_equal", num("0")),
    "Cases": Cases((sym("z"), num("0")), (Comparison(sym("z"), "greater", num("0")), Words("otherwise"))),
    "Result": Result(num("0.4325")),
    "Blank": Blank(num("0.31415926"), 5),
    "Slot": Result(Slot("7"), 4.0),
    "Elided": plus(sym("a"), Elided(plus(sym("b"), sym("c"))), sym("d")),
    "Continuation": Continuation("minus", times(sym("x"), sym("w"))),
    "Torn": Torn(plus(sym("a"), sym("b")), opens=("round", "square")),
    "Matrix": times(
        Matrix(((num("0.15"), num("-0.2")), (Elided(sym("w"), "down"), num("1.25e-4")))),
        Matrix(((d("E", "x_1"),), (sym("x_2"),))),
    ),
    "Transposed": times(
        times(Transposed(sym("bold W^(2)")), sym("bold delta^(2)")), sym("bold hat y'"), sign="hadamard"
    ),
    "Shape": Underbrace(sym("bold W^(2)"), Shape(12, 3)),
    "Padded": Matrix(((Padded(num("-0.5"), 0.0, 0.5),), (Padded(num("0.25"), 0.778),))),
}


def network(columns: tuple[int, ...] = (2, 2, 2), width: float = 8.0, height: float = 4.6) -> Diagram:
    """Return the diagram of a fully connected network."""
    prefixes = ["x", *("h" for _ in columns[2:]), "hat y"]
    units, biases, connections = [], [], []
    previous: list[Unit] = []
    number = 0
    for index, count in enumerate(columns):
        role = "input" if index == 0 else "output" if index == len(columns) - 1 else "hidden"
        x = 0.42 + (width - 0.84) * index / (len(columns) - 1)
        column = [
            Unit(
                f"{role}{index}.{row}",
                round(x, 3),
                round(0.9 + (height - 1.8) * (row / (count - 1) if count > 1 else 0.5), 3),
                sym(f"{prefixes[index]}_{row + 1}"),
                role,  # type: ignore[arg-type]
            )
            for row in range(count)
        ]
        for row, unit in enumerate(column):
            if index:
                label = Label(sym(f"b_{index}{row + 1}"), num("0.35"))
                biases.append(BiasMark(unit.key, label, below=row == count - 1))
            for source in previous:
                number += 1
                level = abs(source.y - unit.y) < 0.1
                label = Label(sym(f"w_{number}"), num(f"0.{number + 14}"))
                connections.append(
                    Connection(source.key, unit.key, label, 0.5 if level else 0.3, sloped=len(columns) > 3)
                )
        units += column
        previous = column
    if len(columns) > 3:  # one that skips a layer, led around it, and a unit left out
        connections.append(
            Connection("input0.0", f"output{len(columns) - 1}.0", Label(sym("s")), 0.5, bend=0.9)
        )
        units.append(Unit("", 0.42, height - 0.2, Words(""), "elided"))
    names = ["input", *("hidden" for _ in columns[2:]), "output"]
    places = [0.42 + (width - 0.84) * i / (len(columns) - 1) for i in range(len(columns))]
    return Diagram(
        tuple(units),
        tuple(connections),
        tuple(biases),
        width,
        height,
        "The network.",
        column_labels=tuple(zip(places, names, strict=True)),
        label_size=6.5 if len(columns) > 3 else 7.5,
    )


GIVENS = Table(
    tuple(words(text) for text in ("Input", "value", "Target", "value")),
    tuple(
        ((Math(sym(f"x_{i}")),), (Math(num(x)),), (Math(sym(f"y_{i}")),), (Math(num(y)),))
        for i, x, y in ((1, "0.05", "0.01"), (2, "0.10", "0.99"))
    ),
    ("left", "right", "left", "right"),
)

POLICY = Paragraph(
    words(
        "Numbers are shown to 9 decimals, rounded half to even; every result is computed from unrounded "
        "values, so the last digit may differ when you retype what is printed."
    ),
    small=True,
)

HIDDEN = Derivation(
    (
        Row(
            sym("z_1"),
            equals(plus(times(sym("x_1"), sym("w_1")), times(sym("x_2"), sym("w_3")), sym("b_1"))),
            note=words("net input: each input times its weight, plus the bias"),
        ),
        Row(
            None,
            equals(
                plus(times(num("0.05"), num("0.15")), times(num("0.10"), num("0.25")), num("0.40")),
                Result(num("0.4325")),
            ),
            number=1,
        ),
        Row(
            sym("a_1"),
            equals(Call("sigma", (sym("z_1"),)), SIGMOID, Result(num("0.606470487"))),
            number=2,
            note=words("activation"),
        ),
    ),
    (Text("Hidden unit "), Math(num("1"))),
)

FACTORS = times(
    Underbrace(minus(sym("hat y_1"), sym("y_1")), d("E", "hat y_1")),
    Underbrace(times(sym("hat y_1"), minus(ONE, sym("hat y_1"))), d("hat y_1", "z_3")),
    Underbrace(sym("a_1"), d("z_3", "w_5")),
    sign="dot",
)

PATHS = times(
    plus(
        Underbrace(times(d("E", "z_3"), sym("w_5")), times(Words("through "), sym("hat y_1"))),
        Underbrace(times(d("E", "z_4"), sym("w_6")), times(Words("through "), sym("hat y_2"))),
    ),
    times(sym("a_1"), minus(ONE, sym("a_1"))),
    sym("x_1"),
    sign="dot",
)

BACKWARD = Derivation(
    (
        Row(
            d("E", "w_5"),
            equals(times(d("E", "hat y_1"), d("hat y_1", "z_3"), d("z_3", "w_5"), sign="dot")),
            note=(
                Math(sym("w_5")),
                Text(" reaches the loss through "),
                Math(sym("z_3")),
                Text(" alone: one path"),
            ),
        ),
        Row(None, equals(FACTORS), note=(Text("by "), Reference(2))),
        Row(
            None,
            equals(
                times(
                    minus(num("0.687987956"), num("0.01")),
                    num("0.687987956"),
                    minus(ONE, num("0.687987956")),
                    sign="times",
                )
            ),
        ),
        Row(
            None, (("", Continuation("times", num("0.606470487"))), ("=", Result(num("0.088264049")))), 2.0, 3
        ),
        Row(
            sym("w_5^new"),
            equals(
                minus(sym("w_5"), times(sym("eta"), d("E", "w_5"))),
                minus(num("0.40"), times(num("0.01"), num("0.088264049"), sign="times")),
                Result(num("0.399117360")),
            ),
            number=4,
            note=(Text("one step against the gradient, by "), Reference(3)),
        ),
        Row(
            d("E", "w_1"),
            equals(PATHS),
            note=(
                Math(sym("a_1")),
                Text(" feeds "),
                Text("both", strong=True),
                Text(" outputs, so both paths count; this sum is forgotten so often that this note takes "),
                Text("five lines of its column to say so"),
            ),
        ),
        Row(None, equals(Torn(num("0.1455"), opens=("round",)))),
        Row(None, (("", Continuation("minus", Torn(num("0.0394"), closes=("round",)))),), indent=1.0),
        Row(
            None,
            equals(Result(num("4.833645e-4"))),
            number=5,
            note=words("tiny: the two paths nearly cancel"),
        ),
        Row(sym("w_1"), (("from", minus(sym("w_1"), times(sym("eta"), d("E", "w_1")))),), number=6),
        Row(
            sym("E"),
            equals(
                Summation(
                    times(Fraction(ONE, num("2")), Power(minus(sym("y_k"), sym("hat y_k")), num("2"))),
                    Comparison(sym("k"), "equal", ONE),
                    num("2"),
                )
            ),
            note=words("half squared error"),
        ),
        Row(None, (("approx", num("0.318")),)),
        Row(sym("f"), equals(TERMS["Cases"]), number=7),
        Row(sym("delta_h1"), equals(Blank(num("0.31415926"), 8)), number=8),
    ),
    (Text("Weight "), Math(sym("w_5"))),
)

PLAIN = Derivation(
    (
        Row(
            sym("E"),
            equals(
                plus(
                    Fraction(Power(minus(num("0.01"), num("0.687987956")), num("2")), num("2")),
                    Fraction(Power(minus(num("0.99"), num("0.812345678")), num("2")), num("2")),
                ),
                Result(num("0.245634821")),
            ),
            number=9,
        ),
    )
)

PARAMETERS = Table(
    tuple(words(text) for text in ("Parameter", "old value", "gradient", "new value")),
    tuple(
        (
            (Math(sym(f"w_{row}")),),
            (Math(num(f"0.{row:02}")),),
            (Math(num(f"-{row}.25e-4")),),
            (Math(num(f"0.{row:02}12345")),),
        )
        for row in range(1, 31)
    ),
    ("left", "right", "right", "right"),
    caption=words("Parameters before and after one step"),
    breakable=True,
)


def curves(count: int = 3) -> Plot:
    """Return a plot of falling curves."""
    series = tuple(
        Series(f"rate {speed}", tuple((float(x), 0.6 * math.exp(-x / speed)) for x in range(101)))
        for speed in (10, 20, 45, 80, 120, 200)[:count]
    )
    return Plot(
        series,
        "epoch",
        (Text("loss "), Math(sym("E"))),
        tuple((x, str(x)) for x in (0, 20, 40, 60, 80, 100)),
        tuple((y / 10, f"0.{y}") for y in (0, 2, 4, 6)),
        "The loss falls.",
        words("Loss over a hundred epochs"),
    )


CHART = BarChart(
    (
        Bar((Text("1 "), Math(sym("w"))), 0.5, "50 %"),
        Bar(words("a & b"), 1.0, "9"),
        Bar(words("none"), 0.0, "0"),
    ),
    "Two bars.",
    words("Mistakes by frequency"),
)


BLOCKS = (
    Beside((network(),), (GIVENS, POLICY)),
    Heading(1, words("Forward pass"), "1"),
    HIDDEN,
    PLAIN,
    Heading(1, words("Backward pass"), "2"),
    BACKWARD,
    Heading(1, words("Summary"), "3"),
    Paragraph(
        (
            *words("Every parameter moves against its gradient; see "),
            Reference(4),
            *words(". The derivative "),
            Math(d("E", "w_5")),
            *words(" is the steepest of them, however long this line may run on over the page."),
        )
    ),
    PARAMETERS,
    Heading(2, (Text("All weights "), Math(sym("w")))),
    Bullets((words("first of all"), (Text("then "), Math(d("E", "w_1"))), words("last")), 2),
    Bullets((words("a list in one column"), words("with two items"))),
    Code(("def f(x):", '    return {"a_1": x % 2, "b": "\\\\end"}  # ~^$&#', "", "print(f(1))")),
    Together((Heading(2, words("Curve")), curves(), GIVENS)),
    CHART,
    network((3, 4, 4, 2), 16.0, 8.0),
    Beside((Heading(2, words("Left")), HIDDEN), (Heading(2, words("Right")), PLAIN), 0.48),
    Fields((Field("Name", 0.6, "Łukasz & Co"), Field("Number", 0.4))),
    Heading(2, words("To be filled in"), aside=words("3 points")),
    Steps(
        (
            Row(sym("z_1"), equals(plus(times(sym("x_1"), sym("w_1")), sym("b_1")))),
            Row(None, equals(times(Blank(num("0.05"), 3.6), Blank(num("0.31415926"), 3.6))), points="1"),
            Row(None, equals(Result(Slot("7"), 6.0)), number=41, points="1/2"),
        ),
        2.5,
        words("Hidden unit 1"),
    ),
    Options("net.h1", (num("0.5"), num("-0.5"), num("1.5")), 1, 3.0, 42, "1"),
    WorkSpace("lined", 1.8, ("net.h1",)),
    WorkSpace("grid", 2.7, ("net.h1",)),
    WorkSpace("empty", 1.8, ()),
    Options("net.h1", (num("0.5"), num("-0.5"), num("1.5")), 1, 3.0, ticked=True),
    Filled((Steps((Row(sym("z_1"), equals(num("0.5"))),), 2.0),), 3.6),
    Derivation(tuple(Row(Words(name), equals(term)) for name, term in TERMS.items()), words("Every term")),
)


def document(**changes: object) -> Document:
    """Return the sheet of all blocks."""
    fields: dict[str, object] = {
        "kind": "Worked solution",
        "title": "Two-output sigmoid network",
        "subtitle": (
            Text("2–2–2 units, one bias per unit · sigmoid · half squared error · "),
            Math(Comparison(sym("eta"), "equal", num("0.01"))),
        ),
        "blocks": BLOCKS,
        "running_head": "Two-output sigmoid network",
        "keywords": ("backpropagation", "chain rule"),
        "numbers": {"7": num("-0.25")},
    }
    return Document(**(fields | changes))  # type: ignore[arg-type]
