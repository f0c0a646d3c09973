"""The matrix form: in every layout its statements are true, and its numbers are the ledger's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import singledispatch
from typing import Any

import numpy as np
import pytest

from symbackprop import Solution, solve
from symbackprop.document.blocks import Derivation, Row
from symbackprop.document.matrix.matrix_network import Layout, NetworkMatrices
from symbackprop.document.sheet import Sheet
from symbackprop.engines.tex import compile_with_log
from symbackprop.errors import ProblemError
from symbackprop.formulas.terms import (
    Continuation,
    Elided,
    Fraction,
    Group,
    Matrix,
    Negation,
    Number,
    Padded,
    Product,
    Result,
    Sum,
    Term,
    Transposed,
    walk,
)
from symbackprop.render.plain.math import plain_math
from symbackprop.spec import problem_from_mapping

W1 = [[0.1, 0.2, -0.3], [0.4, -0.5, 0.6], [0.7, 0.8, 0.9], [-0.15, 0.25, 0.35]]
B1 = [0.1, -0.1, 0.2, 0.3]
W2 = [[0.5, -0.6, 0.7, 0.8], [-0.9, 0.1, 0.2, -0.3]]
B2 = [0.05, -0.15]
X = [[0.5, -0.2, 0.1], [-0.3, 0.8, 0.4], [0.9, 0.6, -0.7]]
Y = [[1, 0], [0, 1], [1, 1]]
RATE = 0.5


def described(samples: int, notation: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the 3-4-2 network with so many samples."""
    data = [{"inputs": x, "targets": y} for x, y in zip(X[:samples], Y, strict=False)]
    given = data[0] if samples == 1 else {"samples": data}
    network = {
        **given,
        "layers": [
            {"units": 4, "activation": "tanh", "weights": W1, "biases": B1},
            {"units": 2, "activation": "sigmoid", "weights": W2, "biases": B2},
        ],
        "loss": "half_squared_error",
        "learning_rate": RATE,
    }
    rounding = {"digits": 12, "kind": "significant"}
    return {"network": network, "rounding": rounding, "notation": {"form": "matrix", **notation}, **changes}


def solved(*arguments: Any, **changes: Any) -> Solution:
    return solve(problem_from_mapping(described(*arguments, **changes)))


def rows_of(solution: Solution) -> Iterator[Row]:
    for block in solution.document().blocks:
        if isinstance(block, Derivation):
            yield from block.rows


# --- reading a sheet back: matrices as arrays ----------------------------------------------------


@singledispatch
def value(term: Term) -> Any:
    raise NotImplementedError(type(term).__name__)


@value.register
def _(term: Number) -> Any:
    return float(term.text) * 10.0 ** (term.exponent or 0)


@value.register(Padded)
@value.register(Result)
@value.register(Group)
def _(term: Padded | Result | Group) -> Any:
    return value(term.term)


@value.register
def _(term: Matrix) -> Any:
    return np.block([[np.atleast_2d(value(entry)) for entry in row] for row in term.rows])


@value.register
def _(term: Elided) -> Any:
    return value(term.hidden)


@value.register
def _(term: Transposed) -> Any:
    return value(term.term).T


@value.register
def _(term: Negation) -> Any:
    return -value(term.term)


@value.register
def _(term: Fraction) -> Any:
    return value(term.numerator) / value(term.denominator)


@value.register
def _(term: Sum) -> Any:
    return sum(value(item) for item in term.terms)


@value.register
def _(term: Product) -> Any:
    signs = term.sign if isinstance(term.sign, tuple) else (term.sign,) * (len(term.factors) - 1)
    product = value(term.factors[0])
    for sign, factor in zip(signs, term.factors[1:], strict=True):
        product = joined(product, sign, value(factor))
    return product


def joined(left: Any, sign: str, right: Any) -> Any:
    """Multiply: entry by entry where the sign says so or one of the two is a number, else as matrices."""
    entrywise = sign == "hadamard" or np.ndim(left) == 0 or np.ndim(right) == 0
    return left * right if entrywise else left @ right


def members(solution: Solution) -> Iterator[tuple[str, list[Term]]]:
    """Yield each matrix equation: what stands on its left, and what on its right, broken lines joined."""
    name, found = "", list[Term]()
    for row in rows_of(solution):
        if row.left is not None:
            if found:
                yield name, found
            name, found = plain_math(row.left), []
        for relation, term in row.chain:
            if relation:
                found.append(term)
            else:
                assert isinstance(term, Continuation)
                found[-1] = continued(found[-1], term)
    yield name, found


def continued(begun: Term, rest: Continuation) -> Term:
    """Return a formula that runs over two lines as one."""
    first, *others = rest.term.terms if isinstance(rest.term, Sum) else (rest.term,)
    if rest.operator in ("plus", "minus"):
        terms = begun.terms if isinstance(begun, Sum) else (begun,)
        return Sum((*terms, Negation(first) if rest.operator == "minus" else first, *others))
    *before, last = begun.terms if isinstance(begun, Sum) else (begun,)
    sign = "hadamard" if rest.operator == "hadamard" else ""
    product = Product((last, first), sign)
    return Sum((*before, product, *others)) if before or others else product


def in_numbers(term: Term) -> bool:
    """Whether a formula holds numbers and matrices of numbers alone."""
    kinds = (Number, Padded, Result, Group, Matrix, Elided, Transposed, Negation, Fraction, Sum, Product)
    return all(isinstance(node, kinds) for node in walk(term)) and any(
        isinstance(node, Matrix) for node in walk(term)
    )


LAYOUTS = [
    {"sample_layout": samples, "weight_matrix": weights, "derivative_layout": derivatives}
    for samples in ("columns", "rows")
    for weights in ("to_from", "from_to")
    for derivatives in ("denominator", "numerator")
]


@pytest.fixture(scope="module", params=[1, 3])
def count(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: "-".join(layout.values()))
def test_every_line_of_numbers_has_the_value_of_its_result(layout: dict[str, Any], count: int) -> None:
    checked = 0
    for name, terms in members(solved(count, layout)):
        numbers = [term for term in terms if in_numbers(term)]
        for term in numbers[:-1]:
            np.testing.assert_allclose(value(term), value(numbers[-1]), rtol=1e-9, atol=1e-11, err_msg=name)
            checked += 1
    assert checked >= 10


def expected(count: int) -> dict[str, tuple[Any, str]]:
    """Return the matrices of the network, samples as columns, by NumPy; and what turns each."""
    x, y = np.array(X[:count]).T, np.array(Y[:count]).T
    w1, w2 = np.array(W1), np.array(W2)
    a1 = np.tanh(w1 @ x + np.array(B1)[:, None])
    z2 = w2 @ a1 + np.array(B2)[:, None]
    o = 1 / (1 + np.exp(-z2))
    delta2 = (o - y) / count * o * (1 - o)
    delta1 = w2.T @ delta2 * (1 - a1**2)
    up = str.upper if count > 1 else str
    bold = {c: chr(0x1D400 + ord(c) - 65) if c.isupper() else chr(0x1D41A + ord(c) - 97) for c in "zZaAwWbB"}
    z, a, w, b = bold[up("z")], bold[up("a")], bold["W"], bold["b"]
    delta = "\N{MATHEMATICAL BOLD CAPITAL DELTA}" if count > 1 else "\N{MATHEMATICAL BOLD SMALL DELTA}"
    return {
        f"{z}⁽²⁾": (z2, "sample"),
        f"{a}⁽¹⁾": (a1, "sample"),
        f"{delta}⁽²⁾": (delta2, "sample gradient"),
        f"{delta}⁽¹⁾": (delta1, "sample gradient"),
        f"∂E/∂{a}⁽¹⁾": (w2.T @ delta2, "sample gradient"),
        f"∂E/∂{w}⁽²⁾": (delta2 @ a1.T, "weight gradient"),
        f"∂E/∂{w}⁽¹⁾": (delta1 @ x.T, "weight gradient"),
        f"∂E/∂{b}⁽²⁾": (delta2.sum(1, keepdims=True), "sample gradient"),
        f"{w}^{{(1),new}}": (w1 - RATE * delta1 @ x.T, "weight"),
        f"{b}^{{(2),new}}": (np.array(B2)[:, None] - RATE * delta2.sum(1, keepdims=True), "sample"),
    }


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: "-".join(layout.values()))
def test_the_matrices_are_those_that_numpy_finds_turned_as_the_layout_has_it(
    layout: dict[str, Any], count: int
) -> None:
    results = {name: terms[-1] for name, terms in members(solved(count, layout)) if in_numbers(terms[-1])}
    turns = {
        "sample": layout["sample_layout"] == "rows",
        "weight": layout["weight_matrix"] == "from_to",
        "gradient": layout["derivative_layout"] == "numerator",
    }
    for name, (matrix, kind) in expected(count).items():
        turned = sum(turns[part] for part in kind.split()) % 2
        wanted = matrix.T if turned else matrix
        np.testing.assert_allclose(value(results[name]), wanted, rtol=1e-10, err_msg=name)


def test_carried_as_shown_the_printed_numbers_give_the_printed_result(count: int) -> None:
    problem = described(count, {})
    problem["rounding"] = {"digits": 3, "kind": "places", "carry": "shown"}
    checked = 0
    for name, terms in members(solve(problem_from_mapping(problem))):
        numbers = [term for term in terms if in_numbers(term)]
        for term in numbers[:-1]:
            difference = np.abs(value(term) - value(numbers[-1]))
            assert (difference <= 0.0005 + 1e-9).all(), name
            checked += 1
    assert checked >= 10


def test_what_is_printed_is_what_the_ledger_shows() -> None:
    solution = solved(3, {})
    sheet = Sheet(solution.problem, solution.graph, solution.ledger)
    item = NetworkMatrices(sheet, Layout.of(sheet)).weight_gradient(2, 1)
    printed = {name: terms[-1] for name, terms in members(solution)}["∂E/∂𝐖⁽²⁾"]
    assert isinstance(printed, Result)
    texts = [str(node) for node in walk(printed) if isinstance(node, Number)]
    assert texts == [solution[key.key].shown for row in item.entries.rows for key in row]  # type: ignore[attr-defined]


def explicit(**changes: Any) -> dict[str, Any]:
    """Return a network with a connection past a layer, one missing, a shared bias and one without."""
    weights = [("w1", "x1", "h1"), ("w3", "x2", "h1"), ("w4", "x2", "h2"), ("w5", "h1", "o1"),
               ("w6", "h1", "o2"), ("w7", "h2", "o1"), ("w8", "h2", "o2"), ("s1", "x1", "o1")]  # fmt: skip
    network = {
        "layers": [
            {"name": "input", "units": ["x1", "x2"]},
            {"name": "hidden", "units": ["h1", "h2"], "activation": "sigmoid"},
            {"name": "output", "units": ["o1", "o2"], "activation": "identity"},
        ],
        "inputs": {"x1": 0.1, "x2": 0.5},
        "targets": {"o1": 0.05, "o2": 0.95},
        "weights": [
            {"name": name, "from": source, "to": target, "value": (index - 3) / 10 + 0.05}
            for index, (name, source, target) in enumerate(weights)
        ],
        "biases": [
            {"name": "b1", "to": ["h1", "h2"], "value": 0.25},
            {"name": "b2", "to": "o1", "value": 0.35},
        ],
        "learning_rate": 0.6,
    }
    rounding = {"digits": 12, "kind": "significant"}
    return {"network": network, "rounding": rounding, "notation": {"form": "matrix"}, **changes}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: "-".join(layout.values()))
def test_skips_gaps_shared_biases_and_frozen_parameters(layout: dict[str, Any]) -> None:
    notation = {"form": "matrix", **layout}
    solution = solve(problem_from_mapping(explicit(frozen=["w5", "b2"], notation=notation)))
    equations = dict(members(solution))
    for name, terms in equations.items():
        numbers = [term for term in terms if in_numbers(term)]
        for term in numbers[:-1]:
            np.testing.assert_allclose(value(term), value(numbers[-1]), rtol=1e-9, atol=1e-11, err_msg=name)
    new = equations["𝐖^{(2),new}"][-1]
    kept = value(new)[0, 0]
    assert kept == float(solution["w5"].value)
    assert value(equations["∂E/∂𝐖₀⁽²⁾"][-1]).ravel().tolist().count(0.0) == 3
    assert float(solution["grad.b1"].value) in [
        pytest.approx(value(terms[-1])) for name, terms in equations.items() if name == "∂E/∂b₁"
    ]


def softmax(**notation: Any) -> Solution:
    problem = described(1, notation)
    problem["network"]["layers"][1]["activation"] = "softmax"
    problem["network"]["loss"] = "cross_entropy"
    return solve(problem_from_mapping(problem))


@pytest.mark.parametrize("derivatives", ["denominator", "numerator"])
def test_softmax_has_its_whole_jacobian(derivatives: str) -> None:
    equations = dict(members(softmax(softmax="jacobian", derivative_layout=derivatives)))
    w1, w2 = np.array(W1), np.array(W2)
    z = w2 @ np.tanh(w1 @ np.array(X[0]) + np.array(B1)) + np.array(B2)
    p = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(value(equations["∂𝐲̂/∂𝐳⁽²⁾"][-1]), np.diag(p) - np.outer(p, p), rtol=1e-10)
    np.testing.assert_allclose(value(equations["𝛅⁽²⁾"][-1]).ravel(), p - np.array(Y[0]), rtol=1e-10)


def test_softmax_and_cross_entropy_in_short() -> None:
    equations = dict(members(softmax()))
    assert plain_math(equations["𝛅⁽²⁾"][1]) == "𝐲̂ − 𝐲"


# --- what has no matrix form ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"delta_sign": "descent"}, "delta_sign: descent"),
        ({"form": "matrix"}, "mini-batches"),
    ],
)
def test_what_has_no_matrix_form_is_refused(change: dict[str, Any], words: str) -> None:
    batches = {"batches": [[1, 2], [3]]} if words == "mini-batches" else {}
    with pytest.raises(ProblemError) as caught:
        problem_from_mapping(described(3, change, **batches))
    assert words in str(caught.value)
    assert "no matrix form" in str(caught.value)
    assert "delta or chain" in str(caught.value)


@pytest.mark.parametrize(
    ("preset", "formula"),
    [("layered", "𝐖⁽¹⁾𝐱 + 𝐛⁽¹⁾"), ("layered-from-to", "𝐱 𝐖⁽¹⁾ + 𝐛⁽¹⁾"), ("ng", "𝐖^{[1]} 𝐱 + 𝐛^{[1]}")],
)
def test_presets_have_the_layout_and_the_letters_of_their_courses(preset: str, formula: str) -> None:
    solution = solved(1, {"preset": preset})
    assert formula in {plain_math(terms[0]) for _, terms in members(solution)}


def test_options_of_the_layout_are_checked() -> None:
    with pytest.raises(ProblemError, match="columns, rows"):
        problem_from_mapping(described(1, {"sample_layout": "diagonal"}))


# --- on paper -------------------------------------------------------------------------------------

NUMBER = re.compile(r"\d+(?:\.\d+)?")


def big() -> Solution:
    """Return a 6-8-3 network whose matrices are too wide for numbers side by side."""
    draw = np.random.default_rng(3)

    def numbers(*shape: int) -> Any:
        return np.round(draw.uniform(-1, 1, shape), 3).tolist()

    layers = [
        {"units": 8, "activation": "tanh", "weights": numbers(8, 6), "biases": numbers(8)},
        {"units": 3, "activation": "sigmoid", "weights": numbers(3, 8), "biases": numbers(3)},
    ]
    network = {"inputs": numbers(6), "targets": [0, 1, 0], "layers": layers, "learning_rate": 0.1}
    return solve(problem_from_mapping({"network": network, "notation": {"form": "matrix"}}))


def test_wide_matrices_are_elided_and_keep_what_is_hidden() -> None:
    solution = big()
    dots = [node for row in rows_of(solution) for _, term in row.chain for node in walk(term)
            if isinstance(node, Elided)]  # fmt: skip
    assert dots
    assert all(isinstance(node.hidden, Matrix) for node in dots)


@pytest.mark.parametrize("make", [lambda: solved(3, {}), lambda: softmax(softmax="jacobian"), big])
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_both_engines_print_the_same_numbers(
    make: Callable[[], Solution], paper: str, need_tex: Callable[[str], str]
) -> None:
    from test_engines_agree import decimals, numbers

    solution = make()
    pdf, log = compile_with_log(solution.to_latex(paper=paper), need_tex("pdflatex"))
    assert not re.findall(r"^Overfull.*|.*set smaller.*", log, re.MULTILINE)
    by_tex, by_typst = numbers(pdf), numbers(solution.to_pdf(engine="typst", paper=paper))
    assert sorted(decimals(by_tex)) == sorted(decimals(by_typst))
    assert len(decimals(by_tex)) > 50
